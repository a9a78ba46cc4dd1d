//! Takes tickets in and keeps their facts, those of the parties that ask and of their contacts
//! in real time; the only writer of the streams `ticket-<id>`, `party-<id>`, `contact-<id>`,
//! `inbound-<id>` and `taxonomy-<tenant>`.
//!
//! It forbids: reading other services' data, owners, deadlines and notices of a ticket
//! (they are other services' streams), and any answer before the log has acknowledged.
//!
//! ```text
//! request ─▶ grpc ─▶ convert ─▶ ticket::Command ─▶ eventlog::execute ─▶ log ─▶ read_model:
//!                                                        │                   who is found by
//! response ◀─ view ◀── state after the events ◀──────────┘                   what, contacts
//!
//! own event, of a contact, too ─▶ reactions ─▶ ticket::Command on another ticket ─▶ log
//! TimerFired, ClockBreached, NotificationSent | Delivered | Failed ─▶ reactions
//!                                                    ─▶ ticket::Command ─▶ log
//! RegimePublished ─▶ read_model: which law a complaint is under
//! ```
//! One command changes one ticket. What follows for another (the ticket merged into, the one
//! split off, the children of an incident) follows from the event, as a reaction.
//!
//! Events in: its own; `RegimePublished`, `TimerFired` and `ClockBreached` of sla;
//! `TicketEscalated` of routing; `NotificationSuppressed`, `NotificationSent`,
//! `NotificationDelivered` and `NotificationFailed` of notification. Events out: those of `TicketEvent`, `PartyEvent`, `ContactEvent`,
//! `InboundEvent` and `TaxonomyEvent` in `odzew.intake.v1`. Events of an imported history are
//! never reacted to.
mod blind;
mod call;
mod config;
mod convert;
mod customer;
mod grpc;
mod identity;
mod import;
mod keys;
mod law;
mod reactions;
mod read_model;
mod rules;
mod status;
mod taxonomies;
mod view;

pub use config::Config;
pub use keys::{MasterKeyUse, Rotated, master_keys, rotate_master_key};

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chassis::clock::Clock;
use chassis::health::Health;
use chassis::serve::{Api, Server};
use chassis::tasks::Tasks;
use domain::when::When;
use eventlog::subscription::{self, Subscriber, Subscription};
use eventlog::{LiveFeed, Log, sealing};
use jiff::tz::TimeZone;
use tonic::codec::CompressionEncoding;
use wire::intake::v1::complaint_service_server::ComplaintServiceServer;
use wire::intake::v1::contact_service_server::ContactServiceServer;
use wire::intake::v1::inbound_service_server::InboundServiceServer;
use wire::intake::v1::intake_service_server::IntakeServiceServer;
use wire::intake::v1::key_service_server::KeyServiceServer;
use wire::intake::v1::party_service_server::PartyServiceServer;
use wire::intake::v1::taxonomy_service_server::TaxonomyServiceServer;
use wire::thread::Tokens;

use crate::blind::BlindIndex;

/// What the process hands to the service.
pub struct Parts {
    /// Section `[intake]`.
    pub config: Config,
    /// The tokens by which answers find their tickets.
    pub threads: Tokens,
    /// Section `[sealing]`.
    pub sealing: sealing::Settings,
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

/// The read model, for a rebuild.
#[must_use]
pub fn projection(config: &Config) -> impl Subscriber {
    read_model::Projection::new(BlindIndex::new(&config.contact_key), None)
}

/// The log with the keys of personal data, for a rebuild.
///
/// # Errors
/// If the master key is not that of the key store, or the store cannot be read.
pub async fn with_keys(
    log: Log,
    config: &Config,
    settings: &sealing::Settings,
) -> anyhow::Result<Log> {
    let store = keys::open(log.pool().clone(), config, None).await?;
    Ok(keys::sealing(log, &store, settings))
}

/// Whether the configured master keys can be read, before anything else is started.
///
/// # Errors
/// Which cannot, and why.
pub fn check_master_keys(config: &Config) -> anyhow::Result<()> {
    keys::check(config)
}

/// Checks that the schema is current, then serves, follows the log and reacts until shutdown.
/// Answers how the service follows the log.
///
/// # Errors
/// If the schema cannot be read or is not of this version, or a key is missing or wrong.
pub async fn start(parts: Parts, tasks: &mut Tasks) -> anyhow::Result<subscription::Status> {
    let Parts { config, threads, sealing, log, live, subscription, clock, server, health } = parts;
    let pool = log.pool().clone();
    let ready = health.check("intake");
    let current = eventlog::schema_current(&pool, "intake").await.context("read schema")?;
    ensure!(current, "the schema is not of this version; run `odzew migrate`");
    let zone = TimeZone::get(&config.time_zone).context("read intake.time_zone")?;
    let index = BlindIndex::serving(&config.contact_key, server.local_addr().ip())?;

    let listens_on = server.local_addr().ip();
    let keys = keys::open(pool.clone(), &config, Some(listens_on)).await?;
    let log = keys::sealing(log, &keys, &sealing);

    let projection = read_model::Projection::new(index.clone(), Some(log.clone()));
    let when = When::new(zone.clone());
    let reactions = reactions::Reactions::new(log.clone(), projection, when, &config);
    let reactions = Arc::new(reactions);
    let name = read_model::SUBSCRIPTION;
    let following =
        Subscription::new(name, log.clone(), pool.clone(), reactions, subscription, live);
    let status = following.status();

    let max_message_bytes = server.max_message_bytes();
    let taxonomies = taxonomies::Known::new(log.clone(), &config);
    let handlers =
        grpc::Intake { log, pool, clock, config, index, threads, taxonomies, keys, zone };
    let tickets = IntakeServiceServer::new(handlers.clone())
        .max_decoding_message_size(max_message_bytes)
        .accept_compressed(CompressionEncoding::Gzip);
    let parties = PartyServiceServer::new(handlers.clone())
        .max_decoding_message_size(max_message_bytes)
        .accept_compressed(CompressionEncoding::Gzip);
    let complaints = ComplaintServiceServer::new(handlers.clone())
        .max_decoding_message_size(max_message_bytes)
        .accept_compressed(CompressionEncoding::Gzip);
    let contacts = ContactServiceServer::new(handlers.clone())
        .max_decoding_message_size(max_message_bytes)
        .accept_compressed(CompressionEncoding::Gzip);
    let taxonomies = TaxonomyServiceServer::new(handlers.clone())
        .max_decoding_message_size(max_message_bytes)
        .accept_compressed(CompressionEncoding::Gzip);
    let key_store =
        KeyServiceServer::new(handlers.clone()).max_decoding_message_size(max_message_bytes);
    let inbound = InboundServiceServer::new(handlers)
        .max_decoding_message_size(max_message_bytes)
        .accept_compressed(CompressionEncoding::Gzip);
    let api = Api::new(wire::DESCRIPTORS)
        .service(tickets)
        .service(complaints)
        .service(parties)
        .service(contacts)
        .service(inbound)
        .service(taxonomies)
        .service(key_store);
    tasks.spawn_server("intake grpc", server.serve(api, health, tasks.shutdown()));
    tasks.spawn("intake subscription", following.run(tasks.served()));
    ready.ready();
    Ok(status)
}
