//! Turns the steps of a complaint into events of its ticket.
use jiff::Timestamp;

use super::super::command::{Complain, NewMessage};
use super::super::event::{
    Classified, Event, Held, PriorityChanged, Registered, Reopened, Resolved,
};
use super::super::rejection::{PublicText, Rejection};
use super::super::stage::Stage;
use super::super::words::{
    HoldKind, MessageDirection, MessagePurpose, PriorityCause, ReopenTrigger, TicketType,
    UnholdTrigger,
};
use super::super::{Facts, State};
use super::hold::unheld;
use super::message::{
    decision, news, no_closed_platform, nothing_personal_with, question, statement,
};
use super::{Decision, assess, is_complaint};
use crate::complaint::{
    self, Command, Complaint, Extend, Open, Outcome, Standing, Step, TicketStep,
};
use crate::ids::{HoldId, MessageId};

pub(super) fn complaining(
    state: &State,
    facts: &Facts,
    current: Stage,
    complain: &Complain,
) -> Decision {
    if let Some(message) = &complain.message {
        nothing_personal_with(facts, message, &told_with(&complain.command), &complain.known)?;
    }
    no_closed_platform(told(complain))?;
    let evidence = |purpose| purpose == MessagePurpose::Evidence;
    let complains = match &complain.command {
        Command::Open(open) => open.message_id,
        _ => None,
    };
    let ticket = complaint::Ticket {
        standing: standing(current),
        received_at: received_at(facts, complains)?,
        has_evidence: facts.messages.iter().any(|message| evidence(message.purpose)),
        is_complaint: is_complaint(facts.kind),
        reopened_by_customer: facts.reopened_by_customer(),
    };
    let steps = complaint::decide(&ticket, facts.complaint.as_ref(), &complain.command)?;
    let resolves = steps.contains(&Step::Ticket(TicketStep::Resolve));
    if resolves && facts.is_escalated() && root_cause(&complain.command).is_none() {
        return Err(Rejection::RootCauseMissing);
    }
    let mut events = Vec::new();
    if let Command::Open(_) = complain.command {
        events.extend(raised(facts));
    }
    // The statement comes before what is made of it.
    if let (Command::WaiveRemedy { message_id, .. }, false) = (&complain.command, steps.is_empty())
    {
        events.extend(said_by_customer(facts, complain, *message_id)?);
    }
    let mut outcome = None;
    for step in steps {
        match step {
            Step::Complaint(event) => {
                if let complaint::Event::Decided(decided) = &event {
                    outcome = Some(decided.outcome);
                }
                events.push(Event::Complaint(event));
            }
            Step::Ticket(step) => {
                events.extend(around(state, facts, complain, (step, outcome))?);
            }
        }
    }
    Ok(events)
}

/// When the organisation received the message that complains.
fn received_at(facts: &Facts, message_id: Option<MessageId>) -> Result<Timestamp, Rejection> {
    let Some(message_id) = message_id else { return Ok(facts.registered.received_at) };
    let said = facts.said_by_customer(message_id);
    said.map(|(at, _)| at).ok_or(Rejection::MessageUnknown { message_id })
}

/// What the customer is told besides the letter.
fn told_with(command: &Command) -> Vec<(PublicText, &str)> {
    match command {
        Command::Decide(decide) => vec![
            (PublicText::Justification, &decide.justification.0),
            (PublicText::AppealInfo, &decide.appeal_info),
            (PublicText::AdrBody, &decide.adr_body),
        ],
        Command::Extend(extend) => why_longer(extend).to_vec(),
        Command::Open(_)
        | Command::Reclassify(_)
        | Command::StateClaims { .. }
        | Command::RecordItem { .. }
        | Command::RequestInfo(_)
        | Command::RecordInfo { .. }
        | Command::DeemAccepted(_)
        | Command::DenySilence { .. }
        | Command::RecordEvidence { .. }
        | Command::RecordRemedy { .. }
        | Command::WaiveRemedy { .. }
        | Command::FileAppeal(_) => Vec::new(),
    }
}

