//! Who escalates, who gets the ticket then, and that nobody reads a hand-over in the log.
use std::collections::BTreeSet;

use chassis::rpc::Role;
use eventlog::Recorded;
use prost::Message as _;
use tonic::{Code, Status};
use uuid::Uuid;
use wire::common::v1::{Priority, sealed::Content};
use wire::intake::v1::TicketReopened;
use wire::routing::v1::{self, EscalationKind, EscalationTrigger, Route, TicketEscalated};

use crate::world::{TICKET, Ticket, World, agent, fields, lead, new_id, person, queue, refusal};

fn functional(ticket_id: Uuid, queue: &str) -> v1::EscalateTicketRequest {
    v1::EscalateTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_string(),
        kind: EscalationKind::Functional.into(),
        to_queue_id: queue.to_owned(),
        trigger: EscalationTrigger::Complexity.into(),
        summary: "Anna cannot pay".to_owned(),
        actions_done: vec!["Restarted the gateway".to_owned(), "Asked the bank".to_owned()],
        next_step: "Look at the certificate".to_owned(),
        ..Default::default()
    }
}

fn hierarchical(ticket_id: Uuid) -> v1::EscalateTicketRequest {
    let kind = EscalationKind::Hierarchical.into();
    v1::EscalateTicketRequest { kind, to_queue_id: String::new(), ..functional(ticket_id, "") }
}

async fn escalate(
    world: &World,
    (who, role): (&str, Role),
    request: &v1::EscalateTicketRequest,
) -> Result<Route, Status> {
    let request = person(who, role, request.clone());
    let answer = world.routing.clone().escalate_ticket(request).await?;
    Ok(answer.into_inner().route.unwrap())
}

fn precondition(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.to_owned())
}

/// The team `t` with its queue `q` and `ann`, the experts with `q2` and `ewa`.
async fn with_experts() -> World {
    let world = World::with_agents(&[("ann", 5)]).await;
    world.put_team("experts").await;
    let queue = v1::Queue { level: 2, ..queue("q2", "experts", false) };
    let request = v1::PutQueueRequest { request_id: new_id(), queue: Some(queue) };
    world.directory.clone().put_queue(lead(request)).await.unwrap();
    world.put_agent(v1::Agent { team_ids: vec!["experts".to_owned()], ..agent("ewa", 5) }).await;
    world
}

pub(crate) async fn escalations(
    world: &World,
    ticket_id: Uuid,
) -> Vec<(Recorded, TicketEscalated)> {
    let events = world.events("route", ticket_id).await;
    let escalated = events.into_iter().filter(|e| e.event_type.ends_with(".TicketEscalated"));
    escalated
        .map(|event| {
            let message = TicketEscalated::decode(&*event.payload).unwrap();
            (event, message)
        })
        .collect()
}

#[tokio::test]
async fn a_functional_escalation_finds_an_owner_in_the_other_queue() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    assert_eq!(world.owned(ticket).await.agent_id, "ann");
    let route = escalate(&world, ("ann", Role::Agent), &functional(ticket, "q2")).await.unwrap();
    assert_eq!((route.queue_id.as_str(), route.level), ("q2", 2));
    world.owned_by(ticket, "ewa").await;
    let story = ["TicketQueued", "TicketAssigned", "TicketEscalated", "TicketQueued"];
    assert_eq!(world.story(ticket).await[..4], story);
    let queued = &world.events("route", ticket).await[3];
    let queued = v1::TicketQueued::decode(&*queued.payload).unwrap();
    assert_eq!(queued.reason(), v1::QueuedReason::Escalated);
    let (_, escalated) = &escalations(&world, ticket).await[0];
    assert_eq!((escalated.from_level, escalated.to_level), (1, 2));
    assert_eq!((&*escalated.to_queue_id, &*escalated.to_team_id), ("q2", "experts"));
    assert!(escalated.to_agent_ids.is_empty(), "who gets it is settled later");

    // The rules still name the first line; what a person has escalated stays.
    world.happens(ticket, crate::world::classified(TICKET.kind, "TECH/access")).await;
    world.settled().await;
    assert_eq!(world.route(ticket).await.unwrap().agent_id, "ewa");
}

