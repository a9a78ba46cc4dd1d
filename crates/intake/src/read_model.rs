//! The tables that intake looks things up in, folded from its own events and the published regimes,
//! in the transaction that moves the cursor.
pub(crate) mod alerts;
pub(crate) mod contacts;
mod held_parties;
pub(crate) mod incidents;
pub(crate) mod parties;
pub(crate) mod party_tickets;
pub(crate) mod position;
pub(crate) mod regimes;
pub(crate) mod restricted_parties;
pub(crate) mod ticket_objects;
mod ticket_requesters;

use eventlog::subscription::{HandlerError, Subscriber};
use eventlog::{Log, Recorded};
use sqlx::PgConnection;

use crate::blind::BlindIndex;

/// Name of the service's one subscription.
pub(crate) const SUBSCRIPTION: &str = "intake";

/// The read model; it reacts to nothing.
pub(crate) struct Projection {
    pub(crate) index: BlindIndex,
    /// Forgets what it read with keys that are destroyed; none in a rebuild.
    pub(crate) log: Option<Log>,
}

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
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
        // Last: an erasure takes along whatever was theirs before it.
        parties::erase(tx, events).await
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }

    fn committed(&self, events: &[Recorded]) {
        if let Some(log) = &self.log
            && events.iter().any(|event| event.event_type == wire::event::PARTY_ERASED)
        {
            log.forget_personal_data();
        }
    }
}
