//! One value of every event of a ticket's clocks.
use std::time::Duration;

use domain::calendar::CalendarRef;
use domain::clock::{
    Basis, BreachCause, ClockClass, ClockKind, ComplaintFacts, CustomerWait, Decision, Event,
    Extension, Goal, InfoRequest, NoNews, Outcome, PauseReason, PromiseKind, RegimeVersion,
    ReplyWay, RetargetCause, Retargeted, Started, TicketFacts, TimerKind, TimerSet, VoidReason,
    Wait, Warn,
};
use domain::identity::ConsumerStatus;
use domain::ids::{
    AgentId, AppealId, ClockId, ComplaintId, DecisionId, HoldId, InfoRequestId, MessageId,
    TicketId, TimerId,
};
use domain::policy::Entitlement;
use domain::priority::{Channel, Priority, TicketType};
use domain::regime::{Counting, SilenceEffect};
use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let clock_id = ClockId(Uuid::from_u128(1));
    let ticket_id = TicketId(Uuid::from_u128(2));
    let kind = ClockKind::Resolution;
    let due_at = at("2026-06-02T08:00:00Z");
    let elapsed = Duration::from_millis(21_600_123);
    [
        Event::TicketNoted(noted(ticket_id)),
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
            regime: Some(RegimeVersion { code: "PL_CONSUMER".to_owned(), version: 2 }),
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
    .chain([Event::ComplaintNoted(Box::new(complaint()))])
    .collect()
}

fn complaint() -> ComplaintFacts {
    ComplaintFacts {
        complaint_id: ComplaintId(Uuid::from_u128(7)),
        regimes: vec![RegimeVersion { code: "PL_CONSUMER".to_owned(), version: 2 }],
        counting: Counting {
            received_at: at("2026-06-01T08:00:00.123Z"),
            filed_at: Some(at("2026-05-31T08:00:00Z")),
            item_delivered_at: Some(at("2026-06-02T08:00:00Z")),
        },
        customer: ConsumerStatus::Consumer,
        on_paper: true,
        way: ReplyWay { by_letter: true, filed_on_paper: true },
        opened_at: at("2026-06-01T09:00:00Z"),
        requests: vec![InfoRequest {
            request_id: InfoRequestId(Uuid::from_u128(8)),
            asked_at: at("2026-06-03T08:00:00Z"),
            waited_until: Some(at("2026-06-05T08:00:00Z")),
            supplied: true,
        }],
        extension: Some(Extension {
            new_last_day: date(2026, 7, 31),
            notice_message_id: MessageId(Uuid::from_u128(9)),
            told_at: Some(at("2026-06-10T08:00:00Z")),
            delivered_at: Some(at("2026-06-11T08:00:00Z")),
        }),
        appeal_extension: Some(Extension {
            new_last_day: date(2026, 8, 31),
            notice_message_id: MessageId(Uuid::from_u128(13)),
            told_at: None,
            delivered_at: None,
        }),
        decisions: vec![Decision {
            decision_id: DecisionId(Uuid::from_u128(10)),
            on_appeal: true,
            decided_at: at("2026-06-12T07:58:00Z"),
            sent_at: Some(at("2026-06-12T08:00:00Z")),
            delivered_at: Some(at("2026-06-12T08:00:05Z")),
        }],
        appeal: Some(AppealId(Uuid::from_u128(11))),
        resolved_at: Some(at("2026-06-12T07:59:00Z")),
        waits: vec![CustomerWait {
            hold_id: HoldId(Uuid::from_u128(12)),
            since: at("2026-06-01T10:00:00Z"),
            until: Some(at("2026-06-01T11:00:00Z")),
        }],
        reprioritised: Some(Priority::P2),
    }
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
            no_news: Some(no_news()),
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
        wait: Wait::WorkingTime { calendar: calendar(), after: Duration::from_secs(432_000) },
        set_at: at("2026-06-01T08:00:00.123Z"),
        fires_at: at("2026-06-09T08:00:00.123Z"),
        no_news: Some(no_news()),
    }
}

