//! What a notice may and may not do.
#![allow(clippy::unwrap_used)]
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::time;
use proptest::prelude::*;
use uuid::Uuid;

mod proof;

use super::*;
use crate::ids::{NoticeId, TicketId};
use crate::priority::Channel;
use crate::quiet_hours::QuietHours;
use crate::spec::given;

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_800_000_000 + second, 0).unwrap()
}

fn scheduled() -> Scheduled {
    Scheduled {
        notice_id: NoticeId(Uuid::from_u128(1)),
        key: "REPLY/t/p/m".into(),
        purpose: Purpose::Reply,
        audience: Audience::Customer,
        recipient: "party-1".into(),
        channel: Channel::Email,
        template_id: "reply".into(),
        template_version: 1,
        locale: "pl".into(),
        send_at: at(0),
        deferred: false,
        cause_event_id: Uuid::from_u128(2),
        cause_position: 7,
        ticket_id: Some(TicketId(Uuid::from_u128(3))),
        message_id: None,
    }
}

fn suppressed(reason: SuppressionReason) -> Suppressed {
    let scheduled = scheduled();
    Suppressed {
        notice_id: scheduled.notice_id,
        key: scheduled.key,
        purpose: scheduled.purpose,
        audience: scheduled.audience,
        recipient: scheduled.recipient,
        channel: scheduled.channel,
        reason,
        cause_event_id: scheduled.cause_event_id,
        ticket_id: scheduled.ticket_id,
        message_id: scheduled.message_id,
    }
}

fn retry() -> Retry {
    Retry { delays: vec![Duration::from_secs(60), Duration::from_secs(300)], ..Retry::default() }
}

fn attempted(attempt_no: u32, second: i64) -> Event {
    Event::Attempted { notice_id: scheduled().notice_id, attempt_no, at: at(second) }
}

fn fail(attempt_no: u32, kind: FailureKind, second: i64, on_unknown: UnknownPolicy) -> Command {
    Command::RecordFailure {
        attempt_no,
        code: "X".into(),
        kind,
        at: at(second),
        retry: retry(),
        on_unknown,
    }
}

fn sent(attempt_no: u32, second: i64) -> Command {
    Command::RecordSent {
        attempt_no,
        provider_ref: "250".into(),
        at: at(second),
        content_sha256: [1; 32],
        bounce_window: Duration::from_secs(900),
    }
}

fn failed(permanent: bool, unknown: bool, next: Option<i64>) -> Event {
    Event::Failed(Failed {
        notice_id: scheduled().notice_id,
        permanent,
        code: "X".into(),
        outcome_unknown: unknown,
        next_attempt_at: next.map(at),
        purpose: Some(scheduled().purpose),
        ticket_id: scheduled().ticket_id,
        message_id: scheduled().message_id,
    })
}

fn known(events: impl IntoIterator<Item = Event>) -> crate::spec::Given<Notice> {
    given([Event::Scheduled(scheduled())].into_iter().chain(events))
}

#[test]
fn a_second_notice_with_the_same_key_is_refused() {
    known([]).when(Command::Schedule(scheduled())).then_rejected(Rejection::AlreadyMade);
    given::<Notice>([Event::Suppressed(suppressed(SuppressionReason::SelfCaused))])
        .when(Command::Schedule(scheduled()))
        .then_rejected(Rejection::AlreadyMade);
}

#[test]
fn an_attempt_begins_only_when_it_is_due() {
    known([]).when(Command::BeginAttempt { at: at(-1) }).then_rejected(Rejection::NotDue);
    known([]).when(Command::BeginAttempt { at: at(0) }).then([attempted(1, 0)]);
}

#[test]
fn a_confirmation_of_receipt_may_leave_before_its_time_but_is_not_repeated_before_it() {
    let ack = || Event::Scheduled(Scheduled { purpose: Purpose::Ack, ..scheduled() });
    given::<Notice>([ack()]).when(Command::BeginAttempt { at: at(-1) }).then([attempted(1, -1)]);
    let failed = fail(1, FailureKind::Transient, 0, UnknownPolicy::Resend);
    let events = Notice::decide(&Notice::fold(&[ack(), attempted(1, -1)]), &failed).unwrap();
    given::<Notice>([ack(), attempted(1, -1)].into_iter().chain(events))
        .when(Command::BeginAttempt { at: at(59) })
        .then_rejected(Rejection::NotDue);
}

#[test]
fn a_confirmation_that_waits_for_the_end_of_quiet_hours_does_not_leave_before_it() {
    let ack = Scheduled { purpose: Purpose::Ack, deferred: true, ..scheduled() };
    given::<Notice>([Event::Scheduled(ack)])
        .when(Command::BeginAttempt { at: at(-1) })
        .then_rejected(Rejection::NotDue);
}

