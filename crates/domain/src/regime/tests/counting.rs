//! Deadlines of regimes: known days, and properties that hold for all days.
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

use super::*;
use crate::calendar::OffDay;

fn with(base: Period, change: impl FnOnce(&mut Draft)) -> Regime {
    let mut draft = Draft { extension: None, ..financial() };
    draft.base.period = base;
    change(&mut draft);
    regime(draft)
}

fn days(base: Period, received: &str) -> (Date, Date) {
    let regime = with(base, |_| {});
    let due = regime.due(&Counting::from_receipt(at(received)), Dispatch::Electronic).unwrap();
    (due.last_day, due.safe_day)
}

#[test]
fn known_complaints_end_on_known_days() {
    use Period::{BusinessDays, CalendarDays, Months};
    let cases = [
        (CalendarDays(14), "2026-06-13T09:00:00Z", (date(2026, 6, 29), date(2026, 6, 26))),
        (CalendarDays(14), "2026-03-23T08:00:00Z", (date(2026, 4, 7), date(2026, 4, 3))),
        (CalendarDays(14), "2025-12-10T17:00:00Z", (date(2025, 12, 29), date(2025, 12, 23))),
        (CalendarDays(14), "2026-06-30T22:30:00Z", (date(2026, 7, 15), date(2026, 7, 15))),
        (CalendarDays(14), "2026-10-14T21:59:30Z", (date(2026, 10, 28), date(2026, 10, 28))),
        (CalendarDays(30), "2026-10-02T08:00:00Z", (date(2026, 11, 2), date(2026, 10, 30))),
        (CalendarDays(30), "2026-07-16T07:00:00Z", (date(2026, 8, 17), date(2026, 8, 14))),
        (BusinessDays(15), "2025-12-15T11:00:00Z", (date(2026, 1, 12), date(2026, 1, 12))),
        (BusinessDays(7), "2026-04-28T07:00:00Z", (date(2026, 5, 8), date(2026, 5, 8))),
        (Months(1), "2026-01-31T07:00:00Z", (date(2026, 3, 2), date(2026, 2, 27))),
        // Leap years have a 29 February, other years the 28th.
        (Months(1), "2024-01-30T07:00:00Z", (date(2024, 2, 29), date(2024, 2, 29))),
        (Months(1), "2027-01-29T07:00:00Z", (date(2027, 3, 1), date(2027, 2, 26))),
        (Months(3), "2026-11-30T07:00:00Z", (date(2027, 3, 1), date(2027, 2, 26))),
        (Months(12), "2024-02-29T07:00:00Z", (date(2025, 2, 28), date(2025, 2, 28))),
    ];
    for (base, received, expected) in cases {
        assert_eq!(days(base, received), expected, "{base:?} from {received}");
    }
}

#[test]
fn christmas_eve_is_a_holiday_since_2025() {
    let fortnight = Period::CalendarDays(14);
    // A Tuesday that was a working day, and the Wednesday of the next year that is none.
    assert_eq!(days(fortnight, "2024-12-10T12:00:00Z").0, date(2024, 12, 24));
    assert_eq!(days(fortnight, "2025-12-10T12:00:00Z").0, date(2025, 12, 29));
    assert_eq!(days(fortnight, "2026-12-10T12:00:00Z").0, date(2026, 12, 28));
    assert_eq!(days(Period::BusinessDays(1), "2024-12-23T12:00:00Z").0, date(2024, 12, 24));
    assert_eq!(days(Period::BusinessDays(1), "2025-12-23T12:00:00Z").0, date(2025, 12, 29));
}

#[test]
fn an_extension_counts_from_receipt_and_begins_before_the_base_time_ends() {
    let regime = regime(financial());
    let counting = Counting::from_receipt(at("2026-10-02T08:00:00Z"));
    let extended = regime.extended_due(&counting, Dispatch::Electronic).unwrap().unwrap();
    assert_eq!(extended.last_day, date(2026, 12, 1));
    let due = regime.due(&counting, Dispatch::Electronic).unwrap().due_at;
    assert!(regime.extends(&counting, due));
    assert!(!regime.extends(&counting, due.checked_add(1.millisecond()).unwrap()));
    let never = with(Period::CalendarDays(14), |_| {});
    assert_eq!(never.extended_due(&counting, Dispatch::Electronic), Ok(None));
    assert!(!never.extends(&counting, counting.received_at));
}

