//! Timers, in both directions.
use domain::calendar::CalendarRef;
use domain::clock::{Event, NoNews, TimerSet, Wait};
use domain::ids::TimerId;
use jiff::Timestamp;
use prost::Message;

use super::basis::{basis, basis_fields, calendar_fields};
use super::{from_seconds, seconds, ticket_id};
use crate::DecodeError;
use crate::scalar::{instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::sla::v1;
use crate::words::known;

impl From<&TimerSet> for v1::TimerSet {
    fn from(timer: &TimerSet) -> Self {
        let (policy_id, policy_version, regime_code, regime_version) = basis_fields(&timer.basis);
        let (calendar, after_s, last_day) = match &timer.wait {
            Wait::WorkingTime { calendar, after } => {
                (Some(calendar), seconds(*after), String::new())
            }
            Wait::LastDay(day) => (None, 0, day.to_string()),
        };
        let (calendar_id, calendar_version) = calendar_fields(calendar);
        let (silent_since, next_due_at) = no_news_fields(timer.no_news);
        Self {
            timer_id: timer.timer_id.0.to_string(),
            ticket_id: timer.ticket_id.0.to_string(),
            timer: v1::TimerKind::from(timer.kind).into(),
            step: timer.step,
            subject_ref: timer.subject_ref.map(|id| id.to_string()).unwrap_or_default(),
            policy_id,
            policy_version,
            calendar_id,
            calendar_version,
            after_s,
            set_at: Some(timestamp(timer.set_at)),
            fires_at: Some(timestamp(timer.fires_at)),
            regime_code,
            regime_version,
            last_day,
            silent_since,
            next_due_at,
        }
    }
}

pub(super) fn write_cancelled(timer_id: TimerId, at: Timestamp) -> Vec<u8> {
    v1::TimerCancelled { timer_id: timer_id.0.to_string(), at: Some(timestamp(at)) }.encode_to_vec()
}

/// The bytes of a fired timer; empty for other events.
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
        no_news,
    } = event
    else {
        return Vec::new();
    };
    let (silent_since, next_due_at) = no_news_fields(*no_news);
    v1::TimerFired {
        timer_id: timer_id.0.to_string(),
        ticket_id: ticket_id.0.to_string(),
        timer: v1::TimerKind::from(*kind).into(),
        step: *step,
        subject_ref: subject_ref.map(|id| id.to_string()).unwrap_or_default(),
        due_at: Some(timestamp(*due_at)),
        fired_at: Some(timestamp(*fired_at)),
        wait_until: wait_until.map(timestamp),
        silent_since,
        next_due_at,
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
        basis: basis(
            (message.policy_id, message.policy_version),
            (message.regime_code, message.regime_version),
        )?,
        wait: match message.last_day.as_str() {
            "" => Wait::WorkingTime {
                calendar: CalendarRef {
                    id: message.calendar_id,
                    version: message.calendar_version,
                },
                after: from_seconds(message.after_s, "after_s")?,
            },
            day => Wait::LastDay(day.parse().map_err(|_| DecodeError::field("last_day"))?),
        },
        set_at: instant(message.set_at.as_ref(), "set_at")?,
        fires_at: instant(message.fires_at.as_ref(), "fires_at")?,
        no_news: no_news(message.silent_since.as_ref(), message.next_due_at.as_ref())?,
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
        no_news: no_news(message.silent_since.as_ref(), message.next_due_at.as_ref())?,
    })
}

type Instant = Option<prost_types::Timestamp>;

fn no_news_fields(no_news: Option<NoNews>) -> (Instant, Instant) {
    let since = no_news.map(|no_news| timestamp(no_news.silent_since));
    (since, no_news.and_then(|no_news| no_news.next_due_at).map(timestamp))
}

fn no_news(
    silent_since: Option<&prost_types::Timestamp>,
    next_due_at: Option<&prost_types::Timestamp>,
) -> Result<Option<NoNews>, DecodeError> {
    let next_due_at = instant_opt(next_due_at, "next_due_at")?;
    let silent_since = instant_opt(silent_since, "silent_since")?;
    Ok(silent_since.map(|silent_since| NoNews { silent_since, next_due_at }))
}

fn timer_id(text: &str) -> Result<TimerId, DecodeError> {
    uuid(text, "timer_id").map(TimerId)
}
