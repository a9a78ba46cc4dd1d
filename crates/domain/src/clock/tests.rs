//! What clocks do, one behaviour per test.
mod given;
mod life;
mod owner;
mod timer;
mod update;
mod walkthrough;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::calendar::{CalendarRef, Calendars, PreparedCalendar, presets};
use crate::ids::{AgentId, ClockId, HoldId, TicketId};
use crate::policy::{Draft, Policies, Policy, PolicyError, Reopen};
use crate::priority::{Channel, Priority};
use crate::spec::{Given, given};

const TICKET: TicketId = TicketId(Uuid::from_u128(42));
const EVENT: Uuid = Uuid::from_u128(77);
const HOLD: HoldId = HoldId(Uuid::from_u128(5));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

fn id(kind: ClockKind) -> ClockId {
    clock_id(TICKET, kind, 1)
}

fn calendars() -> Arc<Calendars> {
    Arc::new(
        presets().into_iter().map(|c| Arc::new(PreparedCalendar::new(c, 2026..=2026))).collect(),
    )
}

/// What `PL_STANDARD` promises, without updates and timers: those have specs of their own.
fn terms() -> Terms {
    let mut draft = Policy::pl_standard().draft().clone();
    draft.rules.retain(|rule| rule.kind != ClockKind::PeriodicUpdate);
    draft.automations.clear();
    promising(Policy::new(draft).unwrap())
}

fn promising(policy: Policy) -> Terms {
    Terms { policies: Arc::new(Policies::new(Arc::new(policy))), calendars: calendars() }
}

fn with_policy(change: impl FnOnce(&mut Draft)) -> Terms {
    let standard = Policy::pl_standard();
    let mut draft = Draft {
        id: standard.id().into(),
        version: 2,
        rules: terms().policies.at(Timestamp::MIN).rules().to_vec(),
        warn_percents: standard.warn_percents().to_vec(),
        ..Draft::default()
    };
    change(&mut draft);
    promising(Policy::new(draft).unwrap())
}

fn seen(time: &str, fact: Fact) -> Command {
    under(&terms(), time, fact)
}

fn under(terms: &Terms, time: &str, fact: Fact) -> Command {
    let (at, terms) = (at(time), terms.clone());
    Command::Observe(Observation { event_id: EVENT, at, historical: false, terms, fact })
}

fn facts(received: &str, priority: Option<Priority>) -> TicketFacts {
    TicketFacts {
        ticket_id: TICKET,
        received_at: at(received),
        channel: Channel::Email,
        has_requester: true,
        awaits_reply: true,
        priority,
    }
}

/// A ticket received at that time.
fn ticket(received: &str, priority: Priority) -> Given<Clocks> {
    let fact = Fact::TicketRegistered(facts(received, Some(priority)));
    given::<Clocks>([]).and(seen(received, fact))
}

/// A P3 ticket of Monday, 1 June 2026, 10:00 in Warsaw: resolution is due on Tuesday
/// at 10:00.
fn monday() -> Given<Clocks> {
    ticket("2026-06-01T08:00:00Z", Priority::P3)
}

fn fire(kind: ClockKind, what: What, now: &str) -> Command {
    Command::Fire { id: id(kind).0, what, now: at(now) }
}

fn reply() -> Fact {
    Fact::MessageAdded { kind: MessageKind::Reply, channel: Channel::Email }
}

fn inbound() -> Fact {
    Fact::MessageAdded { kind: MessageKind::Inbound, channel: Channel::Email }
}

fn held() -> Fact {
    Fact::Held { hold_id: HOLD, kind: HoldKind::Customer, expected_by: None }
}

fn raised(priority: Priority) -> Fact {
    Fact::PriorityChanged { priority, mitigated: false }
}

fn stopped(kind: ClockKind, time: &str, outcome: Outcome, elapsed: Duration) -> Event {
    Event::Stopped { clock_id: id(kind), at: at(time), outcome, elapsed, stop_event_id: EVENT }
}

fn breached(kind: ClockKind, due: &str, detected: &str, cause: BreachCause) -> Event {
    let (due_at, detected_at) = (at(due), at(detected));
    let (clock_id, ticket_id) = (id(kind), TICKET);
    Event::Breached { clock_id, ticket_id, kind, due_at, detected_at, cause, silence_effect: None }
}

