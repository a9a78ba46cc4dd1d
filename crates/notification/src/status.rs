//! Every refusal of the service as a gRPC status.
use std::time::Duration;

use chassis::status;
use domain::{notice, webhook};
use eventlog::{AppendError, ExecuteError};
use tonic::Status;
use uuid::Uuid;

/// The tenant was never created.
pub(crate) fn tenant_unknown(tenant: &str) -> Status {
    let text = "the tenant is not known; create it with `odzew admin tenant create`";
    let metadata = [("tenant", tenant.to_owned())];
    status::failed_precondition("TENANT_UNKNOWN", "TENANT", tenant, text, &metadata)
}

/// The URL is not one that may be called.
pub(crate) fn url_forbidden(rule: &str) -> Status {
    status::invalid_reason("WEBHOOK_URL_FORBIDDEN", "url", rule)
}

/// The log could not be read.
pub(crate) fn unreadable(error: &eventlog::Error, retry_after: Duration) -> Status {
    match error {
        eventlog::Error::Query { source, .. } => not_queried(source, retry_after),
        error if error.is_unavailable() => {
            tracing::warn!(%error, "the log is not available");
            status::unavailable("UNAVAILABLE", retry_after)
        }
        error => status::internal(error),
    }
}

/// The read model could not be read.
pub(crate) fn not_queried(error: &sqlx::Error, retry_after: Duration) -> Status {
    if is_away(error) {
        tracing::warn!(error = error as &dyn std::error::Error, "the database is not available");
        status::unavailable("UNAVAILABLE", retry_after)
    } else {
        status::internal(error)
    }
}

/// A command that was not carried out; `rejected` says what a rule means.
pub(crate) fn refused<R>(
    error: ExecuteError<R>,
    request_id: Uuid,
    retry_after: Duration,
    rejected: impl FnOnce(&R) -> Status,
) -> Status {
    match error {
        ExecuteError::Rejected(rejection) => rejected(&rejection),
        ExecuteError::RequestIdReused => status::request_id_reused(request_id),
        ExecuteError::Conflict => status::conflict(),
        ExecuteError::VersionMismatch { current } => status::etag_mismatch(current),
        ExecuteError::Append(error) => not_appended(&error, retry_after),
        ExecuteError::Log(error) => unreadable(&error, retry_after),
    }
}

/// A rule of notices.
pub(crate) fn notice(rejection: &notice::Rejection, notice_id: Uuid) -> Status {
    let id = notice_id.to_string();
    match rejection {
        notice::Rejection::Unknown => status::not_found("notice", &id),
        notice::Rejection::AlreadyMade
        | notice::Rejection::NotWaiting
        | notice::Rejection::NotDue
        | notice::Rejection::AttemptOver
        | notice::Rejection::AlreadySent
        | notice::Rejection::NotSent
        | notice::Rejection::AlreadyDelivered
        | notice::Rejection::NotDurable
        | notice::Rejection::BeforeSent
        | notice::Rejection::NotReleasable => {
            let text = rejection.to_string();
            status::failed_precondition("NOTICE_STATE", "NOTICE_STATE", &id, &text, &[])
        }
    }
}

/// A rule of webhooks.
pub(crate) fn webhook(rejection: &webhook::Rejection, webhook_id: Uuid) -> Status {
    let id = webhook_id.to_string();
    match rejection {
        webhook::Rejection::Unknown => status::not_found("webhook", &id),
        webhook::Rejection::AlreadyRegistered => status::already_exists("webhook", &id),
        webhook::Rejection::TooMany => {
            let text = rejection.to_string();
            let limit = [("limit", webhook::MOST_ENDPOINTS.to_string())];
            status::failed_precondition("WEBHOOK_LIMIT", "WEBHOOK_LIMIT", &id, &text, &limit)
        }
    }
}

fn not_appended(error: &AppendError, retry_after: Duration) -> Status {
    match error {
        AppendError::Conflict { .. } => status::conflict(),
        AppendError::QueueFull => {
            let text = "more appends are waiting than may; retry later";
            status::resource_exhausted("OVERLOADED", "log", text, retry_after)
        }
        AppendError::TooLarge { bytes, limit } => {
            let text = format!("makes an event of {bytes} bytes; at most {limit} are carried");
            status::invalid_reason("EVENT_TOO_LARGE", "event_types", text)
        }
        AppendError::OutcomeUnknown => status::outcome_unknown(),
        AppendError::Unavailable(source) => {
            tracing::warn!(error = source as &dyn std::error::Error, "the log is not available");
            status::unavailable("UNAVAILABLE", retry_after)
        }
        AppendError::Refused(_) => status::internal(error),
    }
}

/// Whether Postgres is away, as opposed to refusing what was asked.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Connection exceptions, insufficient resources, operator intervention.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class))),
        _ => false,
    }
}
