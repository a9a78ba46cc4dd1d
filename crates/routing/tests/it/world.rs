//! A running routing service with its own database, and tickets as intake writes them.
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chassis::clock::Manual;
use chassis::health::Health;
use chassis::rpc::{Actor, AuthMode, AuthSettings, Role, put_context};
use chassis::serve::{Server, Settings};
use chassis::tasks::Tasks;
use eventlog::sealing::{Found, KeyMaker, KeySource, KeysAway, Owner, Sealing, SubjectKey};
use eventlog::subscription;
use eventlog::{Log, NewEvent, Recorded, StreamId, Tenant};
use futures::future::BoxFuture;
use jiff::Timestamp;
use prost::Message;
use testkit::{Database, Running, Template, eventually};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;
use wire::common::v1::{self as common, Priority, Sealed, sealed::Content};
use wire::events::v1::Metadata;
use wire::intake::v1 as intake;
use wire::routing::v1::directory_service_client::DirectoryServiceClient;
use wire::routing::v1::routing_service_client::RoutingServiceClient;
use wire::routing::v1::{self, Route};
use wire::sla::v1 as sla;

pub(crate) struct World {
    pub(crate) db: Database,
    /// With the owner's rights: writes what intake would.
    pub(crate) log: Log,
    pub(crate) tenant: Tenant,
    pub(crate) clock: Manual,
    pub(crate) keys: Keys,
    pub(crate) routing: RoutingServiceClient<Channel>,
    pub(crate) directory: DirectoryServiceClient<Channel>,
    running: Option<Running>,
}

/// Stands for intake, which keeps the keys: every key is made of its own id.
#[derive(Clone, Default)]
pub(crate) struct Keys {
    away: Arc<AtomicBool>,
}

impl Keys {
    pub(crate) fn are_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    fn key(&self, id: Uuid) -> Result<Found, KeysAway> {
        if self.away.load(Ordering::SeqCst) {
            return Err(KeysAway::new("intake is away"));
        }
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(id.as_bytes());
        Ok(Found::Key(Arc::new(SubjectKey::new(&secret))))
    }
}

impl KeySource for Keys {
    fn keys<'a>(
        &'a self,
        _: Owner<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<Found>, KeysAway>> {
        Box::pin(async move { ids.iter().map(|id| self.key(*id)).collect() })
    }
}

impl KeyMaker for Keys {
    fn make<'a>(
        &'a self,
        _: Owner<'a>,
        _: Uuid,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Found, KeysAway>> {
        Box::pin(async move { self.key(id) })
    }
}

/// What a test says about a ticket; the rest does not matter to routing.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) kind: intake::TicketType,
    pub(crate) category: &'static str,
    pub(crate) priority: Priority,
    /// Seconds after the world began.
    pub(crate) received_s: i64,
    pub(crate) historical: bool,
}

pub(crate) const TICKET: Ticket = Ticket {
    kind: intake::TicketType::Incident,
    category: "TECH/outage",
    priority: Priority::P3,
    received_s: 0,
    historical: false,
};

/// Copied for each test.
static MIGRATED: Template = Template::new();

impl World {
    pub(crate) async fn new() -> Self {
        let db = MIGRATED.copy(async |db| eventlog::migrate(db, 2).await).await;
        let log = Log::open(db.pool().clone(), testkit::settings("eventlog")).await.unwrap();
        let tenant = log.create_tenant("acme").await.unwrap();
        log.create_tenant("zeta").await.unwrap();
        let clock = Manual::at("2026-06-09T08:00:00Z".parse().unwrap());
        let keys = Keys::default();
        let (addr, running) = serve(&db, &clock, &keys).await;
        let address = format!("http://{addr}");
        let routing = RoutingServiceClient::connect(address.clone()).await.unwrap();
        let directory = DirectoryServiceClient::connect(address).await.unwrap();
        Self { db, log, tenant, clock, keys, routing, directory, running: Some(running) }
    }

    /// A world with the team `t`, its fallback queue `q`, and the agents with their
    /// capacities.
    pub(crate) async fn with_agents(agents: &[(&str, u32)]) -> Self {
        let world = Self::new().await;
        world.put_team("t").await;
        world.put_queue("q", "t", true).await;
        for (id, capacity) in agents {
            world.put_agent(agent(id, *capacity)).await;
        }
        world
    }

