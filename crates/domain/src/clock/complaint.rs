//! What the clocks know about the complaint of their ticket, and the complaint's events that they
//! react to.
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Basis, Rejection, State, Terms};
use crate::identity::ConsumerStatus;
use crate::ids::{AppealId, ComplaintId, DecisionId, HoldId, InfoRequestId, MessageId, RemedyId};
use crate::priority::Priority;
use crate::regime::{Changes, Counting, Dispatch, Notice, Regime, ReplyForm};

/// A version of a regime.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegimeVersion {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: u32,
}

/// What the clocks need to know of a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintFacts {
    /// Its id.
    pub complaint_id: ComplaintId,
    /// Which law applies; empty if it was no complaint.
    pub regimes: Vec<RegimeVersion>,
    /// The instants that terms count from.
    pub counting: Counting,
    /// Who the customer is to the law.
    pub customer: ConsumerStatus,
    /// The answer goes on paper.
    pub on_paper: bool,
    /// By what it does, besides the form that the law wants.
    pub way: ReplyWay,
    /// When it was opened, or later had a clock that took the place of a solution.
    pub opened_at: Timestamp,
    /// Requests for what is missing, oldest first.
    pub requests: Vec<InfoRequest>,
    /// The longer time to answer.
    pub extension: Option<Extension>,
    /// The longer time to decide the appeal.
    pub appeal_extension: Option<Extension>,
    /// Decisions, oldest first.
    pub decisions: Vec<Decision>,
    /// The appeal, once there is one.
    pub appeal: Option<AppealId>,
    /// Since when the ticket is resolved; none while it is worked on, or closed.
    pub resolved_at: Option<Timestamp>,
    /// Waits for the customer since it was opened, oldest first: should it be no complaint,
    /// they do not count for the solution.
    pub waits: Vec<CustomerWait>,
    /// The priority that the ticket got since it was opened; `None` if it has the same. Should it
    /// be no complaint, a solution is promised by it.
    pub reprioritised: Option<Priority>,
}

/// What decides, besides the form that the law wants, whether an answer goes on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplyWay {
    /// The customer wants letters.
    pub by_letter: bool,
    /// The complaint was made on paper.
    pub filed_on_paper: bool,
}

impl ReplyWay {
    /// Whether an answer of that form goes on paper: no mail is signed, or has the form of a letter.
    #[must_use]
    pub fn on_paper(self, form: ReplyForm) -> bool {
        self.by_letter
            || match form {
                ReplyForm::WrittenSigned => true,
                ReplyForm::SameAsFiled => self.filed_on_paper,
                ReplyForm::Any
                | ReplyForm::AsRequested
                | ReplyForm::PaperOrDurable
                | ReplyForm::Electronic => false,
            }
    }
}

/// A wait for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerWait {
    /// The hold.
    pub hold_id: HoldId,
    /// Since when.
    pub since: Timestamp,
    /// Until when; none while it lasts.
    pub until: Option<Timestamp>,
}

/// A request for what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InfoRequest {
    /// Its id.
    pub request_id: InfoRequestId,
    /// When the customer was asked.
    pub asked_at: Timestamp,
    /// Until when the customer was waited for; none while that lasts.
    pub waited_until: Option<Timestamp>,
    /// Everything was supplied.
    pub supplied: bool,
}

/// A longer time to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    /// The last day that the customer was told.
    pub new_last_day: Date,
    /// The message that tells it.
    pub notice_message_id: MessageId,
    /// When that message left; without it nothing is extended.
    pub told_at: Option<Timestamp>,
    /// When it reached the customer; without it nothing is extended where the law wants that.
    pub delivered_at: Option<Timestamp>,
}

/// A decision, and what proves that the customer was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub decision_id: DecisionId,
    /// It is on the appeal.
    pub on_appeal: bool,
    /// When it was taken.
    pub decided_at: Timestamp,
    /// When it left.
    pub sent_at: Option<Timestamp>,
    /// When it reached the customer.
    pub delivered_at: Option<Timestamp>,
}

