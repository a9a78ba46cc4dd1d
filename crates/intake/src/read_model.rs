//! The tables that intake looks things up in, folded from its own events and the published regimes,
//! in the transaction that moves the cursor.
pub(crate) mod alerts;
pub(crate) mod contacts;
mod erased;
mod held_parties;
pub(crate) mod incidents;
pub(crate) mod parties;
pub(crate) mod party_tickets;
pub(crate) mod position;
pub(crate) mod regimes;
pub(crate) mod restricted_parties;
pub(crate) mod ticket_objects;
mod ticket_requesters;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use eventlog::subscription::{HandlerError, Subscriber};
use eventlog::{Log, Recorded};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::blind::BlindIndex;

/// Name of the service's one subscription.
pub(crate) const SUBSCRIPTION: &str = "intake";

/// The read model; it reacts to nothing.
pub(crate) struct Projection {
    index: BlindIndex,
    /// Forgets what it read with keys that are destroyed; none in a rebuild.
    log: Option<Log>,
    /// Events with which keys of tickets were destroyed, until that is committed.
    erased: Mutex<HashSet<Uuid>>,
}

impl Projection {
    pub(crate) fn new(index: BlindIndex, log: Option<Log>) -> Self {
        Self { index, log, erased: Mutex::default() }
    }

    fn erased(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.erased.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn apply(&self, tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
        // First: an erasure takes along whatever was theirs before it.
        erased::erase(tx, events).await?;
        parties::apply(tx, events, &self.index).await?;
        contacts::apply(tx, events).await?;
        ticket_requesters::apply(tx, events).await?;
        party_tickets::apply(tx, events).await?;
        ticket_objects::apply(tx, events).await?;
        alerts::apply(tx, events).await?;
        incidents::apply(tx, events).await?;
        regimes::apply(tx, events).await?;
        restricted_parties::apply(tx, events).await?;
        held_parties::apply(tx, events).await?;
        let erased = erased::erase_closed(tx, events).await?;
        self.erased().extend(erased);
        Ok(())
    }
}

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        for part in events.chunk_by(|_, next| !decides_on_keys(next)) {
            self.apply(tx, part).await?;
        }
        Ok(())
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }

    fn committed(&self, events: &[Recorded]) {
        let Some(log) = &self.log else { return };
        let mut erased = self.erased();
        let mut destroyed = false;
        for event in events {
            destroyed |= event.event_type == wire::event::PARTY_ERASED;
            destroyed |= erased.remove(&event.event_id);
        }
        if destroyed {
            log.forget_personal_data();
        }
    }
}

/// Whether keys are destroyed by what the tables were before the event: which are may not depend on
/// where a batch ends.
fn decides_on_keys(event: &Recorded) -> bool {
    [wire::event::PARTY_ERASED, wire::event::LEGAL_HOLD_CHANGED].contains(&&*event.event_type)
}
