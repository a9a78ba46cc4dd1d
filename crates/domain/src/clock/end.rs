//! What a ticket's solution, end and return do to its clocks.
use jiff::Timestamp;

use super::decide::{collect, start, stop};
use super::{
    Clock, ClockClass, ClockKind, CloseReason, Event, Observation, Outcome, Phase, Rejection,
    ReopenTrigger, State, TicketFacts, given, owner, timer, timing, update,
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
    events.extend(given::keep_by_solution(state, seen)?);
    events.extend(update::ended(state, seen)?);
    events.extend(owner::ended(state, seen)?);
    events.extend(timer::cancel(state, seen.at, |t| t.kind.waits_for_customer()));
    events.extend(timer::await_objection(state, seen, ticket)?);
    Ok(events)
}

/// It is worked on again: nothing closes it by itself.
pub(super) fn reopened(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    trigger: ReopenTrigger,
) -> Result<Vec<Event>, Rejection> {
    let mut events = timer::cancel(state, seen.at, |t| !t.kind.waits_for_customer());
    match trigger {
        ReopenTrigger::Unsolved => events.extend(reopen(state, seen, ticket)?),
        // The appeal has a clock of its own.
        ReopenTrigger::Appeal => {}
        ReopenTrigger::NotSpam => {
            events.extend(undo_cancel(state, seen)?);
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
    match (seen.terms.policy_of(ticket).reopen(), outcome) {
        (Reopen::Restart, Outcome::Met | Outcome::Missed) => {
            let started = start(state, ticket, kind, ticket.channel, at, &seen.terms)?;
            Ok(Vec::from_iter(started))
        }
        (Reopen::Continue, Outcome::Met) => timing::resume(clock, at, clock.carried, &seen.terms),
        (Reopen::Continue, Outcome::Missed) | (_, Outcome::Cancelled) => Ok(Vec::new()),
    }
}

/// The ticket was not spam: what its end cancelled goes on as if it had never been closed.
/// Not so its queue and its owner, which ended with the route: routing begins anew.
fn undo_cancel(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
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
        timing::run_on(clock, seen.at.max(at), clock.carried + elapsed, &seen.terms)
    })
}

/// Ends what still runs. What the law demands does not end with the ticket.
pub(super) fn close(
    state: &State,
    seen: &Observation,
    reason: CloseReason,
) -> Result<Vec<Event>, Rejection> {
    let live = state.clocks.iter().filter(|c| c.is_live() && c.class != ClockClass::Statutory);
    let mut events = timer::cancel(state, seen.at, |_| true);
    events.extend(collect(live, |clock| {
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
