//! Rotates the master key: every key is wrapped anew, in batches, while intake serves.
//!
//! ```text
//! the others are superseded ─▶ transactions that wrap with them have ended ─▶ batches ─▶ retired
//! ```
//! The bytes of the keys stay the same, so nothing that they seal changes. Each batch is one
//! transaction, and every key names the master key that wraps it. A rotation that was killed
//! continues where it was when it is run again.
use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use sqlx::PgPool;
use uuid::Uuid;

use super::ring::Ring;
use super::store::masters;
use crate::config::Config;

/// A master key that the key store knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterKeyUse {
    /// The beginning of its check sum, by which people tell it from another one.
    pub check_sum: String,
    /// When the store came to know it.
    pub created_at: Timestamp,
    /// It wraps no new key.
    pub superseded: bool,
    /// How many keys it wraps.
    pub keys: u64,
}

/// What a rotation has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotated {
    /// Keys that this run wrapped again.
    pub keys: u64,
    /// Master keys that wrap nothing any more, and did before.
    pub retired: u64,
}

/// The master keys that the store knows, the oldest first, and how many keys each wraps. Reads
/// the whole key store.
///
/// # Errors
/// If the key store cannot be read.
pub async fn master_keys(pool: &PgPool) -> anyhow::Result<Vec<MasterKeyUse>> {
    masters::uses(pool).await
}

/// Wraps every key with the first configured master key; with the rights of the database's owner.
/// Tells after each batch how many keys this run has wrapped.
///
/// # Errors
/// If a master key that is needed is not configured or does not open a key, or the key store
/// cannot be read or written.
pub async fn rotate_master_key(
    pool: &PgPool,
    config: &Config,
    batch: u16,
    mut progress: impl FnMut(u64) + Send,
) -> anyhow::Result<Rotated> {
    let ring = super::ring(pool, config).await?;
    masters::supersede(pool, ring.first()).await.context("supersede the other master keys")?;
    let mut rotated = Rotated::default();
    let mut after = (i32::MIN, Uuid::nil());
    while let Some(last) = wrap_batch(pool, &ring, after, batch, &mut rotated.keys).await? {
        progress(rotated.keys);
        after = last;
    }
    rotated.retired = masters::retire(pool, ring.first()).await?;
    Ok(rotated)
}

/// Wraps the next keys with the first master key; returns the last of them, `None` at the end.
async fn wrap_batch(
    pool: &PgPool,
    ring: &Ring,
    after: (i32, Uuid),
    batch: u16,
    wrapped_so_far: &mut u64,
) -> anyhow::Result<Option<(i32, Uuid)>> {
    let mut tx = pool.begin().await.context("begin a batch")?;
    let rows = masters::others(&mut tx, ring.first(), after, batch).await?;
    let Some(last) = rows.last().map(|row| (row.tenant, row.key_id)) else { return Ok(None) };
    let mut anew = Vec::with_capacity(rows.len());
    for row in rows {
        let (tenant, id) = (row.tenant, row.key_id);
        let Some(wrapped) = row.wrapped() else { continue };
        let key = ring.unwrap(id, &wrapped).with_context(|| format!("open the key {id}"))?;
        let wrapped = ring.wrap(id, &key).with_context(|| format!("wrap the key {id}"))?;
        anew.push((tenant, id, wrapped.bytes));
    }
    let written = masters::write(&mut tx, ring.first(), &anew).await?;
    ensure!(written == anew.len() as u64, "{written} of {} keys were written", anew.len());
    tx.commit().await.context("commit a batch")?;
    *wrapped_so_far += written;
    Ok(Some(last))
}
