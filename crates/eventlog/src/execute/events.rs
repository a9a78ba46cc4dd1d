//! Prepares decided events for the append: sealed, with ids and with the metadata of their cause.
use bytes::Bytes;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};
use wire::Payload;
use wire::events::v1::Metadata;

use crate::cause::Cause;
use crate::error::Error;
use crate::event::{NewEvent, StreamId};
use crate::log::Log;
use crate::sealing::StreamKey;
use crate::tenants::Tenant;

/// The key that seals the stream's next events, and the writer's session before it was had
/// ([`Known::sealed_in`](crate::append::Known)); `None` if this log seals nothing.
pub(super) async fn key_of(
    log: &Log,
    tenant: &Tenant,
    stream: &StreamId,
    version: u32,
) -> Result<(Option<StreamKey>, Option<u64>), Error> {
    let Some(keys) = log.keys() else { return Ok((None, None)) };
    let session = log.session(tenant.partition);
    keys.keyring().in_session(tenant.partition, session);
    let key = keys.key_of(tenant.into(), stream, version).await?;
    Ok((Some(key), Some(session)))
}

/// The events of a decision on a stream at `version`.
pub(super) fn new_events<E: Payload>(
    tenant: &Tenant,
    stream: &StreamId,
    version: u32,
    cause: &Cause,
    events: &[E],
    key: Option<&StreamKey>,
) -> Vec<NewEvent> {
    let mut metadata = cause.metadata();
    if let Some(key) = key {
        key.mark(&mut metadata);
    }
    let new = events.iter().zip(version + 1..).map(|(event, version)| {
        let (event_type, clear) = (event.event_type(), event.encode());
        // Sealed first: the event's id is a hash, which would confirm every guess of the text.
        let payload = match key {
            Some(key) => key.seal(tenant.into(), stream, version, event_type, &clear),
            None => clear,
        };
        NewEvent {
            event_id: event_id(tenant, stream, version, cause, event_type, &payload, &metadata),
            event_type,
            payload,
            metadata: metadata.clone(),
            occurred_at: cause.occurred_at,
        }
    });
    new.collect()
}

/// A UUIDv7 whose random part is a hash of everything the event says: the same decision made
/// twice for the same place is the same event, which the append recognises.
fn event_id(
    tenant: &Tenant,
    stream: &StreamId,
    version: u32,
    cause: &Cause,
    event_type: &str,
    payload: &Bytes,
    metadata: &Metadata,
) -> Uuid {
    let mut hasher = Sha256::new();
    for part in [
        tenant.key.0.to_be_bytes().as_slice(),
        stream.category.as_bytes(),
        stream.id.as_bytes(),
        &version.to_be_bytes(),
        event_type.as_bytes(),
        payload,
        &metadata.encode_to_vec(),
    ] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    let millis = u64::try_from(cause.occurred_at.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