    pub(crate) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// As if the service's schema had just been made: everything is delivered again.
    pub(crate) async fn forget(&self) {
        sqlx::raw_sql(
            "begin;
             truncate routing.open_routes, routing.early_priorities, routing.queue_depths,
                      routing.agent_loads;
             update routing.subscription_cursor set position = 0, reaction_position = 0;
             commit;",
        )
        .execute(self.db.pool())
        .await
        .unwrap();
    }

    pub(crate) async fn restart(&mut self) {
        let (addr, running) = serve(&self.db, &self.clock, &self.keys).await;
        let address = format!("http://{addr}");
        self.routing = RoutingServiceClient::connect(address.clone()).await.unwrap();
        self.directory = DirectoryServiceClient::connect(address).await.unwrap();
        self.running = Some(running);
    }

    /// Another replica of the service.
    pub(crate) async fn replica(&self) -> Running {
        serve(&self.db, &self.clock, &self.keys).await.1
    }

    pub(crate) async fn put_team(&self, id: &str) {
        self.lead_team(id, &[]).await.unwrap();
    }

    /// Says who leads a team.
    pub(crate) async fn lead_team(&self, id: &str, leads: &[&str]) -> Result<v1::Team, Status> {
        let team = v1::Team {
            team_id: id.to_owned(),
            display_name: format!("Team {id}"),
            lead_agent_ids: leads.iter().map(|lead| (*lead).to_owned()).collect(),
        };
        let request = v1::PutTeamRequest { request_id: new_id(), team: Some(team) };
        let answer = self.directory.clone().put_team(lead(request)).await?;
        Ok(answer.into_inner().team.unwrap())
    }

    /// What sla appends when the owner of a ticket has not accepted the assignment in time.
    pub(crate) async fn not_accepted(&self, ticket_id: Uuid, assignment_id: &str) -> Recorded {
        let stream = StreamId::new("clock", ticket_id);
        let version = self.log.read_stream(&self.tenant, &stream, 0).await.unwrap().len();
        let (kind, clock_id) = (sla::ClockKind::Accept.into(), new_id());
        let started = sla::ClockStarted {
            clock_id: clock_id.clone(),
            kind,
            subject_ref: assignment_id.to_owned(),
            ..sla::ClockStarted::default()
        };
        let ticket = ticket_id.to_string();
        let breached =
            sla::ClockBreached { clock_id, kind, ticket_id: ticket, ..Default::default() };
        let events =
            vec![self.event(ticket_id, false, &started), self.event(ticket_id, false, &breached)];
        let version = u32::try_from(version).unwrap();
        self.log.append(&self.tenant, &stream, version, events).await.unwrap();
        self.events("clock", ticket_id).await.pop().unwrap()
    }

    /// What sla appends when a ticket has found no owner in time.
    pub(crate) async fn not_assigned(&self, ticket_id: Uuid) {
        self.breached(ticket_id, sla::ClockKind::Assign, Uuid::now_v7(), false).await;
    }

    /// What sla appends when a time has passed.
    pub(crate) async fn breached(
        &self,
        ticket_id: Uuid,
        kind: sla::ClockKind,
        clock_id: Uuid,
        historical: bool,
    ) {
        let breached = sla::ClockBreached {
            clock_id: clock_id.to_string(),
            kind: kind.into(),
            ticket_id: ticket_id.to_string(),
            due_at: Some(wire::scalar::timestamp(self.at(60))),
            ..Default::default()
        };
        self.of_clocks(ticket_id, self.event(ticket_id, historical, &breached)).await;
    }

    /// What sla appends when a part of a time is used up.
    pub(crate) async fn used_up(
        &self,
        ticket_id: Uuid,
        kind: sla::ClockKind,
        clock_id: Uuid,
        percent: u32,
    ) {
        let reached = sla::ThresholdReached {
            clock_id: clock_id.to_string(),
            kind: kind.into(),
            ticket_id: ticket_id.to_string(),
            percent,
            due_at: Some(wire::scalar::timestamp(self.at(60))),
            ..Default::default()
        };
        self.of_clocks(ticket_id, self.event(ticket_id, false, &reached)).await;
    }

    async fn of_clocks(&self, ticket_id: Uuid, event: NewEvent) {
        let stream = StreamId::new("clock", ticket_id);
        let version = self.log.read_stream(&self.tenant, &stream, 0).await.unwrap().len();
        let version = u32::try_from(version).unwrap();
        self.log.append(&self.tenant, &stream, version, vec![event]).await.unwrap();
    }

