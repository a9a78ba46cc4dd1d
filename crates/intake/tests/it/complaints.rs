//! Complaints from outside: what is asked of them, in the order of their life.
mod appeal;
mod law;
mod life;
mod merging;
mod opening;
mod refusals;
mod request;
mod silence;

use chassis::rpc::Role;
use domain::calendar::{HolidaySet, Period};
use domain::identity::ConsumerStatus;
use domain::regime::{
    Appeal, Basis, Confidence, CountsFrom, DecisionContent, Draft, Incomplete, IncompleteEffect,
    MetBy, Occasion, Rank, ReplyForm, Scope, SilenceEffect, SupplementFailure, Term,
};
use jiff::civil::{date, time};
use prost::Message as _;
use tonic::{Response, Status};
use wire::common::v1::{self as common, Money};
use wire::intake::v1::{self, Complaint, TicketState};
use wire::sla::v1::RegimePublished;

use crate::world::{World, agent, new_id, of, register};

/// The stream of a tenant's published law.
const LAW: (&str, &str) = ("slaconfig", "018f0000-0000-7000-8000-000000000001");

/// Consumer law with a supplement and an appeal; answers count once they are delivered.
fn consumer_law() -> Draft {
    Draft {
        code: "PL_CONSUMER_GENERAL".into(),
        version: 1,
        title: "Consumer complaint".into(),
        valid_from: date(2023, 1, 1),
        valid_to: None,
        zone: "Europe/Warsaw".into(),
        holidays: Some(HolidaySet::polish()),
        basis: Basis::Law,
        disabled: false,
        scope: Scope {
            occasion: Occasion::Complaint,
            rank: Rank::General,
            sectors: Vec::new(),
            subjects: Vec::new(),
            consumers: vec![ConsumerStatus::Consumer, ConsumerStatus::SoleTraderProtected],
            countries: vec!["PL".into()],
        },
        base: Term { period: Period::CalendarDays(14), from: CountsFrom::Received },
        extension: None,
        roll_forward: true,
        silence: SilenceEffect::DeemedAccepted,
        business_silence: None,
        rebuttable: false,
        met_by: MetBy::Delivered,
        ack: None,
        incomplete: Some(Incomplete {
            supplement: Period::CalendarDays(7),
            effect: IncompleteEffect::KeepOriginalDate,
            failure: SupplementFailure::LeftUnexamined,
        }),
        reply_form: ReplyForm::PaperOrDurable,
        must_contain: vec![DecisionContent::Decision],
        appeal: Appeal {
            allowed: true,
            window: Some(Period::CalendarDays(14)),
            base: Some(Period::CalendarDays(14)),
            silence: Some(SilenceEffect::DeemedAccepted),
        },
        may_decide_automatically: false,
        may_reject_automatically: false,
        resend_on_request: None,
        filing_window: None,
        duties: Vec::new(),
        closing: time(17, 0, 0, 0),
        paper_lead_days: 3,
        sources: vec!["art. 7a".into()],
        verified_on: date(2026, 11, 21),
        confidence: Confidence::Text,
        note: String::new(),
    }
}

/// What sla appends when a regime is published; its hash is full of its version.
async fn publish(world: &World, draft: &Draft) {
    let hash = [u8::try_from(draft.version).unwrap(); 32];
    let published = RegimePublished {
        regime: Some(draft.into()),
        effective_from: None,
        sha256: hash.to_vec().into(),
    };
    world.foreign(LAW, wire::event::REGIME_PUBLISHED, &published, "2026-01-01T00:00:00Z").await;
}

async fn with_law() -> World {
    let world = World::new().await;
    publish(&world, &consumer_law()).await;
    world
}

fn opening(ticket_id: &str) -> v1::OpenComplaintRequest {
    v1::OpenComplaintRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        consumer_status: common::ConsumerStatus::Consumer.into(),
        claims: vec![v1::NewClaim { demand: v1::Demand::Refund.into(), amount: zloty(49) }],
        ..Default::default()
    }
}

fn zloty(amount: i64) -> Option<Money> {
    Some(Money { minor: amount * 100, currency: "PLN".to_owned() })
}

/// The answer's complaint, of any call.
trait Told {
    fn told(self) -> Complaint;
}

impl<R: prost::Message> Told for Result<Response<R>, Status> {
    fn told(self) -> Complaint {
        // Every answer has its complaint in the same place.
        let bytes = self.unwrap().into_inner().encode_to_vec();
        v1::GetComplaintResponse::decode(&*bytes).unwrap().complaint.unwrap()
    }
}

/// A complaint that somebody works on.
async fn opened(world: &World) -> Complaint {
    let ticket = world.open().await;
    world.complaints.clone().open_complaint(agent(opening(&ticket.ticket_id))).await.told()
}

async fn get(world: &World, ticket_id: &str) -> Complaint {
    let request = v1::GetComplaintRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    world.complaints.clone().get_complaint(agent(request)).await.told()
}

/// The refund is granted.
fn granting(complaint: &Complaint, amount: i64) -> v1::DecideComplaintRequest {
    let claims = complaint.claims.iter();
    v1::DecideComplaintRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        per_claim: claims
            .map(|claim| v1::ClaimDecision {
                claim_id: claim.claim_id.clone(),
                outcome: v1::ClaimOutcome::Accepted.into(),
                amount: zloty(amount),
            })
            .collect(),
        justification: "The invoice was wrong.".to_owned(),
        remedies: vec![v1::NewRemedy {
            kind: v1::RemedyKind::Refund.into(),
            amount: zloty(amount),
            execute_by: "2026-06-30".to_owned(),
        }],
        evidence_waiver: "the invoice speaks for itself".to_owned(),
        letter: "We pay the money back.".to_owned(),
        ..Default::default()
    }
}

/// Nothing is granted, and the consumer hears what else can be done.
fn rejecting(complaint: &Complaint) -> v1::DecideComplaintRequest {
    let mut request = granting(complaint, 0);
    request.remedies.clear();
    request.adr_statement = v1::AdrStatement::Refuses.into();
    for claim in &mut request.per_claim {
        claim.outcome = v1::ClaimOutcome::Rejected.into();
        claim.amount = None;
    }
    request
}

async fn decided(world: &World) -> Complaint {
    let complaint = opened(world).await;
    world.complaints.clone().decide_complaint(agent(granting(&complaint, 49))).await.told()
}

fn delivered(complaint: &Complaint, at: &str) -> v1::RecordDecisionEvidenceRequest {
    v1::RecordDecisionEvidenceRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        decision_id: complaint.decisions.last().unwrap().decision_id.clone(),
        evidence: v1::DecisionEvidence::Delivered.into(),
        at: crate::world::stamp(at),
        ..Default::default()
    }
}

fn paid(complaint: &Complaint) -> v1::RecordRemedyRequest {
    let remedy = &complaint.decisions[0].remedies[0];
    v1::RecordRemedyRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        remedy_id: remedy.remedy_id.clone(),
        executed_on: "2026-06-09".to_owned(),
        amount: remedy.amount.clone(),
        reference: "transfer 7781".to_owned(),
        ..Default::default()
    }
}

fn appealing(complaint: &Complaint) -> v1::FileAppealRequest {
    v1::FileAppealRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        statement: "I want the shipping, too.".to_owned(),
        ..Default::default()
    }
}
