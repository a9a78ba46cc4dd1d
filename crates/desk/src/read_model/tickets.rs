//! Table `tickets`: one line per ticket.
mod questions;
mod rows;

pub(crate) use questions::{Filter, Name, Order, Page, find, list};
pub(crate) use rows::{load, store};

use eventlog::Recorded;
use jiff_sqlx::{Timestamp, ToSqlx as _};
use prost::Message as _;
use uuid::Uuid;
use wire::common::v1::Sealed;
use wire::intake::v1::{HoldKind, ReopenTrigger, TicketState};
use wire::scalar::instant;
use wire::{DecodeError, intake};

use super::ticket_clocks::Clocks;
use super::{signed, small};
use crate::facts::Fact;

/// A line. It is not `Debug`, because the subject may be in clear.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Ticket {
    pub(crate) tenant: i32,
    pub(crate) ticket_id: Uuid,
    pub(crate) received_at: Timestamp,
    pub(crate) update_time: Timestamp,
    pub(crate) next_due_at: Option<Timestamp>,
    /// `intake.v1.TicketState`; 0 before the registration was read.
    pub(crate) state: i16,
    /// `intake.v1.TicketType`.
    #[sqlx(rename = "type")]
    pub(crate) kind: i16,
    /// `common.v1.Priority`.
    pub(crate) priority: i16,
    /// `common.v1.Channel`.
    pub(crate) channel: i16,
    /// `sla.v1.ClockKind`; 0 if nothing is due.
    pub(crate) next_due_kind: i16,
    pub(crate) breached: bool,
    pub(crate) reopen_count: i32,
    pub(crate) reassignment_count: i32,
    pub(crate) number: String,
    pub(crate) external_number: String,
    pub(crate) category_code: String,
    pub(crate) queue_id: String,
    /// Empty without an owner.
    pub(crate) agent_id: String,
    /// Empty before the first owner.
    pub(crate) last_agent_id: String,
    /// A `common.v1.Sealed` as the event has it; empty if there is none.
    sealed_subject: Vec<u8>,
}

impl Ticket {
    /// What is known of a ticket before its first event.
    pub(crate) fn unread(event: &Recorded, ticket_id: Uuid) -> Self {
        Self {
            tenant: event.tenant.0,
            ticket_id,
            received_at: event.occurred_at.to_sqlx(),
            update_time: event.recorded_at.to_sqlx(),
            next_due_at: None,
            state: 0,
            kind: 0,
            priority: 0,
            channel: 0,
            next_due_kind: 0,
            breached: false,
            reopen_count: 0,
            reassignment_count: 0,
            number: String::new(),
            external_number: String::new(),
            category_code: String::new(),
            queue_id: String::new(),
            agent_id: String::new(),
            last_agent_id: String::new(),
            sealed_subject: Vec::new(),
        }
    }

    /// Applies an event of the ticket's own stream or of its route.
    pub(crate) fn apply(&mut self, event: &Recorded, fact: &Fact) -> Result<(), DecodeError> {
        // The database's clock may step back, a ticket's time of change does not.
        let recorded_at = event.recorded_at.max(self.update_time.to_jiff());
        self.update_time = recorded_at.to_sqlx();
        match fact {
            Fact::TicketRegistered(e) => self.register(e)?,
            Fact::TicketClassified(e) => {
                self.kind = small(e.r#type);
                self.category_code.clone_from(&e.category_code);
            }
            Fact::PriorityChanged(e) => self.priority = small(e.priority),
            Fact::WorkStarted(_) | Fact::TicketUnheld(_) => self.enter(TicketState::Open),
            Fact::TicketHeld(e) => match e.kind() {
                HoldKind::Customer => self.enter(TicketState::WaitingCustomer),
                HoldKind::ThirdParty => self.enter(TicketState::WaitingThirdParty),
                HoldKind::Unspecified => return Err(DecodeError::field("kind")),
            },
            Fact::TicketResolved(_) => self.enter(TicketState::Resolved),
            Fact::TicketReopened(e) => {
                self.reopen_count = signed(e.reopen_no);
                self.enter(match e.trigger() {
                    // Nobody has worked on it yet, for it was taken for spam.
                    ReopenTrigger::NotSpam => TicketState::New,
                    ReopenTrigger::Unspecified
                    | ReopenTrigger::CustomerMessage
                    | ReopenTrigger::CustomerRejected
                    | ReopenTrigger::Agent
                    | ReopenTrigger::Appeal
                    | ReopenTrigger::DecisionUndelivered => TicketState::Open,
                });
            }
            Fact::TicketClosed(_) => self.enter(TicketState::Closed),
            Fact::TicketQueued(e) => {
                self.queue_id.clone_from(&e.queue_id);
                self.agent_id.clear();
            }
            Fact::TicketAssigned(e) => self.assign(&e.agent_id),
            Fact::RouteEnded(_) => self.agent_id.clear(),
            // A message or a step of a clock is a sign of life and no more than that.
            _ => {}
        }
        Ok(())
    }

    fn register(&mut self, e: &intake::v1::TicketRegistered) -> Result<(), DecodeError> {
        self.received_at = instant(e.received_at.as_ref(), "received_at")?.to_sqlx();
        self.state = small(TicketState::New.into());
        self.kind = small(e.r#type);
        self.channel = small(e.channel);
        self.number.clone_from(&e.number);
        self.external_number.clone_from(&e.external_number);
        self.sealed_subject = e.subject.as_ref().map(Sealed::encode_to_vec).unwrap_or_default();
        Ok(())
    }

    /// The subject, still sealed; `None` if there is none.
    pub(crate) fn subject(&self) -> Option<Sealed> {
        // Written here: what cannot be read is shown as no subject.
        Sealed::decode(self.sealed_subject.as_slice()).ok()
    }

    fn enter(&mut self, state: TicketState) {
        self.state = small(state.into());
    }

    fn assign(&mut self, agent_id: &str) {
        if !self.last_agent_id.is_empty() && self.last_agent_id != agent_id {
            self.reassignment_count += 1;
        }
        agent_id.clone_into(&mut self.agent_id);
        agent_id.clone_into(&mut self.last_agent_id);
    }

    /// Takes over what the ticket's clocks say.
    pub(crate) fn follow(&mut self, clocks: &Clocks) {
        let next = clocks.next_due();
        self.next_due_at = next.map(|(at, _)| at.to_sqlx());
        self.next_due_kind = next.map_or(0, |(_, kind)| kind);
        self.breached = clocks.breached();
    }
}
