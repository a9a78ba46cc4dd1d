//! Converts a ticket to its API message.
pub(crate) mod complaint;
pub(crate) mod contact;
pub(crate) mod party;

use domain::ids::{ContactId, TicketId};
use domain::role::Role;
use domain::ticket::{
    Closed, Facts, Link, MessageDirection, MessagePurpose, PromiseMade, Stage, State, Ticket,
};
use eventlog::{Executed, Loaded};
use jiff::Timestamp;
use wire::common::v1 as common;
use wire::intake::v1;
use wire::scalar::timestamp;

use crate::config::Config;

/// Most other tickets that an answer names, of each kind: the answer stays far below what a
/// client accepts.
const MOST_TICKETS: usize = 1_000;

/// What is shown in place of what a restriction keeps back (GDPR, art. 18).
pub(crate) const RESTRICTED: &str = "[ograniczono / restricted]";

/// Removes the requester's name and address from a ticket.
pub(crate) fn keep_requester(ticket: &mut v1::Ticket) {
    let Some(requester) = &mut ticket.requester else { return };
    for text in [&mut requester.name, &mut requester.email] {
        if !text.is_empty() {
            RESTRICTED.clone_into(text);
        }
    }
}

/// How a ticket stands, without anything of what it is about.
pub(crate) fn status_of(ticket: v1::Ticket) -> v1::Ticket {
    v1::Ticket {
        ticket_id: ticket.ticket_id,
        number: ticket.number,
        state: ticket.state,
        status: ticket.status,
        received_at: ticket.received_at,
        update_time: ticket.update_time,
        close_reason: ticket.close_reason,
        status_only: true,
        ..Default::default()
    }
}

/// What is shown of a ticket, to whom.
pub(crate) struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) version: u32,
    pub(crate) updated_at: Option<Timestamp>,
    /// A customer does not see what colleagues write to each other.
    pub(crate) viewer: Role,
}

impl<'a> View<'a> {
    /// The ticket as it was read.
    pub(crate) fn of(loaded: &'a Loaded<Ticket>, viewer: Role) -> Self {
        let Loaded { state, version, recorded_at, .. } = loaded;
        Self { state, version: *version, updated_at: *recorded_at, viewer }
    }

    /// The ticket after a command.
    pub(crate) fn after(executed: &'a Executed<Ticket>, viewer: Role) -> Self {
        let Executed { state, version, recorded_at, .. } = executed;
        Self { state, version: *version, updated_at: *recorded_at, viewer }
    }

    /// The ticket; `None` if it was never registered.
    pub(crate) fn ticket(&self, config: &Config) -> Option<v1::Ticket> {
        let (stage, facts) = (self.state.stage()?, self.state.facts()?);
        let registered = &facts.registered;
        let assessment = facts.assessment;
        let thread = thread(facts, self.viewer);
        let closed = match self.state {
            State::Closed(_, closed) => Some(closed),
            State::Absent
            | State::New(_)
            | State::Open(_)
            | State::WaitingCustomer(..)
            | State::WaitingThirdParty(..)
            | State::Resolved(_) => None,
        };
        let merged_into = closed.and_then(|closed: &Closed| closed.merged_into);
        Some(v1::Ticket {
            ticket_id: registered.ticket_id.0.to_string(),
            number: registered.number.to_string(),
            state: state(stage).into(),
            r#type: v1::TicketType::from(facts.kind).into(),
            category_code: facts.category_code.clone(),
            tags: facts.tags.clone(),
            impact: assessment.map(|a| v1::Impact::from(a.impact)).unwrap_or_default().into(),
            urgency: assessment.map(|a| v1::Urgency::from(a.urgency)).unwrap_or_default().into(),
            priority: assessment
                .map(|a| common::Priority::from(a.priority))
                .unwrap_or_default()
                .into(),
            channel: common::Channel::from(registered.channel).into(),
            subject: registered.subject.0.clone(),
            requester: facts.requester.as_ref().map(requester),
            language: registered.language.clone(),
            received_at: Some(timestamp(registered.received_at)),
            update_time: self.updated_at.map(timestamp),
            message_count: u32::try_from(thread.len()).unwrap_or(u32::MAX),
            messages: newest(thread, config),
            reopen_count: facts.reopen_count,
            close_reason: closed
                .map(|closed| v1::CloseReason::from(closed.reason))
                .unwrap_or_default()
                .into(),
            etag: chassis::status::etag(self.version),
            external_number: registered.external_number.clone().unwrap_or_default(),
            merged_into: id(merged_into),
            merged_ticket_ids: last(&facts.merged).iter().map(|id| id.0.to_string()).collect(),
            links: last(&facts.links).iter().map(link).collect(),
            promises: promises(facts, self.viewer),
            parties: parties(facts, self.viewer),
            origin: v1::TicketOrigin::from(registered.origin).into(),
            parent_ticket_id: id(registered.parent),
            about: registered.about.iter().map(Into::into).collect(),
            complaint_id: facts
                .complaint
                .as_ref()
                .map(|complaint| complaint.opened.complaint_id.0.to_string())
                .unwrap_or_default(),
            status_only: false,
            status: common::TicketStatus::from(state(stage)).into(),
            priority_word: assessment
                .map(|a| common::PriorityWord::from(common::Priority::from(a.priority)))
                .unwrap_or_default()
                .into(),
        })
    }
}

