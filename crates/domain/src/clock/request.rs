//! The clock of a data subject's request: the law gives a month to answer it (Regulation (EU)
//! 2016/679, art. 12(3)), whatever was promised beside that.
//!
//! Its solution is the answer. While it is in doubt who asks, which is the only reason to ask
//! back, the days stand still where the law says so.
use jiff::civil::Date;

use super::course::Course;
use super::days::{self, End, New};
use super::decide::collect;
use super::response::response;
use super::{
    Basis, Clock, ClockKind, Event, Goal, Observation, Outcome, PauseReason, Phase, Rejection,
    State, TicketFacts, timing,
};
use crate::identity::ConsumerStatus;
use crate::ids::HoldId;
use crate::regime::{
    Changes, Counting, Dispatch, IncompleteEffect, Matter, Missing, Occasion, Regime,
};

/// Subject of the regimes that give data subjects their rights.
const SUBJECT: &str = "DATA_SUBJECT_RIGHTS";

/// Every law that asks for an answer has a clock, from receipt.
pub(super) fn asked(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    if !ticket.is_data_subject_request() {
        return Ok(Vec::new());
    }
    let matter = Matter {
        occasion: Occasion::Request,
        sector: String::new(),
        subject: SUBJECT.to_owned(),
        customer: ConsumerStatus::Unknown,
        country: "PL".to_owned(),
    };
    let mut course = Course::from(state);
    for regime in seen.terms.regimes.applying(&matter, ticket.received_at) {
        let (basis, (kind, class)) = (Basis::law(&regime), response(&regime));
        let runs = |clock: &Clock| is_of_request(clock) && clock.is_live() && clock.basis == basis;
        let end = due(&regime, ticket, 0)?;
        if let (Some(end), false) = (end, course.state.clocks.iter().any(runs)) {
            let silence = Some(regime.silence(matter.customer));
            let from = ticket.received_at;
            let new = New { kind, class, subject_ref: None, basis, silence, from };
            course.add([days::start(&course.state, seen, ticket, new, end)]);
        }
    }
    Ok(course.events)
}

/// It became a request, or turned out to be none: then nothing was owed by that law.
pub(super) fn classified(
    state: &State,
    seen: &Observation,
    before: &TicketFacts,
    now: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    match (before.is_data_subject_request(), now.is_data_subject_request()) {
        (false, true) => asked(state, seen, now),
        (true, false) => collect(of_request(state).filter(|clock| clock.is_live()), |clock| {
            timing::cancel(clock, seen.at, seen.event_id, false, &seen.terms)
        }),
        (true, true) | (false, false) => Ok(Vec::new()),
    }
}

/// The solution answers it.
pub(super) fn answered(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    collect(of_request(state), |clock| timing::stop(clock, seen.at, seen.event_id, &seen.terms))
}

/// The solution was none: the time runs on to the same day. Who was answered in time, and is
/// not content after it, was answered in time.
pub(super) fn reopened(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    collect(of_request(state), |clock| {
        let met = matches!(clock.phase, Phase::Stopped { outcome: Outcome::Met, .. });
        let (true, Goal::LastDay { .. }, Some(due_at)) = (met, clock.goal, clock.due_at) else {
            return Ok(Vec::new());
        };
        let end = End { goal: clock.goal, due_at, safe_due_at: clock.safe_due_at };
        let at = seen.at.max(clock.since());
        Ok(if at <= due_at { days::resume(clock, at, end) } else { Vec::new() })
    })
}

/// We ask who asks: where the law waits for that, its days stand still.
pub(super) fn suspended(
    state: &State,
    seen: &Observation,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    collect(of_request(state), |clock| {
        let regime = seen.terms.regime_of(&clock.basis)?;
        let effect = regime.and_then(|regime| regime.draft().incomplete).map(|i| i.effect);
        if effect != Some(IncompleteEffect::Suspend) {
            return Ok(Vec::new());
        }
        timing::pause(clock, seen.at, hold_id, PauseReason::InfoRequested, &seen.terms)
    })
}

/// We know: the days of that wait are added.
pub(super) fn resumed(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    collect(of_request(state), |clock| {
        let (Phase::Paused { since, hold_id: held_by }, Goal::LastDay { unrolled, .. }) =
            (clock.phase, clock.goal)
        else {
            return Ok(Vec::new());
        };
        let Some(regime) = seen.terms.regime_of(&clock.basis)?.filter(|_| held_by == hold_id)
        else {
            return Ok(Vec::new());
        };
        let Some(base) = due(regime, ticket, 0)? else { return Ok(Vec::new()) };
        let Goal::LastDay { unrolled: at_first, .. } = base.goal else { return Ok(Vec::new()) };
        let at = seen.at.max(since);
        let between = |from: Date, until: Date| {
            let days = until.since(from).map(|span| span.get_days().max(0)).unwrap_or(0);
            u16::try_from(days).unwrap_or(u16::MAX)
        };
        let waited = between(regime.local_day(since), regime.local_day(at));
        let waited = waited.saturating_add(between(at_first, unrolled));
        let end = due(regime, ticket, waited)?;
        Ok(end.map(|end| days::resume(clock, at, end)).unwrap_or_default())
    })
}

/// Until when a request is to be answered if the days stood still for so many.
fn due(regime: &Regime, ticket: &TicketFacts, waited_days: u16) -> Result<Option<End>, Rejection> {
    let counting = Counting::from_receipt(ticket.received_at);
    let changes = Changes { waited_days, ..Changes::default() };
    match regime.due_after(&counting, Dispatch::Electronic, &changes) {
        Ok(due) => Ok(Some(due.into())),
        Err(Missing::Start) => Ok(None),
        Err(Missing::OutOfReach) => Err(Rejection::OutOfReach),
    }
}

/// Whether a law asks by it for the answer to the ticket itself, which is no complaint.
pub(super) fn is_of_request(clock: &Clock) -> bool {
    let answers = [ClockKind::StatutoryResponse, ClockKind::InternalResponse];
    answers.contains(&clock.kind) && clock.subject_ref.is_none()
}

fn of_request(state: &State) -> impl Iterator<Item = &Clock> {
    state.clocks.iter().filter(|clock| is_of_request(clock))
}
