//! Timers: what Odzew does by itself when nobody answers. A timer is set by one fact, cancelled by
//! another, or fired when it is due; each at most once.
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use super::{
    Basis, ComplaintFacts, Event, Observation, Rejection, State, TicketFacts, TimerKind, remedy,
};
use crate::calendar::CalendarRef;
use crate::ids::{ContactId, HoldId, InfoRequestId, TicketId, TimerId};
use crate::policy::{Automation, Policy};

/// How many times closing a complaint is tried on every working day: for six weeks. After that it
/// is tried, and the owner reminded, every week without an end.
pub(super) const DAILY_TRIES: u32 = 30;
/// A day of the calendar below, on which a working day counts as a whole.
const WORKING_DAY: Duration = Duration::from_secs(86_400);
/// So many of them make a week.
const WORKING_WEEK: u32 = 5;
/// The built-in calendar of working days.
const WORKING_DAYS: &str = "PL_WORKDAY24";
/// The time to leave a note after a conversation with a customer, whatever a policy promises.
const NOTE_WITHIN: Duration = Duration::from_secs(86_400);
/// The calendar on which every instant counts.
const ALWAYS: &str = "ALWAYS";

/// Something that will happen by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerSet {
    /// The timer.
    pub timer_id: TimerId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// What will happen.
    pub kind: TimerKind,
    /// Number among the timers of its kind that are set together, from 1; of those that
    /// close a complaint the number of the try.
    pub step: u32,
    /// The hold, the request for what a complaint lacks, the decision, the clock or the contact
    /// it belongs to; `None` if it counts from the solution.
    pub subject_ref: Option<Uuid>,
    /// What demands it.
    pub basis: Basis,
    /// What it waits for.
    pub wait: Wait,
    /// Since when it counts.
    pub set_at: Timestamp,
    /// When it happens.
    pub fires_at: Timestamp,
    /// Of a timer that has the customer told that there is no news.
    pub no_news: Option<NoNews>,
}

/// What there is to say where there is no news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoNews {
    /// Since when the customer has heard nothing.
    pub silent_since: Timestamp,
    /// When the following update is due if one is sent when the timer fires; `None` if nothing
    /// promises one.
    pub next_due_at: Option<Timestamp>,
}

/// What a timer waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// That so much working time passes.
    WorkingTime {
        /// The calendar it counts on.
        calendar: CalendarRef,
        /// How much.
        after: Duration,
    },
    /// That a local day ends.
    LastDay(Date),
}

/// What follows if the customer, whom we now ask, does not answer.
pub(super) fn await_customer(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    let of_wait =
        |timer: &TimerSet| timer.kind.waits_for_customer() && timer.subject_ref == Some(hold_id.0);
    if state.timers.iter().any(of_wait) {
        return Ok(Vec::new());
    }
    set(seen, ticket, Some(hold_id.0), TimerKind::waits_for_customer)
}

/// What follows if nobody leaves a note of a conversation that a person has had with the
/// customer; nothing if there is one.
pub(super) fn await_note(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    contact_id: ContactId,
    noted: bool,
) -> Result<Vec<Event>, Rejection> {
    let (kind, subject) = (TimerKind::NoteMissing, Some(contact_id.0));
    let set = |timer: &TimerSet| timer.kind == kind && timer.subject_ref == subject;
    if noted || seen.historical || state.timers.iter().any(set) {
        return Ok(Vec::new());
    }
    let wanted = Automation { kind, after: NOTE_WITHIN, calendar: ALWAYS.to_owned() };
    let policy = seen.terms.policy_of(ticket);
    let timer = new(seen, ticket, subject, seen.at, (policy, &wanted, 1))?;
    Ok(vec![Event::TimerSet(Box::new(timer))])
}

/// There is a note of a conversation.
pub(super) fn noted(state: &State, at: Timestamp, contact_id: ContactId) -> Vec<Event> {
    let (kind, subject) = (TimerKind::NoteMissing, Some(contact_id.0));
    cancel(state, at, |timer| timer.kind == kind && timer.subject_ref == subject)
}

