//! People assign, accept and give back; what they may not is refused with its reason.
use chassis::rpc::Role;
use tonic::{Code, Status};
use uuid::Uuid;
use wire::routing::v1::{self, Route};

use crate::world::{TICKET, World, lead, new_id, person, refusal};

async fn accept(world: &World, who: &str, ticket_id: Uuid) -> Result<Route, Status> {
    let request = v1::AcceptAssignmentRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_string(),
        etag: String::new(),
    };
    let request = person(who, Role::Agent, request);
    let answer = world.routing.clone().accept_assignment(request).await?;
    Ok(answer.into_inner().route.unwrap())
}

fn assign(ticket_id: Uuid, to: &str) -> v1::AssignTicketRequest {
    v1::AssignTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_string(),
        etag: String::new(),
        agent_id: to.to_owned(),
    }
}

fn requeue(ticket_id: Uuid, queue: &str) -> v1::RequeueTicketRequest {
    v1::RequeueTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_string(),
        etag: String::new(),
        queue_id: queue.to_owned(),
    }
}

fn precondition(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.to_owned())
}

#[tokio::test]
async fn the_owner_accepts_and_nobody_else() {
    let world = World::with_agents(&[("ann", 1), ("bartek", 1)]).await;
    let ticket = world.register(TICKET).await;
    assert_eq!(world.owned(ticket).await.agent_id, "ann");
    let refused = accept(&world, "bartek", ticket).await.unwrap_err();
    assert_eq!(refusal(&refused), precondition("NOT_THE_OWNER"));
    assert!(accept(&world, "ann", ticket).await.unwrap().accepted);
    assert!(accept(&world, "ann", ticket).await.unwrap().accepted);
    assert_eq!(world.story(ticket).await, ["TicketQueued", "TicketAssigned", "AssignmentAccepted"]);
    let unknown = accept(&world, "ann", Uuid::now_v7()).await.unwrap_err();
    assert_eq!(refusal(&unknown), precondition("ROUTE_UNKNOWN"));
    world.resolve(ticket).await;
    world.settled().await;
    let ended = accept(&world, "ann", ticket).await.unwrap_err();
    assert_eq!(refusal(&ended), precondition("ROUTE_ENDED"));
}

#[tokio::test]
async fn a_lead_gives_a_ticket_to_anybody_and_an_agent_takes_only_what_waits() {
    let world = World::with_agents(&[("ann", 1), ("bartek", 1)]).await;
    let [first, second] = [world.register(TICKET).await, world.register(TICKET).await];
    world.owned(first).await;
    world.owned(second).await;
    let third = world.register(TICKET).await;
    world.waiting(third).await;

    let take = async |who: &str, ticket, to: &str| {
        let request = person(who, Role::Agent, assign(ticket, to));
        let answer = world.routing.clone().assign_ticket(request).await?;
        Ok::<_, Status>(answer.into_inner().route.unwrap())
    };
    let others = take("ann", third, "bartek").await.unwrap_err();
    assert_eq!(others.code(), Code::PermissionDenied);
    let route = take("bartek", third, "bartek").await.unwrap();
    assert_eq!((route.agent_id.as_str(), route.team_id.as_str()), ("bartek", "t"));
    let (held, free) = match world.route(first).await.unwrap().agent_id.as_str() {
        "ann" => (first, second),
        _ => (second, first),
    };
    let taken = take("bartek", held, "bartek").await.unwrap_err();
    assert_eq!(refusal(&taken), precondition("ALREADY_ASSIGNED"));

    let request = lead(assign(held, "bartek"));
    let answer = world.routing.clone().assign_ticket(request).await.unwrap().into_inner();
    let route = answer.route.unwrap();
    assert_eq!((route.agent_id.as_str(), route.reassignment_count), ("bartek", 1));
    let nobody = lead(assign(free, "nobody"));
    let nobody = world.routing.clone().assign_ticket(nobody).await.unwrap_err();
    assert_eq!(refusal(&nobody), precondition("AGENT_UNKNOWN"));
    let nothing = lead(assign(Uuid::now_v7(), "ann"));
    let nothing = world.routing.clone().assign_ticket(nothing).await.unwrap_err();
    assert_eq!(refusal(&nothing), precondition("ROUTE_UNKNOWN"));
}

#[tokio::test]
async fn a_ticket_given_back_finds_another_owner() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    world.put_agent(crate::world::agent("bartek", 1)).await;
    let stranger = person("eve", Role::Agent, requeue(ticket, ""));
    let stranger = world.routing.clone().requeue_ticket(stranger).await.unwrap_err();
    assert_eq!(refusal(&stranger), precondition("NOT_THE_OWNER"));
    let nowhere = lead(requeue(ticket, "nowhere"));
    let nowhere = world.routing.clone().requeue_ticket(nowhere).await.unwrap_err();
    assert_eq!(refusal(&nowhere), precondition("QUEUE_UNKNOWN"));

    world.accept("ann", ticket).await;
    world.set_available("ann", false).await;
    let back = person("ann", Role::Agent, requeue(ticket, ""));
    world.routing.clone().requeue_ticket(back).await.unwrap();
    let route = world.owned_by(ticket, "bartek").await;
    assert_eq!(route.reassignment_count, 1);
}

#[tokio::test]
async fn a_ticket_goes_to_the_queue_that_a_lead_names() {
    let world = World::with_agents(&[("ann", 1)]).await;
    world.put_team("u").await;
    world.put_queue("experts", "u", false).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let waiting = world.register(TICKET).await;
    world.waiting(waiting).await;
    let request = lead(requeue(ticket, "experts"));
    world.routing.clone().requeue_ticket(request).await.unwrap();
    // Its former owner is free for the one that waited.
    assert_eq!(world.owned(waiting).await.agent_id, "ann");
    let route = world.waiting(ticket).await;
    assert_eq!((route.queue_id.as_str(), route.agent_id.as_str()), ("experts", ""));
}

#[tokio::test]
async fn a_stale_etag_is_told_the_current_one() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let request = v1::RequeueTicketRequest { etag: "\"1\"".to_owned(), ..requeue(ticket, "") };
    let status = world.routing.clone().requeue_ticket(lead(request)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    let request = v1::RequeueTicketRequest { etag: "\"2\"".to_owned(), ..requeue(ticket, "") };
    world.routing.clone().requeue_ticket(lead(request)).await.unwrap();
}

#[tokio::test]
async fn customers_see_no_routes() {
    let world = World::new().await;
    let request = v1::GetRouteRequest { ticket_id: new_id() };
    let request = person("customer-1", Role::Customer, request);
    let status = world.routing.clone().get_route(request).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(world.route(Uuid::now_v7()).await, None);
}
