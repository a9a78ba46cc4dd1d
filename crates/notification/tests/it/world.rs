//! A running notification service with its own database, and the events of the others.
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chassis::clock;
use chassis::health::Health;
use chassis::rpc::{Actor, AuthMode, AuthSettings, Role, put_context};
use chassis::serve::{Server, Settings};
use chassis::tasks::Tasks;
use eventlog::sealing::{
    Found, KeyMaker, KeySource, KeysAway, Owner, Sealing, Settings as SealingSettings, SubjectKey,
};
use eventlog::subscription;
use eventlog::{Log, NewEvent, StreamId, Tenant};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use notification::{Config, Delay};
use prost::Message;
use testkit::{Database, Running, Security, SmtpSink, Template, eventually};
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::events::v1::Metadata;
use wire::intake::v1 as intake;
use wire::notification::v1::notification_service_client::NotificationServiceClient;
use wire::notification::v1::{ListNoticesRequest, Notice, NoticeState};
use wire::routing::v1 as routing;
use wire::scalar::timestamp;
use wire::sla::v1 as sla;
use wire::thread::Tokens;

use crate::mail::Letter;

pub(crate) type Client = NotificationServiceClient<Channel>;

pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) log: Log,
    pub(crate) tenant: Tenant,
    pub(crate) smtp: SmtpSink,
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) keys: Keys,
    /// File of the clock that rules; none for real time.
    time: Option<PathBuf>,
    versions: Mutex<BTreeMap<StreamId, u32>>,
    service: Option<Running>,
}

