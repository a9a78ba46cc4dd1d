//! The customer gets a message in time, with or without news.
use super::*;

fn standard() -> Terms {
    promising(Policy::pl_standard())
}

/// A P1 ticket of Monday, 10:00 in Warsaw: news are due every half hour.
fn p1() -> Given<Clocks> {
    let fact = Fact::TicketRegistered(facts("2026-06-01T08:00:00Z", Some(Priority::P1)));
    given::<Clocks>([]).and(now("2026-06-01T08:00:00Z", fact))
}

fn now(time: &str, fact: Fact) -> Command {
    under(&standard(), time, fact)
}

fn told() -> Fact {
    Fact::MessageAdded { kind: MessageKind::Update, channel: Channel::Email }
}

fn round(n: u32, state: &State) -> Clock {
    state.clock(clock_id(TICKET, ClockKind::PeriodicUpdate, n)).unwrap().clone()
}

#[test]
fn the_first_round_begins_at_receipt() {
    let state = p1().when(now("2026-06-01T08:00:01Z", Fact::AckSent)).into_state();
    let first = round(1, &state);
    assert_eq!(
        (first.started_at, first.due_at),
        (at("2026-06-01T08:00:00Z"), Some(at("2026-06-01T08:30:00Z")))
    );
}

#[test]
fn an_alert_that_nobody_sent_has_rounds_too() {
    let alert = TicketFacts {
        has_requester: false,
        awaits_reply: false,
        ..facts("2026-06-09T00:00:00Z", Some(Priority::P1))
    };
    let registered = now("2026-06-09T00:00:01Z", Fact::TicketRegistered(alert));
    let state = given::<Clocks>([]).when(registered).into_state();
    let kinds: Vec<_> = state.clocks.iter().map(|clock| (clock.kind, clock.due_at)).collect();
    assert_eq!(
        kinds,
        [
            (ClockKind::Resolution, Some(at("2026-06-09T04:00:00Z"))),
            (ClockKind::PeriodicUpdate, Some(at("2026-06-09T00:30:00Z"))),
        ]
    );
}

#[test]
fn what_the_customer_sees_begins_the_first_round_where_none_was_promised() {
    let news = ClockKind::PeriodicUpdate;
    let registered = facts("2026-06-01T08:00:00Z", Some(Priority::P3));
    let imported = |historical| {
        let Command::Observe(seen) =
            now("2026-06-01T08:00:00Z", Fact::TicketRegistered(registered.clone()))
        else {
            unreachable!()
        };
        let imported = Observation { historical: true, ..seen };
        let Command::Observe(seen) = now("2026-06-03T09:00:00Z", told()) else { unreachable!() };
        let seen = Observation { historical, ..seen };
        (Command::Observe(imported), Command::Observe(seen))
    };
    let (register, live) = imported(false);
    let state = given::<Clocks>([]).and(register.clone()).and(live).into_state();
    let first = round(1, &state);
    assert_eq!(first.started_at, at("2026-06-03T09:00:00Z"));
    let (_, past) = imported(true);
    let state = given::<Clocks>([]).and(register.clone()).and(past).into_state();
    assert!(!state.has_live(news));
    // After a solution there is nothing to keep anybody informed of.
    let solved = now("2026-06-02T09:00:00Z", Fact::Resolved);
    let state = given::<Clocks>([]).and(register).and(solved).and(imported(false).1).into_state();
    assert!(!state.has_live(news));
    // Raised to a priority at which news are promised.
    let mut draft = Policy::pl_standard().draft().clone();
    draft.rules.retain(|rule| rule.kind != news || rule.priority != Priority::P4);
    let terms = promising(Policy::new(draft).unwrap());
    let quiet = Fact::TicketRegistered(facts("2026-06-01T08:00:00Z", Some(Priority::P4)));
    let state = given::<Clocks>([])
        .and(under(&terms, "2026-06-01T08:00:00Z", quiet))
        .and(under(&terms, "2026-06-01T09:00:00Z", raised(Priority::P1)))
        .and(under(&terms, "2026-06-01T10:00:00Z", reply()))
        .into_state();
    assert_eq!(round(1, &state).due_at, Some(at("2026-06-01T10:30:00Z")));
}

#[test]
fn what_the_customer_sees_ends_a_round_and_begins_the_next() {
    for fact in [told(), reply()] {
        let state = p1().when(now("2026-06-01T08:12:00Z", fact)).into_state();
        let (at, outcome) = (at("2026-06-01T08:12:00Z"), Outcome::Met);
        assert_eq!(round(1, &state).phase, Phase::Stopped { at, outcome });
        assert_eq!(round(2, &state).due_at, Some(at + minutes(30)));
    }
}