#[test]
fn paper_leaves_three_working_days_earlier() {
    let regime = with(Period::CalendarDays(14), |_| {});
    let counting = Counting::from_receipt(at("2026-03-23T08:00:00Z"));
    let due = |dispatch| regime.due(&counting, dispatch).unwrap();
    let (mail, post) = (due(Dispatch::Electronic), due(Dispatch::Paper));
    assert_eq!(mail.due_at, post.due_at);
    assert_eq!((mail.safe_day, post.safe_day), (date(2026, 4, 3), date(2026, 3, 31)));
    assert_eq!(post.safe_due_at, at("2026-03-31T15:00:00Z"));
}

#[test]
fn a_cautious_house_does_not_roll_forward() {
    let strict = with(Period::CalendarDays(14), |draft| draft.roll_forward = false);
    let counting = Counting::from_receipt(at("2026-03-23T08:00:00Z"));
    let due = strict.due(&counting, Dispatch::Electronic).unwrap();
    assert_eq!(due.last_day, date(2026, 4, 6));
}

#[test]
fn a_term_counts_from_what_it_says() {
    let received_at = at("2026-06-10T08:00:00Z");
    let item = with(Period::CalendarDays(14), |d| d.base.from = CountsFrom::ItemDelivered);
    let mut counting = Counting::from_receipt(received_at);
    let last = |regime: &Regime, counting: &Counting| {
        regime.due(counting, Dispatch::Electronic).map(|due| due.last_day)
    };
    assert_eq!(last(&item, &counting), Err(Missing::Start));
    counting.item_delivered_at = Some(at("2026-06-15T08:00:00Z"));
    assert_eq!(last(&item, &counting), Ok(date(2026, 6, 29)));
    let filed = with(Period::CalendarDays(14), |d| d.base.from = CountsFrom::Filed);
    assert_eq!(last(&filed, &counting), Ok(date(2026, 6, 24)));
    counting.filed_at = Some(at("2026-06-08T08:00:00Z"));
    assert_eq!(last(&filed, &counting), Ok(date(2026, 6, 22)));
}

#[test]
fn a_supplement_keeps_restarts_or_suspends_the_time() {
    let (received, asked, supplied) =
        (at("2026-06-01T08:00:00Z"), at("2026-06-03T08:00:00Z"), at("2026-06-08T20:00:00Z"));
    let last = |effect| {
        let incomplete = Incomplete {
            supplement: Period::CalendarDays(7),
            effect,
            failure: SupplementFailure::LeftUnexamined,
        };
        let regime = with(Period::CalendarDays(14), |d| d.incomplete = Some(incomplete));
        let counting = Counting::from_receipt(received);
        assert_eq!(regime.supplement_due(asked).unwrap().unwrap().last_day, date(2026, 6, 10));
        // Five midnights lie between the question and the answer.
        let changes = Changes { supplied_at: Some(supplied), waited_days: 5, ..Changes::default() };
        regime.due_after(&counting, Dispatch::Electronic, &changes).unwrap().last_day
    };
    assert_eq!(last(IncompleteEffect::KeepOriginalDate), date(2026, 6, 15));
    assert_eq!(last(IncompleteEffect::Restart), date(2026, 6, 22));
    // Five days stood still: 15 + 5 is a Saturday.
    assert_eq!(last(IncompleteEffect::Suspend), date(2026, 6, 22));
}

