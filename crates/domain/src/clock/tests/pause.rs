//! Which clocks are paused while the ticket waits, and which are not.
use super::*;

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
    let noted = TicketFacts {
        solved_at: Some(at(now)),
        ..facts("2026-06-01T08:00:00Z", Some(Priority::P3))
    };
    paused.when(seen(now, Fact::Resolved)).then([
        stopped(ClockKind::Resolution, now, Outcome::Met, minutes(6 * 60)),
        Event::TicketNoted(noted),
    ]);
}
