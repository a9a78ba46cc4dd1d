//! How a ticket's first clocks begin.
use super::*;

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
            channel: Some(Channel::Email),
            basis: Basis::Policy { id: "PL_STANDARD".into(), version: 1 },
            calendar: Some(CalendarRef { id: calendar.into(), version: 1 }),
            goal: Goal::Target(target),
            started_at: at(received),
            due_at: at(due),
            safe_due_at: None,
            silence: None,
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
    let state = state.when(seen("2026-06-01T08:00:09Z", spoken(false))).into_state();
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
fn the_receipt_of_a_letter_is_confirmed_by_post() {
    let acks = |channel, awaits_reply| {
        let without_address = TicketFacts {
            channel,
            has_requester: false,
            awaits_reply,
            ..facts("2026-06-01T08:00:00Z", Some(Priority::P3))
        };
        let registered = Fact::TicketRegistered(without_address);
        let state = given::<Clocks>([]).and(seen("2026-06-01T08:00:01Z", registered)).into_state();
        state.latest(ClockKind::Ack).map(|clock| clock.due_at)
    };
    // Two working days.
    assert_eq!(acks(Channel::Letter, true), Some(Some(at("2026-06-03T08:00:00Z"))));
    assert_eq!(acks(Channel::Letter, false), None, "nobody wrote it");
    assert_eq!(acks(Channel::Voice, true), None, "nobody can be written to");
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
