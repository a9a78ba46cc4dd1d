//! Regimes: what the law, a contract or the organisation demands of an answer to a complaint, in
//! versions that never change once they are published.
//!
//! ```text
//! Draft ──Regime::new──▶ Regime ──▶ Regimes: which apply to a matter, and in which version
//!                          └──▶ deadlines: base, extension, confirmation, supplement, appeal
//! ```
//! A complaint keeps the version that was in force on the day on which it was received. Every
//! regime is data: a lawyer signs it off, and `verified_on`, `sources` and `confidence` say how far
//! it can be trusted. It is not legal advice.
mod check;
mod deadlines;
#[cfg(test)]
pub(crate) mod sample;
mod select;
#[cfg(test)]
mod tests;
mod words;

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};

pub use self::check::problems;
pub use self::deadlines::{Changes, Counting, Dispatch, Missing, Notice};
pub use self::select::{Matter, Misnamed, Regimes, earliest};
pub use self::words::{
    Basis, Confidence, CountsFrom, DecisionContent, IncompleteEffect, MetBy, NoticeContent,
    Occasion, Rank, ReplyForm, SilenceEffect, SupplementFailure,
};
use crate::calendar::{HolidaySet, Period, StatutoryRule, zone};
use crate::identity::ConsumerStatus;
use crate::problem::Problem;

/// A draft of a regime, before [`Regime::new`] has checked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Name: letters, digits, `_`, `-`, `.`; at most 64, for example `PL_TELECOM`.
    pub code: String,
    /// Version, from 1.
    pub version: u32,
    /// What it is, in a line.
    pub title: String,
    /// First day of receipt to which this version applies.
    pub valid_from: Date,
    /// Last day of receipt to which it applies; none while it is in force.
    pub valid_to: Option<Date>,
    /// IANA name of the zone in which a day is a day.
    pub zone: String,
    /// Days on which nothing expires, besides Saturdays and Sundays.
    pub holidays: Option<HolidaySet>,
    /// Whose demand it is.
    pub basis: Basis,
    /// It is kept ready, and applies to nothing.
    pub disabled: bool,
    /// What it applies to.
    pub scope: Scope,
    /// Within which time an answer is due.
    pub base: Term,
    /// How the time may be made longer; `None` if the law knows no extension.
    pub extension: Option<Extension>,
    /// An end on a Saturday, Sunday or holiday moves to the next working day (Civil
    /// Code art. 115; Regulation 1182/71 art. 3).
    pub roll_forward: bool,
    /// What silence means.
    pub silence: SilenceEffect,
    /// What silence means to a business, where that is something else.
    pub business_silence: Option<SilenceEffect>,
    /// The trader may still prove that the claim is not due (Supreme Court, III CZP 113/17).
    pub rebuttable: bool,
    /// What proves that the answer was given.
    pub met_by: MetBy,
    /// Confirmation of receipt that is demanded.
    pub ack: Option<Ack>,
    /// What happens to a complaint that lacks something; `None` if nothing is provided for.
    pub incomplete: Option<Incomplete>,
    /// Form of the answer.
    pub reply_form: ReplyForm,
    /// What the answer must contain.
    pub must_contain: Vec<DecisionContent>,
    /// How the decision can be appealed.
    pub appeal: Appeal,
    /// A program may decide without a person.
    pub may_decide_automatically: bool,
    /// A program may also reject.
    pub may_reject_automatically: bool,
    /// Within which time the answer is sent again on request.
    pub resend_on_request: Option<Period>,
    /// Until when one may turn to the organisation, counted from what one turns against.
    pub filing_window: Option<Period>,
    /// Further duties.
    pub duties: Vec<Duty>,
    /// When the office closes on the day by which the answer should leave.
    pub closing: Time,
    /// Working days that an answer on paper needs to arrive.
    pub paper_lead_days: u8,
    /// Where it is written.
    pub sources: Vec<String>,
    /// When a person last compared this data with the sources.
    pub verified_on: Date,
    /// How much the data can be trusted.
    pub confidence: Confidence,
    /// What is not certain; empty only where the text itself was read.
    pub note: String,
}

/// What a regime applies to. An empty list holds for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// What the organisation is asked for.
    pub occasion: Occasion,
    /// How it stands beside other regimes.
    pub rank: Rank,
    /// Codes of the sectors of the product, for example `TELECOM`.
    pub sectors: Vec<String>,
    /// Codes of the subjects, for example `PAYMENT`.
    pub subjects: Vec<String>,
    /// Kinds of customers.
    pub consumers: Vec<ConsumerStatus>,
    /// Countries whose law it is, ISO 3166 alpha-2, or `EU` for all members.
    pub countries: Vec<String>,
}

