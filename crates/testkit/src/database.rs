//! Databases, one per test.

use std::str::FromStr as _;
use std::sync::{Arc, Weak};

use anyhow::Context as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _};
use uuid::Uuid;

use crate::postgres::{Postgres, shared};
use crate::{eventually, tools};

/// Enough for the tests of one process; `./run test` allows 300 for all of them together.
const POOL_SIZE: u32 = 10;

/// An empty database that nobody else uses. Dropping it drops the database.
#[derive(Debug)]
pub struct Database {
    url: String,
    pool: PgPool,
    server: String,
    name: String,
    /// What this is a copy of: gone with the last of its copies.
    original: Option<Arc<Database>>,
}

impl Database {
    /// A database on the server shared by all tests.
    ///
    /// # Panics
    /// When no server can be reached or started.
    pub async fn create() -> Database {
        let server = shared_url().await;
        Database::on(&server, None).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// A database on a server of the test's own.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn create_in(server: &Postgres) -> Database {
        Database::on(server.url(), None).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    async fn on(server: &str, original: Option<Arc<Database>>) -> anyhow::Result<Database> {
        let name = format!("test_{}", Uuid::now_v7().simple());
        let template = original.as_ref().map_or("template1", |original| &original.name);
        let mut admin = connect(server).await?;
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut admin)
            .await
            .context("create a test database")?;
        admin.close().await?;
        let (base, _) = server.rsplit_once('/').context("the Postgres address names a database")?;
        let url = format!("{base}/{name}");
        let pool = PgPoolOptions::new()
            .max_connections(POOL_SIZE)
            .connect(&url)
            .await
            .context("connect to a new test database")?;
        Ok(Database { url, pool, server: server.to_owned(), name, original })
    }

    /// Where it is, as the superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Connections as the superuser.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The options behind [`Database::pool`], to connect in another way.
    ///
    /// # Panics
    /// Never: the address was used to connect before.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::from_str(&self.url).expect("connected with this address before")
    }

    /// Connections that act as `role` with `schema` first on the search path, as services do.
    ///
    /// # Panics
    /// When the role is missing.
    pub async fn pool_with_role(&self, role: &str, schema: &str, size: u32) -> PgPool {
        let options = self.options().options([("role", role), ("search_path", schema)]);
        PgPoolOptions::new()
            .max_connections(size)
            .connect_with(options)
            .await
            .unwrap_or_else(|error| panic!("connect as {role}: {error}"))
    }

    /// Whether the subscriptions in all of `schemas` have applied and reacted to everything that
    /// is in the log, or who is behind.
    ///
    /// Cursors and log are read in one snapshot. A reaction appends before its cursor moves, so
    /// what makes another service append again is never missed between two reads.
    ///
    /// # Errors
    /// The first that is behind, or why the database does not say.
    pub async fn caught_up(&self, schemas: &[&str]) -> anyhow::Result<()> {
        let cursors = schemas.iter().map(|schema| {
            format!(
                "select '{schema}' reader, partition, least(position, reaction_position) done
                   from {schema}.subscription_cursor"
            )
        });
        let cursors = cursors.collect::<Vec<_>>().join(" union all ");
        let sql = format!(
            "select reader, partition, coalesce(done, 0), head
               from unnest($1::text[]) reader
              cross join (select partition, (select max(position) from log.event
                                              where event.partition = partition.partition) head
                            from log.partition) heads
               left join ({cursors}) cursors using (reader, partition)
              where coalesce(done, 0) < head"
        );
        let behind: Option<(String, i16, i64, i64)> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(schemas).fetch_optional(&self.pool).await?;
        match behind {
            None => Ok(()),
            Some((reader, partition, done, head)) => {
                anyhow::bail!("{reader} is at {done} of {head} in partition {partition}")
            }
        }
    }

    /// Cuts every other connection to this database and returns how many there were.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn terminate_backends(&self) -> u64 {
        let cut = async {
            // Asked from the maintenance database: the pool's own connections are cut too.
            let mut admin = connect(&self.server).await?;
            let cut = sqlx::query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            )
            .bind(&self.name)
            .execute(&mut admin)
            .await?;
            anyhow::Ok(cut.rows_affected())
        };
        cut.await.unwrap_or_else(|error| panic!("cut connections: {error:#}"))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        // A thread of its own, because a destructor cannot wait inside the test's runtime.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = connect(&server).await?;
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await?;
                anyhow::Ok(())
            })
        });
        // Best effort: a server that is gone took its databases along.
        let _ = dropped.join();
        // The last copy takes it along.
        drop(self.original.take());
    }
}

