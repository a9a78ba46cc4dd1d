//! Keys that a process caches, and decrypting with them.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::common::v1::{Sealed, sealed::Content};
use wire::sealed;

use super::{Batched, ERASED, SubjectKey};
use crate::cursor::Partition;
use crate::error::describe;
use crate::event::Recorded;
use crate::generations::Generations;
use crate::tenants::{Tenant, TenantKey};

/// How many keys a process remembers, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Most keys that a process remembers.
    #[serde(deserialize_with = "crate::positive::count")]
    pub remembered_keys: usize,
    /// How long a key is remembered; the longest time in which a destroyed key may still read.
    #[serde(with = "crate::positive::duration")]
    pub key_ttl: Duration,
    /// How long a service waits for keys.
    #[serde(with = "crate::positive::duration")]
    pub call_timeout: Duration,
}

/// Whose keys they are.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The tenant's key in the log.
    pub key: TenantKey,
    /// The tenant's name in the API.
    pub name: &'a str,
}

impl<'a> From<&'a Tenant> for Owner<'a> {
    fn from(tenant: &'a Tenant) -> Self {
        Self { key: tenant.key, name: &tenant.name }
    }
}

impl<'a> From<&'a Recorded> for Owner<'a> {
    fn from(event: &'a Recorded) -> Self {
        Self { key: event.tenant, name: &event.tenant_name }
    }
}

/// The state of a key.
#[derive(Clone)]
pub enum Found {
    /// It is there.
    Key(Arc<SubjectKey>),
    /// It was destroyed, or lost, which is the same.
    Gone,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key",
            Self::Gone => "Gone",
        })
    }
}

