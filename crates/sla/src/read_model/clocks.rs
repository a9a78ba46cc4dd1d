//! Table `clocks`: every clock as its events left it.
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::calendar::CalendarRef;
use domain::clock::{Basis, Breach, Clock, Goal, Phase, State, Warn};
use domain::ids::{ClockId, HoldId, TicketId};
use eventlog::{HandlerError, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::intake::v1 as intake;
use wire::sla::v1;
use wire::words::{known, known_opt};

use super::TicketKey;
use crate::page::Last;

/// A row; its columns are named as in the table.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    tenant: i32,
    clock_id: String,
    ticket_id: String,
    kind: i32,
    class: i32,
    cycle: u32,
    policy_id: String,
    policy_version: u32,
    regime_code: String,
    regime_version: u32,
    calendar_id: String,
    calendar_version: u32,
    target_s: u64,
    last_day: String,
    unrolled_day: Option<String>,
    safe_due_at: Option<Timestamp>,
    silence: Option<i32>,
    granted_ms: u64,
    started_at: Timestamp,
    elapsed_ms: u64,
    state: i32,
    since: Timestamp,
    hold_id: Option<String>,
    outcome: i32,
    due_at: Option<Timestamp>,
    percents: Vec<u8>,
    warn_at: Vec<Warning>,
    warned: u8,
    breach_due_at: Option<Timestamp>,
    breach_voided: bool,
    first_outcome: i32,
    subject_ref: Option<String>,
    promise: Option<i32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Warning {
    percent: u8,
    at: Timestamp,
}

/// The clocks of those tickets; a ticket without clocks is left out.
pub(super) async fn of_tickets(
    tx: &mut PgConnection,
    tickets: &BTreeSet<TicketKey>,
) -> Result<BTreeMap<TicketKey, State>, HandlerError> {
    let tenants: Vec<i32> = tickets.iter().map(|(tenant, _)| tenant.0).collect();
    let ids: Vec<Uuid> = tickets.iter().map(|(_, ticket_id)| ticket_id.0).collect();
    let rows: Vec<String> = sqlx::query_scalar(
        "select row_to_json(c)::text
           from unnest($1::integer[], $2::uuid[]) as k (tenant, ticket_id)
           join clocks c on c.tenant = k.tenant and c.ticket_id = k.ticket_id",
    )
    .bind(tenants)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    let mut states: BTreeMap<TicketKey, State> = BTreeMap::new();
    for row in rows {
        let (tenant, clock) = read(&row)?;
        states.entry((tenant, clock.ticket_id)).or_default().clocks.push(clock);
    }
    Ok(states)
}

/// Puts clocks in, or in place of what they were.
pub(super) async fn write(
    tx: &mut PgConnection,
    clocks: &[(TenantKey, &Clock)],
) -> Result<(), HandlerError> {
    let rows: Vec<Row> = clocks.iter().map(|(tenant, clock)| row_of(*tenant, clock)).collect();
    sqlx::query(include_str!("clocks/write.sql")).bind(super::rows(&rows)?).execute(tx).await?;
    Ok(())
}

/// Running clocks of a tenant by due time, after a place in that order.
pub(crate) async fn due(
    pool: &PgPool,
    tenant: TenantKey,
    before: Option<Timestamp>,
    after: Option<Last>,
    limit: i64,
) -> Result<Vec<Clock>, sqlx::Error> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select row_to_json(c)::text
           from clocks c
          where c.tenant = $1 and c.state = 1 and c.due_at < coalesce($2, 'infinity')
            and (c.due_at, c.clock_id) > (coalesce($3, '-infinity'), $4)
          order by c.due_at, c.clock_id
          limit $5",
    )
    .bind(tenant.0)
    .bind(before.map(Timestamp::to_sqlx))
    .bind(after.map(|last| last.due_at.to_sqlx()))
    .bind(after.map_or(Uuid::nil(), |last| last.clock_id))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let clocks = rows.iter().map(|row| read(row).map(|(_, clock)| clock));
    clocks.collect::<Result<_, _>>().map_err(|error| sqlx::Error::Decode(error.into()))
}

