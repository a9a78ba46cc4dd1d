//! A decision that did not reach the customer.
use wire::intake::v1::MessagePurpose;
use wire::notification::v1::{NotificationFailed, Purpose};

use crate::world::{World, new_id};

/// What notification appends when it gives a notice of the ticket up, or tries it again.
async fn failed(world: &World, ticket_id: &str, purpose: Purpose, permanent: bool) {
    let notice_id = new_id();
    let failed = NotificationFailed {
        notification_id: notice_id.clone(),
        permanent,
        code: "DSN_5.1.1".to_owned(),
        ticket_id: ticket_id.to_owned(),
        purpose: purpose.into(),
        ..NotificationFailed::default()
    };
    let name = "odzew.notification.v1.NotificationFailed";
    world.foreign(("notice", &notice_id), name, &failed, "2026-06-19T00:00:00Z").await;
}

async fn notes(world: &World, ticket_id: &str) -> Vec<String> {
    let messages = world.get(ticket_id).await.messages;
    let notes = messages.into_iter().filter(|message| message.purpose() == MessagePurpose::Note);
    notes.map(|note| note.body).collect()
}

#[tokio::test]
async fn whoever_works_on_the_ticket_reads_that_a_decision_did_not_arrive() {
    let mut world = World::new().await;
    let id = world.open().await.ticket_id;
    failed(&world, &id, Purpose::Reply, true).await;
    failed(&world, &id, Purpose::Decision, false).await;
    world.settled().await;
    assert!(notes(&world, &id).await.is_empty(), "an answer, or a decision that is tried again");
    failed(&world, &id, Purpose::Decision, true).await;
    world.settled().await;
    let told = notes(&world, &id).await;
    assert!(told.len() == 1 && told[0].contains("DSN_5.1.1"), "{told:?}");
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "once, however often it is told");
}