    pub(crate) async fn put_queue(&self, id: &str, team: &str, fallback: bool) {
        let queue = Some(queue(id, team, fallback));
        let request = v1::PutQueueRequest { request_id: new_id(), queue };
        self.directory.clone().put_queue(lead(request)).await.unwrap();
    }

    pub(crate) async fn put_agent(&self, agent: v1::Agent) {
        let request =
            v1::PutAgentRequest { request_id: new_id(), agent: Some(agent), keep_teams: false };
        self.directory.clone().put_agent(lead(request)).await.unwrap();
    }

    pub(crate) async fn set_available(&self, id: &str, available: bool) {
        let request = v1::SetAgentAvailabilityRequest {
            request_id: new_id(),
            agent_id: id.to_owned(),
            available,
        };
        self.directory.clone().set_agent_availability(lead(request)).await.unwrap();
    }

    /// Gives a ticket back to its queue, or to the queue `to`.
    pub(crate) async fn requeue(&self, (who, role): (&str, Role), ticket_id: Uuid, to: &str) {
        let request = v1::RequeueTicketRequest {
            request_id: new_id(),
            ticket_id: ticket_id.to_string(),
            etag: String::new(),
            queue_id: to.to_owned(),
        };
        self.routing.clone().requeue_ticket(person(who, role, request)).await.unwrap();
    }

    pub(crate) async fn accept(&self, who: &str, ticket_id: Uuid) {
        let request = v1::AcceptAssignmentRequest {
            request_id: new_id(),
            ticket_id: ticket_id.to_string(),
            etag: String::new(),
        };
        let request = person(who, Role::Expert, request);
        self.routing.clone().accept_assignment(request).await.unwrap();
    }

    pub(crate) async fn assign(&self, (who, role): (&str, Role), ticket_id: Uuid, to: &str) {
        let request = v1::AssignTicketRequest {
            request_id: new_id(),
            ticket_id: ticket_id.to_string(),
            etag: String::new(),
            agent_id: to.to_owned(),
        };
        self.routing.clone().assign_ticket(person(who, role, request)).await.unwrap();
    }

    pub(crate) async fn publish(&self, rules: Vec<v1::RoutingRule>) {
        let request =
            v1::PublishRoutingRulesRequest { request_id: new_id(), effective_from: None, rules };
        self.directory.clone().publish_routing_rules(lead(request)).await.unwrap();
    }

    /// What intake appends when a ticket comes in.
    pub(crate) async fn register(&self, ticket: Ticket) -> Uuid {
        let id = Uuid::now_v7();
        let origin = match ticket.historical {
            true => intake::TicketOrigin::Import,
            false => intake::TicketOrigin::New,
        };
        let clear = |text: &str| Some(Sealed { content: Some(Content::Clear(text.to_owned())) });
        let registered = intake::TicketRegistered {
            ticket_id: id.to_string(),
            number: "7K3M9-QXF2H-4".to_owned(),
            r#type: ticket.kind.into(),
            channel: common::Channel::Email.into(),
            received_at: Some(wire::scalar::timestamp(self.at(ticket.received_s))),
            subject: clear("No service"),
            body: clear("Since this morning."),
            language: "pl".to_owned(),
            origin: origin.into(),
            ..intake::TicketRegistered::default()
        };
        let priority = intake::PriorityChanged {
            impact: intake::Impact::Medium.into(),
            urgency: intake::Urgency::Medium.into(),
            priority: ticket.priority.into(),
            cause: intake::PriorityCause::Initial.into(),
            ..intake::PriorityChanged::default()
        };
        let events = vec![
            self.event(id, ticket.historical, &registered),
            self.event(id, ticket.historical, &classified(ticket.kind, ticket.category)),
            self.event(id, ticket.historical, &priority),
        ];
        let stream = StreamId::new("ticket", id);
        self.log.append(&self.tenant, &stream, 0, events).await.unwrap();
        id
    }

    /// What intake appends when something happens to a ticket.
    pub(crate) async fn happens<M: Message>(&self, ticket_id: Uuid, message: M) {
        let stream = StreamId::new("ticket", ticket_id);
        let version = self.log.read_stream(&self.tenant, &stream, 0).await.unwrap().len();
        let events = vec![self.event(ticket_id, false, &message)];
        let version = u32::try_from(version).unwrap();
        self.log.append(&self.tenant, &stream, version, events).await.unwrap();
    }

