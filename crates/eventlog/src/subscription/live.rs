//! The bounded hand-over from the broker to the subscription.
//!
//! The subscription says from which position on it wants a partition's events
//! ([`Live::follow`]); the bus offers what arrives ([`LiveSource::offer`]) and never waits: what
//! does not fit is dropped and remembered, because the log has it.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, watch};

use crate::{Partition, Recorded};

/// The subscription's end: one bounded buffer per partition.
#[derive(Debug)]
pub struct LiveFeed(BTreeMap<Partition, Live>);

impl LiveFeed {
    pub(crate) fn take(&mut self, partition: Partition) -> Option<Live> {
        self.0.remove(&partition)
    }
}

/// Makes both ends, with room for `capacity` events per partition.
///
/// # Panics
/// If `capacity` is zero.
#[must_use]
pub fn live_feed(partitions: &[Partition], capacity: usize) -> (LiveFeed, Vec<LiveSource>) {
    let mut feed = BTreeMap::new();
    let mut sources = Vec::with_capacity(partitions.len());
    for &partition in partitions {
        let (sender, events) = mpsc::channel(capacity);
        let (wanted, follow) = watch::channel(None);
        let flags = Arc::new(Flags::default());
        feed.insert(partition, Live { events, wanted, flags: Arc::clone(&flags) });
        sources.push(LiveSource { partition, events: sender, follow, flags });
    }
    (LiveFeed(feed), sources)
}

#[derive(Debug, Default)]
struct Flags {
    /// Set by the source when an event did not fit; cleared by the subscription.
    overflowed: AtomicBool,
    /// Written by the source: events arrive by themselves, so polling may be slow.
    connected: AtomicBool,
}

/// The bus's end of one partition.
#[derive(Debug)]
pub struct LiveSource {
    partition: Partition,
    events: mpsc::Sender<Recorded>,
    follow: watch::Receiver<Option<u64>>,
    flags: Arc<Flags>,
}

impl LiveSource {
    /// The partition it feeds.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// What the subscription wants: the first position, or `None` while it does not follow this
    /// partition. Closed when the subscription is gone.
    #[must_use]
    pub fn requests(&self) -> watch::Receiver<Option<u64>> {
        self.follow.clone()
    }

    /// Hands an event over if there is room; otherwise it is dropped and the subscription goes
    /// back to the log.
    pub fn offer(&self, event: Recorded) {
        if self.events.try_send(event).is_err() {
            self.flags.overflowed.store(true, Ordering::Release);
        }
    }

    /// Says whether events arrive by themselves at present.
    pub fn set_connected(&self, connected: bool) {
        self.flags.connected.store(connected, Ordering::Release);
    }
}

/// The subscription's end of one partition.
#[derive(Debug)]
pub(crate) struct Live {
    events: mpsc::Receiver<Recorded>,
    wanted: watch::Sender<Option<u64>>,
    flags: Arc<Flags>,
}

impl Live {
    /// Asks for events from `position` on and forgets what was buffered before.
    pub(crate) fn follow(&mut self, position: u64) {
        while self.events.try_recv().is_ok() {}
        self.flags.overflowed.store(false, Ordering::Release);
        self.wanted.send_replace(Some(position));
    }

    /// Stops following; the bus may close its consumer.
    pub(crate) fn unfollow(&mut self) {
        self.wanted.send_if_modified(|wanted| wanted.take().is_some());
    }

    pub(crate) async fn recv(&mut self) -> Option<Recorded> {
        self.events.recv().await
    }

    pub(crate) fn try_recv(&mut self) -> Option<Recorded> {
        self.events.try_recv().ok()
    }

    /// Whether something was dropped since the last call.
    pub(crate) fn take_overflow(&self) -> bool {
        self.flags.overflowed.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn connected(&self) -> bool {
        self.flags.connected.load(Ordering::Acquire) && !self.events.is_closed()
    }
}
