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
use crate::page::Last;

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
