//! Routes of another system, taken over with their times.
use chassis::rpc::Role;
use tonic::{Code, Status};
use uuid::Uuid;
use wire::intake::v1 as intake;
use wire::routing::v1::{self, RouteState, RouteStep, route_step::Step};

use crate::world::{TICKET, Ticket, World, fields, new_id, person, refusal};

fn step(occurred_at: &str, step: Step) -> RouteStep {
    let occurred_at = Some(wire::scalar::timestamp(occurred_at.parse().unwrap()));
    RouteStep { occurred_at, step: Some(step) }
}

fn queued(occurred_at: &str, queue: &str) -> RouteStep {
    step(occurred_at, Step::Queued(v1::QueuedStep { queue_id: queue.to_owned() }))
}

fn assigned(occurred_at: &str, agent: &str) -> RouteStep {
    step(occurred_at, Step::Assigned(v1::AssignedStep { agent_id: agent.to_owned() }))
}

fn history(ticket_id: Uuid) -> v1::ImportRouteRequest {
    let ended = v1::EndedStep { reason: v1::RouteEndReason::Resolved.into() };
    v1::ImportRouteRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_string(),
        steps: vec![
            queued("2016-02-29T01:16:00Z", "group-70"),
            assigned("2016-02-29T01:23:00Z", "resolver-129"),
            queued("2016-02-29T03:00:00Z", "group-24"),
            assigned("2016-02-29T03:10:00Z", "resolver-13"),
            step("2016-02-29T08:52:00Z", Step::Ended(ended)),
        ],
    }
}

async fn import(
    world: &World,
    request: v1::ImportRouteRequest,
) -> Result<v1::ImportRouteResponse, Status> {
    let request = person("import", Role::Integrator, request);
    Ok(world.routing.clone().import_route(request).await?.into_inner())
}

impl World {
    /// A ticket of another system, with its owner there.
    pub(crate) async fn import_owned_by(&self, agent: &str) -> Uuid {
        let ticket = self.register(IMPORTED).await;
        let steps =
            vec![queued("2026-06-09T06:00:00Z", "q"), assigned("2026-06-09T06:05:00Z", agent)];
        import(self, v1::ImportRouteRequest { steps, ..history(ticket) }).await.unwrap();
        ticket
    }
}

const IMPORTED: Ticket = Ticket { historical: true, ..TICKET };

#[tokio::test]
async fn a_history_is_taken_over_once_with_its_times() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = world.register(IMPORTED).await;
    let request = history(ticket);
    let first = import(&world, request.clone()).await.unwrap();
    let route = first.route.unwrap();
    assert!(!first.already_imported);
    assert_eq!(route.state(), RouteState::Ended);
    assert_eq!((route.queue_id.as_str(), route.reassignment_count), ("group-24", 1));

    let again = import(&world, request).await.unwrap();
    assert!(again.already_imported);
    assert_eq!(again.route.unwrap(), route);
    let other = import(&world, history(ticket)).await.unwrap_err();
    assert_eq!(refusal(&other), (Code::FailedPrecondition, "ROUTE_EXISTS".to_owned()));

    world.settled().await;
    let events = world.events("route", ticket).await;
    let times: Vec<_> = events.iter().map(|event| event.occurred_at.to_string()).collect();
    assert_eq!(times[1], "2016-02-29T01:23:00Z");
    assert_eq!(times.len(), 5);
    assert!(events.iter().all(|event| event.metadata().unwrap().historical));
}

#[tokio::test]
async fn the_past_is_not_routed_but_its_future_is() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = world.register(IMPORTED).await;
    let live = world.register(TICKET).await;
    world.owned(live).await;
    world.settled().await;
    assert_eq!(world.route(ticket).await, None);
    import(&world, history(ticket)).await.unwrap();

    let reopened = intake::TicketReopened { reopen_no: 1, ..intake::TicketReopened::default() };
    world.happens(ticket, reopened).await;
    assert_eq!(world.owned(ticket).await.agent_id, "ann");
}

#[tokio::test]
async fn imported_owners_count_as_loaded() {
    let world = World::with_agents(&[("ann", 1), ("bartek", 1)]).await;
    world.import_owned_by("ann").await;
    let next = world.register(TICKET).await;
    assert_eq!(world.owned(next).await.agent_id, "bartek");
    let last = world.register(TICKET).await;
    world.waiting(last).await;
}

#[tokio::test]
async fn a_history_that_makes_no_sense_is_refused_by_field() {
    let world = World::new().await;
    let ticket = world.register(IMPORTED).await;
    let unknown = import(&world, history(Uuid::now_v7())).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let request = v1::ImportRouteRequest {
        steps: vec![
            assigned("2016-02-29T02:00:00Z", "a b"),
            queued("2016-02-29T01:00:00Z", "Q"),
            queued("2999-01-01T00:00:00Z", "q"),
            RouteStep::default(),
        ],
        ..history(ticket)
    };
    let status = import(&world, request).await.unwrap_err();
    assert_eq!(
        fields(&status),
        [
            "steps[0].step",
            "steps[0].assigned.agent_id",
            "steps[1].occurred_at",
            "steps[1].queued.queue_id",
            "steps[2].occurred_at",
            "steps[3].occurred_at",
            "steps[3].occurred_at",
            "steps[3].step",
        ]
    );
    let agent = person("ann", Role::Agent, history(ticket));
    let agent = world.routing.clone().import_route(agent).await.unwrap_err();
    assert_eq!(agent.code(), Code::PermissionDenied);
}
