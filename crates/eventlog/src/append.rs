//! Group commit: many callers' appends to a partition become one transaction.
mod batch;
mod connection;
mod counts;
mod notices;
mod versions;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use jiff::Timestamp;
use prost::Message as _;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::cursor::Partition;
use crate::event::{Guard, NewEvent, Place, StreamId};
use crate::hash;
use crate::settings::Settings;
use crate::tenants::Tenant;
use batch::{Append, Prepared, Room, StreamKey};

pub use counts::AppendCounts;
pub(crate) use counts::Counter;

/// Events that are in the log now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Version of the stream after them.
    pub version: u32,
    /// Position of the first of them.
    pub first_position: u64,
    /// Position of the last of them.
    pub last_position: u64,
    /// When the log took them, by the database's clock.
    pub recorded_at: Timestamp,
}

/// Why an append was not answered with success.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream is not at the expected version. Nothing was appended.
    #[error("the stream is at version {current}")]
    Conflict {
        /// Where it is.
        current: u32,
    },
    /// Another stream that the decision rests on has gone on. Nothing was appended.
    #[error("a stream that the decision rests on has gone on")]
    Moved,
    /// More work is waiting for this partition than may. Nothing was appended.
    #[error("the queue of the log is full")]
    QueueFull,
    /// The broker could never carry this event. Nothing was appended.
    #[error("the event has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// Bytes of payload and metadata.
        bytes: usize,
        /// The setting `max_event_bytes`.
        limit: usize,
    },
    /// The events may be in the log or not. Sending the same events with the same expected
    /// version again tells, and can never append them twice.
    #[error("whether the append was committed is not known")]
    OutcomeUnknown,
    /// Postgres is away or too busy, or holds neither the tenant nor the event that this follows
    /// from any more. Nothing was appended.
    #[error("the log is not available")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// What these events are sealed with was had before the writer's present connection, behind
    /// which there may be a server that has lost it. Nothing was appended; sealed anew they can be.
    #[error("the events are sealed with a key that may be lost")]
    KeysInDoubt,
    /// Postgres refuses these events and would do so again: a bug, or a log that was not
    /// migrated. Nothing was appended.
    #[error("the log refuses the append")]
    Refused(#[source] Arc<sqlx::Error>),
}

impl AppendError {
    /// Whether Postgres has no such tenant in this partition: a restore has lost it.
    pub(crate) fn is_tenant_missing(&self) -> bool {
        let Self::Unavailable(source) = self else { return false };
        let code = source.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| code == TENANT_MISSING)
    }
}

/// What the caller of an append knows, and by which of the writer's sessions: what was seen in an
/// earlier one may have been seen on another server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    /// The session before the expected version was seen in the log; `None` if it was cached.
    pub(crate) read_in: Option<u64>,
    /// The session before the key was had that seals the events; `None` if they are not sealed.
    pub(crate) sealed_in: Option<u64>,
    /// The events that these follow from.
    pub(crate) follows: &'a [Place],
    /// Other streams that the decision rests on.
    pub(crate) guards: &'a [Guard],
}

/// The code with which `log.append` refuses a tenant that is not there.
const TENANT_MISSING: &str = "OD005";

/// The way into one partition: its bounded queue. The writer task behind it ends when the
/// last of these is dropped.
#[derive(Debug)]
pub(crate) struct Queue {
    sender: mpsc::Sender<Append>,
    /// Bytes that wait for their verdict; counted by each append's `Room`.
    taken: Arc<AtomicUsize>,
    commits: watch::Receiver<u64>,
    /// Counts the writer's connections.
    session: Arc<AtomicU64>,
    partition: Partition,
    max_bytes: usize,
    max_event_bytes: usize,
    counter: Counter,
}

