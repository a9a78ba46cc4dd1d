//! A complaint's clocks, from the events that intake writes to what the API tells and what
//! other services read.
use chassis::rpc::Role;
use eventlog::Recorded;
use jiff::{SignedDuration, Timestamp};
use testkit::eventually;
use uuid::Uuid;
use wire::common::v1::{self as common, Priority};
use wire::intake::v1 as intake;
use wire::notification::v1::{NotificationDelivered, Purpose};
use wire::scalar::timestamp;
use wire::sla::v1::{
    self, BreachCause, Clock, ClockBreached, ClockKind, ClockOutcome, PeriodUnit, RolledFor,
    SilenceEffect, TimerFired, TimerKind,
};

use crate::world::*;

const DECISION: Uuid = Uuid::from_u128(0xdec1);
const REQUEST: Uuid = Uuid::from_u128(0x4e9);
const REMEDY: Uuid = Uuid::from_u128(0x4e3);

/// Consumer law, as a message to change.
pub(crate) fn consumer() -> v1::Regime {
    v1::Regime {
        code: "PL_CONSUMER_GENERAL".to_owned(),
        title: "Consumer complaint".to_owned(),
        valid_from: "2023-01-01".to_owned(),
        time_zone: "Europe/Warsaw".to_owned(),
        holidays: "PL".to_owned(),
        basis: v1::RegimeBasis::Law.into(),
        scope: Some(v1::RegimeScope {
            occasion: v1::RegimeOccasion::Complaint.into(),
            rank: v1::RegimeRank::General.into(),
            ..v1::RegimeScope::default()
        }),
        base: Some(v1::RegimeTerm {
            n: 14,
            unit: PeriodUnit::CalendarDays.into(),
            from: v1::RegimeStart::Received.into(),
        }),
        roll_forward: true,
        silence: SilenceEffect::DeemedAccepted.into(),
        met_by: v1::RegimeEvidence::Delivered.into(),
        reply_form: v1::RegimeReplyForm::PaperOrDurable.into(),
        must_contain: vec![v1::RegimeContent::Decision.into()],
        sources: vec!["art. 7a".to_owned()],
        verified_on: "2026-11-21".to_owned(),
        confidence: v1::RegimeConfidence::Text.into(),
        ..v1::Regime::default()
    }
}

/// The goal of the house beside any law.
fn house() -> v1::Regime {
    let mut regime = consumer();
    regime.code = "INTERNAL_STANDARD".to_owned();
    regime.basis = v1::RegimeBasis::House.into();
    regime.scope.as_mut().unwrap().rank = v1::RegimeRank::Parallel.into();
    let base = regime.base.as_mut().unwrap();
    (base.n, base.unit) = (7, PeriodUnit::BusinessDays.into());
    regime.silence = SilenceEffect::None.into();
    regime.met_by = v1::RegimeEvidence::Sent.into();
    regime.confidence = v1::RegimeConfidence::Policy.into();
    regime.note = "A goal.".to_owned();
    regime
}

/// The house's regime of appeals.
fn appeals() -> v1::Regime {
    let mut regime = house();
    regime.code = "INTERNAL_APPEAL".to_owned();
    let scope = regime.scope.as_mut().unwrap();
    scope.occasion = v1::RegimeOccasion::Appeal.into();
    scope.rank = v1::RegimeRank::General.into();
    let base = regime.base.as_mut().unwrap();
    (base.n, base.unit) = (14, PeriodUnit::CalendarDays.into());
    regime.filing_window = Some(v1::RegimePeriod { n: 30, unit: PeriodUnit::CalendarDays.into() });
    regime
}

fn opened(at: Timestamp, codes: &[&str]) -> Step {
    let regime = |code: &&str| intake::RegimeRef {
        code: (*code).to_owned(),
        version: 1,
        ..intake::RegimeRef::default()
    };
    let message = intake::ComplaintOpened {
        complaint_id: Uuid::from_u128(0xc0).to_string(),
        regimes: codes.iter().map(regime).collect(),
        received_at: Some(timestamp(at)),
        consumer_status: common::ConsumerStatus::Consumer.into(),
        reply_channel: common::Channel::Email.into(),
        ..intake::ComplaintOpened::default()
    };
    step(at, wire::event::COMPLAINT_OPENED, &message)
}

