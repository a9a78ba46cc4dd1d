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

/// The standard policy, and one that promises incidents a resolution in an hour at every priority.
fn incidents_in_an_hour() -> Terms {
    let mut draft = Policy::pl_standard().draft().clone();
    for rule in draft.rules.iter_mut().filter(|rule| rule.kind == ClockKind::Resolution) {
        rule.target = minutes(60);
    }
    draft.id = "INCIDENTS".into();
    draft.scope = Scope::TicketTypes(vec![TicketType::Incident]);
    let mut policies = Policies::new(Arc::new(Policy::pl_standard()));
    policies.publish(Arc::new(Policy::new(draft).unwrap()), Timestamp::MIN);
    Terms { policies: Arc::new(policies), calendars: calendars(), regimes: Arc::default() }
}

fn resolution_target(state: &State) -> Goal {
    state.latest(ClockKind::Resolution).unwrap().goal
}

#[test]
fn a_ticket_has_the_targets_of_the_policy_for_its_type() {
    let terms = incidents_in_an_hour();
    let registered = |ticket_type| {
        let entitlement = Entitlement::of_type(ticket_type);
        let priority = Some(Priority::P3);
        let facts = TicketFacts { entitlement, ..facts("2026-06-01T08:00:00Z", priority) };
        let command = under(&terms, "2026-06-01T08:00:01Z", Fact::TicketRegistered(facts));
        given::<Clocks>([]).when(command).into_state()
    };
    let target = |ticket_type| resolution_target(&registered(ticket_type));
    assert_eq!(target(TicketType::Incident), Goal::Target(minutes(60)));
    assert_eq!(target(TicketType::Inquiry), Goal::Target(minutes(24 * 60)));
}

#[test]
fn another_type_for_which_another_policy_promises_is_another_target() {
    let terms = incidents_in_an_hour();
    let change = |ticket_type| Fact::TypeChanged { ticket_type };
    let now = "2026-06-01T08:30:00Z";
    let incident = monday().and(under(&terms, now, change(TicketType::Incident)));
    let back = under(&terms, now, change(TicketType::Inquiry));
    let events = incident.when(back).into_events();
    let causes: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Retargeted(change) => Some((change.cause, change.goal)),
            _ => None,
        })
        .collect();
    assert!(
        causes.contains(&(RetargetCause::Policy, Goal::Target(minutes(24 * 60)))),
        "{causes:?}"
    );
    // The same policy, whatever the type: only the type is noted.
    let request = monday().when(under(&terms, now, change(TicketType::Request))).into_events();
    assert!(matches!(request[..], [Event::TicketNoted(_)]), "{request:?}");
    // And nothing that was known already.
    let same = monday().when(under(&terms, now, change(TicketType::Inquiry))).into_events();
    assert!(same.is_empty(), "{same:?}");
}
