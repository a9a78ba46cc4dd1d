//! The complaint part of a ticket: claims, the law that applies, decisions, remedies, appeal.
//!
//! ```text
//! RECEIVED ─▶ ASSESSED ⇄ INFO_REQUESTED
//!                │
//!                ▼            evidence            carried out
//!             DECIDED ──────▶ REMEDY_PENDING ──▶ DONE
//!                │                  │              │
//!                └──────────▶ APPEALED ◀───────────┘
//!                                │
//!                          APPEAL_DECIDED ─▶ REMEDY_PENDING ─▶ DONE
//! ```
//! A complaint has no stream of its own: its events are in the stream of the ticket. The ticket
//! calls [`decide`] with what it knows of itself, and the result lists in order what happens to the
//! complaint and to the ticket. Silence, inclusive deadlines and evidence follow the regimes that
//! the complaint was opened under.
mod closing;
mod command;
mod decision;
mod event;
mod extension;
mod item;
mod opening;
mod rejection;
mod silence;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::closing::{Law, may_close, may_resolve};
pub use self::command::{
    Author, Authority, BreachCause, Command, Decide, DeemAccepted, Extend, FileAppeal, Limits,
    Open, Reclassify, RequestInfo, Standing, Step, Ticket, TicketStep,
};
pub use self::event::{
    AdrStatement, AppealFiled, Claim, ClaimDecision, ClaimOutcome, Decided, Decider, Demand, Event,
    Evidence, Extended, InfoRequested, Instance, Opened, Outcome, Reclassified, RegimeRef, Remedy,
    RemedyKind, SubmissionForm,
};
pub use self::extension::AnswerDue;
pub(crate) use self::extension::may_take_longer;
pub use self::rejection::Rejection;
pub(crate) use self::silence::may_be_told;
use crate::ids::{AppealId, DecisionId, InfoRequestId, RemedyId};

/// A complaint as its events tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct Complaint {
    /// What it was opened with; the regimes and claims are those of now.
    pub opened: Opened,
    /// A person has looked at it.
    pub assessed: bool,
    /// The request that the customer has not answered.
    pub asked: Option<InfoRequestId>,
    /// The request that the customer never answered in full, with its last day.
    pub unanswered: Option<InfoRequested>,
    /// The customer was asked for something.
    pub was_asked: bool,
    /// The new day, once the time was extended.
    pub extended: Option<Extended>,
    /// Decisions, oldest first.
    pub decisions: Vec<Ruling>,
    /// The appeal, once there is one.
    pub appeal: Option<AppealFiled>,
    /// The new day of the decision on it, once that time was extended.
    pub appeal_extended: Option<Extended>,
}

/// A decision and what has become of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// The decision.
    pub decided: Decided,
    /// When it left.
    pub sent_at: Option<Timestamp>,
    /// When it reached the customer.
    pub delivered_at: Option<Timestamp>,
    /// Remedies that are neither carried out nor waived.
    pub pending: Vec<RemedyId>,
    /// The law had read it into a silence that there was not.
    pub withdrawn: bool,
}

/// How far a complaint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Nobody has looked at it.
    Received,
    /// A person has looked at it.
    Assessed,
    /// The customer is to supply something.
    InfoRequested,
    /// Decided; nothing proves yet that the customer was told.
    Decided,
    /// What was granted is to be carried out.
    RemedyPending,
    /// Nothing is left to do.
    Done,
    /// The customer has appealed.
    Appealed,
    /// The appeal is decided; nothing proves yet that the customer was told.
    AppealDecided,
}

impl Stage {
    /// The name as outsiders know it, for example `REMEDY_PENDING`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "RECEIVED",
            Self::Assessed => "ASSESSED",
            Self::InfoRequested => "INFO_REQUESTED",
            Self::Decided => "DECIDED",
            Self::RemedyPending => "REMEDY_PENDING",
            Self::Done => "DONE",
            Self::Appealed => "APPEALED",
            Self::AppealDecided => "APPEAL_DECIDED",
        }
    }
}

