//! Maps refusals of complaints to gRPC statuses.
use chassis::status;
use domain::complaint::Rejection;
use domain::regime::Misnamed;
use domain::ticket::{self, Permission};
use eventlog::ExecuteError;
use tonic::Status;

/// The ticket has no complaint.
pub(crate) fn no_complaint(ticket_id: uuid::Uuid) -> Status {
    rejected(&Rejection::NoComplaint, &ticket_id.to_string())
}

/// True if the command was refused because it names no law.
pub(crate) fn is_without_law(error: &ExecuteError<ticket::Rejection>) -> bool {
    let without = ticket::Rejection::Complaint(Rejection::RegimeMissing);
    matches!(error, ExecuteError::Rejected(rejection) if *rejection == without)
}

/// The law that the field names is not that of the complaint.
pub(crate) fn misnamed(field: &str, wrong: Misnamed, ticket_id: uuid::Uuid) -> Status {
    match wrong {
        Misnamed::NotInForce(code) => {
            rejected(&Rejection::RegimeNotInForce(code), &ticket_id.to_string())
        }
        Misnamed::Unfit(_) | Misnamed::LeftOut(_) => {
            status::invalid_field(field, wrong.to_string())
        }
    }
}

/// A rule of complaints; `place` is the ticket that it speaks of.
pub(super) fn rejected(rejection: &Rejection, place: &str) -> Status {
    if let Some(status) = of_request(rejection) {
        return status;
    }
    let name = name(rejection);
    let more = match rejection {
        Rejection::RegimeNotInForce(code) => Some(("regime", code.clone())),
        Rejection::ExtensionTooLate { due_at } | Rejection::NotDue { due_at } => {
            Some(("due_at", due_at.to_string()))
        }
        Rejection::AppealBeforeDecision { decided_at } => {
            Some(("decided_at", decided_at.to_string()))
        }
        _ => None,
    };
    let metadata: Vec<_> = [("rule", name.to_owned())].into_iter().chain(more).collect();
    status::failed_precondition("RULE", name, place, &rejection.to_string(), &metadata)
}

/// What the request itself lacks, or who makes it.
fn of_request(rejection: &Rejection) -> Option<Status> {
    let field = |field: &str| Some(status::invalid_field(field, rejection.to_string()));
    match rejection {
        Rejection::Claims => field("claims"),
        Rejection::FiledAfterReceipt => field("filed_at"),
        Rejection::NegativeAmount => field("amount"),
        Rejection::RemedyAmountMissing { place } => field(&format!("remedies[{place}].amount")),
        Rejection::ReasonMissing => field("reason"),
        Rejection::BackdateReasonMissing => field("backdate_reason"),
        Rejection::NothingMissing => field("missing"),
        Rejection::ExtensionDay { .. } => field("new_last_day"),
        Rejection::JustificationMissing => field("justification"),
        Rejection::AdrBodyMissing => field("adr_body"),
        Rejection::SignatoryMissing => field("signatory"),
        Rejection::ApprovalOfLeadMissing => {
            Some(status::permission_denied(Permission::DismissComplaint.name()))
        }
        Rejection::BackdatingDenied => Some(status::permission_denied(Permission::Backdate.name())),
        // It was put under other law between two looks at it.
        Rejection::OtherRegimes => Some(status::conflict()),
        _ => None,
    }
}

/// The rule's name, for programs.
fn name(rejection: &Rejection) -> &'static str {
    match rejection {
        // The ticket's own rules speak of stages first, so nobody hears this.
        Rejection::WrongStanding { .. } => "WRONG_STANDING",
        Rejection::NoComplaint => "NO_COMPLAINT",
        Rejection::AlreadyOpened => "COMPLAINT_ALREADY_OPENED",
        Rejection::RegimeMissing => "REGIME_MISSING",
        Rejection::RegimeNotInForce(_) => "REGIME_NOT_IN_FORCE",
        Rejection::OtherRegimes => "OTHER_REGIMES",
        Rejection::Claims => "CLAIMS",
        Rejection::FiledAfterReceipt => "FILED_AFTER_RECEIPT",
        Rejection::NegativeAmount => "NEGATIVE_AMOUNT",
        Rejection::RemedyAmountMissing { .. } => "REMEDY_AMOUNT_MISSING",
        Rejection::AlreadyDecided => "COMPLAINT_DECIDED",
        Rejection::NotDecided => "COMPLAINT_UNDECIDED",
        Rejection::ReasonMissing => "REASON_MISSING",
        Rejection::ApprovalOfLeadMissing => "APPROVAL_OF_LEAD_MISSING",
        Rejection::MessageMissing => "MESSAGE_MISSING",
        Rejection::NoSupplement => "NO_SUPPLEMENT",
        Rejection::NothingMissing => "NOTHING_MISSING",
        Rejection::InfoRequest => "INFO_REQUEST",
        Rejection::NoExtension => "NO_EXTENSION",
        Rejection::ItemDelivered => "ITEM_DELIVERED",
        Rejection::AlreadyExtended => "ALREADY_EXTENDED",
        Rejection::ExtensionTooLate { .. } => "EXTENSION_TOO_LATE",
        Rejection::NoticeIncomplete(_) => "NOTICE_INCOMPLETE",
        Rejection::ExtensionDay { .. } => "EXTENSION_DAY",
        Rejection::ClaimsUndecided => "CLAIMS_UNDECIDED",
        Rejection::EvidenceMissing => "EVIDENCE_MISSING",
        Rejection::JustificationMissing => "JUSTIFICATION_MISSING",
        Rejection::LegalBasisMissing => "LEGAL_BASIS_MISSING",
        Rejection::AppealInfoMissing => "APPEAL_INFO_MISSING",
        Rejection::AdrStatementMissing => "ADR_STATEMENT_MISSING",
        Rejection::AdrBodyMissing => "ADR_BODY_MISSING",
        Rejection::SignatoryMissing => "SIGNATORY_MISSING",
        Rejection::Remedies => "REMEDIES",
        Rejection::NotUnexaminable => "NOT_UNEXAMINABLE",
        Rejection::PersonNeeded => "PERSON_NEEDED",
        Rejection::ApproverMissing => "APPROVER_MISSING",
        Rejection::SelfApproval => "APPROVER_IS_AUTHOR",
        Rejection::SamePersonOnAppeal => "SAME_PERSON_ON_APPEAL",
        Rejection::NoAppeal => "NO_APPEAL",
        Rejection::AlreadyAppealed => "ALREADY_APPEALED",
        Rejection::NotAppealable => "NOT_APPEALABLE",
        Rejection::BackdatingDenied => "BACKDATING_DENIED",
        Rejection::BackdateReasonMissing => "BACKDATE_REASON_MISSING",
        Rejection::AppealBeforeDecision { .. } => "APPEAL_BEFORE_DECISION",
        Rejection::AppealTooLate => "APPEAL_TOO_LATE",
        Rejection::NoLetterOwed => "NO_LETTER_OWED",
        Rejection::SilenceIsSilent => "SILENCE_IS_SILENT",
        Rejection::NotDue { .. } => "NOT_DUE",
        Rejection::UnknownDecision => "DECISION_UNKNOWN",
        Rejection::UnknownRemedy => "REMEDY_UNKNOWN",
        Rejection::NotEvidenced => "DECISION_NOT_EVIDENCED",
        Rejection::RemedyPending => "REMEDY_PENDING",
        Rejection::AppealOpen => "APPEAL_OPEN",
        Rejection::AppealWindowOpen => "APPEAL_WINDOW_OPEN",
    }
}
