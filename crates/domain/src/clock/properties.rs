//! What holds for clocks whatever happens to a ticket, and in whatever order.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::calendar::{Calendars, Period, PreparedCalendar, presets};
use crate::identity::ConsumerStatus;
use crate::ids::{
    AgentId, AppealId, AssignmentId, ClockId, ComplaintId, ContactId, DecisionId, HoldId,
    InfoRequestId, MessageId, RemedyId, TicketId,
};
use crate::policy::{Draft, Entitlement, Policies, Policy, Reopen, Rule, Scope};
use crate::priority::{Channel, Priority, TicketType};
use crate::regime::sample::{consumer, financial, house, regime};
use crate::regime::{
    Ack, Appeal, Counting, Incomplete, IncompleteEffect, Occasion, Regimes, SupplementFailure,
};

/// What may happen, at any time after the last; also a little before it.
#[derive(Debug, Clone)]
enum Step {
    Fact(Fact),
    FireDue,
    FireAny(u8),
    Void(u8),
}

static CALENDARS: LazyLock<Arc<Calendars>> = LazyLock::new(|| {
    let prepared = presets().into_iter().map(|c| Arc::new(PreparedCalendar::new(c, 2026..=2026)));
    Arc::new(prepared.collect())
});

/// Laws that count, wait and extend in every way.
static LAW: LazyLock<Arc<Regimes>> = LazyLock::new(|| {
    let mut suspends = consumer();
    suspends.ack = Some(Ack { period: Period::CalendarDays(2), durable: true });
    suspends.incomplete = Some(Incomplete {
        supplement: Period::CalendarDays(3),
        effect: IncompleteEffect::Suspend,
        failure: SupplementFailure::Decided,
    });
    suspends.appeal = Appeal {
        allowed: true,
        window: Some(Period::CalendarDays(4)),
        base: Some(Period::CalendarDays(5)),
        silence: None,
    };
    let mut restarts = financial();
    restarts.base.period = Period::BusinessDays(5);
    restarts.incomplete = suspends
        .incomplete
        .map(|incomplete| Incomplete { effect: IncompleteEffect::Restart, ..incomplete });
    let mut regimes = Regimes::default();
    let mut request = suspends.clone();
    request.code = "EU_GDPR_DSR".into();
    request.scope.occasion = Occasion::Request;
    for draft in [suspends, restarts, house(), request] {
        regimes.publish(Arc::new(regime(draft)));
    }
    Arc::new(regimes)
});