/// What follows if the customer does not object to the solution.
pub(super) fn await_objection(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    if state.timers.iter().any(|timer| timer.kind.follows_solution()) {
        return Ok(Vec::new());
    }
    let wanted = objection(state, seen, ticket, seen.at)?;
    Ok(wanted.into_iter().map(|timer| Event::TimerSet(Box::new(timer))).collect())
}

/// The same for a complaint once its decision has reached the customer, who has time to
/// appeal from then on.
pub(super) fn follow_solution(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let resolved_at = state.complaint.as_ref().and_then(|facts| facts.resolved_at);
    let Some(resolved_at) = resolved_at else { return Ok(Vec::new()) };
    let wanted = objection(state, seen, ticket, resolved_at)?;
    let same = |a: &TimerSet, b: &TimerSet| a.kind == b.kind && a.fires_at == b.fires_at;
    let mut events = cancel(state, seen.at, |timer| {
        timer.kind.follows_solution() && wanted.iter().all(|other| !same(timer, other))
    });
    let missing = |timer: &TimerSet| state.timers.iter().all(|other| !same(timer, other));
    let set = wanted.into_iter().filter(missing);
    events.extend(set.map(|timer| Event::TimerSet(Box::new(timer))));
    Ok(events)
}

/// A complaint could not be closed, or will be in a moment. While it stays resolved, closing is
/// tried again every working day, and after many tries every week, so that the person who holds it
/// up is reminded.
pub(super) fn close_again(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    step: u32,
    fired_at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let kind = TimerKind::AutoClose;
    let resolved = state.complaint.as_ref().is_some_and(|facts| facts.resolved_at.is_some());
    let set = state.timers.iter().any(|timer| timer.kind == kind);
    if seen.historical || !resolved || set {
        return Ok(Vec::new());
    }
    let after = if step < DAILY_TRIES { WORKING_DAY } else { WORKING_DAY * WORKING_WEEK };
    let again = Automation { kind, after, calendar: WORKING_DAYS.to_owned() };
    let policy = seen.terms.policy_of(ticket);
    let timer = new(seen, ticket, None, fired_at, (policy, &again, step.saturating_add(1)))?;
    Ok(vec![Event::TimerSet(Box::new(timer))])
}

/// The timers behind a solution: nothing closes a complaint before the time to appeal is
/// over.
fn objection(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    solved_at: Timestamp,
) -> Result<Vec<TimerSet>, Rejection> {
    if seen.historical {
        return Ok(Vec::new());
    }
    let policy = seen.terms.policy_of(ticket);
    let mut timers = Vec::new();
    for automation in policy.automations().iter().filter(|a| a.kind == TimerKind::AutoClose) {
        timers.push(new(seen, ticket, None, solved_at, (policy, automation, 1))?);
    }
    let Some(facts) = &state.complaint else { return Ok(timers) };
    let Some((day, basis, until)) = remedy::appeal_until(facts, &seen.terms)? else {
        return Ok(timers);
    };
    let fires_at = after(until);
    for timer in timers.iter_mut().filter(|timer| timer.fires_at < fires_at) {
        (timer.basis, timer.wait) = (basis.clone(), Wait::LastDay(day));
        timer.fires_at = fires_at;
    }
    let decision = facts.decisions.last().map(|decision| decision.decision_id.0);
    timers.push(by_day(seen, ticket, (TimerKind::AppealWindowEnd, decision), basis, (day, until)));
    Ok(timers)
}

/// The time to supply what a complaint lacks; a new request takes the place of an old one.
pub(super) fn await_supplement(
    state: &State,
    seen: &Observation,
    facts: &ComplaintFacts,
    request_id: InfoRequestId,
    supplement_by: Date,
) -> Result<Vec<Event>, Rejection> {
    let kind = TimerKind::SupplementEnd;
    let set = |timer: &TimerSet| timer.kind == kind && timer.subject_ref == Some(request_id.0);
    let (Some(ticket), false) = (&state.ticket, state.timers.iter().any(set)) else {
        return Ok(Vec::new());
    };
    let mut events = cancel(state, seen.at, |timer| timer.kind == kind);
    for version in &facts.regimes {
        let regime = seen.terms.regime(&version.code, version.version)?;
        if seen.historical || regime.draft().incomplete.is_none() {
            continue;
        }
        let until = regime.end_of(supplement_by);
        let (subject, basis) = (Some(request_id.0), Basis::law(regime));
        let timer = by_day(seen, ticket, (kind, subject), basis, (supplement_by, until));
        events.push(Event::TimerSet(Box::new(timer)));
        break;
    }
    Ok(events)
}