/// What we tell the customer, the letter first. What customers write is theirs.
fn told(complain: &Complain) -> impl Iterator<Item = (PublicText, &str)> {
    let ours = match &complain.command {
        Command::WaiveRemedy { .. } | Command::FileAppeal(_) => None,
        Command::Open(_)
        | Command::Reclassify(_)
        | Command::StateClaims { .. }
        | Command::RequestInfo(_)
        | Command::RecordInfo { .. }
        | Command::Extend(_)
        | Command::Decide(_)
        | Command::DeemAccepted(_)
        | Command::DenySilence { .. }
        | Command::RecordItem { .. }
        | Command::RecordEvidence { .. }
        | Command::RecordRemedy { .. } => complain.message.as_ref(),
    };
    let body = ours.map(|message| (PublicText::Message, message.body.0.as_str()));
    body.into_iter().chain(told_with(&complain.command))
}

/// What a decision names as the cause of it all.
fn root_cause(command: &Command) -> Option<&String> {
    match command {
        Command::Decide(decide) => decide.root_cause_code.as_ref(),
        _ => None,
    }
}

/// Why an answer takes longer.
pub(super) fn why_longer(extend: &Extend) -> [(PublicText, &str); 2] {
    [(PublicText::Reason, &extend.reason), (PublicText::Circumstances, &extend.circumstances)]
}

/// The complaint that a ticket of that type is from the beginning.
pub(super) fn from_the_beginning(registered: &Registered, open: &Open) -> Decision {
    let ticket = complaint::Ticket {
        standing: Standing::New,
        received_at: registered.received_at,
        has_evidence: false,
        is_complaint: true,
        reopened_by_customer: false,
    };
    let steps = complaint::decide(&ticket, None, &Command::Open(open.clone()))?;
    // By type the ticket is one already.
    let told = steps.into_iter().filter_map(|step| match step {
        Step::Complaint(event) => Some(Event::Complaint(event)),
        Step::Ticket(_) => None,
    });
    Ok(told.collect())
}

fn standing(stage: Stage) -> Standing {
    match stage {
        Stage::New => Standing::New,
        Stage::Open => Standing::Open,
        Stage::WaitingCustomer => Standing::WaitingCustomer,
        Stage::WaitingThirdParty => Standing::WaitingThirdParty,
        Stage::Resolved => Standing::Resolved,
        Stage::Closed => Standing::Closed,
    }
}

/// What happens to the ticket by a step; `outcome` is that of a decision just taken.
fn around(
    state: &State,
    facts: &Facts,
    complain: &Complain,
    (step, outcome): (TicketStep, Option<Outcome>),
) -> Result<Option<Event>, Rejection> {
    Ok(match step {
        TicketStep::BecomesComplaint => classified(facts, complain, TicketType::Complaint),
        TicketStep::BecomesInquiry => classified(facts, complain, TicketType::Inquiry),
        TicketStep::AddInbound(id) => appeal(facts, complain, id)?,
        TicketStep::AddQuestion(id) => Some(question(letter(complain, id)?)),
        TicketStep::AddUpdate(id) => Some(news(letter(complain, id)?)),
        TicketStep::AddDecision(id) => Some(decision(letter(complain, id)?)),
        TicketStep::HoldForCustomer => held(complain),
        TicketStep::Unhold if is_other_wait(state, &complain.command) => None,
        TicketStep::Unhold => unheld(state, ended_by(&complain.command)),
        TicketStep::Resolve => Some(Event::Resolved(Resolved {
            resolution_code: code(outcome).to_owned(),
            root_cause_code: root_cause(&complain.command).cloned(),
            summary: None,
            cascaded_from: None,
        })),
        TicketStep::ReopenForAppeal => {
            let message_id = match &complain.command {
                Command::FileAppeal(appeal) => Some(appeal.message_id),
                _ => None,
            };
            Some(reopened(facts, ReopenTrigger::Appeal, message_id))
        }
        TicketStep::ReopenUndelivered => {
            Some(reopened(facts, ReopenTrigger::DecisionUndelivered, None))
        }
    })
}

/// The message to the customer that the complaint's command names.
fn letter(complain: &Complain, id: MessageId) -> Result<&NewMessage, Rejection> {
    let named = complain.message.as_ref().filter(|message| message.message_id == id);
    named.ok_or(Rejection::Complaint(complaint::Rejection::MessageMissing))
}

