//! What one append promises.
use eventlog::{AppendError, Settings};
use futures::future::join_all;
use testkit::eventually;

use crate::fixture::{Fixture, append_waits_for_lock, assert_in_order, note, stream};

#[tokio::test]
async fn an_append_is_read_back_as_it_was_sent() {
    let f = Fixture::new().await;
    let (stream, sent) = (stream(), vec![note("one"), note("two"), note("three")]);
    let appended = f.log.append(&f.tenant, &stream, 0, sent.clone()).await.unwrap();
    assert_eq!((appended.version, appended.first_position, appended.last_position), (3, 1, 3));

    let read = f.log.read_stream(&f.tenant, &stream, 0).await.unwrap();
    assert_eq!(read.len(), 3);
    for (sent, read) in sent.iter().zip(&read) {
        assert_eq!(read.event_id, sent.event_id);
        assert_eq!(read.event_type, sent.event_type);
        assert_eq!(read.payload, sent.payload);
        assert_eq!(read.metadata().unwrap(), sent.metadata);
        assert_eq!(read.occurred_at.as_millisecond(), sent.occurred_at.as_millisecond());
        assert_eq!(read.occurred_at.subsec_nanosecond() % 1_000_000, 0);
        assert_eq!(read.recorded_at, appended.recorded_at);
        assert_eq!((read.stream.clone(), read.tenant), (stream.clone(), f.tenant.key));
        assert_eq!(*read.tenant_name, *"acme");
    }
    assert_eq!(f.log.read_stream(&f.tenant, &stream, 2).await.unwrap(), read[2..]);
    assert_eq!(f.everything().await, read);
    assert_eq!(f.log.head(f.tenant.partition).await.unwrap(), 3);
}

#[tokio::test]
async fn commits_are_announced_to_this_process() {
    let f = Fixture::new().await;
    let mut commits = f.log.commits(f.tenant.partition);
    assert_eq!(*commits.borrow_and_update(), 0);
    let appended = f.append_one(&stream(), 0).await;
    commits.changed().await.unwrap();
    assert_eq!(*commits.borrow(), appended.last_position);
}

#[tokio::test]
async fn many_callers_share_a_commit_and_each_gets_its_own_position() {
    let f = Fixture::new().await;
    let streams: Vec<_> = (0..200).map(|_| stream()).collect();
    let appended = join_all(streams.iter().map(|stream| f.append_one(stream, 0))).await;
    for (stream, appended) in streams.iter().zip(appended) {
        let events = f.log.read_stream(&f.tenant, stream, 0).await.unwrap();
        assert_eq!(events[0].position, appended.first_position);
    }
    let batches: i64 =
        sqlx::query_scalar("select count(*) from log.batch").fetch_one(f.admin()).await.unwrap();
    assert!(batches < 100, "200 appends took {batches} commits");
}

