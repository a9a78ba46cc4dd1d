//! Databases of a test's own, and servers of a test's own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::str::FromStr as _;
use std::sync::OnceLock;

use anyhow::Context as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use uuid::Uuid;

use crate::ports::free_port;
use crate::process::{Process, complete};
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
}

impl Database {
    /// A database on the server shared by all tests.
    ///
    /// # Panics
    /// When no server can be reached or started.
    pub async fn create() -> Database {
        let server = match tools::setting("ODZEW_TEST_POSTGRES_URL") {
            Some(url) => url,
            None => tokio::task::spawn_blocking(|| shared().url.clone())
                .await
                .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())),
        };
        // A server this process has just started may not answer yet.
        eventually(|| async { connect(&server).await.map(drop) }).await;
        Database::on(&server).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// A database on a server of the test's own.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn create_in(server: &Postgres) -> Database {
        Database::on(&server.url).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    async fn on(server: &str) -> anyhow::Result<Database> {
        let name = format!("test_{}", Uuid::now_v7().simple());
        let mut admin = connect(server).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
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
        Ok(Database { url, pool, server: server.to_owned(), name })
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
    }
}

/// A connection to the server's maintenance database.
async fn connect(server: &str) -> anyhow::Result<sqlx::PgConnection> {
    let options = PgConnectOptions::from_str(server).context("read the Postgres address")?;
    let limit = std::time::Duration::from_secs(10);
    let connecting = tokio::time::timeout(limit, sqlx::PgConnection::connect_with(&options));
    connecting.await.context("connect in time")?.context("connect to the test Postgres")
}

/// A Postgres server of one test, or the one of this process. Dropping it stops it and removes
/// its data.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    port: u16,
    // Before the directory: fields are dropped in order, and the server writes until it ends.
    process: Process,
    directory: TempDir,
}

impl Postgres {
    /// Starts a new, empty server for one test.
    ///
    /// # Panics
    /// When Postgres is not installed or does not start.
    pub async fn own() -> Postgres {
        let mut server = tokio::task::spawn_blocking(Postgres::launch)
            .await
            .expect("launching returns its errors")
            .unwrap_or_else(|error| panic!("{error:#}"));
        server.ready().await;
        server
    }

    /// The maintenance database's address, as the superuser `odzew`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `kill -9` of the postmaster; its backends notice and end.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Freezes the postmaster (not its backends), as a stuck machine would.
    pub fn freeze(&self) {
        self.process.signal("STOP");
    }

    /// Ends [`Postgres::freeze`].
    pub fn thaw(&self) {
        self.process.signal("CONT");
    }

    /// Fast shutdown: connections are cut, the data are complete.
    pub async fn stop(&mut self) {
        self.process.end_with("INT").await;
    }

    /// Starts it again on the same port with the same data.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(&mut self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        // After a kill the last backends may hold the old server's shared memory for a moment;
        // the new one then ends at once, and is started again.
        eventually(|| {
            if self.process.exit_status().is_some() {
                self.process = serve(self.directory.path(), self.port)
                    .unwrap_or_else(|error| panic!("{error:#}"));
            }
            let answer = std::net::TcpStream::connect(address).map(drop);
            let answer = answer.map_err(|error| format!("{error}; {}", self.process.tail()));
            async move { answer }
        })
        .await;
        self.ready().await;
    }

    fn launch() -> anyhow::Result<Postgres> {
        let directory = tempfile::Builder::new().prefix("odzew-postgres-").tempdir()?;
        tools::give_away(directory.path())?;
        // C.UTF-8 knows the case of letters beyond ASCII; not every system has it.
        let initdb = |locale| {
            let mut initdb = tools::unprivileged(&tools::postgres("initdb")?)?;
            initdb.arg("-D").arg(directory.path().join("data"));
            initdb.args(["-U", "odzew", "-A", "trust", "-E", "UTF8", "-N", "--locale", locale]);
            complete(&mut initdb)
        };
        initdb("C.UTF-8").or_else(|_| initdb("C")).context("make a Postgres data directory")?;
        let port = free_port();
        let process = serve(directory.path(), port)?;
        let url = format!("postgres://odzew@127.0.0.1:{port}/postgres");
        Ok(Postgres { url, port, process, directory })
    }

    async fn ready(&mut self) {
        self.process.wait_for_port(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))).await;
        eventually(|| async { connect(&self.url).await.map(drop) }).await;
    }
}

/// Starts the server on `<directory>/data`. It never waits for the disk, because tests have no
/// power to lose; commits stay synchronous, so that what it acknowledged survives `kill -9`.
fn serve(directory: &Path, port: u16) -> anyhow::Result<Process> {
    let mut command: Command = tools::unprivileged(&tools::postgres("postgres")?)?;
    command.arg("-D").arg(directory.join("data"));
    command.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300"]);
    command.args(["-c", &format!("port={port}"), "-c", "unix_socket_directories="]);
    command.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
    // QUIT is Postgres' immediate shutdown: nobody needs these data any more.
    Process::start(command, &directory.join("log"), "QUIT", Some(directory))
}

/// The server of this process, started by whoever needs it first.
fn shared() -> &'static Postgres {
    static SHARED: OnceLock<Postgres> = OnceLock::new();
    SHARED.get_or_init(|| Postgres::launch().unwrap_or_else(|error| panic!("{error:#}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    async fn marker(pool: &PgPool) -> Option<String> {
        let found = sqlx::query_scalar("SELECT to_regclass('public.marker')::text");
        found.fetch_one(pool).await.unwrap()
    }

    #[tokio::test]
    async fn databases_do_not_see_each_other_and_are_dropped() {
        let (one, other) = tokio::join!(Database::create(), Database::create());
        sqlx::query("CREATE TABLE marker ()").execute(one.pool()).await.unwrap();
        assert_eq!(marker(one.pool()).await.as_deref(), Some("marker"));
        assert_eq!(marker(other.pool()).await, None);

        let name = one.name().to_owned();
        drop(one);
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
            .bind(&name)
            .fetch_one(other.pool())
            .await
            .unwrap();
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn a_killed_server_comes_back_with_its_data() {
        let mut server = Postgres::own().await;
        let database = Database::create_in(&server).await;
        sqlx::query("CREATE TABLE marker ()").execute(database.pool()).await.unwrap();
        server.kill();
        assert!(connect(server.url()).await.is_err());
        server.start().await;
        eventually(|| async { sqlx::query("SELECT 1").execute(database.pool()).await.map(drop) })
            .await;
        assert_eq!(marker(database.pool()).await.as_deref(), Some("marker"));
        assert!(database.terminate_backends().await >= 1);
        server.stop().await;
        server.start().await;
    }
}
