//! A rebuilt generation equals the one that grew, and nobody hears of it twice.
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use eventlog::subscription::rebuild::rebuild;
use eventlog::subscription::{cursor, parked};
use eventlog::{HandlerError, Recorded, Subscriber};
use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool};
use testkit::eventually;

use crate::fixture::{Fixture, stream};
use crate::subscription::{
    NAME, Recorder, Running, assert_each_once, effects, event, fill, parked_positions,
    service_pool, settings, start, wait_for_effects,
};

async fn migrator() -> Migrator {
    let files = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/rebuild_migrations");
    Migrator::new(Path::new(files)).await.unwrap()
}

async fn rows(pool: &PgPool) -> Vec<(i64, uuid::Uuid, i32, String)> {
    sqlx::query_as("select position, stream_id, version, body from effect order by position")
        .fetch_all(pool)
        .await
        .unwrap()
}

async fn rebuild_with<S: Subscriber>(f: &Fixture, recorder: Arc<S>) -> u64 {
    let options = f.db.options();
    let rebuilt = rebuild(&f.log, &options, NAME, migrator().await, recorder, &settings()).await;
    rebuilt.unwrap().events
}

/// Cannot project anything, and skips the first position in the serving generation meanwhile.
struct SkipsMeanwhile(PgPool);

impl Subscriber for SkipsMeanwhile {
    async fn project(&self, _: &mut PgConnection, at: &[Recorded]) -> Result<(), HandlerError> {
        parked::skip(&self.0, NAME, at[0].partition, 1).await?;
        eventually(|| async { parked_positions(&self.0).await.is_empty() }).await;
        Err(HandlerError::poison("bad body"))
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// What was reacted to before the rebuild was not reacted to again. (The first batch after it may
/// be: its fence fails, and reactions come before the fence.)
fn assert_silent(running: &Running, old: u64) {
    let reactions = running.recorder.reactions.lock().unwrap();
    for position in 1..=old {
        assert_eq!(reactions.get(&position), Some(&1), "reactions to position {position}");
    }
}

#[tokio::test]
async fn a_rebuild_equals_what_it_replaces_and_reactions_stay_silent() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams: Vec<_> = (0..10).map(|_| stream()).collect();
    let old = fill(&f, &streams, 0, 30).await;
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    wait_for_effects(&pool, old).await;
    let before = rows(&pool).await;
    // A read model that went wrong.
    sqlx::query("update effect set body = 'spoiled'").execute(&pool).await.unwrap();

    let recorder = Arc::new(Recorder::default());
    let rebuilt = rebuild_with(&f, Arc::clone(&recorder)).await;
    assert_eq!(rebuilt, old);
    assert_eq!(rows(&pool).await, before);
    assert!(recorder.reactions.lock().unwrap().is_empty());

    // The subscription that ran all the while goes on in the new generation.
    let head = fill(&f, &streams, 30, 3).await;
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;
    let reactions = running.recorder.reactions.lock().unwrap().clone();
    assert_eq!(reactions.len() as u64, head);
    assert_silent(&running, old);
    let cursors = cursor::list(&pool).await.unwrap();
    let cursor = cursors.iter().find(|c| c.partition == f.tenant.partition).unwrap();
    assert_eq!((cursor.position, cursor.reaction_position), (head, head));
    running.end().await;
}

#[tokio::test]
async fn the_old_generation_serves_and_takes_events_until_the_swap() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams: Vec<_> = (0..20).map(|_| stream()).collect();
    fill(&f, &streams, 0, 30).await;
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    wait_for_effects(&pool, 600).await;
    for round in 0..3 {
        let recorder = Arc::new(Recorder::default());
        let (rebuilt, head) = tokio::join!(
            rebuild_with(&f, Arc::clone(&recorder)),
            fill(&f, &streams, 30 + round * 10, 10),
        );
        assert!(rebuilt >= 600);
        wait_for_effects(&pool, head).await;
        assert_each_once(&pool, head).await;
        assert!(recorder.reactions.lock().unwrap().is_empty());
    }
    let head = f.log.head(f.tenant.partition).await.unwrap();
    eventually(|| async { running.recorder.reactions.lock().unwrap().len() as u64 == head }).await;
    assert_each_once(&pool, head).await;
    running.end().await;
}

