//! A batch on its way to the writer, and as arguments of the append function.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::{AppendError, Appended, Known};
use crate::event::{Guard, Place, StreamId};
use crate::hash::{self, Hash};
use crate::subscription::cursor::signed;
use crate::tenants::{Tenant, TenantKey};

/// A stream inside its partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct StreamKey {
    pub(super) tenant: TenantKey,
    pub(super) category: Arc<str>,
    pub(super) id: Uuid,
}

impl StreamKey {
    pub(super) fn new(tenant: &Tenant, stream: &StreamId) -> Self {
        Self { tenant: tenant.key, category: stream.category.as_ref().into(), id: stream.id }
    }
}

/// An event, encoded and hashed.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) event_id: Uuid,
    pub(super) event_type: &'static str,
    pub(super) payload: Bytes,
    pub(super) metadata: Vec<u8>,
    pub(super) occurred_at: Timestamp,
    pub(super) digest: Hash,
}

impl Prepared {
    pub(super) fn bytes(&self) -> usize {
        self.payload.len() + self.metadata.len()
    }
}

/// Room in the queue's budget of bytes, given back when the append is answered.
#[derive(Debug)]
pub(super) struct Room {
    bytes: usize,
    taken: Arc<AtomicUsize>,
}

impl Room {
    /// Takes `bytes` out of `limit`. One append always fits, however large, or it could
    /// never be sent.
    pub(super) fn take(taken: &Arc<AtomicUsize>, bytes: usize, limit: usize) -> Option<Self> {
        let before = taken.fetch_add(bytes, Ordering::Relaxed);
        // Dropping it gives the bytes back.
        let room = Self { bytes, taken: Arc::clone(taken) };
        (before == 0 || before + bytes <= limit).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// One caller's events: all of them are appended together, or none.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) stream: StreamKey,
    pub(super) expected: u32,
    /// The writer's session in which version `expected` was seen to exist.
    pub(super) proven: Option<u64>,
    /// The session in which the key of sealed events was had.
    sealed_in: Option<u64>,
    /// The events that these follow from.
    pub(super) follows: Vec<Place>,
    /// Other streams that the decision rests on.
    pub(super) guards: Vec<Guard>,
    pub(super) events: Vec<Prepared>,
    room: Room,
    pub(super) enqueued: Instant,
    /// Nothing is to be appended, only told whether the events are there to stay.
    pub(super) is_question: bool,
    /// Set by the writer when an attempt ended without an answer.
    pub(super) maybe_committed: bool,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
}

impl Append {
    pub(super) fn new(
        stream: StreamKey,
        expected: u32,
        known: Known<'_>,
        events: Vec<Prepared>,
        room: Room,
        reply: oneshot::Sender<Result<Appended, AppendError>>,
    ) -> Self {
        Self {
            stream,
            expected,
            proven: known.read_in,
            sealed_in: known.sealed_in,
            follows: known.follows.to_vec(),
            guards: known.guards.to_vec(),
            events,
            room,
            enqueued: Instant::now(),
            is_question: false,
            maybe_committed: false,
            reply,
        }
    }

    /// Asks whether an event stands at a version of a stream.
    pub(super) fn question(
        stream: StreamKey,
        (version, event_id): (u32, Uuid),
        room: Room,
        reply: oneshot::Sender<Result<Appended, AppendError>>,
    ) -> Self {
        let event = Prepared {
            event_id,
            event_type: "",
            payload: Bytes::new(),
            metadata: Vec::new(),
            occurred_at: Timestamp::UNIX_EPOCH,
            digest: Hash::default(),
        };
        let expected = version.saturating_sub(1);
        let append = Self::new(stream, expected, Known::default(), vec![event], room, reply);
        Self { is_question: true, ..append }
    }

    /// Whether version `expected` is known to exist on the server of this session: what was seen
    /// in another may have been lost by a failover.
    fn is_proven(&self, session: u64) -> bool {
        self.expected == 0 || self.proven == Some(session)
    }

    /// Whether the key that seals it is known to exist on the server of this session. Before its first
    /// connection this process has seen no other server.
    pub(super) fn is_readable(&self, session: u64) -> bool {
        self.sealed_in.is_none_or(|sealed_in| sealed_in == 0 || sealed_in == session)
    }

    /// Bytes of payload and metadata.
    pub(super) fn bytes(&self) -> usize {
        self.room.bytes
    }

