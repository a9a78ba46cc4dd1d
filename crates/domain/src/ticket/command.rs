//! Commands to a ticket.
mod complaint;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

pub use self::complaint::Complain;
use super::Stage;
use super::event::{Classified, ContactNoted, Link, MessageAdded, Registered, Resolved};
use super::words::{
    AuthorKind, HoldKind, LinkKind, PartyRole, PriorityCause, PromiseKind, TicketType,
    UnholdTrigger,
};
use crate::backdating::Backdating;
use crate::complaint::{AnswerDue, Claim, Extend, Law, Open};
use crate::identity::Identification;
use crate::ids::{AgentId, ContactId, HoldId, MessageId, PartyId, Personal, PromiseId, TicketId};
use crate::personal_data::Known;
use crate::priority::{Channel, Impact, Urgency};
use crate::regime::Regime;

/// A request to change a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Registers the ticket.
    Register(Register),
    /// Adds a message of the customer; it ends a wait for the customer and reopens a
    /// resolved ticket, unless a machine of theirs sent it by itself.
    AddInboundMessage {
        /// The message.
        message: NewMessage,
        /// Id of the ticket that takes the message if this one is closed.
        follow_up: TicketId,
    },
    /// Adds a note between colleagues, at any time.
    AddNote(NewMessage),
    /// Notes that the alert of the ticket was raised again, unless the ticket is closed.
    RepeatAlert(NewMessage),
    /// Adds a note that holds evidence on a complaint, at any time.
    AddEvidence(NewMessage),
    /// Adds a task, in any stage.
    AddTask(NewMessage),
    /// Adds what the receiver of the escalated ticket must know, at any time.
    NoteHandover {
        /// The note.
        note: NewMessage,
        /// A person escalated it, or it went to a higher level.
        escalates: bool,
    },
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
    SendReply(SendReply),
    /// Tells the customer news.
    SendUpdate(SendUpdate),
    /// Tells the customer that there is no news, unless that is not so any more.
    TellNoNews {
        /// What is said.
        message: NewMessage,
        /// Since when the customer has heard nothing.
        silent_since: Timestamp,
    },
    /// Tells the data subject that the answer takes longer.
    ExtendRequest(Box<ExtendRequest>),
    /// Promises the customer something by a time.
    MakePromise(NewPromise),
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
    /// The time that another company had to answer is over.
    GiveUpSupplier {
        /// The wait that the time ran for.
        hold_id: HoldId,
        /// The task that follows.
        task: NewMessage,
    },
    /// Gives the solution.
    Resolve(Resolve),
    /// Takes over a solution from another system's history, without a decision.
    TakeOverSolution(Resolved),
    /// The customer confirms the solution.
    ConfirmResolution {
        /// What the end of a complaint is measured by.
        law: Law,
    },
    /// The customer rejects the solution.
    RejectResolution {
        /// What the customer says to it.
        statement: NewMessage,
    },
    /// The organisation works on a resolved ticket again.
    Reopen {
        /// Why, without personal data.
        reason: String,
    },
    /// The time to object is over.
    AutoClose {
        /// The solution that the time ran for, told by how many times the ticket had
        /// been reopened before it; any if not known.
        reopen_count: Option<u32>,
        /// What the end of a complaint is measured by.
        law: Law,
    },
    /// The time to answer our question is over.
    AutoResolveNoReply {
        /// The wait that the time ran for.
        hold_id: HoldId,
        /// What the customer is told, in the customer's language.
        summary: Personal,
    },
    /// The customer takes the matter back.
    Withdraw {
        /// What the customer said.
        statement: NewMessage,
        /// The letter that confirms it, where there is a complaint.
        confirmation: NewMessage,
    },
    /// The matter is known already, under an older ticket.
    Merge {
        /// The older ticket, as it is now.
        target: Other,
        /// What the parties that ask in the two live as, where they were merged into others.
        aliases: BTreeMap<PartyId, PartyId>,
        /// The regimes of the complaint that is merged; none without one.
        regimes: Vec<Arc<Regime>>,
    },
    /// Changes the complaint part.
    Complaint(Box<Complain>),
    /// Notes on the older ticket that another was merged into it.
    TakeInMerged {
        /// The ticket that ended.
        source: TicketId,
    },
    /// Makes some of the messages a ticket of their own.
    Split(Split),
    /// The ticket is unsolicited.
    MarkSpam {
        /// The time of the command.
        now: Timestamp,
    },
    /// The ticket was no spam.
    UnmarkSpam {
        /// The time of the command.
        now: Timestamp,
    },
    /// Links the ticket to another.
    Link(LinkTo),
    /// Takes a link away.
    Unlink(Link),
    /// Notes the other side of a link that was made on another ticket.
    NoteLinked(Link),
    /// Notes the other side of a link that was taken away on another ticket.
    NoteUnlinked(Link),
    /// Passes news about the parent incident on to the customer.
    TakeBroadcast(MessageAdded),
    /// The incident that the ticket is a child of was solved.
    CascadeResolve(CascadeResolve),
    /// Notes that a person of ours spoke with the customer about it, at any time; each contact
    /// once.
    NoteContact(ContactNoted),
    /// Gives a party a part in the ticket.
    LinkParty {
        /// The party.
        party_id: PartyId,
        /// Its part.
        role: PartyRole,
        /// How surely it is that party.
        identification: Identification,
    },
}

