//! Table `acknowledged`: addresses that were recently sent a confirmation of receipt.
//!
//! It is written when one is made, not by events, which have no address in clear; so a rebuild
//! begins with an empty one.
use std::time::Duration;

use eventlog::TenantKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;
use uuid::Uuid;

/// Notes that the notice confirms to an address; false if another one did within `window`.
pub(crate) async fn take(
    pool: &PgPool,
    (tenant, address): (TenantKey, [u8; 32]),
    notice_id: Uuid,
    (now, window): (Timestamp, Duration),
) -> sqlx::Result<bool> {
    let taken: Option<bool> = sqlx::query_scalar(include_str!("acknowledged/take.sql"))
        .bind(tenant.0)
        .bind(address.as_slice())
        .bind(notice_id)
        .bind(now.to_sqlx())
        .bind(window.as_secs_f64())
        .fetch_optional(pool)
        .await?;
    Ok(taken.is_some())
}
