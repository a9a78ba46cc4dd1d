//! Statutory deadlines, counted in days or months from the day of receipt.
use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::HolidaySet;
use super::business_time::{OutOfReach, last_instant};

/// How long somebody has, counted from the day of receipt, which itself is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Every day counts.
    CalendarDays(u16),
    /// Monday to Friday count, without holidays.
    BusinessDays(u16),
    /// Up to the day of the same number, or the last one of a shorter month.
    Months(u16),
}

/// How a body of law counts.
#[derive(Debug, Clone)]
pub struct StatutoryRule {
    /// Zone in which a day is a day.
    pub zone: TimeZone,
    /// Days on which nothing expires.
    pub holidays: HolidaySet,
    /// An end on a Saturday, Sunday or holiday moves to the next working day.
    /// Days counted in business days never end on one.
    pub roll_forward: bool,
    /// When the office closes on the day by which one should have answered.
    pub closing: Time,
    /// Working days that the way of the answer takes: none by e-mail, three on paper.
    pub lead_working_days: u8,
}

/// When an answer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatutoryDue {
    /// Local day of receipt.
    pub received_on: Date,
    /// Last day before it moved on.
    pub unrolled: Date,
    /// Last day.
    pub last_day: Date,
    /// End of the last day; an answer at this very instant is in time.
    pub due_at: Timestamp,
    /// Last working day, not after the unrolled last day, on which an answer should be sent.
    pub safe_day: Date,
    /// Closing time of that day.
    pub safe_due_at: Timestamp,
}

/// Why nothing expires on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffDay {
    /// It is a Saturday.
    Saturday,
    /// It is a Sunday.
    Sunday,
    /// It is a holiday, whatever the weekday.
    Holiday,
}

impl StatutoryRule {
    /// A rule that rolls forward, with closing at 17:00 and answers by e-mail.
    #[must_use]
    pub fn new(zone: TimeZone, holidays: HolidaySet) -> Self {
        let closing = time(17, 0, 0, 0);
        Self { zone, holidays, roll_forward: true, closing, lead_working_days: 0 }
    }

    /// When an answer to what was received at `received_at` is due. An extension is
    /// the longer period, counted from receipt again.
    ///
    /// # Errors
    /// [`OutOfReach`] at the end of all dates.
    pub fn due(&self, received_at: Timestamp, period: Period) -> Result<StatutoryDue, OutOfReach> {
        self.due_suspended(received_at, period, 0)
    }

    /// The same where the time stood still for so many days.
    ///
    /// # Errors
    /// [`OutOfReach`] at the end of all dates.
    pub(crate) fn due_suspended(
        &self,
        received_at: Timestamp,
        period: Period,
        days: u16,
    ) -> Result<StatutoryDue, OutOfReach> {
        let received_on = self.zone.to_datetime(received_at).date();
        let unrolled = match period {
            Period::CalendarDays(n) => received_on.checked_add(i64::from(n).days()),
            Period::Months(n) => received_on.checked_add(i64::from(n).months()),
            Period::BusinessDays(n) => Ok(self.step(received_on, n, Direction::Forward)?),
        }
        .and_then(|end| end.checked_add(i64::from(days).days()))
        .map_err(|_| OutOfReach)?;
        let counted = matches!(period, Period::BusinessDays(_)) && days == 0;
        let rolls = self.roll_forward && !counted;
        let last_day =
            if rolls { self.working_day(unrolled, Direction::Forward)? } else { unrolled };
        let safe_day = self.working_day(unrolled, Direction::Back)?;
        let safe_day = self.step(safe_day, self.lead_working_days.into(), Direction::Back)?;
        Ok(StatutoryDue {
            received_on,
            unrolled,
            last_day,
            due_at: self.end_of(last_day),
            safe_day,
            safe_due_at: self.instant(safe_day, self.closing),
        })
    }

    /// The same where somebody has set the last day.
    ///
    /// # Errors
    /// [`OutOfReach`] at the end of all dates.
    pub(crate) fn due_on(
        &self,
        received_at: Timestamp,
        day: Date,
    ) -> Result<StatutoryDue, OutOfReach> {
        let safe_day = self.working_day(day, Direction::Back)?;
        let safe_day = self.step(safe_day, self.lead_working_days.into(), Direction::Back)?;
        Ok(StatutoryDue {
            received_on: self.zone.to_datetime(received_at).date(),
            unrolled: day,
            last_day: day,
            due_at: self.end_of(day),
            safe_day,
            safe_due_at: self.instant(safe_day, self.closing),
        })
    }

    /// The last instant of a day.
    #[must_use]
    pub fn end_of(&self, day: Date) -> Timestamp {
        self.instant(day, time(23, 59, 59, 999_000_000))
    }

    /// True for Monday to Friday, unless it is a holiday.
    #[must_use]
    pub(crate) fn is_working_day(&self, date: Date) -> bool {
        self.off_day(date).is_none()
    }

    /// Why nothing expires on a day; none for a working day.
    #[must_use]
    pub(crate) fn off_day(&self, date: Date) -> Option<OffDay> {
        if self.holidays.contains(date) {
            return Some(OffDay::Holiday);
        }
        match date.weekday() {
            Weekday::Saturday => Some(OffDay::Saturday),
            Weekday::Sunday => Some(OffDay::Sunday),
            Weekday::Monday
            | Weekday::Tuesday
            | Weekday::Wednesday
            | Weekday::Thursday
            | Weekday::Friday => None,
        }
    }

    /// `date` if it is a working day, else the nearest one in that direction.
    fn working_day(&self, mut date: Date, direction: Direction) -> Result<Date, OutOfReach> {
        while !self.is_working_day(date) {
            date = direction.next(date)?;
        }
        Ok(date)
    }

    /// The `count`-th working day from `date`, which itself is not counted.
    fn step(&self, mut date: Date, count: u16, to: Direction) -> Result<Date, OutOfReach> {
        for _ in 0..count {
            date = self.working_day(to.next(date)?, to)?;
        }
        Ok(date)
    }

    /// The very last dates end after the last instant there is, which is taken instead: a clock
    /// that cannot be set would hold up everything else of its ticket.
    fn instant(&self, date: Date, time: Time) -> Timestamp {
        let civil = date.to_datetime(time);
        self.zone.to_ambiguous_timestamp(civil).compatible().unwrap_or_else(|_| last_instant())
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Back,
}

impl Direction {
    fn next(self, date: Date) -> Result<Date, OutOfReach> {
        match self {
            Self::Forward => date.tomorrow(),
            Self::Back => date.yesterday(),
        }
        .map_err(|_| OutOfReach)
    }
}
