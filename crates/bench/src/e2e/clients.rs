//! The callers of a tenant, and the directory that its tickets are assigned from.
use anyhow::{Context as _, Result};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;
use wire::common::v1 as common;
use wire::common::v1::Sealed;
use wire::common::v1::sealed::Content;
use wire::intake::v1::intake_service_client::IntakeServiceClient;
use wire::intake::v1::{Impact, RegisterTicketRequest, Requester, TicketType, Urgency};
use wire::routing::v1::directory_service_client::DirectoryServiceClient;
use wire::routing::v1::{Agent, PutAgentRequest, PutQueueRequest, PutTeamRequest, Queue, Team};

/// Agents of one tenant, and how many tickets each may have: more than a run brings, so
/// that every ticket is assigned and nothing waits for a person.
const AGENTS: u32 = 20;
const CAPACITY: u32 = 1_000;

/// A client of intake.
pub(super) type Intake = IntakeServiceClient<InterceptedService<Channel, Caller>>;

/// Who calls, sent with every request.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    tenant: MetadataValue<Ascii>,
    role: &'static str,
}

impl Interceptor for Caller {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("x-odzew-tenant", self.tenant.clone());
        metadata.insert("x-odzew-actor", MetadataValue::from_static("bench"));
        metadata.insert("x-odzew-role", MetadataValue::from_static(self.role));
        Ok(request)
    }
}

fn channel(
    port: u16,
    tenant: &str,
    role: &'static str,
) -> Result<InterceptedService<Channel, Caller>> {
    let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))?;
    let tenant = tenant.parse().context("a tenant's name is ASCII")?;
    Ok(InterceptedService::new(endpoint.connect_lazy(), Caller { tenant, role }))
}

/// What brings in what customers of `tenant` write, on a connection of its own.
pub(super) fn intake(port: u16, tenant: &str) -> Result<Intake> {
    Ok(IntakeServiceClient::new(channel(port, tenant, "integrator")?))
}

/// Puts a team, a queue and agents who take everything.
pub(super) async fn put_organisation(port: u16, tenant: &str) -> Result<()> {
    let mut directory = DirectoryServiceClient::new(channel(port, tenant, "admin")?);
    let request_id = || Uuid::now_v7().to_string();
    let team =
        Team { team_id: "all".into(), display_name: "Everybody".into(), ..Default::default() };
    let request = PutTeamRequest { request_id: request_id(), team: Some(team) };
    directory.put_team(request).await.context("put a team")?;
    let queue = Queue {
        queue_id: "all".into(),
        display_name: "Everything".into(),
        level: 1,
        team_id: "all".into(),
        accept_within_s: 900,
        fallback: true,
    };
    let request = PutQueueRequest { request_id: request_id(), queue: Some(queue) };
    directory.put_queue(request).await.context("put a queue")?;
    let clear = |text: String| Some(Sealed { content: Some(Content::Clear(text)) });
    for number in 0..AGENTS {
        let agent = Agent {
            agent_id: format!("agent-{number}"),
            display_name: clear(format!("Agent {number}")),
            email: clear(format!("agent-{number}@{tenant}.example.org")),
            team_ids: vec!["all".into()],
            skills: vec![],
            capacity: CAPACITY,
            language: "pl".into(),
            available: Some(true),
        };
        let request =
            PutAgentRequest { request_id: request_id(), agent: Some(agent), keep_teams: false };
        directory.put_agent(request).await.context("put an agent")?;
    }
    Ok(())
}

/// A ticket of about 300 characters whose answers go to `address`.
pub(super) fn registration(address: &str) -> RegisterTicketRequest {
    RegisterTicketRequest {
        request_id: Uuid::now_v7().to_string(),
        r#type: TicketType::Incident.into(),
        channel: common::Channel::Email.into(),
        subject: "The meter shows nothing since this morning".into(),
        body: "It went dark at six and has stayed so ever since. ".repeat(5),
        requester: Some(Requester {
            name: "Anna Nowak".into(),
            email: address.into(),
            party_id: String::new(),
        }),
        language: "pl".into(),
        impact: Impact::Medium.into(),
        urgency: Urgency::Medium.into(),
        about: Vec::new(),
        ..RegisterTicketRequest::default()
    }
}