/// Registers the ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// The facts it comes with.
    pub registered: Registered,
    /// First classification, if a category or a tag is known.
    pub classified: Option<Box<Classified>>,
    /// How much is affected.
    pub impact: Impact,
    /// How soon it hurts.
    pub urgency: Urgency,
    /// The ticket that it follows.
    pub link: Option<Link>,
    /// Messages that were split from another ticket, oldest first.
    pub messages: Vec<MessageAdded>,
    /// How surely it is the requester.
    pub identification: Identification,
    /// The complaint that it is; none where no law applies to it, and of a history.
    pub complaint: Option<Box<Open>>,
    /// Whether the caller may state that it was received so long ago.
    pub backdating: Backdating,
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
    /// It stands where everybody reads it.
    pub public_venue: bool,
    /// The contact that a note is about.
    pub contact_id: Option<ContactId>,
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
    /// What the caller may do.
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
    /// The question is to settle the requester's identity.
    pub identity_doubt: bool,
    /// What is known of the requester; only needed of a public question.
    pub known: Known,
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

/// Answers the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct SendReply {
    /// The answer.
    pub message: NewMessage,
    /// Who answers.
    pub agent_id: AgentId,
    /// What the answer promises.
    pub promise: Option<NewPromise>,
    /// The first answer must say by when the matter is solved or when there is news.
    pub promise_required: bool,
    /// What is known of the requester, if everybody reads the answer.
    pub known: Known,
}

/// Tells the customer news.
#[derive(Debug, Clone, PartialEq)]
pub struct SendUpdate {
    /// The news.
    pub message: NewMessage,
    /// About what.
    pub kind: UpdateKind,
    /// What is known of the requester, if everybody reads the news.
    pub known: Known,
}

/// Tells the data subject that the answer takes longer.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtendRequest {
    /// Until when, and why.
    pub extend: Extend,
    /// What they are told.
    pub message: NewMessage,
    /// What is known of the requester, if everybody reads it.
    pub known: Known,
}

/// What news is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UpdateKind {
    /// This ticket.
    Update,
    /// An incident that the ticket's children share; they are told, too.
    Broadcast,
    /// What the law has read into silence on a complaint: a person has approved its letter.
    Decision,
}

/// Something to be promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPromise {
    /// Its new id.
    pub promise_id: PromiseId,
    /// What.
    pub kind: PromiseKind,
    /// By when.
    pub due_at: Timestamp,
    /// The customer knows of it.
    pub customer_visible: bool,
    /// The time of the command.
    pub now: Timestamp,
}

/// Another ticket, as it was when it was looked at. That it was received no later, which a
/// merge must rest on, never changes; the rest was right when the decision was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its id.
    pub ticket_id: TicketId,
    /// Its stage of life.
    pub stage: Stage,
    /// What kind of matter it is.
    pub kind: TicketType,
    /// When the organisation received it; never changes.
    pub received_at: Timestamp,
    /// Who asks.
    pub requester: Option<PartyId>,
    /// How its complaint stands.
    pub complaint: OtherComplaint,
    /// It is a data subject's request, and its answer takes longer.
    pub extended: bool,
}

/// How the complaint of another ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherComplaint {
    /// It has none that was opened.
    Unopened,
    /// Undecided.
    Undecided {
        /// When each law that it is under wants it answered.
        due: Vec<AnswerDue>,
        /// What it claims.
        claims: Vec<Claim>,
    },
    /// Decided: whatever joins it now gets no answer.
    Decided,
}

/// Makes some of the messages a ticket of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Id of the new ticket.
    pub child: TicketId,
    /// The messages; the first message of the thread has the ticket's own id.
    pub messages: Vec<MessageId>,
    /// What kind of matter the new ticket is.
    pub kind: TicketType,
    /// Its subject line.
    pub subject: Personal,
}

/// Links the ticket to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTo {
    /// What the other ticket is to this one.
    pub kind: LinkKind,
    /// The other ticket.
    pub other: TicketId,
    /// The parents above the other ticket, nearest first, as they were looked up.
    pub ancestors: Vec<TicketId>,
}

/// The incident that the ticket is a child of was solved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CascadeResolve {
    /// The incident.
    pub parent: TicketId,
    /// How it was solved.
    pub resolved: Resolved,
}
