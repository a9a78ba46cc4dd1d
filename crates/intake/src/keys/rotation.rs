//! Another master key takes over: every key is wrapped anew, in batches, while intake serves.
//!
//! ```text
//! the others are superseded ─▶ whoever wraps with one of them has ended ─▶ batches ─▶ retired
//! ```
//! The bytes of the keys stay as they are, so nothing that they seal changes. Each batch is one
//! transaction, and a key tells by which master key it is wrapped: killed anywhere, it goes on
//! where it was when it is run again.
use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::ring::Ring;
use super::store::Row;
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
    /// Keys that this run wrapped anew.
    pub keys: u64,
    /// Master keys that wrap nothing any more, and did before.
    pub retired: u64,
}

/// The master keys that the store knows, the oldest first, and how many keys each wraps. Reads
/// the whole key store.
///
/// # Errors
/// If the key store cannot be read.
pub async fn master_keys(pool: &PgPool) -> sqlx::Result<Vec<MasterKeyUse>> {
    let rows: Vec<(String, jiff_sqlx::Timestamp, bool, i64)> = sqlx::query_as(
        "select left(encode(m.check_sum, 'hex'), 8), m.created_at, m.superseded_at is not null,
                (select count(*) from keys.subject_key k
                  where k.master_id = m.master_id and k.wrapped is not null)
           from keys.master_key m order by m.master_id",
    )
    .fetch_all(pool)
    .await?;
    let used = rows.into_iter().map(|(check_sum, created_at, superseded, keys)| MasterKeyUse {
        check_sum,
        created_at: created_at.to_jiff(),
        superseded,
        keys: keys.unsigned_abs(),
    });
    Ok(used.collect())
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
    supersede(pool, ring.first()).await.context("supersede the other master keys")?;
    let mut rotated = Rotated::default();
    let mut after = (i32::MIN, Uuid::nil());
    while let Some(last) = wrap_batch(pool, &ring, after, batch, &mut rotated.keys).await? {
        progress(rotated.keys);
        after = last;
    }
    rotated.retired = retire(pool, ring.first()).await?;
    Ok(rotated)
}

/// From here on only the first one wraps: those who began to before are waited for.
async fn supersede(pool: &PgPool, first: i16) -> sqlx::Result<()> {
    sqlx::query(
        "update keys.master_key
            set superseded_at = case when master_id = $1 then null
                                     else coalesce(superseded_at, now()) end,
                retired_at = case when master_id = $1 then null else retired_at end",
    )
    .bind(first)
    .execute(pool)
    .await?;
    let mut tx = pool.begin().await?;
    sqlx::query("lock table keys.subject_key in share mode").execute(&mut *tx).await?;
    tx.commit().await
}

/// Wraps the next keys anew; answers the last of them, none at the end.
async fn wrap_batch(
    pool: &PgPool,
    ring: &Ring,
    (tenant, key_id): (i32, Uuid),
    batch: u16,
    wrapped_so_far: &mut u64,
) -> anyhow::Result<Option<(i32, Uuid)>> {
    let mut tx = pool.begin().await.context("begin a batch")?;
    // A key that is being destroyed is waited for, and passed over.
    let rows: Vec<Row> = sqlx::query_as(
        "select tenant, key_id, wrapped, master_id from keys.subject_key
          where (tenant, key_id) > ($1, $2) and master_id <> $3 and wrapped is not null
          order by tenant, key_id
          limit $4
            for update",
    )
    .bind(tenant)
    .bind(key_id)
    .bind(ring.first())
    .bind(i64::from(batch))
    .fetch_all(&mut *tx)
    .await
    .context("read the next keys")?;
    let Some(last) = rows.last().map(|row| (row.tenant, row.key_id)) else { return Ok(None) };
    let mut anew = Vec::with_capacity(rows.len());
    for row in rows {
        let (tenant, id) = (row.tenant, row.key_id);
        let Some(wrapped) = row.wrapped() else { continue };
        let key = ring.unwrap(id, &wrapped).with_context(|| format!("open the key {id}"))?;
        let wrapped = ring.wrap(id, &key).with_context(|| format!("wrap the key {id}"))?;
        anew.push((tenant, id, wrapped.bytes));
    }
    let written = write(&mut tx, ring.first(), &anew).await.context("write the keys")?;
    ensure!(written == anew.len() as u64, "{written} of {} keys were written", anew.len());
    tx.commit().await.context("commit a batch")?;
    *wrapped_so_far += written;
    Ok(Some(last))
}

async fn write(
    tx: &mut PgConnection,
    first: i16,
    anew: &[(i32, Uuid, Vec<u8>)],
) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "update keys.subject_key k set wrapped = new.wrapped, master_id = $4
           from unnest($1::integer[], $2::uuid[], $3::bytea[]) as new (tenant, key_id, wrapped)
          where k.tenant = new.tenant and k.key_id = new.key_id and k.wrapped is not null",
    )
    .bind(anew.iter().map(|one| one.0).collect::<Vec<_>>())
    .bind(anew.iter().map(|one| one.1).collect::<Vec<_>>())
    .bind(anew.iter().map(|one| one.2.as_slice()).collect::<Vec<_>>())
    .bind(first)
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Notes which master keys nobody needs any longer.
async fn retire(pool: &PgPool, first: i16) -> anyhow::Result<u64> {
    let left: i64 = sqlx::query_scalar(
        "select count(*) from keys.subject_key where master_id <> $1 and wrapped is not null",
    )
    .bind(first)
    .fetch_one(pool)
    .await
    .context("look for keys that were left out")?;
    ensure!(left == 0, "{left} keys are wrapped by other master keys: run it again");
    let retired = sqlx::query(
        "update keys.master_key set retired_at = now()
          where master_id <> $1 and retired_at is null",
    );
    let retired = retired.bind(first).execute(pool).await.context("retire the others")?;
    Ok(retired.rows_affected())
}
