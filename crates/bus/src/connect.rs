//! The connection to NATS, one per process, and all limits of the bus.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::subject::Subjects;
use crate::{Error, consumer, relay, topology};

/// How the process reaches NATS and what it does there.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Addresses, separated by commas; `tls://` asks for encryption. Without user and password:
    /// the client does not use them, and addresses are shown.
    #[serde(deserialize_with = "addresses")]
    pub url: String,
    /// First token or tokens of all subjects and, in upper case, of all streams' names.
    #[serde(deserialize_with = "prefix")]
    pub prefix: String,
    /// File with a user's JWT and key; empty: none.
    pub credentials: PathBuf,
    /// How long the start waits for a connection before it continues without one.
    #[serde(with = "eventlog::positive::duration")]
    pub connect_timeout: Duration,
    /// How long a request to the broker may take.
    #[serde(with = "eventlog::positive::duration")]
    pub request_timeout: Duration,
    /// Messages buffered per subscription by the client; beyond, the consumer starts anew.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub subscription_capacity: usize,
    /// The streams.
    pub topology: topology::Settings,
    /// From the log to the streams.
    pub relay: relay::Settings,
    /// From the streams to the subscriptions.
    pub consumer: consumer::Settings,
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let url = String::deserialize(deserializer)?;
    if url.contains('@') {
        let rule = "must have no user or password; name a file in bus.credentials";
        return Err(de::Error::custom(rule));
    }
    let known = |address: &str| {
        let scheme = address.trim().split_once("://").map(|(scheme, _)| scheme);
        scheme.is_some_and(|scheme| ["nats", "tls", "ws", "wss"].contains(&scheme))
            && address.trim().parse::<ServerAddr>().is_ok()
    };
    if !url.split(',').all(known) {
        let rule = "must be addresses such as \"nats://127.0.0.1:4222\", separated by commas";
        return Err(de::Error::custom(rule));
    }
    Ok(url)
}

fn prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let prefix = String::deserialize(deserializer)?;
    match Subjects::new(&prefix) {
        Ok(_) => Ok(prefix),
        Err(_) => Err(de::Error::custom(
            "must be tokens of lower-case letters, digits, \"-\" and \"_\", separated by dots",
        )),
    }
}

/// The process's connection to NATS; cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
    jetstream: Context,
    subjects: Subjects,
    settings: Arc<Settings>,
}

/// Connects. While NATS is away the connection is set up in the background and this returns
/// all the same: the log works without it.
///
/// # Errors
/// [`Error::Settings`], [`Error::Connect`] for addresses that cannot be used, and
/// [`Error::ServerTooOld`].
pub async fn connect(settings: Settings) -> Result<Bus, Error> {
    let subjects = Subjects::new(&settings.prefix)?;
    let mut options = ConnectOptions::new()
        .name("odzew")
        .retry_on_initial_connect()
        .connection_timeout(settings.request_timeout)
        .request_timeout(Some(settings.request_timeout))
        .subscription_capacity(settings.subscription_capacity)
        .event_callback(|event| async move { note(&event) });
    if !settings.credentials.as_os_str().is_empty() {
        options = options
            .credentials_file(&settings.credentials)
            .await
            .map_err(|error| Error::Connect(error.into()))?;
    }
    let urls: Vec<&str> = settings.url.split(',').map(str::trim).collect();
    let client = options.connect(urls).await.map_err(|error| Error::Connect(error.into()))?;
    let jetstream = jetstream::ContextBuilder::new()
        .timeout(settings.request_timeout)
        .ack_timeout(settings.relay.ack_timeout)
        // The relay bounds its own windows, one per partition.
        .backpressure_on_inflight(false)
        .build(client.clone());
    let bus = Bus { client, jetstream, subjects, settings: Arc::new(settings) };
    match bus.first_contact().await {
        Ok(()) | Err(Error::Disconnected) => Ok(bus),
        Err(error) => Err(error),
    }
}

impl Bus {
    /// The client, for plain NATS.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All subjects and streams' names.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Whether the connection stands at this moment.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Makes sure that the server, if there is one, takes an event of so many bytes. One that it
    /// does not take stops its partition's stream for good.
    ///
    /// # Errors
    /// [`Error::PayloadLimit`].
    pub fn carries(&self, event_bytes: usize) -> Result<(), Error> {
        let needed = event_bytes + eventlog::MESSAGE_HEADROOM;
        let limit = self.client.server_info().max_payload;
        if self.connected() && limit < needed {
            return Err(Error::PayloadLimit { limit, needed });
        }
        Ok(())
    }

    pub(crate) fn jetstream(&self) -> &Context {
        &self.jetstream
    }

    /// Makes sure that there is a connection, to a server that we can rely on.
    pub(crate) fn check_server(&self) -> Result<(), Error> {
        if !self.connected() {
            return Err(Error::Disconnected);
        }
        if !self.client.is_server_compatible(2, 10, 0) {
            return Err(Error::ServerTooOld(self.client.server_info().version));
        }
        Ok(())
    }

    async fn first_contact(&self) -> Result<(), Error> {
        // A flush returns once the server has answered; without a server it never does.
        let flushed = tokio::time::timeout(self.settings.connect_timeout, self.client.flush());
        match flushed.await {
            Ok(Ok(())) => self.check_server(),
            _ => {
                tracing::warn!("NATS does not answer yet: going on from the log");
                Err(Error::Disconnected)
            }
        }
    }
}

/// Logs what became of the connection.
fn note(event: &Event) {
    match event {
        Event::Disconnected => tracing::warn!("NATS is away, the log goes on"),
        // One for every attempt to connect again.
        Event::ClientError(_) => tracing::debug!(%event, "nats connection"),
        _ => tracing::info!(%event, "nats connection"),
    }
}
