//! A notice that a reaction asks for, before it is scheduled or suppressed.
use domain::ids::{MessageId, NoticeId, TicketId};
use domain::notice::{Audience, Command, Purpose, Scheduled, Suppressed, SuppressionReason};
use domain::priority::Channel;
use eventlog::{HandlerError, Recorded};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wire::routing::v1::TicketAssigned;

use crate::part::Part;
use crate::template;

/// Who is to be told what.
pub(super) struct Wanted {
    pub(super) purpose: Purpose,
    pub(super) audience: Audience,
    pub(super) channel: Channel,
    /// What it is about, for the key.
    pub(super) subject: String,
    /// Opaque id; empty without a recipient.
    pub(super) recipient: String,
    pub(super) cycle: String,
    pub(super) ticket_id: Option<TicketId>,
    pub(super) message_id: Option<MessageId>,
    /// Empty for the recipient's own.
    pub(super) locale: String,
    pub(super) wait: SignedDuration,
    pub(super) suppressed: Option<SuppressionReason>,
    /// What the recipient has to do with the ticket.
    pub(super) part: Part,
    /// It does not wait for the end of quiet hours.
    pub(super) at_once: bool,
    /// The event that is told in several tickets: each recipient is notified of it once.
    pub(super) shared: Option<Uuid>,
}

impl Wanted {
    /// The notice that is shared by several tickets, one per recipient; `None` if it belongs to
    /// this ticket alone, or has no recipient.
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

    /// When it may leave, as far as it knows itself.
    pub(super) fn send_at(&self, event: &Recorded) -> Timestamp {
        event.occurred_at.saturating_add(self.wait).unwrap_or(event.occurred_at)
    }

    /// `quiet_until`: the end of the quiet hours in which it would leave.
    pub(super) fn command(
        &self,
        event: &Recorded,
        notice_id: NoticeId,
        key: String,
        quiet_until: Option<Timestamp>,
    ) -> Command {
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
                send_at: quiet_until.unwrap_or_else(|| self.send_at(event)),
                deferred: quiet_until.is_some(),
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
        part: Part::Asks,
        at_once: false,
        shared: None,
    }
}

/// A mail to a colleague about the ticket of `event`; the recipient is still open.
pub(super) fn colleague(
    event: &Recorded,
    purpose: Purpose,
    audience: Audience,
    subject: String,
) -> Wanted {
    Wanted { audience, subject, part: Part::WorksOnIt, ..customer(event, purpose) }
}

/// A mail to the agent who got the ticket, unless it was the agent who took it.
pub(super) fn assigned(event: &Recorded, message: TicketAssigned) -> Result<Wanted, HandlerError> {
    let taken = event.metadata()?.actor.is_some_and(|actor| actor.id == message.agent_id);
    Ok(Wanted {
        recipient: message.agent_id,
        suppressed: taken.then_some(SuppressionReason::SelfCaused),
        ..colleague(event, Purpose::Assignment, Audience::Assignee, message.assignment_id)
    })
}

/// A call to a webhook with the event itself.
pub(super) fn to_webhook(event: &Recorded, webhook_id: Uuid) -> Wanted {
    let about_ticket = matches!(event.stream.category.as_ref(), "ticket" | "route" | "clock");
    Wanted {
        channel: Channel::Webhook,
        recipient: webhook_id.to_string(),
        ticket_id: about_ticket.then_some(TicketId(event.stream.id)),
        ..colleague(event, Purpose::Event, Audience::System, event.stream.to_string())
    }
}