/// What follows from `command` for the ticket and its complaint, in order.
///
/// # Errors
/// The rule that refuses the command.
pub fn decide(
    ticket: &Ticket,
    complaint: Option<&Complaint>,
    command: &Command,
) -> Result<Vec<Step>, Rejection> {
    ticket.standing.is_among(command.allowed(ticket))?;
    let Some(complaint) = complaint else {
        return match command {
            Command::Open(command) => opening::opening(ticket, command),
            Command::Reclassify(command) if ticket.is_complaint && command.not_a_complaint => {
                opening::dismissing(command)
            }
            _ => Err(Rejection::NoComplaint),
        };
    };
    match command {
        Command::Open(_) => Err(Rejection::AlreadyOpened),
        Command::Reclassify(command) => opening::reclassifying(complaint, command),
        Command::StateClaims { claims } => opening::claiming(complaint, claims),
        Command::RecordItem { delivered_at } => item::delivered(complaint, *delivered_at),
        Command::RequestInfo(command) => opening::asking(complaint, command),
        Command::RecordInfo { request_id, complete } => {
            opening::informed(ticket, complaint, *request_id, *complete)
        }
        Command::Extend(command) => extension::extending(complaint, command),
        Command::Decide(command) => decision::deciding(ticket, complaint, command),
        Command::DeemAccepted(command) => silence::deeming(ticket, complaint, command),
        Command::DenySilence { instance } => Ok(silence::denied(ticket, complaint, *instance)),
        Command::RecordEvidence { decision_id, evidence, at } => {
            closing::evidenced(complaint, *decision_id, *evidence, *at)
        }
        Command::RecordRemedy { remedy_id, executed_on, amount, reference } => {
            closing::executed(complaint, *remedy_id, *executed_on, *amount, reference)
        }
        Command::WaiveRemedy { remedy_id, message_id } => {
            closing::waived(complaint, *remedy_id, *message_id)
        }
        Command::FileAppeal(command) => closing::appealing(ticket, complaint, command),
    }
}

/// The complaint after `event`; `None` if there is no complaint, or it turned out not to be one.
#[must_use]
pub fn evolve(complaint: Option<Complaint>, event: &Event) -> Option<Complaint> {
    let Some(mut complaint) = complaint else {
        let Event::Opened(opened) = event else { return None };
        return Some(Complaint::new(opened.clone()));
    };
    complaint.note(event);
    let dismissed = matches!(event, Event::Reclassified(change) if change.not_a_complaint);
    (!dismissed).then_some(complaint)
}

impl Complaint {
    fn new(opened: Opened) -> Self {
        Self {
            opened,
            assessed: false,
            asked: None,
            unanswered: None,
            was_asked: false,
            extended: None,
            decisions: Vec::new(),
            appeal: None,
            appeal_extended: None,
        }
    }

