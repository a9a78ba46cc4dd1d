//! How far the projection has come.
use eventlog::Partition;
use sqlx::PgPool;

use super::SUBSCRIPTION;

/// The position up to which everything of the partition is in the tables.
pub(crate) async fn reached(pool: &PgPool, partition: Partition) -> sqlx::Result<u64> {
    let position: Option<i64> = sqlx::query_scalar(
        "select position from subscription_cursor where subscription = $1 and partition = $2",
    )
    .bind(SUBSCRIPTION)
    .bind(partition.0)
    .fetch_optional(pool)
    .await?;
    Ok(position.map_or(0, i64::unsigned_abs))
}
