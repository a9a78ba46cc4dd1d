//! One value of every event of a ticket's clocks.
use std::time::Duration;

use domain::calendar::CalendarRef;
use domain::clock::{
    Basis, BreachCause, ClockClass, ClockKind, Event, Goal, Outcome, PauseReason, PromiseKind,
    RetargetCause, Retargeted, Started, TicketFacts, TimerKind, TimerSet, VoidReason, Warn,
};
use domain::ids::{AgentId, ClockId, HoldId, TicketId, TimerId};
use domain::priority::{Channel, Priority};
use domain::regime::SilenceEffect;
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let clock_id = ClockId(Uuid::from_u128(1));
    let ticket_id = TicketId(Uuid::from_u128(2));
    let kind = ClockKind::Resolution;
    let due_at = at("2026-06-02T08:00:00Z");
    let elapsed = Duration::from_millis(21_600_123);
    [
        Event::TicketNoted(TicketFacts {
            ticket_id,
            received_at: at("2026-06-01T08:00:00.123Z"),
            channel: Channel::Email,
            has_requester: true,
            awaits_reply: true,
            priority: Some(Priority::P3),
        }),
        Event::Started(Box::new(started(clock_id, ticket_id))),
        Event::Paused {
            clock_id,
            at: at("2026-06-01T14:00:00.123Z"),
            elapsed,
            reason: PauseReason::WaitingCustomer,
            hold_id: HoldId(Uuid::from_u128(4)),
        },
        Event::Resumed {
            clock_id,
            at: at("2026-06-01T15:00:00Z"),
            elapsed,
            due_at,
            warn_at: warnings(),
        },
        Event::Retargeted(Box::new(retargeted(clock_id, elapsed))),
        Event::ThresholdReached {
            clock_id,
            ticket_id,
            kind,
            percent: 75,
            due_at,
            remaining: Duration::from_secs(21_600),
        },
        Event::Breached {
            clock_id,
            ticket_id,
            kind,
            due_at,
            detected_at: at("2026-06-02T08:00:01.020Z"),
            cause: BreachCause::Time,
            silence_effect: Some(SilenceEffect::DeemedAccepted),
        },
        Event::Stopped {
            clock_id,
            at: due_at,
            outcome: Outcome::Met,
            elapsed,
            stop_event_id: Uuid::from_u128(5),
        },
        Event::BreachVoided {
            clock_id,
            reason: VoidReason::Excused,
            by: Some(AgentId("agent-17".to_owned())),
            note: "the provider was down".to_owned(),
        },
    ]
    .into_iter()
    .chain(timers(ticket_id, due_at))
    .collect()
}

fn timers(ticket_id: TicketId, due_at: Timestamp) -> [Event; 3] {
    [
        Event::TimerSet(Box::new(timer_set(ticket_id))),
        Event::TimerCancelled { timer_id: TimerId(Uuid::from_u128(6)), at: due_at },
        Event::TimerFired {
            timer_id: TimerId(Uuid::from_u128(6)),
            ticket_id,
            kind: TimerKind::CustomerReminder,
            step: 2,
            subject_ref: Some(Uuid::from_u128(4)),
            due_at,
            fired_at: at("2026-06-02T08:00:00.120Z"),
            wait_until: Some(at("2026-06-16T08:00:00.123Z")),
        },
    ]
}

fn timer_set(ticket_id: TicketId) -> TimerSet {
    TimerSet {
        timer_id: TimerId(Uuid::from_u128(6)),
        ticket_id,
        kind: TimerKind::CustomerReminder,
        step: 2,
        subject_ref: Some(Uuid::from_u128(4)),
        basis: Basis::Policy { id: "PL_STANDARD".to_owned(), version: 1 },
        calendar: calendar(),
        after: Duration::from_secs(432_000),
        set_at: at("2026-06-01T08:00:00.123Z"),
        fires_at: at("2026-06-09T08:00:00.123Z"),
    }
}

fn started(clock_id: ClockId, ticket_id: TicketId) -> Started {
    Started {
        clock_id,
        ticket_id,
        kind: ClockKind::StatutoryResponse,
        class: ClockClass::Statutory,
        cycle: 1,
        subject_ref: Some(Uuid::from_u128(3)),
        promise: None,
        basis: Basis::Regime { code: "PL_CONSUMER".to_owned(), version: 2 },
        calendar: Some(calendar()),
        goal: Goal::LastDay(jiff::civil::date(2026, 6, 29)),
        started_at: at("2026-06-01T08:00:00.123Z"),
        due_at: at("2026-06-29T21:59:59.999Z"),
        safe_due_at: Some(at("2026-06-26T15:00:00Z")),
        warn_at: warnings(),
    }
}

fn retargeted(clock_id: ClockId, elapsed: Duration) -> Retargeted {
    Retargeted {
        clock_id,
        at: at("2026-06-01T14:00:00.123Z"),
        elapsed,
        old_target: Duration::from_secs(86_400),
        new_target: Duration::from_secs(14_400),
        granted: Duration::from_millis(9_000_123),
        basis: Basis::Policy { id: "PL_STANDARD".to_owned(), version: 1 },
        calendar: Some(calendar()),
        due_at: Some(at("2026-06-01T14:30:00.123Z")),
        warn_at: warnings(),
        cause: RetargetCause::Priority,
    }
}

/// What a sample of every event cannot show: the other goals and what may be absent.
#[test]
fn what_may_be_absent_comes_back_absent() {
    use wire::Payload;
    let Some(Event::Started(started)) = samples().into_iter().nth(1) else { unreachable!() };
    let policy = Basis::Policy { id: "PL_STANDARD".to_owned(), version: 1 };
    for goal in [Goal::Instant, Goal::Target(Duration::from_secs(60))] {
        let event = Event::Started(Box::new(Started {
            subject_ref: None,
            basis: policy.clone(),
            calendar: None,
            goal,
            safe_due_at: None,
            warn_at: Vec::new(),
            ..*started.clone()
        }));
        assert_eq!(Event::decode(event.event_type(), &event.encode()).unwrap(), event);
    }
    for kind in [PromiseKind::EtaResolution, PromiseKind::Callback, PromiseKind::NextUpdate] {
        let event = Event::Started(Box::new(Started {
            kind: ClockKind::Promise,
            class: ClockClass::Sla,
            promise: Some(kind),
            basis: Basis::Given,
            calendar: None,
            goal: Goal::Instant,
            ..*started.clone()
        }));
        assert_eq!(Event::decode(event.event_type(), &event.encode()).unwrap(), event);
    }
    for event in samples() {
        assert_eq!(Event::decode(event.event_type(), &event.encode()).unwrap(), event);
    }
}

fn calendar() -> CalendarRef {
    CalendarRef { id: "PL_WORKDAY24".to_owned(), version: 1 }
}

fn warnings() -> Vec<Warn> {
    vec![
        Warn { percent: 75, at: at("2026-06-02T02:00:00Z") },
        Warn { percent: 90, at: at("2026-06-02T05:36:00Z") },
    ]
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
