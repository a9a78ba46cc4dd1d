//! The arithmetic of one clock: start, pause, resume, retarget, stop.
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Basis, Breach, BreachCause, Clock, ClockKind, Event, Goal, Outcome, PauseReason, Phase,
    RegimeVersion, Rejection, RetargetCause, Retargeted, Started, Terms, TicketFacts, VoidReason,
    Warn, clock_id, days,
};
use crate::calendar::PreparedCalendar;
use crate::ids::HoldId;
use crate::policy::{Policy, Rule};
use crate::priority::Channel;
use crate::regime::Regime;

/// A new clock by a rule of the policy.
pub(super) fn start(
    ticket: &TicketFacts,
    (kind, cycle, channel): (ClockKind, u32, Channel),
    (policy, rule): (&Policy, &Rule),
    at: Timestamp,
    terms: &Terms,
) -> Result<Event, Rejection> {
    let calendar = terms.current(&rule.calendar, at)?;
    let warn_at = policy
        .warn_percents()
        .iter()
        .map(|&percent| Warn { percent, at: calendar.due(at, part(rule.target, percent)) })
        .collect();
    Ok(Event::Started(Box::new(Started {
        clock_id: clock_id(ticket.ticket_id, kind, cycle),
        ticket_id: ticket.ticket_id,
        kind,
        class: kind.class(),
        cycle,
        subject_ref: None,
        promise: None,
        channel: Some(channel),
        basis: Basis::of(policy),
        calendar: Some(calendar.reference().clone()),
        goal: Goal::Target(rule.target),
        started_at: at,
        due_at: calendar.due(at, rule.target),
        safe_due_at: None,
        silence: None,
        warn_at,
    })))
}

/// Pauses a running clock. A clock that is late by then is first breached; the breach of one that
/// was not yet late by then is voided.
pub(super) fn pause(
    clock: &Clock,
    at: Timestamp,
    hold_id: HoldId,
    reason: PauseReason,
    terms: &Terms,
) -> Result<Vec<Event>, Rejection> {
    let Phase::Running { since } = clock.phase else { return Ok(Vec::new()) };
    let at = at.max(since);
    let mut events = Vec::from_iter(disproved(clock, at).or_else(|| overdue(clock, at)));
    let elapsed = clock.elapsed_at(at, terms)?;
    events.push(Event::Paused { clock_id: clock.id, at, elapsed, reason, hold_id });
    Ok(events)
}

/// Makes a clock run (again) from `at`, with `carried` on it. One that is late keeps
/// the instant at which it was due.
pub(super) fn resume(
    clock: &Clock,
    at: Timestamp,
    carried: Duration,
    terms: &Terms,
) -> Result<Vec<Event>, Rejection> {
    let (Some(target), Some(budget), false) =
        (clock.target(), clock.budget(), clock.has_no_claim())
    else {
        let due_at = clock.breach.map(|breach| breach.due_at).or(clock.due_at).unwrap_or(at);
        let warn_at = Vec::new();
        return Ok(vec![Event::Resumed {
            clock_id: clock.id,
            at,
            elapsed: carried,
            due_at,
            warn_at,
        }]);
    };
    let calendar = terms.calendar_of(clock)?;
    let due_at = calendar.due(at, budget.saturating_sub(carried));
    let (warn_at, passed) = warnings(clock, calendar, at, carried, target);
    let mut events =
        vec![Event::Resumed { clock_id: clock.id, at, elapsed: carried, due_at, warn_at }];
    events.extend(consequence(clock, due_at, at, carried, budget, passed));
    Ok(events)
}

/// Undoes the end of a clock, as if it had run all the while, with `carried` on it and due at
/// the instant at which it would have been. What was late stays so, and what was forgiven is.
pub(super) fn run_on(
    clock: &Clock,
    due_at: Option<Timestamp>,
    at: Timestamp,
    carried: Duration,
    terms: &Terms,
) -> Result<Vec<Event>, Rejection> {
    let clock_id = clock.id;
    if let Some(Breach { due_at, .. }) = clock.breach {
        let (elapsed, warn_at) = (carried, Vec::new());
        return Ok(vec![Event::Resumed { clock_id, at, elapsed, due_at, warn_at }]);
    }
    let Some(due_at) = due_at else { return resume(clock, at, clock.carried, terms) };
    let (Some(target), Some(budget)) = (clock.target(), clock.budget()) else {
        return Ok(days::run_on(clock, at, carried, due_at));
    };
    let calendar = terms.calendar_of(clock)?;
    let (warn_at, passed) = warnings(clock, calendar, at, carried, target);
    let mut events = vec![Event::Resumed { clock_id, at, elapsed: carried, due_at, warn_at }];
    // What is late by now is found by the timer, with the instant at which it was due.
    if at <= due_at {
        events.extend(consequence(clock, due_at, at, carried, budget, passed));
    }
    Ok(events)
}

