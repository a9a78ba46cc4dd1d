//! What people see: ticket lists, the register of complaints, timelines and watch, projected from
//! the events of all services.
//!
//! It forbids: deciding anything, writing any stream, and personal data in clear. The one column
//! with personal data, `tickets.sealed_subject`, stays sealed and is decrypted only for roles that
//! may read tickets.
//!
//! ```text
//! events of intake, routing, sla, notification ─▶ facts ─▶ projection ─▶ read_model
//! request ─▶ grpc ─▶ freshness (consistency token) ─▶ read_model ─▶ one page and its token
//!               └──▶ watch ◀── freshness (the projection has moved)
//! ```
//! Events in: those of tickets, routes, clocks and notices. Events out: none.
mod config;
mod facts;
mod freshness;
mod grpc;
mod place;
mod projection;
mod query;
mod read_model;
mod readiness;
mod status;
mod summary;
mod view;
mod watch;
mod watchers;

pub use config::Config;
pub use projection::Projection;

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chassis::health::Health;
use chassis::serve::{Api, Server};
use chassis::tasks::Tasks;
use eventlog::sealing::Keyring;
use eventlog::subscription::{self, Subscription};
use eventlog::{LiveFeed, Log};
use tonic::codec::CompressionEncoding;
use wire::desk::v1::desk_service_server::DeskServiceServer;

/// What the process hands to the service.
pub struct Parts {
    /// Section `[desk]`.
    pub config: Config,
    /// The log, on connections in the role `odzew_desk` with the search path `desk`.
    pub log: Log,
    /// Opens personal data.
    pub keys: Keyring,
    /// The broker's events; without them the log is polled.
    pub live: Option<LiveFeed>,
    /// Section `[subscription]`.
    pub subscription: subscription::Settings,
    /// The gRPC server, bound already.
    pub server: Server,
    /// Readiness of the process.
    pub health: Health,
}

/// Name of the subscription; a rebuild expects the service's name.
const SUBSCRIPTION: &str = "desk";

/// Checks that the schema is current, then projects and serves until shutdown. Answers how the
/// service follows the log.
///
/// # Errors
/// If the schema cannot be read or is not of this version,
pub async fn start(parts: Parts, tasks: &mut Tasks) -> anyhow::Result<subscription::Status> {
    let Parts { config, log, keys, live, subscription, server, health } = parts;
    let pool = log.pool().clone();
    let ready = health.check("desk");
    let current = eventlog::schema_current(&pool, "desk").await.context("read schema")?;
    ensure!(current, "the schema is not of this version; run `odzew migrate`");

    let projection = Arc::new(Projection { keys: Some(keys.clone()) });
    let subscription =
        Subscription::new(SUBSCRIPTION, log.clone(), pool.clone(), projection, subscription, live);
    let status = subscription.status();
    tasks.spawn("desk subscription", subscription.run(tasks.served()));

    let (freshness, follower) = freshness::follow(log.clone(), &config);
    tasks.spawn("desk freshness", follower.run(tasks.served()));
    let freshness = Arc::new(freshness);
    let readiness = readiness::report(log.clone(), Arc::clone(&freshness), ready, tasks.shutdown());
    tasks.spawn("desk readiness", readiness);
    let desk = grpc::Desk::new(log, pool, keys, freshness, config);
    let service = DeskServiceServer::new(desk)
        .max_decoding_message_size(server.max_message_bytes())
        .accept_compressed(CompressionEncoding::Gzip);
    let api = Api::new(wire::DESCRIPTORS).service(service);
    tasks.spawn_server("desk grpc", server.serve(api, health, tasks.shutdown()));
    Ok(status)
}
