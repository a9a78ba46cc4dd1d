//! Reads a message as a regime, and collects everything that keeps it from being one.
use domain::calendar::{HolidaySet, Period};
use domain::identity::ConsumerStatus;
use domain::problem::Problem;
use domain::regime::{
    Ack, Appeal, Basis, Confidence, CountsFrom, DecisionContent, Draft, Duty, Extension,
    Incomplete, IncompleteEffect, MetBy, NoticeContent, Occasion, Rank, ReplyForm, Scope,
    SilenceEffect, SupplementFailure, Term,
};
use jiff::civil::{Date, Time};

use super::CLOSING;
use crate::common::v1 as common;
use crate::sla::v1;
use crate::words::known_opt;

/// Reads a message and notes what has no meaning.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) problems: Vec<Problem>,
}

impl Reading {
    pub(super) fn regime(&mut self, message: &v1::Regime) -> Draft {
        let base = self.required("base", message.base);
        let incomplete = message.incomplete.map(|incomplete| self.incomplete(incomplete));
        let automation = message.automation.unwrap_or_default();
        Draft {
            code: message.code.clone(),
            version: message.version,
            title: message.title.clone(),
            valid_from: self.date("valid_from", &message.valid_from),
            valid_to: (!message.valid_to.is_empty())
                .then(|| self.date("valid_to", &message.valid_to)),
            zone: message.time_zone.clone(),
            holidays: self.holidays(&message.holidays),
            basis: self.word::<v1::RegimeBasis, _>("basis", message.basis, Basis::Law),
            disabled: message.disabled,
            scope: self.scope(message.scope.as_ref()),
            base: Term {
                period: self.counted("base", base.n, base.unit),
                from: self.word::<v1::RegimeStart, _>("base.from", base.from, CountsFrom::Received),
            },
            extension: message.extension.as_ref().map(|extension| Extension {
                total: self.period("extension.total", extension.total),
                require: self.words::<v1::RegimeNotice, _>(
                    "extension.require",
                    &extension.require,
                    NoticeContent::NewDate,
                ),
            }),
            roll_forward: message.roll_forward,
            silence: self.word::<v1::SilenceEffect, _>(
                "silence",
                message.silence,
                SilenceEffect::None,
            ),
            business_silence: self.silence("business_silence", message.business_silence),
            rebuttable: message.rebuttable,
            met_by: self.word::<v1::RegimeEvidence, _>("met_by", message.met_by, MetBy::Sent),
            ack: message.ack.map(|ack| Ack {
                period: self.needed("ack.period", ack.period),
                durable: ack.durable,
            }),
            incomplete,
            reply_form: self.word::<v1::RegimeReplyForm, _>(
                "reply_form",
                message.reply_form,
                ReplyForm::Any,
            ),
            must_contain: self.words::<v1::RegimeContent, _>(
                "must_contain",
                &message.must_contain,
                DecisionContent::Decision,
            ),
            appeal: self.appeal(message.appeal.unwrap_or_default()),
            may_decide_automatically: automation.may_decide_automatically,
            may_reject_automatically: automation.may_reject_automatically,
            resend_on_request: self.period("resend_on_request", message.resend_on_request),
            filing_window: self.period("filing_window", message.filing_window),
            duties: self.duties(&message.duties),
            closing: self.closing(&message.closing),
            paper_lead_days: u8::try_from(message.paper_lead_days).unwrap_or(u8::MAX),
            sources: message.sources.clone(),
            verified_on: self.date("verified_on", &message.verified_on),
            confidence: self.word::<v1::RegimeConfidence, _>(
                "confidence",
                message.confidence,
                Confidence::Text,
            ),
            note: message.note.clone(),
        }
    }

    fn scope(&mut self, scope: Option<&v1::RegimeScope>) -> Scope {
        let Some(scope) = scope else {
            self.problem("scope", "is required");
            return Scope {
                occasion: Occasion::Complaint,
                rank: Rank::Special,
                sectors: Vec::new(),
                subjects: Vec::new(),
                consumers: Vec::new(),
                countries: Vec::new(),
            };
        };
        Scope {
            occasion: self.word::<v1::RegimeOccasion, _>(
                "scope.occasion",
                scope.occasion,
                Occasion::Complaint,
            ),
            rank: self.word::<v1::RegimeRank, _>("scope.rank", scope.rank, Rank::Special),
            sectors: scope.sectors.clone(),
            subjects: scope.subjects.clone(),
            consumers: self.words::<common::ConsumerStatus, _>(
                "scope.consumers",
                &scope.consumers,
                ConsumerStatus::Consumer,
            ),
            countries: scope.countries.clone(),
        }
    }

