//! The explanations of clocks, word for word.
#![allow(clippy::unwrap_used)]
use super::*;
use wire::sla::v1 as sla;

fn at(text: &str) -> Option<prost_types::Timestamp> {
    Some(wire::scalar::timestamp(text.parse().unwrap()))
}

fn step(when: &str, elapsed_ms: i64, due: &str, event: Event) -> ClockStep {
    let due_at = if due.is_empty() { None } else { at(due) };
    let event = Some(sla::ClockEvent { event: Some(event) });
    ClockStep { at: at(when), elapsed_ms, due_at, event }
}

fn resolution() -> Clock {
    let due = "2026-06-02T08:00:00Z";
    let started = ClockStarted {
        target_s: 86_400,
        policy_id: "PL_STANDARD".into(),
        policy_version: 1,
        calendar_id: "PL_WORKDAY24".into(),
        calendar_version: 1,
        ..ClockStarted::default()
    };
    let paused = sla::ClockPaused { reason: "WAITING_CUSTOMER".into(), ..Default::default() };
    Clock {
        kind: ClockKind::Resolution.into(),
        state: ClockState::Paused.into(),
        cycle: 1,
        target_s: 86_400,
        policy_id: "PL_STANDARD".into(),
        policy_version: 1,
        calendar_id: "PL_WORKDAY24".into(),
        calendar_version: 1,
        started_at: at("2026-06-01T08:00:00Z"),
        elapsed_now_ms: 21_600_000,
        remaining_ms: 64_800_000,
        steps: vec![
            step("2026-06-01T08:00:00Z", 0, due, Event::ClockStarted(started)),
            step("2026-06-01T14:00:05Z", 21_605_000, "", Event::ClockPaused(paused)),
        ],
        ..Clock::default()
    }
}

#[test]
fn a_headline_says_how_a_clock_stands_and_why() {
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    assert_eq!(
        headline(&resolution(), &zone),
        "RESOLUTION: paused\n24 h of PL_WORKDAY24 v1 by PL_STANDARD v1: 6 h used, 18 h left"
    );
    let promise = Clock {
        kind: ClockKind::Promise.into(),
        state: ClockState::Running.into(),
        cycle: 2,
        promise_kind: wire::intake::v1::PromiseKind::Callback.into(),
        due_at: at("2026-06-02T08:00:00Z"),
        breached: true,
        elapsed_now_ms: 90_500,
        remaining_ms: -30_000,
        ..Clock::default()
    };
    assert_eq!(
        headline(&promise, &zone),
        "PROMISE, round 2: running, breached, due 2026-06-02 10:00:00\n\
         Promised to the customer (callback): 1 min 30 s used, 30 s over"
    );
}

#[test]
fn every_step_is_told_in_words_and_has_a_line_of_its_own() {
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    let clock = resolution();
    let told: Vec<_> = clock.steps.iter().map(|step| what(step, &zone)).collect();
    let started = "started: 24 h of PL_WORKDAY24 v1 by PL_STANDARD v1";
    assert_eq!(told, [started, "paused: waiting customer"]);
    assert_eq!(table(&clock, &zone).row_iter().count(), 2);
}

#[test]
fn a_new_target_and_a_forgiven_breach_say_why() {
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    let change = ClockRetargeted {
        old_target_s: 86_400,
        new_target_s: 14_400,
        granted_ms: 1_800_000,
        cause: sla::RetargetCause::Priority.into(),
        policy_id: "PL_STANDARD".into(),
        policy_version: 1,
        calendar_id: "ALWAYS".into(),
        calendar_version: 1,
        ..ClockRetargeted::default()
    };
    let voided = sla::BreachVoided {
        reason: sla::VoidReason::Excused.into(),
        voided_by: "sm-1".into(),
        note: "the provider was down".into(),
        ..sla::BreachVoided::default()
    };
    let told = [Event::ClockRetargeted(change), Event::BreachVoided(voided)]
        .map(|event| what(&step("2026-06-01T14:00:00Z", 0, "", event), &zone));
    assert_eq!(
        told,
        [
            "target 4 h instead of 24 h and 30 min granted (priority), \
             of ALWAYS v1 by PL_STANDARD v1",
            "breach does not count: excused, by sm-1: the provider was down",
        ]
    );
}