#[tokio::test]
async fn what_people_have_placed_stays_there_however_it_goes_on() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned_by(ticket, "ann").await;
    escalate(&world, ("ann", Role::Agent), &functional(ticket, "q2")).await.unwrap();
    world.owned_by(ticket, "ewa").await;
    // Given back, it waits for the experts; the rules still name the first line.
    world.accept("ewa", ticket).await;
    world.set_available("ewa", false).await;
    world.requeue(("ewa", Role::Expert), ticket, "").await;
    world.happens(ticket, crate::world::classified(TICKET.kind, "TECH/access")).await;
    world.settled().await;
    let route = world.route(ticket).await.unwrap();
    assert_eq!((&*route.queue_id, &*route.agent_id), ("q2", ""));
    // Solved by an expert and reopened, it is theirs again.
    world.set_available("ewa", true).await;
    world.owned_by(ticket, "ewa").await;
    world.resolve(ticket).await;
    world.settled().await;
    world.happens(ticket, TicketReopened { reopen_no: 1, ..Default::default() }).await;
    assert_eq!(world.owned_by(ticket, "ewa").await.queue_id, "q2");

    // A lead puts another one where the rules would not.
    world.put_queue("vip", "t", false).await;
    let other = world.register(TICKET).await;
    world.owned_by(other, "ann").await;
    world.requeue(("lena", Role::Lead), other, "vip").await;
    world.owned_by(other, "ann").await;
    world.happens(other, crate::world::classified(TICKET.kind, "TECH/access")).await;
    world.settled().await;
    assert_eq!(world.route(other).await.unwrap().queue_id, "vip");
}

#[tokio::test]
async fn a_reopened_ticket_returns_to_its_last_owner_of_another_team() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned_by(ticket, "ann").await;
    world.assign(("lena", Role::Lead), ticket, "ewa").await;
    world.resolve(ticket).await;
    world.settled().await;
    world.happens(ticket, TicketReopened { reopen_no: 1, ..Default::default() }).await;
    let route = world.owned(ticket).await;
    assert_eq!((&*route.queue_id, &*route.agent_id), ("q", "ewa"));
}

#[tokio::test]
async fn a_hand_over_is_sealed_in_the_log_and_read_with_the_ticket_s_key() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    escalate(&world, ("ann", Role::Agent), &functional(ticket, "q2")).await.unwrap();
    let (event, escalated) = escalations(&world, ticket).await.remove(0);
    assert_eq!(event.metadata().unwrap().subject_key_ids, [ticket.to_string()]);
    let handover = escalated.handover.unwrap();
    let texts = [handover.summary, handover.next_step];
    for text in texts.into_iter().flatten().chain(handover.actions_done) {
        let Some(Content::Ciphertext(text)) = text.content else { panic!("in clear") };
        assert_eq!(text.key_id, ticket.to_string());
    }
    let keyring =
        eventlog::sealing::Keyring::new(world.keys.clone(), &testkit::settings("sealing"));
    let mut opened = [event];
    keyring.open(&mut opened).await.unwrap();
    let opened = TicketEscalated::decode(&*opened[0].payload).unwrap().handover.unwrap();
    let clear = |text: &str| Some(Content::Clear(text.to_owned()));
    assert_eq!(opened.summary.unwrap().content, clear("Anna cannot pay"));
    assert_eq!(opened.actions_done[1].content, clear("Asked the bank"));
}

