//! The writer's own connection, its two calls, and the meaning of their failures.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::QueryAs;
use sqlx::{ConnectOptions as _, PgConnection, Postgres};
use tokio::time::timeout;
use uuid::Uuid;

use super::TENANT_MISSING;
use super::batch::{Append, Columns, integer};
use super::notices::Notices;
use crate::cursor::Partition;
use crate::settings::Settings;

/// The unique key that two appends for one version of a stream meet in. Distributed tables add to
/// its name.
const STREAM_KEY: &str = "event_partition_tenant_category_stream_id_version_key";

type Query<'q, T> = QueryAs<'q, Postgres, T, PgArguments>;

/// Where a committed batch begins.
pub(super) struct Receipt {
    /// Position before its first event.
    pub(super) base: u64,
    pub(super) recorded_at: Timestamp,
}

/// What the log holds where an append wanted to be.
pub(super) struct Standing {
    /// Version of the stream; 0 if it does not exist.
    pub(super) current: u32,
    /// Ids at the versions of the append's first and last event.
    pub(super) first_event_id: Option<Uuid>,
    pub(super) last_event_id: Option<Uuid>,
    /// Position and time of the event at the first of these versions.
    pub(super) first: Option<(u64, Timestamp)>,
}

/// Why a call gave no result.
pub(super) enum Failure {
    /// A version is taken or its predecessor is missing; nothing was committed.
    Contested(Arc<sqlx::Error>),
    /// The log does not hold an event that some of it follows from, or a tenant; nothing was
    /// committed.
    Unfounded(Arc<sqlx::Error>),
    /// A stream that some of it rests on has gone on; nothing was committed.
    Moved,
    /// Some of it is sealed with a key that this server may have lost; nothing was sent.
    KeysInDoubt,
    /// Postgres cannot now; nothing was committed.
    Busy(Arc<sqlx::Error>),
    /// The answer was lost; it may have been committed.
    Lost(Arc<sqlx::Error>),
    /// Postgres will not take these very events; nothing was committed.
    BadData(Arc<sqlx::Error>),
    /// Postgres will not take any events; nothing was committed.
    Refused(Arc<sqlx::Error>),
}

/// A connection that is opened when needed and dropped when in doubt.
pub(super) struct Connection {
    partition: Partition,
    options: PgConnectOptions,
    open: Option<PgConnection>,
    notices: Notices,
    /// Counts the connections: behind another one there may be another server.
    session: Arc<AtomicU64>,
    connect_timeout: Duration,
    call_timeout: Duration,
}

impl Connection {
    pub(super) fn new(
        partition: Partition,
        options: PgConnectOptions,
        session: Arc<AtomicU64>,
        settings: &Settings,
    ) -> Self {
        let lock_timeout = settings.lock_timeout.as_millis().to_string();
        let options = options
            .application_name(&format!("odzew-append-{partition}"))
            // A call that was given up must not commit much later: it stops waiting for the
            // lock, and notices within seconds that nobody is connected any more.
            .options([("lock_timeout", lock_timeout.as_str())])
            .options([("client_connection_check_interval", "2000")])
            .options([("default_transaction_isolation", "read committed")])
            // A commit that gave up on the standbys says so by a warning, and by nothing else.
            .options([("client_min_messages", "warning")])
            .disable_statement_logging();
        Self {
            partition,
            options,
            open: None,
            notices: Notices::new(),
            session,
            connect_timeout: settings.connect_timeout,
            call_timeout: settings.call_timeout,
        }
    }

    pub(super) fn partition(&self) -> Partition {
        self.partition
    }

    /// Number of the present connection, or of the last one.
    pub(super) fn session(&self) -> u64 {
        self.session.load(Ordering::Acquire)
    }

    /// Appends the batch in one transaction.
    pub(super) async fn append(&mut self, batch: &[Append]) -> Result<Receipt, Failure> {
        // Before the columns: a new connection leaves fewer of the appends proven.
        self.ensure_open().await?;
        let session = self.session();
        if !batch.iter().all(|append| append.is_readable(session)) {
            return Err(Failure::KeysInDoubt);
        }
        let columns = Columns::of(batch, session);
        let query = sqlx::query_as(include_str!("../../sql/append.sql"))
            .bind(self.partition.0)
            .bind(&columns.tenants)
            .bind(&columns.categories)
            .bind(&columns.streams)
            .bind(&columns.versions)
            .bind(&columns.event_ids)
            .bind(&columns.event_types)
            .bind(&columns.payloads)
            .bind(&columns.metadatas)
            .bind(&columns.occurred)
            .bind(&columns.unproven)
            .bind(columns.content)
            .bind(&columns.follows)
            .bind(&columns.followed)
            .bind(&columns.guard_tenants)
            .bind(&columns.guard_categories)
            .bind(&columns.guards)
            .bind(&columns.guard_versions);
        let mut rows: Vec<(i64, jiff_sqlx::Timestamp)> = self.call(query).await?;
        let (base, recorded_at) = rows.pop().expect("log.append returns one row");
        Ok(Receipt { base: base.unsigned_abs(), recorded_at: recorded_at.to_jiff() })
    }

