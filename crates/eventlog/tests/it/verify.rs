//! Nobody changes the past unseen.
use eventlog::{Checkpoint, Fault, VerifyError};
use futures::future::join_all;
use sqlx::PgPool;

use crate::fixture::{Fixture, create_tenant, note, stream};

/// A log of ten batches of one event, in two streams by turns, and a copy of its tables.
async fn ten_events() -> Fixture {
    let f = Fixture::new().await;
    let (a, b) = (stream(), stream());
    for version in 0..5 {
        f.append_one(&a, version).await;
        f.append_one(&b, version).await;
    }
    for name in ["b", "c", "d", "neighbour"] {
        create_tenant(&f.db, name).await;
    }
    sqlx::raw_sql(
        "create table event_copy as select * from log.event;
         create table batch_copy as select * from log.batch;",
    )
    .execute(f.admin())
    .await
    .unwrap();
    f
}

async fn restore(admin: &PgPool) {
    sqlx::raw_sql(
        "truncate log.event, log.batch;
         insert into log.event select * from event_copy;
         insert into log.batch select * from batch_copy;",
    )
    .execute(admin)
    .await
    .unwrap();
}

async fn broken_at(f: &Fixture) -> (u64, Fault) {
    match f.log.verify(f.tenant.partition).await {
        Err(VerifyError::Broken { position, fault, .. }) => (position, fault),
        other => panic!("not noticed: {other:?}"),
    }
}

#[tokio::test]
async fn an_untouched_log_verifies_with_the_same_hash_every_time() {
    let f = ten_events().await;
    let first = f.log.verify(f.tenant.partition).await.unwrap();
    assert_eq!((first.batches, first.events), (10, 10));
    assert_eq!(f.log.verify(f.tenant.partition).await.unwrap(), first);
    f.append_one(&stream(), 0).await;
    assert_ne!(f.log.verify(f.tenant.partition).await.unwrap().chain_hash, first.chain_hash);
    for &empty in f.log.partitions().iter().filter(|&&p| p != f.tenant.partition) {
        assert_eq!(f.log.verify(empty).await.unwrap().events, 0);
    }
}

#[tokio::test]
async fn big_batches_and_many_pages_verify() {
    let f = Fixture::new().await;
    for _ in 0..5 {
        let streams: Vec<_> = (0..300).map(|_| stream()).collect();
        let all = streams.iter().map(|s| f.log.append(&f.tenant, s, 0, vec![note("a"), note("b")]));
        join_all(all).await.into_iter().for_each(|verdict| assert!(verdict.is_ok()));
    }
    for _ in 0..100 {
        f.append_one(&stream(), 0).await;
    }
    assert_eq!(f.log.verify(f.tenant.partition).await.unwrap().events, 3_100);
}

#[tokio::test]
async fn a_change_of_any_column_is_found_at_its_position() {
    let f = ten_events().await;
    for change in [
        "update log.event set partition = partition + 1 where position = 7",
        "update log.event set tenant = (select tenant from log.tenant where name = 'neighbour')
          where position = 7",
        "update log.event set tenant = 4711 where position = 7",
        "update log.event set stream_id = gen_random_uuid() where position = 7",
        "update log.event set event_id = gen_random_uuid() where position = 7",
        "update log.event set occurred_at = occurred_at + interval '1 ms' where position = 7",
        "update log.event set recorded_at = recorded_at + interval '1 ms' where position = 7",
        "update log.event set category = 'nota' where position = 7",
        "update log.event set event_type = event_type || 'x' where position = 7",
        "update log.event set payload = payload || '\\x00' where position = 7",
        "update log.event set metadata = '' where position = 7",
        "update log.event set position = 99 where position = 7",
        "delete from log.event where position = 7",
        "delete from log.batch where last_position = 7",
        "update log.batch set content_hash = sha256('x') where last_position = 7",
        "update log.batch set chain_hash = sha256('x') where last_position = 7",
        "update log.batch set recorded_at = now() where last_position = 7",
        // Two events of different streams that changed places.
        "update log.event set position = 17 - position where position in (7, 8) and false;
         update log.event set position = 100 where position = 7;
         update log.event set position = 7 where position = 8;
         update log.event set position = 8 where position = 100",
    ] {
        sqlx::raw_sql(change).execute(f.admin()).await.unwrap();
        let (position, fault) = broken_at(&f).await;
        assert_eq!(position, 7, "{change}: {fault}");
        restore(f.admin()).await;
        f.log.verify(f.tenant.partition).await.unwrap();
    }
}

