//! The time to answer or to object is over.
use chassis::rpc::Role;
use domain::ticket::{Command, Resolve, Resolved};
use wire::common::v1 as common;
use wire::intake::v1::{self, CloseReason, TicketState};
use wire::sla::v1::{BreachCause, ClockBreached, ClockKind, TimerKind};

use crate::tasks::tasks;
use crate::world::{World, agent, inbound, new_id, of, register, resolve, stamp};

/// Lets the ticket wait for the customer and answers the hold's id.
pub(crate) async fn ask(world: &World, ticket_id: &str) -> String {
    ask_in_doubt(world, ticket_id, false).await
}

/// The same, perhaps to settle who asks.
async fn ask_in_doubt(world: &World, ticket_id: &str, identity_doubt: bool) -> String {
    let hold = v1::HoldTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        kind: v1::HoldKind::Customer.into(),
        question: "Which router is it?".to_owned(),
        channel: common::Channel::Email.into(),
        identity_doubt,
        ..Default::default()
    };
    world.client.clone().hold_ticket(agent(hold)).await.unwrap();
    let last = world.events(ticket_id).await.pop().unwrap();
    let domain::ticket::Event::Held(held) = last.decode().unwrap() else { panic!("{last:?}") };
    held.hold_id.0.to_string()
}

#[tokio::test]
async fn who_does_not_answer_is_resolved_and_may_still_come_back() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    let hold_id = ask(&world, &id).await;
    world.fire(&id, TimerKind::CustomerReminder, &hold_id).await;
    world.settled().await;
    assert_eq!(world.get(&id).await.state(), TicketState::WaitingCustomer);
    world.fire(&id, TimerKind::NoReplyResolve, &hold_id).await;
    world.settled().await;
    assert_eq!(world.get(&id).await.state(), TicketState::Resolved);
    assert_eq!(world.story(&id).await[6..], ["TicketUnheld", "TicketResolved"]);
    let last = world.events(&id).await.pop().unwrap();
    let metadata = last.metadata().unwrap();
    assert_eq!(metadata.actor.unwrap().kind, i32::from(common::ActorKind::System));
    let answer = world.client.clone().add_message(of(Role::Customer, inbound(&id))).await.unwrap();
    assert_eq!(answer.into_inner().ticket.unwrap().state(), TicketState::Open);
}

#[tokio::test]
async fn a_timer_of_an_earlier_wait_or_solution_ends_nothing() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    let earlier = ask(&world, &id).await;
    client.add_message(of(Role::Customer, inbound(&id))).await.unwrap();
    ask(&world, &id).await;
    world.fire(&id, TimerKind::NoReplyResolve, &earlier).await;
    world.fire(&id, TimerKind::AutoClose, "").await;
    world.settled().await;
    assert_eq!(world.get(&id).await.state(), TicketState::WaitingCustomer);
}

