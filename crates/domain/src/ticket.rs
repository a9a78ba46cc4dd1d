//! A ticket: one matter of one party, from registration to its close.
//!
//! ```text
//! NEW ──▶ OPEN ◀──▶ WAITING_CUSTOMER | WAITING_THIRD_PARTY
//!          │ ▲               │
//!          ▼ └─ reopened     ▼
//!        RESOLVED ◀──────────┘
//!          │
//!          ▼
//!        CLOSED                 final: only notes are added
//! ```
//! Who owns a ticket, its deadlines and its notices are other streams' matter.
mod command;
mod decide;
mod event;
pub mod number;
#[cfg(test)]
mod tests;

pub use command::{
    Authority, Command, HoldForCustomer, HoldForThirdParty, NewMessage, Register, Rejection,
    Resolve, SetPriority,
};
pub use event::{
    AuthorKind, ClassificationSource, Classified, CloseReason, Event, Held, HoldKind, MessageAdded,
    MessageDirection, MessagePurpose, Origin, PriorityCause, PriorityChanged, Registered,
    ReopenTrigger, Reopened, Requester, Resolved, TicketType, UnholdTrigger,
};

use crate::aggregate::Aggregate;
use crate::ids::HoldId;
use crate::priority::{Impact, Priority, Urgency};

/// The aggregate behind the streams `ticket-<id>`.
#[derive(Debug, Clone, Copy)]
pub struct Ticket;

impl Aggregate for Ticket {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &Event) -> State {
        state.evolve(event)
    }
}

/// A ticket's stage of life, with what is known in that stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// No such ticket.
    #[default]
    Absent,
    /// Registered, nobody works on it.
    New(Facts),
    /// Somebody works or must work.
    Open(Facts),
    /// Our question is with the customer.
    WaitingCustomer(Facts, HoldId),
    /// Another company must act.
    WaitingThirdParty(Facts, HoldId),
    /// A solution was given; the customer may object.
    Resolved(Facts),
    /// Final.
    Closed(Facts, CloseReason),
}

/// Name of a stage of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Registered, nobody works on it.
    New,
    /// Somebody works or must work.
    Open,
    /// Our question is with the customer.
    WaitingCustomer,
    /// Another company must act.
    WaitingThirdParty,
    /// A solution was given; the customer may object.
    Resolved,
    /// Final.
    Closed,
}

impl Stage {
    /// The name as outsiders know it, for example `WAITING_CUSTOMER`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Open => "OPEN",
            Self::WaitingCustomer => "WAITING_CUSTOMER",
            Self::WaitingThirdParty => "WAITING_THIRD_PARTY",
            Self::Resolved => "RESOLVED",
            Self::Closed => "CLOSED",
        }
    }
}

/// What is known of a ticket in every stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What it was registered with; never changes.
    pub registered: Registered,
    /// What kind of matter it is now.
    pub kind: TicketType,
    /// Code of the category; empty if not classified.
    pub category_code: String,
    /// Free tags.
    pub tags: Vec<String>,
    /// Impact, urgency and what they make; absent only before the first assessment.
    pub assessment: Option<Assessment>,
    /// Messages after the first one, oldest first.
    pub messages: Vec<MessageAdded>,
    /// How many times it has been reopened.
    pub reopen_count: u32,
}

/// How urgent a ticket is, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    /// How much is affected.
    pub impact: Impact,
    /// How soon it hurts.
    pub urgency: Urgency,
    /// What the two make.
    pub priority: Priority,
}

impl State {
    /// The stage of life; none if there is no such ticket.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        match self {
            Self::Absent => None,
            Self::New(_) => Some(Stage::New),
            Self::Open(_) => Some(Stage::Open),
            Self::WaitingCustomer(..) => Some(Stage::WaitingCustomer),
            Self::WaitingThirdParty(..) => Some(Stage::WaitingThirdParty),
            Self::Resolved(_) => Some(Stage::Resolved),
            Self::Closed(..) => Some(Stage::Closed),
        }
    }

    /// What is known of the ticket; none if there is no such ticket.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Absent => None,
            Self::New(facts)
            | Self::Open(facts)
            | Self::WaitingCustomer(facts, _)
            | Self::WaitingThirdParty(facts, _)
            | Self::Resolved(facts)
            | Self::Closed(facts, _) => Some(facts),
        }
    }

    /// The hold that keeps the ticket waiting.
    #[must_use]
    pub fn hold(&self) -> Option<HoldId> {
        match self {
            Self::WaitingCustomer(_, hold) | Self::WaitingThirdParty(_, hold) => Some(*hold),
            Self::Absent | Self::New(_) | Self::Open(_) | Self::Resolved(_) | Self::Closed(..) => {
                None
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Registered(registered) => match self {
                Self::Absent => Self::New(Facts::new(registered.clone())),
                known => known,
            },
            Event::Classified(classified) => self.noting(|facts| {
                facts.kind = classified.kind;
                facts.category_code.clone_from(&classified.category_code);
                facts.tags.clone_from(&classified.tags);
            }),
            Event::PriorityChanged(changed) => self.noting(|facts| {
                facts.assessment = Some(Assessment {
                    impact: changed.impact,
                    urgency: changed.urgency,
                    priority: changed.priority,
                });
            }),
            Event::MessageAdded(message) => {
                self.noting(|facts| facts.messages.push(message.clone()))
            }
            Event::WorkStarted { .. } | Event::Unheld { .. } => self.entering(Self::Open),
            Event::Held(held) => self.entering(|facts| match held.kind {
                HoldKind::Customer => Self::WaitingCustomer(facts, held.hold_id),
                HoldKind::ThirdParty => Self::WaitingThirdParty(facts, held.hold_id),
            }),
            Event::Resolved(_) => self.entering(Self::Resolved),
            Event::Reopened(reopened) => {
                self.noting(|facts| facts.reopen_count = reopened.reopen_no).entering(Self::Open)
            }
            Event::Closed { reason } => self.entering(|facts| Self::Closed(facts, *reason)),
        }
    }

    /// The same stage with more known.
    fn noting(mut self, note: impl FnOnce(&mut Facts)) -> Self {
        match &mut self {
            Self::Absent => {}
            Self::New(facts)
            | Self::Open(facts)
            | Self::WaitingCustomer(facts, _)
            | Self::WaitingThirdParty(facts, _)
            | Self::Resolved(facts)
            | Self::Closed(facts, _) => note(facts),
        }
        self
    }

    /// Another stage with the same facts.
    fn entering(self, stage: impl FnOnce(Facts) -> Self) -> Self {
        match self {
            Self::Absent => Self::Absent,
            Self::New(facts)
            | Self::Open(facts)
            | Self::WaitingCustomer(facts, _)
            | Self::WaitingThirdParty(facts, _)
            | Self::Resolved(facts)
            | Self::Closed(facts, _) => stage(facts),
        }
    }
}

impl Facts {
    fn new(registered: Registered) -> Self {
        Self {
            kind: registered.kind,
            category_code: String::new(),
            tags: Vec::new(),
            assessment: None,
            messages: Vec::new(),
            reopen_count: 0,
            registered,
        }
    }
}
