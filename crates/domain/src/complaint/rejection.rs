//! Why a command to a complaint may be refused.
use jiff::Timestamp;
use jiff::civil::Date;

use super::Standing;

/// The rule that refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The ticket's stage of life forbids the command.
    #[error("not while the ticket is {current:?}")]
    WrongStanding {
        /// Where the ticket is.
        current: Standing,
        /// Where the command is allowed.
        allowed: &'static [Standing],
    },
    /// The ticket has no complaint.
    #[error("the ticket has no complaint")]
    NoComplaint,
    /// The ticket has a complaint.
    #[error("the ticket has a complaint already")]
    AlreadyOpened,
    /// No regime was chosen.
    #[error("a complaint is under at least one regime")]
    RegimeMissing,
    /// A regime is not in force for what was received then.
    #[error("regime {0} is not in force for what was received then")]
    RegimeNotInForce(String),
    /// The regimes looked up are not those of the complaint.
    #[error("the regimes are not those of the complaint")]
    OtherRegimes,
    /// Nothing is claimed, or a claim is there twice.
    #[error("a complaint has at least one claim, and each once")]
    Claims,
    /// What was filed was received then, or later.
    #[error("must not be after the organisation received it")]
    FiledAfterReceipt,
    /// An amount is negative.
    #[error("an amount is not negative")]
    NegativeAmount,
    /// A remedy that is money does not say how much.
    #[error("must be given: a refund, a compensation and a price reduction say how much")]
    RemedyAmountMissing {
        /// Its place among the remedies, from 0.
        place: usize,
    },
    /// The complaint is decided.
    #[error("the complaint is decided")]
    AlreadyDecided,
    /// The complaint is not decided.
    #[error("the complaint is not decided")]
    NotDecided,
    /// A reason is required.
    #[error("a reason is missing")]
    ReasonMissing,
    /// Only a lead decides that something is no complaint.
    #[error("a lead has to approve that it is no complaint")]
    ApprovalOfLeadMissing,
    /// The customer has to be told that it is treated as no complaint.
    #[error("a message to the customer is missing")]
    MessageMissing,
    /// No regime of the complaint lets the customer supply anything.
    #[error("no regime of the complaint provides for a supplement")]
    NoSupplement,
    /// The request names nothing that is missing.
    #[error("the request names nothing that is missing")]
    NothingMissing,
    /// Another request is open, or there is no request with that id.
    #[error("the request is not the open one")]
    InfoRequest,
    /// No regime of the complaint knows an extension.
    #[error("no regime of the complaint knows an extension")]
    NoExtension,
    /// When the thing came is known.
    #[error("when the thing came is known")]
    ItemDelivered,
    /// The time was extended before.
    #[error("the time was extended before")]
    AlreadyExtended,
    /// The time to answer has passed.
    #[error("the time to answer ended at {due_at}")]
    ExtensionTooLate {
        /// When it ended.
        due_at: Timestamp,
    },
    /// The notice does not say what the law demands.
    #[error("the notice must say {0}")]
    NoticeIncomplete(&'static str),
    /// The new day is not after the old one, or beyond what the law allows.
    #[error("must be after {after}{}", at_most(*latest))]
    ExtensionDay {
        /// The day up to now.
        after: Date,
        /// The latest day allowed; `None` if the notice sets it.
        latest: Option<Date>,
    },
    /// Not every claim is decided, or one that is not there.
    #[error("each claim is decided once")]
    ClaimsUndecided,
    /// Nothing was established, without a reason why not.
    #[error("evidence, or the reason why none is needed, is missing")]
    EvidenceMissing,
    /// A decision without reasons.
    #[error("a justification is missing")]
    JustificationMissing,
    /// A decision without provisions, where the law demands them.
    #[error("the legal basis is missing")]
    LegalBasisMissing,
    /// A decision that does not say how to appeal, where the law demands it.
    #[error("how to appeal is missing")]
    AppealInfoMissing,
    /// No statement on out-of-court resolution; it would be consent.
    #[error("the statement on out-of-court resolution is missing")]
    AdrStatementMissing,
    /// It agrees to out-of-court resolution before nobody.
    #[error("must be given: who agrees to out-of-court resolution names the body")]
    AdrBodyMissing,
    /// Nobody signs, where the law wants somebody to.
    #[error("must be given: who signs, with name and function")]
    SignatoryMissing,
    /// What is granted has no remedy, or what is refused has one.
    #[error("what is granted needs a remedy, and only that")]
    Remedies,
    /// Left unexamined without an unanswered request, or in part only.
    #[error("only a whole complaint that lacks what was asked for is left unexamined")]
    NotUnexaminable,
    /// A program may not decide this.
    #[error("a person has to decide")]
    PersonNeeded,
    /// The value is beyond the author's authority, and no approver is named.
    #[error("the value is beyond the author's authority: an approver is missing")]
    ApproverMissing,
    /// Author and approver are one.
    #[error("the author does not approve")]
    SelfApproval,
    /// Who decided first, or approved that, neither decides the appeal nor approves it.
    #[error("another person decides an appeal")]
    SamePersonOnAppeal,
    /// There is no appeal to decide.
    #[error("there is no open appeal")]
    NoAppeal,
    /// An appeal is open, or decided: there is one.
    #[error("there was an appeal already")]
    AlreadyAppealed,
    /// Neither law nor policy knows an appeal.
    #[error("there is no appeal against the decision")]
    NotAppealable,
    /// What came before the decision is not against it.
    #[error("an appeal is received after its decision, which was taken at {decided_at}")]
    AppealBeforeDecision {
        /// When it was taken.
        decided_at: Timestamp,
    },
    /// Not everybody may say that something was received long ago.
    #[error("who asks may not say that it was received so long ago")]
    BackdatingDenied,
    /// Backdating needs a reason.
    #[error("must be given: why it is said only now that it was received so long ago")]
    BackdateReasonMissing,
    /// The time to appeal has passed.
    #[error("the time to appeal has passed")]
    AppealTooLate,
    /// The decision that stands is a person's, or has its letter.
    #[error("no decision by silence waits for its letter")]
    NoLetterOwed,
    /// Silence decides nothing here.
    #[error("silence decides nothing here")]
    SilenceIsSilent,
    /// The time has not passed.
    #[error("not before {due_at}")]
    NotDue {
        /// When it passes.
        due_at: Timestamp,
    },
    /// There is no such decision.
    #[error("there is no such decision")]
    UnknownDecision,
    /// There is no such remedy.
    #[error("there is no such remedy")]
    UnknownRemedy,
    /// Nothing proves that the customer was told the decision.
    #[error("nothing proves that the customer was told the decision")]
    NotEvidenced,
    /// A remedy is neither carried out nor waived.
    #[error("a remedy is neither carried out nor waived")]
    RemedyPending,
    /// The appeal is not decided.
    #[error("the appeal is not decided")]
    AppealOpen,
    /// The customer may still appeal.
    #[error("the customer may still appeal")]
    AppealWindowOpen,
}

fn at_most(latest: Option<Date>) -> String {
    latest.map(|latest| format!(" and at most {latest}")).unwrap_or_default()
}