/// Gives a clock the target of another rule, unless it has it or was late by then. One that
/// stands still, or has ended, has the new target when it runs again.
pub(super) fn retarget(
    clock: &Clock,
    at: Timestamp,
    (policy, rule): (&Policy, &Rule),
    cause: RetargetCause,
    terms: &Terms,
) -> Result<Vec<Event>, Rejection> {
    let Goal::Target(old_target) = clock.goal else { return Ok(Vec::new()) };
    let calendar = terms.current(&rule.calendar, at.max(clock.started_at))?;
    let same = rule.target == old_target && clock.calendar.as_ref() == Some(calendar.reference());
    let disproved = disproved(clock, at);
    let late = match clock.phase {
        Phase::Running { .. } | Phase::Paused { .. } => {
            clock.breach.is_some() && disproved.is_none()
        }
        Phase::Stopped { .. } => clock.has_no_claim(),
    };
    if same || late {
        return Ok(Vec::new());
    }
    if let Some(breach) = overdue(clock, at) {
        return Ok(vec![breach]);
    }
    let at = at.max(clock.since());
    let mut events = Vec::from_iter(disproved);
    let elapsed = match clock.phase {
        Phase::Running { .. } | Phase::Paused { .. } => clock.elapsed_at(at, terms)?,
        Phase::Stopped { .. } => clock.carried,
    };
    let left = rule.target.saturating_sub(elapsed);
    let minimum = policy.retarget_min_remaining(rule.priority);
    let granted = if minimum > left { elapsed + minimum - rule.target } else { Duration::ZERO };
    let mut change = Retargeted {
        clock_id: clock.id,
        at,
        elapsed,
        old_target,
        old_last_day: None,
        goal: Goal::Target(rule.target),
        granted,
        basis: Basis::of(policy),
        calendar: Some(calendar.reference().clone()),
        due_at: None,
        safe_due_at: None,
        warn_at: Vec::new(),
        cause,
    };
    let Phase::Running { .. } = clock.phase else {
        events.push(Event::Retargeted(Box::new(change)));
        return Ok(events);
    };
    let left = left.max(minimum);
    let due_at = calendar.due(at, left);
    let budget = rule.target + granted;
    let (warn_at, passed) = warnings(clock, calendar, at, elapsed, rule.target);
    (change.due_at, change.warn_at) = (Some(due_at), warn_at);
    events.push(Event::Retargeted(Box::new(change)));
    if left.is_zero() {
        events.push(breach(clock, due_at, at, BreachCause::Retarget));
    } else {
        events.extend(consequence(clock, due_at, at, elapsed, budget, passed));
    }
    Ok(events)
}

