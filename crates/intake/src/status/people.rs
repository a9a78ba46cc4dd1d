//! Maps refusals of parties and contacts, and of their lists, to gRPC statuses.
use std::time::Duration;

use chassis::status;
use domain::ticket::Permission;
use domain::{contact, inbound, party, taxonomy};
use eventlog::{ExecuteError, HandlerError};
use tonic::Status;
use uuid::Uuid;

/// What a refusal is told with.
pub(crate) struct Meant {
    /// The party or contact.
    pub(crate) id: Uuid,
    /// The RPC to suggest when erasure is refused.
    pub(crate) instead: Option<&'static str>,
    pub(crate) call: calls::Subject,
}

/// There is no such party for this tenant.
pub(crate) fn no_party(party_id: Uuid) -> Status {
    status::not_found("party", &party_id.to_string())
}

/// There is no such contact for this tenant.
pub(crate) fn no_contact(contact_id: Uuid) -> Status {
    status::not_found("contact", &contact_id.to_string())
}

/// The read model could not be read.
pub(crate) fn not_queried(error: &HandlerError, retry_after: Duration) -> Status {
    match error {
        HandlerError::Transient(_) => calls::away(error, retry_after),
        HandlerError::Poison(_) => status::internal(error),
    }
}

/// The read model is not as fresh as was asked.
pub(crate) fn not_caught_up(retry_after: Duration) -> Status {
    status::unavailable("NOT_CAUGHT_UP", retry_after)
}

/// Nothing is known of the party any more.
pub(crate) fn erased(party_id: Uuid) -> Status {
    party_rejected(&party::Rejection::Erased, party_id, None)
}

/// A command on a party that was not carried out.
pub(crate) fn party_refused(error: ExecuteError<party::Rejection>, meant: &Meant) -> Status {
    match error {
        ExecuteError::VersionMismatch { current: 0 } => no_party(meant.id),
        error => calls::refused(error, &meant.call, |rejection| {
            party_rejected(&rejection, meant.id, meant.instead)
        }),
    }
}

/// A command on a contact that was not carried out.
pub(crate) fn contact_refused(error: ExecuteError<contact::Rejection>, meant: &Meant) -> Status {
    match error {
        ExecuteError::VersionMismatch { current: 0 } => no_contact(meant.id),
        error => {
            calls::refused(error, &meant.call, |rejection| contact_rejected(&rejection, meant.id))
        }
    }
}

/// A message that was not taken in.
pub(crate) fn inbound_refused(error: ExecuteError<inbound::Rejection>, meant: &Meant) -> Status {
    calls::refused(error, &meant.call, |rejection| match rejection {
        // Only another request could have brought it in, and there is one per message.
        inbound::Rejection::AlreadyReceived => status::request_id_reused(meant.call.request_id),
        rejection @ inbound::Rejection::Automatic => status::internal(&rejection),
    })
}

/// A taxonomy that was not published.
pub(crate) fn taxonomy_refused(error: ExecuteError<taxonomy::Rejection>, meant: &Meant) -> Status {
    calls::refused(error, &meant.call, |rejection| match rejection {
        taxonomy::Rejection::Taxonomy(problems) => {
            let violations = problems.into_iter().map(|problem| status::Violation {
                field: format!("taxonomy.{}", problem.field),
                rule: problem.rule,
            });
            status::invalid(violations.collect())
        }
        full @ taxonomy::Rejection::Full => {
            let limit = [("limit", taxonomy::MAX_VERSIONS.to_string())];
            let (text, subject) = (full.to_string(), "taxonomy");
            status::failed_precondition("TAXONOMY_FULL", "VERSIONS", subject, &text, &limit)
        }
    })
}

