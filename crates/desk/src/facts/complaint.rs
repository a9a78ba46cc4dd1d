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
        "odzew.intake.v1.ComplaintOpened" => F::Opened(decode(payload)?),
        "odzew.intake.v1.ComplaintReclassified" => F::Reclassified(decode(payload)?),
        "odzew.intake.v1.ComplaintClaimsStated" => F::ClaimsStated(decode(payload)?),
        "odzew.intake.v1.ComplaintItemDelivered" => F::ItemDelivered,
        "odzew.intake.v1.ComplaintInfoRequested" => F::InfoRequested(decode(payload)?),
        "odzew.intake.v1.ComplaintInfoReceived" => F::InfoReceived(decode(payload)?),
        "odzew.intake.v1.ComplaintExtended" => F::Extended(decode(payload)?),
        "odzew.intake.v1.ComplaintDecided" => F::Decided(Box::new(decode(payload)?)),
        "odzew.intake.v1.DecisionEvidenced" => F::Evidenced(decode(payload)?),
        "odzew.intake.v1.DeemedAcceptanceWithdrawn" => F::Withdrawn(decode(payload)?),
        "odzew.intake.v1.RemedyExecuted" => F::RemedyExecuted(decode(payload)?),
        "odzew.intake.v1.RemedyWaived" => F::RemedyWaived(decode(payload)?),
        "odzew.intake.v1.AppealFiled" => F::AppealFiled(decode(payload)?),
        _ => return Ok(None),
    }))
}
