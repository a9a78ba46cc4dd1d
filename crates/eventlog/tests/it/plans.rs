//! Statements first planned on an empty log must not keep the plans of that day.
use eventlog::Settings;
use futures::future::join_all;
use sqlx::PgPool;
use testkit::eventually;

use crate::fixture::{Fixture, note, stream};

/// Sequential and index scans of the events so far.
async fn scans(admin: &PgPool) -> (i64, i64) {
    sqlx::query_as(
        "select sum(seq_scan)::bigint, sum(idx_scan)::bigint from pg_stat_user_tables
          where schemaname = 'log' and relname in ('event', 'batch')",
    )
    .fetch_one(admin)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_log_that_grows_from_nothing_is_never_scanned() {
    let f = Fixture::with(Settings { batch_events: 8, ..testkit::settings("eventlog") }).await;
    // The statistics would let Postgres replan; the test is about what happens before them.
    sqlx::raw_sql(
        "alter table log.event set (autovacuum_enabled = off);
         alter table log.batch set (autovacuum_enabled = off);",
    )
    .execute(f.admin())
    .await
    .unwrap();
    // Creating the indexes scanned the empty tables.
    let (seq_before, idx_before) = scans(f.admin()).await;

    let streams: Vec<_> = (0..100).map(|_| stream()).collect();
    let other = f.other_log().await;
    for version in 0..10 {
        let all = streams.iter().map(|s| f.log.append(&f.tenant, s, version, vec![note("x")]));
        join_all(all).await.into_iter().for_each(|verdict| assert!(verdict.is_ok()));
        // Conflicts take the other statements through the same growth.
        let late =
            streams[..10].iter().map(|s| other.append(&f.tenant, s, version, vec![note("y")]));
        join_all(late).await.into_iter().for_each(|verdict| assert!(verdict.is_err()));
        for stream in &streams[..10] {
            f.log.read_stream(&f.tenant, stream, 0).await.unwrap();
        }
        let ids: Vec<_> = streams[..10].iter().map(|s| s.id).collect();
        f.log.read_streams(&f.tenant, &streams[0].category, &ids).await.unwrap();
        f.log.read_partition(f.tenant.partition, 0, 50).await.unwrap();
        f.log.head(f.tenant.partition).await.unwrap();
    }
    // A backend reports its counts when it has been idle for a second, or when it ends.
    drop((other, f.log));
    let admin = f.db.pool();
    let (seq, _) = eventually(|| async {
        let (seq, idx) = scans(admin).await;
        (idx - idx_before > 500).then_some((seq, idx))
    })
    .await;
    assert_eq!(seq - seq_before, 0, "something scans the log from end to end");
}
