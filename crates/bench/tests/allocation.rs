//! Once a calendar is prepared, the questions that clocks ask of it allocate nothing.
#![allow(clippy::unwrap_used)]
use std::hint::black_box;
use std::time::Duration;

use allocation_counter::measure;
use domain::calendar::{Calendar, Draft, HolidaySet, PreparedCalendar};
use jiff::{SignedDuration, Timestamp};

#[test]
fn business_time_allocates_nothing() {
    let mut draft = Draft {
        id: "TWO".to_owned(),
        version: 1,
        zone: "Europe/Warsaw".to_owned(),
        holidays: Some(HolidaySet::polish()),
        ..Draft::default()
    };
    draft.week[..5].fill(vec![(540, 780), (840, 1_080)]);
    let calendar = PreparedCalendar::new(Calendar::new(draft).unwrap(), 2025..=2028);
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut counted = Duration::ZERO;
    let info = measure(|| {
        for day in 0..365 {
            let from = first + SignedDuration::from_hours(24 * day);
            let due = calendar.add(black_box(from), Duration::from_secs(36_000)).unwrap();
            counted += calendar.elapsed(from, black_box(due));
        }
    });
    assert_eq!(counted, Duration::from_secs(365 * 36_000));
    assert_eq!(info.count_total, 0, "{info:?}");
}
