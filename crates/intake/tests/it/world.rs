//! A running intake with its own database, and requests that are right.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chassis::clock::{Clock as _, Manual};
use chassis::health::Health;
use chassis::rpc::{Actor, AuthMode, AuthSettings, Role, put_context};
use chassis::serve::{Server, Settings};
use chassis::tasks::Tasks;
use domain::ticket::{Command, Event};
use eventlog::subscription;
use eventlog::{Log, NewEvent, Recorded, StreamId, Tenant};
use jiff::Timestamp;
use sqlx::postgres::PgPoolOptions;
use testkit::{Database, Postgres, Running, Template, eventually};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorInfo, StatusExt as _};
use uuid::Uuid;
use wire::common::v1 as common;
use wire::events::v1::Metadata;
use wire::intake::v1::complaint_service_client::ComplaintServiceClient;
use wire::intake::v1::contact_service_client::ContactServiceClient;
use wire::intake::v1::intake_service_client::IntakeServiceClient;
use wire::intake::v1::party_service_client::PartyServiceClient;
use wire::intake::v1::{self, Ticket};
use wire::sla::v1::{TimerFired, TimerKind};
use wire::thread::Tokens;

pub(crate) type Client = IntakeServiceClient<Channel>;
pub(crate) type PartyClient = PartyServiceClient<Channel>;
pub(crate) type ComplaintClient = ComplaintServiceClient<Channel>;
pub(crate) type ContactClient = ContactServiceClient<Channel>;

pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) log: Log,
    /// With the owner's rights: writes what another service would.
    pub(crate) owner: Log,
    pub(crate) tenant: Tenant,
    pub(crate) clock: Manual,
    pub(crate) config: intake::Config,
    pub(crate) addr: SocketAddr,
    pub(crate) client: Client,
    pub(crate) parties: PartyClient,
    pub(crate) contacts: ContactClient,
    pub(crate) complaints: ComplaintClient,
    /// Dropped, it ends the service.
    running: Option<Running>,
}

pub(crate) fn grpc_settings() -> Settings {
    Settings {
        // Whoever builds beside the tests makes them slow.
        default_deadline: Duration::from_secs(30),
        drain_limit: Duration::from_secs(5),
        ..testkit::settings("grpc")
    }
}

