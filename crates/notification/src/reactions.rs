//! Who is told what when something happens: a foreign event becomes at most one notice per
//! recipient.
//!
//! A reaction reads the log, not the read model, which may lag behind the event. What only
//! the read model knows (addresses, an agent's language) is looked up when the notice is
//! sent: a notice comes after its cause in the log, so by then everything before is applied.
use domain::ids::{MessageId, NoticeId, TicketId};
use domain::notice::{
    Audience, Command, Key, Notice, Purpose, Rejection, Scheduled, Suppressed, SuppressionReason,
};
use domain::priority::Channel;
use eventlog::{Cause, ExecuteError, HandlerError, Log, Recorded, StreamId, Tenant};
use jiff::SignedDuration;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1::{MessageAdded, MessageDirection, TicketRegistered};
use wire::routing::v1::TicketAssigned;
use wire::scalar::{uuid, uuid_opt};
use wire::sla::v1::{ClockBreached, ClockKind, ThresholdReached, TimerFired, TimerKind};

use crate::config::Config;
use crate::read_model::ticket_facts::decode;
use crate::registry::Registry;
use crate::template;

/// Percents of a clock at which its owner is reminded.
const REMINDERS: [u32; 2] = [75, 90];

/// Turns foreign events into notices.
pub(crate) struct Reactions {
    log: Log,
    registry: std::sync::Arc<Registry>,
    ack_grace: SignedDuration,
    default_locale: String,
}

/// Who is to be told what.
struct Wanted {
    purpose: Purpose,
    audience: Audience,
    channel: Channel,
    /// What it is about, for the key.
    subject: String,
    /// Opaque id; empty for nobody.
    recipient: String,
    cycle: String,
    ticket_id: Option<TicketId>,
    message_id: Option<MessageId>,
    /// Empty for the recipient's own.
    locale: String,
    wait: SignedDuration,
    suppressed: Option<SuppressionReason>,
}

impl Reactions {
    pub(crate) fn new(log: Log, registry: std::sync::Arc<Registry>, config: &Config) -> Self {
        Self {
            log,
            registry,
            ack_grace: SignedDuration::try_from(config.ack_grace).unwrap_or(SignedDuration::MAX),
            default_locale: config.texts.default_locale.clone(),
        }
    }

    /// Schedules whatever follows from `event`.
    /// Notes what the subscription was given.
    pub(crate) fn arrived(&self, events: &[Recorded]) {
        self.registry.arrived(events);
    }