fn terms(reopen: Reopen) -> Terms {
    let standard = Policy::pl_standard();
    let mut rules = standard.rules().to_vec();
    rules.push(Rule {
        priority: Priority::P2,
        kind: ClockKind::UcVendor,
        channels: Vec::new(),
        target: Duration::from_secs(7_200),
        calendar: "PL_BH_0917".into(),
    });
    let policy = Policy::new(Draft {
        id: "ANY".into(),
        version: 3,
        rules,
        warn_percents: vec![50, 75, 90],
        reopen,
        automations: standard.automations().to_vec(),
        no_news_updates: standard.draft().no_news_updates.clone(),
        scope: Scope::Everybody,
        retarget_min_remaining: [
            Duration::from_secs(1800),
            Duration::ZERO,
            Duration::ZERO,
            Duration::ZERO,
        ],
    });
    let mut policies = Policies::new(Arc::new(policy.unwrap()));
    let scope = Scope::TicketTypes(vec![TicketType::Incident]);
    let narrower = Draft { id: "INCIDENTS".into(), scope, ..standard.draft().clone() };
    policies.publish(Arc::new(Policy::new(narrower).unwrap()), Timestamp::MIN);
    let policies = Arc::new(policies);
    Terms { policies, calendars: CALENDARS.clone(), regimes: LAW.clone() }
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let priority = proptest::sample::select(Priority::ALL.to_vec());
    let kind = proptest::sample::select(vec![
        MessageKind::Inbound { written_at: Timestamp::MAX },
        MessageKind::Inbound { written_at: "2026-03-27T16:00:00Z".parse().unwrap() },
        MessageKind::Reply,
        MessageKind::Update,
        MessageKind::Automatic,
        MessageKind::Internal,
    ]);
    let channel = proptest::sample::select(vec![Channel::Email, Channel::Chat]);
    let hold = (0..2u128).prop_map(|n| HoldId(Uuid::from_u128(n)));
    let holder = proptest::sample::select(vec![HoldKind::Customer, HoldKind::ThirdParty]);
    let trigger = proptest::sample::select(vec![
        ReopenTrigger::Unsolved,
        ReopenTrigger::NotSpam,
        ReopenTrigger::Appeal,
    ]);
    let reason = proptest::sample::select(vec![
        CloseReason::Confirmed,
        CloseReason::Spam,
        CloseReason::Duplicate,
        CloseReason::Withdrawn,
        CloseReason::Other,
    ]);
    prop_oneof![
        2 => (priority, any::<bool>())
            .prop_map(|(priority, mitigated)| Fact::PriorityChanged { priority, mitigated }),
        1 => proptest::sample::select(vec![
            TicketType::Incident,
            TicketType::Inquiry,
            TicketType::DataSubjectRequest,
        ])
            .prop_map(|ticket_type| Fact::TypeChanged { ticket_type }),
        3 => (kind, channel).prop_map(|(kind, channel)| Fact::MessageAdded { kind, channel }),
        3 => any_contact(),
        1 => any::<bool>().prop_map(|outbound| Fact::ContactAnswered { outbound }),
        3 => (hold.clone(), holder, any_due()).prop_map(|(hold_id, kind, expected_by)| {
            Fact::Held { hold_id, kind, expected_by: Some(expected_by) }
        }),
        3 => hold.prop_map(|hold_id| Fact::Unheld { hold_id }),
        2 => Just(Fact::Resolved),
        2 => trigger.prop_map(|trigger| Fact::Reopened { trigger }),
        1 => reason.prop_map(|reason| Fact::Closed { reason }),
        1 => Just(Fact::AckSent),
        1 => Just(Fact::AckSpared),
        3 => any_owner_fact(),
        3 => any_promise(),
        8 => any_complaint_fact().prop_map(Fact::Complaint),
        1 => (any_due(), 0..2u128).prop_map(|(at, id)| Fact::RequestExtended {
            new_last_day: jiff::tz::TimeZone::UTC.to_datetime(at).date(),
            notice_message_id: MessageId(Uuid::from_u128(id)),
        }),
    ]
}

fn any_contact() -> impl Strategy<Value = Fact> {
    let contact = || (0..2u128).prop_map(|n| ContactId(Uuid::from_u128(n)));
    prop_oneof![
        (contact(), any::<bool>())
            .prop_map(|(contact_id, noted)| Fact::ContactEnded { contact_id, noted }),
        contact().prop_map(|contact_id| Fact::ContactNoted { contact_id }),
    ]
}

