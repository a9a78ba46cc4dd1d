//! The complaint events of a ticket, in both directions.
mod parts;

use domain::complaint::{AppealFiled, Event, Extended, InfoRequested, Reclassified};
use domain::ids::{AgentId, AppealId, DecisionId, InfoRequestId, MessageId, RemedyId};
use prost::Message;

use self::parts::{
    read_claims, read_decided, read_opened, read_regimes, regimes, write_decided, write_form,
    write_opened,
};
use crate::DecodeError;
use crate::common::v1 as common;
use crate::event;
use crate::intake::v1;
use crate::scalar::{date, instant, timestamp, uuid};
use crate::words::{known, known_opt, money_opt};

pub(super) fn event_type(event: &Event) -> &'static str {
    match event {
        Event::Opened(_) => event::COMPLAINT_OPENED,
        Event::Reclassified(_) => event::COMPLAINT_RECLASSIFIED,
        Event::ClaimsStated { .. } => event::COMPLAINT_CLAIMS_STATED,
        Event::ItemDelivered { .. } => event::COMPLAINT_ITEM_DELIVERED,
        Event::InfoRequested(_) => event::COMPLAINT_INFO_REQUESTED,
        Event::InfoReceived { .. } => event::COMPLAINT_INFO_RECEIVED,
        Event::Extended(_) => event::COMPLAINT_EXTENDED,
        Event::Decided(_) => event::COMPLAINT_DECIDED,
        Event::DecisionEvidenced { .. } => event::DECISION_EVIDENCED,
        Event::AcceptanceWithdrawn { .. } => event::DEEMED_ACCEPTANCE_WITHDRAWN,
        Event::RemedyExecuted { .. } => event::REMEDY_EXECUTED,
        Event::RemedyWaived { .. } => event::REMEDY_WAIVED,
        Event::AppealFiled(_) => event::APPEAL_FILED,
    }
}

pub(super) fn write(event: &Event) -> Vec<u8> {
    match event {
        Event::Opened(opened) => write_opened(opened),
        Event::Reclassified(change) => write_reclassified(change),
        Event::ClaimsStated { claims } => {
            v1::ComplaintClaimsStated { claims: claims.iter().map(Into::into).collect() }
                .encode_to_vec()
        }
        Event::ItemDelivered { at } => {
            v1::ComplaintItemDelivered { item_delivered_at: Some(timestamp(*at)) }.encode_to_vec()
        }
        Event::InfoRequested(request) => v1::ComplaintInfoRequested::from(request).encode_to_vec(),
        Event::InfoReceived { request_id, complete } => {
            v1::ComplaintInfoReceived { request_id: request_id.0.to_string(), complete: *complete }
                .encode_to_vec()
        }
        Event::Extended(extended) => v1::ComplaintExtended::from(extended).encode_to_vec(),
        Event::Decided(decided) => write_decided(decided),
        Event::DecisionEvidenced { decision_id, evidence, at } => v1::DecisionEvidenced {
            decision_id: decision_id.0.to_string(),
            evidence: v1::DecisionEvidence::from(*evidence).into(),
            at: Some(timestamp(*at)),
        }
        .encode_to_vec(),
        Event::AcceptanceWithdrawn { decision_id, remedies } => v1::DeemedAcceptanceWithdrawn {
            decision_id: decision_id.0.to_string(),
            remedy_ids: remedies.iter().map(|id| id.0.to_string()).collect(),
        }
        .encode_to_vec(),
        Event::RemedyExecuted { remedy_id, executed_on, amount, reference } => v1::RemedyExecuted {
            remedy_id: remedy_id.0.to_string(),
            executed_on: executed_on.to_string(),
            amount: amount.map(common::Money::from),
            reference: reference.clone(),
        }
        .encode_to_vec(),
        Event::RemedyWaived { remedy_id, message_id } => v1::RemedyWaived {
            remedy_id: remedy_id.0.to_string(),
            message_id: message_id.0.to_string(),
        }
        .encode_to_vec(),
        Event::AppealFiled(appeal) => v1::AppealFiled::from(appeal).encode_to_vec(),
    }
}

/// The event of that type; `None` if it is not a complaint event.
pub(super) fn read(event_type: &str, bytes: &[u8]) -> Result<Option<Event>, DecodeError> {
    Ok(Some(match event_type {
        event::COMPLAINT_OPENED => Event::Opened(read_opened(bytes)?),
        event::COMPLAINT_RECLASSIFIED => Event::Reclassified(read_reclassified(bytes)?),
        event::COMPLAINT_CLAIMS_STATED => {
            let message = v1::ComplaintClaimsStated::decode(bytes)?;
            Event::ClaimsStated { claims: read_claims(&message.claims)? }
        }
        event::COMPLAINT_ITEM_DELIVERED => {
            let message = v1::ComplaintItemDelivered::decode(bytes)?;
            let at = instant(message.item_delivered_at.as_ref(), "item_delivered_at")?;
            Event::ItemDelivered { at }
        }
        event::COMPLAINT_INFO_REQUESTED => Event::InfoRequested(read_info_requested(bytes)?),
        event::COMPLAINT_INFO_RECEIVED => {
            let message = v1::ComplaintInfoReceived::decode(bytes)?;
            let request_id = InfoRequestId(uuid(&message.request_id, "request_id")?);
            Event::InfoReceived { request_id, complete: message.complete }
        }
        event::COMPLAINT_EXTENDED => Event::Extended(read_extended(bytes)?),
        event::COMPLAINT_DECIDED => Event::Decided(Box::new(read_decided(bytes)?)),
        event::DECISION_EVIDENCED => read_evidenced(bytes)?,
        event::DEEMED_ACCEPTANCE_WITHDRAWN => read_withdrawn(bytes)?,
        event::REMEDY_EXECUTED => read_executed(bytes)?,
        event::REMEDY_WAIVED => {
            let message = v1::RemedyWaived::decode(bytes)?;
            Event::RemedyWaived {
                remedy_id: RemedyId(uuid(&message.remedy_id, "remedy_id")?),
                message_id: MessageId(uuid(&message.message_id, "message_id")?),
            }
        }
        event::APPEAL_FILED => Event::AppealFiled(read_appeal_filed(bytes)?),
        _ => return Ok(None),
    }))
}

