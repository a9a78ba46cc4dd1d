//! What may be done to a complaint, one behaviour per test.
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::backdating::Backdating;
use crate::calendar::Period;
use crate::identity::ConsumerStatus;
use crate::ids::{
    AgentId, AppealId, ClaimId, ComplaintId, DecisionId, InfoRequestId, MessageId, Personal,
    RemedyId,
};
use crate::money::{Currency, Money};
use crate::priority::Channel;
use crate::regime::sample;
use crate::regime::{
    Ack, DecisionContent, Draft, Incomplete, IncompleteEffect, Regime, ReplyForm, SilenceEffect,
    SupplementFailure,
};

mod appeal;
mod deciding;
mod life;
mod properties;
mod silence;
mod table;

/// Thursday 2026-04-30, 21:15 in Warsaw: the law's last day is 14 May.
const RECEIVED: &str = "2026-04-30T19:15:00Z";
const NOW: &str = "2026-05-07T11:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn agent(name: &str) -> AgentId {
    AgentId(name.to_owned())
}

fn ticket(standing: Standing) -> Ticket {
    Ticket {
        standing,
        received_at: at(RECEIVED),
        has_evidence: true,
        is_complaint: true,
        reopened_by_customer: false,
    }
}

/// The same after the customer has reopened it.
fn reopened(standing: Standing) -> Ticket {
    Ticket { reopened_by_customer: true, ..ticket(standing) }
}

/// Consumer law that provides for a supplement, demands reasons and knows an appeal.
fn law() -> Draft {
    let mut draft = sample::consumer();
    draft.must_contain = vec![
        DecisionContent::Decision,
        DecisionContent::LegalReasons,
        DecisionContent::AppealInfo,
        DecisionContent::AdrInfo,
    ];
    draft.incomplete = Some(Incomplete {
        supplement: Period::CalendarDays(7),
        effect: IncompleteEffect::KeepOriginalDate,
        failure: SupplementFailure::LeftUnexamined,
    });
    draft.ack = Some(Ack { period: Period::CalendarDays(7), durable: false });
    draft.appeal.allowed = true;
    draft.appeal.window = Some(Period::CalendarDays(14));
    draft
}

fn regimes(drafts: impl IntoIterator<Item = Draft>) -> Vec<Arc<Regime>> {
    drafts.into_iter().map(|draft| Arc::new(sample::regime(draft))).collect()
}

fn consumer() -> Vec<Arc<Regime>> {
    regimes([law()])
}

fn claims() -> Vec<Claim> {
    vec![
        Claim { claim_id: ClaimId(id(1)), demand: Demand::Replace, amount: None },
        Claim {
            claim_id: ClaimId(id(2)),
            demand: Demand::Compensation,
            amount: Some(Money::zloty(49)),
        },
    ]
}

fn open() -> Open {
    Open {
        complaint_id: ComplaintId(id(7)),
        message_id: None,
        regimes: consumer(),
        filed_at: None,
        item_delivered_at: None,
        submission_form: SubmissionForm::Electronic,
        consumer_status: ConsumerStatus::Consumer,
        claims: claims(),
        reply_form: ReplyForm::PaperOrDurable,
        reply_channel: Channel::Email,
    }
}

/// The complaint after what the commands did, each in a ticket of that standing.
fn after(commands: impl IntoIterator<Item = (Standing, Command)>) -> Complaint {
    let mut complaint = None;
    for (standing, command) in commands {
        let steps = decide(&ticket(standing), complaint.as_ref(), &command).unwrap();
        complaint = evolved(complaint, &steps);
    }
    complaint.unwrap()
}

fn evolved(complaint: Option<Complaint>, steps: &[Step]) -> Option<Complaint> {
    steps.iter().fold(complaint, |complaint, step| match step {
        Step::Complaint(event) => evolve(complaint, event),
        Step::Ticket(_) => complaint,
    })
}

fn opened() -> Complaint {
    after([(Standing::New, Command::Open(open()))])
}

fn opened_under(drafts: impl IntoIterator<Item = Draft>) -> Complaint {
    let open = Open { regimes: regimes(drafts), ..open() };
    after([(Standing::New, Command::Open(open))])
}