fn any_complaint_fact() -> impl Strategy<Value = ComplaintFact> {
    let version = |code: &str| RegimeVersion { code: code.into(), version: 1 };
    let laws = proptest::sample::subsequence(
        vec![version("PL_CONSUMER_GENERAL"), version("PL_FINANCIAL")],
        0..=2,
    );
    let id = || (0..2u128).prop_map(Uuid::from_u128);
    let day = || any_due().prop_map(|at| jiff::tz::TimeZone::UTC.to_datetime(at).date());
    let message = || id().prop_map(MessageId);
    let request = || id().prop_map(InfoRequestId);
    prop_oneof![
        4 => (laws.clone(), any_due(), any::<bool>()).prop_map(|(mut regimes, at, on_paper)| {
            if regimes.is_empty() {
                regimes = vec![RegimeVersion { code: "PL_FINANCIAL".into(), version: 1 }];
            }
            let complaint_id = ComplaintId(Uuid::from_u128(8));
            let (counting, customer) = (Counting::from_receipt(at), ConsumerStatus::Consumer);
            ComplaintFact::Opened { complaint_id, regimes, counting, customer, on_paper }
        }),
        1 => laws.prop_map(|regimes| ComplaintFact::Reclassified { regimes }),
        2 => (request(), day()).prop_map(|(request_id, supplement_by)| {
            ComplaintFact::InfoRequested { request_id, supplement_by }
        }),
        2 => (request(), any::<bool>()).prop_map(|(request_id, complete)| {
            ComplaintFact::InfoReceived { request_id, complete }
        }),
        1 => request().prop_map(|request_id| ComplaintFact::SupplementEnded { request_id }),
        1 => (day(), message()).prop_map(|(new_last_day, notice_message_id)| {
            ComplaintFact::Extended { new_last_day, notice_message_id }
        }),
        1 => (message(), any_due()).prop_map(|(message_id, at)| {
            ComplaintFact::MessageSent { message_id, at }
        }),
        1 => Just(ComplaintFact::AckSent),
        3 => (id(), any::<bool>(), id(), day()).prop_map(|(id, on_appeal, remedy, day)| {
            let remedies = vec![(RemedyId(remedy), day)];
            ComplaintFact::Decided { decision_id: DecisionId(id), on_appeal, remedies }
        }),
        3 => (id(), any::<bool>(), any_due()).prop_map(|(id, delivered, at)| {
            ComplaintFact::Evidenced { decision_id: DecisionId(id), delivered, at }
        }),
        1 => (id(), day()).prop_map(|(id, executed_on)| {
            ComplaintFact::RemedyExecuted { remedy_id: RemedyId(id), executed_on }
        }),
        1 => (id(), id()).prop_map(|(decision, remedy)| ComplaintFact::AcceptanceWithdrawn {
            decision_id: DecisionId(decision),
            remedies: vec![RemedyId(remedy)],
        }),
        1 => id().prop_map(|id| ComplaintFact::RemedyWaived { remedy_id: RemedyId(id) }),
        1 => (id(), any_due()).prop_map(|(id, received_at)| {
            ComplaintFact::AppealFiled { appeal_id: AppealId(id), received_at }
        }),
    ]
}

fn any_owner_fact() -> impl Strategy<Value = Fact> {
    let assignment = (0..3u128).prop_map(|n| AssignmentId(Uuid::from_u128(n)));
    prop_oneof![
        Just(Fact::Queued),
        (assignment.clone(), any_due())
            .prop_map(|(assignment_id, accept_by)| { Fact::Assigned { assignment_id, accept_by } }),
        assignment.prop_map(|assignment_id| Fact::Accepted { assignment_id }),
        Just(Fact::WorkStarted),
        Just(Fact::RouteEnded),
    ]
}

fn any_promise() -> impl Strategy<Value = Fact> {
    let id = || (10..14u128).prop_map(Uuid::from_u128);
    let kind = proptest::sample::select(vec![
        PromiseKind::EtaResolution,
        PromiseKind::Callback,
        PromiseKind::NextUpdate,
    ]);
    (id(), kind, any_due(), proptest::option::of(id())).prop_map(
        |(promise_id, kind, due_at, replaces)| Fact::PromiseMade {
            promise_id,
            kind,
            due_at,
            replaces,
        },
    )
}

/// Some instant from a day before the first fact to three weeks after it.
fn any_due() -> impl Strategy<Value = Timestamp> {
    let first: Timestamp = "2026-03-27T15:30:00Z".parse().unwrap();
    (-86_400..1_814_400i64)
        .prop_map(move |s| first.checked_add(SignedDuration::from_secs(s)).unwrap())
}

fn any_steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let step = prop_oneof![
        6 => any_fact().prop_map(Step::Fact),
        2 => Just(Step::FireDue),
        1 => any::<u8>().prop_map(Step::FireAny),
        1 => any::<u8>().prop_map(Step::Void),
    ];
    // From a quarter of an hour back to a day on, often the very same instant.
    let gap = prop_oneof![Just(0), -900_000..86_400_000i64, 0..3_600_000i64];
    proptest::collection::vec((gap, step), 1..40)
}

fn command(
    state: &State,
    (n, step): (u128, &Step),
    now: Timestamp,
    terms: &Terms,
) -> Option<Command> {
    let pick = |n: u8| state.clocks.get(usize::from(n) % state.clocks.len().max(1));
    Some(match step {
        Step::Fact(fact) => Command::Observe(Observation {
            event_id: Uuid::from_u128(n),
            at: now,
            historical: n % 5 == 4,
            terms: terms.clone(),
            fact: fact.clone(),
        }),
        Step::FireDue => {
            let timer = *due_timers(state).first()?;
            Command::Fire { id: timer.id, what: timer.what, now: now.max(timer.at) }
        }
        Step::FireAny(n) => Command::Fire { id: pick(*n)?.id.0, what: What::Threshold(75), now },
        Step::Void(n) => Command::VoidBreach {
            clock_id: pick(*n)?.id,
            excuse: Excuse::Excused,
            by: AgentId("sm".into()),
            note: "why".into(),
        },
    })
}