fn reached(kind: ClockKind, percent: u8, due_at: Timestamp, remaining: Duration) -> Event {
    let (clock_id, ticket_id) = (id(kind), TICKET);
    Event::ThresholdReached { clock_id, ticket_id, kind, percent, due_at, remaining }
}

fn voided(kind: ClockKind) -> Event {
    let reason = VoidReason::LateProof;
    Event::BreachVoided { clock_id: id(kind), reason, by: None, note: String::new() }
}

fn of(kind: ClockKind, state: &State) -> Clock {
    state.clock(id(kind)).unwrap().clone()
}

#[test]
fn a_ticket_with_a_priority_starts_its_first_clocks_at_receipt() {
    let received = "2026-06-01T08:00:00Z";
    let fact = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
    let started = |kind, class, calendar: &str, target, due: &str, warn: [&str; 3]| {
        Event::Started(Box::new(Started {
            clock_id: id(kind),
            ticket_id: TICKET,
            kind,
            class,
            cycle: 1,
            subject_ref: None,
            promise: None,
            basis: Basis::Policy { id: "PL_STANDARD".into(), version: 1 },
            calendar: Some(CalendarRef { id: calendar.into(), version: 1 }),
            goal: Goal::Target(target),
            started_at: at(received),
            due_at: at(due),
            safe_due_at: None,
            warn_at: [50, 75, 90]
                .into_iter()
                .zip(warn)
                .map(|(percent, w)| Warn { percent, at: at(w) })
                .collect(),
        }))
    };
    given::<Clocks>([]).when(seen("2026-06-01T08:00:07Z", fact.clone())).then([
        match fact {
            Fact::TicketRegistered(facts) => Event::TicketNoted(facts),
            _ => unreachable!(),
        },
        started(
            ClockKind::Ack,
            ClockClass::Internal,
            "ALWAYS",
            minutes(5),
            "2026-06-01T08:05:00Z",
            ["2026-06-01T08:02:30Z", "2026-06-01T08:03:45Z", "2026-06-01T08:04:30Z"],
        ),
        started(
            ClockKind::FirstReply,
            ClockClass::Sla,
            "PL_BH_0917",
            minutes(60),
            "2026-06-01T09:00:00Z",
            ["2026-06-01T08:30:00Z", "2026-06-01T08:45:00Z", "2026-06-01T08:54:00Z"],
        ),
        started(
            ClockKind::Resolution,
            ClockClass::Sla,
            "PL_WORKDAY24",
            minutes(24 * 60),
            "2026-06-02T08:00:00Z",
            ["2026-06-01T20:00:00Z", "2026-06-02T02:00:00Z", "2026-06-02T05:36:00Z"],
        ),
    ]);
}

#[test]
fn clocks_wait_for_a_priority_and_then_count_from_receipt() {
    let noted = Fact::TicketRegistered(facts("2026-06-01T08:00:00Z", None));
    let new = given::<Clocks>([]).and(seen("2026-06-01T08:00:00Z", noted));
    let state = new.and(seen("2026-06-01T08:00:09Z", raised(Priority::P1)));
    let state = state.when(seen("2026-06-01T08:00:09Z", Fact::ContactAnswered)).into_state();
    assert_eq!(of(ClockKind::Resolution, &state).due_at, Some(at("2026-06-01T12:00:00Z")));
    assert_eq!(state.ticket.unwrap().priority, Some(Priority::P1));
}

#[test]
fn an_alert_of_a_machine_awaits_neither_confirmation_nor_reply() {
    let alert = TicketFacts {
        has_requester: false,
        awaits_reply: false,
        ..facts("2026-06-09T00:00:00Z", Some(Priority::P1))
    };
    let command = seen("2026-06-09T00:00:01Z", Fact::TicketRegistered(alert));
    let state = given::<Clocks>([]).when(command).into_state();
    let kinds: Vec<_> = state.clocks.iter().map(|clock| clock.kind).collect();
    assert_eq!(kinds, [ClockKind::Resolution]);
}

