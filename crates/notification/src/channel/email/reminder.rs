//! What a reminder of a question says about the time to answer.
use eventlog::Recorded;
use wire::DecodeError;
use wire::intake::v1::{
    ComplaintReclassified, MessageAdded, TicketClassified, TicketRegistered, TicketType,
};

use crate::read_model::ticket_facts::decode;
use crate::template::{Slots, in_both};

/// Takes the time out of the reminder where nothing follows from silence: no complaint, no request
/// of a data subject, no matter of an authority and no escalated ticket is closed because the
/// customer does not answer.
pub(super) fn without_threat(ticket: &[Recorded]) -> Result<Slots, DecodeError> {
    Ok(match never_ends_by_silence(ticket)? {
        true => in_both([(["termin", "due"], String::new())]),
        false => Slots::new(),
    })
}

fn never_ends_by_silence(ticket: &[Recorded]) -> Result<bool, DecodeError> {
    let mut kind = TicketType::Unspecified;
    let (mut complaint, mut escalated) = (false, false);
    for event in ticket {
        match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => kind = decode::<TicketRegistered>(event)?.r#type(),
            wire::event::TICKET_CLASSIFIED => kind = decode::<TicketClassified>(event)?.r#type(),
            wire::event::MESSAGE_ADDED => escalated |= decode::<MessageAdded>(event)?.escalates,
            wire::event::COMPLAINT_OPENED => complaint = true,
            wire::event::COMPLAINT_RECLASSIFIED => {
                complaint &= !decode::<ComplaintReclassified>(event)?.not_a_complaint;
            }
            _ => {}
        }
    }
    let by_law = [TicketType::Complaint, TicketType::DataSubjectRequest, TicketType::Regulatory];
    Ok(complaint || escalated || by_law.contains(&kind))
}