/// What must hold of every state.
fn check(state: &State) {
    let several = [ClockKind::Promise, ClockKind::UcVendor];
    let one = |kind: &ClockKind| !several.contains(kind) && !kind.is_of_complaint();
    for kind in ClockKind::ALL.into_iter().filter(one) {
        assert!(state.live(kind).count() <= 1, "{kind:?}");
    }
    let ids: BTreeSet<_> = state.clocks.iter().map(|clock| clock.id).collect();
    assert_eq!(ids.len(), state.clocks.len(), "two clocks of one id");
    let running: BTreeSet<_> = due_timers(state).iter().map(|timer| ClockId(timer.id)).collect();
    for clock in &state.clocks {
        match clock.phase {
            Phase::Running { .. } => {
                assert!(clock.due_at.is_some());
                assert_eq!(running.contains(&clock.id), clock.breach.is_none());
            }
            Phase::Paused { .. } => {
                assert!(!running.contains(&clock.id) && clock.warn_at.is_empty());
                let suspended = clock.kind == ClockKind::StatutoryResponse;
                assert!(clock.kind.waits_for_customer() || suspended);
            }
            Phase::Stopped { outcome, .. } => {
                assert!(!running.contains(&clock.id));
                let counts = clock.breach.is_some_and(|breach| !breach.voided);
                assert!(!(counts && outcome == Outcome::Met), "met in spite of a breach");
            }
        }
        assert!(clock.warn_at.iter().all(|warn| warn.percent > clock.warned));
    }
}

/// Somebody is told that there is no news by the clock that runs, and by no other.
fn check_no_news(state: &State) {
    let kind = TimerKind::NoNewsUpdate;
    let timers: Vec<_> = state.timers.iter().filter(|timer| timer.kind == kind).collect();
    assert!(timers.len() <= 1, "at most one at a time");
    for timer in timers {
        let round = state.clock(ClockId(timer.subject_ref.unwrap())).unwrap();
        // What was found late stays; it is told all the same.
        assert!(matches!(round.phase, Phase::Running { .. }), "told while it stands still");
        assert_eq!(round.due_at, Some(timer.fires_at));
    }
}

/// Nobody is asked for a note that is there, nor twice for the same.
fn check_notes(state: &State, command: &Command) {
    let kind = TimerKind::NoteMissing;
    let of: Vec<_> =
        state.timers.iter().filter(|t| t.kind == kind).map(|t| t.subject_ref).collect();
    assert_eq!(of.iter().collect::<BTreeSet<_>>().len(), of.len());
    if let Command::Observe(Observation { fact: Fact::ContactNoted { contact_id }, .. }) = command {
        assert!(!of.contains(&Some(contact_id.0)));
    }
}

