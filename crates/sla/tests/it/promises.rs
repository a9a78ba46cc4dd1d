//! What happens to a ticket starts, pauses, retargets and stops its clocks.
use uuid::Uuid;
use wire::common::v1::{Channel, Priority};
use wire::intake::v1 as intake;
use wire::sla::v1::{ClockKind, ClockOutcome, ClockState};

use crate::world::*;

// Far from today, so that no timer fires: Monday, 2 June 2031, 10:00 in Warsaw.
const MONDAY: &str = "2031-06-02T08:00:00Z";

#[tokio::test]
async fn registration_starts_the_first_clocks_on_their_calendars() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    sla.clock(ticket, ClockKind::Resolution, |_| true).await;
    let clocks = sla.clocks(ticket).await;
    let due = |kind| (clocks[&kind].due_at, clocks[&kind].calendar_id.as_str());
    assert_eq!(clocks.len(), 4);
    assert_eq!(due(ClockKind::Ack), (stamp("2031-06-02T08:05:00Z"), "ALWAYS"));
    assert_eq!(due(ClockKind::FirstReply), (stamp("2031-06-02T09:00:00Z"), "PL_BH_0917"));
    assert_eq!(due(ClockKind::Resolution), (stamp("2031-06-03T08:00:00Z"), "PL_WORKDAY24"));
    assert_eq!(due(ClockKind::PeriodicUpdate), (stamp("2031-06-03T08:00:00Z"), "PL_WORKDAY24"));
    let first = &clocks[&ClockKind::FirstReply];
    assert_eq!((first.state(), first.target_s, first.cycle), (ClockState::Running, 3_600, 1));
    assert_eq!((first.policy_id.as_str(), first.policy_version), ("PL_STANDARD", 1));
}

#[tokio::test]
async fn a_message_on_friday_evening_is_due_on_monday() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at("2031-06-06T14:40:00Z"), Priority::P3).await;
    let first = sla.clock(ticket, ClockKind::FirstReply, |_| true).await;
    assert_eq!(first.due_at, stamp("2031-06-09T07:40:00Z"));
}

#[tokio::test]
async fn an_alert_of_a_machine_waits_for_no_answer() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = Uuid::now_v7();
    let alert = intake::TicketRegistered {
        ticket_id: ticket.to_string(),
        r#type: intake::TicketType::Incident.into(),
        channel: Channel::Monitoring.into(),
        received_at: stamp(MONDAY),
        origin: intake::TicketOrigin::Monitoring.into(),
        ..intake::TicketRegistered::default()
    };
    let alert = step(at(MONDAY), wire::event::TICKET_REGISTERED, &alert);
    world.append(ticket, false, vec![alert, prioritised(at(MONDAY), Priority::P1)]).await;
    let resolution = sla.clock(ticket, ClockKind::Resolution, |_| true).await;
    assert_eq!(resolution.due_at, stamp("2031-06-02T12:00:00Z"));
    // Nobody waits for an answer; those who are affected want to hear something all the same.
    let clocks = sla.clocks(ticket).await;
    assert_eq!(
        clocks.keys().copied().collect::<Vec<_>>(),
        [ClockKind::PeriodicUpdate, ClockKind::Resolution]
    );
}

#[tokio::test]
async fn an_answer_stops_the_reply_clock_and_a_new_message_starts_the_next() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    let (outbound, system) = (intake::MessageDirection::Outbound, intake::AuthorKind::System);
    let automatic = message(at("2031-06-02T08:01:00Z"), outbound, system, false);
    world.happens(ticket, automatic).await;
    world.happens(ticket, reply(at("2031-06-02T08:30:00Z"))).await;
    world.happens(ticket, inbound(at("2031-06-02T13:00:00Z"))).await;
    let next = sla.clock(ticket, ClockKind::NextReply, |_| true).await;
    // Four hours from 15:00: two today, two tomorrow.
    assert_eq!(next.due_at, stamp("2031-06-03T09:00:00Z"));
    let first = sla.clocks(ticket).await.remove(&ClockKind::FirstReply).unwrap();
    assert_eq!((first.state(), first.outcome()), (ClockState::Stopped, ClockOutcome::Met));
    assert_eq!(first.stopped_at, stamp("2031-06-02T08:30:00Z"));

    world.happens(ticket, reply(at("2031-06-03T09:00:00.001Z"))).await;
    let next = sla.clock(ticket, ClockKind::NextReply, |c| c.stopped_at.is_some()).await;
    assert_eq!((next.outcome(), next.breached), (ClockOutcome::Missed, true));
}

