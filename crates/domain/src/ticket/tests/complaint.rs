//! A complaint is part of a ticket: what happens to one affects the other.
use std::sync::Arc;

use jiff::civil::{Date, date};

use super::*;
use crate::calendar::Period;
use crate::complaint::{
    self, AdrStatement, Author, Authority as MayGrant, BreachCause, Claim, ClaimDecision,
    ClaimOutcome, Decide, DeemAccepted, Demand, Evidence, Extend, FileAppeal, Instance, Limits,
    Open, Reclassify, Remedy, RemedyKind, RequestInfo, SubmissionForm,
};
use crate::identity::ConsumerStatus;
use crate::ids::{AppealId, ClaimId, ComplaintId, DecisionId, InfoRequestId, RemedyId};
use crate::regime::{
    Draft, Incomplete, IncompleteEffect, Regime, ReplyForm, SupplementFailure, sample,
};
use crate::spec::{Given, given};

mod life;

const DAY: i64 = 24 * 3600;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Consumer law with a supplement and an appeal.
pub(super) fn regimes() -> Vec<Arc<Regime>> {
    let mut draft: Draft = sample::consumer();
    draft.incomplete = Some(Incomplete {
        supplement: Period::CalendarDays(7),
        effect: IncompleteEffect::KeepOriginalDate,
        failure: SupplementFailure::LeftUnexamined,
    });
    draft.appeal.allowed = true;
    draft.appeal.window = Some(Period::CalendarDays(14));
    vec![Arc::new(sample::regime(draft))]
}

pub(super) fn law(now: Timestamp) -> Law {
    Law { regimes: regimes(), appeal_regime: None, now }
}

/// The command with the message of that id, which it names.
pub(super) fn complain(command: complaint::Command) -> Command {
    use complaint::Command as C;
    let named = match &command {
        C::RequestInfo(request) => Some(request.message_id),
        C::Extend(extend) => Some(extend.message_id),
        C::Decide(decide) => Some(decide.message_id),
        C::Reclassify(change) => change.message_id,
        C::WaiveRemedy { message_id, .. } => Some(*message_id),
        C::FileAppeal(appeal) => Some(appeal.message_id),
        C::Open(_)
        | C::StateClaims { .. }
        | C::RecordItem { .. }
        | C::RecordInfo { .. }
        | C::DeemAccepted(_)
        | C::RecordEvidence { .. }
        | C::DenySilence { .. }
        | C::RecordRemedy { .. } => None,
    };
    let message = named.map(|id| message(id.0.as_u128()));
    said_with(command, message)
}

pub(super) fn said_with(command: complaint::Command, message: Option<NewMessage>) -> Command {
    let (source, known) = (ClassificationSource::Agent, Known::default());
    Command::Complaint(Box::new(Complain { command, message, source, known }))
}

pub(super) fn opening() -> Open {
    Open {
        complaint_id: ComplaintId(id(100)),
        message_id: None,
        regimes: regimes(),
        filed_at: None,
        item_delivered_at: None,
        submission_form: SubmissionForm::Electronic,
        consumer_status: ConsumerStatus::Consumer,
        claims: vec![Claim { claim_id: ClaimId(id(101)), demand: Demand::Repair, amount: None }],
        reply_form: ReplyForm::PaperOrDurable,
        reply_channel: Channel::Email,
    }
}

/// A ticket of that type that is a complaint from the beginning.
pub(super) fn register_complaint() -> Command {
    let registered = Registered { kind: TicketType::Complaint, ..registered() };
    let complaint = Some(Box::new(opening()));
    Command::Register(Register { registered, complaint, ..register() })
}

pub(super) fn state_claims() -> complaint::Command {
    let claim = Claim { claim_id: ClaimId(id(102)), demand: Demand::Refund, amount: None };
    complaint::Command::StateClaims { claims: vec![claim] }
}

pub(super) fn other_law() -> Reclassify {
    Reclassify {
        regimes: regimes(),
        not_a_complaint: false,
        reason: "Other law".to_owned(),
        approved_by: None,
        message_id: None,
    }
}

