//! The events of a ticket.
use jiff::Timestamp;

use super::number::Number;
use super::words::{
    AuthorKind, ClassificationSource, CloseReason, HoldKind, LinkKind, MessageDirection,
    MessagePurpose, Origin, PartyRole, PriorityCause, PromiseKind, ReopenTrigger, UnholdTrigger,
};
use crate::business_object::BusinessObject;
use crate::complaint::{self, Extended};
use crate::identity::Identification;
use crate::ids::{AgentId, ContactId, HoldId, MessageId, PartyId, Personal, PromiseId, TicketId};
use crate::priority::{Channel, Impact, Priority, TicketType, Urgency};

/// A fact of a ticket. Each variant is the message of its name on the wire, for
/// example `Registered` is `odzew.intake.v1.TicketRegistered`.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A ticket came in.
    Registered(Registered),
    /// Its type, category or tags were settled.
    Classified(Classified),
    /// Its priority was settled or changed.
    PriorityChanged(PriorityChanged),
    /// A message or note was added to its thread.
    MessageAdded(MessageAdded),
    /// Somebody began to work on it.
    WorkStarted {
        /// Who.
        agent_id: AgentId,
    },
    /// Work waits for somebody outside.
    Held(Held),
    /// The wait ended.
    Unheld {
        /// Which wait.
        hold_id: HoldId,
        /// What ended it.
        trigger: UnholdTrigger,
    },
    /// A solution was given.
    Resolved(Resolved),
    /// A resolved ticket is worked on again.
    Reopened(Reopened),
    /// The ticket ended.
    Closed(Closed),
    /// The customer was promised something by a time.
    PromiseMade(PromiseMade),
    /// The answer to a data subject's request takes longer, and the customer was told.
    RequestExtended(Extended),
    /// A person of ours spoke with the customer about it.
    ContactNoted(ContactNoted),
    /// A party has a part in the ticket.
    PartyLinked(PartyLinked),
    /// One ticket was merged into another; told in the streams of both.
    Merged {
        /// The ticket that ended by it.
        source: TicketId,
        /// The ticket that continues.
        target: TicketId,
    },
    /// Messages became a ticket of their own.
    Split(SplitOff),
    /// The ticket is linked to another; recorded in the streams of both tickets.
    Linked(Link),
    /// The link was removed; recorded in the streams of both tickets.
    Unlinked(Link),
    /// Something happened to its complaint part.
    Complaint(complaint::Event),
}

/// A ticket came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// Its id.
    pub ticket_id: TicketId,
    /// Its human number.
    pub number: Number,
    /// What kind of matter it is.
    pub kind: TicketType,
    /// Channel it came over.
    pub channel: Channel,
    /// When the organisation received it; deadlines count from here.
    pub received_at: Timestamp,
    /// The party that asks; absent for a monitoring alert.
    pub requester: Option<Requester>,
    /// Subject line.
    pub subject: Personal,
    /// First message; may be empty.
    pub body: Personal,
    /// Language of the requester, BCP 47, for example `pl`.
    pub language: String,
    /// How the ticket came to be.
    pub origin: Origin,
    /// Number in the system it was imported from.
    pub external_number: Option<String>,
    /// The ticket it was split from or follows.
    pub parent: Option<TicketId>,
    /// What it is about, each once.
    pub about: Vec<BusinessObject>,
    /// The first message stands where everybody reads it.
    pub public_venue: bool,
    /// By what the same alert is known again.
    pub dedupe_key: Option<String>,
    /// The reason for a backdated receipt; without personal data.
    pub backdate_reason: Option<String>,
}

/// The party that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requester {
    /// Its id.
    pub party_id: PartyId,
    /// Its name; unknown for an imported ticket.
    pub name: Option<Personal>,
    /// Address to answer to.
    pub email: Option<Personal>,
    /// Its segment when the ticket came in; empty if there is none.
    pub segment: String,
    /// Its profile had an e-mail address when the ticket came in.
    pub has_profile_email: bool,
}

impl Requester {
    /// A party of which nothing else was said.
    #[must_use]
    pub fn unnamed(party_id: PartyId) -> Self {
        Self { party_id, name: None, email: None, segment: String::new(), has_profile_email: false }
    }
}

/// Type, category and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classified {
    /// What kind of matter it is.
    pub kind: TicketType,
    /// Code of the category, for example `TECH/outage`; may be empty.
    pub category_code: String,
    /// Version of the taxonomy that holds the category; 0 if the tenant has none.
    pub taxonomy_version: u32,
    /// Free tags.
    pub tags: Vec<String>,
    /// Who decided.
    pub source: ClassificationSource,
    /// Why, without personal data; may be empty.
    pub reason: String,
}

