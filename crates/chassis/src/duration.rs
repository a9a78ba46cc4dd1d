//! Durations in configuration: `250ms`, `30s`, `5m`, `1h 30m`.
//!
//! Use as `#[serde(with = "chassis::duration")]` on a `std::time::Duration`.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serializer, de};

/// Writes the duration as an operator would.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let signed = SignedDuration::try_from(*duration).unwrap_or(SignedDuration::MAX);
    serializer.collect_str(&format_args!("{signed:#}"))
}

/// Reads a duration that is not negative and has a unit.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|signed| Duration::try_from(signed).ok())
        .ok_or_else(|| {
            de::Error::custom(format_args!(
                "expected a duration such as \"250ms\", \"30s\" or \"5m\", found \"{text}\""
            ))
        })
}
