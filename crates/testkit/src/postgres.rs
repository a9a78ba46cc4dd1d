//! Postgres servers for single tests.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Context as _;
use tempfile::TempDir;

use crate::database::connect;
use crate::ports::free_port;
use crate::process::{Process, complete};
use crate::{eventually, tools};

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

/// The server of this process, started by the first test that needs it.
pub(crate) fn shared() -> &'static Postgres {
    static SHARED: OnceLock<Postgres> = OnceLock::new();
    SHARED.get_or_init(|| Postgres::launch().unwrap_or_else(|error| panic!("{error:#}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Database;

    #[tokio::test]
    async fn a_killed_server_comes_back_with_its_data() {
        let mut server = Postgres::own().await;
        let database = Database::create_in(&server).await;
        sqlx::query("CREATE TABLE marker ()").execute(database.pool()).await.unwrap();
        server.kill();
        assert!(connect(server.url()).await.is_err());
        server.start().await;
        eventually(|| async {
            sqlx::query("SELECT FROM marker").execute(database.pool()).await.map(drop)
        })
        .await;
        assert!(database.terminate_backends().await >= 1);
        server.stop().await;
        server.start().await;
    }
}
