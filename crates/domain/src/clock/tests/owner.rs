//! Who gets the ticket, and who accepts it.
use super::*;
use crate::ids::AssignmentId;

const FIRST: AssignmentId = AssignmentId(Uuid::from_u128(101));
const SECOND: AssignmentId = AssignmentId(Uuid::from_u128(102));

fn assigned(assignment_id: AssignmentId, accept_by: &str) -> Fact {
    Fact::Assigned { assignment_id, accept_by: at(accept_by) }
}

fn queued() -> Given<Clocks> {
    monday().and(seen("2026-06-01T08:00:01Z", Fact::Queued))
}

fn owned() -> Given<Clocks> {
    queued().and(seen("2026-06-01T08:10:00Z", assigned(FIRST, "2026-06-01T08:25:00Z")))
}

fn accept(n: u32, state: &State) -> Clock {
    state.clock(clock_id(TICKET, ClockKind::Accept, n)).unwrap().clone()
}

fn stops(state: &State, kind: ClockKind, cycle: u32) -> Option<Outcome> {
    match state.clock(clock_id(TICKET, kind, cycle)).unwrap().phase {
        Phase::Stopped { outcome, .. } => Some(outcome),
        Phase::Running { .. } | Phase::Paused { .. } => None,
    }
}

#[test]
fn a_queue_has_as_long_to_find_an_owner_as_the_policy_says() {
    let state = queued().when(seen("2026-06-01T08:10:00Z", Fact::AckSent)).into_state();
    let clock = of(ClockKind::Assign, &state);
    assert_eq!((clock.class, clock.due_at), (ClockClass::Ola, Some(at("2026-06-01T08:15:01Z"))));
    let state = owned().when(seen("2026-06-01T08:11:00Z", Fact::AckSent)).into_state();
    assert_eq!(stops(&state, ClockKind::Assign, 1), Some(Outcome::Met));
}

#[test]
fn another_queue_gives_no_new_time() {
    queued().when(seen("2026-06-01T08:05:00Z", Fact::Queued)).then_nothing();
}

#[test]
fn an_owner_has_the_time_that_routing_gives() {
    let state = owned().when(seen("2026-06-01T08:11:00Z", Fact::AckSent)).into_state();
    let clock = accept(1, &state);
    assert_eq!((clock.due_at, clock.goal), (Some(at("2026-06-01T08:25:00Z")), Goal::Instant));
    assert_eq!((clock.basis, clock.calendar), (Basis::Given, None));
    assert_eq!(clock.subject_ref, Some(FIRST.0));
    let half = Warn { percent: 50, at: at("2026-06-01T08:17:30Z") };
    assert_eq!(clock.warn_at[0], half);
    let fire = fire(ClockKind::Accept, What::Threshold(50), "2026-06-01T08:17:30Z");
    let due_at = at("2026-06-01T08:25:00Z");
    owned().when(fire).then([reached(
        ClockKind::Accept,
        50,
        due_at,
        minutes(7) + Duration::from_secs(30),
    )]);
}

#[test]
fn accepting_working_and_answering_all_mean_yes() {
    let yes = [Fact::Accepted { assignment_id: FIRST }, Fact::WorkStarted, reply()];
    for fact in yes {
        let state = owned().when(seen("2026-06-01T08:25:00Z", fact)).into_state();
        assert_eq!(stops(&state, ClockKind::Accept, 1), Some(Outcome::Met));
        assert_eq!(accept(1, &state).carried, minutes(15));
    }
    let other = Fact::Accepted { assignment_id: SECOND };
    owned().when(seen("2026-06-01T08:20:00Z", other)).then_nothing();
}

#[test]
fn who_accepts_too_late_has_missed() {
    let yes = Fact::Accepted { assignment_id: FIRST };
    let state = owned().when(seen("2026-06-01T08:25:00.001Z", yes)).into_state();
    assert_eq!(stops(&state, ClockKind::Accept, 1), Some(Outcome::Missed));
}

#[test]
fn a_reassigned_ticket_is_for_the_new_owner_to_accept() {
    let next = assigned(SECOND, "2026-06-01T08:45:00Z");
    let state = owned().when(seen("2026-06-01T08:20:00Z", next)).into_state();
    assert_eq!(stops(&state, ClockKind::Accept, 1), Some(Outcome::Cancelled));
    assert_eq!(accept(1, &state).breach, None);
    assert_eq!(accept(2, &state).due_at, Some(at("2026-06-01T08:45:00Z")));
}

#[test]
fn a_ticket_back_in_the_queue_needs_an_owner_anew() {
    let state = owned().when(seen("2026-06-01T08:30:00Z", Fact::Queued)).into_state();
    assert_eq!(stops(&state, ClockKind::Accept, 1), Some(Outcome::Cancelled));
    let due_at = at("2026-06-01T08:25:00Z");
    assert_eq!(accept(1, &state).breach, Some(Breach { due_at, voided: false }));
    let second = state.latest(ClockKind::Assign).unwrap();
    assert_eq!((second.cycle, second.due_at), (2, Some(at("2026-06-01T08:45:00Z"))));
}

#[test]
fn a_new_priority_gives_the_queue_another_target() {
    let p2 = queued().when(seen("2026-06-01T08:05:00Z", raised(Priority::P1))).into_state();
    let clock = of(ClockKind::Assign, &p2);
    assert_eq!(clock.goal, Goal::Target(minutes(1)));
    assert!(clock.granted > Duration::ZERO);
}

#[test]
fn a_ticket_that_ends_needs_no_owner() {
    for fact in [Fact::RouteEnded, Fact::Resolved, Fact::Closed { reason: CloseReason::Other }] {
        let state = queued().when(seen("2026-06-01T08:05:00Z", fact.clone())).into_state();
        assert_eq!(stops(&state, ClockKind::Assign, 1), Some(Outcome::Cancelled));
        let state = owned().when(seen("2026-06-01T08:15:00Z", fact)).into_state();
        assert_eq!(stops(&state, ClockKind::Accept, 1), Some(Outcome::Cancelled));
    }
}

#[test]
fn an_assignment_that_ended_with_spam_does_not_come_back() {
    let spam = Fact::Closed { reason: CloseReason::Spam };
    let back = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
    let state = owned()
        .and(seen("2026-06-01T08:12:00Z", spam))
        .when(seen("2026-06-01T08:20:00Z", back))
        .into_state();
    assert_eq!(stops(&state, ClockKind::Accept, 1), Some(Outcome::Cancelled));
    assert_eq!(stops(&state, ClockKind::Assign, 1), Some(Outcome::Met));
    assert!(state.has_live(ClockKind::FirstReply));
}

#[test]
fn a_queue_that_routing_made_after_the_end_does_not_hide_what_the_end_cancelled() {
    let spam = Fact::Closed { reason: CloseReason::Spam };
    let back = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
    let state = monday()
        .and(seen("2026-06-01T08:00:01Z", spam))
        .and(seen("2026-06-01T08:00:02Z", Fact::Queued))
        .and(seen("2026-06-01T08:00:03Z", Fact::RouteEnded))
        .and(seen("2026-06-01T08:20:00Z", back))
        .when(seen("2026-06-01T08:20:01Z", Fact::Queued))
        .into_state();
    assert!(state.has_live(ClockKind::FirstReply) && state.has_live(ClockKind::Resolution));
    let assign = state.latest(ClockKind::Assign).unwrap();
    assert_eq!((assign.cycle, assign.due_at), (2, Some(at("2026-06-01T08:35:01Z"))));
}
