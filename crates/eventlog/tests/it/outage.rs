//! Postgres away, frozen, frightened by its standbys, or not the primary any more.
use std::path::PathBuf;
use std::time::Duration;

use eventlog::{AppendError, Error, ExecuteError, Settings, execute};
use testkit::{Postgres, eventually, signal};

use crate::fixture::{Fixture, note, stream, waiting};
use crate::page::{Command, PAGE, Page, request};

fn impatient() -> Settings {
    Settings {
        retry_for: Duration::from_millis(500),
        connect_timeout: Duration::from_millis(500),
        call_timeout: Duration::from_millis(500),
        lock_timeout: Duration::from_millis(300),
        ..testkit::settings("eventlog")
    }
}

/// Short waits, but long enough to come through.
fn patient() -> Settings {
    Settings { retry_for: Duration::from_secs(30), ..impatient() }
}

#[tokio::test]
async fn an_append_waits_out_a_restart_but_not_for_ever() {
    let mut server = Postgres::own().await;
    let f = Fixture::in_server(&server, impatient()).await;
    f.append_one(&stream(), 0).await;
    server.kill();
    // A session may outlive its server for one more append; the one that breaks off may or
    // may not have been committed.
    let mut appended = 1;
    let broken = loop {
        match f.log.append(&f.tenant, &stream(), 0, vec![note("last")]).await {
            Ok(_) => appended += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(broken, AppendError::OutcomeUnknown | AppendError::Unavailable(_)),
        "{broken:?}"
    );
    let verdict = f.log.append(&f.tenant, &stream(), 0, vec![note("never sent")]).await;
    assert!(matches!(verdict, Err(AppendError::Unavailable(_))), "{verdict:?}");
    server.start().await;
    eventually(|| async { f.log.append(&f.tenant, &stream(), 0, vec![note("x")]).await.is_ok() })
        .await;
    let verified = f.log.verify(f.tenant.partition).await.unwrap();
    assert!(verified.events > appended, "what was acknowledged is there, and the last one");
}

/// Sends a signal to the session of the writer.
async fn signal_writer(f: &Fixture, name: &str) -> i32 {
    let session: i32 = sqlx::query_scalar(
        "select pid from pg_stat_activity
          where application_name like 'odzew-append-%' order by backend_start limit 1",
    )
    .fetch_one(f.admin())
    .await
    .unwrap();
    signal(session.try_into().unwrap(), name);
    session
}

#[tokio::test]
async fn a_session_that_freezes_is_replaced_and_its_append_happens_once() {
    let server = Postgres::own().await;
    let f = Fixture::in_server(&server, patient()).await;
    f.append_one(&stream(), 0).await;
    let frozen = signal_writer(&f, "STOP").await;
    let stream = stream();
    // The first attempt is in the frozen session's socket; a new session takes the second.
    let appended = f.append_one(&stream, 0).await;
    signal(frozen.try_into().unwrap(), "CONT");
    // Now the first attempt is carried out, and finds the version taken.
    eventually(|| async {
        sqlx::query_scalar("select not exists (select from pg_stat_activity where pid = $1)")
            .bind(frozen)
            .fetch_one(f.admin())
            .await
            .is_ok_and(|gone: bool| gone)
    })
    .await;
    let events = f.log.read_stream(&f.tenant, &stream, 0).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].position, appended.first_position);
    f.append_one(&stream, 1).await;
    f.log.verify(f.tenant.partition).await.unwrap();
}

/// Says which standbys a commit waits for.
async fn standbys(f: &Fixture, setting: &'static str) {
    let mut connection = f.admin().acquire().await.unwrap();
    // Not in a transaction, so the two cannot share one call.
    sqlx::query("set synchronous_commit = local").execute(&mut *connection).await.unwrap();
    sqlx::query(setting).execute(&mut *connection).await.unwrap();
    sqlx::query("select pg_reload_conf()").execute(&mut *connection).await.unwrap();
}

/// From here on commits wait for a standby that there is not.
async fn standbys_are_away(f: &Fixture) {
    standbys(f, "alter system set synchronous_standby_names = 'nobody'").await;
    // The server reloads in its own time: from some commit on they wait.
    eventually(|| async {
        let commit = sqlx::query("select pg_logical_emit_message(true, 'probe', '')");
        tokio::time::timeout(Duration::from_millis(200), commit.execute(f.admin())).await.is_err()
    })
    .await;
}