    pub(crate) async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        // Our own facts are nobody's news: a webhook that got them would never end.
        if matches!(event.stream.category.as_ref(), "notice" | "webhook") {
            return Ok(());
        }
        // Nobody is notified about the past.
        if event.metadata()?.historical {
            return Ok(());
        }
        if let Some(wanted) = self.person(event).await? {
            self.schedule(event, wanted).await?;
        }
        for webhook_id in self.registry.wanting(event).await? {
            self.schedule(event, to_webhook(event, webhook_id.0)).await?;
        }
        Ok(())
    }

    /// The person whom the event concerns. Events not named here concern none; nor does it
    /// concern an owner that there is none yet.
    async fn person(&self, event: &Recorded) -> Result<Option<Wanted>, HandlerError> {
        match event.event_type.as_str() {
            "odzew.intake.v1.TicketRegistered" => self.registered(event, &decode(event)?),
            "odzew.intake.v1.MessageAdded" => {
                let message = decode::<MessageAdded>(event)?;
                if message.direction() != MessageDirection::Outbound {
                    return Ok(None);
                }
                let message_id = uuid(&message.message_id, "message_id")?;
                let reply = Wanted {
                    message_id: Some(MessageId(message_id)),
                    cycle: message_id.to_string(),
                    ..customer(event, Purpose::Reply)
                };
                self.to_requester(event, reply).await
            }
            "odzew.intake.v1.TicketResolved" => {
                self.to_requester(event, customer(event, Purpose::Resolution)).await
            }
            "odzew.routing.v1.TicketAssigned" => assigned(event, decode(event)?).map(Some),
            "odzew.sla.v1.ThresholdReached" => {
                let message = decode::<ThresholdReached>(event)?;
                if !REMINDERS.contains(&message.percent) {
                    return Ok(None);
                }
                if message.kind() == ClockKind::Assign {
                    return Ok(None);
                }
                let ticket_id = uuid(&message.ticket_id, "ticket_id")?;
                self.to_owner(event, Purpose::Reminder, message.clock_id, ticket_id).await
            }
            "odzew.sla.v1.ClockBreached" => {
                let message = decode::<ClockBreached>(event)?;
                if message.kind() == ClockKind::Assign {
                    return Ok(None);
                }
                let ticket_id = uuid(&message.ticket_id, "ticket_id")?;
                self.to_owner(event, Purpose::Breach, message.clock_id, ticket_id).await
            }
            "odzew.sla.v1.TimerFired" => match decode::<TimerFired>(event)?.timer() {
                TimerKind::CustomerReminder => {
                    self.to_requester(event, customer(event, Purpose::CustomerReminder)).await
                }
                TimerKind::NoReplyResolve | TimerKind::AutoClose | TimerKind::Unspecified => {
                    Ok(None)
                }
            },
            _ => Ok(None),
        }
    }

    fn registered(
        &self,
        event: &Recorded,
        message: &TicketRegistered,
    ) -> Result<Option<Wanted>, HandlerError> {
        let monitoring = message.channel() == common::Channel::Monitoring;
        if monitoring || message.requester_party_id.is_empty() {
            return Ok(None);
        }
        let ack = Wanted { wait: self.ack_grace, ..customer(event, Purpose::Ack) };
        self.addressed(ack, message).map(Some)
    }

    /// A notice to whoever asks in the ticket that the event belongs to.
    async fn to_requester(
        &self,
        event: &Recorded,
        wanted: Wanted,
    ) -> Result<Option<Wanted>, HandlerError> {
        let stream = StreamId::new("ticket", event.stream.id);
        let ticket = self.log.read_stream(&tenant_of(event), &stream, 0).await?;
        let Some(first) = ticket.first() else { return Ok(None) };
        let message = decode::<TicketRegistered>(first)?;
        if message.requester_party_id.is_empty() {
            return Ok(None);
        }
        self.addressed(wanted, &message).map(Some)
    }

    fn addressed(
        &self,
        wanted: Wanted,
        message: &TicketRegistered,
    ) -> Result<Wanted, HandlerError> {
        let party = uuid_opt(&message.requester_party_id, "requester_party_id")?;
        // That there is an address is known without the key.
        let reachable = wire::sealed::is_given(message.requester_email.as_ref());
        Ok(Wanted {
            recipient: party.map(|id| id.to_string()).unwrap_or_default(),
            locale: template::locale_of(&message.language, &self.default_locale).to_owned(),
            suppressed: (!reachable).then_some(SuppressionReason::NoChannel),
            ..wanted
        })
    }

    /// A notice to the ticket's owner at that time.
    async fn to_owner(
        &self,
        event: &Recorded,
        purpose: Purpose,
        clock_id: String,
        ticket_id: Uuid,
    ) -> Result<Option<Wanted>, HandlerError> {
        let stream = StreamId::new("route", ticket_id);
        let route = self.log.read_stream(&tenant_of(event), &stream, 0).await?;
        let mut owner = None;
        for step in route.iter().filter(|step| step.position < event.position) {
            match step.event_type.as_str() {
                "odzew.routing.v1.TicketAssigned" => {
                    owner = Some(decode::<TicketAssigned>(step)?.agent_id);
                }
                "odzew.routing.v1.TicketQueued" => owner = None,
                _ => {}
            }
        }
        Ok(Some(Wanted {
            purpose,
            audience: Audience::Assignee,
            channel: Channel::Email,
            subject: clock_id,
            suppressed: owner.is_none().then_some(SuppressionReason::NoChannel),
            recipient: owner.unwrap_or_default(),
            cycle: event.event_id.to_string(),
            ticket_id: Some(TicketId(ticket_id)),
            message_id: None,
            locale: String::new(),
            wait: SignedDuration::ZERO,
        }))
    }

    async fn schedule(&self, event: &Recorded, wanted: Wanted) -> Result<(), HandlerError> {
        let tenant = tenant_of(event);
        let key = Key {
            purpose: wanted.purpose,
            subject: &wanted.subject,
            recipient: &wanted.recipient,
            cycle: &wanted.cycle,
        };
        let notice_id = key.notice_id(&tenant.name);
        let command = wanted.command(event, notice_id, key.to_string());
        let cause = Cause::reaction(event, "notification")?;
        match eventlog::create::<Notice>(&self.log, &tenant, notice_id.0, &cause, &command).await {
            // The same notice from another cause: it is told once.
            Ok(_) | Err(ExecuteError::Rejected(Rejection::AlreadyMade)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Wanted {
    fn command(&self, event: &Recorded, notice_id: NoticeId, key: String) -> Command {
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
fn customer(event: &Recorded, purpose: Purpose) -> Wanted {
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
    }
}

/// A mail to the agent who got the ticket, unless it was the agent who took it.
fn assigned(event: &Recorded, message: TicketAssigned) -> Result<Wanted, HandlerError> {
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
fn to_webhook(event: &Recorded, webhook_id: Uuid) -> Wanted {
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

fn tenant_of(event: &Recorded) -> Tenant {
    Tenant { key: event.tenant, name: event.tenant_name.clone(), partition: event.partition }
}
