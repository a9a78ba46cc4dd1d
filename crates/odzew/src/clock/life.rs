//! A clock's life in words, for somebody who doubts it.
use comfy_table::Table;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wire::sla::v1::clock_event::Event;
use wire::sla::v1::{
    Clock, ClockKind, ClockRetargeted, ClockStarted, ClockState, ClockStep, TimerSet,
};

use crate::tables::{self, time, words};

/// What the clock is, how it stands and why it is due when it is.
pub(super) fn headline(clock: &Clock, zone: &TimeZone) -> String {
    let kind = clock.kind().as_str_name().trim_start_matches("CLOCK_KIND_");
    let round = if clock.cycle > 1 { format!(", round {}", clock.cycle) } else { String::new() };
    let state = match clock.state() {
        ClockState::Stopped => words(clock.outcome().as_str_name(), "CLOCK_OUTCOME_"),
        state => words(state.as_str_name(), "CLOCK_STATE_"),
    };
    let breach = match (clock.breached, clock.breach_voided) {
        (true, false) => ", breached",
        (true, true) => ", breach does not count",
        (false, _) => "",
    };
    let due = match clock.due_at.as_ref() {
        Some(at) => format!(", due {}", time(Some(at), zone)),
        None => String::new(),
    };
    let left = match clock.remaining_ms {
        late if late < 0 => format!("{} over", span(-late)),
        left => format!("{} left", span(left)),
    };
    let (terms, used) = (terms(clock), span(clock.elapsed_now_ms));
    format!("{kind}{round}: {state}{breach}{due}\n{terms}: {used} used, {left}")
}

fn terms(clock: &Clock) -> String {
    let policy = version(&clock.policy_id, clock.policy_version);
    if clock.target_s > 0 {
        let calendar = version(&clock.calendar_id, clock.calendar_version);
        let granted = match clock.granted_ms {
            0 => String::new(),
            granted => format!(" and {} granted", span(granted)),
        };
        return format!("{}{granted} of {calendar} by {policy}", span(clock.target_s * 1_000));
    }
    match clock.kind() {
        ClockKind::Promise => {
            let kind = words(clock.promise_kind().as_str_name(), "PROMISE_KIND_");
            format!("Promised to the customer ({kind})")
        }
        ClockKind::Accept => "Left to the agent by the queue".to_owned(),
        ClockKind::UcVendor => "Expected of the supplier".to_owned(),
        _ => "Due at an instant".to_owned(),
    }
}

/// One line per step.
pub(super) fn table(clock: &Clock, zone: &TimeZone) -> Table {
    let mut table = tables::table(["When", "What", "Working time", "Wall time", "Due"]);
    let started = instant(clock.started_at.as_ref());
    for step in &clock.steps {
        let wall = match (started, instant(step.at.as_ref())) {
            (Some(started), Some(at)) => {
                let ms = at.duration_since(started).as_millis();
                span(i64::try_from(ms).unwrap_or(i64::MAX))
            }
            _ => "-".to_owned(),
        };
        table.add_row([
            time(step.at.as_ref(), zone),
            what(step, zone),
            span(step.elapsed_ms),
            wall,
            time(step.due_at.as_ref(), zone),
        ]);
    }
    table
}

fn what(step: &ClockStep, zone: &TimeZone) -> String {
    let Some(event) = step.event.as_ref().and_then(|event| event.event.as_ref()) else {
        return "-".to_owned();
    };
    match event {
        Event::ClockStarted(e) => started(e),
        Event::ClockPaused(e) => format!("paused: {}", words(&e.reason, "")),
        Event::ClockResumed(_) => "resumed".to_owned(),
        Event::ClockRetargeted(e) => retargeted(e),
        Event::ThresholdReached(e) => format!("{} % used up", e.percent),
        Event::ClockBreached(e) => {
            let cause = words(e.cause().as_str_name(), "BREACH_CAUSE_");
            format!("late ({cause}), noticed {}", time(e.detected_at.as_ref(), zone))
        }
        Event::ClockStopped(e) => {
            format!("stopped: {}", words(e.outcome().as_str_name(), "CLOCK_OUTCOME_"))
        }
        Event::BreachVoided(e) => {
            let reason = words(e.reason().as_str_name(), "VOID_REASON_");
            match e.voided_by.as_str() {
                "" => format!("breach does not count: {reason}"),
                by => format!("breach does not count: {reason}, by {by}: {}", e.note),
            }
        }
        Event::TicketNoted(_)
        | Event::TimerSet(_)
        | Event::TimerCancelled(_)
        | Event::TimerFired(_) => "-".to_owned(),
    }
}

fn started(e: &ClockStarted) -> String {
    match e.target_s {
        0 => "started".to_owned(),
        target => format!(
            "started: {} of {} by {}",
            span(target * 1_000),
            version(&e.calendar_id, e.calendar_version),
            version(&e.policy_id, e.policy_version)
        ),
    }
}

fn retargeted(e: &ClockRetargeted) -> String {
    let cause = words(e.cause().as_str_name(), "RETARGET_CAUSE_");
    let granted = match e.granted_ms {
        0 => String::new(),
        granted => format!(" and {} granted", span(granted)),
    };
    format!(
        "target {} instead of {}{granted} ({cause}), of {} by {}",
        span(e.new_target_s * 1_000),
        span(e.old_target_s * 1_000),
        version(&e.calendar_id, e.calendar_version),
        version(&e.policy_id, e.policy_version)
    )
}

/// What happens by itself, and when.
pub(super) fn timer(timer: &TimerSet, zone: &TimeZone) -> String {
    let name = words(timer.timer().as_str_name(), "TIMER_KIND_");
    let policy = version(&timer.policy_id, timer.policy_version);
    let at = time(timer.fires_at.as_ref(), zone);
    let after = span(timer.after_s * 1_000);
    let calendar = version(&timer.calendar_id, timer.calendar_version);
    format!("By itself at {at}: {name}, after {after} of {calendar} by {policy}")
}

fn version(id: &str, version: u32) -> String {
    format!("{id} v{version}")
}

fn instant(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok())
}

/// An amount of time as people say it, to the second; of milliseconds only where there is
/// nothing else.
fn span(ms: i64) -> String {
    let (h, min, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    match (h, min, s) {
        (0, 0, 0) if ms > 0 => format!("{ms} ms"),
        (0, 0, s) => format!("{s} s"),
        (0, min, 0) => format!("{min} min"),
        (0, min, s) => format!("{min} min {s:02} s"),
        (h, 0, 0) => format!("{h} h"),
        (h, min, 0) => format!("{h} h {min:02} min"),
        (h, min, s) => format!("{h} h {min:02} min {s:02} s"),
    }
}

#[cfg(test)]
mod tests {
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
}
