//! Publishes the log to the streams: in order, each position once, whatever fails on either side.
//!
//! The relay keeps nothing: the stream's last sequence is its cursor. Publishing position *p*
//! demands that the stream ends at *p − 1*, so a second relay, a resumed old one or a repeated
//! message takes no sequence. On any error it looks at the stream again and continues from there.
mod compare;
mod publish;
mod status;

pub use status::{PartitionStatus, Status};

use std::convert::Infallible;
use std::time::Duration;

use async_nats::Subscriber;
use eventlog::{Log, Partition};
use futures::{FutureExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Bus, Error};

/// Bounds of the way from the log to a stream.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Events per page when reading the log.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub page_size: u32,
    /// Messages on the way at once, per partition.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub window: usize,
    /// How long the broker may take to acknowledge a message.
    #[serde(with = "eventlog::positive::duration")]
    pub ack_timeout: Duration,
    /// How often the log is asked without having been woken.
    #[serde(with = "eventlog::positive::duration")]
    pub poll_interval: Duration,
    /// Under steady flow, wake-ups are gathered this long before the log is read.
    #[serde(with = "eventlog::duration")]
    pub linger: Duration,
    /// How often stream and log are compared.
    #[serde(with = "eventlog::positive::duration")]
    pub compare_interval: Duration,
    /// Pause after a failure; after a lost race it is the poll interval.
    #[serde(with = "eventlog::positive::duration")]
    pub retry_delay: Duration,
}

/// Publishes every partition of a log.
#[derive(Debug)]
pub struct Relay {
    bus: Bus,
    log: Log,
    status: Status,
}

impl Relay {
    /// A relay of all partitions. Any number of them may run at once.
    #[must_use]
    pub fn new(bus: Bus, log: Log) -> Self {
        let status = Status::new(log.partitions());
        Self { bus, log, status }
    }

    /// A handle on the running state, for readiness and metrics.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Publishes until told to stop. Failures are logged, shown in the status and tried again.
    ///
    /// # Errors
    /// None; the signature is that of every supervised task.
    ///
    /// # Panics
    /// If one of its tasks did.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let mut tasks = JoinSet::new();
        for &partition in self.log.partitions() {
            let lane = Lane {
                bus: self.bus.clone(),
                log: self.log.clone(),
                status: self.status.clone(),
                partition,
            };
            tasks.spawn(async move { lane.run().await });
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(Err(error)) = tasks.join_next() => {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        tasks.shutdown().await;
        Ok(())
    }
}

/// One partition's task.
#[derive(Debug)]
struct Lane {
    bus: Bus,
    log: Log,
    status: Status,
    partition: Partition,
}

impl Lane {
    async fn run(&self) -> Infallible {
        loop {
            let error = match self.session().await {
                Ok(never) => return never,
                Err(error) => error,
            };
            let partition = self.partition;
            if matches!(error, Error::Overtaken) {
                self.status.update(partition, |status| status.overtaken += 1);
                // Another relay was faster and continues; this lane is the spare.
                tokio::time::sleep(self.bus.settings().relay.poll_interval).await;
                continue;
            }
            let text = error.chain();
            // The log goes on, and the lag with it.
            if let Ok(head) = self.log.head(partition).await {
                self.status.update(partition, |status| status.head = head);
            }
            if self.status.failed(partition, &text) {
                tracing::warn!(%partition, error = text, "relay waits, the log goes on");
            }
            tokio::time::sleep(self.bus.settings().relay.retry_delay).await;
        }
    }

    async fn session(&self) -> Result<Infallible, Error> {
        self.bus.check_server()?;
        let settings = &self.bus.settings().relay;
        let subject = self.bus.subjects().wake(self.partition);
        let mut wakes = self
            .bus
            .client()
            .subscribe(subject)
            .await
            .map_err(Error::broker("listen for wake-ups"))?;
        let mut place = self.compare().await?;
        let mut next_compare = Instant::now() + settings.compare_interval;
        loop {
            let began = Instant::now();
            place.last = self.publish(place).await?;
            self.status.update(self.partition, |status| {
                status.position = place.last;
                status.head = status.head.max(place.last);
                status.failure = None;
            });
            if Instant::now() >= next_compare {
                place = self.compare().await?;
                next_compare = Instant::now() + settings.compare_interval;
                continue;
            }
            tokio::time::sleep_until(began + settings.linger).await;
            woken(&mut wakes, settings.poll_interval).await?;
        }
    }
}

/// Waits for a wake-up, or for the poll interval; wake-ups that came together are one.
async fn woken(wakes: &mut Subscriber, limit: Duration) -> Result<(), Error> {
    if let Ok(None) = tokio::time::timeout(limit, wakes.next()).await {
        return Err(Error::Disconnected);
    }
    while let Some(Some(_)) = wakes.next().now_or_never() {}
    Ok(())
}
