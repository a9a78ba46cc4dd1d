//! The events of a contact, and their value types.
use std::time::Duration;

use jiff::Timestamp;

use crate::identity::Identity;
use crate::ids::{AgentId, ContactId, Personal, QueueId, TicketId};

/// A fact of a contact. Each variant is the message of its name on the wire, for example
/// `Started` is `odzew.intake.v1.ContactStarted`.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The session opened.
    Started(Started),
    /// It was sent to a queue, a bot or a person.
    Routed(Routed),
    /// Somebody, or a bot, took it.
    Answered(Answered),
    /// It is over, the work after it included.
    Ended(Ended),
}

/// A session opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Started {
    /// Its id.
    pub contact_id: ContactId,
    /// Over which channel.
    pub channel: ContactChannel,
    /// Who called whom.
    pub direction: Direction,
    /// Where it came in, for example a number or a page, in the tenant's words.
    pub entry_point: String,
    /// What the network tells of the other side, for example its number.
    pub party_hint: Option<Personal>,
    /// Who it is, if the hint or a login tells.
    pub identity: Option<Identity>,
    /// Whether the customer was told at the start that a machine may answer.
    pub ai_disclosed: bool,
    /// The ticket that it continues.
    pub resumed_ticket_id: Option<TicketId>,
    /// When.
    pub started_at: Timestamp,
    /// Why a person told it long afterwards; without personal data.
    pub backdate_reason: Option<String>,
}

/// A session was sent on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The choices that the customer made in the menu, oldest first.
    pub ivr_path: Vec<String>,
    /// Time spent in the menu.
    pub ivr: Duration,
    /// The queue it waits in; absent for a bot.
    pub queue_id: Option<QueueId>,
    /// Who is to answer.
    pub target: Target,
    /// Why.
    pub reason: RouteReason,
    /// Where the next agent finds what was said so far: a reference without personal data.
    pub context_ref: Option<String>,
    /// When.
    pub routed_at: Timestamp,
}

/// A session was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// By whom.
    pub by: Answerer,
    /// How long the customer waited since the start or the last route.
    pub waited: Duration,
    /// When.
    pub answered_at: Timestamp,
    /// Why a person told it long afterwards; without personal data.
    pub backdate_reason: Option<String>,
}

/// A session is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// What became of it.
    pub outcome: Outcome,
    /// Time in conversation.
    pub talk: Duration,
    /// Time on hold.
    pub hold: Duration,
    /// Time of the work after it.
    pub wrap: Duration,
    /// The ticket that it was about, or that resulted from it.
    pub ticket_id: Option<TicketId>,
    /// What was agreed.
    pub note: Option<Personal>,
    /// Who it was; absent if nobody was recognised.
    pub identity: Option<Identity>,
    /// When, the work after it included.
    pub ended_at: Timestamp,
}

/// Channel of a conversation in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactChannel {
    /// Telephone.
    Voice,
    /// Telephone, answered by a machine.
    Voicebot,
    /// Live chat.
    Chat,
    /// Chat, answered by a machine.
    Chatbot,
    /// Direct message of a social medium.
    Social,
    /// In person.
    Visit,
}

impl ContactChannel {
    /// Whether a machine answers first.
    #[must_use]
    pub(crate) fn is_bot(self) -> bool {
        match self {
            Self::Voicebot | Self::Chatbot => true,
            Self::Voice | Self::Chat | Self::Social | Self::Visit => false,
        }
    }
}

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The customer us.
    Inbound,
    /// We the customer.
    Outbound,
}

/// Who is to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A machine.
    Bot,
    /// A person.
    Human,
}

/// Why a session was sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteReason {
    /// A choice in the menu.
    IvrChoice,
    /// The bot knew no further.
    BotHandover,
    /// The customer wanted a person.
    CustomerAsked,
    /// The topic is for people.
    TopicRule,
    /// The customer was upset.
    Sentiment,
    /// A colleague is better suited.
    Transfer,
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answerer {
    /// A machine.
    Bot,
    /// A person.
    Human(AgentId),
}

impl Answerer {
    /// What was to answer.
    #[must_use]
    pub fn target(&self) -> Target {
        match self {
            Self::Bot => Target::Bot,
            Self::Human(_) => Target::Human,
        }
    }
}

/// What became of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A person spoke with the customer to the end.
    Handled,
    /// The bot sufficed.
    ContainedByBot,
    /// The customer left in the menu.
    AbandonedIvr,
    /// The customer left while waiting in a queue.
    AbandonedQueue,
    /// It was not taken: out of hours, or a full queue.
    Rejected,
    /// The customer is to be called back.
    CallbackRequested,
}

impl Outcome {
    /// The name as outsiders know it, for example `CONTAINED_BY_BOT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Handled => "HANDLED",
            Self::ContainedByBot => "CONTAINED_BY_BOT",
            Self::AbandonedIvr => "ABANDONED_IVR",
            Self::AbandonedQueue => "ABANDONED_QUEUE",
            Self::Rejected => "REJECTED",
            Self::CallbackRequested => "CALLBACK_REQUESTED",
        }
    }
}
