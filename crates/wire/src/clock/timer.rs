//! What happens by itself, in both directions.
use domain::calendar::CalendarRef;
use domain::clock::{Basis, Event, TimerSet};
use domain::ids::TimerId;
use jiff::Timestamp;
use prost::Message;

use super::{from_seconds, seconds, ticket_id};
use crate::DecodeError;
use crate::scalar::{instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::sla::v1;
use crate::words::known;

impl From<&TimerSet> for v1::TimerSet {
    fn from(timer: &TimerSet) -> Self {
        let (policy_id, policy_version, _, _) = super::basis_fields(&timer.basis);
        Self {
            timer_id: timer.timer_id.0.to_string(),
            ticket_id: timer.ticket_id.0.to_string(),
            timer: v1::TimerKind::from(timer.kind).into(),
            step: timer.step,
            subject_ref: timer.subject_ref.map(|id| id.to_string()).unwrap_or_default(),
            policy_id,
            policy_version,
            calendar_id: timer.calendar.id.clone(),
            calendar_version: timer.calendar.version,
            after_s: seconds(timer.after),
            set_at: Some(timestamp(timer.set_at)),
            fires_at: Some(timestamp(timer.fires_at)),
        }
    }
}

pub(super) fn write_cancelled(timer_id: TimerId, at: Timestamp) -> Vec<u8> {
    v1::TimerCancelled { timer_id: timer_id.0.to_string(), at: Some(timestamp(at)) }.encode_to_vec()
}

/// The bytes of a timer that has fired; none of another event.
pub(super) fn write_fired(event: &Event) -> Vec<u8> {
    let Event::TimerFired {
        timer_id,
        ticket_id,
        kind,
        step,
        subject_ref,
        due_at,
        fired_at,
        wait_until,
    } = event
    else {
        return Vec::new();
    };
    v1::TimerFired {
        timer_id: timer_id.0.to_string(),
        ticket_id: ticket_id.0.to_string(),
        timer: v1::TimerKind::from(*kind).into(),
        step: *step,
        subject_ref: subject_ref.map(|id| id.to_string()).unwrap_or_default(),
        due_at: Some(timestamp(*due_at)),
        fired_at: Some(timestamp(*fired_at)),
        wait_until: wait_until.map(timestamp),
    }
    .encode_to_vec()
}

pub(super) fn read_set(bytes: &[u8]) -> Result<TimerSet, DecodeError> {
    let message = v1::TimerSet::decode(bytes)?;
    Ok(TimerSet {
        timer_id: timer_id(&message.timer_id)?,
        ticket_id: ticket_id(&message.ticket_id)?,
        kind: known::<v1::TimerKind, _>(message.timer, "timer")?,
        step: message.step,
        subject_ref: uuid_opt(&message.subject_ref, "subject_ref")?,
        basis: Basis::Policy { id: message.policy_id, version: message.policy_version },
        calendar: CalendarRef { id: message.calendar_id, version: message.calendar_version },
        after: from_seconds(message.after_s, "after_s")?,
        set_at: instant(message.set_at.as_ref(), "set_at")?,
        fires_at: instant(message.fires_at.as_ref(), "fires_at")?,
    })
}

pub(super) fn read_cancelled(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::TimerCancelled::decode(bytes)?;
    let at = instant(message.at.as_ref(), "at")?;
    Ok(Event::TimerCancelled { timer_id: timer_id(&message.timer_id)?, at })
}

pub(super) fn read_fired(bytes: &[u8]) -> Result<Event, DecodeError> {
    let message = v1::TimerFired::decode(bytes)?;
    Ok(Event::TimerFired {
        timer_id: timer_id(&message.timer_id)?,
        ticket_id: ticket_id(&message.ticket_id)?,
        kind: known::<v1::TimerKind, _>(message.timer, "timer")?,
        step: message.step,
        subject_ref: uuid_opt(&message.subject_ref, "subject_ref")?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        fired_at: instant(message.fired_at.as_ref(), "fired_at")?,
        wait_until: instant_opt(message.wait_until.as_ref(), "wait_until")?,
    })
}

fn timer_id(text: &str) -> Result<TimerId, DecodeError> {
    uuid(text, "timer_id").map(TimerId)
}
