//! Table `clocks`: every clock as its events left it.
mod row;

use std::collections::{BTreeMap, BTreeSet};

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
    /// A text in the same order.
    pub(crate) fn key(self) -> String {
        // From the sign bit on, so that instants before 1970 come first.
        let micros = self.due_at.as_microsecond().cast_unsigned() ^ (1 << 63);
        format!("{micros:016x}-{}", self.clock_id.simple())
    }

    /// What [`Self::key`] was made of.
    pub(crate) fn of(key: &str) -> Option<Self> {
        let (micros, clock_id) = key.split_once('-')?;
        let micros = (u64::from_str_radix(micros, 16).ok()? ^ (1 << 63)).cast_signed();
        let due_at = Timestamp::from_microsecond(micros).ok()?;
        Some(Self { due_at, clock_id: clock_id.parse().ok()? })
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
    fn keys_are_in_the_order_of_due_times() {
        let last = |due_at: &str| Last { due_at: due_at.parse().unwrap(), clock_id: Uuid::max() };
        let places = ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00.001Z", "2026-06-01T08:00:00Z"];
        let keys = places.map(|place| last(place).key());
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys.map(|key| Last::of(&key)), places.map(|place| Some(last(place))));
        assert_eq!(Last::of("x"), None);
    }
}
