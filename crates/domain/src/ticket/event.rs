//! What happens to a ticket, and the words it is told in.
use jiff::Timestamp;

use super::number::Number;
use crate::ids::{AgentId, HoldId, MessageId, PartyId, Personal, TicketId};
pub use crate::priority::TicketType;
use crate::priority::{Channel, Impact, Priority, Urgency};

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
    Closed {
        /// How.
        reason: CloseReason,
    },
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
}

/// Type, category and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classified {
    /// What kind of matter it is.
    pub kind: TicketType,
    /// Code of the category, for example `TECH/outage`; may be empty.
    pub category_code: String,
    /// Version of the taxonomy that holds the category.
    pub taxonomy_version: u32,
    /// Free tags.
    pub tags: Vec<String>,
    /// Who decided.
    pub source: ClassificationSource,
    /// Why, without personal data; may be empty.
    pub reason: String,
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

/// How a ticket came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Asked for by somebody.
    New,
    /// Split from another ticket.
    Split,
    /// Follows a closed ticket.
    FollowUp,
    /// From payment monitoring.
    Dunning,
    /// From a monitoring system.
    Monitoring,
    /// Imported from another system.
    Import,
}

/// Who classified a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassificationSource {
    /// A rule.
    Rule,
    /// A person.
    Agent,
    /// A bot.
    Bot,
}

/// Why a priority changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriorityCause {
    /// First assessment.
    Initial,
    /// The first assessment was wrong.
    Misassessed,
    /// More is affected than before.
    ImpactGrew,
    /// A workaround lowered the impact; clocks keep their targets.
    ImpactMitigated,
    /// A very important customer.
    Vip,
    /// Strong emotion or vulnerability, confirmed by a person.
    Emotion,
    /// A statutory deadline is near.
    StatutoryRisk,
    /// Set by hand.
    Override,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageDirection {
    /// From the customer.
    Inbound,
    /// To the customer.
    Outbound,
    /// Between colleagues.
    Internal,
}

/// What kind of author wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorKind {
    /// A person.
    Human,
    /// A bot.
    Bot,
    /// Odzew itself.
    System,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessagePurpose {
    /// An answer, or a message of the customer.
    Reply,
    /// A question to the customer.
    Question,
    /// News about the ticket.
    Update,
    /// News about an incident that many tickets share.
    Broadcast,
    /// A decision on a complaint.
    Decision,
    /// A note between colleagues.
    Note,
}

/// For whom a ticket waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldKind {
    /// For the customer.
    Customer,
    /// For a supplier, an authority or another company.
    ThirdParty,
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnholdTrigger {
    /// The customer wrote.
    CustomerReply,
    /// The other company answered.
    VendorReply,
    /// A person ended it.
    Manual,
    /// The time to wait was over.
    Timeout,
    /// The ticket was resolved while it waited.
    Resolved,
}

/// What reopened a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReopenTrigger {
    /// The customer wrote again.
    CustomerMessage,
    /// The customer rejected the resolution.
    CustomerRejected,
    /// A person of the organisation.
    Agent,
    /// An appeal.
    Appeal,
    /// It was not spam.
    NotSpam,
    /// The decision did not reach the customer.
    DecisionUndelivered,
}

/// How a ticket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseReason {
    /// The customer confirmed the resolution.
    Confirmed,
    /// The time to object was over.
    Auto,
    /// The customer never answered.
    NoCustomerReply,
    /// Merged into another ticket.
    Duplicate,
    /// Unsolicited.
    Spam,
    /// Withdrawn by the customer.
    Withdrawn,
    /// Not a matter of the organisation.
    OutOfScope,
}
