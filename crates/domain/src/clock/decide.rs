//! The rules: which fact starts, pauses, resumes, retargets or stops which clock.
use std::time::Duration;

use jiff::Timestamp;

use super::state::breach_detection;
use super::{
    BreachCause, Clock, ClockClass, ClockKind, CloseReason, Command, Event, Excuse, Fact, HoldKind,
    MessageKind, Observation, Outcome, Phase, Rejection, ReopenTrigger, RetargetCause, State,
    Terms, TicketFacts, VoidReason, What, timing,
};
use crate::ids::{AgentId, ClockId};
use crate::policy::{Policy, Reopen};
use crate::priority::{Channel, Priority};

pub(super) fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Observe(observation) => observe(state, observation),
        Command::Fire { clock_id, what, now } => fire(state.find(*clock_id)?, *what, *now),
        Command::VoidBreach { clock_id, excuse, by, note } => {
            void_breach(state.find(*clock_id)?, *excuse, by, note)
        }
    }
}

fn observe(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    let ticket = match (&seen.fact, &state.ticket) {
        (Fact::TicketRegistered(facts), None) => return register(state, facts, &seen.terms),
        (Fact::TicketRegistered(_), Some(_)) => return Err(Rejection::AlreadyRegistered),
        (_, Some(ticket)) => ticket,
        (_, None) => return Err(Rejection::UnknownTicket),
    };
    match seen.fact {
        Fact::TicketRegistered(_) => Err(Rejection::AlreadyRegistered),
        Fact::PriorityChanged { priority, mitigated } => {
            change_priority(state, seen, ticket, priority, mitigated)
        }
        Fact::TermsChanged { cause } => {
            let policy = seen.terms.policies.at(seen.at);
            retarget_all(state, seen, ticket, policy, cause)
        }
        Fact::MessageAdded { kind: MessageKind::Inbound, channel } => {
            await_reply(state, seen, ticket, channel)
        }
        Fact::MessageAdded { kind: MessageKind::Reply, .. } => {
            stop(state, seen, &[ClockKind::FirstReply, ClockKind::NextReply])
        }
        Fact::MessageAdded { kind: MessageKind::Update | MessageKind::Internal, .. }
        | Fact::Held { kind: HoldKind::ThirdParty, .. }
        | Fact::Reopened { trigger: ReopenTrigger::Appeal } => Ok(Vec::new()),
        Fact::ContactAnswered => stop(state, seen, &[ClockKind::FirstReply]),
        Fact::Held { hold_id, kind: HoldKind::Customer } => {
            collect(state.clocks.iter().filter(|c| c.kind.waits_for_customer()), |clock| {
                timing::pause(clock, seen.at, hold_id, &seen.terms)
            })
        }
        Fact::Unheld { hold_id } => collect(&state.clocks, |clock| match clock.phase {
            Phase::Paused { since, hold_id: held_by } if held_by == hold_id => {
                timing::resume(clock, seen.at.max(since), clock.carried, &seen.terms)
            }
            Phase::Paused { .. } | Phase::Running { .. } | Phase::Stopped { .. } => Ok(Vec::new()),
        }),
        Fact::Resolved => stop(state, seen, &[ClockKind::Resolution]),
        Fact::Reopened { trigger: ReopenTrigger::Unsolved } => reopen(state, seen, ticket),
        Fact::Reopened { trigger: ReopenTrigger::NotSpam } => undo_cancel(state, seen),
        Fact::Closed { reason } => close(state, seen, reason),
        Fact::AckSent => stop(state, seen, &[ClockKind::Ack]),
    }
}

/// Notes the ticket, and starts its first clocks if its priority is settled.
fn register(state: &State, facts: &TicketFacts, terms: &Terms) -> Result<Vec<Event>, Rejection> {
    let mut events = vec![Event::TicketNoted(*facts)];
    events.extend(start_first(state, facts, terms)?);
    Ok(events)
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
    let now = TicketFacts { priority: Some(priority), ..*ticket };
    let mut events = vec![Event::TicketNoted(now)];
    if ticket.priority.is_none() {
        events.extend(start_first(state, &now, &seen.terms)?);
    } else if !mitigated {
        let policy = seen.terms.policy_of(&now);
        events.extend(retarget_all(state, seen, &now, policy, RetargetCause::Priority)?);
    }
    Ok(events)
}

