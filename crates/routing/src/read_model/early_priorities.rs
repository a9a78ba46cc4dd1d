//! Priorities that tickets got while they had no open route; their next route starts with them.
use std::collections::BTreeMap;

use domain::ids::TicketId;
use domain::priority::Priority;
use eventlog::{Partition, TenantKey};
use sqlx::PgConnection;
use uuid::Uuid;

use super::RouteKey;
use super::open_routes::{Known, columns, priority_number, priority_of};

/// Fills in what is stored of the tickets asked for.
pub(super) async fn read(
    tx: &mut PgConnection,
    known: &mut BTreeMap<RouteKey, Known>,
) -> Result<(), sqlx::Error> {
    let (tenants, tickets) = columns(known.keys());
    let rows: Vec<(i32, Uuid, i16)> = sqlx::query_as(
        "select tenant, ticket_id, priority from early_priorities
          where (tenant, ticket_id) in (select * from unnest($1::integer[], $2::uuid[]))",
    )
    .bind(tenants)
    .bind(tickets)
    .fetch_all(tx)
    .await?;
    for (tenant, ticket_id, priority) in rows {
        let key = (TenantKey(tenant), TicketId(ticket_id));
        known.entry(key).or_default().early_priority = priority_of(priority);
    }
    Ok(())
}

/// Everything of a partition.
pub(super) async fn of_partition(
    tx: &mut PgConnection,
    partition: Partition,
) -> Result<Vec<(RouteKey, Priority)>, sqlx::Error> {
    let rows: Vec<(i32, Uuid, i16)> = sqlx::query_as(
        "select tenant, ticket_id, priority from early_priorities where partition = $1",
    )
    .bind(partition.0)
    .fetch_all(tx)
    .await?;
    let key = |tenant, ticket_id| (TenantKey(tenant), TicketId(ticket_id));
    Ok(rows
        .into_iter()
        .filter_map(|(tenant, id, priority)| Some((key(tenant, id), priority_of(priority)?)))
        .collect())
}

/// Writes what a batch changed.
pub(super) async fn write(
    tx: &mut PgConnection,
    before: &BTreeMap<RouteKey, Known>,
    after: &BTreeMap<RouteKey, Known>,
    partition: Partition,
) -> Result<(), sqlx::Error> {
    let changed = || {
        after.iter().filter(|(key, known)| {
            before.get(key).and_then(|known| known.early_priority) != known.early_priority
        })
    };
    let begun: Vec<_> = changed()
        .filter(|(_, known)| known.early_priority.is_none())
        .map(|(key, _)| *key)
        .collect();
    if !begun.is_empty() {
        let (tenants, tickets) = columns(begun.iter());
        sqlx::query(
            "delete from early_priorities
              where (tenant, ticket_id) in (select * from unnest($1::integer[], $2::uuid[]))",
        )
        .bind(tenants)
        .bind(tickets)
        .execute(&mut *tx)
        .await?;
    }
    let early: Vec<_> =
        changed().filter_map(|(key, known)| Some((key, known.early_priority?))).collect();
    if early.is_empty() {
        return Ok(());
    }
    let (tenants, tickets) = columns(early.iter().map(|(key, _)| *key));
    sqlx::query(
        "insert into early_priorities (tenant, ticket_id, partition, priority)
         select * from unnest($1::integer[], $2::uuid[], $3::smallint[], $4::smallint[])
         on conflict (tenant, ticket_id) do update set priority = excluded.priority",
    )
    .bind(tenants)
    .bind(tickets)
    .bind(vec![partition.0; early.len()])
    .bind(early.iter().map(|(_, priority)| priority_number(*priority)).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
