//! Converts events of a complaint to what its clocks observe.
use domain::clock::{ComplaintFact, RegimeVersion, ReplyWay};
use domain::ids::{AppealId, ComplaintId, DecisionId, InfoRequestId, MessageId, RemedyId};
use domain::regime::{Counting, ReplyForm};
use eventlog::Recorded;
use wire::DecodeError;
use wire::common::v1 as common;
use wire::intake::v1;
use wire::scalar::{date, instant, instant_opt, uuid};
use wire::sla::v1::{TimerFired, TimerKind};
use wire::words::{known, known_opt};

use super::decode;

/// What the event tells the clocks of a complaint; nothing for events that do not concern it.
pub(super) fn read(event: &Recorded) -> Result<Option<ComplaintFact>, DecodeError> {
    Ok(Some(match event.event_type.as_str() {
        wire::event::COMPLAINT_OPENED => opened(decode(event)?)?,
        wire::event::COMPLAINT_RECLASSIFIED => {
            let change: v1::ComplaintReclassified = decode(event)?;
            let form = known_opt::<v1::ReplyForm, _>(change.reply_form, "reply_form")?;
            // What is no complaint is under no law.
            ComplaintFact::Reclassified { regimes: versions(change.regimes), form }
        }
        wire::event::COMPLAINT_ITEM_DELIVERED => {
            let item: v1::ComplaintItemDelivered = decode(event)?;
            let at = instant(item.item_delivered_at.as_ref(), "item_delivered_at")?;
            ComplaintFact::ItemDelivered { at }
        }
        wire::event::COMPLAINT_INFO_REQUESTED => {
            let request: v1::ComplaintInfoRequested = decode(event)?;
            ComplaintFact::InfoRequested {
                request_id: InfoRequestId(uuid(&request.request_id, "request_id")?),
                supplement_by: date(&request.supplement_by, "supplement_by")?,
            }
        }
        wire::event::COMPLAINT_INFO_RECEIVED => {
            let received: v1::ComplaintInfoReceived = decode(event)?;
            ComplaintFact::InfoReceived {
                request_id: InfoRequestId(uuid(&received.request_id, "request_id")?),
                complete: received.complete,
            }
        }
        wire::event::COMPLAINT_EXTENDED => {
            let extended: v1::ComplaintExtended = decode(event)?;
            let notice = uuid(&extended.notice_message_id, "notice_message_id")?;
            ComplaintFact::Extended {
                new_last_day: date(&extended.new_last_day, "new_last_day")?,
                notice_message_id: MessageId(notice),
            }
        }
        wire::event::COMPLAINT_DECIDED => decided(&decode(event)?)?,
        wire::event::DECISION_EVIDENCED => {
            let proof: v1::DecisionEvidenced = decode(event)?;
            ComplaintFact::Evidenced {
                decision_id: DecisionId(uuid(&proof.decision_id, "decision_id")?),
                delivered: proof.evidence() == v1::DecisionEvidence::Delivered,
                at: instant(proof.at.as_ref(), "at")?,
            }
        }
        wire::event::DEEMED_ACCEPTANCE_WITHDRAWN => withdrawn(&decode(event)?)?,
        wire::event::REMEDY_EXECUTED => {
            let executed: v1::RemedyExecuted = decode(event)?;
            ComplaintFact::RemedyExecuted {
                remedy_id: RemedyId(uuid(&executed.remedy_id, "remedy_id")?),
                executed_on: date(&executed.executed_on, "executed_on")?,
            }
        }
        wire::event::REMEDY_WAIVED => {
            let waived: v1::RemedyWaived = decode(event)?;
            let remedy_id = RemedyId(uuid(&waived.remedy_id, "remedy_id")?);
            ComplaintFact::RemedyWaived { remedy_id }
        }
        wire::event::APPEAL_FILED => {
            let appeal: v1::AppealFiled = decode(event)?;
            ComplaintFact::AppealFiled {
                appeal_id: AppealId(uuid(&appeal.appeal_id, "appeal_id")?),
                received_at: instant(appeal.received_at.as_ref(), "received_at")?,
            }
        }
        wire::event::TIMER_FIRED => return fired(&decode(event)?),
        _ => return Ok(None),
    }))
}

/// The service's own: what a complaint lacked did not come in time, or it is to be closed.
fn fired(message: &TimerFired) -> Result<Option<ComplaintFact>, DecodeError> {
    Ok(match message.timer() {
        TimerKind::SupplementEnd => {
            let request_id = InfoRequestId(uuid(&message.subject_ref, "subject_ref")?);
            Some(ComplaintFact::SupplementEnded { request_id })
        }
        TimerKind::AutoClose => {
            let fired_at = instant(message.fired_at.as_ref(), "fired_at")?;
            Some(ComplaintFact::CloseTried { step: message.step, fired_at })
        }
        TimerKind::CustomerReminder
        | TimerKind::NoReplyResolve
        | TimerKind::AppealWindowEnd
        | TimerKind::NoNewsUpdate
        | TimerKind::NoteMissing
        | TimerKind::Unspecified => None,
    })
}

fn opened(message: v1::ComplaintOpened) -> Result<ComplaintFact, DecodeError> {
    Ok(ComplaintFact::Opened {
        complaint_id: ComplaintId(uuid(&message.complaint_id, "complaint_id")?),
        counting: Counting {
            received_at: instant(message.received_at.as_ref(), "received_at")?,
            filed_at: instant_opt(message.filed_at.as_ref(), "filed_at")?,
            item_delivered_at: instant_opt(
                message.item_delivered_at.as_ref(),
                "item_delivered_at",
            )?,
        },
        customer: known::<common::ConsumerStatus, _>(message.consumer_status, "consumer_status")?,
        form: known_opt::<v1::ReplyForm, _>(message.reply_form, "reply_form")?
            .unwrap_or(ReplyForm::Any),
        way: ReplyWay {
            by_letter: message.reply_channel() == common::Channel::Letter,
            filed_on_paper: message.submission_form() == v1::SubmissionForm::Paper,
        },
        regimes: versions(message.regimes),
    })
}

fn decided(message: &v1::ComplaintDecided) -> Result<ComplaintFact, DecodeError> {
    let remedy = |remedy: &v1::Remedy| {
        let id = RemedyId(uuid(&remedy.remedy_id, "remedy_id")?);
        Ok((id, date(&remedy.execute_by, "execute_by")?))
    };
    Ok(ComplaintFact::Decided {
        decision_id: DecisionId(uuid(&message.decision_id, "decision_id")?),
        on_appeal: message.instance() == v1::ComplaintInstance::Appeal,
        remedies: message.remedies.iter().map(remedy).collect::<Result<_, DecodeError>>()?,
    })
}

fn withdrawn(gone: &v1::DeemedAcceptanceWithdrawn) -> Result<ComplaintFact, DecodeError> {
    let remedies = gone.remedy_ids.iter().map(|id| Ok(RemedyId(uuid(id, "remedy_ids")?)));
    Ok(ComplaintFact::AcceptanceWithdrawn {
        decision_id: DecisionId(uuid(&gone.decision_id, "decision_id")?),
        remedies: remedies.collect::<Result<_, DecodeError>>()?,
    })
}

fn versions(regimes: Vec<v1::RegimeRef>) -> Vec<RegimeVersion> {
    let regimes = regimes.into_iter();
    regimes.map(|regime| RegimeVersion { code: regime.code, version: regime.version }).collect()
}
