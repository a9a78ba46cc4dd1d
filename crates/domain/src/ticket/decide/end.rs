//! Resolving, closing and reopening a ticket.
use jiff::{SignedDuration, Timestamp};

use super::super::command::{CascadeResolve, NewMessage};
use super::super::event::{Closed, Event, Resolved};
use super::super::rejection::Rejection;
use super::super::words::{
    CloseReason, Origin, PromiseKind, ReopenTrigger, TicketType, UnholdTrigger,
};
use super::super::{Facts, State};
use super::hold::unheld;
use super::message::{news, statement};
use super::{Decision, is_complaint, reopened};
use crate::complaint::{self, Law, may_close, may_resolve};
use crate::ids::{HoldId, Personal};

/// How many days spam is kept, and with it the chance to take it back.
pub const SPAM_KEPT_DAYS: i64 = 90;

/// Code of the resolution of a ticket whose customer never answered.
const NO_CUSTOMER_REPLY: &str = "NO_CUSTOMER_REPLY";

/// A complaint is resolved by its decision, and again after a later reopening; one
/// that no law has been found for yet is undecided, too.
pub(super) fn resolving(state: &State, facts: &Facts, resolved: &Resolved) -> Decision {
    if is_complaint(facts.kind) && facts.complaint.is_none() {
        return Err(complaint::Rejection::NotDecided.into());
    }
    facts.complaint.as_ref().map_or(Ok(()), may_resolve)?;
    if facts.is_escalated() && resolved.root_cause_code.is_none() {
        return Err(Rejection::RootCauseMissing);
    }
    resolved_after_wait(state, facts, UnholdTrigger::Resolved, resolved.clone())
}

/// What another system resolved is resolved, whatever was decided there.
pub(super) fn taking_over(state: &State, facts: &Facts, resolved: &Resolved) -> Decision {
    if facts.registered.origin != Origin::Import {
        return Err(Rejection::NotImported);
    }
    facts.complaint.as_ref().map_or(Ok(()), may_resolve)?;
    resolved_after_wait(state, facts, UnholdTrigger::Resolved, resolved.clone())
}

/// A promised call must be made before the ticket is resolved.
fn resolved_after_wait(
    state: &State,
    facts: &Facts,
    trigger: UnholdTrigger,
    resolved: Resolved,
) -> Decision {
    if facts.promises.iter().any(|promise| promise.kind == PromiseKind::Callback) {
        return Err(Rejection::CallbackOpen);
    }
    Ok(unheld(state, trigger).into_iter().chain([Event::Resolved(resolved)]).collect())
}

/// What was done about an incident answers neither a complaint nor a data subject.
pub(super) fn cascading(state: &State, facts: &Facts, cascade: &CascadeResolve) -> Decision {
    if is_complaint(facts.kind) || facts.kind == TicketType::DataSubjectRequest {
        return Err(Rejection::NeedsPerson);
    }
    // Linked elsewhere, or not any more.
    if facts.parent() != Some(cascade.parent) {
        return Err(Rejection::NotLinked);
    }
    let resolved = Resolved { cascaded_from: Some(cascade.parent), ..cascade.resolved.clone() };
    resolving(state, facts, &resolved)
}

/// The customer has not answered in time. A matter whose silence the law speaks of is not
/// ended by silence, nor is an escalated one: a person names its root cause.
pub(super) fn giving_up(
    state: &State,
    facts: &Facts,
    hold_id: HoldId,
    summary: &Personal,
) -> Decision {
    let by_law = [TicketType::Complaint, TicketType::DataSubjectRequest, TicketType::Regulatory];
    if by_law.contains(&facts.kind) || facts.is_escalated() {
        return Err(Rejection::NeedsPerson);
    }
    // The time ran for an earlier wait.
    if state.hold() != Some(hold_id) {
        return Ok(Vec::new());
    }
    let resolved = Resolved {
        resolution_code: NO_CUSTOMER_REPLY.to_owned(),
        root_cause_code: None,
        summary: Some(summary.clone()),
        cascaded_from: None,
    };
    resolved_after_wait(state, facts, UnholdTrigger::Timeout, resolved)
}

pub(super) fn closed(reason: CloseReason) -> Event {
    Event::Closed(Closed::by(reason))
}

/// The customer accepts the solution: the ticket no longer waits for an appeal, only for remedies.
pub(super) fn confirming(facts: &Facts, law: &Law) -> Decision {
    guard(facts, law, true)?;
    Ok(vec![closed(CloseReason::Confirmed)])
}

pub(super) fn closing(facts: &Facts, reopen_count: Option<u32>, law: &Law) -> Decision {
    // The time ran for an earlier solution.
    if reopen_count.is_some_and(|count| count != facts.reopen_count) {
        return Ok(Vec::new());
    }
    guard(facts, law, false)?;
    Ok(vec![closed(CloseReason::Auto)])
}

/// A complaint ends only with a proved decision and nothing owed.
fn guard(facts: &Facts, law: &Law, confirmed: bool) -> Result<(), Rejection> {
    let Some(complaint) = &facts.complaint else { return Ok(()) };
    Ok(may_close(complaint, law, confirmed)?)
}

pub(super) fn withdrawn(
    state: &State,
    facts: &Facts,
    said: &NewMessage,
    confirmation: &NewMessage,
) -> Vec<Event> {
    let answered = match state {
        State::WaitingCustomer(..) => unheld(state, UnholdTrigger::CustomerReply),
        State::Absent
        | State::New(_)
        | State::Open(_)
        | State::WaitingThirdParty(..)
        | State::Resolved(_)
        | State::Closed(..) => None,
    };
    let mut events = vec![statement(said)];
    events.extend(answered);
    events.extend(facts.complaint.as_ref().map(|_| news(confirmation)));
    events.push(closed(CloseReason::Withdrawn));
    events
}

pub(super) fn marking_spam(facts: &Facts, now: Timestamp) -> Decision {
    if is_complaint(facts.kind) || facts.requester_is_verified() {
        return Err(Rejection::CannotBeSpam);
    }
    let kept = SignedDuration::from_hours(24 * SPAM_KEPT_DAYS);
    let reopen_until = now.saturating_add(kept).unwrap_or(Timestamp::MAX);
    Ok(vec![Event::Closed(Closed {
        reopen_until: Some(reopen_until),
        ..Closed::by(CloseReason::Spam)
    })])
}

pub(super) fn unmarking_spam(state: &State, facts: &Facts, now: Timestamp) -> Decision {
    let State::Closed(_, Closed { reason: CloseReason::Spam, reopen_until, .. }) = state else {
        return Err(Rejection::NotClosedAsSpam);
    };
    if reopen_until.is_some_and(|until| now > until) {
        return Err(Rejection::SpamTooOld);
    }
    Ok(vec![reopened(facts, ReopenTrigger::NotSpam, "")])
}
