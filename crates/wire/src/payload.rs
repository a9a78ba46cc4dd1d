//! How a domain event becomes stored bytes and comes back.
use bytes::Bytes;

/// A domain event that can be stored: its category, its stored name and its bytes.
///
/// Implemented once for the event type of each aggregate, in `wire/<noun>.rs`.
pub trait Payload: Sized {
    /// Category of the streams that hold these events, for example `ticket`.
    const CATEGORY: &'static str;

    /// Full name of the protobuf message, which is also the stored type, for
    /// example `odzew.intake.v1.TicketRegistered`.
    fn event_type(&self) -> &'static str;

    /// The message's bytes.
    fn encode(&self) -> Bytes;

    /// Reads the bytes of a stored event.
    ///
    /// # Errors
    /// [`DecodeError`] if the type is not one of this category, the bytes are not
    /// that message, or a field that was never optional is missing.
    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError>;
}

/// Why stored bytes could not be read as an event.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The category has no event of this type.
    #[error("unknown event type {0}")]
    UnknownEventType(String),
    /// The bytes are not a message of the named type.
    #[error("malformed protobuf")]
    Malformed(#[from] prost::DecodeError),
    /// A field that the event always has is missing or out of range.
    #[error("field {field} is missing or invalid")]
    Field {
        /// Name of the field in the message.
        field: &'static str,
    },
}

impl DecodeError {
    /// The named field is missing or invalid.
    #[must_use]
    pub fn field(field: &'static str) -> Self {
        Self::Field { field }
    }
}
