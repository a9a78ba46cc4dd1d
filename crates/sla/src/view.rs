//! Converts clocks, and what was published, to API messages.
use std::sync::Arc;

use domain::calendar::{StatutoryDue, presets};
use domain::clock::{Basis, Clock, Goal, Phase};
use domain::policy::{Policy, Scope};
use domain::regime::{Counting, Dispatch, Matter, Missing, Regime, earliest};
use domain::slaconfig::State;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use wire::intake::v1 as intake;
use wire::scalar::timestamp;
use wire::sla::v1;

/// A clock as its API message.
pub(crate) fn clock(clock: &Clock) -> v1::Clock {
    let (state, ended) = match clock.phase {
        Phase::Running { .. } => (v1::ClockState::Running, None),
        Phase::Paused { .. } => (v1::ClockState::Paused, None),
        Phase::Stopped { at, outcome } => (v1::ClockState::Stopped, Some((at, outcome))),
    };
    let none = || (String::new(), 0);
    let ((policy_id, policy_version), (regime_code, regime_version)) = match &clock.basis {
        Basis::Policy { id, version } => ((id.clone(), *version), none()),
        Basis::Regime { code, version } => (none(), (code.clone(), *version)),
        Basis::Given => (none(), none()),
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
            Goal::LastDay { .. } | Goal::Instant => 0,
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
        regime_code,
        regime_version,
        last_day: match clock.goal {
            Goal::LastDay { day, .. } => day.to_string(),
            Goal::Target(_) | Goal::Instant => String::new(),
        },
        safe_due_at: clock.safe_due_at.map(timestamp),
        silence_effect: clock.silence.map_or(v1::SilenceEffect::Unspecified, Into::into).into(),
        day_count: None,
    }
}

/// What applies now, and everything that was published.
pub(crate) fn config(state: &State, now: Timestamp, review_days: u16) -> v1::GetSlaConfigResponse {
    let calendars = state.calendars_at(now);
    let policies = state.policies();
    let regimes = state.regimes();
    let in_force = regimes.in_force(now);
    v1::GetSlaConfigResponse {
        policy: Some(policies.of_everybody(now).draft().into()),
        narrower_policies: policies
            .in_force(now)
            .filter(|policy| *policy.scope() != Scope::Everybody)
            .map(|policy| policy.draft().into())
            .collect(),
        calendars: calendars.iter().map(|calendar| (&calendar.draft()).into()).collect(),
        regimes: in_force
            .into_values()
            .map(|regime| v1::RegimeInForce {
                regime: Some(regime.draft().into()),
                review_on: regime.review_on(review_days).to_string(),
                past_review: regime.is_past_review(now, review_days),
            })
            .collect(),
        versions: versions(state),
    }
}

fn versions(state: &State) -> Vec<v1::PublishedVersion> {
    use v1::SlaConfigKind::{Calendar, Policy as OfPolicy, Regime as OfRegime};
    let policy = Policy::pl_standard();
    let hash = hash(&v1::Policy { version: 0, ..policy.draft().into() });
    let mut versions = vec![version(OfPolicy, policy.id(), 1, None, &hash)];
    for calendar in presets() {
        let hash = self::hash(&v1::Calendar { version: 0, ..(&calendar.draft()).into() });
        versions.push(version(Calendar, &calendar.reference().id, 1, None, &hash));
    }
    for p in &state.policies {
        let (id, number) = (p.policy.id(), p.policy.version());
        versions.push(version(OfPolicy, id, number, Some(p.effective_from), &p.sha256));
    }
    for p in &state.calendars {
        let reference = p.calendar.reference();
        let from = Some(p.effective_from);
        versions.push(version(Calendar, &reference.id, reference.version, from, &p.sha256));
    }
    for p in &state.regimes {
        let (code, number) = (p.regime.code(), p.regime.version());
        let from = Some(p.regime.effective_from());
        versions.push(version(OfRegime, code, number, from, &p.sha256));
    }
    versions
}

fn version(
    kind: v1::SlaConfigKind,
    id: &str,
    version: u32,
    effective_from: Option<Timestamp>,
    sha256: &[u8; 32],
) -> v1::PublishedVersion {
    v1::PublishedVersion {
        kind: kind.into(),
        id: id.to_owned(),
        version,
        effective_from: effective_from.map(timestamp),
        sha256: sha256.to_vec().into(),
    }
}

fn hash(message: &impl prost::Message) -> [u8; 32] {
    Sha256::digest(message.encode_to_vec()).into()
}

/// The regimes that apply to a matter, with their days.
pub(crate) fn applying(
    regimes: &[Arc<Regime>],
    matter: &Matter,
    counting: &Counting,
    dispatch: Dispatch,
) -> v1::GetRegimesResponse {
    let first = earliest(regimes, counting, dispatch);
    v1::GetRegimesResponse {
        earliest: first.map(|(regime, _)| regime.code().to_owned()).unwrap_or_default(),
        regimes: regimes
            .iter()
            .map(|regime| v1::ApplyingRegime {
                regime: Some(regime.draft().into()),
                due: regime.due(counting, dispatch).ok().map(due),
                extended: day(regime.extended_due(counting, dispatch)),
                ack: day(regime.ack_due(counting.received_at)),
                silence: v1::SilenceEffect::from(regime.silence(matter.customer)).into(),
            })
            .collect(),
    }
}

fn day(found: Result<Option<StatutoryDue>, Missing>) -> Option<v1::RegimeDue> {
    found.ok().flatten().map(due)
}

fn due(due: StatutoryDue) -> v1::RegimeDue {
    v1::RegimeDue {
        last_day: due.last_day.to_string(),
        due_at: Some(timestamp(due.due_at)),
        safe_due_at: Some(timestamp(due.safe_due_at)),
    }
}
