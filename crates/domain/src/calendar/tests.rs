//! Calendars: validation, clock changes, several intervals a day, and the laws that
//! `add` and `elapsed` keep.
mod reference;

use std::time::Duration;

use jiff::civil::{Weekday, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use super::*;

fn draft() -> Draft {
    let mut draft =
        Draft { id: "TEST".into(), version: 1, zone: "Europe/Warsaw".into(), ..Draft::default() };
    draft.week[..5].fill(vec![(540, 1020)]);
    draft
}

fn prepared(draft: Draft) -> PreparedCalendar {
    PreparedCalendar::new(Calendar::new(draft).unwrap(), 2024..=2028)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hours(n: u64) -> Duration {
    Duration::from_secs(n * 3600)
}

#[test]
fn a_calendar_that_makes_no_sense_is_refused() {
    let refused = |change: fn(&mut Draft)| {
        let mut draft = draft();
        change(&mut draft);
        Calendar::new(draft).unwrap_err()
    };
    assert_eq!(refused(|d| d.id = "a b".into()), CalendarError::Name);
    assert_eq!(refused(|d| d.version = 0), CalendarError::Version);
    let unknown = CalendarError::UnknownZone("Europe/Krakow".into());
    assert_eq!(refused(|d| d.zone = "Europe/Krakow".into()), unknown);
    assert_eq!(refused(|d| d.always = true), CalendarError::AlwaysWithHours);
    assert_eq!(refused(|d| d.week = Default::default()), CalendarError::EmptyWeek);
    let week = |day, e| CalendarError::Week(day, e);
    let (open, close) = (600, 600);
    assert_eq!(
        refused(|d| d.week[1] = vec![(600, 600)]),
        week(2, HoursError::Backwards { open, close })
    );
    let open = 1440;
    assert_eq!(
        refused(|d| d.week[6] = vec![(1440, 1500)]),
        week(7, HoursError::OpensLater { open })
    );
    let close = 2881;
    assert_eq!(
        refused(|d| d.week[0] = vec![(0, 2881)]),
        week(1, HoursError::ClosesTooLate { close })
    );
    let overlap = HoursError::Overlap { first: 540, second: 700 };
    assert_eq!(refused(|d| d.week[0] = vec![(700, 800), (540, 720)]), week(1, overlap.clone()));
    let day = date(2026, 5, 4);
    assert_eq!(
        refused(|d| drop(d.exceptions.insert(date(2026, 5, 4), vec![(700, 800), (540, 720)]))),
        CalendarError::Exception(day, overlap)
    );
}

#[test]
fn an_unknown_holiday_rule_is_refused() {
    let fixed = HolidayRule::Fixed { month: 2, day: 30, since: 1 };
    let error = HolidaySet::new("X", vec![fixed], []).unwrap_err();
    assert_eq!(error, HolidayError::NoSuchDay { month: 2, day: 30 });
    let far = HolidayRule::Easter { offset: 200, since: 1 };
    assert_eq!(HolidaySet::new("X", vec![far], []), Err(HolidayError::FarFromEaster(200)));
}

#[test]
fn easter_falls_on_known_days() {
    let known =
        [(1818, 3, 22), (1943, 4, 25), (1961, 4, 2), (2000, 4, 23), (2024, 3, 31), (2038, 4, 25)];
    for (year, month, day) in known {
        assert_eq!(easter(year), Some(date(year, month, day)));
    }
}

#[test]
fn an_exception_replaces_the_hours_of_its_date_even_on_a_holiday() {
    let mut draft = Draft { holidays: Some(HolidaySet::polish()), ..draft() };
    draft.exceptions.insert(date(2026, 5, 1), vec![(600, 660)]);
    draft.exceptions.insert(date(2026, 5, 4), vec![]);
    let calendar = prepared(draft);
    let (thursday, tuesday) = (at("2026-04-30T15:00:00Z"), at("2026-05-05T15:00:00Z"));
    assert_eq!(calendar.elapsed(thursday, tuesday), hours(9));
    assert_eq!(calendar.add(thursday, hours(1)), Ok(at("2026-05-01T09:00:00Z")));
}

#[test]
fn a_shift_begun_on_the_eve_runs_into_the_holiday() {
    let night = preset("PL_NIGHT_2206").unwrap();
    let night = PreparedCalendar::new(night, 2025..=2026);
    let holidays = (at("2025-12-23T23:00:00Z"), at("2025-12-27T00:00:00Z"));
    assert_eq!(night.elapsed(holidays.0, holidays.1), hours(6));
}

#[test]
fn touching_and_overlapping_shifts_count_once() {
    let mut draft = draft();
    draft.week = Default::default();
    // Around the clock on Monday, twice over in the night to Tuesday.
    draft.week[0] = vec![(0, 720), (720, 1800)];
    draft.week[1] = vec![(240, 480)];
    let calendar = prepared(draft);
    let (monday, wednesday) = (at("2026-06-07T22:00:00Z"), at("2026-06-09T22:00:00Z"));
    assert_eq!(calendar.elapsed(monday, wednesday), hours(32));
}

#[test]
fn an_interval_that_the_clocks_skip_does_not_exist() {
    let mut draft = draft();
    draft.week[6] = vec![(120, 150), (165, 180), (180, 240)];
    let calendar = prepared(draft);
    let (from, until) = (at("2026-03-28T22:00:00Z"), at("2026-03-29T22:00:00Z"));
    // 02:00-02:30 moves onto 03:00-03:30 and falls together with 03:00-04:00;
    // 02:45-03:00 would end before it begins.
    assert_eq!(calendar.elapsed(from, until), hours(1));
    let (from, until) = (at("2026-04-04T22:00:00Z"), at("2026-04-05T22:00:00Z"));
    assert_eq!(calendar.elapsed(from, until), Duration::from_secs(105 * 60));
}

#[test]
fn repeated_minutes_count_where_they_come_first_or_in_between() {
    let mut draft = draft();
    draft.week[6] = vec![(135, 165)];
    let (from, until) = (at("2026-10-24T20:00:00Z"), at("2026-10-25T20:00:00Z"));
    assert_eq!(prepared(draft.clone()).elapsed(from, until), Duration::from_secs(30 * 60));
    draft.week[6] = vec![(120, 180)];
    assert_eq!(prepared(draft).elapsed(from, until), hours(2));
}

#[test]
fn zones_with_odd_clocks_work() {
    // Half an hour of daylight saving; a day that the date line swallowed.
    let mut draft = Draft { zone: "Australia/Lord_Howe".into(), ..draft() };
    draft.week.fill(vec![(0, 1440)]);
    let howe = prepared(draft.clone());
    assert_eq!(howe.elapsed(at("2026-04-04T00:00:00Z"), at("2026-04-06T00:00:00Z")), hours(48));
    draft.zone = "Pacific/Apia".into();
    let apia = PreparedCalendar::new(Calendar::new(draft).unwrap(), 2011..=2012);
    assert_eq!(apia.elapsed(at("2011-12-28T00:00:00Z"), at("2012-01-03T00:00:00Z")), hours(144));
}

/// A minute a week.
fn rare() -> Draft {
    let mut week: [Vec<_>; 7] = Default::default();
    week[0] = vec![(0, 1)];
    Draft { week, ..draft() }
}

#[test]
fn a_target_nobody_reaches_is_an_error() {
    let (from, year) = (at("2026-01-01T00:00:00Z"), hours(24 * 365));
    assert_eq!(prepared(rare()).add(from, year), Err(OutOfReach));
    // A clock is due nevertheless.
    let last = from.checked_add(SignedDuration::from_hours(24 * 366 * 100)).unwrap();
    assert_eq!(prepared(rare()).due(from, year), last);
    let (late, end) = (at("9999-01-01T00:00:00Z"), at("9999-12-30T22:00:00Z"));
    assert_eq!(prepared(rare()).due(late, year), end);
    let always = PreparedCalendar::new(preset("ALWAYS").unwrap(), 2026..=2026);
    assert_eq!(always.add(from, Duration::MAX), Err(OutOfReach));
    assert_eq!(always.add(from, year), Ok(at("2027-01-01T00:00:00Z")));
}

#[test]
fn a_calendar_has_time_for_targets_of_five_years() {
    let longest = |draft| Calendar::new(draft).unwrap().longest_target();
    let (first, last) = (date(2026, 1, 1), date(2030, 12, 31));
    let mondays = first.series(1.day()).take_while(|day| *day <= last);
    let mondays = mondays.filter(|day| day.weekday() == Weekday::Monday).count();
    let minutes = |n: usize| Duration::from_secs(60 * u64::try_from(n).unwrap());
    assert_eq!(longest(rare()), minutes(mondays));
    // Easter Monday is one; the others are those that fall on it by their dates.
    assert!(
        longest(Draft { holidays: Some(HolidaySet::polish()), ..rare() }) < minutes(mondays - 4)
    );
    let mut open_once = rare();
    open_once.exceptions.insert(date(2026, 5, 5), vec![(0, 1440)]);
    assert_eq!(longest(open_once), minutes(mondays));
    // The longest target that a policy may have is one of every calendar of the product.
    assert!(presets().iter().all(|preset| preset.longest_target() >= hours(366 * 24)));
}

#[test]
fn years_before_and_after_the_prepared_ones_give_the_same_answers() {
    let calendar = Calendar::new(draft()).unwrap();
    let wide = PreparedCalendar::new(calendar.clone(), 2000..=2060);
    let (from, target) = (at("2022-02-02T10:00:00Z"), hours(8 * 260 * 5));
    let due = wide.add(from, target).unwrap();
    for years in [2024..=2025, 2010..=2011, 2050..=2051, 2022..=2022] {
        let narrow = PreparedCalendar::new(calendar.clone(), years);
        assert_eq!(narrow.add(from, target), Ok(due));
        assert_eq!(narrow.elapsed(from, due), target);
    }
}

#[test]
fn instants_count_in_whole_milliseconds() {
    let always = PreparedCalendar::new(preset("ALWAYS").unwrap(), 2026..=2026);
    let (from, until) = (at("2026-01-01T00:00:00.0019Z"), at("2026-01-01T00:00:00.0031Z"));
    assert_eq!(always.elapsed(from, until), Duration::from_millis(2));
    let (from, until) = (at("1969-12-31T23:59:59.9985Z"), at("1970-01-01T00:00:00Z"));
    assert_eq!(always.elapsed(from, until), Duration::from_millis(2));
}

#[test]
fn dunning_days_roll_to_working_days() {
    let rule = StatutoryRule::new(zone("Europe/Warsaw").unwrap(), HolidaySet::polish());
    let due = rule.due(at("2026-03-20T10:00:00Z"), Period::CalendarDays(30)).unwrap();
    assert_eq!((due.unrolled, due.last_day), (date(2026, 4, 19), date(2026, 4, 20)));
    let paper = StatutoryRule { lead_working_days: 3, ..rule.clone() };
    let due = paper.due(at("2026-03-23T08:00:00Z"), Period::CalendarDays(14)).unwrap();
    assert_eq!(due.safe_day, date(2026, 3, 31));
    assert_eq!(due.safe_due_at, at("2026-03-31T15:00:00Z"));
    let strict = StatutoryRule { roll_forward: false, ..rule };
    let due = strict.due(at("2026-03-23T08:00:00Z"), Period::CalendarDays(14)).unwrap();
    assert_eq!(due.last_day, date(2026, 4, 6));
}

/// Any day's hours: up to four intervals, the last of them possibly overnight.
fn any_day() -> impl Strategy<Value = Vec<(u16, u16)>> {
    (proptest::collection::btree_set(0..1440u16, 0..8), 1..=1440u16).prop_map(|(cuts, long)| {
        let cuts: Vec<u16> = cuts.into_iter().collect();
        let mut day: Vec<_> = cuts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        if let [open] = cuts.chunks_exact(2).remainder() {
            day.push((*open, open + long));
        }
        day
    })
}

fn any_calendar() -> impl Strategy<Value = Calendar> {
    let zones = ["Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
    let week = proptest::array::uniform7(any_day());
    (proptest::sample::select(zones.to_vec()), week, any::<bool>()).prop_map(
        |(zone, week, polish)| {
            let holidays = polish.then(HolidaySet::polish);
            let mut draft = Draft { zone: zone.into(), week, holidays, ..draft() };
            if draft.week.iter().all(Vec::is_empty) {
                draft.week[3] = vec![(600, 1800)];
            }
            Calendar::new(draft).unwrap()
        },
    )
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    // 2025 to 2028, to the millisecond.
    (1_735_689_600_000..1_861_920_000_000i64)
        .prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn add_and_elapsed_undo_each_other(
        calendar in any_calendar(), from in any_instant(),
        ms in 0..3_000_000_000u64, part in 0..=100u64,
    ) {
        let calendar = PreparedCalendar::new(calendar, 2026..=2027);
        let whole = Duration::from_millis(ms);
        if let Ok(due) = calendar.add(from, whole) {
            prop_assert_eq!(calendar.elapsed(from, due), whole);
            let first = Duration::from_millis(ms * part / 100);
            let between = calendar.add(from, first).unwrap();
            prop_assert_eq!(calendar.add(between, whole - first), Ok(due));
            // The smallest such instant: a moment earlier it was less.
            if ms > 0 {
                let earlier = due.checked_sub(SignedDuration::from_millis(1)).unwrap();
                prop_assert!(calendar.elapsed(from, earlier) < whole);
            }
        }
    }

    #[test]
    fn elapsed_adds_up_and_never_exceeds_real_time(
        calendar in any_calendar(), instants in proptest::array::uniform3(any_instant()),
    ) {
        let calendar = PreparedCalendar::new(calendar, 2025..=2029);
        let mut instants = instants;
        instants.sort();
        let [a, b, c] = instants;
        prop_assert_eq!(calendar.elapsed(a, b) + calendar.elapsed(b, c), calendar.elapsed(a, c));
        prop_assert!(calendar.elapsed(a, c) <= c.duration_since(a).unsigned_abs());
        prop_assert_eq!(calendar.elapsed(c, a), Duration::ZERO);
    }
}
