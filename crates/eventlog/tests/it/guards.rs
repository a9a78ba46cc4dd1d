//! A decision that rests on other streams is appended only while they stay as they were read.
use eventlog::{AppendError, Cause, ExecuteError, Guard, StreamId, execute};
use uuid::Uuid;

use crate::fixture::{Fixture, cause, stream};
use crate::page::{Command, Page};

fn resting_on(stream: &StreamId, version: u32) -> Cause {
    Cause { guards: vec![Guard { stream: stream.clone(), version }], ..cause() }
}

async fn write(f: &Fixture, id: Uuid, cause: &Cause) -> Result<u64, AppendError> {
    let command = Command::Write(vec!["line"]);
    match execute::<Page>(&f.log, &f.tenant, id, cause, &command).await {
        Ok(executed) => Ok(executed.position),
        Err(ExecuteError::Append(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_rests_on_a_stream_that_has_gone_on_is_refused() {
    let f = Fixture::new().await;
    let other = stream();
    write(&f, Uuid::now_v7(), &resting_on(&other, 0)).await.unwrap();
    f.append_one(&other, 0).await;
    let moved = write(&f, Uuid::now_v7(), &resting_on(&other, 0)).await;
    assert!(matches!(moved, Err(AppendError::Moved)), "{moved:?}");
    assert_eq!(f.log.head(f.tenant.partition).await.unwrap(), 2);
    write(&f, Uuid::now_v7(), &resting_on(&other, 1)).await.unwrap();
}

#[tokio::test]
async fn of_two_that_rest_on_each_other_one_is_appended() {
    let f = Fixture::new().await;
    let at = |id| StreamId::new("page", id);
    for _ in 0..20 {
        let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
        let (on_b, on_a, own) = (resting_on(&at(b), 0), resting_on(&at(a), 0), cause());
        // At once, so that the writer finds them together in its queue, with a neighbour.
        let (first, second, neighbour) =
            tokio::join!(write(&f, a, &on_b), write(&f, b, &on_a), write(&f, Uuid::now_v7(), &own));
        neighbour.unwrap();
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let refused = first.and(second).unwrap_err();
        assert!(matches!(refused, AppendError::Moved), "{refused:?}");
    }
}
