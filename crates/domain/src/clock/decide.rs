//! The rules: which fact starts, pauses, resumes, retargets or stops which clock.
use jiff::Timestamp;

use super::course::Course;
use super::state::breach_detection;
use super::{
    Clock, ClockKind, Command, Event, Excuse, Extension, Fact, HoldKind, MessageKind, Observation,
    Outcome, PauseReason, Phase, Rejection, RetargetCause, State, Terms, TicketFacts, VoidReason,
    What, end, evidence, given, no_news, owner, request, response, timer, timing, update,
};
use crate::ids::{AgentId, ClockId, HoldId};
use crate::policy::{Entitlement, Policy};
use crate::priority::{Channel, Priority, TicketType};

pub(super) fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Observe(observation) => {
            let events = evidence::judged(state, observe(state, observation)?);
            no_news::follow(state, observation, events)
        }
        Command::Fire { id, what: What::Timer, now } => timer::fire(state, *id, *now),
        Command::Fire { id, what, now } => fire(state, state.find(ClockId(*id))?, *what, *now),
        Command::VoidBreach { clock_id, excuse, by, note } => {
            void_breach(state.find(*clock_id)?, *excuse, by, note)
        }
    }
}

fn observe(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    let ticket = match (&seen.fact, &state.ticket) {
        (Fact::TicketRegistered(facts), None) => return register(state, seen, facts),
        (Fact::TicketRegistered(_), Some(_)) => return Err(Rejection::AlreadyRegistered),
        (_, Some(ticket)) => ticket,
        (_, None) => return Err(Rejection::UnknownTicket),
    };
    match seen.fact {
        Fact::TicketRegistered(_) => Err(Rejection::AlreadyRegistered),
        Fact::Complaint(ref fact) => response::observe(state, seen, ticket, fact),
        Fact::PriorityChanged { priority, mitigated } => {
            change_priority(state, seen, ticket, priority, mitigated)
        }
        Fact::TypeChanged { ticket_type } => change_type(state, seen, ticket, ticket_type),
        Fact::MessageAdded { kind, channel } => message(state, seen, ticket, kind, channel),
        Fact::ContactAnswered { outbound } => {
            let mut events = answered(state, seen)?;
            events.extend(given::keep_by_contact(state, seen, outbound)?);
            Ok(events)
        }
        Fact::ContactEnded { contact_id, noted } => {
            timer::await_note(state, seen, ticket, contact_id, noted)
        }
        Fact::ContactNoted { contact_id } => Ok(timer::noted(state, seen.at, contact_id)),
        Fact::Held { hold_id, kind: HoldKind::Customer, .. } => {
            let waits = state.clocks.iter().filter(|c| c.kind.waits_for_customer());
            let reason = PauseReason::WaitingCustomer;
            let mut events = collect(waits, |clock| {
                timing::pause(clock, seen.at, hold_id, reason, &seen.terms)
            })?;
            events.extend(timer::await_customer(state, seen, ticket, hold_id)?);
            events.extend(request::suspended(state, seen, ticket, hold_id)?);
            let mut course = Course::from(state);
            course.note(state.complaint_with(|facts| facts.wait(hold_id, seen.at)));
            course.add(events);
            Ok(course.events)
        }
        Fact::Held { hold_id, kind: HoldKind::ThirdParty, expected_by } => {
            given::await_supplier(state, seen, ticket, hold_id, expected_by)
        }
        Fact::Unheld { hold_id } => unheld(state, seen, ticket, hold_id),
        Fact::Resolved => end::resolved(state, seen, ticket),
        Fact::Reopened { trigger } => end::reopened(state, seen, ticket, trigger),
        Fact::Closed { reason } => end::close(state, seen, reason),
        Fact::AckSent => stop(state, seen, ClockKind::Ack),
        Fact::AnswerTold { delivered, is_solution } => {
            request::told(state, seen, ticket, (delivered, is_solution))
        }
        Fact::RequestExtended { new_last_day, notice_message_id } => {
            let extension = Extension::untold(new_last_day, notice_message_id);
            Ok(Vec::from_iter(request::extended(ticket, extension)))
        }
        Fact::AckSpared => collect(state.live(ClockKind::Ack), |clock| {
            timing::cancel(clock, seen.at, seen.event_id, true, &seen.terms)
        }),
        Fact::Queued => owner::queued(state, seen, ticket),
        Fact::Assigned { assignment_id, accept_by } => {
            owner::assigned(state, seen, ticket, assignment_id, accept_by)
        }
        Fact::Accepted { assignment_id } => owner::accepted(state, seen, assignment_id),
        Fact::WorkStarted => owner::at_work(state, seen),
        Fact::RouteEnded => owner::ended(state, seen),
        Fact::PromiseMade { promise_id, kind, due_at, replaces } => {
            given::promise(state, seen, ticket, (promise_id, kind, due_at), replaces)
        }
    }
}

