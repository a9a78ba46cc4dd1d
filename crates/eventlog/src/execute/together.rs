//! Executes several reactions to one stream in one append.
use domain::Aggregate;
use uuid::Uuid;
use wire::Payload;

use super::earlier::read_on;
use super::recent::Remembered;
use super::{ExecuteError, Loaded, append, key_of, new_events};
use crate::append::{AppendError, Known};
use crate::cause::Cause;
use crate::event::{Place, StreamId};
use crate::log::Log;
use crate::sealing::StreamKey;
use crate::tenants::Tenant;

/// Carries out the commands of several causing events, in order and as a whole, as
/// [`super::execute`] would one after the other: each event names its own cause. Whatever is
/// out of the ordinary is an error without any effect, or with the whole; then `execute` one
/// by one does what is left. The first command usually begins the stream if it `begins`.
///
/// # Errors
/// See [`ExecuteError`]; [`ExecuteError::Conflict`] also if some of it was done before.
pub async fn execute_together<A>(
    log: &Log,
    tenant: &Tenant,
    id: Uuid,
    begins: bool,
    steps: &[(Cause, A::Command)],
) -> Result<(), ExecuteError<A::Rejection>>
where
    A: Aggregate + 'static,
    A::Event: Payload,
{
    let Some((first, _)) = steps.first() else { return Ok(()) };
    let stream = StreamId::new(A::Event::CATEGORY, id);
    let key = (tenant.key, stream.clone());
    let session = log.session(tenant.partition);
    let remembered = match begins {
        true => Some(Remembered::nothing()),
        false => log.recent().take::<A>(&key, session, first),
    };
    let mut is_read = remembered.is_none();
    let mut known = remembered.unwrap_or_else(Remembered::nothing);
    loop {
        if is_read && read_on::<A, _>(log, tenant, &stream, first, &mut known).await?.is_some() {
            return Err(ExecuteError::Conflict);
        }
        let (seal, sealed_in) = key_of(log, tenant, &stream, known.loaded.version).await?;
        let at = (tenant, &stream, seal.as_ref());
        let Decided { state, new, settled } = decide::<A>(at, &known, steps)?;
        if !settled && !is_read {
            // What is only remembered may be old: it settles nothing by itself.
            is_read = true;
            continue;
        }
        if new.is_empty() {
            return Ok(());
        }
        let version = known.loaded.version;
        let follows: Vec<Place> = steps.iter().filter_map(|(cause, _)| cause.follows).collect();
        let known_of = Known {
            read_in: is_read.then_some(session),
            sealed_in,
            follows: &follows,
            guards: &[],
        };
        let appended = match append(log, tenant, &stream, version, known_of, new).await {
            Ok(appended) => appended,
            // `execute` seals anew.
            Err(AppendError::Conflict { .. } | AppendError::KeysInDoubt) => {
                return Err(ExecuteError::Conflict);
            }
            Err(error) => return Err(ExecuteError::Append(error)),
        };
        for (cause, _) in steps {
            known.causes.add(cause);
        }
        let loaded = Loaded::<A>::appended(state, &appended);
        log.recent().put(key, session, Remembered { loaded, causes: known.causes });
        return Ok(());
    }
}

/// What follows from all steps.
struct Decided<A: Aggregate> {
    state: A::State,
    new: Vec<crate::event::NewEvent>,
    /// Every step has events, so that the append says whether the state was the present one.
    settled: bool,
}

fn decide<A>(
    (tenant, stream, seal): (&Tenant, &StreamId, Option<&StreamKey>),
    known: &Remembered<A>,
    steps: &[(Cause, A::Command)],
) -> Result<Decided<A>, ExecuteError<A::Rejection>>
where
    A: Aggregate,
    A::Event: Payload,
{
    let mut state = known.loaded.state.clone();
    let (mut new, mut settled) = (Vec::new(), true);
    for (cause, command) in steps {
        if known.causes.know(cause) {
            return Err(ExecuteError::Conflict);
        }
        let events = A::decide(&state, command).map_err(ExecuteError::Rejected)?;
        settled &= !events.is_empty();
        let after = known.loaded.version + u32::try_from(new.len()).unwrap_or(u32::MAX);
        new.extend(new_events(tenant, stream, after, cause, &events, seal));
        state = events.iter().fold(state, A::evolve);
    }
    Ok(Decided { state, new, settled })
}
