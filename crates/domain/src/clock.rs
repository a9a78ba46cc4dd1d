//! The clocks of a ticket: one stream per ticket, one clock per promised time.
//!
//! ```text
//! started ──▶ running ⇄ paused        the time that has counted is `carried`
//!                │                    a breach is sticky; only a voided one is forgiven, and
//!                │                    none that what is learnt late disproves
//!                └──▶ stopped         met if not later than due, to the millisecond
//! ```
//! Timers run beside the clocks: they do things that nobody promised, so they cannot be missed.
//! The events carry every instant (`due_at`, `warn_at`), so that the state is rebuilt
//! without a calendar; commands carry the calendars that decisions need. When one fact
//! would stop, pause and start a clock, stop goes before pause and pause before start.
mod command;
mod complaint;
mod count;
mod course;
mod days;
mod decide;
mod end;
mod event;
mod evidence;
mod given;
mod life;
mod no_news;
mod owner;
mod remedy;
mod request;
mod response;
mod state;
mod supplement;
mod terms;
#[cfg(test)]
mod tests;
mod timer;
mod timing;
mod update;

use uuid::Uuid;

pub use self::command::{
    CloseReason, Command, Excuse, Fact, HoldKind, MessageKind, Observation, Rejection,
    ReopenTrigger, What,
};
pub use self::complaint::{
    ComplaintFact, ComplaintFacts, CustomerWait, Decision, Extension, InfoRequest, RegimeVersion,
    ReplyWay,
};
pub use self::count::{Count, count};
pub use self::event::{
    Basis, BreachCause, Event, Goal, Outcome, PauseReason, RetargetCause, Retargeted, Started,
    TicketFacts, VoidReason, Warn,
};
pub use self::given::PromiseKind;
pub use self::life::{Standing, Step, life, standing};
pub use self::state::{Breach, Clock, Phase, State, Timer, due_timers};
pub use self::terms::Terms;
pub use self::timer::{NoNews, TimerSet, Wait};
use crate::aggregate::Aggregate;
use crate::ids::{ClockId, TicketId};
pub use crate::policy::{ClockClass, ClockKind, TimerKind};

/// The clocks of one ticket.
pub struct Clocks;

impl Aggregate for Clocks {
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

/// The id of a clock: the same wherever it is computed.
#[must_use]
pub fn clock_id(ticket_id: TicketId, kind: ClockKind, cycle: u32) -> ClockId {
    ClockId(Uuid::new_v5(&ticket_id.0, format!("{}/{cycle}", kind.code()).as_bytes()))
}
