//! Generators: anything that may happen to a ticket, and terms under which it does.
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::super::super::*;
use crate::calendar::{Calendars, Period, PreparedCalendar, presets};
use crate::identity::ConsumerStatus;
use crate::ids::{
    AppealId, AssignmentId, ComplaintId, ContactId, DecisionId, HoldId, InfoRequestId, MessageId,
    RemedyId,
};
use crate::policy::{Draft, Policies, Policy, Reopen, Rule, Scope};
use crate::priority::{Channel, Priority, TicketType};
use crate::regime::sample::{consumer, financial, house, regime};
use crate::regime::{
    Ack, Appeal, Counting, Incomplete, IncompleteEffect, Occasion, Regimes, ReplyForm,
    SupplementFailure,
};

/// What may happen, at any time after the last; also a little before it.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Fact(Fact),
    FireDue,
    FireAny(u8),
    Void(u8),
}

pub(super) static CALENDARS: LazyLock<Arc<Calendars>> = LazyLock::new(|| {
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

pub(super) fn terms(reopen: Reopen) -> Terms {
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

fn any_form() -> impl Strategy<Value = ReplyForm> {
    proptest::sample::select(vec![ReplyForm::Any, ReplyForm::SameAsFiled, ReplyForm::WrittenSigned])
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
        4 => (laws.clone(), any_due(), any_form(), any::<bool>()).prop_map(|(mut regimes, at, form, paper)| {
            if regimes.is_empty() {
                regimes = vec![RegimeVersion { code: "PL_FINANCIAL".into(), version: 1 }];
            }
            let complaint_id = ComplaintId(Uuid::from_u128(8));
            let (counting, customer) = (Counting::from_receipt(at), ConsumerStatus::Consumer);
            let way = ReplyWay { by_letter: false, filed_on_paper: paper };
            ComplaintFact::Opened { complaint_id, regimes, counting, customer, form, way }
        }),
        1 => (laws, proptest::option::of(any_form()))
            .prop_map(|(regimes, form)| ComplaintFact::Reclassified { regimes, form }),
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
        1 => any_due().prop_map(|at| ComplaintFact::ItemDelivered { at }),
        1 => (message(), any::<bool>(), any_due()).prop_map(|(message_id, delivered, at)| {
            ComplaintFact::MessageTold { message_id, delivered, at }
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

pub(super) fn any_steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
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
