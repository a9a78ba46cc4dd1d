//! The rules of a ticket.
use super::Stage::{Closed, New, Open, Resolved, WaitingCustomer, WaitingThirdParty};
use super::command::{
    Authority, Command, HoldForCustomer, HoldForThirdParty, NewMessage, Register, Rejection,
    SetPriority,
};
use super::event::{
    AuthorKind, Classified, CloseReason, Event, Held, HoldKind, MessageAdded, MessageDirection,
    MessagePurpose, Origin, PriorityCause, PriorityChanged, ReopenTrigger, Reopened, TicketType,
    UnholdTrigger,
};
use super::{Facts, Stage, State};
use crate::ids::{AgentId, HoldId};
use crate::priority::{Channel, Impact, Priority, Urgency};

type Decision = Result<Vec<Event>, Rejection>;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    let (Some(current), Some(facts)) = (state.stage(), state.facts()) else {
        return match command {
            Command::Register(register) => registering(register),
            _ => Err(Rejection::NotRegistered),
        };
    };
    let allowed = allowed(command);
    if !allowed.contains(&current) {
        return Err(Rejection::WrongStage { current, allowed });
    }
    match command {
        Command::Register(_) => Err(Rejection::AlreadyRegistered),
        Command::AddInboundMessage(message) => Ok(inbound(state, facts, message)),
        Command::AddNote(message) => Ok(vec![added(message, Kind::Note)]),
        Command::Classify(classified) => classifying(facts, classified),
        Command::SetPriority(set) => prioritising(facts, set),
        Command::StartWork { agent_id } => Ok(vec![work_started(agent_id)]),
        Command::SendReply { message, agent_id } => {
            let mut events = vec![added(message, Kind::Reply)];
            if current == New {
                events.push(work_started(agent_id));
            }
            Ok(events)
        }
        Command::HoldForCustomer(hold) => asking(facts, hold),
        Command::HoldForThirdParty(hold) => waiting(hold),
        Command::TakeOverHold { hold_id, kind } => taking_over(facts, *hold_id, *kind),
        Command::Unhold { trigger } => Ok(unheld(state, *trigger).into_iter().collect()),
        Command::Resolve(resolve) => {
            let mut events: Vec<_> = unheld(state, UnholdTrigger::Resolved).into_iter().collect();
            events.push(Event::Resolved(resolve.resolved.clone()));
            Ok(events)
        }
        Command::ConfirmResolution => Ok(vec![Event::Closed { reason: CloseReason::Confirmed }]),
        Command::RejectResolution { reason } => {
            Ok(vec![reopened(facts, ReopenTrigger::CustomerRejected, reason)])
        }
        Command::Reopen { reason } => Ok(vec![reopened(facts, ReopenTrigger::Agent, reason)]),
        Command::AutoClose => Ok(vec![Event::Closed { reason: CloseReason::Auto }]),
    }
}

const ANY: &[Stage] = &[New, Open, WaitingCustomer, WaitingThirdParty, Resolved, Closed];
const LIVE: &[Stage] = &[New, Open, WaitingCustomer, WaitingThirdParty, Resolved];
const WORKED: &[Stage] = &[Open, WaitingCustomer, WaitingThirdParty];
const WAITING: &[Stage] = &[WaitingCustomer, WaitingThirdParty];

/// The stages in which a command is looked at (`Register` to say that it is too late). The specification of this table is
/// `tests/table.rs`.
fn allowed(command: &Command) -> &'static [Stage] {
    match command {
        Command::Register(_) | Command::AddNote(_) => ANY,
        Command::AddInboundMessage(_)
        | Command::Classify(_)
        | Command::SetPriority(_)
        | Command::SendReply { .. } => LIVE,
        Command::StartWork { .. } => &[New],
        Command::HoldForCustomer(_)
        | Command::HoldForThirdParty(_)
        | Command::TakeOverHold { .. } => &[Open],
        Command::Unhold { trigger: UnholdTrigger::CustomerReply } => &[WaitingCustomer],
        Command::Unhold { trigger: UnholdTrigger::VendorReply } => &[WaitingThirdParty],
        Command::Unhold {
            trigger: UnholdTrigger::Manual | UnholdTrigger::Timeout | UnholdTrigger::Resolved,
        } => WAITING,
        Command::Resolve(_) => WORKED,
        Command::ConfirmResolution
        | Command::RejectResolution { .. }
        | Command::Reopen { .. }
        | Command::AutoClose => &[Resolved],
    }
}

fn registering(register: &Register) -> Decision {
    let registered = &register.registered;
    let asked = registered.requester.is_some();
    if !asked && registered.channel != Channel::Monitoring && registered.origin != Origin::Import {
        return Err(Rejection::RequesterMissing);
    }
    let kind = register.classified.as_ref().map_or(registered.kind, |classified| classified.kind);
    if is_complaint(kind) != is_complaint(registered.kind) {
        return Err(Rejection::ComplaintByClassification);
    }
    let mut events = vec![Event::Registered(registered.clone())];
    events.extend(register.classified.clone().map(Event::Classified));
    events.push(Event::PriorityChanged(PriorityChanged {
        impact: register.impact,
        urgency: register.urgency,
        priority: priority(kind, register.impact, register.urgency),
        previous: None,
        cause: PriorityCause::Initial,
        reason: String::new(),
    }));
    Ok(events)
}

