//! Explains the due day of a statutory clock.
use jiff::tz::TimeZone;
use wire::sla::v1::{Clock, DayCount, PeriodUnit, RegimeStart, RolledFor, SilenceEffect};

use super::version;
use crate::tables::{time, words};

/// Which law asks for it, how its days were counted, and when it should leave to be safe.
pub(super) fn terms(clock: &Clock, zone: &TimeZone) -> String {
    let law = version(&clock.regime_code, clock.regime_version);
    let counted = match &clock.day_count {
        Some(count) => format!(" ({}): {}", count.title, counted(count, &clock.last_day)),
        None => format!(": until {}", clock.last_day),
    };
    let safe = match clock.safe_due_at.as_ref() {
        Some(at) => format!("; safe until {}", time(Some(at), zone)),
        None => String::new(),
    };
    format!("{law}{counted}{safe}{}", silence(clock.silence_effect()))
}

/// What silence means; nothing where it means nothing.
pub(super) fn silence(effect: SilenceEffect) -> String {
    match effect {
        SilenceEffect::Unspecified | SilenceEffect::None => String::new(),
        effect => format!("; silence: {}", words(effect.as_str_name(), "SILENCE_EFFECT_")),
    }
}

fn counted(count: &DayCount, last_day: &str) -> String {
    let from = match count.from() {
        RegimeStart::Filed => "filing",
        RegimeStart::ItemDelivered => "delivery of the item",
        RegimeStart::Received | RegimeStart::Unspecified => "receipt",
    };
    let period = match &count.period {
        Some(period) => {
            let unit = match (period.unit(), period.n) {
                (PeriodUnit::CalendarDays, 1) => "calendar day",
                (PeriodUnit::CalendarDays, _) => "calendar days",
                (PeriodUnit::BusinessDays, 1) => "business day",
                (PeriodUnit::BusinessDays, _) => "business days",
                (PeriodUnit::Months, 1) => "month",
                (PeriodUnit::Months, _) => "months",
                (PeriodUnit::Unspecified, _) => "days",
            };
            format!("{} {unit} from {from} on {}", period.n, count.from_day)
        }
        None => format!("the day that the customer was told, from {from} on {}", count.from_day),
    };
    let waited = match count.waited_days {
        0 => String::new(),
        days => format!(", {days} days waited for the customer"),
    };
    let end = match count.rolled_for() {
        RolledFor::Unspecified => format!("end on {last_day}"),
        why => {
            let why = words(why.as_str_name(), "ROLLED_FOR_");
            format!("end on {}, a {why}, so on {last_day}", count.unrolled_day)
        }
    };
    format!("{period}{waited}, {end}")
}
