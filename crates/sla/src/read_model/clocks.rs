//! Table `clocks`: every clock in its present state.
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use domain::clock::{Clock, State};
use eventlog::{HandlerError, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::TicketKey;

/// The last clock of a page, as a place in the order of due times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) due_at: Timestamp,
    pub(crate) clock_id: Uuid,
}

impl Last {
    /// The place of a clock that has a due time.
    pub(crate) fn of(clock: &Clock) -> Option<Self> {
        Some(Self { due_at: clock.due_at?, clock_id: clock.id.0 })
    }
}

/// As the token of a page says it.
impl fmt::Display for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.clock_id, self.due_at.as_microsecond())
    }
}

/// A text that is no place.
#[derive(Debug)]
pub(crate) struct NoPlace;

impl FromStr for Last {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (clock_id, micros) = text.split_once('@').ok_or(NoPlace)?;
        let due_at =
            micros.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
        let clock_id = clock_id.parse().map_err(|_| NoPlace)?;
        Ok(Self { due_at: due_at.ok_or(NoPlace)?, clock_id })
    }
}

/// The clocks of those tickets; a ticket without clocks is left out.
pub(super) async fn of_tickets(
    tx: &mut PgConnection,
    tickets: &BTreeSet<TicketKey>,
) -> Result<BTreeMap<TicketKey, State>, HandlerError> {
    let tenants: Vec<i32> = tickets.iter().map(|(tenant, _)| tenant.0).collect();
    let ids: Vec<Uuid> = tickets.iter().map(|(_, ticket_id)| ticket_id.0).collect();
    let rows: Vec<PgRow> = sqlx::query(
        "select c.*
           from unnest($1::integer[], $2::uuid[]) as k (tenant, ticket_id)
           join clocks c on c.tenant = k.tenant and c.ticket_id = k.ticket_id",
    )
    .bind(tenants)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    let mut states: BTreeMap<TicketKey, State> = BTreeMap::new();
    for row in &rows {
        let (tenant, clock) = row::read(row)?;
        states.entry((tenant, clock.ticket_id)).or_default().clocks.push(clock);
    }
    Ok(states)
}

/// Puts clocks in, or in place of what they were.
pub(super) async fn write(
    tx: &mut PgConnection,
    clocks: &[(TenantKey, &Clock)],
) -> Result<(), HandlerError> {
    if !clocks.is_empty() {
        row::write(clocks).execute(tx).await?;
    }
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
    let rows: Vec<PgRow> = sqlx::query(
        "select c.*
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
    rows.iter().map(|row| row::read(row).map(|(_, clock)| clock)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for due_at in ["1969-12-31T23:59:59Z", "2026-06-01T08:00:00.001Z"] {
            let last = Last { due_at: due_at.parse().unwrap(), clock_id: Uuid::max() };
            assert_eq!(last.to_string().parse::<Last>().unwrap(), last);
        }
        assert!("x".parse::<Last>().is_err());
    }
}
