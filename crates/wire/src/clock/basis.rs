//! What a clock is based on (policy or regime) and its calendar, as fields of events.
use domain::calendar::CalendarRef;
use domain::clock::{Basis, Goal};

use super::{from_seconds, seconds};
use crate::DecodeError;

pub(super) fn basis_fields(basis: &Basis) -> (String, u32, String, u32) {
    match basis {
        Basis::Policy { id, version } => (id.clone(), *version, String::new(), 0),
        Basis::Regime { code, version } => (String::new(), 0, code.clone(), *version),
        Basis::Given => (String::new(), 0, String::new(), 0),
    }
}

pub(super) fn basis(policy: (String, u32), regime: (String, u32)) -> Result<Basis, DecodeError> {
    match (policy, regime) {
        ((id, version), (code, _)) if !id.is_empty() && code.is_empty() => {
            Ok(Basis::Policy { id, version })
        }
        ((id, _), (code, version)) if id.is_empty() && !code.is_empty() => {
            Ok(Basis::Regime { code, version })
        }
        ((id, 0), (code, 0)) if id.is_empty() && code.is_empty() => Ok(Basis::Given),
        _ => Err(DecodeError::field("policy_id")),
    }
}

pub(super) fn calendar_fields(calendar: Option<&CalendarRef>) -> (String, u32) {
    calendar.map(|c| (c.id.clone(), c.version)).unwrap_or_default()
}

pub(super) fn calendar(id: String, version: u32) -> Option<CalendarRef> {
    (!id.is_empty()).then_some(CalendarRef { id, version })
}

/// A target in seconds, a last day and where its count ended.
pub(super) fn goal_fields(goal: Goal) -> (i64, String, String) {
    match goal {
        Goal::Target(target) => (seconds(target), String::new(), String::new()),
        Goal::LastDay { day, unrolled } => (0, day.to_string(), unrolled.to_string()),
        Goal::Instant => (0, String::new(), String::new()),
    }
}

/// The contrary; days that were written before there was an unrolled one had not moved.
pub(super) fn goal(target_s: i64, day: &str, unrolled: &str) -> Result<Goal, DecodeError> {
    if target_s != 0 {
        return from_seconds(target_s, "target_s").map(Goal::Target);
    }
    if day.is_empty() {
        return Ok(Goal::Instant);
    }
    let date = |text: &str, field| text.parse().map_err(|_| DecodeError::field(field));
    let unrolled = if unrolled.is_empty() { day } else { unrolled };
    Ok(Goal::LastDay { day: date(day, "last_day")?, unrolled: date(unrolled, "unrolled_day")? })
}
