//! What the service looks up, folded from its own events and the published regimes, in the
//! transaction that moves the cursor.
pub(crate) mod contacts;
pub(crate) mod parties;
pub(crate) mod party_tickets;
pub(crate) mod position;
pub(crate) mod regimes;
pub(crate) mod ticket_objects;

use eventlog::Recorded;
use eventlog::subscription::{HandlerError, Subscriber};
use sqlx::PgConnection;

use crate::blind::BlindIndex;

/// Name of the service's one subscription.
pub(crate) const SUBSCRIPTION: &str = "intake";

/// The read model; it reacts to nothing.
pub(crate) struct Projection {
    pub(crate) index: BlindIndex,
}

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        parties::apply(tx, events, &self.index).await?;
        contacts::apply(tx, events).await?;
        party_tickets::apply(tx, events).await?;
        ticket_objects::apply(tx, events).await?;
        regimes::apply(tx, events).await
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }
}
