//! The consumer loop against a real Postgres, with effects that can be counted.
mod epoch;
mod flow;
mod lease;
mod live;
mod poison;
mod rebuild;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use eventlog::subscription::{Settings, Status, parked};
use eventlog::{
    HandlerError, LiveFeed, Log, NewEvent, Recorded, StreamId, Subscriber, Subscription,
};
use jiff::Timestamp;
use sqlx::{PgConnection, PgPool};
use testkit::eventually;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::fixture::{Fixture, cause};

pub(crate) const NAME: &str = "desk";

/// Counts effects in the table `effect` and reactions in memory, and fails when told to.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) reactions: Mutex<HashMap<u64, usize>>,
    pub(crate) reacted_order: Mutex<Vec<(StreamId, u32)>>,
    /// Bodies that neither project nor react as long as they are here.
    pub(crate) poison_projection: Mutex<HashSet<Bytes>>,
    pub(crate) poison_reaction: Mutex<HashSet<Bytes>>,
    /// Reactions that fail this often before they succeed.
    pub(crate) transient: Mutex<usize>,
    /// While `true`, reactions wait.
    pub(crate) held: Option<watch::Receiver<bool>>,
    pub(crate) at_gate: watch::Sender<usize>,
}

impl Subscriber for Recorder {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        for event in events {
            if self.poison_projection.lock().unwrap().contains(&event.payload) {
                return Err(HandlerError::poison("bad body"));
            }
            let body = std::str::from_utf8(&event.payload)
                .map_err(|_| HandlerError::poison("not a text"))?;
            sqlx::query(
                "insert into effect (partition, position, stream_id, version, body)
                 values ($1, $2, $3, $4, $5)
                 on conflict (partition, position) do update set applied = effect.applied + 1",
            )
            .bind(event.partition.0)
            .bind(i64::try_from(event.position).unwrap())
            .bind(event.stream.id)
            .bind(i32::try_from(event.version).unwrap())
            .bind(body)
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }

    async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        if let Some(mut held) = self.held.clone() {
            self.at_gate.send_modify(|waiting| *waiting += 1);
            held.wait_for(|held| !*held).await.unwrap();
        }
        if self.poison_reaction.lock().unwrap().contains(&event.payload) {
            return Err(HandlerError::poison("bad reaction"));
        }
        {
            let mut transient = self.transient.lock().unwrap();
            if *transient > 0 {
                *transient -= 1;
                return Err(HandlerError::transient("store away"));
            }
        }
        *self.reactions.lock().unwrap().entry(event.position).or_default() += 1;
        self.reacted_order.lock().unwrap().push((event.stream.clone(), event.version));
        Ok(())
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        page_size: 50,
        batch_size: 20,
        poll_interval: Duration::from_millis(20),
        quiet_poll_interval: Duration::from_millis(200),
        check_interval: Duration::from_millis(50),
        retry_delay: Duration::from_millis(5),
        retry_max_delay: Duration::from_millis(100),
        lease_interval: Duration::from_millis(50),
        ..testkit::settings("subscription")
    }
}

/// A running subscription; dropping it aborts it wherever it is, as a crash would.
pub(crate) struct Running {
    pub(crate) status: Status,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) stop: CancellationToken,
    task: JoinHandle<Result<(), eventlog::Error>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    pub(crate) async fn end(mut self) {
        self.stop.cancel();
        (&mut self.task).await.unwrap().unwrap();
    }
}

/// A service's schema with the table `effect`, made by the service itself.
pub(crate) async fn service_pool(f: &Fixture) -> PgPool {
    let pool = f.db.pool_with_role("odzew_desk", "desk", 4).await;
    sqlx::raw_sql(include_str!("rebuild_migrations/0002_effect.sql")).execute(&pool).await.unwrap();
    pool
}

pub(crate) fn start(
    log: &Log,
    pool: &PgPool,
    recorder: Recorder,
    settings: Settings,
    live: Option<LiveFeed>,
) -> Running {
    let recorder = Arc::new(recorder);
    let subscription =
        Subscription::new(NAME, log.clone(), pool.clone(), Arc::clone(&recorder), settings, live);
    let status = subscription.status();
    let stop = CancellationToken::new();
    let task = tokio::spawn(subscription.run(stop.clone()));
    Running { status, recorder, stop, task }
}

/// An event whose ticket is its stream.
pub(crate) fn event(stream: &StreamId, body: &str) -> NewEvent {
    let mut cause = cause();
    cause.correlation_id = stream.id;
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "test.v1.Noted",
        payload: Bytes::copy_from_slice(body.as_bytes()),
        metadata: cause.metadata(),
        occurred_at: Timestamp::now(),
    }
}

/// Appends `rounds` events to each of `streams`, round by round; answers how many there are.
pub(crate) async fn fill(f: &Fixture, streams: &[StreamId], from: u32, rounds: u32) -> u64 {
    for round in from..from + rounds {
        let all = streams.iter().map(|stream| {
            f.log.append(&f.tenant, stream, round, vec![event(stream, &format!("e{round}"))])
        });
        for appended in futures::future::join_all(all).await {
            appended.unwrap();
        }
    }
    f.log.head(f.tenant.partition).await.unwrap()
}

/// Positions in the table, in the order in which they were applied, each with its count.
pub(crate) async fn effects(pool: &PgPool) -> Vec<(u64, i32)> {
    let rows: Vec<(i64, i32)> =
        sqlx::query_as("select position, applied from effect order by ordinal")
            .fetch_all(pool)
            .await
            .unwrap();
    rows.into_iter()
        .map(|(position, applied)| (u64::try_from(position).unwrap(), applied))
        .collect()
}

pub(crate) async fn wait_for_effects(pool: &PgPool, count: u64) {
    eventually(|| async {
        let effects = effects(pool).await.len() as u64;
        if effects >= count { Ok(()) } else { Err(format!("{effects} of {count} effects")) }
    })
    .await;
}

/// Every position of `1..=head` once, in order.
pub(crate) async fn assert_each_once(pool: &PgPool, head: u64) {
    let expected: Vec<(u64, i32)> = (1..=head).map(|position| (position, 1)).collect();
    assert_eq!(effects(pool).await, expected);
}

pub(crate) async fn parked_positions(pool: &PgPool) -> Vec<u64> {
    parked::list(pool).await.unwrap().iter().map(|parked| parked.position).collect()
}
