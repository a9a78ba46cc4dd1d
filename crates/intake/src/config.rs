//! Settings of the service.
use std::time::Duration;

use chassis::secret::Secret;
use domain::complaint::Limits;
use domain::money::Money;
use serde::{Deserialize, Serialize};

/// Section `[intake]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How far in the future a time given by a client may lie, because clocks differ.
    #[serde(with = "chassis::duration")]
    pub clock_tolerance: Duration,
    /// How long ago everybody may say that a ticket was received.
    #[serde(with = "chassis::duration")]
    pub backdating_limit: Duration,
    /// Most messages of a thread in one answer; the newest.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub thread_messages: usize,
    /// Most bytes of message text in one answer; the newest messages.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub thread_bytes: usize,
    /// Key of the blind index by which parties are found, at least 32 characters, the same on
    /// all replicas; with another key the index is built anew. Empty: a key that everybody
    /// knows, allowed only where the server listens on a loopback address.
    #[serde(deserialize_with = "chassis::secret::deserialize_key")]
    pub contact_key: Secret,
    /// The key that wraps the keys of personal data, at least 32 characters, the same on all
    /// replicas: without it everything personal is lost. Empty without `master_key_file` too: a
    /// key that everybody knows, allowed only where the server listens on a loopback address.
    #[serde(deserialize_with = "chassis::secret::deserialize_key")]
    pub master_key: Secret,
    /// File that holds the master key instead; empty for none.
    pub master_key_file: String,
    /// Files that hold further master keys: they open what they wrapped and wrap nothing new.
    pub further_master_key_files: Vec<String>,
    /// Calendar years after that of its closing for which a complaint keeps its party from being
    /// erased; 0 for none.
    pub claims_years: u16,
    /// How long a read waits for its consistency token before it answers `NOT_CAUGHT_UP`.
    #[serde(with = "chassis::duration")]
    pub consistency_wait: Duration,
    /// How often the read model's position is looked at while a read waits for it.
    #[serde(with = "eventlog::positive::duration")]
    pub position_poll: Duration,
    /// Whether the first answer must say by when the matter is solved or when there is
    /// news.
    pub first_reply_needs_promise: bool,
    /// Most that an agent may grant on a complaint alone, in złotys.
    pub agent_grants: u32,
    /// Most that an expert may grant on a complaint alone, in złotys.
    pub expert_grants: u32,
    /// How long a version of the taxonomy that another replica publishes may go unnoticed.
    #[serde(with = "eventlog::positive::duration")]
    pub taxonomy_refresh: Duration,
    /// Tenants whose taxonomies are kept in memory; one more costs a short reading.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub cached_tenants: usize,
    /// IANA zone in which customers are told times, and whose days and years count for legal
    /// holds and for how long a complaint keeps data.
    pub time_zone: String,
    /// Working time within which a requested call back is promised; 24 hours are a working day.
    #[serde(with = "eventlog::positive::duration")]
    pub callback_within: Duration,
    /// When a client that was refused for lack of room, or because the log was away,
    /// should come again.
    #[serde(with = "eventlog::positive::duration")]
    pub retry_after: Duration,
}

impl Config {
    /// What may be granted on a complaint.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            first_line: Money::zloty(self.agent_grants.into()),
            specialist: Money::zloty(self.expert_grants.into()),
        }
    }
}