/// What must hold between a state and the next one.
fn check_step(before: &State, after: &State) {
    for (old, new) in before.clocks.iter().zip(&after.clocks) {
        assert_eq!(old.id, new.id);
        assert!(old.carried <= new.carried, "{:?} shrank", old.kind);
        assert!(old.warned <= new.warned);
        let paused = |c: &Clock| matches!(c.phase, Phase::Paused { .. });
        if paused(old) && paused(new) {
            assert_eq!(old.carried, new.carried, "ran while paused");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_happens_clocks_keep_their_laws(
        steps in any_steps(), priority in proptest::sample::select(Priority::ALL.to_vec()),
        restart in any::<bool>(),
    ) {
        let terms = terms(if restart { Reopen::Restart } else { Reopen::Continue });
        let mut now: Timestamp = "2026-03-27T15:30:00Z".parse().unwrap();
        let ticket = TicketFacts {
            ticket_id: TicketId(Uuid::from_u128(3)),
            received_at: now,
            channel: Channel::Email,
            has_requester: true,
            awaits_reply: true,
            priority: Some(priority),
            entitlement: Entitlement::of_type(TicketType::Inquiry),
            solved_at: None,
            extension: None,
        };
        let mut log: Vec<Event> = Vec::new();
        let mut state = State::default();
        let register = Step::Fact(Fact::TicketRegistered(ticket));
        for (n, (gap, step)) in (0..).zip(std::iter::once(&(0, register)).chain(&steps)) {
            now = now.checked_add(SignedDuration::from_millis(*gap)).unwrap();
            let Some(command) = command(&state, (n, step), now, &terms) else { continue };
            let Ok(events) = Clocks::decide(&state, &command) else { continue };
            let before = state.clone();
            for event in &events {
                state = Clocks::evolve(state, event);
                check(&state);
            }
            check_step(&before, &state);
            check_no_news(&state);
            check_notes(&state, &command);
            log.extend(events);
        }
        prop_assert_eq!(&Clocks::fold(&log), &state);
        let mut warned: BTreeMap<(ClockId, u8), u32> = BTreeMap::new();
        for event in &log {
            if let Event::ThresholdReached { clock_id, percent, .. } = event {
                *warned.entry((*clock_id, *percent)).or_default() += 1;
            }
        }
        prop_assert!(warned.values().all(|count| *count == 1), "warned twice");
        let mut set = BTreeSet::new();
        let mut ended = BTreeSet::new();
        for event in &log {
            match event {
                Event::TimerSet(timer) => prop_assert!(set.insert(timer.timer_id), "set twice"),
                Event::TimerCancelled { timer_id, .. } | Event::TimerFired { timer_id, .. } => {
                    prop_assert!(set.contains(timer_id) && ended.insert(*timer_id));
                }
                _ => {}
            }
        }
        let mut told = BTreeSet::new();
        for event in &log {
            if let Event::TimerFired { subject_ref, no_news: Some(_), .. } = event {
                prop_assert!(told.insert(*subject_ref), "told twice in a round");
            }
        }
        let open: BTreeSet<_> = state.timers.iter().map(|timer| timer.timer_id).collect();
        prop_assert_eq!(open, set.difference(&ended).copied().collect::<BTreeSet<_>>());
        let told = life(log.iter().map(|event| (now, event)));
        let of_clocks = log.iter().filter(|event| event.clock_id().is_some()).count();
        prop_assert_eq!(told.into_iter().flatten().count(), of_clocks, "a step is missing");
        for clock in &state.clocks {
            standing(clock, now, &terms).unwrap();
        }
    }

    #[test]
    fn a_pause_costs_nothing(
        start in 0..3_000_000i64, worked in 0..28_800i64, waited in 0..3_000_000i64,
    ) {
        let terms = terms(Reopen::Continue);
        let base: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let after = |seconds: i64| base.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let (received_at, hold_id) = (after(start), HoldId(Uuid::from_u128(1)));
        let ticket = TicketFacts {
            ticket_id: TicketId(Uuid::from_u128(3)),
            received_at,
            channel: Channel::Email,
            has_requester: false,
            awaits_reply: false,
            priority: Some(Priority::P2),
            entitlement: Entitlement::of_type(TicketType::Inquiry),
            solved_at: None,
            extension: None,
        };
        let calendar = CALENDARS.at("PL_BH_0820_6", Timestamp::MIN).unwrap();
        let target = Duration::from_secs(8 * 3600);
        let paused = calendar.add(received_at, Duration::from_secs(worked.unsigned_abs())).unwrap();
        let resumed = paused.checked_add(SignedDuration::from_secs(waited)).unwrap();
        let mut state = State::default();
        for (at, fact) in [
            (received_at, Fact::TicketRegistered(ticket)),
            (paused, Fact::Held { hold_id, kind: HoldKind::Customer, expected_by: None }),
            (resumed, Fact::Unheld { hold_id }),
        ] {
            let (event_id, terms, historical) = (Uuid::nil(), terms.clone(), false);
            let seen = Observation { event_id, at, historical, terms, fact };
            let events = Clocks::decide(&state, &Command::Observe(seen)).unwrap();
            state = events.iter().fold(state, Clocks::evolve);
        }
        let due = state.latest(ClockKind::Resolution).unwrap().due_at.unwrap();
        let counted = calendar.elapsed(received_at, paused) + calendar.elapsed(resumed, due);
        prop_assert_eq!(counted, target);
    }
}
