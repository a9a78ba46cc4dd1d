//! What becomes of an agent's tickets when the shift is over.
use chassis::rpc::Role;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::intake::v1::{PriorityCause, PriorityChanged};
use wire::routing::v1::{self, QueuedReason};

use crate::world::{TICKET, Ticket, World, agent};

async fn accepted(world: &World, priority: Priority) -> Uuid {
    let ticket = world.register(Ticket { priority, ..TICKET }).await;
    world.owned_by(ticket, "ann").await;
    world.accept("ann", ticket).await;
    ticket
}

/// Why the ticket was queued, each time.
async fn reasons(world: &World, ticket_id: Uuid) -> Vec<QueuedReason> {
    let events = world.events("route", ticket_id).await;
    let queued = events.iter().filter(|event| event.event_type.ends_with(".TicketQueued"));
    queued
        .map(|event| {
            let queued: v1::TicketQueued = prost::Message::decode(&*event.payload).unwrap();
            queued.reason()
        })
        .collect()
}

#[tokio::test]
async fn whoever_leaves_hands_over_what_is_critical_or_not_accepted() {
    let mut world = World::with_agents(&[("ann", 20)]).await;
    let [p1, p2, p3] = [Priority::P1, Priority::P2, Priority::P3];
    let [p1, p2, p3] =
        [accepted(&world, p1).await, accepted(&world, p2).await, accepted(&world, p3).await];
    let new = world.register(TICKET).await;
    world.owned_by(new, "ann").await;
    world.put_agent(agent("bartek", 20)).await;
    world.set_available("ann", false).await;
    for ticket in [p1, p2, new] {
        world.owned_by(ticket, "bartek").await;
        assert_eq!(reasons(&world, ticket).await, [QueuedReason::New, QueuedReason::ShiftEnd]);
    }
    world.settled().await;
    assert_eq!(world.route(p3).await.unwrap().agent_id, "ann", "begun, and it can wait");
    let raised = PriorityChanged {
        priority: Priority::P1.into(),
        cause: PriorityCause::ImpactGrew.into(),
        ..Default::default()
    };
    world.happens(p3, raised).await;
    world.owned_by(p3, "bartek").await;
    world.settled().await;

    // Told again, also when ann is there again, nothing happens.
    let stories = [world.story(p1).await, world.story(p3).await];
    world.stop().await;
    world.forget().await;
    world.restart().await;
    world.settled().await;
    assert_eq!([world.story(p1).await, world.story(p3).await], stories);
}

#[tokio::test]
async fn a_whole_desk_is_handed_over_however_much_there_is() {
    let world = World::with_agents(&[("ann", 500)]).await;
    let mut tickets = Vec::new();
    for received_s in 0..150 {
        tickets.push(world.register(Ticket { received_s, ..TICKET }).await);
    }
    world.settled().await;
    world.put_agent(agent("bartek", 500)).await;
    world.put_agent(v1::Agent { available: Some(false), ..agent("ann", 500) }).await;
    world.settled().await;
    for owner in world.owners(&tickets).await {
        assert_eq!(owner, "bartek");
    }
}

#[tokio::test]
async fn with_nobody_there_it_waits_for_whoever_comes() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = accepted(&world, Priority::P1).await;
    world.set_available("ann", false).await;
    world.waiting(ticket).await;
    world.settled().await;
    world.set_available("ann", true).await;
    world.owned_by(ticket, "ann").await;
}

#[tokio::test]
async fn what_came_to_somebody_who_was_away_stays_however_late_the_absence_is_heard_of() {
    let mut world = World::with_agents(&[("ann", 5), ("bartek", 5)]).await;
    let away = |capacity| v1::Agent { available: Some(false), ..agent("sn-1", capacity) };
    world.put_agent(away(5)).await;
    world.set_available("ann", false).await;
    let (imported, given) = (world.import_owned_by("sn-1").await, world.register(TICKET).await);
    world.owned_by(given, "bartek").await;
    world.assign(("lead-1", Role::Lead), given, "ann").await;
    world.put_agent(away(9)).await;
    world.settled().await;
    let stories = [world.story(imported).await, world.story(given).await];

    // Heard of once more, after all of it.
    world.stop().await;
    world.forget().await;
    world.restart().await;
    world.settled().await;
    assert_eq!(world.owners(&[imported, given]).await, ["sn-1", "ann"]);
    assert_eq!([world.story(imported).await, world.story(given).await], stories);
}
