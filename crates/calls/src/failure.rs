//! How a failure of the log or of a table is reported to the caller.
use std::error::Error as StdError;
use std::time::Duration;

use chassis::status;
use eventlog::{AppendError, Error, ExecuteError};
use tonic::Status;
use uuid::Uuid;

/// What a refusal is told with.
pub struct Subject {
    /// The request's id.
    pub request_id: Uuid,
    /// The field of the request that can make an event too large.
    pub text_field: &'static str,
    /// When to come again while something is away.
    pub retry_after: Duration,
}

/// The status of a command that failed; `rejected` maps the business rules.
pub fn refused<R>(
    error: ExecuteError<R>,
    subject: &Subject,
    rejected: impl FnOnce(R) -> Status,
) -> Status {
    match error {
        ExecuteError::Rejected(rejection) => rejected(rejection),
        ExecuteError::RequestIdReused => status::request_id_reused(subject.request_id),
        ExecuteError::Conflict => status::conflict(),
        ExecuteError::VersionMismatch { current } => status::etag_mismatch(current),
        ExecuteError::Append(error) => not_appended(&error, subject),
        ExecuteError::Log(error) => unreadable(&error, subject.retry_after),
    }
}

fn not_appended(error: &AppendError, subject: &Subject) -> Status {
    match error {
        AppendError::Conflict { .. } | AppendError::Moved => status::conflict(),
        AppendError::QueueFull => {
            let text = "more appends are waiting than may; retry later";
            status::resource_exhausted("OVERLOADED", "log", text, subject.retry_after)
        }
        AppendError::TooLarge { bytes, limit } => {
            let rule = format!("makes an event of {bytes} bytes; at most {limit} are carried");
            status::invalid_reason("EVENT_TOO_LARGE", subject.text_field, rule)
        }
        AppendError::OutcomeUnknown => status::outcome_unknown(),
        AppendError::Unavailable(_) | AppendError::KeysInDoubt => away(error, subject.retry_after),
        AppendError::Refused(_) => status::internal(error),
    }
}

/// The log could not be read.
pub fn unreadable(error: &Error, retry_after: Duration) -> Status {
    match error.is_unavailable() {
        true => away(error, retry_after),
        false => status::internal(error),
    }
}

/// A table could not be read.
pub fn unanswered(error: &sqlx::Error, retry_after: Duration) -> Status {
    match eventlog::is_away(error) {
        true => away(error, retry_after),
        false => status::internal(error),
    }
}

/// Postgres, or who keeps the keys of personal data, does not answer; the client may come again.
pub fn away(error: &(dyn StdError + 'static), retry_after: Duration) -> Status {
    let error = eventlog::describe(error);
    tracing::warn!(error, "the log, a table or the keys are not available");
    status::unavailable("UNAVAILABLE", retry_after)
}
