//! When each agent was last given a ticket. The floor counts from the open routes how many tickets
//! an agent owns.
use std::collections::BTreeMap;

use domain::ids::AgentId;
use eventlog::{Partition, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

/// When an agent was last given a ticket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AgentLoad {
    pub(crate) tenant: TenantKey,
    pub(crate) agent_id: AgentId,
    pub(crate) last_assigned_at: Timestamp,
}

/// Notes what a batch gave to whom.
pub(super) async fn note(
    tx: &mut PgConnection,
    partition: Partition,
    given: &BTreeMap<(TenantKey, AgentId), Timestamp>,
) -> Result<(), sqlx::Error> {
    if given.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into agent_loads as load (tenant, agent_id, partition, last_assigned_at)
         select * from unnest($1::integer[], $2::text[], $3::smallint[], $4::timestamptz[])
         on conflict (tenant, agent_id) do update
            set last_assigned_at = greatest(load.last_assigned_at, excluded.last_assigned_at)",
    )
    .bind(given.keys().map(|(tenant, _)| tenant.0).collect::<Vec<_>>())
    .bind(given.keys().map(|(_, agent)| agent.0.clone()).collect::<Vec<_>>())
    .bind(vec![partition.0; given.len()])
    .bind(given.values().map(|at| at.to_sqlx()).collect::<Vec<_>>())
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
