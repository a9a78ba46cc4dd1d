//! Settings of the service.
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Section `[routing]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// When a client that was refused for lack of room, or because the log was away,
    /// should come again.
    #[serde(with = "eventlog::positive::duration")]
    pub retry_after: Duration,
    /// Most waiting tickets that are assigned at once when an agent becomes free.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub assignments_at_once: usize,
    /// Tenants whose directories are kept in memory.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub cached_tenants: usize,
}
