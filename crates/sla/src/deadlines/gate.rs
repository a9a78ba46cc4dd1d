//! Nothing is late before everything that happened until then has been seen.
//!
//! When a timer of a partition is due, the gate notes the log's head. The timer may fire once the
//! subscription, here or in another replica, has reacted up to there. The gate waits as long as the
//! subscription makes progress, since the distance is fixed. Without progress it opens after
//! `catch_up_wait`: a deadline must not be blocked for ever, and proof that arrives late voids the
//! breach.
use std::collections::HashMap;
use std::time::Duration;

use eventlog::subscription::{Status, cursor};
use eventlog::{Error, Log, Partition};
use jiff::Timestamp;
use sqlx::PgPool;
use tokio::time::Instant;

use super::metrics;
use crate::read_model::SUBSCRIPTION;

/// The gates that are closed.
#[derive(Debug)]
pub(super) struct Gates {
    wait: Duration,
    /// The subscription in this process.
    status: Status,
    closed: HashMap<Partition, Gate>,
}

/// What a partition waits for.
#[derive(Debug, Clone, Copy)]
struct Gate {
    /// Timers up to here may fire behind it.
    until: Timestamp,
    /// What must have been seen.
    head: u64,
    /// How far the subscription was when it was last seen to move, and when that was.
    seen: u64,
    moved: Instant,
}

impl Gates {
    pub(super) fn new(wait: Duration, status: Status) -> Self {
        Self { wait, status, closed: HashMap::new() }
    }

    /// Up to which instant timers of the partition may fire; `None` if they have to wait.
    pub(super) async fn pass(
        &mut self,
        log: &Log,
        pool: &PgPool,
        partition: Partition,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        let mut gate = match self.closed.get(&partition) {
            Some(gate) => *gate,
            None => {
                let head = log.head(partition).await?;
                Gate { until: now, head, seen: 0, moved: Instant::now() }
            }
        };
        let reacted = self.reacted(log, pool, partition, gate.head).await?;
        if reacted > gate.seen {
            (gate.seen, gate.moved) = (reacted, Instant::now());
        }
        let patience_is_over = gate.moved.elapsed() >= self.wait;
        if reacted < gate.head && patience_is_over {
            metrics::UNSEEN.add(1, &[]);
            tracing::warn!(
                %partition, reacted, head = gate.head,
                "the subscription stands still: timers fire without what it has not seen"
            );
        }
        if reacted >= gate.head || patience_is_over {
            self.closed.remove(&partition);
            return Ok(Some(gate.until));
        }
        self.closed.insert(partition, gate);
        Ok(None)
    }

    /// How far the subscription has reacted in a partition: in this process, or in another replica,
    /// whose progress shows only when it writes effects.
    async fn reacted(
        &self,
        log: &Log,
        pool: &PgPool,
        partition: Partition,
        head: u64,
    ) -> Result<u64, Error> {
        let here = self.status.of(partition).map_or(0, |status| status.reaction_position);
        if here >= head {
            return Ok(here);
        }
        let cursors = log.in_time("list subscription cursors", cursor::list(pool)).await?;
        let ours = cursors
            .iter()
            .find(|cursor| cursor.subscription == SUBSCRIPTION && cursor.partition == partition);
        Ok(ours.map_or(0, |cursor| cursor.reaction_position).max(here))
    }
}
