//! Commands to a complaint, and what the ticket tells it about itself.
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Rejection;
use super::event::{
    AdrStatement, Claim, ClaimDecision, Event, Evidence, Instance, Remedy, SubmissionForm,
};
use crate::backdating::Backdating;
use crate::identity::ConsumerStatus;
use crate::ids::{
    AgentId, AppealId, ComplaintId, DecisionId, InfoRequestId, MessageId, Personal, RemedyId,
};
use crate::money::{Currency, Money};
use crate::priority::Channel;
use crate::regime::{Regime, ReplyForm};

/// What the ticket knows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its stage of life.
    pub standing: Standing,
    /// When the organisation received it, or the message of its thread that complains.
    pub received_at: Timestamp,
    /// A note of its thread holds evidence.
    pub has_evidence: bool,
    /// It is a complaint by type.
    pub is_complaint: bool,
    /// The customer, who wrote again or rejected the solution, has reopened it since its
    /// complaint was decided.
    pub reopened_by_customer: bool,
}

/// A ticket's stage of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Registered, nobody works on it.
    New,
    /// Somebody works or must work.
    Open,
    /// Our question is with the customer.
    WaitingCustomer,
    /// Another company must act.
    WaitingThirdParty,
    /// A solution was given; the customer may object.
    Resolved,
    /// Final, but for an appeal.
    Closed,
}

/// What happens next, in order: to the complaint, or to the ticket around it.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// To the complaint.
    Complaint(Event),
    /// To the ticket.
    Ticket(TicketStep),
}

/// What happens to the ticket around a complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketStep {
    /// It becomes a complaint by type.
    BecomesComplaint,
    /// Its type is no longer complaint.
    BecomesInquiry,
    /// A message of the customer is added.
    AddInbound(MessageId),
    /// A question to the customer is added.
    AddQuestion(MessageId),
    /// News for the customer are added.
    AddUpdate(MessageId),
    /// The letter with the decision is added.
    AddDecision(MessageId),
    /// It waits for the customer.
    HoldForCustomer,
    /// A wait ends.
    Unhold,
    /// The decision resolves it.
    Resolve,
    /// An appeal reopens it.
    ReopenForAppeal,
    /// It is reopened, since the decision did not reach the customer in time.
    ReopenUndelivered,
}

/// A request to change a complaint. The caller looks up the regimes: the versions that
/// the complaint was opened under.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Opens the complaint part.
    Open(Open),
    /// Puts it under other law, or says that it is no complaint.
    Reclassify(Reclassify),
    /// Claims something else than before.
    StateClaims {
        /// What is claimed from now on.
        claims: Vec<Claim>,
    },
    /// Notes that the thing which it is about has come.
    RecordItem {
        /// When it came into the organisation's hands.
        delivered_at: Timestamp,
    },
    /// Asks the customer for what is missing.
    RequestInfo(RequestInfo),
    /// Notes what the customer supplied.
    RecordInfo {
        /// The request it answers.
        request_id: InfoRequestId,
        /// Nothing is missing any more.
        complete: bool,
    },
    /// Extends the time to answer.
    Extend(Extend),
    /// Decides, in the first instance or on the appeal.
    Decide(Box<Decide>),
    /// Records the decision that the law reads into silence.
    DeemAccepted(DeemAccepted),
    /// Takes back what silence has decided: its time had not passed.
    DenySilence {
        /// On what the customer had no answer yet.
        instance: Instance,
    },
    /// Notes a proof that the customer was told.
    RecordEvidence {
        /// The decision.
        decision_id: DecisionId,
        /// Of what there is proof.
        evidence: Evidence,
        /// When it happened.
        at: Timestamp,
    },
    /// Notes that something granted has been carried out.
    RecordRemedy {
        /// The remedy.
        remedy_id: RemedyId,
        /// On which day.
        executed_on: Date,
        /// How much was paid.
        amount: Option<Money>,
        /// Number of the transfer, parcel or order; may be empty.
        reference: String,
    },
    /// Notes that the customer does not want something granted.
    WaiveRemedy {
        /// The remedy.
        remedy_id: RemedyId,
        /// The customer's statement.
        message_id: MessageId,
    },
    /// Appeals.
    FileAppeal(FileAppeal),
}