/// The newest of what an incident may have thousands of.
fn last<T>(all: &[T]) -> &[T] {
    &all[all.len().saturating_sub(MOST_TICKETS)..]
}

fn id(ticket: Option<TicketId>) -> String {
    ticket.map(|ticket| ticket.0.to_string()).unwrap_or_default()
}

fn link(link: &Link) -> v1::TicketLink {
    v1::TicketLink {
        other_ticket_id: link.other.0.to_string(),
        link: v1::LinkKind::from(link.kind).into(),
    }
}

fn promises(facts: &Facts, viewer: Role) -> Vec<v1::OpenPromise> {
    let shown = |promise: &&PromiseMade| viewer != Role::Customer || promise.customer_visible;
    facts
        .promises
        .iter()
        .filter(shown)
        .map(|promise| v1::OpenPromise {
            promise_id: promise.promise_id.0.to_string(),
            kind: v1::PromiseKind::from(promise.kind).into(),
            due_at: Some(timestamp(promise.due_at)),
            customer_visible: promise.customer_visible,
        })
        .collect()
}

/// Who else has a part is no business of a customer.
fn parties(facts: &Facts, viewer: Role) -> Vec<v1::TicketParty> {
    if viewer == Role::Customer {
        return Vec::new();
    }
    facts
        .parties
        .iter()
        .map(|party| v1::TicketParty {
            party_id: party.party_id.0.to_string(),
            role: v1::PartyRole::from(party.role).into(),
            identification: v1::Identification::from(party.identification).into(),
        })
        .collect()
}

fn state(stage: Stage) -> v1::TicketState {
    match stage {
        Stage::New => v1::TicketState::New,
        Stage::Open => v1::TicketState::Open,
        Stage::WaitingCustomer => v1::TicketState::WaitingCustomer,
        Stage::WaitingThirdParty => v1::TicketState::WaitingThirdParty,
        Stage::Resolved => v1::TicketState::Resolved,
        Stage::Closed => v1::TicketState::Closed,
    }
}

fn requester(requester: &domain::ticket::Requester) -> v1::Requester {
    let text = |text: &Option<domain::ids::Personal>| {
        text.as_ref().map(|text| text.0.clone()).unwrap_or_default()
    };
    v1::Requester {
        name: text(&requester.name),
        email: text(&requester.email),
        party_id: requester.party_id.0.to_string(),
    }
}

/// The whole thread, oldest first, borrowed.
fn thread(facts: &Facts, viewer: Role) -> Vec<Line<'_>> {
    let registered = &facts.registered;
    let first = Line {
        id: registered.ticket_id.0,
        direction: MessageDirection::Inbound,
        channel: registered.channel,
        purpose: MessagePurpose::Reply,
        body: &registered.body.0,
        written_at: registered.received_at,
        public_venue: registered.public_venue,
        contact_id: None,
    };
    let later = facts.messages.iter().map(|message| Line {
        id: message.message_id.0,
        direction: message.direction,
        channel: message.channel,
        purpose: message.purpose,
        body: &message.body.0,
        written_at: message.written_at,
        public_venue: message.public_venue,
        contact_id: message.contact_id,
    });
    let shown =
        |line: &Line<'_>| viewer != Role::Customer || line.direction != MessageDirection::Internal;
    Some(first)
        .filter(|first| !first.body.is_empty())
        .into_iter()
        .chain(later)
        .filter(shown)
        .collect()
}

struct Line<'a> {
    id: uuid::Uuid,
    direction: MessageDirection,
    channel: domain::priority::Channel,
    purpose: MessagePurpose,
    body: &'a str,
    written_at: Timestamp,
    public_venue: bool,
    contact_id: Option<ContactId>,
}

/// The newest messages that fit into an answer, oldest first; at least one.
fn newest(thread: Vec<Line<'_>>, config: &Config) -> Vec<v1::Message> {
    let mut bytes = 0;
    let fitting = thread
        .iter()
        .rev()
        .take(config.thread_messages)
        .take_while(|line| {
            let first = bytes == 0;
            bytes += line.body.len();
            first || bytes <= config.thread_bytes
        })
        .count();
    let skipped = thread.len() - fitting;
    thread.into_iter().skip(skipped).map(message).collect()
}

fn message(line: Line<'_>) -> v1::Message {
    v1::Message {
        message_id: line.id.to_string(),
        direction: v1::MessageDirection::from(line.direction).into(),
        channel: common::Channel::from(line.channel).into(),
        purpose: v1::MessagePurpose::from(line.purpose).into(),
        body: line.body.to_owned(),
        create_time: Some(timestamp(line.written_at)),
        public_venue: line.public_venue,
        contact_id: line.contact_id.map(|id| id.0.to_string()).unwrap_or_default(),
    }
}