    /// What routing appends when it queues a ticket again, with the priority that it knew.
    pub(crate) async fn queue_again(&self, ticket_id: Uuid, priority: Priority) {
        let stream = StreamId::new("route", ticket_id);
        let version = self.log.read_stream(&self.tenant, &stream, 0).await.unwrap().len();
        let queued = v1::TicketQueued {
            queue_id: "q".to_owned(),
            level: 1,
            reason: v1::QueuedReason::Reopened.into(),
            priority: priority.into(),
            received_at: Some(wire::scalar::timestamp(self.at(50))),
            ..Default::default()
        };
        let event_type = wire::event::TICKET_QUEUED;
        let event = NewEvent { event_type, ..self.event(ticket_id, false, &queued) };
        let version = u32::try_from(version).unwrap();
        self.log.append(&self.tenant, &stream, version, vec![event]).await.unwrap();
    }

    pub(crate) async fn resolve(&self, ticket_id: Uuid) {
        self.happens(ticket_id, intake::TicketResolved::default()).await;
    }

    fn event<M: Message>(&self, id: Uuid, historical: bool, message: &M) -> NewEvent {
        NewEvent {
            event_id: Uuid::now_v7(),
            event_type: event_type::<M>(),
            payload: message.encode_to_vec().into(),
            metadata: Metadata {
                correlation_id: id.to_string(),
                historical,
                ..Metadata::default()
            },
            occurred_at: self.at(0),
        }
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        chassis::clock::Clock::now(&self.clock)
    }

    fn at(&self, seconds: i64) -> Timestamp {
        let start: Timestamp = "2026-06-09T07:00:00Z".parse().unwrap();
        start + jiff::SignedDuration::from_secs(seconds)
    }

    pub(crate) async fn route(&self, ticket_id: Uuid) -> Option<Route> {
        let request = lead(v1::GetRouteRequest { ticket_id: ticket_id.to_string() });
        match self.routing.clone().get_route(request).await {
            Ok(answer) => answer.into_inner().route,
            Err(status) if status.code() == Code::NotFound => None,
            Err(status) => panic!("{status:?}"),
        }
    }

    /// Waits until the ticket stands in a queue without an owner.
    pub(crate) async fn waiting(&self, ticket_id: Uuid) -> Route {
        eventually(|| async {
            let route = self.route(ticket_id).await?;
            (route.state() == v1::RouteState::Queued).then_some(route)
        })
        .await
    }

    /// Waits until the ticket has an owner.
    pub(crate) async fn owned(&self, ticket_id: Uuid) -> Route {
        eventually(|| async {
            let route = self.route(ticket_id).await?;
            (route.state() == v1::RouteState::Assigned).then_some(route)
        })
        .await
    }

    /// Waits until the ticket belongs to this agent.
    pub(crate) async fn owned_by(&self, ticket_id: Uuid, agent: &str) -> Route {
        eventually(|| async {
            let route = self.route(ticket_id).await?;
            (route.agent_id == agent).then_some(route)
        })
        .await
    }

    /// Waits until routing has read everything that is in the log, its own events included.
    pub(crate) async fn settled(&self) {
        eventually(|| self.db.caught_up(&["routing"])).await;
    }

    pub(crate) async fn events(&self, category: &'static str, id: Uuid) -> Vec<Recorded> {
        let stream = StreamId::new(category, id);
        self.log.read_stream(&self.tenant, &stream, 0).await.unwrap()
    }

    /// The short names of the events of the ticket's route.
    pub(crate) async fn story(&self, ticket_id: Uuid) -> Vec<String> {
        let events = self.events("route", ticket_id).await;
        events.iter().map(|e| e.event_type.rsplit_once('.').unwrap().1.to_owned()).collect()
    }

    /// Everything in the read model, as text.
    pub(crate) async fn tables(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select 'route ' || r::text from routing.open_routes r
             union all
             select 'early ' || e::text from routing.early_priorities e
             union all
             select 'queue ' || q::text from routing.queue_depths q
              where waiting <> 0 or assigned <> 0
             union all
             select 'agent ' || a::text from routing.agent_loads a
             order by 1",
        )
        .fetch_all(self.db.pool())
        .await
        .unwrap()
    }

    /// Tickets that each agent owns, from the routes themselves.
    pub(crate) async fn owners(&self, tickets: &[Uuid]) -> Vec<String> {
        let mut owners = Vec::new();
        for &ticket_id in tickets {
            owners.push(self.route(ticket_id).await.unwrap().agent_id);
        }
        owners
    }
}

