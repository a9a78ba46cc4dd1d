//! Every refusal of the service as a gRPC status.
use std::time::Duration;

use chassis::status;
use eventlog::Cursor;
use tonic::Status;

use crate::freshness::NotFresh;
use crate::read_model;
use crate::watchers::Full;

/// The tenant was never created.
pub(crate) fn tenant_unknown(tenant: &str) -> Status {
    let text = "the tenant is not known; create it with `odzew admin tenant create`";
    let metadata = [("tenant", tenant.to_owned())];
    status::failed_precondition("TENANT_UNKNOWN", "TENANT", tenant, text, &metadata)
}

/// There is no such ticket for this tenant.
pub(crate) fn no_ticket(name: &str) -> Status {
    status::not_found("ticket", name)
}

/// The log could not be asked for the tenant.
pub(crate) fn log_unreadable(error: &eventlog::Error, retry_after: Duration) -> Status {
    match error {
        eventlog::Error::Query { source, .. } if is_away(source) => away(source, retry_after),
        error if error.is_unavailable() => {
            tracing::warn!(%error, "the log is not available");
            status::unavailable("UNAVAILABLE", retry_after)
        }
        error => status::internal(error),
    }
}

/// The tables could not be asked.
pub(crate) fn unreadable(error: &read_model::Error, retry_after: Duration) -> Status {
    if is_away(&error.source) { away(&error.source, retry_after) } else { status::internal(error) }
}

/// The tables are not as fresh as was asked.
pub(crate) fn not_fresh(error: &NotFresh, retry_after: Duration) -> Status {
    match error {
        NotFresh::TooLate => status::unavailable("NOT_CAUGHT_UP", retry_after),
        NotFresh::ShuttingDown => status::unavailable("DRAINING", retry_after),
        NotFresh::Unreadable(error) => unreadable(error, retry_after),
    }
}

/// The consistency token is none, or of another tenant's part of the log.
pub(crate) fn consistency_token_invalid() -> Status {
    let rule = format!(
        "must be a token as a mutation of this tenant returned it, like {}",
        Cursor { partition: eventlog::Partition(0), position: 42 }
    );
    status::invalid_field("consistency_token", rule)
}

/// The resume token is edited, or belongs to another tenant, ticket or epoch of the log.
pub(crate) fn resume_token_invalid() -> Status {
    let rule = "was not issued for this request; list again and watch without it";
    status::invalid_reason("PAGE_TOKEN_INVALID", "resume_token", rule)
}

/// Too many watch already.
pub(crate) fn too_many_watchers(full: Full, retry_after: Duration) -> Status {
    let text = match full {
        Full::All(limit) => format!("at most {limit} watches run at once; retry later"),
        Full::Tenant(limit) => {
            format!("at most {limit} watches of a tenant run at once; end one, or retry later")
        }
    };
    status::resource_exhausted("OVERLOADED", "watches", &text, retry_after)
}

fn away(source: &sqlx::Error, retry_after: Duration) -> Status {
    tracing::warn!(error = %source, "the read model is not available");
    status::unavailable("UNAVAILABLE", retry_after)
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
