//! A conversation between a person and the customer needs a note: with the contact, or on its
//! ticket.
use domain::clock::Fact;
use domain::ids::{ContactId, TicketId};
use eventlog::{HandlerError, Log, Recorded, StreamId, Tenant};
use wire::DecodeError;
use wire::intake::v1::{ContactEnded, ContactOutcome, MessageAdded, MessageDirection};
use wire::scalar::{instant, uuid_opt};
use wire::sealed::is_given;

use super::{Seen, decode};

/// The end of a conversation; nothing if no person spoke to its end, or it was about no ticket.
pub(super) fn ended(event: &Recorded) -> Result<Option<Seen>, DecodeError> {
    let ended: ContactEnded = decode(event)?;
    let by_person = ended.outcome() == ContactOutcome::Handled;
    let ticket_id = uuid_opt(&ended.ticket_id, "ticket_id")?.map(TicketId);
    let Some(ticket_id) = ticket_id.filter(|_| by_person) else { return Ok(None) };
    let contact_id = ContactId(event.stream.id);
    let fact = Fact::ContactEnded { contact_id, noted: is_given(ended.note.as_ref()) };
    Ok(Some(Seen { ticket_id, at: instant(ended.ended_at.as_ref(), "ended_at")?, fact }))
}

/// The conversation that a message is a note of.
pub(super) fn noted(message: &MessageAdded) -> Result<Option<ContactId>, DecodeError> {
    match message.direction() {
        MessageDirection::Internal => {
            Ok(uuid_opt(&message.contact_id, "contact_id")?.map(ContactId))
        }
        MessageDirection::Inbound | MessageDirection::Outbound | MessageDirection::Unspecified => {
            Ok(None)
        }
    }
}

/// Whether there was a note of the conversation on its ticket before a position: what is noted
/// while people still talk comes before the end.
pub(super) async fn is_noted(
    log: &Log,
    tenant: &Tenant,
    ticket_id: TicketId,
    contact_id: ContactId,
    before: u64,
) -> Result<bool, HandlerError> {
    let stream = StreamId::new("ticket", ticket_id.0);
    let events = log.read_stream(tenant, &stream, 0).await?;
    let earlier = events.iter().filter(|event| event.position < before);
    for event in earlier.filter(|event| event.event_type == wire::event::MESSAGE_ADDED) {
        if noted(&decode(event)?)? == Some(contact_id) {
            return Ok(true);
        }
    }
    Ok(false)
}
