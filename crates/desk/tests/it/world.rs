//! A migrated database, a log that other services would write, and the service on port 0.
use std::pin::Pin;
use std::str::FromStr as _;
use std::time::Duration;

use chassis::health::Health;
use chassis::rpc::{Actor, AuthMode, AuthSettings, Role, put_context};
use chassis::serve::Server;
use chassis::tasks::Tasks;
use desk::{Config, Parts};
use eventlog::sealing::{Found, KeySource, Keyring, KeysAway, Owner};
use eventlog::{Appended, Cursor, Log, NewEvent, Tenant};
use sqlx::PgPool;
use testkit::{Database, Template, eventually};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;
use wire::common::v1::ConsistencyToken;
use wire::desk::v1::desk_service_client::DeskServiceClient;
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::desk::v1::*;

use crate::facts::Told;

pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) log: Log,
    pub(crate) tenant: Tenant,
    pub(crate) client: DeskServiceClient<Channel>,
    pub(crate) role: Role,
    pub(crate) stop: CancellationToken,
    pub(crate) health: Health,
}

/// Copied for each test.
static MIGRATED: Template = Template::new();

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(testkit::settings("desk")).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let world = Self::empty(config).await;
        world.health.ready().await;
        world
    }

    /// As `with`, without waiting for the service to be ready.
    pub(crate) async fn empty(config: Config) -> Self {
        let db = MIGRATED.copy(async |db| eventlog::migrate(db, 4).await).await;
        let log = Log::open(db.pool().clone(), testkit::settings("eventlog")).await.unwrap();
        let tenant = log.create_tenant("acme").await.unwrap();
        let (client, stop, health) = serve(&db, config).await;
        Self { db, log, tenant, client, role: Role::Agent, stop, health }
    }

    /// The same world seen by a second process.
    pub(crate) async fn replica(&self, config: Config) -> DeskServiceClient<Channel> {
        let (client, _, health) = serve(&self.db, config).await;
        health.ready().await;
        client
    }

    pub(crate) fn pool(&self) -> &PgPool {
        self.db.pool()
    }

    pub(crate) fn request<M>(&self, message: M) -> Request<M> {
        self.request_of("acme", message)
    }

    pub(crate) fn request_of<M>(&self, tenant: &str, message: M) -> Request<M> {
        let mut request = Request::new(message);
        let actor = Actor { id: "agent-1".to_owned(), role: self.role };
        put_context(request.metadata_mut(), tenant, &actor).unwrap();
        request
    }

    /// Appends what other services would, in this order, and answers the last place.
    pub(crate) async fn tell(&self, told: Vec<Told>) -> Cursor {
        self.tell_to(&self.tenant, told).await
    }

    pub(crate) async fn tell_to(&self, tenant: &Tenant, told: Vec<Told>) -> Cursor {
        let mut position = 0;
        let mut versions = std::collections::HashMap::new();
        for Told { stream, event } in told {
            let version = match versions.get(&stream) {
                Some(version) => *version,
                None => {
                    let past = self.log.read_stream(tenant, &stream, 0).await.unwrap();
                    past.last().map_or(0, |event| event.version)
                }
            };
            let appended: Appended =
                self.log.append(tenant, &stream, version, vec![event]).await.unwrap();
            versions.insert(stream, appended.version);
            position = appended.last_position;
        }
        Cursor { partition: tenant.partition, position }
    }

    /// Appends to one stream in one commit.
    pub(crate) async fn tell_at_once(&self, told: Vec<Told>) -> Cursor {
        let stream = told[0].stream.clone();
        let events: Vec<NewEvent> = told.into_iter().map(|told| told.event).collect();
        let appended = self.log.append(&self.tenant, &stream, 0, events).await.unwrap();
        Cursor { partition: self.tenant.partition, position: appended.last_position }
    }

    pub(crate) async fn list(
        &self,
        request: ListTicketsRequest,
    ) -> Result<ListTicketsResponse, Status> {
        let request = self.request(request);
        Ok(self.client.clone().list_tickets(request).await?.into_inner())
    }

    /// The numbers of a whole list, page by page.
    pub(crate) async fn numbers(&self, mut request: ListTicketsRequest) -> Vec<String> {
        let mut numbers = Vec::new();
        loop {
            let page = self.list(request.clone()).await.unwrap();
            numbers.extend(page.tickets.into_iter().map(|ticket| ticket.number));
            if page.next_page_token.is_empty() {
                return numbers;
            }
            request.page_token = page.next_page_token;
        }
    }

    pub(crate) async fn get(&self, key: Key, at: Option<Cursor>) -> Result<TicketSummary, Status> {
        let consistency_token = at.map(token);
        let request = self.request(GetTicketSummaryRequest { key: Some(key), consistency_token });
        let answer = self.client.clone().get_ticket_summary(request).await?;
        Ok(answer.into_inner().ticket.unwrap())
    }

    pub(crate) async fn watch(
        &self,
        resume_token: &str,
        ticket_id: &str,
    ) -> Result<tonic::Streaming<WatchTicketsResponse>, Status> {
        let request = WatchTicketsRequest {
            resume_token: resume_token.to_owned(),
            ticket_id: ticket_id.to_owned(),
        };
        let request = self.request(request);
        Ok(self.client.clone().watch_tickets(request).await?.into_inner())
    }

    /// Waits until the tables hold everything up to there.
    pub(crate) async fn projected(&self, at: Cursor) {
        eventually(|| async {
            let position: Option<i64> = sqlx::query_scalar(
                "select position from desk.subscription_cursor where partition = $1",
            )
            .bind(at.partition.0)
            .fetch_optional(self.pool())
            .await
            .unwrap();
            position.is_some_and(|position| position.unsigned_abs() >= at.position)
        })
        .await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn token(cursor: Cursor) -> ConsistencyToken {
    ConsistencyToken { token: cursor.to_string() }
}

/// Nothing is sealed in this world.
struct NoKeys;

impl KeySource for NoKeys {
    fn keys<'a>(
        &'a self,
        _: Owner<'a>,
        _: &'a [Uuid],
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Found>, KeysAway>> + Send + 'a>> {
        Box::pin(async { Err(KeysAway::new("there are no keys")) })
    }
}

async fn serve(
    db: &Database,
    config: Config,
) -> (DeskServiceClient<Channel>, CancellationToken, Health) {
    let pool = db.pool_with_role("odzew_desk", "desk", 8).await;
    let log = Log::open(pool, testkit::settings("eventlog")).await.unwrap();
    let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), settings(), &auth).await.unwrap();
    let address = server.local_addr();
    let health = Health::new();
    let parts = Parts {
        config,
        keys: Keyring::new(NoKeys, &testkit::settings("sealing")),
        log,
        live: None,
        subscription: testkit::settings("subscription"),
        server,
        health: health.clone(),
    };
    let mut tasks = Tasks::new(Duration::from_secs(5));
    desk::start(parts, &mut tasks).await.unwrap();
    let stop = tasks.shutdown();
    tokio::spawn(tasks.supervise());
    let channel = Endpoint::from_str(&format!("http://{address}")).unwrap().connect_lazy();
    (DeskServiceClient::new(channel), stop, health)
}

fn settings() -> chassis::serve::Settings {
    chassis::serve::Settings {
        // Whoever builds beside the tests makes them slow.
        default_deadline: Duration::from_secs(30),
        drain_limit: Duration::from_secs(5),
        ..testkit::settings("grpc")
    }
}
