//! `add` and `elapsed`: the two questions that a clock asks a calendar.
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::timeline::{Timeline, millis};
use super::{Calendar, CalendarRef};

const DAY_MS: i64 = 86_400_000;
/// A target further away than this is a mistake of its author.
const HORIZON_MS: i64 = 100 * 366 * DAY_MS;
/// How many years a target may take on its calendar. Nobody waits longer for what was promised.
pub const REACH_YEARS: i16 = 5;
/// Any years would do, but what may be published must not depend on when.
const FIRST_YEAR: i16 = 2026;
/// What is laid out at a time beyond the prepared years.
const STRIDE_MS: i64 = 400 * DAY_MS;

/// A calendar with its open intervals laid out for some years.
///
/// Within those years both questions are two binary searches and allocate nothing;
/// beyond them the answers are the same and slow. Instants are read in whole
/// milliseconds, rounded down; durations likewise.
pub struct PreparedCalendar {
    calendar: Calendar,
    timeline: Timeline,
}

/// No instant within a hundred years has that much working time before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the target is not reached within a hundred years")]
pub struct OutOfReach;

impl PreparedCalendar {
    /// Lays out the intervals of those years, in UTC.
    #[must_use]
    pub fn new(calendar: Calendar, years: RangeInclusive<i16>) -> Self {
        let from = new_year(*years.start());
        let until = new_year(years.end().saturating_add(1)).max(from);
        let until = if calendar.is_always() { from } else { until };
        let timeline = Timeline::new(&calendar, from, until);
        Self { calendar, timeline }
    }

    /// The calendar it was prepared from.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Its name and version.
    #[must_use]
    pub fn reference(&self) -> &CalendarRef {
        self.calendar.reference()
    }

    /// Working time in `[from, until)`; zero if `until` is not after `from`.
    #[must_use]
    pub fn elapsed(&self, from: Timestamp, until: Timestamp) -> Duration {
        let (from, until) = (millis(from), millis(until));
        let open = if until <= from {
            0
        } else if self.calendar.is_always() {
            until - from
        } else if self.timeline.reaches(from) && self.timeline.reaches(until) {
            self.timeline.open_before(until) - self.timeline.open_before(from)
        } else {
            self.elapsed_beyond(from, until)
        };
        Duration::from_millis(open.unsigned_abs())
    }

    /// The first instant at which `duration` of working time has passed since `from`:
    /// `from` itself for zero, and closing time, not the next opening, for a duration
    /// that ends with the day's hours.
    ///
    /// # Errors
    /// [`OutOfReach`] if there is none within a hundred years.
    pub fn add(&self, from: Timestamp, duration: Duration) -> Result<Timestamp, OutOfReach> {
        let open = i64::try_from(duration.as_millis()).map_err(|_| OutOfReach)?;
        if open == 0 {
            return Ok(from);
        }
        let from = millis(from);
        let at = if self.calendar.is_always() {
            from.checked_add(open).ok_or(OutOfReach)?
        } else if self.timeline.reaches(from) {
            let before = self.timeline.open_before(from);
            let total = self.timeline.total();
            match before.checked_add(open) {
                Some(sum) if sum <= total => self.timeline.instant_of(sum),
                _ => self.add_beyond(self.timeline.until(), open - (total - before), from)?,
            }
        } else {
            self.add_beyond(from, open, from)?
        };
        if at - from > HORIZON_MS {
            return Err(OutOfReach);
        }
        Timestamp::from_millisecond(at).map_err(|_| OutOfReach)
    }

    /// The same for a clock, which has to be due at some time: in a hundred years if not earlier.
    #[must_use]
    pub(crate) fn due(&self, from: Timestamp, target: Duration) -> Timestamp {
        let horizon = || from.checked_add(SignedDuration::from_millis(HORIZON_MS));
        self.add(from, target).or_else(|_| horizon()).unwrap_or_else(|_| last_instant())
    }

    fn elapsed_beyond(&self, from: i64, until: i64) -> i64 {
        let mut open = 0;
        let mut at = from;
        while at < until {
            let next = until.min(at + STRIDE_MS);
            open += Timeline::new(&self.calendar, at, next).total();
            at = next;
        }
        open
    }

    fn add_beyond(&self, mut at: i64, mut open: i64, start: i64) -> Result<i64, OutOfReach> {
        while at - start <= HORIZON_MS {
            let stretch = Timeline::new(&self.calendar, at, at + STRIDE_MS);
            let total = stretch.total();
            if open <= total {
                return Ok(stretch.instant_of(open));
            }
            open -= total;
            at += STRIDE_MS;
        }
        Err(OutOfReach)
    }
}

impl Calendar {
    /// The longest target that may count on it: the working time of [`REACH_YEARS`] years. Its
    /// exceptions are left out, as they are single days; what they close fits into the rest of
    /// the hundred years of [`PreparedCalendar::add`].
    #[must_use]
    pub fn longest_target(&self) -> Duration {
        if self.is_always() {
            return Duration::MAX;
        }
        let ordinary = Self { exceptions: BTreeMap::new(), ..self.clone() };
        let years = FIRST_YEAR..=FIRST_YEAR + REACH_YEARS - 1;
        let open = PreparedCalendar::new(ordinary, years).timeline.total();
        Duration::from_millis(open.unsigned_abs())
    }
}

impl fmt::Debug for PreparedCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedCalendar").field(self.reference()).finish()
    }
}

/// The prepared calendars of a tenant, every version that a running clock may need, with
/// the instant from which each applies.
#[derive(Debug, Clone, Default)]
pub struct Calendars(BTreeMap<CalendarRef, (Timestamp, Arc<PreparedCalendar>)>);

impl Calendars {
    /// That version of that calendar.
    #[must_use]
    pub fn get(&self, reference: &CalendarRef) -> Option<&Arc<PreparedCalendar>> {
        self.0.get(reference).map(|(_, calendar)| calendar)
    }

    /// The version of the calendar of that name that applies at an instant: of those
    /// whose time has come the one with the latest beginning, of equals the highest.
    #[must_use]
    pub fn at(&self, id: &str, instant: Timestamp) -> Option<&Arc<PreparedCalendar>> {
        let from = CalendarRef { id: id.to_owned(), version: 0 };
        let until = CalendarRef { id: id.to_owned(), version: u32::MAX };
        let versions = self.0.range(from..=until).map(|(_, version)| version);
        let begun = versions.filter(|(from, _)| *from <= instant);
        begun.max_by_key(|(from, _)| *from).map(|(_, calendar)| calendar)
    }

    /// Adds a version, in place of the same one if it is there.
    pub fn publish(&mut self, calendar: Arc<PreparedCalendar>, effective_from: Timestamp) {
        self.0.insert(calendar.reference().clone(), (effective_from, calendar));
    }
}

/// Calendars that have always applied.
impl FromIterator<Arc<PreparedCalendar>> for Calendars {
    fn from_iter<I: IntoIterator<Item = Arc<PreparedCalendar>>>(calendars: I) -> Self {
        let always = |c: Arc<PreparedCalendar>| (c.reference().clone(), (Timestamp::MIN, c));
        Self(calendars.into_iter().map(always).collect())
    }
}

/// The last instant there is, in whole seconds.
pub(super) fn last_instant() -> Timestamp {
    Timestamp::from_second(Timestamp::MAX.as_second()).unwrap_or(Timestamp::MAX)
}

/// Start of a year in UTC; of the nearest year there is.
fn new_year(year: i16) -> i64 {
    let date = Date::new(year, 1, 1).unwrap_or(if year < 0 { Date::MIN } else { Date::MAX });
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, millis)
}
