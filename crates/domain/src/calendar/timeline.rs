//! A period with its open intervals, laid out for binary search. All times are in milliseconds
//! since 1970.
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

use super::Calendar;

/// An interval runs up to 48 hours past the midnight of its day; zones are up to 26
/// hours from UTC, and one has skipped a whole day.
const DAYS_BEFORE: i64 = 5;
const DAYS_AFTER: i64 = 2;

/// One open interval `[start, end)`.
#[derive(Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
    /// Open time of all earlier spans.
    before: i64,
}

/// The open intervals of `[from, until)`: in order, apart from each other, cut at
/// both ends.
pub(super) struct Timeline {
    from: i64,
    until: i64,
    spans: Vec<Span>,
}

impl Timeline {
    /// Lays out `[from, until)` of a calendar that has hours.
    pub(super) fn new(calendar: &Calendar, from: i64, until: i64) -> Self {
        let mut raw = Vec::new();
        let last = utc_date(until).saturating_add(DAYS_AFTER.days());
        let mut date = utc_date(from).saturating_sub(DAYS_BEFORE.days());
        loop {
            for hours in calendar.hours_on(date) {
                let start = instant(calendar, date, hours.open());
                let end = instant(calendar, date, hours.close());
                if let (Some(start), Some(end)) = (start, end) {
                    raw.push((start.max(from), end.min(until)));
                }
            }
            match date.tomorrow() {
                Ok(next) if next <= last => date = next,
                _ => break,
            }
        }
        // A clock change can bring intervals of one day out of order, or swallow one.
        raw.retain(|(start, end)| start < end);
        raw.sort_unstable();
        let mut spans: Vec<Span> = Vec::with_capacity(raw.len());
        for (start, end) in raw {
            match spans.last_mut() {
                Some(span) if start <= span.end => span.end = span.end.max(end),
                last => {
                    let before = last.map_or(0, |span| span.before + span.end - span.start);
                    spans.push(Span { start, end, before });
                }
            }
        }
        Self { from, until, spans }
    }

    /// First instant it does not know.
    pub(super) fn until(&self) -> i64 {
        self.until
    }

    /// True if `[from, at)` lies within it.
    pub(super) fn reaches(&self, at: i64) -> bool {
        (self.from..=self.until).contains(&at)
    }

    /// Open time of the whole.
    pub(super) fn total(&self) -> i64 {
        self.open_before(self.until)
    }

    /// Open time of `[from, at)`.
    pub(super) fn open_before(&self, at: i64) -> i64 {
        match self.spans.partition_point(|span| span.start < at) {
            0 => 0,
            n => {
                let span = self.spans[n - 1];
                span.before + at.min(span.end) - span.start
            }
        }
    }

    /// The first instant before which `open` is open; `open` is positive and at most
    /// the total.
    pub(super) fn instant_of(&self, open: i64) -> i64 {
        let n = self.spans.partition_point(|s| s.before + (s.end - s.start) < open);
        let span = self.spans[n];
        span.start + (open - span.before)
    }
}

/// Milliseconds since 1970, rounded down.
pub(super) fn millis(at: Timestamp) -> i64 {
    let millis = at.as_millisecond();
    if at.subsec_nanosecond() % 1_000_000 < 0 { millis - 1 } else { millis }
}

/// The instant of a local minute: later if skipped, the first one if repeated.
fn instant(calendar: &Calendar, date: Date, minute: u16) -> Option<i64> {
    let (days, rest) = (minute / 1440, minute % 1440);
    let (hour, minute) = (i8::try_from(rest / 60).ok()?, i8::try_from(rest % 60).ok()?);
    let civil = date.checked_add(i64::from(days).days()).ok()?.at(hour, minute, 0, 0);
    calendar.zone().to_ambiguous_timestamp(civil).compatible().ok().map(millis)
}

fn utc_date(at: i64) -> Date {
    match Timestamp::from_millisecond(at) {
        Ok(at) => Offset::UTC.to_datetime(at).date(),
        Err(_) if at < 0 => Date::MIN,
        Err(_) => Date::MAX,
    }
}
