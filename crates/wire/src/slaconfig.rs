//! The events of published policies, calendars and regimes, in both directions; also the API
//! messages of policies and calendars.
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::calendar::{self, Calendar, HolidaySet};
use domain::policy::{self, Automation, Policy, Reopen, Rule, Scope};
use domain::priority::Priority;
use domain::slaconfig::{Event, PublishedCalendar, PublishedPolicy, PublishedRegime};
use prost::Message;

use crate::common::v1 as common;
use crate::event;
use crate::intake::v1::TicketType;
use crate::scalar::{instant, timestamp};
use crate::sla::v1;
use crate::words::known;
use crate::{DecodeError, Payload, regime};

impl Payload for Event {
    const CATEGORY: &'static str = "slaconfig";

    fn event_type(&self) -> &'static str {
        match self {
            Self::PolicyPublished(_) => event::POLICY_PUBLISHED,
            Self::CalendarPublished(_) => event::CALENDAR_PUBLISHED,
            Self::RegimePublished(_) => event::REGIME_PUBLISHED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::PolicyPublished(published) => v1::PolicyPublished {
                policy: Some(published.policy.draft().into()),
                effective_from: Some(timestamp(published.effective_from)),
                sha256: Bytes::copy_from_slice(&published.sha256),
            }
            .encode_to_vec(),
            Self::CalendarPublished(published) => v1::CalendarPublished {
                calendar: Some((&published.calendar.draft()).into()),
                effective_from: Some(timestamp(published.effective_from)),
                sha256: Bytes::copy_from_slice(&published.sha256),
            }
            .encode_to_vec(),
            Self::RegimePublished(published) => v1::RegimePublished {
                regime: Some(published.regime.draft().into()),
                effective_from: Some(timestamp(published.regime.effective_from())),
                sha256: Bytes::copy_from_slice(&published.sha256),
            }
            .encode_to_vec(),
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::POLICY_PUBLISHED => read_policy_published(bytes).map(Self::PolicyPublished),
            event::CALENDAR_PUBLISHED => {
                read_calendar_published(bytes).map(Self::CalendarPublished)
            }
            event::REGIME_PUBLISHED => read_regime_published(bytes).map(Self::RegimePublished),
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn read_policy_published(bytes: &[u8]) -> Result<PublishedPolicy, DecodeError> {
    let message = v1::PolicyPublished::decode(bytes)?;
    let draft = message.policy.ok_or(DecodeError::Field { field: "policy" })?.try_into()?;
    Ok(PublishedPolicy {
        policy: Arc::new(Policy::new(draft).map_err(|_| DecodeError::field("policy"))?),
        effective_from: instant(message.effective_from.as_ref(), "effective_from")?,
        sha256: hash(&message.sha256)?,
    })
}

fn read_calendar_published(bytes: &[u8]) -> Result<PublishedCalendar, DecodeError> {
    let message = v1::CalendarPublished::decode(bytes)?;
    let draft = message.calendar.ok_or(DecodeError::Field { field: "calendar" })?.try_into()?;
    Ok(PublishedCalendar {
        calendar: Arc::new(Calendar::new(draft).map_err(|_| DecodeError::field("calendar"))?),
        effective_from: instant(message.effective_from.as_ref(), "effective_from")?,
        sha256: hash(&message.sha256)?,
    })
}

fn read_regime_published(bytes: &[u8]) -> Result<PublishedRegime, DecodeError> {
    let message = v1::RegimePublished::decode(bytes)?;
    let sha256 = hash(&message.sha256)?;
    Ok(PublishedRegime { regime: Arc::new(regime::published(&message)?), sha256 })
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], DecodeError> {
    bytes.try_into().map_err(|_| DecodeError::field("sha256"))
}

impl From<&policy::Draft> for v1::Policy {
    fn from(draft: &policy::Draft) -> Self {
        let reopen_mode = match draft.reopen {
            Reopen::Continue => v1::ReopenMode::Continue,
            Reopen::Restart => v1::ReopenMode::Restart,
        };
        let minima = Priority::ALL.into_iter().zip(draft.retarget_min_remaining);
        let minima = minima.filter(|(_, minimum)| !minimum.is_zero());
        Self {
            policy_id: draft.id.clone(),
            version: draft.version,
            targets: draft.rules.iter().map(Into::into).collect(),
            warn_percents: draft.warn_percents.iter().copied().map(u32::from).collect(),
            retarget_min_remaining: minima
                .map(|(priority, minimum)| v1::MinRemaining {
                    priority: common::Priority::from(priority).into(),
                    seconds: seconds(minimum),
                })
                .collect(),
            reopen_mode: reopen_mode.into(),
            automations: draft.automations.iter().map(Into::into).collect(),
            no_news_updates: draft
                .no_news_updates
                .iter()
                .map(|&priority| common::Priority::from(priority).into())
                .collect(),
            scope: write_scope(&draft.scope),
        }
    }
}

fn write_scope(scope: &Scope) -> Option<v1::PolicyScope> {
    let scope = match scope {
        Scope::Everybody => return None,
        Scope::TicketTypes(types) => v1::PolicyScope {
            ticket_types: types.iter().map(|&of| TicketType::from(of).into()).collect(),
            ..Default::default()
        },
        Scope::Segments(segments) => {
            v1::PolicyScope { segments: segments.clone(), ..Default::default() }
        }
        Scope::Contracts(ids) => {
            v1::PolicyScope { contract_ids: ids.clone(), ..Default::default() }
        }
    };
    Some(scope)
}

/// Exactly one of the lists has entries.
fn read_scope(scope: v1::PolicyScope) -> Result<Scope, DecodeError> {
    let v1::PolicyScope { contract_ids, segments, ticket_types } = scope;
    match (contract_ids.is_empty(), segments.is_empty(), ticket_types.is_empty()) {
        (false, true, true) => Ok(Scope::Contracts(contract_ids)),
        (true, false, true) => Ok(Scope::Segments(segments)),
        (true, true, false) => {
            let types = ticket_types.into_iter().map(|of| known::<TicketType, _>(of, "scope"));
            Ok(Scope::TicketTypes(types.collect::<Result<_, _>>()?))
        }
        _ => Err(DecodeError::field("scope")),
    }
}

impl TryFrom<v1::Policy> for policy::Draft {
    type Error = DecodeError;

    fn try_from(policy: v1::Policy) -> Result<Self, DecodeError> {
        let reopen = match v1::ReopenMode::try_from(policy.reopen_mode) {
            Ok(v1::ReopenMode::Unspecified | v1::ReopenMode::Continue) => Reopen::Continue,
            Ok(v1::ReopenMode::Restart) => Reopen::Restart,
            Err(_) => return Err(DecodeError::field("reopen_mode")),
        };
        let mut retarget_min_remaining = [Duration::ZERO; 4];
        for minimum in policy.retarget_min_remaining {
            let priority: Priority =
                known::<common::Priority, _>(minimum.priority, "retarget_min_remaining")?;
            let place = Priority::ALL.into_iter().zip(&mut retarget_min_remaining);
            for (_, place) in place.filter(|(other, _)| *other == priority) {
                *place = duration(minimum.seconds, "retarget_min_remaining")?;
            }
        }
        let percents = policy
            .warn_percents
            .into_iter()
            .map(|percent| u8::try_from(percent).map_err(|_| DecodeError::field("warn_percents")));
        Ok(Self {
            id: policy.policy_id,
            version: policy.version,
            rules: policy.targets.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            warn_percents: percents.collect::<Result<_, _>>()?,
            reopen,
            retarget_min_remaining,
            automations: policy
                .automations
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            no_news_updates: policy
                .no_news_updates
                .into_iter()
                .map(|priority| known::<common::Priority, _>(priority, "no_news_updates"))
                .collect::<Result<_, _>>()?,
            scope: policy.scope.map_or(Ok(Scope::Everybody), read_scope)?,
        })
    }
}

impl From<&Automation> for v1::Automation {
    fn from(automation: &Automation) -> Self {
        Self {
            timer: v1::TimerKind::from(automation.kind).into(),
            after_s: seconds(automation.after),
            calendar_id: automation.calendar.clone(),
        }
    }
}

impl TryFrom<v1::Automation> for Automation {
    type Error = DecodeError;

    fn try_from(automation: v1::Automation) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: known::<v1::TimerKind, _>(automation.timer, "timer")?,
            after: duration(automation.after_s, "after_s")?,
            calendar: automation.calendar_id,
        })
    }
}

