//! Automations of a policy: reminders, and the end of a wait.
use std::time::Duration;

use super::{LONGEST_TARGET, PolicyError, TimerKind};
use crate::calendar::is_name;

/// Most reminders of one open question.
const MOST_REMINDERS: usize = 5;

/// One thing that happens by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Automation {
    /// What happens.
    pub kind: TimerKind,
    /// Working time from the question or the solution, in whole seconds.
    pub after: Duration,
    /// Name of the calendar it counts on.
    pub calendar: String,
}

impl Automation {
    /// True if the time is whole seconds, more than none and at most a year.
    #[must_use]
    pub fn can_wait(&self) -> bool {
        !self.after.is_zero() && self.after <= LONGEST_TARGET && self.after.subsec_nanos() == 0
    }
}

/// # Errors
/// The first automation that cannot be.
pub(super) fn check(automations: &[Automation]) -> Result<(), PolicyError> {
    for (place, automation) in automations.iter().enumerate() {
        let kind = automation.kind;
        if kind == TimerKind::NoNewsUpdate {
            return Err(PolicyError::TimerOfClock(kind));
        }
        if kind == TimerKind::NoteMissing {
            return Err(PolicyError::TimerOfContact(kind));
        }
        if !kind.is_of_policy() {
            return Err(PolicyError::TimerOfRegime(kind));
        }
        if !automation.can_wait() {
            return Err(PolicyError::TimerWait(kind));
        }
        if !is_name(&automation.calendar) {
            return Err(PolicyError::CalendarName(automation.calendar.clone()));
        }
        let limit = match kind {
            TimerKind::CustomerReminder => MOST_REMINDERS,
            TimerKind::NoReplyResolve
            | TimerKind::AutoClose
            | TimerKind::SupplementEnd
            | TimerKind::AppealWindowEnd
            | TimerKind::NoNewsUpdate
            | TimerKind::NoteMissing => 1,
        };
        let so_far = automations[..=place].iter().filter(|other| other.kind == kind).count();
        if so_far > limit {
            return Err(PolicyError::TooManyTimers { kind, limit });
        }
    }
    Ok(())
}

/// Those of `PL_STANDARD`: a customer is reminded after two and five working days and
/// no longer waited for after ten; a solution stands after five.
pub(super) fn standard() -> Vec<Automation> {
    let days = |kind, days: u64| Automation {
        kind,
        after: Duration::from_secs(days * 86_400),
        calendar: "PL_WORKDAY24".to_owned(),
    };
    vec![
        days(TimerKind::CustomerReminder, 2),
        days(TimerKind::CustomerReminder, 5),
        days(TimerKind::NoReplyResolve, 10),
        days(TimerKind::AutoClose, 5),
    ]
}
