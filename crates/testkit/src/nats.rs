//! Subject prefixes and brokers, one per test.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::Context as _;
use futures::TryStreamExt as _;
use tempfile::TempDir;
use uuid::Uuid;

use crate::ports::free_port;
use crate::process::Process;
use crate::{eventually, tools};

/// A subject prefix that nobody else uses, on the broker shared by all tests. Dropping it deletes
/// the streams named after it.
#[derive(Debug)]
pub struct Nats {
    url: String,
    prefix: String,
}

impl Nats {
    /// A new prefix on the shared broker.
    ///
    /// # Panics
    /// When no broker can be reached or started.
    pub async fn shared() -> Nats {
        let url = match tools::setting("ODZEW_TEST_NATS_URL") {
            Some(url) => url,
            None => tokio::task::spawn_blocking(|| shared().url.clone())
                .await
                .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())),
        };
        // A broker this process has just started may not answer yet.
        eventually(|| async { connect(&url).await.map(drop) }).await;
        Nats { url, prefix: unique_prefix() }
    }

    /// A private broker of one test, which may be stopped, killed, frozen and robbed of its store.
    ///
    /// # Panics
    /// When nats-server is not installed or does not start.
    pub async fn own() -> NatsServer {
        let server = NatsServer::launch().unwrap_or_else(|error| panic!("{error:#}"));
        eventually(|| async { connect(&server.url).await.map(drop) }).await;
        server
    }

    /// The broker's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// First token of this test's subjects and, in upper case, of its streams' names.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A new connection.
    ///
    /// # Panics
    /// When the broker does not answer.
    pub async fn client(&self) -> async_nats::Client {
        connect(&self.url).await.unwrap_or_else(|error| panic!("{error:#}"))
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let url = self.url.clone();
        let prefix = format!("{}_", self.prefix.to_uppercase());
        // A thread of its own, because a destructor cannot wait inside the test's runtime.
        let deleted = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(delete_streams(&url, &prefix))
        });
        // Best effort: what stays behind has a name that is never used again.
        let _ = deleted.join();
    }
}

async fn delete_streams(url: &str, prefix: &str) -> anyhow::Result<()> {
    let jetstream = async_nats::jetstream::new(connect(url).await?);
    let names: Vec<String> = jetstream.stream_names().try_collect().await?;
    for name in names.iter().filter(|name| name.starts_with(prefix)) {
        jetstream.delete_stream(name).await?;
    }
    Ok(())
}

fn unique_prefix() -> String {
    let id = Uuid::now_v7().simple().to_string();
    // The tail of a version 7 id is its random part.
    format!("t{}", &id[20..])
}

async fn connect(url: &str) -> anyhow::Result<async_nats::Client> {
    async_nats::connect(url).await.with_context(|| format!("connect to the test NATS at {url}"))
}

/// A broker of one test, or the one of this process. Dropping it stops it and removes its store.
#[derive(Debug)]
pub struct NatsServer {
    url: String,
    port: u16,
    prefix: String,
    // Before the directory: fields are dropped in order, and the server writes until it ends.
    process: Process,
    directory: TempDir,
}

impl NatsServer {
    /// The broker's address; it survives restarts.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A prefix, for symmetry with the shared broker: here every subject is free.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A new connection.
    ///
    /// # Panics
    /// When the broker does not answer.
    pub async fn client(&self) -> async_nats::Client {
        connect(&self.url).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Orderly end: what the broker acknowledged is in its store.
    pub async fn stop(&mut self) {
        self.process.end_with("TERM").await;
    }

    /// Starts it again on the same port, with what its store has.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(&mut self) {
        self.process =
            serve(self.directory.path(), self.port).unwrap_or_else(|error| panic!("{error:#}"));
        eventually(|| async { connect(&self.url).await.map(drop) }).await;
    }

    /// Deletes the store of a stopped broker: the next start knows no stream.
    ///
    /// # Panics
    /// When it still runs.
    pub fn wipe(&mut self) {
        assert!(self.process.exit_status().is_some(), "wipe only a stopped broker");
        let store = self.directory.path().join("store");
        std::fs::remove_dir_all(&store).unwrap_or_else(|error| panic!("wipe: {error}"));
    }

    /// Stops its clock: connections stay open and nothing answers.
    pub fn freeze(&self) {
        self.process.signal("STOP");
    }

    /// Ends [`NatsServer::freeze`].
    pub fn thaw(&self) {
        self.process.signal("CONT");
    }

    fn launch() -> anyhow::Result<NatsServer> {
        let directory = tempfile::Builder::new().prefix("odzew-nats-").tempdir()?;
        let port = free_port();
        let process = serve(directory.path(), port)?;
        let url = format!("nats://127.0.0.1:{port}");
        Ok(NatsServer { url, port, prefix: unique_prefix(), process, directory })
    }
}

/// Starts the broker with its store in `<directory>/store` and waits until its port is its own.
fn serve(directory: &Path, port: u16) -> anyhow::Result<Process> {
    let mut command = Command::new(tools::nats()?);
    command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]);
    command.arg(directory.join("store"));
    command.stdin(Stdio::null());
    Process::start(command, &directory.join("log"), "KILL", Some(directory))
}

/// The broker of this process, started by the first test that needs it.
fn shared() -> &'static NatsServer {
    static SHARED: OnceLock<NatsServer> = OnceLock::new();
    SHARED.get_or_init(|| NatsServer::launch().unwrap_or_else(|error| panic!("{error:#}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use async_nats::jetstream::{self, Context, stream};

    use super::*;

    async fn declare(jetstream: &Context, prefix: &str) -> stream::Stream {
        let config = stream::Config {
            name: format!("{}_EVENTS", prefix.to_uppercase()),
            subjects: vec![format!("{prefix}.>")],
            ..stream::Config::default()
        };
        jetstream.get_or_create_stream(config).await.unwrap()
    }

    #[tokio::test]
    async fn prefixes_differ_and_their_streams_go_with_them() {
        let (one, other) = tokio::join!(Nats::shared(), Nats::shared());
        assert_ne!(one.prefix(), other.prefix());
        let jetstream = jetstream::new(one.client().await);
        declare(&jetstream, one.prefix()).await;
        let name = format!("{}_EVENTS", one.prefix().to_uppercase());
        drop(one);
        assert!(jetstream.get_stream(name).await.is_err());
    }

    #[tokio::test]
    async fn a_killed_broker_keeps_its_store_and_a_wiped_one_does_not() {
        let mut server = Nats::own().await;
        let jetstream = jetstream::new(server.client().await);
        declare(&jetstream, "own").await;
        let published = jetstream.publish("own.a", "1".into()).await.unwrap().await.unwrap();
        assert_eq!(published.sequence, 1);

        server.kill();
        server.start().await;
        let jetstream = jetstream::new(server.client().await);
        let kept = jetstream.get_stream("OWN_EVENTS").await.unwrap();
        assert_eq!(kept.cached_info().state.last_sequence, 1);

        server.stop().await;
        server.wipe();
        server.start().await;
        let jetstream = jetstream::new(server.client().await);
        assert!(jetstream.get_stream("OWN_EVENTS").await.is_err());
    }
}
