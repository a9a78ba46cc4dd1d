//! One event is one message, and its sequence is its position.
use std::sync::atomic::Ordering;
use std::time::Duration;

use bus::relay;
use testkit::{Nats, eventually};

use crate::fixture::{Fixture, Running, append, open};

#[tokio::test]
async fn an_event_that_the_broker_would_not_take_is_known_before() {
    let nats = Nats::shared().await;
    let bus = Fixture::new(nats.url(), nats.prefix()).await.bus().await;
    bus.carries(testkit::settings::<eventlog::Settings>("eventlog").max_event_bytes).unwrap();
    // The broker takes 1 MiB, with subject and headers.
    let refused = bus.carries(1 << 20).unwrap_err().to_string();
    assert!(refused.contains("max_payload") && refused.contains("1048576"), "{refused}");
}

#[tokio::test]
async fn everything_is_published_in_order_and_sequence_is_position() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    f.fill(1_500).await;
    let relay = f.relay().await;
    f.wait_for_stream(1, 1_500).await;
    let head = f.fill(500).await;
    f.wait_for_stream(1, head).await;
    f.assert_stream_is_log(1, 1).await;

    let message = f.jetstream().await.get_stream(f.stream_name(1)).await.unwrap();
    let message = message.direct_get(7).await.unwrap();
    let header = |name: &str| message.headers.get(name).unwrap().to_string();
    assert_eq!(header("ce-specversion"), "1.0");
    assert_eq!(header("ce-type"), "test.v1.Noted");
    assert_eq!(header("ce-source"), "//odzew/acme/note");
    assert_eq!(header("ce-subject").split('-').next(), Some("note"));
    assert_eq!(header("traceparent"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let subject = format!("{}.events.{}.acme.note.Noted", nats.prefix(), f.partition());
    assert_eq!(*message.subject, *subject);
    relay.end().await;
}

#[tokio::test]
async fn two_relays_at_once_publish_no_duplicate_and_leave_no_gap() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let (one, two) = (f.relay().await, f.relay().await);
    let (log_one, log_two) = (open(&f.db).await, open(&f.db).await);
    tokio::join!(append(&log_one, &f.tenant, 2_000), append(&log_two, &f.tenant, 2_000));
    f.wait_for_stream(1, 4_000).await;
    f.assert_stream_is_log(1, 1).await;
    let published = |relay: &Running<relay::Status>| -> u64 {
        relay.status.snapshot().iter().map(|p| p.published).sum()
    };
    eventually(|| async { published(&one) + published(&two) == 4_000 }).await;
    one.end().await;
    two.end().await;
}

#[tokio::test]
async fn a_relay_that_is_killed_again_and_again_neither_repeats_nor_skips() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let head = f.fill(3_000).await;
    let mut reached = 0;
    while reached < head {
        let relay = f.relay().await;
        let goal = (reached + 400).min(head);
        reached = eventually(|| async {
            let last = f.stream_info(1).await?.state.last_sequence;
            (last >= goal).then_some(last)
        })
        .await;
        drop(relay);
    }
    f.assert_stream_is_log(1, 1).await;
}

#[tokio::test]
async fn a_commit_wakes_the_relay_and_the_event_reaches_the_subscription() {
    let nats = Nats::shared().await;
    let mut f = Fixture::new(nats.url(), nats.prefix()).await;
    // Without wake-ups and live events nothing would arrive within the test's patience.
    f.settings.relay.poll_interval = Duration::from_secs(600);
    f.settings.relay.compare_interval = Duration::from_secs(600);
    let relay = f.relay().await;
    f.wait_for_stream(1, 0).await;
    let (bus, log) = (f.bus().await, f.log.clone());
    let wake = Running::spawn((), |stop| bus::wake(bus, log, stop));
    let subscribed = f.subscription().await;
    eventually(|| async { subscribed.counters.opened() >= 2 }).await;
    let head = f.fill(20).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    assert_eq!(subscribed.subscriber.reactions.load(Ordering::Relaxed), 20);
    assert_eq!(subscribed.counters.dropped(), 0);
    subscribed.end().await;
    wake.end().await;
    relay.end().await;
}

#[tokio::test]
async fn a_new_stream_starts_with_the_retained_tail() {
    let nats = Nats::shared().await;
    let mut f = Fixture::new(nats.url(), nats.prefix()).await;
    f.settings.topology.tail = 50;
    f.fill(200).await;
    let relay = f.relay().await;
    f.wait_for_stream(1, 200).await;
    f.assert_stream_is_log(1, 151).await;
    // A subscription that starts from nothing gets the rest from the log.
    let subscribed = f.subscription().await;
    f.wait_for_effects(200).await;
    f.assert_each_once(200).await;
    subscribed.end().await;
    relay.end().await;
}
