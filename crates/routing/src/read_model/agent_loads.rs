//! How many tickets each agent owns, and when the agent was last given one.
use std::collections::BTreeMap;

use domain::ids::AgentId;
use eventlog::{Partition, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

/// When an agent was last given a ticket. How many the agent owns the floor counts from
/// the open routes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AgentLoad {
    pub(crate) tenant: TenantKey,
    pub(crate) agent_id: AgentId,
    pub(crate) last_assigned_at: Timestamp,
}

/// By how much an agent's row changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delta {
    pub(super) partition: Partition,
    pub(super) owned: i32,
    pub(super) last_assigned_at: Option<Timestamp>,
}

impl Default for Delta {
    fn default() -> Self {
        Self { partition: Partition(0), owned: 0, last_assigned_at: None }
    }
}

/// Adds a batch's changes.
pub(super) async fn add(
    tx: &mut PgConnection,
    deltas: &BTreeMap<(TenantKey, AgentId), Delta>,
) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = deltas
        .iter()
        .filter(|(_, delta)| delta.owned != 0 || delta.last_assigned_at.is_some())
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    // A row begins with an assignment, so the time is there whenever a row is inserted.
    sqlx::query(
        "insert into agent_loads as load (tenant, agent_id, partition, owned, last_assigned_at)
         select tenant, agent_id, partition, owned, coalesce(assigned_at, 'epoch')
           from unnest($1::integer[], $2::text[], $3::smallint[], $4::integer[],
                       $5::timestamptz[]) as delta (tenant, agent_id, partition, owned,
                                                    assigned_at)
         on conflict (tenant, agent_id) do update
            set owned = load.owned + excluded.owned,
                last_assigned_at = greatest(load.last_assigned_at, excluded.last_assigned_at)",
    )
    .bind(rows.iter().map(|((tenant, _), _)| tenant.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|((_, agent), _)| agent.0.clone()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, delta)| delta.partition.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, delta)| delta.owned).collect::<Vec<_>>())
    .bind(
        rows.iter()
            .map(|(_, delta)| delta.last_assigned_at.map(|at| at.to_sqlx()))
            .collect::<Vec<_>>(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Every agent of a partition who was ever given a ticket.
pub(super) async fn of_partition(
    tx: &mut PgConnection,
    partition: Partition,
) -> Result<Vec<AgentLoad>, sqlx::Error> {
    let rows: Vec<(i32, String, jiff_sqlx::Timestamp)> = sqlx::query_as(
        "select tenant, agent_id, last_assigned_at from agent_loads where partition = $1",
    )
    .bind(partition.0)
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(tenant, agent, at)| AgentLoad {
            tenant: TenantKey(tenant),
            agent_id: AgentId(agent),
            last_assigned_at: at.to_jiff(),
        })
        .collect())
}
