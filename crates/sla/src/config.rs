//! Settings of the service.
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Section `[sla]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Tenants whose policies and calendars are kept in memory.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub cached_tenants: usize,
    /// Days after which a regime should be compared with its sources again.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub regime_review_days: u16,
    /// When a client should come again if the log was away.
    #[serde(with = "eventlog::positive::duration")]
    pub retry_after: Duration,
    /// When and how timers fire.
    pub deadlines: Deadlines,
}

/// Section `[sla.deadlines]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// How often timers are looked at when none is known to be due sooner.
    #[serde(with = "eventlog::positive::duration")]
    pub poll: Duration,
    /// Most clocks that are claimed at a time.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub batch: u32,
    /// Tickets whose timers fire at the same time.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub concurrency: usize,
    /// How long a timer waits for a subscription that does not move at all; then it fires
    /// all the same, and a proof that arrives later voids the breach.
    #[serde(with = "chassis::duration")]
    pub catch_up_wait: Duration,
    /// How long reactions wait for timers that fire.
    #[serde(with = "chassis::duration")]
    pub precedence: Duration,
    /// How far this machine's clock may be from the database's before it fires nothing.
    #[serde(with = "eventlog::positive::duration")]
    pub max_skew: Duration,
    /// When a timer that could not fire is tried again.
    #[serde(with = "eventlog::positive::duration")]
    pub retry_delay: Duration,
}