/// The clocks that count from receipt.
fn start_first(state: &State, t: &TicketFacts, terms: &Terms) -> Result<Vec<Event>, Rejection> {
    let wanted = [
        (ClockKind::Ack, t.has_requester),
        (ClockKind::FirstReply, t.awaits_reply),
        (ClockKind::Resolution, true),
    ];
    let mut events = Vec::new();
    for (kind, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
        events.extend(start(state, t, kind, t.channel, t.received_at, terms)?);
    }
    Ok(events)
}

/// A new cycle of that kind, if the policy has a target for it.
fn start(
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
    timing::start(ticket, (kind, cycle), (policy, rule), at, terms).map(Some)
}

fn retarget_all(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    policy: &Policy,
    cause: RetargetCause,
) -> Result<Vec<Event>, Rejection> {
    let Some(priority) = ticket.priority else { return Ok(Vec::new()) };
    collect(state.clocks.iter().filter(|clock| clock.kind.has_target()), |clock| {
        match policy.rule(priority, clock.kind, ticket.channel) {
            Some(rule) => timing::retarget(clock, seen.at, (policy, rule), cause, &seen.terms),
            None => Ok(Vec::new()),
        }
    })
}

/// The customer waits; from the oldest message that has no answer. What was written
/// before the last answer waits for none.
fn await_reply(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    channel: Channel,
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
    let started = start(state, ticket, ClockKind::NextReply, channel, seen.at, &seen.terms)?;
    Ok(Vec::from_iter(started))
}

fn stop(state: &State, seen: &Observation, kinds: &[ClockKind]) -> Result<Vec<Event>, Rejection> {
    let clocks = kinds.iter().filter_map(|kind| state.latest(*kind));
    // What was said before the customer's message is no answer to it.
    let meant = |c: &&Clock| c.kind != ClockKind::NextReply || c.started_at <= seen.at;
    collect(clocks.filter(meant), |clock| timing::stop(clock, seen.at, seen.event_id, &seen.terms))
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

/// The ticket was not spam: its clocks go on as if it had never been closed.
fn undo_cancel(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    collect(ClockKind::ALL.iter().filter_map(|kind| state.latest(*kind)), |clock| {
        match clock.phase {
            Phase::Stopped { at, outcome: Outcome::Cancelled } => {
                let elapsed = seen.terms.calendar_of(clock)?.elapsed(at, seen.at);
                timing::run_on(clock, seen.at.max(at), clock.carried + elapsed, &seen.terms)
            }
            Phase::Stopped { .. } | Phase::Running { .. } | Phase::Paused { .. } => Ok(Vec::new()),
        }
    })
}

/// Ends what still runs. What the law demands does not end with the ticket.
fn close(state: &State, seen: &Observation, reason: CloseReason) -> Result<Vec<Event>, Rejection> {
    let live = state.clocks.iter().filter(|c| c.is_live() && c.class != ClockClass::Statutory);
    collect(live, |clock| {
        // A solution that the customer accepts without another word was the answer.
        if clock.kind == ClockKind::FirstReply
            && reason == CloseReason::Confirmed
            && let Some(at) = resolved_at(state)
        {
            return timing::stop(clock, at, seen.event_id, &seen.terms);
        }
        let promised = reason != CloseReason::Spam;
        timing::cancel(clock, seen.at, seen.event_id, promised, &seen.terms)
    })
}

fn resolved_at(state: &State) -> Option<Timestamp> {
    match state.latest(ClockKind::Resolution)?.phase {
        Phase::Stopped { at, outcome: Outcome::Met | Outcome::Missed } => Some(at),
        Phase::Stopped { .. } | Phase::Running { .. } | Phase::Paused { .. } => None,
    }
}

/// An instant has come. What was stopped, paused or noted meanwhile is no news.
fn fire(clock: &Clock, what: What, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let (Phase::Running { .. }, None, Some(due_at)) = (clock.phase, clock.breach, clock.due_at)
    else {
        return Ok(Vec::new());
    };
    let (at, event) = match what {
        What::Threshold(percent) => {
            let Some(warn) = clock.warn_at.iter().find(|warn| warn.percent == percent) else {
                return Ok(Vec::new());
            };
            let budget = clock.budget().unwrap_or(Duration::ZERO);
            let remaining = budget.saturating_sub(timing::part(budget, percent));
            (warn.at, timing::threshold(clock, percent, due_at, remaining))
        }
        What::Breach => {
            (breach_detection(due_at), timing::breach(clock, due_at, now, BreachCause::Time))
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
fn collect<'a>(
    clocks: impl IntoIterator<Item = &'a Clock>,
    mut rule: impl FnMut(&'a Clock) -> Result<Vec<Event>, Rejection>,
) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    for clock in clocks {
        events.extend(rule(clock)?);
    }
    Ok(events)
}