fn decided(at: Timestamp) -> Step {
    let remedy = intake::Remedy {
        remedy_id: REMEDY.to_string(),
        execute_by: "2099-01-30".to_owned(),
        ..intake::Remedy::default()
    };
    let message = intake::ComplaintDecided {
        decision_id: DECISION.to_string(),
        instance: intake::ComplaintInstance::First.into(),
        remedies: vec![remedy],
        decided_at: Some(timestamp(at)),
        ..intake::ComplaintDecided::default()
    };
    step(at, wire::event::COMPLAINT_DECIDED, &message)
}

fn proved(at: Timestamp, evidence: intake::DecisionEvidence) -> Step {
    let message = intake::DecisionEvidenced {
        decision_id: DECISION.to_string(),
        evidence: evidence.into(),
        at: Some(timestamp(at)),
    };
    step(at, wire::event::DECISION_EVIDENCED, &message)
}

fn asked(at: Timestamp, supplement_by: &str) -> Step {
    let message = intake::ComplaintInfoRequested {
        request_id: REQUEST.to_string(),
        supplement_by: supplement_by.to_owned(),
        ..intake::ComplaintInfoRequested::default()
    };
    step(at, wire::event::COMPLAINT_INFO_REQUESTED, &message)
}

/// Everything that can happen to a complaint, some of it late.
pub(crate) async fn life(world: &World, sla: &Replica) -> Vec<Uuid> {
    let mut suspends = consumer();
    suspends.incomplete = Some(v1::RegimeIncomplete {
        supplement: Some(v1::RegimePeriod { n: 7, unit: PeriodUnit::CalendarDays.into() }),
        effect: v1::RegimeSupplement::Suspend.into(),
        failure: v1::RegimeFailure::Decided.into(),
    });
    for regime in [suspends, house(), appeals()] {
        sla.publish_regime(regime).await.unwrap();
    }
    let received = in_seconds(-40 * 86_400);
    let after = |days: i64| received + SignedDuration::from_hours(24 * days);
    let silent = world.register(received, Priority::P3).await;
    world.happens(silent, opened(received, &["PL_CONSUMER_GENERAL"])).await;
    let answered = world.register(received, Priority::P3).await;
    world.happens(answered, opened(received, &["PL_CONSUMER_GENERAL"])).await;
    world.happens(answered, asked(after(1), &after(8).to_string()[..10])).await;
    let supplied =
        intake::ComplaintInfoReceived { request_id: REQUEST.to_string(), complete: true };
    let supplied = step(after(2), wire::event::COMPLAINT_INFO_RECEIVED, &supplied);
    world.happens(answered, supplied).await;
    world.happens(answered, decided(after(3))).await;
    world.happens(answered, resolved(after(3))).await;
    let sent = proved(after(3), intake::DecisionEvidence::Sent);
    world.happens(answered, sent).await;
    world.happens(answered, proved(after(4), intake::DecisionEvidence::Delivered)).await;
    vec![silent, answered]
}

/// A complaint decided, told and resolved at that time, with a remedy that is owed.
pub(crate) async fn solved(world: &World, sla: &Replica, time: &str) -> (Uuid, Timestamp) {
    sla.publish_regime(consumer()).await.unwrap();
    let solved_at = at(time);
    let ticket = world.register(solved_at, Priority::P3).await;
    world.happens(ticket, opened(solved_at, &["PL_CONSUMER_GENERAL"])).await;
    world.happens(ticket, decided(solved_at)).await;
    world.happens(ticket, resolved(solved_at)).await;
    world.happens(ticket, proved(solved_at, intake::DecisionEvidence::Delivered)).await;
    world.settled().await;
    (ticket, solved_at)
}

fn breaches(events: &[Recorded], kind: ClockKind) -> Vec<ClockBreached> {
    let breaches: Vec<ClockBreached> = all(events, "ClockBreached");
    breaches.into_iter().filter(|breach| breach.kind() == kind).collect()
}

