//! A year of business time, and three ways to add to it.
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use domain::calendar::{Calendar, Draft, HolidaySet, PreparedCalendar};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

const MINUTE_MS: i64 = 60_000;

/// Monday to Friday 9 to 13 and 14 to 18, Saturday 10 to 14, Polish holidays, in Warsaw.
pub(super) struct Year {
    calendar: PreparedCalendar,
    /// What the scan looks at: the open intervals from the beginning of the year on.
    spans: Vec<(i64, i64)>,
    /// What the minutes are looked up in: whether each is open.
    zone: TimeZone,
    rules: Calendar,
    first: Timestamp,
}

impl Year {
    pub(super) fn new() -> Result<Self> {
        let mut draft = Draft {
            id: "BENCH".to_owned(),
            version: 1,
            zone: "Europe/Warsaw".to_owned(),
            holidays: Some(HolidaySet::polish()),
            ..Draft::default()
        };
        draft.week[..5].fill(vec![(540, 780), (840, 1_080)]);
        draft.week[5] = vec![(600, 840)];
        let rules = Calendar::new(draft).context("a calendar")?;
        let first: Timestamp = "2026-01-01T00:00:00Z".parse().context("an instant")?;
        let zone = rules.zone().clone();
        let mut spans = Vec::new();
        let mut day = first.to_zoned(zone.clone()).date();
        for _ in 0..800 {
            for hours in rules.hours_on(day) {
                let start = day.at(0, 0, 0, 0).to_zoned(zone.clone()).context("a midnight")?;
                spans.push((minute(&start, hours.open())?, minute(&start, hours.close())?));
            }
            day = day.tomorrow().context("a day")?;
        }
        let calendar = PreparedCalendar::new(rules.clone(), 2025..=2028);
        Ok(Self { calendar, spans, zone, rules, first })
    }

    /// All three ways say the same.
    pub(super) fn agree(&self) -> Result<()> {
        for n in 0..1_000 {
            ensure!(self.add_by_intervals(n) == self.add(n), "the scan of intervals, case {n}");
        }
        for n in 0..8 {
            ensure!(self.add_by_minutes(n) == self.add(n), "the minutes, case {n}");
        }
        Ok(())
    }

    /// Starts all over the year, in whole minutes, and targets of a minute to a working year.
    fn case(&self, n: u32) -> (Timestamp, u64) {
        let start = i64::from(n.wrapping_mul(2_654_435_761) % 525_600) * MINUTE_MS;
        let minutes = u64::from(n.wrapping_mul(40_503) % 120_000) + 1;
        (self.first + SignedDuration::from_millis(start), minutes)
    }

    pub(super) fn add(&self, n: u32) -> i64 {
        let (from, minutes) = self.case(n);
        let due = self.calendar.add(from, Duration::from_secs(minutes * 60));
        due.map_or(0, Timestamp::as_millisecond)
    }

    /// As one would write it: the intervals in turn, until the target is used up.
    pub(super) fn add_by_intervals(&self, n: u32) -> i64 {
        let (from, minutes) = self.case(n);
        let from = from.as_millisecond();
        let mut left = i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(MINUTE_MS);
        for (start, end) in self.spans.iter().filter(|(_, end)| *end > from) {
            let start = (*start).max(from);
            if end - start >= left {
                return start + left;
            }
            left -= end - start;
        }
        0
    }

    /// As one would check it: every minute asked by itself.
    pub(super) fn add_by_minutes(&self, n: u32) -> i64 {
        let (from, mut left) = self.case(n);
        let mut at = from;
        while left > 0 {
            if self.is_open(at) {
                left -= 1;
            }
            at += SignedDuration::from_millis(MINUTE_MS);
        }
        at.as_millisecond()
    }

    fn is_open(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone());
        let minute = u16::from(local.hour().unsigned_abs()) * 60;
        let minute = minute + u16::from(local.minute().unsigned_abs());
        let hours = self.rules.hours_on(local.date());
        hours.iter().any(|hours| (hours.open()..hours.close()).contains(&minute))
    }
}

/// The instant of a minute of that day; none of these hours falls into a clock change.
fn minute(midnight: &Zoned, minute: u16) -> Result<i64> {
    let (hour, minute) = (i8::try_from(minute / 60)?, i8::try_from(minute % 60)?);
    let local = midnight.date().at(hour, minute, 0, 0);
    let local = local.to_zoned(midnight.time_zone().clone()).context("a local time")?;
    Ok(local.timestamp().as_millisecond())
}
