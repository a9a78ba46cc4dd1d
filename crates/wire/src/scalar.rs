//! Times, durations and ids, in both directions.
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::DecodeError;

/// A protobuf timestamp of an instant.
#[must_use]
pub fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// The instant of a protobuf timestamp.
///
/// # Errors
/// [`DecodeError::Field`] if it is missing or outside years -9999 to 9999.
pub fn instant(
    at: Option<&prost_types::Timestamp>,
    field: &'static str,
) -> Result<Timestamp, DecodeError> {
    at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok()).ok_or(DecodeError::Field { field })
}

/// The instant of a protobuf timestamp that may be absent.
///
/// # Errors
/// [`DecodeError::Field`] if it is present and out of range.
pub fn instant_opt(
    at: Option<&prost_types::Timestamp>,
    field: &'static str,
) -> Result<Option<Timestamp>, DecodeError> {
    at.map(|at| instant(Some(at), field)).transpose()
}

/// Reads a UUID.
///
/// # Errors
/// [`DecodeError::Field`] if the text is not a UUID.
pub fn uuid(text: &str, field: &'static str) -> Result<Uuid, DecodeError> {
    text.parse().map_err(|_| DecodeError::Field { field })
}

/// Reads a UUID that may be absent (empty text).
///
/// # Errors
/// [`DecodeError::Field`] if the text is neither empty nor a UUID.
pub fn uuid_opt(text: &str, field: &'static str) -> Result<Option<Uuid>, DecodeError> {
    if text.is_empty() { Ok(None) } else { uuid(text, field).map(Some) }
}

/// Reads a day, `YYYY-MM-DD`.
///
/// # Errors
/// [`DecodeError::Field`] if the text is not a day.
pub fn date(text: &str, field: &'static str) -> Result<Date, DecodeError> {
    text.parse().map_err(|_| DecodeError::Field { field })
}

/// Reads a day that may be absent (empty text).
///
/// # Errors
/// [`DecodeError::Field`] if the text is neither empty nor a day.
pub fn date_opt(text: &str, field: &'static str) -> Result<Option<Date>, DecodeError> {
    if text.is_empty() { Ok(None) } else { date(text, field).map(Some) }
}