#[test]
fn a_ticket_is_registered_once() {
    let again = Fact::TicketRegistered(facts("2026-06-01T08:00:00Z", None));
    monday().when(seen("2026-06-01T08:00:00Z", again)).then_rejected(Rejection::AlreadyRegistered);
}

#[test]
fn an_unknown_ticket_has_no_clocks() {
    given::<Clocks>([])
        .when(seen("2026-06-01T08:00:00Z", reply()))
        .then_rejected(Rejection::UnknownTicket);
}

#[test]
fn a_reply_at_the_last_instant_is_in_time() {
    let due = "2026-06-01T09:00:00Z";
    monday().when(seen(due, reply())).then([stopped(
        ClockKind::FirstReply,
        due,
        Outcome::Met,
        minutes(60),
    )]);
}

#[test]
fn a_reply_a_millisecond_later_is_late() {
    let late = "2026-06-01T09:00:00.001Z";
    let elapsed = minutes(60) + Duration::from_millis(1);
    monday().when(seen(late, reply())).then([
        breached(ClockKind::FirstReply, "2026-06-01T09:00:00Z", late, BreachCause::Time),
        stopped(ClockKind::FirstReply, late, Outcome::Missed, elapsed),
    ]);
}

#[test]
fn an_automatic_confirmation_is_no_reply() {
    let sent = "2026-06-01T08:01:00Z";
    monday().when(seen(sent, Fact::AckSent)).then([stopped(
        ClockKind::Ack,
        sent,
        Outcome::Met,
        minutes(1),
    )]);
}

#[test]
fn updates_and_notes_stop_nothing() {
    for kind in [MessageKind::Update, MessageKind::Automatic, MessageKind::Internal] {
        let fact = Fact::MessageAdded { kind, channel: Channel::Email };
        monday().when(seen("2026-06-01T08:30:00Z", fact)).then_nothing();
    }
}

#[test]
fn a_breach_is_noted_a_second_after_due_and_once() {
    let reply = ClockKind::FirstReply;
    let early = fire(reply, What::Breach, "2026-06-01T09:00:00.999Z");
    monday().when(early).then_rejected(Rejection::NotDue { at: at("2026-06-01T09:00:01Z") });
    let now = "2026-06-01T09:00:01Z";
    let event = breached(reply, "2026-06-01T09:00:00Z", now, BreachCause::Time);
    monday().when(fire(reply, What::Breach, now)).then([event]);
    monday()
        .and(fire(reply, What::Breach, now))
        .when(fire(reply, What::Breach, now))
        .then_nothing();
}

#[test]
fn proof_that_arrives_late_voids_the_breach() {
    let kind = ClockKind::FirstReply;
    let replied = "2026-06-01T08:59:00Z";
    monday()
        .and(fire(kind, What::Breach, "2026-06-01T09:00:01Z"))
        .when(seen(replied, reply()))
        .then([voided(kind), stopped(kind, replied, Outcome::Met, minutes(59))]);
}

#[test]
fn proof_that_arrives_after_a_late_reply_voids_the_breach_too() {
    let kind = ClockKind::FirstReply;
    let replied = "2026-06-01T08:59:00Z";
    let missed = monday().and(seen("2026-06-01T10:00:00Z", reply()));
    missed
        .when(seen(replied, reply()))
        .then([voided(kind), stopped(kind, replied, Outcome::Met, minutes(59))]);
}

#[test]
fn each_threshold_is_reached_once() {
    let kind = ClockKind::Resolution;
    let (half, now) = (What::Threshold(50), "2026-06-01T20:00:00Z");
    let reached = reached(kind, 50, at("2026-06-02T08:00:00Z"), minutes(12 * 60));
    monday().when(fire(kind, half, now)).then([reached]);
    monday().and(fire(kind, half, now)).when(fire(kind, half, now)).then_nothing();
    let early = fire(kind, half, "2026-06-01T19:59:59Z");
    monday().when(early).then_rejected(Rejection::NotDue { at: at(now) });
}

#[test]
fn a_hold_for_the_customer_pauses_resolution_alone() {
    let now = "2026-06-01T14:00:00Z";
    monday().when(seen(now, held())).then([Event::Paused {
        clock_id: id(ClockKind::Resolution),
        at: at(now),
        elapsed: minutes(6 * 60),
        reason: PauseReason::WaitingCustomer,
        hold_id: HOLD,
    }]);
}

