//! The taxonomies of all tenants, cached in memory and refreshed regularly.
//!
//! A version that another replica publishes is known here after `taxonomy_refresh` at the latest;
//! one that this process publishes, at once. The event of the ticket names the version that its
//! code was checked against.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::taxonomy::{Taxonomies, stream_id};
use eventlog::{Error, Loaded, Log, Tenant, TenantKey, load_on};
use tokio::time::Instant;

use crate::config::Config;

/// Every version of a tenant.
type Published = Loaded<Taxonomies>;

/// The taxonomies of all tenants.
#[derive(Clone)]
pub(crate) struct Known {
    log: Log,
    refresh: Duration,
    capacity: usize,
    /// Written by the call that finds a tenant's versions too old.
    tenants: Arc<Mutex<HashMap<TenantKey, Versions>>>,
}

/// What is known of a tenant.
#[derive(Clone)]
struct Versions {
    read_at: Instant,
    published: Arc<Published>,
}

impl Known {
    pub(crate) fn new(log: Log, config: &Config) -> Self {
        Self {
            log,
            refresh: config.taxonomy_refresh,
            capacity: config.cached_tenants,
            tenants: Arc::default(),
        }
    }

    /// The tenant's versions, not older than the setting allows.
    pub(crate) async fn of(&self, tenant: &Tenant) -> Result<Arc<Published>, Error> {
        let known = self.lock().get(&tenant.key).cloned();
        match known {
            Some(known) if known.read_at.elapsed() < self.refresh => Ok(known.published),
            known => self.read(tenant, known).await,
        }
    }

    /// The tenant's versions, strongly consistent.
    pub(crate) async fn now(&self, tenant: &Tenant) -> Result<Arc<Published>, Error> {
        let known = self.lock().get(&tenant.key).cloned();
        self.read(tenant, known).await
    }

    /// Reads on after what is known.
    async fn read(
        &self,
        tenant: &Tenant,
        known: Option<Versions>,
    ) -> Result<Arc<Published>, Error> {
        let read_at = Instant::now();
        let known = known.map(|known| Published::clone(&known.published)).unwrap_or_default();
        let published = load_on(&self.log, tenant, stream_id(&tenant.name), known).await?;
        let published = Arc::new(published);
        self.remember(tenant.key, Versions { read_at, published: Arc::clone(&published) });
        Ok(published)
    }

    fn remember(&self, tenant: TenantKey, known: Versions) {
        let mut tenants = self.lock();
        // By time, not by version: a restored log may have fewer versions than were known.
        let is_older = |other: &Versions| other.read_at > known.read_at;
        if tenants.get(&tenant).is_some_and(is_older) {
            return;
        }
        if tenants.len() >= self.capacity && !tenants.contains_key(&tenant) {
            // Any will do: it costs one reading of a short stream to come back.
            if let Some(other) = tenants.keys().next().copied() {
                tenants.remove(&other);
            }
        }
        tenants.insert(tenant, known);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantKey, Versions>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
