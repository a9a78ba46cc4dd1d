//! Turns events of tickets and routes into what their clocks observe.
//!
//! One event becomes one command to the ticket's clocks, with the terms of its tenant. The clocks
//! decide whether anything follows.
mod complaint;
mod contact;
mod letter;
mod wait;

use std::sync::Arc;

use domain::clock::{
    Clocks, CloseReason, Command, Fact, HoldKind, MessageKind, Observation, ReopenTrigger,
    TicketFacts,
};
use domain::ids::{AssignmentId, HoldId, MessageId, TicketId};
use domain::policy::Entitlement;
use domain::priority::{Channel, Priority, TicketType};
use eventlog::{Cause, HandlerError, Log, Recorded, Subscriber, Tenant};
use jiff::Timestamp;
use prost::Message;
use sqlx::PgConnection;
use wire::DecodeError;
use wire::common::v1 as common;
use wire::intake::v1;
use wire::routing::v1::{AssignmentAccepted, TicketAssigned};
use wire::scalar::{date, instant, instant_opt, uuid, uuid_opt};
use wire::sealed::is_given;
use wire::words::known;

use crate::deadlines::Yielding;
use crate::read_model::Projection;
use crate::terms::Terms;

/// Name of the service in what it causes.
pub(crate) const SERVICE: &str = "sla";

/// Follows the log: reactions, and the read model.
#[derive(Debug)]
pub(crate) struct Reactions {
    log: Log,
    terms: Arc<Terms>,
    /// To timers that fire.
    yielding: Yielding,
}

impl Reactions {
    pub(crate) fn new(log: Log, terms: Arc<Terms>, yielding: Yielding) -> Self {
        Self { log, terms, yielding }
    }
}

impl Subscriber for Reactions {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        Projection.project(tx, events).await
    }

    fn arrived(&self, events: &[Recorded]) {
        self.terms.arrived(events);
    }

    async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        self.yielding.wait().await;
        let Some(seen) = read(event)? else { return Ok(()) };
        let tenant = event.to_tenant();
        let (ticket_id, begins) = (seen.ticket_id, seen.begins());
        let (cause, command) = self.step(event, &tenant, seen).await?;
        if begins {
            eventlog::create::<Clocks>(&self.log, &tenant, ticket_id.0, &cause, &command).await?;
        } else {
            eventlog::execute::<Clocks>(&self.log, &tenant, ticket_id.0, &cause, &command).await?;
        }
        Ok(())
    }

    const REACTS_TOGETHER: bool = true;

    async fn react_together(&self, events: &[&Recorded]) -> Result<bool, HandlerError> {
        self.yielding.wait().await;
        let mut steps = Vec::new();
        let mut first = None;
        for event in events {
            let Some(seen) = read(event)? else { continue };
            let tenant = event.to_tenant();
            let of = (tenant.key, seen.ticket_id);
            let (known, ..) = first.get_or_insert((of, tenant.clone(), seen.begins()));
            if *known != of {
                return Ok(false);
            }
            steps.push(self.step(event, &tenant, seen).await?);
        }
        let Some(((_, ticket_id), tenant, begins)) = first else { return Ok(true) };
        eventlog::execute_together::<Clocks>(&self.log, &tenant, ticket_id.0, begins, &steps)
            .await?;
        Ok(true)
    }
}

impl Reactions {
    /// What the clocks are told, and why.
    async fn step(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        Seen { ticket_id, mut at, mut fact }: Seen,
    ) -> Result<(Cause, Command), HandlerError> {
        if let Fact::ContactEnded { contact_id, noted: noted @ false } = &mut fact {
            let before = event.position;
            *noted = contact::is_noted(&self.log, tenant, ticket_id, *contact_id, before).await?;
        }
        if event.event_type == wire::event::TICKET_UNHELD
            && let Some(answered_at) = wait::answered_at(&self.log, tenant, event).await?
        {
            at = answered_at;
        }
        let terms = self.terms.at(tenant, event.position).await?;
        let (event_id, historical) = (event.event_id, event.metadata()?.historical);
        let observation = Observation { event_id, at, historical, terms, fact };
        Ok((Cause::reaction(event, SERVICE)?, Command::Observe(observation)))
    }
}

/// A fact about a ticket.
#[derive(Debug, PartialEq)]
struct Seen {
    ticket_id: TicketId,
    at: Timestamp,
    fact: Fact,
}

impl Seen {
    fn begins(&self) -> bool {
        matches!(self.fact, Fact::TicketRegistered(_))
    }
}

