//! A string that does not print.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Fewest characters of a key that is worth the name.
const KEY_CHARS: usize = 32;

/// What stands where a secret was.
pub(crate) const HIDDEN: &str = "***";

/// A password, a key or an address that contains one. Reading it is explicit: [`Self::expose`].
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes the text out of sight.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0.is_empty() { "" } else { HIDDEN })
    }
}

/// Reads a key that is empty or long enough to be one; for `deserialize_with`.
///
/// # Errors
/// If it is neither.
pub fn deserialize_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let key = Secret::deserialize(deserializer)?;
    let chars = key.expose().chars().count();
    if chars > 0 && chars < KEY_CHARS {
        let rule =
            format_args!("must be empty or have at least {KEY_CHARS} characters").to_string();
        return Err(de::Error::custom(rule));
    }
    Ok(key)
}
