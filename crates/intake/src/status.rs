//! Maps every refusal of the service to a gRPC status.
pub(crate) mod complaint;
pub(crate) mod people;

use std::collections::BTreeSet;

use chassis::status;
use domain::personal_data::Kind;
use domain::ticket::{Permission, PublicText, Rejection, Stage};
use eventlog::{ExecuteError, RefusedStep};
use tonic::Status;
use uuid::Uuid;

/// What a refusal is told with.
pub(crate) struct Subject {
    /// The ticket.
    pub(crate) id: Uuid,
    /// The field that names messages of the thread.
    pub(crate) message_field: &'static str,
    /// The field that says by when something is promised.
    pub(crate) due_field: &'static str,
    pub(crate) call: calls::Subject,
}

/// There is no such ticket for this tenant.
pub(crate) fn no_ticket(ticket_id: Uuid) -> Status {
    status::not_found("ticket", &ticket_id.to_string())
}

/// A command that was not carried out.
pub(crate) fn refused(error: ExecuteError<Rejection>, subject: &Subject) -> Status {
    let place = subject.id.to_string();
    not_carried_out(error, subject, |rejection| rejected(&rejection, subject, &place))
}

/// A history that was not taken over; a refused step is named.
pub(crate) fn refused_history(
    error: ExecuteError<RefusedStep<Rejection>>,
    subject: &Subject,
) -> Status {
    not_carried_out(error, subject, |refused| {
        let place = match refused.step.checked_sub(1) {
            Some(step) => format!("steps[{step}]"),
            None => subject.id.to_string(),
        };
        rejected(&refused.rejection, subject, &place)
    })
}

fn not_carried_out<R>(
    error: ExecuteError<R>,
    subject: &Subject,
    rejected: impl FnOnce(R) -> Status,
) -> Status {
    match error {
        ExecuteError::VersionMismatch { current: 0 } => no_ticket(subject.id),
        error => calls::refused(error, &subject.call, rejected),
    }
}

/// A message went from ticket to ticket too often.
pub(crate) fn moved_too_often(ticket_id: Uuid) -> Status {
    let text = "the chain of merged tickets is too long; use the id of the last one";
    let metadata = [("rule", "MOVED_TOO_OFTEN".to_owned())];
    let subject = ticket_id.to_string();
    status::failed_precondition("RULE", "MOVED_TOO_OFTEN", &subject, text, &metadata)
}