/// Copied for each test.
static MIGRATED: Template = Template::new();

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A service with the settings of tests, changed as the test needs.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::made(SmtpSink::start().await, None, change).await
    }

    /// [`World::at`] with the settings changed as the test needs.
    pub(crate) async fn at_with(
        folder: &tempfile::TempDir,
        instant: &str,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let file = folder.path().join("now");
        std::fs::write(&file, instant).unwrap();
        Self::made(SmtpSink::start().await, Some(file), change).await
    }

    /// The same with a mail server that wants TLS and a login.
    pub(crate) async fn secured(security: Security, change: impl FnOnce(&mut Config)) -> Self {
        Self::made(SmtpSink::secured(security).await, None, change).await
    }

    /// A service whose time stands where the test says: at first at `instant`, in a file of
    /// `folder`.
    pub(crate) async fn at(folder: &tempfile::TempDir, instant: &str) -> Self {
        Self::at_with(folder, instant, |_| {}).await
    }

    /// Moves the time of [`World::at`].
    pub(crate) fn move_to(&self, instant: &str) {
        let file = self.time.as_ref().unwrap();
        let next = file.with_extension("next");
        std::fs::write(&next, instant).unwrap();
        std::fs::rename(&next, file).unwrap();
    }

    async fn now(&self) -> Timestamp {
        match &self.time {
            Some(file) => std::fs::read_to_string(file).unwrap().parse().unwrap(),
            None => self.log.now().await.unwrap(),
        }
    }

    async fn made(smtp: SmtpSink, time: Option<PathBuf>, change: impl FnOnce(&mut Config)) -> Self {
        notification::install_tls_provider();
        let db = MIGRATED.copy(async |db| eventlog::migrate(db, 1).await).await;
        let log = Log::open(db.pool().clone(), testkit::settings("eventlog")).await.unwrap();
        let tenant = log.create_tenant("acme").await.unwrap();
        let mut config = config(smtp.addr());
        change(&mut config);
        let keys = Keys::default();
        let (service, client) = serve(&db, &config, time.as_ref(), &keys).await;
        let service = Some(service);
        let versions = Mutex::default();
        Self { db, log, tenant, smtp, config, client, keys, time, versions, service }
    }

    /// Ends the service in good order.
    pub(crate) async fn stop(&mut self) {
        self.service.take().unwrap().stop().await;
    }

    /// Starts it again, with its present settings.
    pub(crate) async fn start(&mut self) {
        let (service, client) = serve(&self.db, &self.config, self.time.as_ref(), &self.keys).await;
        self.service = Some(service);
        self.client = client;
    }

    /// Another service's fact, now; answers its event's id.
    pub(crate) async fn tell<M: Message>(
        &self,
        category: &'static str,
        id: Uuid,
        message: &M,
    ) -> Uuid {
        self.tell_by("agent-1", false, category, id, message).await
    }

    pub(crate) async fn tell_by<M: Message>(
        &self,
        actor: &str,
        historical: bool,
        category: &'static str,
        id: Uuid,
        message: &M,
    ) -> Uuid {
        let event = self.event(actor, historical, id, message).await;
        let event_id = event.event_id;
        self.append(StreamId::new(category, id), vec![event]).await;
        event_id
    }

    /// Two facts of a ticket that one command made.
    pub(crate) async fn tell_together<A: Message, B: Message>(
        &self,
        ticket_id: Uuid,
        first: &A,
        second: &B,
    ) {
        let first = self.event("agent-1", false, ticket_id, first).await;
        let second = self.event("agent-1", false, ticket_id, second).await;
        self.append(StreamId::new("ticket", ticket_id), vec![first, second]).await;
    }

    /// A fact of a ticket that another event caused.
    pub(crate) async fn tell_caused<M: Message>(&self, cause: Uuid, id: Uuid, message: &M) {
        let event = self.caused(cause, id, message).await;
        self.append(StreamId::new("ticket", id), vec![event]).await;
    }

    /// A fact about a ticket that another event caused, to be appended.
    pub(crate) async fn caused<M: Message>(&self, cause: Uuid, id: Uuid, message: &M) -> NewEvent {
        let mut event = self.event("odzew", false, id, message).await;
        event.metadata.causation_id = cause.to_string();
        event
    }

    pub(crate) async fn append(&self, stream: StreamId, events: Vec<NewEvent>) {
        let before = {
            let mut versions = self.versions.lock().unwrap();
            let version = versions.entry(stream.clone()).or_default();
            let before = *version;
            *version += u32::try_from(events.len()).unwrap();
            before
        };
        self.log.append(&self.tenant, &stream, before, events).await.unwrap();
    }

    async fn event<M: Message>(
        &self,
        actor: &str,
        historical: bool,
        id: Uuid,
        message: &M,
    ) -> NewEvent {
        let metadata = Metadata {
            actor: Some(common::Actor {
                kind: common::ActorKind::Agent.into(),
                id: actor.to_owned(),
                role: "agent".to_owned(),
            }),
            correlation_id: id.to_string(),
            historical,
            ..Metadata::default()
        };
        NewEvent {
            event_id: Uuid::now_v7(),
            event_type: type_of::<M>(),
            payload: message.encode_to_vec().into(),
            metadata,
            occurred_at: self.now().await,
        }
    }

    /// A ticket of a customer, in a language; answers its id.
    pub(crate) async fn ticket(&self, language: &str) -> Uuid {
        let id = Uuid::now_v7();
        self.tell("ticket", id, &registered(id, language)).await;
        id
    }

    /// A ticket of a customer of whom it is proved who they are; answers its id.
    pub(crate) async fn verified_ticket(&self, language: &str) -> Uuid {
        let id = Uuid::now_v7();
        let linked = intake::PartyLinked {
            party_id: Uuid::from_u128(77).to_string(),
            role: intake::PartyRole::Requester.into(),
            identification: intake::Identification::Verified.into(),
            ..intake::PartyLinked::default()
        };
        self.tell_together(id, &registered(id, language), &linked).await;
        id
    }

    /// An agent who is reached by mail.
    pub(crate) async fn agent(&self, agent_id: &str, language: &str) {
        let agent = routing::Agent {
            agent_id: agent_id.to_owned(),
            display_name: sealed("Jan Kowalski"),
            email: sealed(&format!("{agent_id}@example.org")),
            language: language.to_owned(),
            ..routing::Agent::default()
        };
        let changed = routing::DirectoryChanged {
            version: 1,
            object: Some(routing::directory_changed::Object::Agent(agent)),
        };
        self.tell("directory", Uuid::from_u128(1), &changed).await;
    }

    pub(crate) async fn assign(&self, ticket_id: Uuid, agent_id: &str) {
        self.tell("route", ticket_id, &assigned(agent_id, self.soon().await)).await;
    }

    pub(crate) async fn reply(&self, ticket_id: Uuid, body: &str) {
        self.tell("ticket", ticket_id, &outbound(body)).await;
    }

    /// In an hour.
    pub(crate) async fn soon(&self) -> Timestamp {
        self.log.now().await.unwrap() + SignedDuration::from_hours(1)
    }

    /// The ticket's notices, oldest first.
    pub(crate) async fn notices(&self, ticket_id: Uuid) -> Vec<Notice> {
        let ticket_id = ticket_id.to_string();
        let request = ListNoticesRequest { ticket_id, page_size: 200, page_token: String::new() };
        self.client.clone().list_notices(auditor(request)).await.unwrap().into_inner().notices
    }

    /// Waits for the ticket's only notice to come into a state.
    pub(crate) async fn only_notice(&self, ticket_id: Uuid, state: NoticeState) -> Notice {
        eventually(|| async {
            let notices = self.notices(ticket_id).await;
            match notices.as_slice() {
                [notice] if notice.state() == state => Ok::<_, String>(Some(notice.clone())),
                other => Err(format!("{other:?}")),
            }
        })
        .await
    }

    /// Waits for so many mails.
    pub(crate) async fn letters(&self, count: usize) -> Vec<Letter> {
        eventually(|| async {
            let mails = self.smtp.messages();
            match mails.len() {
                n if n >= count => Ok::<_, String>(Some(mails)),
                n => Err(format!("{n} of {count} mails")),
            }
        })
        .await
        .iter()
        .map(Letter::read)
        .collect()
    }

    /// Waits until everything that was told has been reacted to and written down.
    pub(crate) async fn caught_up(&self) {
        eventually(|| self.db.caught_up(&["notification"])).await;
    }
}

