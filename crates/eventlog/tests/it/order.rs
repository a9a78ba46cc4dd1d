//! One order, whatever the number of writers and processes.
use std::collections::HashMap;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use eventlog::{AppendError, Log, Recorded, StreamId};
use futures::future::join_all;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use testkit::eventually;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::fixture::{self, Fixture, assert_in_order, note};

const PROCESSES: usize = 4;
const WRITERS: usize = 8;
const APPENDS: usize = 40;

/// Names the database for the test below when it runs as a child of another one.
const DATABASE: &str = "ODZEW_TEST_WRITER_DATABASE";
const STREAMS: &str = "ODZEW_TEST_WRITER_STREAMS";

/// Not a test of its own: the writers of one process. Does nothing unless started as a child.
#[tokio::test]
async fn writers_of_one_process() {
    let Ok(url) = std::env::var(DATABASE) else { return };
    let streams: u128 = std::env::var(STREAMS).unwrap().parse().unwrap();
    let pool = PgPoolOptions::new().max_connections(4).connect(&url).await.unwrap();
    let log = Log::open(pool, testkit::settings("eventlog")).await.unwrap();
    let tenant = log.tenant("acme").await.unwrap().unwrap();
    let writer = async |writer: usize| {
        let mut versions = HashMap::new();
        for n in 0..APPENDS {
            let turn = (writer * 7 + n * 13) as u128 + u128::from(std::process::id());
            let stream = StreamId::new("note", Uuid::from_u128(turn % streams));
            // What this writer last saw; others have usually gone further.
            let expected = versions.entry(stream.clone()).or_insert(0);
            loop {
                let events = vec![note("first"), note("second")];
                match log.append(&tenant, &stream, *expected, events).await {
                    Ok(appended) => break *expected = appended.version,
                    Err(AppendError::Conflict { current }) => *expected = current,
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    };
    join_all((0..WRITERS).map(writer)).await;
}

/// Runs the test above in processes of its own until all have ended well.
async fn write_in_processes(url: String, streams: usize) {
    let children = (0..PROCESSES).map(|_| {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "order::writers_of_one_process"])
            .env(DATABASE, &url)
            .env(STREAMS, streams.to_string())
            .stdout(std::process::Stdio::null())
            .spawn();
        let mut child = child.unwrap();
        tokio::task::spawn_blocking(move || child.wait().unwrap())
    });
    for status in join_all(children.collect::<Vec<_>>()).await {
        assert!(ExitStatus::success(&status.unwrap()));
    }
}

/// Follows the log by position, as every reader does, until it has seen `total` events.
async fn follow(log: &Log, partition: eventlog::Partition, total: usize) -> Vec<Recorded> {
    let mut seen: Vec<Recorded> = Vec::new();
    while seen.len() < total {
        let after = seen.last().map_or(0, |event| event.position);
        let page = log.read_partition(partition, after, 50).await.unwrap();
        for (event, position) in page.iter().zip(after + 1..) {
            assert_eq!(event.position, position, "a reader by position skips nothing");
        }
        seen.extend(page);
    }
    seen
}

async fn many_writers(streams: usize) {
    let f = Fixture::new().await;
    let total = PROCESSES * WRITERS * APPENDS * 2;
    let writing = tokio::spawn(write_in_processes(f.db.url().to_owned(), streams));
    let seen = follow(&f.log, f.tenant.partition, total).await;
    writing.await.unwrap();
    assert_in_order(&seen);
    assert_eq!(f.everything().await, seen);
    let verified = f.log.verify(f.tenant.partition).await.unwrap();
    assert_eq!(verified.events as usize, total);
}

#[tokio::test]
async fn writers_on_few_streams_in_several_processes_make_one_order() {
    many_writers(4).await;
}

#[tokio::test]
async fn writers_on_many_streams_in_several_processes_make_one_order() {
    many_writers(1_000).await;
}

/// Cuts the writer's session whenever it is found at work, until told to stop; counts the cuts.
async fn cut_sessions(
    admin: PgPool,
    mut commits: watch::Receiver<u64>,
    cuts: Arc<AtomicI64>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        let cut: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
              where datname = current_database()
                and application_name like 'odzew-append-%' and state = 'active'",
        )
        .fetch_one(&admin)
        .await
        .unwrap();
        cuts.fetch_add(cut, Ordering::Relaxed);
        if cut > 0 {
            // Some progress between two cuts, or the test would never end.
            let progress = commits.changed();
            let _ = tokio::time::timeout(Duration::from_millis(100), progress).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_writers_connection_loses_and_doubles_nothing() {
    let f = Fixture::new().await;
    let (stop, cuts) = (CancellationToken::new(), Arc::new(AtomicI64::new(0)));
    let commits = f.log.commits(f.tenant.partition);
    let cutting =
        tokio::spawn(cut_sessions(f.admin().clone(), commits, Arc::clone(&cuts), stop.clone()));
    let mut acknowledged = Vec::new();
    let mut rounds = 0;
    while cuts.load(Ordering::Relaxed) < 10 || rounds < 20 {
        rounds += 1;
        assert!(rounds < 5_000, "the session was hardly ever cut at work");
        let appends = (0..32).map(|_| async {
            let event = note("once");
            let id = event.event_id;
            (id, f.log.append(&f.tenant, &fixture::stream(), 0, vec![event]).await)
        });
        for (id, verdict) in join_all(appends).await {
            match verdict {
                Ok(appended) => acknowledged.push((id, appended.first_position)),
                Err(AppendError::OutcomeUnknown | AppendError::Unavailable(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
    stop.cancel();
    cutting.await.unwrap();

    let events = f.everything().await;
    assert_in_order(&events);
    for (id, position) in acknowledged {
        assert_eq!(events[position as usize - 1].event_id, id, "what was answered OK is there");
    }
    let mut ids: Vec<_> = events.iter().map(|event| event.event_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "nothing is there twice");
    f.log.verify(f.tenant.partition).await.unwrap();
    // And the writer is well again.
    eventually(|| async {
        f.log.append(&f.tenant, &fixture::stream(), 0, vec![note("x")]).await.is_ok()
    })
    .await;
}