#[tokio::test]
async fn a_changed_version_is_found() {
    let f = ten_events().await;
    sqlx::query("update log.event set version = 99 where position = 7")
        .execute(f.admin())
        .await
        .unwrap();
    assert_eq!(broken_at(&f).await, (7, Fault::Content));
}

#[tokio::test]
async fn an_end_that_was_cut_off_without_its_batch_is_found() {
    let f = ten_events().await;
    sqlx::query("delete from log.event where position = 10").execute(f.admin()).await.unwrap();
    assert_eq!(broken_at(&f).await, (10, Fault::EventMissing));
}

#[tokio::test]
async fn an_event_added_without_a_batch_is_found() {
    let f = ten_events().await;
    sqlx::query(
        "insert into log.event select partition, tenant, 11, 1, gen_random_uuid(), event_id,
                occurred_at, recorded_at, category, event_type, payload, metadata
           from log.event where position = 7",
    )
    .execute(f.admin())
    .await
    .unwrap();
    assert_eq!(broken_at(&f).await, (11, Fault::BatchMissing));
}

#[tokio::test]
async fn a_stream_with_a_hole_is_found_even_if_the_hashes_fit() {
    let f = ten_events().await;
    // Straight through the function, claiming that version 41 was seen.
    sqlx::query(
        "select log.append($1, array[$2], array['note'], array[gen_random_uuid()], array[42],
                array[gen_random_uuid()], array['t'], array[''::bytea], array[''::bytea],
                array[now()], array[]::int[], sha256('x'), '{}', '{}', '{}', '{}', '{}', '{}')",
    )
    .bind(f.tenant.partition.0)
    .bind(f.tenant.key.0)
    .execute(f.admin())
    .await
    .unwrap();
    let (position, _) = broken_at(&f).await;
    assert_eq!(position, 11);
}

#[tokio::test]
async fn a_log_that_was_cut_off_or_written_anew_is_told_by_a_checkpoint() {
    let f = ten_events().await;
    let partition = f.tenant.partition;
    let verified = f.log.verify(partition).await.unwrap();
    let checkpoint = Checkpoint { position: verified.events, chain_hash: verified.chain_hash };
    let against = async |checkpoint| match f.log.verify_against(partition, &[checkpoint]).await {
        Ok(verified) => Ok(verified.events),
        Err(VerifyError::Broken { position, fault, .. }) => Err((position, fault)),
        Err(error) => panic!("{error:?}"),
    };
    f.append_one(&stream(), 0).await;
    assert_eq!(against(checkpoint).await, Ok(11), "it has gone on");
    let other = Checkpoint { chain_hash: [7; 32], ..checkpoint };
    assert_eq!(against(other).await, Err((10, Fault::Checkpoint)));

    sqlx::raw_sql(
        "delete from log.event where position > 8; delete from log.batch where last_position > 8",
    )
    .execute(f.admin())
    .await
    .unwrap();
    assert!(f.log.verify(partition).await.is_ok(), "the chain alone does not tell");
    assert_eq!(against(checkpoint).await, Err((9, Fault::Checkpoint)));
    for _ in 0..2 {
        f.append_one(&stream(), 0).await;
    }
    assert_eq!(against(checkpoint).await, Err((10, Fault::Checkpoint)));
}

#[tokio::test]
async fn a_tenant_that_got_another_name_is_told_by_the_digest() {
    let f = ten_events().await;
    let before = f.log.tenants_digest(5).await.unwrap();
    assert!(before.is_some());
    assert_eq!(f.log.tenants_digest(6).await.unwrap(), None);
    create_tenant(&f.db, "later").await;
    assert_eq!(f.log.tenants_digest(5).await.unwrap(), before, "tenants are added");
    sqlx::query("update log.tenant set name = 'mallory' where name = 'acme'")
        .execute(f.admin())
        .await
        .unwrap();
    assert_ne!(f.log.tenants_digest(5).await.unwrap(), before);
}
