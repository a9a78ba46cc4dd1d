//! The database was restored from a backup: the stream knows more, or other things, than the log.
use eventlog::subscription::cursor;
use testkit::{Nats, eventually};

use crate::fixture::{Fixture, append, open};

/// What a restore from a backup does to the log.
async fn set_back(f: &Fixture, head: u64) {
    for statement in [
        "delete from log.event where position > $1",
        "delete from log.batch where last_position > $1",
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(i64::try_from(head).unwrap())
            .execute(f.db.pool())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_log_that_ends_before_the_stream_raises_the_epoch() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    // Commit by commit, so that the log can be cut between two of them.
    for _ in 0..30 {
        append(&f.log, &f.tenant, 1).await;
    }
    f.wait_for_stream(1, 30).await;
    f.wait_for_effects(30).await;
    set_back(&f, 20).await;

    eventually(|| async { f.log.epoch(f.partition()).await.unwrap() == 2 }).await;
    f.wait_for_stream(2, 20).await;
    f.assert_stream_is_log(2, 1).await;
    assert!(relay.status.snapshot().iter().any(|p| p.epochs_raised == 1));
    // Whoever looks before the relay does sees only that the log is too short, and stops for that.
    eventually(|| async {
        let status = subscribed.subscription.status.snapshot();
        let stopped = status.into_iter().find_map(|p| p.stopped).unwrap_or_default();
        if stopped.contains("epoch") { Ok(()) } else { Err(stopped) }
    })
    .await;

    // What happened since is other than what the read model has seen; it was told where to go on.
    sqlx::query("delete from effect where position > 20").execute(&f.pool).await.unwrap();
    let log = open(&f.db).await;
    append(&log, &f.tenant, 15).await;
    f.wait_for_stream(2, 35).await;
    let confirmed = cursor::confirm_epoch(&f.pool, &f.log, "desk", f.partition(), Some(20)).await;
    assert!(confirmed.unwrap());
    f.wait_for_effects(35).await;
    f.assert_each_once(35).await;
    // Live again, from the new stream.
    append(&log, &f.tenant, 5).await;
    f.wait_for_effects(40).await;
    f.assert_each_once(40).await;
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn what_a_restore_has_lost_is_not_applied_before_the_relay_has_noticed() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    let subscribed = f.subscription().await;
    for _ in 0..30 {
        append(&f.log, &f.tenant, 1).await;
    }
    f.wait_for_stream(1, 30).await;
    f.wait_for_effects(30).await;
    subscribed.end().await;
    relay.end().await;
    // The read model lives in the same database, so it is set back as well.
    set_back(&f, 20).await;
    for statement in [
        "delete from effect where position > 20",
        "update subscription_cursor set position = 20, reaction_position = 20 where position > 20",
    ] {
        sqlx::query(statement).execute(&f.pool).await.unwrap();
    }

    let subscribed = f.subscription().await;
    eventually(|| async { subscribed.counters.received() >= 10 }).await;
    eventually(|| async {
        subscribed.subscription.status.snapshot().iter().any(|partition| partition.gaps > 0)
    })
    .await;
    let log = open(&f.db).await;
    append(&log, &f.tenant, 5).await;
    f.wait_for_effects(25).await;
    f.assert_each_once(25).await;
    let lost: i64 = sqlx::query_scalar(
        "select count(*) from effect
          where not exists (select from log.event where event.event_id = effect.event_id)",
    )
    .fetch_one(&f.pool)
    .await
    .unwrap();
    assert_eq!(lost, 0, "only what the log holds has effects");

    // From here on the relay and the operator decide.
    let relay = f.relay().await;
    f.wait_for_stream(2, 25).await;
    eventually(|| async {
        let status = subscribed.subscription.status.snapshot();
        status.into_iter().any(|p| p.stopped.is_some_and(|reason| reason.contains("epoch")))
    })
    .await;
    subscribed.end().await;
    relay.end().await;
}

#[tokio::test]
async fn a_log_that_went_another_way_raises_the_epoch() {
    let nats = Nats::shared().await;
    let f = Fixture::new(nats.url(), nats.prefix()).await;
    let relay = f.relay().await;
    for _ in 0..10 {
        append(&f.log, &f.tenant, 1).await;
    }
    f.wait_for_stream(1, 10).await;
    relay.end().await;
    set_back(&f, 5).await;
    append(&open(&f.db).await, &f.tenant, 20).await;

    let relay = f.relay().await;
    f.wait_for_stream(2, 25).await;
    f.assert_stream_is_log(2, 1).await;
    // The old stream is kept aside for whoever has to find out what was lost.
    let old = f.stream_info(1).await.unwrap();
    assert_eq!(old.state.last_sequence, 10);
    assert!(old.config.subjects[0].contains(".retired."), "{:?}", old.config.subjects);
    relay.end().await;
}
