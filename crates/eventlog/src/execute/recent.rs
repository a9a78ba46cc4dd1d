//! Caches the streams that this process appended to recently, so that the next command to one of
//! them need not read it again.
//!
//! A cached state may be old: another process may have appended to the stream. Only the append
//! detects this, by the expected version. A cached state may therefore decide what is appended, but
//! never that nothing is appended, nor that a rule refuses the command.
use std::any::Any;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Aggregate;
use uuid::Uuid;
use wire::Payload;
use wire::events::v1::Metadata;

use super::{Loaded, corrupt, decode};
use crate::cause::Cause;
use crate::error::Error;
use crate::event::{Recorded, StreamId};
use crate::generations::Generations;
use crate::tenants::TenantKey;

/// A stream of more events than this is not remembered: its state may be large, and its causes
/// are many.
const LONGEST: usize = 128;

/// A stream of a tenant.
type Key = (TenantKey, StreamId);

/// The states of the streams that this process appended to last.
#[derive(Debug)]
pub(crate) struct Recent {
    /// Written by every command that appends.
    states: Mutex<Generations<Key, Entry>>,
    capacity: usize,
}

/// Type-erased, because one log serves every aggregate.
#[derive(Debug)]
struct Entry {
    /// Under which connection of the writer; another may lead to another server.
    session: u64,
    remembered: Box<dyn Any + Send>,
}

/// The state of a stream, and the causes of all its events.
pub(super) struct Remembered<A: Aggregate> {
    pub(super) loaded: Loaded<A>,
    pub(super) causes: Causes,
}

impl<A: Aggregate> Remembered<A> {
    /// A stream without events.
    pub(super) fn nothing() -> Self {
        Self { loaded: Loaded::default(), causes: Causes::default() }
    }

    /// The stream has gone on with that event.
    pub(super) fn follow(&mut self, recorded: &Recorded) -> Result<(), Error>
    where
        A::Event: Payload,
    {
        let event = decode::<A>(recorded)?;
        let metadata = recorded.metadata().map_err(|error| corrupt(recorded, &error))?;
        self.note(recorded, &metadata, &event);
        Ok(())
    }

    /// The same for a caller that has already read the event.
    pub(super) fn note(&mut self, recorded: &Recorded, metadata: &Metadata, event: &A::Event) {
        self.causes.add_id(&metadata.request_id);
        self.causes.add_id(&metadata.causation_id);
        self.loaded = std::mem::take(&mut self.loaded).after(recorded, event);
    }

    /// The stream is at another version. If it is an earlier one, a failover has lost what is
    /// known of it.
    pub(super) fn beaten_by(&mut self, current: u32) {
        if current < self.loaded.version {
            *self = Self::nothing();
        }
    }
}

/// Request ids and causing events of a stream's events.
#[derive(Debug, Clone, Default)]
pub(super) struct Causes(HashSet<Uuid>);

impl Causes {
    pub(super) fn add(&mut self, cause: &Cause) {
        self.0.extend(key(cause));
    }

    fn add_id(&mut self, id: &str) {
        self.0.extend(id.parse::<Uuid>().ok());
    }

    pub(super) fn know(&self, cause: &Cause) -> bool {
        key(cause).is_some_and(|id| self.0.contains(&id))
    }
}

fn key(cause: &Cause) -> Option<Uuid> {
    cause.request.map(|request| request.id).or(cause.causation_id)
}

impl Recent {
    /// Room for `capacity` streams; none with 0.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { states: Mutex::new(Generations::new(capacity)), capacity }
    }

    /// Removes and returns the cached state of a stream, if it belongs to this session and does not
    /// know the cause yet.
    pub(super) fn take<A>(&self, key: &Key, session: u64, cause: &Cause) -> Option<Remembered<A>>
    where
        A: Aggregate + 'static,
    {
        let entry = self.lock().take(key)?;
        let remembered = entry.remembered.downcast::<Remembered<A>>().ok()?;
        (entry.session == session && !remembered.causes.know(cause)).then_some(*remembered)
    }

    pub(super) fn put<A>(&self, key: Key, session: u64, remembered: Remembered<A>)
    where
        A: Aggregate + 'static,
    {
        if self.capacity == 0 || remembered.loaded.version as usize > LONGEST {
            return;
        }
        self.lock().set(&key, Entry { session, remembered: Box::new(remembered) });
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Generations<Key, Entry>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
