//! What happens by itself when nobody answers: set by a fact, cancelled by another, or
//! fired when its time has come; each at most once.
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Basis, Event, Observation, Rejection, State, TicketFacts, TimerKind};
use crate::calendar::CalendarRef;
use crate::ids::{HoldId, TicketId, TimerId};
use crate::policy::{Automation, Policy};

/// Something that will happen by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerSet {
    /// The timer.
    pub timer_id: TimerId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// What will happen.
    pub kind: TimerKind,
    /// Number among the timers of its kind that are set together, from 1.
    pub step: u32,
    /// The hold it belongs to; none if it counts from the solution.
    pub subject_ref: Option<Uuid>,
    /// What demands it.
    pub basis: Basis,
    /// The calendar it counts on.
    pub calendar: CalendarRef,
    /// Working time until then.
    pub after: Duration,
    /// Since when it counts.
    pub set_at: Timestamp,
    /// When it happens.
    pub fires_at: Timestamp,
}

/// What follows if the customer, whom we now ask, does not answer.
pub(super) fn await_customer(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    if state.timers.iter().any(|timer| timer.subject_ref == Some(hold_id.0)) {
        return Ok(Vec::new());
    }
    set(seen, ticket, Some(hold_id.0), TimerKind::waits_for_customer)
}

/// What follows if the customer does not object to the solution.
pub(super) fn await_objection(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    if state.timers.iter().any(|timer| !timer.kind.waits_for_customer()) {
        return Ok(Vec::new());
    }
    set(seen, ticket, None, |kind| !kind.waits_for_customer())
}

/// Sets the timers of some kinds. A history of another system sets none: it ended there
/// as it ended.
fn set(
    seen: &Observation,
    ticket: &TicketFacts,
    subject_ref: Option<Uuid>,
    wanted: impl Fn(TimerKind) -> bool,
) -> Result<Vec<Event>, Rejection> {
    if seen.historical {
        return Ok(Vec::new());
    }
    let policy = seen.terms.policy_of(ticket);
    let mut events: Vec<Event> = Vec::new();
    let mut reminders = 0;
    for automation in policy.automations().iter().filter(|a| wanted(a.kind)) {
        let step = match automation.kind {
            TimerKind::CustomerReminder => {
                reminders += 1;
                reminders
            }
            TimerKind::NoReplyResolve | TimerKind::AutoClose => 1,
        };
        let timer = new(seen, ticket, subject_ref, (policy, automation, step))?;
        events.push(Event::TimerSet(Box::new(timer)));
    }
    Ok(events)
}

fn new(
    seen: &Observation,
    ticket: &TicketFacts,
    subject_ref: Option<Uuid>,
    (policy, automation, step): (&Policy, &Automation, u32),
) -> Result<TimerSet, Rejection> {
    let calendar = seen.terms.current(&automation.calendar, seen.at)?;
    let name = format!("{}/{}/{step}", automation.kind.code(), seen.event_id);
    Ok(TimerSet {
        timer_id: TimerId(Uuid::new_v5(&ticket.ticket_id.0, name.as_bytes())),
        ticket_id: ticket.ticket_id,
        kind: automation.kind,
        step,
        subject_ref,
        basis: Basis::of(policy),
        calendar: calendar.reference().clone(),
        after: automation.after,
        set_at: seen.at,
        fires_at: calendar.add(seen.at, automation.after)?,
    })
}

/// Cancels the timers that are meant.
pub(super) fn cancel(
    state: &State,
    at: Timestamp,
    meant: impl Fn(&TimerSet) -> bool,
) -> Vec<Event> {
    let timers = state.timers.iter().filter(|timer| meant(timer));
    timers.map(|timer| Event::TimerCancelled { timer_id: timer.timer_id, at }).collect()
}

/// A timer's time has come. One that was cancelled or has fired is no news.
pub(super) fn fire(state: &State, id: Uuid, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let Some(timer) = state.timers.iter().find(|timer| timer.timer_id.0 == id) else {
        return Ok(Vec::new());
    };
    if now < timer.fires_at {
        return Err(Rejection::NotDue { at: timer.fires_at });
    }
    let ends = |other: &&TimerSet| {
        other.kind == TimerKind::NoReplyResolve && other.subject_ref == timer.subject_ref
    };
    let wait_until = state.timers.iter().find(ends).map(|end| end.fires_at);
    Ok(vec![Event::TimerFired {
        timer_id: timer.timer_id,
        ticket_id: timer.ticket_id,
        kind: timer.kind,
        step: timer.step,
        subject_ref: timer.subject_ref,
        due_at: timer.fires_at,
        fired_at: now,
        wait_until,
    }])
}
