//! Several reactions in one append are what they would have been one after the other.
use eventlog::{Cause, ExecuteError, create, execute, execute_together, load};
use uuid::Uuid;

use crate::fixture::{Fixture, assert_in_order, cause};
use crate::page::{Command, PAGE, Page, Rejection};

fn event(id: u128) -> Cause {
    Cause { causation_id: Some(Uuid::from_u128(id)), ..cause() }
}

fn line(id: u128, line: &'static str) -> (Cause, Command) {
    (event(id), Command::Write(vec![line]))
}

async fn together(
    f: &Fixture,
    begins: bool,
    steps: &[(Cause, Command)],
) -> Result<(), ExecuteError<Rejection>> {
    execute_together::<Page>(&f.log, &f.tenant, PAGE, begins, steps).await
}

async fn lines(f: &Fixture) -> Vec<String> {
    load::<Page>(&f.log, &f.tenant, PAGE).await.unwrap().state.lines
}

#[tokio::test]
async fn every_event_has_its_own_cause_and_all_share_a_batch() {
    let f = Fixture::new().await;
    together(&f, true, &[line(1, "a"), line(2, "b")]).await.unwrap();
    together(&f, false, &[line(3, "c"), line(4, "d")]).await.unwrap();
    assert_eq!(lines(&f).await, ["a", "b", "c", "d"]);
    let events = f.everything().await;
    assert_in_order(&events);
    for (event, cause) in events.iter().zip(1_u128..) {
        let metadata = event.metadata().unwrap();
        assert_eq!(metadata.causation_id, Uuid::from_u128(cause).to_string());
    }
    assert_eq!(events[0].recorded_at, events[1].recorded_at);
    assert_eq!(f.log.verify(f.tenant.partition).await.unwrap().batches, 2);
}

#[tokio::test]
async fn what_was_done_before_is_left_to_be_found_one_by_one() {
    let f = Fixture::new().await;
    let steps = [line(1, "a"), line(2, "b")];
    together(&f, true, &steps).await.unwrap();
    // The same events at the same place are the same append.
    together(&f, true, &steps).await.unwrap();
    let again = together(&f, false, &steps).await;
    assert!(matches!(again, Err(ExecuteError::Conflict)), "{again:?}");
    assert_eq!(f.everything().await.len(), 2);
    // Another process has done the second of them only.
    let other = f.other_log().await;
    let half = [line(3, "c"), line(4, "d")];
    execute::<Page>(&other, &f.tenant, PAGE, &half[1].0, &half[1].1).await.unwrap();
    let again = together(&f, false, &half).await;
    assert!(matches!(again, Err(ExecuteError::Conflict)), "{again:?}");
    for (cause, command) in &half {
        create::<Page>(&f.log, &f.tenant, PAGE, cause, command).await.unwrap();
    }
    assert_eq!(lines(&f).await, ["a", "b", "d", "c"]);
}

#[tokio::test]
async fn a_rule_against_one_of_them_leaves_all_undone() {
    let f = Fixture::new().await;
    let steps = [line(1, "a"), (event(2), Command::Close), line(3, "b")];
    let refused = together(&f, true, &steps).await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::Closed))));
    assert!(f.everything().await.is_empty());
}

#[tokio::test]
async fn what_changes_nothing_is_decided_on_what_is_there() {
    let f = Fixture::new().await;
    together(&f, true, &[line(1, "a"), line(2, "b")]).await.unwrap();
    let other = f.other_log().await;
    execute::<Page>(&other, &f.tenant, PAGE, &event(3), &Command::Close).await.unwrap();
    // Remembered as open, nothing would follow from writing nothing; it is closed by now.
    let nothing = (event(4), Command::Write(vec![]));
    let refused = together(&f, false, &[nothing.clone(), nothing]).await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::Closed))), "{refused:?}");
}
