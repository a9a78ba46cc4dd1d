//! How the service handles each event of the log: its tables, then its reactions.
use std::sync::Arc;

use eventlog::sealing::Keyring;
use eventlog::{HandlerError, Recorded, Subscriber};
use prost::Message as _;
use sqlx::PgConnection;
use tokio::sync::Notify;
use wire::common::v1::Channel;
use wire::notification::v1::NotificationScheduled;

use crate::reactions::Reactions;
use crate::read_model;
use crate::read_model::ticket_facts::is_waited_for;

/// The tables alone.
#[derive(Default)]
pub(crate) struct Projection {
    /// One for each channel's worker; none where nothing is sent.
    pub(crate) queued: Vec<(Channel, Arc<Notify>)>,
    /// What the service remembers of keys, until a party is erased; none in a rebuild.
    pub(crate) keys: Option<Keyring>,
}

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        read_model::apply(tx, events).await
    }

    async fn react(&self, _event: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }

    fn committed(&self, events: &[Recorded]) {
        if let Some(keys) = &self.keys
            && events.iter().any(|event| event.event_type == wire::event::PARTY_ERASED)
        {
            keys.forget();
        }
        for (channel, worker) in &self.queued {
            if events.iter().any(|event| queues(event, *channel)) {
                worker.notify_one();
            }
        }
    }
}

/// Whether the event may have put something into the queue of `channel`.
fn queues(event: &Recorded, channel: Channel) -> bool {
    match event.event_type.as_str() {
        wire::event::NOTIFICATION_SCHEDULED => NotificationScheduled::decode(&*event.payload)
            .is_ok_and(|scheduled| scheduled.channel() == channel),
        wire::event::NOTIFICATION_FAILED | wire::event::NOTIFICATION_RELEASED => true,
        // It lets a confirmation of receipt leave.
        wire::event::CLOCK_STARTED => {
            channel == Channel::Email && is_waited_for(event).unwrap_or(false)
        }
        _ => false,
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

    fn arrived(&self, events: &[Recorded]) {
        self.reactions.arrived(events);
    }

    async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        self.reactions.react(event).await
    }

    fn committed(&self, events: &[Recorded]) {
        self.projection.committed(events);
    }
}