#[test]
fn a_hold_for_a_supplier_pauses_nothing() {
    let fact = Fact::Held { hold_id: HOLD, kind: HoldKind::ThirdParty, expected_by: None };
    monday().when(seen("2026-06-01T14:00:00Z", fact)).then_nothing();
}

#[test]
fn a_resumed_clock_has_what_was_left() {
    let now = "2026-06-03T09:00:00Z";
    let paused = monday().and(seen("2026-06-01T14:00:00Z", held()));
    paused.when(seen(now, Fact::Unheld { hold_id: HOLD })).then([Event::Resumed {
        clock_id: id(ClockKind::Resolution),
        at: at(now),
        elapsed: minutes(6 * 60),
        // 18 hours are left; Thursday the 4th is Corpus Christi.
        due_at: at("2026-06-05T03:00:00Z"),
        warn_at: vec![
            Warn { percent: 50, at: at("2026-06-03T15:00:00Z") },
            Warn { percent: 75, at: at("2026-06-03T21:00:00Z") },
            Warn { percent: 90, at: at("2026-06-05T00:36:00Z") },
        ],
    }]);
}

#[test]
fn another_hold_resumes_nothing() {
    let other = HoldId(Uuid::from_u128(6));
    let paused = monday().and(seen("2026-06-01T14:00:00Z", held()));
    paused.when(seen("2026-06-01T15:00:00Z", Fact::Unheld { hold_id: other })).then_nothing();
}

#[test]
fn a_pause_after_due_does_not_save_the_clock() {
    let kind = ClockKind::Resolution;
    let (due, now) = ("2026-06-02T08:00:00Z", "2026-06-02T09:00:00Z");
    let state = monday()
        .and(seen(now, held()))
        .and(seen("2026-06-02T10:00:00Z", Fact::Unheld { hold_id: HOLD }))
        .when(seen("2026-06-02T11:00:00Z", Fact::Resolved))
        .into_state();
    let clock = of(kind, &state);
    assert_eq!(clock.breach, Some(Breach { due_at: at(due), voided: false }));
    assert_eq!(clock.carried, minutes(26 * 60));
    let outcome = Outcome::Missed;
    assert_eq!(clock.phase, Phase::Stopped { at: at("2026-06-02T11:00:00Z"), outcome });
}

#[test]
fn a_paused_ticket_may_be_resolved() {
    let now = "2026-06-09T12:00:00Z";
    let paused = monday().and(seen("2026-06-01T14:00:00Z", held()));
    paused.when(seen(now, Fact::Resolved)).then([stopped(
        ClockKind::Resolution,
        now,
        Outcome::Met,
        minutes(6 * 60),
    )]);
}

#[test]
fn a_raised_priority_leaves_what_the_new_target_leaves() {
    let no_minimum = with_policy(|_| ());
    let now = "2026-06-01T10:00:00Z";
    let replied = monday().and(seen("2026-06-01T08:10:00Z", reply()));
    let events = replied.when(under(&no_minimum, now, raised(Priority::P1))).into_events();
    let warn_at = vec![
        Warn { percent: 75, at: at("2026-06-01T11:00:00Z") },
        Warn { percent: 90, at: at("2026-06-01T11:36:00Z") },
    ];
    let due_at = at("2026-06-01T12:00:00Z");
    let clock_id = id(ClockKind::Resolution);
    let p1 = TicketFacts { priority: Some(Priority::P1), ..facts("2026-06-01T08:00:00Z", None) };
    let change = Retargeted {
        clock_id,
        at: at(now),
        elapsed: minutes(120),
        old_target: minutes(24 * 60),
        new_target: minutes(240),
        granted: Duration::ZERO,
        basis: Basis::Policy { id: "PL_STANDARD".into(), version: 2 },
        calendar: Some(CalendarRef { id: "ALWAYS".into(), version: 1 }),
        due_at: Some(due_at),
        warn_at,
        cause: RetargetCause::Priority,
    };
    let remaining = minutes(120);
    assert_eq!(
        events,
        [
            Event::TicketNoted(p1),
            Event::Retargeted(Box::new(change)),
            reached(ClockKind::Resolution, 50, due_at, remaining),
        ]
    );
}

