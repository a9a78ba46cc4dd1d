//! Who is to be told what, before it is a notice.
use domain::ids::{MessageId, NoticeId, TicketId};
use domain::notice::{Audience, Command, Purpose, Scheduled, Suppressed, SuppressionReason};
use domain::priority::Channel;
use eventlog::{HandlerError, Recorded};
use jiff::SignedDuration;
use uuid::Uuid;
use wire::routing::v1::TicketAssigned;

use crate::template;

/// Who is to be told what.
pub(super) struct Wanted {
    pub(super) purpose: Purpose,
    pub(super) audience: Audience,
    pub(super) channel: Channel,
    /// What it is about, for the key.
    pub(super) subject: String,
    /// Opaque id; empty for nobody.
    pub(super) recipient: String,
    pub(super) cycle: String,
    pub(super) ticket_id: Option<TicketId>,
    pub(super) message_id: Option<MessageId>,
    /// Empty for the recipient's own.
    pub(super) locale: String,
    pub(super) wait: SignedDuration,
    pub(super) suppressed: Option<SuppressionReason>,
    /// The event that tells the same in several tickets: a recipient is told it once.
    pub(super) shared: Option<Uuid>,
}

impl Wanted {
    /// What is told in several tickets, as one notice per recipient; none if it is told here
    /// alone, or to nobody.
    pub(super) fn told_once(&self) -> Option<Self> {
        let shared = self.shared?.to_string();
        (!self.recipient.is_empty() && self.suppressed.is_none()).then(|| Self {
            subject: shared.clone(),
            cycle: shared,
            recipient: self.recipient.clone(),
            locale: self.locale.clone(),
            ..*self
        })
    }

    pub(super) fn command(&self, event: &Recorded, notice_id: NoticeId, key: String) -> Command {
        match self.suppressed {
            Some(reason) => Command::Suppress(Suppressed {
                notice_id,
                key,
                purpose: self.purpose,
                audience: self.audience,
                recipient: self.recipient.clone(),
                channel: self.channel,
                reason,
                cause_event_id: event.event_id,
                ticket_id: self.ticket_id,
                message_id: self.message_id,
            }),
            None => Command::Schedule(Scheduled {
                notice_id,
                key,
                purpose: self.purpose,
                audience: self.audience,
                recipient: self.recipient.clone(),
                channel: self.channel,
                template_id: template::id(self.purpose).to_owned(),
                template_version: template::VERSION,
                locale: self.locale.clone(),
                send_at: event.occurred_at.saturating_add(self.wait).unwrap_or(event.occurred_at),
                cause_event_id: event.event_id,
                cause_position: event.position,
                ticket_id: self.ticket_id,
                message_id: self.message_id,
            }),
        }
    }
}

/// A mail to the customer about the ticket of `event`; the recipient is still open.
pub(super) fn customer(event: &Recorded, purpose: Purpose) -> Wanted {
    Wanted {
        purpose,
        audience: Audience::Customer,
        channel: Channel::Email,
        subject: event.stream.id.to_string(),
        recipient: String::new(),
        cycle: event.event_id.to_string(),
        ticket_id: Some(TicketId(event.stream.id)),
        message_id: None,
        locale: String::new(),
        wait: SignedDuration::ZERO,
        suppressed: None,
        shared: None,
    }
}

/// A mail to the agent who got the ticket, unless it was the agent who took it.
pub(super) fn assigned(event: &Recorded, message: TicketAssigned) -> Result<Wanted, HandlerError> {
    let taken = event.metadata()?.actor.is_some_and(|actor| actor.id == message.agent_id);
    Ok(Wanted {
        audience: Audience::Assignee,
        subject: message.assignment_id,
        recipient: message.agent_id,
        suppressed: taken.then_some(SuppressionReason::SelfCaused),
        ..customer(event, Purpose::Assignment)
    })
}

/// A call to a webhook with the event itself.
pub(super) fn to_webhook(event: &Recorded, webhook_id: Uuid) -> Wanted {
    let about_ticket = matches!(event.stream.category.as_ref(), "ticket" | "route" | "clock");
    Wanted {
        purpose: Purpose::Event,
        audience: Audience::System,
        channel: Channel::Webhook,
        subject: event.stream.to_string(),
        recipient: webhook_id.to_string(),
        ticket_id: about_ticket.then_some(TicketId(event.stream.id)),
        ..customer(event, Purpose::Event)
    }
}
