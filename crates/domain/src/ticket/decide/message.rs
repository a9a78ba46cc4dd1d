//! Messages between the customer and the organisation, and promises made in them.
use jiff::{SignedDuration, Timestamp};

use super::super::command::{NewMessage, NewPromise, SendReply, SendUpdate, UpdateKind};
use super::super::event::{ContactNoted, Event, MessageAdded, PromiseMade, Reopened};
use super::super::rejection::{PublicText, Rejection};
use super::super::words::{
    AuthorKind, LinkKind, MessageDirection, MessagePurpose, Origin, PromiseKind, ReopenTrigger,
    UnholdTrigger,
};
use super::super::{Facts, Link, Stage, State};
use super::{Decision, work_started};
use crate::complaint::may_be_told;
use crate::ids::{PromiseId, TicketId};
use crate::personal_data::{self, Known, Secrets};
use crate::priority::Priority;

/// The ticket that takes the customer's messages in place of this one. A message that a
/// follow-up took stays there, even if this ticket is open again.
pub(super) fn moved_to(state: &State, facts: &Facts, follow_up: TicketId) -> Option<TicketId> {
    let followed = Link { kind: LinkKind::FollowedUpBy, other: follow_up };
    if facts.links.contains(&followed) {
        return Some(follow_up);
    }
    match state {
        State::Closed(_, closed) => closed.merged_into,
        State::Absent
        | State::New(_)
        | State::Open(_)
        | State::WaitingCustomer(..)
        | State::WaitingThirdParty(..)
        | State::Resolved(_) => None,
    }
}

pub(super) fn inbound(state: &State, facts: &Facts, message: &NewMessage) -> Vec<Event> {
    let mut events = vec![statement(message)];
    // Nobody has answered, nobody has objected: an absence note says neither.
    if message.author_kind != AuthorKind::Human {
        return events;
    }
    match state {
        State::WaitingCustomer(_, hold_id) => {
            events.push(Event::Unheld { hold_id: *hold_id, trigger: UnholdTrigger::CustomerReply });
        }
        State::Resolved(_) => {
            events.push(reopened_by(facts, message, ReopenTrigger::CustomerMessage));
        }
        State::Absent
        | State::New(_)
        | State::Open(_)
        | State::WaitingThirdParty(..)
        | State::Closed(..) => {}
    }
    events
}

/// The customer rejects the solution with a message.
pub(super) fn rejecting(facts: &Facts, said: &NewMessage) -> Vec<Event> {
    vec![statement(said), reopened_by(facts, said, ReopenTrigger::CustomerRejected)]
}

fn reopened_by(facts: &Facts, message: &NewMessage, trigger: ReopenTrigger) -> Event {
    Event::Reopened(Reopened {
        reopen_no: facts.reopen_count.saturating_add(1),
        trigger,
        message_id: Some(message.message_id),
        reason: String::new(),
    })
}

pub(super) fn note(note: &NewMessage) -> Event {
    added(note, MessageDirection::Internal, MessagePurpose::Note)
}

pub(super) fn evidence(note: &NewMessage) -> Event {
    added(note, MessageDirection::Internal, MessagePurpose::Evidence)
}

pub(super) fn task(note: &NewMessage) -> Event {
    added(note, MessageDirection::Internal, MessagePurpose::Task)
}

/// What was handed over to several is noted once.
pub(super) fn handover(facts: &Facts, note: &NewMessage, escalates: bool) -> Option<Event> {
    let noted = facts.messages.iter().any(|message| message.message_id == note.message_id);
    let note = message(note, MessageDirection::Internal, MessagePurpose::Handover);
    (!noted).then_some(Event::MessageAdded(MessageAdded { escalates, ..note }))
}

pub(super) fn decision(letter: &NewMessage) -> Event {
    added(letter, MessageDirection::Outbound, MessagePurpose::Decision)
}

pub(super) fn news(news: &NewMessage) -> Event {
    added(news, MessageDirection::Outbound, MessagePurpose::Update)
}

pub(super) fn question(question: &NewMessage) -> Event {
    added(question, MessageDirection::Outbound, MessagePurpose::Question)
}

pub(super) fn statement(statement: &NewMessage) -> Event {
    added(statement, MessageDirection::Inbound, MessagePurpose::Reply)
}

pub(super) fn updating(facts: &Facts, update: &SendUpdate) -> Decision {
    nothing_personal(facts, &update.message, &update.known)?;
    let purpose = match update.kind {
        UpdateKind::Update => MessagePurpose::Update,
        UpdateKind::Broadcast => MessagePurpose::Broadcast,
        UpdateKind::Decision => {
            may_be_told(facts.complaint.as_ref())?;
            no_closed_platform([(PublicText::Message, update.message.body.0.as_str())])?;
            MessagePurpose::Decision
        }
    };
    Ok(vec![added(&update.message, MessageDirection::Outbound, purpose)])
}

/// The platform of Regulation (EU) 524/2013, which Regulation (EU) 2024/3228 has ended: a letter must
/// not send a customer there.
const CLOSED_PLATFORM: &str = "ec.europa.eu/consumers/odr";

/// No letter about a complaint names the closed platform.
pub(super) fn no_closed_platform<'a>(
    texts: impl IntoIterator<Item = (PublicText, &'a str)>,
) -> Result<(), Rejection> {
    let leads_there = |words: &str| words.to_ascii_lowercase().contains(CLOSED_PLATFORM);
    match texts.into_iter().find(|(_, words)| leads_there(words)) {
        Some((text, _)) => Err(Rejection::ClosedPlatform { text }),
        None => Ok(()),
    }
}

