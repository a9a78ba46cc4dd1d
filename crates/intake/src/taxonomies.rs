//! What tickets of each tenant are about, kept in memory and looked at again every so often.
//!
//! A version that another replica publishes is known here after `taxonomy_refresh` at the
//! latest; one that this process publishes, at once. The version by which a code was checked
//! stands in the ticket's event.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Aggregate as _;
use domain::taxonomy::{Event, State, Taxonomies, stream_id};
use eventlog::{Error, Log, StreamId, Tenant, TenantKey};
use tokio::time::Instant;
use wire::Payload as _;

use crate::config::Config;

/// The taxonomies of all tenants.
#[derive(Clone)]
pub(crate) struct Known {
    log: Log,
    refresh: Duration,
    capacity: usize,
    /// Written by whoever finds a tenant's versions too old.
    tenants: Arc<Mutex<HashMap<TenantKey, Versions>>>,
}

/// What is known of a tenant.
#[derive(Clone)]
struct Versions {
    /// Version of its stream.
    read_to: u32,
    read_at: Instant,
    state: Arc<State>,
}

impl Known {
    pub(crate) fn new(log: Log, config: &Config) -> Self {
        Self {
            log,
            refresh: config.taxonomy_refresh,
            capacity: config.cached_tenants.max(1),
            tenants: Arc::default(),
        }
    }

    /// The tenant's versions, not older than the setting allows.
    pub(crate) async fn of(&self, tenant: &Tenant) -> Result<Arc<State>, Error> {
        let known = self.lock().get(&tenant.key).cloned();
        match known {
            Some(known) if known.read_at.elapsed() < self.refresh => Ok(known.state),
            known => self.read(tenant, known).await,
        }
    }

    /// The tenant's versions, strongly consistent.
    pub(crate) async fn now(&self, tenant: &Tenant) -> Result<Arc<State>, Error> {
        let known = self.lock().get(&tenant.key).cloned();
        self.read(tenant, known).await
    }

    /// Reads on after what is known.
    async fn read(&self, tenant: &Tenant, known: Option<Versions>) -> Result<Arc<State>, Error> {
        let read_at = Instant::now();
        let (read_to, state) =
            known.map_or_else(Default::default, |known| (known.read_to, known.state));
        let mut known = Versions { read_to, read_at, state };
        let stream = StreamId::new(Event::CATEGORY, stream_id(&tenant.name));
        for recorded in self.log.read_stream(tenant, &stream, known.read_to).await? {
            let event = recorded.decode().map_err(|error| Error::Corrupt {
                partition: recorded.partition,
                position: recorded.position,
                reason: error.to_string(),
            })?;
            known.state = Arc::new(Taxonomies::evolve(State::clone(&known.state), &event));
            known.read_to = recorded.version;
        }
        let state = Arc::clone(&known.state);
        self.remember(tenant.key, known);
        Ok(state)
    }

    fn remember(&self, tenant: TenantKey, known: Versions) {
        let mut tenants = self.lock();
        if tenants.get(&tenant).is_some_and(|other| other.read_to > known.read_to) {
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

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TenantKey, Versions>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
