//! Takes over history from another system: commands of the past become events with their own times,
//! all in one append.
use domain::Aggregate;
use jiff::Timestamp;
use uuid::Uuid;
use wire::Payload;

use super::earlier::read_on;
use super::recent::Remembered;
use super::{ExecuteError, Executed, append, key_of, new_events};
use crate::append::{AppendError, Known};
use crate::cause::{Actor, Cause};
use crate::event::StreamId;
use crate::log::Log;
use crate::tenants::Tenant;

/// A command of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Past<C> {
    /// Who wanted it.
    pub actor: Actor,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What.
    pub command: C,
}

/// The step of a history that a rule refuses. Nothing was appended.
#[derive(Debug, thiserror::Error)]
#[error("a rule refuses step {step} of the history")]
pub struct RefusedStep<R> {
    /// Its place in the history, counted from 0.
    pub step: usize,
    /// The rule.
    #[source]
    pub rejection: R,
}

/// Carries out `past` on the thing `id`, in order and as a whole: its events carry the time
/// and the actor of their step and say that they are history, so that nobody is notified.
///
/// The same request, by id and fingerprint, is carried out once, as with
/// [`super::execute`].
///
/// # Errors
/// See [`ExecuteError`].
pub async fn execute_history<A>(
    log: &Log,
    tenant: &Tenant,
    id: Uuid,
    cause: &Cause,
    past: &[Past<A::Command>],
) -> Result<Executed<A>, ExecuteError<RefusedStep<A::Rejection>>>
where
    A: Aggregate,
    A::Event: Payload,
{
    let stream = StreamId::new(A::Event::CATEGORY, id);
    let session = log.session(tenant.partition);
    let mut known = Remembered::<A>::nothing();
    for _ in 0..log.settings().execute_attempts.max(1) {
        if let Some(earlier) = read_on::<A, _>(log, tenant, &stream, cause, &mut known).await? {
            return earlier.answer(log, tenant, &stream, cause, known.loaded).await;
        }
        let loaded = &known.loaded;
        let (key, sealed_in) = key_of(log, tenant, &stream, loaded.version).await?;
        let mut state = loaded.state.clone();
        let mut version = loaded.version;
        let mut events = Vec::new();
        let mut new = Vec::new();
        for (step, past) in past.iter().enumerate() {
            let decided = A::decide(&state, &past.command)
                .map_err(|rejection| ExecuteError::Rejected(RefusedStep { step, rejection }))?;
            let cause =
                Cause { actor: past.actor.clone(), occurred_at: past.occurred_at, ..cause.clone() };
            let decided_events =
                new_events(tenant, &stream, version, &cause, &decided, key.as_ref());
            for mut event in decided_events {
                event.metadata.historical = true;
                new.push(event);
                version += 1;
            }
            state = decided.iter().fold(state, A::evolve);
            events.extend(decided);
        }
        if new.is_empty() {
            return Ok(known.loaded.executed(events, false));
        }
        let version = loaded.version;
        let known_of = Known {
            read_in: Some(session),
            sealed_in,
            follows: cause.follows.as_slice(),
            guards: &cause.guards,
        };
        match append(log, tenant, &stream, version, known_of, new).await {
            Ok(appended) => {
                return Ok(Executed {
                    state,
                    version: appended.version,
                    position: appended.last_position,
                    recorded_at: Some(appended.recorded_at),
                    events,
                    repeated: false,
                });
            }
            Err(AppendError::Conflict { current }) => known.beaten_by(current),
            // Sealed anew it can be.
            Err(AppendError::KeysInDoubt) => {}
            Err(error) => return Err(ExecuteError::Append(error)),
        }
    }
    Err(ExecuteError::Conflict)
}
