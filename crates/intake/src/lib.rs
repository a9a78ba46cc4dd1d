//! Takes tickets in and keeps their facts; the only writer of the streams `ticket-<id>`.
//!
//! It forbids: reading other services' data, owners, deadlines and notices of a ticket
//! (they are other services' streams), and any answer before the log has acknowledged.
//!
//! ```text
//! request ─▶ grpc ─▶ convert ─▶ ticket::Command ─▶ eventlog::execute ─▶ log
//!                                                        │
//! response ◀─ view ◀── state after the events ◀──────────┘
//! ```
//! Events in: none. Events out: those of `odzew.intake.v1.TicketEvent`.
mod call;
mod config;
mod convert;
mod grpc;
mod identity;
mod import;
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
use eventlog::Log;
use tonic::codec::CompressionEncoding;
use wire::intake::v1::intake_service_server::IntakeServiceServer;

/// What the process hands to the service.
pub struct Parts {
    /// Section `[intake]`.
    pub config: Config,
    /// The log, on connections in the role `odzew_intake`.
    pub log: Log,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The gRPC server, bound already.
    pub server: Server,
    /// Readiness of the process.
    pub health: Health,
}

/// Checks that the schema is current, then serves until shutdown.
///
/// # Errors
/// If the schema cannot be read or is not of this version.
pub async fn start(parts: Parts, tasks: &mut Tasks) -> anyhow::Result<()> {
    let Parts { config, log, clock, server, health } = parts;
    let ready = health.check("intake");
    let current = eventlog::schema_current(log.pool(), "intake").await.context("read schema")?;
    ensure!(current, "the schema is not of this version; run `odzew migrate`");
    let service = IntakeServiceServer::new(grpc::Intake { log, clock, config })
        .max_decoding_message_size(server.max_message_bytes())
        .accept_compressed(CompressionEncoding::Gzip);
    let api = Api::new(wire::DESCRIPTORS).service(service);
    tasks.spawn("intake grpc", server.serve(api, health, tasks.shutdown()));
    ready.ready();
    Ok(())
}
