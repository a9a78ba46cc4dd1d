//! The events of a ticket's clocks, in both directions.
mod basis;
mod noted;
mod start;
mod timer;
mod words;

use std::time::Duration;

use bytes::Bytes;
use domain::clock::{Event, PauseReason, RegimeVersion, VoidReason};
use domain::ids::{AgentId, ClockId, HoldId, TicketId};
use prost::Message;

use self::start::{read_warnings, write_warnings};
use crate::event;
use crate::scalar::{instant, timestamp, uuid};
use crate::sla::v1;
use crate::words::{known, known_opt};
use crate::{DecodeError, Payload};

const WAITING_CUSTOMER: &str = "WAITING_CUSTOMER";
const INFO_REQUESTED: &str = "INFO_REQUESTED";

impl Payload for Event {
    const CATEGORY: &'static str = "clock";

    fn event_type(&self) -> &'static str {
        match self {
            Self::TicketNoted(_) => event::TICKET_NOTED,
            Self::ComplaintNoted(_) => event::COMPLAINT_NOTED,
            Self::Started(_) => event::CLOCK_STARTED,
            Self::Paused { .. } => event::CLOCK_PAUSED,
            Self::Resumed { .. } => event::CLOCK_RESUMED,
            Self::Retargeted(_) => event::CLOCK_RETARGETED,
            Self::ThresholdReached { .. } => event::THRESHOLD_REACHED,
            Self::Breached { .. } => event::CLOCK_BREACHED,
            Self::Stopped { .. } => event::CLOCK_STOPPED,
            Self::BreachVoided { .. } => event::BREACH_VOIDED,
            Self::TimerSet(_) => event::TIMER_SET,
            Self::TimerCancelled { .. } => event::TIMER_CANCELLED,
            Self::TimerFired { .. } => event::TIMER_FIRED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::TicketNoted(facts) => noted::write_ticket(facts),
            Self::ComplaintNoted(facts) => noted::write_complaint(facts),
            Self::Started(started) => start::write_started(started),
            Self::Retargeted(change) => start::write_retargeted(change),
            Self::Paused { clock_id, at, elapsed, reason, hold_id } => v1::ClockPaused {
                clock_id: clock_id.0.to_string(),
                at: Some(timestamp(*at)),
                elapsed_ms: millis(*elapsed),
                reason: match reason {
                    PauseReason::WaitingCustomer => WAITING_CUSTOMER.to_owned(),
                    PauseReason::InfoRequested => INFO_REQUESTED.to_owned(),
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
            breached @ Self::Breached { .. } => write_breached(breached),
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
            event::TICKET_NOTED => noted::read_ticket(bytes).map(Self::TicketNoted),
            event::COMPLAINT_NOTED => {
                noted::read_complaint(bytes).map(|facts| Self::ComplaintNoted(Box::new(facts)))
            }
            event::CLOCK_STARTED => {
                start::read_started(bytes).map(|started| Self::Started(Box::new(started)))
            }
            event::CLOCK_RETARGETED => {
                start::read_retargeted(bytes).map(|change| Self::Retargeted(Box::new(change)))
            }
            event::CLOCK_PAUSED => read_paused(bytes),
            event::CLOCK_RESUMED => read_resumed(bytes),
            event::CLOCK_STOPPED => read_stopped(bytes),
            event::THRESHOLD_REACHED => read_threshold(bytes),
            event::CLOCK_BREACHED => read_breached(bytes),
            event::BREACH_VOIDED => read_voided(bytes),
            event::TIMER_SET => timer::read_set(bytes).map(|timer| Self::TimerSet(Box::new(timer))),
            event::TIMER_CANCELLED => timer::read_cancelled(bytes),
            event::TIMER_FIRED => timer::read_fired(bytes),
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn read_paused(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::ClockPaused::decode(bytes)?;
    let reason = match message.reason.as_str() {
        WAITING_CUSTOMER => PauseReason::WaitingCustomer,
        INFO_REQUESTED => PauseReason::InfoRequested,
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

/// The bytes of a breach; empty for other events.
fn write_breached(event: &Event) -> Vec<u8> {
    let Event::Breached {
        clock_id,
        ticket_id,
        kind,
        due_at,
        detected_at,
        cause,
        silence_effect: silence,
        regime,
    } = event
    else {
        return Vec::new();
    };
    v1::ClockBreached {
        clock_id: clock_id.0.to_string(),
        due_at: Some(timestamp(*due_at)),
        detected_at: Some(timestamp(*detected_at)),
        cause: v1::BreachCause::from(*cause).into(),
        kind: v1::ClockKind::from(*kind).into(),
        ticket_id: ticket_id.0.to_string(),
        silence_effect: silence.map_or(v1::SilenceEffect::Unspecified, Into::into).into(),
        regime_code: regime.as_ref().map(|regime| regime.code.clone()).unwrap_or_default(),
        regime_version: regime.as_ref().map_or(0, |regime| regime.version),
    }
    .encode_to_vec()
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
        regime: (!message.regime_code.is_empty()).then_some(RegimeVersion {
            code: message.regime_code,
            version: message.regime_version,
        }),
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