fn write_reclassified(event: &Reclassified) -> Vec<u8> {
    v1::ComplaintReclassified {
        regimes: regimes(&event.regimes),
        not_a_complaint: event.not_a_complaint,
        reason: event.reason.clone(),
        approved_by: event.approved_by.as_ref().map(|id| id.0.clone()).unwrap_or_default(),
        reply_form: write_form(event.reply_form),
    }
    .encode_to_vec()
}

fn read_reclassified(bytes: &[u8]) -> Result<Reclassified, DecodeError> {
    let message = v1::ComplaintReclassified::decode(bytes)?;
    Ok(Reclassified {
        regimes: read_regimes(&message.regimes)?,
        not_a_complaint: message.not_a_complaint,
        reason: message.reason,
        approved_by: agent(message.approved_by),
        reply_form: known_opt::<v1::ReplyForm, _>(message.reply_form, "reply_form")?,
    })
}

impl From<&InfoRequested> for v1::ComplaintInfoRequested {
    fn from(event: &InfoRequested) -> Self {
        Self {
            request_id: event.request_id.0.to_string(),
            missing: event.missing.clone(),
            supplement_by: event.supplement_by.to_string(),
            message_id: event.message_id.0.to_string(),
        }
    }
}

fn read_info_requested(bytes: &[u8]) -> Result<InfoRequested, DecodeError> {
    let message = v1::ComplaintInfoRequested::decode(bytes)?;
    Ok(InfoRequested {
        request_id: InfoRequestId(uuid(&message.request_id, "request_id")?),
        missing: message.missing,
        supplement_by: date(&message.supplement_by, "supplement_by")?,
        message_id: MessageId(uuid(&message.message_id, "message_id")?),
    })
}

impl From<&Extended> for v1::ComplaintExtended {
    fn from(event: &Extended) -> Self {
        Self {
            new_last_day: event.new_last_day.to_string(),
            reason: event.reason.clone(),
            circumstances: event.circumstances.clone(),
            notice_message_id: event.notice_message_id.0.to_string(),
        }
    }
}

fn read_extended(bytes: &[u8]) -> Result<Extended, DecodeError> {
    let message = v1::ComplaintExtended::decode(bytes)?;
    Ok(Extended {
        new_last_day: date(&message.new_last_day, "new_last_day")?,
        reason: message.reason,
        circumstances: message.circumstances,
        notice_message_id: MessageId(uuid(&message.notice_message_id, "notice_message_id")?),
    })
}

fn read_evidenced(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::DecisionEvidenced::decode(bytes)?;
    Ok(Event::DecisionEvidenced {
        decision_id: DecisionId(uuid(&message.decision_id, "decision_id")?),
        evidence: known::<v1::DecisionEvidence, _>(message.evidence, "evidence")?,
        at: instant(message.at.as_ref(), "at")?,
    })
}

fn read_withdrawn(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::DeemedAcceptanceWithdrawn::decode(bytes)?;
    let remedies = message.remedy_ids.iter().map(|id| Ok(RemedyId(uuid(id, "remedy_ids")?)));
    Ok(Event::AcceptanceWithdrawn {
        decision_id: DecisionId(uuid(&message.decision_id, "decision_id")?),
        remedies: remedies.collect::<Result<_, DecodeError>>()?,
    })
}

fn read_executed(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::RemedyExecuted::decode(bytes)?;
    Ok(Event::RemedyExecuted {
        remedy_id: RemedyId(uuid(&message.remedy_id, "remedy_id")?),
        executed_on: date(&message.executed_on, "executed_on")?,
        amount: money_opt(message.amount.as_ref(), "amount")?,
        reference: message.reference,
    })
}

impl From<&AppealFiled> for v1::AppealFiled {
    fn from(event: &AppealFiled) -> Self {
        Self {
            appeal_id: event.appeal_id.0.to_string(),
            decision_id: event.decision_id.0.to_string(),
            received_at: Some(timestamp(event.received_at)),
            in_time: event.in_time,
            backdate_reason: event.backdate_reason.clone().unwrap_or_default(),
        }
    }
}

fn read_appeal_filed(bytes: &[u8]) -> Result<AppealFiled, DecodeError> {
    let message = v1::AppealFiled::decode(bytes)?;
    Ok(AppealFiled {
        appeal_id: AppealId(uuid(&message.appeal_id, "appeal_id")?),
        decision_id: DecisionId(uuid(&message.decision_id, "decision_id")?),
        received_at: instant(message.received_at.as_ref(), "received_at")?,
        in_time: message.in_time,
        backdate_reason: (!message.backdate_reason.is_empty()).then_some(message.backdate_reason),
    })
}

/// The id of a person; `None` if empty.
fn agent(id: String) -> Option<AgentId> {
    (!id.is_empty()).then_some(AgentId(id))
}
