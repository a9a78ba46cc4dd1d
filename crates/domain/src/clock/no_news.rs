//! The "no news" timer: at the end of an update clock, where the policy says so, the customer is
//! told that there is no news.
//!
//! The timer follows the clock: it fires at the last instant in time, a second before anybody
//! looks for a breach, and once for each clock.
use jiff::Timestamp;

use super::{
    Basis, Clock, ClockKind, Event, NoNews, Observation, Phase, Rejection, State, TicketFacts,
    TimerKind, TimerSet, Wait, timer,
};
use crate::priority::Channel;

const KIND: TimerKind = TimerKind::NoNewsUpdate;
const ROUND: ClockKind = ClockKind::PeriodicUpdate;

/// The events, and what follows from them for the timer.
pub(super) fn follow(
    state: &State,
    seen: &Observation,
    mut events: Vec<Event>,
) -> Result<Vec<Event>, Rejection> {
    let (ticket, round) = after(state, &events);
    let (Some(ticket), Some(round)) = (ticket, round) else { return Ok(events) };
    let due_at = round.due_at.filter(|_| is_wanted(state, seen, &ticket, &round));
    let fits =
        |timer: &TimerSet| timer.subject_ref == Some(round.id.0) && Some(timer.fires_at) == due_at;
    let cancelled = |timer: &TimerSet| {
        let mut events = events.iter();
        events.any(|event| {
            matches!(event, Event::TimerCancelled { timer_id, .. } if *timer_id == timer.timer_id)
        })
    };
    let set = state.timers.iter().find(|timer| timer.kind == KIND && !cancelled(timer));
    if set.is_some_and(fits) {
        return Ok(events);
    }
    events.extend(set.map(|t| Event::TimerCancelled { timer_id: t.timer_id, at: seen.at }));
    // What another system did not tell its customers is its own matter.
    if let Some(due_at) = due_at.filter(|_| !seen.historical) {
        events.push(Event::TimerSet(Box::new(new(seen, &ticket, &round, due_at)?)));
    }
    Ok(events)
}

/// The ticket and its latest clock of updates after some events.
fn after(state: &State, events: &[Event]) -> (Option<TicketFacts>, Option<Clock>) {
    let mut ticket = state.ticket.clone();
    let mut round = state.latest(ROUND).cloned();
    for event in events {
        if let Event::TicketNoted(facts) = event {
            ticket = Some(facts.clone());
        } else if let Event::Started(started) = event
            && started.kind == ROUND
        {
            round = Some(Clock::new(started));
        } else if let Some(round) = round.as_mut().filter(|c| event.clock_id() == Some(c.id)) {
            round.take(event);
        }
    }
    (ticket, round)
}

/// Whether the customer is to be told, and has not been told at the end of this clock. Odzew does
/// not answer by itself in public.
fn is_wanted(state: &State, seen: &Observation, ticket: &TicketFacts, round: &Clock) -> bool {
    let runs = matches!(round.phase, Phase::Running { .. }) && round.breach.is_none();
    let private = !matches!(ticket.channel, Channel::Social | Channel::Monitoring);
    let policy = seen.terms.policy_of(ticket);
    let wanted = ticket.priority.is_some_and(|priority| policy.tells_no_news(priority));
    runs && private && wanted && ticket.has_requester && state.no_news != Some(round.id)
}

fn new(
    seen: &Observation,
    ticket: &TicketFacts,
    round: &Clock,
    due_at: Timestamp,
) -> Result<TimerSet, Rejection> {
    let calendar = round.calendar.clone().ok_or(Rejection::OutOfReach)?;
    let budget = round.budget().unwrap_or_default();
    let policy = seen.terms.policy_of(ticket);
    let rule = ticket.priority.and_then(|p| policy.rule(p, ROUND, ticket.channel));
    let next_due_at = rule
        .map(|rule| {
            let calendar = seen.terms.current(&rule.calendar, due_at);
            calendar.map(|calendar| calendar.due(due_at, rule.target))
        })
        .transpose()?;
    Ok(TimerSet {
        timer_id: timer::timer_id(seen, ticket, KIND, round.cycle),
        ticket_id: ticket.ticket_id,
        kind: KIND,
        step: 1,
        subject_ref: Some(round.id.0),
        basis: Basis::of(policy),
        wait: Wait::WorkingTime { calendar, after: budget.saturating_sub(round.carried) },
        set_at: round.since(),
        fires_at: due_at,
        no_news: Some(NoNews { silent_since: round.started_at, next_due_at }),
    })
}
