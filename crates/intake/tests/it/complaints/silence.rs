//! What follows from the passing of time and from letters that leave.
use wire::notification::v1::{NotificationDelivered, NotificationSent, Purpose};
use wire::sla::v1::{
    BreachCause, BreachVoided, ClockBreached, ClockKind, SilenceEffect as Silence, TimerKind,
    VoidReason,
};

use super::*;
use crate::tasks::tasks;
use crate::world::{info, stamp};

const CLOCK: &str = "018f0000-0000-7000-8000-000000000002";
const DUE: &str = "2026-06-23T21:59:59.999Z";
const AFTER: &str = "2026-06-23T22:00:01Z";

/// What sla appends when the time to answer has passed.
async fn breach(world: &World, ticket_id: &str, cause: BreachCause) {
    breach_of(world, ticket_id, ClockKind::StatutoryResponse, cause).await;
}

async fn breach_of(world: &World, ticket_id: &str, kind: ClockKind, cause: BreachCause) {
    let clock = ("clock", ticket_id);
    let breached = ClockBreached {
        clock_id: CLOCK.to_owned(),
        ticket_id: ticket_id.to_owned(),
        kind: kind.into(),
        due_at: stamp(DUE),
        detected_at: stamp(AFTER),
        cause: cause.into(),
        silence_effect: Silence::DeemedAccepted.into(),
        regime_code: "PL_CONSUMER_GENERAL".to_owned(),
        regime_version: 1,
    };
    world.foreign(clock, wire::event::CLOCK_BREACHED, &breached, AFTER).await;
    world.settled().await;
}

#[tokio::test]
async fn silence_accepts_what_was_demanded() {
    let world = with_law().await;
    let id = opened(&world).await.ticket_id;
    breach(&world, &id, BreachCause::ProofPending).await;
    assert!(get(&world, &id).await.decisions.is_empty());
    breach(&world, &id, BreachCause::Time).await;
    let complaint = get(&world, &id).await;
    let decision = &complaint.decisions[0];
    assert_eq!(decision.outcome(), v1::ComplaintOutcome::DeemedAccepted);
    assert_eq!(decision.decided_by.as_ref().unwrap().kind(), v1::DeciderKind::System);
    let remedy = &decision.remedies[0];
    assert_eq!((remedy.kind(), &remedy.amount), (v1::RemedyKind::Refund, &zloty(49)));
    assert_eq!(remedy.execute_by, "2026-07-08");
    assert_eq!(complaint.ticket_state(), TicketState::Open);
    let left = tasks(&world, &id).await;
    let [proof, carry_out] = &left[..] else { panic!("{left:?}") };
    assert!(proof.contains("nothing proves that it arrived"), "{proof}");
    assert!(carry_out.contains("by 2026-07-08") && !carry_out.contains("rebutted"), "{carry_out}");
    let heads = world.heads().await;
    let mut world = world;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn a_decision_that_did_not_arrive_is_none_against_silence() {
    let world = with_law().await;
    let late = decided(&world).await.ticket_id;
    breach(&world, &late, BreachCause::Time).await;
    let complaint = get(&world, &late).await;
    assert_eq!((complaint.decisions.len(), complaint.ticket_state()), (2, TicketState::Open));
    let story = world.story(&late).await;
    // And the task to carry it out.
    let expected = ["ComplaintDecided", "TicketReopened", "MessageAdded"];
    assert_eq!(story[story.len() - 3..], expected);
    let told = decided(&world).await;
    let post = delivered(&told, "2026-06-09T00:00:00Z");
    world.complaints.clone().record_decision_evidence(of(Role::Lead, post)).await.unwrap();
    breach(&world, &told.ticket_id, BreachCause::Time).await;
    assert_eq!(get(&world, &told.ticket_id).await.decisions.len(), 1);
}

#[tokio::test]
async fn a_letter_that_left_and_arrived_proves_it() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let ticket_id = complaint.ticket_id.clone();
    let (letter, other) = (complaint.decisions[0].message_id.clone(), new_id());
    let (sent_at, delivered_at) = (stamp("2026-06-09T00:01:00Z"), stamp("2026-06-09T00:02:00Z"));
    for (message_id, purpose, proves) in [
        (&other, Purpose::Decision, false),
        (&letter, Purpose::Reply, false),
        (&letter, Purpose::Decision, true),
    ] {
        let notice_id = new_id();
        let stream = ("notice", &*notice_id);
        let sent = NotificationSent {
            notice_id: notice_id.clone(),
            ticket_id: ticket_id.clone(),
            message_id: message_id.clone(),
            sent_at,
            purpose: purpose.into(),
            ..Default::default()
        };
        let name = wire::event::NOTIFICATION_SENT;
        world.foreign(stream, name, &sent, "2026-06-09T00:01:00Z").await;
        world.settled().await;
        let told = &get(&world, &ticket_id).await.decisions[0];
        assert_eq!(told.sent_at, sent_at.filter(|_| proves));
        let delivered = NotificationDelivered {
            notice_id: notice_id.clone(),
            ticket_id: ticket_id.clone(),
            message_id: message_id.clone(),
            delivered_at,
            purpose: purpose.into(),
            ..Default::default()
        };
        let name = wire::event::NOTIFICATION_DELIVERED;
        world.foreign(stream, name, &delivered, "2026-06-09T00:16:00Z").await;
        world.settled().await;
        let told = &get(&world, &ticket_id).await.decisions[0];
        assert_eq!(told.delivered_at, delivered_at.filter(|_| proves));
    }
}

