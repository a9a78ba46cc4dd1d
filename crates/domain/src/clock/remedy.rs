//! Clocks of remedies and appeals: a remedy has a last day, an appeal needs another decision.
use jiff::Timestamp;
use jiff::civil::Date;

use super::course::Course;
use super::days::{self, End, New};
use super::decide::collect;
use super::response::{matter, response, silence_on_appeal};
use super::{
    Basis, Clock, ClockKind, ComplaintFacts, Event, Goal, Observation, Rejection, State, Terms,
    TicketFacts, timer, timing,
};
use crate::ids::{AppealId, RemedyId};
use crate::policy::TimerKind;
use crate::regime::{Counting, Missing, Occasion, Regime};

/// Each remedy has until the end of its last day.
pub(super) fn granted(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    remedies: &[(RemedyId, Date)],
) -> Result<Vec<Event>, Rejection> {
    let mut course = Course::from(state);
    for (remedy_id, day) in remedies {
        if of(state, *remedy_id).is_some() {
            continue;
        }
        let due_at = end_of(state, *day, &seen.terms)?;
        let goal = Goal::LastDay { day: *day, unrolled: *day };
        let kind = ClockKind::Remedy;
        let new = New {
            kind,
            class: kind.class(),
            subject_ref: Some(remedy_id.0),
            basis: Basis::Given,
            silence: None,
            from: seen.at,
        };
        let end = End { goal, due_at, safe_due_at: None };
        course.add([days::start(&course.state, seen, ticket, new, end)]);
    }
    Ok(course.events)
}

/// It was carried out on that day, however late that is recorded.
pub(super) fn executed(
    state: &State,
    seen: &Observation,
    remedy_id: RemedyId,
    executed_on: Date,
) -> Result<Vec<Event>, Rejection> {
    let Some(clock) = of(state, remedy_id) else { return Ok(Vec::new()) };
    let end_of_day = end_of(state, executed_on, &seen.terms)?;
    let at = end_of_day.min(seen.at).max(clock.started_at);
    timing::stop(clock, at, seen.event_id, &seen.terms)
}

/// The customer does not want it.
pub(super) fn waived(
    state: &State,
    seen: &Observation,
    remedy_id: RemedyId,
) -> Result<Vec<Event>, Rejection> {
    let live = of(state, remedy_id).filter(|clock| clock.is_live());
    collect(live, |clock| timing::cancel(clock, seen.at, seen.event_id, true, &seen.terms))
}

fn of(state: &State, remedy_id: RemedyId) -> Option<&Clock> {
    let remedies = state.clocks.iter().filter(|clock| clock.kind == ClockKind::Remedy);
    remedies.into_iter().find(|clock| clock.subject_ref == Some(remedy_id.0))
}

/// The last instant of a day where the complaint's law holds.
fn end_of(state: &State, day: Date, terms: &Terms) -> Result<Timestamp, Rejection> {
    let regimes = state.complaint.as_ref().and_then(|facts| facts.regimes.first());
    let first = regimes.ok_or(Rejection::NoComplaint)?;
    let regime = terms.regime(&first.code, first.version)?;
    Ok(regime.end_of(day))
}

/// Every regime of the complaint with a time for appeals has a clock; if none has one, the
/// organisation's own regime of appeals does.
pub(super) fn appealed(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    appeal_id: AppealId,
    received_at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let Some(facts) = &state.complaint else { return Ok(Vec::new()) };
    let kind = ClockKind::AppealResponse;
    if facts.appeal.is_some() {
        return Ok(Vec::new());
    }
    let mut course = Course::from(state);
    course.note(state.complaint_with(|facts| facts.appeal = Some(appeal_id)));
    let window = timer::cancel(state, seen.at, |timer| timer.kind == TimerKind::AppealWindowEnd);
    course.add(window);
    let new = |regime: &Regime, silence| {
        let (_, class) = response(regime);
        let (subject_ref, basis, from) = (Some(appeal_id.0), Basis::law(regime), received_at);
        New { kind, class, subject_ref, basis, silence, from }
    };
    for version in &facts.regimes {
        let regime = seen.terms.regime(&version.code, version.version)?;
        let due =
            regime.appeal_due(received_at, facts.dispatch()).map_err(|_| Rejection::OutOfReach)?;
        if let Some(due) = due {
            let new = new(regime, silence_on_appeal(regime));
            course.add([days::start(&course.state, seen, ticket, new, due.into())]);
        }
    }
    if course.state.has_live(kind) {
        return Ok(course.events);
    }
    for regime in seen.terms.regimes.applying(&matter(Occasion::Appeal, facts), received_at) {
        let due = match regime.due(&Counting::from_receipt(received_at), facts.dispatch()) {
            Ok(due) => due,
            Err(Missing::Start) => continue,
            Err(Missing::OutOfReach) => return Err(Rejection::OutOfReach),
        };
        let new = new(&regime, Some(regime.silence(facts.customer)));
        course.add([days::start(&course.state, seen, ticket, new, due.into())]);
    }
    Ok(course.events)
}

/// Until when the standing decision may be appealed, and by which regime: the longest time that law
/// or the organisation gives, counted from when the customer was told. `None` if there is no limit,
/// if the time has not begun, or if nothing is left to appeal.
pub(super) fn appeal_until(
    facts: &ComplaintFacts,
    terms: &Terms,
) -> Result<Option<(Date, Basis, Timestamp)>, Rejection> {
    let Some(decision) = facts.decisions.last() else { return Ok(None) };
    let told_at = decision.delivered_at.or(decision.sent_at);
    let (Some(told_at), false, None) = (told_at, decision.on_appeal, facts.appeal) else {
        return Ok(None);
    };
    let mut ends = Vec::new();
    for version in &facts.regimes {
        let regime = terms.regime(&version.code, version.version)?;
        let due = regime.appeal_until(told_at).map_err(|_| Rejection::OutOfReach)?;
        ends.extend(due.map(|due| (due, Basis::law(regime))));
    }
    // The organisation's regime for appeals, as valid when it was decided.
    let own = terms.regimes.applying(&matter(Occasion::Appeal, facts), decision.decided_at);
    if let Some(regime) = own.first() {
        let due = regime.filing_until(told_at).map_err(|_| Rejection::OutOfReach)?;
        ends.extend(due.map(|due| (due, Basis::law(regime))));
    }
    let last = ends.into_iter().max_by_key(|(due, _)| due.due_at);
    Ok(last.map(|(due, basis)| (due.last_day, basis, due.due_at)))
}
