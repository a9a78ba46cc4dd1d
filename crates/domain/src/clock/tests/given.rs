//! Promises to customers, and what is expected of suppliers.
use super::*;
use crate::policy::Rule;

const PROMISE: Uuid = Uuid::from_u128(201);
const NEWER: Uuid = Uuid::from_u128(202);

fn promise(promise_id: Uuid, kind: PromiseKind, due: &str, replaces: Option<Uuid>) -> Fact {
    Fact::PromiseMade { promise_id, kind, due_at: at(due), replaces }
}

/// A promise of Monday, 10:10 in Warsaw, for 12:10.
fn promised(kind: PromiseKind) -> Given<Clocks> {
    let fact = promise(PROMISE, kind, "2026-06-01T10:10:00Z", None);
    monday().and(seen("2026-06-01T08:10:00Z", fact))
}

fn of_promise(id: Uuid, state: &State) -> Clock {
    state.clocks.iter().find(|clock| clock.subject_ref == Some(id)).unwrap().clone()
}

fn outcome(id: Uuid, state: &State) -> Option<Outcome> {
    match of_promise(id, state).phase {
        Phase::Stopped { outcome, .. } => Some(outcome),
        Phase::Running { .. } | Phase::Paused { .. } => None,
    }
}

fn update() -> Fact {
    Fact::MessageAdded { kind: MessageKind::Update, channel: Channel::Email }
}

#[test]
fn a_promise_is_due_at_its_instant_on_no_calendar() {
    let state = promised(PromiseKind::Callback).when(seen("2026-06-01T08:11:00Z", Fact::AckSent));
    let clock = of_promise(PROMISE, &state.into_state());
    assert_eq!((clock.kind, clock.class), (ClockKind::Promise, ClockClass::Sla));
    assert_eq!(clock.due_at, Some(at("2026-06-01T10:10:00Z")));
    assert_eq!((clock.basis, clock.calendar, clock.goal), (Basis::Given, None, Goal::Instant));
    let warned: Vec<_> = clock.warn_at.iter().map(|warn| warn.at).collect();
    let expected = ["2026-06-01T09:10:00Z", "2026-06-01T09:40:00Z", "2026-06-01T09:58:00Z"];
    assert_eq!(warned, expected.map(at));
}

#[test]
fn each_promise_is_kept_by_what_was_promised() {
    let (eta, callback, news) =
        (PromiseKind::EtaResolution, PromiseKind::Callback, PromiseKind::NextUpdate);
    for (kind, fact, kept) in [
        (eta, Fact::Resolved, true),
        (eta, reply(), false),
        (callback, reply(), true),
        (callback, update(), false),
        (callback, Fact::Resolved, false),
        (callback, spoken(true), true),
        // The customer had to call again.
        (callback, spoken(false), false),
        (news, spoken(true), false),
        (news, reply(), true),
        (news, update(), true),
        (news, Fact::Resolved, true),
        (news, inbound(), false),
    ] {
        let state = promised(kind).when(seen("2026-06-01T10:10:00Z", fact.clone())).into_state();
        assert_eq!(outcome(PROMISE, &state), kept.then_some(Outcome::Met), "{kind:?} {fact:?}");
    }
}

#[test]
fn the_message_that_makes_a_promise_does_not_keep_it() {
    let state = promised(PromiseKind::NextUpdate);
    let state = state.when(seen("2026-06-01T08:10:00Z", reply())).into_state();
    assert_eq!(outcome(PROMISE, &state), None);
}

#[test]
fn a_promise_kept_too_late_was_broken() {
    let late = promised(PromiseKind::NextUpdate).when(seen("2026-06-01T10:10:00.001Z", update()));
    assert_eq!(outcome(PROMISE, &late.into_state()), Some(Outcome::Missed));
}

#[test]
fn a_promise_replaced_in_time_is_cancelled_and_the_new_one_runs() {
    let newer = promise(NEWER, PromiseKind::Callback, "2026-06-01T14:00:00Z", Some(PROMISE));
    let state =
        promised(PromiseKind::Callback).when(seen("2026-06-01T10:10:00Z", newer)).into_state();
    assert_eq!(outcome(PROMISE, &state), Some(Outcome::Cancelled));
    assert_eq!(of_promise(PROMISE, &state).breach, None);
    assert_eq!(of_promise(NEWER, &state).due_at, Some(at("2026-06-01T14:00:00Z")));
}

