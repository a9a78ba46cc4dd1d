//! Why a clock stands as it does, and who may forgive it.
use chassis::rpc::Role;
use jiff::SignedDuration;
use tonic::{Code, Request, Status};
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::scalar::timestamp;
use wire::sla::v1::clock_event::Event;
use wire::sla::v1::{
    Clock, ClockKind, ClockOutcome, ClockState, GetClocksRequest, GetClocksResponse,
    ListDueClocksRequest, TimerKind, VoidBreachRequest, VoidBreachResponse, VoidReason,
};

use crate::world::*;

async fn answer(sla: &Replica, ticket: Uuid) -> GetClocksResponse {
    let request = by(Role::Agent, GetClocksRequest { ticket_id: ticket.to_string() });
    sla.client.clone().get_clocks(request).await.unwrap().into_inner()
}

fn words(clock: &Clock) -> Vec<&'static str> {
    let event = |step: &wire::sla::v1::ClockStep| step.event.clone().unwrap().event.unwrap();
    clock
        .steps
        .iter()
        .map(|step| match event(step) {
            Event::ClockStarted(_) => "started",
            Event::ClockPaused(_) => "paused",
            Event::ClockResumed(_) => "resumed",
            Event::ClockRetargeted(_) => "retargeted",
            Event::ThresholdReached(_) => "warned",
            Event::ClockBreached(_) => "breached",
            Event::ClockStopped(_) => "stopped",
            Event::BreachVoided(_) => "voided",
            other => panic!("{other:?} is about no clock"),
        })
        .collect()
}

#[tokio::test]
async fn a_clock_tells_its_life_and_how_it_stands() {
    let world = World::new().await;
    let sla = world.serve().await;
    let received = in_seconds(-7_200);
    let after = |minutes: i64| received + SignedDuration::from_mins(minutes);
    let policy = quick(&sla, "WALL", ClockKind::Resolution, 4 * 3_600).await;
    sla.publish_policy(policy, Some(received)).await.unwrap();
    let ticket = world.register(received, Priority::P3).await;
    let hold = Uuid::now_v7();
    world.happens(ticket, held(hold, after(30))).await;
    world.happens(ticket, unheld(hold, after(60))).await;
    world.happens(ticket, held(Uuid::now_v7(), after(90))).await;
    let twice = |clock: &Clock| clock.steps.len() >= 4;
    let resolution = sla.clock(ticket, ClockKind::Resolution, twice).await;
    assert_eq!(words(&resolution), ["started", "paused", "resumed", "paused"]);
    assert_eq!((resolution.policy_id.as_str(), resolution.policy_version), ("WALL", 1));
    assert_eq!(resolution.state(), ClockState::Paused);
    // An hour has counted of four, and the wait counts for nothing.
    assert_eq!(resolution.elapsed_now_ms, 3_600_000);
    assert_eq!(resolution.remaining_ms, 3 * 3_600_000);
    let elapsed: Vec<_> = resolution.steps.iter().map(|step| step.elapsed_ms).collect();
    assert_eq!(elapsed, [0, 1_800_000, 1_800_000, 3_600_000]);
    let Some(Event::ClockPaused(paused)) = resolution.steps[1].event.clone().unwrap().event else {
        panic!("a pause");
    };
    assert_eq!((paused.reason.as_str(), paused.hold_id), ("WAITING_CUSTOMER", hold.to_string()));
    let due: Vec<_> = resolution.steps.iter().map(|step| step.due_at.is_some()).collect();
    assert_eq!(due, [true, false, true, false]);

    let answer = answer(&sla, ticket).await;
    let running = answer.clocks.iter().find(|clock| clock.kind() == ClockKind::Ack).unwrap();
    // Five minutes were promised, and two hours have passed.
    assert!(running.remaining_ms < -6_800_000, "{}", running.remaining_ms);
    assert!(answer.as_of.is_some());
    let timers: Vec<_> = answer.timers.iter().map(|timer| (timer.timer(), timer.step)).collect();
    let reminder = TimerKind::CustomerReminder;
    assert_eq!(timers, [(reminder, 1), (reminder, 2), (TimerKind::NoReplyResolve, 1)]);
}

#[tokio::test]
async fn a_new_target_is_a_step_with_its_cause() {
    let world = World::new().await;
    let sla = world.serve().await;
    let monday = at("2031-06-02T08:00:00Z");
    let ticket = world.register(monday, Priority::P3).await;
    world.happens(ticket, prioritised(at("2031-06-02T09:00:00Z"), Priority::P2)).await;
    let changed = |clock: &Clock| clock.steps.len() == 2;
    let resolution = sla.clock(ticket, ClockKind::Resolution, changed).await;
    let Some(Event::ClockRetargeted(change)) = resolution.steps[1].event.clone().unwrap().event
    else {
        panic!("a new target");
    };
    assert_eq!((change.old_target_s, change.new_target_s), (86_400, 28_800));
    assert_eq!(resolution.steps[1].elapsed_ms, 3_600_000);
    // It has not begun: the ticket is received years from now.
    assert_eq!((resolution.elapsed_now_ms, resolution.state()), (3_600_000, ClockState::Running));
}

