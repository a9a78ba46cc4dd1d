//! Behind the next connection there may be another server, which lost what this process has seen.
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::Aggregate;
use eventlog::sealing::{Found, KeyMaker, KeySource, KeysAway, Owner, Sealing, SubjectKey};
use eventlog::{AppendError, Loaded, Settings, StreamId, Tenant, execute, load_on};
use futures::future::BoxFuture;
use sqlx::{PgConnection, Postgres, Transaction};
use testkit::eventually;
use uuid::Uuid;

use crate::fixture::{
    Fixture, append_waits_for_lock, assert_in_order, create_tenant, note, stream,
};
use crate::page::{Command, Event, PAGE, Page, Rejection, State, request};

/// A page that tells when it decides, which is when its events enter the queue.
#[derive(Debug)]
struct Watched;

static DECIDED: AtomicBool = AtomicBool::new(false);

impl Aggregate for Watched {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        DECIDED.store(true, Ordering::Relaxed);
        Page::decide(state, command)
    }

    fn evolve(state: State, event: &Event) -> State {
        Page::evolve(state, event)
    }
}

async fn lock(f: &Fixture) -> Transaction<'static, Postgres> {
    let mut tx = f.admin().begin().await.unwrap();
    sqlx::query("select from log.partition where partition = $1 for update")
        .bind(f.tenant.partition.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx
}

fn append_elsewhere(f: &Fixture) -> impl Future<Output = Result<(), AppendError>> + use<> {
    let (log, tenant) = (f.log.clone(), f.tenant.clone());
    async move { log.append(&tenant, &stream(), 0, vec![note("x")]).await.map(drop) }
}

#[tokio::test]
async fn what_waits_in_the_queue_is_not_believed_after_a_failover() {
    let f = Fixture::new().await;
    let (log, tenant) = (f.log.clone(), f.tenant.clone());
    let write = move |id: u128, line: &'static str| {
        let (log, tenant) = (log.clone(), tenant.clone());
        async move {
            let command = Command::Write(vec![line]);
            execute::<Watched>(&log, &tenant, PAGE, &request(id, 1), &command).await
        }
    };
    write(1, "lost").await.unwrap();

    let mut tx = lock(&f).await;
    let under_way = tokio::spawn(append_elsewhere(&f));
    eventually(|| append_waits_for_lock(f.admin())).await;
    DECIDED.store(false, Ordering::Relaxed);
    // It has read version 1, and waits behind the other one.
    let queued = tokio::spawn(write(2, "kept"));
    eventually(|| async { DECIDED.load(Ordering::Relaxed) }).await;
    lose_everything(&mut tx).await;
    tx.commit().await.unwrap();

    under_way.await.unwrap().unwrap();
    let done = queued.await.unwrap().unwrap();
    assert_eq!((done.version, done.state.lines), (1, vec!["kept".to_owned()]));
    assert_in_order(&f.everything().await);
    f.log.verify(f.tenant.partition).await.unwrap();
}

/// A key store that knows which keys it has.
#[derive(Clone, Default)]
struct Keys(Arc<Mutex<HashSet<Uuid>>>);

impl Keys {
    fn has(&self, id: Uuid) -> bool {
        self.0.lock().unwrap().contains(&id)
    }