/// What the event tells clocks; nothing for events that do not concern them.
fn read(event: &Recorded) -> Result<Option<Seen>, DecodeError> {
    let fact = match event.event_type.as_str() {
        wire::event::TICKET_REGISTERED => registered(&decode(event)?)?,
        wire::event::PRIORITY_CHANGED => {
            let changed: v1::PriorityChanged = decode(event)?;
            // Other reasons for the same priority are no news to clocks.
            if changed.previous == changed.priority {
                return Ok(None);
            }
            Fact::PriorityChanged {
                priority: known::<common::Priority, Priority>(changed.priority, "priority")?,
                mitigated: changed.cause() == v1::PriorityCause::ImpactMitigated,
            }
        }
        wire::event::TICKET_CLASSIFIED => {
            let classified: v1::TicketClassified = decode(event)?;
            Fact::TypeChanged {
                ticket_type: known::<v1::TicketType, TicketType>(classified.r#type, "type")?,
            }
        }
        wire::event::MESSAGE_ADDED => {
            let message: v1::MessageAdded = decode(event)?;
            match contact::noted(&message)? {
                Some(contact_id) => Fact::ContactNoted { contact_id },
                None => Fact::MessageAdded {
                    kind: message_kind(&message, event.occurred_at)?,
                    channel: known::<common::Channel, Channel>(message.channel, "channel")?,
                },
            }
        }
        wire::event::CONTACT_NOTED => return spoken(&decode(event)?, event).map(Some),
        wire::event::TICKET_HELD => {
            let held: v1::TicketHeld = decode(event)?;
            let kind = match held.kind() {
                v1::HoldKind::Customer => HoldKind::Customer,
                v1::HoldKind::ThirdParty | v1::HoldKind::Unspecified => HoldKind::ThirdParty,
            };
            let expected_by = instant_opt(held.expected_by.as_ref(), "expected_by")?;
            Fact::Held { hold_id: HoldId(uuid(&held.hold_id, "hold_id")?), kind, expected_by }
        }
        wire::event::TICKET_UNHELD => {
            let unheld: v1::TicketUnheld = decode(event)?;
            Fact::Unheld { hold_id: HoldId(uuid(&unheld.hold_id, "hold_id")?) }
        }
        wire::event::WORK_STARTED => Fact::WorkStarted,
        wire::event::PROMISE_MADE => promise_made(&decode(event)?)?,
        wire::event::DATA_SUBJECT_REQUEST_EXTENDED => request_extended(&decode(event)?)?,
        wire::event::TICKET_RESOLVED => Fact::Resolved,
        wire::event::TICKET_REOPENED => Fact::Reopened { trigger: trigger(&decode(event)?) },
        wire::event::TICKET_CLOSED => Fact::Closed { reason: reason(&decode(event)?) },
        wire::event::TICKET_QUEUED => Fact::Queued,
        wire::event::TICKET_ASSIGNED => {
            let assigned: TicketAssigned = decode(event)?;
            Fact::Assigned {
                assignment_id: assignment(&assigned.assignment_id)?,
                accept_by: instant(assigned.accept_by.as_ref(), "accept_by")?,
            }
        }
        wire::event::ASSIGNMENT_ACCEPTED => {
            let accepted: AssignmentAccepted = decode(event)?;
            Fact::Accepted { assignment_id: assignment(&accepted.assignment_id)? }
        }
        wire::event::ROUTE_ENDED => Fact::RouteEnded,
        wire::event::CONTACT_ENDED => return contact::ended(event),
        _ => match complaint::read(event)? {
            Some(fact) => Fact::Complaint(fact),
            None => return letter::read(event),
        },
    };
    // Streams of tickets and of their routes are called by the ticket.
    let ticket_id = TicketId(event.stream.id);
    Ok(Some(Seen { ticket_id, at: event.occurred_at, fact }))
}

fn registered(message: &v1::TicketRegistered) -> Result<Fact, DecodeError> {
    let channel = known::<common::Channel, Channel>(message.channel, "channel")?;
    let asked = match message.origin() {
        // An imported history tells neither messages nor confirmations: a clock for them would
        // be breached by what is not known.
        v1::TicketOrigin::Monitoring | v1::TicketOrigin::Dunning | v1::TicketOrigin::Import => {
            false
        }
        v1::TicketOrigin::Unspecified
        | v1::TicketOrigin::New
        | v1::TicketOrigin::Split
        | v1::TicketOrigin::FollowUp => channel != Channel::Monitoring,
    };
    // An alert that came over another channel has nobody who could be answered, either.
    let has_requester = !message.requester_party_id.is_empty();
    let address = is_given(message.requester_email.as_ref()) || message.requester_has_profile_email;
    let reachable = has_requester && address;
    Ok(Fact::TicketRegistered(TicketFacts {
        ticket_id: TicketId(uuid(&message.ticket_id, "ticket_id")?),
        received_at: instant(message.received_at.as_ref(), "received_at")?,
        channel,
        has_requester: reachable && message.origin() != v1::TicketOrigin::Import,
        awaits_reply: asked && has_requester,
        priority: None,
        entitlement: Entitlement {
            ticket_type: known::<v1::TicketType, _>(message.r#type, "type")?,
            segment: message.requester_segment.clone(),
            contracts: message
                .about
                .iter()
                .filter(|object| object.kind() == v1::ObjectKind::Service)
                .map(|object| object.id.clone())
                .collect(),
        },
        solved_at: None,
        extension: None,
    }))
}

fn message_kind(
    message: &v1::MessageAdded,
    occurred_at: Timestamp,
) -> Result<MessageKind, DecodeError> {
    Ok(match message.direction() {
        v1::MessageDirection::Inbound if message.author_kind() == v1::AuthorKind::Human => {
            let written_at = wait::written_at(message, occurred_at)?;
            MessageKind::Inbound { written_at: written_at.unwrap_or(occurred_at) }
        }
        v1::MessageDirection::Inbound => MessageKind::Automatic,
        v1::MessageDirection::Outbound if message.is_reply => MessageKind::Reply,
        v1::MessageDirection::Outbound => MessageKind::Update,
        v1::MessageDirection::Internal | v1::MessageDirection::Unspecified => MessageKind::Internal,
    })
}

/// A conversation answers the customer at its beginning, whenever it is recorded.
fn spoken(message: &v1::ContactNoted, event: &Recorded) -> Result<Seen, DecodeError> {
    let fact = Fact::ContactAnswered { outbound: message.outbound };
    let at = instant(message.answered_at.as_ref(), "answered_at")?;
    Ok(Seen { ticket_id: TicketId(event.stream.id), at, fact })
}

fn promise_made(message: &v1::PromiseMade) -> Result<Fact, DecodeError> {
    Ok(Fact::PromiseMade {
        promise_id: uuid(&message.promise_id, "promise_id")?,
        kind: known::<v1::PromiseKind, _>(message.kind, "kind")?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        replaces: uuid_opt(&message.replaces_promise_id, "replaces_promise_id")?,
    })
}

fn request_extended(message: &v1::DataSubjectRequestExtended) -> Result<Fact, DecodeError> {
    let notice = uuid(&message.notice_message_id, "notice_message_id")?;
    Ok(Fact::RequestExtended {
        new_last_day: date(&message.new_last_day, "new_last_day")?,
        notice_message_id: MessageId(notice),
    })
}

fn assignment(text: &str) -> Result<AssignmentId, DecodeError> {
    uuid(text, "assignment_id").map(AssignmentId)
}

fn trigger(message: &v1::TicketReopened) -> ReopenTrigger {
    match message.trigger() {
        v1::ReopenTrigger::NotSpam => ReopenTrigger::NotSpam,
        v1::ReopenTrigger::Appeal => ReopenTrigger::Appeal,
        v1::ReopenTrigger::Unspecified
        | v1::ReopenTrigger::CustomerMessage
        | v1::ReopenTrigger::CustomerRejected
        | v1::ReopenTrigger::Agent
        | v1::ReopenTrigger::DecisionUndelivered => ReopenTrigger::Unsolved,
    }
}

fn reason(message: &v1::TicketClosed) -> CloseReason {
    match message.reason() {
        v1::CloseReason::Confirmed => CloseReason::Confirmed,
        v1::CloseReason::Spam => CloseReason::Spam,
        v1::CloseReason::Duplicate => CloseReason::Duplicate,
        v1::CloseReason::Withdrawn => CloseReason::Withdrawn,
        v1::CloseReason::Unspecified
        | v1::CloseReason::Auto
        | v1::CloseReason::NoCustomerReply
        | v1::CloseReason::OutOfScope => CloseReason::Other,
    }
}

fn decode<M: Message + Default>(event: &Recorded) -> Result<M, DecodeError> {
    Ok(M::decode(event.payload.as_ref())?)
}
