//! The life of a clock in words, step by step.
mod law;
#[cfg(test)]
mod tests;

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
    let (terms, used) = (terms(clock, zone), span(clock.elapsed_now_ms));
    format!("{kind}{round}: {state}{breach}{due}\n{terms}: {used} used, {left}")
}

fn terms(clock: &Clock, zone: &TimeZone) -> String {
    if !clock.regime_code.is_empty() {
        return law::terms(clock, zone);
    }
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
        ClockKind::Remedy => format!("To be carried out by {}", clock.last_day),
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
            let silence = law::silence(e.silence_effect());
            format!("late ({cause}{silence}), noticed {}", time(e.detected_at.as_ref(), zone))
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
        | Event::ComplaintNoted(_)
        | Event::TimerSet(_)
        | Event::TimerCancelled(_)
        | Event::TimerFired(_) => "-".to_owned(),
    }
}

fn started(e: &ClockStarted) -> String {
    match e.target_s {
        0 if !e.regime_code.is_empty() => {
            let law = version(&e.regime_code, e.regime_version);
            format!("started: until {} by {law}", e.last_day)
        }
        0 if !e.last_day.is_empty() => format!("started: until {}", e.last_day),
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
    if !e.last_day.is_empty() {
        return format!("until {} instead of {} ({cause})", e.last_day, e.old_last_day);
    }
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
    let at = time(timer.fires_at.as_ref(), zone);
    if !timer.last_day.is_empty() {
        let law = version(&timer.regime_code, timer.regime_version);
        return format!("By itself at {at}: {name}, after {} by {law}", timer.last_day);
    }
    let policy = version(&timer.policy_id, timer.policy_version);
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
