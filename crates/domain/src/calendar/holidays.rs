//! Holidays: rules that a year is computed from, and single dates.
use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::is_name;

/// A holiday that returns every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolidayRule {
    /// The same day of the same month.
    Fixed {
        /// Month, 1 to 12.
        month: i8,
        /// Day of the month; 29 February exists in leap years only.
        day: i8,
        /// First year in which it is a holiday.
        since: i16,
    },
    /// So many days after Easter Sunday (Western).
    Easter {
        /// Days after Easter Sunday; negative before it.
        offset: i16,
        /// First year in which it is a holiday.
        since: i16,
    },
}

/// Why a set of holidays is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HolidayError {
    /// The name is empty, too long or has a character that names may not have.
    #[error("a holiday set's name is 1 to 64 letters, digits, `_`, `-` or `.`")]
    Name,
    /// No year has such a day.
    #[error("no year has day {day} of month {month}")]
    NoSuchDay {
        /// Month.
        month: i8,
        /// Day.
        day: i8,
    },
    /// A feast that far from Easter may fall into another year.
    #[error("{0} days from Easter is more than 80")]
    FarFromEaster(i16),
}

/// The dates on which nothing starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidaySet {
    id: String,
    rules: Vec<HolidayRule>,
    dates: BTreeSet<Date>,
}

impl HolidaySet {
    /// A set of rules and single dates.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(
        id: &str,
        rules: Vec<HolidayRule>,
        dates: impl IntoIterator<Item = Date>,
    ) -> Result<Self, HolidayError> {
        if !is_name(id) {
            return Err(HolidayError::Name);
        }
        for rule in &rules {
            match *rule {
                // A leap year has every day that any year has.
                HolidayRule::Fixed { month, day, .. } => {
                    Date::new(2024, month, day)
                        .map_err(|_| HolidayError::NoSuchDay { month, day })?;
                }
                HolidayRule::Easter { offset, .. } if offset.unsigned_abs() > 80 => {
                    return Err(HolidayError::FarFromEaster(offset));
                }
                HolidayRule::Easter { .. } => {}
            }
        }
        Ok(Self { id: id.to_owned(), rules, dates: dates.into_iter().collect() })
    }

    /// The statutory holidays of Poland since 1990, without Sundays that are not holidays
    /// by themselves.
    #[must_use]
    pub fn polish() -> Self {
        let fixed = |month, day, since| HolidayRule::Fixed { month, day, since };
        let easter = |offset| HolidayRule::Easter { offset, since: 1951 };
        let rules = vec![
            fixed(1, 1, 1951),
            fixed(1, 6, 2011),
            easter(0),
            easter(1),
            fixed(5, 1, 1951),
            fixed(5, 3, 1990),
            easter(49),
            easter(60),
            fixed(8, 15, 1989),
            fixed(11, 1, 1951),
            fixed(11, 11, 1989),
            fixed(12, 24, 2025),
            fixed(12, 25, 1951),
            fixed(12, 26, 1951),
        ];
        // The centenary of independence gave one more day off, once.
        let once = [jiff::civil::date(2018, 11, 12)];
        Self::new("PL", rules, once).expect("every rule names a day that exists")
    }

    /// No holidays at all.
    #[must_use]
    pub fn none() -> Self {
        Self { id: "NONE".to_owned(), rules: Vec::new(), dates: BTreeSet::new() }
    }

    /// The set of that name that comes with the product.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        (id == "PL").then(Self::polish)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// True if nothing starts on `date`.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.dates.contains(&date) || self.rules.iter().any(|rule| rule.hits(date))
    }

    /// The holidays of a year, earliest first.
    #[must_use]
    pub fn in_year(&self, year: i16) -> Vec<Date> {
        let Ok(first) = Date::new(year, 1, 1) else { return Vec::new() };
        first
            .series(1.day())
            .take_while(|d| d.year() == year)
            .filter(|d| self.contains(*d))
            .collect()
    }
}

impl HolidayRule {
    fn hits(self, date: Date) -> bool {
        match self {
            Self::Fixed { month, day, since } => {
                date.year() >= since && date.month() == month && date.day() == day
            }
            Self::Easter { offset, since } => {
                date.year() >= since
                    && easter(date.year())
                        .and_then(|sunday| sunday.checked_add(i64::from(offset).days()).ok())
                        == Some(date)
            }
        }
    }
}

/// Easter Sunday of a Gregorian year, by the algorithm of Meeus, Jones and Butcher;
/// none outside the years that dates can have, or before the year 1.
#[must_use]
pub fn easter(year: i16) -> Option<Date> {
    if year < 1 {
        return None;
    }
    let y = i32::from(year);
    let golden = y % 19;
    let (century, of_century) = (y / 100, y % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    Date::new(year, i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?).ok()
}
