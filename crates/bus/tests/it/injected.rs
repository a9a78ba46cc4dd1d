//! Whatever strangers publish on the events' subjects, the effects are those of the log.
use async_nats::HeaderMap;
use bytes::Bytes;
use eventlog::{Recorded, StreamId};
use testkit::{Nats, eventually};
use uuid::Uuid;

use crate::fixture::{Fixture, Subscribed};

fn subject(f: &Fixture) -> String {
    format!("{}.events.{}.acme.note.Noted", f.settings.prefix, f.partition())
}

async fn inject(f: &Fixture, subject: String, headers: HeaderMap, body: &'static [u8]) {
    let jetstream = f.jetstream().await;
    let sent = jetstream.publish_with_headers(subject, headers, Bytes::from_static(body)).await;
    sent.unwrap().await.unwrap();
}

async fn goes_on(f: &Fixture, subscribed: &Subscribed, dropped: u64) {
    let head = f.fill(50).await;
    f.wait_for_effects(head).await;
    eventually(|| async { subscribed.counters.dropped() >= dropped }).await;
    let head = f.fill(50).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    assert_eq!(f.log.epoch(f.partition()).await.unwrap(), 1, "no epoch was raised");
    // In the end the stream carries the log's events again.
    let event = f.log.read_partition(f.partition(), head - 1, 1).await.unwrap().remove(0);
    eventually(|| async {
        let stream = f.jetstream().await.get_stream(f.stream_name(1)).await.ok()?;
        let message = stream.direct_get(head).await.ok()?;
        (message.headers.get("ce-id")?.as_str() == event.event_id.to_string()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn undecodable_and_unknown_messages_do_no_harm() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(20).await;
    f.wait_for_stream(1, head).await;
    eventually(|| async { subscribed.counters.opened() >= 2 }).await;
    inject(&f, subject(&f), HeaderMap::new(), b"\xff\xff not an event").await;
    let unknown = format!("{}.events.{}.acme.other.Unheard", f.settings.prefix, f.partition());
    inject(&f, unknown, HeaderMap::new(), b"").await;
    let odd = format!("{}.events.{}.x", f.settings.prefix, f.partition());
    inject(&f, odd, HeaderMap::new(), b"").await;
    goes_on(&f, &subscribed, 1).await;
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn duplicates_wrong_tenants_and_future_positions_do_no_harm() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(20).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    let event = f.log.read_partition(f.partition(), 4, 1).await.unwrap().remove(0);
    // An event of the log once more, at the end.
    inject(&f, subject(&f), bus::encode(&event, 1), b"again").await;
    // One from the far future.
    let mut future = event.clone();
    future.position = 1_000_000;
    inject(&f, subject(&f), bus::encode(&future, 1), b"future").await;
    // One of another epoch.
    inject(&f, subject(&f), bus::encode(&event, 9), b"epoch").await;
    goes_on(&f, &subscribed, 1).await;

    // One that fits in everything but its tenant.
    let mut foreign = event.clone();
    foreign.position = f.stream_info(1).await.unwrap().state.last_sequence + 1;
    foreign.tenant = eventlog::TenantKey(4_711);
    let stopped = relay;
    stopped.end().await;
    let before = subscribed.counters.dropped();
    inject(&f, subject(&f), bus::encode(&foreign, 1), b"tenant").await;
    eventually(|| async { subscribed.counters.dropped() > before }).await;
    let head = f.fill(20).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    subscribed.end().await;
}

#[tokio::test]
async fn a_message_in_the_place_of_the_next_event_is_not_that_event() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let head = f.fill(20).await;
    f.wait_for_stream(1, head).await;
    f.wait_for_effects(head).await;
    relay.end().await;
    eventually(|| async { subscribed.counters.opened() >= 2 }).await;

    // Right in everything that can be seen in it.
    let event = f.log.read_partition(f.partition(), 4, 1).await.unwrap().remove(0);
    let next = Recorded {
        position: head + 1,
        stream: StreamId::new("note", Uuid::now_v7()),
        version: 1,
        event_id: Uuid::now_v7(),
        ..event
    };
    let before = subscribed.counters.received();
    inject(&f, subject(&f), bus::encode(&next, 1), b"believe me").await;
    eventually(|| async { subscribed.counters.received() > before }).await;
    let head = f.fill(20).await;
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    let believed: i64 = sqlx::query_scalar("select count(*) from effect where event_id = $1")
        .bind(next.event_id)
        .fetch_one(&f.pool)
        .await
        .unwrap();
    assert_eq!(believed, 0);
    subscribed.end().await;
}

#[tokio::test]
async fn a_flood_of_foreign_messages_is_survived_under_load() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    let flood = async {
        for _ in 0..300 {
            client.publish(subject(&f), Bytes::from_static(b"noise")).await.unwrap();
            tokio::task::yield_now().await;
        }
        client.flush().await.unwrap();
    };
    let (_, head) = tokio::join!(flood, f.fill(500));
    f.wait_for_effects(head).await;
    f.assert_each_once(head).await;
    goes_on(&f, &subscribed, 0).await;
    subscribed.end().await;
    relay.end().await;
}
