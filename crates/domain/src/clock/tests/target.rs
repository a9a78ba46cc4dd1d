//! Another priority is another target.
use super::*;

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
        old_last_day: None,
        goal: Goal::Target(minutes(240)),
        granted: Duration::ZERO,
        basis: Basis::Policy { id: "PL_STANDARD".into(), version: 2 },
        calendar: Some(CalendarRef { id: "ALWAYS".into(), version: 1 }),
        due_at: Some(due_at),
        safe_due_at: None,
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
