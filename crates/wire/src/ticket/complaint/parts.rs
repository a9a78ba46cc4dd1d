//! The parts of complaint events: opening and decision, in both directions.
use bytes::Bytes;
use domain::complaint::{Claim, ClaimDecision, Decided, Decider, Opened, RegimeRef, Remedy};
use domain::ids::{AgentId, ClaimId, ComplaintId, DecisionId, MessageId, RemedyId};
use domain::regime::ReplyForm;
use prost::Message;

use super::agent;
use crate::DecodeError;
use crate::common::v1 as common;
use crate::intake::v1;
use crate::scalar::{date, instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::words::{known, known_opt, money_opt, personal_opt, sealed};

pub(super) fn write_opened(event: &Opened) -> Vec<u8> {
    v1::ComplaintOpened {
        complaint_id: event.complaint_id.0.to_string(),
        regimes: regimes(&event.regimes),
        received_at: Some(timestamp(event.received_at)),
        filed_at: event.filed_at.map(timestamp),
        item_delivered_at: event.item_delivered_at.map(timestamp),
        submission_form: v1::SubmissionForm::from(event.submission_form).into(),
        consumer_status: common::ConsumerStatus::from(event.consumer_status).into(),
        claims: event.claims.iter().map(Into::into).collect(),
        reply_form: v1::ReplyForm::from(event.reply_form).into(),
        reply_channel: common::Channel::from(event.reply_channel).into(),
        requested_reply_form: write_form(event.requested_form),
        message_id: event.message_id.map(|id| id.0.to_string()).unwrap_or_default(),
    }
    .encode_to_vec()
}

pub(super) fn read_opened(bytes: &[u8]) -> Result<Opened, DecodeError> {
    let message = v1::ComplaintOpened::decode(bytes)?;
    let status = message.consumer_status;
    Ok(Opened {
        complaint_id: ComplaintId(uuid(&message.complaint_id, "complaint_id")?),
        message_id: uuid_opt(&message.message_id, "message_id")?.map(MessageId),
        regimes: read_regimes(&message.regimes)?,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
        filed_at: instant_opt(message.filed_at.as_ref(), "filed_at")?,
        item_delivered_at: instant_opt(message.item_delivered_at.as_ref(), "item_delivered_at")?,
        submission_form: known::<v1::SubmissionForm, _>(
            message.submission_form,
            "submission_form",
        )?,
        consumer_status: known::<common::ConsumerStatus, _>(status, "consumer_status")?,
        claims: read_claims(&message.claims)?,
        reply_form: known::<v1::ReplyForm, _>(message.reply_form, "reply_form")?,
        reply_channel: known::<common::Channel, _>(message.reply_channel, "reply_channel")?,
        requested_form: known_opt::<v1::ReplyForm, _>(
            message.requested_reply_form,
            "requested_reply_form",
        )?,
    })
}

pub(super) fn write_form(form: Option<ReplyForm>) -> i32 {
    form.map_or(v1::ReplyForm::Unspecified, v1::ReplyForm::from).into()
}

pub(super) fn write_decided(event: &Decided) -> Vec<u8> {
    v1::ComplaintDecided {
        decision_id: event.decision_id.0.to_string(),
        instance: v1::ComplaintInstance::from(event.instance).into(),
        outcome: v1::ComplaintOutcome::from(event.outcome).into(),
        per_claim: event.per_claim.iter().map(Into::into).collect(),
        justification: event.justification.as_ref().map(sealed),
        evidence_waiver: event.evidence_waiver.as_ref().map(sealed),
        legal_basis: event.legal_basis.clone(),
        remedies: event.remedies.iter().map(Into::into).collect(),
        appeal_info: event.appeal_info.clone(),
        adr_statement: v1::AdrStatement::from(event.adr_statement).into(),
        adr_body: event.adr_body.clone(),
        signatory: event.signatory.as_ref().map(sealed),
        rebuttable: event.rebuttable,
        decided_by: Some((&event.decided_by).into()),
        approved_by: event.approved_by.as_ref().map(|id| id.0.clone()).unwrap_or_default(),
        message_id: event.message_id.map(|id| id.0.to_string()).unwrap_or_default(),
        decided_at: Some(timestamp(event.decided_at)),
        due_at: event.due_at.map(timestamp),
    }
    .encode_to_vec()
}

pub(super) fn read_decided(bytes: &[u8]) -> Result<Decided, DecodeError> {
    let message = v1::ComplaintDecided::decode(bytes)?;
    let decider = message.decided_by.ok_or(DecodeError::field("decided_by"))?;
    Ok(Decided {
        decision_id: DecisionId(uuid(&message.decision_id, "decision_id")?),
        instance: known::<v1::ComplaintInstance, _>(message.instance, "instance")?,
        outcome: known::<v1::ComplaintOutcome, _>(message.outcome, "outcome")?,
        per_claim: message.per_claim.iter().map(read_decision).collect::<Result<_, _>>()?,
        justification: personal_opt(message.justification.as_ref(), "justification")?,
        evidence_waiver: personal_opt(message.evidence_waiver.as_ref(), "evidence_waiver")?,
        legal_basis: message.legal_basis,
        remedies: message.remedies.iter().map(read_remedy).collect::<Result<_, _>>()?,
        appeal_info: message.appeal_info,
        adr_statement: known::<v1::AdrStatement, _>(message.adr_statement, "adr_statement")?,
        adr_body: message.adr_body,
        signatory: personal_opt(message.signatory.as_ref(), "signatory")?,
        rebuttable: message.rebuttable,
        decided_by: read_decider(decider)?,
        approved_by: agent(message.approved_by),
        message_id: uuid_opt(&message.message_id, "message_id")?.map(MessageId),
        decided_at: instant(message.decided_at.as_ref(), "decided_at")?,
        due_at: instant_opt(message.due_at.as_ref(), "due_at")?,
    })
}

pub(super) fn regimes(regimes: &[RegimeRef]) -> Vec<v1::RegimeRef> {
    regimes.iter().map(Into::into).collect()
}

pub(super) fn read_regimes(regimes: &[v1::RegimeRef]) -> Result<Vec<RegimeRef>, DecodeError> {
    regimes.iter().map(TryInto::try_into).collect()
}

impl From<&RegimeRef> for v1::RegimeRef {
    fn from(regime: &RegimeRef) -> Self {
        let sha256 = regime.sha256.map(|hash| Bytes::copy_from_slice(&hash)).unwrap_or_default();
        Self { code: regime.code.clone(), version: regime.version, sha256 }
    }
}

impl TryFrom<&v1::RegimeRef> for RegimeRef {
    type Error = DecodeError;

    fn try_from(regime: &v1::RegimeRef) -> Result<Self, DecodeError> {
        let hash = (!regime.sha256.is_empty()).then(|| regime.sha256.as_ref().try_into());
        Ok(Self {
            code: regime.code.clone(),
            version: regime.version,
            sha256: hash.transpose().map_err(|_| DecodeError::field("sha256"))?,
        })
    }
}

impl From<&Claim> for v1::Claim {
    fn from(claim: &Claim) -> Self {
        Self {
            claim_id: claim.claim_id.0.to_string(),
            demand: v1::Demand::from(claim.demand).into(),
            amount: claim.amount.map(Into::into),
        }
    }
}

pub(super) fn read_claims(claims: &[v1::Claim]) -> Result<Vec<Claim>, DecodeError> {
    claims.iter().map(read_claim).collect()
}

fn read_claim(claim: &v1::Claim) -> Result<Claim, DecodeError> {
    Ok(Claim {
        claim_id: ClaimId(uuid(&claim.claim_id, "claim_id")?),
        demand: known::<v1::Demand, _>(claim.demand, "demand")?,
        amount: money_opt(claim.amount.as_ref(), "amount")?,
    })
}

impl From<&ClaimDecision> for v1::ClaimDecision {
    fn from(decision: &ClaimDecision) -> Self {
        Self {
            claim_id: decision.claim_id.0.to_string(),
            outcome: v1::ClaimOutcome::from(decision.outcome).into(),
            amount: decision.amount.map(Into::into),
        }
    }
}

fn read_decision(decision: &v1::ClaimDecision) -> Result<ClaimDecision, DecodeError> {
    Ok(ClaimDecision {
        claim_id: ClaimId(uuid(&decision.claim_id, "claim_id")?),
        outcome: known::<v1::ClaimOutcome, _>(decision.outcome, "outcome")?,
        amount: money_opt(decision.amount.as_ref(), "amount")?,
    })
}

impl From<&Remedy> for v1::Remedy {
    fn from(remedy: &Remedy) -> Self {
        Self {
            remedy_id: remedy.remedy_id.0.to_string(),
            kind: v1::RemedyKind::from(remedy.kind).into(),
            amount: remedy.amount.map(Into::into),
            execute_by: remedy.execute_by.to_string(),
        }
    }
}

fn read_remedy(remedy: &v1::Remedy) -> Result<Remedy, DecodeError> {
    Ok(Remedy {
        remedy_id: RemedyId(uuid(&remedy.remedy_id, "remedy_id")?),
        kind: known::<v1::RemedyKind, _>(remedy.kind, "kind")?,
        amount: money_opt(remedy.amount.as_ref(), "amount")?,
        execute_by: date(&remedy.execute_by, "execute_by")?,
    })
}

impl From<&Decider> for v1::Decider {
    fn from(decider: &Decider) -> Self {
        let (kind, id) = match decider {
            Decider::Person(id) => (v1::DeciderKind::Person, id.0.clone()),
            Decider::Bot(id) => (v1::DeciderKind::Bot, id.0.clone()),
            Decider::System => (v1::DeciderKind::System, String::new()),
        };
        Self { kind: kind.into(), id }
    }
}

fn read_decider(decider: v1::Decider) -> Result<Decider, DecodeError> {
    Ok(match decider.kind() {
        v1::DeciderKind::Person => Decider::Person(AgentId(decider.id)),
        v1::DeciderKind::Bot => Decider::Bot(AgentId(decider.id)),
        v1::DeciderKind::System => Decider::System,
        v1::DeciderKind::Unspecified => return Err(DecodeError::field("decided_by")),
    })
}
