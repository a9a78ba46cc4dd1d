//! Every refusal of the service as a gRPC status.
pub(crate) mod people;

use std::time::Duration;

use chassis::status;
use domain::ticket::{Rejection, Stage};
use eventlog::{AppendError, ExecuteError, RefusedStep};
use tonic::Status;
use uuid::Uuid;

/// What a refusal is told with.
pub(crate) struct Subject {
    pub(crate) ticket_id: Uuid,
    pub(crate) request_id: Uuid,
    /// The field whose text can make an event too large.
    pub(crate) text_field: &'static str,
    pub(crate) retry_after: Duration,
}

/// The tenant was never created.
pub(crate) fn tenant_unknown(tenant: &str) -> Status {
    let text = "the tenant is not known; create it with `odzew admin tenant create`";
    let metadata = [("tenant", tenant.to_owned())];
    status::failed_precondition("TENANT_UNKNOWN", "TENANT", tenant, text, &metadata)
}

/// There is no such ticket for this tenant.
pub(crate) fn no_ticket(ticket_id: Uuid) -> Status {
    status::not_found("ticket", &ticket_id.to_string())
}

/// The log could not be read.
pub(crate) fn unreadable(error: &eventlog::Error, retry_after: Duration) -> Status {
    if error.is_unavailable() {
        return away(error, retry_after);
    }
    status::internal(error)
}

/// A command that was not carried out.
pub(crate) fn refused(error: ExecuteError<Rejection>, subject: &Subject) -> Status {
    match error {
        ExecuteError::Rejected(rejection) => {
            rejected(&rejection, subject.ticket_id, &subject.ticket_id.to_string())
        }
        error => not_carried_out(error, subject),
    }
}

/// A history that was not taken over; a refused step is named.
pub(crate) fn refused_history(
    error: ExecuteError<RefusedStep<Rejection>>,
    subject: &Subject,
) -> Status {
    match error {
        ExecuteError::Rejected(refused) => {
            let place = match refused.step.checked_sub(1) {
                Some(step) => format!("steps[{step}]"),
                None => subject.ticket_id.to_string(),
            };
            rejected(&refused.rejection, subject.ticket_id, &place)
        }
        error => not_carried_out(error, subject),
    }
}

/// Everything but the rules of the business.
fn not_carried_out<R>(error: ExecuteError<R>, subject: &Subject) -> Status
where
    R: std::error::Error + 'static,
{
    match error {
        ExecuteError::Rejected(rule) => status::internal(&rule),
        ExecuteError::RequestIdReused => status::request_id_reused(subject.request_id),
        ExecuteError::Conflict => status::conflict(),
        ExecuteError::VersionMismatch { current: 0 } => no_ticket(subject.ticket_id),
        ExecuteError::VersionMismatch { current } => status::etag_mismatch(current),
        ExecuteError::Append(error) => not_appended(&error, subject),
        ExecuteError::Log(error) => unreadable(&error, subject.retry_after),
    }
}

/// A rule of the business; `subject` is what it speaks of, the ticket or a step.
fn rejected(rejection: &Rejection, ticket_id: Uuid, subject: &str) -> Status {
    let rule = |name: &'static str| {
        let metadata = [("rule", name.to_owned())];
        status::failed_precondition("RULE", name, subject, &rejection.to_string(), &metadata)
    };
    match rejection {
        Rejection::NotRegistered => no_ticket(ticket_id),
        Rejection::AlreadyRegistered => status::already_exists("ticket", &ticket_id.to_string()),
        Rejection::WrongStage { current, allowed } => wrong_stage(*current, allowed, subject),
        Rejection::RequesterMissing => {
            status::invalid_field("requester", "is required, except on CHANNEL_MONITORING")
        }
        Rejection::ExpectedInThePast => {
            status::invalid_field("expected_by", "must be in the future")
        }
        Rejection::LoweringNeedsLead => status::permission_denied("ticket.priority.lower_p1"),
        Rejection::ComplaintByClassification => rule("COMPLAINT_BY_CLASSIFICATION"),
        Rejection::DataSubjectMayNotWait => rule("DATA_SUBJECT_MAY_NOT_WAIT"),
        Rejection::NotImported => rule("NOT_IMPORTED"),
    }
}

fn wrong_stage(current: Stage, allowed: &[Stage], subject: &str) -> Status {
    let allowed: Vec<_> = allowed.iter().map(|stage| stage.name()).collect();
    let allowed = allowed.join(",");
    let text = format!("the ticket is {}; this needs {allowed}", current.name());
    let metadata = [("current_state", current.name().to_owned()), ("allowed_states", allowed)];
    status::failed_precondition("TICKET_STATE", "TICKET_STATE", subject, &text, &metadata)
}

fn not_appended(error: &AppendError, subject: &Subject) -> Status {
    match error {
        AppendError::Conflict { .. } => status::conflict(),
        AppendError::QueueFull => status::resource_exhausted(
            "OVERLOADED",
            "log",
            "more appends are waiting than may; retry later",
            subject.retry_after,
        ),
        AppendError::TooLarge { bytes, limit } => status::invalid_reason(
            "EVENT_TOO_LARGE",
            subject.text_field,
            format!("makes an event of {bytes} bytes; at most {limit} are carried"),
        ),
        AppendError::OutcomeUnknown => status::outcome_unknown(),
        AppendError::Unavailable(_) => away(error, subject.retry_after),
        AppendError::Refused(_) => status::internal(error),
    }
}

/// Postgres does not answer; the client may come again.
fn away(error: &(dyn std::error::Error + 'static), retry_after: Duration) -> Status {
    let cause = error.source().map(ToString::to_string);
    tracing::warn!(%error, cause, "the log is not available");
    status::unavailable("UNAVAILABLE", retry_after)
}