pub(super) fn no_complaint() -> Reclassify {
    Reclassify {
        regimes: Vec::new(),
        not_a_complaint: true,
        reason: "A question".to_owned(),
        approved_by: Some(AgentId("lead-2".to_owned())),
        message_id: Some(MessageId(id(110))),
    }
}

pub(super) fn request() -> RequestInfo {
    RequestInfo {
        request_id: InfoRequestId(id(120)),
        missing: vec!["PHOTO".to_owned()],
        message_id: MessageId(id(121)),
        regimes: regimes(),
        now: at(3600),
    }
}

pub(super) fn inform() -> complaint::Command {
    complaint::Command::RecordInfo { request_id: InfoRequestId(id(120)), complete: true }
}

pub(super) fn extend() -> Extend {
    Extend {
        new_last_day: date(2026, 7, 20),
        reason: "An expert".to_owned(),
        circumstances: "The cause".to_owned(),
        message_id: MessageId(id(130)),
        regimes: regimes(),
        appeal_regime: None,
        now: at(3600),
    }
}

/// Repaired by the end of July.
pub(super) fn decide() -> Decide {
    Decide {
        decision_id: DecisionId(id(140)),
        instance: Instance::First,
        per_claim: vec![ClaimDecision {
            claim_id: ClaimId(id(101)),
            outcome: ClaimOutcome::Accepted,
            amount: None,
        }],
        justification: Personal("It is broken.".to_owned()),
        legal_basis: Vec::new(),
        remedies: vec![repair(142)],
        appeal_info: String::new(),
        adr_statement: AdrStatement::NotApplicable,
        adr_body: String::new(),
        signatory: Personal(String::new()),
        root_cause_code: None,
        author: Author { id: agent(), authority: MayGrant::FirstLine },
        approver: None,
        limits: Limits::default(),
        evidence_waiver: Personal("seen by the agent".to_owned()),
        message_id: MessageId(id(141)),
        regimes: regimes(),
        now: at(DAY),
    }
}

fn repair(remedy: u128) -> Remedy {
    let execute_by: Date = date(2026, 7, 31);
    Remedy { remedy_id: RemedyId(id(remedy)), kind: RemedyKind::Repair, amount: None, execute_by }
}

/// Nothing more, by somebody else.
pub(super) fn on_appeal() -> Decide {
    Decide {
        decision_id: DecisionId(id(150)),
        instance: Instance::Appeal,
        per_claim: vec![ClaimDecision {
            claim_id: ClaimId(id(101)),
            outcome: ClaimOutcome::Rejected,
            amount: None,
        }],
        remedies: Vec::new(),
        adr_statement: AdrStatement::Refuses,
        author: Author { id: AgentId("expert-4".to_owned()), authority: MayGrant::Specialist },
        message_id: MessageId(id(151)),
        ..decide()
    }
}

/// Silence after the last day.
pub(super) fn deem() -> DeemAccepted {
    DeemAccepted {
        decision_id: DecisionId(id(160)),
        instance: Instance::First,
        regime: regimes().remove(0),
        cause: BreachCause::Time,
        remedies: vec![repair(161)],
        due_at: at(14 * DAY),
        now: at(14 * DAY + 1),
    }
}

pub(super) fn evidence() -> complaint::Command {
    proved(Evidence::Delivered, at(DAY + 60))
}

fn proved(evidence: Evidence, at: Timestamp) -> complaint::Command {
    complaint::Command::RecordEvidence { decision_id: DecisionId(id(140)), evidence, at }
}

pub(super) fn executed() -> complaint::Command {
    complaint::Command::RecordRemedy {
        remedy_id: RemedyId(id(142)),
        executed_on: date(2026, 6, 2),
        amount: None,
        reference: "order 7".to_owned(),
    }
}

pub(super) fn waived() -> complaint::Command {
    let (remedy_id, message_id) = (RemedyId(id(142)), MessageId(id(170)));
    complaint::Command::WaiveRemedy { remedy_id, message_id }
}

pub(super) fn appeal() -> FileAppeal {
    FileAppeal {
        appeal_id: AppealId(id(180)),
        message_id: MessageId(id(181)),
        received_at: at(3 * DAY),
        backdating: Backdating::None,
        admitted_by_lead: false,
        regimes: regimes(),
        appeal_regime: None,
    }
}
