//! A history of another system, taken over with its times.
use chassis::rpc::Role;
use tonic::Code;
use wire::common::v1 as common;
use wire::intake::v1::{self, HistoryStep, history_step::Step};

use crate::world::{World, agent, at, fields, info, new_id, of, refusal, stamp};

fn step(occurred_at: &str, step: Step) -> HistoryStep {
    HistoryStep {
        occurred_at: stamp(occurred_at),
        actor_id: "user-55".to_owned(),
        step: Some(step),
    }
}

fn history() -> v1::ImportTicketRequest {
    let held = v1::HeldStep { kind: v1::HoldKind::Customer.into() };
    let resolved = v1::ResolvedStep { resolution_code: "FIXED".to_owned() };
    let priority =
        v1::PriorityStep { impact: v1::Impact::High.into(), urgency: v1::Urgency::High.into() };
    let classified = v1::ClassifiedStep { category_code: "Category-26".to_owned() };
    v1::ImportTicketRequest {
        request_id: new_id(),
        external_number: "INC0000045".to_owned(),
        r#type: v1::TicketType::Incident.into(),
        channel: common::Channel::Voice.into(),
        subject: "Phone".to_owned(),
        requester_ref: "caller-2403".to_owned(),
        category_code: "Category-55".to_owned(),
        received_at: stamp("2016-02-29T01:16:00Z"),
        impact: v1::Impact::Medium.into(),
        urgency: v1::Urgency::Medium.into(),
        steps: vec![
            step("2016-02-29T01:23:00Z", Step::WorkStarted(v1::WorkStartedStep {})),
            step("2016-02-29T02:00:00Z", Step::Priority(priority)),
            step("2016-02-29T02:00:00Z", Step::Classified(classified)),
            step("2016-02-29T04:00:00Z", Step::Held(held)),
            step("2016-02-29T05:00:00Z", Step::Unheld(v1::UnheldStep {})),
            step("2016-02-29T06:00:00Z", Step::Held(held)),
            step("2016-02-29T08:52:00Z", Step::Resolved(resolved.clone())),
            step("2016-03-01T08:00:00Z", Step::Reopened(v1::ReopenedStep {})),
            step("2016-03-01T09:00:00Z", Step::Resolved(resolved)),
            step("2016-03-05T12:00:00Z", Step::Closed(v1::ClosedStep {})),
        ],
    }
}

#[tokio::test]
async fn a_whole_history_keeps_its_times_and_its_people() {
    let world = World::new().await;
    let request = of(Role::Integrator, history());
    let answer = world.client.clone().import_ticket(request).await.unwrap().into_inner();
    let ticket = answer.ticket.unwrap();
    assert!(!answer.already_imported);
    assert_eq!(ticket.state(), v1::TicketState::Closed);
    assert_eq!(ticket.close_reason(), v1::CloseReason::Auto);
    assert_eq!(ticket.external_number, "INC0000045");
    assert_eq!((ticket.priority(), ticket.reopen_count), (common::Priority::P1, 1));
    assert_eq!(ticket.category_code, "Category-26");

    let events = world.events(&ticket.ticket_id).await;
    assert_eq!(events.len(), 14);
    assert_eq!(events[0].occurred_at, at("2016-02-29T01:16:00Z"));
    assert_eq!(events[13].occurred_at, at("2016-03-05T12:00:00Z"));
    for event in &events {
        let metadata = event.metadata().unwrap();
        assert!(metadata.historical);
        let actor = metadata.actor.unwrap().id;
        assert_eq!(actor, if event.version <= 3 { "import" } else { "user-55" });
        assert_eq!(event.recorded_at, events[0].recorded_at, "one append");
    }
}

#[tokio::test]
async fn an_imported_ticket_is_imported_once_and_lives_on() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let mut request = history();
    request.steps.truncate(1);
    let first = client.import_ticket(of(Role::Integrator, request.clone())).await.unwrap();
    let first = first.into_inner();
    let id = first.ticket.clone().unwrap().ticket_id;
    client.resolve_ticket(agent(crate::world::resolve(&id))).await.unwrap();

    let again = client.import_ticket(of(Role::Integrator, request.clone())).await.unwrap();
    let again = again.into_inner();
    assert!(again.already_imported);
    assert_eq!(again.ticket, first.ticket);
    assert_eq!(world.events(&id).await.len(), 5);

    request.subject = "Another".to_owned();
    let status = client.import_ticket(of(Role::Integrator, request)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));
}

