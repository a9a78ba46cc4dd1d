//! A running service with its own database, and tickets as intake writes them.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chassis::clock::{Clock, System};
use chassis::health::Health;
use chassis::rpc::{Actor, AuthMode, AuthSettings, Role, put_context};
use chassis::serve::{Server, Settings};
use chassis::tasks::Tasks;
use eventlog::subscription;
use eventlog::{Log, NewEvent, Recorded, StreamId, Tenant};
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use testkit::{Database, Running, Template, eventually};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;
use wire::common::v1::{self as common, Priority};
use wire::events::v1::Metadata;
use wire::intake::v1 as intake;
use wire::notification::v1::{NotificationSent, Purpose};
use wire::scalar::timestamp;
use wire::sla::v1::sla_service_client::SlaServiceClient;
use wire::sla::v1::{self, ClockKind};

pub(crate) type Client = SlaServiceClient<Channel>;

pub(crate) struct World {
    pub(crate) db: Database,
    /// With the owner's rights: writes what intake would.
    pub(crate) log: Log,
    pub(crate) tenant: Tenant,
}

/// A replica of the service; it stops when dropped.
pub(crate) struct Replica {
    pub(crate) client: Client,
    _running: Running,
}

/// What happened to a ticket, and when.
pub(crate) struct Step {
    at: Timestamp,
    event_type: &'static str,
    payload: Vec<u8>,
}

impl Step {
    /// The same, processed later than it was said.
    pub(crate) fn processed(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }
}

/// Copied for each test.
static MIGRATED: Template = Template::new();

impl World {
    pub(crate) async fn new() -> Self {
        Self::copied(MIGRATED.copy(async |db| eventlog::migrate(db, 2).await).await).await
    }

    /// With far more partitions than a replica may have connections.
    pub(crate) async fn partitioned() -> Self {
        static PARTITIONED: Template = Template::new();
        Self::copied(PARTITIONED.copy(async |db| eventlog::migrate(db, 16).await).await).await
    }

    async fn copied(db: Database) -> Self {
        let log = Log::open(db.pool().clone(), testkit::settings("eventlog")).await.unwrap();
        let tenant = log.create_tenant("acme").await.unwrap();
        log.create_tenant("zeta").await.unwrap();
        Self { db, log, tenant }
    }

    pub(crate) async fn serve(&self) -> Replica {
        self.serve_by(Arc::new(System)).await
    }

    /// A replica on a machine with that clock.
    pub(crate) async fn serve_by(&self, clock: Arc<dyn Clock>) -> Replica {
        self.serve_with(clock, 8, |_| {}).await
    }

