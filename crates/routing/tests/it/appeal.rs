//! An appeal is decided by somebody else.
use wire::intake::v1 as intake;
use wire::routing::v1::{self, QueuedReason, RouteState};

use crate::world::{TICKET, Ticket, World, agent, rule};

fn decided(by: &str, approved_by: &str) -> intake::ComplaintDecided {
    let kind = intake::DeciderKind::Person.into();
    intake::ComplaintDecided {
        decided_by: Some(intake::Decider { kind, id: by.to_owned() }),
        approved_by: approved_by.to_owned(),
        ..Default::default()
    }
}

fn reopened(trigger: intake::ReopenTrigger) -> intake::TicketReopened {
    intake::TicketReopened { reopen_no: 1, trigger: trigger.into(), ..Default::default() }
}

/// A complaint of `ann`'s that she has decided and `bartek` approved; `celina` is not there yet.
async fn decided_complaint() -> (World, uuid::Uuid) {
    let world = World::with_agents(&[("ann", 5)]).await;
    world.publish(vec![rule("all", "q")]).await;
    let kind = intake::TicketType::Complaint;
    let ticket = world.register(Ticket { kind, ..TICKET }).await;
    world.owned_by(ticket, "ann").await;
    world.put_agent(agent("bartek", 5)).await;
    world.happens(ticket, decided("ann", "bartek")).await;
    world.resolve(ticket).await;
    world.settled().await;
    (world, ticket)
}

#[tokio::test]
async fn an_appeal_goes_to_nobody_who_decided_or_approved() {
    let (world, ticket) = decided_complaint().await;
    world.happens(ticket, intake::AppealFiled::default()).await;
    world.happens(ticket, reopened(intake::ReopenTrigger::Appeal)).await;
    world.settled().await;
    let waiting = world.route(ticket).await.unwrap();
    assert_eq!(waiting.state(), RouteState::Queued, "nobody else is there");
    world.put_agent(agent("celina", 5)).await;
    world.owned_by(ticket, "celina").await;
    // Given back, it still goes to nobody who decided.
    world.accept("celina", ticket).await;
    world.set_available("celina", false).await;
    world.requeue(("celina", chassis::rpc::Role::Expert), ticket, "").await;
    world.settled().await;
    assert_eq!(world.route(ticket).await.unwrap().state(), RouteState::Queued);
}

#[tokio::test]
async fn an_appeal_that_a_mail_has_brought_back_is_taken_from_whoever_decided() {
    let (world, ticket) = decided_complaint().await;
    world.happens(ticket, reopened(intake::ReopenTrigger::CustomerMessage)).await;
    world.owned_by(ticket, "ann").await;
    world.put_agent(agent("celina", 5)).await;
    world.happens(ticket, intake::AppealFiled::default()).await;
    world.owned_by(ticket, "celina").await;
    let events = world.events("route", ticket).await;
    let queued = events.iter().rfind(|e| e.event_type.ends_with(".TicketQueued")).unwrap();
    let queued: v1::TicketQueued = prost::Message::decode(&*queued.payload).unwrap();
    assert_eq!(queued.reason(), QueuedReason::Appealed);
    assert_eq!(queued.excluded_agent_ids, ["ann", "bartek"]);
}