#[test]
fn a_promise_replaced_after_its_time_stays_broken() {
    let newer = promise(NEWER, PromiseKind::Callback, "2026-06-01T14:00:00Z", Some(PROMISE));
    let state =
        promised(PromiseKind::Callback).when(seen("2026-06-01T10:11:00Z", newer)).into_state();
    assert_eq!(outcome(PROMISE, &state), Some(Outcome::Missed));
    let due_at = at("2026-06-01T10:10:00Z");
    assert_eq!(of_promise(PROMISE, &state).breach, Some(Breach { due_at, voided: false }));
    assert!(of_promise(NEWER, &state).is_live());
}

#[test]
fn promises_run_side_by_side_and_a_repeated_one_is_no_news() {
    let again = promise(PROMISE, PromiseKind::Callback, "2026-06-01T18:00:00Z", None);
    promised(PromiseKind::Callback).when(seen("2026-06-01T08:12:00Z", again)).then_nothing();
    let second = promise(NEWER, PromiseKind::EtaResolution, "2026-06-02T08:00:00Z", None);
    let state =
        promised(PromiseKind::Callback).when(seen("2026-06-01T08:12:00Z", second)).into_state();
    assert_eq!(state.live(ClockKind::Promise).count(), 2);
}

#[test]
fn a_promise_goes_with_spam_and_comes_back_without_more_time() {
    let spam = Fact::Closed { reason: CloseReason::Spam };
    let back = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
    let state = promised(PromiseKind::Callback)
        .and(seen("2026-06-01T08:20:00Z", spam))
        .when(seen("2026-06-01T09:20:00Z", back))
        .into_state();
    let clock = of_promise(PROMISE, &state);
    assert!(clock.is_live());
    assert_eq!(clock.due_at, Some(at("2026-06-01T10:10:00Z")));
}

fn at_supplier(expected_by: Option<&str>) -> Fact {
    let expected_by = expected_by.map(at);
    Fact::Held { hold_id: HOLD, kind: HoldKind::ThirdParty, expected_by }
}

fn contract() -> Terms {
    with_policy(|draft| {
        draft.rules.push(Rule {
            priority: Priority::P3,
            kind: ClockKind::UcVendor,
            channels: Vec::new(),
            target: minutes(8 * 60),
            calendar: "PL_BH_0917".into(),
        });
    })
}

#[test]
fn a_supplier_has_until_the_instant_we_were_told() {
    let expected = at_supplier(Some("2026-06-03T10:00:00Z"));
    let state = monday().when(under(&contract(), "2026-06-01T12:00:00Z", expected)).into_state();
    let clock = of(ClockKind::UcVendor, &state);
    assert_eq!((clock.class, clock.goal), (ClockClass::Uc, Goal::Instant));
    assert_eq!(clock.due_at, Some(at("2026-06-03T10:00:00Z")));
    assert!(matches!(of(ClockKind::Resolution, &state).phase, Phase::Running { .. }));
}

#[test]
fn without_an_instant_a_supplier_has_as_long_as_the_policy_says() {
    // From 14:00: three hours today, five tomorrow.
    for expected_by in [None, Some("2026-06-01T12:00:00Z")] {
        let fact = at_supplier(expected_by);
        let state = monday().when(under(&contract(), "2026-06-01T12:00:00Z", fact)).into_state();
        let clock = of(ClockKind::UcVendor, &state);
        assert_eq!(clock.due_at, Some(at("2026-06-02T12:00:00Z")));
        assert_eq!(clock.subject_ref, Some(HOLD.0));
    }
    monday().when(seen("2026-06-01T12:00:00Z", at_supplier(None))).then_nothing();
}

#[test]
fn the_end_of_the_wait_is_the_suppliers_answer() {
    let waiting = || {
        let expected = at_supplier(Some("2026-06-03T10:00:00Z"));
        monday().and(seen("2026-06-01T12:00:00Z", expected))
    };
    let unheld = Fact::Unheld { hold_id: HOLD };
    let kind = ClockKind::UcVendor;
    let wall = minutes(46 * 60);
    let answer = waiting().when(seen("2026-06-03T10:00:00Z", unheld.clone()));
    answer.then([stopped(kind, "2026-06-03T10:00:00Z", Outcome::Met, wall)]);
    let state = waiting().when(seen("2026-06-03T10:00:00.001Z", unheld)).into_state();
    assert!(of(kind, &state).breach.is_some());
    let other = Fact::Unheld { hold_id: HoldId(Uuid::from_u128(6)) };
    waiting().when(seen("2026-06-02T10:00:00Z", other)).then_nothing();
}