#[test]
fn a_notice_in_time_gives_the_whole_time_and_its_day_stays_the_safe_one() {
    let total = Period::CalendarDays(60);
    let regime = with(Period::CalendarDays(30), |d| {
        d.extension = Some(Extension { total: Some(total), require: vec![NoticeContent::NewDate] });
    });
    let counting = Counting::from_receipt(at("2026-10-02T08:00:00Z"));
    let base = regime.due(&counting, Dispatch::Electronic).unwrap();
    let due = |last_day, told_at| {
        let extension = Some(Notice { last_day, told_at });
        let changes = Changes { extension, ..Changes::default() };
        regime.due_after(&counting, Dispatch::Electronic, &changes).unwrap()
    };
    let whole = due(date(2026, 12, 1), base.due_at);
    assert_eq!((whole.last_day, whole.safe_day), (date(2026, 12, 1), date(2026, 12, 1)));
    let earlier = due(date(2026, 11, 20), base.due_at);
    assert_eq!((earlier.last_day, earlier.safe_day), (date(2026, 12, 1), date(2026, 11, 20)));
    assert_eq!(due(date(2026, 12, 1), base.due_at.checked_add(1.millisecond()).unwrap()), base);
    assert_eq!(due(base.last_day, counting.received_at), base);
    let by_notice = with(Period::Months(1), |d| {
        d.extension = Some(Extension { total: None, require: vec![NoticeContent::NewDate] });
    });
    let extension = Some(Notice { last_day: date(2026, 11, 21), told_at: counting.received_at });
    let changes = Changes { extension, ..Changes::default() };
    let due = by_notice.due_after(&counting, Dispatch::Electronic, &changes).unwrap();
    // A Saturday that somebody has named stays one; the answer leaves on Friday.
    assert_eq!((due.last_day, due.safe_day), (date(2026, 11, 21), date(2026, 11, 20)));
}

#[test]
fn an_end_moves_on_for_a_reason() {
    let regime = with(Period::CalendarDays(14), |_| {});
    assert_eq!(regime.rolls_for(date(2026, 6, 27)), Some(OffDay::Saturday));
    assert_eq!(regime.rolls_for(date(2026, 6, 28)), Some(OffDay::Sunday));
    // All Saints of 2026 is a Sunday, and a holiday in the first place.
    assert_eq!(regime.rolls_for(date(2026, 11, 1)), Some(OffDay::Holiday));
    assert_eq!(regime.rolls_for(date(2026, 6, 29)), None);
    let strict = with(Period::CalendarDays(14), |draft| draft.roll_forward = false);
    assert_eq!(strict.rolls_for(date(2026, 6, 27)), None);
}

#[test]
fn confirmations_and_appeals_have_their_own_days() {
    let regime = with(Period::CalendarDays(30), |d| {
        d.ack = Some(Ack { period: Period::CalendarDays(14), durable: true });
        d.filing_window = Some(Period::Months(6));
        d.appeal = Appeal {
            allowed: true,
            window: Some(Period::CalendarDays(30)),
            base: Some(Period::CalendarDays(14)),
            silence: None,
        };
    });
    let from = at("2026-06-01T08:00:00Z");
    let day = |due: Result<Option<crate::calendar::StatutoryDue>, Missing>| {
        due.unwrap().unwrap().last_day
    };
    assert_eq!(day(regime.ack_due(from)), date(2026, 6, 15));
    assert_eq!(day(regime.filing_until(from)), date(2026, 12, 1));
    assert_eq!(day(regime.appeal_until(from)), date(2026, 7, 1));
    let appeal = |dispatch| regime.appeal_due(from, dispatch);
    assert_eq!(day(appeal(Dispatch::Electronic)), date(2026, 6, 15));
    let safe = |dispatch| appeal(dispatch).unwrap().unwrap().safe_day;
    assert_eq!(safe(Dispatch::Electronic), date(2026, 6, 15));
    // Three working days earlier: the twelfth, the eleventh, the tenth.
    assert_eq!(safe(Dispatch::Paper), date(2026, 6, 10));
    let silent = with(Period::CalendarDays(30), |_| {});
    assert_eq!(silent.ack_due(from), Ok(None));
    assert_eq!(silent.appeal_until(from), Ok(None));
}

#[test]
fn of_several_regimes_the_earliest_is_due() {
    let regimes = [financial(), payment(), house()].map(|draft| Arc::new(regime(draft)));
    let counting = Counting::from_receipt(at("2026-06-01T08:00:00Z"));
    let (first, due) = earliest(&regimes, &counting, Dispatch::Electronic).unwrap();
    // The house's own seven business days would be earlier; they are no law.
    assert_eq!(first.code(), "PL_PAYMENT_SERVICES");
    assert_eq!(due.last_day, date(2026, 6, 23));
    assert_eq!(earliest(&regimes[2..], &counting, Dispatch::Electronic), None);
}