#[tokio::test]
async fn a_complaint_is_due_when_its_law_says_and_says_why() {
    let world = World::new().await;
    let sla = world.serve().await;
    sla.publish_regime(consumer()).await.unwrap();
    sla.publish_regime(house()).await.unwrap();
    // A Saturday; the fourteenth day is one, too.
    let received = at("2031-06-14T09:00:00Z");
    let ticket = world.register(received, Priority::P3).await;
    world.happens(ticket, opened(received, &["PL_CONSUMER_GENERAL"])).await;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, |_| true).await;
    assert_eq!((answer.regime_code.as_str(), answer.regime_version), ("PL_CONSUMER_GENERAL", 1));
    assert_eq!(answer.class(), v1::ClockClass::Statutory);
    assert_eq!(answer.last_day, "2031-06-30");
    assert_eq!(answer.due_at, stamp("2031-06-30T21:59:59.999Z"));
    assert_eq!(answer.safe_due_at, stamp("2031-06-27T15:00:00Z"));
    assert_eq!(answer.silence_effect(), SilenceEffect::DeemedAccepted);
    let count = answer.day_count.clone().unwrap();
    assert_eq!(count.period.unwrap().n, 14);
    assert_eq!(
        (count.from_day.as_str(), count.unrolled_day.as_str()),
        ("2031-06-14", "2031-06-28")
    );
    assert_eq!(count.rolled_for(), RolledFor::Saturday);

    let clocks = sla.clocks(ticket).await;
    let internal = &clocks[&ClockKind::InternalResponse];
    assert_eq!(
        (internal.last_day.as_str(), internal.class()),
        ("2031-06-24", v1::ClockClass::Internal)
    );
    assert_eq!(internal.day_count.clone().unwrap().rolled_for(), RolledFor::Unspecified);
    assert_eq!(clocks[&ClockKind::Resolution].outcome(), ClockOutcome::Cancelled);
    // The goal of the house comes first, but what is owed to the customer is the law's.
    let request = by(Role::Agent, v1::GetClocksRequest { ticket_id: ticket.to_string() });
    let told = sla.client.clone().get_clocks(request).await.unwrap().into_inner();
    assert_eq!(told.answer_due_clock_id, answer.clock_id);
    world.settled().await;
    let request = v1::ListDueClocksRequest {
        due_before: stamp("2031-07-01T00:00:00Z"),
        ..v1::ListDueClocksRequest::default()
    };
    let due = sla.client.clone().list_due_clocks(by(Role::Agent, request)).await.unwrap();
    let due = due.into_inner().clocks;
    let listed = due.iter().find(|clock| clock.clock_id == answer.clock_id).unwrap();
    assert_eq!(listed.safe_due_at, answer.safe_due_at);
    assert_eq!(listed.silence_effect(), SilenceEffect::DeemedAccepted);
    assert_eq!(listed.last_day, "2031-06-30");
}

#[tokio::test]
async fn silence_is_told_with_the_law_that_reads_it() {
    let world = World::new().await;
    let sla = world.serve().await;
    sla.publish_regime(consumer()).await.unwrap();
    let received = in_seconds(-40 * 86_400);
    let ticket = world.register(received, Priority::P3).await;
    world.happens(ticket, opened(received, &["PL_CONSUMER_GENERAL"])).await;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, |clock| clock.breached).await;
    let found = breaches(&world.events(ticket).await, ClockKind::StatutoryResponse);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].cause(), found[0].due_at), (BreachCause::Time, answer.due_at));
    assert_eq!(found[0].silence_effect(), SilenceEffect::DeemedAccepted);
    let law = (found[0].regime_code.as_str(), found[0].regime_version);
    assert_eq!(law, ("PL_CONSUMER_GENERAL", 1));
}

#[tokio::test]
async fn a_decision_that_left_without_proof_is_no_silence_and_late_proof_takes_it_back() {
    let world = World::new().await;
    let sla = world.serve().await;
    sla.publish_regime(consumer()).await.unwrap();
    let received = in_seconds(-40 * 86_400);
    let after = |days: i64| received + SignedDuration::from_hours(24 * days);
    let ticket = world.register(received, Priority::P3).await;
    // One commit: nothing is noticed before the proof that it left.
    let steps = vec![
        opened(received, &["PL_CONSUMER_GENERAL"]),
        decided(after(3)),
        proved(after(3), intake::DecisionEvidence::Sent),
    ];
    world.append(ticket, false, steps).await;
    sla.clock(ticket, ClockKind::StatutoryResponse, |clock| clock.breached).await;
    let found = breaches(&world.events(ticket).await, ClockKind::StatutoryResponse);
    assert_eq!(found[0].cause(), BreachCause::ProofPending);
    world.happens(ticket, proved(after(4), intake::DecisionEvidence::Delivered)).await;
    let met = |clock: &Clock| clock.outcome() == ClockOutcome::Met;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, met).await;
    assert!(answer.breach_voided);
    assert_eq!(answer.stopped_at, Some(timestamp(after(4))));
    let remedy = sla.clock(ticket, ClockKind::Remedy, |_| true).await;
    assert_eq!((remedy.last_day.as_str(), remedy.regime_code.as_str()), ("2099-01-30", ""));
}

