//! Takes tickets in and keeps their facts; the only writer of the streams `ticket-<id>`.
//!
//! It forbids: reading other services' data, owners, deadlines and notices of a ticket
//! (they are other services' streams), and any answer before the log has acknowledged.
//!
//! ```text
//! request ─▶ grpc ─▶ convert ─▶ ticket::Command ─▶ eventlog::execute ─▶ log
//!                                                        │
//! response ◀─ view ◀── state after the events ◀──────────┘
//!
//! own event ─▶ reactions ─▶ ticket::Command on another ticket ─▶ log
//! TimerFired ─▶ reactions ─▶ ticket::Command ─▶ log
//! ```
//! One command changes one ticket. What follows for another (the ticket merged into, the one
//! split off, the children of an incident) follows from the event, as a reaction.
//!
//! Events in: its own, and `TimerFired` of sla. Events out: those of
//! `odzew.intake.v1.TicketEvent`. Events of an imported history are never reacted to.
mod call;
mod config;
mod convert;
mod grpc;
mod identity;
mod import;
mod reactions;
mod rules;
mod status;
mod view;

pub use config::Config;

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chassis::clock::Clock;
use chassis::health::Health;
use chassis::serve::{Api, Server};
use chassis::tasks::Tasks;
use eventlog::subscription::{self, Subscription};
use eventlog::{LiveFeed, Log};
use tonic::codec::CompressionEncoding;
use wire::intake::v1::intake_service_server::IntakeServiceServer;

/// What the process hands to the service.
pub struct Parts {
    /// Section `[intake]`.
    pub config: Config,
    /// The log, on connections in the role `odzew_intake` with the search path `intake`.
    pub log: Log,
    /// The broker's events; without them the log is polled.
    pub live: Option<LiveFeed>,
    /// Section `[subscription]`.
    pub subscription: subscription::Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The gRPC server, bound already.
    pub server: Server,
    /// Readiness of the process.
    pub health: Health,
}

/// Checks that the schema is current, then serves and reacts until shutdown. Answers how the
/// service follows the log.
///
/// # Errors
/// If the schema cannot be read or is not of this version.
pub async fn start(parts: Parts, tasks: &mut Tasks) -> anyhow::Result<subscription::Status> {
    let Parts { config, log, live, subscription, clock, server, health } = parts;
    let pool = log.pool().clone();
    let ready = health.check("intake");
    let current = eventlog::schema_current(&pool, "intake").await.context("read schema")?;
    ensure!(current, "the schema is not of this version; run `odzew migrate`");
    let reactions = Arc::new(reactions::Reactions::new(log.clone()));
    let service = IntakeServiceServer::new(grpc::Intake { log: log.clone(), clock, config })
        .max_decoding_message_size(server.max_message_bytes())
        .accept_compressed(CompressionEncoding::Gzip);
    let api = Api::new(wire::DESCRIPTORS).service(service);
    let subscription =
        Subscription::new(reactions::SUBSCRIPTION, log, pool, reactions, subscription, live);
    let status = subscription.status();
    let stop = tasks.shutdown();
    tasks.spawn("intake grpc", server.serve(api, health, stop.clone()));
    tasks.spawn("intake subscription", subscription.run(stop));
    ready.ready();
    Ok(status)
}
