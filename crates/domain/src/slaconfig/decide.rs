//! What may be published, and under which version.
use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Command, Event, MAX_VERSIONS, PublishedCalendar, PublishedPolicy, PublishedRegime, Rejection,
    State,
};
use crate::calendar::{self, Calendar};
use crate::policy::{self, Policy, Scope};
use crate::regime::{self, Regime};

pub(super) fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    let event = match command.clone() {
        Command::PublishPolicy { draft, effective_from, sha256 } => {
            let policy = Arc::new(policy(state, draft, effective_from)?);
            Event::PolicyPublished(PublishedPolicy { policy, effective_from, sha256 })
        }
        Command::PublishCalendar { draft, effective_from, sha256 } => {
            let calendar = Arc::new(calendar(state, draft, effective_from)?);
            Event::CalendarPublished(PublishedCalendar { calendar, effective_from, sha256 })
        }
        Command::PublishRegime { draft, sha256 } => {
            let regime = Arc::new(regime(state, *draft)?);
            Event::RegimePublished(PublishedRegime { regime, sha256 })
        }
    };
    Ok(vec![event])
}

fn policy(
    state: &State,
    draft: policy::Draft,
    effective_from: Timestamp,
) -> Result<Policy, Rejection> {
    room(state.policies.len())?;
    let standard = draft.id == Policy::pl_standard().id();
    if standard && draft.scope != Scope::Everybody {
        return Err(Rejection::StandardForSome);
    }
    let preset = u32::from(standard);
    let same = state.policies.iter().filter(|p| p.policy.id() == draft.id);
    let version = same.map(|p| p.policy.version()).max().unwrap_or(preset) + 1;
    let policy = Policy::new(policy::Draft { version, ..draft }).map_err(Rejection::Policy)?;
    let unknown = |rule: &policy::Rule| !state.has_calendar(&rule.calendar, effective_from);
    if let Some(rule) = policy.rules().iter().position(unknown) {
        let name = policy.rules()[rule].calendar.clone();
        return Err(Rejection::UnknownCalendar { rule, name });
    }
    let unknown = |timer: &policy::Automation| !state.has_calendar(&timer.calendar, effective_from);
    match policy.automations().iter().position(unknown) {
        Some(automation) => {
            let name = policy.automations()[automation].calendar.clone();
            Err(Rejection::UnknownTimerCalendar { automation, name })
        }
        None => reachable(state, policy, effective_from),
    }
}

fn reachable(
    state: &State,
    policy: Policy,
    effective_from: Timestamp,
) -> Result<Policy, Rejection> {
    for calendar in state.calendars_from(effective_from) {
        if let Some(part) = policy.draft().too_long_on(&calendar).first() {
            let calendar = calendar.reference().id.clone();
            return Err(Rejection::TooLong { part: *part, calendar });
        }
    }
    Ok(policy)
}

fn calendar(
    state: &State,
    draft: calendar::Draft,
    effective_from: Timestamp,
) -> Result<Calendar, Rejection> {
    room(state.calendars.len())?;
    let preset = u32::from(calendar::preset(&draft.id).is_some());
    let references = state.calendars.iter().map(|p| p.calendar.reference());
    let same = references.filter(|reference| reference.id == draft.id);
    let version = same.map(|reference| reference.version).max().unwrap_or(preset) + 1;
    let calendar =
        Calendar::new(calendar::Draft { version, ..draft }).map_err(Rejection::Calendar)?;
    // Tickets of a version that applies no more were promised what it was when it did.
    let policies = state.policies_from(effective_from);
    let too_long = |policy: &&Arc<Policy>| !policy.draft().too_long_on(&calendar).is_empty();
    match policies.iter().find(too_long) {
        Some(policy) => {
            let (policy, version) = (policy.id().to_owned(), policy.version());
            Err(Rejection::TooLittleTime { policy, version })
        }
        None => Ok(calendar),
    }
}

fn regime(state: &State, draft: regime::Draft) -> Result<Regime, Rejection> {
    room(state.regimes.len())?;
    let same = state.regimes.iter().filter(|p| p.regime.code() == draft.code);
    let version = same.map(|p| p.regime.version()).max().unwrap_or(0) + 1;
    Regime::new(regime::Draft { version, ..draft }).map_err(Rejection::Regime)
}

fn room(versions: usize) -> Result<(), Rejection> {
    if versions < MAX_VERSIONS { Ok(()) } else { Err(Rejection::Full) }
}
