//! The same request and the same reaction happen once.
use eventlog::{Cause, ExecuteError, Executed, Settings, execute, load};
use futures::future::join_all;
use uuid::Uuid;

use crate::fixture::{Fixture, assert_in_order, cause};
use crate::page::{Command, Event, PAGE, Page, Rejection, request};

async fn run(
    f: &Fixture,
    cause: &Cause,
    command: Command,
) -> Result<Executed<Page>, ExecuteError<Rejection>> {
    // Handlers are spawned, so the future has to be `Send`.
    let (log, tenant, cause) = (f.log.clone(), f.tenant.clone(), cause.clone());
    let task = async move { execute::<Page>(&log, &tenant, PAGE, &cause, &command).await };
    tokio::spawn(task).await.unwrap()
}

#[tokio::test]
async fn a_command_becomes_events_and_a_state() {
    let f = Fixture::new().await;
    assert_eq!(load::<Page>(&f.log, &f.tenant, PAGE).await.unwrap().version, 0);
    let done = run(&f, &request(1, 1), Command::Write(vec!["a", "b"])).await.unwrap();
    assert_eq!(done.state.lines, ["a", "b"]);
    assert_eq!((done.version, done.position, done.repeated), (2, 2, false));
    assert_eq!(done.events, [Event::Written("a".into()), Event::Written("b".into())]);
    let loaded = load::<Page>(&f.log, &f.tenant, PAGE).await.unwrap();
    assert_eq!((loaded.state, loaded.version, loaded.position), (done.state, 2, 2));
    assert_eq!(loaded.recorded_at, done.recorded_at);

    let events = f.everything().await;
    let metadata = events[0].metadata().unwrap();
    assert_eq!(metadata.request_id, Uuid::from_u128(1).to_string());
    assert_eq!(metadata.actor.unwrap().id, "agent-17");
    assert_eq!(events[0].event_id.get_version_num(), 7);
    assert_ne!(events[0].event_id, events[1].event_id);
}

#[tokio::test]
async fn a_command_that_changes_nothing_appends_nothing() {
    let f = Fixture::new().await;
    let done = run(&f, &request(1, 1), Command::Write(vec![])).await.unwrap();
    assert_eq!((done.version, done.position, done.recorded_at), (0, 0, None));
    assert!(f.everything().await.is_empty());
}

#[tokio::test]
async fn a_rejection_appends_nothing() {
    let f = Fixture::new().await;
    run(&f, &request(1, 1), Command::Close).await.unwrap();
    let refused = run(&f, &request(2, 1), Command::Write(vec!["late"])).await.unwrap_err();
    assert!(matches!(refused, ExecuteError::Rejected(Rejection::Closed)), "{refused:?}");
    assert_eq!(f.everything().await.len(), 1);
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_whatever_came_between() {
    let f = Fixture::new().await;
    run(&f, &request(1, 1), Command::Write(vec!["zero"])).await.unwrap();
    let first = run(&f, &request(2, 1), Command::Write(vec!["one", "two"])).await.unwrap();
    run(&f, &request(3, 1), Command::Write(vec!["three"])).await.unwrap();
    run(&f, &request(4, 1), Command::Close).await.unwrap();

    // The command would be refused by now, and the caller's version is long gone.
    let again = Cause { expected_version: Some(1), ..request(2, 1) };
    let repeated = run(&f, &again, Command::Write(vec!["one", "two"])).await.unwrap();
    assert!(repeated.repeated);
    assert_eq!(repeated.state, first.state);
    assert_eq!(repeated.events, first.events);
    assert_eq!(
        (repeated.version, repeated.position, repeated.recorded_at),
        (first.version, first.position, first.recorded_at)
    );
    assert_eq!(f.everything().await.len(), 5);
}

#[tokio::test]
async fn a_request_id_is_good_for_one_request() {
    let f = Fixture::new().await;
    run(&f, &request(1, 1), Command::Write(vec!["a"])).await.unwrap();
    let reused = run(&f, &request(1, 2), Command::Write(vec!["b"])).await.unwrap_err();
    assert!(matches!(reused, ExecuteError::RequestIdReused), "{reused:?}");
    assert_eq!(f.everything().await.len(), 1);
}

#[tokio::test]
async fn fifty_of_the_same_request_at_once_get_fifty_equal_answers() {
    let f = Fixture::new().await;
    let same = request(1, 1);
    let answers = join_all((0..50).map(|_| run(&f, &same, Command::Write(vec!["a"])))).await;
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!((answer.version, answer.position), (1, 1));
        assert_eq!(answer.state.lines, ["a"]);
    }
    assert_eq!(f.everything().await.len(), 1);
}

