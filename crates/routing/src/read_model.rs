//! The tables that people and the floor use, folded from the log in the transaction that moves the
//! cursor.
pub(crate) mod agent_loads;
mod early_priorities;
pub(crate) mod open_routes;
pub(crate) mod queue_depths;

use std::collections::BTreeMap;

use domain::ids::{QueueId, TicketId};
use domain::priority::Priority;
use eventlog::subscription::{HandlerError, Subscriber};
use eventlog::{Partition, Recorded, TenantKey};
use sqlx::{Connection as _, PgConnection, PgPool};

use crate::change::{self, Change};
use agent_loads::AgentLoad;
use open_routes::{Known, OpenRoute};

/// Name of the service's one subscription.
pub(crate) const SUBSCRIPTION: &str = "routing";

/// A ticket of a tenant.
pub(crate) type RouteKey = (TenantKey, TicketId);

/// The read model alone: no reactions.
#[derive(Debug)]
pub(crate) struct Projection;

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        let mut changes = Vec::new();
        for event in events {
            if let Some((ticket_id, change)) = change::read(event)? {
                changes.push((event, (event.tenant, ticket_id), change));
            }
        }
        // One subscription's batch is of one partition.
        let Some(partition) = changes.first().map(|(event, ..)| event.partition) else {
            return Ok(());
        };
        let mut before =
            changes.iter().map(|(_, key, _)| (*key, Known::default())).collect::<BTreeMap<_, _>>();
        open_routes::read(tx, &mut before).await?;
        early_priorities::read(tx, &mut before).await?;
        let mut after = before.clone();
        let mut tally = Tally::default();
        let mut given = BTreeMap::new();
        for (event, key, change) in changes {
            if let Change::Assigned(agent_id) = &change {
                let at = given.entry((event.tenant, agent_id.clone())).or_insert(event.occurred_at);
                *at = (*at).max(event.occurred_at);
            }
            let known = after.entry(key).or_default();
            *known = std::mem::take(known).after(&change, event);
        }
        for (key, known) in &before {
            tally.add(key.0, known.route.as_ref(), -1);
        }
        for (key, known) in &after {
            tally.add(key.0, known.route.as_ref(), 1);
        }
        open_routes::write(tx, &before, &after).await?;
        early_priorities::write(tx, &before, &after, partition).await?;
        queue_depths::add(tx, &tally.0).await?;
        agent_loads::note(tx, partition, &given).await?;
        Ok(())
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// By how much the counters change in one batch.
#[derive(Debug, Default)]
struct Tally(BTreeMap<(TenantKey, QueueId), queue_depths::Delta>);

impl Tally {
    fn add(&mut self, tenant: TenantKey, route: Option<&OpenRoute>, times: i32) {
        let Some(route) = route else { return };
        let queue = self.0.entry((tenant, route.queue_id.clone())).or_default();
        match &route.owner {
            None => queue.waiting += times,
            Some(_) => queue.assigned += times,
        }
    }
}

/// The open routes and loads of a partition, as of one position.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) position: u64,
    pub(crate) routes: Vec<(RouteKey, OpenRoute)>,
    pub(crate) early_priorities: Vec<(RouteKey, Priority)>,
    pub(crate) loads: Vec<AgentLoad>,
}

/// Reads tables and cursor of a partition at one moment.
pub(crate) async fn snapshot(pool: &PgPool, partition: Partition) -> Result<Snapshot, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut tx = connection.begin_with("begin isolation level repeatable read, read only").await?;
    let position: Option<i64> = sqlx::query_scalar(
        "select position from subscription_cursor where subscription = $1 and partition = $2",
    )
    .bind(SUBSCRIPTION)
    .bind(partition.0)
    .fetch_optional(&mut *tx)
    .await?;
    let routes = open_routes::of_partition(&mut tx, partition).await?;
    let early_priorities = early_priorities::of_partition(&mut tx, partition).await?;
    let loads = agent_loads::of_partition(&mut tx, partition).await?;
    tx.commit().await?;
    let position = position.and_then(|position| u64::try_from(position).ok()).unwrap_or(0);
    Ok(Snapshot { position, routes, early_priorities, loads })
}