/// Opens the complaint part.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Its new id.
    pub complaint_id: ComplaintId,
    /// The message of the customer that complains; none where the ticket itself does.
    pub message_id: Option<MessageId>,
    /// The regimes that apply.
    pub regimes: Vec<Arc<Regime>>,
    /// When it was filed, if that is known and was earlier.
    pub filed_at: Option<Timestamp>,
    /// When the thing came into the organisation's hands.
    pub item_delivered_at: Option<Timestamp>,
    /// How it was made.
    pub submission_form: SubmissionForm,
    /// Who the customer is to the law.
    pub consumer_status: ConsumerStatus,
    /// What is claimed; where that is not clear, an explanation.
    pub claims: Vec<Claim>,
    /// Form in which the customer wants the answer.
    pub reply_form: ReplyForm,
    /// Channel over which the customer wants the answer.
    pub reply_channel: Channel,
}

/// Puts a complaint under other law, or finds that it is not one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reclassify {
    /// The regimes that apply now; empty if it is not a complaint.
    pub regimes: Vec<Arc<Regime>>,
    /// It is no complaint.
    pub not_a_complaint: bool,
    /// Why, without personal data.
    pub reason: String,
    /// The lead who approved that it is not a complaint.
    pub approved_by: Option<AgentId>,
    /// The message that tells the customer so.
    pub message_id: Option<MessageId>,
}

/// Asks the customer for what is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestInfo {
    /// Its new id.
    pub request_id: InfoRequestId,
    /// Codes of what is missing.
    pub missing: Vec<String>,
    /// The message that asks.
    pub message_id: MessageId,
    /// The complaint's regimes.
    pub regimes: Vec<Arc<Regime>>,
    /// The time of the command.
    pub now: Timestamp,
}

/// Extends the time to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Extend {
    /// Last day from now on.
    pub new_last_day: Date,
    /// Why it takes longer; without personal data.
    pub reason: String,
    /// What has to be established; without personal data.
    pub circumstances: String,
    /// The message that tells the customer.
    pub message_id: MessageId,
    /// The regimes of the complaint, or of a data subject's request.
    pub regimes: Vec<Arc<Regime>>,
    /// The regime of appeals where the law says nothing of them.
    pub appeal_regime: Option<Arc<Regime>>,
    /// The time of the command.
    pub now: Timestamp,
}

/// A decision to be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Decide {
    /// Its new id.
    pub decision_id: DecisionId,
    /// In which instance.
    pub instance: Instance,
    /// How, claim by claim.
    pub per_claim: Vec<ClaimDecision>,
    /// Why, in words that a lay person understands.
    pub justification: Personal,
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
    /// Who signs the answer, with name and function; empty where nobody does.
    pub signatory: Personal,
    /// The cause that was found behind it all, for the ticket's solution.
    pub root_cause_code: Option<String>,
    /// Who decides.
    pub author: Author,
    /// Who approves what is beyond the author's authority.
    pub approver: Option<Author>,
    /// What they may grant.
    pub limits: Limits,
    /// Why nothing had to be established; empty where there is evidence.
    pub evidence_waiver: Personal,
    /// The message that tells the customer.
    pub message_id: MessageId,
    /// The complaint's regimes.
    pub regimes: Vec<Arc<Regime>>,
    /// The time of the command.
    pub now: Timestamp,
}

/// Who decides or approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Opaque id.
    pub id: AgentId,
    /// What the author may decide.
    pub authority: Authority,
}

/// What a role may decide alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// A program: what a first-line agent may, but it never rejects unless every regime
    /// lets it.
    Bot,
    /// First line: up to the lower of the limits.
    FirstLine,
    /// Specialist: up to the higher one.
    Specialist,
    /// Lead or process owner: any amount.
    Owner,
}

/// Most that somebody may grant alone; of money in another currency only who has no limit
/// decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the first line, and of a program.
    pub first_line: Money,
    /// Of a specialist.
    pub specialist: Money,
}

impl Default for Limits {
    fn default() -> Self {
        Self { first_line: Money::zloty(200), specialist: Money::zloty(2_000) }
    }
}

impl Authority {
    /// Most that may be granted alone; `None` if there is no limit.
    #[must_use]
    pub fn limit(self, limits: &Limits) -> Option<Money> {
        match self {
            Self::Bot | Self::FirstLine => Some(limits.first_line),
            Self::Specialist => Some(limits.specialist),
            Self::Owner => None,
        }
    }

