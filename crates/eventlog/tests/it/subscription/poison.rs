//! A poison event stops its own stream and nothing else, until an operator decides.
use std::collections::HashSet;

use bytes::Bytes;
use eventlog::subscription::{Settings, parked};
use testkit::eventually;

use crate::fixture::{Fixture, stream};
use crate::subscription::{
    NAME, Recorder, effects, event, fill, parked_positions, service_pool, settings, start,
    wait_for_effects,
};

fn bad() -> Bytes {
    Bytes::from_static(b"bad")
}

/// Two streams in turn; the event of the first at version 2 is bad. Positions: 1 to 6.
async fn scene(f: &Fixture) -> [eventlog::StreamId; 2] {
    let streams = [stream(), stream()];
    for version in 0..3 {
        for (index, stream) in streams.iter().enumerate() {
            let body = if version == 1 && index == 0 { "bad" } else { "good" };
            let events = vec![event(stream, body)];
            f.log.append(&f.tenant, stream, version, events).await.unwrap();
        }
    }
    streams
}

#[tokio::test]
async fn a_poison_projection_is_parked_with_what_is_behind_it_and_others_go_on() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams = scene(&f).await;
    let recorder =
        Recorder { poison_projection: HashSet::from([bad()]).into(), ..Recorder::default() };
    let running = start(&f.log, &pool, recorder, settings(), None);
    wait_for_effects(&pool, 4).await;
    assert_eq!(parked_positions(&pool).await, [3, 5]);
    let parked = parked::list(&pool).await.unwrap();
    assert_eq!(parked[0].reason.as_deref(), Some("bad body"));
    assert_eq!(parked[0].attempts, 3);
    assert_eq!((parked[1].reason.clone(), parked[1].attempts), (None, 0));
    assert_eq!(parked[0].stream, streams[0]);

    // Later events: of the parked stream behind, of the other one applied.
    f.log.append(&f.tenant, &streams[0], 3, vec![event(&streams[0], "late")]).await.unwrap();
    f.log.append(&f.tenant, &streams[1], 3, vec![event(&streams[1], "late")]).await.unwrap();
    wait_for_effects(&pool, 5).await;
    assert_eq!(parked_positions(&pool).await, [3, 5, 7]);

    // Still bad: the retry fails, is answered, and nothing moves.
    let partition = f.tenant.partition;
    assert!(parked::retry(&pool, NAME, partition, 3).await.unwrap());
    eventually(|| async { parked::list(&pool).await.unwrap()[0].requested.is_none() }).await;
    assert_eq!(parked::list(&pool).await.unwrap()[0].attempts, 4);
    assert_eq!(parked_positions(&pool).await, [3, 5, 7]);

    // Mended: all of the stream in order, and the stream flows again.
    running.recorder.poison_projection.lock().unwrap().clear();
    assert!(parked::retry(&pool, NAME, partition, 5).await.unwrap());
    wait_for_effects(&pool, 8).await;
    assert_eq!(parked_positions(&pool).await, Vec::<u64>::new());
    let order: Vec<u64> = effects(&pool).await.into_iter().map(|(position, _)| position).collect();
    assert_eq!(order, [1, 2, 4, 6, 8, 3, 5, 7]);
    assert!(effects(&pool).await.iter().all(|(_, applied)| *applied == 1));
    eventually(|| async { running.status.snapshot().iter().all(|p| p.parked == 0) }).await;
    fill(&f, &streams[..1], 4, 1).await;
    wait_for_effects(&pool, 9).await;
    assert!(running.recorder.reactions.lock().unwrap().len() == 9);
    running.end().await;
}

#[tokio::test]
async fn a_poison_reaction_parks_the_event_as_a_whole_and_skipping_lets_the_rest_go_on() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    scene(&f).await;
    let recorder =
        Recorder { poison_reaction: HashSet::from([bad()]).into(), ..Recorder::default() };
    let running = start(&f.log, &pool, recorder, settings(), None);
    wait_for_effects(&pool, 4).await;
    assert_eq!(parked_positions(&pool).await, [3, 5]);
    assert!(!running.recorder.reactions.lock().unwrap().contains_key(&5));

    assert!(parked::skip(&pool, NAME, f.tenant.partition, 3).await.unwrap());
    wait_for_effects(&pool, 5).await;
    eventually(|| async { parked_positions(&pool).await.is_empty() }).await;
    let order: Vec<u64> = effects(&pool).await.into_iter().map(|(position, _)| position).collect();
    assert_eq!(order, [1, 2, 4, 6, 5]);
    assert!(running.recorder.reactions.lock().unwrap().contains_key(&5));
    assert!(!parked::skip(&pool, NAME, f.tenant.partition, 3).await.unwrap());
    running.end().await;
}

#[tokio::test]
async fn parked_streams_survive_a_restart() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams = scene(&f).await;
    let recorder =
        Recorder { poison_projection: HashSet::from([bad()]).into(), ..Recorder::default() };
    let running = start(&f.log, &pool, recorder, settings(), None);
    wait_for_effects(&pool, 4).await;
    drop(running);
    // The new process could apply it, but order within the stream is the operator's to give.
    fill(&f, &streams[..1], 3, 1).await;
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    eventually(|| async { parked_positions(&pool).await == [3, 5, 7] }).await;
    parked::retry(&pool, NAME, f.tenant.partition, 3).await.unwrap();
    wait_for_effects(&pool, 7).await;
    running.end().await;
}

#[tokio::test]
async fn too_many_bad_streams_stop_the_partition_instead_of_parking_the_log() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    for _ in 0..6 {
        let stream = stream();
        f.log.append(&f.tenant, &stream, 0, vec![event(&stream, "bad")]).await.unwrap();
    }
    let recorder =
        Recorder { poison_projection: HashSet::from([bad()]).into(), ..Recorder::default() };
    let settings = Settings { max_parked_streams: 4, ..settings() };
    let running = start(&f.log, &pool, recorder, settings, None);
    eventually(|| async {
        running.status.snapshot().into_iter().find_map(|partition| partition.stopped)
    })
    .await;
    assert_eq!(parked_positions(&pool).await, Vec::<u64>::new());
    running.recorder.poison_projection.lock().unwrap().clear();
    wait_for_effects(&pool, 6).await;
    running.end().await;
}