fn row_of(tenant: TenantKey, clock: &Clock) -> Row {
    let (policy_id, policy_version, regime_code, regime_version) = match &clock.basis {
        Basis::Policy { id, version } => (id.clone(), *version, String::new(), 0),
        Basis::Regime { code, version } => (String::new(), 0, code.clone(), *version),
        Basis::Given => (String::new(), 0, String::new(), 0),
    };
    let (target_s, last_day, unrolled_day) = match clock.goal {
        Goal::Target(target) => (target.as_secs(), String::new(), None),
        Goal::LastDay { day, unrolled } => (0, day.to_string(), Some(unrolled.to_string())),
        Goal::Instant => (0, String::new(), None),
    };
    let outcome_of = |outcome| v1::ClockOutcome::from(outcome).into();
    let none = v1::ClockOutcome::Unspecified.into();
    let (state, since, hold_id, outcome) = match clock.phase {
        Phase::Running { since } => (v1::ClockState::Running, since, None, none),
        Phase::Paused { since, hold_id } => {
            (v1::ClockState::Paused, since, Some(hold_id.0.to_string()), none)
        }
        Phase::Stopped { at, outcome } => (v1::ClockState::Stopped, at, None, outcome_of(outcome)),
    };
    let calendar = clock.calendar.as_ref();
    let (calendar_id, calendar_version) =
        calendar.map(|c| (c.id.clone(), c.version)).unwrap_or_default();
    Row {
        tenant: tenant.0,
        clock_id: clock.id.0.to_string(),
        ticket_id: clock.ticket_id.0.to_string(),
        kind: v1::ClockKind::from(clock.kind).into(),
        class: v1::ClockClass::from(clock.class).into(),
        cycle: clock.cycle,
        policy_id,
        policy_version,
        regime_code,
        regime_version,
        calendar_id,
        calendar_version,
        target_s,
        last_day,
        unrolled_day,
        safe_due_at: clock.safe_due_at,
        silence: clock.silence.map(|silence| v1::SilenceEffect::from(silence).into()),
        granted_ms: millis(clock.granted),
        started_at: clock.started_at,
        elapsed_ms: millis(clock.carried),
        state: state.into(),
        since,
        hold_id,
        outcome,
        due_at: clock.due_at,
        percents: clock.percents.clone(),
        warn_at: clock.warn_at.iter().map(|w| Warning { percent: w.percent, at: w.at }).collect(),
        warned: clock.warned,
        breach_due_at: clock.breach.map(|breach| breach.due_at),
        breach_voided: clock.breach.is_some_and(|breach| breach.voided),
        first_outcome: clock.first_outcome.map_or(none, outcome_of),
        subject_ref: clock.subject_ref.map(|id| id.to_string()),
        promise: clock.promise.map(|kind| intake::PromiseKind::from(kind).into()),
    }
}

fn read(row: &str) -> Result<(TenantKey, Clock), HandlerError> {
    let row: Row = serde_json::from_str(row).map_err(|_| super::broken("clocks"))?;
    let tenant = TenantKey(row.tenant);
    clock_of(row).map(|clock| (tenant, clock)).ok_or_else(|| super::broken("clocks"))
}

fn clock_of(row: Row) -> Option<Clock> {
    let uuid = |text: &str| text.parse::<Uuid>().ok();
    let since = row.since;
    let phase = match v1::ClockState::try_from(row.state).ok()? {
        v1::ClockState::Running => Phase::Running { since },
        v1::ClockState::Paused => {
            Phase::Paused { since, hold_id: HoldId(uuid(row.hold_id.as_deref()?)?) }
        }
        v1::ClockState::Stopped => {
            let outcome = known::<v1::ClockOutcome, _>(row.outcome, "outcome").ok()?;
            Phase::Stopped { at: since, outcome }
        }
        v1::ClockState::Unspecified => return None,
    };
    let goal = match (row.target_s, row.last_day.as_str()) {
        (0, "") => Goal::Instant,
        (0, day) => {
            let unrolled = row.unrolled_day.as_deref().unwrap_or(day);
            Goal::LastDay { day: day.parse().ok()?, unrolled: unrolled.parse().ok()? }
        }
        (seconds, _) => Goal::Target(Duration::from_secs(seconds)),
    };
    let basis = match (row.policy_id.is_empty(), row.regime_code.is_empty()) {
        (false, _) => Basis::Policy { id: row.policy_id, version: row.policy_version },
        (true, false) => Basis::Regime { code: row.regime_code, version: row.regime_version },
        (true, true) => Basis::Given,
    };
    let subject_ref = match &row.subject_ref {
        Some(id) => Some(uuid(id)?),
        None => None,
    };
    let calendar = CalendarRef { id: row.calendar_id, version: row.calendar_version };
    Some(Clock {
        id: ClockId(uuid(&row.clock_id)?),
        ticket_id: TicketId(uuid(&row.ticket_id)?),
        kind: known::<v1::ClockKind, _>(row.kind, "kind").ok()?,
        class: known::<v1::ClockClass, _>(row.class, "class").ok()?,
        cycle: row.cycle,
        subject_ref,
        promise: known_opt::<intake::PromiseKind, _>(row.promise.unwrap_or(0), "promise").ok()?,
        basis,
        calendar: (!calendar.id.is_empty()).then_some(calendar),
        goal,
        safe_due_at: row.safe_due_at,
        silence: known_opt::<v1::SilenceEffect, _>(row.silence.unwrap_or(0), "silence").ok()?,
        granted: Duration::from_millis(row.granted_ms),
        started_at: row.started_at,
        carried: Duration::from_millis(row.elapsed_ms),
        phase,
        due_at: row.due_at,
        percents: row.percents,
        warn_at: row.warn_at.iter().map(|w| Warn { percent: w.percent, at: w.at }).collect(),
        warned: row.warned,
        breach: row.breach_due_at.map(|due_at| Breach { due_at, voided: row.breach_voided }),
        first_outcome: known_opt::<v1::ClockOutcome, _>(row.first_outcome, "first_outcome").ok()?,
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