#[test]
fn only_the_highest_threshold_is_reached_when_several_are_passed() {
    let no_minimum = with_policy(|_| ());
    let now = "2026-06-01T11:45:00Z";
    let raised = monday().when(under(&no_minimum, now, raised(Priority::P1)));
    let percents: Vec<u8> = raised
        .into_events()
        .iter()
        .filter_map(|event| match event {
            Event::ThresholdReached { percent, .. } => Some(*percent),
            _ => None,
        })
        .collect();
    assert_eq!(percents, [90]);
}

#[test]
fn a_target_that_is_used_up_when_it_comes_is_a_breach() {
    let no_minimum = with_policy(|_| ());
    let now = "2026-06-01T14:00:00Z";
    let replied = monday().and(seen("2026-06-01T08:10:00Z", reply()));
    let events = replied.when(under(&no_minimum, now, raised(Priority::P1))).into_events();
    let expected = breached(ClockKind::Resolution, now, now, BreachCause::Retarget);
    assert_eq!(events.last(), Some(&expected));
}

#[test]
fn the_minimum_keeps_through_a_pause() {
    let raised = monday()
        .and(seen("2026-06-01T14:00:00Z", raised(Priority::P1)))
        .and(seen("2026-06-01T14:10:00Z", held()));
    let now = at("2026-06-01T20:00:00Z");
    let state =
        raised.when(seen("2026-06-01T20:00:00Z", Fact::Unheld { hold_id: HOLD })).into_state();
    let clock = of(ClockKind::Resolution, &state);
    assert_eq!(clock.due_at, Some(now + minutes(20)));
    assert_eq!(clock.breach, None);
}

#[test]
fn a_breached_clock_keeps_its_target() {
    let late = monday().and(fire(ClockKind::Resolution, What::Breach, "2026-06-02T08:00:01Z"));
    let state = late.when(seen("2026-06-02T09:00:00Z", raised(Priority::P4))).into_state();
    assert_eq!(of(ClockKind::Resolution, &state).goal, Goal::Target(minutes(24 * 60)));
}

#[test]
fn a_paused_clock_changes_its_target_alone() {
    let state = monday()
        .and(seen("2026-06-01T14:00:00Z", held()))
        .when(seen("2026-06-01T15:00:00Z", raised(Priority::P2)))
        .into_state();
    let clock = of(ClockKind::Resolution, &state);
    assert_eq!((clock.due_at, clock.carried), (None, minutes(6 * 60)));
    assert_eq!(clock.goal, Goal::Target(minutes(8 * 60)));
}

#[test]
fn a_workaround_does_not_lower_what_was_promised() {
    let fact = Fact::PriorityChanged { priority: Priority::P4, mitigated: true };
    let noted = TicketFacts { priority: Some(Priority::P4), ..facts("2026-06-01T08:00:00Z", None) };
    monday().when(seen("2026-06-01T09:00:00Z", fact)).then([Event::TicketNoted(noted)]);
}

#[test]
fn the_customer_waits_again_from_the_oldest_message_without_an_answer() {
    let replied = monday().and(seen("2026-06-01T08:30:00Z", reply()));
    let asked = replied.and(seen("2026-06-01T10:00:00Z", inbound()));
    let state = asked.and(seen("2026-06-01T11:00:00Z", inbound()));
    let state = state.when(seen("2026-06-01T12:00:00Z", reply())).into_state();
    let clock = of(ClockKind::NextReply, &state);
    assert_eq!((clock.started_at, clock.carried), (at("2026-06-01T10:00:00Z"), minutes(120)));
    assert_eq!(state.clocks.iter().filter(|c| c.kind == ClockKind::NextReply).count(), 1);
}

#[test]
fn each_wait_is_a_cycle_of_its_own() {
    let state = monday()
        .and(seen("2026-06-01T08:30:00Z", reply()))
        .and(seen("2026-06-01T09:00:00Z", inbound()))
        .and(seen("2026-06-01T09:30:00Z", reply()))
        .when(seen("2026-06-01T10:00:00Z", inbound()))
        .into_state();
    let second = state.clock(clock_id(TICKET, ClockKind::NextReply, 2)).unwrap();
    assert!(second.is_live());
}

