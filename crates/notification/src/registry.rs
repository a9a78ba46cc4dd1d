//! The webhooks of a tenant, at a position of the log and now.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Aggregate as _;
use domain::ids::WebhookId;
use domain::webhook::{self, Command, DisableReason, Endpoint, Webhooks};
use eventlog::{
    Actor, Cause, Changes, HandlerError, Log, Recorded, StreamId, Tenant, TenantKey, trace,
};
use jiff::Timestamp;
use uuid::Uuid;
use wire::common::v1::ActorKind;

/// Category of the streams of webhooks.
const CATEGORY: &str = "webhook";

/// The webhooks of all tenants, read from the log.
pub(crate) struct Registry {
    /// Reads and writes without keys: which endpoints there are turns on no secret.
    log: Log,
    /// The same log, opening secrets.
    sealed: Log,
    /// What the subscription has seen of webhooks.
    changes: Changes,
    /// What was read last, by tenant; written by the call that needed something newer.
    known: Mutex<BTreeMap<TenantKey, Arc<Known>>>,
}

/// The endpoints of a tenant as they were at a position.
struct Known {
    /// All events up to here are in it.
    position: u64,
    /// Each with the position of its registration.
    endpoints: Vec<(u64, Endpoint)>,
}

impl Registry {
    pub(crate) fn new(log: Log, sealed: Log) -> Self {
        Self { log, sealed, changes: Changes::new(CATEGORY), known: Mutex::default() }
    }

    /// Notes what the subscription was given.
    pub(crate) fn arrived(&self, events: &[Recorded]) {
        if self.changes.note(events) {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// The endpoints that are to get `event`: registered before it, and not switched off
    /// by now.
    ///
    /// One read of the log serves all events up to its head, and those after it as long as the
    /// subscription sees no webhook change.
    pub(crate) async fn wanting(&self, event: &Recorded) -> Result<Vec<WebhookId>, HandlerError> {
        let known = match self.remembered(event.tenant) {
            Some(known) if self.is_good(&known, event) => known,
            _ => self.read(event).await?,
        };
        let wanting = known.endpoints.iter().filter(|(registered, endpoint)| {
            *registered < event.position && endpoint.wants(&event.event_type)
        });
        Ok(wanting.map(|(_, endpoint)| endpoint.registered.webhook_id).collect())
    }

    fn is_good(&self, known: &Known, event: &Recorded) -> bool {
        let (seen, position) = (known.position, event.position);
        seen >= position || self.changes.none(event.partition, event.tenant, seen, position)
    }

    fn remembered(&self, tenant: TenantKey) -> Option<Arc<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    async fn read(&self, event: &Recorded) -> Result<Arc<Known>, HandlerError> {
        // The head first: what is read after it has everything up to it.
        let position = self.log.head(event.partition).await?;
        let tenant = event.to_tenant();
        let mut state = webhook::State::default();
        let mut registered = BTreeMap::new();
        let stream = StreamId::new(CATEGORY, Webhooks::stream_id(&tenant.name));
        for recorded in self.log.read_stream(&tenant, &stream, 0).await? {
            let event = recorded.decode::<webhook::Event>()?;
            if let webhook::Event::Registered(new) = &event {
                registered.insert(new.webhook_id, recorded.position);
            }
            state = Webhooks::evolve(state, &event);
        }
        let endpoints = state
            .endpoints
            .into_iter()
            .map(|(id, endpoint)| (registered.get(&id).copied().unwrap_or_default(), endpoint));
        let known = Arc::new(Known { position, endpoints: endpoints.collect() });
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(tenant.key, Arc::clone(&known));
        Ok(known)
    }

    /// The endpoint as it is now, with its secret.
    pub(crate) async fn now(
        &self,
        tenant: &Tenant,
        id: WebhookId,
    ) -> Result<Option<Endpoint>, eventlog::Error> {
        let stream = Webhooks::stream_id(&tenant.name);
        let loaded = eventlog::load::<Webhooks>(&self.sealed, tenant, stream).await?;
        Ok(loaded.state.endpoints.get(&id).cloned())
    }

    /// Switches an endpoint off; false if it is off already.
    pub(crate) async fn disable(
        &self,
        tenant: &Tenant,
        (webhook_id, reason): (WebhookId, DisableReason),
        now: Timestamp,
    ) -> Result<bool, eventlog::ExecuteError<webhook::Rejection>> {
        let stream = Webhooks::stream_id(&tenant.name);
        let command = Command::Disable { webhook_id, reason };
        let cause = own_cause(stream, now);
        let done = eventlog::execute::<Webhooks>(&self.log, tenant, stream, &cause, &command);
        Ok(!done.await?.events.is_empty())
    }
}

/// Why the service does something that no event and no request asked for: in the current
/// trace.
pub(crate) fn own_cause(correlation_id: Uuid, now: Timestamp) -> Cause {
    Cause {
        actor: Actor {
            kind: ActorKind::System,
            id: "notification".to_owned(),
            role: "system".to_owned(),
        },
        request: None,
        causation_id: None,
        correlation_id,
        traceparent: trace::current(),
        occurred_at: now,
        expected_version: None,
        follows: None,
        guards: Vec::new(),
        historical: false,
    }
}
