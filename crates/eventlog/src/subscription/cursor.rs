//! The rows of `subscription_cursor`: the position of a subscription, and the fence of its effects.
use sqlx::{PgConnection, PgPool};

use crate::{Error, Log, Partition};

/// Where a subscription stands in one partition. Two positions: effects in tables, and reactions;
/// after a rebuild the first is behind the second and reactions stay silent until it has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionCursor {
    /// Name of the subscription.
    pub subscription: String,
    /// The partition.
    pub partition: Partition,
    /// Epoch of the log in which these positions were reached.
    pub epoch: u32,
    /// Last position whose effects are in the tables.
    pub position: u64,
    /// Last position that was reacted to.
    pub reaction_position: u64,
    /// Which table the row was read from: a rebuild swaps another one in under the same name.
    pub(crate) table: i64,
}

impl SubscriptionCursor {
    /// Everything up to here is done in both ways.
    pub(crate) fn done(&self) -> u64 {
        self.position.min(self.reaction_position)
    }
}

type Row = (String, i16, i32, i64, i64, i64);

fn from_row(row: Row) -> SubscriptionCursor {
    let (subscription, partition, epoch, position, reaction, table) = row;
    SubscriptionCursor {
        table,
        subscription,
        partition: Partition(partition),
        epoch: u32::try_from(epoch).unwrap_or(0),
        position: unsigned(position),
        reaction_position: unsigned(reaction),
    }
}

/// All cursors in the service's schema.
///
/// # Errors
/// [`Error::Query`] if the database does not answer.
pub async fn list(pool: &PgPool) -> Result<Vec<SubscriptionCursor>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select subscription, partition, epoch, position, reaction_position, tableoid::bigint
           from subscription_cursor order by subscription, partition",
    )
    .fetch_all(pool)
    .await
    .map_err(|source| Error::Query { operation: "list subscription cursors", source })?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// An operator's word that a subscription which waits for it may go on in the log's present epoch.
/// Both positions are lowered to `resume_after` if the operator knows the last event that survived,
/// otherwise to where the log ended when the epoch was raised: what was appended from then on, it has
/// not seen. Of the positions between a restore and that end, it may have seen the lost events only.
/// What lost events left behind in the tables goes away with a rebuild.
///
/// `false` if it does not wait: it has the log's epoch and is not ahead of its end. Events that it
/// has applied must not come again.
///
/// # Errors
/// [`Error::Query`] if a database does not answer.
pub async fn confirm_epoch(
    pool: &PgPool,
    log: &Log,
    subscription: &str,
    partition: Partition,
    resume_after: Option<u64>,
) -> Result<bool, Error> {
    let epoch = log.epoch(partition).await?;
    let head = log.head(partition).await?;
    let before: Option<i32> = sqlx::query_scalar(
        "select epoch from subscription_cursor where subscription = $1 and partition = $2",
    )
    .bind(subscription)
    .bind(partition.0)
    .fetch_optional(pool)
    .await
    .map_err(|source| Error::Query { operation: "read a subscription's epoch", source })?;
    let Some(before) = before else { return Ok(false) };
    let raised_at = log.raised_at(partition, before.unsigned_abs()).await?;
    let limit = resume_after.or(raised_at).unwrap_or(head).min(head);
    let confirmed = sqlx::query(
        "update subscription_cursor
            set epoch = $3, updated_at = now(),
                position = least(position, $4), reaction_position = least(reaction_position, $4)
          where subscription = $1 and partition = $2 and (epoch <> $3 or position > $5)",
    )
    .bind(subscription)
    .bind(partition.0)
    .bind(signed_epoch(epoch))
    .bind(signed(limit))
    .bind(signed(head))
    .execute(pool)
    .await
    .map_err(|source| Error::Query { operation: "confirm an epoch", source })?;
    let confirmed = confirmed.rows_affected() == 1;
    if confirmed {
        tracing::warn!(subscription, %partition, epoch, limit, "epoch confirmed by an operator");
    }
    Ok(confirmed)
}

/// Reads the cursor, or makes it: a new subscription starts before the first event. A reaction
/// position of `reactions_after` silences reactions up to there (a rebuild silences all).
pub(crate) async fn open(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
    epoch: u32,
    reactions_after: u64,
) -> Result<SubscriptionCursor, sqlx::Error> {
    sqlx::query(
        "insert into subscription_cursor
                (subscription, partition, epoch, position, reaction_position)
         values ($1, $2, $3, 0, $4) on conflict do nothing",
    )
    .bind(subscription)
    .bind(partition.0)
    .bind(signed_epoch(epoch))
    .bind(signed(reactions_after))
    .execute(pool)
    .await?;
    let row: Row = sqlx::query_as(
        "select subscription, partition, epoch, position, reaction_position, tableoid::bigint
           from subscription_cursor where subscription = $1 and partition = $2",
    )
    .bind(subscription)
    .bind(partition.0)
    .fetch_one(pool)
    .await?;
    Ok(from_row(row))
}

/// Moves the cursor if it still stands where the caller believes it does, and keeps its row
/// locked until the transaction ends. `false`: another replica moved it, and nothing may be done.
///
/// The transaction's commit does not wait for the disk: effects and cursor are lost together, if
/// at all, and what was lost follows from the log again.
pub(crate) async fn advance(
    tx: &mut PgConnection,
    expected: &SubscriptionCursor,
    position: u64,
    reaction_position: u64,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query(
        "update subscription_cursor
            set position = $6, reaction_position = $7, updated_at = now()
           from (select set_config('synchronous_commit', 'off', true)) as derived
          where subscription = $1 and partition = $2
            and epoch = $3 and position = $4 and reaction_position = $5
            and subscription_cursor.tableoid::bigint = $8",
    )
    .bind(&expected.subscription)
    .bind(expected.partition.0)
    .bind(signed_epoch(expected.epoch))
    .bind(signed(expected.position))
    .bind(signed(expected.reaction_position))
    .bind(signed(position))
    .bind(signed(reaction_position))
    .bind(expected.table)
    .execute(tx)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Positions are `bigint` in Postgres; the log cannot reach its end.
pub(crate) fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

fn signed_epoch(epoch: u32) -> i32 {
    i32::try_from(epoch).unwrap_or(i32::MAX)
}
