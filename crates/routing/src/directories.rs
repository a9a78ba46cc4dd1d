//! The directories of tenants, cached in memory and brought up to date at every use.
//!
//! A directory's stream grows without end: every change of availability is an event of it. So each
//! process reads it in full only once, in pages. Answers are as strongly consistent as the log:
//! each reflects a read that began after the question.
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::directory::{Command, Directory, Rejection, State};
use domain::ids::directory_stream_id;
use eventlog::{Cause, Error, ExecuteError, Executed, Kept, Log, Tenant, TenantKey, execute_kept};

/// The directories of all tenants.
pub(crate) struct Directories {
    log: Log,
    capacity: usize,
    tenants: Mutex<HashMap<TenantKey, Arc<Place>>>,
}

/// The place of one directory. Changes within a process wait for each other, so the start of a
/// shift causes no conflicts.
#[derive(Default)]
struct Place {
    /// How many looks at the log have begun.
    begun: AtomicU64,
    stood: tokio::sync::Mutex<Stood>,
}

#[derive(Default)]
struct Stood {
    kept: Kept<Directory>,
    /// The number of the last look that told everything.
    look: u64,
}

impl Directories {
    /// Keeps those of `capacity` tenants.
    pub(crate) fn new(log: Log, capacity: usize) -> Self {
        Self { log, capacity, tenants: Mutex::default() }
    }

    /// Reads from the tenant's directory as it is now.
    pub(crate) async fn read<R>(
        &self,
        tenant: &Tenant,
        read: impl FnOnce(&State) -> R,
    ) -> Result<R, Error> {
        let place = self.place(tenant.key);
        let asked = place.begun.load(Ordering::Acquire);
        let mut stood = place.stood.lock().await;
        // One look may answer all who waited for it to begin.
        if stood.look <= asked {
            let look = place.begun.fetch_add(1, Ordering::AcqRel) + 1;
            stood.kept.refresh(&self.log, tenant, directory_stream_id(&tenant.name)).await?;
            stood.look = look;
        }
        Ok(read(&stood.kept.loaded().state))
    }

    /// Changes the tenant's directory.
    pub(crate) async fn execute(
        &self,
        tenant: &Tenant,
        cause: &Cause,
        command: &Command,
    ) -> Result<Executed<Directory>, ExecuteError<Rejection>> {
        let place = self.place(tenant.key);
        let mut stood = place.stood.lock().await;
        let id = directory_stream_id(&tenant.name);
        execute_kept(&self.log, tenant, id, cause, command, &mut stood.kept).await
    }

    fn place(&self, tenant: TenantKey) -> Arc<Place> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= self.capacity && !tenants.contains_key(&tenant) {
            // Any will do: it costs one reading of its stream to come back.
            if let Some(other) = tenants.keys().next().copied() {
                tenants.remove(&other);
            }
        }
        Arc::clone(tenants.entry(tenant).or_default())
    }
}

impl std::fmt::Debug for Directories {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directories").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