/// A person of ours spoke with the customer: on the telephone, in a chat, face to face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactNoted {
    /// The contact.
    pub contact_id: ContactId,
    /// We called the customer, not the customer us.
    pub outbound: bool,
    /// Who spoke first.
    pub agent_id: AgentId,
    /// Since when.
    pub answered_at: Timestamp,
    /// The promise to call back that is kept by it; `None` if it keeps none.
    pub keeps: Option<PromiseId>,
}

/// A priority and what it follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorityChanged {
    /// How much is affected.
    pub impact: Impact,
    /// How soon it hurts.
    pub urgency: Urgency,
    /// Priority now.
    pub priority: Priority,
    /// Priority before; absent at first.
    pub previous: Option<Priority>,
    /// Why it changed.
    pub cause: PriorityCause,
    /// Explanation, without personal data; may be empty.
    pub reason: String,
}

/// One message of a thread.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageAdded {
    /// Its id.
    pub message_id: MessageId,
    /// Which way it went.
    pub direction: MessageDirection,
    /// Channel it went over.
    pub channel: Channel,
    /// What kind of author wrote it.
    pub author_kind: AuthorKind,
    /// What it is for.
    pub purpose: MessagePurpose,
    /// True for a public message to the customer written by a person: it stops reply
    /// clocks. An automatic acknowledgement never does.
    pub is_reply: bool,
    /// The text.
    pub body: Personal,
    /// When its author wrote it.
    pub written_at: Timestamp,
    /// It stands where everybody reads it, for example on a social medium.
    pub public_venue: bool,
    /// It hands over a ticket that is escalated by it: a person wanted that, or it went to a
    /// higher level.
    pub escalates: bool,
    /// The contact that a note is about.
    pub contact_id: Option<ContactId>,
}

/// A wait.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Id of this wait.
    pub hold_id: HoldId,
    /// For whom.
    pub kind: HoldKind,
    /// Why, without personal data; may be empty.
    pub reason: String,
    /// The message that asked the customer.
    pub question_message_id: Option<MessageId>,
    /// The other company.
    pub vendor_id: Option<String>,
    /// When an answer is expected.
    pub expected_by: Option<Timestamp>,
}

/// A solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Code of the resolution, for example `FIXED`.
    pub resolution_code: String,
    /// Code of the root cause.
    pub root_cause_code: Option<String>,
    /// What was done, for the customer; unknown for an imported ticket.
    pub summary: Option<Personal>,
    /// The incident whose solution solved this ticket, too.
    pub cascaded_from: Option<TicketId>,
}

/// A return to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// How many times the ticket has been reopened, counted from 1.
    pub reopen_no: u32,
    /// What reopened it.
    pub trigger: ReopenTrigger,
    /// The message that reopened it.
    pub message_id: Option<MessageId>,
    /// Explanation, without personal data; may be empty.
    pub reason: String,
}

/// An end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// How the ticket ended.
    pub reason: CloseReason,
    /// The ticket it was merged into.
    pub merged_into: Option<TicketId>,
    /// Until when a ticket closed as spam may be taken back.
    pub reopen_until: Option<Timestamp>,
}

impl Closed {
    /// An end that leads nowhere and is not taken back.
    #[must_use]
    pub fn by(reason: CloseReason) -> Self {
        Self { reason, merged_into: None, reopen_until: None }
    }
}

/// Something promised to the customer by a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromiseMade {
    /// Its id.
    pub promise_id: PromiseId,
    /// What was promised.
    pub kind: PromiseKind,
    /// By when.
    pub due_at: Timestamp,
    /// The customer knows of it.
    pub customer_visible: bool,
    /// The open promise of the same kind that it takes the place of.
    pub replaces: Option<PromiseId>,
}

/// A party's part in a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartyLinked {
    /// The party.
    pub party_id: PartyId,
    /// Its part.
    pub role: PartyRole,
    /// How surely it is that party.
    pub identification: Identification,
    /// The requester whose place it takes.
    pub replaced: Option<PartyId>,
}

/// Messages that became a ticket of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitOff {
    /// The new ticket.
    pub child: TicketId,
    /// The messages, in the order of the thread.
    pub messages: Vec<MessageId>,
    /// What kind of matter the new ticket is.
    pub kind: TicketType,
    /// Its subject line.
    pub subject: Personal,
}

/// A link from this ticket to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// What the other ticket is to this one.
    pub kind: LinkKind,
    /// The other ticket.
    pub other: TicketId,
}
