//! Personal data at rest: sealed on the way into the log, opened on the way out.
//!
//! Every stream with personal data has its own key, created with its first event. The log contains
//! ciphertext where the domain has text, so the log, its backups and the broker's messages reveal
//! nothing without the keys, and nothing to anybody once a key is destroyed. One service keeps the
//! keys and gives them out ([`KeySource`]); each process caches some of them ([`Keyring`]).
//!
//! ```text
//! decide ─▶ encode ─▶ seal ─▶ event id, hash, append ─▶ log ─▶ relay, verify: as stored
//! evolve ◀─ decode ◀─ open ◀─────────── read_stream, subscription ◀─┘
//! ```
//! A log without [`Sealing`] writes in clear and reads what is stored: services that need no
//! personal data need no keys. A key that is unavailable is an outage and is tried again; only a
//! destroyed key reads as [`ERASED`].
mod batched;
mod key;
mod keyring;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;
use wire::common::v1::{Sealed, sealed::Content};
use wire::events::v1::Metadata;

pub use batched::Batched;
pub use key::SubjectKey;
pub use keyring::{Found, KeyMaker, KeySource, Keyring, KeysAway, Owner, Reading, Settings};

use crate::event::StreamId;

/// What is read where personal data were, once their key is destroyed.
pub const ERASED: &str = "[usunięto / erased]";

/// Keys of one stream: the first, and those that took the place of destroyed ones.
const MOST_KEYS: u32 = 64;

/// How a log seals what it appends.
#[derive(Clone)]
pub struct Sealing {
    keyring: Keyring,
    maker: Arc<dyn KeyMaker>,
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealing").finish_non_exhaustive()
    }
}

/// The key of a stream's next events.
pub(crate) struct StreamKey {
    id: Uuid,
    key: Arc<SubjectKey>,
}

impl Sealing {
    /// Seals with keys of `maker`, remembered as the settings say.
    #[must_use]
    pub fn new<K: KeyMaker>(maker: K, settings: &Settings) -> Self {
        let maker = Arc::new(maker);
        Self { keyring: Keyring::shared(Arc::clone(&maker) as _, settings), maker }
    }

    /// The keys, for reading.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The key that seals the stream after `version`: the first that is not destroyed, created if
    /// there is no such key yet.
    ///
    /// A cached key is not used where a key may have to be created: a failover can have lost a key
    /// that no event of this server needs, and everything sealed with it would be lost too.
    pub(crate) async fn key_of(
        &self,
        owner: Owner<'_>,
        stream: &StreamId,
        version: u32,
    ) -> Result<StreamKey, KeysAway> {
        for number in 0..MOST_KEYS {
            let id = key_id(stream.id, number);
            let found = if number == 0 && version > 0 {
                // The first key is made with the first event. If it is missing later it was
                // lost, and another one under its name would not open what it sealed.
                let found = self.keyring.find(owner, [id].into()).await?;
                found.get(&id).cloned().unwrap_or(Found::Gone)
            } else {
                let found = self.maker.make(owner, stream.id, id).await?;
                self.keyring.remember(owner.key, id, found.clone());
                found
            };
            if let Found::Key(key) = found {
                return Ok(StreamKey { id, key });
            }
        }
        Err(KeysAway::new("too many keys of the stream were destroyed"))
    }

    /// Whether the fingerprint of a request is the one that is stored. Nobody can tell once the
    /// key is destroyed; then the request's id decides alone.
    pub(crate) async fn is_marked(
        &self,
        owner: Owner<'_>,
        metadata: &Metadata,
        fingerprint: &[u8; 16],
    ) -> Result<bool, KeysAway> {
        let Some(Ok(id)) = metadata.subject_key_ids.first().map(|id| id.parse::<Uuid>()) else {
            return Ok(metadata.request_fingerprint == fingerprint.as_slice());
        };
        Ok(match self.keyring.find(owner, [id].into()).await?.get(&id) {
            Some(Found::Key(key)) => {
                metadata.request_fingerprint == key.mark(fingerprint).as_slice()
            }
            Some(Found::Gone) | None => true,
        })
    }
}

/// Number 0 is the stream's own id, so keys are found without a table.
fn key_id(stream_id: Uuid, number: u32) -> Uuid {
    match number {
        0 => stream_id,
        number => Uuid::new_v5(&stream_id, format!("key {number}").as_bytes()),
    }
}

impl StreamKey {
    /// Seals what is personal in a message of ours. The same message at the same place becomes
    /// the same bytes.
    pub(crate) fn seal(
        &self,
        owner: Owner<'_>,
        stream: &StreamId,
        version: u32,
        event_type: &str,
        payload: &Bytes,
    ) -> Bytes {
        let tenant = owner.key.0.to_be_bytes();
        let mut field = 0_u32;
        let sealed = wire::sealed::exchange(event_type, payload, |sealed: Sealed| {
            field += 1;
            let Some(Content::Clear(text)) = &sealed.content else {
                return Ok::<_, wire::DecodeError>(sealed);
            };
            // That there is no text is no secret, and many readers want to know.
            if text.is_empty() {
                return Ok(sealed);
            }
            let place = [
                tenant.as_slice(),
                stream.category.as_bytes(),
                stream.id.as_bytes(),
                &version.to_be_bytes(),
                event_type.as_bytes(),
                &field.to_be_bytes(),
            ];
            let ciphertext = self.key.seal(self.id, &place, text);
            Ok(Sealed { content: Some(Content::Ciphertext(ciphertext)) })
        });
        sealed.expect("an event's own bytes are its message")
    }

    /// Says in the metadata with which key the event is sealed, and hides under it what a
    /// request said: its fingerprint would confirm every guess.
    pub(crate) fn mark(&self, metadata: &mut Metadata) {
        metadata.subject_key_ids = vec![self.id.to_string()];
        if !metadata.request_fingerprint.is_empty() {
            let mark = self.key.mark(&metadata.request_fingerprint);
            metadata.request_fingerprint = Bytes::copy_from_slice(&mark);
        }
    }
}
