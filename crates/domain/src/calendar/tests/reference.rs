//! `add` and `elapsed` against a reference that asks every minute by itself, written from
//! the rules alone: it shares no code with the calendar but the set of holidays.
use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::*;

const MINUTE_MS: i64 = 60_000;

/// A draft and the stretches in which it is open, around some instants.
struct Reference {
    spans: Vec<(i64, i64)>,
}

impl Reference {
    /// From five days before `from` to `days` days after it.
    fn new(draft: &Draft, from: Timestamp, days: i64) -> Self {
        let zone = TimeZone::get(&draft.zone).unwrap();
        let mut date = Offset::UTC.to_datetime(from).date().saturating_sub(5.days());
        let mut spans = Vec::new();
        for _ in 0..days + 7 {
            for (open, close) in hours_of(draft, date) {
                spans.push((civil(&zone, date, open), civil(&zone, date, close)));
            }
            date = date.tomorrow().unwrap();
        }
        Self { spans }
    }

    fn is_open(&self, at: i64) -> bool {
        self.spans.iter().any(|(start, end)| (*start..*end).contains(&at))
    }

    fn elapsed(&self, from: i64, until: i64) -> i64 {
        let minutes = (from..until).step_by(60_000);
        MINUTE_MS * i64::try_from(minutes.filter(|at| self.is_open(*at)).count()).unwrap()
    }

    /// The end of the minute with which so many minutes are open; none before `until`.
    fn add(&self, from: i64, minutes: i64, until: i64) -> Option<i64> {
        let mut open = (from..until).step_by(60_000).filter(|at| self.is_open(*at));
        open.nth(usize::try_from(minutes - 1).unwrap()).map(|at| at + MINUTE_MS)
    }
}

fn hours_of(draft: &Draft, date: Date) -> Vec<(u16, u16)> {
    let holiday = draft.holidays.as_ref().is_some_and(|set| set.contains(date));
    match draft.exceptions.get(&date) {
        Some(hours) => hours.clone(),
        None if holiday => Vec::new(),
        None => {
            draft.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())].clone()
        }
    }
}

/// The instant of a local minute: the first of two, and later by the gap if there is none.
/// The zone changes its offset at most once in the two days around.
fn civil(zone: &TimeZone, date: Date, minute: u16) -> i64 {
    let local = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap().as_millisecond()
        + i64::from(minute) * MINUTE_MS;
    let offset_at = |at: i64| {
        let at = Timestamp::from_millisecond(at).unwrap();
        i64::from(zone.to_offset(at).seconds()) * 1_000
    };
    let day = 86_400_000;
    let (before, after) = (offset_at(local - day), offset_at(local + day));
    let fits = |offset: i64| offset_at(local - offset) == offset;
    let fitting = [before, after].into_iter().filter(|offset| fits(*offset));
    // In a gap neither fits, and the offset before it moves the instant on by the gap.
    fitting.map(|offset| local - offset).min().unwrap_or(local - before)
}

/// Hours of a day: up to four intervals, of which the last may run into the next days.
fn any_hours() -> impl Strategy<Value = Vec<(u16, u16)>> {
    let cuts = proptest::collection::btree_set(0u16..1440, 0..8);
    (cuts, 1u16..1440).prop_map(|(cuts, long)| {
        let cuts: Vec<u16> = cuts.into_iter().collect();
        let mut day: Vec<_> = cuts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        if let [open] = cuts.chunks_exact(2).remainder() {
            day.push((*open, open + long));
        }
        day
    })
}

/// Days around which calendars go wrong: clock changes of both hemispheres, ends of months
/// and years, leap days, Easter, and the 24 December before and since it is a holiday.
const DAYS: [(i16, i8, i8); 16] = [
    (2024, 2, 29),
    (2024, 3, 31),
    (2024, 12, 24),
    (2025, 3, 9),
    (2025, 10, 26),
    (2025, 12, 24),
    (2026, 1, 31),
    (2026, 3, 29),
    (2026, 4, 5),
    (2026, 10, 25),
    (2026, 12, 31),
    (2027, 3, 28),
    (2027, 11, 7),
    (2028, 2, 29),
    (2028, 4, 16),
    (2031, 10, 5),
];

const ZONES: [&str; 9] = [
    "Europe/Warsaw",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Santiago",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "Africa/Cairo",
    "Asia/Tokyo",
];

fn any_day_of_year() -> impl Strategy<Value = Date> {
    let special = proptest::sample::select(DAYS.to_vec()).prop_map(|(y, m, d)| date(y, m, d));
    let any = (0..2_900i32).prop_map(|days| date(2024, 1, 1).saturating_add(days.days()));
    prop_oneof![3 => special, 1 => any]
}

prop_compose! {
    /// A draft and an instant in a whole minute near a day that is odd for it.
    fn any_case()(
        zone in proptest::sample::select(ZONES.to_vec()),
        mut week in proptest::array::uniform7(any_hours()),
        polish in any::<bool>(),
        day in any_day_of_year(),
        exceptions in proptest::collection::vec((-4..12i32, any_hours()), 0..4),
        minute in -4_320..2_880i64,
    ) -> (Draft, Timestamp) {
        if week.iter().all(Vec::is_empty) {
            week[3] = vec![(1_320, 1_800)];
        }
        let exceptions: BTreeMap<Date, _> = exceptions
            .into_iter()
            .map(|(days, hours)| (day.saturating_add(days.days()), hours))
            .collect();
        let holidays = polish.then(HolidaySet::polish);
        let draft = Draft { zone: zone.into(), week, holidays, exceptions, ..draft() };
        let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap();
        (draft, midnight.checked_add(minute.minutes()).unwrap())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn every_minute_asked_by_itself_says_the_same(
        (draft, from) in any_case(), minutes in 1..6_000i64, until in 1..14_000i64,
    ) {
        let reference = Reference::new(&draft, from, 11);
        let year = Offset::UTC.to_datetime(from).year();
        let calendar = Calendar::new(draft).unwrap();
        let prepared = PreparedCalendar::new(calendar.clone(), year - 1..=year + 1);
        // What is not laid out beforehand is computed, with the same answers.
        let distant = PreparedCalendar::new(calendar, 1990..=1990);
        let (start, end) = (from.as_millisecond(), from.as_millisecond() + until * MINUTE_MS);
        let until = Timestamp::from_millisecond(end).unwrap();
        let expected = Duration::from_millis(reference.elapsed(start, end).unsigned_abs());
        let target = Duration::from_secs(60 * minutes.unsigned_abs());
        let due = reference.add(start, minutes, end);
        for calendar in [prepared, distant] {
            prop_assert_eq!(calendar.elapsed(from, until), expected);
            let added = calendar.add(from, target).map(Timestamp::as_millisecond);
            match due {
                Some(due) => prop_assert_eq!(added, Ok(due)),
                None => prop_assert!(added.is_err() || added.is_ok_and(|at| at > end)),
            }
        }
    }
}

#[test]
fn the_24_december_is_a_holiday_since_2025() {
    let office = prepared(Draft { holidays: Some(HolidaySet::polish()), ..draft() });
    // Monday the 23rd, 16:00: an hour that day, seven on the 24th, which was worked.
    assert_eq!(office.add(at("2024-12-23T15:00:00Z"), hours(8)), Ok(at("2024-12-24T15:00:00Z")));
    // Tuesday the 23rd: an hour, then nothing until Monday the 29th.
    assert_eq!(office.add(at("2025-12-23T15:00:00Z"), hours(8)), Ok(at("2025-12-29T15:00:00Z")));
}
