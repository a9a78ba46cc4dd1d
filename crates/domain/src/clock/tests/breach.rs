//! Breaches, warnings, late proof and void breaches.
use super::*;

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
fn a_pause_that_began_in_time_and_is_learnt_late_takes_the_breach_back() {
    let kind = ClockKind::Resolution;
    let due = "2026-06-02T08:00:00Z";
    let late = || monday().and(fire(kind, What::Breach, "2026-06-02T08:00:31Z"));
    let (reason, hold_id) = (PauseReason::WaitingCustomer, HOLD);
    let paused = |time: &str, elapsed| Event::Paused {
        clock_id: id(kind),
        at: at(time),
        elapsed,
        reason,
        hold_id,
    };
    let before = "2026-06-02T07:59:30Z";
    let elapsed = Duration::from_secs(86_370);
    late().when(seen(before, held())).then([voided(kind), paused(before, elapsed)]);
    late().when(seen(due, held())).then([voided(kind), paused(due, minutes(24 * 60))]);
    let after = "2026-06-02T08:00:00.001Z";
    let elapsed = Duration::from_millis(86_400_001);
    late().when(seen(after, held())).then([paused(after, elapsed)]);
    // It has what was left, and may still be late with that.
    let unheld = Fact::Unheld { hold_id: HOLD };
    let resumed = late().and(seen(before, held())).and(seen("2026-06-03T08:00:00Z", unheld));
    let state = resumed.when(fire(kind, What::Breach, "2026-06-03T08:00:31Z")).into_state();
    let due_at = at("2026-06-03T08:00:30Z");
    assert_eq!(of(kind, &state).breach, Some(Breach { due_at, voided: false }));
}

#[test]
fn another_target_from_before_due_that_is_learnt_late_takes_the_breach_back() {
    let kind = ClockKind::Resolution;
    let late = || monday().and(fire(kind, What::Breach, "2026-06-02T08:00:31Z"));
    // Of 48 hours half is left.
    let state = late().when(seen("2026-06-02T07:00:00Z", raised(Priority::P4))).into_state();
    let clock = of(kind, &state);
    assert_eq!((clock.breach, clock.due_at), (None, Some(at("2026-06-03T08:00:00Z"))));
    late()
        .when(seen("2026-06-02T08:00:00.001Z", raised(Priority::P4)))
        .then([Event::TicketNoted(facts("2026-06-01T08:00:00Z", Some(Priority::P4)))]);
}

#[test]
fn an_end_from_before_due_that_is_learnt_late_takes_the_breach_back() {
    let kind = ClockKind::Resolution;
    let closed = Fact::Closed { reason: CloseReason::Other };
    let state = monday()
        .and(seen("2026-06-01T08:01:00Z", Fact::AckSent))
        .and(seen("2026-06-01T08:30:00Z", reply()))
        .and(fire(kind, What::Breach, "2026-06-02T08:00:31Z"));
    let before = "2026-06-02T07:59:30Z";
    let elapsed = Duration::from_secs(86_370);
    state
        .when(seen(before, closed))
        .then([voided(kind), stopped(kind, before, Outcome::Cancelled, elapsed)]);
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
