//! Maps every refusal of the service to a gRPC status.
use std::error::Error as StdError;

use chassis::status;
use domain::{directory, route, rules};
use tonic::Status;
use uuid::Uuid;

/// The ticket has no route.
pub(crate) fn no_route(ticket_id: Uuid) -> Status {
    status::not_found("route", &ticket_id.to_string())
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
