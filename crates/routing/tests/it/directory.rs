//! The directory through the API.
use chassis::rpc::Role;
use tonic::Code;
use wire::routing::v1;

use crate::world::{World, agent, fields, for_tenant, lead, new_id, person, queue, refusal, skill};

async fn directory(world: &World) -> v1::GetDirectoryResponse {
    let request = lead(v1::GetDirectoryRequest::default());
    world.directory.clone().get_directory(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_directory_is_read_as_it_was_put() {
    let world = World::with_agents(&[]).await;
    let ann = v1::Agent { skills: vec![skill("german", 3)], ..agent("ann", 4) };
    world.put_agent(ann.clone()).await;
    world.set_available("ann", false).await;
    let directory = directory(&world).await;
    assert_eq!(directory.version, 4);
    assert_eq!(directory.queues, [queue("q", "t", true)]);
    assert_eq!(directory.teams.len(), 1);
    assert_eq!(directory.agents, [v1::Agent { available: Some(false), ..ann }]);

    let other = for_tenant("zeta", "lead-1", Role::Lead, v1::GetDirectoryRequest::default());
    let other = world.directory.clone().get_directory(other).await.unwrap().into_inner();
    assert_eq!(other, v1::GetDirectoryResponse::default());
}

#[tokio::test]
async fn agents_come_in_pages_and_their_addresses_to_few() {
    let world = World::with_agents(&[("ann", 1), ("bartek", 1), ("c.d", 1)]).await;
    let whole = directory(&world).await;
    let mut request = v1::GetDirectoryRequest { page_size: 1, ..Default::default() };
    let mut agents = Vec::new();
    for page in 0.. {
        let answer = world.directory.clone().get_directory(lead(request.clone())).await.unwrap();
        let answer = answer.into_inner();
        assert_eq!(answer.version, whole.version);
        let groups = (answer.queues.len(), answer.teams.len());
        assert_eq!(groups, if page == 0 { (1, 1) } else { (0, 0) });
        agents.extend(answer.agents);
        request.page_token = answer.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(agents, whole.agents);
    assert_eq!(agents.len(), 3);

    for role in [Role::Agent, Role::Expert, Role::SlaManager, Role::Auditor, Role::Analyst] {
        let request = person("eve", role, v1::GetDirectoryRequest::default());
        let seen = world.directory.clone().get_directory(request).await.unwrap().into_inner();
        assert!(seen.agents.iter().all(|agent| agent.email.is_none()), "{role}");
    }
    assert!(whole.agents.iter().all(|agent| agent.email.is_some()));
    request.page_token = "x".to_owned();
    let refused = world.directory.clone().get_directory(lead(request)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned()));
}

#[tokio::test]
async fn availability_that_is_not_given_stays_as_it_is() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let given = async |id: &str| {
        let agents = directory(&world).await.agents;
        agents.into_iter().find(|agent| agent.agent_id == id).unwrap().available
    };
    world.put_agent(v1::Agent { available: None, ..agent("ann", 9) }).await;
    assert_eq!(given("ann").await, Some(true));
    world.set_available("ann", false).await;
    world.put_agent(v1::Agent { available: None, ..agent("ann", 8) }).await;
    assert_eq!(given("ann").await, Some(false));
    world.put_agent(agent("ann", 8)).await;
    assert_eq!(given("ann").await, Some(true));
    world.put_agent(v1::Agent { available: None, ..agent("bartek", 1) }).await;
    assert_eq!(given("bartek").await, Some(false), "a new one takes none until somebody says so");
}

#[tokio::test]
async fn a_new_fallback_takes_over() {
    let world = World::with_agents(&[]).await;
    world.put_queue("r", "t", true).await;
    let fallbacks: Vec<_> = directory(&world).await.queues.iter().map(|q| q.fallback).collect();
    assert_eq!(fallbacks, [false, true]);
}

#[tokio::test]
async fn what_breaks_the_directory_is_refused_with_its_reason() {
    let world = World::new().await;
    let put = async |queue| {
        let request = v1::PutQueueRequest { request_id: new_id(), queue: Some(queue) };
        refusal(&world.directory.clone().put_queue(lead(request)).await.unwrap_err())
    };
    let precondition = |reason: &str| (Code::FailedPrecondition, reason.to_owned());
    assert_eq!(put(queue("q", "t", true)).await, precondition("TEAM_UNKNOWN"));
    world.put_team("t").await;
    assert_eq!(put(queue("q", "t", false)).await, precondition("FALLBACK_MISSING"));

    let request = v1::SetAgentAvailabilityRequest {
        request_id: new_id(),
        agent_id: "nobody".to_owned(),
        available: true,
    };
    let status = world.directory.clone().set_agent_availability(lead(request)).await.unwrap_err();
    assert_eq!(refusal(&status), precondition("AGENT_UNKNOWN"));
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let world = World::new().await;
    let bad = v1::Agent {
        agent_id: "a b".to_owned(),
        email: None,
        team_ids: vec!["T".to_owned()],
        skills: vec![skill("x", 9), skill("x", 1)],
        capacity: 0,
        language: "de".to_owned(),
        ..agent("", 1)
    };
    let request =
        v1::PutAgentRequest { request_id: "no".to_owned(), agent: Some(bad), keep_teams: false };
    let status = world.directory.clone().put_agent(lead(request)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    let mut named = fields(&status);
    named.sort();
    assert_eq!(
        named,
        [
            "agent.agent_id",
            "agent.capacity",
            "agent.email",
            "agent.language",
            "agent.skills[0].level",
            "agent.skills[1].name",
            "agent.team_ids[0]",
            "request_id",
        ]
    );
    let nothing = v1::PutQueueRequest { request_id: new_id(), queue: None };
    let status = world.directory.clone().put_queue(lead(nothing)).await.unwrap_err();
    assert_eq!(fields(&status), ["queue"]);
}

#[tokio::test]
async fn a_list_that_is_too_long_is_told_of_once() {
    let world = World::with_agents(&[]).await;
    let team_ids = vec!["T".to_owned(); 10_000];
    let agent = Some(v1::Agent { team_ids, ..agent("ann", 1) });
    let request = v1::PutAgentRequest { request_id: new_id(), agent, keep_teams: false };
    let status = world.directory.clone().put_agent(lead(request)).await.unwrap_err();
    let named = fields(&status);
    assert_eq!(named[..2], ["agent.team_ids", "agent.team_ids[0]"]);
    assert!(named.len() < 100, "{}", named.len());
}

#[tokio::test]
async fn agents_answer_for_their_own_availability_alone() {
    let world = World::with_agents(&[("ann", 1), ("bartek", 1)]).await;
    let set = async |who: &str| {
        let request = v1::SetAgentAvailabilityRequest {
            request_id: new_id(),
            agent_id: who.to_owned(),
            available: false,
        };
        let request = person("ann", Role::Agent, request);
        world.directory.clone().set_agent_availability(request).await.map_err(|s| s.code())
    };
    assert!(set("ann").await.is_ok());
    assert_eq!(set("bartek").await.unwrap_err(), Code::PermissionDenied);
    let request = v1::PutTeamRequest::default();
    let request = person("ann", Role::Agent, request);
    let status = world.directory.clone().put_team(request).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_repeated_request_changes_nothing() {
    let world = World::with_agents(&[]).await;
    let request = v1::PutAgentRequest {
        request_id: new_id(),
        agent: Some(agent("ann", 3)),
        keep_teams: false,
    };
    let first = world.directory.clone().put_agent(lead(request.clone())).await.unwrap();
    world.put_agent(agent("ann", 9)).await;
    let again = world.directory.clone().put_agent(lead(request.clone())).await.unwrap();
    assert_eq!(first.into_inner(), again.into_inner());
    assert_eq!(directory(&world).await.agents[0].capacity, 9);

    let other = v1::PutAgentRequest { agent: Some(agent("ann", 4)), ..request };
    let status = world.directory.clone().put_agent(lead(other)).await.unwrap_err();
    let reused = (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned());
    assert_eq!(refusal(&status), reused);
}

#[tokio::test]
async fn an_unknown_tenant_is_told_so() {
    let world = World::new().await;
    let request = v1::GetDirectoryRequest::default();
    let request = for_tenant("nobody", "lead-1", Role::Lead, request);
    let status = world.directory.clone().get_directory(request).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TENANT_UNKNOWN".to_owned()));
}