    /// Ids of the first and the last event.
    pub(super) fn event_ids(&self) -> (Uuid, Uuid) {
        let (first, last) = (self.events.first(), self.events.last());
        let (first, last) = first.zip(last).expect("an append has events");
        (first.event_id, last.event_id)
    }

    /// Whether the caller has gone away.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.reply.is_closed()
    }

    /// Version of the stream once the events are in.
    pub(super) fn version(&self) -> u32 {
        self.expected + count(self.events.len())
    }

    /// The answer if the first event is at `first_position`.
    pub(super) fn appended(&self, first_position: u64, recorded_at: Timestamp) -> Appended {
        Appended {
            version: self.version(),
            first_position,
            last_position: first_position + self.events.len() as u64 - 1,
            recorded_at,
        }
    }

    pub(super) fn answer(self, verdict: Result<Appended, AppendError>) {
        // A caller that stopped listening does not change what happened.
        let _ = self.reply.send(verdict);
    }
}

/// A batch as the arrays of `log.append`.
pub(super) struct Columns<'a> {
    pub(super) tenants: Vec<i32>,
    pub(super) categories: Vec<&'a str>,
    pub(super) streams: Vec<Uuid>,
    pub(super) versions: Vec<i32>,
    pub(super) event_ids: Vec<Uuid>,
    pub(super) event_types: Vec<&'a str>,
    pub(super) payloads: Vec<&'a [u8]>,
    pub(super) metadatas: Vec<&'a [u8]>,
    pub(super) occurred: Vec<jiff_sqlx::Timestamp>,
    /// 1-based index of each event whose predecessor must be looked up.
    pub(super) unproven: Vec<i32>,
    /// Where the events are to be that these follow from, and which.
    pub(super) follows: Vec<i64>,
    pub(super) followed: Vec<Uuid>,
    /// Streams that decisions rest on, and the versions at which they were read.
    pub(super) guard_tenants: Vec<i32>,
    pub(super) guard_categories: Vec<&'a str>,
    pub(super) guards: Vec<Uuid>,
    pub(super) guard_versions: Vec<i32>,
    pub(super) content: Hash,
}

impl<'a> Columns<'a> {
    pub(super) fn of(batch: &'a [Append], session: u64) -> Self {
        let events = batch.iter().map(|append| append.events.len()).sum();
        let mut columns = Self {
            tenants: Vec::with_capacity(events),
            categories: Vec::with_capacity(events),
            streams: Vec::with_capacity(events),
            versions: Vec::with_capacity(events),
            event_ids: Vec::with_capacity(events),
            event_types: Vec::with_capacity(events),
            payloads: Vec::with_capacity(events),
            metadatas: Vec::with_capacity(events),
            occurred: Vec::with_capacity(events),
            unproven: Vec::new(),
            follows: Vec::new(),
            followed: Vec::new(),
            guard_tenants: Vec::new(),
            guard_categories: Vec::new(),
            guards: Vec::new(),
            guard_versions: Vec::new(),
            content: hash::content(batch.iter().flat_map(|a| a.events.iter().map(|e| &e.digest))),
        };
        for append in batch {
            if !append.is_proven(session) {
                columns.unproven.push(integer(count(columns.tenants.len()) + 1));
            }
            for place in &append.follows {
                // Several reactions to one event are usual.
                if !columns.followed.contains(&place.event_id) {
                    columns.follows.push(signed(place.position));
                    columns.followed.push(place.event_id);
                }
            }
            for guard in &append.guards {
                columns.guard_tenants.push(append.stream.tenant.0);
                columns.guard_categories.push(&guard.stream.category);
                columns.guards.push(guard.stream.id);
                columns.guard_versions.push(integer(guard.version));
            }
            for (event, version) in append.events.iter().zip(append.expected + 1..) {
                columns.tenants.push(append.stream.tenant.0);
                columns.categories.push(&append.stream.category);
                columns.streams.push(append.stream.id);
                columns.versions.push(integer(version));
                columns.event_ids.push(event.event_id);
                columns.event_types.push(event.event_type);
                columns.payloads.push(&event.payload);
                columns.metadatas.push(&event.metadata);
                columns.occurred.push(event.occurred_at.to_sqlx());
            }
        }
        columns
    }
}

/// A number of events; far below four billion by the bounds of the queue.
fn count(events: usize) -> u32 {
    u32::try_from(events).expect("a batch has fewer than 2^32 events")
}

/// A version or an index as Postgres keeps it.
pub(super) fn integer(number: u32) -> i32 {
    i32::try_from(number).expect("streams and batches have fewer than 2^31 events")
}
