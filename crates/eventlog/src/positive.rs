//! Settings that must be more than zero: with a page, a batch or an interval of zero, work stops or
//! spins.
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

const RULE: &str = "must be more than 0";

/// Reads a number that is not zero; for `deserialize_with`.
///
/// # Errors
/// If it is zero or no number.
pub fn count<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    let count = T::deserialize(deserializer)?;
    if count == T::default() { Err(D::Error::custom(RULE)) } else { Ok(count) }
}

/// Durations such as `250ms` or `30s` that are not zero; for `with`.
pub mod duration {
    use std::time::Duration;

    use serde::de::Error as _;
    use serde::{Deserializer, Serializer};

    /// Writes the duration as an operator would.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        crate::duration::serialize(duration, to)
    }

    /// Reads the duration.
    ///
    /// # Errors
    /// If it is zero or no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let duration = crate::duration::deserialize(from)?;
        if duration.is_zero() { Err(D::Error::custom(super::RULE)) } else { Ok(duration) }
    }
}