async fn serve(db: &Database, clock: &Manual, keys: &Keys) -> (SocketAddr, Running) {
    let pool = db.pool_with_role("odzew_routing", "routing", 8).await;
    let log = Log::open(pool, testkit::settings("eventlog")).await.unwrap();
    let settings = grpc_settings();
    let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), settings, &auth).await.unwrap();
    let addr = server.local_addr();
    let mut tasks = Tasks::new(Duration::from_secs(10));
    let parts = routing::Parts {
        config: testkit::settings("routing"),
        log,
        sealing: Sealing::new(keys.clone(), &testkit::settings("sealing")),
        live: None,
        subscription: subscription::Settings {
            poll_interval: Duration::from_millis(20),
            ..testkit::settings("subscription")
        },
        clock: Arc::new(clock.clone()),
        server,
        health: Health::new(),
    };
    routing::start(parts, &mut tasks).await.unwrap();
    (addr, Running::new(tasks.shutdown(), tasks.supervise()))
}

fn grpc_settings() -> Settings {
    Settings {
        // Whoever builds beside the tests makes them slow.
        default_deadline: Duration::from_secs(30),
        drain_limit: Duration::from_secs(5),
        ..testkit::settings("grpc")
    }
}

/// The stored type of a message of intake or sla.
fn event_type<M>() -> &'static str {
    let name = std::any::type_name::<M>().rsplit("::").next().unwrap();
    let is_clocks = name.starts_with("Clock") || name.starts_with("Threshold");
    let service = if is_clocks { "sla" } else { "intake" };
    Box::leak(format!("odzew.{service}.v1.{name}").into_boxed_str())
}

pub(crate) fn classified(kind: intake::TicketType, category: &str) -> intake::TicketClassified {
    intake::TicketClassified {
        r#type: kind.into(),
        category_code: category.to_owned(),
        taxonomy_version: 1,
        source: intake::ClassificationSource::Rule.into(),
        ..intake::TicketClassified::default()
    }
}

pub(crate) fn queue(id: &str, team: &str, fallback: bool) -> v1::Queue {
    v1::Queue {
        queue_id: id.to_owned(),
        display_name: format!("Queue {id}"),
        level: 1,
        team_id: team.to_owned(),
        accept_within_s: 900,
        fallback,
    }
}

/// An agent of the team `t` without skills.
pub(crate) fn agent(id: &str, capacity: u32) -> v1::Agent {
    let clear = |text: String| Some(Sealed { content: Some(Content::Clear(text)) });
    v1::Agent {
        agent_id: id.to_owned(),
        display_name: clear(format!("Agent {id}")),
        email: clear(format!("{id}@example.org")),
        team_ids: vec!["t".to_owned()],
        skills: Vec::new(),
        capacity,
        language: "pl".to_owned(),
        available: Some(true),
    }
}

pub(crate) fn rule(id: &str, queue: &str) -> v1::RoutingRule {
    v1::RoutingRule {
        rule_id: id.to_owned(),
        queue_id: queue.to_owned(),
        ..v1::RoutingRule::default()
    }
}

pub(crate) fn skill(name: &str, level: u32) -> v1::Skill {
    v1::Skill { name: name.to_owned(), level }
}

pub(crate) fn new_id() -> String {
    Uuid::now_v7().to_string()
}

pub(crate) fn lead<T>(message: T) -> Request<T> {
    person("lead-1", Role::Lead, message)
}

pub(crate) fn person<T>(id: &str, role: Role, message: T) -> Request<T> {
    for_tenant("acme", id, role, message)
}

pub(crate) fn for_tenant<T>(tenant: &str, id: &str, role: Role, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let actor = Actor { id: id.to_owned(), role };
    put_context(request.metadata_mut(), tenant, &actor).unwrap();
    request
}

/// The refusal's code and reason.
pub(crate) fn refusal(status: &Status) -> (Code, String) {
    let info = status.get_details_error_info();
    (status.code(), info.unwrap_or_else(|| panic!("no ErrorInfo: {status:?}")).reason)
}

/// The fields that the refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let Some(bad) = status.get_details_bad_request() else { return Vec::new() };
    bad.field_violations.into_iter().map(|violation| violation.field).collect()
}
