//! Durations in settings: `250ms`, `30s`, `5m`; for `#[serde(with = "eventlog::duration")]`. What
//! is wrong with one is said as `chassis` says it of its own, which stands beside this crate, not
//! below it; a test of the whole configuration compares them.
use std::time::Duration;

use jiff::SignedDuration;
use jiff::fmt::serde::unsigned_duration::friendly::compact::required;
use serde::{Deserialize, Deserializer, Serializer, de};

/// Writes the duration as an operator would.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    required::serialize(duration, to)
}

/// Reads the duration.
///
/// # Errors
/// If it is negative, has no unit or is no duration.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let signed = text.parse::<SignedDuration>().ok();
    signed.and_then(|signed| Duration::try_from(signed).ok()).ok_or_else(|| {
        de::Error::custom(format_args!(
            "expected a duration such as \"250ms\", \"30s\" or \"5m\", found \"{text}\""
        ))
    })
}