/// Tiny delays instead of moved clocks; everything else as shipped.
pub(crate) fn config(smtp: SocketAddr) -> Config {
    let mut config = Config {
        ack_grace: Duration::ZERO,
        // All tickets of tests are of one address.
        ack_window: Duration::ZERO,
        ..testkit::settings("notification")
    };
    config.texts.contact = "22 123 45 67".to_owned();
    config.texts.portal_url = "https://portal.example.org/t/{ticket_id}".to_owned();
    config.email.host = smtp.ip().to_string();
    config.email.port = smtp.port();
    config.email.from = "Obsługa <service@odzew.example>".to_owned();
    config.email.proof_poll = Duration::from_millis(20);
    config.webhook.allow_private = true;
    for attempts in [&mut config.email.attempts, &mut config.webhook.attempts] {
        attempts.retry = vec![Delay(Duration::from_millis(20)); 5];
        attempts.jitter_permille = 0;
        attempts.poll = Duration::from_millis(20);
    }
    config
}

/// The stored type of a generated message.
fn type_of<M>() -> &'static str {
    let path = std::any::type_name::<M>().trim_start_matches("wire::generated::");
    format!("odzew.{}", path.replace("::", ".")).leak()
}

/// Stands for intake, which keeps the keys: every key is made of its own id. What the tests tell is
/// in clear.
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

async fn serve(
    db: &Database,
    config: &Config,
    time: Option<&PathBuf>,
    keys: &Keys,
) -> (Running, Client) {
    // A key that intake has given is asked for again.
    let sealing =
        SealingSettings { key_ttl: Duration::from_millis(1), ..testkit::settings("sealing") };
    let file = time.map(|file| file.display().to_string()).unwrap_or_default();
    let pool = db.pool_with_role("odzew_notification", "notification", 12).await;
    let log = Log::open(pool, testkit::settings("eventlog")).await.unwrap();
    let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
    let settings = grpc_settings();
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), settings, &auth).await.unwrap();
    let addr = server.local_addr();
    let mut tasks = Tasks::new(Duration::from_secs(20));
    let parts = notification::Parts {
        config: config.clone(),
        threads: tokens(),
        sealing: Sealing::new(keys.clone(), &sealing),
        log,
        live: None,
        subscription: subscription::Settings {
            poll_interval: Duration::from_millis(10),
            ..testkit::settings("subscription")
        },
        clock: clock::Settings { file }.open(&[]).unwrap(),
        server,
        health: Health::new(),
    };
    notification::start(parts, &mut tasks).await.unwrap();
    let service = Running::new(tasks.shutdown(), tasks.supervise());
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{addr}")).unwrap();
    (service, Client::new(endpoint.connect_lazy()))
}