#[tokio::test]
async fn a_redelivered_event_causes_nothing_new() {
    let f = Fixture::new().await;
    let foreign = crate::fixture::stream();
    f.append_one(&foreign, 0).await;
    f.append_one(&foreign, 1).await;
    let events = f.everything().await;
    let first = Cause::reaction(&events[0], "routing").unwrap();
    let second = Cause::reaction(&events[1], "routing").unwrap();
    assert_eq!(first.causation_id, Some(events[0].event_id));
    assert_eq!(first.occurred_at, events[0].occurred_at);
    assert_eq!(first.correlation_id, cause().correlation_id);

    assert!(!run(&f, &first, Command::Write(vec!["a"])).await.unwrap().repeated);
    assert!(!run(&f, &second, Command::Write(vec!["b"])).await.unwrap().repeated);
    let again = run(&f, &first, Command::Write(vec!["a"])).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.state.lines, ["a"]);
    assert_eq!(f.everything().await.len(), 4);
}

#[tokio::test]
async fn a_caller_may_insist_on_the_version_it_has_seen() {
    let f = Fixture::new().await;
    run(&f, &request(1, 1), Command::Write(vec!["a"])).await.unwrap();
    let stale = run(&f, &Cause { expected_version: Some(0), ..request(2, 1) }, Command::Close)
        .await
        .unwrap_err();
    assert!(matches!(stale, ExecuteError::VersionMismatch { current: 1 }), "{stale:?}");
    run(&f, &Cause { expected_version: Some(1), ..request(3, 1) }, Command::Close).await.unwrap();
}

#[tokio::test]
async fn lost_races_are_decided_anew() {
    let f =
        Fixture::with(Settings { execute_attempts: 100, ..testkit::settings("eventlog") }).await;
    let requests: Vec<_> = (0..32).map(|n| request(n, 1)).collect();
    let all = requests.iter().map(|request| run(&f, request, Command::Write(vec!["line"])));
    let mut versions: Vec<_> =
        join_all(all).await.into_iter().map(|done| done.unwrap().version).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=32).collect::<Vec<_>>());
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn races_are_lost_a_bounded_number_of_times() {
    let f = Fixture::with(Settings { execute_attempts: 1, ..testkit::settings("eventlog") }).await;
    let requests: Vec<_> = (0..32).map(|n| request(n, 1)).collect();
    let all = requests.iter().map(|request| run(&f, request, Command::Write(vec!["line"])));
    let verdicts = join_all(all).await;
    let done = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
    assert!(done >= 1);
    assert!(
        verdicts.iter().all(|verdict| matches!(verdict, Ok(_) | Err(ExecuteError::Conflict))),
        "{verdicts:?}"
    );
    assert_eq!(f.everything().await.len(), done);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_named() {
    let f = Fixture::new().await;
    let stream = eventlog::StreamId::new("page", PAGE);
    f.append_one(&stream, 0).await;
    let error = load::<Page>(&f.log, &f.tenant, PAGE).await.unwrap_err();
    assert!(matches!(error, eventlog::Error::Corrupt { position: 1, .. }), "{error:?}");
}
