//! When the log was set back, nothing goes on until an operator says so.
use std::time::Duration;

use eventlog::subscription::{Settings, cursor};
use testkit::eventually;

use crate::fixture::{Fixture, stream};
use crate::subscription::{
    NAME, Recorder, Running, assert_each_once, effects, fill, service_pool, settings, start,
    wait_for_effects,
};

async fn stopped(running: &Running) -> String {
    eventually(|| async {
        running.status.snapshot().into_iter().find_map(|partition| partition.stopped)
    })
    .await
}

/// As after a restore of the log alone.
async fn set_back(f: &Fixture, to: i64) {
    for statement in [
        "delete from log.event where position > $1",
        "delete from log.batch where last_position > $1",
    ] {
        sqlx::query(statement).bind(to).execute(f.admin()).await.unwrap();
    }
    let partition = f.tenant.partition;
    let epoch = f.log.epoch(partition).await.unwrap();
    f.log.raise_epoch(partition, epoch).await.unwrap();
}

#[tokio::test]
async fn another_epoch_stops_the_partition_until_it_is_confirmed() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams = [stream()];
    fill(&f, &streams, 0, 3).await;
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    wait_for_effects(&pool, 3).await;

    let partition = f.tenant.partition;
    let epoch = f.log.epoch(partition).await.unwrap();
    f.log.raise_epoch(partition, epoch).await.unwrap();
    let reason = stopped(&running).await;
    assert!(reason.contains("confirm"), "{reason}");
    fill(&f, &streams, 3, 2).await;
    assert_each_once(&pool, 3).await;

    assert!(cursor::confirm_epoch(&pool, &f.log, NAME, partition, None).await.unwrap());
    wait_for_effects(&pool, 5).await;
    assert_each_once(&pool, 5).await;
    eventually(|| async { running.status.snapshot().iter().all(|p| p.stopped.is_none()) }).await;
    // Said again, it would apply everything once more.
    let again = cursor::confirm_epoch(&pool, &f.log, NAME, partition, Some(1)).await.unwrap();
    assert!(!again, "nobody waits");
    fill(&f, &streams, 5, 1).await;
    wait_for_effects(&pool, 6).await;
    assert_each_once(&pool, 6).await;
    running.end().await;
}

#[tokio::test]
async fn a_cursor_beyond_the_end_of_the_log_stops_the_partition() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams = [stream()];
    fill(&f, &streams, 0, 3).await;
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    wait_for_effects(&pool, 3).await;
    running.end().await;

    sqlx::query("update subscription_cursor set position = 9, reaction_position = 9")
        .execute(&pool)
        .await
        .unwrap();
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    stopped(&running).await;
    for &partition in f.log.partitions() {
        cursor::confirm_epoch(&pool, &f.log, NAME, partition, None).await.unwrap();
    }
    fill(&f, &streams, 3, 2).await;
    wait_for_effects(&pool, 5).await;
    assert_each_once(&pool, 5).await;
    running.end().await;
}

#[tokio::test]
async fn what_was_appended_while_an_operator_was_waited_for_is_not_skipped() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    fill(&f, &[stream()], 0, 6).await;
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    wait_for_effects(&pool, 6).await;
    // Twice, before anybody says a word.
    set_back(&f, 3).await;
    fill(&f, &[stream()], 0, 5).await;
    set_back(&f, 7).await;
    fill(&f, &[stream()], 0, 1).await;
    stopped(&running).await;

    let partition = f.tenant.partition;
    assert!(cursor::confirm_epoch(&pool, &f.log, NAME, partition, None).await.unwrap());
    wait_for_effects(&pool, 8).await;
    // Of 4, 5 and 6 there had been others before.
    assert_eq!(
        effects(&pool).await,
        [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 1), (8, 1)]
    );
    running.end().await;
}

#[tokio::test]
async fn nothing_of_another_epoch_is_applied_before_it_is_confirmed_and_so_nothing_twice() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams = [stream()];
    fill(&f, &streams, 0, 3).await;
    // It does not look at the epoch of its own accord.
    let settings = Settings { check_interval: Duration::from_secs(3600), ..settings() };
    let running = start(&f.log, &pool, Recorder::default(), settings, None);
    wait_for_effects(&pool, 3).await;
    set_back(&f, 3).await;
    fill(&f, &streams, 3, 2).await;
    stopped(&running).await;
    assert_each_once(&pool, 3).await;
    assert!(cursor::confirm_epoch(&pool, &f.log, NAME, f.tenant.partition, None).await.unwrap());
    running.end().await;

    let running = start(&f.log, &pool, Recorder::default(), self::settings(), None);
    wait_for_effects(&pool, 5).await;
    assert_each_once(&pool, 5).await;
    running.end().await;
}
