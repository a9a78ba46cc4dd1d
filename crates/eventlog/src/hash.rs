//! The hash chain, which makes a change of the past visible.
//!
//! Every field of an event goes into its digest with its length; the digests of a batch, in
//! order, make its content hash; each batch's chain hash covers the one before it.
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::cursor::Partition;
use crate::tenants::TenantKey;

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// What the first batch of a partition follows.
pub(crate) const GENESIS: Hash = [0; 32];

/// The stored fields of one event that are known before its position.
pub(crate) struct Fields<'a> {
    pub partition: Partition,
    pub tenant: TenantKey,
    pub category: &'a str,
    pub stream_id: Uuid,
    pub version: u32,
    pub event_id: Uuid,
    pub event_type: &'a str,
    pub occurred_at: Timestamp,
    pub payload: &'a [u8],
    pub metadata: &'a [u8],
}

/// The digest of one event.
pub(crate) fn event(fields: &Fields<'_>) -> Hash {
    let mut hasher = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    put(&fields.partition.0.to_be_bytes());
    put(&fields.tenant.0.to_be_bytes());
    put(fields.category.as_bytes());
    put(fields.stream_id.as_bytes());
    put(&fields.version.to_be_bytes());
    put(fields.event_id.as_bytes());
    put(fields.event_type.as_bytes());
    put(&fields.occurred_at.as_microsecond().to_be_bytes());
    put(fields.payload);
    put(fields.metadata);
    hasher.finalize().into()
}

/// The content hash of a batch: its events' digests in order.
pub(crate) fn content<'a>(digests: impl IntoIterator<Item = &'a Hash>) -> Hash {
    let mut hasher = Sha256::new();
    for digest in digests {
        hasher.update(digest);
    }
    hasher.finalize().into()
}

/// The chain hash of a batch, as `log.append` computes it.
pub(crate) fn chain(
    previous: &Hash,
    first_position: u64,
    recorded_at: Timestamp,
    content: &Hash,
) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(first_position.to_be_bytes());
    hasher.update(recorded_at.as_microsecond().to_be_bytes());
    hasher.update(content);
    hasher.finalize().into()
}