/// What happens to a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComplaintFact {
    /// The ticket has one.
    Opened {
        /// Its id.
        complaint_id: ComplaintId,
        /// Which law applies.
        regimes: Vec<RegimeVersion>,
        /// The instants that terms count from.
        counting: Counting,
        /// Who the customer is to the law.
        customer: ConsumerStatus,
        /// The form of the answer.
        form: ReplyForm,
        /// What else decides whether it goes on paper.
        way: ReplyWay,
    },
    /// Other law applies, or none because it is not a complaint.
    Reclassified {
        /// Which law applies now.
        regimes: Vec<RegimeVersion>,
        /// The form of the answer now; `None` if it does not change.
        form: Option<ReplyForm>,
    },
    /// The thing that it is about came into the organisation's hands.
    ItemDelivered {
        /// When it came.
        at: Timestamp,
    },
    /// The customer was asked for what is missing.
    InfoRequested {
        /// The request.
        request_id: InfoRequestId,
        /// Last day to supply it.
        supplement_by: Date,
    },
    /// The customer supplied something.
    InfoReceived {
        /// The request it answers.
        request_id: InfoRequestId,
        /// Nothing is missing any more.
        complete: bool,
    },
    /// The time to supply it is over.
    SupplementEnded {
        /// The request.
        request_id: InfoRequestId,
    },
    /// It was to be closed by itself.
    CloseTried {
        /// Number of the try, from 1.
        step: u32,
        /// When.
        fired_at: Timestamp,
    },
    /// The answer takes longer, if the notice leaves in time.
    Extended {
        /// Last day from then on.
        new_last_day: Date,
        /// The message that tells the customer.
        notice_message_id: MessageId,
    },
    /// A message to the customer has left, or arrived.
    MessageTold {
        /// The message.
        message_id: MessageId,
        /// It reached the customer; otherwise it left.
        delivered: bool,
        /// When that happened.
        at: Timestamp,
    },
    /// The confirmation of receipt that the law demands has left.
    AckSent,
    /// It was decided.
    Decided {
        /// The decision.
        decision_id: DecisionId,
        /// It is on the appeal.
        on_appeal: bool,
        /// What is to be carried out, each with its last day.
        remedies: Vec<(RemedyId, Date)>,
    },
    /// There is proof that the customer was told the decision.
    Evidenced {
        /// The decision.
        decision_id: DecisionId,
        /// It reached the customer; otherwise it left.
        delivered: bool,
        /// When that happened.
        at: Timestamp,
    },
    /// The law had read acceptance into a silence that there was not.
    AcceptanceWithdrawn {
        /// The decision that falls away.
        decision_id: DecisionId,
        /// Remedies that are no longer owed.
        remedies: Vec<RemedyId>,
    },
    /// What was granted has been carried out.
    RemedyExecuted {
        /// The remedy.
        remedy_id: RemedyId,
        /// On which day.
        executed_on: Date,
    },
    /// The customer does not want what was granted.
    RemedyWaived {
        /// The remedy.
        remedy_id: RemedyId,
    },
    /// The customer appeals.
    AppealFiled {
        /// The appeal.
        appeal_id: AppealId,
        /// When the organisation received it.
        received_at: Timestamp,
    },
}

impl Decision {
    /// When the customer was told, as far as the regime asks for proof of it.
    pub(super) fn told_at(&self, delivery: bool) -> Option<Timestamp> {
        if delivery { self.delivered_at } else { self.sent_at.or(self.delivered_at) }
    }
}

impl Extension {
    /// An extension whose notice has not left yet.
    pub(super) fn untold(new_last_day: Date, notice_message_id: MessageId) -> Self {
        Self { new_last_day, notice_message_id, told_at: None, delivered_at: None }
    }

    /// With the proof that a message left, or arrived, if that is its notice; `None` if it is not,
    /// or that was known.
    pub(super) fn told(
        self,
        message_id: MessageId,
        delivered: bool,
        at: Timestamp,
    ) -> Option<Self> {
        let mut told = self;
        let place = if delivered { &mut told.delivered_at } else { &mut told.told_at };
        *place = Some(place.map_or(at, |known| known.min(at)));
        Some(told).filter(|told| self.notice_message_id == message_id && *told != self)
    }

