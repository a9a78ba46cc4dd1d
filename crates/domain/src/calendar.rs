//! Working time: which instants count towards a target, in a time zone, with holidays.
//!
//! ```text
//! Draft ──validate──▶ Calendar ──prepare(years)──▶ PreparedCalendar: add, elapsed
//! ```
//! Hours are civil (minutes from local midnight of the day on which they start); the
//! arithmetic is on instants. A boundary that the clocks skip moves forward by the gap,
//! one that they repeat is the first of the two. Intervals are half-open; where they
//! overlap they count once; where the gap swallows them they do not exist.
mod business_time;
mod holidays;
mod hours;
mod presets;
mod statutory;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

pub use self::business_time::{Calendars, OutOfReach, PreparedCalendar, REACH_YEARS};
pub use self::holidays::{HolidayError, HolidayRule, HolidaySet, easter};
pub use self::hours::{DayHours, Hours, HoursError};
pub use self::presets::{all as presets, preset};
pub use self::statutory::{OffDay, Period, StatutoryDue, StatutoryRule};

/// Name and version of a calendar; a published version never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarRef {
    /// Name, for example `PL_BH_0917`.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
}

impl fmt::Display for CalendarRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.id, self.version)
    }
}

/// A draft of a calendar, before [`Calendar::new`] has checked it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Name: letters, digits, `_`, `-`, `.`; at most 64.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// IANA name of the zone, for example `Europe/Warsaw`.
    pub zone: String,
    /// Every instant counts; then there are no hours, holidays or exceptions.
    pub always: bool,
    /// Hours of each weekday, Monday first, as (open, close) in minutes from midnight.
    pub week: [Vec<(u16, u16)>; 7],
    /// Dates on which nothing starts.
    pub holidays: Option<HolidaySet>,
    /// Hours that replace those of one date, holiday or not; none means closed.
    pub exceptions: BTreeMap<Date, Vec<(u16, u16)>>,
}

/// Why a draft is not a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The name is empty, too long or has a character that names may not have.
    #[error("a calendar's name is 1 to 64 letters, digits, `_`, `-` or `.`")]
    Name,
    /// Versions count from 1.
    #[error("a calendar's version counts from 1")]
    Version,
    /// The zone is not in the IANA database this build carries.
    #[error("unknown time zone `{0}`")]
    UnknownZone(String),
    /// It says that every instant counts, and also when it is open or closed.
    #[error("a calendar that is always open has no hours, holidays or exceptions")]
    AlwaysWithHours,
    /// No weekday has hours, so that no target could ever be due.
    #[error("no weekday has hours")]
    EmptyWeek,
    /// The hours of a weekday are wrong; Monday is 1, Sunday 7.
    #[error("hours of weekday {0}")]
    Week(i8, #[source] HoursError),
    /// The hours of an exception are wrong.
    #[error("hours of the exception on {0}")]
    Exception(Date, #[source] HoursError),
}

/// When work is done: civil hours in a zone, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    reference: CalendarRef,
    zone: TimeZone,
    always: bool,
    week: [DayHours; 7],
    holidays: Option<HolidaySet>,
    exceptions: BTreeMap<Date, DayHours>,
}

impl Calendar {
    /// Checks a draft.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(draft: Draft) -> Result<Self, CalendarError> {
        if !is_name(&draft.id) {
            return Err(CalendarError::Name);
        }
        if draft.version == 0 {
            return Err(CalendarError::Version);
        }
        let zone = zone(&draft.zone)?;
        let has_hours = draft.week.iter().any(|day| !day.is_empty());
        if draft.always && (has_hours || draft.holidays.is_some() || !draft.exceptions.is_empty()) {
            return Err(CalendarError::AlwaysWithHours);
        }
        if !draft.always && !has_hours {
            return Err(CalendarError::EmptyWeek);
        }
        let mut week: [DayHours; 7] = Default::default();
        for ((number, hours), day) in (1..).zip(&draft.week).zip(&mut week) {
            *day = DayHours::new(hours).map_err(|e| CalendarError::Week(number, e))?;
        }
        let exceptions = draft
            .exceptions
            .iter()
            .map(|(date, hours)| match DayHours::new(hours) {
                Ok(day) => Ok((*date, day)),
                Err(e) => Err(CalendarError::Exception(*date, e)),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            reference: CalendarRef { id: draft.id, version: draft.version },
            zone,
            always: draft.always,
            week,
            holidays: draft.holidays,
            exceptions,
        })
    }

    /// The draft that the calendar can be created from again.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let pairs =
            |day: &DayHours| day.hours().iter().map(|h| (h.open(), h.close())).collect::<Vec<_>>();
        Draft {
            id: self.reference.id.clone(),
            version: self.reference.version,
            zone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
            always: self.always,
            week: self.week.each_ref().map(pairs),
            holidays: self.holidays.clone(),
            exceptions: self.exceptions.iter().map(|(date, day)| (*date, pairs(day))).collect(),
        }
    }

    /// Its name and version.
    #[must_use]
    pub fn reference(&self) -> &CalendarRef {
        &self.reference
    }

    /// The zone its hours are in.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// True if every instant counts.
    #[must_use]
    pub(crate) fn is_always(&self) -> bool {
        self.always
    }

    /// The hours that start on `date`: those of an exception, else none on a holiday,
    /// else those of the weekday.
    #[must_use]
    pub fn hours_on(&self, date: Date) -> &[Hours] {
        if let Some(day) = self.exceptions.get(&date) {
            return day.hours();
        }
        if self.holidays.as_ref().is_some_and(|set| set.contains(date)) {
            return &[];
        }
        self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())].hours()
    }
}

/// The zone of that IANA name, from the database compiled into this build.
///
/// # Errors
/// [`CalendarError::UnknownZone`].
pub fn zone(name: &str) -> Result<TimeZone, CalendarError> {
    match TimeZoneDatabase::bundled().get(name) {
        Ok(zone) if !zone.is_unknown() => Ok(zone),
        _ => Err(CalendarError::UnknownZone(name.to_owned())),
    }
}

/// True for a name of a calendar, holiday set or policy.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}