#[tokio::test]
async fn reactions_owed_by_parked_events_stay_owed_across_a_rebuild() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let streams = [stream()];
    for (version, body) in ["good", "bad", "good"].into_iter().enumerate() {
        let version = u32::try_from(version).unwrap();
        let events = vec![event(&streams[0], body)];
        f.log.append(&f.tenant, &streams[0], version, events).await.unwrap();
    }
    let bad = HashSet::from([Bytes::from_static(b"bad")]);
    let recorder = Recorder { poison_reaction: bad.into(), ..Recorder::default() };
    let running = start(&f.log, &pool, recorder, settings(), None);
    eventually(|| async { parked_positions(&pool).await == [2, 3] }).await;

    rebuild_with(&f, Arc::new(Recorder::default())).await;
    // The tables are complete; the reactions are still parked.
    assert_each_once(&pool, 3).await;
    assert_eq!(parked_positions(&pool).await, [2, 3]);
    running.recorder.poison_reaction.lock().unwrap().clear();
    parked::retry(&pool, NAME, f.tenant.partition, 2).await.unwrap();
    eventually(|| async { parked_positions(&pool).await.is_empty() }).await;
    assert_each_once(&pool, 3).await;
    assert_eq!(running.recorder.reactions.lock().unwrap().len(), 3);
    running.end().await;
}

#[tokio::test]
async fn a_rebuild_parks_what_its_own_code_cannot_project() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let (one, other) = (stream(), stream());
    for (stream, body) in [(&one, "bad"), (&other, "good")] {
        f.log.append(&f.tenant, stream, 0, vec![event(stream, body)]).await.unwrap();
    }
    let running = start(&f.log, &pool, Recorder::default(), settings(), None);
    wait_for_effects(&pool, 2).await;
    let bad = HashSet::from([Bytes::from_static(b"bad")]);
    let recorder = Recorder { poison_projection: bad.into(), ..Recorder::default() };
    rebuild_with(&f, Arc::new(recorder)).await;
    assert_eq!(parked_positions(&pool).await, [1]);

    // The stream's next event waits.
    f.log.append(&f.tenant, &one, 1, vec![event(&one, "next")]).await.unwrap();
    eventually(|| async { parked_positions(&pool).await == [1, 3] }).await;
    parked::retry(&pool, NAME, f.tenant.partition, 1).await.unwrap();
    wait_for_effects(&pool, 3).await;
    assert_silent(&running, 2);
    running.end().await;
}

#[tokio::test]
async fn what_was_skipped_stays_skipped_in_every_rebuild() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let stream = stream();
    for (body, version) in ["good", "bad", "good", "worse", "good"].into_iter().zip(0..) {
        f.log.append(&f.tenant, &stream, version, vec![event(&stream, body)]).await.unwrap();
    }
    let bad = HashSet::from(["bad", "worse"].map(Bytes::from));
    let recorder = || Recorder { poison_projection: bad.clone().into(), ..Recorder::default() };
    let running = start(&f.log, &pool, recorder(), settings(), None);
    eventually(|| async { parked_positions(&pool).await == [2, 3, 4, 5] }).await;
    parked::skip(&pool, NAME, f.tenant.partition, 2).await.unwrap();
    eventually(|| async { parked_positions(&pool).await == [4, 5] }).await;

    rebuild_with(&f, Arc::new(recorder())).await;
    assert_eq!(parked_positions(&pool).await, [4, 5]);
    parked::skip(&pool, NAME, f.tenant.partition, 4).await.unwrap();
    wait_for_effects(&pool, 3).await;
    for _ in 0..2 {
        rebuild_with(&f, Arc::new(recorder())).await;
        assert_eq!(parked_positions(&pool).await, Vec::<u64>::new());
        assert_eq!(effects(&pool).await, [(1, 1), (3, 1), (5, 1)]);
    }
    running.end().await;
}

#[tokio::test]
async fn what_is_skipped_during_a_rebuild_is_skipped_after_it() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let stream = stream();
    for (body, version) in ["bad", "good"].into_iter().zip(0..) {
        f.log.append(&f.tenant, &stream, version, vec![event(&stream, body)]).await.unwrap();
    }
    let bad = HashSet::from([Bytes::from_static(b"bad")]);
    let recorder = Recorder { poison_projection: bad.into(), ..Recorder::default() };
    let running = start(&f.log, &pool, recorder, settings(), None);
    eventually(|| async { parked_positions(&pool).await == [1, 2] }).await;

    rebuild_with(&f, Arc::new(SkipsMeanwhile(pool.clone()))).await;
    wait_for_effects(&pool, 1).await;
    assert_eq!(effects(&pool).await, [(2, 1)]);
    eventually(|| async { parked_positions(&pool).await.is_empty() }).await;
    running.end().await;
}