#[test]
fn a_message_before_the_first_reply_starts_nothing() {
    monday().when(seen("2026-06-01T08:30:00Z", inbound())).then_nothing();
}

#[test]
fn a_reopened_ticket_runs_on_and_keeps_its_first_outcome() {
    let state = monday()
        .and(seen("2026-06-01T14:00:00Z", Fact::Resolved))
        .when(seen("2026-06-03T09:00:00Z", Fact::Reopened { trigger: ReopenTrigger::Unsolved }))
        .into_state();
    let clock = of(ClockKind::Resolution, &state);
    assert_eq!(clock.first_outcome, Some(Outcome::Met));
    assert_eq!(clock.carried, minutes(6 * 60));
    assert!(clock.is_live());
}

#[test]
fn a_policy_may_start_a_new_cycle_instead() {
    let restart = with_policy(|draft| draft.reopen = Reopen::Restart);
    let reopened = Fact::Reopened { trigger: ReopenTrigger::Unsolved };
    let state = monday()
        .and(seen("2026-06-01T14:00:00Z", Fact::Resolved))
        .when(under(&restart, "2026-06-02T08:00:00Z", reopened))
        .into_state();
    let second = state.latest(ClockKind::Resolution).unwrap();
    assert_eq!((second.cycle, second.due_at), (2, Some(at("2026-06-03T08:00:00Z"))));
}

#[test]
fn an_appeal_and_a_missed_promise_run_no_further() {
    let resolved = || monday().and(seen("2026-06-01T14:00:00Z", Fact::Resolved));
    let appeal = Fact::Reopened { trigger: ReopenTrigger::Appeal };
    resolved().when(seen("2026-06-03T09:00:00Z", appeal)).then_nothing();
    let missed = monday().and(seen("2026-06-03T14:00:00Z", Fact::Resolved));
    let unsolved = Fact::Reopened { trigger: ReopenTrigger::Unsolved };
    missed.when(seen("2026-06-05T09:00:00Z", unsolved)).then_nothing();
}

#[test]
fn spam_cancels_all_clocks_and_not_spam_takes_it_back() {
    let spam = Fact::Closed { reason: CloseReason::Spam };
    let closed = || monday().and(seen("2026-06-01T08:02:00Z", spam.clone()));
    let state = closed().when(seen("2026-06-01T08:02:00Z", spam.clone())).into_state();
    assert!(due_timers(&state).is_empty());
    let back = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
    let state = closed().when(seen("2026-06-01T08:40:00Z", back)).into_state();
    let reply = of(ClockKind::FirstReply, &state);
    assert_eq!((reply.due_at, reply.carried), (Some(at("2026-06-01T09:00:00Z")), minutes(40)));
    assert_eq!(reply.warned, 50);
    // The confirmation is late by now, and its timer finds it with the right instant.
    let ack = of(ClockKind::Ack, &state);
    assert_eq!((ack.due_at, ack.breach), (Some(at("2026-06-01T08:05:00Z")), None));
    let first = due_timers(&state)[0];
    assert_eq!((first.id, first.what), (ack.id.0, What::Breach));
}

#[test]
fn what_not_spam_takes_back_does_not_run_beside_a_newer_wait() {
    let state = monday()
        .and(seen("2026-06-01T08:10:00Z", reply()))
        .and(seen("2026-06-01T08:20:00Z", inbound()))
        .and(seen("2026-06-01T08:30:00Z", Fact::Closed { reason: CloseReason::Spam }))
        .and(seen("2026-06-01T08:40:00Z", inbound()))
        .when(seen("2026-06-01T08:50:00Z", Fact::Reopened { trigger: ReopenTrigger::NotSpam }))
        .into_state();
    assert!(!of(ClockKind::NextReply, &state).is_live());
    assert!(state.has_live(ClockKind::NextReply));
}

#[test]
fn a_merged_ticket_has_no_clocks_and_keeps_its_breaches() {
    let now = "2026-06-01T09:30:00Z";
    let merged = Fact::Closed { reason: CloseReason::Duplicate };
    let state = monday().when(seen(now, merged)).into_state();
    assert!(state.clocks.iter().all(|clock| !clock.is_live()));
    assert!(of(ClockKind::FirstReply, &state).breach.is_some());
    assert!(of(ClockKind::Resolution, &state).breach.is_none());
}

