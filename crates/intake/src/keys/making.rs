//! Creates keys, many in one commit: the first caller writes for all who wait.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use eventlog::sealing::KeysAway;
use eventlog::{TenantKey, describe};
use sqlx::PgPool;
use tokio::sync::oneshot;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::master::KeyBytes;
use super::ring::Ring;

/// Keys that may wait to be made; one more is refused.
const MOST_WAITING: usize = 10_000;

/// A key of a tenant.
type Id = (TenantKey, Uuid);
/// The key; `None` if it was destroyed or lost.
type Answer = Result<Option<KeyBytes>, KeysAway>;

/// A request for a key, and where the answer goes.
struct Wanted {
    id: Id,
    stream_id: Uuid,
    answer: oneshot::Sender<Answer>,
}

/// The keys that wait to be made. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Making(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Added to by every task that needs a key, emptied by the task that writes.
    waiting: Mutex<Vec<Wanted>>,
    /// Held by the one who writes.
    writing: tokio::sync::Mutex<()>,
}

impl Making {
    /// The key of this id; a new one if there never was one. None if it was destroyed or lost.
    pub(super) async fn make(&self, pool: &PgPool, ring: &Ring, id: Id, stream_id: Uuid) -> Answer {
        let (answer, answered) = oneshot::channel();
        {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= MOST_WAITING {
                return Err(KeysAway::new("too many keys wait to be made"));
            }
            waiting.push(Wanted { id, stream_id, answer });
        }
        // In a task of its own: it also writes for others, who still wait if this call is dropped.
        let (making, pool, ring) = (self.clone(), pool.clone(), ring.clone());
        tokio::spawn(async move { making.write_waiting(&pool, &ring).await });
        answered.await.unwrap_or_else(|error| Err(KeysAway::new(error)))
    }

    /// Writes for all who wait at the time at which no other task writes.
    async fn write_waiting(&self, pool: &PgPool, ring: &Ring) {
        let _writing = self.0.writing.lock().await;
        let wanted = {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        if wanted.is_empty() {
            return;
        }
        let written = write(pool, ring, &wanted).await.map_err(|error| describe(&error));
        for Wanted { id, answer, .. } in wanted {
            let made = match &written {
                Ok(keys) => match keys.get(&id) {
                    Some(Ok(key)) => Ok(key.clone()),
                    Some(Err(reason)) => Err(KeysAway::new(reason.as_str())),
                    None => Err(KeysAway::new("no key was made")),
                },
                Err(reason) => Err(KeysAway::new(reason.as_str())),
            };
            // Who does not wait any more needs no key.
            let _ = answer.send(made);
        }
    }
}

/// The outcome for every requested key, or why none was created.
type Written = HashMap<Id, Result<Option<KeyBytes>, String>>;

/// Creates the missing keys.
async fn write(pool: &PgPool, ring: &Ring, wanted: &[Wanted]) -> Result<Written, KeysAway> {
    let mut made: HashMap<Id, (Uuid, Vec<u8>)> = HashMap::new();
    for Wanted { id, stream_id, .. } in wanted {
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