    /// The notice by which the customer was told, as far as the law asks for proof of it: that it
    /// arrived, or that it left. None before that.
    pub(super) fn notice(self, delivery: bool) -> Option<Notice> {
        let left_at = || self.told_at.into_iter().chain(self.delivered_at).min();
        let told_at = if delivery { self.delivered_at } else { left_at() };
        told_at.map(|told_at| Notice { last_day: self.new_last_day, told_at })
    }
}

impl ComplaintFacts {
    /// What has changed the time to decide the appeal, by the regime that sets it.
    pub(super) fn changes_on_appeal(&self, regime: &Regime) -> Changes {
        let delivery = regime.wants_delivery();
        let extension = self.appeal_extension.and_then(|extension| extension.notice(delivery));
        Changes { extension, ..Changes::default() }
    }

    /// An appeal waits for its decision.
    pub(super) fn has_open_appeal(&self) -> bool {
        self.appeal.is_some() && self.decided(true).next().is_none()
    }

    /// How the answer travels.
    pub(super) fn dispatch(&self) -> Dispatch {
        if self.on_paper { Dispatch::Paper } else { Dispatch::Electronic }
    }

    /// What has changed the time to answer, as this regime counts days.
    #[must_use]
    pub fn changes(&self, regime: &Regime) -> Changes {
        let delivery = regime.wants_delivery();
        let extension = self.extension.and_then(|extension| extension.notice(delivery));
        let supplied = self.requests.iter().rev().find(|request| request.supplied);
        let waited = self.requests.iter().filter_map(|request| {
            let (from, until) =
                (regime.local_day(request.asked_at), regime.local_day(request.waited_until?));
            Some(until.since(from).ok()?.get_days().max(0).unsigned_abs())
        });
        Changes {
            extension,
            supplied_at: supplied.and_then(|request| request.waited_until),
            waited_days: u16::try_from(waited.sum::<u32>()).unwrap_or(u16::MAX),
        }
    }

    /// Notes that the customer is waited for.
    pub(super) fn wait(&mut self, hold_id: HoldId, since: Timestamp) {
        let known = |wait: &CustomerWait| wait.hold_id == hold_id && wait.until.is_none();
        if !self.waits.iter().any(known) {
            self.waits.push(CustomerWait { hold_id, since, until: None });
        }
    }

    /// Notes that the wait for the customer has ended.
    pub(super) fn wait_no_more(&mut self, hold_id: HoldId, until: Timestamp) {
        for wait in self.waits.iter_mut().filter(|wait| wait.hold_id == hold_id) {
            wait.until = wait.until.or(Some(until.max(wait.since)));
        }
    }

    /// The decisions of the instance that a clock waits for.
    pub(super) fn decided(&self, on_appeal: bool) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(move |decision| decision.on_appeal == on_appeal)
    }
}

impl Terms {
    /// A version of a regime.
    pub(super) fn regime(&self, code: &str, version: u32) -> Result<&Regime, Rejection> {
        let regime = self.regimes.version(code, version);
        regime.map(AsRef::as_ref).ok_or_else(|| {
            Rejection::UnknownRegime(RegimeVersion { code: code.to_owned(), version })
        })
    }

    /// The regime that demands something; `None` if none does.
    ///
    /// # Errors
    /// If these terms do not hold it.
    pub fn regime_of(&self, basis: &Basis) -> Result<Option<&Regime>, Rejection> {
        match basis {
            Basis::Regime { code, version } => self.regime(code, *version).map(Some),
            Basis::Policy { .. } | Basis::Given => Ok(None),
        }
    }
}

impl State {
    /// The complaint with something changed; `None` if there is none.
    pub(super) fn complaint_with(
        &self,
        change: impl FnOnce(&mut ComplaintFacts),
    ) -> Option<ComplaintFacts> {
        let mut facts = self.complaint.clone()?;
        change(&mut facts);
        Some(facts)
    }
}
