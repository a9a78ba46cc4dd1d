//! The clock of a data subject's request: the law gives a month to answer it (Regulation (EU)
//! 2016/679, art. 12(3)), whatever a policy promises.
//!
//! The solution of the ticket is the answer, once it is proved that the customer was told. The time
//! can be extended, if the customer is told so, with the reasons, within the first month. The only
//! question back to the customer is about their identity. While that is open, the days are paused
//! if the regime says so, for at most the time that it gives to settle it.
use jiff::Timestamp;
use jiff::civil::Date;

use super::complaint::Extension;
use super::course::Course;
use super::days::{self, End, New};
use super::decide::collect;
use super::evidence::wants_delivery;
use super::response::response;
use super::{
    Basis, Clock, ClockKind, Event, Goal, Observation, Outcome, PauseReason, Phase, Rejection,
    RetargetCause, State, Terms, TicketFacts, TimerKind, TimerSet, timer, timing,
};
use crate::ids::{HoldId, MessageId};
use crate::regime::{
    Changes, Counting, Dispatch, IncompleteEffect, Matter, Missing, Notice, Regime,
};

/// Every law that asks for an answer has a clock, from receipt.
pub(super) fn asked(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    if !ticket.is_data_subject_request() {
        return Ok(Vec::new());
    }
    let matter = Matter::data_subject_request();
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

/// The ticket became a request, or turned out not to be one: then that law demands nothing.
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

/// The ticket has a solution: any proof that the customer is told of it answers the request.
/// Imported history has no letters: a solution there counts as the answer.
pub(super) fn solved(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::from_iter(noted(ticket, Some(seen.at)));
    if seen.historical {
        events.extend(collect(of_request(state), |clock| {
            timing::stop(clock, seen.at, seen.event_id, &seen.terms)
        })?);
    }
    Ok(events)
}

/// Notes of every ticket whether it has a solution: it may turn out to be a request after it.
pub(super) fn noted(ticket: &TicketFacts, solved_at: Option<Timestamp>) -> Option<Event> {
    let changes = ticket.solved_at != solved_at;
    changes.then(|| Event::TicketNoted(TicketFacts { solved_at, ..ticket.clone() }))
}

/// There is proof that the customer was told: clocks whose law demands no more are met, at the
/// proven instant. Messages before the solution are no answer, also if they are learnt after it;
/// its own notice is one, whatever the clocks of two machines say.
pub(super) fn told(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    (delivered, is_solution): (bool, bool),
) -> Result<Vec<Event>, Rejection> {
    if ticket.solved_at.is_none_or(|solved_at| seen.at < solved_at && !is_solution) {
        return Ok(Vec::new());
    }
    collect(of_request(state), |clock| {
        if wants_delivery(clock, &seen.terms)? && !delivered {
            return Ok(Vec::new());
        }
        timing::stop(clock, seen.at, seen.event_id, &seen.terms)
    })
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

/// The customer was asked about their identity: clocks whose regime suspends are paused until it is
/// known, or until the time to settle it is over.
pub(super) fn suspended(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    let mut settled_by = None;
    for clock in of_request(state) {
        let Some(regime) = seen.terms.regime_of(&clock.basis)? else { continue };
        let effect = regime.draft().incomplete.map(|incomplete| incomplete.effect);
        if effect != Some(IncompleteEffect::Suspend) {
            continue;
        }
        let reason = PauseReason::InfoRequested;
        let paused = timing::pause(clock, seen.at, hold_id, reason, &seen.terms)?;
        let until = regime.supplement_due(seen.at).map_err(|_| Rejection::OutOfReach)?;
        if let (Some(until), false) = (until, paused.is_empty()) {
            let end = (until.last_day, until.due_at);
            settled_by = settled_by.or(Some((Basis::law(regime), end)));
        }
        events.extend(paused);
    }
    if let Some((basis, end)) = settled_by {
        events.extend(timer::await_identity(state, seen, ticket, hold_id, (basis, end)));
    }
    Ok(events)
}

/// We know, or the time to settle it is over: the days of that wait are added.
pub(super) fn resumed(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    // The time to supply what a complaint lacks goes by what is recorded.
    let own = state.complaint.is_none();
    let meant = |timer: &TimerSet| {
        own && timer.kind == TimerKind::SupplementEnd && timer.subject_ref == Some(hold_id.0)
    };
    let mut events = timer::cancel(state, seen.at, meant);
    events.extend(collect(of_request(state), |clock| {
        let Phase::Paused { since, hold_id: held_by } = clock.phase else {
            return Ok(Vec::new());
        };
        let Some(regime) = seen.terms.regime_of(&clock.basis)?.filter(|_| held_by == hold_id)
        else {
            return Ok(Vec::new());
        };
        let at = seen.at.max(since);
        let waited = days_between(regime.local_day(since), regime.local_day(at));
        let waited = waited.saturating_add(waited_before(clock, regime, ticket)?);
        let end = due(regime, ticket, waited)?;
        Ok(end.map(|end| days::resume(clock, at, end)).unwrap_or_default())
    })?);
    Ok(events)
}

/// The answer takes longer, if the customer is told so in time.
pub(super) fn extended(ticket: &TicketFacts, extension: Extension) -> Option<Event> {
    let extension = Some(extension).filter(|_| ticket.is_data_subject_request())?;
    Some(Event::TicketNoted(TicketFacts { extension: Some(extension), ..ticket.clone() }))
}

/// A message was sent, or arrived. If it was the notice of an extension, the extension counts from
/// then on, if the law demands no more; a notice in time voids a breach recorded meanwhile.
pub(super) fn told_longer(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    (message_id, delivered): (MessageId, bool),
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let known = ticket.extension;
    let extension = known.and_then(|extension| extension.told(message_id, delivered, at));
    if extension.is_none() {
        return Ok(Vec::new());
    }
    let now = TicketFacts { extension, ..ticket.clone() };
    let mut ends = Vec::new();
    for clock in of_request(state).filter(|clock| clock.is_live()) {
        let Some(regime) = seen.terms.regime_of(&clock.basis)? else { continue };
        let waited = waited_before(clock, regime, ticket)?;
        ends.extend(due(regime, &now, waited)?.map(|end| (clock.id, end)));
    }
    let mut course = Course::from(state);
    course.add([Event::TicketNoted(now)]);
    for (clock_id, end) in ends {
        let clock = course.state.clock(clock_id);
        let moved = clock.map(|clock| days::move_to(clock, at, end, RetargetCause::Extension));
        course.add(moved.unwrap_or_default());
    }
    Ok(course.events)
}

/// When a request whose time was paused is due by what was known before; `None` if no law applies.
pub(super) fn last_day(
    clock: &Clock,
    ticket: &TicketFacts,
    terms: &Terms,
) -> Result<Option<Timestamp>, Rejection> {
    let Some(regime) = terms.regime_of(&clock.basis)? else { return Ok(None) };
    let waited = waited_before(clock, regime, ticket)?;
    Ok(due(regime, ticket, waited)?.map(|end| end.due_at))
}

impl TicketFacts {
    /// What has changed the time to answer a data subject's request, as this regime counts days.
    #[must_use]
    pub fn changes(&self, clock: &Clock, regime: &Regime) -> Changes {
        let waited_days = waited_before(clock, regime, self).unwrap_or_default();
        changes(regime, self, waited_days)
    }
}

/// Days that its time stood still before, whatever made it longer.
fn waited_before(clock: &Clock, regime: &Regime, ticket: &TicketFacts) -> Result<u16, Rejection> {
    let at_first = due(regime, ticket, 0)?.map(|end| end.goal);
    Ok(match (at_first, clock.goal) {
        (Some(Goal::LastDay { unrolled: at_first, .. }), Goal::LastDay { unrolled, .. }) => {
            days_between(at_first, unrolled)
        }
        _ => 0,
    })
}

fn days_between(from: Date, until: Date) -> u16 {
    let days = until.since(from).map(|span| span.get_days().max(0)).unwrap_or(0);
    u16::try_from(days).unwrap_or(u16::MAX)
}

/// Until when a request is to be answered if the days stood still for so many. That it takes longer
/// is told within the time that the law gives without any wait.
fn due(regime: &Regime, ticket: &TicketFacts, waited_days: u16) -> Result<Option<End>, Rejection> {
    let counting = Counting::from_receipt(ticket.received_at);
    let changes = changes(regime, ticket, waited_days);
    match regime.due_after(&counting, Dispatch::Electronic, &changes) {
        Ok(due) => Ok(Some(due.into())),
        Err(Missing::Start) => Ok(None),
        Err(Missing::OutOfReach) => Err(Rejection::OutOfReach),
    }
}

fn changes(regime: &Regime, ticket: &TicketFacts, waited_days: u16) -> Changes {
    let counting = Counting::from_receipt(ticket.received_at);
    let in_time = |notice: &Notice| regime.extends(&counting, notice.told_at);
    let delivery = regime.wants_delivery();
    let extension = ticket.extension.and_then(|told| told.notice(delivery)).filter(in_time);
    Changes { waited_days, extension, ..Changes::default() }
}

/// Whether a law asks by it for the answer to the ticket itself, which is no complaint.
pub(super) fn is_of_request(clock: &Clock) -> bool {
    let answers = [ClockKind::StatutoryResponse, ClockKind::InternalResponse];
    answers.contains(&clock.kind) && clock.subject_ref.is_none()
}

fn of_request(state: &State) -> impl Iterator<Item = &Clock> {
    state.clocks.iter().filter(|clock| is_of_request(clock))
}
