//! Creates keys, many in one commit: the first caller writes for all who wait.
use std::collections::HashMap;

use eventlog::sealing::{Batched, KeysAway};
use eventlog::{TenantKey, describe};
use sqlx::PgPool;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::master::KeyBytes;
use super::ring::Ring;

/// A key of a tenant.
type Id = (TenantKey, Uuid);
/// The key; `None` if it was destroyed or lost.
type Answer = Result<Option<KeyBytes>, KeysAway>;

/// A key that somebody needs.
struct Wanted {
    id: Id,
    stream_id: Uuid,
}

/// The keys that wait to be made. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Making(Batched<Wanted, Answer>);

impl Making {
    /// The key of this id; a new one if there never was one. None if it was destroyed or lost.
    pub(super) async fn make(&self, pool: &PgPool, ring: &Ring, id: Id, stream_id: Uuid) -> Answer {
        let (pool, ring) = (pool.clone(), ring.clone());
        let make = |all: Vec<Wanted>| async move { make_all(&pool, &ring, &all).await };
        self.0.ask(Wanted { id, stream_id }, make).await?
    }
}

/// The key of each of them.
async fn make_all(pool: &PgPool, ring: &Ring, all: &[Wanted]) -> Vec<Answer> {
    let written = write(pool, ring, all).await.map_err(|error| describe(&error));
    let answer = |wanted: &Wanted| {
        let keys = written.as_ref().map_err(|reason| KeysAway::new(reason.as_str()))?;
        match keys.get(&wanted.id) {
            Some(Ok(key)) => Ok(key.clone()),
            Some(Err(reason)) => Err(KeysAway::new(reason.as_str())),
            None => Err(KeysAway::new("no key was made")),
        }
    };
    all.iter().map(answer).collect()
}

/// The outcome for every requested key, or why none was created.
type Written = HashMap<Id, Result<Option<KeyBytes>, String>>;

/// Creates the missing keys.
async fn write(pool: &PgPool, ring: &Ring, wanted: &[Wanted]) -> Result<Written, KeysAway> {
    let mut made: HashMap<Id, (Uuid, Vec<u8>)> = HashMap::new();
    for Wanted { id, stream_id } in wanted {
        let mut key: KeyBytes = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(KeysAway::new)?;
        let wrapped = ring.wrap(id.1, &key).map_err(KeysAway::new)?;
        made.insert(*id, (*stream_id, wrapped.bytes));
    }
    let (tenants, ids): (Vec<i32>, Vec<Uuid>) = made.keys().map(|id| (id.0.0, id.1)).unzip();
    let (streams, wrapped): (Vec<Uuid>, Vec<Vec<u8>>) = made.into_values().unzip();
    let wrapped = (ring.first(), wrapped);
    let rows = super::store::insert(pool, (&tenants, &ids), streams, wrapped).await;
    let rows = rows.map_err(KeysAway::new)?;
    if rows.len() < ids.len() {
        return Err(KeysAway::new("the first master key was superseded by a rotation"));
    }
    let keys = rows.into_iter().map(|row| {
        let id = (TenantKey(row.tenant), row.key_id);
        let key = row.key(ring).map_err(|error| describe(&error));
        (id, key)
    });
    Ok(keys.collect())
}