/// The tokens that intake would read.
pub(crate) fn tokens() -> Tokens {
    Tokens::new(b"notification tests: key of threads", None)
}

fn grpc_settings() -> Settings {
    Settings {
        // Whoever builds beside the tests makes them slow.
        default_deadline: Duration::from_secs(30),
        drain_limit: Duration::from_secs(5),
        ..testkit::settings("grpc")
    }
}

pub(crate) fn registered(id: Uuid, language: &str) -> intake::TicketRegistered {
    intake::TicketRegistered {
        ticket_id: id.to_string(),
        number: "7K3M9-QXF2H-4".to_owned(),
        r#type: intake::TicketType::Incident.into(),
        channel: common::Channel::Email.into(),
        received_at: Some(timestamp("2026-05-14T14:30:00Z".parse().unwrap())),
        requester_party_id: Uuid::from_u128(77).to_string(),
        requester_name: sealed("Zofia Żółw"),
        requester_email: sealed("zofia@example.org"),
        subject: sealed("Router nie działa {{ 7*7 }}"),
        body: sealed("Proszę o pomoc."),
        language: language.to_owned(),
        origin: intake::TicketOrigin::New.into(),
        ..intake::TicketRegistered::default()
    }
}

pub(crate) fn outbound(body: &str) -> intake::MessageAdded {
    intake::MessageAdded {
        message_id: Uuid::now_v7().to_string(),
        direction: intake::MessageDirection::Outbound.into(),
        channel: common::Channel::Email.into(),
        author_kind: intake::AuthorKind::Human.into(),
        purpose: intake::MessagePurpose::Reply.into(),
        is_reply: true,
        body: sealed(body),
        ..intake::MessageAdded::default()
    }
}

pub(crate) fn assigned(agent_id: &str, accept_by: Timestamp) -> routing::TicketAssigned {
    routing::TicketAssigned {
        assignment_id: Uuid::now_v7().to_string(),
        agent_id: agent_id.to_owned(),
        level: 1,
        accept_by: Some(timestamp(accept_by)),
        ..routing::TicketAssigned::default()
    }
}

pub(crate) fn threshold(ticket_id: Uuid, percent: u32) -> sla::ThresholdReached {
    sla::ThresholdReached {
        clock_id: Uuid::from_u128(5).to_string(),
        percent,
        due_at: Some(timestamp("2026-05-15T08:00:00Z".parse().unwrap())),
        remaining_s: 600,
        kind: sla::ClockKind::FirstReply.into(),
        ticket_id: ticket_id.to_string(),
    }
}

pub(crate) fn breached(ticket_id: Uuid) -> sla::ClockBreached {
    sla::ClockBreached {
        clock_id: Uuid::from_u128(5).to_string(),
        due_at: Some(timestamp("2026-05-15T08:00:00Z".parse().unwrap())),
        detected_at: Some(timestamp("2026-05-15T08:00:01Z".parse().unwrap())),
        cause: sla::BreachCause::Time.into(),
        kind: sla::ClockKind::FirstReply.into(),
        ticket_id: ticket_id.to_string(),
        ..sla::ClockBreached::default()
    }
}

pub(crate) fn sealed(text: &str) -> Option<common::Sealed> {
    let content = common::sealed::Content::Clear(text.to_owned());
    Some(common::Sealed { content: Some(content) })
}

pub(crate) fn auditor<M>(message: M) -> Request<M> {
    by(Role::Auditor, message)
}

pub(crate) fn by<M>(role: Role, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let actor = Actor { id: "tester".to_owned(), role };
    put_context(request.metadata_mut(), "acme", &actor).unwrap();
    request
}

/// The reason that a refusal gives.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// The fields that a refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let details = status.get_details_bad_request().map(|bad| bad.field_violations);
    details.unwrap_or_default().into_iter().map(|violation| violation.field).collect()
}