#[test]
fn spans_are_said_as_people_say_them() {
    let spans = [0, 7, 5_000, 300_000, 90_000, 3_600_000, 5_400_000, 3_601_000];
    let said =
        ["0 s", "7 ms", "5 s", "5 min", "1 min 30 s", "1 h", "1 h 30 min", "1 h 00 min 01 s"];
    assert_eq!(spans.map(span), said);
}

#[test]
fn an_answer_says_which_law_asks_for_it_and_how_its_days_were_counted() {
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    let period = sla::RegimePeriod { n: 14, unit: sla::PeriodUnit::CalendarDays.into() };
    let count = sla::DayCount {
        title: "Consumer complaint".into(),
        period: Some(period),
        from: sla::RegimeStart::Received.into(),
        from_day: "2026-06-13".into(),
        unrolled_day: "2026-06-27".into(),
        rolled_for: sla::RolledFor::Saturday.into(),
        waited_days: 0,
    };
    let clock = Clock {
        kind: ClockKind::StatutoryResponse.into(),
        state: ClockState::Running.into(),
        cycle: 1,
        regime_code: "PL_CONSUMER_GENERAL".into(),
        regime_version: 1,
        last_day: "2026-06-29".into(),
        due_at: at("2026-06-29T21:59:59.999Z"),
        safe_due_at: at("2026-06-26T15:00:00Z"),
        silence_effect: sla::SilenceEffect::DeemedAccepted.into(),
        elapsed_now_ms: 86_400_000,
        remaining_ms: 3_600_000,
        day_count: Some(count),
        ..Clock::default()
    };
    assert_eq!(
        headline(&clock, &zone),
        "STATUTORY_RESPONSE: running, due 2026-06-29 23:59:59\n\
         PL_CONSUMER_GENERAL v1 (Consumer complaint): 14 calendar days from receipt on \
         2026-06-13, end on 2026-06-27, a saturday, so on 2026-06-29; safe until 2026-06-26 \
         17:00:00; silence: deemed accepted: 24 h used, 1 h left"
    );
}

#[test]
fn what_happens_to_an_answer_is_told_by_days() {
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    let breach = sla::ClockBreached {
        cause: sla::BreachCause::ProofPending.into(),
        silence_effect: sla::SilenceEffect::DeemedAccepted.into(),
        detected_at: at("2026-06-29T22:00:01Z"),
        ..Default::default()
    };
    let extended = ClockRetargeted {
        last_day: "2026-12-01".into(),
        old_last_day: "2026-11-02".into(),
        cause: sla::RetargetCause::Extension.into(),
        ..ClockRetargeted::default()
    };
    let started = ClockStarted {
        regime_code: "PL_FINANCIAL".into(),
        regime_version: 2,
        last_day: "2026-11-02".into(),
        ..ClockStarted::default()
    };
    let told = [
        Event::ClockStarted(started),
        Event::ClockRetargeted(extended),
        Event::ClockBreached(breach),
    ]
    .map(|event| what(&step("2026-06-29T21:59:59Z", 0, "", event), &zone));
    assert_eq!(
        told,
        [
            "started: until 2026-11-02 by PL_FINANCIAL v2",
            "until 2026-12-01 instead of 2026-11-02 (extension)",
            "late (proof pending; silence: deemed accepted), noticed 2026-06-30 00:00:01",
        ]
    );
    let window = TimerSet {
        timer: sla::TimerKind::AppealWindowEnd.into(),
        regime_code: "INTERNAL_APPEAL".into(),
        regime_version: 1,
        last_day: "2026-07-10".into(),
        fires_at: at("2026-07-10T22:00:00Z"),
        ..TimerSet::default()
    };
    assert_eq!(
        timer(&window, &zone),
        "By itself at 2026-07-11 00:00:00: appeal window end, after 2026-07-10 by \
         INTERNAL_APPEAL v1"
    );
}