#[tokio::test]
async fn who_does_not_object_has_a_closed_ticket() {
    let mut world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    client.resolve_ticket(agent(resolve(&id))).await.unwrap();
    world.fire(&id, TimerKind::AutoClose, "").await;
    world.settled().await;
    let ticket = world.get(&id).await;
    assert_eq!((ticket.state(), ticket.close_reason()), (TicketState::Closed, CloseReason::Auto));
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn a_solution_given_after_the_timer_is_not_closed_by_it() {
    let mut world = World::new().await;
    let id = world.open().await.ticket_id;
    let mut client = world.client.clone();
    client.resolve_ticket(agent(resolve(&id))).await.unwrap();
    world.settled().await;
    world.stop().await;
    world.fire(&id, TimerKind::AutoClose, "").await;
    world.command(&id, Command::Reopen { reason: "not done".to_owned() }).await;
    let resolved = Resolved {
        resolution_code: "FIXED".to_owned(),
        root_cause_code: None,
        summary: None,
        cascaded_from: None,
    };
    world.command(&id, Command::Resolve(Resolve { resolved })).await;
    world.restart().await;
    world.settled().await;
    let ticket = world.get(&id).await;
    assert_eq!((ticket.state(), ticket.reopen_count), (TicketState::Resolved, 1));
}

#[tokio::test]
async fn silence_does_not_resolve_a_complaint() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let kind = v1::TicketType::Complaint.into();
    let id =
        world.register_as(v1::RegisterTicketRequest { r#type: kind, ..register() }).await.ticket_id;
    let start =
        v1::StartWorkRequest { request_id: new_id(), ticket_id: id.clone(), etag: String::new() };
    client.start_work(agent(start)).await.unwrap();
    let hold_id = ask(&world, &id).await;
    world.fire(&id, TimerKind::NoReplyResolve, &hold_id).await;
    world.settled().await;
    assert_eq!(world.get(&id).await.state(), TicketState::WaitingCustomer);
    let left = tasks(&world, &id).await;
    assert!(left.len() == 1 && left[0].contains("has not answered our question"), "{left:?}");
    let mut world = world;
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn who_a_data_subject_is_was_not_settled_in_time() {
    let world = World::new().await;
    let kind = v1::TicketType::DataSubjectRequest.into();
    let id =
        world.register_as(v1::RegisterTicketRequest { r#type: kind, ..register() }).await.ticket_id;
    let start =
        v1::StartWorkRequest { request_id: new_id(), ticket_id: id.clone(), etag: String::new() };
    world.client.clone().start_work(agent(start)).await.unwrap();
    let hold_id = ask_in_doubt(&world, &id, true).await;
    world.fire(&id, TimerKind::SupplementEnd, &new_id()).await;
    world.settled().await;
    assert!(tasks(&world, &id).await.is_empty(), "of another wait");
    world.fire(&id, TimerKind::SupplementEnd, &hold_id).await;
    world.settled().await;
    let left = tasks(&world, &id).await;
    assert!(left.len() == 1 && left[0].contains("identity of the data subject"), "{left:?}");
}

/// Lets the ticket wait for another company.
async fn wait_for_supplier(world: &World, ticket_id: &str, expected_by: &str) {
    let hold = v1::HoldTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        kind: v1::HoldKind::ThirdParty.into(),
        vendor_id: "carrier-3".to_owned(),
        expected_by: stamp(expected_by),
        ..Default::default()
    };
    world.client.clone().hold_ticket(agent(hold)).await.unwrap();
}

/// What sla appends when the time of another company to answer has passed.
async fn supplier_is_late(world: &World, ticket_id: &str, due_at: &str) {
    let breached = ClockBreached {
        clock_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        kind: ClockKind::UcVendor.into(),
        due_at: stamp(due_at),
        cause: BreachCause::Time.into(),
        ..ClockBreached::default()
    };
    let name = wire::event::CLOCK_BREACHED;
    world.foreign(("clock", ticket_id), name, &breached, due_at).await;
    world.settled().await;
}

#[tokio::test]
async fn nobody_waits_for_ever_for_another_company() {
    let mut world = World::new().await;
    let id = world.open().await.ticket_id;
    wait_for_supplier(&world, &id, "2026-06-12T10:00:00Z").await;
    // The time of a wait that ended before this one began.
    supplier_is_late(&world, &id, "2026-06-01T10:00:00Z").await;
    assert_eq!(world.get(&id).await.state(), TicketState::WaitingThirdParty);
    supplier_is_late(&world, &id, "2026-06-12T10:00:00Z").await;
    assert_eq!(world.get(&id).await.state(), TicketState::Open);
    let story = world.story(&id).await;
    assert_eq!(story[story.len() - 2..], ["TicketUnheld", "MessageAdded"]);
    let left = tasks(&world, &id).await;
    assert!(left.len() == 1 && left[0].contains("has not answered in time"), "{left:?}");
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}