/// The keys cannot be had now; trying again later helps.
#[derive(Debug, thiserror::Error)]
#[error("the keys of personal data are not available")]
pub struct KeysAway(#[source] Box<dyn StdError + Send + Sync>);

impl KeysAway {
    /// With the reason.
    pub fn new(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// Where keys are kept.
pub trait KeySource: Send + Sync + 'static {
    /// The keys of these ids, in their order.
    fn keys<'a>(
        &'a self,
        owner: Owner<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<Found>, KeysAway>>;
}

/// Where keys are made.
pub trait KeyMaker: KeySource {
    /// The key `id` of a stream; a new one if there never was one of this id. It is kept before
    /// this answers.
    fn make<'a>(
        &'a self,
        owner: Owner<'a>,
        stream_id: Uuid,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Found, KeysAway>>;
}

/// What a sealed text says.
#[derive(Clone, PartialEq, Eq)]
pub enum Reading {
    /// The text; empty if there is none.
    Text(String),
    /// Its key was destroyed.
    Erased,
    /// It was changed since it was sealed.
    Broken,
}

impl Reading {
    /// What people are shown: the text, or what stands in its place.
    #[must_use]
    pub fn shown(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Erased => ERASED.to_owned(),
            Self::Broken => String::new(),
        }
    }
}

/// The keys that a process remembers. Clones share them.
#[derive(Clone)]
pub struct Keyring {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<dyn KeySource>,
    /// Several readers of a ticket need its key at once.
    asking: Batched<Wanted, Result<Vec<(Uuid, Found)>, String>>,
    ttl: Duration,
    /// Written by the task that asks the source.
    known: Mutex<Generations<(TenantKey, Uuid), Known>>,
    /// The sessions of the log's writers as last seen; written when something is sealed.
    sessions: Mutex<BTreeMap<Partition, u64>>,
}

/// Keys that somebody needs.
struct Wanted {
    tenant: TenantKey,
    name: Arc<str>,
    ids: Vec<Uuid>,
}

struct Known {
    found: Found,
    since: Instant,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

impl Keyring {
    /// Remembers keys of `source`.
    #[must_use]
    pub fn new(source: impl KeySource, settings: &Settings) -> Self {
        Self::shared(Arc::new(source), settings)
    }

    pub(super) fn shared(source: Arc<dyn KeySource>, settings: &Settings) -> Self {
        let known = Mutex::new(Generations::new(settings.remembered_keys));
        let (ttl, sessions) = (settings.key_ttl, Mutex::default());
        let asking = Batched::default();
        Self { shared: Arc::new(Shared { source, asking, ttl, known, sessions }) }
    }

    /// Forgets everything if that is another session of the partition's writer than before: behind
    /// another connection there may be another server, which has lost keys that are remembered.
    pub(crate) fn in_session(&self, partition: Partition, session: u64) {
        let mut sessions = self.shared.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.insert(partition, session).is_some_and(|before| before != session) {
            self.forget();
        }
    }

    /// Forgets everything, because keys were destroyed.
    pub fn forget(&self) {
        self.known().clear();
    }

    /// What the texts say, in their order.
    ///
    /// # Errors
    /// [`KeysAway`] if a key is needed that cannot be had now.
    pub async fn read(
        &self,
        owner: Owner<'_>,
        texts: &[Option<Sealed>],
    ) -> Result<Vec<Reading>, KeysAway> {
        let ids = texts.iter().flatten().filter_map(|text| sealed::key_id(text).ok().flatten());
        let keys = self.find(owner, ids.collect()).await?;
        Ok(texts.iter().map(|text| read(text.as_ref(), &keys)).collect())
    }

    /// Decrypts the personal data in the events. A text that was changed since it was sealed stays
    /// as it is, and decoding it fails.
    ///
    /// # Errors
    /// [`KeysAway`] if a key is needed that cannot be had now.
    pub async fn open(&self, events: &mut [Recorded]) -> Result<(), KeysAway> {
        let mut wanted: HashMap<TenantKey, BTreeSet<Uuid>> = HashMap::new();
        for event in events.iter() {
            let mut ids = BTreeSet::new();
            // What is no message is told by whoever decodes it.
            if sealed::key_ids(&event.event_type, &event.payload, &mut ids).is_ok() {
                wanted.entry(event.tenant).or_default().append(&mut ids);
            }
        }
        for (tenant, ids) in wanted.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            let of_tenant = |event: &&Recorded| event.tenant == tenant;
            let name = events.iter().find(of_tenant).map(|event| Arc::clone(&event.tenant_name));
            let Some(name) = name else { continue };
            let keys = self.find(Owner { key: tenant, name: &name }, ids).await?;
            for event in events.iter_mut().filter(|event| event.tenant == tenant) {
                let opened = sealed::exchange(&event.event_type, &event.payload, |text| {
                    Ok::<_, wire::DecodeError>(match read(Some(&text), &keys) {
                        Reading::Broken => text,
                        reading => Sealed { content: Some(Content::Clear(reading.shown())) },
                    })
                });
                if let Ok(opened) = opened {
                    event.payload = opened;
                }
            }
        }
        Ok(())
    }

    /// The keys of these ids.
    pub(super) async fn find(
        &self,
        owner: Owner<'_>,
        ids: BTreeSet<Uuid>,
    ) -> Result<HashMap<Uuid, Found>, KeysAway> {
        let mut all = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            match self.remembered(owner.key, id) {
                Some(found) => drop(all.insert(id, found)),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            for (id, found) in self.ask(owner, missing).await? {
                self.remember(owner.key, id, found.clone());
                all.insert(id, found);
            }
        }
        Ok(all)
    }

    /// Asks the source, together with others who ask now.
    async fn ask(&self, owner: Owner<'_>, ids: Vec<Uuid>) -> Result<Vec<(Uuid, Found)>, KeysAway> {
        let wanted = Wanted { tenant: owner.key, name: owner.name.into(), ids };
        let source = Arc::clone(&self.shared.source);
        let asked = |all: Vec<Wanted>| async move { ask_for_all(&*source, &all).await };
        self.shared.asking.ask(wanted, asked).await?.map_err(KeysAway::new)
    }

    pub(super) fn remembered(&self, tenant: TenantKey, id: Uuid) -> Option<Found> {
        let known = self.known();
        let known = known.get(&(tenant, id))?;
        (known.since.elapsed() < self.shared.ttl).then(|| known.found.clone())
    }

    pub(super) fn remember(&self, tenant: TenantKey, id: Uuid, found: Found) {
        self.known().set(&(tenant, id), Known { found, since: Instant::now() });
    }

    fn known(&self) -> MutexGuard<'_, Generations<(TenantKey, Uuid), Known>> {
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What each of them needs: one question per tenant.
async fn ask_for_all(
    source: &dyn KeySource,
    all: &[Wanted],
) -> Vec<Result<Vec<(Uuid, Found)>, String>> {
    let mut tenants: BTreeMap<TenantKey, (&str, BTreeSet<Uuid>)> = BTreeMap::new();
    for wanted in all {
        let tenant = tenants.entry(wanted.tenant).or_insert((&wanted.name, BTreeSet::new()));
        tenant.1.extend(&wanted.ids);
    }
    let mut answers = HashMap::with_capacity(tenants.len());
    for (key, (name, ids)) in tenants {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let found = source.keys(Owner { key, name }, &ids).await;
        let found = found.map(|found| ids.into_iter().zip(found).collect::<HashMap<_, _>>());
        answers.insert(key, found.map_err(|error| describe(&error)));
    }
    let answer = |wanted: &Wanted| {
        let found = answers[&wanted.tenant].as_ref().map_err(String::clone)?;
        Ok(wanted.ids.iter().filter_map(|id| Some((*id, found.get(id)?.clone()))).collect())
    };
    all.iter().map(answer).collect()
}

fn read(text: Option<&Sealed>, keys: &HashMap<Uuid, Found>) -> Reading {
    let sealed = match text.and_then(|text| text.content.as_ref()) {
        None => return Reading::Text(String::new()),
        Some(Content::Clear(text)) => return Reading::Text(text.clone()),
        Some(Content::Ciphertext(sealed)) => sealed,
    };
    let Ok(id) = sealed.key_id.parse::<Uuid>() else { return Reading::Broken };
    match keys.get(&id) {
        Some(Found::Key(key)) => key.open(id, sealed).map_or_else(
            || {
                tracing::error!(key.id = %id, "a sealed text was changed since it was sealed");
                Reading::Broken
            },
            Reading::Text,
        ),
        Some(Found::Gone) => Reading::Erased,
        None => Reading::Broken,
    }
}