/// Ends a clock by what it waited for, and judges it: met if `at` is not after due.
/// A clock that has missed is judged again when an earlier instant becomes known.
pub(super) fn stop(
    clock: &Clock,
    at: Timestamp,
    stop_event_id: Uuid,
    terms: &Terms,
) -> Result<Vec<Event>, Rejection> {
    let in_time = match (clock.breach, clock.phase) {
        (Some(breach), _) => at <= breach.due_at,
        (None, Phase::Paused { .. }) => clock.budget().is_none_or(|b| clock.carried <= b),
        (None, _) => clock.due_at.is_none_or(|due_at| at <= due_at),
    };
    let late_proof = in_time && clock.started_at <= at;
    let open = match clock.phase {
        Phase::Stopped { outcome, .. } => outcome == Outcome::Missed && late_proof,
        Phase::Running { .. } | Phase::Paused { .. } => true,
    };
    if !open {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    match clock.breach {
        Some(breach) if in_time && !breach.voided => events.push(void(clock)),
        None if !in_time => events.push(match clock.due_at {
            Some(due_at) => breach(clock, due_at, at, BreachCause::Time),
            None => breach(clock, at, at, BreachCause::Retarget),
        }),
        Some(_) | None => {}
    }
    let elapsed = clock.elapsed_at(at, terms)?;
    let outcome = if in_time { Outcome::Met } else { Outcome::Missed };
    events.push(Event::Stopped { clock_id: clock.id, at, outcome, elapsed, stop_event_id });
    Ok(events)
}

/// Ends a live clock that no longer matters. What was late by then stays late, unless
/// there never was a promise; what was not is late no more.
pub(super) fn cancel(
    clock: &Clock,
    at: Timestamp,
    stop_event_id: Uuid,
    promised: bool,
    terms: &Terms,
) -> Result<Vec<Event>, Rejection> {
    let late = || overdue(clock, at).filter(|_| promised);
    let mut events = Vec::from_iter(disproved(clock, at).or_else(late));
    let (elapsed, outcome) = (clock.elapsed_at(at, terms)?, Outcome::Cancelled);
    events.push(Event::Stopped { clock_id: clock.id, at, outcome, elapsed, stop_event_id });
    Ok(events)
}

/// The working time in `percent` of a target, in whole seconds.
pub(super) fn part(target: Duration, percent: u8) -> Duration {
    let seconds = u128::from(target.as_secs()) * u128::from(percent) / 100;
    Duration::from_secs(u64::try_from(seconds).expect("a percentage is below 100"))
}

/// The breach of a running clock that was due before `at` and not noticed.
pub(super) fn overdue(clock: &Clock, at: Timestamp) -> Option<Event> {
    match (clock.phase, clock.breach, clock.due_at) {
        (Phase::Running { .. }, None, Some(due_at)) if at > due_at => {
            Some(breach(clock, due_at, at, BreachCause::Time))
        }
        _ => None,
    }
}

/// The end of a running clock's breach, if what is learnt now happened while there was time: the
/// working time after it did not count, or not for this target.
fn disproved(clock: &Clock, at: Timestamp) -> Option<Event> {
    let late = clock.breach.is_some_and(|breach| !breach.voided);
    (late && clock.was_in_time(at)).then(|| void(clock))
}

/// What was due, or what gave it another end, had happened in time.
pub(super) fn void(clock: &Clock) -> Event {
    let (reason, note) = (VoidReason::LateProof, String::new());
    Event::BreachVoided { clock_id: clock.id, reason, by: None, note }
}

/// What follows at once from a new due instant: nothing, a breach because more is used
/// up than there is, or the highest of the thresholds that are passed.
fn consequence(
    clock: &Clock,
    due_at: Timestamp,
    at: Timestamp,
    carried: Duration,
    budget: Duration,
    passed: Option<u8>,
) -> Option<Event> {
    if carried > budget {
        return Some(breach(clock, due_at, at, BreachCause::Retarget));
    }
    let remaining = budget - carried;
    passed.map(|percent| threshold(clock, percent, due_at, remaining))
}

pub(super) fn breach(
    clock: &Clock,
    due_at: Timestamp,
    detected_at: Timestamp,
    cause: BreachCause,
) -> Event {
    Event::Breached {
        clock_id: clock.id,
        ticket_id: clock.ticket_id,
        kind: clock.kind,
        due_at,
        detected_at,
        cause,
        silence_effect: clock.silence,
        regime: match &clock.basis {
            Basis::Regime { code, version } => {
                Some(RegimeVersion { code: code.clone(), version: *version })
            }
            Basis::Policy { .. } | Basis::Given => None,
        },
    }
}

pub(super) fn threshold(
    clock: &Clock,
    percent: u8,
    due_at: Timestamp,
    remaining: Duration,
) -> Event {
    Event::ThresholdReached {
        clock_id: clock.id,
        ticket_id: clock.ticket_id,
        kind: clock.kind,
        percent,
        due_at,
        remaining: Duration::from_secs(remaining.as_secs()),
    }
}

/// The warnings that are still to come, and the highest percentage that is passed and
/// was not warned of. They count of what was promised: what is granted on top moves none.
fn warnings(
    clock: &Clock,
    calendar: &PreparedCalendar,
    at: Timestamp,
    carried: Duration,
    target: Duration,
) -> (Vec<Warn>, Option<u8>) {
    let mut to_come = Vec::new();
    let mut passed = None;
    for &percent in clock.percents.iter().filter(|percent| **percent > clock.warned) {
        match part(target, percent).checked_sub(carried) {
            Some(left) if !left.is_zero() => {
                to_come.push(Warn { percent, at: calendar.due(at, left) });
            }
            _ => passed = passed.max(Some(percent)),
        }
    }
    (to_come, passed)
}

impl Clock {
    /// It is late and gets no more time: a voided breach leaves a claim to new time only to
    /// a clock that was then met.
    fn has_no_claim(&self) -> bool {
        self.breach.is_some_and(|breach| !breach.voided || self.is_live())
    }

    /// It runs and was breached, and that instant was not after due. What was used up when it
    /// began to run has no such instant.
    pub(super) fn was_in_time(&self, at: Timestamp) -> bool {
        let Phase::Running { since } = self.phase else { return false };
        self.breach.is_some_and(|breach| since < breach.due_at && at <= breach.due_at)
    }

    /// Since when it is in its phase.
    pub(super) fn since(&self) -> Timestamp {
        match self.phase {
            Phase::Running { since } | Phase::Paused { since, .. } => since,
            Phase::Stopped { at, .. } => at,
        }
    }

    /// The working time that has counted at `at`. For a stopped clock: had it been
    /// stopped at that earlier instant.
    pub(super) fn elapsed_at(&self, at: Timestamp, terms: &Terms) -> Result<Duration, Rejection> {
        match self.phase {
            Phase::Running { since } => Ok(self.carried + terms.elapsed(self, since, at)?),
            Phase::Paused { .. } => Ok(self.carried),
            Phase::Stopped { .. } => {
                Ok(self.carried.min(terms.elapsed(self, self.started_at, at)?))
            }
        }
    }
}

impl Basis {
    pub(super) fn of(policy: &Policy) -> Self {
        Self::Policy { id: policy.id().to_owned(), version: policy.version() }
    }

    pub(super) fn law(regime: &Regime) -> Self {
        Self::Regime { code: regime.code().to_owned(), version: regime.version() }
    }
}
