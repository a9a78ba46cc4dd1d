//! Choices that were made and are not yet read back from the log.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::{AgentId, TicketId};
use eventlog::TenantKey;

type Key = (TenantKey, TicketId);

/// All holds of a partition.
#[derive(Debug, Default)]
pub(super) struct Holds {
    open: Arc<Mutex<HashMap<Key, Held>>>,
}

#[derive(Debug)]
struct Held {
    agent_id: AgentId,
    /// Where the log has the assignment; none while it is being appended.
    appended_at: Option<u64>,
}

/// One choice. Dropped without [`Hold::appended`] it is discarded: it had no result.
#[derive(Debug)]
pub(crate) struct Hold {
    open: Arc<Mutex<HashMap<Key, Held>>>,
    key: Key,
    appended: bool,
}

impl Holds {
    pub(super) fn take(&self, tenant: TenantKey, ticket_id: TicketId, agent_id: AgentId) -> Hold {
        let key = (tenant, ticket_id);
        lock(&self.open).insert(key, Held { agent_id, appended_at: None });
        Hold { open: Arc::clone(&self.open), key, appended: false }
    }

    /// Forgets what the floor has read from the log up to `position`.
    pub(super) fn settle(&self, position: u64) {
        lock(&self.open).retain(|_, held| held.appended_at.is_none_or(|at| at > position));
    }

    /// How many would settle if the floor followed the log.
    pub(super) fn appended(&self) -> usize {
        lock(&self.open).values().filter(|held| held.appended_at.is_some()).count()
    }

    pub(super) fn of(&self, tenant: TenantKey) -> HashMap<TicketId, AgentId> {
        lock(&self.open)
            .iter()
            .filter(|((of, _), _)| *of == tenant)
            .map(|((_, ticket_id), held)| (*ticket_id, held.agent_id.clone()))
            .collect()
    }
}

impl Hold {
    /// The assignment is in the log at `position` or before: keep counting it until the
    /// floor has got there.
    pub(crate) fn appended(mut self, position: u64) {
        self.appended = true;
        if let Some(held) = lock(&self.open).get_mut(&self.key) {
            held.appended_at = Some(position);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.appended {
            lock(&self.open).remove(&self.key);
        }
    }
}

/// Every critical section leaves the map whole, so a panic elsewhere does not spoil it.
fn lock(open: &Mutex<HashMap<Key, Held>>) -> MutexGuard<'_, HashMap<Key, Held>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
