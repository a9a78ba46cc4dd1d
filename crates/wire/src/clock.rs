//! The events of a ticket's clocks, in both directions.
mod timer;
mod words;

use std::time::Duration;

use bytes::Bytes;
use domain::calendar::CalendarRef;
use domain::clock::{
    Basis, Event, Goal, PauseReason, Retargeted, Started, TicketFacts, VoidReason, Warn,
};
use domain::ids::{AgentId, ClockId, HoldId, TicketId};
use prost::Message;

use crate::common::v1 as common;
use crate::intake::v1::PromiseKind;
use crate::scalar::{instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::sla::v1;
use crate::words::{known, known_opt};
use crate::{DecodeError, Payload};

const TICKET_NOTED: &str = "odzew.sla.v1.TicketNoted";
const STARTED: &str = "odzew.sla.v1.ClockStarted";
const PAUSED: &str = "odzew.sla.v1.ClockPaused";
const RESUMED: &str = "odzew.sla.v1.ClockResumed";
const RETARGETED: &str = "odzew.sla.v1.ClockRetargeted";
const THRESHOLD_REACHED: &str = "odzew.sla.v1.ThresholdReached";
const BREACHED: &str = "odzew.sla.v1.ClockBreached";
const STOPPED: &str = "odzew.sla.v1.ClockStopped";
const BREACH_VOIDED: &str = "odzew.sla.v1.BreachVoided";
const TIMER_SET: &str = "odzew.sla.v1.TimerSet";
const TIMER_CANCELLED: &str = "odzew.sla.v1.TimerCancelled";
const TIMER_FIRED: &str = "odzew.sla.v1.TimerFired";

const WAITING_CUSTOMER: &str = "WAITING_CUSTOMER";

impl Payload for Event {
    const CATEGORY: &'static str = "clock";

    fn event_type(&self) -> &'static str {
        match self {
            Self::TicketNoted(_) => TICKET_NOTED,
            Self::Started(_) => STARTED,
            Self::Paused { .. } => PAUSED,
            Self::Resumed { .. } => RESUMED,
            Self::Retargeted(_) => RETARGETED,
            Self::ThresholdReached { .. } => THRESHOLD_REACHED,
            Self::Breached { .. } => BREACHED,
            Self::Stopped { .. } => STOPPED,
            Self::BreachVoided { .. } => BREACH_VOIDED,
            Self::TimerSet(_) => TIMER_SET,
            Self::TimerCancelled { .. } => TIMER_CANCELLED,
            Self::TimerFired { .. } => TIMER_FIRED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::TicketNoted(facts) => write_noted(facts),
            Self::Started(started) => write_started(started),
            Self::Retargeted(change) => write_retargeted(change),
            Self::Paused { clock_id, at, elapsed, reason, hold_id } => v1::ClockPaused {
                clock_id: clock_id.0.to_string(),
                at: Some(timestamp(*at)),
                elapsed_ms: millis(*elapsed),
                reason: match reason {
                    PauseReason::WaitingCustomer => WAITING_CUSTOMER.to_owned(),
                },
                hold_id: hold_id.0.to_string(),
            }
            .encode_to_vec(),
            Self::Resumed { clock_id, at, elapsed, due_at, warn_at } => v1::ClockResumed {
                clock_id: clock_id.0.to_string(),
                at: Some(timestamp(*at)),
                elapsed_ms: millis(*elapsed),
                due_at: Some(timestamp(*due_at)),
                warn_at: write_warnings(warn_at),
            }
            .encode_to_vec(),
            Self::ThresholdReached { clock_id, ticket_id, kind, percent, due_at, remaining } => {
                v1::ThresholdReached {
                    clock_id: clock_id.0.to_string(),
                    percent: u32::from(*percent),
                    due_at: Some(timestamp(*due_at)),
                    remaining_s: seconds(*remaining),
                    kind: v1::ClockKind::from(*kind).into(),
                    ticket_id: ticket_id.0.to_string(),
                }
                .encode_to_vec()
            }
            Self::Breached {
                clock_id,
                ticket_id,
                kind,
                due_at,
                detected_at,
                cause,
                silence_effect: silence,
            } => v1::ClockBreached {
                clock_id: clock_id.0.to_string(),
                due_at: Some(timestamp(*due_at)),
                detected_at: Some(timestamp(*detected_at)),
                cause: v1::BreachCause::from(*cause).into(),
                kind: v1::ClockKind::from(*kind).into(),
                ticket_id: ticket_id.0.to_string(),
                silence_effect: silence.map_or(v1::SilenceEffect::Unspecified, Into::into).into(),
            }
            .encode_to_vec(),
            Self::Stopped { clock_id, at, outcome, elapsed, stop_event_id } => v1::ClockStopped {
                clock_id: clock_id.0.to_string(),
                at: Some(timestamp(*at)),
                outcome: v1::ClockOutcome::from(*outcome).into(),
                elapsed_ms: millis(*elapsed),
                stop_event_id: stop_event_id.to_string(),
            }
            .encode_to_vec(),
            Self::BreachVoided { clock_id, reason, by, note } => {
                write_voided(*clock_id, *reason, by.as_ref(), note)
            }
            Self::TimerSet(timer) => v1::TimerSet::from(&**timer).encode_to_vec(),
            Self::TimerCancelled { timer_id, at } => timer::write_cancelled(*timer_id, *at),
            fired @ Self::TimerFired { .. } => timer::write_fired(fired),
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            TICKET_NOTED => read_noted(bytes).map(Self::TicketNoted),
            STARTED => read_started(bytes).map(|started| Self::Started(Box::new(started))),
            RETARGETED => read_retargeted(bytes).map(|change| Self::Retargeted(Box::new(change))),
            PAUSED => read_paused(bytes),
            RESUMED => read_resumed(bytes),
            STOPPED => read_stopped(bytes),
            THRESHOLD_REACHED => read_threshold(bytes),
            BREACHED => read_breached(bytes),
            BREACH_VOIDED => read_voided(bytes),
            TIMER_SET => timer::read_set(bytes).map(|timer| Self::TimerSet(Box::new(timer))),
            TIMER_CANCELLED => timer::read_cancelled(bytes),
            TIMER_FIRED => timer::read_fired(bytes),
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn write_noted(facts: &TicketFacts) -> Vec<u8> {
    v1::TicketNoted {
        ticket_id: facts.ticket_id.0.to_string(),
        received_at: Some(timestamp(facts.received_at)),
        channel: common::Channel::from(facts.channel).into(),
        has_requester: facts.has_requester,
        awaits_reply: facts.awaits_reply,
        priority: facts.priority.map_or(common::Priority::Unspecified, Into::into).into(),
    }
    .encode_to_vec()
}

fn read_noted(bytes: &[u8]) -> Result<TicketFacts, DecodeError> {
    let message = v1::TicketNoted::decode(bytes)?;
    Ok(TicketFacts {
        ticket_id: ticket_id(&message.ticket_id)?,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
        channel: known::<common::Channel, _>(message.channel, "channel")?,
        has_requester: message.has_requester,
        awaits_reply: message.awaits_reply,
        priority: known_opt::<common::Priority, _>(message.priority, "priority")?,
    })
}

fn write_started(started: &Started) -> Vec<u8> {
    let (policy_id, policy_version, regime_code, regime_version) = basis_fields(&started.basis);
    let (calendar_id, calendar_version) = calendar_fields(started.calendar.as_ref());
    let (target_s, last_day) = match started.goal {
        Goal::Target(target) => (seconds(target), String::new()),
        Goal::LastDay(day) => (0, day.to_string()),
        Goal::Instant => (0, String::new()),
    };
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
    }
    .encode_to_vec()
}

fn read_started(bytes: &[u8]) -> Result<Started, DecodeError> {
    let message = v1::ClockStarted::decode(bytes)?;
    let goal = match (message.target_s, message.last_day.as_str()) {
        (0, "") => Goal::Instant,
        (0, day) => Goal::LastDay(day.parse().map_err(|_| DecodeError::field("last_day"))?),
        (target_s, _) => Goal::Target(from_seconds(target_s, "target_s")?),
    };
    Ok(Started {
        clock_id: clock_id(&message.clock_id)?,
        ticket_id: ticket_id(&message.ticket_id)?,
        kind: known::<v1::ClockKind, _>(message.kind, "kind")?,
        class: known::<v1::ClockClass, _>(message.class, "class")?,
        cycle: message.cycle,
        subject_ref: uuid_opt(&message.subject_ref, "subject_ref")?,
        promise: known_opt::<PromiseKind, _>(message.promise_kind, "promise_kind")?,
        basis: basis(
            (message.policy_id, message.policy_version),
            (message.regime_code, message.regime_version),
        )?,
        calendar: calendar(message.calendar_id, message.calendar_version),
        goal,
        started_at: instant(message.started_at.as_ref(), "started_at")?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        safe_due_at: instant_opt(message.safe_due_at.as_ref(), "safe_due_at")?,
        warn_at: read_warnings(&message.warn_at)?,
    })
}

fn write_retargeted(change: &Retargeted) -> Vec<u8> {
    let (policy_id, policy_version, regime_code, regime_version) = basis_fields(&change.basis);
    let (calendar_id, calendar_version) = calendar_fields(change.calendar.as_ref());
    v1::ClockRetargeted {
        clock_id: change.clock_id.0.to_string(),
        at: Some(timestamp(change.at)),
        elapsed_ms: millis(change.elapsed),
        old_target_s: seconds(change.old_target),
        new_target_s: seconds(change.new_target),
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
    }
    .encode_to_vec()
}

fn read_retargeted(bytes: &[u8]) -> Result<Retargeted, DecodeError> {
    let message = v1::ClockRetargeted::decode(bytes)?;
    Ok(Retargeted {
        clock_id: clock_id(&message.clock_id)?,
        at: instant(message.at.as_ref(), "at")?,
        elapsed: from_millis(message.elapsed_ms, "elapsed_ms")?,
        old_target: from_seconds(message.old_target_s, "old_target_s")?,
        new_target: from_seconds(message.new_target_s, "new_target_s")?,
        granted: from_millis(message.granted_ms, "granted_ms")?,
        basis: basis(
            (message.policy_id, message.policy_version),
            (message.regime_code, message.regime_version),
        )?,
        calendar: calendar(message.calendar_id, message.calendar_version),
        due_at: instant_opt(message.due_at.as_ref(), "due_at")?,
        warn_at: read_warnings(&message.warn_at)?,
        cause: known::<v1::RetargetCause, _>(message.cause, "cause")?,
    })
}

fn read_paused(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::ClockPaused::decode(bytes)?;
    let reason = match message.reason.as_str() {
        WAITING_CUSTOMER => PauseReason::WaitingCustomer,
        _ => return Err(DecodeError::field("reason")),
    };
    Ok(Event::Paused {
        clock_id: clock_id(&message.clock_id)?,
        at: instant(message.at.as_ref(), "at")?,
        elapsed: from_millis(message.elapsed_ms, "elapsed_ms")?,
        reason,
        hold_id: HoldId(uuid(&message.hold_id, "hold_id")?),
    })
}

fn read_resumed(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::ClockResumed::decode(bytes)?;
    Ok(Event::Resumed {
        clock_id: clock_id(&message.clock_id)?,
        at: instant(message.at.as_ref(), "at")?,
        elapsed: from_millis(message.elapsed_ms, "elapsed_ms")?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        warn_at: read_warnings(&message.warn_at)?,
    })
}

fn read_stopped(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::ClockStopped::decode(bytes)?;
    Ok(Event::Stopped {
        clock_id: clock_id(&message.clock_id)?,
        at: instant(message.at.as_ref(), "at")?,
        outcome: known::<v1::ClockOutcome, _>(message.outcome, "outcome")?,
        elapsed: from_millis(message.elapsed_ms, "elapsed_ms")?,
        stop_event_id: uuid(&message.stop_event_id, "stop_event_id")?,
    })
}

fn read_threshold(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::ThresholdReached::decode(bytes)?;
    Ok(Event::ThresholdReached {
        clock_id: clock_id(&message.clock_id)?,
        ticket_id: ticket_id(&message.ticket_id)?,
        kind: known::<v1::ClockKind, _>(message.kind, "kind")?,
        percent: percent(message.percent)?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        remaining: from_seconds(message.remaining_s, "remaining_s")?,
    })
}

fn read_breached(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::ClockBreached::decode(bytes)?;
    Ok(Event::Breached {
        clock_id: clock_id(&message.clock_id)?,
        ticket_id: ticket_id(&message.ticket_id)?,
        kind: known::<v1::ClockKind, _>(message.kind, "kind")?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        detected_at: instant(message.detected_at.as_ref(), "detected_at")?,
        cause: known::<v1::BreachCause, _>(message.cause, "cause")?,
        silence_effect: known_opt::<v1::SilenceEffect, _>(
            message.silence_effect,
            "silence_effect",
        )?,
    })
}

fn write_voided(
    clock_id: ClockId,
    reason: VoidReason,
    by: Option<&AgentId>,
    note: &str,
) -> Vec<u8> {
    v1::BreachVoided {
        clock_id: clock_id.0.to_string(),
        reason: v1::VoidReason::from(reason).into(),
        note: note.to_owned(),
        voided_by: by.map(|by| by.0.clone()).unwrap_or_default(),
    }
    .encode_to_vec()
}

fn read_voided(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::BreachVoided::decode(bytes)?;
    Ok(Event::BreachVoided {
        clock_id: clock_id(&message.clock_id)?,
        reason: known::<v1::VoidReason, _>(message.reason, "reason")?,
        by: (!message.voided_by.is_empty()).then_some(AgentId(message.voided_by)),
        note: message.note,
    })
}

fn write_warnings(warnings: &[Warn]) -> Vec<v1::Warning> {
    let write = |warn: &Warn| v1::Warning {
        percent: u32::from(warn.percent),
        at: Some(timestamp(warn.at)),
    };
    warnings.iter().map(write).collect()
}

fn read_warnings(warnings: &[v1::Warning]) -> Result<Vec<Warn>, DecodeError> {
    let read = |warning: &v1::Warning| {
        let at = instant(warning.at.as_ref(), "warn_at")?;
        Ok(Warn { percent: percent(warning.percent)?, at })
    };
    warnings.iter().map(read).collect()
}

fn basis_fields(basis: &Basis) -> (String, u32, String, u32) {
    match basis {
        Basis::Policy { id, version } => (id.clone(), *version, String::new(), 0),
        Basis::Regime { code, version } => (String::new(), 0, code.clone(), *version),
        Basis::Given => (String::new(), 0, String::new(), 0),
    }
}

fn basis(policy: (String, u32), regime: (String, u32)) -> Result<Basis, DecodeError> {
    match (policy, regime) {
        ((id, version), (code, _)) if !id.is_empty() && code.is_empty() => {
            Ok(Basis::Policy { id, version })
        }
        ((id, _), (code, version)) if id.is_empty() && !code.is_empty() => {
            Ok(Basis::Regime { code, version })
        }
        ((id, 0), (code, 0)) if id.is_empty() && code.is_empty() => Ok(Basis::Given),
        _ => Err(DecodeError::field("policy_id")),
    }
}

fn calendar_fields(calendar: Option<&CalendarRef>) -> (String, u32) {
    calendar.map(|c| (c.id.clone(), c.version)).unwrap_or_default()
}

fn calendar(id: String, version: u32) -> Option<CalendarRef> {
    (!id.is_empty()).then_some(CalendarRef { id, version })
}

fn clock_id(text: &str) -> Result<ClockId, DecodeError> {
    uuid(text, "clock_id").map(ClockId)
}

fn ticket_id(text: &str) -> Result<TicketId, DecodeError> {
    uuid(text, "ticket_id").map(TicketId)
}

fn percent(percent: u32) -> Result<u8, DecodeError> {
    u8::try_from(percent).map_err(|_| DecodeError::field("percent"))
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn from_seconds(seconds: i64, field: &'static str) -> Result<Duration, DecodeError> {
    u64::try_from(seconds).map(Duration::from_secs).map_err(|_| DecodeError::field(field))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn from_millis(millis: i64, field: &'static str) -> Result<Duration, DecodeError> {
    u64::try_from(millis).map(Duration::from_millis).map_err(|_| DecodeError::field(field))
}
