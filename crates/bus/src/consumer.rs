//! From the streams to the subscriptions: an ordered consumer per partition, events checked one
//! by one, gaps left to the log.
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::Message;
use eventlog::{LiveFeed, LiveSource, Log, Partition, Recorded, TenantKey, live_feed};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::message::decode;
use crate::{Bus, Error, topology};

/// Bounds of the way from a stream to a subscription.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Events buffered per partition for the subscription; what does not fit it reads from the
    /// log.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub buffer: usize,
    /// Pause before a consumer is opened again.
    #[serde(with = "eventlog::positive::duration")]
    pub reopen_delay: Duration,
    /// How often the connection is looked at.
    #[serde(with = "eventlog::positive::duration")]
    pub check_interval: Duration,
}

/// What passed since the start; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Counters(Arc<Cells>);

#[derive(Debug, Default)]
struct Cells {
    /// Written by the partitions' tasks.
    received: AtomicU64,
    /// Written by the partitions' tasks.
    dropped: AtomicU64,
    /// Written by the partitions' tasks.
    opened: AtomicU64,
}

impl Counters {
    /// Messages that came.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    /// Messages that were not the event of their place: foreign, repeated, unreadable.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// How often a consumer was opened.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.0.opened.load(Ordering::Relaxed)
    }
}

/// Feeds one subscription from the streams.
#[derive(Debug)]
pub struct Consumer {
    bus: Bus,
    log: Log,
    sources: Vec<LiveSource>,
    counters: Counters,
}

impl Consumer {
    /// The feed for [`eventlog::Subscription::new`] and the task that fills it.
    #[must_use]
    pub fn new(bus: &Bus, log: &Log) -> (LiveFeed, Self) {
        let buffer = bus.settings().consumer.buffer;
        let (feed, sources) = live_feed(log.partitions(), buffer);
        let counters = Counters::default();
        (feed, Self { bus: bus.clone(), log: log.clone(), sources, counters })
    }

    /// A handle on what passes.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// Feeds until told to stop. While NATS is away the subscription polls the log.
    ///
    /// # Errors
    /// None; the signature is that of every supervised task.
    ///
    /// # Panics
    /// If one of its tasks did.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let mut tasks = JoinSet::new();
        for source in self.sources {
            let feeder = Feeder {
                bus: self.bus.clone(),
                log: self.log.clone(),
                source,
                counters: self.counters.clone(),
            };
            tasks.spawn(feeder.run());
        }
        let ended = async {
            while let Some(ended) = tasks.join_next().await {
                if let Err(error) = ended {
                    std::panic::resume_unwind(error.into_panic());
                }
            }
        };
        if stop.run_until_cancelled(ended).await.is_some() {
            stop.cancelled().await;
        }
        Ok(())
    }
}

/// One partition's task.
struct Feeder {
    bus: Bus,
    log: Log,
    source: LiveSource,
    counters: Counters,
}

impl Feeder {
    /// Follows whatever the subscription asks for; ends with the subscription.
    async fn run(self) {
        let mut requests = self.source.requests();
        let (mut asked, mut next) = (None, 1);
        while requests.wait_for(Option::is_some).await.is_ok() {
            let wanted = *requests.borrow_and_update();
            let Some(from) = wanted else { continue };
            // A consumer that is opened again for the same request goes on where it was.
            if asked != wanted {
                (asked, next) = (wanted, from);
            }
            let ended = tokio::select! {
                ended = self.follow(&mut next) => ended,
                changed = requests.changed() => match changed {
                    Ok(()) => {
                        asked = None;
                        Ok(())
                    }
                    Err(_) => return,
                },
            };
            self.source.set_connected(false);
            if let Err(error) = ended {
                tracing::debug!(
                    partition = %self.source.partition(), error = error.chain(),
                    "not following the broker, the log is polled"
                );
                tokio::time::sleep(self.bus.settings().consumer.reopen_delay).await;
            }
        }
    }

    async fn follow(&self, next: &mut u64) -> Result<(), Error> {
        self.bus.check_server()?;
        let partition = self.source.partition();
        let epoch = self.log.epoch(partition).await?;
        let stream = self
            .bus
            .jetstream()
            .get_stream_no_info(self.bus.subjects().stream(partition, epoch))
            .await
            .map_err(Error::broker("look at a stream"))?;
        let consumer = stream
            .create_consumer(topology::consumer(&self.bus, *next))
            .await
            .map_err(Error::broker("open a consumer"))?;
        let mut messages = consumer.messages().await.map_err(Error::broker("open a consumer"))?;
        self.counters.0.opened.fetch_add(1, Ordering::Relaxed);
        self.source.set_connected(true);

        let mut tenants = HashMap::new();
        let mut check = tokio::time::interval(self.bus.settings().consumer.check_interval);
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(Ok(message)) => {
                        if let Some(sequence) = self.take(epoch, message, &mut tenants).await {
                            *next = sequence + 1;
                        }
                    }
                    Some(Err(error)) => return Err(Error::broker("follow a stream")(error)),
                    None => return Err(Error::Disconnected),
                },
                // The consumer waits out a lost connection by itself; the subscription polls
                // the log meanwhile.
                _ = check.tick() => self.source.set_connected(self.bus.connected()),
            }
        }
    }

    /// Hands a message's event over; answers its position.
    async fn take(
        &self,
        epoch: u32,
        message: Message,
        tenants: &mut HashMap<TenantKey, Arc<str>>,
    ) -> Option<u64> {
        self.counters.0.received.fetch_add(1, Ordering::Relaxed);
        let Some(event) = self.read(epoch, message, tenants).await else {
            // The hole it leaves is filled from the log.
            self.counters.0.dropped.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        let position = event.position;
        self.source.offer(event);
        Some(position)
    }

    /// The event of a message, if it is one and its tenant lives where it claims.
    async fn read(
        &self,
        epoch: u32,
        message: Message,
        tenants: &mut HashMap<TenantKey, Arc<str>>,
    ) -> Option<Recorded> {
        let partition = self.source.partition();
        let sequence = message.info().ok()?.stream_sequence;
        let message = message.message;
        let decoded = decode(
            self.bus.subjects(),
            epoch,
            sequence,
            &message.subject,
            message.headers.as_ref(),
            message.payload,
        );
        let mut event = match decoded {
            Ok(event) if event.partition == partition => event,
            Ok(_) => return None,
            Err(reason) => {
                tracing::debug!(%partition, sequence, %reason, "message dropped");
                return None;
            }
        };
        let name = match tenants.entry(event.tenant) {
            Entry::Occupied(known) => Arc::clone(known.get()),
            Entry::Vacant(unknown) => {
                Arc::clone(unknown.insert(self.tenant(partition, event.tenant).await?))
            }
        };
        if name != event.tenant_name {
            return None;
        }
        event.tenant_name = name;
        Some(event)
    }

    async fn tenant(&self, partition: Partition, key: TenantKey) -> Option<Arc<str>> {
        let tenant = self.log.tenant_by_key(key).await.ok()??;
        (tenant.partition == partition).then_some(tenant.name)
    }
}
