//! A wait for the customer ends at the time at which they wrote, however long processing takes.
use eventlog::{HandlerError, Log, Recorded, StreamId, Tenant};
use jiff::Timestamp;
use wire::DecodeError;
use wire::intake::v1::{MessageAdded, MessageDirection, TicketUnheld, UnholdTrigger};
use wire::scalar::instant_opt;

use super::decode;

/// When the customer wrote the message that ended the wait, which intake records just before;
/// `None` if something else ended it.
pub(super) async fn answered_at(
    log: &Log,
    tenant: &Tenant,
    unheld: &Recorded,
) -> Result<Option<Timestamp>, HandlerError> {
    let trigger = decode::<TicketUnheld>(unheld)?.trigger();
    let Some(version) = unheld.version.checked_sub(1) else { return Ok(None) };
    if trigger != UnholdTrigger::CustomerReply || version == 0 {
        return Ok(None);
    }
    let stream = StreamId::new("ticket", unheld.stream.id);
    let told = log.read_stream(tenant, &stream, version - 1).await?;
    let Some(answer) = told.first().filter(|told| told.event_type == wire::event::MESSAGE_ADDED)
    else {
        return Ok(None);
    };
    let answer: MessageAdded = decode(answer)?;
    Ok(written_at(&answer, unheld.occurred_at)?
        .filter(|_| answer.direction() == MessageDirection::Inbound))
}

/// When a message was written according to its source, but not later than now.
pub(super) fn written_at(
    message: &MessageAdded,
    occurred_at: Timestamp,
) -> Result<Option<Timestamp>, DecodeError> {
    let written_at = instant_opt(message.written_at.as_ref(), "written_at")?;
    Ok(written_at.map(|written_at| written_at.min(occurred_at)))
}
