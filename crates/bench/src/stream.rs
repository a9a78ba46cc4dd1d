//! From JetStream to a subscription: every event decoded and checked, against a raw consumer.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use async_nats::jetstream;
use async_nats::jetstream::consumer::{DeliverPolicy, push::OrderedConfig};
use bus::{Bus, Consumer};
use eventlog::{HandlerError, LiveFeed, Log, Recorded, Subscriber, Subscription};
use futures::StreamExt as _;
use sqlx::PgConnection;
use testkit::Database;
use tokio_util::sync::CancellationToken;

use crate::rig::Rig;

/// A stream that is not consumed by then is a failure.
const PATIENCE: Duration = Duration::from_secs(120);

/// Counts; has no effects of its own. The cursor is moved all the same.
#[derive(Debug, Default)]
struct Count {
    arrived: AtomicU64,
    projected: AtomicU64,
}

impl Subscriber for Count {
    fn arrived(&self, events: &[Recorded]) {
        self.arrived.fetch_add(events.len() as u64, Ordering::Relaxed);
    }

    async fn project(&self, _: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
        self.projected.fetch_add(events.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// A log that is empty, so that a subscription gets everything from the stream.
#[derive(Debug)]
pub(crate) struct EmptyTwin {
    log: Log,
    database: Database,
}

impl EmptyTwin {
    /// The same partitions and tenants as the rig's, and no events.
    pub(crate) async fn new(rig: &Rig) -> Result<Self> {
        let database = Database::create().await;
        eventlog::migrate(&database.options(), 2).await.context("migrate")?;
        let log = Log::open(database.pool().clone(), testkit::settings("eventlog")).await?;
        for tenant in &rig.tenants {
            sqlx::query(
                "insert into log.tenant (tenant, name, partition) overriding system value
                 values ($1, $2, $3)",
            )
            .bind(tenant.key.0)
            .bind(&*tenant.name)
            .bind(tenant.partition.0)
            .execute(database.pool())
            .await
            .context("name the rig's tenants")?;
        }
        Ok(Self { log, database })
    }

    /// Consumes the streams of `bus`, which hold `events` events, into a new subscription; events
    /// per second that were decoded, checked and reacted to.
    ///
    /// It has no effects to write before all have come: then it would look for them in the log.
    pub(crate) async fn consume(&self, bus: &Bus, events: u64) -> Result<f64> {
        let start = Instant::now();
        let (feed, consumer) = Consumer::new(bus, &self.log);
        let counters = consumer.counters();
        let stop = CancellationToken::new();
        let consuming = tokio::spawn(consumer.run(stop.clone()));
        let settings = eventlog::subscription::Settings {
            batch_size: usize::try_from(events)? + 1,
            batch_linger: PATIENCE,
            ..settings()
        };
        let arrived = |count: &Count| count.arrived.load(Ordering::Relaxed);
        let log = (&self.log, &self.database);
        let rate = subscribe(log, Some(feed), settings, (start, events), arrived).await?;
        stop.cancel();
        consuming.await.context("the consumer ends")??;
        ensure!(counters.dropped() == 0, "{} messages were not events", counters.dropped());
        Ok(rate)
    }
}

/// Reads the rig's whole log through a subscription without effects; events per second.
pub(crate) async fn replay(rig: &Rig, events: u64) -> Result<f64> {
    let projected = |count: &Count| count.projected.load(Ordering::Relaxed);
    let log = (&rig.log, &rig.database);
    subscribe(log, None, settings(), (Instant::now(), events), projected).await
}

fn settings() -> eventlog::subscription::Settings {
    eventlog::subscription::Settings {
        // Nobody else is there, and nobody shall ask an empty log where it ends.
        leases: false,
        check_interval: PATIENCE,
        ..testkit::settings("subscription")
    }
}

/// Runs a new subscription until it has seen `events` events; their rate since `start`.
async fn subscribe(
    (log, database): (&Log, &Database),
    feed: Option<LiveFeed>,
    settings: eventlog::subscription::Settings,
    (start, events): (Instant, u64),
    seen: impl Fn(&Count) -> u64,
) -> Result<f64> {
    let pool = database.pool_with_role("odzew_desk", "desk", 4).await;
    sqlx::query("delete from subscription_cursor where subscription = 'bench'")
        .execute(&pool)
        .await?;
    let count = Arc::new(Count::default());
    let subscription =
        Subscription::new("bench", log.clone(), pool, Arc::clone(&count), settings, feed);
    let stop = CancellationToken::new();
    let running = tokio::spawn(subscription.run(stop.clone()));
    let rate = reached(start, events, || seen(&count)).await;
    stop.cancel();
    running.await.context("the subscription ends")??;
    rate
}

/// Waits until `seen` says `events`; their rate since `start`.
async fn reached(start: Instant, events: u64, seen: impl Fn() -> u64) -> Result<f64> {
    while seen() < events {
        if start.elapsed() > PATIENCE {
            bail!("{} of {events} events arrived", seen());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(events as f64 / start.elapsed().as_secs_f64())
}

/// Takes `events` messages from the stream with an ordered consumer and looks at none.
pub(crate) async fn raw(rig: &Rig, bus: &Bus, events: u64) -> Result<f64> {
    let context = jetstream::new(bus.client().clone());
    let stream = context
        .get_stream_no_info(bus.subjects().stream(rig.partition(), 1))
        .await
        .context("find the stream")?;
    let start = Instant::now();
    let config = OrderedConfig {
        deliver_subject: bus.client().new_inbox(),
        deliver_policy: DeliverPolicy::All,
        ..OrderedConfig::default()
    };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    for _ in 0..events {
        let message = tokio::time::timeout(PATIENCE, messages.next()).await;
        message.context("the next message in time")?.context("the stream goes on")??;
    }
    Ok(events as f64 / start.elapsed().as_secs_f64())
}
