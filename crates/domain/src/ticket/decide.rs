//! The rules of a ticket: maps each command to its rule. The rules themselves are in one file per
//! concern.
mod assess;
mod complaint;
mod end;
mod hold;
mod join;
mod message;
mod register;
mod request;
mod stages;

use super::command::Command;
use super::event::{Event, Reopened};
use super::rejection::Rejection;
use super::words::{ReopenTrigger, TicketType};
use super::{Facts, Stage, State};
use crate::ids::AgentId;

pub use end::SPAM_KEPT_DAYS;
pub use join::{MOST_ANCESTORS, MOST_LINKS, MOST_PARTIES};

type Decision = Result<Vec<Event>, Rejection>;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    let (Some(current), Some(facts)) = (state.stage(), state.facts()) else {
        return match command {
            Command::Register(register) => register::registering(register),
            _ => Err(Rejection::NotRegistered),
        };
    };
    if let Command::AddInboundMessage { follow_up, .. } = command
        && let Some(ticket_id) = message::moved_to(state, facts, *follow_up)
    {
        return Err(Rejection::MovedTo { ticket_id });
    }
    if let (Command::RepeatAlert(_), State::Closed(_, closed)) = (command, state)
        && let Some(ticket_id) = closed.merged_into
    {
        return Err(Rejection::MovedTo { ticket_id });
    }
    let allowed = stages::allowed(facts, command);
    if !allowed.contains(&current) {
        return Err(Rejection::WrongStage { current, allowed });
    }
    decide_in_stage(state, facts, current, command)
}

fn decide_in_stage(state: &State, facts: &Facts, current: Stage, command: &Command) -> Decision {
    match command {
        Command::Register(_) => Err(Rejection::AlreadyRegistered),
        Command::AddInboundMessage { message, .. } => Ok(message::inbound(state, facts, message)),
        Command::AddNote(note) | Command::RepeatAlert(note) => Ok(vec![message::note(note)]),
        Command::AddEvidence(note) => Ok(vec![message::evidence(note)]),
        Command::AddTask(note) => Ok(vec![message::task(note)]),
        Command::NoteHandover { note, escalates } => {
            Ok(message::handover(facts, note, *escalates).into_iter().collect())
        }
        Command::Classify(classified) => assess::classifying(facts, classified),
        Command::SetPriority(set) => assess::prioritising(facts, set),
        Command::StartWork { agent_id } => Ok(vec![work_started(agent_id)]),
        Command::SendReply(reply) => message::replying(facts, current, reply),
        Command::SendUpdate(update) => message::updating(facts, update),
        Command::TellNoNews { message, silent_since } => {
            Ok(message::no_news(facts, message, *silent_since).into_iter().collect())
        }
        Command::ExtendRequest(command) => request::extending(facts, command),
        Command::MakePromise(promise) => message::promising(facts, promise),
        Command::HoldForCustomer(hold) => hold::asking(facts, hold),
        Command::HoldForThirdParty(hold) => hold::waiting(hold),
        Command::TakeOverHold { hold_id, kind } => hold::taking_over(facts, *hold_id, *kind),
        Command::Unhold { trigger } => Ok(hold::unheld(state, *trigger).into_iter().collect()),
        Command::GiveUpSupplier { hold_id, task } => Ok(hold::giving_up(state, *hold_id, task)),
        Command::Resolve(resolve) => end::resolving(state, facts, &resolve.resolved),
        Command::TakeOverSolution(resolved) => end::taking_over(state, facts, resolved),
        Command::CascadeResolve(cascade) => end::cascading(state, facts, cascade),
        Command::AutoResolveNoReply { hold_id, summary } => {
            end::giving_up(state, facts, *hold_id, summary)
        }
        Command::ConfirmResolution { law } => end::confirming(facts, law),
        Command::RejectResolution { statement } => Ok(message::rejecting(facts, statement)),
        Command::Reopen { reason } => Ok(vec![reopened(facts, ReopenTrigger::Agent, reason)]),
        Command::AutoClose { reopen_count, law } => end::closing(facts, *reopen_count, law),
        Command::Withdraw { statement, confirmation } => {
            Ok(end::withdrawn(state, facts, statement, confirmation))
        }
        Command::Complaint(complain) => complaint::complaining(state, facts, current, complain),
        Command::MarkSpam { now } => end::marking_spam(facts, *now),
        Command::UnmarkSpam { now } => end::unmarking_spam(state, facts, *now),
        Command::Merge { target, aliases, regimes } => {
            join::merging(facts, target, aliases, regimes)
        }
        Command::TakeInMerged { source } => Ok(join::taking_in(facts, *source)),
        Command::Split(split) => join::splitting(facts, split),
        Command::Link(link) => join::linking(facts, link),
        Command::Unlink(link) => join::unlinking(facts, *link),
        Command::NoteLinked(link) => Ok(join::noting_linked(facts, *link)),
        Command::NoteUnlinked(link) => Ok(join::noting_unlinked(facts, *link)),
        Command::TakeBroadcast(broadcast) => Ok(vec![Event::MessageAdded(broadcast.clone())]),
        Command::NoteContact(noted) => Ok(message::contact(facts, noted)),
        Command::LinkParty { party_id, role, identification } => {
            join::linking_party(facts, *party_id, *role, *identification)
        }
    }
}

fn reopened(facts: &Facts, trigger: ReopenTrigger, reason: &str) -> Event {
    Event::Reopened(Reopened {
        reopen_no: facts.reopen_count.saturating_add(1),
        trigger,
        message_id: None,
        reason: reason.to_owned(),
    })
}

fn work_started(agent_id: &AgentId) -> Event {
    Event::WorkStarted { agent_id: agent_id.clone() }
}

fn is_complaint(kind: TicketType) -> bool {
    kind == TicketType::Complaint
}
