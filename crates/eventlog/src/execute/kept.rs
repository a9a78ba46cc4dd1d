//! A folded stream that a caller keeps in memory: only newer events are read, page by page.
//!
//! For streams that grow without end, such as one that a whole organisation writes to: reading them
//! in full for every command would cost more every day.
use domain::Aggregate;
use uuid::Uuid;
use wire::Payload;

use super::earlier::read_on;
use super::recent::Remembered;
use super::{ExecuteError, Executed, Loaded, append, key_of, new_events};
use crate::append::{AppendError, Known};
use crate::cause::Cause;
use crate::error::Error;
use crate::event::StreamId;
use crate::log::Log;
use crate::tenants::Tenant;

/// What is known of a stream; nothing before the first look. It holds an id of 16 bytes for every
/// request that the stream has answered, so that a repetition is recognised for ever.
pub struct Kept<A: Aggregate> {
    known: Remembered<A>,
    /// The last event. Every read checks it: if another event is in its place, a failover has lost
    /// it, and the stream is read again in full.
    last: Option<Uuid>,
}

impl<A: Aggregate> Default for Kept<A> {
    fn default() -> Self {
        Self { known: Remembered::nothing(), last: None }
    }
}

impl<A> Kept<A>
where
    A: Aggregate,
    A::Event: Payload,
{
    /// The stream as of the last look.
    #[must_use]
    pub fn loaded(&self) -> &Loaded<A> {
        &self.known.loaded
    }

    /// Reads what came since the last look. After an error it is at most older than it could be.
    ///
    /// # Errors
    /// Those of [`super::load`].
    pub async fn refresh(&mut self, log: &Log, tenant: &Tenant, id: Uuid) -> Result<(), Error> {
        let stream = StreamId::new(A::Event::CATEGORY, id);
        loop {
            let after = self.known.loaded.version.saturating_sub(1);
            let page = log.read_stream_page(tenant, &stream, after).await?;
            let mut events = page.events.iter();
            if let Some(last) = self.last
                && events.next().is_none_or(|event| event.event_id != last)
            {
                *self = Self::default();
                continue;
            }
            for recorded in events {
                self.known.follow(recorded)?;
                self.last = Some(recorded.event_id);
            }
            if page.is_last {
                return Ok(());
            }
        }
    }
}

/// As [`super::execute`], on a stream that the caller keeps: `kept` is refreshed first and is at
/// the command's events afterwards. Only the repetition of an earlier request reads the stream
/// from its beginning.
///
/// # Errors
/// See [`ExecuteError`].
pub async fn execute_kept<A>(
    log: &Log,
    tenant: &Tenant,
    id: Uuid,
    cause: &Cause,
    command: &A::Command,
    kept: &mut Kept<A>,
) -> Result<Executed<A>, ExecuteError<A::Rejection>>
where
    A: Aggregate,
    A::Event: Payload,
{
    let stream = StreamId::new(A::Event::CATEGORY, id);
    for _ in 0..log.settings().execute_attempts.max(2) {
        let session = log.session(tenant.partition);
        kept.refresh(log, tenant, id).await?;
        if kept.known.causes.know(cause) {
            let mut first = Remembered::nothing();
            let earlier = read_on::<A, _>(log, tenant, &stream, cause, &mut first).await?;
            if let Some(earlier) = earlier {
                return earlier.answer(log, tenant, &stream, cause, first.loaded).await;
            }
        }
        let loaded = &kept.known.loaded;
        if cause.expected_version.is_some_and(|expected| expected != loaded.version) {
            return Err(ExecuteError::VersionMismatch { current: loaded.version });
        }
        let events = A::decide(&loaded.state, command).map_err(ExecuteError::Rejected)?;
        if events.is_empty() {
            return Ok(loaded.answer(events));
        }
        let version = loaded.version;
        let (key, sealed_in) = key_of(log, tenant, &stream, version).await?;
        let new = new_events(tenant, &stream, version, cause, &events, key.as_ref());
        let last = new.last().map(|event| event.event_id);
        let known = Known {
            read_in: Some(session),
            sealed_in,
            follows: cause.follows.as_slice(),
            guards: &cause.guards,
        };
        match append(log, tenant, &stream, version, known, new).await {
            Ok(appended) => {
                let loaded = std::mem::take(&mut kept.known.loaded);
                let state = events.iter().fold(loaded.state, A::evolve);
                kept.known.loaded = Loaded::appended(state, &appended);
                kept.known.causes.add(cause);
                kept.last = last;
                return Ok(kept.known.loaded.answer(events));
            }
            // The next look tells what others appended, and seals anew.
            Err(AppendError::Conflict { .. } | AppendError::KeysInDoubt) => {}
            Err(error) => return Err(ExecuteError::Append(error)),
        }
    }
    Err(ExecuteError::Conflict)
}