fn party_rejected(
    rejection: &party::Rejection,
    party_id: Uuid,
    instead: Option<&'static str>,
) -> Status {
    use party::Rejection;
    let rule = |name| rule(name, party_id, rejection, []);
    let instead = instead.map(|method| ("instead", method.to_owned()));
    let keeping = |name| self::rule(name, party_id, rejection, instead.clone());
    match rejection {
        Rejection::NotRegistered => no_party(party_id),
        Rejection::AlreadyRegistered => status::already_exists("party", &party_id.to_string()),
        Rejection::Merged { into } => {
            let into = ("merged_into", into.0.to_string());
            self::rule("MERGED", party_id, rejection, [into])
        }
        Rejection::Erased => rule("ERASED"),
        Rejection::IntoItself => {
            status::invalid_field("into_party_id", "must be another party than from_party_id")
        }
        Rejection::IntoYounger => rule("INTO_YOUNGER"),
        Rejection::UnderLegalHold => keeping("LEGAL_HOLD"),
        Rejection::OtherUnderLegalHold { held } => {
            let held = ("held_party_id", held.0.to_string());
            let more = instead.clone().into_iter().chain([held]);
            self::rule("LEGAL_HOLD", party_id, rejection, more)
        }
        Rejection::ForeignRequest => {
            status::invalid_field("request_ticket_id", "must be a ticket in which the party asked")
        }
        Rejection::Restricted => rule("RESTRICTED"),
        Rejection::HoldInThePast => status::invalid_field("until", "must be today or later"),
        Rejection::QuietHoursEmpty => {
            let text = "must end at another time than they begin";
            status::invalid_field("preference.quiet_hours", text)
        }
        Rejection::OpenTickets(_) => keeping("OPEN_TICKETS"),
        Rejection::Retention(until) => {
            let until = ("retained_until", until.to_string());
            let more = instead.clone().into_iter().chain([until]);
            self::rule("RETENTION", party_id, rejection, more)
        }
    }
}

fn contact_rejected(rejection: &contact::Rejection, contact_id: Uuid) -> Status {
    use contact::Rejection;
    let rule = |name| rule(name, contact_id, rejection, []);
    match rejection {
        Rejection::NotStarted => no_contact(contact_id),
        Rejection::AlreadyStarted => status::already_exists("contact", &contact_id.to_string()),
        Rejection::AlreadyEnded => rule("CONTACT_ENDED"),
        Rejection::AlreadyAnswered => rule("ALREADY_ANSWERED"),
        Rejection::AiNotDisclosed => rule("AI_NOT_DISCLOSED"),
        Rejection::PersonPromised => rule("PERSON_PROMISED"),
        Rejection::ReasonNeedsPerson => {
            status::invalid_field("target", "must be HUMAN for this reason")
        }
        Rejection::ContextMissing => {
            status::invalid_field("context_ref", "is required when a machine hands over")
        }
        Rejection::QueueMissing => {
            status::invalid_field("queue_id", "is required on the way to a person")
        }
        Rejection::TooManyRoutes => rule("TOO_MANY_ROUTES"),
        Rejection::BackdatingDenied => status::permission_denied(Permission::Backdate.name()),
        Rejection::BackdateReasonMissing => {
            status::invalid_field("backdate_reason", rejection.to_string())
        }
        Rejection::OutOfOrder => rule("OUT_OF_ORDER"),
        Rejection::TimesTooLong => rule("TIMES_TOO_LONG"),
        Rejection::NeverAnswered => rule("NEVER_ANSWERED"),
        Rejection::OutcomeContradicted(_) => rule("OUTCOME_CONTRADICTED"),
    }
}

/// A rule of the business.
fn rule(
    name: &'static str,
    subject: Uuid,
    rejection: &dyn std::error::Error,
    more: impl IntoIterator<Item = (&'static str, String)>,
) -> Status {
    let metadata: Vec<_> = [("rule", name.to_owned())].into_iter().chain(more).collect();
    let (subject, text) = (subject.to_string(), rejection.to_string());
    status::failed_precondition("RULE", name, &subject, &text, &metadata)
}