#[tokio::test]
async fn what_silence_decided_is_told_by_a_letter_and_its_proof_counts() {
    let world = with_law().await;
    let ticket_id = opened(&world).await.ticket_id;
    breach(&world, &ticket_id, BreachCause::Time).await;
    let mut client = world.client.clone();
    let letter = || crate::world::update(&ticket_id, v1::MessagePurpose::Decision);
    let refused = client.send_update(of(Role::Integrator, letter())).await.unwrap_err();
    assert_eq!(info(&refused).metadata["permission"], "complaint.decide");
    let message_id = client.send_update(agent(letter())).await.unwrap().into_inner().message_id;
    let again = client.send_update(agent(letter())).await.unwrap_err();
    assert_eq!(info(&again).metadata["rule"], "NO_LETTER_OWED");
    let notice_id = new_id();
    let delivered = NotificationDelivered {
        notice_id: notice_id.clone(),
        ticket_id: ticket_id.clone(),
        message_id: message_id.clone(),
        delivered_at: stamp("2026-06-24T08:00:00Z"),
        purpose: Purpose::Decision.into(),
        ..Default::default()
    };
    let name = wire::event::NOTIFICATION_DELIVERED;
    world.foreign(("notice", &notice_id), name, &delivered, "2026-06-24T08:15:00Z").await;
    world.settled().await;
    let told = get(&world, &ticket_id).await.decisions.remove(0);
    assert_eq!((told.message_id, told.delivered_at), (message_id, delivered.delivered_at));
}

#[tokio::test]
async fn what_is_owed_keeps_a_complaint_open_and_nothing_else_does() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let id = complaint.ticket_id.clone();
    let mut client = world.complaints.clone();
    let post = delivered(&complaint, "2026-06-09T00:00:00Z");
    client.record_decision_evidence(of(Role::Integrator, post)).await.unwrap();
    world.settled().await;
    world.clock.advance(std::time::Duration::from_secs(20 * 24 * 3600));
    assert!(tasks(&world, &id).await.is_empty());
    for days in 1..3 {
        world.fire(&id, TimerKind::AutoClose, "").await;
        world.settled().await;
        assert_eq!(world.get(&id).await.state(), TicketState::Resolved);
        let left = tasks(&world, &id).await;
        assert_eq!(left.len(), days, "one each time");
        assert!(left[0].contains("what was granted to be carried out"), "{left:?}");
    }
    client.record_remedy(of(Role::Integrator, paid(&complaint))).await.unwrap();
    world.settled().await;
    assert_eq!(world.get(&id).await.state(), TicketState::Closed);
    assert_eq!(tasks(&world, &id).await.len(), 2, "what is done is no task");
    let heads = world.heads().await;
    let mut world = world;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn a_decision_without_its_proof_is_a_task_when_it_should_be_closed() {
    let world = with_law().await;
    let id = decided(&world).await.ticket_id;
    world.fire(&id, TimerKind::AutoClose, "").await;
    world.settled().await;
    let left = tasks(&world, &id).await;
    assert!(left.len() == 1 && left[0].contains("the proof that the decision"), "{left:?}");
}