    /// True if amounts in that currency, by their sums, may be granted alone.
    #[must_use]
    pub(crate) fn covers(
        self,
        limits: &Limits,
        sums: impl IntoIterator<Item = (Currency, i64)>,
    ) -> bool {
        let Some(limit) = self.limit(limits) else { return true };
        let mut granted = sums.into_iter().filter(|(_, minor)| *minor > 0);
        granted.all(|(currency, minor)| currency == limit.currency && minor <= limit.minor)
    }
}

/// Records the decision that the law reads into silence.
#[derive(Debug, Clone, PartialEq)]
pub struct DeemAccepted {
    /// Its new id.
    pub decision_id: DecisionId,
    /// What was not answered: the complaint, or the appeal.
    pub instance: Instance,
    /// The regime whose time has passed.
    pub regime: Arc<Regime>,
    /// Why its clock was breached.
    pub cause: BreachCause,
    /// What was demanded, as something to carry out: one remedy for each claim.
    pub remedies: Vec<Remedy>,
    /// When the time had passed.
    pub due_at: Timestamp,
    /// The time of the command.
    pub now: Timestamp,
}

/// Why a statutory clock was breached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreachCause {
    /// Nothing was sent in time.
    Time,
    /// It was sent in time; the proof that it arrived is missing. A lawyer looks at it, and
    /// nothing is deemed.
    ProofPending,
}

/// Appeals against the decision.
#[derive(Debug, Clone, PartialEq)]
pub struct FileAppeal {
    /// Its new id.
    pub appeal_id: AppealId,
    /// The customer's message.
    pub message_id: MessageId,
    /// When the organisation received it.
    pub received_at: Timestamp,
    /// Whether the caller may state that it was received so long ago.
    pub backdating: Backdating,
    /// A lead admits it although it is late.
    pub admitted_by_lead: bool,
    /// The complaint's regimes.
    pub regimes: Vec<Arc<Regime>>,
    /// The regime of appeals where the law says nothing of them.
    pub appeal_regime: Option<Arc<Regime>>,
}

use Standing::{Closed, New, Open as Worked, Resolved, WaitingCustomer, WaitingThirdParty};

const ANY: &[Standing] = &[New, Worked, WaitingCustomer, WaitingThirdParty, Resolved, Closed];
const LIVE: &[Standing] = &[New, Worked, WaitingCustomer, WaitingThirdParty];
const WORKED: &[Standing] = &[Worked, WaitingCustomer, WaitingThirdParty];

impl Command {
    /// Where the ticket must be. The specification of this table is `tests/table.rs`.
    pub(super) fn allowed(&self, ticket: &Ticket) -> &'static [Standing] {
        match self {
            Self::Open(_)
            | Self::Reclassify(_)
            | Self::StateClaims { .. }
            | Self::RecordItem { .. }
            | Self::Extend(_) => LIVE,
            Self::RequestInfo(_) => &[Worked],
            Self::RecordInfo { .. } => &[Worked, WaitingCustomer],
            Self::Decide(_) => WORKED,
            Self::DeemAccepted(_) => &[New, Worked, WaitingCustomer, WaitingThirdParty, Resolved],
            Self::DenySilence { .. }
            | Self::RecordEvidence { .. }
            | Self::RecordRemedy { .. }
            | Self::WaiveRemedy { .. } => ANY,
            // The letter that appeals may have reopened it.
            Self::FileAppeal(_) if ticket.reopened_by_customer => {
                &[Worked, WaitingCustomer, WaitingThirdParty, Resolved, Closed]
            }
            Self::FileAppeal(_) => &[Resolved, Closed],
        }
    }
}

impl Standing {
    pub(super) fn is_among(self, allowed: &'static [Self]) -> Result<(), Rejection> {
        if allowed.contains(&self) {
            Ok(())
        } else {
            Err(Rejection::WrongStanding { current: self, allowed })
        }
    }

    /// True while the ticket waits for somebody.
    #[must_use]
    pub(crate) fn is_waiting(self) -> bool {
        matches!(self, WaitingCustomer | WaitingThirdParty)
    }
}
