//! Regimes as messages, in both directions.
mod reading;
mod words;

use domain::calendar::Period;
use domain::problem::Problem;
use domain::regime::{Appeal, Draft, Extension, Regime, Scope, SilenceEffect, Term, problems};
use jiff::civil::{Time, time};

use self::reading::Reading;
use crate::DecodeError;
use crate::common::v1 as common;
use crate::sla::v1;

/// When an office closes that says nothing about it.
const CLOSING: Time = time(17, 0, 0, 0);

/// The draft of a regime that a message holds; its version may be left out.
///
/// # Errors
/// Everything that is wrong with it, by field of the message.
pub fn checked(message: &v1::Regime) -> Result<Draft, Vec<Problem>> {
    let mut reading = Reading::default();
    let draft = reading.regime(message);
    let mut found = reading.problems;
    // What could not be read stands as something harmless in the draft; what the domain
    // says of that is not news.
    let unread: Vec<String> = found.iter().map(|problem| problem.field.clone()).collect();
    let told = |field: &str| unread.iter().any(|other| is_within(field, other));
    let versioned = Draft { version: draft.version.max(1), ..draft.clone() };
    found.extend(problems(&versioned).into_iter().filter(|problem| !told(&problem.field)));
    if found.is_empty() { Ok(draft) } else { Err(found) }
}

/// The regime that an event tells of, with the hash it was published with.
///
/// # Errors
/// [`DecodeError::Field`] if it is not a valid regime, or the hash does not have 32 bytes.
pub fn published(message: &v1::RegimePublished) -> Result<Regime, DecodeError> {
    let invalid = || DecodeError::field("regime");
    let draft = checked(message.regime.as_ref().ok_or_else(invalid)?).map_err(|_| invalid())?;
    let sha256 = message.sha256.as_ref().try_into();
    let sha256 = sha256.map_err(|_| DecodeError::field("sha256"))?;
    Ok(Regime::new(draft).map_err(|_| invalid())?.published(sha256))
}

fn is_within(field: &str, outer: &str) -> bool {
    field.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

impl From<&Draft> for v1::Regime {
    fn from(draft: &Draft) -> Self {
        let automatic = draft.may_decide_automatically || draft.may_reject_automatically;
        Self {
            code: draft.code.clone(),
            version: draft.version,
            title: draft.title.clone(),
            valid_from: draft.valid_from.to_string(),
            valid_to: draft.valid_to.map(|day| day.to_string()).unwrap_or_default(),
            time_zone: draft.zone.clone(),
            holidays: draft.holidays.as_ref().map(|set| set.id().to_owned()).unwrap_or_default(),
            basis: v1::RegimeBasis::from(draft.basis).into(),
            disabled: draft.disabled,
            scope: Some((&draft.scope).into()),
            base: Some(draft.base.into()),
            extension: draft.extension.as_ref().map(Into::into),
            roll_forward: draft.roll_forward,
            silence: v1::SilenceEffect::from(draft.silence).into(),
            business_silence: silence(draft.business_silence),
            rebuttable: draft.rebuttable,
            met_by: v1::RegimeEvidence::from(draft.met_by).into(),
            ack: draft
                .ack
                .map(|ack| v1::RegimeAck { period: Some(ack.period.into()), durable: ack.durable }),
            incomplete: draft.incomplete.map(|incomplete| v1::RegimeIncomplete {
                supplement: Some(incomplete.supplement.into()),
                effect: v1::RegimeSupplement::from(incomplete.effect).into(),
                failure: v1::RegimeFailure::from(incomplete.failure).into(),
            }),
            reply_form: v1::RegimeReplyForm::from(draft.reply_form).into(),
            must_contain: (draft.must_contain.iter())
                .map(|&content| v1::RegimeContent::from(content).into())
                .collect(),
            appeal: (draft.appeal != Appeal::default()).then(|| draft.appeal.into()),
            automation: automatic.then_some(v1::RegimeAutomation {
                may_decide_automatically: draft.may_decide_automatically,
                may_reject_automatically: draft.may_reject_automatically,
            }),
            resend_on_request: draft.resend_on_request.map(Into::into),
            filing_window: draft.filing_window.map(Into::into),
            duties: (draft.duties.iter())
                .map(|duty| v1::RegimeDuty {
                    text: duty.text.clone(),
                    within: duty.within.map(Into::into),
                })
                .collect(),
            closing: if draft.closing == CLOSING {
                String::new()
            } else {
                draft.closing.strftime("%H:%M").to_string()
            },
            paper_lead_days: draft.paper_lead_days.into(),
            sources: draft.sources.clone(),
            verified_on: draft.verified_on.to_string(),
            confidence: v1::RegimeConfidence::from(draft.confidence).into(),
            note: draft.note.clone(),
        }
    }
}

impl From<&Scope> for v1::RegimeScope {
    fn from(scope: &Scope) -> Self {
        Self {
            occasion: v1::RegimeOccasion::from(scope.occasion).into(),
            rank: v1::RegimeRank::from(scope.rank).into(),
            sectors: scope.sectors.clone(),
            subjects: scope.subjects.clone(),
            consumers: (scope.consumers.iter())
                .map(|&status| common::ConsumerStatus::from(status).into())
                .collect(),
            countries: scope.countries.clone(),
        }
    }
}

impl From<&Extension> for v1::RegimeExtension {
    fn from(extension: &Extension) -> Self {
        let require = extension.require.iter();
        Self {
            total: extension.total.map(Into::into),
            require: require.map(|&word| v1::RegimeNotice::from(word).into()).collect(),
        }
    }
}

impl From<Appeal> for v1::RegimeAppeal {
    fn from(appeal: Appeal) -> Self {
        Self {
            allowed: appeal.allowed,
            window: appeal.window.map(Into::into),
            base: appeal.base.map(Into::into),
            silence: silence(appeal.silence),
        }
    }
}

impl From<Term> for v1::RegimeTerm {
    fn from(term: Term) -> Self {
        let (n, unit) = parts(term.period);
        Self { n, unit: unit.into(), from: v1::RegimeStart::from(term.from).into() }
    }
}

impl From<Period> for v1::RegimePeriod {
    fn from(period: Period) -> Self {
        let (n, unit) = parts(period);
        Self { n, unit: unit.into() }
    }
}

fn parts(period: Period) -> (u32, v1::PeriodUnit) {
    match period {
        Period::CalendarDays(n) => (n.into(), v1::PeriodUnit::CalendarDays),
        Period::BusinessDays(n) => (n.into(), v1::PeriodUnit::BusinessDays),
        Period::Months(n) => (n.into(), v1::PeriodUnit::Months),
    }
}

fn silence(silence: Option<SilenceEffect>) -> i32 {
    silence.map_or(v1::SilenceEffect::Unspecified, Into::into).into()
}