fn works(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        && !HolidaySet::polish().in_year(day.year()).contains(&day)
}

fn any_period() -> impl Strategy<Value = Period> {
    prop_oneof![
        (1..=120u16).prop_map(Period::CalendarDays),
        (1..=40u16).prop_map(Period::BusinessDays),
        (1..=12u16).prop_map(Period::Months),
    ]
}

/// Instants of the years 2015 to 2040.
fn any_instant() -> impl Strategy<Value = Timestamp> {
    (1_420_070_400..2_208_988_800i64).prop_map(|s| Timestamp::from_second(s).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_deadline_is_a_working_day_and_moved_only_over_days_off(
        base in any_period(), received in any_instant(),
    ) {
        let regime = with(base, |_| {});
        let counting = Counting::from_receipt(received);
        let due = regime.due(&counting, Dispatch::Electronic).unwrap();
        prop_assert!(works(due.last_day) && due.last_day >= due.unrolled);
        let mut day = due.unrolled;
        while day < due.last_day {
            prop_assert!(!works(day));
            day = day.tomorrow().unwrap();
        }
        let local = regime.local_day(due.due_at);
        prop_assert_eq!(local, due.last_day);
        prop_assert_eq!(regime.local_day(due.due_at.checked_add(1.millisecond()).unwrap()), local.tomorrow().unwrap());
        prop_assert!(works(due.safe_day) && due.safe_day <= due.unrolled);
        prop_assert!(due.safe_due_at < due.due_at);
        let post = regime.due(&counting, Dispatch::Paper).unwrap();
        prop_assert!(post.due_at == due.due_at && post.safe_due_at < due.safe_due_at);
    }

    #[test]
    fn days_and_months_are_counted_on_the_calendar(
        base in any_period(), received in any_instant(),
    ) {
        let regime = with(base, |_| {});
        let due = regime.due(&Counting::from_receipt(received), Dispatch::Electronic).unwrap();
        let first = due.received_on;
        match base {
            Period::CalendarDays(n) => {
                prop_assert_eq!(first.checked_add(i64::from(n).days()).unwrap(), due.unrolled);
            }
            Period::BusinessDays(n) => {
                let after = first.tomorrow().unwrap().series(1.day());
                let counted = after.take_while(|day| *day <= due.last_day).filter(|d| works(*d));
                prop_assert_eq!(counted.count(), usize::from(n));
            }
            Period::Months(n) => {
                let months = i32::from(first.year()) * 12 + i32::from(first.month()) - 1 + i32::from(n);
                prop_assert_eq!(i32::from(due.unrolled.year()), months / 12);
                prop_assert_eq!(i32::from(due.unrolled.month()), months % 12 + 1);
                prop_assert_eq!(due.unrolled.day(), first.day().min(due.unrolled.days_in_month()));
            }
        }
    }

    #[test]
    fn who_complains_later_is_never_answered_earlier(
        base in any_period(), received in any_instant(), later in 0..10_000_000i64,
    ) {
        let regime = with(base, |_| {});
        let due = |at| regime.due(&Counting::from_receipt(at), Dispatch::Electronic).unwrap();
        let (first, second) = (due(received), due(received.checked_add(later.seconds()).unwrap()));
        prop_assert!(first.due_at <= second.due_at && first.safe_due_at <= second.safe_due_at);
    }

    #[test]
    fn exactly_one_version_answers_for_each_day(
        days in proptest::collection::vec(0..4_000i32, 1..6), received in any_instant(),
    ) {
        let from = |offset: &i32| date(2016, 1, 1).checked_add(offset.days()).unwrap();
        let drafts = (1..).zip(&days).map(|(version, offset)| Draft {
            version,
            valid_from: from(offset),
            ..consumer()
        });
        let regimes = known(drafts);
        let found = regimes.applying(&matter("GOODS", "", ConsumerStatus::Consumer), received);
        let day = regime(consumer()).local_day(received);
        let expected = (1..).zip(&days).filter(|(_, offset)| from(offset) <= day);
        let expected = expected.max_by_key(|(_, offset)| **offset).map(|(version, _)| version);
        prop_assert_eq!(found.first().map(|regime| regime.version()), expected);
        prop_assert!(found.len() < 2);
    }
}
