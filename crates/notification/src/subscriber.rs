//! What the service does with each event of the log: its tables, then its reactions.
use std::sync::Arc;

use eventlog::{HandlerError, Recorded, Subscriber};
use sqlx::PgConnection;
use tokio::sync::Notify;

use crate::reactions::Reactions;
use crate::read_model;

/// The tables alone.
#[derive(Default)]
pub(crate) struct Projection {
    /// One for each channel's worker; none where nothing is sent.
    pub(crate) queued: Vec<Arc<Notify>>,
}

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        let applied = read_model::apply(tx, events).await?;
        if applied.queued {
            // A little early, before the commit: the workers look again soon after.
            self.queued.iter().for_each(|worker| worker.notify_one());
        }
        Ok(())
    }

    async fn react(&self, _event: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// The tables and the reactions.
pub(crate) struct Follower {
    pub(crate) projection: Projection,
    pub(crate) reactions: Reactions,
}

impl Subscriber for Follower {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        self.projection.project(tx, events).await
    }

    async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        self.reactions.react(event).await
    }
}
