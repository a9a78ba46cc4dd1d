//! The rules of a contact.
use std::time::Duration;

use jiff::Timestamp;

use super::command::{Command, Rejection};
use super::event::{
    Answered, Answerer, Ended, Event, Outcome, RouteReason, Routed, Started, Target,
};
use super::{Facts, MOST_ROUTES, ROUNDING, Stage, State};
use crate::backdating::Backdating;

type Decision = Result<Vec<Event>, Rejection>;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    match (state, command) {
        (State::Absent, Command::Start(started, backdating)) => starting(started, backdating),
        (State::Absent, _) => Err(Rejection::NotStarted),
        (State::Live(_) | State::Ended(..), Command::Start(..)) => Err(Rejection::AlreadyStarted),
        (State::Ended(..), _) => Err(Rejection::AlreadyEnded),
        (State::Live(facts), Command::Route(routed)) => routing(facts, routed),
        (State::Live(facts), Command::Answer(answered, backdating)) => {
            answering(facts, answered, backdating)
        }
        (State::Live(facts), Command::End { ended, as_started }) => {
            ending(facts, ended, *as_started)
        }
    }
}

fn starting(started: &Started, backdating: &Backdating) -> Decision {
    let backdate_reason = reason(backdating)?;
    if started.channel.is_bot() && !started.ai_disclosed {
        return Err(Rejection::AiNotDisclosed);
    }
    Ok(vec![Event::Started(Started { backdate_reason, ..started.clone() })])
}

fn routing(facts: &Facts, routed: &Routed) -> Decision {
    in_order(facts, routed.routed_at)?;
    if facts.routes.len() >= MOST_ROUTES {
        return Err(Rejection::TooManyRoutes);
    }
    if !fits(routed.ivr, facts.started.started_at, routed.routed_at) {
        return Err(Rejection::TimesTooLong);
    }
    match routed.target {
        Target::Bot => to_bot(facts, routed.reason)?,
        Target::Human => to_person(facts, routed)?,
    }
    Ok(vec![Event::Routed(routed.clone())])
}

fn to_bot(facts: &Facts, reason: RouteReason) -> Result<(), Rejection> {
    match reason {
        RouteReason::BotHandover
        | RouteReason::CustomerAsked
        | RouteReason::TopicRule
        | RouteReason::Sentiment => return Err(Rejection::ReasonNeedsPerson),
        RouteReason::IvrChoice | RouteReason::Transfer => {}
    }
    may_be_machine(facts)
}

fn to_person(facts: &Facts, routed: &Routed) -> Result<(), Rejection> {
    if routed.queue_id.is_none() {
        return Err(Rejection::QueueMissing);
    }
    if facts.talking() == Some(&Answerer::Bot) && routed.context_ref.is_none() {
        return Err(Rejection::ContextMissing);
    }
    Ok(())
}

fn may_be_machine(facts: &Facts) -> Result<(), Rejection> {
    if !facts.started.ai_disclosed {
        return Err(Rejection::AiNotDisclosed);
    }
    if facts.person_promised() {
        return Err(Rejection::PersonPromised);
    }
    Ok(())
}

fn answering(facts: &Facts, answered: &Answered, backdating: &Backdating) -> Decision {
    let backdate_reason = reason(backdating)?;
    in_order(facts, answered.answered_at)?;
    if facts.stage == Stage::Talking {
        return Err(Rejection::AlreadyAnswered);
    }
    if answered.by == Answerer::Bot {
        may_be_machine(facts)?;
    }
    if !fits(answered.waited, facts.waiting_since(), answered.answered_at) {
        return Err(Rejection::TimesTooLong);
    }
    Ok(vec![Event::Answered(Answered { backdate_reason, ..answered.clone() })])
}

fn ending(facts: &Facts, ended: &Ended, as_started: bool) -> Decision {
    in_order(facts, ended.ended_at)?;
    let spent = ended.talk.saturating_add(ended.hold).saturating_add(ended.wrap);
    match facts.answers.first() {
        None if !spent.is_zero() => return Err(Rejection::NeverAnswered),
        Some(first) if !fits(spent, first.answered_at, ended.ended_at) => {
            return Err(Rejection::TimesTooLong);
        }
        None | Some(_) => {}
    }
    if !agrees(facts, ended.outcome) {
        return Err(Rejection::OutcomeContradicted(ended.outcome));
    }
    let identity = if as_started { facts.started.identity } else { ended.identity };
    Ok(vec![Event::Ended(Ended { identity, ..ended.clone() })])
}

/// Whether the outcome is one that what happened can have.
fn agrees(facts: &Facts, outcome: Outcome) -> bool {
    let answered = !facts.answers.is_empty();
    let routed = !facts.routes.is_empty();
    match outcome {
        Outcome::Handled => matches!(facts.talking(), Some(Answerer::Human(_))),
        Outcome::ContainedByBot => facts.talking() == Some(&Answerer::Bot),
        Outcome::AbandonedIvr => !answered && !routed,
        Outcome::AbandonedQueue => routed && facts.stage == Stage::Waiting,
        Outcome::Rejected => !answered,
        Outcome::CallbackRequested => true,
    }
}

fn reason(backdating: &Backdating) -> Result<Option<String>, Rejection> {
    backdating.reason(Rejection::BackdatingDenied, Rejection::BackdateReasonMissing)
}

fn in_order(facts: &Facts, at: Timestamp) -> Result<(), Rejection> {
    if at < facts.last_at() { Err(Rejection::OutOfOrder) } else { Ok(()) }
}

/// Whether so much time passed between the two instants.
fn fits(part: Duration, from: Timestamp, to: Timestamp) -> bool {
    let whole = Duration::try_from(to.duration_since(from)).unwrap_or_default();
    part <= whole.saturating_add(ROUNDING)
}
