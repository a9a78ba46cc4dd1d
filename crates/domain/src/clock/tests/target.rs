//! A new priority gives a new target.
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
fn warnings_count_of_the_target_whatever_is_granted_on_top() {
    let kind = ClockKind::Resolution;
    let raised = || monday().and(seen("2026-06-01T11:32:00Z", raised(Priority::P1)));
    let clock = of(kind, &raised().into_state());
    // Two minutes are granted; 90 % of four hours are 216 minutes.
    assert_eq!((clock.granted, clock.due_at), (minutes(2), Some(at("2026-06-01T12:02:00Z"))));
    assert_eq!(clock.warn_at, [Warn { percent: 90, at: at("2026-06-01T11:36:00Z") }]);
    let warned = fire(kind, What::Threshold(90), "2026-06-01T11:36:00Z");
    let due_at = at("2026-06-01T12:02:00Z");
    raised().when(warned).then([reached(kind, 90, due_at, minutes(26))]);
    let asked = raised().and(seen("2026-06-01T11:34:00Z", held()));
    let resumed = asked.and(seen("2026-06-01T13:00:00Z", Fact::Unheld { hold_id: HOLD }));
    let clock = of(kind, &resumed.into_state());
    assert_eq!(clock.warn_at, [Warn { percent: 90, at: at("2026-06-01T13:02:00Z") }]);
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

/// The standard policy, and one that promises incidents another resolution at every priority.
fn incidents_within(target: Duration) -> Terms {
    let mut draft = Policy::pl_standard().draft().clone();
    for rule in draft.rules.iter_mut().filter(|rule| rule.kind == ClockKind::Resolution) {
        rule.target = target;
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
    let terms = incidents_within(minutes(60));
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
    let terms = incidents_within(minutes(60));
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

/// Six of its 24 hours are used when it is resolved, before the priority changes.
fn resolved() -> Given<Clocks> {
    monday().and(seen("2026-06-01T14:00:00Z", Fact::Resolved))
}

fn reopened(trigger: ReopenTrigger) -> Fact {
    Fact::Reopened { trigger }
}

#[test]
fn a_solved_ticket_changes_the_target_that_a_reopening_runs_on_with() {
    let (solved, now) = ("2026-06-01T14:00:00Z", "2026-06-01T15:00:00Z");
    let p2 = TicketFacts {
        solved_at: Some(at(solved)),
        ..facts("2026-06-01T08:00:00Z", Some(Priority::P2))
    };
    let change = Retargeted {
        clock_id: id(ClockKind::Resolution),
        at: at(now),
        elapsed: minutes(6 * 60),
        old_target: minutes(24 * 60),
        old_last_day: None,
        goal: Goal::Target(minutes(8 * 60)),
        granted: Duration::ZERO,
        basis: Basis::Policy { id: "PL_STANDARD".into(), version: 1 },
        calendar: Some(CalendarRef { id: "PL_BH_0820_6".into(), version: 1 }),
        due_at: None,
        safe_due_at: None,
        warn_at: Vec::new(),
        cause: RetargetCause::Priority,
    };
    let replied = || monday().and(seen("2026-06-01T08:10:00Z", reply()));
    let raised = replied().and(seen(solved, Fact::Resolved)).when(seen(now, raised(Priority::P2)));
    raised.then([Event::TicketNoted(p2), Event::Retargeted(Box::new(change))]);

    let state = replied()
        .and(seen(solved, Fact::Resolved))
        .and(seen(now, self::raised(Priority::P2)))
        .when(seen("2026-06-03T09:00:00Z", reopened(ReopenTrigger::Unsolved)))
        .into_state();
    let clock = of(ClockKind::Resolution, &state);
    // Two hours of eight are left.
    assert_eq!(clock.due_at, Some(at("2026-06-03T11:00:00Z")));
    assert_eq!((clock.carried, clock.first_outcome), (minutes(6 * 60), Some(Outcome::Met)));
    assert_eq!(clock.breach, None);
}

#[test]
fn a_solution_stays_in_time_whatever_the_next_target() {
    let no_minimum = with_policy(|_| ());
    let now = "2026-06-01T15:00:00Z";
    let raised = || resolved().and(under(&no_minimum, now, raised(Priority::P1)));
    let state = raised().when(seen(now, spoken(true))).into_state();
    let clock = of(ClockKind::Resolution, &state);
    let (solved, outcome) = (at("2026-06-01T14:00:00Z"), Outcome::Met);
    assert_eq!(clock.phase, Phase::Stopped { at: solved, outcome });
    assert_eq!((clock.due_at, clock.breach), (Some(at("2026-06-02T08:00:00Z")), None));
    assert_eq!(standing(&clock, at(now), &no_minimum).unwrap().remaining.as_secs(), 0);
    // Four hours are less than the six that are used: it is late as soon as it runs.
    let again = "2026-06-03T09:00:00Z";
    let reopened = under(&no_minimum, again, reopened(ReopenTrigger::Unsolved));
    let events = raised().when(reopened).into_events();
    let late = breached(ClockKind::Resolution, again, again, BreachCause::Retarget);
    assert!(events.contains(&late), "{events:?}");
}

#[test]
fn a_priority_raised_on_a_solved_ticket_leaves_the_minimum() {
    let state = resolved()
        .and(seen("2026-06-01T15:00:00Z", raised(Priority::P1)))
        .when(seen("2026-06-03T09:00:00Z", reopened(ReopenTrigger::Unsolved)))
        .into_state();
    let clock = of(ClockKind::Resolution, &state);
    assert_eq!((clock.due_at, clock.breach), (Some(at("2026-06-03T09:30:00Z")), None));
}

#[test]
fn another_policy_counts_for_a_solved_ticket_as_well() {
    let terms = incidents_within(minutes(12 * 60));
    let changed = Fact::TypeChanged { ticket_type: TicketType::Incident };
    let state = resolved()
        .and(under(&terms, "2026-06-01T15:00:00Z", changed))
        .when(under(&terms, "2026-06-03T08:00:00Z", reopened(ReopenTrigger::Unsolved)))
        .into_state();
    let clock = of(ClockKind::Resolution, &state);
    assert_eq!(clock.basis, Basis::Policy { id: "INCIDENTS".into(), version: 1 });
    // Twelve hours less six.
    assert_eq!(clock.due_at, Some(at("2026-06-03T14:00:00Z")));
}

#[test]
fn what_no_reopening_runs_on_with_keeps_its_target() {
    let goal = |given: Given<Clocks>, command: Command| {
        of(ClockKind::Resolution, &given.when(command).into_state()).goal
    };
    let before = Goal::Target(minutes(24 * 60));
    let (at, p2) = ("2026-06-03T15:00:00Z", raised(Priority::P2));
    let missed = monday().and(seen("2026-06-03T14:00:00Z", Fact::Resolved));
    assert_eq!(goal(missed, seen(at, p2.clone())), before);
    let restart = with_policy(|draft| draft.reopen = Reopen::Restart);
    assert_eq!(goal(resolved(), under(&restart, at, p2)), before);
    let mitigated = Fact::PriorityChanged { priority: Priority::P2, mitigated: true };
    assert_eq!(goal(resolved(), seen(at, mitigated)), before);
    // The first answer was given, and is given once.
    let answered = monday().and(seen("2026-06-01T08:10:00Z", reply()));
    let state = answered.when(seen(at, raised(Priority::P2))).into_state();
    assert_eq!(of(ClockKind::FirstReply, &state).goal, Goal::Target(minutes(60)));
}
