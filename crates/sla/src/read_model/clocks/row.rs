//! A clock as a row of the table.
use std::time::Duration;

use domain::calendar::CalendarRef;
use domain::clock::{Basis, Breach, Clock, Goal, Outcome, Phase, Warn};
use domain::ids::{ClockId, HoldId, TicketId};
use eventlog::TenantKey;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{Error, Row as _};
use wire::intake::v1 as intake;
use wire::sla::v1;
use wire::words::{known, known_opt};

/// An element of the column `warn_at`.
#[derive(Serialize, Deserialize)]
struct Warning {
    percent: u8,
    at: Timestamp,
}

/// The statement that puts clocks in, or in place of what they were.
pub(super) fn write(clocks: &[(TenantKey, &Clock)]) -> Query<'static, Postgres, PgArguments> {
    let of = Columns { clocks };
    let none = v1::ClockOutcome::Unspecified.into();
    sqlx::query(include_str!("write.sql"))
        .bind(clocks.iter().map(|(tenant, _)| tenant.0).collect::<Vec<_>>())
        .bind(of.each(|c| c.id.0))
        .bind(of.each(|c| c.ticket_id.0))
        .bind(of.each(|c| v1::ClockKind::from(c.kind) as i32))
        .bind(of.each(|c| v1::ClockClass::from(c.class) as i32))
        .bind(of.each(|c| i64::from(c.cycle)))
        .bind(of.each(|c| policy(c).0.to_owned()))
        .bind(of.each(|c| policy(c).1))
        .bind(of.each(|c| regime(c).0.to_owned()))
        .bind(of.each(|c| regime(c).1))
        .bind(of.each(|c| c.calendar.as_ref().map(|c| c.id.clone()).unwrap_or_default()))
        .bind(of.each(|c| c.calendar.as_ref().map_or(0, |c| i64::from(c.version))))
        .bind(of.each(target_s))
        .bind(of.each(|c| last_day(c).map(|(day, _)| day.to_string()).unwrap_or_default()))
        .bind(of.each(|c| last_day(c).map(|(_, unrolled)| unrolled.to_string())))
        .bind(of.each(|c| c.safe_due_at.map(Timestamp::to_sqlx)))
        .bind(of.each(|c| c.silence.map(|silence| v1::SilenceEffect::from(silence) as i32)))
        .bind(of.each(|c| millis(c.granted)))
        .bind(of.each(|c| c.started_at.to_sqlx()))
        .bind(of.each(|c| millis(c.carried)))
        .bind(of.each(|c| state(c) as i32))
        .bind(of.each(|c| since(c).to_sqlx()))
        .bind(of.each(|c| match c.phase {
            Phase::Paused { hold_id, .. } => Some(hold_id.0),
            Phase::Running { .. } | Phase::Stopped { .. } => None,
        }))
        .bind(of.each(|c| match c.phase {
            Phase::Stopped { outcome, .. } => number(outcome),
            Phase::Running { .. } | Phase::Paused { .. } => none,
        }))
        .bind(of.each(|c| c.due_at.map(Timestamp::to_sqlx)))
        .bind(of.each(|c| json(&c.percents)))
        .bind(of.each(|c| json(&c.warn_at.iter().map(warning).collect::<Vec<_>>())))
        .bind(of.each(|c| i32::from(c.warned)))
        .bind(of.each(|c| c.breach.map(|breach| breach.due_at.to_sqlx())))
        .bind(of.each(|c| c.breach.is_some_and(|breach| breach.voided)))
        .bind(of.each(|c| c.first_outcome.map_or(none, number)))
        .bind(of.each(|c| c.subject_ref))
        .bind(of.each(|c| c.promise.map(|kind| intake::PromiseKind::from(kind) as i32)))
}

/// Rows, column by column: a statement of many rows has one parameter for each.
struct Columns<'a> {
    clocks: &'a [(TenantKey, &'a Clock)],
}

impl Columns<'_> {
    fn each<T>(&self, value: impl Fn(&Clock) -> T) -> Vec<T> {
        self.clocks.iter().map(|(_, clock)| value(clock)).collect()
    }
}

/// Id and version of the policy that demands the clock.
fn policy(clock: &Clock) -> (&str, i64) {
    match &clock.basis {
        Basis::Policy { id, version } => (id, i64::from(*version)),
        Basis::Regime { .. } | Basis::Given => ("", 0),
    }
}

/// Code and version of the regime that demands it.
fn regime(clock: &Clock) -> (&str, i64) {
    match &clock.basis {
        Basis::Regime { code, version } => (code, i64::from(*version)),
        Basis::Policy { .. } | Basis::Given => ("", 0),
    }
}

fn target_s(clock: &Clock) -> i64 {
    match clock.goal {
        Goal::Target(target) => i64::try_from(target.as_secs()).unwrap_or(i64::MAX),
        Goal::LastDay { .. } | Goal::Instant => 0,
    }
}

/// The last day, and where the count of days ended before it moved on.
fn last_day(clock: &Clock) -> Option<(Date, Date)> {
    match clock.goal {
        Goal::LastDay { day, unrolled } => Some((day, unrolled)),
        Goal::Target(_) | Goal::Instant => None,
    }
}

fn state(clock: &Clock) -> v1::ClockState {
    match clock.phase {
        Phase::Running { .. } => v1::ClockState::Running,
        Phase::Paused { .. } => v1::ClockState::Paused,
        Phase::Stopped { .. } => v1::ClockState::Stopped,
    }
}