#[tokio::test]
async fn limits_of_a_batch_part_the_queue_but_never_an_append() {
    let settings =
        Settings { batch_events: 5, batch_bytes: 2_000, ..testkit::settings("eventlog") };
    let f = Fixture::with(settings).await;
    let streams: Vec<_> = (0..30).map(|_| stream()).collect();
    let big = || (0..8).map(|_| note(&"x".repeat(700))).collect::<Vec<_>>();
    let all = streams.iter().map(|stream| f.log.append(&f.tenant, stream, 0, big()));
    for appended in join_all(all).await {
        let appended = appended.unwrap();
        assert_eq!(appended.last_position - appended.first_position, 7);
    }
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn an_event_the_broker_could_not_carry_is_refused_before_the_commit() {
    let settings = Settings { max_event_bytes: 1_000, ..testkit::settings("eventlog") };
    let f = Fixture::with(settings).await;
    let stream = stream();
    let events = vec![note("small"), note(&"x".repeat(1_000))];
    let refused = f.log.append(&f.tenant, &stream, 0, events).await.unwrap_err();
    assert!(
        matches!(refused, AppendError::TooLarge { bytes, limit: 1_000 } if bytes > 1_000),
        "{refused:?}"
    );
    assert_eq!(f.log.head(f.tenant.partition).await.unwrap(), 0);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_loses_nothing() {
    let f = Fixture::with(Settings { queue_appends: 4, ..testkit::settings("eventlog") }).await;
    let mut lock = f.admin().begin().await.unwrap();
    sqlx::query("select from log.partition for update").execute(&mut *lock).await.unwrap();
    let append = |n: usize| {
        let (log, tenant) = (f.log.clone(), f.tenant.clone());
        tokio::spawn(
            async move { log.append(&tenant, &stream(), 0, vec![note(&n.to_string())]).await },
        )
    };
    let sent = append(0);
    eventually(|| append_waits_for_lock(f.admin())).await;
    let more: Vec<_> = (1..=20).map(append).collect();
    // The refused ones are answered while the lock is still held.
    eventually(|| async { more.iter().filter(|task| task.is_finished()).count() == 16 }).await;
    lock.commit().await.unwrap();

    assert!(sent.await.unwrap().is_ok());
    let verdicts = join_all(more).await;
    let full = verdicts.iter().filter(|v| matches!(v, Ok(Err(AppendError::QueueFull)))).count();
    let appended = verdicts.iter().filter(|verdict| matches!(verdict, Ok(Ok(_)))).count();
    assert_eq!((full, appended), (16, 4));
    let counts = f.log.append_counts();
    assert_eq!((counts.refusals, counts.events, counts.conflicts), (16, 5, 0));
    assert!((2..=5).contains(&counts.batches), "{counts:?}");
    assert_eq!(f.everything().await.len(), 5);
}

#[tokio::test]
async fn the_queue_is_bounded_in_bytes_too() {
    let f = Fixture::with(Settings { queue_bytes: 10_000, ..testkit::settings("eventlog") }).await;
    let text = "x".repeat(4_000);
    let streams: Vec<_> = (0..5).map(|_| stream()).collect();
    let all = streams.iter().map(|s| f.log.append(&f.tenant, s, 0, vec![note(&text)]));
    let full = join_all(all).await.into_iter().filter(|verdict| verdict.is_err()).count();
    assert_eq!(full, 3);
    // The room is given back: one after the other they all fit.
    for _ in 0..5 {
        f.log.append(&f.tenant, &stream(), 0, vec![note(&text)]).await.unwrap();
    }
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_cancel_what_was_sent() {
    let f = Fixture::new().await;
    let mut lock = f.admin().begin().await.unwrap();
    sqlx::query("select from log.partition for update").execute(&mut *lock).await.unwrap();
    let (left, stays) = (stream(), stream());
    {
        let leaving = f.append_one(&left, 0);
        tokio::pin!(leaving);
        tokio::select! {
            _ = &mut leaving => panic!("the lock is held"),
            () = eventually(|| append_waits_for_lock(f.admin())) => {}
        }
    }
    lock.commit().await.unwrap();
    f.append_one(&stays, 0).await;
    let streams: Vec<_> = f.everything().await.into_iter().map(|event| event.stream).collect();
    assert_eq!(streams, [left, stays]);
}

#[tokio::test]
async fn an_open_snapshot_blocks_no_append_and_leaves_no_dead_rows() {
    let f = Fixture::new().await;
    let mut snapshot = f.admin().begin().await.unwrap();
    sqlx::raw_sql(
        "set transaction isolation level repeatable read; select count(*) from log.event",
    )
    .execute(&mut *snapshot)
    .await
    .unwrap();
    for _ in 0..300 {
        f.append_one(&stream(), 0).await;
    }
    // The row that orders the appends was locked 300 times but never copied.
    let size: i64 = sqlx::query_scalar("select pg_relation_size('log.partition')")
        .fetch_one(f.admin())
        .await
        .unwrap();
    assert_eq!(size, 8_192);
    let seen: i64 = sqlx::query_scalar("select count(*) from log.event")
        .fetch_one(&mut *snapshot)
        .await
        .unwrap();
    assert_eq!(seen, 0);
    assert_eq!(f.log.head(f.tenant.partition).await.unwrap(), 300);
}

#[tokio::test]
async fn the_epoch_is_raised_once_by_many() {
    let f = Fixture::new().await;
    let partition = f.tenant.partition;
    assert_eq!(f.log.epoch(partition).await.unwrap(), 1);
    let raised = join_all((0..8).map(|_| f.log.raise_epoch(partition, 1))).await;
    assert!(raised.into_iter().all(|epoch| epoch.unwrap() == 2));
    assert_eq!(f.log.epoch(partition).await.unwrap(), 2);
}

#[tokio::test]
async fn tenants_are_spread_over_the_partitions_and_named_once() {
    let f = Fixture::new().await;
    let admin =
        eventlog::Log::open(f.admin().clone(), testkit::settings("eventlog")).await.unwrap();
    let mut partitions = vec![f.tenant.partition];
    for name in ["b", "c", "d"] {
        partitions.push(admin.create_tenant(name).await.unwrap().partition);
    }
    partitions.sort_unstable();
    assert_eq!(partitions, f.log.partitions());
    assert_eq!(admin.create_tenant("acme").await.unwrap(), f.tenant);
    assert_eq!(f.log.tenant("acme").await.unwrap().as_ref(), Some(&f.tenant));
    assert_eq!(f.log.tenant_by_key(f.tenant.key).await.unwrap().as_ref(), Some(&f.tenant));
    assert_eq!(f.log.tenant("nobody").await.unwrap(), None);
    let long = "a".repeat(41);
    for bad in ["", "Acme", "-a", "a b", "ä", long.as_str()] {
        let refused = admin.create_tenant(bad).await.unwrap_err();
        assert!(matches!(refused, eventlog::Error::TenantName(_)), "{bad}: {refused:?}");
    }
}
