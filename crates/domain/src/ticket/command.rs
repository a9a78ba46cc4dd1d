//! What may be asked of a ticket, and why it may be refused.
use jiff::Timestamp;

use super::Stage;
use super::event::{
    AuthorKind, Classified, HoldKind, PriorityCause, Registered, Resolved, UnholdTrigger,
};
use crate::ids::{AgentId, HoldId, MessageId, Personal};
use crate::priority::{Channel, Impact, Urgency};

/// A request to change a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Registers the ticket.
    Register(Register),
    /// Adds a message of the customer; it ends a wait for the customer and reopens a
    /// resolved ticket.
    AddInboundMessage(NewMessage),
    /// Adds a note between colleagues, at any time.
    AddNote(NewMessage),
    /// Settles type, category and tags.
    Classify(Classified),
    /// Settles impact and urgency, and with them the priority.
    SetPriority(SetPriority),
    /// Begins to work.
    StartWork {
        /// Who begins.
        agent_id: AgentId,
    },
    /// Answers the customer; work on a new ticket starts.
    SendReply {
        /// The answer.
        message: NewMessage,
        /// Who answers.
        agent_id: AgentId,
    },
    /// Asks the customer and waits for the answer.
    HoldForCustomer(HoldForCustomer),
    /// Waits for another company.
    HoldForThirdParty(HoldForThirdParty),
    /// Takes over a wait from another system's history, where neither the question nor
    /// the other company is known.
    TakeOverHold {
        /// Id of the new wait.
        hold_id: HoldId,
        /// For whom the ticket waited.
        kind: HoldKind,
    },
    /// Ends a wait.
    Unhold {
        /// What ended it.
        trigger: UnholdTrigger,
    },
    /// Gives the solution.
    Resolve(Resolve),
    /// The customer confirms the solution.
    ConfirmResolution,
    /// The customer rejects the solution.
    RejectResolution {
        /// Why, without personal data.
        reason: String,
    },
    /// The organisation works on a resolved ticket again.
    Reopen {
        /// Why, without personal data.
        reason: String,
    },
    /// The time to object is over.
    AutoClose,
}

/// Registers the ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// The facts it comes with.
    pub registered: Registered,
    /// First classification, if a category or a tag is known.
    pub classified: Option<Classified>,
    /// How much is affected.
    pub impact: Impact,
    /// How soon it hurts.
    pub urgency: Urgency,
}

/// A message to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Its new id.
    pub message_id: MessageId,
    /// Channel it goes over.
    pub channel: Channel,
    /// What kind of author wrote it.
    pub author_kind: AuthorKind,
    /// The text.
    pub body: Personal,
    /// When its author wrote it.
    pub written_at: Timestamp,
}

/// Settles impact and urgency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPriority {
    /// How much is affected.
    pub impact: Impact,
    /// How soon it hurts.
    pub urgency: Urgency,
    /// Why.
    pub cause: PriorityCause,
    /// Explanation, without personal data.
    pub reason: String,
    /// What the one who asks may do.
    pub authority: Authority,
}

/// What the one who sets a priority may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Anything but lower a P1.
    Agent,
    /// Also lower a P1.
    Lead,
}

/// Asks the customer and waits.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldForCustomer {
    /// Id of the new wait.
    pub hold_id: HoldId,
    /// Why, without personal data; may be empty.
    pub reason: String,
    /// The question.
    pub question: NewMessage,
    /// The question is to settle who asks.
    pub identity_doubt: bool,
}

/// Waits for another company.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldForThirdParty {
    /// Id of the new wait.
    pub hold_id: HoldId,
    /// Why, without personal data; may be empty.
    pub reason: String,
    /// The other company.
    pub vendor_id: String,
    /// When its answer is expected.
    pub expected_by: Timestamp,
    /// The time of the command.
    pub now: Timestamp,
}

/// Gives the solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// The solution.
    pub resolved: Resolved,
}

/// The rule that refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such ticket.
    #[error("the ticket is not registered")]
    NotRegistered,
    /// The id is taken.
    #[error("the ticket is already registered")]
    AlreadyRegistered,
    /// The stage of life forbids the command.
    #[error("not in state {}", current.name())]
    WrongStage {
        /// Where the ticket is.
        current: Stage,
        /// Where the command is allowed.
        allowed: &'static [Stage],
    },
    /// A ticket needs somebody who asks, unless a monitoring system raised it.
    #[error("a ticket needs a requester, except on the monitoring channel")]
    RequesterMissing,
    /// A ticket does not become a complaint, nor stops being one, by classification.
    #[error("a classification does not change a ticket to or from a complaint")]
    ComplaintByClassification,
    /// Lowering a priority from P1 needs a lead.
    #[error("lowering the priority from P1 needs a lead")]
    LoweringNeedsLead,
    /// A data subject's request waits for the customer only in doubt about identity.
    #[error("a data subject's request waits for the customer only in doubt about identity")]
    DataSubjectMayNotWait,
    /// The expected answer lies in the past.
    #[error("the answer must be expected in the future")]
    ExpectedInThePast,
    /// Only an imported ticket has a history to take over.
    #[error("only an imported ticket takes over waits")]
    NotImported,
}