#[tokio::test]
async fn a_hierarchical_escalation_tells_the_leads_and_leaves_the_owner() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let nobody = escalate(&world, ("ann", Role::Agent), &hierarchical(ticket)).await.unwrap_err();
    assert_eq!(refusal(&nobody), precondition("NO_LEAD"));
    world.put_agent(v1::Agent { team_ids: vec![], ..agent("lena", 1) }).await;
    let team = world.lead_team("t", &["lena"]).await.unwrap();
    assert_eq!(team.lead_agent_ids, ["lena"]);
    for (who, role) in [("ola", Role::SlaManager), ("jan", Role::ProcessOwner)] {
        let route = escalate(&world, (who, role), &hierarchical(ticket)).await.unwrap();
        assert_eq!(route.agent_id, "ann");
    }
    let (_, told) = escalations(&world, ticket).await.pop().unwrap();
    assert_eq!(told.kind(), EscalationKind::Hierarchical);
    assert_eq!((&*told.to_team_id, told.to_agent_ids), ("t", vec!["lena".to_owned()]));
}

#[tokio::test]
async fn what_may_not_be_escalated_is_refused_with_its_reason() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let refused = async |who, role, request: v1::EscalateTicketRequest| {
        refusal(&escalate(&world, (who, role), &request).await.unwrap_err())
    };
    let manager = refused("ola", Role::SlaManager, functional(ticket, "q2")).await;
    assert_eq!(manager.0, Code::PermissionDenied);
    let integrator = refused("crm", Role::Integrator, hierarchical(ticket)).await;
    assert_eq!(integrator.0, Code::PermissionDenied);
    let same = refused("ann", Role::Agent, functional(ticket, "q")).await;
    assert_eq!(same, precondition("SAME_QUEUE"));
    let others = refused("eve", Role::Agent, functional(ticket, "q2")).await;
    assert_eq!(others, precondition("NOT_THE_OWNER"));
    let nowhere = refused("ann", Role::Agent, functional(ticket, "nowhere")).await;
    assert_eq!(nowhere, precondition("QUEUE_UNKNOWN"));
    let unknown = refused("ann", Role::Agent, functional(Uuid::now_v7(), "q2")).await;
    assert_eq!(unknown, precondition("ROUTE_UNKNOWN"));
    world.resolve(ticket).await;
    world.settled().await;
    for request in [functional(ticket, "q2"), hierarchical(ticket)] {
        assert_eq!(refused("ann", Role::Agent, request).await, precondition("ROUTE_ENDED"));
    }
}

#[tokio::test]
async fn a_hand_over_says_what_it_is_about_what_was_done_and_what_is_next() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let bad = async |request: v1::EscalateTicketRequest| -> BTreeSet<String> {
        let refused = escalate(&world, ("ann", Role::Agent), &request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        fields(&refused).into_iter().collect()
    };
    let whole = || functional(ticket, "q2");
    let empty = v1::EscalateTicketRequest {
        kind: 0,
        to_queue_id: String::new(),
        summary: " ".to_owned(),
        actions_done: vec![],
        next_step: String::new(),
        trigger: EscalationTrigger::NotAccepted.into(),
        ..whole()
    };
    let all = ["actions_done", "kind", "next_step", "summary", "trigger"];
    assert_eq!(bad(empty).await, BTreeSet::from(all.map(str::to_owned)));
    let both = v1::EscalateTicketRequest { nothing_done: true, ..whole() };
    assert_eq!(bad(both).await, ["nothing_done".to_owned()].into());
    let blank = v1::EscalateTicketRequest { actions_done: vec!["\n".to_owned()], ..whole() };
    assert_eq!(bad(blank).await, ["actions_done[0]".to_owned()].into());
    let queue = v1::EscalateTicketRequest { to_queue_id: "q2".into(), ..hierarchical(ticket) };
    assert_eq!(bad(queue).await, ["to_queue_id".to_owned()].into());
    assert!(escalations(&world, ticket).await.is_empty());

    let nothing = v1::EscalateTicketRequest { actions_done: vec![], nothing_done: true, ..whole() };
    escalate(&world, ("ann", Role::Agent), &nothing).await.unwrap();
    let (_, escalated) = &escalations(&world, ticket).await[0];
    assert!(escalated.handover.as_ref().unwrap().actions_done.is_empty());
}

