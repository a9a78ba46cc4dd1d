//! Tables of the schema `keys`.
pub(super) mod erasure;
pub(super) mod masters;

use std::collections::HashMap;
use std::sync::Arc;

use eventlog::TenantKey;
use eventlog::sealing::{Found, KeyMaker, KeySource, KeysAway, Owner, SubjectKey};
use futures::future::BoxFuture;
use sqlx::PgPool;
use uuid::Uuid;

use super::making::Making;
use super::master::KeyBytes;
use super::ring::{Closed, Ring, Wrapped};

/// The key store. Clones share it.
#[derive(Clone)]
pub(crate) struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    pool: PgPool,
    ring: Ring,
    making: Making,
}

impl Store {
    pub(super) fn new(pool: PgPool, ring: Ring) -> Self {
        Self { shared: Arc::new(Shared { pool, ring, making: Making::default() }) }
    }

    /// The key of this id, a new one if there never was one; `None` if it was destroyed.
    pub(crate) async fn make_one(
        &self,
        tenant: TenantKey,
        stream_id: Uuid,
        id: Uuid,
    ) -> Result<Option<KeyBytes>, KeysAway> {
        let Shared { pool, ring, making } = &*self.shared;
        making.make(pool, ring, (tenant, id), stream_id).await
    }

    /// The keys of these ids that are there. One that cannot be opened for ever is not.
    pub(crate) async fn read(
        &self,
        tenant: TenantKey,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, KeyBytes>, KeysAway> {
        let Shared { pool, ring, .. } = &*self.shared;
        let rows: Vec<Row> = sqlx::query_as(
            "select tenant, key_id, wrapped, master_id from keys.subject_key
              where tenant = $1 and key_id = any($2)",
        )
        .bind(tenant.0)
        .bind(ids)
        .fetch_all(pool)
        .await
        .map_err(KeysAway::new)?;
        if rows.len() < ids.len() {
            // No event is appended before its key is kept. So these streams are older than that,
            // or somebody took the rows away and what they seal is lost.
            let missing = ids.len() - rows.len();
            tracing::warn!(missing, "keys are not in the key store");
        }
        let mut keys = HashMap::with_capacity(rows.len());
        for row in rows {
            let id = row.key_id;
            if let Some(key) = row.key(ring)? {
                keys.insert(id, key);
            }
        }
        Ok(keys)
    }
}

impl KeySource for Store {
    fn keys<'a>(
        &'a self,
        owner: Owner<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<Found>, KeysAway>> {
        Box::pin(async move {
            let keys = self.read(owner.key, ids).await?;
            Ok(ids.iter().map(|id| found(keys.get(id))).collect())
        })
    }
}

impl KeyMaker for Store {
    fn make<'a>(
        &'a self,
        owner: Owner<'a>,
        stream_id: Uuid,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Found, KeysAway>> {
        Box::pin(async move { Ok(found(self.make_one(owner.key, stream_id, id).await?.as_ref())) })
    }
}

/// A key as it is kept.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(super) tenant: i32,
    pub(super) key_id: Uuid,
    /// Its bytes unless it is destroyed.
    wrapped: Option<Vec<u8>>,
    master_id: i16,
}

impl Row {
    /// The key, unless it is destroyed.
    pub(super) fn wrapped(self) -> Option<Wrapped> {
        let master_id = self.master_id;
        self.wrapped.map(|bytes| Wrapped { master_id, bytes })
    }

    /// The key itself. None if it is destroyed, or was damaged: then it is lost, and everybody
    /// else's go on. A master key that is missing here may be had elsewhere.
    pub(super) fn key(self, ring: &Ring) -> Result<Option<KeyBytes>, KeysAway> {
        let (tenant, id) = (self.tenant, self.key_id);
        let Some(wrapped) = self.wrapped() else { return Ok(None) };
        match ring.unwrap(id, &wrapped) {
            Ok(key) => Ok(Some(key)),
            Err(Closed::NoMaster) => Err(KeysAway::new(Closed::NoMaster)),
            Err(Closed::Damaged(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(
                    error, tenant.key = tenant, key.id = %id,
                    "a key of the key store was damaged: what it seals is lost"
                );
                Ok(None)
            }
        }
    }
}

/// Keeps new keys; answers those of these ids, whether they are new or were there. A master key
/// that was superseded a moment ago makes none.
pub(super) async fn insert(
    pool: &PgPool,
    (tenants, ids): (&[i32], &[Uuid]),
    streams: Vec<Uuid>,
    (master_id, wrapped): (i16, Vec<Vec<u8>>),
) -> sqlx::Result<Vec<Row>> {
    let new: Vec<Row> = sqlx::query_as(
        // On disk before an event needs it, whatever the database's default is.
        "insert into keys.subject_key (tenant, key_id, stream_id, wrapped, master_id, made_after)
         select new.*, $5, coalesce(head.position, 0)
           from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::bytea[])
                    as new (tenant, key_id, stream_id, wrapped)
          cross join set_config('synchronous_commit', 'on', true)
           left join log.tenant t on t.tenant = new.tenant
           left join lateral (select b.last_position as position from log.batch b
                               where b.partition = t.partition
                               order by b.last_position desc limit 1) head on true
          where exists (select from keys.master_key
                         where master_id = $5 and superseded_at is null)
             on conflict (tenant, key_id) do nothing
         returning tenant, key_id, wrapped, master_id",
    )
    .bind(tenants)
    .bind(ids)
    .bind(streams)
    .bind(wrapped)
    .bind(master_id)
    .fetch_all(pool)
    .await?;
    if new.len() == ids.len() {
        return Ok(new);
    }
    // Made before, perhaps by another process a moment ago.
    sqlx::query_as(
        "select tenant, key_id, wrapped, master_id from keys.subject_key
          where (tenant, key_id) in (select * from unnest($1::integer[], $2::uuid[]))",
    )
    .bind(tenants)
    .bind(ids)
    .fetch_all(pool)
    .await
}

fn found(key: Option<&KeyBytes>) -> Found {
    key.map_or(Found::Gone, |key| Found::Key(Arc::new(SubjectKey::new(key))))
}
