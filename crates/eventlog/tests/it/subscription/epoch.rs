//! When the log was set back, nothing goes on until an operator says so.
use eventlog::subscription::cursor;
use testkit::eventually;

use crate::fixture::{Fixture, stream};
use crate::subscription::{
    NAME, Recorder, assert_each_once, fill, service_pool, settings, start, wait_for_effects,
};

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
    let reason = eventually(|| async {
        running.status.snapshot().into_iter().find_map(|partition| partition.stopped)
    })
    .await;
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
    eventually(|| async {
        running.status.snapshot().into_iter().find_map(|partition| partition.stopped)
    })
    .await;
    for &partition in f.log.partitions() {
        cursor::confirm_epoch(&pool, &f.log, NAME, partition, None).await.unwrap();
    }
    fill(&f, &streams, 3, 2).await;
    wait_for_effects(&pool, 5).await;
    assert_each_once(&pool, 5).await;
    running.end().await;
}
