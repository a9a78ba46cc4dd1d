//! The events of a complaint, and their value types.
use jiff::Timestamp;
use jiff::civil::Date;

use crate::identity::ConsumerStatus;
use crate::ids::{
    AgentId, AppealId, ClaimId, ComplaintId, DecisionId, InfoRequestId, MessageId, Personal,
    RemedyId,
};
use crate::money::Money;
use crate::priority::Channel;
use crate::regime::ReplyForm;

/// A fact of a complaint. Each variant is the message of its name on the wire with
/// `Complaint` before it, for example `ComplaintOpened`; the proof of a decision, remedies
/// and the appeal keep theirs.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The ticket has a complaint.
    Opened(Opened),
    /// Other law applies, or it is no complaint.
    Reclassified(Reclassified),
    /// Something else is claimed than before.
    ClaimsStated {
        /// What is claimed from now on.
        claims: Vec<Claim>,
    },
    /// The thing that it is about came into the organisation's hands after it was opened.
    ItemDelivered {
        /// When it came.
        at: Timestamp,
    },
    /// The customer was asked for what is missing.
    InfoRequested(InfoRequested),
    /// The customer supplied something.
    InfoReceived {
        /// The request it answers.
        request_id: InfoRequestId,
        /// Nothing is missing any more.
        complete: bool,
    },
    /// The answer takes longer, and the customer was told.
    Extended(Extended),
    /// It was decided, in the first instance or on appeal.
    Decided(Box<Decided>),
    /// There is proof that the customer was told the decision.
    DecisionEvidenced {
        /// The decision.
        decision_id: DecisionId,
        /// Of what there is proof.
        evidence: Evidence,
        /// When it happened.
        at: Timestamp,
    },
    /// There was no silence: the answer had left in time. The decision by silence is withdrawn, and
    /// the one that the customer was told stands.
    AcceptanceWithdrawn {
        /// The decision that the law had read into silence.
        decision_id: DecisionId,
        /// Its remedies that are no longer owed: they were neither carried out nor waived, and no
        /// decision on the appeal relies on them.
        remedies: Vec<RemedyId>,
    },
    /// What was granted has been carried out.
    RemedyExecuted {
        /// The remedy.
        remedy_id: RemedyId,
        /// On which day.
        executed_on: Date,
        /// How much was paid, if it was money.
        amount: Option<Money>,
        /// Number of the transfer, parcel or order; may be empty.
        reference: String,
    },
    /// The customer does not want what was granted.
    RemedyWaived {
        /// The remedy.
        remedy_id: RemedyId,
        /// The customer's statement.
        message_id: MessageId,
    },
    /// The customer appeals.
    AppealFiled(AppealFiled),
}

/// A complaint and what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Its id.
    pub complaint_id: ComplaintId,
    /// The message of the customer that complains; none where the ticket itself does.
    pub message_id: Option<MessageId>,
    /// Which law applies, in which version.
    pub regimes: Vec<RegimeRef>,
    /// When the organisation received it; every term counts from here or from the two below.
    pub received_at: Timestamp,
    /// When it was filed, if that is known and was earlier.
    pub filed_at: Option<Timestamp>,
    /// When the thing came into the organisation's hands.
    pub item_delivered_at: Option<Timestamp>,
    /// How it was made.
    pub submission_form: SubmissionForm,
    /// Who the customer is to the law.
    pub consumer_status: ConsumerStatus,
    /// What is claimed.
    pub claims: Vec<Claim>,
    /// Form of the answer: the one that the customer asked for, else the strictest that one of the
    /// laws wants.
    pub reply_form: ReplyForm,
    /// Form of the answer that the customer asked for, [`ReplyForm::Any`] if none; none where that
    /// was not noted.
    pub requested_form: Option<ReplyForm>,
    /// Channel over which the customer wants the answer.
    pub reply_channel: Channel,
}

/// A version of a regime.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegimeRef {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of that version as it was published, if that is known.
    pub sha256: Option<[u8; 32]>,
}

/// How a complaint was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubmissionForm {
    /// On paper.
    Paper,
    /// By e-mail, form, portal or chat.
    Electronic,
    /// By telephone.
    OralPhone,
    /// In person, with a protocol.
    OralPerson,
}

/// One thing that the customer demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its id.
    pub claim_id: ClaimId,
    /// What is demanded.
    pub demand: Demand,
    /// How much, if it is money.
    pub amount: Option<Money>,
}

/// What a customer demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demand {
    /// To repair.
    Repair,
    /// To replace.
    Replace,
    /// To lower the price.
    PriceReduction,
    /// To pay back.
    Refund,
    /// To compensate.
    Compensation,
    /// To explain; also where it is not clear what is demanded.
    Explanation,
    /// To apologise.
    Apology,
    /// Something else.
    Other,
}

/// Other law, or no complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reclassified {
    /// Which law applies now; empty if it is not a complaint.
    pub regimes: Vec<RegimeRef>,
    /// It is no complaint.
    pub not_a_complaint: bool,
    /// Why, without personal data.
    pub reason: String,
    /// The lead who approved that it is not a complaint.
    pub approved_by: Option<AgentId>,
    /// Form of the answer now; none where it stays as it is.
    pub reply_form: Option<ReplyForm>,
}

