//! What becomes of attempts that do not succeed at once.
use std::time::Duration;

use domain::notice::{Command, Notice as Aggregate};
use eventlog::{Actor, Cause};
use notification::{Delay, OnUnknown};
use testkit::{Failure, Stage, eventually};
use uuid::Uuid;
use wire::common::v1::ActorKind;
use wire::notification::v1::{NoticeState, ReleaseNoticeRequest};

use crate::mail::Letter;
use crate::world::{World, by};
use chassis::rpc::Role;

fn reply(at: Stage, code: u16) -> Failure {
    Failure::Reply { at, code, text: "not now" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_deferred_is_tried_again() {
    let world = World::new().await;
    world.smtp.fail_next(1, reply(Stage::Rcpt, 451));
    world.smtp.fail_next(1, reply(Stage::Data, 452));
    let id = world.ticket("pl").await;
    let notice = world.only_notice(id, NoticeState::Sent).await;
    assert_eq!((notice.attempts, notice.unknown_attempts), (3, 0));
    assert_eq!(notice.last_error, "SMTP_452");
    assert_eq!(world.smtp.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_about_a_ticket_leaves_in_that_order_unless_it_would_wait_for_long() {
    let told = async |failures: usize| {
        let world = World::with(|config| {
            // Every mail has its session, so that the failures are those of the first one.
            config.email.idle_timeout = Duration::ZERO;
            let retry = [400, 400, 3_600_000].map(|delay| Delay(Duration::from_millis(delay)));
            config.email.attempts.retry = retry.into();
        })
        .await;
        let id = world.ticket("pl").await;
        world.letters(1).await;
        world.smtp.fail_next(failures, reply(Stage::Rcpt, 451));
        world.reply(id, "the first").await;
        world.reply(id, "the second").await;
        world.letters(2).await[1].text.contains("the first")
    };
    assert!(told(2).await, "it waits for the first retries");
    assert!(!told(3).await, "it does not wait for an hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_stopped_begins_nothing_more_and_gives_back_what_was_claimed() {
    let mut world = World::new().await;
    world.agent("ania", "pl").await;
    let id = world.ticket("pl").await;
    world.letters(1).await;
    // The mail is being prepared when the service is told to stop.
    let mut lock = world.db.pool().begin().await.unwrap();
    let table = "lock table notification.agents in access exclusive mode";
    sqlx::query(table).execute(&mut *lock).await.unwrap();
    world.assign(id, "ania").await;
    eventually(|| async {
        let waits = "select exists (select from pg_locks where not granted
                        and relation = 'notification.agents'::regclass)";
        sqlx::query_scalar::<_, bool>(waits).fetch_one(world.db.pool()).await.unwrap()
    })
    .await;
    let pool = world.db.pool().clone();
    tokio::join!(world.stop(), async { lock.rollback().await.unwrap() });
    assert_eq!(world.smtp.messages().len(), 1);
    let left: (i32, bool) = sqlx::query_as(
        "select attempts, claimed_until <= now() from notification.notices
          where next_attempt_at is not null",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(left, (0, true), "not attempted, and anybody's to take");
    world.start().await;
    world.letters(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_delays_between_attempts_are_those_configured() {
    let world = World::with(|config| {
        config.email.attempts.retry = vec![Delay(Duration::from_secs(3600))];
    })
    .await;
    world.smtp.fail_next(1, reply(Stage::Rcpt, 451));
    let id = world.ticket("pl").await;
    let notice = eventually(|| async {
        let notice = world.notices(id).await.pop()?;
        (notice.last_error == "SMTP_451").then_some(notice)
    })
    .await;
    assert_eq!(notice.state(), NoticeState::Scheduled);
    let due = notice.next_attempt_at.unwrap().seconds - world.log.now().await.unwrap().as_second();
    assert!((3590..=3600).contains(&due), "{due}");
    assert!(world.smtp.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_refused_for_good_is_given_up_at_once() {
    let world = World::new().await;
    world.smtp.fail(reply(Stage::Rcpt, 550));
    let id = world.ticket("pl").await;
    let notice = world.only_notice(id, NoticeState::Failed).await;
    assert_eq!((notice.attempts, notice.last_error.as_str()), (1, "SMTP_550"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_our_own_sake_is_tried_again() {
    // Every mail has its session, so that it meets the failures.
    let world = World::with(|config| config.email.idle_timeout = Duration::ZERO).await;
    let listed = "5.7.1 Service unavailable; client host [192.0.2.1] blocked";
    let refused = |at, text| Failure::Reply { at, code: 550, text };
    world.smtp.fail_next(1, refused(Stage::Mail, "5.1.8 sender address rejected"));
    world.smtp.fail_next(1, refused(Stage::Rcpt, listed));
    let id = world.ticket("pl").await;
    let notice = world.only_notice(id, NoticeState::Sent).await;
    assert_eq!((notice.attempts, notice.last_error.as_str()), (3, "SMTP_550"));
    world.smtp.fail(refused(Stage::Rcpt, "5.1.1 no such mailbox"));
    let notice = world.only_notice(world.ticket("pl").await, NoticeState::Failed).await;
    assert_eq!(notice.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_delay_it_is_given_up_and_can_be_released() {
    let world = World::new().await;
    world.smtp.fail(reply(Stage::Connect, 421));
    let id = world.ticket("pl").await;
    let notice = world.only_notice(id, NoticeState::Failed).await;
    assert_eq!((notice.attempts, notice.last_error.as_str()), (6, "SMTP_421"));
    world.smtp.recover();
    release(&world, &notice.notice_id).await;
    assert_eq!(world.only_notice(id, NoticeState::Sent).await.attempts, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_was_away_gets_everything_once_it_is_back() {
    let world = World::with(|config| {
        config.email.attempts.retry = vec![Delay(Duration::from_millis(20)); 1000];
    })
    .await;
    world.smtp.close().await;
    let mut tickets = Vec::new();
    for _ in 0..5 {
        tickets.push(world.ticket("pl").await);
    }
    for id in &tickets {
        eventually(|| async { world.notices(*id).await.first().is_some_and(|n| n.attempts > 1) })
            .await;
    }
    world.smtp.open().await;
    for id in &tickets {
        world.only_notice(*id, NoticeState::Sent).await;
    }
    assert_eq!(world.smtp.messages().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_unknown_and_the_same_mail_is_sent_again() {
    let world = World::new().await;
    world.smtp.fail_next(1, Failure::CutAfterData);
    let id = world.ticket("pl").await;
    let notice = world.only_notice(id, NoticeState::Sent).await;
    assert_eq!((notice.attempts, notice.unknown_attempts), (2, 1));
    let mails = world.smtp.messages();
    let ids: Vec<_> = mails.iter().map(|mail| Letter::read(mail).header("message-id")).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert!(ids[0].contains(&notice.notice_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_held_where_so_configured_until_somebody_releases_it() {
    let world = World::with(|config| config.email.attempts.on_unknown = OnUnknown::Hold).await;
    world.smtp.fail_next(1, Failure::CutAfterData);
    let id = world.ticket("pl").await;
    let notice = world.only_notice(id, NoticeState::Unknown).await;
    assert_eq!((notice.attempts, notice.unknown_attempts), (1, 1));
    assert_eq!(notice.last_error, "SMTP_CUT");
    assert!(notice.next_attempt_at.is_none());
    assert_eq!(world.smtp.messages().len(), 1);
    release(&world, &notice.notice_id).await;
    world.only_notice(id, NoticeState::Sent).await;
}

async fn release(world: &World, notice_id: &str) {
    let request = ReleaseNoticeRequest {
        request_id: Uuid::now_v7().to_string(),
        notice_id: notice_id.to_owned(),
    };
    world.client.clone().release_notice(by(Role::Agent, request)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_connections_to_the_mail_server_than_it_is_to_have() {
    let world = World::with(|config| config.email.attempts.connections = 1).await;
    world.smtp.fail(Failure::Tarpit(Duration::from_millis(20)));
    for _ in 0..6 {
        world.ticket("pl").await;
    }
    world.letters(6).await;
    assert_eq!(world.smtp.attempts(), 1);
}

/// The process died between the beginning of an attempt and its end.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_process_is_gone_is_found_and_resent() {
    let mut world = World::with(|config| {
        config.email.attempts.retry = vec![Delay(Duration::from_millis(1)); 2];
        config.email.connect_timeout = Duration::from_millis(200);
        config.email.send_timeout = Duration::from_millis(200);
        config.email.attempts.lost_after = Duration::from_millis(500);
        config.email.attempts.concurrency = 1;
        config.ack_grace = Duration::from_secs(3600);
    })
    .await;
    let id = world.ticket("pl").await;
    let notice = world.only_notice(id, NoticeState::Scheduled).await;
    world.stop().await;
    let notice_id: Uuid = notice.notice_id.parse().unwrap();
    let at = world.soon().await;
    let cause = Cause {
        actor: Actor { kind: ActorKind::System, id: "gone".into(), role: "system".into() },
        request: None,
        causation_id: None,
        correlation_id: id,
        traceparent: None,
        occurred_at: at,
        expected_version: None,
        follows: None,
        guards: Vec::new(),
        historical: false,
    };
    // Its clock was far ahead, so that its attempt may begin; it began long ago by ours.
    let begin = Command::BeginAttempt { at };
    eventlog::execute::<Aggregate>(&world.log, &world.tenant, notice_id, &cause, &begin)
        .await
        .unwrap();
    world.start().await;
    world.only_notice(id, NoticeState::Attempting).await;
    sqlx::query("update notification.notices set attempted_at = now() - interval '1 hour'")
        .execute(world.db.pool())
        .await
        .unwrap();
    let notice = world.only_notice(id, NoticeState::Sent).await;
    assert_eq!((notice.attempts, notice.unknown_attempts), (2, 1));
    assert_eq!(notice.last_error, "ATTEMPT_LOST");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_come_again_send_nothing_again() {
    let mut world = World::new().await;
    world.agent("agent-7", "pl").await;
    let id = world.ticket("pl").await;
    world.assign(id, "agent-7").await;
    world.reply(id, "Odpowiedź").await;
    world.letters(3).await;
    eventually(|| async {
        let notices = world.notices(id).await;
        notices.len() == 3 && notices.iter().all(|notice| notice.state() == NoticeState::Sent)
    })
    .await;
    world.caught_up().await;
    let before = world.notices(id).await;
    let head = world.log.head(world.tenant.partition).await.unwrap();
    world.stop().await;
    // From the beginning: read model and reactions.
    for statement in [
        "truncate notification.notices, notification.ticket_facts, notification.agents",
        "update notification.subscription_cursor set position = 0, reaction_position = 0",
    ] {
        sqlx::raw_sql(statement).execute(world.db.pool()).await.unwrap();
    }
    world.start().await;
    world.caught_up().await;
    assert_eq!(world.notices(id).await, before);
    assert_eq!(world.log.head(world.tenant.partition).await.unwrap(), head);
    assert_eq!(world.smtp.messages().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_cause_makes_one_notice_whoever_reacts() {
    let mut world = World::new().await;
    let id = world.ticket("pl").await;
    world.letters(1).await;
    world.caught_up().await;
    world.stop().await;
    // Two processes that both believe they are first.
    sqlx::raw_sql("update notification.subscription_cursor set reaction_position = 0")
        .execute(world.db.pool())
        .await
        .unwrap();
    world.start().await;
    world.reply(id, "Jeszcze raz").await;
    world.letters(2).await;
    world.caught_up().await;
    assert_eq!(world.notices(id).await.len(), 2);
    assert_eq!(world.smtp.messages().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_makes_the_same_delivery_log_and_sends_nothing() {
    let world = World::new().await;
    world.smtp.fail_next(1, Failure::CutAfterData);
    let id = world.ticket("pl").await;
    world.only_notice(id, NoticeState::Sent).await;
    world.reply(id, "Odpowiedź").await;
    eventually(|| async {
        let notices = world.notices(id).await;
        notices.len() == 2 && notices.iter().all(|notice| notice.state() == NoticeState::Sent)
    })
    .await;
    world.caught_up().await;
    let (before, sent) = (world.notices(id).await, world.smtp.messages().len());
    let rebuilt = eventlog::subscription::rebuild::rebuild(
        &world.log,
        &world.db.options(),
        "notification",
        eventlog::migrate::migrator("notification"),
        std::sync::Arc::new(notification::projection()),
        &testkit::settings("subscription"),
    )
    .await
    .unwrap();
    assert_eq!(rebuilt.parked, 0);
    assert_eq!(world.notices(id).await, before);
    // The service goes on in the new tables.
    let next = world.ticket("pl").await;
    world.only_notice(next, NoticeState::Sent).await;
    assert_eq!(world.smtp.messages().len(), sent + 1);
}
