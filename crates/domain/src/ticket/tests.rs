//! What a ticket does, and what it never does.
#![allow(clippy::unwrap_used)]
mod by_itself;
mod complaint;
mod escalated;
mod join;
mod lifecycle;
mod number;
mod promises;
mod properties;
mod public;
mod request;
mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::number::Number;
use super::*;
use crate::backdating::Backdating;
use crate::complaint::Law;
use crate::identity::Identification;
use crate::ids::{AgentId, ContactId, HoldId, MessageId, PartyId, Personal, PromiseId, TicketId};
use crate::personal_data::Known;
use crate::priority::{Channel, Impact, Level, Urgency};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn registered() -> Registered {
    Registered {
        ticket_id: TicketId(Uuid::from_u128(1)),
        number: Number::from_hash(0x1234_5678_9abc),
        kind: TicketType::Incident,
        channel: Channel::Email,
        received_at: at(0),
        requester: Some(Requester {
            party_id: PartyId(Uuid::from_u128(2)),
            name: Some(Personal("Anna".to_owned())),
            email: Some(Personal("anna@example.org".to_owned())),
            segment: String::new(),
            has_profile_email: false,
        }),
        subject: Personal("No service".to_owned()),
        body: Personal("Since this morning.".to_owned()),
        language: "pl".to_owned(),
        origin: Origin::New,
        external_number: None,
        parent: None,
        about: Vec::new(),
        public_venue: false,
        dedupe_key: None,
        backdate_reason: None,
    }
}

fn register() -> Register {
    Register {
        registered: registered(),
        classified: None,
        impact: Impact(Level::Medium),
        urgency: Urgency(Level::Medium),
        link: None,
        messages: Vec::new(),
        identification: Identification::None,
        complaint: None,
        backdating: Backdating::None,
    }
}

fn of_type(kind: TicketType) -> Command {
    Command::Register(Register { registered: Registered { kind, ..registered() }, ..register() })
}

fn imported() -> Command {
    let registered = Registered { origin: Origin::Import, requester: None, ..registered() };
    Command::Register(Register { registered, ..register() })
}

fn agent() -> AgentId {
    AgentId("agent-17".to_owned())
}

fn message(id: u128) -> NewMessage {
    NewMessage {
        message_id: MessageId(Uuid::from_u128(id)),
        channel: Channel::Email,
        author_kind: AuthorKind::Human,
        body: Personal("text".to_owned()),
        written_at: at(60),
        public_venue: false,
        contact_id: None,
    }
}

fn added(id: u128, direction: MessageDirection, purpose: MessagePurpose, is_reply: bool) -> Event {
    let message = message(id);
    Event::MessageAdded(MessageAdded {
        message_id: message.message_id,
        direction,
        channel: message.channel,
        author_kind: message.author_kind,
        purpose,
        is_reply,
        body: message.body,
        written_at: message.written_at,
        public_venue: message.public_venue,
        escalates: false,
        contact_id: message.contact_id,
    })
}

/// What the receiver of the escalated ticket must know.
fn note_handover(id: u128, escalates: bool) -> Command {
    let note = NewMessage { author_kind: AuthorKind::System, ..message(id) };
    Command::NoteHandover { note, escalates }
}

fn note_contact(id: u128, outbound: bool, keeps: Option<u128>) -> Command {
    Command::NoteContact(ContactNoted {
        contact_id: ContactId(Uuid::from_u128(id)),
        outbound,
        agent_id: agent(),
        answered_at: at(600),
        keeps: keeps.map(|id| PromiseId(Uuid::from_u128(id))),
    })
}

fn hold() -> HoldId {
    HoldId(Uuid::from_u128(9))
}

fn start_work() -> Command {
    Command::StartWork { agent_id: agent() }
}

fn inbound(id: u128) -> Command {
    Command::AddInboundMessage { message: message(id), follow_up: ticket_id(900) }
}

fn ticket_id(id: u128) -> TicketId {
    TicketId(Uuid::from_u128(id))
}

/// An answer of which nothing more is asked.
fn send_reply(id: u128) -> Command {
    Command::SendReply(SendReply {
        message: message(id),
        agent_id: agent(),
        promise: None,
        promise_required: false,
        known: Known::default(),
    })
}

fn send_update(id: u128, kind: UpdateKind) -> Command {
    Command::SendUpdate(SendUpdate { message: message(id), kind, known: Known::default() })
}

