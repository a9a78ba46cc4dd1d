//! How clocks start and get another target, in both directions.
use domain::clock::{Goal, Retargeted, Started, Warn};
use prost::Message;

use super::basis::{basis, basis_fields, calendar, calendar_fields, goal, goal_fields};
use super::{clock_id, from_millis, from_seconds, millis, percent, seconds, ticket_id};
use crate::DecodeError;
use crate::common::v1::Channel;
use crate::intake::v1::PromiseKind;
use crate::scalar::{instant, instant_opt, timestamp, uuid_opt};
use crate::sla::v1;
use crate::words::{known, known_opt};

pub(super) fn write_started(started: &Started) -> Vec<u8> {
    let (policy_id, policy_version, regime_code, regime_version) = basis_fields(&started.basis);
    let (calendar_id, calendar_version) = calendar_fields(started.calendar.as_ref());
    let (target_s, last_day, unrolled_day) = goal_fields(started.goal);
    v1::ClockStarted {
        clock_id: started.clock_id.0.to_string(),
        ticket_id: started.ticket_id.0.to_string(),
        kind: v1::ClockKind::from(started.kind).into(),
        class: v1::ClockClass::from(started.class).into(),
        cycle: started.cycle,
        subject_ref: started.subject_ref.map(|id| id.to_string()).unwrap_or_default(),
        policy_id,
        policy_version,
        calendar_id,
        calendar_version,
        target_s,
        started_at: Some(timestamp(started.started_at)),
        due_at: Some(timestamp(started.due_at)),
        warn_at: write_warnings(&started.warn_at),
        regime_code,
        regime_version,
        last_day,
        safe_due_at: started.safe_due_at.map(timestamp),
        promise_kind: started.promise.map_or(PromiseKind::Unspecified, Into::into).into(),
        silence_effect: started.silence.map_or(v1::SilenceEffect::Unspecified, Into::into).into(),
        unrolled_day,
        channel: started.channel.map_or(Channel::Unspecified, Into::into).into(),
    }
    .encode_to_vec()
}

pub(super) fn read_started(bytes: &[u8]) -> Result<Started, DecodeError> {
    let message = v1::ClockStarted::decode(bytes)?;
    let goal = goal(message.target_s, &message.last_day, &message.unrolled_day)?;
    Ok(Started {
        clock_id: clock_id(&message.clock_id)?,
        ticket_id: ticket_id(&message.ticket_id)?,
        kind: known::<v1::ClockKind, _>(message.kind, "kind")?,
        class: known::<v1::ClockClass, _>(message.class, "class")?,
        cycle: message.cycle,
        subject_ref: uuid_opt(&message.subject_ref, "subject_ref")?,
        promise: known_opt::<PromiseKind, _>(message.promise_kind, "promise_kind")?,
        channel: known_opt::<Channel, _>(message.channel, "channel")?,
        basis: basis(
            (message.policy_id, message.policy_version),
            (message.regime_code, message.regime_version),
        )?,
        calendar: calendar(message.calendar_id, message.calendar_version),
        goal,
        started_at: instant(message.started_at.as_ref(), "started_at")?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        safe_due_at: instant_opt(message.safe_due_at.as_ref(), "safe_due_at")?,
        silence: known_opt::<v1::SilenceEffect, _>(message.silence_effect, "silence_effect")?,
        warn_at: read_warnings(&message.warn_at)?,
    })
}

pub(super) fn write_retargeted(change: &Retargeted) -> Vec<u8> {
    let (policy_id, policy_version, regime_code, regime_version) = basis_fields(&change.basis);
    let (calendar_id, calendar_version) = calendar_fields(change.calendar.as_ref());
    let (new_target_s, last_day, unrolled_day) = goal_fields(change.goal);
    v1::ClockRetargeted {
        clock_id: change.clock_id.0.to_string(),
        at: Some(timestamp(change.at)),
        elapsed_ms: millis(change.elapsed),
        old_target_s: seconds(change.old_target),
        new_target_s,
        policy_id,
        policy_version,
        calendar_id,
        calendar_version,
        due_at: change.due_at.map(timestamp),
        warn_at: write_warnings(&change.warn_at),
        cause: v1::RetargetCause::from(change.cause).into(),
        granted_ms: millis(change.granted),
        regime_code,
        regime_version,
        last_day,
        unrolled_day,
        old_last_day: change.old_last_day.map(|day| day.to_string()).unwrap_or_default(),
        safe_due_at: change.safe_due_at.map(timestamp),
    }
    .encode_to_vec()
}

pub(super) fn read_retargeted(bytes: &[u8]) -> Result<Retargeted, DecodeError> {
    let message = v1::ClockRetargeted::decode(bytes)?;
    let old_last_day = match message.old_last_day.as_str() {
        "" => None,
        day => Some(day.parse().map_err(|_| DecodeError::field("old_last_day"))?),
    };
    Ok(Retargeted {
        clock_id: clock_id(&message.clock_id)?,
        at: instant(message.at.as_ref(), "at")?,
        elapsed: from_millis(message.elapsed_ms, "elapsed_ms")?,
        old_target: from_seconds(message.old_target_s, "old_target_s")?,
        old_last_day,
        goal: match message.last_day.as_str() {
            "" => Goal::Target(from_seconds(message.new_target_s, "new_target_s")?),
            day => goal(0, day, &message.unrolled_day)?,
        },
        granted: from_millis(message.granted_ms, "granted_ms")?,
        basis: basis(
            (message.policy_id, message.policy_version),
            (message.regime_code, message.regime_version),
        )?,
        calendar: calendar(message.calendar_id, message.calendar_version),
        due_at: instant_opt(message.due_at.as_ref(), "due_at")?,
        safe_due_at: instant_opt(message.safe_due_at.as_ref(), "safe_due_at")?,
        warn_at: read_warnings(&message.warn_at)?,
        cause: known::<v1::RetargetCause, _>(message.cause, "cause")?,
    })
}

pub(super) fn write_warnings(warnings: &[Warn]) -> Vec<v1::Warning> {
    let write = |warn: &Warn| v1::Warning {
        percent: u32::from(warn.percent),
        at: Some(timestamp(warn.at)),
    };
    warnings.iter().map(write).collect()
}

pub(super) fn read_warnings(warnings: &[v1::Warning]) -> Result<Vec<Warn>, DecodeError> {
    let read = |warning: &v1::Warning| {
        let at = instant(warning.at.as_ref(), "warn_at")?;
        Ok(Warn { percent: percent(warning.percent)?, at })
    };
    warnings.iter().map(read).collect()
}
