//! The rules that refuse a command to a ticket.
use std::collections::BTreeSet;

use super::Stage;
use crate::complaint;
use crate::ids::{MessageId, TicketId};
use crate::personal_data::Kind;

/// A text that the customer is told, and everybody reads if that is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicText {
    /// The message itself.
    Message,
    /// Why a complaint is decided as it is.
    Justification,
    /// How to appeal.
    AppealInfo,
    /// The body of out-of-court resolution.
    AdrBody,
    /// Why the answer to a complaint, or to a data subject's request, takes longer.
    Reason,
    /// What has to be established until then.
    Circumstances,
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
    /// Not everybody may say that something was received long ago.
    #[error("who asks may not say that it was received so long ago")]
    BackdatingDenied,
    /// Backdating needs a reason.
    #[error("must be given: why it is said only now that it was received so long ago")]
    BackdateReasonMissing,
    /// The stage of life forbids the command.
    #[error("not in state {}", current.name())]
    WrongStage {
        /// Where the ticket is.
        current: Stage,
        /// Where the command is allowed.
        allowed: &'static [Stage],
    },
    /// A ticket needs a requester, unless a monitoring system raised it.
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
    /// The law gives more time only for a data subject's request, and the ticket is not one.
    #[error("the ticket is no request of a data subject")]
    NoDataSubjectRequest,
    /// The expected answer lies in the past.
    #[error("the answer must be expected in the future")]
    ExpectedInThePast,
    /// Only an imported ticket has a history to take over.
    #[error("only an imported ticket takes over waits and solutions")]
    NotImported,
    /// The message belongs to another ticket, which this one was merged into or which
    /// follows it.
    #[error("another ticket takes the message")]
    MovedTo {
        /// That ticket.
        ticket_id: TicketId,
    },
    /// The first answer promises neither a solution nor news by a time.
    #[error("the first answer promises a solution or news by a time, or follows the solution")]
    FirstReplyWithoutPromise,
    /// A public message contains no personal data of the requester.
    #[error("a public message must not have personal data: {}", names(kinds))]
    PublicPersonalData {
        /// In which text.
        text: PublicText,
        /// What was found.
        kinds: BTreeSet<Kind>,
    },
    /// Nobody is led to a body that is no more.
    #[error(
        "must not name ec.europa.eu/consumers/odr: the platform for online dispute resolution was \
         closed on 20 July 2025"
    )]
    ClosedPlatform {
        /// In which text.
        text: PublicText,
    },
    /// A promise is about the future.
    #[error("a promise is due in the future")]
    DueInThePast,
    /// A promised call was not made.
    #[error("the customer was promised a call that has not been made")]
    CallbackOpen,
    /// What needed more than the first level is learnt from: its solution names the cause.
    #[error("the solution of an escalated ticket needs a root cause code")]
    RootCauseMissing,
    /// A ticket is not linked to itself nor merged into itself.
    #[error("a ticket is not linked to or merged into itself")]
    Itself,
    /// The stage of life of the other ticket forbids the command.
    #[error("the other ticket is in state {}", current.name())]
    OtherInWrongStage {
        /// The other ticket.
        ticket_id: TicketId,
        /// Where it is.
        current: Stage,
        /// Where the command is allowed.
        allowed: &'static [Stage],
    },
    /// Tickets of two parties are not merged.
    #[error("both tickets must be of the same party")]
    OtherParty,
    /// A ticket is merged into an older one, so that no deadline moves.
    #[error("a ticket is merged into one that was received before it")]
    TargetIsYounger,
    /// A complaint is merged only into a complaint.
    #[error("a complaint is merged only into a complaint")]
    ComplaintIntoOther,
    /// The law counts the days of a data subject's request from its receipt: only another such
    /// request, which is older, has an answer in time for both.
    #[error("a data subject's request is merged only into another one")]
    DataSubjectRequestIntoOther,
    /// The other request is answered later than the law allows for this one.
    #[error("the time to answer the other request was made longer")]
    DataSubjectRequestIntoExtended,
    /// A decided complaint is not merged: its remedies would be lost.
    #[error("a decided complaint is not merged")]
    DecidedComplaint,
    /// What is answered already answers no other complaint.
    #[error("a complaint is not merged into one that is decided")]
    ComplaintIntoDecided,
    /// Another complaint answers for this one only under the same law.
    #[error("a complaint is merged only into an undecided one under the same law")]
    ComplaintUnderOtherLaw,
    /// Another complaint that is answered later does not answer for this one: its time was
    /// made longer, or counts otherwise.
    #[error("the answer to the other complaint is due later, by the law {regime}")]
    TargetIsDueLater {
        /// Code of that law.
        regime: String,
    },
    /// A decision covers what its own complaint claims.
    #[error("the complaint claims what the other one does not; state its claims there first")]
    ClaimsOfItsOwn,
    /// The complaint's own rules refuse.
    #[error(transparent)]
    Complaint(#[from] complaint::Rejection),
    /// At least one message makes a ticket of its own.
    #[error("at least one message makes a ticket of its own")]
    NothingToSplit,
    /// The thread has no such message of the customer.
    #[error("the thread has no such message of the customer")]
    MessageUnknown {
        /// The message.
        message_id: MessageId,
    },
    /// A verified customer's ticket, or a complaint, is no spam.
    #[error("a complaint, or a ticket of a verified customer, is no spam")]
    CannotBeSpam,
    /// The ticket ended otherwise.
    #[error("the ticket was not closed as spam")]
    NotClosedAsSpam,
    /// Spam is kept for a time only.
    #[error("spam is taken back within {} days", super::decide::SPAM_KEPT_DAYS)]
    SpamTooOld,
    /// A ticket has one parent.
    #[error("the ticket is a child of another ticket already")]
    ParentTaken {
        /// That ticket.
        parent: TicketId,
    },
    /// A ticket cannot be its own ancestor.
    #[error("the ticket is an ancestor of the other one")]
    ChildOfCycle,
    /// A tree of tickets is not so high.
    #[error("more than {} tickets stand above each other", super::decide::MOST_ANCESTORS)]
    TooManyAncestors,
    /// A ticket has not so many links.
    #[error("the ticket has {} links, which is the most", super::decide::MOST_LINKS)]
    TooManyLinks,
    /// A ticket has not so many parties.
    #[error("the ticket has {} parties, which is the most", super::decide::MOST_PARTIES)]
    TooManyParties,
    /// There is no such link.
    #[error("there is no such link")]
    NotLinked,
    /// What is decided about this kind of matter is decided by a person.
    #[error("only a person resolves such a ticket")]
    NeedsPerson,
}

fn names(kinds: &BTreeSet<Kind>) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}
