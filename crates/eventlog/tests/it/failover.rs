//! Behind the next connection there may be another server, which lost what this process has seen.
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::Aggregate;
use eventlog::{AppendError, Settings, StreamId, execute};
use sqlx::{Postgres, Transaction};
use testkit::eventually;

use crate::fixture::{Fixture, append_waits_for_lock, assert_in_order, note, stream};
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
    // The next connection meets a server that never had version 1.
    for statement in [
        "select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'odzew-append-%'",
        "delete from log.event",
        "delete from log.batch",
    ] {
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();

    under_way.await.unwrap().unwrap();
    let done = queued.await.unwrap().unwrap();
    assert_eq!((done.version, done.state.lines), (1, vec!["kept".to_owned()]));
    assert_in_order(&f.everything().await);
    f.log.verify(f.tenant.partition).await.unwrap();
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