#[tokio::test]
async fn what_silence_grants_may_be_rebutted_where_the_law_leaves_that() {
    let world = World::new().await;
    let law = SilenceEffect::DeemedPerCustomerWill;
    publish(&world, &Draft { silence: law, rebuttable: true, ..consumer_law() }).await;
    let id = opened(&world).await.ticket_id;
    breach(&world, &id, BreachCause::Time).await;
    let left = tasks(&world, &id).await;
    assert!(left.len() == 1 && left[0].contains("it may be rebutted"), "{left:?}");
}

#[tokio::test]
async fn silence_decides_what_the_clock_waited_for() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let id = complaint.ticket_id.clone();
    world.complaints.clone().file_appeal(agent(appealing(&complaint))).await.unwrap();
    breach(&world, &id, BreachCause::Time).await;
    let now = get(&world, &id).await;
    let instances = |complaint: &Complaint| -> Vec<_> {
        complaint.decisions.iter().map(v1::ComplaintRuling::instance).collect()
    };
    use v1::ComplaintInstance::{Appeal, First};
    assert_eq!(instances(&now), [First, First]);
    assert_eq!(now.stage(), v1::ComplaintStage::Appealed, "the appeal is still to be decided");
    assert_eq!(tasks(&world, &id).await.len(), 1);
    breach_of(&world, &id, ClockKind::AppealResponse, BreachCause::Time).await;
    let now = get(&world, &id).await;
    assert_eq!(instances(&now), [First, First, Appeal]);
    assert!(now.decisions[2].remedies.is_empty(), "nothing is owed twice");
}

/// What sla appends when it learns that the time to answer had not passed.
async fn void(world: &World, ticket_id: &str, clock_id: &str, reason: VoidReason) {
    let clock_id = clock_id.to_owned();
    let voided = BreachVoided { clock_id, reason: reason.into(), ..Default::default() };
    let clock = ("clock", ticket_id);
    world.foreign(clock, wire::event::BREACH_VOIDED, &voided, AFTER).await;
    world.settled().await;
}

#[tokio::test]
async fn where_the_time_to_answer_had_not_passed_silence_decides_nothing() {
    let world = with_law().await;
    let id = opened(&world).await.ticket_id;
    breach(&world, &id, BreachCause::Time).await;
    // Another clock, and what a person has forgiven, say nothing of silence.
    void(&world, &id, &id, VoidReason::LateProof).await;
    void(&world, &id, CLOCK, VoidReason::Excused).await;
    let complaint = get(&world, &id).await;
    assert!(!complaint.decisions[0].withdrawn && complaint.answer_by.is_empty());
    void(&world, &id, CLOCK, VoidReason::LateProof).await;
    let complaint = get(&world, &id).await;
    assert!(complaint.decisions[0].withdrawn && !complaint.answer_by.is_empty());
    assert!(complaint.decisions[0].pending_remedy_ids.is_empty());
    let left = tasks(&world, &id).await;
    assert!(left.last().unwrap().contains("is not deemed accepted"), "{left:?}");
    // The longer time passes, too.
    breach(&world, &id, BreachCause::Time).await;
    let withdrawn: Vec<_> =
        get(&world, &id).await.decisions.iter().map(|decision| decision.withdrawn).collect();
    assert_eq!(withdrawn, [true, false]);
    let heads = world.heads().await;
    let mut world = world;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn a_proof_noted_late_withdraws_what_silence_decided() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let id = complaint.ticket_id.clone();
    breach(&world, &id, BreachCause::Time).await;
    world.clock.advance(std::time::Duration::from_secs(16 * 24 * 3600));
    let post = v1::RecordDecisionEvidenceRequest {
        evidence: v1::DecisionEvidence::Sent.into(),
        ..delivered(&complaint, "2026-06-10T10:00:00Z")
    };
    let mut client = world.complaints.clone();
    let told = client.record_decision_evidence(of(Role::Lead, post)).await.told();
    let withdrawn: Vec<_> = told.decisions.iter().map(|decision| decision.withdrawn).collect();
    assert_eq!(withdrawn, [false, true]);
    assert_eq!(told.decisions[0].pending_remedy_ids.len(), 1);
    assert!(told.decisions[1].pending_remedy_ids.is_empty());
    assert_eq!(told.stage(), v1::ComplaintStage::RemedyPending);
    world.settled().await;
    let left = tasks(&world, &id).await;
    assert!(left.last().unwrap().contains("is not deemed accepted"), "{left:?}");
    let story = world.story(&id).await;
    let expected = ["DecisionEvidenced", "DeemedAcceptanceWithdrawn", "MessageAdded"];
    assert_eq!(story[story.len() - 3..], expected);
}
