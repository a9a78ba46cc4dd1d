//! Creates keys, many in one commit: the first caller writes for all who wait.
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use eventlog::TenantKey;
use eventlog::sealing::KeysAway;
use sqlx::PgPool;
use tokio::sync::oneshot::{self, error::TryRecvError};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::master::KeyBytes;
use super::ring::Ring;

/// Keys that may wait to be made; one more is refused.
const MOST_WAITING: usize = 10_000;

/// A key of a tenant.
type Id = (TenantKey, Uuid);
/// A request for a key, and where the answer goes: `None` if the key was destroyed.
struct Wanted {
    id: Id,
    stream_id: Uuid,
    answer: oneshot::Sender<Option<KeyBytes>>,
}

/// The keys that wait to be made.
#[derive(Default)]
pub(super) struct Making {
    /// Added to by every task that needs a key, emptied by the task that writes.
    waiting: Mutex<Vec<Wanted>>,
    /// Held by the one who writes.
    writing: tokio::sync::Mutex<()>,
}

impl Making {
    /// The key of this id; a new one if there never was one. None if it was destroyed.
    pub(super) async fn make(
        &self,
        pool: &PgPool,
        ring: &Ring,
        id: Id,
        stream_id: Uuid,
    ) -> Result<Option<KeyBytes>, KeysAway> {
        let (answer, mut answered) = oneshot::channel();
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= MOST_WAITING {
                return Err(KeysAway::new("too many keys wait to be made"));
            }
            waiting.push(Wanted { id, stream_id, answer });
        }
        let writing = self.writing.lock().await;
        match answered.try_recv() {
            Ok(key) => return Ok(key),
            // The task that wrote for this one failed.
            Err(TryRecvError::Closed) => return Err(KeysAway::new("no key was made")),
            Err(TryRecvError::Empty) => {}
        }
        let wanted = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        write(pool, ring, wanted).await?;
        drop(writing);
        answered.try_recv().map_err(KeysAway::new)
    }
}

/// Creates the missing keys and answers all who wait; none of them if it fails.
async fn write(pool: &PgPool, ring: &Ring, wanted: Vec<Wanted>) -> Result<(), KeysAway> {
    let mut made: HashMap<Id, (Uuid, Vec<u8>)> = HashMap::new();
    for Wanted { id, stream_id, .. } in &wanted {
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
    let mut keys: HashMap<Id, Option<KeyBytes>> = HashMap::with_capacity(rows.len());
    for row in rows {
        let (tenant, id) = (TenantKey(row.tenant), row.key_id);
        let key = row.wrapped().map(|wrapped| ring.unwrap(id, &wrapped)).transpose()?;
        keys.insert((tenant, id), key);
    }
    for Wanted { id, answer, .. } in wanted {
        if let Some(key) = keys.get(&id) {
            // Who does not wait any more needs no key.
            let _ = answer.send(key.clone());
        }
    }
    Ok(())
}
