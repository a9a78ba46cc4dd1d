//! Settings of the service.
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Section `[desk]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
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
#[serde(deny_unknown_fields)]
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