/// The time to settle the identity of the requester, during which the days of a request are paused.
pub(super) fn await_identity(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
    (basis, end): (Basis, (Date, Timestamp)),
) -> Option<Event> {
    let (kind, subject) = (TimerKind::SupplementEnd, Some(hold_id.0));
    let set = |timer: &TimerSet| timer.kind == kind && timer.subject_ref == subject;
    let wanted = !seen.historical && !state.timers.iter().any(set);
    wanted.then(|| Event::TimerSet(Box::new(by_day(seen, ticket, (kind, subject), basis, end))))
}

fn by_day(
    seen: &Observation,
    ticket: &TicketFacts,
    (kind, subject_ref): (TimerKind, Option<Uuid>),
    basis: Basis,
    (day, until): (Date, Timestamp),
) -> TimerSet {
    TimerSet {
        timer_id: timer_id(seen, ticket, kind, 1),
        ticket_id: ticket.ticket_id,
        kind,
        step: 1,
        subject_ref,
        basis,
        wait: Wait::LastDay(day),
        set_at: seen.at,
        fires_at: after(until),
        no_news: None,
    }
}

/// The first instant after the last one.
fn after(until: Timestamp) -> Timestamp {
    until.saturating_add(1.millisecond()).expect("milliseconds are of fixed length")
}

/// The last instant before.
fn before(fires_at: Timestamp) -> Timestamp {
    fires_at.saturating_sub(1.millisecond()).expect("milliseconds are of fixed length")
}

/// Sets the timers of some kinds. Imported history sets none.
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
            TimerKind::NoReplyResolve
            | TimerKind::AutoClose
            | TimerKind::SupplementEnd
            | TimerKind::AppealWindowEnd
            | TimerKind::NoNewsUpdate
            | TimerKind::NoteMissing => 1,
        };
        let timer = new(seen, ticket, subject_ref, seen.at, (policy, automation, step))?;
        events.push(Event::TimerSet(Box::new(timer)));
    }
    Ok(events)
}

fn new(
    seen: &Observation,
    ticket: &TicketFacts,
    subject_ref: Option<Uuid>,
    from: Timestamp,
    (policy, automation, step): (&Policy, &Automation, u32),
) -> Result<TimerSet, Rejection> {
    let calendar = seen.terms.current(&automation.calendar, from)?;
    Ok(TimerSet {
        timer_id: timer_id(seen, ticket, automation.kind, step),
        ticket_id: ticket.ticket_id,
        kind: automation.kind,
        step,
        subject_ref,
        basis: Basis::of(policy),
        wait: Wait::WorkingTime { calendar: calendar.reference().clone(), after: automation.after },
        set_at: from,
        fires_at: calendar.due(from, automation.after),
        no_news: None,
    })
}

pub(super) fn timer_id(
    seen: &Observation,
    ticket: &TicketFacts,
    kind: TimerKind,
    step: u32,
) -> TimerId {
    let name = format!("{}/{}/{step}", kind.code(), seen.event_id);
    TimerId(Uuid::new_v5(&ticket.ticket_id.0, name.as_bytes()))
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
    let ends = |kind: TimerKind| {
        let of_wait = |other: &&TimerSet| other.subject_ref == timer.subject_ref;
        state.timers.iter().filter(of_wait).find(|other| other.kind == kind)
    };
    let supplement = ends(TimerKind::SupplementEnd).filter(|_| timer.kind.waits_for_customer());
    let wait_until = match supplement {
        Some(end) => Some(before(end.fires_at)),
        None => ends(TimerKind::NoReplyResolve).map(|end| end.fires_at),
    };
    Ok(vec![Event::TimerFired {
        timer_id: timer.timer_id,
        ticket_id: timer.ticket_id,
        kind: timer.kind,
        step: timer.step,
        subject_ref: timer.subject_ref,
        due_at: timer.fires_at,
        fired_at: now,
        wait_until,
        no_news: timer.no_news,
    }])
}