fn no_news() -> NoNews {
    NoNews {
        silent_since: at("2026-06-01T08:00:00.123Z"),
        next_due_at: Some(at("2026-06-10T08:00:00.123Z")),
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
        channel: Some(Channel::Chat),
        basis: Basis::Regime { code: "PL_CONSUMER".to_owned(), version: 2 },
        calendar: Some(calendar()),
        goal: Goal::LastDay { day: date(2026, 6, 29), unrolled: date(2026, 6, 27) },
        started_at: at("2026-06-01T08:00:00.123Z"),
        due_at: at("2026-06-29T21:59:59.999Z"),
        safe_due_at: Some(at("2026-06-26T15:00:00Z")),
        silence: Some(SilenceEffect::DeemedAccepted),
        warn_at: warnings(),
    }
}

fn retargeted(clock_id: ClockId, elapsed: Duration) -> Retargeted {
    Retargeted {
        clock_id,
        at: at("2026-06-01T14:00:00.123Z"),
        elapsed,
        old_target: Duration::from_secs(86_400),
        old_last_day: None,
        goal: Goal::Target(Duration::from_secs(14_400)),
        granted: Duration::from_millis(9_000_123),
        basis: Basis::Policy { id: "PL_STANDARD".to_owned(), version: 1 },
        calendar: Some(calendar()),
        due_at: Some(at("2026-06-01T14:30:00.123Z")),
        safe_due_at: None,
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
            channel: None,
            basis: policy.clone(),
            calendar: None,
            goal,
            safe_due_at: None,
            silence: None,
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
    let Some(Event::Retargeted(change)) = samples().into_iter().nth(4) else { unreachable!() };
    let extended = Event::Retargeted(Box::new(Retargeted {
        old_target: Duration::ZERO,
        old_last_day: Some(date(2026, 6, 29)),
        goal: Goal::LastDay { day: date(2026, 8, 3), unrolled: date(2026, 8, 1) },
        granted: Duration::ZERO,
        basis: Basis::Regime { code: "PL_CONSUMER".to_owned(), version: 2 },
        calendar: None,
        safe_due_at: Some(at("2026-07-31T15:00:00Z")),
        cause: RetargetCause::Extension,
        ..*change
    }));
    let until_day = Event::TimerSet(Box::new(TimerSet {
        kind: TimerKind::SupplementEnd,
        basis: Basis::Regime { code: "PL_CONSUMER".to_owned(), version: 2 },
        wait: Wait::LastDay(date(2026, 6, 10)),
        ..timer_set(TicketId(Uuid::from_u128(2)))
    }));
    let suspended = Event::Paused {
        clock_id: ClockId(Uuid::from_u128(1)),
        at: at("2026-06-03T08:00:00Z"),
        elapsed: Duration::ZERO,
        reason: PauseReason::InfoRequested,
        hold_id: HoldId(Uuid::from_u128(8)),
    };
    let nothing = Event::ComplaintNoted(Box::new(ComplaintFacts {
        regimes: Vec::new(),
        counting: Counting::from_receipt(at("2026-06-01T08:00:00Z")),
        on_paper: false,
        way: ReplyWay::default(),
        requests: Vec::new(),
        extension: None,
        decisions: Vec::new(),
        appeal: None,
        resolved_at: None,
        ..complaint()
    }));
    for event in samples().into_iter().chain([extended, until_day, suspended, nothing]) {
        assert_eq!(Event::decode(event.event_type(), &event.encode()).unwrap(), event);
    }
}

fn calendar() -> CalendarRef {
    CalendarRef { id: "PL_WORKDAY24".to_owned(), version: 1 }
}

fn noted(ticket_id: TicketId) -> TicketFacts {
    TicketFacts {
        ticket_id,
        received_at: at("2026-06-01T08:00:00.123Z"),
        channel: Channel::Email,
        has_requester: true,
        awaits_reply: true,
        priority: Some(Priority::P3),
        entitlement: entitlement(),
        solved_at: Some(at("2026-06-03T09:00:00Z")),
        extension: Some(Extension {
            new_last_day: date(2026, 8, 31),
            notice_message_id: MessageId(Uuid::from_u128(41)),
            told_at: Some(at("2026-06-20T08:00:00Z")),
            delivered_at: Some(at("2026-06-21T08:00:00Z")),
        }),
    }
}

fn entitlement() -> Entitlement {
    Entitlement {
        ticket_type: TicketType::Incident,
        segment: "gold".to_owned(),
        contracts: vec!["SLA-17".to_owned()],
    }
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
