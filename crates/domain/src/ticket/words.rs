//! The enums of a ticket's events.
pub use crate::priority::TicketType;

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
    /// A person of the organisation.
    Agent,
    /// A bot.
    Bot,
    /// The customer, choosing in a form.
    Customer,
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
    /// A note between colleagues that holds evidence on a complaint.
    Evidence,
    /// A task: a note by Odzew that a person has to act.
    Task,
    /// What the receiver of an escalated ticket must know.
    Handover,
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

/// What was promised to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PromiseKind {
    /// That the matter is solved.
    EtaResolution,
    /// A call back.
    Callback,
    /// That there is news, even if nothing has changed.
    NextUpdate,
}

/// A party's part in a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartyRole {
    /// Asks.
    Requester,
    /// Is affected by the same cause.
    Affected,
    /// Pays.
    Payer,
    /// Speaks for the requester.
    Representative,
    /// Is to be kept informed.
    Cc,
}

/// What another ticket is to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// It has to do with it.
    Related,
    /// Its parent: the incident that this ticket tells of, too.
    ChildOf,
    /// Its child: seen from the parent.
    ParentOf,
    /// The closed ticket that this one follows.
    FollowUpOf,
    /// The follow-up: seen from the closed ticket.
    FollowedUpBy,
    /// The record of its cause.
    CausedBy,
    /// What it caused: seen from the cause.
    CauseOf,
}

impl LinkKind {
    /// What this ticket is to the other.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Related => Self::Related,
            Self::ChildOf => Self::ParentOf,
            Self::ParentOf => Self::ChildOf,
            Self::FollowUpOf => Self::FollowedUpBy,
            Self::FollowedUpBy => Self::FollowUpOf,
            Self::CausedBy => Self::CauseOf,
            Self::CauseOf => Self::CausedBy,
        }
    }
}