#[tokio::test]
async fn the_same_request_escalates_once() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let request = functional(ticket, "q2");
    for _ in 0..2 {
        escalate(&world, ("ann", Role::Agent), &request).await.unwrap();
        world.owned_by(ticket, "ewa").await;
    }
    assert_eq!(escalations(&world, ticket).await.len(), 1);
    let other = v1::EscalateTicketRequest { summary: "Jan cannot pay".into(), ..request };
    let reused = escalate(&world, ("ann", Role::Agent), &other).await.unwrap_err();
    assert_eq!(refusal(&reused), precondition("REQUEST_ID_REUSED"));
}

#[tokio::test]
async fn without_keys_nobody_hands_over_and_all_else_goes_on() {
    let world = with_experts().await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    world.keys.are_away(true);
    let away = escalate(&world, ("ann", Role::Agent), &functional(ticket, "q2")).await;
    assert_eq!(away.unwrap_err().code(), Code::Unavailable);
    assert!(escalations(&world, ticket).await.is_empty());
    world.keys.are_away(false);
    escalate(&world, ("ann", Role::Agent), &functional(ticket, "q2")).await.unwrap();
    world.keys.are_away(true);
    let owned = world.owned_by(ticket, "ewa").await;
    world.put_agent(v1::Agent { team_ids: vec!["experts".to_owned()], ..agent("jan", 5) }).await;
    world.not_accepted(ticket, &owned.assignment_id).await;
    world.owned_by(ticket, "jan").await;
    world.resolve(ticket).await;
    world.settled().await;
    assert_eq!(world.route(ticket).await.unwrap().state(), v1::RouteState::Ended);
}

#[tokio::test]
async fn a_team_is_led_by_agents_of_the_directory() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let unknown = world.lead_team("t", &["ann", "eve"]).await.unwrap_err();
    assert_eq!(refusal(&unknown), precondition("AGENT_UNKNOWN"));
    let bad = world.lead_team("t", &["ann", "e v e"]).await.unwrap_err();
    assert_eq!(fields(&bad), ["team.lead_agent_ids[1]"]);
    world.lead_team("t", &["ann"]).await.unwrap();
    let directory = world.directory.clone().get_directory(lead(Default::default())).await.unwrap();
    assert_eq!(directory.into_inner().teams[0].lead_agent_ids, ["ann"]);
}

#[tokio::test]
async fn who_does_not_accept_is_passed_over_until_nobody_is_left() {
    let world = World::with_agents(&[("ann", 1), ("bartek", 1)]).await;
    world.lead_team("t", &["bartek"]).await.unwrap();
    let ticket = world.register(TICKET).await;
    let first = world.owned(ticket).await;
    assert_eq!(first.agent_id, "ann");
    let breached = world.not_accepted(ticket, &first.assignment_id).await;
    let second = world.owned_by(ticket, "bartek").await;
    assert_eq!(
        world.story(ticket).await,
        ["TicketQueued", "TicketAssigned", "TicketEscalated", "TicketEscalated", "TicketAssigned"]
    );
    for event in &world.events("route", ticket).await[2..] {
        assert_eq!(event.metadata().unwrap().causation_id, breached.event_id.to_string());
    }
    let [to_next, to_leads] = [0, 1].map(async |n| escalations(&world, ticket).await.remove(n).1);
    let (to_next, to_leads) = (to_next.await, to_leads.await);
    assert_eq!(to_next.trigger(), EscalationTrigger::NotAccepted);
    assert_eq!(
        (to_next.kind(), to_leads.kind()),
        (EscalationKind::Functional, EscalationKind::Hierarchical,)
    );
    assert_eq!(to_next.to_agent_ids, ["bartek"]);
    assert!(to_next.handover.is_some() && !to_next.notify_customer);

    // Ann is free again: she gets another ticket, but not this one back.
    let other = world.register(TICKET).await;
    assert_eq!(world.owned(other).await.agent_id, "ann");
    world.resolve(other).await;
    world.not_accepted(ticket, &second.assignment_id).await;
    world.settled().await;
    let waiting = world.route(ticket).await.unwrap();
    assert_eq!(waiting.state(), v1::RouteState::Queued, "nobody else is left");
    assert_eq!(escalations(&world, ticket).await.len(), 3);
    let (_, last) = escalations(&world, ticket).await.pop().unwrap();
    assert_eq!(last.kind(), EscalationKind::Hierarchical);
    assert_eq!(last.to_agent_ids, ["bartek"]);
    // A colleague who becomes free takes it, though the others are free, too.
    world.put_agent(agent("celina", 1)).await;
    world.owned_by(ticket, "celina").await;
}