    fn incomplete(&mut self, incomplete: v1::RegimeIncomplete) -> Incomplete {
        Incomplete {
            supplement: self.needed("incomplete.supplement", incomplete.supplement),
            effect: self.word::<v1::RegimeSupplement, _>(
                "incomplete.effect",
                incomplete.effect,
                IncompleteEffect::KeepOriginalDate,
            ),
            failure: self.word::<v1::RegimeFailure, _>(
                "incomplete.failure",
                incomplete.failure,
                SupplementFailure::Decided,
            ),
        }
    }

    fn appeal(&mut self, appeal: v1::RegimeAppeal) -> Appeal {
        Appeal {
            allowed: appeal.allowed,
            window: self.period("appeal.window", appeal.window),
            base: self.period("appeal.base", appeal.base),
            silence: self.silence("appeal.silence", appeal.silence),
        }
    }

    fn duties(&mut self, duties: &[v1::RegimeDuty]) -> Vec<Duty> {
        let mut read = Vec::new();
        for (place, duty) in duties.iter().enumerate() {
            let within = self.period(&format!("duties[{place}].within"), duty.within);
            read.push(Duty { text: duty.text.clone(), within });
        }
        read
    }

    fn problem(&mut self, field: &str, rule: &str) {
        self.problems.push(Problem::new(field, rule));
    }

    fn required<M: Default>(&mut self, field: &str, message: Option<M>) -> M {
        if message.is_none() {
            self.problem(field, "is required");
        }
        message.unwrap_or_default()
    }

    fn date(&mut self, field: &str, text: &str) -> Date {
        let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
        match (text, date) {
            (_, Some(date)) => return date,
            ("", None) => self.problem(field, "is required"),
            (_, None) => self.problem(field, "must be a date, YYYY-MM-DD"),
        }
        Date::ZERO
    }

    fn closing(&mut self, text: &str) -> Time {
        if text.is_empty() {
            return CLOSING;
        }
        Time::strptime("%H:%M", text).unwrap_or_else(|_| {
            self.problem("closing", "must be a time, HH:MM");
            CLOSING
        })
    }

    fn holidays(&mut self, name: &str) -> Option<HolidaySet> {
        let set = HolidaySet::named(name);
        if set.is_none() && !name.is_empty() {
            self.problem("holidays", "must be \"PL\" or empty");
        }
        set
    }

    /// A period that may be absent.
    fn period(&mut self, field: &str, period: Option<v1::RegimePeriod>) -> Option<Period> {
        period.map(|period| self.counted(field, period.n, period.unit))
    }

    /// A period that must be there.
    fn needed(&mut self, field: &str, period: Option<v1::RegimePeriod>) -> Period {
        let period = self.required(field, period);
        self.counted(field, period.n, period.unit)
    }

    fn counted(&mut self, field: &str, n: u32, unit: i32) -> Period {
        let n = u16::try_from(n).unwrap_or(u16::MAX);
        match v1::PeriodUnit::try_from(unit) {
            Ok(v1::PeriodUnit::CalendarDays) => return Period::CalendarDays(n),
            Ok(v1::PeriodUnit::BusinessDays) => return Period::BusinessDays(n),
            Ok(v1::PeriodUnit::Months) => return Period::Months(n),
            Ok(v1::PeriodUnit::Unspecified) | Err(_) => {}
        }
        // A message that is missing as a whole has been told.
        if !self.problems.iter().any(|problem| problem.field == field) {
            self.problem(&format!("{field}.unit"), "is required");
        }
        Period::CalendarDays(n)
    }

    fn silence(&mut self, field: &str, value: i32) -> Option<SilenceEffect> {
        (value != 0).then(|| self.word::<v1::SilenceEffect, _>(field, value, SilenceEffect::None))
    }

    fn words<P, D>(&mut self, field: &str, values: &[i32], harmless: D) -> Vec<D>
    where
        P: TryFrom<i32>,
        D: TryFrom<P> + Copy,
    {
        let places = values.iter().enumerate();
        places.map(|(at, &v)| self.word::<P, D>(&format!("{field}[{at}]"), v, harmless)).collect()
    }

    fn word<P, D>(&mut self, field: &str, value: i32, harmless: D) -> D
    where
        P: TryFrom<i32>,
        D: TryFrom<P>,
    {
        // A requirement of the whole message has been told.
        let outer = field.rsplit_once('.').map_or("", |(outer, _)| outer);
        let told = self.problems.iter().any(|problem| problem.field == outer);
        match known_opt::<P, D>(value, "") {
            Ok(Some(word)) => return word,
            Ok(None) if told => {}
            Ok(None) => self.problem(field, "is required"),
            Err(_) => self.problem(field, &format!("has no value {value}")),
        }
        harmless
    }
}