/// A public message contains no personal data of the requester.
pub(super) fn nothing_personal(
    facts: &Facts,
    message: &NewMessage,
    known: &Known,
) -> Result<(), Rejection> {
    nothing_personal_with(facts, message, &[], known)
}

/// The same for a message with other texts, which are then public too.
pub(super) fn nothing_personal_with(
    facts: &Facts,
    message: &NewMessage,
    others: &[(PublicText, &str)],
    known: &Known,
) -> Result<(), Rejection> {
    if !message.public_venue {
        return Ok(());
    }
    let requester = facts.requester.as_ref();
    let secrets = Secrets {
        number: facts.registered.number,
        about: &facts.registered.about,
        name: requester.and_then(|requester| requester.name.as_ref()),
        known,
    };
    let body = (PublicText::Message, message.body.0.as_str());
    for (text, words) in std::iter::once(&body).chain(others) {
        let kinds = personal_data::find(words, &secrets);
        if !kinds.is_empty() {
            return Err(Rejection::PublicPersonalData { text: *text, kinds });
        }
    }
    Ok(())
}

/// The "no news" message, requested by the clock. It is not sent if the customer has received a
/// message since; nor, for priorities below P2, if Odzew itself sent one in the last 24 hours.
pub(super) fn no_news(
    facts: &Facts,
    message: &NewMessage,
    silent_since: Timestamp,
) -> Option<Event> {
    let priority = facts.assessment.map(|assessment| assessment.priority);
    let urgent = matches!(priority, Some(Priority::P1 | Priority::P2));
    let yesterday = message.written_at.saturating_sub(SignedDuration::from_hours(24));
    let yesterday = yesterday.unwrap_or(Timestamp::MIN);
    let told = facts.messages.iter().any(|said| {
        let by_itself = !urgent && said.author_kind == AuthorKind::System;
        said.direction == MessageDirection::Outbound
            && (said.written_at > silent_since || by_itself && said.written_at > yesterday)
    });
    (!told).then(|| added(message, MessageDirection::Outbound, MessagePurpose::Update))
}

pub(super) fn replying(facts: &Facts, current: Stage, reply: &SendReply) -> Decision {
    nothing_personal(facts, &reply.message, &reply.known)?;
    let says_when = current == Stage::Resolved
        || reply.promise.as_ref().is_some_and(|promise| says_when(promise.kind))
        || facts.promises.iter().any(|promise| promise.customer_visible && says_when(promise.kind));
    // What was answered in another system is not known.
    let first = !facts.is_answered() && facts.registered.origin != Origin::Import;
    if reply.promise_required && first && !says_when {
        return Err(Rejection::FirstReplyWithoutPromise);
    }
    let answer = added(&reply.message, MessageDirection::Outbound, MessagePurpose::Reply);
    let mut events = vec![answer];
    if let Some(promise) = &reply.promise {
        if current == Stage::Resolved {
            return Err(Rejection::WrongStage { current, allowed: super::stages::UNRESOLVED });
        }
        events.extend(promising(facts, promise)?);
    }
    if current == Stage::New {
        events.push(work_started(&reply.agent_id));
    }
    Ok(events)
}

/// Whether such a promise names a time for a solution or news.
fn says_when(kind: PromiseKind) -> bool {
    match kind {
        PromiseKind::EtaResolution | PromiseKind::NextUpdate => true,
        PromiseKind::Callback => false,
    }
}

pub(super) fn promising(facts: &Facts, promise: &NewPromise) -> Decision {
    if promise.due_at <= promise.now {
        return Err(Rejection::DueInThePast);
    }
    let before = facts.promises.iter().find(|open| open.kind == promise.kind);
    Ok(vec![Event::PromiseMade(PromiseMade {
        promise_id: promise.promise_id,
        kind: promise.kind,
        due_at: promise.due_at,
        customer_visible: promise.customer_visible,
        replaces: before.map(|open| open.promise_id),
    })])
}

/// A conversation keeps the promise to call back that was open when it began, if we called.
pub(super) fn contact(facts: &Facts, noted: &ContactNoted) -> Vec<Event> {
    if facts.contacts.contains(&noted.contact_id) {
        return Vec::new();
    }
    let open = |id: &PromiseId| {
        let mut promises = facts.promises.iter();
        promises.any(|open| open.promise_id == *id && open.kind == PromiseKind::Callback)
    };
    let keeps = noted.keeps.filter(|id| noted.outbound && open(id));
    vec![Event::ContactNoted(ContactNoted { keeps, ..noted.clone() })]
}

fn added(added: &NewMessage, direction: MessageDirection, purpose: MessagePurpose) -> Event {
    Event::MessageAdded(message(added, direction, purpose))
}

fn message(
    message: &NewMessage,
    direction: MessageDirection,
    purpose: MessagePurpose,
) -> MessageAdded {
    MessageAdded {
        message_id: message.message_id,
        direction,
        channel: message.channel,
        author_kind: message.author_kind,
        purpose,
        is_reply: direction == MessageDirection::Outbound
            && message.author_kind == AuthorKind::Human,
        body: message.body.clone(),
        written_at: message.written_at,
        public_venue: message.public_venue,
        escalates: false,
        contact_id: message.contact_id,
    }
}