/// Cancels what waits for the standby, until there is a verdict.
async fn without_waiting<T>(f: &Fixture, verdict: impl Future<Output = T>) -> T {
    let cancel_waits = || async {
        let cancelled: i64 = sqlx::query_scalar(
            "select count(pg_cancel_backend(pid)) from pg_stat_activity
              where application_name like 'odzew-append-%' and wait_event = 'SyncRep'",
        )
        .fetch_one(f.admin())
        .await
        .unwrap();
        cancelled > 0
    };
    tokio::pin!(verdict);
    loop {
        tokio::select! {
            verdict = &mut verdict => return verdict,
            () = eventually(cancel_waits) => {}
        }
    }
}

#[tokio::test]
async fn a_commit_that_gave_up_on_its_standby_is_never_a_success() {
    let server = Postgres::own().await;
    let f = Fixture::in_server(&server, impatient()).await;
    // Whatever the settings of the server or the role say.
    sqlx::query("alter system set client_min_messages = error").execute(f.admin()).await.unwrap();
    f.append_one(&stream(), 0).await;
    standbys_are_away(&f).await;
    let (stream, sent) = (stream(), vec![note("only here")]);
    let append = f.log.append(&f.tenant, &stream, 0, sent.clone());
    let verdict = without_waiting(&f, append).await;
    let there = f.log.read_stream(&f.tenant, &stream, 0).await.unwrap().len();
    standbys(&f, "alter system reset synchronous_standby_names").await;
    assert!(matches!(verdict, Err(AppendError::OutcomeUnknown)), "{verdict:?}");
    assert_eq!(there, 1, "Postgres said yes, but with the primary's disk it would be gone");
    assert_eq!(f.log.append_counts().unresolved, 1);

    let appended =
        eventually(|| async { f.log.append(&f.tenant, &stream, 0, sent.clone()).await.map(Some) })
            .await;
    assert_eq!(appended.version, 1);
    eventually(|| async { !waiting(f.admin(), "SyncRep").await }).await;
    assert_eq!(f.everything().await.len(), 2);
}

#[tokio::test]
async fn a_repeated_request_is_no_success_before_the_standbys_have_its_events() {
    let server = Postgres::own().await;
    let f = Fixture::in_server(&server, impatient()).await;
    f.append_one(&stream(), 0).await;
    standbys_are_away(&f).await;
    let ask = || async {
        let command = Command::Write(vec!["only here"]);
        execute::<Page>(&f.log, &f.tenant, PAGE, &request(1, 1), &command).await
    };
    for call in ["the first", "a repeated"] {
        let verdict = without_waiting(&f, ask()).await;
        let is_unknown = matches!(&verdict, Err(ExecuteError::Append(AppendError::OutcomeUnknown)));
        assert!(is_unknown, "{call} call: {verdict:?}");
        let there = eventlog::load::<Page>(&f.log, &f.tenant, PAGE).await.unwrap();
        assert_eq!(there.version, 1, "it can be read, and would be gone with the primary's disk");
    }
    standbys(&f, "alter system reset synchronous_standby_names").await;
    let answer = eventually(|| async { ask().await.map(Some) }).await;
    assert_eq!((answer.repeated, answer.version), (true, 1));
}

#[tokio::test]
async fn a_standby_is_neither_followed_nor_written() {
    let mut server = Postgres::own().await;
    let f = Fixture::in_server(&server, impatient()).await;
    let stream = stream();
    f.append_one(&stream, 0).await;
    let data: String =
        sqlx::query_scalar("show data_directory").fetch_one(f.admin()).await.unwrap();
    server.stop().await;
    std::fs::write(PathBuf::from(data).join("standby.signal"), "").unwrap();
    server.start().await;

    let refused = eventually(|| async {
        match f.log.read_partition(f.tenant.partition, 0, 10).await {
            Err(Error::Query { .. }) => None,
            answer => Some(answer),
        }
    })
    .await;
    assert!(matches!(refused, Err(Error::Standby)), "{refused:?}");
    assert!(matches!(f.log.head(f.tenant.partition).await, Err(Error::Standby)));
    let read = f.log.read_stream(&f.tenant, &stream, 0).await;
    assert!(matches!(read, Err(Error::Standby)), "{read:?}");
    assert!(read.is_err_and(|error| error.is_unavailable()), "the primary may be elsewhere");
    let verdict = f.log.append(&f.tenant, &stream, 1, vec![note("x")]).await;
    assert!(
        matches!(verdict, Err(AppendError::Unavailable(_) | AppendError::OutcomeUnknown)),
        "{verdict:?}"
    );
}