#[test]
fn a_solution_the_customer_accepts_was_the_answer() {
    let state = monday()
        .and(seen("2026-06-01T08:20:00Z", Fact::Resolved))
        .when(seen("2026-06-03T08:00:00Z", Fact::Closed { reason: CloseReason::Confirmed }))
        .into_state();
    let (at, outcome) = (at("2026-06-01T08:20:00Z"), Outcome::Met);
    assert_eq!(of(ClockKind::FirstReply, &state).phase, Phase::Stopped { at, outcome });
}

#[test]
fn a_breach_is_excused_with_a_reason_and_stays_excused() {
    let kind = ClockKind::Resolution;
    let void = |note: &str| Command::VoidBreach {
        clock_id: id(kind),
        excuse: Excuse::Excused,
        by: AgentId("sm-1".into()),
        note: note.into(),
    };
    monday().when(void("outage")).then_rejected(Rejection::NotBreached);
    let late = || monday().and(fire(kind, What::Breach, "2026-06-02T08:00:01Z"));
    late().when(void(" ")).then_rejected(Rejection::NoteMissing);
    let state = late().when(void("outage")).into_state();
    assert!(!due_timers(&state).iter().any(|timer| timer.id == id(kind).0));
    late().and(void("outage")).when(void("outage")).then_rejected(Rejection::NotBreached);
}

#[test]
fn timers_come_in_order_and_end_with_the_clock() {
    let state = monday().and(seen("2026-06-01T08:01:00Z", Fact::AckSent));
    let state = state.when(seen("2026-06-01T08:30:00Z", reply())).into_state();
    let what: Vec<_> = due_timers(&state).iter().map(|timer| (timer.what, timer.at)).collect();
    assert_eq!(
        what,
        [
            (What::Threshold(50), at("2026-06-01T20:00:00Z")),
            (What::Threshold(75), at("2026-06-02T02:00:00Z")),
            (What::Threshold(90), at("2026-06-02T05:36:00Z")),
            (What::Breach, at("2026-06-02T08:00:01Z")),
        ]
    );
}

#[test]
fn a_calendar_that_is_not_at_hand_is_an_error() {
    let none = Terms { calendars: Arc::default(), ..terms() };
    let late = under(&none, "2026-06-01T14:00:00Z", held());
    let missing = CalendarRef { id: "PL_WORKDAY24".into(), version: 1 };
    monday().when(late).then_rejected(Rejection::UnknownCalendarVersion(missing));
    let fact = Fact::TicketRegistered(facts("2026-06-01T08:00:00Z", Some(Priority::P3)));
    let command = under(&none, "2026-06-01T08:00:00Z", fact);
    given::<Clocks>([]).when(command).then_rejected(Rejection::UnknownCalendar("ALWAYS".into()));
}

