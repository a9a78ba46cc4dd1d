//! Who is told of a time that is nearly used up, or over.
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::intake::v1 as intake;
use wire::notification::v1::{Audience, NoticeState, Purpose};
use wire::sla::v1::{self as sla, ClockKind};

use crate::world::{World, breached, threshold};

async fn watched() -> World {
    World::with(|config| {
        config.process_owner = "legal+{tenant}@example.org".to_owned();
        config.sla_manager = "sla+{tenant}@example.org".to_owned();
    })
    .await
}

/// A ticket whose receipt was confirmed, with an owner who knows of it.
async fn owned(world: &World) -> Uuid {
    world.agent("agent-7", "en").await;
    let id = world.ticket("en").await;
    world.assign(id, "agent-7").await;
    world.letters(2).await;
    id
}

/// To whom such notices speak, oldest first.
async fn told(world: &World, id: Uuid, purpose: Purpose) -> Vec<Audience> {
    world.caught_up().await;
    let mut notices = world.notices(id).await;
    notices.retain(|notice| notice.purpose() == purpose);
    notices.iter().map(|notice| notice.audience()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_watch_over_it_are_told_that_the_laws_time_is_over() {
    let world = watched().await;
    let id = owned(&world).await;
    // Only the proof is missing, and the last owner is asked for it.
    world.tell("ticket", id, &intake::TicketResolved::default()).await;
    world.letters(3).await;
    let kind = ClockKind::StatutoryResponse.into();
    world.tell("clock", id, &sla::ClockBreached { kind, ..breached(id) }).await;
    let mut letters = world.letters(6).await.split_off(3);
    letters.sort_unstable_by(|a, b| a.to.cmp(&b.to));
    let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["agent-7@example.org", "legal+acme@example.org", "sla+acme@example.org"]);
    let texts: Vec<_> = letters.iter().map(|letter| letter.text.as_str()).collect();
    assert!(texts[0].contains("Please tell the customer when the answer will come."));
    for text in &texts[1..] {
        assert!(text.contains("Prowadzi ją: Jan Kowalski."), "{text}");
        assert!(text.contains("odpowiedź w terminie ustawowym"), "{text}");
    }
    assert_eq!(
        told(&world, id, Purpose::Breach).await,
        [Audience::Assignee, Audience::SlaManager, Audience::ProcessOwner]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sla_manager_is_told_early_of_the_laws_time_and_of_what_the_first_priority_was_promised()
 {
    let world = watched().await;
    let id = owned(&world).await;
    for (kind, percent) in [
        (ClockKind::StatutoryResponse, 50),
        (ClockKind::StatutoryResponse, 75),
        (ClockKind::StatutoryResponse, 90),
        (ClockKind::Resolution, 75),
    ] {
        let near = sla::ThresholdReached { kind: kind.into(), ..threshold(id, percent) };
        world.tell("clock", id, &near).await;
    }
    assert_eq!(
        told(&world, id, Purpose::Reminder).await,
        [Audience::Assignee, Audience::SlaManager, Audience::Assignee, Audience::Assignee]
    );
    let late = |kind: ClockKind| sla::ClockBreached { kind: kind.into(), ..breached(id) };
    world.tell("clock", id, &late(ClockKind::FirstReply)).await;
    for priority in [Priority::P1, Priority::P2] {
        let changed = intake::PriorityChanged { priority: priority.into(), ..Default::default() };
        world.tell("ticket", id, &changed).await;
        world.tell("clock", id, &late(ClockKind::Resolution)).await;
        world.tell("clock", id, &late(ClockKind::Accept)).await;
    }
    let owner = Audience::Assignee;
    assert_eq!(
        told(&world, id, Purpose::Breach).await,
        [owner, owner, Audience::SlaManager, owner, owner, owner]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_nobody_has_is_told_nothing() {
    let world = World::new().await;
    let id = world.ticket("en").await;
    world.letters(1).await;
    let kind = ClockKind::StatutoryResponse.into();
    world.tell("clock", id, &sla::ThresholdReached { kind, ..threshold(id, 75) }).await;
    world.tell("clock", id, &sla::ClockBreached { kind, ..breached(id) }).await;
    assert_eq!(told(&world, id, Purpose::Breach).await, [Audience::Assignee]);
    let notices = world.notices(id).await;
    assert!(notices[1..].iter().all(|notice| notice.state() == NoticeState::Suppressed));
}
