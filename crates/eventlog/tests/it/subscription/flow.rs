//! Each event has its effects once, whatever crashes and whoever else runs.
use eventlog::subscription::Settings;
use testkit::{Postgres, eventually};
use tokio::sync::watch;

use crate::fixture::{Fixture, stream};
use crate::subscription::{
    Recorder, assert_each_once, effects, fill, service_pool, settings, start, wait_for_effects,
};

#[tokio::test]
async fn every_event_is_projected_once_and_in_order_and_reacted_to() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams: Vec<_> = (0..10).map(|_| stream()).collect();
    fill(&f, &streams, 0, 20).await;
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    wait_for_effects(&pool, 200).await;
    let head = fill(&f, &streams, 20, 5).await;
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;

    let reactions = running.recorder.reactions.lock().unwrap().clone();
    assert_eq!(reactions.len() as u64, head);
    assert!(reactions.values().all(|&times| times == 1));
    let order = running.recorder.reacted_order.lock().unwrap().clone();
    for stream in &streams {
        let versions: Vec<u32> =
            order.iter().filter(|(of, _)| of == stream).map(|(_, version)| *version).collect();
        assert!(versions.is_sorted(), "reactions of one ticket are in order: {versions:?}");
    }
    eventually(|| async { running.status.caught_up() }).await;
    running.end().await;
}

#[tokio::test]
async fn crashes_between_effect_and_cursor_neither_lose_nor_repeat_effects() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams: Vec<_> = (0..10).map(|_| stream()).collect();
    let head = fill(&f, &streams, 0, 60).await;
    let settings = Settings { batch_size: 3, ..settings() };
    // Each start is aborted at whatever point it has reached a little further on.
    let mut goal = 0;
    while goal < head {
        let running = start(&f.log, &pool, Recorder::default(), settings.clone(), None);
        goal = (effects(&pool).await.len() as u64 + 37).min(head);
        wait_for_effects(&pool, goal).await;
        drop(running);
    }
    assert_each_once(&pool, head).await;
}

#[tokio::test]
async fn lost_connections_neither_lose_nor_repeat_effects() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams: Vec<_> = (0..10).map(|_| stream()).collect();
    let head = fill(&f, &streams, 0, 60).await;
    let settings = Settings { batch_size: 2, ..settings() };
    let running = start(&f.log, &pool, Recorder::default(), settings, None);
    for goal in [100, 200, 300] {
        eventually(|| async {
            let position = running.status.snapshot()[0].position;
            position.max(running.status.snapshot().iter().map(|p| p.position).max().unwrap())
                >= goal
        })
        .await;
        f.db.terminate_backends().await;
    }
    eventually(|| async { running.status.snapshot().iter().any(|p| p.position == head) }).await;
    assert_each_once(&pool, head).await;
    running.end().await;
}

/// The last effects and their cursor may not have reached the disk: they come again, together.
#[tokio::test]
async fn crashes_of_the_server_neither_lose_nor_repeat_effects() {
    let mut server = Postgres::own().await;
    let f = Fixture::in_server(&server, testkit::settings("eventlog")).await;
    let pool = service_pool(&f).await;
    let streams: Vec<_> = (0..10).map(|_| stream()).collect();
    let head = fill(&f, &streams, 0, 60).await;
    let settings = Settings { batch_size: 2, ..settings() };
    let running = start(&f.log, &pool, Recorder::default(), settings, None);
    let reached = |goal| {
        let status = running.status.clone();
        eventually(move || {
            let there = status.snapshot().iter().any(|partition| partition.position >= goal);
            std::future::ready(there)
        })
    };
    for goal in [100, 200, 300] {
        reached(goal).await;
        server.kill();
        server.start().await;
    }
    reached(head).await;
    assert_each_once(&pool, head).await;
    running.end().await;
}

#[tokio::test]
async fn two_at_once_without_leases_have_each_effect_once() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams: Vec<_> = (0..10).map(|_| stream()).collect();
    let settings = Settings { leases: false, batch_size: 5, ..settings() };
    let one = start(&f.log, &pool, Recorder::default(), settings.clone(), None);
    let two = start(&f.other_log().await, &pool, Recorder::default(), settings, None);
    let head = fill(&f, &streams, 0, 40).await;
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;
    one.end().await;
    two.end().await;
}

#[tokio::test]
async fn the_batch_of_a_zombie_is_dropped() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let head = fill(&f, &[stream()], 0, 5).await;
    let (hold, held) = watch::channel(true);
    let recorder = Recorder { held: Some(held), ..Recorder::default() };
    let mut at_gate = recorder.at_gate.subscribe();
    let settings = Settings { leases: false, ..settings() };
    let zombie = start(&f.log, &pool, recorder, settings.clone(), None);
    // It has read the cursor and the batch; now another one does all the work.
    at_gate.wait_for(|waiting| *waiting > 0).await.unwrap();
    let healthy = start(&f.log, &pool, Recorder::default(), settings, None);
    wait_for_effects(&pool, head).await;
    hold.send_replace(false);
    eventually(|| async { zombie.status.snapshot().iter().any(|p| p.fenced > 0) }).await;
    assert_each_once(&pool, head).await;
    zombie.end().await;
    healthy.end().await;
}

#[tokio::test]
async fn a_transient_failure_is_tried_again_and_never_skipped() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let head = fill(&f, &[stream()], 0, 3).await;
    let recorder = Recorder { transient: 12.into(), ..Recorder::default() };
    let running = start(&f.log, &pool, recorder, settings(), None);
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;
    assert_eq!(running.recorder.reactions.lock().unwrap().len(), 3);
    assert!(running.status.snapshot().iter().map(|p| p.retries).sum::<u64>() >= 12);
    running.end().await;
}
