//! Events as the other services write them.
use bytes::Bytes;
use eventlog::{NewEvent, StreamId};
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use uuid::Uuid;
use wire::common::v1::{Actor, ActorKind, Channel, Priority, Sealed, sealed::Content};
use wire::events::v1::Metadata;
use wire::intake::v1::*;
use wire::routing::v1::*;
use wire::scalar::timestamp;
use wire::sla::v1::*;

/// Personal data that must not be found outside the subject column.
pub(crate) const NAME: &str = "Jan Kowalski";
pub(crate) const EMAIL: &str = "jan.kowalski@example.com";
pub(crate) const BODY: &str = "my PESEL is 44051401359";

/// An event and the stream it goes to.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) stream: StreamId,
    pub(crate) event: NewEvent,
}

/// One ticket as the services tell of it.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) id: Uuid,
    pub(crate) number: String,
    pub(crate) received_at: Timestamp,
    pub(crate) subject: String,
    pub(crate) kind: TicketType,
    pub(crate) external_number: String,
}

/// The start of all times of these tests.
pub(crate) fn day() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

pub(crate) fn minutes(after: i64) -> Timestamp {
    day() + SignedDuration::from_mins(after)
}

/// The number that stands for `n`, with its check symbol.
pub(crate) fn number(n: u64) -> String {
    domain::ticket::number::Number::from_hash(n).to_string()
}

impl Ticket {
    /// The `n`th ticket, received `n` minutes after the start.
    pub(crate) fn new(n: u64) -> Self {
        Self {
            id: Uuid::new_v4_like(n),
            number: number(n),
            received_at: minutes(i64::try_from(n).unwrap()),
            subject: format!("subject {n}"),
            kind: TicketType::Incident,
            external_number: String::new(),
        }
    }

    pub(crate) fn registered(&self) -> Told {
        let sealed = |text: &str| Some(Sealed { content: Some(Content::Clear(text.to_owned())) });
        let message = TicketRegistered {
            ticket_id: self.id.to_string(),
            number: self.number.clone(),
            r#type: self.kind.into(),
            channel: Channel::Email.into(),
            received_at: Some(timestamp(self.received_at)),
            requester_party_id: Uuid::from_u128(1).to_string(),
            requester_name: sealed(NAME),
            requester_email: sealed(EMAIL),
            subject: sealed(&self.subject),
            body: sealed(BODY),
            language: "pl".to_owned(),
            origin: TicketOrigin::New.into(),
            external_number: self.external_number.clone(),
            ..Default::default()
        };
        self.ticket(wire::event::TICKET_REGISTERED, &message)
    }

    pub(crate) fn priority(&self, priority: Priority) -> Told {
        let message = PriorityChanged {
            priority: priority.into(),
            cause: PriorityCause::Initial.into(),
            reason: NAME.to_owned(),
            ..Default::default()
        };
        self.ticket(wire::event::PRIORITY_CHANGED, &message)
    }

    pub(crate) fn classified(&self, kind: TicketType, category: &str) -> Told {
        let message = TicketClassified {
            r#type: kind.into(),
            category_code: category.to_owned(),
            source: ClassificationSource::Rule.into(),
            ..Default::default()
        };
        self.ticket(wire::event::TICKET_CLASSIFIED, &message)
    }

    pub(crate) fn message(&self) -> Told {
        let message = MessageAdded {
            message_id: Uuid::now_v7().to_string(),
            direction: MessageDirection::Inbound.into(),
            channel: Channel::Email.into(),
            author_kind: AuthorKind::Human.into(),
            purpose: MessagePurpose::Reply.into(),
            body: Some(Sealed { content: Some(Content::Clear(BODY.to_owned())) }),
            ..Default::default()
        };
        self.ticket(wire::event::MESSAGE_ADDED, &message)
    }

    pub(crate) fn work_started(&self) -> Told {
        let message = WorkStarted { agent_id: "agent-1".to_owned() };
        self.ticket(wire::event::WORK_STARTED, &message)
    }

    pub(crate) fn held(&self, kind: HoldKind) -> Told {
        let message =
            TicketHeld { kind: kind.into(), reason: NAME.to_owned(), ..Default::default() };
        self.ticket(wire::event::TICKET_HELD, &message)
    }

    pub(crate) fn unheld(&self) -> Told {
        let message =
            TicketUnheld { trigger: UnholdTrigger::CustomerReply.into(), ..Default::default() };
        self.ticket(wire::event::TICKET_UNHELD, &message)
    }

    pub(crate) fn resolved(&self) -> Told {
        let message = TicketResolved { resolution_code: "FIXED".to_owned(), ..Default::default() };
        self.ticket(wire::event::TICKET_RESOLVED, &message)
    }

    pub(crate) fn reopened(&self, reopen_no: u32) -> Told {
        let trigger = ReopenTrigger::CustomerMessage.into();
        let message = TicketReopened { reopen_no, trigger, ..Default::default() };
        self.ticket(wire::event::TICKET_REOPENED, &message)
    }

    pub(crate) fn closed(&self) -> Told {
        self.closed_as(CloseReason::Confirmed, "")
    }

