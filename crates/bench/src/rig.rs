//! What every row needs: a migrated database on a durable server, an open log, two tenants.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use eventlog::{Log, Partition, Tenant};
use sqlx::PgPool;
use testkit::Database;

use crate::append::{self, Until};
use crate::events::Template;
use crate::{copy, table};

/// Tables of the same layout without order, for the baselines.
const BASELINES: &str = "
    create schema bench;
    create table bench.copied (like log.event including all);
    create table bench.counter (position bigint not null);
    insert into bench.counter values (0);
    create table bench.serial (like log.event including all);
    create sequence bench.position owned by bench.serial.position;
    alter table bench.serial alter position set default nextval('bench.position');
";

/// A log with two tenants in two partitions, and what the baselines need beside it.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) log: Log,
    pub(crate) tenants: [Tenant; 2],
    pub(crate) template: Template,
    pub(crate) database: Database,
}

impl Rig {
    /// Prepares a database of its own.
    ///
    /// # Errors
    /// If the server is not durable: its numbers would be worth nothing.
    pub(crate) async fn new() -> Result<Self> {
        let database = Database::create().await;
        durable(database.pool()).await?;
        eventlog::migrate(&database.options(), 2).await.context("migrate")?;
        sqlx::raw_sql(BASELINES).execute(database.pool()).await.context("make baselines")?;
        let log = Log::open(database.pool().clone(), testkit::settings("eventlog")).await?;
        let tenants = [log.create_tenant("one").await?, log.create_tenant("other").await?];
        ensure!(tenants[0].partition != tenants[1].partition, "tenants are spread");
        Ok(Self { log, tenants, template: Template::new(), database })
    }

    pub(crate) fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// The partition that rows with one partition use.
    pub(crate) fn partition(&self) -> Partition {
        self.tenants[0].partition
    }

    /// Empties the log and the baselines' tables and lets the server finish what it put off,
    /// so that nobody pays for the one before.
    pub(crate) async fn clear(&self) -> Result<()> {
        let tables = "truncate log.event, log.batch, bench.copied, bench.serial";
        for statement in [tables, "checkpoint"] {
            sqlx::query(statement).execute(self.pool()).await.context("empty the tables")?;
        }
        Ok(())
    }

    /// Leaves exactly `events` events in the first partition and fresh statistics.
    pub(crate) async fn fill(&self, events: u64) -> Result<()> {
        if self.log.head(self.partition()).await? == events {
            return Ok(());
        }
        table::note(&format!("filling the log with {events} events"));
        self.clear().await?;
        append::run(&self.log, &self.tenants[..1], &self.template, 256, Until::events(events))
            .await?;
        for statement in ["vacuum analyze log.event", "checkpoint"] {
            sqlx::query(statement).execute(self.pool()).await.context("settle the log")?;
        }
        // Once unmeasured, so that nobody reads a cold page.
        copy::out(self).await?;
        Ok(())
    }

    /// What the server is, for the head of the table.
    pub(crate) async fn describe(&self) -> Result<String> {
        let text: String = sqlx::query_scalar(
            "select 'Postgres ' || current_setting('server_version') || ', fsync '
                 || current_setting('fsync') || ', synchronous_commit '
                 || current_setting('synchronous_commit') || ', shared_buffers '
                 || current_setting('shared_buffers')",
        )
        .fetch_one(self.pool())
        .await?;
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let bytes = (self.template.payload.len(), self.template.metadata().len());
        let [asking, committing] = [
            self.median_of("select 1").await?,
            self.median_of("update bench.counter set position = position + 1").await?,
        ];
        Ok(format!(
            "{text}; {cores} cores; a round trip takes {} us, a commit {} us; events of {} + {} \
             bytes",
            asking.as_micros(),
            committing.as_micros(),
            bytes.0,
            bytes.1
        ))
    }

    /// How long a statement takes: tells a reader what disk and machine were like.
    async fn median_of(&self, statement: &'static str) -> Result<Duration> {
        let mut connection = self.pool().acquire().await?;
        let mut times = Vec::new();
        for _ in 0..500 {
            let start = Instant::now();
            sqlx::query(statement).execute(&mut *connection).await?;
            times.push(start.elapsed());
        }
        times.sort();
        Ok(times[times.len() / 2])
    }
}

/// Fails unless commits wait for the disk.
pub(crate) async fn durable(pool: &PgPool) -> Result<()> {
    for sql in ["show fsync", "show synchronous_commit", "show full_page_writes"] {
        let value: String = sqlx::query_scalar(sql).fetch_one(pool).await?;
        if value != "on" {
            bail!("{sql}: {value}. Benchmarks need a durable server: ./run bench starts one");
        }
    }
    Ok(())
}
