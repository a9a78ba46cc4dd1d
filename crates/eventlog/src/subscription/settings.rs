//! All limits of a subscription.
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Every bound of a subscription.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Events per page when reading the log.
    #[serde(deserialize_with = "crate::positive::count")]
    pub page_size: u32,
    /// Most events whose effects share one transaction.
    #[serde(deserialize_with = "crate::positive::count")]
    pub batch_size: usize,
    /// Under steady flow, the effects of live events are gathered this long into one transaction;
    /// after a pause the first event is projected at once. Reactions never wait for it.
    #[serde(with = "crate::duration")]
    pub batch_linger: Duration,
    /// The same, at most: the longer a projection takes, the more is gathered for the next one.
    #[serde(with = "crate::duration")]
    pub batch_linger_max: Duration,
    /// Reactions of one batch that run at the same time.
    #[serde(deserialize_with = "crate::positive::count")]
    pub concurrent_reactions: usize,
    /// How often the log is asked while the broker is away.
    #[serde(with = "crate::positive::duration")]
    pub poll_interval: Duration,
    /// How often the log is asked although the broker is there but silent.
    #[serde(with = "crate::positive::duration")]
    pub quiet_poll_interval: Duration,
    /// How often epoch, head and operators' requests are looked at.
    #[serde(with = "crate::positive::duration")]
    pub check_interval: Duration,
    /// First delay after a transient failure; doubles up to `retry_max_delay`.
    #[serde(with = "crate::positive::duration")]
    pub retry_delay: Duration,
    /// Longest delay between two tries.
    #[serde(with = "crate::positive::duration")]
    pub retry_max_delay: Duration,
    /// Tries of one event before it is parked.
    #[serde(deserialize_with = "crate::positive::count")]
    pub poison_attempts: u32,
    /// Parked streams per partition beyond which the partition stops instead of parking more: so
    /// many bad streams mean a bad handler.
    pub max_parked_streams: usize,
    /// Whether replicas share the partitions by advisory locks. Off: this one takes all (needed
    /// behind a pooler that does not keep sessions).
    pub leases: bool,
    /// How often leases are renewed and balanced.
    #[serde(with = "crate::positive::duration")]
    pub lease_interval: Duration,
    /// A lease connection that does not answer for so long is given up.
    #[serde(with = "crate::positive::duration")]
    pub lease_timeout: Duration,
}

impl Settings {
    /// The delay after the given number of failures in a row: doubling, bounded.
    pub(crate) fn backoff(&self, failures: u32) -> Duration {
        let factor = 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
        self.retry_delay.saturating_mul(factor).min(self.retry_max_delay)
    }
}
