//! Table `keys.master_key`, and by which master key each key is wrapped.
use anyhow::{Context as _, ensure};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Row;
use crate::keys::rotation::MasterKeyUse;

/// How often a number for a new master key is tried while others take numbers.
const ATTEMPTS: usize = 5;

/// A master key that the store knows.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Known {
    pub(crate) master_id: i16,
    pub(crate) check_sum: Vec<u8>,
    /// It wraps no new key.
    pub(crate) superseded: bool,
    /// It wraps no key at all.
    pub(crate) retired: bool,
}

pub(crate) async fn known(pool: &PgPool) -> anyhow::Result<Vec<Known>> {
    let known = sqlx::query_as(
        "select master_id, check_sum, superseded_at is not null as superseded,
                retired_at is not null as retired
           from keys.master_key order by master_id",
    );
    known.fetch_all(pool).await.context("look at the master keys of the key store")
}

pub(crate) async fn wraps_any(pool: &PgPool, master_id: i16) -> anyhow::Result<bool> {
    let wraps = sqlx::query_scalar(
        "select exists (select from keys.subject_key
                         where master_id = $1 and wrapped is not null)",
    );
    wraps.bind(master_id).fetch_one(pool).await.context("look at the key store")
}

/// The number of the master key; the next one if it is new.
pub(crate) async fn number(pool: &PgPool, check_sum: [u8; 32]) -> anyhow::Result<i16> {
    for _ in 0..ATTEMPTS {
        let known: Option<i16> =
            sqlx::query_scalar("select master_id from keys.master_key where check_sum = $1")
                .bind(check_sum.as_slice())
                .fetch_optional(pool)
                .await
                .context("look at the master keys of the key store")?;
        if let Some(known) = known {
            return Ok(known);
        }
        // Another process may take the same number, or the same key another one.
        sqlx::query(
            "insert into keys.master_key (master_id, check_sum)
             select coalesce(max(master_id), 0) + 1, $1 from keys.master_key
             on conflict do nothing",
        )
        .bind(check_sum.as_slice())
        .execute(pool)
        .await
        .context("note a master key in the key store")?;
    }
    anyhow::bail!("the key store gives no number for a new master key")
}

/// Every master key with how many keys it wraps, the oldest first.
pub(crate) async fn uses(pool: &PgPool) -> anyhow::Result<Vec<MasterKeyUse>> {
    let rows: Vec<(String, jiff_sqlx::Timestamp, bool, i64)> = sqlx::query_as(
        "select left(encode(m.check_sum, 'hex'), 8), m.created_at, m.superseded_at is not null,
                (select count(*) from keys.subject_key k
                  where k.master_id = m.master_id and k.wrapped is not null)
           from keys.master_key m order by m.master_id",
    )
    .fetch_all(pool)
    .await
    .context("count the keys of the key store")?;
    let uses = rows.into_iter().map(|(check_sum, created_at, superseded, keys)| MasterKeyUse {
        check_sum,
        created_at: created_at.to_jiff(),
        superseded,
        keys: keys.unsigned_abs(),
    });
    Ok(uses.collect())
}

/// From here on only the first one wraps: those who began to before are waited for.
pub(crate) async fn supersede(pool: &PgPool, first: i16) -> sqlx::Result<()> {
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

/// The next keys that others than the first one wrap. A key that is being destroyed is waited
/// for, and passed over.
pub(crate) async fn others(
    tx: &mut PgConnection,
    first: i16,
    (tenant, key_id): (i32, Uuid),
    limit: u16,
) -> anyhow::Result<Vec<Row>> {
    sqlx::query_as(
        "select tenant, key_id, wrapped, master_id from keys.subject_key
          where (tenant, key_id) > ($1, $2) and master_id <> $3 and wrapped is not null
          order by tenant, key_id
          limit $4
            for update",
    )
    .bind(tenant)
    .bind(key_id)
    .bind(first)
    .bind(i64::from(limit))
    .fetch_all(tx)
    .await
    .context("read the next keys")
}

/// Keeps keys as the first one wraps them; answers how many.
pub(crate) async fn write(
    tx: &mut PgConnection,
    first: i16,
    anew: &[(i32, Uuid, Vec<u8>)],
) -> anyhow::Result<u64> {
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
    .await
    .context("write the keys")?;
    Ok(done.rows_affected())
}

/// Marks the master keys that no key needs any longer, and returns their number.
pub(crate) async fn retire(pool: &PgPool, first: i16) -> anyhow::Result<u64> {
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
