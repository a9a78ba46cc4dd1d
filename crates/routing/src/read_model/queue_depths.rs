//! How many tickets are in each queue.
use std::collections::BTreeMap;

use domain::ids::QueueId;
use eventlog::{Tenant, TenantKey};
use sqlx::{PgConnection, PgPool};

/// Tickets of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Depth {
    /// Without an owner.
    pub(crate) waiting: u32,
    /// With an owner.
    pub(crate) assigned: u32,
}

/// By how much a queue's counters change.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Delta {
    pub(super) waiting: i32,
    pub(super) assigned: i32,
}

/// Adds a batch's changes.
pub(super) async fn add(
    tx: &mut PgConnection,
    deltas: &BTreeMap<(TenantKey, QueueId), Delta>,
) -> Result<(), sqlx::Error> {
    let rows: Vec<_> =
        deltas.iter().filter(|(_, delta)| delta.waiting != 0 || delta.assigned != 0).collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into queue_depths as depth (tenant, queue_id, waiting, assigned)
         select * from unnest($1::integer[], $2::text[], $3::integer[], $4::integer[])
         on conflict (tenant, queue_id) do update
            set waiting = depth.waiting + excluded.waiting,
                assigned = depth.assigned + excluded.assigned",
    )
    .bind(rows.iter().map(|((tenant, _), _)| tenant.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|((_, queue), _)| queue.0.clone()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, delta)| delta.waiting).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, delta)| delta.assigned).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    // An empty queue has no row: whether one is there must not depend on how the events fell
    // into batches.
    sqlx::query("delete from queue_depths where tenant = any($1) and waiting = 0 and assigned = 0")
        .bind(rows.iter().map(|((tenant, _), _)| tenant.0).collect::<Vec<_>>())
        .execute(tx)
        .await?;
    Ok(())
}

/// The tenant's queues in which something stands.
pub(crate) async fn of_tenant(
    pool: &PgPool,
    tenant: &Tenant,
) -> Result<BTreeMap<QueueId, Depth>, sqlx::Error> {
    let rows: Vec<(String, i32, i32)> =
        sqlx::query_as("select queue_id, waiting, assigned from queue_depths where tenant = $1")
            .bind(tenant.key.0)
            .fetch_all(pool)
            .await?;
    let count = |number| u32::try_from(number).unwrap_or(0);
    Ok(rows
        .into_iter()
        .map(|(queue, waiting, assigned)| {
            (QueueId(queue), Depth { waiting: count(waiting), assigned: count(assigned) })
        })
        .collect())
}
