//! What only a person can do becomes a task.
use wire::intake::v1::{Message, MessageDirection, MessagePurpose};
use wire::notification::v1::{
    NotificationFailed, NotificationSuppressed, Purpose, SuppressionReason,
};
use wire::sla::v1::{BreachCause, ClockBreached, ClockKind, SilenceEffect};

use crate::world::{World, new_id, stamp};

/// What notification appends when it gives a notice of the ticket up, or tries it again.
async fn failed(world: &World, ticket_id: &str, purpose: Purpose, permanent: bool) {
    let notice_id = new_id();
    let failed = NotificationFailed {
        notice_id: notice_id.clone(),
        permanent,
        code: "DSN_5.1.1".to_owned(),
        ticket_id: ticket_id.to_owned(),
        purpose: purpose.into(),
        ..NotificationFailed::default()
    };
    let name = wire::event::NOTIFICATION_FAILED;
    world.foreign(("notice", &notice_id), name, &failed, "2026-06-19T00:00:00Z").await;
}

/// The tasks that were left on a ticket, oldest first.
pub(crate) async fn tasks(world: &World, ticket_id: &str) -> Vec<String> {
    let messages = world.get(ticket_id).await.messages;
    let tasks = messages.into_iter().filter(|message| message.purpose() == MessagePurpose::Task);
    let ours = |task: &Message| task.direction() == MessageDirection::Internal;
    tasks.inspect(|task| assert!(ours(task), "{task:?}")).map(|task| task.body).collect()
}

#[tokio::test]
async fn whoever_works_on_the_ticket_reads_that_a_decision_did_not_arrive() {
    let mut world = World::new().await;
    let id = world.open().await.ticket_id;
    failed(&world, &id, Purpose::Reply, true).await;
    failed(&world, &id, Purpose::Decision, false).await;
    world.settled().await;
    assert!(tasks(&world, &id).await.is_empty(), "an answer, or a decision that is tried again");
    failed(&world, &id, Purpose::Decision, true).await;
    world.settled().await;
    let told = tasks(&world, &id).await;
    assert!(told.len() == 1 && told[0].contains("DSN_5.1.1"), "{told:?}");
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "once, however often it is told");
}

#[tokio::test]
async fn whoever_works_on_the_ticket_reads_that_a_decision_must_be_posted() {
    let mut world = World::new().await;
    let id = world.open().await.ticket_id;
    for (purpose, reason, posted) in [
        (Purpose::Reply, SuppressionReason::NoChannel, 0),
        (Purpose::Decision, SuppressionReason::Erased, 0),
        (Purpose::Decision, SuppressionReason::NoChannel, 1),
    ] {
        let notice_id = new_id();
        let suppressed = NotificationSuppressed {
            notice_id: notice_id.clone(),
            ticket_id: id.clone(),
            purpose: purpose.into(),
            reason: reason.into(),
            ..NotificationSuppressed::default()
        };
        let name = wire::event::NOTIFICATION_SUPPRESSED;
        world.foreign(("notice", &notice_id), name, &suppressed, "2026-06-19T00:00:00Z").await;
        world.settled().await;
        let told = tasks(&world, &id).await;
        assert_eq!(told.len(), posted, "{purpose:?} {reason:?} {told:?}");
        assert!(told.iter().all(|task| task.contains("Post it and record the receipt")));
    }
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "once, however often it is told");
}

/// What sla appends when a time that the law set has passed.
async fn breached(world: &World, ticket_id: &str, (effect, cause): (SilenceEffect, BreachCause)) {
    let breached = ClockBreached {
        clock_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        kind: ClockKind::StatutoryResponse.into(),
        due_at: stamp("2026-06-18T21:59:59.999Z"),
        detected_at: stamp("2026-06-19T00:00:00Z"),
        cause: cause.into(),
        silence_effect: effect.into(),
        regime_code: "PL_SOME_LAW".to_owned(),
        regime_version: 1,
    };
    let name = wire::event::CLOCK_BREACHED;
    world.foreign(("clock", ticket_id), name, &breached, "2026-06-19T00:00:00Z").await;
    world.settled().await;
}

#[tokio::test]
async fn a_time_that_passed_is_somebodys_task_where_the_law_says_so() {
    let mut world = World::new().await;
    let proof = "nothing proves that it arrived";
    let wanted = [
        (SilenceEffect::AdrOrCourt, BreachCause::Time, "may go to court"),
        (SilenceEffect::AuthorityComplaint, BreachCause::Time, "may complain to the authority"),
        (SilenceEffect::AdrOrCourt, BreachCause::ProofPending, proof),
        (SilenceEffect::DeemedAccepted, BreachCause::ProofPending, proof),
        (SilenceEffect::DeemedPerCustomerWill, BreachCause::ProofPending, proof),
        (SilenceEffect::DeemedRefusalAdr, BreachCause::ProofPending, proof),
        (SilenceEffect::None, BreachCause::ProofPending, proof),
    ];
    for (effect, cause, text) in wanted {
        let id = world.open().await.ticket_id;
        breached(&world, &id, (effect, cause)).await;
        let told = tasks(&world, &id).await;
        assert!(told.len() == 1 && told[0].contains(text), "{effect:?} {cause:?} {told:?}");
        assert!(told[0].contains("PL_SOME_LAW"), "{told:?}");
    }
    let id = world.open().await.ticket_id;
    for effect in
        [SilenceEffect::None, SilenceEffect::DeemedConsentAdr, SilenceEffect::DeemedRefusalAdr]
    {
        breached(&world, &id, (effect, BreachCause::Time)).await;
    }
    assert!(tasks(&world, &id).await.is_empty());
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "once, however often it is told");
}
