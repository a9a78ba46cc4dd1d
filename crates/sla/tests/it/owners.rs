//! The clocks between queue and owner, of promises and of suppliers.
use jiff::Timestamp;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::intake::v1 as intake;
use wire::routing::v1 as routing;
use wire::scalar::timestamp;
use wire::sla::v1::{Clock, ClockClass, ClockKind, ClockOutcome, ClockState};

use crate::world::*;

// Far from today, so that no timer fires: Monday, 2 June 2031, 10:00 in Warsaw.
const MONDAY: &str = "2031-06-02T08:00:00Z";

fn ended(clock: &Clock) -> bool {
    clock.stopped_at.is_some()
}

fn queued(at: Timestamp) -> Step {
    step(at, wire::event::TICKET_QUEUED, &routing::TicketQueued::default())
}

fn assigned(assignment: u128, at: Timestamp, accept_by: &str) -> Step {
    let message = routing::TicketAssigned {
        assignment_id: Uuid::from_u128(assignment).to_string(),
        agent_id: "agent-7".to_owned(),
        accept_by: stamp(accept_by),
        ..routing::TicketAssigned::default()
    };
    step(at, wire::event::TICKET_ASSIGNED, &message)
}

#[tokio::test]
async fn the_way_to_an_owner_has_its_clocks() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    world.routed(ticket, queued(at("2031-06-02T08:00:01Z"))).await;
    let assign = sla.clock(ticket, ClockKind::Assign, |_| true).await;
    assert_eq!((assign.class(), assign.due_at), (ClockClass::Ola, stamp("2031-06-02T08:15:01Z")));

    let first = assigned(1, at("2031-06-02T08:10:00Z"), "2031-06-02T08:25:00Z");
    world.routed(ticket, first).await;
    let accept = sla.clock(ticket, ClockKind::Accept, |_| true).await;
    assert_eq!(accept.due_at, stamp("2031-06-02T08:25:00Z"));
    assert_eq!(accept.subject_ref, Uuid::from_u128(1).to_string());
    assert_eq!((accept.policy_id.as_str(), accept.calendar_id.as_str()), ("", ""));
    let assign = sla.clock(ticket, ClockKind::Assign, ended).await;
    assert_eq!(assign.outcome(), ClockOutcome::Met);

    let second = assigned(2, at("2031-06-02T08:20:00Z"), "2031-06-02T08:40:00Z");
    world.routed(ticket, second).await;
    let accept = sla.clock(ticket, ClockKind::Accept, |clock| clock.cycle == 2).await;
    assert_eq!(accept.due_at, stamp("2031-06-02T08:40:00Z"));
    let accepted = routing::AssignmentAccepted {
        assignment_id: Uuid::from_u128(2).to_string(),
        agent_id: "agent-7".to_owned(),
    };
    let time = at("2031-06-02T08:30:00Z");
    world.routed(ticket, step(time, wire::event::ASSIGNMENT_ACCEPTED, &accepted)).await;
    let accept = sla.clock(ticket, ClockKind::Accept, ended).await;
    assert_eq!((accept.outcome(), accept.elapsed_ms), (ClockOutcome::Met, 600_000));
}

#[tokio::test]
async fn work_means_yes_and_the_end_of_the_route_means_nobody() {
    let world = World::new().await;
    let sla = world.serve().await;
    let working = world.register(at(MONDAY), Priority::P3).await;
    let gone = world.register(at(MONDAY), Priority::P3).await;
    for ticket in [working, gone] {
        let assigned = assigned(1, at("2031-06-02T08:10:00Z"), "2031-06-02T08:25:00Z");
        world.routed(ticket, assigned).await;
    }
    let time = at("2031-06-02T08:12:00Z");
    let started = intake::WorkStarted { agent_id: "agent-7".to_owned() };
    world.happens(working, step(time, wire::event::WORK_STARTED, &started)).await;
    let over = routing::RouteEnded::default();
    world.routed(gone, step(time, wire::event::ROUTE_ENDED, &over)).await;
    let accept = sla.clock(working, ClockKind::Accept, ended).await;
    assert_eq!(accept.outcome(), ClockOutcome::Met);
    let accept = sla.clock(gone, ClockKind::Accept, ended).await;
    assert_eq!(accept.outcome(), ClockOutcome::Cancelled);
}

#[tokio::test]
async fn every_promise_is_a_clock() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    let promise = |id: u128, replaces: Option<u128>, due: &str| intake::PromiseMade {
        promise_id: Uuid::from_u128(id).to_string(),
        kind: intake::PromiseKind::Callback.into(),
        due_at: stamp(due),
        customer_visible: true,
        replaces_promise_id: replaces.map(|id| Uuid::from_u128(id).to_string()).unwrap_or_default(),
    };
    let made = wire::event::PROMISE_MADE;
    let first = promise(1, None, "2031-06-02T12:00:00Z");
    world.happens(ticket, step(at("2031-06-02T08:30:00Z"), made, &first)).await;
    let clock = sla.clock(ticket, ClockKind::Promise, |_| true).await;
    assert_eq!(clock.due_at, stamp("2031-06-02T12:00:00Z"));
    assert_eq!(clock.promise_kind(), intake::PromiseKind::Callback);

    let second = promise(2, Some(1), "2031-06-02T14:00:00Z");
    world.happens(ticket, step(at("2031-06-02T09:00:00Z"), made, &second)).await;
    let clock = sla.clock(ticket, ClockKind::Promise, |clock| clock.cycle == 2).await;
    assert_eq!(clock.due_at, stamp("2031-06-02T14:00:00Z"));
    world.happens(ticket, reply(at("2031-06-02T13:00:00Z"))).await;
    let clock = sla.clock(ticket, ClockKind::Promise, ended).await;
    assert_eq!((clock.cycle, clock.outcome()), (2, ClockOutcome::Met));
}

#[tokio::test]
async fn a_supplier_has_until_the_expected_instant() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    let hold_id = Uuid::now_v7();
    let held = intake::TicketHeld {
        hold_id: hold_id.to_string(),
        kind: intake::HoldKind::ThirdParty.into(),
        vendor_id: "courier".to_owned(),
        expected_by: Some(timestamp(at("2031-06-04T10:00:00Z"))),
        ..intake::TicketHeld::default()
    };
    let time = at("2031-06-02T09:00:00Z");
    world.happens(ticket, step(time, wire::event::TICKET_HELD, &held)).await;
    let clock = sla.clock(ticket, ClockKind::UcVendor, |_| true).await;
    assert_eq!((clock.class(), clock.due_at), (ClockClass::Uc, stamp("2031-06-04T10:00:00Z")));
    let resolution = sla.clocks(ticket).await.remove(&ClockKind::Resolution).unwrap();
    assert_eq!(resolution.state(), ClockState::Running);
    world.happens(ticket, unheld(hold_id, at("2031-06-04T10:00:00.001Z"))).await;
    let clock = sla.clock(ticket, ClockKind::UcVendor, ended).await;
    assert_eq!((clock.outcome(), clock.breached), (ClockOutcome::Missed, true));
}
