//! All limits of the log; the defaults are in `config.default.toml` of the binary.
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, de};

/// How much the log queues, batches, waits and repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Appends that may wait for a partition's writer; one more is refused.
    #[serde(deserialize_with = "crate::positive::count")]
    pub queue_appends: usize,
    /// Bytes of payload and metadata that may wait for a partition's writer.
    #[serde(deserialize_with = "crate::positive::count")]
    pub queue_bytes: usize,
    /// Most events in one commit. An append of more travels alone.
    #[serde(deserialize_with = "crate::positive::count")]
    pub batch_events: usize,
    /// Most bytes of payload and metadata in one commit. A larger append travels alone.
    #[serde(deserialize_with = "crate::positive::count")]
    pub batch_bytes: usize,
    /// Most bytes of payload and metadata of one event: what the broker must still carry
    /// (1 MiB by default) minus subject and headers.
    #[serde(deserialize_with = "event_bytes")]
    pub max_event_bytes: usize,
    /// How long an append is tried before its caller hears that it failed or that its
    /// outcome is unknown.
    #[serde(with = "crate::positive::duration")]
    pub retry_for: Duration,
    /// Pause after the first failed attempt; doubles up to `retry_pause_max`.
    #[serde(with = "crate::positive::duration")]
    pub retry_pause: Duration,
    /// Longest pause between two attempts.
    #[serde(with = "crate::positive::duration")]
    pub retry_pause_max: Duration,
    /// How long a writer waits for a connection.
    #[serde(with = "crate::positive::duration")]
    pub connect_timeout: Duration,
    /// How long a writer waits for the answer to one batch before it takes the connection
    /// for lost.
    #[serde(with = "crate::positive::duration")]
    pub call_timeout: Duration,
    /// How long Postgres lets a batch wait for the partition's lock. Below `call_timeout`,
    /// so that an attempt that was given up does not commit much later.
    #[serde(with = "crate::positive::duration")]
    pub lock_timeout: Duration,
    /// How long a reader waits for the answer to one statement before it takes the server for
    /// gone.
    #[serde(with = "crate::positive::duration")]
    pub read_timeout: Duration,
    /// Most bytes of payload and metadata in one page of the log. One event always fits.
    #[serde(deserialize_with = "crate::positive::count")]
    pub page_bytes: usize,
    /// Streams whose version each writer remembers, to foresee conflicts.
    pub remembered_streams: usize,
    /// Streams whose state each process remembers after it appended to them, so that the next
    /// command need not read them again.
    pub remembered_states: usize,
    /// How often a command is decided again after it lost a race.
    #[serde(deserialize_with = "crate::positive::count")]
    pub execute_attempts: u32,
    /// Batches that `verify` reads at a time.
    #[serde(deserialize_with = "crate::positive::count")]
    pub verify_batches: u32,
}

/// Bytes of a broker's message for its subject and its headers, among them the event's metadata.
pub const MESSAGE_HEADROOM: usize = 64 << 10;

/// Largest `max_event_bytes`: the broker's own default of 1 MiB for a whole message, less that.
const MOST_EVENT_BYTES: usize = (1 << 20) - MESSAGE_HEADROOM;

fn event_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let bytes = crate::positive::count(deserializer)?;
    if bytes > MOST_EVENT_BYTES {
        let rule = format_args!(
            "must be at most {MOST_EVENT_BYTES}: with subject and headers a message has 1 MiB"
        );
        return Err(de::Error::custom(rule));
    }
    Ok(bytes)
}