/// A request for what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfoRequested {
    /// Its id.
    pub request_id: InfoRequestId,
    /// Codes of what is missing, for example `PHOTO`.
    pub missing: Vec<String>,
    /// Last day to supply it.
    pub supplement_by: Date,
    /// The message that asked.
    pub message_id: MessageId,
}

/// A longer time to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extended {
    /// Last day now.
    pub new_last_day: Date,
    /// Why it takes longer; without personal data.
    pub reason: String,
    /// What has to be established; without personal data.
    pub circumstances: String,
    /// The message that told the customer.
    pub notice_message_id: MessageId,
}

/// First decision or decision on the appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Instance {
    /// The first one.
    First,
    /// On the appeal.
    Appeal,
}

/// How a complaint was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Every claim was accepted.
    Accepted,
    /// Some claims, or parts of them.
    PartiallyAccepted,
    /// No claim.
    Rejected,
    /// It was left unexamined, since what was missing never came.
    LeftUnexamined,
    /// The law reads acceptance into silence.
    DeemedAccepted,
}

/// How a claim was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimOutcome {
    /// As demanded.
    Accepted,
    /// In part.
    PartiallyAccepted,
    /// Not at all.
    Rejected,
    /// Not looked at.
    LeftUnexamined,
}

/// A decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// Its id.
    pub decision_id: DecisionId,
    /// In which instance.
    pub instance: Instance,
    /// How, on the whole.
    pub outcome: Outcome,
    /// How, claim by claim.
    pub per_claim: Vec<ClaimDecision>,
    /// Why, in words that a lay person understands; none where the law decided.
    pub justification: Option<Personal>,
    /// Why nothing had to be established, if that was stated.
    pub evidence_waiver: Option<Personal>,
    /// Provisions that it rests on.
    pub legal_basis: Vec<String>,
    /// What is to be carried out.
    pub remedies: Vec<Remedy>,
    /// How to appeal.
    pub appeal_info: String,
    /// Whether the trader takes part in out-of-court resolution.
    pub adr_statement: AdrStatement,
    /// The body before which it would take place; empty where none is named.
    pub adr_body: String,
    /// Who signs the answer, with name and function, where somebody does.
    pub signatory: Option<Personal>,
    /// The trader may still prove that the claim is not due.
    pub rebuttable: bool,
    /// Who decided.
    pub decided_by: Decider,
    /// Who approved what is beyond the author's authority.
    pub approved_by: Option<AgentId>,
    /// The message that tells the customer; `None` until one is approved. A decision by silence
    /// gets it with the next message of the purpose `DECISION`.
    pub message_id: Option<MessageId>,
    /// When.
    pub decided_at: Timestamp,
    /// Until when there was time to answer, where the law decided by silence; none otherwise,
    /// and where that was not noted.
    pub due_at: Option<Timestamp>,
}

/// A claim's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimDecision {
    /// The claim.
    pub claim_id: ClaimId,
    /// How.
    pub outcome: ClaimOutcome,
    /// How much, if it is money.
    pub amount: Option<Money>,
}

/// Something to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Its id.
    pub remedy_id: RemedyId,
    /// What.
    pub kind: RemedyKind,
    /// How much, if it is money.
    pub amount: Option<Money>,
    /// Last day.
    pub execute_by: Date,
}

/// What a decision grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemedyKind {
    /// A repair.
    Repair,
    /// A replacement.
    Replacement,
    /// A lower price.
    PriceReduction,
    /// Money back.
    Refund,
    /// Compensation.
    Compensation,
    /// An explanation.
    Explanation,
    /// An apology.
    Apology,
    /// Something else.
    Other,
}

impl RemedyKind {
    /// True if it is carried out with money, so that an amount is required.
    #[must_use]
    pub(crate) fn is_money(self) -> bool {
        match self {
            Self::PriceReduction | Self::Refund | Self::Compensation => true,
            Self::Repair | Self::Replacement | Self::Explanation | Self::Apology | Self::Other => {
                false
            }
        }
    }
}

/// Whether the trader takes part in out-of-court resolution; no statement is consent (Act
/// of 23 September 2016, art. 32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdrStatement {
    /// Applies for it or agrees to it.
    Agrees,
    /// Refuses.
    Refuses,
    /// Nothing has to be said: accepted in full, or no consumer.
    NotApplicable,
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decider {
    /// A person.
    Person(AgentId),
    /// A program.
    Bot(AgentId),
    /// The law, by silence.
    System,
}

/// Of what there is proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// It left.
    Sent,
    /// It reached the customer.
    Delivered,
}

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealFiled {
    /// Its id.
    pub appeal_id: AppealId,
    /// The decision it is against.
    pub decision_id: DecisionId,
    /// When the organisation received it.
    pub received_at: Timestamp,
    /// Within the time to appeal.
    pub in_time: bool,
    /// The reason for a backdated receipt; without personal data.
    pub backdate_reason: Option<String>,
}
