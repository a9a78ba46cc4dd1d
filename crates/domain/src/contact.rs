//! A contact: one conversation in real time, with or without a ticket.
//!
//! ```text
//! start ──▶ WAITING ──answer──▶ TALKING ──end──▶ ENDED
//!             ▲  │                 │
//!             │  └───────end───────┼──────────────▶
//!             └───────route────────┘  transfer, or a bot hands over to a person
//! ```
//! A person who talks to a machine is told so at the start (Regulation (EU) 2024/1689, art. 50)
//! and gets a person whenever they ask: a route to a person is refused in no live stage, and
//! after it no machine takes the contact back.
mod command;
mod decide;
mod event;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;

pub use command::{Command, Rejection};
pub use event::{
    Answered, Answerer, ContactChannel, Direction, Ended, Event, Outcome, RouteReason, Routed,
    Started, Target,
};

use crate::aggregate::Aggregate;

/// Most routes of one contact: transfers without end are a fault of the telephone system.
pub(crate) const MOST_ROUTES: usize = 100;
/// By how much a part may be longer than the whole: telephone systems round to seconds.
pub(crate) const ROUNDING: Duration = Duration::from_secs(1);

/// The aggregate behind the streams `contact-<id>`.
#[derive(Debug, Clone, Copy)]
pub struct Contact;

impl Aggregate for Contact {
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

/// A contact's stage of life, with what is known in that stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// No such contact.
    #[default]
    Absent,
    /// The customer is there.
    Live(Facts),
    /// Over.
    Ended(Facts, Ended),
}

/// What is known of a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What it began with.
    pub started: Started,
    /// Where it was sent, oldest first.
    pub routes: Vec<Routed>,
    /// Who answered, oldest first.
    pub answers: Vec<Answered>,
    /// Whether the customer waits or talks.
    pub stage: Stage,
}

/// Whether a live contact's customer waits or talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Not answered since the start or the last route.
    Waiting,
    /// The last answer still stands.
    Talking,
}

impl State {
    /// What is known of the contact; `None` if there is no such contact.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Absent => None,
            Self::Live(facts) | Self::Ended(facts, _) => Some(facts),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Started(started) => match self {
                Self::Absent => Self::Live(Facts::new(started.clone())),
                known => known,
            },
            Event::Routed(routed) => self.noting(|facts| {
                facts.routes.push(routed.clone());
                facts.stage = Stage::Waiting;
            }),
            Event::Answered(answered) => self.noting(|facts| {
                facts.answers.push(answered.clone());
                facts.stage = Stage::Talking;
            }),
            Event::Ended(ended) => match self {
                Self::Live(facts) => Self::Ended(facts, ended.clone()),
                other => other,
            },
        }
    }

    fn noting(mut self, note: impl FnOnce(&mut Facts)) -> Self {
        match &mut self {
            Self::Absent => {}
            Self::Live(facts) | Self::Ended(facts, _) => note(facts),
        }
        self
    }
}

impl Facts {
    fn new(started: Started) -> Self {
        Self { started, routes: Vec::new(), answers: Vec::new(), stage: Stage::Waiting }
    }

    /// Since when the customer waits or waited: the start or the last route.
    #[must_use]
    pub(crate) fn waiting_since(&self) -> Timestamp {
        self.routes.last().map_or(self.started.started_at, |routed| routed.routed_at)
    }

    /// When the last thing happened.
    #[must_use]
    pub(crate) fn last_at(&self) -> Timestamp {
        let answered = self.answers.last().map(|answered| answered.answered_at);
        self.waiting_since().max(answered.unwrap_or(Timestamp::MIN))
    }

    /// Who talks with the customer now.
    #[must_use]
    pub fn talking(&self) -> Option<&Answerer> {
        match self.stage {
            Stage::Waiting => None,
            Stage::Talking => self.answers.last().map(|answered| &answered.by),
        }
    }

    /// Whether the contact was once sent to a person after a machine, or at the customer's
    /// wish: then no machine may take it back.
    #[must_use]
    pub(crate) fn person_promised(&self) -> bool {
        self.routes.iter().any(|routed| routed.target == Target::Human)
    }
}