impl From<&Rule> for v1::Target {
    fn from(rule: &Rule) -> Self {
        Self {
            kind: v1::ClockKind::from(rule.kind).into(),
            priority: common::Priority::from(rule.priority).into(),
            target_s: seconds(rule.target),
            calendar_id: rule.calendar.clone(),
            channels: rule.channels.iter().map(|&c| common::Channel::from(c).into()).collect(),
        }
    }
}

impl TryFrom<v1::Target> for Rule {
    type Error = DecodeError;

    fn try_from(target: v1::Target) -> Result<Self, DecodeError> {
        let channels =
            target.channels.into_iter().map(|c| known::<common::Channel, _>(c, "channels"));
        Ok(Self {
            priority: known::<common::Priority, _>(target.priority, "priority")?,
            kind: known::<v1::ClockKind, _>(target.kind, "kind")?,
            channels: channels.collect::<Result<_, _>>()?,
            target: duration(target.target_s, "target_s")?,
            calendar: target.calendar_id,
        })
    }
}

impl From<&calendar::Draft> for v1::Calendar {
    fn from(draft: &calendar::Draft) -> Self {
        let week = (1..).zip(&draft.week).flat_map(|(weekday, day)| openings(weekday, day));
        let exceptions = draft.exceptions.iter().map(|(date, day)| v1::CalendarException {
            date: date.to_string(),
            openings: openings(0, day).collect(),
        });
        Self {
            calendar_id: draft.id.clone(),
            version: draft.version,
            time_zone: draft.zone.clone(),
            always: draft.always,
            week: week.collect(),
            holidays: draft.holidays.as_ref().map(|set| set.id().to_owned()).unwrap_or_default(),
            exceptions: exceptions.collect(),
        }
    }
}

