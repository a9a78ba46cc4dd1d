//! Expected versions: one winner each, and nobody else is harmed.
use eventlog::{AppendError, StreamId};
use futures::future::join_all;
use uuid::Uuid;

use crate::fixture::{Fixture, assert_in_order, note, stream};

#[tokio::test]
async fn a_stream_beyond_the_expected_version_is_a_conflict() {
    let f = Fixture::new().await;
    let stream = stream();
    f.append_one(&stream, 0).await;
    f.append_one(&stream, 1).await;
    for expected in [0, 1] {
        let verdict = f.log.append(&f.tenant, &stream, expected, vec![note("late")]).await;
        assert!(matches!(verdict, Err(AppendError::Conflict { current: 2 })), "{verdict:?}");
    }
    let counts = f.log.append_counts();
    assert_eq!((counts.events, counts.conflicts), (2, 2));
}

#[tokio::test]
async fn a_stream_behind_the_expected_version_is_a_conflict_and_gets_no_hole() {
    let f = Fixture::new().await;
    let (short, missing) = (stream(), stream());
    f.append_one(&short, 0).await;
    for log in [&f.log, &f.other_log().await] {
        let verdict = log.append(&f.tenant, &short, 2, vec![note("early")]).await;
        assert!(matches!(verdict, Err(AppendError::Conflict { current: 1 })), "{verdict:?}");
        let verdict = log.append(&f.tenant, &missing, 7, vec![note("early")]).await;
        assert!(matches!(verdict, Err(AppendError::Conflict { current: 0 })), "{verdict:?}");
    }
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn of_many_for_one_version_exactly_one_wins() {
    let f = Fixture::new().await;
    let other = f.other_log().await;
    let stream = stream();
    for round in 0..5 {
        let race = (0..32).map(|n| {
            let log = if n % 2 == 0 { &f.log } else { &other };
            log.append(&f.tenant, &stream, 2 * round, vec![note("me"), note("too")])
        });
        let verdicts = join_all(race).await;
        let winners = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
        let after = 2 * round + 2;
        let beaten = verdicts
            .iter()
            .filter(|v| matches!(v, Err(AppendError::Conflict { current }) if *current == after));
        assert_eq!((winners, beaten.count()), (1, 31));
    }
    assert_eq!(f.everything().await.len(), 10);
}

#[tokio::test]
async fn a_conflict_never_fails_its_neighbours() {
    let f = Fixture::new().await;
    let taken: Vec<_> = (0..50).map(|_| stream()).collect();
    let free: Vec<_> = (0..50).map(|_| stream()).collect();
    for stream in &taken {
        f.append_one(stream, 0).await;
    }
    // A log that does not know of the taken ones, so that they meet in one fast batch.
    let other = f.other_log().await;
    let all = taken.iter().zip(&free).flat_map(|(taken, free)| [taken, free]);
    let all = all.map(|stream| other.append(&f.tenant, stream, 0, vec![note("new"), note("er")]));
    for (n, verdict) in join_all(all).await.into_iter().enumerate() {
        if n % 2 == 0 {
            assert!(matches!(verdict, Err(AppendError::Conflict { current: 1 })), "{verdict:?}");
        } else {
            assert_eq!(verdict.unwrap().version, 2);
        }
    }
    let events = f.everything().await;
    assert_eq!(events.len(), 150);
    assert_in_order(&events);
}

#[tokio::test]
async fn two_appends_for_one_version_in_one_batch_have_one_winner() {
    let f = Fixture::new().await;
    let streams: Vec<_> = (0..100).map(|_| stream()).collect();
    let twice = streams.iter().flat_map(|stream| [stream, stream]);
    let all = twice.map(|stream| f.log.append(&f.tenant, stream, 0, vec![note("mine")]));
    let verdicts = join_all(all).await;
    for pair in verdicts.chunks(2) {
        assert_eq!(pair.iter().filter(|verdict| verdict.is_ok()).count(), 1, "{pair:?}");
    }
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn appends_that_follow_each_other_may_be_sent_without_waiting() {
    let f = Fixture::new().await;
    let stream = stream();
    let all = (0..50).map(|n| f.log.append(&f.tenant, &stream, n, vec![note("next")]));
    for (n, verdict) in join_all(all).await.into_iter().enumerate() {
        assert_eq!(verdict.unwrap().version as usize, n + 1);
    }
}

#[tokio::test]
async fn an_append_that_postgres_cannot_take_fails_alone() {
    let f = Fixture::new().await;
    let broken = StreamId { category: "no\0te".into(), id: Uuid::now_v7() };
    let streams: Vec<_> = (0..9).map(|n| if n == 4 { broken.clone() } else { stream() }).collect();
    let all = streams.iter().map(|stream| f.log.append(&f.tenant, stream, 0, vec![note("x")]));
    for (n, verdict) in join_all(all).await.into_iter().enumerate() {
        if n == 4 {
            assert!(matches!(verdict, Err(AppendError::Refused(_))), "{verdict:?}");
        } else {
            verdict.unwrap();
        }
    }
}

#[tokio::test]
async fn tenants_with_the_same_ids_never_meet() {
    let f = Fixture::new().await;
    let stream = stream();
    f.append_one(&stream, 0).await;
    // Four more, so that at least one shares the partition.
    for name in ["a", "b", "c", "d"] {
        let tenant = crate::fixture::create_tenant(&f.db, name).await;
        assert!(f.log.read_stream(&tenant, &stream, 0).await.unwrap().is_empty());
        f.log.append(&tenant, &stream, 0, vec![note("mine")]).await.unwrap();
        assert_eq!(f.log.read_stream(&tenant, &stream, 0).await.unwrap().len(), 1);
    }
}
