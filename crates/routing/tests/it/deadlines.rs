//! The leads hear of deadlines, once of each.
use uuid::Uuid;
use wire::intake::v1 as intake;
use wire::routing::v1::{EscalationKind, EscalationTrigger};
use wire::sla::v1::ClockKind;

use crate::escalation::escalations;
use crate::world::{TICKET, World, agent};
use wire::routing::v1;

/// `ann` works, `lena` leads.
async fn led() -> World {
    let world = World::with_agents(&[("ann", 9)]).await;
    world.put_agent(v1::Agent { team_ids: vec![], ..agent("lena", 1) }).await;
    world.lead_team("t", &["lena"]).await.unwrap();
    world
}

/// Why the leads were told, one by one.
async fn told(world: &World, ticket_id: Uuid) -> Vec<EscalationTrigger> {
    world.settled().await;
    let told = escalations(world, ticket_id).await;
    for (_, message) in &told {
        assert_eq!(message.kind(), EscalationKind::Hierarchical);
        assert_eq!(message.to_agent_ids, ["lena"]);
        assert!(message.handover.is_some() && !message.notify_customer);
    }
    told.iter().map(|(_, message)| message.trigger()).collect()
}

#[tokio::test]
async fn the_leads_are_told_at_ninety_percent_and_when_the_time_is_over() {
    use EscalationTrigger::{SlaBreach, SlaThreshold};
    let world = led().await;
    let promised = [
        ClockKind::Resolution,
        ClockKind::StatutoryResponse,
        ClockKind::StatutoryAck,
        ClockKind::AppealResponse,
        ClockKind::Promise,
    ];
    for kind in promised {
        let ticket = world.register(TICKET).await;
        world.owned_by(ticket, "ann").await;
        let clock = Uuid::now_v7();
        for percent in [50, 75] {
            world.used_up(ticket, kind, clock, percent).await;
        }
        assert_eq!(told(&world, ticket).await, [], "that is the owner's matter");
        // Another target, and the part is reached again.
        for _ in 0..2 {
            world.used_up(ticket, kind, clock, 90).await;
        }
        assert_eq!(told(&world, ticket).await, [SlaThreshold]);
        world.breached(ticket, kind, clock, false).await;
        assert_eq!(told(&world, ticket).await, [SlaThreshold, SlaBreach]);
        world.breached(ticket, kind, Uuid::now_v7(), false).await;
        assert_eq!(told(&world, ticket).await, [SlaThreshold, SlaBreach, SlaBreach]);
        assert_eq!(world.route(ticket).await.unwrap().agent_id, "ann", "the owner stays");
        world.resolve(ticket).await;
    }
}

#[tokio::test]
async fn the_leads_are_told_of_the_laws_time_though_the_ticket_has_its_solution() {
    use EscalationTrigger::{SlaBreach, SlaThreshold};
    let world = led().await;
    let closed =
        intake::TicketClosed { reason: intake::CloseReason::Auto.into(), ..Default::default() };
    for kind in [ClockKind::StatutoryResponse, ClockKind::StatutoryAck, ClockKind::AppealResponse] {
        let ticket = world.register(TICKET).await;
        world.owned_by(ticket, "ann").await;
        world.resolve(ticket).await;
        let clock = Uuid::now_v7();
        for _ in 0..2 {
            world.used_up(ticket, kind, clock, 90).await;
        }
        world.used_up(ticket, ClockKind::Promise, clock, 90).await;
        assert_eq!(told(&world, ticket).await, [SlaThreshold]);
        world.happens(ticket, closed.clone()).await;
        world.breached(ticket, kind, clock, false).await;
        assert_eq!(told(&world, ticket).await, [SlaThreshold, SlaBreach]);
        assert!(world.route(ticket).await.unwrap().agent_id.is_empty(), "nobody works on it");
    }
}

#[tokio::test]
async fn of_what_is_over_history_or_others_matter_nobody_is_told() {
    let world = led().await;
    let ticket = world.register(TICKET).await;
    world.owned_by(ticket, "ann").await;
    world.breached(ticket, ClockKind::Resolution, Uuid::now_v7(), true).await;
    world.breached(ticket, ClockKind::FirstReply, Uuid::now_v7(), false).await;
    world.used_up(ticket, ClockKind::Assign, Uuid::now_v7(), 90).await;
    assert_eq!(told(&world, ticket).await, []);
    let reason = intake::CloseReason::Duplicate.into();
    world.happens(ticket, intake::TicketClosed { reason, ..Default::default() }).await;
    world.breached(ticket, ClockKind::Promise, Uuid::now_v7(), false).await;
    assert_eq!(told(&world, ticket).await, []);
}