#[test]
fn two_attempts_never_run_at_once() {
    known([attempted(1, 0)])
        .when(Command::BeginAttempt { at: at(999) })
        .then_rejected(Rejection::NotWaiting);
}

#[test]
fn a_transient_failure_is_tried_again_after_its_delay() {
    known([attempted(1, 0)])
        .when(fail(1, FailureKind::Transient, 5, UnknownPolicy::Hold))
        .then([failed(false, false, Some(65))]);
}

#[test]
fn jitter_and_the_servers_wish_move_the_next_attempt() {
    let command = |jitter_permille, not_before: Option<i64>| Command::RecordFailure {
        attempt_no: 1,
        code: "X".into(),
        kind: FailureKind::Transient,
        at: at(0),
        retry: Retry { jitter_permille, not_before: not_before.map(at), ..retry() },
        on_unknown: UnknownPolicy::Resend,
    };
    known([attempted(1, 0)]).when(command(100, None)).then([failed(false, false, Some(66))]);
    known([attempted(1, 0)]).when(command(0, Some(600))).then([failed(false, false, Some(600))]);
    known([attempted(1, 0)]).when(command(0, Some(10))).then([failed(false, false, Some(60))]);
}

#[test]
fn an_attempt_that_would_fall_into_quiet_hours_waits_for_their_end() {
    let warsaw = jiff::tz::TimeZone::get("Europe/Warsaw").unwrap();
    let night = QuietHours { from: time(21, 0, 0, 0), to: time(8, 0, 0, 0) };
    let next = |failed: &str, not_before: Option<&str>| {
        let command = Command::RecordFailure {
            attempt_no: 1,
            code: "X".into(),
            kind: FailureKind::Transient,
            at: failed.parse().unwrap(),
            retry: Retry {
                not_before: not_before.map(|at| at.parse().unwrap()),
                quiet: Some((night, warsaw.clone())),
                ..retry()
            },
            on_unknown: UnknownPolicy::Resend,
        };
        let events = known([attempted(1, 0)]).when(command).into_events();
        let Event::Failed(failed) = &events[0] else { panic!("{events:?}") };
        failed.next_attempt_at.unwrap().to_string()
    };
    assert_eq!(next("2026-06-09T18:58:59Z", None), "2026-06-09T18:59:59Z");
    assert_eq!(next("2026-06-09T18:59:00Z", None), "2026-06-10T06:00:00Z");
    // Also where the server does not want to be called before.
    let later = Some("2026-06-09T19:30:00Z");
    assert_eq!(next("2026-06-09T18:00:00Z", later), "2026-06-10T06:00:00Z");
}

#[test]
fn after_the_last_delay_it_is_given_up() {
    known([attempted(3, 0)])
        .when(fail(3, FailureKind::Transient, 5, UnknownPolicy::Resend))
        .then([failed(true, false, None)]);
    known([attempted(1, 0)])
        .when(fail(1, FailureKind::Permanent, 5, UnknownPolicy::Resend))
        .then([failed(true, false, None)]);
}

#[test]
fn an_unknown_outcome_is_resent_or_held_as_the_policy_says() {
    known([attempted(1, 0)])
        .when(fail(1, FailureKind::Unknown, 5, UnknownPolicy::Resend))
        .then([failed(false, true, Some(65))]);
    known([attempted(1, 0)])
        .when(fail(1, FailureKind::Unknown, 5, UnknownPolicy::Hold))
        .then([failed(false, true, None)]);
    let state = known([attempted(1, 0)])
        .and(fail(1, FailureKind::Unknown, 5, UnknownPolicy::Hold))
        .when(Command::Release { at: at(50) })
        .into_state();
    let delivery = state.delivery().unwrap().clone();
    assert_eq!(delivery.stage, Stage::Scheduled { due: at(50) });
    assert_eq!(delivery.unknown_attempts, 1);
}

#[test]
fn a_late_confirmation_counts_and_keeps_the_next_attempt_from_leaving() {
    known([attempted(1, 0), failed(false, true, Some(60))])
        .and(sent(1, 30))
        .when(Command::BeginAttempt { at: at(60) })
        .then_rejected(Rejection::NotWaiting);
}

#[test]
fn it_is_confirmed_at_most_once() {
    known([attempted(1, 0)]).and(sent(1, 1)).when(sent(1, 2)).then_rejected(Rejection::AlreadySent);
    known([attempted(1, 0)]).when(sent(2, 2)).then_rejected(Rejection::AttemptOver);
}