    /// A replica with so many connections and other settings.
    pub(crate) async fn serve_with(
        &self,
        clock: Arc<dyn Clock>,
        connections: u32,
        change: impl FnOnce(&mut sla::Config),
    ) -> Replica {
        let pool = self.db.pool_with_role("odzew_sla", "sla", connections).await;
        let log = Log::open(pool, testkit::settings("eventlog")).await.unwrap();
        let settings = grpc_settings();
        let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), settings, &auth).await.unwrap();
        let address = format!("http://{}", server.local_addr());
        let mut tasks = Tasks::new(Duration::from_secs(10));
        let mut config: sla::Config = testkit::settings("sla");
        config.deadlines.poll = Duration::from_millis(50);
        // Far fewer than are due at once in some tests.
        config.deadlines.batch = 5;
        change(&mut config);
        let health = Health::new();
        let live = None;
        let poll_interval = Duration::from_millis(20);
        let subscription =
            subscription::Settings { poll_interval, ..testkit::settings("subscription") };
        let parts = sla::Parts { config, log, live, subscription, clock, server, health };
        sla::start(parts, &mut tasks).await.unwrap();
        let running = Running::new(tasks.shutdown(), tasks.supervise());
        let client = SlaServiceClient::connect(address).await.unwrap();
        Replica { client, _running: running }
    }

    /// What intake appends when a ticket comes in by e-mail.
    pub(crate) async fn register(&self, received_at: Timestamp, priority: Priority) -> Uuid {
        let ticket_id = Uuid::now_v7();
        let steps = [registered(ticket_id, received_at), prioritised(received_at, priority)];
        self.append(ticket_id, false, steps.into()).await;
        ticket_id
    }

    /// What intake appends when something happens to a ticket.
    pub(crate) async fn happens(&self, ticket_id: Uuid, step: Step) {
        self.append(ticket_id, false, vec![step]).await;
    }

    /// What routing appends on the ticket's way to an owner.
    pub(crate) async fn routed(&self, ticket_id: Uuid, step: Step) {
        self.append_to("route", ticket_id, false, vec![step]).await;
    }

    /// Appends to the ticket's stream, as one commit.
    pub(crate) async fn append(&self, ticket_id: Uuid, historical: bool, steps: Vec<Step>) {
        self.append_to("ticket", ticket_id, historical, steps).await;
    }

    pub(crate) async fn append_to(
        &self,
        category: &'static str,
        ticket_id: Uuid,
        historical: bool,
        steps: Vec<Step>,
    ) {
        let stream = StreamId::new(category, ticket_id);
        let version = self.log.read_stream(&self.tenant, &stream, 0).await.unwrap().len();
        let metadata =
            Metadata { correlation_id: ticket_id.to_string(), historical, ..Metadata::default() };
        let new = steps.into_iter().map(|step| NewEvent {
            event_id: Uuid::now_v7(),
            event_type: step.event_type,
            payload: step.payload.into(),
            metadata: metadata.clone(),
            occurred_at: step.at,
        });
        let version = u32::try_from(version).unwrap();
        self.log.append(&self.tenant, &stream, version, new.collect()).await.unwrap();
    }

    /// What notification appends when the confirmation of receipt has left.
    pub(crate) async fn ack_sent(&self, ticket_id: Uuid, at: Timestamp) {
        self.letter_sent(ticket_id, Purpose::Ack, "", at).await;
    }

    /// What notification appends when a letter has left, which carries a message.
    pub(crate) async fn letter_sent(
        &self,
        ticket_id: Uuid,
        purpose: Purpose,
        message_id: &str,
        at: Timestamp,
    ) {
        let sent = NotificationSent {
            sent_at: Some(timestamp(at)),
            purpose: purpose.into(),
            ticket_id: ticket_id.to_string(),
            message_id: message_id.to_owned(),
            ..NotificationSent::default()
        };
        self.notice(wire::event::NOTIFICATION_SENT, &sent, at).await;
    }

    /// What notification appends about a notice.
    pub(crate) async fn notice(
        &self,
        event_type: &'static str,
        told: &impl Message,
        at: Timestamp,
    ) {
        let stream = StreamId::new("notice", Uuid::now_v7());
        let correlation_id = stream.id.to_string();
        let event = NewEvent {
            event_id: Uuid::now_v7(),
            event_type,
            payload: told.encode_to_vec().into(),
            metadata: Metadata { correlation_id, ..Metadata::default() },
            occurred_at: at,
        };
        self.log.append(&self.tenant, &stream, 0, vec![event]).await.unwrap();
    }

    /// The events of the ticket's clocks.
    pub(crate) async fn events(&self, ticket_id: Uuid) -> Vec<Recorded> {
        let stream = StreamId::new("clock", ticket_id);
        self.log.read_stream(&self.tenant, &stream, 0).await.unwrap()
    }

    /// Waits until the service has seen everything in the log, its own events included.
    pub(crate) async fn settled(&self) {
        eventually(|| self.db.caught_up(&["sla"])).await;
    }

    /// Waits until nothing is due any more and everything is seen.
    pub(crate) async fn quiet(&self) {
        eventually(|| async { self.overdue().await == 0 }).await;
        self.settled().await;
        eventually(|| async { self.overdue().await == 0 }).await;
        self.settled().await;
    }

    /// Timers that are due.
    pub(crate) async fn overdue(&self) -> i64 {
        sqlx::query_scalar("select count(*) from sla.timers where wake_at <= now()")
            .fetch_one(self.db.pool())
            .await
            .unwrap()
    }

    /// Everything in the read model, as text.
    pub(crate) async fn tables(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select 'clock ' || c::text from sla.clocks c
             union all
             select 'timer ' || t::text from sla.timers t
             order by 1",
        )
        .fetch_all(self.db.pool())
        .await
        .unwrap()
    }
}

