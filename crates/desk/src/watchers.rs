//! Limits concurrent watches: in total, and per tenant.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use eventlog::TenantKey;

use crate::config;

/// The places of watches. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Watchers {
    most: usize,
    most_of_tenant: usize,
    /// How many run, by tenant; written where a place is taken and where it is dropped.
    running: Arc<Mutex<BTreeMap<TenantKey, usize>>>,
}

/// A place that is taken until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    watchers: Watchers,
    tenant: TenantKey,
}

/// There is no room for another watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// As many run as may run at once.
    All(usize),
    /// So many are the tenant's share.
    Tenant(usize),
}

impl Watchers {
    pub(crate) fn new(settings: &config::Watch) -> Self {
        Self {
            most: settings.max_watchers,
            most_of_tenant: settings.max_watchers_per_tenant,
            running: Arc::default(),
        }
    }

    pub(crate) fn take(&self, tenant: TenantKey) -> Result<Seat, Full> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.values().sum::<usize>() >= self.most {
            return Err(Full::All(self.most));
        }
        let own = running.get(&tenant).copied().unwrap_or_default();
        if own >= self.most_of_tenant {
            return Err(Full::Tenant(self.most_of_tenant));
        }
        running.insert(tenant, own + 1);
        Ok(Seat { watchers: self.clone(), tenant })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut running = self.watchers.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = running.get_mut(&self.tenant) {
            *own -= 1;
            if *own == 0 {
                running.remove(&self.tenant);
            }
        }
    }
}
