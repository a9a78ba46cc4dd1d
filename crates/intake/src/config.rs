//! Settings of the service.
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Section `[intake]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How far in the future a time given by a client may lie, because clocks differ.
    #[serde(with = "chassis::duration")]
    pub clock_tolerance: Duration,
    /// How long ago everybody may say that a ticket was received.
    #[serde(with = "chassis::duration")]
    pub backdating_limit: Duration,
    /// Most messages of a thread in one answer; the newest.
    pub thread_messages: usize,
    /// Most bytes of message text in one answer; the newest messages.
    pub thread_bytes: usize,
    /// Whether the first answer must say by when the matter is solved or when there is
    /// news.
    pub first_reply_needs_promise: bool,
    /// When a client that was refused for lack of room, or because the log was away,
    /// should come again.
    #[serde(with = "chassis::duration")]
    pub retry_after: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            clock_tolerance: Duration::from_secs(5),
            backdating_limit: Duration::from_secs(15 * 60),
            thread_messages: 200,
            thread_bytes: 1 << 20,
            first_reply_needs_promise: true,
            retry_after: Duration::from_millis(200),
        }
    }
}