#[test]
fn what_the_customer_does_not_see_ends_none() {
    let inbound = MessageKind::Inbound { written_at: at("2026-06-01T08:12:00Z") };
    for kind in [inbound, MessageKind::Automatic, MessageKind::Internal] {
        let fact = Fact::MessageAdded { kind, channel: Channel::Email };
        p1().when(now("2026-06-01T08:12:00Z", fact)).then_nothing();
    }
}

#[test]
fn a_round_without_news_is_breached_once_and_goes_on_until_there_are_some() {
    let kind = ClockKind::PeriodicUpdate;
    let late = p1().and(fire(kind, What::Breach, "2026-06-01T08:30:01Z"));
    let state = late.when(now("2026-06-01T08:50:00Z", told())).into_state();
    let first = round(1, &state);
    assert_eq!(first.breach.map(|breach| breach.due_at), Some(at("2026-06-01T08:30:00Z")));
    assert!(matches!(first.phase, Phase::Stopped { outcome: Outcome::Missed, .. }));
    assert_eq!(round(2, &state).due_at, Some(at("2026-06-01T09:20:00Z")));
}

#[test]
fn older_news_prove_the_earlier_round() {
    let late =
        p1().and(now("2026-06-01T08:40:00Z", told())).when(now("2026-06-01T08:29:00Z", told()));
    let first = clock_id(TICKET, ClockKind::PeriodicUpdate, 1);
    late.then([
        Event::BreachVoided {
            clock_id: first,
            reason: VoidReason::LateProof,
            by: None,
            note: String::new(),
        },
        Event::Stopped {
            clock_id: first,
            at: at("2026-06-01T08:29:00Z"),
            outcome: Outcome::Met,
            elapsed: minutes(29),
            stop_event_id: EVENT,
        },
    ]);
}

#[test]
fn a_round_stands_still_while_we_wait_for_the_customer() {
    let asked = p1().and(now("2026-06-01T08:10:00Z", reply()));
    let state = asked
        .and(now("2026-06-01T08:10:00Z", held()))
        .when(now("2026-06-01T10:10:00Z", Fact::Unheld { hold_id: HOLD }))
        .into_state();
    let second = round(2, &state);
    assert_eq!((second.carried, second.due_at), (minutes(0), Some(at("2026-06-01T10:40:00Z"))));
}

#[test]
fn a_round_that_begins_while_we_wait_stands_still_from_its_beginning() {
    let waiting = p1().and(now("2026-06-01T08:10:00Z", held()));
    let state = waiting.and(now("2026-06-01T09:00:00Z", told()));
    let state =
        state.when(now("2026-06-01T09:30:00Z", Fact::Unheld { hold_id: HOLD })).into_state();
    assert!(matches!(round(1, &state).phase, Phase::Stopped { outcome: Outcome::Met, .. }));
    assert_eq!(round(2, &state).due_at, Some(at("2026-06-01T10:00:00Z")));
}

#[test]
fn a_solution_ends_the_rounds_and_a_reopened_ticket_has_new_ones() {
    let solved = p1().and(now("2026-06-01T08:10:00Z", Fact::Resolved));
    let solved = solved.and(now("2026-06-01T08:20:00Z", told()));
    for trigger in [ReopenTrigger::Unsolved, ReopenTrigger::Appeal] {
        let reopened = now("2026-06-01T09:00:00Z", Fact::Reopened { trigger });
        let state = p1()
            .and(now("2026-06-01T08:10:00Z", Fact::Resolved))
            .and(now("2026-06-01T08:20:00Z", told()))
            .when(reopened)
            .into_state();
        assert!(matches!(
            round(1, &state).phase,
            Phase::Stopped { outcome: Outcome::Cancelled, .. }
        ));
        assert_eq!(round(2, &state).due_at, Some(at("2026-06-01T09:30:00Z")));
    }
    let state = solved.when(now("2026-06-01T08:30:00Z", Fact::AckSent)).into_state();
    assert!(!state.has_live(ClockKind::PeriodicUpdate), "a message after the solution is no round");
}

#[test]
fn a_history_of_another_system_has_no_rounds() {
    let (time, fact) = ("2026-06-01T08:00:00Z", facts("2026-06-01T08:00:00Z", Some(Priority::P1)));
    let terms = standard();
    let seen = |fact| {
        let at = at(time);
        Command::Observe(Observation {
            event_id: EVENT,
            at,
            historical: true,
            terms: terms.clone(),
            fact,
        })
    };
    let state = given::<Clocks>([])
        .and(seen(Fact::TicketRegistered(fact)))
        .and(seen(told()))
        .and(seen(Fact::Queued))
        .and(seen(Fact::Resolved))
        .when(seen(Fact::Reopened { trigger: ReopenTrigger::Unsolved }))
        .into_state();
    assert!(state.latest(ClockKind::PeriodicUpdate).is_none());
    assert!(state.latest(ClockKind::Assign).is_none());
    assert!(state.timers.is_empty());
}
