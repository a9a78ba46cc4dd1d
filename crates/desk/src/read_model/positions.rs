//! How far the projection has come, read from `subscription_cursor`.
use eventlog::{Log, Partition, TenantKey};
use sqlx::{FromRow as _, PgPool, Row as _};
use uuid::Uuid;

use super::tickets::Ticket;
use super::{Error, cannot};
use crate::SUBSCRIPTION;

/// Where the projection stands in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) partition: Partition,
    pub(crate) epoch: u32,
    pub(crate) position: u64,
}

/// All partitions that have a cursor.
pub(crate) async fn reached(log: &Log) -> Result<Vec<Reached>, eventlog::Error> {
    let rows = sqlx::query_as(
        "select partition, epoch, position from subscription_cursor
          where subscription = $1 order by partition",
    )
    .bind(SUBSCRIPTION)
    .fetch_all(log.pool());
    let rows: Vec<(i16, i32, i64)> = log.bounded("read positions", rows).await?;
    let reached = rows.into_iter().map(|(partition, epoch, position)| Reached {
        partition: Partition(partition),
        epoch: u32::try_from(epoch).unwrap_or(0),
        position: u64::try_from(position).unwrap_or(0),
    });
    Ok(reached.collect())
}

/// Which changes are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) partition: Partition,
    pub(crate) tenant: TenantKey,
    pub(crate) ticket_id: Option<Uuid>,
    pub(crate) after: u64,
    pub(crate) limit: u32,
}

/// Changes of tickets in the order of the log.
pub(crate) struct Changes {
    /// Where the projection stood; everything up to there is in its tables.
    pub(crate) reached: Reached,
    /// What changed up to there, at most as many as asked for.
    pub(crate) changes: Vec<Change>,
}

/// An event that changed a ticket.
pub(crate) struct Change {
    pub(crate) position: u64,
    pub(crate) event_type: String,
    /// The ticket as it is now, or `None` if its registration could not be read.
    pub(crate) ticket: Option<Ticket>,
}

/// What changed after a position. `None` as long as the partition has no cursor.
pub(crate) async fn changes(pool: &PgPool, wanted: Wanted) -> Result<Option<Changes>, Error> {
    let rows = sqlx::query(include_str!("../../sql/changes.sql"))
        .bind(SUBSCRIPTION)
        .bind(wanted.partition.0)
        .bind(wanted.tenant.0)
        .bind(i64::try_from(wanted.after).unwrap_or(i64::MAX))
        .bind(wanted.ticket_id)
        .bind(i64::from(wanted.limit))
        // Planned for these values: the ticket may be wanted or not.
        .persistent(false)
        .fetch_all(pool)
        .await
        .map_err(cannot("read changes"))?;
    decode(&rows, wanted.partition).map_err(cannot("read changes"))
}

fn decode(
    rows: &[sqlx::postgres::PgRow],
    partition: Partition,
) -> Result<Option<Changes>, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    let reached = Reached {
        partition,
        epoch: u32::try_from(first.try_get::<i32, _>("epoch")?).unwrap_or(0),
        position: u64::try_from(first.try_get::<i64, _>("reached")?).unwrap_or(0),
    };
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(position) = row.try_get::<Option<i64>, _>("changed_at")? else { continue };
        let known = row.try_get::<Option<i16>, _>("state")?.is_some_and(|state| state != 0);
        changes.push(Change {
            position: u64::try_from(position).unwrap_or(0),
            event_type: row.try_get("event_type")?,
            ticket: if known { Some(Ticket::from_row(row)?) } else { None },
        });
    }
    Ok(Some(Changes { reached, changes }))
}
