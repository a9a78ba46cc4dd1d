//! The broker may go away, come back empty or lose a stream: nothing is lost or repeated.
use testkit::{Nats, eventually};

use crate::fixture::Fixture;

#[tokio::test]
async fn without_a_broker_everything_starts_and_follows_the_log() {
    let mut nats = Nats::own().await;
    nats.stop().await;
    let f = Fixture::new(nats.url(), "odzew").await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(100).await;
    f.wait_for_effects(head).await;
    eventually(|| async { relay.status.snapshot().iter().all(|p| p.failure.is_some()) }).await;
    nats.start().await;
    f.wait_for_stream(1, head).await;
    let head = f.fill(100).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn while_the_broker_is_stopped_commands_go_on_and_consumers_follow_the_log() {
    let mut nats = Nats::own().await;
    let f = Fixture::new(nats.url(), "odzew").await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(100).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;

    nats.kill();
    let head = f.fill(100).await;
    f.wait_for_effects(head).await;
    nats.start().await;
    f.wait_for_stream(1, head).await;
    let head = f.fill(100).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    f.assert_stream_is_log(1, 1).await;
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn a_deleted_store_is_made_anew_and_consumers_go_on_without_gap_or_repeat() {
    let mut nats = Nats::own().await;
    let mut f = Fixture::new(nats.url(), "odzew").await;
    f.settings.topology.tail = 150;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    for round in 0..2 {
        let head = f.fill(200).await;
        f.wait_for_stream(1, head).await;
        nats.kill();
        f.fill(50).await;
        nats.wipe();
        nats.start().await;
        let head = f.fill(50).await;
        f.wait_for_stream(1, head).await;
        f.wait_for_effects(head).await;
        f.assert_each_once(head).await;
        assert_eq!(head, (round + 1) * 300);
    }
    // The streams begin with a tail of the log, not with sequence 1.
    let first = f.stream_info(1).await.unwrap().state.first_sequence;
    assert!(first > 1, "{first}");
    f.assert_stream_is_log(1, first).await;
    assert!(relay.status.snapshot().iter().any(|p| p.recreated >= 3));
    assert_eq!(f.log.epoch(f.partition()).await.unwrap(), 1, "no epoch was raised");
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn a_deleted_stream_is_made_anew() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(100).await;
    f.wait_for_stream(1, head).await;
    f.jetstream().await.delete_stream(f.stream_name(1)).await.unwrap();
    let head = f.fill(100).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    f.assert_stream_is_log(1, 1).await;
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn a_purged_stream_is_filled_again() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(100).await;
    f.wait_for_stream(1, head).await;
    let stream = f.jetstream().await.get_stream(f.stream_name(1)).await.unwrap();
    stream.purge().await.unwrap();
    eventually(|| async { f.stream_info(1).await.is_some_and(|i| i.state.messages == head) }).await;
    // In part: what is gone at the beginning is past its time, the end continues.
    let stream = f.jetstream().await.get_stream(f.stream_name(1)).await.unwrap();
    stream.purge().sequence(60).await.unwrap();
    let head = f.fill(100).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    f.assert_stream_is_log(1, 60).await;
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn a_stream_with_other_settings_is_brought_back_to_the_declared_ones() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    f.wait_for_stream(1, 0).await;
    let mut config = f.stream_info(1).await.unwrap().config;
    let declared = config.max_age;
    config.max_age = std::time::Duration::from_secs(3_600);
    f.jetstream().await.update_stream(&config).await.unwrap();
    eventually(|| async { f.stream_info(1).await.is_some_and(|i| i.config.max_age == declared) })
        .await;
    relay.end().await;
}

#[tokio::test]
async fn a_frozen_broker_holds_nobody_up() {
    let nats = Nats::own().await;
    let f = Fixture::new(nats.url(), "odzew").await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(50).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    nats.freeze();
    let head = f.fill(200).await;
    f.wait_for_effects(head).await;
    nats.thaw();
    f.wait_for_stream(1, head).await;
    f.assert_each_once(head).await;
    subscribed.end().await;
    relay.end().await;
}