    fn lose_all(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl KeySource for Keys {
    fn keys<'a>(
        &'a self,
        _: Owner<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<Found>, KeysAway>> {
        let key =
            |has| if has { Found::Key(Arc::new(SubjectKey::new(&[7; 32]))) } else { Found::Gone };
        let found = ids.iter().map(|id| key(self.has(*id))).collect();
        Box::pin(async move { Ok(found) })
    }
}

impl KeyMaker for Keys {
    fn make<'a>(
        &'a self,
        _: Owner<'a>,
        _: Uuid,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Found, KeysAway>> {
        self.0.lock().unwrap().insert(id);
        Box::pin(async { Ok(Found::Key(Arc::new(SubjectKey::new(&[7; 32])))) })
    }
}

/// The next connection meets a server that never had an event.
async fn lose_everything(connection: &mut PgConnection) {
    for statement in [
        "select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'odzew-append-%'",
        "delete from log.event",
        "delete from log.batch",
    ] {
        sqlx::query(statement).execute(&mut *connection).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_sealed_with_a_key_that_a_failover_has_lost() {
    let f = Fixture::new().await;
    let keys = Keys::default();
    let log = f.log.clone().sealing(Sealing::new(keys.clone(), &testkit::settings("sealing")));
    let tenant = f.tenant.clone();
    let write = move |id: u128| {
        let (log, tenant) = (log.clone(), tenant.clone());
        let command = Command::Write(vec!["line"]);
        async move { execute::<Page>(&log, &tenant, PAGE, &request(id, 1), &command).await }
    };
    write(1).await.unwrap();
    // The key is remembered, and lost together with the event.
    keys.lose_all();
    lose_everything(&mut f.admin().acquire().await.unwrap()).await;
    write(2).await.unwrap();
    assert!(keys.has(PAGE), "what was remembered is asked for again");

    lose_everything(&mut f.admin().acquire().await.unwrap()).await;
    append_elsewhere(&f).await.unwrap();
    keys.lose_all();
    let mut tx = lock(&f).await;
    let under_way = tokio::spawn(append_elsewhere(&f));
    eventually(|| append_waits_for_lock(f.admin())).await;
    // It has a key, and waits behind the other one.
    let queued = tokio::spawn(write(3));
    eventually(|| async { keys.has(PAGE) }).await;
    keys.lose_all();
    lose_everything(&mut tx).await;
    tx.commit().await.unwrap();

    under_way.await.unwrap().unwrap();
    let done = queued.await.unwrap().unwrap();
    assert_eq!(done.version, 1);
    assert!(keys.has(PAGE), "what was sealed before is sealed anew");
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn what_somebody_keeps_is_read_anew_when_another_event_stands_in_its_place() {
    let f = Fixture::new().await;
    let write = |id: u128, line: &'static str| {
        let (f, command) = (&f, Command::Write(vec![line]));
        async move { execute::<Page>(&f.log, &f.tenant, PAGE, &request(id, 1), &command).await }
    };
    write(1, "lost").await.unwrap();
    let kept = load_on::<Page>(&f.log, &f.tenant, PAGE, Loaded::default()).await.unwrap();
    write(2, "more").await.unwrap();
    let on = load_on(&f.log, &f.tenant, PAGE, kept.clone()).await.unwrap();
    assert_eq!(on.state.lines, ["lost", "more"]);
    lose_everything(&mut f.admin().acquire().await.unwrap()).await;
    let nothing = load_on(&f.log, &f.tenant, PAGE, kept.clone()).await.unwrap();
    assert_eq!((nothing.version, nothing.state.lines.len()), (0, 0));
    write(3, "kept").await.unwrap();
    for before in [kept, on] {
        let anew = load_on(&f.log, &f.tenant, PAGE, before).await.unwrap();
        assert_eq!((anew.version, anew.state.lines), (1, vec!["kept".to_owned()]));
    }
}

#[tokio::test]
async fn a_tenant_that_a_restore_has_lost_gets_no_events_and_its_key_goes_to_nobody() {
    let f = Fixture::new().await;
    let lost = create_tenant(&f.db, "newco").await;
    let there = create_tenant(&f.db, "other").await;
    f.log
        .append(&f.log.tenant("newco").await.unwrap().unwrap(), &stream(), 0, vec![note("x")])
        .await
        .unwrap();
    assert_eq!(f.log.tenant_by_key(lost.key).await.unwrap(), Some(lost.clone()));
    for statement in [
        "delete from log.tenant where name = 'newco'",
        "delete from log.event",
        "delete from log.batch",
    ] {
        sqlx::query(statement).execute(f.admin()).await.unwrap();
    }
    let verdict = f.log.append(&lost, &stream(), 0, vec![note("x")]).await;
    assert!(matches!(verdict, Err(AppendError::Unavailable(_))), "{verdict:?}");
    assert_eq!(f.log.tenant("newco").await.unwrap(), None, "the next call hears that it is gone");
    assert_eq!(f.log.tenant_by_key(lost.key).await.unwrap(), None);
    // Those who share its partition go on.
    f.log.append(&there, &stream(), 0, vec![note("x")]).await.unwrap();
    for &partition in f.log.partitions() {
        f.log.read_partition(partition, 0, 100).await.unwrap();
    }
    let anew = create_tenant(&f.db, "newco").await;
    assert_ne!(anew.key, lost.key);
    assert_ne!(create_tenant(&f.db, "young").await.key, lost.key);
    // The tenant belongs to another partition.
    let elsewhere = f.log.partitions().iter().find(|p| **p != anew.partition).copied().unwrap();
    let moved = Tenant { partition: elsewhere, ..anew };
    let verdict = f.log.append(&moved, &stream(), 0, vec![note("x")]).await;
    assert!(matches!(verdict, Err(AppendError::Unavailable(_))), "{verdict:?}");
}

#[tokio::test]
async fn an_append_that_is_refused_after_a_lost_answer_is_not_said_to_be_refused() {
    let f = Fixture::with(Settings {
        call_timeout: Duration::from_millis(300),
        lock_timeout: Duration::from_secs(60),
        ..testkit::settings("eventlog")
    })
    .await;
    f.append_one(&stream(), 0).await;
    let tx = lock(&f).await;
    let sent = tokio::spawn(append_elsewhere(&f));
    eventually(|| append_waits_for_lock(f.admin())).await;
    // The session that waits for the lock has its rights; the one that asks after it does not.
    sqlx::query("revoke execute on all functions in schema log from odzew_log_writer")
        .execute(f.admin())
        .await
        .unwrap();
    let verdict = sent.await.unwrap();
    assert!(matches!(verdict, Err(AppendError::OutcomeUnknown)), "{verdict:?}");
    assert_eq!(f.log.append_counts().unresolved, 1);
    tx.rollback().await.unwrap();
    let verdict = append_elsewhere(&f).await;
    assert!(matches!(verdict, Err(AppendError::Refused(_))), "{verdict:?}");
}

#[tokio::test]
async fn a_position_that_is_taken_is_a_fault_and_no_conflict() {
    let f = Fixture::new().await;
    f.append_one(&stream(), 0).await;
    let StreamId { id, .. } = stream();
    // No append of ours writes an event without its batch.
    sqlx::query(
        "insert into log.event
         select partition, tenant, 2, 1, $1, event_id, occurred_at, recorded_at, category,
                event_type, payload, metadata from log.event",
    )
    .bind(id)
    .execute(f.admin())
    .await
    .unwrap();
    let limit = Duration::from_secs(20);
    let verdict = tokio::time::timeout(limit, append_elsewhere(&f)).await.unwrap();
    let Err(AppendError::Refused(source)) = verdict else { panic!("{verdict:?}") };
    assert!(source.to_string().contains("event_pkey"), "{source}");
}
