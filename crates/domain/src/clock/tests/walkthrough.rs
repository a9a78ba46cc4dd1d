//! A night with an outage, clock by clock, in summer and in the night of the clock change.
use super::*;
use crate::ids::AssignmentId;

const ANIA: AssignmentId = AssignmentId(Uuid::from_u128(301));
const BARTEK: AssignmentId = AssignmentId(Uuid::from_u128(302));
const ETA: Uuid = Uuid::from_u128(303);
const NEWS: Uuid = Uuid::from_u128(304);

fn standard(time: &str, fact: Fact) -> Command {
    under(&promising(Policy::pl_standard()), time, fact)
}

/// An alert of the monitoring, which nobody has sent.
fn alert(received: &str) -> Given<Clocks> {
    let alert = TicketFacts {
        channel: Channel::Monitoring,
        has_requester: false,
        awaits_reply: false,
        ..facts(received, Some(Priority::P1))
    };
    given::<Clocks>([]).and(standard(received, Fact::TicketRegistered(alert)))
}

fn assigned(assignment_id: AssignmentId, accept_by: &str) -> Fact {
    Fact::Assigned { assignment_id, accept_by: at(accept_by) }
}

fn promise(promise_id: Uuid, kind: PromiseKind, due: &str) -> Fact {
    Fact::PromiseMade { promise_id, kind, due_at: at(due), replaces: None }
}

fn told() -> Fact {
    Fact::MessageAdded { kind: MessageKind::Reply, channel: Channel::Email }
}

fn ends(state: &State) -> Vec<(ClockKind, u32, Outcome)> {
    let ended = |clock: &Clock| match clock.phase {
        Phase::Stopped { outcome, .. } => Some((clock.kind, clock.cycle, outcome)),
        Phase::Running { .. } | Phase::Paused { .. } => None,
    };
    state.clocks.iter().filter_map(ended).collect()
}

#[test]
fn a_critical_outage_at_two_in_the_morning() {
    // Tuesday, 9 June 2026, 02:00 in Warsaw.
    let accept = clock_id(TICKET, ClockKind::Accept, 1).0;
    let late = at("2026-06-09T00:05:01Z");
    let night = alert("2026-06-09T00:00:00Z")
        .and(standard("2026-06-09T00:00:01Z", Fact::Queued))
        .and(standard("2026-06-09T00:00:01Z", assigned(ANIA, "2026-06-09T00:05:00Z")))
        .and(Command::Fire { id: accept, what: What::Breach, now: late })
        .and(standard("2026-06-09T00:05:02Z", assigned(BARTEK, "2026-06-09T00:10:00Z")))
        .and(standard("2026-06-09T00:06:20Z", Fact::Accepted { assignment_id: BARTEK }))
        .and(standard("2026-06-09T00:06:20Z", Fact::WorkStarted))
        .and(standard("2026-06-09T00:12:00Z", told()));
    let next = promise(NEWS, PromiseKind::NextUpdate, "2026-06-09T00:42:00Z");
    let eta = promise(ETA, PromiseKind::EtaResolution, "2026-06-09T02:30:00Z");
    let night = night.and(standard("2026-06-09T00:12:00Z", next));
    let state = night
        .and(standard("2026-06-09T00:12:00Z", eta))
        .and(standard("2026-06-09T00:34:30Z", told()))
        .when(standard("2026-06-09T01:25:00Z", Fact::Resolved))
        .into_state();
    assert_eq!(
        ends(&state),
        [
            (ClockKind::Resolution, 1, Outcome::Met),
            (ClockKind::PeriodicUpdate, 1, Outcome::Met),
            (ClockKind::Assign, 1, Outcome::Met),
            (ClockKind::Accept, 1, Outcome::Cancelled),
            (ClockKind::Accept, 2, Outcome::Met),
            (ClockKind::PeriodicUpdate, 2, Outcome::Met),
            (ClockKind::Promise, 1, Outcome::Met),
            (ClockKind::Promise, 2, Outcome::Met),
            // From 02:34:30, and breached at 03:04:30: nobody wrote until the solution.
            (ClockKind::PeriodicUpdate, 3, Outcome::Cancelled),
        ]
    );
    let resolution = of(ClockKind::Resolution, &state);
    assert_eq!(resolution.carried, Duration::from_secs(5_100));
    assert!(of(ClockKind::Accept, &state).breach.is_some());
    let round = |n| state.clock(clock_id(TICKET, ClockKind::PeriodicUpdate, n)).unwrap();
    assert_eq!(round(2).due_at, Some(at("2026-06-09T00:42:00Z")));
    assert_eq!(round(3).breach.map(|breach| breach.due_at), Some(at("2026-06-09T01:04:30Z")));
}

#[test]
fn the_same_in_the_night_in_which_an_hour_is_missing() {
    // Sunday, 29 March 2026, 01:52 in Warsaw; at two o'clock it is three.
    let received = "2026-03-29T00:52:00Z";
    let known = facts(received, Some(Priority::P1));
    let state = given::<Clocks>([])
        .and(standard(received, Fact::TicketRegistered(known)))
        .when(standard(received, assigned(ANIA, "2026-03-29T00:57:00Z")))
        .into_state();
    let due = |kind| of(kind, &state).due_at;
    // 03:07, 03:22 and 06:52 of summer time.
    assert_eq!(due(ClockKind::FirstReply), Some(at("2026-03-29T01:07:00Z")));
    assert_eq!(due(ClockKind::PeriodicUpdate), Some(at("2026-03-29T01:22:00Z")));
    assert_eq!(due(ClockKind::Resolution), Some(at("2026-03-29T04:52:00Z")));
    assert_eq!(due(ClockKind::Accept), Some(at("2026-03-29T00:57:00Z")));
}
