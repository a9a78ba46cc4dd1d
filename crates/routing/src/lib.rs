//! Decides who works on a ticket; the only writer of the streams `route-<ticket id>`,
//! `directory-<id>` and `rules-<id>`.
//!
//! It forbids: reading other services' data (a ticket's facts come from its events), a
//! ticket without a queue, and a choice of an owner that does not go through [`floor`].
//!
//! ```text
//! ticket's event ─▶ reactions ─▶ floor: rules ─ queue ─ free agent ─▶ route::Command ─▶ log
//! not accepted ────────▲▲                     ▲                                          │
//!   own events: queued, ended, available ─────┴───────────── follows the log ◀───────────┘
//! ```
//! It reads no personal data and keeps no keys. It seals the hand-over of an escalation with the
//! key of the ticket, which it asks intake for.
//!
//! Events in: those of `odzew.intake.v1.TicketEvent`, `ClockBreached` and `ThresholdReached` of
//! sla, `PartyErased` of intake, and its own. Events out: those of `RouteEvent`, `DirectoryEvent`
//! and `RulesEvent` in `odzew.routing.v1`. Events of an imported history are counted, never reacted
//! to.
mod change;
mod config;
mod directories;
mod escalation;
mod facts;
mod floor;
mod grpc;
mod reactions;
mod read_model;
mod shift;
mod status;
mod target;
mod view;

pub use config::Config;

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chassis::clock::Clock;
use chassis::health::Health;
use chassis::serve::{Api, Server};
use chassis::tasks::Tasks;
use eventlog::sealing::Sealing;
use eventlog::subscription::{self, Subscriber, Subscription};
use eventlog::{LiveFeed, Log};
use tonic::codec::CompressionEncoding;
use wire::routing::v1::directory_service_server::DirectoryServiceServer;
use wire::routing::v1::routing_service_server::RoutingServiceServer;

/// What the process hands to the service.
pub struct Parts {
    /// Section `[routing]`.
    pub config: Config,
    /// The log, on connections in the role `odzew_routing` with the search path `routing`.
    pub log: Log,
    /// Seals hand-overs with keys of intake's.
    pub sealing: Sealing,
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

/// The read model without reactions, for a rebuild.
#[must_use]
pub fn projection() -> impl Subscriber {
    read_model::Projection
}

/// Checks that the schema is current, then serves and reacts until shutdown. Answers how the
/// service follows the log.
///
/// # Errors
/// If the schema cannot be read or is not of this version.
pub async fn start(parts: Parts, tasks: &mut Tasks) -> anyhow::Result<subscription::Status> {
    let Parts { config, log, sealing, live, subscription, clock, server, health } = parts;
    let pool = log.pool().clone();
    let ready = health.check("routing");
    let current = eventlog::schema_current(&pool, "routing").await.context("read schema")?;
    ensure!(current, "the schema is not of this version; run `odzew migrate`");

    let sealed = log.clone().sealing(sealing);
    let directories = Arc::new(directories::Directories::new(log.clone(), config.cached_tenants));
    let handlers = grpc::Handlers {
        log: log.clone(),
        sealed: sealed.clone(),
        pool: pool.clone(),
        directories: Arc::clone(&directories),
        clock: Arc::clone(&clock),
        config: config.clone(),
    };
    let routing = RoutingServiceServer::new(handlers.clone());
    let directory = DirectoryServiceServer::new(handlers);
    let max_message_bytes = server.max_message_bytes();
    let api = Api::new(wire::DESCRIPTORS)
        .service(
            routing
                .max_decoding_message_size(max_message_bytes)
                .accept_compressed(CompressionEncoding::Gzip),
        )
        .service(
            directory
                .max_decoding_message_size(max_message_bytes)
                .accept_compressed(CompressionEncoding::Gzip),
        );

    let floors = floor::Floors::new(log.clone(), pool.clone(), directories);
    let reactions = reactions::Reactions::new((log.clone(), sealed), floors, clock, &config);
    let subscription = Subscription::new(
        read_model::SUBSCRIPTION,
        log,
        pool,
        Arc::new(reactions),
        subscription,
        live,
    );
    let status = subscription.status();
    tasks.spawn_server("routing grpc", server.serve(api, health, tasks.shutdown()));
    tasks.spawn("routing subscription", subscription.run(tasks.served()));
    ready.ready();
    Ok(status)
}