#[tokio::test]
async fn what_silence_granted_is_owed_no_more_once_there_was_none() {
    let world = World::new().await;
    let sla = world.serve().await;
    sla.publish_regime(consumer()).await.unwrap();
    let received = in_seconds(-86_400);
    let ticket = world.register(received, Priority::P3).await;
    let steps = vec![opened(received, &["PL_CONSUMER_GENERAL"]), decided(received)];
    world.append(ticket, false, steps).await;
    sla.clock(ticket, ClockKind::Remedy, |_| true).await;
    let message = intake::DeemedAcceptanceWithdrawn {
        decision_id: DECISION.to_string(),
        remedy_ids: vec![REMEDY.to_string()],
    };
    let name = wire::event::DEEMED_ACCEPTANCE_WITHDRAWN;
    world.happens(ticket, step(in_seconds(0), name, &message)).await;
    let ended = |clock: &Clock| clock.stopped_at.is_some();
    let remedy = sla.clock(ticket, ClockKind::Remedy, ended).await;
    assert_eq!(remedy.outcome(), ClockOutcome::Cancelled);
}

#[tokio::test]
async fn the_end_of_a_wait_for_what_is_missing_makes_the_time_run_again() {
    let world = World::new().await;
    let sla = world.serve().await;
    let tickets = life(&world, &sla).await;
    let received = in_seconds(-86_400);
    let ticket = world.register(received, Priority::P3).await;
    let steps = vec![
        opened(received, &["PL_CONSUMER_GENERAL"]),
        // Yesterday was the last day.
        asked(received, &received.to_string()[..10]),
    ];
    world.append(ticket, false, steps).await;
    eventually(|| async {
        let fired: Vec<TimerFired> = all(&world.events(ticket).await, "TimerFired");
        fired.iter().any(|fired| fired.timer() == TimerKind::SupplementEnd)
    })
    .await;
    let runs = |clock: &Clock| clock.steps.len() >= 3;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, runs).await;
    assert_eq!(answer.state(), v1::ClockState::Running);
    let names: Vec<String> =
        world.events(ticket).await.iter().map(|event| name(event).to_owned()).collect();
    assert!(names.iter().any(|name| name == "ClockPaused"), "{names:?}");
    assert!(names.iter().any(|name| name == "ClockResumed"), "{names:?}");

    // What was answered in time met its law, although all of it was learnt afterwards.
    let met = |clock: &Clock| clock.outcome() == ClockOutcome::Met;
    let answered = sla.clock(tickets[1], ClockKind::StatutoryResponse, met).await;
    assert_eq!(answered.day_count.unwrap().waited_days, 1);
}

