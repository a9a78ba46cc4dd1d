//! A migrated database, a log, and events without a meaning.
use std::collections::HashMap;

use bytes::Bytes;
use eventlog::{Actor, Appended, Cause, Log, NewEvent, Recorded, Settings, StreamId, Tenant};
use jiff::Timestamp;
use sqlx::PgPool;
use testkit::{Database, Postgres, Template};
use uuid::Uuid;
use wire::common::v1::ActorKind;

/// A migrated database with one tenant, `acme`, and a log opened with the role of a service.
pub(crate) struct Fixture {
    pub(crate) db: Database,
    pub(crate) log: Log,
    pub(crate) tenant: Tenant,
}

/// Copied for each test.
static MIGRATED: Template = Template::new();

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(testkit::settings("eventlog")).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        Self::on(MIGRATED.copy(async |db| eventlog::migrate(db, 4).await).await, settings).await
    }

    /// On a server of the test's own.
    pub(crate) async fn in_server(server: &Postgres, settings: Settings) -> Self {
        let db = Database::create_in(server).await;
        eventlog::migrate(&db.options(), 4).await.unwrap();
        Self::on(db, settings).await
    }

    async fn on(db: Database, settings: Settings) -> Self {
        let tenant = create_tenant(&db, "acme").await;
        let log = open(&db, settings).await;
        Self { db, log, tenant }
    }

    /// Another log on the same database, as another process would have it.
    pub(crate) async fn other_log(&self) -> Log {
        open(&self.db, testkit::settings("eventlog")).await
    }

    pub(crate) fn admin(&self) -> &PgPool {
        self.db.pool()
    }

    /// Everything in the tenant's partition, in pages of 100.
    pub(crate) async fn everything(&self) -> Vec<Recorded> {
        let mut events: Vec<Recorded> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.position);
            let page = self.log.read_partition(self.tenant.partition, after, 100).await.unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    pub(crate) async fn append_one(&self, stream: &StreamId, expected: u32) -> Appended {
        self.log.append(&self.tenant, stream, expected, vec![note("text")]).await.unwrap()
    }
}

pub(crate) async fn create_tenant(db: &Database, name: &str) -> Tenant {
    let admin = Log::open(db.pool().clone(), testkit::settings("eventlog")).await.unwrap();
    admin.create_tenant(name).await.unwrap()
}

pub(crate) async fn open(db: &Database, settings: Settings) -> Log {
    let pool = db.pool_with_role("odzew_intake", "intake", 4).await;
    Log::open(pool, settings).await.unwrap()
}

pub(crate) fn stream() -> StreamId {
    StreamId::new("note", Uuid::now_v7())
}

pub(crate) fn note(text: &str) -> NewEvent {
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "test.v1.Noted",
        payload: Bytes::copy_from_slice(text.as_bytes()),
        metadata: cause().metadata(),
        occurred_at: Timestamp::now(),
    }
}

pub(crate) fn cause() -> Cause {
    Cause {
        actor: Actor { kind: ActorKind::Agent, id: "agent-17".into(), role: "agent".into() },
        request: None,
        causation_id: None,
        correlation_id: Uuid::from_u128(1),
        traceparent: None,
        occurred_at: Timestamp::now(),
        historical: false,
        expected_version: None,
        follows: None,
        guards: Vec::new(),
    }
}

/// Positions 1, 2, 3, … and in every stream versions 1, 2, 3, … in the order of position.
pub(crate) fn assert_in_order(events: &[Recorded]) {
    let mut versions: HashMap<&StreamId, u32> = HashMap::new();
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, position, "positions are dense");
        let version = versions.entry(&event.stream).or_default();
        *version += 1;
        assert_eq!(event.version, *version, "versions of {} are dense", event.stream);
    }
}

/// An append is waiting for the partition's lock.
pub(crate) async fn append_waits_for_lock(admin: &PgPool) -> bool {
    waiting(admin, "Lock").await
}

/// A session of a writer waits for an event of this class.
pub(crate) async fn waiting(admin: &PgPool, class: &str) -> bool {
    sqlx::query_scalar(
        "select exists (select from pg_stat_activity
          where datname = current_database() and application_name like 'odzew-append-%'
            and (wait_event_type = $1 or wait_event = $1))",
    )
    .bind(class)
    .fetch_one(admin)
    .await
    .unwrap()
}
