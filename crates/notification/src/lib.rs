//! Notifies people and systems: mails, and signed calls to webhooks.
//!
//! It owns the streams `notice-{id}` and `webhook-{tenant}`. It forbids: sending anything
//! before the attempt is a fact, and telling anybody about the past.
//!
//! ```text
//! ticket, route, clock events ──reactions──▶ notice scheduled ──▶ table `notices`
//!                                                                   │ due, claimed
//!   NotificationSent | Failed ◀── outcome ◀── channel ◀── attempt ◀─┘
//!          │ (a complaint's letters) did not come back in time
//!          └──────▶ NotificationDelivered ◀── proof that somebody else has
//! ```
//! Promise: at least once; at most one confirmed send per cause, channel and recipient. An
//! attempt whose outcome was lost is shown as unknown and resent or held, as configured.
mod answer_day;
mod channel;
mod config;
mod delivery;
mod event_types;
mod grpc;
mod part;
mod reactions;
mod read_model;
mod registry;
mod status;
mod subscriber;
mod template;
mod view;
mod zone;

pub use channel::webhook::install_tls_provider;
pub use config::{Attempts, Config, Delay, Email, OnUnknown, Texts, TlsMode, Webhook};

use std::sync::Arc;

use anyhow::Context as _;
use chassis::tasks::Tasks;
use eventlog::subscription::{self, Subscription};
use tokio::sync::Notify;
use tonic::codec::CompressionEncoding;
use wire::notification::v1::notification_service_server::NotificationServiceServer;

/// What the process hands to the service.
pub struct Parts {
    /// Section `[notification]`.
    pub config: Config,
    /// The tokens by which answers find their tickets.
    pub threads: wire::thread::Tokens,
    /// The log, on connections in the role `odzew_notification` with the search path
    /// `notification`.
    pub log: eventlog::Log,
    /// Opens personal data, and seals the secrets of webhooks.
    pub sealing: eventlog::sealing::Sealing,
    /// The broker's events; without them the log is polled.
    pub live: Option<eventlog::LiveFeed>,
    /// Section `[subscription]`.
    pub subscription: subscription::Settings,
    /// Where "now" comes from.
    pub clock: Arc<dyn chassis::clock::Clock>,
    /// The bound gRPC server.
    pub server: chassis::serve::Server,
    /// Where readiness is told.
    pub health: chassis::health::Health,
}

/// The read model without reactions, for a rebuild.
#[must_use]
pub fn projection() -> impl eventlog::Subscriber {
    subscriber::Projection::default()
}

/// Checks settings and schema, then spawns the server, the subscription and a worker per channel.
/// The subscription ends after the server, the others with `tasks.shutdown()`. Answers how the
/// service follows the log.
///
/// # Errors
/// If a setting is wrong or the schema is not current.
pub async fn start(parts: Parts, tasks: &mut Tasks) -> anyhow::Result<subscription::Status> {
    let Parts { config, threads, log, sealing, live, subscription, clock, server, health } = parts;
    let keys = sealing.keyring().clone();
    let sealed = log.clone().sealing(sealing);
    let pool = log.pool().clone();
    let problems = config.problems();
    anyhow::ensure!(problems.is_empty(), "settings are wrong: {problems:?}");
    let current = eventlog::schema_current(&pool, "notification").await.context("read schema")?;
    anyhow::ensure!(current, "the schema is not current; run `odzew migrate`");
    let check = health.check("notification");
    let stop = tasks.shutdown();

    let registry = Arc::new(registry::Registry::new(log.clone(), sealed.clone()));
    let guard = Arc::new(channel::webhook::guard::Guard::new(&config.webhook));
    let email =
        channel::email::Email::new(log.clone(), pool.clone(), keys.clone(), threads, &config)
            .context("set up e-mail")?;
    let webhook = channel::webhook::Webhook::new(
        log.clone(),
        Arc::clone(&registry),
        Arc::clone(&guard),
        &config.webhook,
    )
    .context("set up webhooks")?;
    // The one list of channels.
    let (mails, calls) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let stores = || (log.clone(), pool.clone());
    let mailer = delivery::Worker::new(email, stores(), Arc::clone(&clock), Arc::clone(&mails));
    let caller = delivery::Worker::new(webhook, stores(), Arc::clone(&clock), Arc::clone(&calls));
    let proofs = delivery::proof::Proofs {
        log: log.clone(),
        pool: pool.clone(),
        clock: Arc::clone(&clock),
        poll: config.email.proof_poll,
    };
    let channels = [mailer.kind(), caller.kind()];
    let queued = channels.into_iter().zip([mails, calls]).collect();
    let counting = delivery::metrics::watch(log.clone(), channels, stop.clone());
    tasks.spawn("notification metrics", counting);
    tasks.spawn("notification email", Arc::new(mailer).run(stop.clone()));
    tasks.spawn("notification webhook", Arc::new(caller).run(stop.clone()));
    tasks.spawn("notification proofs", proofs.run(stop.clone()));

    let follower = subscriber::Follower {
        reactions: reactions::Reactions::new(log.clone(), registry, &config)
            .context("set up reactions")?,
        projection: subscriber::Projection { queued, keys: Some(keys) },
    };
    let subscription = Subscription::new(
        "notification",
        log.clone(),
        pool.clone(),
        Arc::new(follower),
        subscription,
        live,
    );
    let status = subscription.status();
    tasks.spawn("notification subscription", subscription.run(tasks.served()));

    let api = grpc::Api { log, sealed, pool, clock, guard, retry_after: config.retry_after };
    let service = NotificationServiceServer::new(api)
        .max_decoding_message_size(server.max_message_bytes())
        .accept_compressed(CompressionEncoding::Gzip);
    let api = chassis::serve::Api::new(wire::DESCRIPTORS).service(service);
    tasks.spawn_server("notification grpc", server.serve(api, health, stop));
    check.ready();
    Ok(status)
}
