//! What a service implements for its subscription, and the kinds of failures.
use std::error::Error as StdError;

use sqlx::PgConnection;

use crate::{Recorded, describe};

/// The effects of events in one service.
pub trait Subscriber: Send + Sync + 'static {
    /// Folds a batch of events (in order, never empty) into the service's tables, inside the
    /// transaction that moves the cursor. Table names are unqualified: the connection's search
    /// path says which generation of the read model is meant.
    fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;

    /// Turns an event into at most a few commands to the service's own streams, before the
    /// cursor moves. Events of one ticket (correlation id) and of one stream come in order,
    /// others concurrently. May be called again for the same event, so its commands carry the
    /// event's id ([`crate::Cause::reaction`]).
    fn react(&self, event: &Recorded) -> impl Future<Output = Result<(), HandlerError>> + Send;

    /// Told of events (in order, never empty, of one partition) before any of them is reacted to.
    /// The same events may come again.
    fn arrived(&self, _events: &[Recorded]) {}

    /// Whether [`Subscriber::react_together`] does anything.
    const REACTS_TOGETHER: bool = false;

    /// The same as [`Subscriber::react`] for several events of one ticket that came together, in
    /// order, if it can be done in one go: `true` if all of it is done. Otherwise, and after a
    /// failure, they are given to `react` one by one.
    fn react_together(
        &self,
        _events: &[&Recorded],
    ) -> impl Future<Output = Result<bool, HandlerError>> + Send {
        std::future::ready(Ok(false))
    }

    /// Called after the commit: these events are in the tables. A hint: a process that dies in
    /// between never calls it.
    fn committed(&self, _events: &[Recorded]) {}
}

/// Why a handler could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// It will pass (store unavailable, lost race): retried without a limit.
    #[error("transient failure")]
    Transient(#[source] Box<dyn StdError + Send + Sync>),
    /// The event itself cannot be handled: parked after bounded retries.
    #[error("poison event: {0}")]
    Poison(String),
}

impl HandlerError {
    /// A failure that will pass.
    pub fn transient(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Transient(source.into())
    }

    /// A failure that the event itself causes.
    pub fn poison(reason: impl Into<String>) -> Self {
        Self::Poison(reason.into())
    }
}

impl From<wire::DecodeError> for HandlerError {
    fn from(error: wire::DecodeError) -> Self {
        Self::Poison(describe(&error))
    }
}

impl From<sqlx::Error> for HandlerError {
    /// Only what the event's own data can cause is poison: data exceptions (22), constraint
    /// violations (23) and values that do not decode. A missing table or right (42) would fail
    /// every event alike and must stop the partition, not park the log.
    fn from(error: sqlx::Error) -> Self {
        let poison = match &error {
            sqlx::Error::Database(database) => {
                database.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
            }
            sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => true,
            _ => false,
        };
        if poison { Self::Poison(describe(&error)) } else { Self::transient(error) }
    }
}

impl From<crate::Error> for HandlerError {
    /// An event that cannot be decoded stays so; everything else passes.
    fn from(error: crate::Error) -> Self {
        match &error {
            crate::Error::Corrupt { .. } => Self::Poison(describe(&error)),
            _ => Self::transient(error),
        }
    }
}

impl From<crate::AppendError> for HandlerError {
    fn from(error: crate::AppendError) -> Self {
        use crate::AppendError::{
            Conflict, KeysInDoubt, Moved, OutcomeUnknown, QueueFull, Refused, TooLarge, Unavailable,
        };
        match &error {
            TooLarge { .. } => Self::Poison(describe(&error)),
            Conflict { .. }
            | Moved
            | QueueFull
            | OutcomeUnknown
            | Unavailable(_)
            | KeysInDoubt
            | Refused(_) => Self::transient(error),
        }
    }
}

impl<R: StdError + Send + Sync + 'static> From<crate::ExecuteError<R>> for HandlerError {
    /// A command that a rule refuses will be refused again.
    fn from(error: crate::ExecuteError<R>) -> Self {
        use crate::ExecuteError::{
            Append, Conflict, Log, Rejected, RequestIdReused, VersionMismatch,
        };
        match error {
            Append(error) => error.into(),
            Log(error) => error.into(),
            Rejected(_) | RequestIdReused => Self::Poison(describe(&error)),
            Conflict | VersionMismatch { .. } => Self::transient(error),
        }
    }
}
