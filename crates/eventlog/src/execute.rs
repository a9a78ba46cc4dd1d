//! Executes a command: load, fold, decide, append.
mod earlier;
mod events;
mod history;
mod kept;
mod many;
mod recent;
mod together;

pub use history::{Past, RefusedStep, execute_history};
pub use kept::{Kept, execute_kept};
pub use many::load_many;
pub(crate) use recent::Recent;
pub use together::execute_together;

use domain::Aggregate;
use jiff::Timestamp;
use tracing::Instrument as _;
use uuid::Uuid;
use wire::Payload;

use crate::append::{AppendError, Appended, Known};
use crate::cause::Cause;
use crate::error::Error;
use crate::event::{NewEvent, Recorded, StreamId};
use crate::log::Log;
use crate::tenants::Tenant;
use earlier::read_on;
use events::{key_of, new_events};
use recent::Remembered;

/// What a stream tells at some version.
#[derive(Clone, Debug)]
pub struct Loaded<A: Aggregate> {
    /// The fold of its events.
    pub state: A::State,
    /// How many there are; 0 means that the stream does not exist.
    pub version: u32,
    /// Position of the last of them.
    pub position: u64,
    /// When the log took the last of them.
    pub recorded_at: Option<Timestamp>,
}

/// The answer to a command.
#[derive(Clone, Debug)]
pub struct Executed<A: Aggregate> {
    /// The state after the command's events.
    pub state: A::State,
    /// The stream's version after them.
    pub version: u32,
    /// Position of the last of them; of the stream's last event if there are none.
    pub position: u64,
    /// When the log took that event; `None` if the stream does not exist.
    pub recorded_at: Option<Timestamp>,
    /// The command's events; empty if it changed nothing.
    pub events: Vec<A::Event>,
    /// Whether this is the answer to an earlier call of the same request or reaction.
    pub repeated: bool,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R> {
    /// A rule of the business is against it.
    #[error("a rule refuses the command")]
    Rejected(#[source] R),
    /// The request id was used before, for another request.
    #[error("the request id was used for another request")]
    RequestIdReused,
    /// Other commands were faster, several times in a row.
    #[error("other commands were faster, too often")]
    Conflict,
    /// The stream is not at the version that the caller has seen.
    #[error("the stream is at version {current}")]
    VersionMismatch {
        /// Where it is.
        current: u32,
    },
    /// The events were decided but not appended, or it is not known whether they were.
    #[error("cannot append the events")]
    Append(#[source] AppendError),
    /// The stream could not be read.
    #[error("cannot load the stream")]
    Log(#[from] Error),
}

/// The present state of the thing `id`, strongly consistent.
///
/// # Errors
/// [`Error::Corrupt`] if an event cannot be read, or those of [`Log::read_stream`].
pub async fn load<A>(log: &Log, tenant: &Tenant, id: Uuid) -> Result<Loaded<A>, Error>
where
    A: Aggregate,
    A::Event: Payload,
{
    load_on(log, tenant, id, Loaded::default()).await
}

/// The same for a caller that keeps what it has loaded: only newer events are read, page by page. If
/// the last known event is not in its place any more, a restore or a failover has lost it, and the
/// whole stream is read again.
///
/// # Errors
/// Those of [`load`].
pub async fn load_on<A>(
    log: &Log,
    tenant: &Tenant,
    id: Uuid,
    mut loaded: Loaded<A>,
) -> Result<Loaded<A>, Error>
where
    A: Aggregate,
    A::Event: Payload,
{
    let stream = StreamId::new(A::Event::CATEGORY, id);
    let mut is_in_doubt = loaded.version > 0;
    loop {
        let after = loaded.version - u32::from(is_in_doubt);
        let page = log.read_stream_page(tenant, &stream, after).await?;
        let mut events = page.events.iter();
        if std::mem::take(&mut is_in_doubt)
            && events.next().is_none_or(|last| !loaded.ends_with(last))
        {
            loaded = Loaded::default();
            continue;
        }
        for recorded in events {
            let event = decode::<A>(recorded)?;
            loaded = loaded.after(recorded, &event);
        }
        if page.is_last {
            return Ok(loaded);
        }
    }
}

/// The state of the thing `id` as it was before a position of its partition.
///
/// # Errors
/// Those of [`load`].
pub async fn load_before<A>(
    log: &Log,
    tenant: &Tenant,
    id: Uuid,
    position: u64,
) -> Result<A::State, Error>
where
    A: Aggregate,
    A::Event: Payload,
{
    let stream = StreamId::new(A::Event::CATEGORY, id);
    let mut state = A::State::default();
    let mut after = 0;
    loop {
        let page = log.read_stream_page(tenant, &stream, after).await?;
        for recorded in &page.events {
            if recorded.position >= position {
                return Ok(state);
            }
            state = A::evolve(state, &decode::<A>(recorded)?);
            after = recorded.version;
        }
        if page.is_last {
            return Ok(state);
        }
    }
}

/// Carries `command` out on the thing `id`: loads and folds its stream, decides, appends.
/// A race that was lost is decided anew, a bounded number of times.
///
/// The same request (by id and fingerprint), or the same reaction (by causing event), is
/// carried out once: the repetition appends nothing and is answered with the events of the
/// first time and the state after them.
///
/// # Errors
/// See [`ExecuteError`].
pub async fn execute<A>(
    log: &Log,
    tenant: &Tenant,
    id: Uuid,
    cause: &Cause,
    command: &A::Command,
) -> Result<Executed<A>, ExecuteError<A::Rejection>>
where
    A: Aggregate + 'static,
    A::Event: Payload,
{
    let key = (tenant.key, StreamId::new(A::Event::CATEGORY, id));
    // The caller of a request should learn at once that the log is unavailable: reading
    // tells that, while an append that was sent would leave its outcome open.
    let remembered = match cause.request {
        Some(_) => None,
        None => log.recent().take::<A>(&key, log.session(tenant.partition), cause),
    };
    run(log, tenant, &key.1, cause, command, remembered).await
}

/// As [`execute`], for a reaction that usually begins a stream: it is tried without reading,
/// and if the stream turns out to exist, it is read after all.
///
/// # Errors
/// See [`ExecuteError`].
pub async fn create<A>(
    log: &Log,
    tenant: &Tenant,
    id: Uuid,
    cause: &Cause,
    command: &A::Command,
) -> Result<Executed<A>, ExecuteError<A::Rejection>>
where
    A: Aggregate + 'static,
    A::Event: Payload,
{
    let stream = StreamId::new(A::Event::CATEGORY, id);
    run(log, tenant, &stream, cause, command, Some(Remembered::nothing())).await
}

/// Decides on what is remembered of the stream first, then on what is read.
async fn run<A>(
    log: &Log,
    tenant: &Tenant,
    stream: &StreamId,
    cause: &Cause,
    command: &A::Command,
    remembered: Option<Remembered<A>>,
) -> Result<Executed<A>, ExecuteError<A::Rejection>>
where
    A: Aggregate + 'static,
    A::Event: Payload,
{
    let session = log.session(tenant.partition);
    let mut is_read = false;
    let mut must_read = remembered.is_none();
    let mut known = remembered.unwrap_or_else(Remembered::nothing);
    for _ in 0..log.settings().execute_attempts.max(2) {
        must_read |= cause.expected_version.is_some_and(|seen| seen != known.loaded.version);
        if must_read {
            if let Some(earlier) = read_on::<A, _>(log, tenant, stream, cause, &mut known).await? {
                return earlier.answer(log, tenant, stream, cause, known.loaded).await;
            }
            is_read = true;
        }
        if let Some(expected) = cause.expected_version
            && expected != known.loaded.version
        {
            return Err(ExecuteError::VersionMismatch { current: known.loaded.version });
        }
        let events = match A::decide(&known.loaded.state, command) {
            Ok(events) if !events.is_empty() => events,
            // What is only remembered may be old: it settles nothing by itself.
            _ if !is_read => {
                must_read = true;
                continue;
            }
            Ok(events) => return Ok(known.loaded.executed(events, false)),
            Err(rejection) => return Err(ExecuteError::Rejected(rejection)),
        };
        let version = known.loaded.version;
        let (key, sealed_in) = key_of(log, tenant, stream, version).await?;
        let new = new_events(tenant, stream, version, cause, &events, key.as_ref());
        let known_of = Known {
            read_in: is_read.then_some(session),
            sealed_in,
            follows: cause.follows.as_slice(),
            guards: &cause.guards,
        };
        match append(log, tenant, stream, version, known_of, new).await {
            Ok(appended) => {
                let state = events.iter().fold(known.loaded.state, A::evolve);
                let loaded = Loaded::<A>::appended(state, &appended);
                known.causes.add(cause);
                let executed = loaded.answer(events);
                let remembered = Remembered { loaded, causes: known.causes };
                log.recent().put((tenant.key, stream.clone()), session, remembered);
                return Ok(executed);
            }
            Err(AppendError::Conflict { current }) => {
                known.beaten_by(current);
                must_read = true;
            }
            // Sealed anew it can be.
            Err(AppendError::KeysInDoubt) => {}
            Err(error) => return Err(ExecuteError::Append(error)),
        }
    }
    Err(ExecuteError::Conflict)
}

/// Appends to a stream after `version`; a span of its own.
async fn append(
    log: &Log,
    tenant: &Tenant,
    stream: &StreamId,
    version: u32,
    known: Known<'_>,
    events: Vec<NewEvent>,
) -> Result<Appended, AppendError> {
    let span = tracing::info_span!(
        "append",
        otel.kind = "client",
        db.system.name = "postgresql",
        %stream,
        events = events.len(),
    );
    log.append_knowing(tenant, stream, version, known, events).instrument(span).await
}

/// A stream that does not exist.
impl<A: Aggregate> Default for Loaded<A> {
    fn default() -> Self {
        Self { state: A::State::default(), version: 0, position: 0, recorded_at: None }
    }
}

impl<A: Aggregate> Loaded<A> {
    /// Whether that is the last event which is in it.
    fn ends_with(&self, recorded: &Recorded) -> bool {
        (self.version, self.position, self.recorded_at)
            == (recorded.version, recorded.position, Some(recorded.recorded_at))
    }

    fn after(self, recorded: &Recorded, event: &A::Event) -> Self {
        Self {
            state: A::evolve(self.state, event),
            version: recorded.version,
            position: recorded.position,
            recorded_at: Some(recorded.recorded_at),
        }
    }

    /// `state` is what the appended events have led to.
    fn appended(state: A::State, appended: &Appended) -> Self {
        Self {
            state,
            version: appended.version,
            position: appended.last_position,
            recorded_at: Some(appended.recorded_at),
        }
    }

    /// The answer to a command that brought the stream here.
    fn answer(&self, events: Vec<A::Event>) -> Executed<A> {
        let Self { ref state, version, position, recorded_at } = *self;
        Executed { state: state.clone(), version, position, recorded_at, events, repeated: false }
    }

    fn executed(self, events: Vec<A::Event>, repeated: bool) -> Executed<A> {
        Executed {
            state: self.state,
            version: self.version,
            position: self.position,
            recorded_at: self.recorded_at,
            events,
            repeated,
        }
    }
}

fn decode<A>(recorded: &Recorded) -> Result<A::Event, Error>
where
    A: Aggregate,
    A::Event: Payload,
{
    recorded.decode().map_err(|error| corrupt(recorded, &error))
}

fn corrupt(recorded: &Recorded, error: &wire::DecodeError) -> Error {
    Error::Corrupt {
        partition: recorded.partition,
        position: recorded.position,
        reason: error.to_string(),
    }
}