#[tokio::test]
async fn the_confirmation_of_receipt_stops_its_clock() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    world.ack_sent(ticket, at("2031-06-02T08:00:03Z")).await;
    let ack = sla.clock(ticket, ClockKind::Ack, |c| c.stopped_at.is_some()).await;
    assert_eq!((ack.outcome(), ack.elapsed_ms), (ClockOutcome::Met, 3_000));
}

#[tokio::test]
async fn waiting_for_the_customer_stands_still() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    let hold_id = Uuid::now_v7();
    world.happens(ticket, held(hold_id, at("2031-06-02T14:00:00Z"))).await;
    let paused = |c: &wire::sla::v1::Clock| c.state() == ClockState::Paused;
    let resolution = sla.clock(ticket, ClockKind::Resolution, paused).await;
    assert_eq!((resolution.due_at, resolution.elapsed_ms), (None, 6 * 3_600_000));
    let first = sla.clocks(ticket).await.remove(&ClockKind::FirstReply).unwrap();
    assert_eq!(first.state(), ClockState::Running);

    world.happens(ticket, unheld(hold_id, at("2031-06-04T14:00:00Z"))).await;
    let running = |c: &wire::sla::v1::Clock| c.state() == ClockState::Running;
    let resolution = sla.clock(ticket, ClockKind::Resolution, running).await;
    assert_eq!(resolution.due_at, stamp("2031-06-05T08:00:00Z"));
}

#[tokio::test]
async fn a_raised_priority_retargets_and_a_workaround_does_not() {
    let world = World::new().await;
    let sla = world.serve().await;
    let change = |priority: Priority, cause: intake::PriorityCause| {
        let changed = intake::PriorityChanged {
            priority: priority.into(),
            previous: Priority::P3.into(),
            cause: cause.into(),
            ..intake::PriorityChanged::default()
        };
        step(at("2031-06-02T09:00:00Z"), wire::event::PRIORITY_CHANGED, &changed)
    };
    let raised = world.register(at(MONDAY), Priority::P3).await;
    let eased = world.register(at(MONDAY), Priority::P3).await;
    world.happens(raised, change(Priority::P1, intake::PriorityCause::ImpactGrew)).await;
    world.happens(eased, change(Priority::P4, intake::PriorityCause::ImpactMitigated)).await;
    let changed = |c: &wire::sla::v1::Clock| c.target_s == 4 * 3_600;
    let resolution = sla.clock(raised, ClockKind::Resolution, changed).await;
    assert_eq!(resolution.due_at, stamp("2031-06-02T12:00:00Z"));
    world.settled().await;
    let resolution = sla.clocks(eased).await.remove(&ClockKind::Resolution).unwrap();
    assert_eq!(resolution.due_at, stamp("2031-06-03T08:00:00Z"));
}

#[tokio::test]
async fn a_solution_stops_and_a_return_to_work_goes_on() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    world.happens(ticket, resolved(at("2031-06-02T14:00:00Z"))).await;
    let stopped = |c: &wire::sla::v1::Clock| c.outcome() == ClockOutcome::Met;
    sla.clock(ticket, ClockKind::Resolution, stopped).await;
    let reopened = intake::TicketReopened {
        reopen_no: 1,
        trigger: intake::ReopenTrigger::CustomerRejected.into(),
        ..intake::TicketReopened::default()
    };
    let reopened = step(at("2031-06-03T14:00:00Z"), wire::event::TICKET_REOPENED, &reopened);
    world.happens(ticket, reopened).await;
    let running = |c: &wire::sla::v1::Clock| c.state() == ClockState::Running;
    let resolution = sla.clock(ticket, ClockKind::Resolution, running).await;
    assert_eq!(resolution.due_at, stamp("2031-06-04T08:00:00Z"));

    let reason = intake::CloseReason::Withdrawn.into();
    let closed = intake::TicketClosed { reason, ..intake::TicketClosed::default() };
    let closed = step(at("2031-06-03T15:00:00Z"), wire::event::TICKET_CLOSED, &closed);
    world.happens(ticket, closed).await;
    let cancelled = |c: &wire::sla::v1::Clock| c.outcome() == ClockOutcome::Cancelled;
    sla.clock(ticket, ClockKind::Resolution, cancelled).await;
}