async fn migrated() -> Database {
    static MIGRATED: Template = Template::new();
    MIGRATED.copy(async |db| eventlog::migrate(db, 2).await).await
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(testkit::settings("eventlog")).await
    }

    pub(crate) async fn with(log_settings: eventlog::Settings) -> Self {
        Self::in_full(migrated().await, log_settings, testkit::settings("intake")).await
    }

    /// On a server of the test's own.
    pub(crate) async fn in_server(server: &Postgres) -> Self {
        let db = Database::create_in(server).await;
        eventlog::migrate(&db.options(), 2).await.unwrap();
        Self::in_full(db, testkit::settings("eventlog"), testkit::settings("intake")).await
    }

    pub(crate) async fn configured(config: intake::Config) -> Self {
        Self::in_full(migrated().await, testkit::settings("eventlog"), config).await
    }

    async fn in_full(
        db: Database,
        log_settings: eventlog::Settings,
        config: intake::Config,
    ) -> Self {
        let owner = Log::open(db.pool().clone(), log_settings.clone()).await.unwrap();
        let tenant = owner.create_tenant("acme").await.unwrap();
        owner.create_tenant("zeta").await.unwrap();
        let role = [("role", "odzew_intake"), ("search_path", "intake")];
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(2))
            .connect_with(db.options().options(role))
            .await
            .unwrap();
        let log = Log::open(pool, log_settings).await.unwrap();
        let log = intake::with_keys(log, &config, &testkit::settings("sealing")).await.unwrap();
        let clock = Manual::at(at("2026-06-09T00:00:00Z"));
        let (addr, running) = serve(&log, &clock, grpc_settings(), &config).await;
        let client = connect(addr).await;
        let url = format!("http://{addr}");
        let parties = PartyServiceClient::connect(url.clone()).await.unwrap();
        let contacts = ContactServiceClient::connect(url.clone()).await.unwrap();
        let complaints = ComplaintServiceClient::connect(url).await.unwrap();
        Self {
            db,
            log,
            owner,
            tenant,
            clock,
            config,
            addr,
            client,
            parties,
            contacts,
            complaints,
            running: Some(running),
        }
    }

    /// Ends the service; what it had acknowledged is in the log.
    pub(crate) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub(crate) async fn restart(&mut self) {
        let (addr, running) = serve(&self.log, &self.clock, grpc_settings(), &self.config).await;
        (self.addr, self.running) = (addr, Some(running));
        self.client = connect(self.addr).await;
        let url = format!("http://{}", self.addr);
        self.parties = PartyServiceClient::connect(url.clone()).await.unwrap();
        self.contacts = ContactServiceClient::connect(url.clone()).await.unwrap();
        self.complaints = ComplaintServiceClient::connect(url).await.unwrap();
    }

    /// Ends the service, forgets what it has reacted to, and starts it again: every event is
    /// delivered once more.
    pub(crate) async fn deliver_everything_again(&mut self) {
        self.stop().await;
        sqlx::query("update intake.subscription_cursor set position = 0, reaction_position = 0")
            .execute(self.db.pool())
            .await
            .unwrap();
        self.restart().await;
        self.settled().await;
    }

    /// Waits until the service has reacted to everything in the log, its own events included.
    pub(crate) async fn settled(&self) {
        eventually(|| self.db.caught_up(&["intake"])).await;
        let parked: i64 = sqlx::query_scalar("select count(*) from intake.parked_event")
            .fetch_one(self.db.pool())
            .await
            .unwrap();
        assert_eq!(parked, 0, "no event was parked");
    }

    /// What a service that dies before it reacts has appended: the events of a request.
    pub(crate) async fn command(&self, ticket_id: &str, command: Command) -> Vec<Event> {
        let ticket_id = ticket_id.parse().unwrap();
        let actor = eventlog::Actor {
            kind: common::ActorKind::Agent,
            id: "agent-17".to_owned(),
            role: "agent".to_owned(),
        };
        let cause = eventlog::Cause {
            actor,
            request: Some(eventlog::RequestId { id: Uuid::now_v7(), fingerprint: [7; 16] }),
            causation_id: None,
            correlation_id: ticket_id,
            traceparent: None,
            occurred_at: self.clock.now(),
            historical: false,
            expected_version: None,
            follows: None,
            guards: Vec::new(),
        };
        eventlog::execute::<domain::ticket::Ticket>(
            &self.log,
            &self.tenant,
            ticket_id,
            &cause,
            &command,
        )
        .await
        .unwrap()
        .events
    }

    /// What sla appends when a timer of the ticket fires.
    pub(crate) async fn fire(&self, ticket_id: &str, timer: TimerKind, hold_id: &str) {
        let fired = TimerFired {
            timer_id: new_id(),
            ticket_id: ticket_id.to_owned(),
            timer: timer.into(),
            subject_ref: hold_id.to_owned(),
            ..TimerFired::default()
        };
        let clock = ("clock", ticket_id);
        self.foreign(clock, wire::event::TIMER_FIRED, &fired, "2026-06-19T00:00:00Z").await;
    }

    /// What another service appends.
    pub(crate) async fn foreign(
        &self,
        (category, id): (&'static str, &str),
        event_type: &'static str,
        message: &impl prost::Message,
        occurred_at: &str,
    ) {
        let event = NewEvent {
            event_id: Uuid::now_v7(),
            event_type,
            payload: message.encode_to_vec().into(),
            metadata: Metadata { correlation_id: id.to_owned(), ..Metadata::default() },
            occurred_at: at(occurred_at),
        };
        let stream = StreamId::new(category, id.parse().unwrap());
        let version = self.owner.read_stream(&self.tenant, &stream, 0).await.unwrap().len();
        let version = u32::try_from(version).unwrap();
        self.owner.append(&self.tenant, &stream, version, vec![event]).await.unwrap();
    }

    /// The heads of all partitions, once the service has nothing more to make of what is there.
    pub(crate) async fn heads(&self) -> Vec<u64> {
        self.settled().await;
        let mut heads = Vec::new();
        for &partition in self.log.partitions() {
            heads.push(self.log.head(partition).await.unwrap());
        }
        heads
    }

    /// Another process on the same log.
    pub(crate) async fn another(&self, settings: Settings) -> (Client, Running) {
        let (addr, running) = serve(&self.log, &self.clock, settings, &self.config).await;
        (connect(addr).await, running)
    }

    pub(crate) async fn register(&self) -> Ticket {
        self.register_as(register()).await
    }

    pub(crate) async fn register_as(&self, request: v1::RegisterTicketRequest) -> Ticket {
        let answer = self.client.clone().register_ticket(agent(request)).await.unwrap();
        answer.into_inner().ticket.unwrap()
    }

    /// A ticket of the party, registered a second after everything before.
    pub(crate) async fn next_of_party(&self, party_id: &str) -> Ticket {
        self.clock.advance(Duration::from_secs(1));
        let requester = v1::Requester {
            name: "Anna Nowak".to_owned(),
            email: "anna@example.org".to_owned(),
            party_id: party_id.to_owned(),
        };
        self.register_as(v1::RegisterTicketRequest { requester: Some(requester), ..register() })
            .await
    }

    /// A ticket that somebody works on.
    pub(crate) async fn open(&self) -> Ticket {
        let ticket = self.register().await;
        let request = agent(v1::StartWorkRequest {
            request_id: new_id(),
            ticket_id: ticket.ticket_id,
            etag: String::new(),
        });
        self.client.clone().start_work(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(crate) async fn get(&self, ticket_id: &str) -> Ticket {
        let request =
            agent(v1::GetTicketRequest { ticket_id: ticket_id.to_owned(), ..Default::default() });
        self.client.clone().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(crate) async fn events(&self, ticket_id: &str) -> Vec<Recorded> {
        let stream = StreamId::new("ticket", ticket_id.parse().unwrap());
        self.log.read_stream(&self.tenant, &stream, 0).await.unwrap()
    }

    /// The short names of the ticket's events.
    pub(crate) async fn story(&self, ticket_id: &str) -> Vec<String> {
        let events = self.events(ticket_id).await;
        events.iter().map(|event| event.event_type.rsplit_once('.').unwrap().1.to_owned()).collect()
    }
}

async fn serve(
    log: &Log,
    clock: &Manual,
    settings: Settings,
    config: &intake::Config,
) -> (SocketAddr, Running) {
    let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), settings, &auth).await.unwrap();
    let addr = server.local_addr();
    let mut tasks = Tasks::new(Duration::from_secs(10));
    let parts = intake::Parts {
        config: config.clone(),
        threads: tokens(),
        sealing: testkit::settings("sealing"),
        log: log.clone(),
        live: None,
        subscription: subscription::Settings {
            poll_interval: Duration::from_millis(20),
            ..testkit::settings("subscription")
        },
        clock: Arc::new(clock.clone()),
        server,
        health: Health::new(),
    };
    intake::start(parts, &mut tasks).await.unwrap();
    (addr, Running::new(tasks.shutdown(), tasks.supervise()))
}

/// The tokens that notification would make.
pub(crate) fn tokens() -> Tokens {
    Tokens::new(b"intake tests: key of thread tokens", None)
}

async fn connect(addr: SocketAddr) -> Client {
    IntakeServiceClient::connect(format!("http://{addr}")).await.unwrap()
}

pub(crate) fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

pub(crate) fn stamp(instant: &str) -> Option<prost_types::Timestamp> {
    Some(wire::scalar::timestamp(at(instant)))
}

pub(crate) fn new_id() -> String {
    Uuid::now_v7().to_string()
}

pub(crate) fn agent<T>(message: T) -> Request<T> {
    of(Role::Agent, message)
}

pub(crate) fn of<T>(role: Role, message: T) -> Request<T> {
    for_tenant("acme", role, message)
}

pub(crate) fn for_tenant<T>(tenant: &str, role: Role, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let actor = Actor { id: format!("{role}-17"), role };
    put_context(request.metadata_mut(), tenant, &actor).unwrap();
    request
}

pub(crate) fn register() -> v1::RegisterTicketRequest {
    v1::RegisterTicketRequest {
        request_id: new_id(),
        r#type: v1::TicketType::Incident.into(),
        channel: common::Channel::Email.into(),
        subject: "No service".to_owned(),
        body: "Since this morning.".to_owned(),
        requester: Some(v1::Requester {
            name: "Anna Nowak".to_owned(),
            email: "anna@example.org".to_owned(),
            party_id: String::new(),
        }),
        language: String::new(),
        received_at: None,
        category_code: "TECH/outage".to_owned(),
        tags: vec!["fibre".to_owned()],
        impact: v1::Impact::Medium.into(),
        urgency: v1::Urgency::High.into(),
        about: Vec::new(),
        ..Default::default()
    }
}

/// News within the day.
/// The same as a customer may ask for it.
pub(crate) fn by_customer() -> v1::RegisterTicketRequest {
    v1::RegisterTicketRequest { tags: vec![], impact: 0, urgency: 0, ..register() }
}

pub(crate) fn news_soon() -> Option<v1::NewPromise> {
    let kind = v1::PromiseKind::NextUpdate.into();
    Some(v1::NewPromise { kind, due_at: stamp("2026-06-09T12:00:00Z") })
}

pub(crate) fn reply(ticket_id: &str) -> v1::SendReplyRequest {
    v1::SendReplyRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        channel: common::Channel::Email.into(),
        body: "We are looking.".to_owned(),
        promise: news_soon(),
        ..Default::default()
    }
}

