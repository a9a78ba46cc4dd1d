//! The history and the present state of a clock, explained step by step.
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Clock, Clocks, Event, Goal, Outcome, Phase, Rejection, State, Terms};
use crate::aggregate::Aggregate as _;
use crate::ids::ClockId;

/// One step in the life of a clock: what its event means for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The clock.
    pub clock_id: ClockId,
    /// The instant that counts, also where it was learnt later.
    pub at: Timestamp,
    /// What had counted of the clock's time by then.
    pub elapsed: Duration,
    /// When it was due from then on; none while it stood still and was not late.
    pub due_at: Option<Timestamp>,
}

/// How a clock stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What has counted of its time.
    pub elapsed: Duration,
    /// What is left, or is left to it if it runs again; negative by how much it is late.
    /// Working time if it has a target, else real time.
    pub remaining: SignedDuration,
}

/// The state of a clock at `now`.
///
/// # Errors
/// If the terms do not hold the calendar it runs on, or the law that demands it.
pub fn standing(clock: &Clock, now: Timestamp, terms: &Terms) -> Result<Standing, Rejection> {
    let elapsed = match clock.phase {
        Phase::Running { .. } => clock.elapsed_at(now, terms)?,
        Phase::Paused { .. } | Phase::Stopped { .. } => clock.carried,
    };
    let remaining = match (clock.budget(), clock.due_at) {
        (Some(budget), _) => signed(budget) - signed(elapsed),
        (None, Some(due_at)) => due_at.duration_since(match clock.phase {
            Phase::Stopped { at, .. } => at,
            Phase::Running { .. } | Phase::Paused { .. } => now,
        }),
        // What stands still until a day has what was left of the way there.
        (None, None) => match (clock.goal, terms.regime_of(&clock.basis)?) {
            (Goal::LastDay { day, .. }, Some(regime)) => {
                regime.end_of(day).duration_since(clock.since())
            }
            _ => SignedDuration::ZERO,
        },
    };
    // What was met was not late, whatever target it was given since.
    let remaining = match clock.phase {
        Phase::Stopped { outcome: Outcome::Met, .. } => remaining.max(SignedDuration::ZERO),
        Phase::Stopped { .. } | Phase::Running { .. } | Phase::Paused { .. } => remaining,
    };
    Ok(Standing { elapsed, remaining })
}

/// What each of a ticket's events means for the clock it is about, from the events with
/// the instants at which they occurred, oldest first; `None` if it is about no clock.
pub fn life<'a>(events: impl IntoIterator<Item = (Timestamp, &'a Event)>) -> Vec<Option<Step>> {
    let mut state = State::default();
    let mut steps = Vec::new();
    for (occurred_at, event) in events {
        let before = event.clock_id().and_then(|id| state.clock(id)).cloned();
        state = Clocks::evolve(state, event);
        steps.push(step(before.as_ref(), &state, occurred_at, event));
    }
    steps
}

fn step(
    before: Option<&Clock>,
    state: &State,
    occurred_at: Timestamp,
    event: &Event,
) -> Option<Step> {
    let (at, elapsed) = match event {
        Event::Started(started) => (started.started_at, Duration::ZERO),
        Event::Paused { at, elapsed, .. }
        | Event::Resumed { at, elapsed, .. }
        | Event::Stopped { at, elapsed, .. } => (*at, *elapsed),
        Event::Retargeted(change) => (change.at, change.elapsed),
        Event::ThresholdReached { remaining, .. } => {
            (occurred_at, before?.whole().saturating_sub(*remaining))
        }
        // A target that was used up when it came had been used up before.
        Event::Breached { due_at, .. } => (*due_at, before?.whole().max(before?.carried)),
        // What has counted since the breach, no event tells.
        Event::BreachVoided { .. } => (occurred_at, before?.whole().max(before?.carried)),
        Event::TicketNoted(_)
        | Event::ComplaintNoted(_)
        | Event::TimerSet(_)
        | Event::TimerCancelled { .. }
        | Event::TimerFired { .. } => return None,
    };
    let clock = state.clock(event.clock_id()?)?;
    // One that has ended keeps the instant by which it was judged, and is not due any more.
    let due_at = if let Event::Retargeted(change) = event { change.due_at } else { clock.due_at };
    Some(Step { clock_id: clock.id, at, elapsed, due_at })
}

impl Clock {
    /// All the time it has: its target, or the way to the instant at which it is due.
    fn whole(&self) -> Duration {
        self.budget().unwrap_or_else(|| {
            let due_at = self.due_at.unwrap_or(self.started_at);
            due_at.duration_since(self.started_at).unsigned_abs()
        })
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