impl Queue {
    /// Starts the writer task of `partition`, which connects when there is something to write.
    pub(crate) fn start(
        partition: Partition,
        options: PgConnectOptions,
        settings: &Settings,
        counter: &Counter,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(settings.queue_appends.max(1));
        let (committed, commits) = watch::channel(0);
        let session = Arc::<AtomicU64>::default();
        let writer = writer::Writer::new(
            connection::Connection::new(partition, options, Arc::clone(&session), settings),
            receiver,
            committed,
            settings.clone(),
            counter.clone(),
        );
        tokio::spawn(writer.run());
        Self {
            sender,
            taken: Arc::default(),
            commits,
            session,
            partition,
            max_bytes: settings.queue_bytes,
            max_event_bytes: settings.max_event_bytes,
            counter: counter.clone(),
        }
    }

    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }

    pub(crate) fn session(&self) -> u64 {
        self.session.load(Ordering::Acquire)
    }

    /// Returns when the writer task has ended, which it does not while a queue lives.
    pub(crate) async fn stopped(&self) {
        self.sender.closed().await;
    }

    /// Hands the events to the writer and waits for its verdict. Nothing is appended unless the log
    /// holds the events that they follow from.
    ///
    /// Dropping the future withdraws the append if it was not sent yet; otherwise it is
    /// committed or not as if somebody still listened.
    pub(crate) async fn append(
        &self,
        tenant: &Tenant,
        stream: &StreamId,
        expected: u32,
        known: Known<'_>,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        assert!(!events.is_empty(), "an append has events");
        debug_assert_eq!(tenant.partition, self.partition, "the tenant lives here");
        let stream = StreamKey::new(tenant, stream);
        let mut bytes = 0;
        let mut prepared = Vec::with_capacity(events.len());
        for (event, version) in events.into_iter().zip(expected + 1..) {
            let event = self.prepare(&stream, version, event)?;
            bytes += event.bytes();
            prepared.push(event);
        }
        self.hand_over(bytes, |room, reply| {
            Append::new(stream, expected, known, prepared, room, reply)
        })
        .await
    }

    /// Returns once it is sure that the event is at that version of the stream and stays there, as
    /// an append would have been answered.
    pub(crate) async fn settle(
        &self,
        tenant: &Tenant,
        stream: &StreamId,
        version: u32,
        event_id: Uuid,
    ) -> Result<(), AppendError> {
        let stream = StreamKey::new(tenant, stream);
        let settled = self
            .hand_over(0, |room, reply| Append::question(stream, (version, event_id), room, reply));
        settled.await.map(drop)
    }

    /// Gives the writer something to do, if there is room, and waits for its verdict.
    async fn hand_over(
        &self,
        bytes: usize,
        append: impl FnOnce(Room, oneshot::Sender<Result<Appended, AppendError>>) -> Append,
    ) -> Result<Appended, AppendError> {
        let permit = self.sender.try_reserve().map_err(|error| match error {
            mpsc::error::TrySendError::Full(()) => self.full(),
            mpsc::error::TrySendError::Closed(()) => {
                AppendError::Unavailable(Arc::new(sqlx::Error::WorkerCrashed))
            }
        })?;
        let room = Room::take(&self.taken, bytes, self.max_bytes).ok_or_else(|| self.full())?;
        let (reply, verdict) = oneshot::channel();
        permit.send(append(room, reply));
        // A writer that died with the append in its hands may have sent it.
        verdict.await.unwrap_or(Err(AppendError::OutcomeUnknown))
    }

    fn full(&self) -> AppendError {
        self.counter.count(|counts| counts.refusals += 1);
        AppendError::QueueFull
    }

    /// Encodes and hashes one event, on the caller's task rather than the writer's.
    fn prepare(
        &self,
        stream: &StreamKey,
        version: u32,
        event: NewEvent,
    ) -> Result<Prepared, AppendError> {
        let metadata = event.metadata.encode_to_vec();
        let bytes = event.payload.len() + metadata.len();
        if bytes > self.max_event_bytes {
            return Err(AppendError::TooLarge { bytes, limit: self.max_event_bytes });
        }
        let occurred_at = Timestamp::from_millisecond(event.occurred_at.as_millisecond())
            .expect("a timestamp without its last digits is in range");
        let digest = hash::event(&hash::Fields {
            partition: self.partition,
            tenant: stream.tenant,
            category: &stream.category,
            stream_id: stream.id,
            version,
            event_id: event.event_id,
            event_type: event.event_type,
            occurred_at,
            payload: &event.payload,
            metadata: &metadata,
        });
        Ok(Prepared {
            event_id: event.event_id,
            event_type: event.event_type,
            payload: event.payload,
            metadata,
            occurred_at,
            digest,
        })
    }
}
