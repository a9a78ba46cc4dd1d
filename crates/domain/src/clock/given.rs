//! Clocks that are due at a given instant: promises to the customer, and answers expected of
//! suppliers. (For agents see `owner`.)
use jiff::Timestamp;
use uuid::Uuid;

use super::decide::{collect, start};
use super::{
    Basis, Clock, ClockKind, Event, Goal, MessageKind, Observation, Outcome, Phase, Rejection,
    Started, State, TicketFacts, clock_id, days, timing,
};
use crate::ids::HoldId;

/// What was promised to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromiseKind {
    /// A solution by then.
    EtaResolution,
    /// That we call or write back by then.
    Callback,
    /// News by then, whatever they are.
    NextUpdate,
}

/// A new clock that is due at an instant somebody has given; `None` if that instant has
/// passed. Every instant counts for it.
pub(super) fn start_until(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    kind: ClockKind,
    subject_ref: Uuid,
    due_at: Timestamp,
    promise: Option<PromiseKind>,
) -> Option<Event> {
    if due_at <= seen.at {
        return None;
    }
    let percents = seen.terms.policy_of(ticket).warn_percents();
    let cycle = state.latest(kind).map_or(1, |clock| clock.cycle + 1);
    Some(Event::Started(Box::new(Started {
        clock_id: clock_id(ticket.ticket_id, kind, cycle),
        ticket_id: ticket.ticket_id,
        kind,
        class: kind.class(),
        cycle,
        subject_ref: Some(subject_ref),
        promise,
        channel: None,
        basis: Basis::Given,
        calendar: None,
        goal: Goal::Instant,
        started_at: seen.at,
        due_at,
        safe_due_at: None,
        silence: None,
        warn_at: percents.iter().filter_map(|p| days::warn(seen.at, due_at, *p)).collect(),
    })))
}

/// A promise is a clock. A new promise that replaces an older one in time cancels its clock; one
/// that comes later leaves it missed.
pub(super) fn promise(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    (promise_id, kind, due_at): (Uuid, PromiseKind, Timestamp),
    replaces: Option<Uuid>,
) -> Result<Vec<Event>, Rejection> {
    let known = |id: Uuid| state.clocks.iter().any(|c| is_promise(c) && c.subject_ref == Some(id));
    if known(promise_id) {
        return Ok(Vec::new());
    }
    let replaced = |clock: &&Clock| replaces.is_some() && clock.subject_ref == replaces;
    let mut events = collect(state.live(ClockKind::Promise).filter(replaced), |clock| {
        if clock.due_at.is_some_and(|due_at| seen.at > due_at) {
            timing::stop(clock, seen.at, seen.event_id, &seen.terms)
        } else {
            timing::cancel(clock, seen.at, seen.event_id, true, &seen.terms)
        }
    })?;
    let (of, promise) = (ClockKind::Promise, Some(kind));
    events.extend(start_until(state, seen, ticket, of, promise_id, due_at, promise));
    Ok(events)
}

/// The promises that a message keeps: promised news, by any message that the customer sees; a
/// promised call back, by a message of a person.
pub(super) fn keep_by_message(
    state: &State,
    seen: &Observation,
    message: MessageKind,
) -> Result<Vec<Event>, Rejection> {
    keep(state, seen, |promise| match promise {
        PromiseKind::NextUpdate => {
            matches!(message, MessageKind::Reply | MessageKind::Update)
        }
        PromiseKind::Callback => message == MessageKind::Reply,
        PromiseKind::EtaResolution => false,
    })
}

/// The promises that a conversation with a person keeps: a promised call back, if we called.
pub(super) fn keep_by_contact(
    state: &State,
    seen: &Observation,
    outbound: bool,
) -> Result<Vec<Event>, Rejection> {
    keep(state, seen, |promise| match promise {
        PromiseKind::Callback => outbound,
        PromiseKind::EtaResolution | PromiseKind::NextUpdate => false,
    })
}

/// The promises that a solution keeps. The customer is told of it, so it is news as well.
pub(super) fn keep_by_solution(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    keep(state, seen, |promise| match promise {
        PromiseKind::EtaResolution | PromiseKind::NextUpdate => true,
        PromiseKind::Callback => false,
    })
}

/// Ends the promises that are meant. The message that makes a promise does not keep it.
fn keep(
    state: &State,
    seen: &Observation,
    meant: impl Fn(PromiseKind) -> bool,
) -> Result<Vec<Event>, Rejection> {
    let made_before = |clock: &&Clock| {
        clock.started_at < seen.at && clock.promise.is_some_and(&meant) && !is_cancelled(clock)
    };
    let promises = state.clocks.iter().filter(|clock| is_promise(clock)).filter(made_before);
    collect(promises, |clock| timing::stop(clock, seen.at, seen.event_id, &seen.terms))
}

/// The supplier has until the expected instant; without one, as long as the policy says, if it has
/// a target.
pub(super) fn await_supplier(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
    expected_by: Option<Timestamp>,
) -> Result<Vec<Event>, Rejection> {
    let kind = ClockKind::UcVendor;
    let known = |clock: &Clock| clock.kind == kind && clock.subject_ref == Some(hold_id.0);
    if state.clocks.iter().any(known) {
        return Ok(Vec::new());
    }
    let until = expected_by
        .and_then(|due_at| start_until(state, seen, ticket, kind, hold_id.0, due_at, None));
    if until.is_some() {
        return Ok(Vec::from_iter(until));
    }
    let mut started = start(state, ticket, kind, ticket.channel, seen.at, &seen.terms)?;
    if let Some(Event::Started(started)) = &mut started {
        started.subject_ref = Some(hold_id.0);
    }
    Ok(Vec::from_iter(started))
}

/// The supplier has answered, or is no longer waited for.
pub(super) fn end_supplier(
    state: &State,
    seen: &Observation,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    let meant = |clock: &&Clock| clock.subject_ref == Some(hold_id.0);
    let waits = state.clocks.iter().filter(|clock| clock.kind == ClockKind::UcVendor);
    collect(waits.filter(meant), |c| timing::stop(c, seen.at, seen.event_id, &seen.terms))
}

fn is_promise(clock: &Clock) -> bool {
    clock.kind == ClockKind::Promise
}

fn is_cancelled(clock: &Clock) -> bool {
    matches!(clock.phase, Phase::Stopped { outcome: Outcome::Cancelled, .. })
}
