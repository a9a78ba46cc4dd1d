//! What a process remembers of a stream saves it a look, and never decides by itself.
use eventlog::{Cause, ExecuteError, Executed, Log, Settings, Tenant, create, execute, load_many};
use uuid::Uuid;

use crate::fixture::{Fixture, assert_in_order, cause};
use crate::page::{Command, PAGE, Page, Rejection};

/// A reaction to an event; only those go by what is remembered.
fn event(id: u128) -> Cause {
    Cause { causation_id: Some(Uuid::from_u128(id)), ..cause() }
}

type Outcome = Result<Executed<Page>, ExecuteError<Rejection>>;

async fn run(log: &Log, tenant: &Tenant, cause: &Cause, command: Command) -> Outcome {
    execute::<Page>(log, tenant, PAGE, cause, &command).await
}

async fn write(log: &Log, tenant: &Tenant, id: u128, line: &'static str) -> Executed<Page> {
    run(log, tenant, &event(id), Command::Write(vec![line])).await.unwrap()
}

#[tokio::test]
async fn what_others_appended_meanwhile_is_seen() {
    let f = Fixture::new().await;
    let other = f.other_log().await;
    write(&f.log, &f.tenant, 1, "a").await;
    write(&other, &f.tenant, 2, "b").await;
    let done = write(&f.log, &f.tenant, 3, "c").await;
    assert_eq!((done.state.lines, done.version), (vec!["a".into(), "b".into(), "c".into()], 3));
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn a_rule_is_told_of_what_others_appended_before_it_refuses_or_allows() {
    let f = Fixture::new().await;
    let other = f.other_log().await;
    write(&f.log, &f.tenant, 1, "a").await;
    run(&other, &f.tenant, &event(2), Command::Close).await.unwrap();
    // Remembered as open, it would be written on.
    let refused = run(&f.log, &f.tenant, &event(3), Command::Write(vec!["b"])).await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::Closed))));
    // Remembered as closed by whoever closed it, it is still looked at before it is refused.
    let refused = run(&other, &f.tenant, &event(4), Command::Write(vec!["b"])).await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::Closed))));
    assert_eq!(f.everything().await.len(), 2);
}

#[tokio::test]
async fn a_reaction_of_another_process_is_not_repeated() {
    let f = Fixture::new().await;
    let other = f.other_log().await;
    write(&f.log, &f.tenant, 1, "a").await;
    let first = write(&other, &f.tenant, 2, "b").await;
    let again = write(&f.log, &f.tenant, 2, "b").await;
    assert!(again.repeated);
    assert_eq!((again.version, again.position), (first.version, first.position));
    // And one that this process remembers having carried out itself.
    let again = write(&f.log, &f.tenant, 1, "a").await;
    assert_eq!((again.repeated, again.version), (true, 1));
    assert_eq!(f.everything().await.len(), 2);
}

#[tokio::test]
async fn an_expected_version_is_compared_with_the_log_not_with_the_memory() {
    let f = Fixture::new().await;
    let other = f.other_log().await;
    write(&f.log, &f.tenant, 1, "a").await;
    write(&other, &f.tenant, 2, "b").await;
    let stale = Cause { expected_version: Some(1), ..event(3) };
    let refused = run(&f.log, &f.tenant, &stale, Command::Write(vec!["c"])).await;
    assert!(matches!(refused, Err(ExecuteError::VersionMismatch { current: 2 })));
    let right = Cause { expected_version: Some(2), ..event(4) };
    assert_eq!(run(&f.log, &f.tenant, &right, Command::Close).await.unwrap().version, 3);
}

#[tokio::test]
async fn a_stream_is_begun_without_reading_and_only_once() {
    let f = Fixture::new().await;
    let begin = |id: u128, line: &'static str| {
        let (log, tenant) = (f.log.clone(), f.tenant.clone());
        async move {
            let command = Command::Write(vec![line]);
            create::<Page>(&log, &tenant, PAGE, &event(id), &command).await.unwrap()
        }
    };
    let first = begin(1, "a").await;
    assert_eq!((first.version, first.repeated), (1, false));
    let again = begin(1, "a").await;
    assert_eq!((again.version, again.repeated), (1, true));
    // It exists by now: the command is decided on what is there.
    let later = begin(2, "b").await;
    assert_eq!((later.version, later.state.lines), (2, vec!["a".into(), "b".into()]));
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn without_room_to_remember_everything_goes_the_same_way() {
    let f = Fixture::with(Settings { remembered_states: 0, ..testkit::settings("eventlog") }).await;
    write(&f.log, &f.tenant, 1, "a").await;
    let done = write(&f.log, &f.tenant, 2, "b").await;
    assert_eq!(done.state.lines, ["a", "b"]);
    assert!(write(&f.log, &f.tenant, 1, "a").await.repeated);
}

#[tokio::test]
async fn what_was_read_together_is_remembered_and_no_more_trusted() {
    let f = Fixture::new().await;
    let other = f.other_log().await;
    let missing = Uuid::from_u128(99);
    let second = Uuid::from_u128(2);
    write(&other, &f.tenant, 1, "a").await;
    write(&other, &f.tenant, 2, "b").await;
    let command = Command::Write(vec!["x"]);
    execute::<Page>(&other, &f.tenant, second, &event(3), &command).await.unwrap();

    let ids = [PAGE, missing, second];
    let read = load_many::<Page>(&f.log, &f.tenant, &ids).await.unwrap();
    let lines = |id: Uuid| read.get(&id).map(|state| state.as_ref().unwrap().lines.join(","));
    assert_eq!(
        ids.map(lines),
        [Some("a,b".to_owned()), None, Some("x".to_owned())],
        "what does not exist is left out"
    );
    // A cause that is among what was read has had its effect.
    assert!(write(&f.log, &f.tenant, 2, "b").await.repeated);

    load_many::<Page>(&f.log, &f.tenant, &[PAGE]).await.unwrap();
    write(&other, &f.tenant, 4, "c").await;
    let done = write(&f.log, &f.tenant, 5, "d").await;
    assert_eq!(done.state.lines.join(","), "a,b,c,d");
    assert_in_order(&f.everything().await);
}