fn new_promise(id: u128, kind: PromiseKind) -> NewPromise {
    NewPromise {
        promise_id: PromiseId(Uuid::from_u128(id)),
        kind,
        due_at: at(7200),
        customer_visible: true,
        now: at(3600),
    }
}

fn make_promise(id: u128, kind: PromiseKind) -> Command {
    Command::MakePromise(new_promise(id, kind))
}

fn auto_close() -> Command {
    Command::AutoClose { reopen_count: None, law: Law::default() }
}

fn give_up(hold_id: HoldId) -> Command {
    let summary = Personal("No answer.".to_owned());
    Command::AutoResolveNoReply { hold_id, summary }
}

fn withdraw() -> Command {
    Command::Withdraw { statement: message(70), confirmation: message(71) }
}

fn other(id: u128) -> Other {
    Other {
        extended: false,
        ticket_id: ticket_id(id),
        stage: Stage::Open,
        kind: TicketType::Incident,
        received_at: at(-60),
        requester: Some(PartyId(Uuid::from_u128(2))),
        complaint: OtherComplaint::Unopened,
    }
}

fn confirm() -> Command {
    Command::ConfirmResolution { law: Law::default() }
}

fn merge(target: Other) -> Command {
    Command::Merge { target, aliases: BTreeMap::new(), regimes: complaint::regimes() }
}

fn link(kind: LinkKind, id: u128) -> Link {
    Link { kind, other: ticket_id(id) }
}

fn link_to(kind: LinkKind, id: u128, ancestors: &[u128]) -> Command {
    let ancestors = ancestors.iter().map(|id| ticket_id(*id)).collect();
    Command::Link(LinkTo { kind, other: ticket_id(id), ancestors })
}

fn split(messages: &[u128]) -> Command {
    Command::Split(Split {
        child: ticket_id(77),
        messages: messages.iter().map(|id| MessageId(Uuid::from_u128(*id))).collect(),
        kind: TicketType::Payment,
        subject: Personal("And the invoice".to_owned()),
    })
}

fn cascade(parent: u128) -> Command {
    Command::CascadeResolve(CascadeResolve { parent: ticket_id(parent), resolved: resolved() })
}

fn broadcast(id: u128) -> Command {
    let Event::MessageAdded(message) =
        added(id, MessageDirection::Outbound, MessagePurpose::Broadcast, true)
    else {
        unreachable!()
    };
    Command::TakeBroadcast(message)
}

fn link_party(id: u128, role: PartyRole, identification: Identification) -> Command {
    Command::LinkParty { party_id: PartyId(Uuid::from_u128(id)), role, identification }
}

fn hold_for_customer() -> Command {
    Command::HoldForCustomer(HoldForCustomer {
        hold_id: hold(),
        reason: String::new(),
        question: message(50),
        identity_doubt: false,
        known: Known::default(),
    })
}

fn hold_for_third_party() -> Command {
    Command::HoldForThirdParty(HoldForThirdParty {
        hold_id: hold(),
        reason: "line measured".to_owned(),
        vendor_id: "carrier-3".to_owned(),
        expected_by: at(7200),
        now: at(3600),
    })
}

fn unhold(trigger: UnholdTrigger) -> Command {
    Command::Unhold { trigger }
}

fn resolved() -> Resolved {
    Resolved {
        resolution_code: "FIXED".to_owned(),
        root_cause_code: None,
        summary: Some(Personal("A cable was changed.".to_owned())),
        cascaded_from: None,
    }
}

fn resolve() -> Command {
    Command::Resolve(Resolve { resolved: resolved() })
}

fn take_over_solution() -> Command {
    Command::TakeOverSolution(resolved())
}

fn classify(kind: TicketType) -> Command {
    Command::Classify(classified(kind))
}

fn classified(kind: TicketType) -> Classified {
    Classified {
        kind,
        category_code: "TECH/outage".to_owned(),
        taxonomy_version: 1,
        tags: vec!["fibre".to_owned()],
        source: ClassificationSource::Agent,
        reason: String::new(),
    }
}

fn set_priority(impact: Level, urgency: Level, authority: Authority) -> Command {
    Command::SetPriority(SetPriority {
        impact: Impact(impact),
        urgency: Urgency(urgency),
        cause: PriorityCause::Misassessed,
        reason: "more customers".to_owned(),
        authority,
    })
}

fn reopen() -> Command {
    Command::Reopen { reason: "not done".to_owned() }
}

fn reject_resolution() -> Command {
    Command::RejectResolution { statement: message(60) }
}
