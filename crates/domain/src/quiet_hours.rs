//! Quiet hours: hours in which a party wants no messages.
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Hours without messages; from before midnight to after it if `from` is later than `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// Their beginning.
    pub from: Time,
    /// Their end, not included.
    pub to: Time,
}

impl QuietHours {
    /// The end of the quiet hours that `at` is in, in local time of `zone`; `None` if it is in
    /// none. If a clock change skips the end, it is later by the length of the gap. If the end
    /// occurs twice, it is the first occurrence after `at`.
    #[must_use]
    pub fn end(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let now = at.to_zoned(zone.clone());
        let Self { from, to } = self;
        let time = now.time();
        let (quiet, days) = match from < to {
            true => (from <= time && time < to, 0),
            false => (from <= time || time < to, i64::from(from <= time)),
        };
        let day = now.date().checked_add(days.days()).ok().filter(|_| quiet)?;
        let end = zone.to_ambiguous_zoned(day.to_datetime(to));
        let ends = [end.clone().compatible(), end.later()];
        ends.into_iter().flatten().map(|end| end.timestamp()).find(|end| *end > at)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::time;

    use super::*;

    /// When the quiet hours end, in Warsaw; none outside of them.
    fn end((from, to): ((i8, i8), (i8, i8)), at: &str) -> Option<String> {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let quiet = QuietHours { from: time(from.0, from.1, 0, 0), to: time(to.0, to.1, 0, 0) };
        let at: Timestamp = at.parse().unwrap();
        quiet.end(at, &zone).map(|end| end.to_string())
    }

    #[track_caller]
    fn assert_ends(hours: ((i8, i8), (i8, i8)), at: &str, expected: &str) {
        assert_eq!(end(hours, at).as_deref(), Some(expected), "at {at}");
    }

    #[test]
    fn they_begin_with_their_first_instant_and_their_end_is_not_in_them() {
        let noon = ((12, 0), (14, 30));
        assert_eq!(end(noon, "2026-06-09T09:59:59.999Z"), None);
        assert_ends(noon, "2026-06-09T10:00:00Z", "2026-06-09T12:30:00Z");
        assert_ends(noon, "2026-06-09T12:29:59.999Z", "2026-06-09T12:30:00Z");
        assert_eq!(end(noon, "2026-06-09T12:30:00Z"), None);
    }

    #[test]
    fn over_midnight_they_end_on_the_next_day() {
        let night = ((21, 0), (8, 0));
        assert_eq!(end(night, "2026-06-09T18:59:59Z"), None);
        assert_ends(night, "2026-06-09T19:00:00Z", "2026-06-10T06:00:00Z");
        assert_ends(night, "2026-06-09T22:30:00Z", "2026-06-10T06:00:00Z");
        assert_ends(night, "2026-06-10T05:59:59Z", "2026-06-10T06:00:00Z");
        assert_eq!(end(night, "2026-06-10T06:00:00Z"), None);
    }

    #[test]
    fn in_the_nights_when_the_clocks_are_changed_they_go_by_the_clocks() {
        let night = ((21, 0), (8, 0));
        assert_ends(night, "2026-03-28T20:00:00Z", "2026-03-29T06:00:00Z");
        assert_ends(night, "2026-10-24T19:00:00Z", "2026-10-25T07:00:00Z");
        // An end that the clocks skip, and one that they strike twice.
        let early = ((22, 0), (2, 30));
        assert_ends(early, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z");
        assert_ends(early, "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z");
        assert_eq!(end(early, "2026-10-25T00:45:00Z"), None);
        assert_ends(early, "2026-10-25T01:15:00Z", "2026-10-25T01:30:00Z");
    }
}
