//! A stream that somebody keeps: read on, never whole, and never wrong.
use eventlog::{Cause, ExecuteError, Executed, Kept, Log, RequestId, Tenant, execute_kept};
use uuid::Uuid;

use crate::fixture::{Fixture, assert_in_order, cause};
use crate::page::{Command, PAGE, Page, Rejection};

/// More events than a page of a stream has.
const MANY: usize = 2_001;

fn request(id: u128) -> Cause {
    let request = RequestId { id: Uuid::from_u128(id), fingerprint: [7; 16] };
    Cause { request: Some(request), ..cause() }
}

type Outcome = Result<Executed<Page>, ExecuteError<Rejection>>;

async fn run(
    log: &Log,
    tenant: &Tenant,
    id: u128,
    kept: &mut Kept<Page>,
    does: Command,
) -> Outcome {
    execute_kept(log, tenant, PAGE, &request(id), &does, kept).await
}

async fn write(f: &Fixture, id: u128, kept: &mut Kept<Page>, line: &'static str) -> Executed<Page> {
    run(&f.log, &f.tenant, id, kept, Command::Write(vec![line])).await.unwrap()
}

#[tokio::test]
async fn a_long_stream_is_read_in_pages_and_then_only_on() {
    let f = Fixture::new().await;
    let (mut writer, mut reader) = (Kept::<Page>::default(), Kept::<Page>::default());
    let first = write(&f, 1, &mut writer, "first").await;
    for (place, lines) in vec!["x"; MANY - 1].chunks(500).enumerate() {
        let id = 2 + place as u128;
        run(&f.log, &f.tenant, id, &mut writer, Command::Write(lines.to_vec())).await.unwrap();
    }
    reader.refresh(&f.log, &f.tenant, PAGE).await.unwrap();
    assert_eq!(reader.loaded().state, writer.loaded().state);
    assert_eq!(reader.loaded().version as usize, MANY);

    // What others append is seen, also by whoever decides.
    write(&f, 90, &mut writer, "y").await;
    let done = write(&f, 91, &mut reader, "z").await;
    assert_eq!(done.state.lines[MANY - 1..], ["x", "y", "z"]);
    // A repetition is answered as the first time, whoever of them has it and however long ago.
    let again = write(&f, 1, &mut reader, "first").await;
    assert!(again.repeated);
    assert_eq!((again.version, again.state), (first.version, first.state));
    assert_eq!(f.everything().await.len(), MANY + 2);
    assert_in_order(&f.everything().await);
}

#[tokio::test]
async fn a_rule_decides_on_what_others_appended_and_a_reused_request_is_refused() {
    let f = Fixture::new().await;
    let (mut one, mut other) = (Kept::<Page>::default(), Kept::<Page>::default());
    write(&f, 1, &mut one, "a").await;
    run(&f.log, &f.tenant, 2, &mut other, Command::Close).await.unwrap();
    let refused = run(&f.log, &f.tenant, 3, &mut one, Command::Write(vec!["b"])).await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::Closed))));
    let id = RequestId { id: Uuid::from_u128(1), fingerprint: [8; 16] };
    let reused = Cause { request: Some(id), ..cause() };
    let does = Command::Write(vec!["c"]);
    let refused = execute_kept(&f.log, &f.tenant, PAGE, &reused, &does, &mut one).await;
    assert!(matches!(refused, Err(ExecuteError::RequestIdReused)));
}

#[tokio::test]
async fn what_a_failover_has_lost_is_forgotten() {
    let f = Fixture::new().await;
    let mut kept = Kept::<Page>::default();
    write(&f, 1, &mut kept, "kept").await;
    write(&f, 2, &mut kept, "lost").await;
    for lost in [
        "delete from log.event where position = 2",
        "delete from log.batch where last_position = 2",
    ] {
        sqlx::query(lost).execute(f.admin()).await.unwrap();
    }
    kept.refresh(&f.log, &f.tenant, PAGE).await.unwrap();
    assert_eq!(kept.loaded().state.lines, ["kept"]);
    assert_eq!(kept.loaded().version, 1);
}
