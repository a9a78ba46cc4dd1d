//! What follows from an event is appended only where the log holds that event.
use eventlog::{AppendError, Cause, ExecuteError, Place, execute};
use uuid::Uuid;

use crate::fixture::{Fixture, cause, stream};
use crate::page::{Command, Page};

fn following(place: Place) -> Cause {
    let causation_id = Some(place.event_id);
    Cause { causation_id, follows: Some(place), ..cause() }
}

async fn write(f: &Fixture, cause: &Cause) -> Result<u64, AppendError> {
    let (id, command) = (Uuid::now_v7(), Command::Write(vec!["line"]));
    match execute::<Page>(&f.log, &f.tenant, id, cause, &command).await {
        Ok(executed) => Ok(executed.position),
        Err(ExecuteError::Append(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_follows_from_an_event_that_the_log_has_not_is_refused() {
    let f = Fixture::new().await;
    f.append_one(&stream(), 0).await;
    let event = f.log.read_partition(f.tenant.partition, 0, 1).await.unwrap().remove(0);
    let known = event.place();
    for foreign in [
        Place { position: 2, ..known },
        Place { event_id: Uuid::now_v7(), ..known },
        Place { position: 0, event_id: Uuid::nil() },
    ] {
        let refused = write(&f, &following(foreign)).await;
        assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{foreign:?}: {refused:?}");
    }
    assert_eq!(f.log.head(f.tenant.partition).await.unwrap(), 1);
    assert_eq!(write(&f, &following(known)).await.unwrap(), 2);
}

#[tokio::test]
async fn those_who_share_a_batch_with_it_are_appended() {
    let f = Fixture::new().await;
    f.append_one(&stream(), 0).await;
    let event = f.log.read_partition(f.tenant.partition, 0, 1).await.unwrap().remove(0);
    let known = following(event.place());
    let foreign = following(Place { position: 99, event_id: Uuid::now_v7() });
    let own = cause();
    // At once, so that the writer finds them together in its queue.
    let all = (0..60).map(|n| match n % 3 {
        0 => write(&f, &foreign),
        1 => write(&f, &own),
        _ => write(&f, &known),
    });
    let verdicts = futures::future::join_all(all).await;
    for (n, verdict) in verdicts.into_iter().enumerate() {
        match n % 3 {
            0 => assert!(matches!(verdict, Err(AppendError::Unavailable(_))), "{verdict:?}"),
            _ => assert!(verdict.is_ok(), "{verdict:?}"),
        }
    }
}