/// The customer's message, unless it is in the thread already.
fn said_by_customer(
    facts: &Facts,
    complain: &Complain,
    message_id: MessageId,
) -> Result<Option<Event>, Rejection> {
    if let Some(message) = &complain.message {
        return Ok((message.message_id == message_id).then(|| statement(message)));
    }
    let known = facts.messages.iter().any(|message| {
        message.message_id == message_id && message.direction == MessageDirection::Inbound
    });
    if known { Ok(None) } else { Err(Rejection::MessageUnknown { message_id }) }
}

/// The message with the appeal, whenever it is said to have come. A message from before the
/// decision is not one.
fn appeal(
    facts: &Facts,
    complain: &Complain,
    message_id: MessageId,
) -> Result<Option<Event>, Rejection> {
    let letter = facts.messages.iter().find(|message| message.message_id == message_id);
    let ruling = facts.complaint.as_ref().and_then(Complaint::ruling);
    if let (Some(letter), Some(ruling)) = (letter, ruling)
        && letter.written_at < ruling.decided.decided_at
    {
        let decided_at = ruling.decided.decided_at;
        let rule = complaint::Rejection::AppealBeforeDecision { decided_at };
        return Err(Rejection::Complaint(rule));
    }
    said_by_customer(facts, complain, message_id)
}

fn classified(facts: &Facts, complain: &Complain, kind: TicketType) -> Option<Event> {
    (facts.kind != kind).then(|| {
        Event::Classified(Classified {
            kind,
            category_code: facts.category_code.clone(),
            taxonomy_version: facts.taxonomy_version,
            tags: facts.tags.clone(),
            source: complain.source,
            reason: String::new(),
        })
    })
}

/// Silence on a complaint has consequences: its priority is never the lowest. It is told
/// before the complaint, because nobody has looked at that by raising it.
fn raised(facts: &Facts) -> Option<Event> {
    let before = facts.assessment?;
    let priority = assess::priority(TicketType::Complaint, before.impact, before.urgency);
    (priority < before.priority).then(|| {
        Event::PriorityChanged(PriorityChanged {
            impact: before.impact,
            urgency: before.urgency,
            priority,
            previous: Some(before.priority),
            cause: PriorityCause::StatutoryRisk,
            reason: String::new(),
        })
    })
}

/// The wait for what was asked for has the id of the request.
fn held(complain: &Complain) -> Option<Event> {
    let Command::RequestInfo(request) = &complain.command else { return None };
    Some(Event::Held(Held {
        hold_id: HoldId(request.request_id.0),
        kind: HoldKind::Customer,
        reason: request.missing.join(", "),
        question_message_id: Some(request.message_id),
        vendor_id: None,
        expected_by: None,
    }))
}

/// What the complaint lacked is here, and the customer has been asked something else since:
/// that question is not answered.
fn is_other_wait(state: &State, command: &Command) -> bool {
    let Command::RecordInfo { request_id, .. } = command else { return false };
    state.hold() != Some(HoldId(request_id.0))
}

fn ended_by(command: &Command) -> UnholdTrigger {
    match command {
        Command::RecordInfo { .. } | Command::FileAppeal(_) => UnholdTrigger::CustomerReply,
        Command::Open(_)
        | Command::Reclassify(_)
        | Command::StateClaims { .. }
        | Command::RecordItem { .. }
        | Command::RequestInfo(_)
        | Command::Extend(_)
        | Command::Decide(_)
        | Command::DeemAccepted(_)
        | Command::DenySilence { .. }
        | Command::RecordEvidence { .. }
        | Command::RecordRemedy { .. }
        | Command::WaiveRemedy { .. } => UnholdTrigger::Resolved,
    }
}

/// Code of the resolution by a decision.
fn code(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Accepted) => "COMPLAINT_ACCEPTED",
        Some(Outcome::PartiallyAccepted) => "COMPLAINT_PARTIALLY_ACCEPTED",
        Some(Outcome::Rejected) => "COMPLAINT_REJECTED",
        Some(Outcome::LeftUnexamined) => "COMPLAINT_LEFT_UNEXAMINED",
        Some(Outcome::DeemedAccepted) | None => "COMPLAINT_DEEMED_ACCEPTED",
    }
}

fn reopened(facts: &Facts, trigger: ReopenTrigger, message_id: Option<MessageId>) -> Event {
    Event::Reopened(Reopened {
        reopen_no: facts.reopen_count.saturating_add(1),
        trigger,
        message_id,
        reason: String::new(),
    })
}
