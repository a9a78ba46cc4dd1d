//! What a notice tells the clocks once it has left: that receipt was confirmed, that the customer
//! was told that the answer to a complaint takes longer, or the solution, which answers a data
//! subject's request.
use domain::clock::{ComplaintFact, Fact};
use domain::ids::{MessageId, TicketId};
use jiff::Timestamp;
use wire::DecodeError;
use wire::notification::v1::{NotificationDelivered, NotificationSent, Purpose};
use wire::scalar::{instant, uuid_opt};

use super::Seen;

/// Type of the event that says that a notice left.
pub(super) const SENT: &str = "odzew.notification.v1.NotificationSent";
/// Type of the event that says that one arrived, perhaps by another way.
pub(super) const DELIVERED: &str = "odzew.notification.v1.NotificationDelivered";

pub(super) fn sent(sent: &NotificationSent) -> Result<Option<Seen>, DecodeError> {
    let at = instant(sent.sent_at.as_ref(), "sent_at")?;
    told((sent.purpose(), false), &sent.ticket_id, &sent.message_id, at)
}

/// What arrived had left: by post, say, where no mail could be sent.
pub(super) fn delivered(delivered: &NotificationDelivered) -> Result<Option<Seen>, DecodeError> {
    let at = instant(delivered.delivered_at.as_ref(), "delivered_at")?;
    told((delivered.purpose(), true), &delivered.ticket_id, &delivered.message_id, at)
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
            Fact::Complaint(ComplaintFact::MessageSent { message_id, at })
        }
        (Purpose::Resolution | Purpose::Reply, _) => {
            return Ok(Some(Seen {
                ticket_id: TicketId(ticket_id),
                at,
                fact: Fact::AnswerTold { delivered },
            }));
        }
        // Other notices concern no clock; decisions are proved by intake.
        _ => return Ok(None),
    };
    Ok(Some(Seen { ticket_id: TicketId(ticket_id), at, fact }))
}
