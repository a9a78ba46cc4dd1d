//! Proof that the customer was told the decision, or that the answer takes longer.
use jiff::Timestamp;

use super::complaint::Decision;
use super::course::Course;
use super::response::realign;
use super::{
    BreachCause, Clock, ClockKind, Event, Observation, Rejection, RetargetCause, State, Terms,
    supplement, timing,
};
use crate::ids::{DecisionId, MessageId};
use crate::regime::Regime;

/// A message has left, or arrived. If it was the notice of an extension, it counts from then on,
/// where the law asks for no more; one that did so in time takes back a breach that was noticed
/// meanwhile.
pub(super) fn told(
    course: &mut Course,
    seen: &Observation,
    (message_id, delivered): (MessageId, bool),
    at: Timestamp,
) -> Result<(), Rejection> {
    let proved = course.state.complaint_with(|facts| {
        for extension in [&mut facts.extension, &mut facts.appeal_extension] {
            let told = extension.and_then(|known| known.told(message_id, delivered, at));
            *extension = told.or(*extension);
        }
    });
    if proved == course.state.complaint {
        return Ok(());
    }
    course.note(proved);
    realign(course, at, &seen.terms, RetargetCause::Extension)
}

/// It was decided. The clocks run until there is proof that the customer was told.
pub(super) fn decided(
    course: &mut Course,
    seen: &Observation,
    decision_id: DecisionId,
    on_appeal: bool,
) -> Result<(), Rejection> {
    let decision =
        Decision { decision_id, on_appeal, decided_at: seen.at, sent_at: None, delivered_at: None };
    course.note(course.state.complaint_with(|facts| {
        if facts.decisions.iter().all(|known| known.decision_id != decision_id) {
            facts.decisions.push(decision);
        }
    }));
    supplement::ended(course, seen)
}

/// There is proof that the customer was told: clocks whose regime demands no more are met, at the
/// proven instant.
pub(super) fn evidenced(
    course: &mut Course,
    seen: &Observation,
    decision_id: DecisionId,
    delivered: bool,
    at: Timestamp,
) -> Result<(), Rejection> {
    course.note(course.state.complaint_with(|facts| {
        let meant = facts.decisions.iter_mut().filter(|known| known.decision_id == decision_id);
        for decision in meant {
            let place = if delivered { &mut decision.delivered_at } else { &mut decision.sent_at };
            *place = Some(place.map_or(at, |known| known.min(at)));
        }
    }));
    let Some(facts) = &course.state.complaint else { return Ok(()) };
    let Some(decision) = facts.decisions.iter().find(|d| d.decision_id == decision_id) else {
        return Ok(());
    };
    let mut stopped = Vec::new();
    for clock in course.state.clocks.iter().filter(|clock| clock.kind.awaits_decision()) {
        let of_instance = decision.on_appeal == (clock.kind == ClockKind::AppealResponse);
        let delivery = wants_delivery(clock, &seen.terms)?;
        if of_instance && let Some(told_at) = decision.told_at(delivery) {
            stopped.extend(timing::stop(clock, told_at, seen.event_id, &seen.terms)?);
        }
    }
    course.add(stopped);
    Ok(())
}

/// The decision by silence is withdrawn: the decision that the customer was told stands.
pub(super) fn withdrawn(course: &mut Course, decision_id: DecisionId) {
    course.note(course.state.complaint_with(|facts| {
        facts.decisions.retain(|known| known.decision_id != decision_id);
    }));
}

pub(super) fn wants_delivery(clock: &Clock, terms: &Terms) -> Result<bool, Rejection> {
    Ok(terms.regime_of(&clock.basis)?.is_some_and(Regime::wants_delivery))
}

/// What made a clock late: where a decision had left in time, only the proof that it arrived
/// is missing, and nobody may read silence into that.
pub(super) fn cause(state: &State, clock: &Clock, due_at: Timestamp) -> BreachCause {
    let facts = state.complaint.as_ref().filter(|_| clock.kind.awaits_decision());
    let sent = facts.is_some_and(|facts| {
        let mut decisions = facts.decided(clock.kind == ClockKind::AppealResponse);
        decisions.any(|decision| decision.sent_at.is_some_and(|at| at <= due_at))
    });
    if sent { BreachCause::ProofPending } else { BreachCause::Time }
}

/// The events with the causes of their breaches, from what was known before them.
pub(super) fn judged(state: &State, mut events: Vec<Event>) -> Vec<Event> {
    for event in &mut events {
        if let Event::Breached { clock_id, due_at, cause: found, .. } = event
            && *found == BreachCause::Time
            && let Some(clock) = state.clock(*clock_id)
        {
            *found = cause(state, clock, *due_at);
        }
    }
    events
}
