//! The complaint events of a ticket, decoded.
use bytes::Bytes;
use wire::DecodeError;
use wire::intake::v1;

use super::decode;

/// Something that happened to a complaint.
pub(crate) enum ComplaintFact {
    Opened(v1::ComplaintOpened),
    Reclassified(v1::ComplaintReclassified),
    ClaimsStated(v1::ComplaintClaimsStated),
    ItemDelivered,
    InfoRequested(v1::ComplaintInfoRequested),
    InfoReceived(v1::ComplaintInfoReceived),
    Extended(v1::ComplaintExtended),
    Decided(Box<v1::ComplaintDecided>),
    Evidenced(v1::DecisionEvidenced),
    Withdrawn(v1::DeemedAcceptanceWithdrawn),
    RemedyExecuted(v1::RemedyExecuted),
    RemedyWaived(v1::RemedyWaived),
    AppealFiled(v1::AppealFiled),
}

/// The event of that type; `None` if it is not a complaint event.
pub(super) fn read(event_type: &str, payload: Bytes) -> Result<Option<ComplaintFact>, DecodeError> {
    use ComplaintFact as F;
    Ok(Some(match event_type {
        wire::event::COMPLAINT_OPENED => F::Opened(decode(payload)?),
        wire::event::COMPLAINT_RECLASSIFIED => F::Reclassified(decode(payload)?),
        wire::event::COMPLAINT_CLAIMS_STATED => F::ClaimsStated(decode(payload)?),
        wire::event::COMPLAINT_ITEM_DELIVERED => F::ItemDelivered,
        wire::event::COMPLAINT_INFO_REQUESTED => F::InfoRequested(decode(payload)?),
        wire::event::COMPLAINT_INFO_RECEIVED => F::InfoReceived(decode(payload)?),
        wire::event::COMPLAINT_EXTENDED => F::Extended(decode(payload)?),
        wire::event::COMPLAINT_DECIDED => F::Decided(Box::new(decode(payload)?)),
        wire::event::DECISION_EVIDENCED => F::Evidenced(decode(payload)?),
        wire::event::DEEMED_ACCEPTANCE_WITHDRAWN => F::Withdrawn(decode(payload)?),
        wire::event::REMEDY_EXECUTED => F::RemedyExecuted(decode(payload)?),
        wire::event::REMEDY_WAIVED => F::RemedyWaived(decode(payload)?),
        wire::event::APPEAL_FILED => F::AppealFiled(decode(payload)?),
        _ => return Ok(None),
    }))
}
