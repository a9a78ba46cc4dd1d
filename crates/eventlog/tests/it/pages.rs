//! A page of the log is bounded by bytes, too, and whoever reads in pages reads all of it.
use std::time::Duration;

use eventlog::Settings;
use eventlog::subscription;

use crate::fixture::{Fixture, assert_in_order, note, stream};
use crate::subscription::{
    Recorder, assert_each_once, fill, service_pool, settings, start, wait_for_effects,
};

#[tokio::test]
async fn a_page_ends_when_it_is_large() {
    let f = Fixture::with(Settings { page_bytes: 25_000, ..testkit::settings("eventlog") }).await;
    let partition = f.tenant.partition;
    for _ in 0..10 {
        let large = vec![note(&"x".repeat(10_000))];
        f.log.append(&f.tenant, &stream(), 0, large).await.unwrap();
    }
    let page = f.log.read_partition(partition, 0, 100).await.unwrap();
    assert_eq!(page.len(), 3, "the third event passes the limit");
    assert!(f.log.is_full(&page, 100));
    let rest = f.log.read_partition(partition, 8, 100).await.unwrap();
    assert_eq!((rest.len(), f.log.is_full(&rest, 100), f.log.is_full(&rest, 2)), (2, false, true));
    // One event always fits.
    let one = f.log.read_partition(partition, 3, 1).await.unwrap();
    assert_eq!(one[0].position, 4);
    let all = f.everything().await;
    assert_eq!(all.len(), 10);
    assert_in_order(&all);
    assert_eq!(f.log.verify(partition).await.unwrap().events, 10);
}

#[tokio::test]
async fn a_subscription_catches_up_over_pages_that_are_not_full_of_events() {
    let f = Fixture::with(Settings { page_bytes: 1, ..testkit::settings("eventlog") }).await;
    let pool = service_pool(&f).await;
    let head = fill(&f, &[stream(), stream()], 0, 20).await;
    // It looks once.
    let settings = subscription::Settings { poll_interval: Duration::from_secs(600), ..settings() };
    let running = start(&f.log, &pool, Recorder::default(), settings, None);
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;
    running.end().await;
}

#[tokio::test]
async fn a_long_stream_of_large_events_is_read_in_parts_and_whole() {
    let f = Fixture::with(Settings { page_bytes: 25_000, ..testkit::settings("eventlog") }).await;
    let stream = stream();
    for version in 0..7 {
        let large = vec![note(&"x".repeat(10_000))];
        f.log.append(&f.tenant, &stream, version, large).await.unwrap();
    }
    let page = f.log.read_stream_page(&f.tenant, &stream, 0).await.unwrap();
    assert_eq!((page.events.len(), page.is_last), (3, false));
    let page = f.log.read_stream_page(&f.tenant, &stream, 6).await.unwrap();
    assert_eq!((page.events.len(), page.is_last), (1, true));
    let versions = |after| {
        let (f, stream) = (&f, &stream);
        async move {
            let events = f.log.read_stream(&f.tenant, stream, after).await.unwrap();
            events.iter().map(|event| event.version).collect::<Vec<_>>()
        }
    };
    assert_eq!(versions(0).await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(versions(3).await, [4, 5, 6, 7]);
    assert!(versions(7).await.is_empty());
}
