//! How the solution, the end and the reopening of a ticket change its clocks.
use std::time::Duration;

use jiff::Timestamp;

use super::course::Course;
use super::decide::{collect, start, stop};
use super::{
    Clock, ClockClass, ClockKind, CloseReason, ComplaintFacts, Event, Goal, Observation, Outcome,
    PauseReason, Phase, Rejection, ReopenTrigger, RetargetCause, State, Terms, TicketFacts, given,
    owner, request, timer, timing, update,
};
use crate::policy::Reopen;

/// A solution was given: it is what was promised, and nobody has to do or say anything
/// more; the customer may object.
pub(super) fn resolved(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let mut events = stop(state, seen, ClockKind::Resolution)?;
    events.extend(request::solved(state, seen, ticket)?);
    events.extend(given::keep_by_solution(state, seen)?);
    events.extend(update::ended(state, seen)?);
    events.extend(owner::ended(state, seen)?);
    events.extend(timer::cancel(state, seen.at, |t| t.kind.waits_for_customer()));
    events.extend(timer::await_objection(state, seen, ticket)?);
    let mut course = Course::from(state);
    course.add(events);
    course.note(state.complaint_with(|facts| facts.resolved_at = Some(seen.at)));
    Ok(course.events)
}

/// It is worked on again: nothing closes it by itself.
pub(super) fn reopened(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    trigger: ReopenTrigger,
) -> Result<Vec<Event>, Rejection> {
    let mut course = Course::from(state);
    course.note(state.complaint_with(|facts| facts.resolved_at = None));
    let mut events = course.events;
    events.extend(request::noted(ticket, None));
    let ticket = &TicketFacts { solved_at: None, ..ticket.clone() };
    events.extend(timer::cancel(state, seen.at, |t| t.kind.follows_solution()));
    match trigger {
        ReopenTrigger::Unsolved => {
            events.extend(reopen(state, seen, ticket)?);
            events.extend(request::reopened(state, seen)?);
        }
        // The appeal has a clock of its own.
        ReopenTrigger::Appeal => {}
        ReopenTrigger::NotSpam => {
            events.extend(undo_cancel(state, seen, ticket)?);
            return Ok(events);
        }
    }
    events.extend(update::reopened(state, seen, ticket)?);
    Ok(events)
}

/// The solution was none: what was met runs on, or a new cycle begins, as the policy
/// says. What was missed stays missed and does not run on.
fn reopen(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let kind = ClockKind::Resolution;
    let Some(clock) = state.latest(kind) else { return Ok(Vec::new()) };
    let Phase::Stopped { at: stopped_at, outcome } = clock.phase else { return Ok(Vec::new()) };
    let at = seen.at.max(stopped_at);
    let mode = seen.terms.policy_of(ticket).reopen();
    if runs_on(state, clock, mode) {
        return timing::resume(clock, at, clock.carried, &seen.terms);
    }
    match (mode, outcome) {
        (Reopen::Restart, Outcome::Met | Outcome::Missed) => {
            let started = start(state, ticket, kind, ticket.channel, at, &seen.terms)?;
            Ok(Vec::from_iter(started))
        }
        (Reopen::Continue, _) | (_, Outcome::Cancelled) => Ok(Vec::new()),
    }
}

/// True if the clock has ended and would run on, with the target that it then has, if the
/// ticket were reopened because the solution was none.
pub(super) fn runs_on(state: &State, clock: &Clock, mode: Reopen) -> bool {
    let latest = state.latest(ClockKind::Resolution).is_some_and(|latest| latest.id == clock.id);
    let met = matches!(clock.phase, Phase::Stopped { outcome: Outcome::Met, .. });
    latest && met && mode == Reopen::Continue
}

/// The ticket was not spam: the clocks that its end cancelled continue as if it had never been
/// closed. Not so its queue and its owner, which ended with the route: routing begins anew.
fn undo_cancel(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let cancelled_at = |clock: &Clock| match clock.phase {
        Phase::Stopped { at, outcome: Outcome::Cancelled } => Some(at),
        Phase::Stopped { .. } | Phase::Running { .. } | Phase::Paused { .. } => None,
    };
    let routed = |clock: &&Clock| matches!(clock.kind, ClockKind::Assign | ClockKind::Accept);
    let ended: Vec<&Clock> = state.clocks.iter().filter(|clock| !routed(clock)).collect();
    let ended_at = ended.iter().filter_map(|clock| cancelled_at(clock)).max();
    let meant = |clock: &&Clock| {
        let latest = || state.latest(clock.kind).is_some_and(|latest| latest.id == clock.id);
        clock.kind == ClockKind::Promise || latest()
    };
    collect(ended.into_iter().filter(meant), |clock| {
        let Some(at) = cancelled_at(clock).filter(|at| Some(*at) == ended_at) else {
            return Ok(Vec::new());
        };
        let elapsed = seen.terms.elapsed(clock, at, seen.at)?;
        let (at, carried) = (seen.at.max(at), clock.carried + elapsed);
        // One that stood still was due at no instant; nobody waits any more.
        let due_at = match (clock.due_at, clock.goal) {
            (None, Goal::LastDay { .. }) => request::last_day(clock, ticket, &seen.terms)?,
            (due_at, _) => due_at,
        };
        timing::run_on(clock, due_at, at, carried, &seen.terms)
    })
}