#[tokio::test]
async fn a_reopened_ticket_has_the_target_of_the_priority_it_got_while_it_was_solved() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at("2031-06-02T08:00:00Z"), Priority::P3).await;
    world.happens(ticket, resolved(at("2031-06-02T10:00:00Z"))).await;
    world.happens(ticket, prioritised(at("2031-06-02T10:30:00Z"), Priority::P2)).await;
    let changed = |clock: &Clock| clock.steps.len() == 3;
    let solved = sla.clock(ticket, ClockKind::Resolution, changed).await;
    assert_eq!(words(&solved), ["started", "stopped", "retargeted"]);
    assert_eq!((solved.state(), solved.target_s), (ClockState::Stopped, 8 * 3_600));
    assert_eq!(solved.outcome(), ClockOutcome::Met);
    assert_eq!(solved.remaining_ms, 6 * 3_600_000);
    assert!(solved.steps[2].due_at.is_none());
    let reopened = wire::intake::v1::TicketReopened::default();
    let reopened = step(at("2031-06-03T08:00:00Z"), wire::event::TICKET_REOPENED, &reopened);
    world.happens(ticket, reopened).await;
    let runs = |clock: &Clock| clock.state() == ClockState::Running;
    let again = sla.clock(ticket, ClockKind::Resolution, runs).await;
    assert_eq!(again.due_at, Some(timestamp(at("2031-06-03T14:00:00Z"))));
    world.settled().await;
    let list = by(Role::Lead, ListDueClocksRequest::default());
    let listed = sla.client.clone().list_due_clocks(list).await.unwrap().into_inner().clocks;
    let row = listed.iter().find(|clock| clock.clock_id == again.clock_id).unwrap();
    assert_eq!((row.target_s, row.due_at), (again.target_s, again.due_at));
}

fn void(ticket: Uuid, clock_id: &str, reason: VoidReason, note: &str) -> VoidBreachRequest {
    VoidBreachRequest {
        request_id: Uuid::now_v7().to_string(),
        ticket_id: ticket.to_string(),
        clock_id: clock_id.to_owned(),
        reason: reason.into(),
        note: note.to_owned(),
    }
}

async fn ask(
    sla: &Replica,
    request: Request<VoidBreachRequest>,
) -> Result<VoidBreachResponse, Status> {
    Ok(sla.client.clone().void_breach(request).await?.into_inner())
}

#[tokio::test]
async fn an_sla_manager_forgives_a_breach_with_a_reason_and_it_stays_on_record() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(in_seconds(-3_600), Priority::P1).await;
    let first = sla.clock(ticket, ClockKind::FirstReply, |clock| clock.breached).await;
    let id = first.clock_id.as_str();
    let why = "the provider was down";
    for role in [Role::Agent, Role::Lead, Role::ProcessOwner, Role::Admin, Role::Auditor] {
        let request = by(role, void(ticket, id, VoidReason::Excused, why));
        assert_eq!(ask(&sla, request).await.unwrap_err().code(), Code::PermissionDenied, "{role}");
    }
    let refused = async |reason, note: &str| {
        fields(ask(&sla, by(Role::SlaManager, void(ticket, id, reason, note))).await)
    };
    assert_eq!(refused(VoidReason::LateProof, why).await, ["reason"]);
    assert_eq!(refused(VoidReason::Unspecified, why).await, ["reason"]);
    assert_eq!(refused(VoidReason::Excused, "").await, ["note"]);
    assert_eq!(refused(VoidReason::Excused, "  ").await, ["note"]);
    let nobodys = Uuid::now_v7().to_string();
    let unknown = by(Role::SlaManager, void(ticket, &nobodys, VoidReason::Excused, why));
    assert_eq!(ask(&sla, unknown).await.unwrap_err().code(), Code::NotFound);

    let request = void(ticket, id, VoidReason::Misclassified, why);
    for _ in 0..2 {
        let answer = ask(&sla, by(Role::SlaManager, request.clone())).await.unwrap();
        let clock = answer.clock.unwrap();
        assert!(clock.breached && clock.breach_voided);
    }
    let again = by(Role::SlaManager, void(ticket, id, VoidReason::Excused, why));
    assert_eq!(ask(&sla, again).await.unwrap_err().code(), Code::FailedPrecondition);
    let first = sla.clock(ticket, ClockKind::FirstReply, |_| true).await;
    assert_eq!(words(&first).iter().filter(|word| **word == "voided").count(), 1);
    let last = first.steps.last().unwrap().event.clone().unwrap().event;
    let Some(Event::BreachVoided(voided)) = last else { panic!("the last step") };
    assert_eq!((voided.voided_by.as_str(), voided.note.as_str()), ("person-1", why));
}