    pub(crate) fn closed_as(&self, reason: CloseReason, merged_into: &str) -> Told {
        let merged_into = merged_into.to_owned();
        let message = TicketClosed { reason: reason.into(), merged_into, ..Default::default() };
        self.ticket(wire::event::TICKET_CLOSED, &message)
    }

    pub(crate) fn not_spam(&self, reopen_no: u32) -> Told {
        let trigger = ReopenTrigger::NotSpam.into();
        let message = TicketReopened { reopen_no, trigger, ..Default::default() };
        self.ticket(wire::event::TICKET_REOPENED, &message)
    }

    pub(crate) fn queued(&self, queue_id: &str) -> Told {
        let message = TicketQueued {
            queue_id: queue_id.to_owned(),
            level: 1,
            reason: QueuedReason::New.into(),
            ..Default::default()
        };
        self.route(wire::event::TICKET_QUEUED, &message)
    }

    pub(crate) fn assigned(&self, agent_id: &str) -> Told {
        let message = TicketAssigned {
            assignment_id: Uuid::now_v7().to_string(),
            agent_id: agent_id.to_owned(),
            method: AssignmentMethod::Rule.into(),
            ..Default::default()
        };
        self.route(wire::event::TICKET_ASSIGNED, &message)
    }

    pub(crate) fn route_ended(&self) -> Told {
        let message = RouteEnded { reason: RouteEndReason::Resolved.into() };
        self.route(wire::event::ROUTE_ENDED, &message)
    }

    pub(crate) fn clock(&self, clock: u128, kind: ClockKind, due_at: Timestamp) -> Told {
        let message = ClockStarted {
            clock_id: Uuid::from_u128(clock).to_string(),
            ticket_id: self.id.to_string(),
            kind: kind.into(),
            cycle: 1,
            due_at: Some(timestamp(due_at)),
            ..Default::default()
        };
        self.clocks(wire::event::CLOCK_STARTED, &message)
    }

    pub(crate) fn clock_paused(&self, clock: u128) -> Told {
        let clock_id = Uuid::from_u128(clock).to_string();
        let message =
            ClockPaused { clock_id, reason: "WAITING_CUSTOMER".into(), ..Default::default() };
        self.clocks(wire::event::CLOCK_PAUSED, &message)
    }

    pub(crate) fn clock_resumed(&self, clock: u128, due_at: Timestamp) -> Told {
        let message = ClockResumed {
            clock_id: Uuid::from_u128(clock).to_string(),
            due_at: Some(timestamp(due_at)),
            ..Default::default()
        };
        self.clocks(wire::event::CLOCK_RESUMED, &message)
    }

    pub(crate) fn clock_breached(&self, clock: u128) -> Told {
        let clock_id = Uuid::from_u128(clock).to_string();
        let message = ClockBreached { clock_id, ..Default::default() };
        self.clocks(wire::event::CLOCK_BREACHED, &message)
    }

    pub(crate) fn clock_stopped(&self, clock: u128) -> Told {
        let clock_id = Uuid::from_u128(clock).to_string();
        let outcome = ClockOutcome::Met.into();
        let message = ClockStopped { clock_id, outcome, ..Default::default() };
        self.clocks(wire::event::CLOCK_STOPPED, &message)
    }

    pub(crate) fn breach_voided(&self, clock: u128) -> Told {
        let clock_id = Uuid::from_u128(clock).to_string();
        let reason = VoidReason::Excused.into();
        let message =
            BreachVoided { clock_id, reason, note: NAME.to_owned(), ..Default::default() };
        self.clocks(wire::event::BREACH_VOIDED, &message)
    }

    /// An event of a notice about this ticket.
    pub(crate) fn notice(&self, event_type: &'static str, message: &impl Message) -> Told {
        let stream = StreamId::new("notice", Uuid::now_v7());
        Told { stream, event: event(event_type, message.encode_to_vec().into(), self.id) }
    }

    pub(crate) fn ticket(&self, event_type: &'static str, message: &impl Message) -> Told {
        self.own("ticket", event_type, message)
    }

    pub(crate) fn route(&self, event_type: &'static str, message: &impl Message) -> Told {
        self.own("route", event_type, message)
    }

    pub(crate) fn clocks(&self, event_type: &'static str, message: &impl Message) -> Told {
        self.own("clock", event_type, message)
    }

    fn own(&self, category: &'static str, event_type: &'static str, m: &impl Message) -> Told {
        let event = event(event_type, m.encode_to_vec().into(), self.id);
        Told { stream: StreamId::new(category, self.id), event }
    }
}

/// Any event.
pub(crate) fn event(event_type: &'static str, payload: Bytes, correlation: Uuid) -> NewEvent {
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type,
        payload,
        metadata: Metadata {
            actor: Some(Actor {
                kind: ActorKind::Agent.into(),
                id: "agent-1".to_owned(),
                role: "agent".to_owned(),
            }),
            correlation_id: correlation.to_string(),
            ..Default::default()
        },
        occurred_at: day(),
    }
}

/// Ids whose order is not that of their numbers, as real ones are.
trait Scattered {
    fn new_v4_like(n: u64) -> Uuid;
}

impl Scattered for Uuid {
    fn new_v4_like(n: u64) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes())
    }
}