/// It is no complaint: the promise of a solution, whose place the complaint's clocks took,
/// goes on as if it had run all the while, but for the waits for the customer; with the target
/// of the priority that the ticket got meanwhile.
pub(super) fn solve_after_all(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    before: &ComplaintFacts,
) -> Result<Vec<Event>, Rejection> {
    let Some(clock) = state.latest(ClockKind::Resolution) else { return Ok(Vec::new()) };
    match clock.phase {
        Phase::Stopped { at, outcome: Outcome::Cancelled } if at == before.opened_at => {}
        Phase::Stopped { .. } | Phase::Running { .. } | Phase::Paused { .. } => {
            return Ok(Vec::new());
        }
    }
    let at = seen.at.max(before.opened_at);
    let (carried, due_at) = meanwhile(clock, before, at, &seen.terms)?;
    let policy = seen.terms.policy_of(ticket);
    let channel = clock.channel.unwrap_or(ticket.channel);
    let rule = before.reprioritised.and_then(|p| policy.rule(p, ClockKind::Resolution, channel));
    let mut course = Course::from(state);
    match (rule, due_at, clock.breach) {
        // What follows from it being late, or nearly so, is for the new target to say.
        (Some(_), Some(due_at), None) => {
            let (clock_id, warn_at) = (clock.id, Vec::new());
            let due_at = due_at.max(at);
            course.add([Event::Resumed { clock_id, at, elapsed: carried, due_at, warn_at }]);
        }
        (_, due_at, _) => course.add(timing::run_on(clock, due_at, at, carried, &seen.terms)?),
    }
    let waits = before.waits.iter().find(|wait| wait.until.is_none()).map(|wait| wait.hold_id);
    let hold_id = waits.or_else(|| update::waiting(state).map(|(_, hold_id)| hold_id));
    let live = |course: &Course| course.state.live(ClockKind::Resolution).next().cloned();
    if let (Some(hold_id), Some(clock)) = (hold_id, live(&course)) {
        let reason = PauseReason::WaitingCustomer;
        course.add(timing::pause(&clock, at, hold_id, reason, &seen.terms)?);
    }
    if let (Some(rule), Some(clock)) = (rule, live(&course)) {
        let (by, cause) = ((policy, rule), RetargetCause::Priority);
        course.add(timing::retarget(&clock, at, by, cause, &seen.terms)?);
    }
    Ok(course.events)
}

/// What has counted of a clock by an instant, had it not ended when the complaint took its
/// place, and when it would have been due; without what it is due by a fixed instant.
fn meanwhile(
    clock: &Clock,
    complaint: &ComplaintFacts,
    at: Timestamp,
    terms: &Terms,
) -> Result<(Duration, Option<Timestamp>), Rejection> {
    let Some(budget) = clock.budget() else { return Ok((clock.carried, clock.due_at)) };
    let (mut carried, mut since) = (clock.carried, complaint.opened_at);
    let mut due_at = None;
    let ends = complaint.waits.iter().map(|wait| (wait.since, wait.until.unwrap_or(at)));
    for (until, next) in ends.chain([(at, at)]) {
        let ran = terms.elapsed(clock, since, until)?;
        if due_at.is_none() && carried + ran >= budget {
            due_at = Some(terms.due(clock, since, budget.saturating_sub(carried))?);
        }
        carried += ran;
        since = since.max(next);
    }
    let due_at = match due_at {
        Some(due_at) => due_at,
        None => terms.due(clock, at, budget.saturating_sub(carried))?,
    };
    Ok((carried, Some(due_at)))
}

/// Ends the clocks that still run. Statutory clocks do not end with the ticket, unless the customer
/// withdraws the complaint or it is merged into an earlier ticket; remedies are owed all the same.
pub(super) fn close(
    state: &State,
    seen: &Observation,
    reason: CloseReason,
) -> Result<Vec<Event>, Rejection> {
    let given_up = matches!(reason, CloseReason::Withdrawn | CloseReason::Duplicate);
    let ends = |clock: &&Clock| {
        let by_law = clock.class == ClockClass::Statutory;
        // What nobody has asked for, no law wants to be answered.
        let unasked = reason == CloseReason::Spam && request::is_of_request(clock);
        clock.is_live() && clock.kind != ClockKind::Remedy && (given_up || unasked || !by_law)
    };
    let mut course = Course::from(state);
    course.note(state.complaint_with(|facts| facts.resolved_at = None));
    let mut events = course.events;
    events.extend(timer::cancel(state, seen.at, |t| !t.kind.outlives_ticket()));
    events.extend(collect(state.clocks.iter().filter(ends), |clock| {
        // A solution that the customer accepts without another word was the answer.
        if clock.kind == ClockKind::FirstReply
            && reason == CloseReason::Confirmed
            && let Some(at) = resolved_at(state)
        {
            return timing::stop(clock, at, seen.event_id, &seen.terms);
        }
        let promised = reason != CloseReason::Spam;
        timing::cancel(clock, seen.at, seen.event_id, promised, &seen.terms)
    })?);
    Ok(events)
}

fn resolved_at(state: &State) -> Option<Timestamp> {
    match state.latest(ClockKind::Resolution)?.phase {
        Phase::Stopped { at, outcome: Outcome::Met | Outcome::Missed } => Some(at),
        Phase::Stopped { .. } | Phase::Running { .. } | Phase::Paused { .. } => None,
    }
}
