//! Keeps every promised time; the only writer of the streams `clock-<ticket id>` and
//! `slaconfig-<id>`.
//!
//! It forbids: reading other services' data (what happened to a ticket comes from events),
//! arithmetic with civil time outside `domain`, and firing a timer before the service has seen the
//! events until then (see `deadlines::gate` for the one exception).
//!
//! ```text
//! ticket's event ─▶ reactions ─ terms ─▶ clock::Command::Observe ─▶ log
//!                                                                    │ own events
//!   deadlines ◀── timers that are due ◀── read_model ◀───────────────┘
//!       └───────▶ clock::Command::Fire ─▶ log
//! ```
//! Events in: those of `odzew.intake.v1.TicketEvent` and `odzew.routing.v1.RouteEvent`;
//! `ContactEnded` of intake; `NotificationScheduled`, `NotificationSuppressed`, `NotificationSent`
//! and `NotificationDelivered` of notification; its own events for the tables. Events out: those of
//! `ClockEvent` and `SlaConfigEvent` in `odzew.sla.v1`.
mod config;
mod convert;
mod deadlines;
mod explain;
mod grpc;
mod reactions;
mod read_model;
mod status;
mod terms;
pub mod validate;
mod view;

pub use config::Config;

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chassis::clock::Clock;
use chassis::health::Health;
use chassis::serve::{Api, Server};
use chassis::tasks::Tasks;
use eventlog::subscription::{self, Subscriber, Subscription};
use eventlog::{LiveFeed, Log};
use tonic::codec::CompressionEncoding;
use wire::sla::v1::sla_service_server::SlaServiceServer;

/// What the process hands to the service.
pub struct Parts {
    /// Section `[sla]`.
    pub config: Config,
    /// The log, on connections in the role `odzew_sla` with the search path `sla`; at least three.
    pub log: Log,
    /// The broker's events; without them the log is polled.
    pub live: Option<LiveFeed>,
    /// Section `[subscription]`.
    pub subscription: subscription::Settings,
    /// The time of this machine.
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

/// Checks that the schema is current, then serves, reacts and keeps time until shutdown.
/// Answers how the service follows the log.
///
/// # Errors
/// If the schema cannot be read or is not of this version.
pub async fn start(parts: Parts, tasks: &mut Tasks) -> anyhow::Result<subscription::Status> {
    let Parts { config, log, live, subscription, clock, server, health } = parts;
    let pool = log.pool().clone();
    let ready = health.check("sla");
    let current = eventlog::schema_current(&pool, "sla").await.context("read schema")?;
    ensure!(current, "the schema is not of this version; run `odzew migrate`");

    let terms = Arc::new(terms::Terms::new(log.clone(), clock.now(), config.cached_tenants));
    let handlers = grpc::Sla {
        log: log.clone(),
        pool: pool.clone(),
        clock: Arc::clone(&clock),
        terms: Arc::clone(&terms),
        config: config.clone(),
    };
    let service = SlaServiceServer::new(handlers)
        .max_decoding_message_size(server.max_message_bytes())
        .accept_compressed(CompressionEncoding::Gzip);
    let api = Api::new(wire::DESCRIPTORS).service(service);
    let (precedence, yielding) = deadlines::precedence();
    let reactions = Arc::new(reactions::Reactions::new(log.clone(), terms, yielding));
    let subscription = Subscription::new(
        read_model::SUBSCRIPTION,
        log.clone(),
        pool.clone(),
        reactions,
        subscription,
        live,
    );
    let status = subscription.status();
    let beside = (status.clone(), precedence);
    let deadlines = deadlines::Deadlines::new(log, pool, clock, config.deadlines, beside);

    tasks.spawn_server("sla grpc", server.serve(api, health, tasks.shutdown()));
    tasks.spawn("sla subscription", subscription.run(tasks.served()));
    tasks.spawn("sla deadlines", deadlines.run(tasks.shutdown()));
    ready.ready();
    Ok(status)
}
