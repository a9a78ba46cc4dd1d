//! Clocks as the API tells them.
use domain::clock::{Basis, Clock, Goal, Phase};
use wire::intake::v1 as intake;
use wire::scalar::timestamp;
use wire::sla::v1;

/// A clock for whoever asks.
pub(crate) fn clock(clock: &Clock) -> v1::Clock {
    let (state, ended) = match clock.phase {
        Phase::Running { .. } => (v1::ClockState::Running, None),
        Phase::Paused { .. } => (v1::ClockState::Paused, None),
        Phase::Stopped { at, outcome } => (v1::ClockState::Stopped, Some((at, outcome))),
    };
    let (policy_id, policy_version) = match &clock.basis {
        Basis::Policy { id, version } => (id.clone(), *version),
        Basis::Regime { .. } | Basis::Given => (String::new(), 0),
    };
    let calendar = clock.calendar.as_ref();
    let reached = clock.percents.iter().filter(|percent| **percent <= clock.warned);
    v1::Clock {
        clock_id: clock.id.0.to_string(),
        ticket_id: clock.ticket_id.0.to_string(),
        kind: v1::ClockKind::from(clock.kind).into(),
        cycle: clock.cycle,
        state: state.into(),
        target_s: match clock.goal {
            Goal::Target(target) => i64::try_from(target.as_secs()).unwrap_or(i64::MAX),
            Goal::LastDay(_) | Goal::Instant => 0,
        },
        elapsed_ms: i64::try_from(clock.carried.as_millis()).unwrap_or(i64::MAX),
        started_at: Some(timestamp(clock.started_at)),
        due_at: clock.due_at.map(timestamp),
        breached: clock.breach.is_some(),
        breach_voided: clock.breach.is_some_and(|breach| breach.voided),
        outcome: ended.map_or(v1::ClockOutcome::Unspecified, |(_, outcome)| outcome.into()).into(),
        stopped_at: ended.map(|(at, _)| timestamp(at)),
        policy_id,
        policy_version,
        calendar_id: calendar.map(|c| c.id.clone()).unwrap_or_default(),
        calendar_version: calendar.map_or(0, |c| c.version),
        reached_percents: reached.copied().map(u32::from).collect(),
        class: v1::ClockClass::from(clock.class).into(),
        subject_ref: clock.subject_ref.map(|id| id.to_string()).unwrap_or_default(),
        promise_kind: clock.promise.map_or(intake::PromiseKind::Unspecified, Into::into).into(),
        granted_ms: i64::try_from(clock.granted.as_millis()).unwrap_or(i64::MAX),
        // How it stands and why is told of one ticket's clocks alone.
        elapsed_now_ms: 0,
        remaining_ms: 0,
        steps: Vec::new(),
    }
}