#[test]
fn it_can_be_withdrawn_only_before_its_first_attempt() {
    let command = || Command::Withdraw { reason: SuppressionReason::NoChannel };
    known([]).when(command()).then([Event::Suppressed(suppressed(SuppressionReason::NoChannel))]);
    known([attempted(1, 0)]).when(command()).then_rejected(Rejection::NotWaiting);
    known([attempted(1, 0), failed(false, false, Some(60))])
        .when(command())
        .then_rejected(Rejection::NotWaiting);
}

#[test]
fn only_a_held_or_failed_notice_is_released() {
    known([]).when(Command::Release { at: at(1) }).then_rejected(Rejection::NotReleasable);
    known([attempted(1, 0), failed(true, false, None)])
        .when(Command::Release { at: at(9) })
        .then([Event::Released { notice_id: scheduled().notice_id, due: at(9) }]);
}

#[test]
fn a_released_notice_has_all_its_retries_again() {
    let released = || Event::Released { notice_id: scheduled().notice_id, due: at(600) };
    let given_up = || [attempted(3, 0), failed(true, false, None), released(), attempted(4, 600)];
    let transient = |attempt_no, second| {
        fail(attempt_no, FailureKind::Transient, second, UnknownPolicy::Resend)
    };
    known(given_up()).when(transient(4, 600)).then([failed(false, false, Some(660))]);
    let again = || [failed(false, false, Some(660)), attempted(5, 660)];
    known(given_up().into_iter().chain(again())).when(transient(5, 660)).then([failed(
        false,
        false,
        Some(960),
    )]);
    let last = [failed(false, false, Some(960)), attempted(6, 960)];
    known(given_up().into_iter().chain(again()).chain(last))
        .when(transient(6, 960))
        .then([failed(true, false, None)]);
}

#[test]
fn a_key_makes_one_id_per_tenant() {
    let key = Key { purpose: Purpose::Ack, subject: "t", recipient: "p", cycle: "1" };
    assert_eq!(key.notice_id("acme"), key.notice_id("acme"));
    assert_ne!(key.notice_id("acme"), key.notice_id("other"));
    assert_eq!(key.to_string(), "ACK/t/p/1");
}

fn any_command() -> impl Strategy<Value = Command> {
    let kind = prop_oneof![
        Just(FailureKind::Permanent),
        Just(FailureKind::Transient),
        Just(FailureKind::Unknown)
    ];
    let policy = prop_oneof![Just(UnknownPolicy::Resend), Just(UnknownPolicy::Hold)];
    prop_oneof![
        Just(Command::Schedule(scheduled())),
        Just(Command::Suppress(suppressed(SuppressionReason::SelfCaused))),
        Just(Command::Withdraw { reason: SuppressionReason::NoChannel }),
        (0i64..2000).prop_map(|s| Command::BeginAttempt { at: at(s) }),
        (0u32..5, 0i64..2000).prop_map(|(n, s)| sent(n, s)),
        (0u32..5, kind, 0i64..2000, policy).prop_map(|(n, k, s, p)| fail(n, k, s, p)),
        (0i64..2000).prop_map(|s| Command::Release { at: at(s) }),
        (0i64..4000).prop_map(|s| Command::ConfirmDelivery { at: at(s) }),
        (0i64..2000).prop_map(|s| Command::RecordDelivery { evidence: Evidence::Api, at: at(s) }),
        (0i64..2000)
            .prop_map(|s| Command::RecordDelivery { evidence: Evidence::PostReceipt, at: at(s) }),
        (0i64..2000)
            .prop_map(|s| Command::RecordDelivery { evidence: Evidence::Tracking, at: at(s) }),
        Just(Command::RecordBounce { code: "DSN_5.1.1".into() }),
    ]
}

proptest! {
    /// Whatever is asked in whatever order: at most one confirmation unless the mail came back,
    /// at most one attempt at a time, every failure belongs to the attempt that ran or to what
    /// was sent, and one delivery at a time.
    #[test]
    fn no_order_of_commands_confirms_twice(
        commands in prop::collection::vec(any_command(), 0..60),
    ) {
        let mut state = State::default();
        let (mut confirmed, mut running, mut delivered) = (0, false, 0);
        for command in &commands {
            let Ok(events) = Notice::decide(&state, command) else { continue };
            prop_assert!(!events.is_empty());
            for event in &events {
                match event {
                    Event::Sent(_) => { confirmed += 1; running = false; }
                    Event::Attempted { .. } => { prop_assert!(!running); running = true; }
                    Event::Failed(_) if running => running = false,
                    Event::Failed(_) => { prop_assert!(confirmed > 0); confirmed -= 1; delivered = 0; }
                    Event::Delivered(_) => { running = false; delivered += 1; }
                    Event::Scheduled(_) | Event::Suppressed(_) | Event::Released { .. } => {}
                }
                state = Notice::evolve(state, event);
            }
        }
        prop_assert!(confirmed <= 1 && delivered <= 1);
    }
}