fn since(clock: &Clock) -> Timestamp {
    match clock.phase {
        Phase::Running { since } | Phase::Paused { since, .. } => since,
        Phase::Stopped { at, .. } => at,
    }
}

fn number(outcome: Outcome) -> i32 {
    v1::ClockOutcome::from(outcome).into()
}

fn warning(warn: &Warn) -> Warning {
    Warning { percent: warn.percent, at: warn.at }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("numbers and instants are JSON")
}

/// The clock in a row, and its tenant.
///
/// # Errors
/// [`Error::Decode`] if the row says what no clock can be.
pub(super) fn read(row: &PgRow) -> Result<(TenantKey, Clock), Error> {
    let number = |column: &str| row.try_get::<i64, _>(column);
    let instant = |column: &str| -> Result<Option<Timestamp>, Error> {
        let at: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
        Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
    };
    let required = |column: &str| instant(column)?.ok_or(Error::ColumnNotFound(column.to_owned()));
    let warn_at: Vec<Warning> = list(row, "warn_at")?;
    let breach_voided = row.try_get("breach_voided")?;
    let first_outcome = row.try_get("first_outcome")?;
    let promise: Option<i32> = row.try_get("promise")?;
    let silence: Option<i32> = row.try_get("silence")?;
    let clock = Clock {
        id: ClockId(row.try_get("clock_id")?),
        ticket_id: TicketId(row.try_get("ticket_id")?),
        kind: known::<v1::ClockKind, _>(row.try_get("kind")?, "kind").map_err(broken)?,
        class: known::<v1::ClockClass, _>(row.try_get("class")?, "class").map_err(broken)?,
        cycle: small(number("cycle")?)?,
        subject_ref: row.try_get("subject_ref")?,
        promise: known_opt::<intake::PromiseKind, _>(promise.unwrap_or(0), "promise")
            .map_err(broken)?,
        // Only the rules ask for it, and they read the log.
        channel: None,
        basis: basis_of(row)?,
        calendar: calendar_of(row)?,
        goal: goal_of(row)?,
        safe_due_at: instant("safe_due_at")?,
        silence: known_opt::<v1::SilenceEffect, _>(silence.unwrap_or(0), "silence")
            .map_err(broken)?,
        granted: Duration::from_millis(number("granted_ms")?.unsigned_abs()),
        started_at: required("started_at")?,
        carried: Duration::from_millis(number("elapsed_ms")?.unsigned_abs()),
        phase: phase_of(row, required("since")?)?,
        due_at: instant("due_at")?,
        percents: list(row, "percents")?,
        warn_at: warn_at.iter().map(|w| Warn { percent: w.percent, at: w.at }).collect(),
        warned: small(i64::from(row.try_get::<i32, _>("warned")?))?,
        breach: instant("breach_due_at")?.map(|due_at| Breach { due_at, voided: breach_voided }),
        first_outcome: known_opt::<v1::ClockOutcome, _>(first_outcome, "first_outcome")
            .map_err(broken)?,
    };
    Ok((TenantKey(row.try_get("tenant")?), clock))
}

fn basis_of(row: &PgRow) -> Result<Basis, Error> {
    let (id, code): (String, String) = (row.try_get("policy_id")?, row.try_get("regime_code")?);
    let version = |column: &str| small(row.try_get::<i64, _>(column)?);
    Ok(match (id.is_empty(), code.is_empty()) {
        (false, _) => Basis::Policy { id, version: version("policy_version")? },
        (true, false) => Basis::Regime { code, version: version("regime_version")? },
        (true, true) => Basis::Given,
    })
}

fn calendar_of(row: &PgRow) -> Result<Option<CalendarRef>, Error> {
    let id: String = row.try_get("calendar_id")?;
    let version = small(row.try_get::<i64, _>("calendar_version")?)?;
    Ok((!id.is_empty()).then_some(CalendarRef { id, version }))
}

fn goal_of(row: &PgRow) -> Result<Goal, Error> {
    let day: String = row.try_get("last_day")?;
    let unrolled: Option<String> = row.try_get("unrolled_day")?;
    Ok(match (row.try_get::<i64, _>("target_s")?, day.as_str()) {
        (0, "") => Goal::Instant,
        (0, _) => Goal::LastDay {
            day: day.parse().map_err(broken)?,
            unrolled: unrolled.unwrap_or(day).parse().map_err(broken)?,
        },
        (seconds, _) => Goal::Target(Duration::from_secs(seconds.unsigned_abs())),
    })
}

fn phase_of(row: &PgRow, since: Timestamp) -> Result<Phase, Error> {
    let state = v1::ClockState::try_from(row.try_get::<i32, _>("state")?).map_err(broken)?;
    Ok(match state {
        v1::ClockState::Running => Phase::Running { since },
        v1::ClockState::Paused => Phase::Paused { since, hold_id: HoldId(row.try_get("hold_id")?) },
        v1::ClockState::Stopped => {
            let outcome = known::<v1::ClockOutcome, _>(row.try_get("outcome")?, "outcome");
            Phase::Stopped { at: since, outcome: outcome.map_err(broken)? }
        }
        v1::ClockState::Unspecified => return Err(broken("a state")),
    })
}

fn list<T: DeserializeOwned>(row: &PgRow, column: &str) -> Result<Vec<T>, Error> {
    serde_json::from_str(row.try_get(column)?).map_err(broken)
}

fn small<N: TryFrom<i64>>(number: i64) -> Result<N, Error> {
    N::try_from(number).map_err(|_| broken("a number in its range"))
}

/// The row says something that the domain cannot mean.
fn broken(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Decode(reason.into())
}