impl Replica {
    /// The ticket's clocks by kind; of several rounds the last.
    pub(crate) async fn clocks(&self, ticket_id: Uuid) -> BTreeMap<ClockKind, v1::Clock> {
        let request = by(Role::Lead, v1::GetClocksRequest { ticket_id: ticket_id.to_string() });
        let clocks = self.client.clone().get_clocks(request).await.unwrap().into_inner().clocks;
        clocks.into_iter().map(|clock| (clock.kind(), clock)).collect()
    }

    /// Waits for a clock that is as wanted.
    pub(crate) async fn clock(
        &self,
        ticket_id: Uuid,
        kind: ClockKind,
        wanted: impl Fn(&v1::Clock) -> bool,
    ) -> v1::Clock {
        eventually(|| async {
            self.clocks(ticket_id).await.remove(&kind).filter(|clock| wanted(clock))
        })
        .await
    }

    pub(crate) async fn publish_policy(
        &self,
        policy: v1::Policy,
        effective_from: Option<Timestamp>,
    ) -> Result<v1::Policy, Status> {
        let request = v1::PublishPolicyRequest {
            request_id: Uuid::now_v7().to_string(),
            policy: Some(policy),
            effective_from: effective_from.map(timestamp),
        };
        let request = by(Role::SlaManager, request);
        let answer = self.client.clone().publish_policy(request).await?;
        Ok(answer.into_inner().policy.unwrap())
    }

    pub(crate) async fn publish_calendar(
        &self,
        calendar: v1::Calendar,
        effective_from: Option<Timestamp>,
    ) -> Result<v1::Calendar, Status> {
        let request = v1::PublishCalendarRequest {
            request_id: Uuid::now_v7().to_string(),
            calendar: Some(calendar),
            effective_from: effective_from.map(timestamp),
        };
        let request = by(Role::Admin, request);
        let answer = self.client.clone().publish_calendar(request).await?;
        Ok(answer.into_inner().calendar.unwrap())
    }

    pub(crate) async fn publish_regime(&self, regime: v1::Regime) -> Result<v1::Regime, Status> {
        let request = v1::PublishRegimeRequest {
            request_id: Uuid::now_v7().to_string(),
            regime: Some(regime),
        };
        let request = by(Role::ProcessOwner, request);
        let answer = self.client.clone().publish_regime(request).await?;
        Ok(answer.into_inner().regime.unwrap())
    }

    /// What applies to a complaint received at that time.
    pub(crate) async fn regimes(&self, sector: &str, received: &str) -> v1::GetRegimesResponse {
        let request = v1::GetRegimesRequest {
            occasion: v1::RegimeOccasion::Complaint.into(),
            sector: sector.to_owned(),
            received_at: stamp(received),
            ..v1::GetRegimesRequest::default()
        };
        let request = by(Role::Agent, request);
        self.client.clone().get_regimes(request).await.unwrap().into_inner()
    }

    pub(crate) async fn config(&self) -> v1::GetSlaConfigResponse {
        let request = by(Role::Agent, v1::GetSlaConfigRequest {});
        self.client.clone().get_sla_config(request).await.unwrap().into_inner()
    }
}

pub(crate) fn registered(ticket_id: Uuid, at: Timestamp) -> Step {
    let message = intake::TicketRegistered {
        ticket_id: ticket_id.to_string(),
        number: "7K3M9-QXF2H-4".to_owned(),
        r#type: intake::TicketType::Incident.into(),
        channel: common::Channel::Email.into(),
        received_at: Some(timestamp(at)),
        requester_party_id: Uuid::from_u128(7).to_string(),
        requester_email: Some(clear("anna@example.org")),
        language: "pl".to_owned(),
        origin: intake::TicketOrigin::New.into(),
        ..intake::TicketRegistered::default()
    };
    step(at, wire::event::TICKET_REGISTERED, &message)
}

/// A text that no key seals.
pub(crate) fn clear(text: &str) -> common::Sealed {
    common::Sealed { content: Some(common::sealed::Content::Clear(text.to_owned())) }
}

pub(crate) fn prioritised(at: Timestamp, priority: Priority) -> Step {
    let message = intake::PriorityChanged {
        impact: intake::Impact::Medium.into(),
        urgency: intake::Urgency::Medium.into(),
        priority: priority.into(),
        cause: intake::PriorityCause::Initial.into(),
        ..intake::PriorityChanged::default()
    };
    step(at, wire::event::PRIORITY_CHANGED, &message)
}