/// A time and from when it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// How long.
    pub period: Period,
    /// From when.
    pub from: CountsFrom,
}

/// How the time to answer may be made longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The whole time, counted from where the base time counts; `None` if the notice itself
    /// sets the new day.
    pub total: Option<Period>,
    /// What the notice must say.
    pub require: Vec<NoticeContent>,
}

/// Confirmation of receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ack {
    /// Within which time.
    pub period: Period,
    /// On paper or another durable medium.
    pub durable: bool,
}

/// What happens to a complaint that lacks something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incomplete {
    /// Time to supply what is missing.
    pub supplement: Period,
    /// What a supplement in time does to the time to answer.
    pub effect: IncompleteEffect,
    /// What follows if it is not supplied.
    pub failure: SupplementFailure,
}

/// How a decision can be appealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Appeal {
    /// The regime provides for an appeal to the organisation.
    pub allowed: bool,
    /// Time to appeal, counted from the decision; `None` if there is no limit here.
    pub window: Option<Period>,
    /// Time to decide the appeal, counted from its receipt; `None` if the law sets none.
    pub base: Option<Period>,
    /// What silence on the appeal means; `None` if the law says nothing.
    pub silence: Option<SilenceEffect>,
}

/// A further duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// What.
    pub text: String,
    /// Within which time; `None` if at once or for as long as the matter is pending.
    pub within: Option<Period>,
}

/// What is demanded of an answer, valid by construction.
#[derive(Debug, Clone)]
pub struct Regime {
    draft: Draft,
    counting: StatutoryRule,
    sha256: Option<[u8; 32]>,
}

impl PartialEq for Regime {
    fn eq(&self, other: &Self) -> bool {
        self.draft == other.draft
    }
}

impl Regime {
    /// Checks a draft.
    ///
    /// # Errors
    /// Everything that is wrong with it, by field.
    pub fn new(draft: Draft) -> Result<Self, Vec<Problem>> {
        let found = problems(&draft);
        let zone = zone(&draft.zone).ok().filter(|_| found.is_empty());
        let Some(zone) = zone else { return Err(found) };
        let holidays = draft.holidays.clone().unwrap_or_else(HolidaySet::none);
        let counting = StatutoryRule {
            roll_forward: draft.roll_forward,
            closing: draft.closing,
            ..StatutoryRule::new(zone, holidays)
        };
        Ok(Self { draft, counting, sha256: None })
    }

    /// The same, published with that SHA-256 of its bytes.
    #[must_use]
    pub fn published(self, sha256: [u8; 32]) -> Self {
        Self { sha256: Some(sha256), ..self }
    }

    /// SHA-256 of the bytes that it was published with; `None` if that is not known.
    #[must_use]
    pub fn sha256(&self) -> Option<[u8; 32]> {
        self.sha256
    }

    /// Its name.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.draft.code
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.draft.version
    }

    /// Everything it says.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// What silence means to a customer.
    #[must_use]
    pub fn silence(&self, customer: ConsumerStatus) -> SilenceEffect {
        match (customer, self.draft.business_silence) {
            (ConsumerStatus::Business, Some(silence)) => silence,
            _ => self.draft.silence,
        }
    }

    /// True if this version applies to what was received at that instant.
    #[must_use]
    pub(crate) fn covers(&self, received_at: Timestamp) -> bool {
        let day = self.local_day(received_at);
        self.draft.valid_from <= day && self.draft.valid_to.is_none_or(|last| day <= last)
    }

    /// The instant from which it applies: the beginning of its first day.
    #[must_use]
    pub fn effective_from(&self) -> Timestamp {
        let midnight = self.draft.valid_from.to_datetime(Time::midnight());
        let zone = &self.counting.zone;
        zone.to_ambiguous_timestamp(midnight).compatible().unwrap_or(Timestamp::MIN)
    }

    /// The day from which somebody should compare it with its sources again, so many days
    /// after somebody last did.
    #[must_use]
    pub fn review_on(&self, after_days: u16) -> Date {
        let verified = self.draft.verified_on;
        verified.checked_add(i64::from(after_days).days()).unwrap_or(Date::MAX)
    }

    /// True from that day on.
    #[must_use]
    pub fn is_past_review(&self, now: Timestamp, after_days: u16) -> bool {
        self.review_on(after_days) <= self.local_day(now)
    }

    /// True if an answer counts only when it has reached the customer.
    #[must_use]
    pub(crate) fn wants_delivery(&self) -> bool {
        self.draft.met_by == MetBy::Delivered
    }

    /// The day in the regime's zone.
    #[must_use]
    pub fn local_day(&self, at: Timestamp) -> Date {
        self.counting.zone.to_datetime(at).date()
    }
}
