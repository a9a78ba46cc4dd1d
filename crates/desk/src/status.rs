//! Maps every refusal of the service to a gRPC status.
use std::time::Duration;

use chassis::status;
use tonic::Status;

use crate::freshness::NotFresh;
use crate::read_model;
use crate::watchers::Full;

/// There is no such ticket for this tenant.
pub(crate) fn no_ticket(name: &str) -> Status {
    status::not_found("ticket", name)
}

/// The tables could not be asked.
pub(crate) fn unreadable(error: &read_model::Error, retry_after: Duration) -> Status {
    match eventlog::is_away(&error.source) {
        true => calls::away(error, retry_after),
        false => status::internal(error),
    }
}

/// The tables are not as fresh as was asked.
pub(crate) fn not_fresh(error: &NotFresh, retry_after: Duration) -> Status {
    match error {
        NotFresh::TooLate => status::unavailable("NOT_CAUGHT_UP", retry_after),
        NotFresh::ShuttingDown => status::unavailable("DRAINING", retry_after),
        NotFresh::Unreadable(error) => calls::unreadable(error, retry_after),
    }
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