pub(crate) fn reply(at: Timestamp) -> Step {
    let outbound = intake::MessageDirection::Outbound;
    message(at, outbound, intake::AuthorKind::Human, true)
}

pub(crate) fn inbound(at: Timestamp) -> Step {
    let inbound = intake::MessageDirection::Inbound;
    message(at, inbound, intake::AuthorKind::Human, false)
}

pub(crate) fn message(
    at: Timestamp,
    direction: intake::MessageDirection,
    author_kind: intake::AuthorKind,
    is_reply: bool,
) -> Step {
    let message = intake::MessageAdded {
        message_id: Uuid::now_v7().to_string(),
        direction: direction.into(),
        channel: common::Channel::Email.into(),
        author_kind: author_kind.into(),
        purpose: intake::MessagePurpose::Reply.into(),
        is_reply,
        written_at: Some(timestamp(at)),
        ..intake::MessageAdded::default()
    };
    step(at, wire::event::MESSAGE_ADDED, &message)
}

pub(crate) fn resolved(at: Timestamp) -> Step {
    step(at, wire::event::TICKET_RESOLVED, &intake::TicketResolved::default())
}

pub(crate) fn held(hold_id: Uuid, at: Timestamp) -> Step {
    let held = intake::TicketHeld {
        hold_id: hold_id.to_string(),
        kind: intake::HoldKind::Customer.into(),
        ..intake::TicketHeld::default()
    };
    step(at, wire::event::TICKET_HELD, &held)
}

pub(crate) fn unheld(hold_id: Uuid, at: Timestamp) -> Step {
    let hold_id = hold_id.to_string();
    let unheld = intake::TicketUnheld { hold_id, ..intake::TicketUnheld::default() };
    step(at, wire::event::TICKET_UNHELD, &unheld)
}

/// A wait that the message before it has ended.
pub(crate) fn answered(hold_id: Uuid, at: Timestamp) -> Step {
    let (hold_id, trigger) = (hold_id.to_string(), intake::UnholdTrigger::CustomerReply.into());
    step(at, wire::event::TICKET_UNHELD, &intake::TicketUnheld { hold_id, trigger })
}

pub(crate) fn step<M: Message>(at: Timestamp, event_type: &'static str, message: &M) -> Step {
    Step { at, event_type, payload: message.encode_to_vec() }
}

/// The standard policy with other targets for a kind, in seconds round the clock.
pub(crate) async fn quick(
    replica: &Replica,
    id: &str,
    kind: ClockKind,
    seconds: i64,
) -> v1::Policy {
    let mut policy = replica.config().await.policy.unwrap();
    policy.policy_id = id.to_owned();
    for target in policy.targets.iter_mut().filter(|target| target.kind() == kind) {
        target.target_s = seconds;
        target.calendar_id = "ALWAYS".to_owned();
    }
    policy
}

/// The short name of an event.
pub(crate) fn name(event: &Recorded) -> &str {
    event.event_type.rsplit_once('.').unwrap().1
}

/// The messages of one type among the events.
pub(crate) fn all<M: Message + Default>(events: &[Recorded], wanted: &str) -> Vec<M> {
    let found = events.iter().filter(|event| name(event) == wanted);
    found.map(|event| M::decode(event.payload.as_ref()).unwrap()).collect()
}

pub(crate) fn by<T>(role: Role, message: T) -> Request<T> {
    of_tenant("acme", role, message)
}

pub(crate) fn of_tenant<T>(tenant: &str, role: Role, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let actor = Actor { id: "person-1".to_owned(), role };
    put_context(request.metadata_mut(), tenant, &actor).unwrap();
    request
}

/// The fields that an `INVALID_ARGUMENT` names.
pub(crate) fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let violations = status.get_details_bad_request().unwrap().field_violations;
    violations.into_iter().map(|violation| violation.field).collect()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn stamp(text: &str) -> Option<prost_types::Timestamp> {
    Some(timestamp(at(text)))
}

/// So many seconds from now; before now if negative.
pub(crate) fn in_seconds(seconds: i64) -> Timestamp {
    System.now() + SignedDuration::from_secs(seconds)
}

fn grpc_settings() -> Settings {
    Settings {
        // Whoever builds beside the tests makes them slow.
        default_deadline: Duration::from_secs(30),
        drain_limit: Duration::from_secs(5),
        ..testkit::settings("grpc")
    }
}
