//! A log, a bus with a prefix of its own, a relay and a subscription whose effects are counted.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::jetstream::{self, Context, stream::Info};
use bus::{Bus, Consumer, Relay, consumer, relay};
use bytes::Bytes;
use eventlog::subscription::Status;
use eventlog::{
    Actor, Cause, HandlerError, Log, NewEvent, Partition, Recorded, StreamId, Subscriber,
    Subscription, Tenant, subscription,
};
use futures::future::join_all;
use jiff::Timestamp;
use sqlx::{PgConnection, PgPool};
use testkit::{Database, Template, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::common::v1::ActorKind;

/// Copied for each test.
static MIGRATED: Template = Template::new();

pub(crate) struct Fixture {
    pub(crate) db: Database,
    pub(crate) log: Log,
    pub(crate) tenant: Tenant,
    pub(crate) settings: bus::Settings,
    /// Counts effects.
    pub(crate) pool: PgPool,
}

impl Fixture {
    pub(crate) async fn new(url: &str, prefix: &str) -> Self {
        let db = MIGRATED.copy(async |db| eventlog::migrate(db, 2).await).await;
        let admin = Log::open(db.pool().clone(), testkit::settings("eventlog")).await.unwrap();
        let tenant = admin.create_tenant("acme").await.unwrap();
        let log = open(&db).await;
        let pool = db.pool_with_role("odzew_desk", "desk", 4).await;
        sqlx::query(
            "create table effect (
                partition smallint, position bigint, event_id uuid, applied integer default 1,
                ordinal bigint generated always as identity, primary key (partition, position))",
        )
        .execute(&pool)
        .await
        .unwrap();
        let mut settings = bus::Settings {
            url: url.to_owned(),
            prefix: prefix.to_owned(),
            request_timeout: Duration::from_secs(2),
            connect_timeout: Duration::from_millis(500),
            ..testkit::settings("bus")
        };
        settings.relay.compare_interval = Duration::from_millis(200);
        settings.relay.retry_delay = Duration::from_millis(50);
        settings.relay.ack_timeout = Duration::from_secs(2);
        settings.consumer.reopen_delay = Duration::from_millis(50);
        Self { db, log, tenant, settings, pool }
    }

    pub(crate) fn partition(&self) -> Partition {
        self.tenant.partition
    }

    pub(crate) async fn bus(&self) -> Bus {
        bus::connect(self.settings.clone()).await.unwrap()
    }

    /// Appends `count` events, each its own stream; answers the log's head.
    pub(crate) async fn fill(&self, count: usize) -> u64 {
        append(&self.log, &self.tenant, count).await;
        self.log.head(self.partition()).await.unwrap()
    }

    pub(crate) async fn relay(&self) -> Running<relay::Status> {
        let relay = Relay::new(self.bus().await, self.log.clone());
        let status = relay.status();
        Running::spawn(status, |stop| relay.run(stop))
    }

    /// A subscription fed by its own connection, polling so seldom that only the broker, or a
    /// gap, explains fast progress.
    pub(crate) async fn subscription(&self) -> Subscribed {
        let bus = self.bus().await;
        let (feed, consumer) = Consumer::new(&bus, &self.log);
        let counters = consumer.counters();
        let subscriber = Arc::new(Effects::default());
        let settings = subscription::Settings {
            poll_interval: Duration::from_millis(50),
            quiet_poll_interval: Duration::from_millis(500),
            check_interval: Duration::from_millis(100),
            retry_delay: Duration::from_millis(10),
            ..testkit::settings("subscription")
        };
        let subscription = Subscription::new(
            "desk",
            self.log.clone(),
            self.pool.clone(),
            Arc::clone(&subscriber),
            settings,
            Some(feed),
        );
        let status = subscription.status();
        Subscribed {
            counters,
            subscriber,
            consumer: Running::spawn((), |stop| consumer.run(stop)),
            subscription: Running::spawn(status, |stop| subscription.run(stop)),
        }
    }

    pub(crate) async fn jetstream(&self) -> Context {
        jetstream::new(async_nats::connect(&self.settings.url).await.unwrap())
    }

    pub(crate) fn stream_name(&self, epoch: u32) -> String {
        bus::Subjects::new(&self.settings.prefix).unwrap().stream(self.partition(), epoch)
    }

    pub(crate) async fn stream_info(&self, epoch: u32) -> Option<Info> {
        let jetstream = self.jetstream().await;
        let stream = jetstream.get_stream(self.stream_name(epoch)).await.ok()?;
        Some(stream.cached_info().clone())
    }

    pub(crate) async fn wait_for_stream(&self, epoch: u32, last: u64) {
        eventually(|| async {
            let reached = self.stream_info(epoch).await.map(|info| info.state.last_sequence);
            if reached == Some(last) { Ok(()) } else { Err(format!("{reached:?} of {last}")) }
        })
        .await;
    }

    /// Every message of the stream from sequence `first` on is the log's event of that position.
    pub(crate) async fn assert_stream_is_log(&self, epoch: u32, first: u64) {
        let info = self.stream_info(epoch).await.unwrap();
        let head = self.log.head(self.partition()).await.unwrap();
        let state = &info.state;
        assert_eq!((state.first_sequence, state.last_sequence), (first, head));
        assert_eq!(state.messages, head + 1 - first);
        let jetstream = self.jetstream().await;
        let stream = jetstream.get_stream(self.stream_name(epoch)).await.unwrap();
        let subjects = bus::Subjects::new(&self.settings.prefix).unwrap();
        let mut after = first - 1;
        while after < head {
            let page = self.log.read_partition(self.partition(), after, 500).await.unwrap();
            let messages =
                join_all(page.iter().map(|event| stream.direct_get(event.position))).await;
            for (event, message) in page.iter().zip(messages) {
                let message = message.unwrap();
                assert_eq!(message.sequence, event.position);
                let decoded = bus::decode(
                    &subjects,
                    epoch,
                    message.sequence,
                    &message.subject,
                    Some(&message.headers),
                    message.payload,
                );
                assert_eq!(decoded.as_ref(), Ok(event));
            }
            after = page.last().unwrap().position;
        }
    }

    pub(crate) async fn wait_for_effects(&self, count: u64) {
        eventually(|| async {
            let effects = self.effects().await.len() as u64;
            if effects >= count { Ok(()) } else { Err(format!("{effects} of {count} effects")) }
        })
        .await;
    }

    pub(crate) async fn assert_each_once(&self, head: u64) {
        let effects = self.effects().await;
        let expected: Vec<(i64, i32)> =
            (1..=i64::try_from(head).unwrap()).map(|p| (p, 1)).collect();
        assert_eq!(effects, expected);
        let wrong: i64 = sqlx::query_scalar(
            "select count(*) from desk.effect f join log.event e using (partition, position)
              where f.event_id <> e.event_id",
        )
        .fetch_one(self.db.pool())
        .await
        .unwrap();
        assert_eq!(wrong, 0, "effects of events that are not the log's");
    }

    async fn effects(&self) -> Vec<(i64, i32)> {
        sqlx::query_as("select position, applied from effect order by ordinal")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

pub(crate) async fn open(db: &Database) -> Log {
    let pool = db.pool_with_role("odzew_intake", "intake", 4).await;
    Log::open(pool, testkit::settings("eventlog")).await.unwrap()
}

pub(crate) async fn append(log: &Log, tenant: &Tenant, count: usize) {
    let streams: Vec<StreamId> =
        (0..count).map(|_| StreamId::new("note", Uuid::now_v7())).collect();
    let all = streams.iter().map(|stream| log.append(tenant, stream, 0, vec![event(stream)]));
    for appended in join_all(all).await {
        appended.unwrap();
    }
}

fn event(stream: &StreamId) -> NewEvent {
    let cause = Cause {
        actor: Actor { kind: ActorKind::Agent, id: "agent-17".into(), role: "agent".into() },
        request: None,
        causation_id: None,
        correlation_id: stream.id,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        occurred_at: Timestamp::now(),
        expected_version: None,
        follows: None,
        guards: Vec::new(),
        historical: false,
    };
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "test.v1.Noted",
        payload: Bytes::from_static(b"\x00\x01 some text"),
        metadata: cause.metadata(),
        occurred_at: cause.occurred_at,
    }
}

/// A task; dropping it aborts it wherever it is.
pub(crate) struct Running<T> {
    pub(crate) status: T,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T> Running<T> {
    pub(crate) fn spawn<F, E>(status: T, task: impl FnOnce(CancellationToken) -> F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Debug,
    {
        let stop = CancellationToken::new();
        let running = task(stop.clone());
        let task = tokio::spawn(async move { running.await.unwrap() });
        Self { status, stop, task }
    }

    pub(crate) async fn end(mut self) {
        self.stop.cancel();
        (&mut self.task).await.unwrap();
    }
}

pub(crate) struct Subscribed {
    pub(crate) counters: consumer::Counters,
    pub(crate) subscriber: Arc<Effects>,
    pub(crate) consumer: Running<()>,
    pub(crate) subscription: Running<Status>,
}

impl Subscribed {
    pub(crate) async fn end(self) {
        self.subscription.end().await;
        self.consumer.end().await;
    }
}

/// Counts effects in a table and reactions in memory.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) reactions: AtomicUsize,
}

impl Subscriber for Effects {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        for event in events {
            sqlx::query(
                "insert into effect (partition, position, event_id) values ($1, $2, $3)
                 on conflict (partition, position) do update set applied = effect.applied + 1",
            )
            .bind(event.partition.0)
            .bind(i64::try_from(event.position).unwrap())
            .bind(event.event_id)
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        self.reactions.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
