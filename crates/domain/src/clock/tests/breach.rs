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