impl TryFrom<v1::Calendar> for calendar::Draft {
    type Error = DecodeError;

    fn try_from(calendar: v1::Calendar) -> Result<Self, DecodeError> {
        let mut draft = Self {
            id: calendar.calendar_id,
            version: calendar.version,
            zone: calendar.time_zone,
            always: calendar.always,
            ..Self::default()
        };
        for opening in calendar.week {
            let day = usize::try_from(opening.weekday).ok().and_then(|day| day.checked_sub(1));
            let day = day.and_then(|day| draft.week.get_mut(day));
            day.ok_or(DecodeError::Field { field: "week" })?.push(pair(&opening, "week")?);
        }
        if !calendar.holidays.is_empty() {
            let set = HolidaySet::named(&calendar.holidays);
            draft.holidays = Some(set.ok_or(DecodeError::Field { field: "holidays" })?);
        }
        for exception in calendar.exceptions {
            let field = "exceptions";
            let date = exception.date.parse().map_err(|_| DecodeError::Field { field })?;
            let day = exception.openings.iter().map(|opening| pair(opening, field));
            draft.exceptions.insert(date, day.collect::<Result<_, _>>()?);
        }
        Ok(draft)
    }
}

fn openings(weekday: u32, day: &[(u16, u16)]) -> impl Iterator<Item = v1::Opening> {
    day.iter().map(move |&(open, close)| v1::Opening {
        weekday,
        open_min: u32::from(open),
        close_min: u32::from(close),
    })
}

fn pair(opening: &v1::Opening, field: &'static str) -> Result<(u16, u16), DecodeError> {
    match (u16::try_from(opening.open_min), u16::try_from(opening.close_min)) {
        (Ok(open), Ok(close)) => Ok((open, close)),
        _ => Err(DecodeError::Field { field }),
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn duration(seconds: i64, field: &'static str) -> Result<Duration, DecodeError> {
    u64::try_from(seconds).map(Duration::from_secs).map_err(|_| DecodeError::Field { field })
}