/// What the databases of many tests begin with, made once: a copy costs a fraction of migrating.
#[derive(Debug)]
pub struct Template {
    original: tokio::sync::Mutex<Weak<Database>>,
}

impl Template {
    /// For a `static` beside the tests that share it.
    #[expect(clippy::new_without_default, reason = "a static needs a const function")]
    pub const fn new() -> Self {
        Self { original: tokio::sync::Mutex::const_new(Weak::new()) }
    }

    /// A database on the server shared by all tests that holds what `fill` put into the original,
    /// which lives as long as any copy.
    ///
    /// # Panics
    /// When no server can be reached or started, or `fill` fails.
    pub async fn copy<E: std::fmt::Debug>(
        &self,
        fill: impl AsyncFnOnce(&PgConnectOptions) -> Result<(), E>,
    ) -> Database {
        let server = shared_url().await;
        let original = {
            let mut known = self.original.lock().await;
            if let Some(original) = known.upgrade() {
                original
            } else {
                let original = Database::on(&server, None).await;
                let original = Arc::new(original.unwrap_or_else(|error| panic!("{error:#}")));
                let filled = fill(&original.options()).await;
                filled.unwrap_or_else(|error| panic!("fill a template: {error:?}"));
                // Postgres copies only what nobody is connected to.
                original.pool.close().await;
                *known = Arc::downgrade(&original);
                original
            }
        };
        let copy = Database::on(&server, Some(original)).await;
        copy.unwrap_or_else(|error| panic!("{error:#}"))
    }
}

/// The address of the server shared by all tests, which answers.
async fn shared_url() -> String {
    let server = match tools::setting("ODZEW_TEST_POSTGRES_URL") {
        Some(url) => url,
        None => tokio::task::spawn_blocking(|| shared().url().to_owned())
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())),
    };
    // A server this process has just started may not answer yet.
    eventually(|| async { connect(&server).await.map(drop) }).await;
    server
}

/// A connection to the server's maintenance database.
pub(crate) async fn connect(server: &str) -> anyhow::Result<sqlx::PgConnection> {
    let options = PgConnectOptions::from_str(server).context("read the Postgres address")?;
    let limit = std::time::Duration::from_secs(10);
    let connecting = tokio::time::timeout(limit, sqlx::PgConnection::connect_with(&options));
    connecting.await.context("connect in time")?.context("connect to the test Postgres")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    async fn marker(pool: &PgPool) -> Option<String> {
        let found = sqlx::query_scalar("SELECT to_regclass('public.marker')::text");
        found.fetch_one(pool).await.unwrap()
    }

    async fn databases(pool: &PgPool, name: &str) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1");
        count.bind(name).fetch_one(pool).await.unwrap()
    }

    #[tokio::test]
    async fn databases_do_not_see_each_other_and_are_dropped() {
        let (one, other) = tokio::join!(Database::create(), Database::create());
        sqlx::query("CREATE TABLE marker ()").execute(one.pool()).await.unwrap();
        assert_eq!(marker(one.pool()).await.as_deref(), Some("marker"));
        assert_eq!(marker(other.pool()).await, None);

        let name = one.name().to_owned();
        drop(one);
        assert_eq!(databases(other.pool(), &name).await, 0);
    }

    #[tokio::test]
    async fn copies_begin_alike_and_take_their_original_along() {
        let template = Template::new();
        let fill = async |options: &PgConnectOptions| {
            let mut connection = sqlx::PgConnection::connect_with(options).await?;
            sqlx::query("CREATE TABLE marker ()").execute(&mut connection).await?;
            connection.close().await
        };
        let one = template.copy(fill).await;
        let other = template.copy(async |_| Err("made twice")).await;
        assert_eq!(marker(one.pool()).await.as_deref(), Some("marker"));
        assert_eq!(marker(other.pool()).await.as_deref(), Some("marker"));
        sqlx::query("DROP TABLE marker").execute(one.pool()).await.unwrap();
        assert_eq!(marker(other.pool()).await.as_deref(), Some("marker"));

        let name = one.original.as_ref().unwrap().name().to_owned();
        let witness = Database::create().await;
        drop(one);
        assert_eq!(databases(witness.pool(), &name).await, 1);
        drop(other);
        assert_eq!(databases(witness.pool(), &name).await, 0);
    }
}
