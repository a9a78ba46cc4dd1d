//! Settings of the service.
use std::time::Duration;

use chassis::secret::Secret;
use serde::{Deserialize, Serialize};

/// Section `[desk]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Key that seals page and resume tokens, at least 32 characters, the same on all replicas.
    /// A token never grants access; the seal refuses edited and exchanged ones. Empty: a key
    /// that everybody knows, allowed only where the server listens on a loopback address.
    #[serde(deserialize_with = "chassis::secret::deserialize_key")]
    pub token_key: Secret,
    /// How long a read waits for its consistency token before it answers `NOT_CAUGHT_UP`.
    #[serde(with = "chassis::duration")]
    pub consistency_wait: Duration,
    /// How often the projection's positions are read while a read or a watch waits for them.
    #[serde(with = "eventlog::positive::duration")]
    pub position_poll: Duration,
    /// When a client that was refused should come again.
    #[serde(with = "eventlog::positive::duration")]
    pub retry_after: Duration,
    /// Bounds of watches.
    pub watch: Watch,
}

/// Section `[desk.watch]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    /// Watches at the same time in this process; more are refused.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub max_watchers: usize,
    /// Most of them that are one tenant's.
    pub max_watchers_per_tenant: usize,
    /// Shortest time between two reads of one watch.
    #[serde(with = "eventlog::positive::duration")]
    pub interval: Duration,
    /// A watch that had nothing to say for so long gives a sign of life.
    #[serde(with = "eventlog::positive::duration")]
    pub sign_of_life: Duration,
    /// Most changes that one read of a watch fetches and holds.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub page_size: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            token_key: Secret::default(),
            consistency_wait: Duration::from_secs(2),
            position_poll: Duration::from_millis(10),
            retry_after: Duration::from_millis(200),
            watch: Watch::default(),
        }
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            max_watchers: 200,
            max_watchers_per_tenant: 100,
            interval: Duration::from_millis(100),
            sign_of_life: Duration::from_secs(10),
            page_size: 200,
        }
    }
}