    /// A person began to work on the ticket or settled its priority.
    #[must_use]
    pub fn assess(self) -> Self {
        Self { assessed: true, ..self }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Opened(_) => {}
            Event::Reclassified(change) => {
                self.opened.regimes.clone_from(&change.regimes);
                self.opened.reply_form = change.reply_form.unwrap_or(self.opened.reply_form);
            }
            Event::ClaimsStated { claims } => self.opened.claims.clone_from(claims),
            Event::ItemDelivered { at } => self.opened.item_delivered_at = Some(*at),
            Event::InfoRequested(request) => {
                (self.assessed, self.was_asked) = (true, true);
                self.asked = Some(request.request_id);
                self.unanswered = Some(request.clone());
            }
            Event::InfoReceived { complete, .. } => {
                self.asked = None;
                if *complete {
                    self.unanswered = None;
                }
            }
            Event::Extended(extended) => {
                let place = match self.open_appeal() {
                    Some(_) => &mut self.appeal_extended,
                    None => &mut self.extended,
                };
                *place = Some(extended.clone());
            }
            Event::Decided(decided) => {
                (self.assessed, self.asked) = (true, None);
                self.decisions.push(Ruling {
                    sent_at: None,
                    delivered_at: None,
                    pending: decided.remedies.iter().map(|remedy| remedy.remedy_id).collect(),
                    decided: (**decided).clone(),
                    withdrawn: false,
                });
            }
            Event::DecisionEvidenced { decision_id, evidence, at } => {
                let known = self.decisions.iter_mut();
                for ruling in known.filter(|ruling| ruling.decided.decision_id == *decision_id) {
                    ruling.proved(*evidence, *at);
                }
            }
            Event::AcceptanceWithdrawn { decision_id, remedies } => {
                let known = self.decisions.iter_mut();
                for ruling in known.filter(|ruling| ruling.decided.decision_id == *decision_id) {
                    ruling.withdrawn = true;
                    ruling.pending.retain(|pending| !remedies.contains(pending));
                }
            }
            Event::RemedyExecuted { remedy_id, .. } | Event::RemedyWaived { remedy_id, .. } => {
                for ruling in &mut self.decisions {
                    ruling.pending.retain(|pending| pending != remedy_id);
                }
            }
            Event::AppealFiled(appeal) => self.appeal = Some(appeal.clone()),
        }
    }

    /// The decision that stands: the last one, and a decision on the appeal before any other.
    #[must_use]
    pub fn ruling(&self) -> Option<&Ruling> {
        let standing = self.decisions.iter().filter(|ruling| !ruling.withdrawn);
        standing.max_by_key(|ruling| ruling.decided.instance)
    }

    /// The decision of that id.
    #[must_use]
    pub fn decision(&self, id: DecisionId) -> Option<&Ruling> {
        self.decisions.iter().find(|ruling| ruling.decided.decision_id == id)
    }

    /// The appeal that is not decided yet.
    #[must_use]
    pub(crate) fn open_appeal(&self) -> Option<AppealId> {
        let appeal = self.appeal.as_ref()?;
        let decided =
            |ruling: &Ruling| ruling.decided.instance == Instance::Appeal && !ruling.withdrawn;
        (!self.decisions.iter().any(decided)).then_some(appeal.appeal_id)
    }

    /// Remedies of all decisions that are neither carried out nor waived.
    pub fn pending(&self) -> impl Iterator<Item = RemedyId> {
        self.decisions.iter().flat_map(|ruling| ruling.pending.iter().copied())
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        let Some(ruling) = self.ruling() else {
            return match (self.asked, self.assessed) {
                (Some(_), _) => Stage::InfoRequested,
                (None, true) => Stage::Assessed,
                (None, false) => Stage::Received,
            };
        };
        if self.open_appeal().is_some() {
            return Stage::Appealed;
        }
        let told = ruling.sent_at.is_some() || ruling.delivered_at.is_some();
        match (told, self.pending().next(), ruling.decided.instance) {
            (false, _, Instance::First) => Stage::Decided,
            (false, _, Instance::Appeal) => Stage::AppealDecided,
            (true, Some(_), _) => Stage::RemedyPending,
            (true, None, _) => Stage::Done,
        }
    }
}

impl Ruling {
    /// The earliest instant counts, whatever is learnt later.
    fn proved(&mut self, evidence: Evidence, at: Timestamp) {
        let place = match evidence {
            Evidence::Sent => &mut self.sent_at,
            Evidence::Delivered => &mut self.delivered_at,
        };
        *place = Some(place.map_or(at, |known| known.min(at)));
    }

    /// When it left, as far as is known: what arrived had left by then.
    fn left_at(&self) -> Option<Timestamp> {
        self.sent_at.into_iter().chain(self.delivered_at).min()
    }

    /// When the customer was told, as far as the regimes ask for proof of it.
    pub(super) fn told_at(&self, delivered: bool) -> Option<Timestamp> {
        if delivered { self.delivered_at } else { self.sent_at.or(self.delivered_at) }
    }
}