fn claim(n: u128, outcome: ClaimOutcome, amount: Option<Money>) -> ClaimDecision {
    ClaimDecision { claim_id: ClaimId(id(n)), outcome, amount }
}

fn remedy(n: u128, kind: RemedyKind, amount: Option<Money>) -> Remedy {
    Remedy { remedy_id: RemedyId(id(n)), kind, amount, execute_by: date(2026, 5, 21) }
}

/// The replacement is granted, the compensation is not.
fn partly() -> Decide {
    Decide {
        decision_id: DecisionId(id(20)),
        instance: Instance::First,
        per_claim: vec![
            claim(1, ClaimOutcome::Accepted, None),
            claim(2, ClaimOutcome::Rejected, None),
        ],
        justification: Personal("The seam was broken.".to_owned()),
        legal_basis: vec!["art. 43d".to_owned()],
        remedies: vec![remedy(30, RemedyKind::Replacement, None)],
        appeal_info: "Write to us within 14 days.".to_owned(),
        adr_statement: AdrStatement::Refuses,
        adr_body: String::new(),
        signatory: Personal(String::new()),
        root_cause_code: None,
        author: Author { id: agent("celina"), authority: Authority::Specialist },
        approver: None,
        limits: Limits::default(),
        evidence_waiver: Personal(String::new()),
        message_id: MessageId(id(40)),
        regimes: consumer(),
        now: at(NOW),
    }
}

fn fully(amount: i64) -> Decide {
    let amount = Some(Money::zloty(amount));
    Decide {
        per_claim: vec![
            claim(1, ClaimOutcome::Accepted, None),
            claim(2, ClaimOutcome::Accepted, amount),
        ],
        remedies: vec![
            remedy(30, RemedyKind::Replacement, None),
            remedy(31, RemedyKind::Compensation, amount),
        ],
        adr_statement: AdrStatement::NotApplicable,
        ..partly()
    }
}

fn rejected() -> Decide {
    let rejected = ClaimOutcome::Rejected;
    Decide {
        per_claim: vec![claim(1, rejected, None), claim(2, rejected, None)],
        remedies: Vec::new(),
        ..partly()
    }
}

fn deciding(command: Decide) -> Command {
    Command::Decide(Box::new(command))
}

fn delivered(decision: u128, time: &str) -> Command {
    Command::RecordEvidence {
        decision_id: DecisionId(id(decision)),
        evidence: Evidence::Delivered,
        at: at(time),
    }
}

fn executed(remedy: u128) -> Command {
    Command::RecordRemedy {
        remedy_id: RemedyId(id(remedy)),
        executed_on: date(2026, 5, 15),
        amount: None,
        reference: "parcel 7".to_owned(),
    }
}

fn appeal(received: &str) -> FileAppeal {
    FileAppeal {
        appeal_id: AppealId(id(50)),
        message_id: MessageId(id(51)),
        received_at: at(received),
        backdating: Backdating::None,
        admitted_by_lead: false,
        regimes: consumer(),
        appeal_regime: None,
    }
}

fn request() -> RequestInfo {
    RequestInfo {
        request_id: InfoRequestId(id(60)),
        missing: vec!["PHOTO".to_owned()],
        message_id: MessageId(id(61)),
        regimes: consumer(),
        now: at("2026-05-04T07:20:00Z"),
    }
}

/// Silence after the last day.
fn deemed(regime: &Arc<Regime>) -> DeemAccepted {
    DeemAccepted {
        decision_id: DecisionId(id(90)),
        instance: Instance::First,
        regime: Arc::clone(regime),
        cause: BreachCause::Time,
        remedies: vec![remedy(91, RemedyKind::Replacement, None)],
        due_at: at("2026-05-14T21:59:59.999Z"),
        now: at("2026-05-14T22:00:01Z"),
    }
}

#[track_caller]
fn refused(standing: Standing, complaint: &Complaint, command: Command) -> Rejection {
    decide(&ticket(standing), Some(complaint), &command).unwrap_err()
}

#[track_caller]
fn accepted(standing: Standing, complaint: &Complaint, command: Command) -> Vec<Step> {
    decide(&ticket(standing), Some(complaint), &command).unwrap()
}