    /// Looks up what each append met. Waits for a commit under way, and for the standbys if
    /// there are synchronous ones.
    pub(super) async fn standing(&mut self, batch: &[Append]) -> Result<Vec<Standing>, Failure> {
        self.ensure_open().await?;
        type Row = (i32, Option<Uuid>, Option<Uuid>, Option<i64>, Option<jiff_sqlx::Timestamp>);
        let streams = || batch.iter().map(|append| &append.stream);
        let query = sqlx::query_as(include_str!("../../sql/standing.sql"))
            .bind(self.partition.0)
            .bind(streams().map(|stream| stream.tenant.0).collect::<Vec<_>>())
            .bind(streams().map(|stream| stream.category.as_ref()).collect::<Vec<&str>>())
            .bind(streams().map(|stream| stream.id).collect::<Vec<_>>())
            .bind(batch.iter().map(|append| integer(append.expected + 1)).collect::<Vec<_>>())
            .bind(batch.iter().map(|append| integer(append.version())).collect::<Vec<_>>());
        let rows: Vec<Row> = self.call(query).await?;
        assert_eq!(rows.len(), batch.len(), "log.standing returns one row per append");
        let standings =
            rows.into_iter().map(|(current, first_id, last_id, position, stamp)| Standing {
                current: current.unsigned_abs(),
                first_event_id: first_id,
                last_event_id: last_id,
                first: position.zip(stamp).map(|(p, s)| (p.unsigned_abs(), s.to_jiff())),
            });
        Ok(standings.collect())
    }

    /// Runs one statement to its very end (the commit comes after the rows) and drops the
    /// connection unless the answer is beyond doubt.
    async fn call<T>(&mut self, query: Query<'_, T>) -> Result<Vec<T>, Failure>
    where
        T: for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut connection = self.open.take().expect("opened by the caller");
        let answer = timeout(self.call_timeout, query.fetch_all(&mut connection));
        let failure = match self.notices.during(answer).await {
            (Ok(Ok(_)), true) => Failure::Lost(Arc::new(sqlx::Error::Protocol(
                "the commit came with a warning".to_owned(),
            ))),
            (Ok(Ok(rows)), false) => {
                self.open = Some(connection);
                return Ok(rows);
            }
            (Ok(Err(error)), _) => classify(error),
            (Err(_), _) => Failure::Lost(Arc::new(timed_out())),
        };
        // Busy may mean that this is no longer the primary: the next connection finds it.
        if !matches!(failure, Failure::Lost(_) | Failure::Busy(_)) {
            self.open = Some(connection);
        }
        Err(failure)
    }

    async fn ensure_open(&mut self) -> Result<(), Failure> {
        if self.open.is_some() {
            return Ok(());
        }
        // Whatever stops a connection from opening, nothing was sent over it.
        let connection = match timeout(self.connect_timeout, open(&self.options)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(Failure::Busy(Arc::new(error))),
            Err(_) => return Err(Failure::Busy(Arc::new(timed_out()))),
        };
        self.session.fetch_add(1, Ordering::AcqRel);
        self.open = Some(connection);
        Ok(())
    }
}

async fn open(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    sqlx::query(include_str!("../../sql/durable.sql")).execute(&mut connection).await?;
    Ok(connection)
}

fn timed_out() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

/// An error that Postgres reports for a statement means that its transaction is undone,
/// except where the session itself was ended: then the commit may have come first.
fn classify(error: sqlx::Error) -> Failure {
    let database = error.as_database_error();
    let code = database.and_then(|error| error.code()).map(|code| code.into_owned());
    let constraint = database.and_then(|error| error.constraint());
    let version_taken = constraint.is_some_and(|name| name.starts_with(STREAM_KEY));
    let error = Arc::new(error);
    let Some(code) = code else {
        return match *error {
            sqlx::Error::Encode(_) => Failure::BadData(error),
            _ => Failure::Lost(error),
        };
    };
    match (code.as_str(), code.get(..2).unwrap_or_default()) {
        ("23505", _) if version_taken => Failure::Contested(error),
        ("OD001", _) => Failure::Contested(error),
        ("OD004" | TENANT_MISSING, _) => Failure::Unfounded(error),
        ("OD006", _) => Failure::Moved,
        // A position taken twice: events and batches disagree, and nothing can be appended.
        ("23505", _) => Failure::Refused(error),
        // Serialisation, resources, locks, and a server that became a standby.
        ("25006", _) | (_, "40" | "53" | "55") => Failure::Busy(error),
        // Values and limits.
        (_, "22" | "23" | "54") => Failure::BadData(error),
        // Connection, operator intervention, system errors.
        (_, "08" | "57" | "58" | "XX") => Failure::Lost(error),
        _ => Failure::Refused(error),
    }
}
