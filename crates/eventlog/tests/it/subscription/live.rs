//! What the broker brings is taken as it comes and never believed: position decides.
use std::time::Duration;

use eventlog::subscription::Settings;
use eventlog::{LiveSource, Recorded, StreamId, live_feed};
use sqlx::PgPool;
use testkit::eventually;
use uuid::Uuid;

use crate::fixture::{Fixture, stream};
use crate::subscription::{
    Recorder, Running, assert_each_once, fill, service_pool, settings, start, wait_for_effects,
};

/// So slow that only the live feed, or a gap in it, explains progress.
fn patient() -> Settings {
    Settings { quiet_poll_interval: Duration::from_secs(600), ..settings() }
}

fn source_of(f: &Fixture, sources: Vec<LiveSource>) -> LiveSource {
    let partition = f.tenant.partition;
    let source = sources.into_iter().find(|source| source.partition() == partition).unwrap();
    source.set_connected(true);
    source
}

async fn wanted(source: &LiveSource) -> u64 {
    let mut requests = source.requests();
    requests.wait_for(Option::is_some).await.unwrap().unwrap()
}

async fn read(f: &Fixture, position: u64) -> Recorded {
    f.log.read_partition(f.tenant.partition, position - 1, 1).await.unwrap().remove(0)
}

/// A subscription that has read three events of a stream and waits for the fourth.
struct Following {
    f: Fixture,
    pool: PgPool,
    streams: [StreamId; 1],
    source: LiveSource,
    running: Running,
}

impl Following {
    async fn three(settings: Settings) -> Self {
        let f = Fixture::new().await;
        let pool = service_pool(&f).await;
        let streams = [stream()];
        fill(&f, &streams, 0, 3).await;
        let (feed, sources) = live_feed(f.log.partitions(), 64);
        let source = source_of(&f, sources);
        let running = start(&f.log, &pool, Recorder::default(), settings, Some(feed));
        wait_for_effects(&pool, 3).await;
        assert_eq!(wanted(&source).await, 4);
        Self { f, pool, streams, source, running }
    }
}

#[tokio::test]
async fn live_events_are_applied_and_repeats_gaps_and_strangers_do_no_harm() {
    let Following { f, pool, streams, source, running } = Following::three(patient()).await;

    fill(&f, &streams, 3, 2).await;
    // Repeats, then the next one, twice.
    for position in [1, 3, 4, 4] {
        source.offer(read(&f, position).await);
    }
    wait_for_effects(&pool, 4).await;
    // A gap: 5 is missing, 7 comes. The log fills it.
    fill(&f, &streams, 5, 3).await;
    source.offer(read(&f, 7).await);
    wait_for_effects(&pool, 8).await;
    // A position that does not exist yet sends us to the log, and is not believed.
    let mut future = read(&f, 8).await;
    future.position = 4_000;
    source.offer(future);
    fill(&f, &streams, 8, 1).await;
    source.offer(read(&f, 9).await);
    wait_for_effects(&pool, 9).await;
    assert_each_once(&pool, 9).await;
    assert!(running.status.snapshot().iter().map(|p| p.gaps).sum::<u64>() >= 2);
    running.end().await;
}

#[tokio::test]
async fn what_the_log_does_not_hold_is_not_applied() {
    let Following { f, pool, streams, source, running } = Following::three(patient()).await;
    let gaps = || running.status.snapshot().iter().map(|p| p.gaps).sum::<u64>();
    let (before, foreign) = (gaps(), read(&f, 3).await);

    // The next position, and the log has nothing there.
    source.offer(Recorded { position: 4, version: 4, event_id: Uuid::now_v7(), ..foreign.clone() });
    eventually(|| async { gaps() > before }).await;
    fill(&f, &streams, 3, 1).await;
    source.offer(read(&f, 4).await);
    wait_for_effects(&pool, 4).await;

    // The log has another event there, and what follows is the log's own.
    fill(&f, &streams, 4, 2).await;
    source.offer(Recorded { position: 5, version: 5, event_id: Uuid::now_v7(), ..foreign });
    source.offer(read(&f, 6).await);
    eventually(|| async {
        let mut stopped = running.status.snapshot().into_iter().filter_map(|p| p.stopped);
        stopped.any(|reason| reason.contains("position 5"))
    })
    .await;
    wait_for_effects(&pool, 6).await;
    assert_each_once(&pool, 6).await;
    let bodies: Vec<String> = sqlx::query_scalar("select body from effect order by position")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(bodies, ["e0", "e1", "e2", "e3", "e4", "e5"]);
    running.end().await;
}

#[tokio::test]
async fn a_reaction_that_fails_is_given_up_if_the_log_does_not_hold_its_event() {
    // Nothing of it is written while the effects are gathered: only its reaction could notice.
    let settings = Settings { batch_linger: Duration::from_secs(600), ..patient() };
    let Following { f, pool, streams, source, running } = Following::three(settings).await;
    let gaps = || running.status.snapshot().iter().map(|p| p.gaps).sum::<u64>();
    let (before, lost) = (gaps(), read(&f, 3).await);

    *running.recorder.transient.lock().unwrap() = 1;
    source.offer(Recorded { position: 4, version: 4, event_id: Uuid::now_v7(), ..lost });
    eventually(|| async { gaps() > before }).await;
    fill(&f, &streams, 3, 1).await;
    source.offer(read(&f, 4).await);
    wait_for_effects(&pool, 4).await;
    assert_eq!(running.recorder.reactions.lock().unwrap().get(&4), Some(&1));
    running.end().await;
}

#[tokio::test]
async fn what_does_not_fit_the_buffer_comes_from_the_log() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let (feed, sources) = live_feed(f.log.partitions(), 2);
    let source = source_of(&f, sources);
    let running = start(&f.log, &pool, Recorder::default(), patient(), Some(feed));
    assert_eq!(wanted(&source).await, 1);
    let head = fill(&f, &[stream()], 0, 50).await;
    for position in 1..=head {
        source.offer(read(&f, position).await);
    }
    // The last one may have been dropped; one more tells of the gap.
    let head = fill(&f, &[stream()], 0, 1).await;
    source.offer(read(&f, head).await);
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;
    running.end().await;
}

#[tokio::test]
async fn a_silent_or_vanished_broker_leaves_us_the_log() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams = [stream()];
    let (feed, sources) = live_feed(f.log.partitions(), 8);
    let source = source_of(&f, sources);
    let running = start(&f.log, &pool, Recorder::default(), settings(), Some(feed));
    // Connected and silent.
    let head = fill(&f, &streams, 0, 3).await;
    wait_for_effects(&pool, head).await;
    eventually(|| async { running.status.snapshot().iter().any(|p| p.live) }).await;
    // Away.
    source.set_connected(false);
    let head = fill(&f, &streams, 3, 3).await;
    wait_for_effects(&pool, head).await;
    // Gone for good.
    drop(source);
    let head = fill(&f, &streams, 6, 3).await;
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;
    running.end().await;
}