/// Notes the ticket, and starts its first clocks if its priority is settled.
fn register(
    state: &State,
    seen: &Observation,
    facts: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let mut events = vec![Event::TicketNoted(facts.clone())];
    events.extend(start_first(state, seen, facts)?);
    events.extend(request::asked(state, seen, facts)?);
    Ok(events)
}

/// What a message ends, keeps and begins.
fn message(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    kind: MessageKind,
    channel: Channel,
) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    match kind {
        MessageKind::Inbound { written_at } => {
            return await_reply(state, seen, ticket, channel, written_at);
        }
        MessageKind::Automatic | MessageKind::Internal => return Ok(events),
        MessageKind::Update => {}
        MessageKind::Reply => {
            events.extend(answered(state, seen)?);
            events.extend(owner::at_work(state, seen)?);
        }
    }
    events.extend(given::keep_by_message(state, seen, kind)?);
    events.extend(update::told(state, seen, ticket)?);
    Ok(events)
}

/// A person has answered the customer. Only messages after the customer's message are an answer to
/// it.
fn answered(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    let mut events = stop(state, seen, ClockKind::FirstReply)?;
    events.extend(collect(state.begun(ClockKind::NextReply, seen.at), |clock| {
        timing::stop(clock, seen.at, seen.event_id, &seen.terms)
    })?);
    Ok(events)
}

/// A wait ended: what stood still for it runs again, and nobody is reminded. The wait for what
/// a complaint lacks has the id of the request for it: the time to supply that, and the law that
/// waits for it, go by what is recorded.
fn unheld(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    hold_id: HoldId,
) -> Result<Vec<Event>, Rejection> {
    let mut events = given::end_supplier(state, seen, hold_id)?;
    events.extend(timer::cancel(state, seen.at, |timer| {
        timer.kind.waits_for_customer() && timer.subject_ref == Some(hold_id.0)
    }));
    let waits = state.clocks.iter().filter(|clock| clock.kind.waits_for_customer());
    events.extend(collect(waits, |clock| match clock.phase {
        Phase::Paused { since, hold_id: held_by } if held_by == hold_id => {
            timing::resume(clock, seen.at.max(since), clock.carried, &seen.terms)
        }
        Phase::Paused { .. } | Phase::Running { .. } | Phase::Stopped { .. } => Ok(Vec::new()),
    })?);
    events.extend(request::resumed(state, seen, ticket, hold_id)?);
    let mut course = Course::from(state);
    course.note(state.complaint_with(|facts| facts.wait_no_more(hold_id, seen.at)));
    course.add(events);
    Ok(course.events)
}

fn change_priority(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    priority: Priority,
    mitigated: bool,
) -> Result<Vec<Event>, Rejection> {
    if ticket.priority == Some(priority) {
        return Ok(Vec::new());
    }
    let now = TicketFacts { priority: Some(priority), ..ticket.clone() };
    let mut course = Course::from(state);
    course.add([Event::TicketNoted(now.clone())]);
    if ticket.priority.is_none() {
        course.add(start_first(state, seen, &now)?);
    } else if !mitigated {
        let policy = seen.terms.policy_of(&now);
        course.note(state.complaint_with(|facts| facts.reprioritised = Some(priority)));
        course.add(retarget_all(state, seen, &now, policy, RetargetCause::Priority)?);
    }
    Ok(course.events)
}

/// Notes the type; where another policy promises for it, its targets take over.
fn change_type(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    ticket_type: TicketType,
) -> Result<Vec<Event>, Rejection> {
    if ticket.entitlement.ticket_type == ticket_type {
        return Ok(Vec::new());
    }
    let entitlement = Entitlement { ticket_type, ..ticket.entitlement.clone() };
    let now = TicketFacts { entitlement, ..ticket.clone() };
    let mut events = vec![Event::TicketNoted(now.clone())];
    let (before, after) = (seen.terms.policy_of(ticket), seen.terms.policy_of(&now));
    if before.id() != after.id() {
        events.extend(retarget_all(state, seen, &now, after, RetargetCause::Policy)?);
    }
    events.extend(request::classified(state, seen, ticket, &now)?);
    Ok(events)
}

/// The clocks that count from receipt.
fn start_first(
    state: &State,
    seen: &Observation,
    t: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    // A letter is answered by a letter, wherever it came from.
    let by_post = t.channel == Channel::Letter && t.awaits_reply;
    let wanted = [
        (ClockKind::Ack, t.has_requester || by_post),
        (ClockKind::FirstReply, t.awaits_reply),
        (ClockKind::Resolution, state.complaint.is_none()),
        (ClockKind::PeriodicUpdate, !seen.historical),
    ];
    let mut events = Vec::new();
    for (kind, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
        events.extend(start(state, t, kind, t.channel, t.received_at, &seen.terms)?);
    }
    Ok(events)
}