#[tokio::test]
async fn a_critical_ticket_of_the_experts_goes_to_the_next_on_call() {
    let world = with_experts().await;
    world.put_agent(v1::Agent { team_ids: vec!["experts".to_owned()], ..agent("jan", 5) }).await;
    world.publish(vec![crate::world::rule("all", "q2")]).await;
    let ticket = world.register(Ticket { priority: Priority::P1, ..TICKET }).await;
    let first = world.owned(ticket).await;
    assert_eq!(first.agent_id, "ewa");
    world.not_accepted(ticket, &first.assignment_id).await;
    world.owned_by(ticket, "jan").await;
    let last = world.events("route", ticket).await.pop().unwrap();
    let assigned = v1::TicketAssigned::decode(&*last.payload).unwrap();
    assert_eq!(assigned.method(), v1::AssignmentMethod::OnCall);
}

#[tokio::test]
async fn a_time_that_ran_for_another_assignment_means_nothing() {
    let world = World::with_agents(&[("ann", 1), ("bartek", 1)]).await;
    let ticket = world.register(TICKET).await;
    let first = world.owned(ticket).await;
    world.not_accepted(ticket, &new_id()).await;
    let request = v1::AcceptAssignmentRequest {
        request_id: new_id(),
        ticket_id: ticket.to_string(),
        etag: String::new(),
    };
    world.routing.clone().accept_assignment(person("ann", Role::Agent, request)).await.unwrap();
    world.not_accepted(ticket, &first.assignment_id).await;
    world.settled().await;
    assert!(escalations(&world, ticket).await.is_empty());
    assert_eq!(world.route(ticket).await.unwrap().agent_id, "ann");
}

#[tokio::test]
async fn the_leads_are_told_of_a_ticket_that_finds_no_owner_in_time() {
    let world = World::with_agents(&[("ann", 1)]).await;
    world.put_agent(v1::Agent { team_ids: vec![], ..agent("lena", 1) }).await;
    let owned = world.register(TICKET).await;
    world.owned(owned).await;
    let waiting = world.register(TICKET).await;
    world.settled().await;
    // Nobody leads the team yet: that is told, too, for somebody to see.
    world.not_assigned(waiting).await;
    world.settled().await;
    let (_, told) = escalations(&world, waiting).await.pop().unwrap();
    assert_eq!((&*told.to_team_id, told.to_agent_ids.len()), ("t", 0));
    world.lead_team("t", &["lena"]).await.unwrap();
    world.not_assigned(owned).await;
    world.settled().await;
    assert!(escalations(&world, owned).await.is_empty(), "it has an owner");

    world.not_assigned(waiting).await;
    world.settled().await;
    let (event, told) = escalations(&world, waiting).await.pop().unwrap();
    assert_eq!(told.kind(), EscalationKind::Hierarchical);
    assert_eq!(told.trigger(), EscalationTrigger::NotAccepted);
    assert_eq!((&*told.to_team_id, told.to_agent_ids), ("t", vec!["lena".to_owned()]));
    assert!(told.handover.is_some() && !told.notify_customer);
    let breached = world.events("clock", waiting).await.pop().unwrap();
    assert_eq!(event.metadata().unwrap().causation_id, breached.event_id.to_string());
    assert_eq!(world.route(waiting).await.unwrap().agent_id, "", "it stays where it is");
}
