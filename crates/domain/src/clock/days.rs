//! Clocks that end with a calendar day: every instant counts, and a regime determines the day.
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::timing::{self, overdue};
use super::{
    Basis, Clock, ClockClass, ClockKind, Event, Goal, Observation, Phase, RetargetCause,
    Retargeted, Started, State, TicketFacts, Warn, clock_id,
};
use crate::calendar::StatutoryDue;
use crate::regime::SilenceEffect;

/// What a new clock is for.
#[derive(Debug, Clone)]
pub(super) struct New {
    pub(super) kind: ClockKind,
    pub(super) class: ClockClass,
    /// None for what the ticket itself is about.
    pub(super) subject_ref: Option<Uuid>,
    pub(super) basis: Basis,
    pub(super) silence: Option<SilenceEffect>,
    /// The instant that its days count from.
    pub(super) from: Timestamp,
}

/// The end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) goal: Goal,
    pub(super) due_at: Timestamp,
    pub(super) safe_due_at: Option<Timestamp>,
}

impl From<StatutoryDue> for End {
    fn from(due: StatutoryDue) -> Self {
        Self {
            goal: Goal::LastDay { day: due.last_day, unrolled: due.unrolled },
            due_at: due.due_at,
            safe_due_at: Some(due.safe_due_at),
        }
    }
}

/// A clock until the end of that day.
pub(super) fn start(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    new: New,
    end: End,
) -> Event {
    let New { kind, class, subject_ref, basis, silence, from } = new;
    let cycle = state.latest(kind).map_or(1, |clock| clock.cycle + 1);
    let percents = seen.terms.policy_of(ticket).warn_percents().iter();
    Event::Started(Box::new(Started {
        clock_id: clock_id(ticket.ticket_id, kind, cycle),
        ticket_id: ticket.ticket_id,
        kind,
        class,
        cycle,
        subject_ref,
        promise: None,
        channel: None,
        basis,
        calendar: None,
        goal: end.goal,
        started_at: from,
        due_at: end.due_at,
        safe_due_at: end.safe_due_at,
        silence,
        warn_at: percents.filter_map(|percent| warn(from, end.due_at, *percent)).collect(),
    }))
}

/// Gives a live clock another last day, unless it has it or was late by then.
pub(super) fn move_to(clock: &Clock, at: Timestamp, end: End, cause: RetargetCause) -> Vec<Event> {
    let same = clock.goal == end.goal && clock.safe_due_at == end.safe_due_at;
    let late = clock.breach.filter(|breach| !breach.voided);
    let disproved = late.filter(|late| at <= late.due_at && late.due_at < end.due_at);
    if same || !clock.is_live() || late != disproved {
        return Vec::new();
    }
    if let Some(breach) = overdue(clock, at) {
        return vec![breach];
    }
    let at = at.max(clock.since());
    let running = matches!(clock.phase, Phase::Running { .. });
    let (warn_at, passed) = warnings(clock, at, end.due_at);
    let mut events = Vec::from_iter(disproved.map(|_| timing::void(clock)));
    events.push(Event::Retargeted(Box::new(Retargeted {
        clock_id: clock.id,
        at,
        elapsed: match clock.phase {
            Phase::Running { since } => clock.carried + at.duration_since(since).unsigned_abs(),
            Phase::Paused { .. } | Phase::Stopped { .. } => clock.carried,
        },
        old_target: Duration::ZERO,
        old_last_day: match clock.goal {
            Goal::LastDay { day, .. } => Some(day),
            Goal::Target(_) | Goal::Instant => None,
        },
        goal: end.goal,
        granted: Duration::ZERO,
        basis: clock.basis.clone(),
        calendar: None,
        due_at: running.then_some(end.due_at),
        safe_due_at: end.safe_due_at,
        warn_at: if running { warn_at } else { Vec::new() },
        cause,
    })));
    if let (true, Some(percent)) = (running, passed) {
        let remaining = end.due_at.duration_since(at).unsigned_abs();
        events.push(timing::threshold(clock, percent, end.due_at, remaining));
    }
    events
}

/// Makes a clock run again that stood still; one that is late keeps its instant.
pub(super) fn resume(clock: &Clock, at: Timestamp, end: End) -> Vec<Event> {
    let (clock_id, elapsed) = (clock.id, clock.carried);
    if let Some(breach) = clock.breach {
        let (due_at, warn_at) = (breach.due_at, Vec::new());
        return vec![Event::Resumed { clock_id, at, elapsed, due_at, warn_at }];
    }
    let (warn_at, passed) = warnings(clock, at, end.due_at);
    let resumed = Event::Resumed { clock_id, at, elapsed, due_at: end.due_at, warn_at };
    let mut running = clock.clone();
    running.take(&resumed);
    let mut moved = move_to(&running, at, end, RetargetCause::Supplement);
    if let (true, Some(percent)) = (moved.is_empty(), passed) {
        let remaining = end.due_at.duration_since(at).unsigned_abs();
        moved.push(timing::threshold(&running, percent, end.due_at, remaining));
    }
    moved.insert(0, resumed);
    moved
}

/// Undoes the end of a clock that is due at a fixed instant, as if it had run all the while. What
/// is late by now is found by the timer.
pub(super) fn run_on(
    clock: &Clock,
    at: Timestamp,
    elapsed: Duration,
    due_at: Timestamp,
) -> Vec<Event> {
    let (warn_at, passed) = warnings(clock, at, due_at);
    let mut events = vec![Event::Resumed { clock_id: clock.id, at, elapsed, due_at, warn_at }];
    if let Some(percent) = passed.filter(|_| at <= due_at) {
        let remaining = due_at.duration_since(at).unsigned_abs();
        events.push(timing::threshold(clock, percent, due_at, remaining));
    }
    events
}

/// The warnings to come on the way to an instant, and the highest that has passed without
/// one.
fn warnings(clock: &Clock, at: Timestamp, due_at: Timestamp) -> (Vec<Warn>, Option<u8>) {
    let left = clock.percents.iter().filter(|percent| **percent > clock.warned);
    let all = left.filter_map(|percent| warn(clock.started_at, due_at, *percent));
    let (passed, to_come): (Vec<_>, Vec<_>) = all.partition(|warn| warn.at <= at);
    (to_come, passed.iter().map(|warn| warn.percent).max())
}

/// When that part of the way is over.
pub(super) fn warn(from: Timestamp, due_at: Timestamp, percent: u8) -> Option<Warn> {
    let span = due_at.duration_since(from);
    let part = SignedDuration::try_from(timing::part(span.unsigned_abs(), percent)).ok()?;
    Some(Warn { percent, at: from.checked_add(part).ok()? })
}