#[tokio::test]
async fn the_longest_history_fits_into_one_append() {
    let world = World::new().await;
    let mut request = history();
    request.steps.truncate(1);
    for minute in 0..499 {
        let step = match minute % 2 {
            0 => Step::Held(v1::HeldStep { kind: v1::HoldKind::ThirdParty.into() }),
            _ => Step::Unheld(v1::UnheldStep {}),
        };
        let at = format!("2016-03-{:02}T{:02}:{:02}:00Z", 1 + minute / 60, 1, minute % 60);
        request.steps.push(self::step(&at, step));
    }
    let request = of(Role::Integrator, request);
    let answer = world.client.clone().import_ticket(request).await.unwrap().into_inner();
    let ticket = answer.ticket.unwrap();
    assert_eq!(ticket.state(), v1::TicketState::WaitingThirdParty);
    assert_eq!(world.events(&ticket.ticket_id).await.len(), 503);
}

#[tokio::test]
async fn a_history_that_cannot_have_happened_is_refused_as_a_whole() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let mut request = history();
    request.steps.remove(0);
    let status = client.import_ticket(of(Role::Integrator, request.clone())).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TICKET_STATE".to_owned()));
    assert_eq!(info(&status).metadata["subject"], "steps[2]");
    assert_eq!(info(&status).metadata["current_state"], "NEW");
    let head = world.log.head(world.tenant.partition).await.unwrap();
    assert_eq!(head, 0);
}

#[tokio::test]
async fn every_bad_step_is_named() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let mut request = history();
    request.steps[1].occurred_at = stamp("2016-02-28T00:00:00Z");
    request.steps[2].actor_id = "Anna Nowak".to_owned();
    request.steps[3].step = None;
    request.steps[5].step = Some(Step::Held(v1::HeldStep { kind: 7 }));
    request.steps[6].step =
        Some(Step::Resolved(v1::ResolvedStep { resolution_code: "fixed it".to_owned() }));
    request.steps[9].occurred_at = stamp("2027-01-01T00:00:00Z");
    let status = client.import_ticket(of(Role::Integrator, request)).await.unwrap_err();
    let expected = [
        "steps[1].occurred_at",
        "steps[2].actor_id",
        "steps[3].step",
        "steps[5].held.kind",
        "steps[6].resolved.resolution_code",
        "steps[9].occurred_at",
    ];
    assert_eq!(fields(&status), expected);
    let status = client.import_ticket(agent(history())).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let mut request = history();
    let work = step("2016-02-29T01:23:00Z", Step::WorkStarted(v1::WorkStartedStep {}));
    request.steps = vec![work; 501];
    let status = client.import_ticket(of(Role::Integrator, request)).await.unwrap_err();
    assert_eq!(fields(&status), ["steps"]);
}

#[tokio::test]
async fn a_complaint_of_another_system_opens_nothing_and_was_decided_there() {
    let world = World::new().await;
    let imported = |steps: Vec<HistoryStep>| v1::ImportTicketRequest {
        request_id: new_id(),
        r#type: v1::TicketType::Complaint.into(),
        steps,
        ..history()
    };
    let mut client = world.client.clone();
    let whole = of(Role::Integrator, imported(history().steps));
    let ticket = client.import_ticket(whole).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!((ticket.state(), &*ticket.complaint_id), (v1::TicketState::Closed, ""));
    // What is open there is decided here.
    let begun = step("2016-02-29T01:23:00Z", Step::WorkStarted(v1::WorkStartedStep {}));
    let open = of(Role::Integrator, imported(vec![begun]));
    let open = client.import_ticket(open).await.unwrap().into_inner().ticket.unwrap();
    let request = agent(crate::world::resolve(&open.ticket_id));
    let refused = client.resolve_ticket(request).await.unwrap_err();
    assert_eq!(info(&refused).metadata["rule"], "COMPLAINT_UNDECIDED");
}
