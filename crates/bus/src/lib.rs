//! Facts in motion: the log's tail as JetStream streams.
//!
//! It forbids: acknowledging anything, deciding anything, and keeping state of its own.
//!
//! **Guarantee.** One event is one message, and its sequence in the stream of its partition and
//! epoch is its position in the log. The relay publishes in order behind the fence
//! `Nats-Expected-Last-Sequence`, so any number of relays give each position to exactly one
//! message. The stream is a cache: it may be slow, shrink, vanish or come back empty. A consumer
//! knows its position, detects gaps, and reads missing events from the log. A message that is not
//! the event of its position is dropped: here, if the message shows it; otherwise by the
//! subscription, which asks the log.
//!
//! ```text
//! append ─ Log::commits ─ wake ──▶ relay: log pages ─ message ──▶ stream, sequence = position
//! subscription ◀── LiveFeed ◀── consumer: message ─ event, or dropped
//! ```
mod connect;
pub mod consumer;
mod error;
mod message;
pub mod relay;
mod subject;
pub mod topology;
mod wake;

pub use connect::{Bus, Settings, connect};
pub use consumer::Consumer;
pub use error::Error;
pub use message::{Undecodable, decode, encode};
pub use relay::Relay;
pub use subject::{ParsedSubject, Subjects};
pub use wake::wake;
