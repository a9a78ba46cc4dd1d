//! Errors of the bus. None of them ever fails a command, because the log acknowledges commands.
use std::error::Error as StdError;

type Source = Box<dyn StdError + Send + Sync>;

/// An operation on the broker failed, or the broker may not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address, the credentials or the prefix in the settings cannot be used.
    #[error("the bus settings are not usable: {0}")]
    Settings(String),
    /// No connection could be set up.
    #[error("cannot connect to NATS")]
    Connect(#[source] Source),
    /// There is no connection at the moment.
    #[error("NATS is not connected")]
    Disconnected,
    /// The server silently drops settings that we rely on.
    #[error("nats-server {0} is too old: 2.10 or later is required")]
    ServerTooOld(String),
    /// The server refuses messages as large as the largest event.
    #[error(
        "NATS takes messages of at most {limit} bytes, the largest event needs {needed}: raise \
         max_payload of the NATS server, or lower eventlog.max_event_bytes"
    )]
    PayloadLimit {
        /// The server's `max_payload`.
        limit: usize,
        /// What is needed.
        needed: usize,
    },
    /// The broker could not do it or did not answer.
    #[error("cannot {operation}")]
    Broker {
        /// What was asked, as a verb and a noun.
        operation: &'static str,
        /// The client's error.
        #[source]
        source: Source,
    },
    /// The server did not take a stream's setting.
    #[error("stream {stream}: the server did not take the setting `{setting}`")]
    Topology {
        /// The stream.
        stream: String,
        /// The setting.
        setting: &'static str,
    },
    /// Another relay took the sequence, or the stream has changed: compare it again.
    #[error("the stream moved on without us")]
    Overtaken,
    /// The log could not be read.
    #[error("cannot read the log")]
    Log(#[source] eventlog::Error),
}

impl Error {
    pub(crate) fn broker<E: Into<Source>>(operation: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Broker { operation, source: source.into() }
    }

    /// This error and its causes in one line, for logs.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        text
    }
}

impl From<eventlog::Error> for Error {
    fn from(source: eventlog::Error) -> Self {
        Self::Log(source)
    }
}
