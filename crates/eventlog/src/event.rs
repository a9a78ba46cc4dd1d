//! An event before and after it is appended.
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;
use wire::events::v1::Metadata;
use wire::{DecodeError, Payload};

use crate::cursor::{Cursor, Partition};
use crate::tenants::{Tenant, TenantKey};

/// The name of a stream inside its tenant, for example `ticket-<uuid>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// What kind of thing the stream tells about; one service owns each category.
    pub category: Cow<'static, str>,
    /// Which one.
    pub id: Uuid,
}

impl StreamId {
    /// The stream of the thing `id` in `category`.
    #[must_use]
    pub const fn new(category: &'static str, id: Uuid) -> Self {
        Self { category: Cow::Borrowed(category), id }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.category, self.id)
    }
}

/// The text is not a [`StreamId`].
#[derive(Debug, thiserror::Error)]
#[error("not the name of a stream")]
pub struct ParseStreamIdError;

impl FromStr for StreamId {
    type Err = ParseStreamIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A category may not contain a hyphen, a UUID does: the first hyphen parts them.
        let (category, id) = text.split_once('-').ok_or(ParseStreamIdError)?;
        if category.is_empty() {
            return Err(ParseStreamIdError);
        }
        let id = id.parse().map_err(|_| ParseStreamIdError)?;
        Ok(Self { category: Cow::Owned(category.to_owned()), id })
    }
}

/// An event to be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its identity for ever, a UUIDv7. Sending the same id at the same version again is the
    /// same append, not a second one.
    pub event_id: Uuid,
    /// Full name of the payload's protobuf message.
    pub event_type: &'static str,
    /// The message's bytes.
    pub payload: Bytes,
    /// Who and why.
    pub metadata: Metadata,
    /// When it happened in the world; kept to the millisecond.
    pub occurred_at: Timestamp,
}

/// Another stream that a decision rests on, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The stream; in the tenant of the decision.
    pub stream: StreamId,
    /// Its version then; 0 if it did not exist.
    pub version: u32,
}

/// Where an event stands in its partition, and which event that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its position.
    pub position: u64,
    /// Its identity: after a restore or a failover another event may have the position.
    pub event_id: Uuid,
}

/// An event of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The partition of its tenant.
    pub partition: Partition,
    /// Its place in the partition: 1, 2, 3, … without holes, in commit order.
    pub position: u64,
    /// Whose it is.
    pub tenant: TenantKey,
    /// The tenant's name.
    pub tenant_name: Arc<str>,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its place in the stream: 1, 2, 3, … without holes.
    pub version: u32,
    /// Its identity.
    pub event_id: Uuid,
    /// Full name of the payload's protobuf message.
    pub event_type: String,
    /// The message's bytes as stored; relays and exports pass them on unchanged.
    pub payload: Bytes,
    /// The metadata's bytes as stored; see [`Recorded::metadata`].
    pub metadata_bytes: Bytes,
    /// When it happened in the world.
    pub occurred_at: Timestamp,
    /// When the log took it, by the database's clock; the same for a whole batch. It may go
    /// backwards with that clock: order is by position only.
    pub recorded_at: Timestamp,
}

impl Recorded {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { position: self.position, event_id: self.event_id }
    }

    /// Whose it is, to read and write its other streams.
    #[must_use]
    pub fn to_tenant(&self) -> Tenant {
        let (key, name) = (self.tenant, Arc::clone(&self.tenant_name));
        Tenant { key, name, partition: self.partition }
    }

    /// Who and why. Decoded when asked for, because most readers never ask.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] if the stored bytes are not the message.
    pub fn metadata(&self) -> Result<Metadata, DecodeError> {
        Ok(Metadata::decode(self.metadata_bytes.clone())?)
    }

    /// Reads the payload as an event of `P`.
    ///
    /// # Errors
    /// Those of [`Payload::decode`].
    pub fn decode<P: Payload>(&self) -> Result<P, DecodeError> {
        P::decode(&self.event_type, &self.payload)
    }

    /// The place of this event in the log.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { partition: self.partition, position: self.position }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_stream_id_survives_its_text() {
        let stream = StreamId::new("ticket", Uuid::from_u128(7));
        assert_eq!(stream.to_string(), "ticket-00000000-0000-0000-0000-000000000007");
        assert_eq!(stream.to_string().parse::<StreamId>().unwrap(), stream);
        for broken in ["", "ticket", "ticket-", "-00000000-0000-0000-0000-000000000007"] {
            assert!(broken.parse::<StreamId>().is_err(), "{broken}");
        }
    }
}
