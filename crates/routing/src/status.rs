//! Every refusal of the service as a gRPC status.
use std::error::Error as StdError;
use std::time::Duration;

use chassis::status;
use domain::{directory, route, rules};
use eventlog::{AppendError, ExecuteError};
use tonic::Status;
use uuid::Uuid;

/// What a refusal is told with.
pub(crate) struct Subject {
    pub(crate) request_id: Uuid,
    pub(crate) retry_after: Duration,
}

/// The tenant was never created.
pub(crate) fn tenant_unknown(tenant: &str) -> Status {
    let text = "the tenant is not known; create it with `odzew admin tenant create`";
    let metadata = [("tenant", tenant.to_owned())];
    status::failed_precondition("TENANT_UNKNOWN", "TENANT", tenant, text, &metadata)
}

/// The ticket has no route.
pub(crate) fn no_route(ticket_id: Uuid) -> Status {
    status::not_found("route", &ticket_id.to_string())
}

/// The log could not be read.
pub(crate) fn unreadable(error: &eventlog::Error, retry_after: Duration) -> Status {
    match error {
        eventlog::Error::Query { source, .. } => unanswered(source, retry_after),
        error if error.is_unavailable() => {
            tracing::warn!(%error, "the log or the keys of personal data are not available");
            status::unavailable("UNAVAILABLE", retry_after)
        }
        error => status::internal(error),
    }
}

/// A table could not be read.
pub(crate) fn unanswered(error: &sqlx::Error, retry_after: Duration) -> Status {
    if is_away(error) {
        tracing::warn!(error = %error, "Postgres is not available");
        return status::unavailable("UNAVAILABLE", retry_after);
    }
    status::internal(error)
}

/// A command that was not carried out; `rejected` tells the rules of the business.
pub(crate) fn refused<R: StdError + 'static>(
    error: ExecuteError<R>,
    subject: &Subject,
    rejected: impl FnOnce(&R) -> Status,
) -> Status {
    match error {
        ExecuteError::Rejected(rejection) => rejected(&rejection),
        ExecuteError::RequestIdReused => status::request_id_reused(subject.request_id),
        ExecuteError::Conflict => status::conflict(),
        ExecuteError::VersionMismatch { current } => status::etag_mismatch(current),
        ExecuteError::Append(error) => not_appended(&error, subject.retry_after),
        ExecuteError::Log(error) => unreadable(&error, subject.retry_after),
    }
}

/// A rule of the route.
pub(crate) fn route_rejected(rejection: &route::Rejection, ticket_id: Uuid) -> Status {
    use route::Rejection;
    let refuse = |reason| {
        let metadata = [("ticket_id", ticket_id.to_string())];
        precondition(reason, "ROUTE", &ticket_id.to_string(), rejection, &metadata)
    };
    match rejection {
        Rejection::RouteUnknown => refuse("ROUTE_UNKNOWN"),
        Rejection::RouteEnded => refuse("ROUTE_ENDED"),
        Rejection::NotAssigned => refuse("NOT_ASSIGNED"),
        Rejection::NotTheOwner => refuse("NOT_THE_OWNER"),
        Rejection::AlreadyAssigned => refuse("ALREADY_ASSIGNED"),
        Rejection::SameQueue => refuse("SAME_QUEUE"),
        Rejection::NoLead => refuse("NO_LEAD"),
        Rejection::AlreadyRouted => refuse("ROUTE_EXISTS"),
        // Only a move between reading and deciding comes here: the caller may try again.
        Rejection::QueueChanged => status::conflict(),
    }
}

/// A rule of the directory.
pub(crate) fn directory_rejected(rejection: &directory::Rejection) -> Status {
    use directory::Rejection;
    match rejection {
        Rejection::TeamUnknown(team) => {
            let metadata = [("team_id", team.0.clone())];
            precondition("TEAM_UNKNOWN", "TEAM", &team.0, rejection, &metadata)
        }
        Rejection::AgentUnknown(agent) => {
            let metadata = [("agent_id", agent.0.clone())];
            precondition("AGENT_UNKNOWN", "AGENT", &agent.0, rejection, &metadata)
        }
        Rejection::FallbackMissing => {
            precondition("FALLBACK_MISSING", "QUEUE", "fallback", rejection, &[])
        }
        Rejection::Full { limit } => {
            let metadata = [("limit", limit.to_string())];
            precondition("DIRECTORY_FULL", "DIRECTORY", "directory", rejection, &metadata)
        }
    }
}

/// The directory has no such queue.
pub(crate) fn queue_unknown(queue_id: &str) -> Status {
    let text = format!("there is no queue {queue_id}");
    let metadata = [("queue_id", queue_id.to_owned())];
    status::failed_precondition("QUEUE_UNKNOWN", "QUEUE", queue_id, &text, &metadata)
}

/// A rule about routing rules: they are data of the request, so its fields are at fault.
pub(crate) fn rules_rejected(rejection: &rules::Rejection, sent: &[String]) -> Status {
    use rules::Rejection;
    let place = |id: &str| sent.iter().rposition(|sent| sent == id).unwrap_or(0);
    match rejection {
        Rejection::QueueUnknown { rule, queue } => {
            let field = format!("rules[{}].queue_id", place(&rule.0));
            status::invalid_field(&field, format!("names queue {}, which does not exist", queue.0))
        }
        Rejection::DuplicateRule(rule) => {
            let field = format!("rules[{}].rule_id", place(&rule.0));
            status::invalid_field(&field, "must be unique")
        }
        Rejection::Unreachable(rule) => {
            let field = format!("rules[{}]", place(&rule.0));
            status::invalid_field(&field, "can never match: a rule before it has no condition")
        }
        Rejection::TooManyRules => {
            status::invalid_field("rules", format!("must be at most {}", rules::MAX_RULES))
        }
    }
}

fn precondition(
    reason: &'static str,
    kind: &str,
    subject: &str,
    rule: &dyn StdError,
    metadata: &[(&'static str, String)],
) -> Status {
    status::failed_precondition(reason, kind, subject, &rule.to_string(), metadata)
}

fn not_appended(error: &AppendError, retry_after: Duration) -> Status {
    match error {
        AppendError::Conflict { .. } => status::conflict(),
        AppendError::QueueFull => status::resource_exhausted(
            "OVERLOADED",
            "log",
            "more appends are waiting than may; retry later",
            retry_after,
        ),
        AppendError::TooLarge { bytes, limit } => status::invalid_reason(
            "EVENT_TOO_LARGE",
            "request",
            format!("makes an event of {bytes} bytes; at most {limit} are carried"),
        ),
        AppendError::OutcomeUnknown => status::outcome_unknown(),
        AppendError::Unavailable(source) => {
            tracing::warn!(error = %source, "the log is not available");
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