/// A rule of the business; `place` is what it speaks of, the ticket or a step.
fn rejected(rejection: &Rejection, subject: &Subject, place: &str) -> Status {
    let text = rejection.to_string();
    let refuse = |name: &'static str, more: Option<(&'static str, String)>| {
        let metadata: Vec<_> = [("rule", name.to_owned())].into_iter().chain(more).collect();
        status::failed_precondition("RULE", name, place, &text, &metadata)
    };
    let rule = |name| refuse(name, None);
    let about = |name, key, value| refuse(name, Some((key, value)));
    let field = |field: &str, rule: &str| status::invalid_field(field, rule);
    match rejection {
        Rejection::NotRegistered => no_ticket(subject.id),
        Rejection::AlreadyRegistered => status::already_exists("ticket", &subject.id.to_string()),
        Rejection::WrongStage { current, allowed } => wrong_stage(*current, allowed, place),
        Rejection::OtherInWrongStage { ticket_id, current, allowed } => {
            wrong_stage(*current, allowed, &ticket_id.0.to_string())
        }
        Rejection::RequesterMissing => {
            field("requester", "is required, except on CHANNEL_MONITORING")
        }
        Rejection::ExpectedInThePast => field("expected_by", "must be in the future"),
        Rejection::DueInThePast => field(subject.due_field, "must be in the future"),
        Rejection::Itself => field("ticket_id", "must not be the other ticket"),
        Rejection::NothingToSplit => field("message_ids", "must be at least 1"),
        Rejection::MessageUnknown { message_id } => {
            let id = message_id.0;
            let text = format!("must be messages of the customer in this thread; {id} is none");
            field(subject.message_field, &text)
        }
        Rejection::BackdatingDenied => status::permission_denied(Permission::Backdate.name()),
        Rejection::BackdateReasonMissing => field("backdate_reason", &text),
        Rejection::LoweringNeedsLead => status::permission_denied(Permission::LowerP1.name()),
        Rejection::MovedTo { ticket_id } => about("MOVED_TO", "ticket_id", ticket_id.0.to_string()),
        Rejection::ParentTaken { parent } => {
            about("PARENT_TAKEN", "ticket_id", parent.0.to_string())
        }
        Rejection::ComplaintByClassification => rule("COMPLAINT_BY_CLASSIFICATION"),
        Rejection::DataSubjectMayNotWait => rule("DATA_SUBJECT_MAY_NOT_WAIT"),
        Rejection::NoDataSubjectRequest => rule("NO_DATA_SUBJECT_REQUEST"),
        Rejection::DataSubjectRequestIntoExtended => rule("DATA_SUBJECT_REQUEST_INTO_EXTENDED"),
        Rejection::NotImported => rule("NOT_IMPORTED"),
        Rejection::FirstReplyWithoutPromise => rule("FIRST_REPLY_WITHOUT_PROMISE"),
        Rejection::PublicPersonalData { text: of, kinds } => {
            public_personal_data(field_of(*of, subject), kinds, place, &text)
        }
        Rejection::ClosedPlatform { text: of } => field(field_of(*of, subject), &text),
        Rejection::CallbackOpen => rule("CALLBACK_OPEN"),
        Rejection::RootCauseMissing => rule("ROOT_CAUSE_MISSING"),
        Rejection::OtherParty => rule("OTHER_PARTY"),
        Rejection::TargetIsYounger => rule("TARGET_IS_YOUNGER"),
        // Room is made before it is asked for.
        Rejection::ComplaintIntoOther => rule("COMPLAINT_INTO_OTHER"),
        Rejection::DataSubjectRequestIntoOther => rule("DATA_SUBJECT_REQUEST_INTO_OTHER"),
        Rejection::DecidedComplaint => rule("DECIDED_COMPLAINT"),
        Rejection::ComplaintIntoDecided => rule("COMPLAINT_INTO_DECIDED"),
        Rejection::ComplaintUnderOtherLaw => rule("COMPLAINT_UNDER_OTHER_LAW"),
        Rejection::TargetIsDueLater { regime } => {
            about("TARGET_IS_DUE_LATER", "regime", regime.clone())
        }
        Rejection::ClaimsOfItsOwn => rule("CLAIMS_OF_ITS_OWN"),
        Rejection::Complaint(rejection) => complaint::rejected(rejection, place),
        Rejection::CannotBeSpam => rule("CANNOT_BE_SPAM"),
        Rejection::NotClosedAsSpam => rule("NOT_CLOSED_AS_SPAM"),
        Rejection::SpamTooOld => rule("SPAM_TOO_OLD"),
        Rejection::ChildOfCycle => rule("CHILD_OF_CYCLE"),
        Rejection::TooManyAncestors => rule("TOO_MANY_ANCESTORS"),
        Rejection::TooManyLinks => rule("TOO_MANY_LINKS"),
        Rejection::TooManyParties => rule("TOO_MANY_PARTIES"),
        Rejection::NotLinked => rule("NOT_LINKED"),
        Rejection::NeedsPerson => rule("NEEDS_PERSON"),
    }
}

fn public_personal_data(field: &str, kinds: &BTreeSet<Kind>, place: &str, text: &str) -> Status {
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    let found = [("kinds", kinds.join(",")), ("field", field.to_owned())];
    let text = format!("{field}: {text}");
    status::failed_precondition("PUBLIC_PERSONAL_DATA", "TEXT", place, &text, &found)
}

/// The field that has a text which the customer is told.
fn field_of(text: PublicText, subject: &Subject) -> &'static str {
    match text {
        PublicText::Message => subject.call.text_field,
        PublicText::Justification => "justification",
        PublicText::AppealInfo => "appeal_info",
        PublicText::AdrBody => "adr_body",
        PublicText::Reason => "reason",
        PublicText::Circumstances => "circumstances",
    }
}

fn wrong_stage(current: Stage, allowed: &[Stage], subject: &str) -> Status {
    let allowed: Vec<_> = allowed.iter().map(|stage| stage.name()).collect();
    let allowed = allowed.join(",");
    let text = format!("the ticket is {}; this needs {allowed}", current.name());
    let metadata = [("current_state", current.name().to_owned()), ("allowed_states", allowed)];
    status::failed_precondition("TICKET_STATE", "TICKET_STATE", subject, &text, &metadata)
}