#[test]
fn the_standard_policy_promises_by_channel() {
    let policy = Policy::pl_standard();
    let target = |priority, kind, channel| policy.rule(priority, kind, channel).unwrap().target;
    let first = ClockKind::FirstReply;
    assert_eq!(target(Priority::P4, first, Channel::Email), minutes(60));
    assert_eq!(target(Priority::P4, first, Channel::Portal), minutes(240));
    assert_eq!(target(Priority::P3, first, Channel::Chat), minutes(1));
    assert_eq!(target(Priority::P1, ClockKind::Resolution, Channel::Api), minutes(240));
    assert_eq!(target(Priority::P2, ClockKind::Ack, Channel::Letter), minutes(48 * 60));
    let at_hand = calendars();
    assert!(policy.rules().iter().all(|r| at_hand.at(&r.calendar, Timestamp::MIN).is_some()));
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    let refused = |change: fn(&mut Draft)| {
        let standard = Policy::pl_standard();
        let mut draft = Draft {
            id: "X".into(),
            version: 1,
            rules: standard.rules().to_vec(),
            warn_percents: vec![50, 75, 90],
            ..Draft::default()
        };
        change(&mut draft);
        Policy::new(draft).unwrap_err()
    };
    let (priority, kind) = (Priority::P1, ClockKind::FirstReply);
    assert_eq!(refused(|d| d.id.clear()), PolicyError::Name);
    assert_eq!(refused(|d| d.version = 0), PolicyError::Version);
    assert_eq!(refused(|d| d.warn_percents = vec![75, 50]), PolicyError::WarnPercents);
    assert_eq!(refused(|d| d.warn_percents = vec![100]), PolicyError::WarnPercents);
    assert_eq!(
        refused(|d| d.rules[2].target = Duration::ZERO),
        PolicyError::Target { priority, kind }
    );
    let long = PolicyError::FirstReplyTooLong(priority);
    assert_eq!(refused(|d| d.rules[2].target = minutes(241)), long);
    let kind = ClockKind::Remedy;
    assert_eq!(
        refused(|d| d.rules[0].kind = ClockKind::Remedy),
        PolicyError::KindWithoutTarget(kind)
    );
    let kind = ClockKind::Assign;
    assert_eq!(
        refused(|d| d.rules.push(d.rules[8].clone())),
        PolicyError::Unreachable { priority, kind }
    );
    let kind = ClockKind::FirstReply;
    assert_eq!(refused(|d| d.rules.clear()), PolicyError::Missing { priority, kind });
    assert_eq!(refused(|d| d.retarget_min_remaining[0] = minutes(1441)), PolicyError::MinRemaining);
}

#[test]
fn what_was_written_before_the_answer_waits_for_none() {
    let answered = monday().and(seen("2026-06-01T08:30:00Z", reply()));
    answered.when(seen("2026-06-01T08:20:00Z", inbound())).then_nothing();
}

#[test]
fn what_was_said_before_the_message_is_no_answer_to_it() {
    let waiting = monday()
        .and(seen("2026-06-01T08:10:00Z", reply()))
        .and(seen("2026-06-01T08:30:00Z", inbound()));
    waiting.when(seen("2026-06-01T08:20:00Z", reply())).then_nothing();
}

#[test]
fn a_ticket_keeps_the_policy_and_the_calendar_of_its_time() {
    let mut later = terms();
    let policies = Arc::make_mut(&mut later.policies);
    let standard = Policy::pl_standard();
    let rules = standard.rules().iter().cloned().map(|mut rule| {
        rule.target /= 2;
        rule
    });
    let draft = Draft { id: "FAST".into(), version: 1, rules: rules.collect(), ..Draft::default() };
    policies.publish(Arc::new(Policy::new(draft).unwrap()), at("2026-06-01T09:00:00Z"));
    let mut always = crate::calendar::Draft { id: "PL_BH_0917".into(), ..Default::default() };
    (always.version, always.zone, always.always) = (2, "UTC".into(), true);
    let always = crate::calendar::Calendar::new(always).unwrap();
    let always = Arc::new(PreparedCalendar::new(always, 2026..=2026));
    Arc::make_mut(&mut later.calendars).publish(always, at("2026-06-02T00:00:00Z"));

    let next = |received: &str, time: &str| {
        let fact = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
        let answered = given::<Clocks>([]).and(under(&later, received, fact)).and(under(
            &later,
            received,
            reply(),
        ));
        let state = answered.when(under(&later, time, inbound())).into_state();
        let clock = of(ClockKind::NextReply, &state);
        let Basis::Policy { id, .. } = clock.basis else { panic!("policies demand replies") };
        (id, clock.calendar.unwrap().version, clock.due_at.unwrap())
    };
    let same_day = "2026-06-01T12:00:00Z";
    let old = next("2026-06-01T08:00:00Z", same_day);
    assert_eq!(old, ("PL_STANDARD".to_owned(), 1, at("2026-06-02T08:00:00Z")));
    let new = next("2026-06-01T09:00:00Z", same_day);
    assert_eq!(new, ("FAST".to_owned(), 1, at("2026-06-01T14:00:00Z")));
    // The new calendar has no closing time.
    let old = next("2026-06-01T08:00:00Z", "2026-06-02T22:00:00Z");
    assert_eq!(old, ("PL_STANDARD".to_owned(), 2, at("2026-06-03T02:00:00Z")));
}
