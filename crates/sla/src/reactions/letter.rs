//! What a notice means for the clocks: receipt was confirmed, or will not be confirmed in time and
//! need not be; the customer was told that the answer takes longer, or was told the solution, which
//! answers a data subject's request.
use domain::clock::{ComplaintFact, Fact};
use domain::ids::{MessageId, TicketId};
use eventlog::Recorded;
use jiff::Timestamp;
use wire::DecodeError;
use wire::notification::v1::{
    NotificationDelivered, NotificationScheduled, NotificationSent, NotificationSuppressed,
    Purpose, SuppressionReason,
};
use wire::scalar::{instant, uuid_opt};

use super::{Seen, decode};

/// What the event tells clocks; nothing for other events than those of notices.
pub(super) fn read(event: &Recorded) -> Result<Option<Seen>, DecodeError> {
    match event.event_type.as_str() {
        wire::event::NOTIFICATION_SCHEDULED => scheduled(&decode(event)?, event.occurred_at),
        wire::event::NOTIFICATION_SUPPRESSED => suppressed(&decode(event)?, event.occurred_at),
        wire::event::NOTIFICATION_SENT => sent(&decode(event)?),
        wire::event::NOTIFICATION_DELIVERED => delivered(&decode(event)?),
        _ => Ok(None),
    }
}

fn sent(sent: &NotificationSent) -> Result<Option<Seen>, DecodeError> {
    let at = instant(sent.sent_at.as_ref(), "sent_at")?;
    told((sent.purpose(), false), &sent.ticket_id, &sent.message_id, at)
}

/// What arrived had left: by post, say, where no mail could be sent.
fn delivered(delivered: &NotificationDelivered) -> Result<Option<Seen>, DecodeError> {
    let at = instant(delivered.delivered_at.as_ref(), "delivered_at")?;
    told((delivered.purpose(), true), &delivered.ticket_id, &delivered.message_id, at)
}

/// A confirmation of receipt that waits for the end of the customer's quiet hours is not late.
fn scheduled(
    scheduled: &NotificationScheduled,
    at: Timestamp,
) -> Result<Option<Seen>, DecodeError> {
    if scheduled.purpose() != Purpose::Ack || !scheduled.deferred {
        return Ok(None);
    }
    spared(&scheduled.ticket_id, at)
}

/// A confirmation of receipt that is not sent, for example because the address recently had one, is
/// not owed. If only the address is missing, a requester who wrote a letter still waits for one.
fn suppressed(
    suppressed: &NotificationSuppressed,
    at: Timestamp,
) -> Result<Option<Seen>, DecodeError> {
    if suppressed.purpose() != Purpose::Ack || suppressed.reason() == SuppressionReason::NoChannel {
        return Ok(None);
    }
    spared(&suppressed.ticket_id, at)
}

fn spared(ticket_id: &str, at: Timestamp) -> Result<Option<Seen>, DecodeError> {
    let ticket_id = uuid_opt(ticket_id, "ticket_id")?.map(TicketId);
    Ok(ticket_id.map(|ticket_id| Seen { ticket_id, at, fact: Fact::AckSpared }))
}

fn told(
    (purpose, delivered): (Purpose, bool),
    ticket_id: &str,
    message_id: &str,
    at: Timestamp,
) -> Result<Option<Seen>, DecodeError> {
    let Some(ticket_id) = uuid_opt(ticket_id, "ticket_id")? else { return Ok(None) };
    let fact = match (purpose, uuid_opt(message_id, "message_id")?) {
        (Purpose::Ack, _) => Fact::AckSent,
        (Purpose::ComplaintAck, _) => Fact::Complaint(ComplaintFact::AckSent),
        (Purpose::ComplaintExtension, Some(id)) => {
            let message_id = MessageId(id);
            Fact::Complaint(ComplaintFact::MessageTold { message_id, delivered, at })
        }
        (Purpose::Resolution | Purpose::Reply, _) => {
            return Ok(Some(Seen {
                ticket_id: TicketId(ticket_id),
                at,
                fact: Fact::AnswerTold { delivered, is_solution: purpose == Purpose::Resolution },
            }));
        }
        // Other notices concern no clock; decisions are proved by intake.
        _ => return Ok(None),
    };
    Ok(Some(Seen { ticket_id: TicketId(ticket_id), at, fact }))
}