fn inbound(state: &State, facts: &Facts, message: &NewMessage) -> Vec<Event> {
    let mut events = vec![added(message, Kind::Inbound)];
    match state {
        State::WaitingCustomer(_, hold_id) => {
            events.push(Event::Unheld { hold_id: *hold_id, trigger: UnholdTrigger::CustomerReply });
        }
        State::Resolved(_) => events.push(Event::Reopened(Reopened {
            reopen_no: facts.reopen_count.saturating_add(1),
            trigger: ReopenTrigger::CustomerMessage,
            message_id: Some(message.message_id),
            reason: String::new(),
        })),
        State::Absent
        | State::New(_)
        | State::Open(_)
        | State::WaitingThirdParty(..)
        | State::Closed(..) => {}
    }
    events
}

fn classifying(facts: &Facts, classified: &Classified) -> Decision {
    if is_complaint(facts.kind) != is_complaint(classified.kind) {
        return Err(Rejection::ComplaintByClassification);
    }
    Ok(vec![Event::Classified(classified.clone())])
}

fn prioritising(facts: &Facts, set: &SetPriority) -> Decision {
    let priority = priority(facts.kind, set.impact, set.urgency);
    let previous = facts.assessment.map(|assessment| assessment.priority);
    let lowers_p1 = previous == Some(Priority::P1) && priority != Priority::P1;
    if lowers_p1 && set.authority == Authority::Agent {
        return Err(Rejection::LoweringNeedsLead);
    }
    Ok(vec![Event::PriorityChanged(PriorityChanged {
        impact: set.impact,
        urgency: set.urgency,
        priority,
        previous,
        cause: set.cause,
        reason: set.reason.clone(),
    })])
}

fn asking(facts: &Facts, hold: &HoldForCustomer) -> Decision {
    if facts.kind == TicketType::DataSubjectRequest && !hold.identity_doubt {
        return Err(Rejection::DataSubjectMayNotWait);
    }
    Ok(vec![
        added(&hold.question, Kind::Question),
        Event::Held(Held {
            hold_id: hold.hold_id,
            kind: HoldKind::Customer,
            reason: hold.reason.clone(),
            question_message_id: Some(hold.question.message_id),
            vendor_id: None,
            expected_by: None,
        }),
    ])
}

fn waiting(hold: &HoldForThirdParty) -> Decision {
    if hold.expected_by <= hold.now {
        return Err(Rejection::ExpectedInThePast);
    }
    Ok(vec![Event::Held(Held {
        hold_id: hold.hold_id,
        kind: HoldKind::ThirdParty,
        reason: hold.reason.clone(),
        question_message_id: None,
        vendor_id: Some(hold.vendor_id.clone()),
        expected_by: Some(hold.expected_by),
    })])
}

fn taking_over(facts: &Facts, hold_id: HoldId, kind: HoldKind) -> Decision {
    if facts.registered.origin != Origin::Import {
        return Err(Rejection::NotImported);
    }
    Ok(vec![Event::Held(Held {
        hold_id,
        kind,
        reason: String::new(),
        question_message_id: None,
        vendor_id: None,
        expected_by: None,
    })])
}

/// The end of the present wait, if there is one.
fn unheld(state: &State, trigger: UnholdTrigger) -> Option<Event> {
    state.hold().map(|hold_id| Event::Unheld { hold_id, trigger })
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

/// What a command adds a message as.
#[derive(Clone, Copy)]
enum Kind {
    Inbound,
    Note,
    Reply,
    Question,
}

fn added(message: &NewMessage, kind: Kind) -> Event {
    let (direction, purpose) = match kind {
        Kind::Inbound => (MessageDirection::Inbound, MessagePurpose::Reply),
        Kind::Note => (MessageDirection::Internal, MessagePurpose::Note),
        Kind::Reply => (MessageDirection::Outbound, MessagePurpose::Reply),
        Kind::Question => (MessageDirection::Outbound, MessagePurpose::Question),
    };
    Event::MessageAdded(MessageAdded {
        message_id: message.message_id,
        direction,
        channel: message.channel,
        author_kind: message.author_kind,
        purpose,
        is_reply: direction == MessageDirection::Outbound
            && message.author_kind == AuthorKind::Human,
        body: message.body.clone(),
        written_at: message.written_at,
    })
}

fn is_complaint(kind: TicketType) -> bool {
    kind == TicketType::Complaint
}

/// The matrix; a complaint is never below P3, because silence on it has consequences.
fn priority(kind: TicketType, impact: Impact, urgency: Urgency) -> Priority {
    let priority = Priority::of(impact, urgency);
    if is_complaint(kind) { priority.min(Priority::P3) } else { priority }
}