/// A new cycle of that kind, if the policy has a target for it.
pub(super) fn start(
    state: &State,
    ticket: &TicketFacts,
    kind: ClockKind,
    channel: Channel,
    at: Timestamp,
    terms: &Terms,
) -> Result<Option<Event>, Rejection> {
    let Some(priority) = ticket.priority else { return Ok(None) };
    let policy = terms.policy_of(ticket);
    let Some(rule) = policy.rule(priority, kind, channel) else { return Ok(None) };
    let cycle = state.latest(kind).map_or(1, |clock| clock.cycle + 1);
    timing::start(ticket, (kind, cycle, channel), (policy, rule), at, terms).map(Some)
}

fn retarget_all(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    policy: &Policy,
    cause: RetargetCause,
) -> Result<Vec<Event>, Rejection> {
    let Some(priority) = ticket.priority else { return Ok(Vec::new()) };
    let resumes = seen.terms.policy_of(ticket).reopen();
    let runs = |clock: &&Clock| clock.is_live() || end::runs_on(state, clock, resumes);
    collect(state.clocks.iter().filter(|c| c.kind.has_target()).filter(runs), |clock| {
        let channel = clock.channel.unwrap_or(ticket.channel);
        match policy.rule(priority, clock.kind, channel) {
            Some(rule) => timing::retarget(clock, seen.at, (policy, rule), cause, &seen.terms),
            None => Ok(Vec::new()),
        }
    })
}

/// The customer waits since they wrote the oldest message that has no answer, however long it
/// took to be processed. What was known before the last answer waits for none.
fn await_reply(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    channel: Channel,
    written_at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if state.has_live(ClockKind::FirstReply) || state.has_live(ClockKind::NextReply) {
        return Ok(Vec::new());
    }
    let answered =
        [ClockKind::FirstReply, ClockKind::NextReply].into_iter().any(|kind| {
            match state.latest(kind).map(|clock| clock.phase) {
                Some(Phase::Stopped { at, outcome: Outcome::Met | Outcome::Missed }) => {
                    seen.at < at
                }
                Some(_) | None => false,
            }
        });
    if answered {
        return Ok(Vec::new());
    }
    // Others' clocks may be wrong.
    let since = written_at.min(seen.at).max(ticket.received_at);
    let started = start(state, ticket, ClockKind::NextReply, channel, since, &seen.terms)?;
    Ok(Vec::from_iter(started))
}

pub(super) fn stop(
    state: &State,
    seen: &Observation,
    kind: ClockKind,
) -> Result<Vec<Event>, Rejection> {
    collect(state.latest(kind), |c| timing::stop(c, seen.at, seen.event_id, &seen.terms))
}

/// An instant has come. What was stopped, paused or noted meanwhile is no news.
fn fire(state: &State, clock: &Clock, what: What, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let (Phase::Running { .. }, None, Some(due_at)) = (clock.phase, clock.breach, clock.due_at)
    else {
        return Ok(Vec::new());
    };
    let (at, event) = match what {
        What::Threshold(percent) => {
            let Some(warn) = clock.warn_at.iter().find(|warn| warn.percent == percent) else {
                return Ok(Vec::new());
            };
            let remaining = match (clock.budget(), clock.target()) {
                (Some(budget), Some(target)) => {
                    budget.saturating_sub(timing::part(target, percent))
                }
                _ => due_at.duration_since(warn.at).unsigned_abs(),
            };
            (warn.at, timing::threshold(clock, percent, due_at, remaining))
        }
        // A timer is not an instant of a clock.
        What::Timer => return Ok(Vec::new()),
        What::Breach => {
            let cause = evidence::cause(state, clock, due_at);
            (breach_detection(due_at), timing::breach(clock, due_at, now, cause))
        }
    };
    if now < at { Err(Rejection::NotDue { at }) } else { Ok(vec![event]) }
}

fn void_breach(
    clock: &Clock,
    excuse: Excuse,
    by: &AgentId,
    note: &str,
) -> Result<Vec<Event>, Rejection> {
    if note.trim().is_empty() {
        return Err(Rejection::NoteMissing);
    }
    if clock.breach.is_none_or(|breach| breach.voided) {
        return Err(Rejection::NotBreached);
    }
    let reason = match excuse {
        Excuse::Misclassified => VoidReason::Misclassified,
        Excuse::Excused => VoidReason::Excused,
    };
    let (by, note) = (Some(by.clone()), note.to_owned());
    Ok(vec![Event::BreachVoided { clock_id: clock.id, reason, by, note }])
}

impl State {
    fn find(&self, id: ClockId) -> Result<&Clock, Rejection> {
        self.clock(id).ok_or(Rejection::UnknownClock(id))
    }
}

/// The events of every clock, in order.
pub(super) fn collect<'a>(
    clocks: impl IntoIterator<Item = &'a Clock>,
    mut rule: impl FnMut(&'a Clock) -> Result<Vec<Event>, Rejection>,
) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    for clock in clocks {
        events.extend(rule(clock)?);
    }
    Ok(events)
}
