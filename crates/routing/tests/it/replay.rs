//! Redelivery changes nothing; a rebuild makes the same tables.
use std::sync::Arc;

use eventlog::subscription::rebuild;
use wire::intake::v1 as intake;
use wire::routing::v1::RouteState;

use crate::world::{TICKET, Ticket, World, agent, classified};

/// A day with a bit of everything.
async fn lived(world: &World) {
    let mut tickets = Vec::new();
    for received_s in 0..12 {
        tickets.push(world.register(Ticket { received_s, ..TICKET }).await);
    }
    world.settled().await;
    for ticket in &tickets[..4] {
        world.resolve(*ticket).await;
    }
    world.settled().await;
    let reopened = intake::TicketReopened { reopen_no: 1, ..intake::TicketReopened::default() };
    world.happens(tickets[0], reopened).await;
    let moved = classified(intake::TicketType::Payment, "PAYMENT/fee");
    world.happens(tickets[5], moved).await;
    world.happens(tickets[1], intake::TicketClosed::default()).await;
    world.settled().await;
    // One owner is passed over for another, who has room.
    let route = world.route(tickets[4]).await.unwrap();
    let other = if route.agent_id == "ann" { "bartek" } else { "ann" };
    world.put_agent(agent(other, 9)).await;
    world.settled().await;
    world.not_accepted(tickets[4], &route.assignment_id).await;
    world.owned_by(tickets[4], other).await;
    for full in ["ann", "bartek"] {
        world.put_agent(agent(full, 1)).await;
    }
    world.settled().await;
}

#[tokio::test]
async fn everything_delivered_again_changes_nothing() {
    let mut world = World::with_agents(&[("ann", 3), ("bartek", 2)]).await;
    lived(&world).await;
    let (tables, before) = (world.tables().await, heads(&world).await);
    assert!(tables.len() > 5, "{tables:?}");

    world.stop().await;
    world.forget().await;
    world.restart().await;
    world.settled().await;
    assert_eq!(heads(&world).await, before);
    assert_eq!(world.tables().await, tables);
}

#[tokio::test]
async fn a_rebuild_makes_the_same_tables() {
    let world = World::with_agents(&[("ann", 3), ("bartek", 2)]).await;
    lived(&world).await;
    let tables = world.tables().await;
    rebuild::rebuild(
        &world.log,
        &world.db.options(),
        "routing",
        sqlx::migrate!("../../migrations/routing"),
        Arc::new(routing::projection()),
        &testkit::settings("subscription"),
    )
    .await
    .unwrap();
    assert_eq!(world.tables().await, tables);

    // The service goes on in the new generation.
    let ticket = world.register(TICKET).await;
    world.waiting(ticket).await;
    world.settled().await;
    assert_eq!(world.tables().await.len(), tables.len() + 1);
}

#[tokio::test]
async fn a_service_that_was_down_catches_up_without_handing_out_what_is_over() {
    let mut world = World::with_agents(&[("ann", 1)]).await;
    world.settled().await;
    world.stop().await;
    let over = world.register(TICKET).await;
    world.resolve(over).await;
    let live = world.register(TICKET).await;
    world.restart().await;
    assert_eq!(world.owned(live).await.agent_id, "ann");
    world.settled().await;
    let route = world.route(over).await.expect("every ticket has stood in a queue");
    assert_eq!((route.state(), route.agent_id.as_str()), (RouteState::Ended, ""));
}

async fn heads(world: &World) -> Vec<u64> {
    let mut heads = Vec::new();
    for &partition in world.log.partitions() {
        heads.push(world.log.head(partition).await.unwrap());
    }
    heads
}