pub(crate) fn update(ticket_id: &str, purpose: v1::MessagePurpose) -> v1::SendUpdateRequest {
    v1::SendUpdateRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        channel: common::Channel::Email.into(),
        body: "The cause is found.".to_owned(),
        purpose: purpose.into(),
        ..Default::default()
    }
}

pub(crate) fn link(ticket_id: &str, other: &str, link: v1::LinkKind) -> v1::LinkTicketRequest {
    v1::LinkTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        other_ticket_id: other.to_owned(),
        link: link.into(),
    }
}

pub(crate) fn inbound(ticket_id: &str) -> v1::AddMessageRequest {
    v1::AddMessageRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        direction: v1::MessageDirection::Inbound.into(),
        channel: common::Channel::Email.into(),
        body: "Any news?".to_owned(),
        purpose: 0,
        ..Default::default()
    }
}

pub(crate) fn resolve(ticket_id: &str) -> v1::ResolveTicketRequest {
    v1::ResolveTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        resolution_code: "FIXED".to_owned(),
        root_cause_code: "CABLE".to_owned(),
        summary: "A cable was changed.".to_owned(),
    }
}

/// The refusal's code and reason.
pub(crate) fn refusal(status: &Status) -> (Code, String) {
    (status.code(), info(status).reason)
}

pub(crate) fn info(status: &Status) -> ErrorInfo {
    status.get_details_error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"))
}

/// The fields that the refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let Some(bad) = status.get_details_bad_request() else { return Vec::new() };
    bad.field_violations.into_iter().map(|violation| violation.field).collect()
}