#[tokio::test]
async fn letters_confirm_receipt_and_give_the_longer_time() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut financial = consumer();
    financial.ack = Some(v1::RegimeAck {
        period: Some(v1::RegimePeriod { n: 7, unit: PeriodUnit::CalendarDays.into() }),
        durable: true,
    });
    financial.extension = Some(v1::RegimeExtension {
        total: Some(v1::RegimePeriod { n: 60, unit: PeriodUnit::CalendarDays.into() }),
        require: vec![v1::RegimeNotice::Reason.into()],
    });
    sla.publish_regime(financial).await.unwrap();
    let received = at("2031-10-02T08:00:00Z");
    let ticket = world.register(received, Priority::P3).await;
    world.happens(ticket, opened(received, &["PL_CONSUMER_GENERAL"])).await;
    let message = Uuid::from_u128(0xe7);
    let extended = intake::ComplaintExtended {
        new_last_day: "2031-12-01".to_owned(),
        notice_message_id: message.to_string(),
        ..intake::ComplaintExtended::default()
    };
    let noticed = at("2031-10-10T08:00:00Z");
    let extended = step(noticed, wire::event::COMPLAINT_EXTENDED, &extended);
    world.happens(ticket, extended).await;
    world.settled().await;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, |_| true).await;
    assert_eq!(answer.last_day, "2031-10-16", "nobody has been told");
    let purpose = Purpose::ComplaintExtension;
    world.letter_sent(ticket, purpose, &message.to_string(), noticed).await;
    world.settled().await;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, |_| true).await;
    assert_eq!(answer.last_day, "2031-10-16", "the law wants it to arrive");
    let arrived = NotificationDelivered {
        delivered_at: Some(timestamp(noticed)),
        purpose: purpose.into(),
        ticket_id: ticket.to_string(),
        message_id: message.to_string(),
        ..NotificationDelivered::default()
    };
    world.notice(wire::event::NOTIFICATION_DELIVERED, &arrived, noticed).await;
    let longer = |clock: &Clock| clock.steps.len() == 2;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, longer).await;
    assert_eq!(answer.last_day, "2031-12-01");
    assert_eq!(answer.day_count.unwrap().period.unwrap().n, 60);
    let Some(v1::clock_event::Event::ClockRetargeted(change)) =
        answer.steps[1].event.clone().unwrap().event
    else {
        panic!("a new target");
    };
    assert_eq!(change.cause(), v1::RetargetCause::Extension);
    // The confirmation of the ticket is not the one that the law wants.
    world.ack_sent(ticket, received).await;
    world.settled().await;
    let clocks = sla.clocks(ticket).await;
    assert_eq!(clocks[&ClockKind::StatutoryAck].state(), v1::ClockState::Running);
    world.letter_sent(ticket, Purpose::ComplaintAck, "", noticed).await;
    let ended = |clock: &Clock| clock.stopped_at.is_some();
    let ack = sla.clock(ticket, ClockKind::StatutoryAck, ended).await;
    assert_eq!((ack.last_day.as_str(), ack.outcome()), ("2031-10-09", ClockOutcome::Missed));
    assert_eq!(
        (change.old_last_day.as_str(), change.last_day.as_str()),
        ("2031-10-16", "2031-12-01")
    );
}

#[tokio::test]
async fn an_appeal_asks_for_an_answer_of_its_own() {
    let world = World::new().await;
    let sla = world.serve().await;
    let answered = life(&world, &sla).await[1];
    sla.clock(answered, ClockKind::StatutoryResponse, |clock| clock.stopped_at.is_some()).await;
    let appealed_at = in_seconds(0);
    let message = intake::AppealFiled {
        appeal_id: Uuid::from_u128(0xa).to_string(),
        decision_id: DECISION.to_string(),
        received_at: Some(timestamp(appealed_at)),
        in_time: true,
        backdate_reason: String::new(),
    };
    world.happens(answered, step(appealed_at, wire::event::APPEAL_FILED, &message)).await;
    let appeal = sla.clock(answered, ClockKind::AppealResponse, |_| true).await;
    assert_eq!(appeal.regime_code, "INTERNAL_APPEAL");
    assert_eq!(appeal.subject_ref, Uuid::from_u128(0xa).to_string());
    assert_eq!(appeal.day_count.unwrap().period.unwrap().n, 14);
}

#[tokio::test]
async fn a_policy_sets_no_timer_that_is_the_laws() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut policy = sla.config().await.policy.unwrap();
    policy.automations[1].timer = TimerKind::SupplementEnd.into();
    let refused = fields(sla.publish_policy(policy, None).await);
    assert_eq!(refused, ["policy.automations[1].timer"]);
}

#[tokio::test]
async fn the_time_of_a_guarantee_begins_when_the_thing_comes() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut warranty = consumer();
    warranty.code = "PL_WARRANTY".to_owned();
    warranty.base.as_mut().unwrap().from = v1::RegimeStart::ItemDelivered.into();
    sla.publish_regime(warranty).await.unwrap();
    let received = at("2031-10-02T08:00:00Z");
    let ticket = world.register(received, Priority::P3).await;
    world.happens(ticket, opened(received, &["PL_WARRANTY"])).await;
    world.settled().await;
    assert!(!sla.clocks(ticket).await.contains_key(&ClockKind::StatutoryResponse));
    let came = at("2031-10-06T08:00:00Z");
    let message = intake::ComplaintItemDelivered { item_delivered_at: Some(timestamp(came)) };
    world.happens(ticket, step(came, wire::event::COMPLAINT_ITEM_DELIVERED, &message)).await;
    let answer = sla.clock(ticket, ClockKind::StatutoryResponse, |_| true).await;
    assert_eq!(
        (answer.last_day.as_str(), answer.day_count.unwrap().from()),
        ("2031-10-20", v1::RegimeStart::ItemDelivered,)
    );
}
