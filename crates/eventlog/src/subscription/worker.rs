//! The loop of one partition: catch up from the log, follow the broker, return to the log on any
//! gap.
use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::apply::{Applier, Failure, Progress};
use super::handler::Subscriber;
use super::live::Live;
use super::parked;
use crate::{Log, Partition, Recorded, describe};

/// A partition's projections take at most one part in so many of its time, as far as the longest
/// linger allows.
const SHARE: u32 = 10;

/// What arrived from the broker, and whether the log must be read next.
struct Arrivals {
    events: Vec<Recorded>,
    read_log: bool,
}

/// The loop of one partition in this process.
#[derive(Debug)]
pub(super) struct Worker<S> {
    applier: Applier<S>,
    partition: Partition,
    live: Option<Live>,
    /// Failures since the last success; decides the delay before the next try.
    failures: u32,
    next_check: Instant,
    /// When a batch or a look into the log last ended.
    last_step: Instant,
    /// How long the last projection took.
    effort: Duration,
}

impl<S: Subscriber> Worker<S> {
    pub(super) fn new(applier: Applier<S>, partition: Partition, live: Option<Live>) -> Self {
        let now = Instant::now();
        let effort = Duration::ZERO;
        Self { applier, partition, live, failures: 0, next_check: now, last_step: now, effort }
    }

    /// Works while the lease is granted; ends when nobody grants leases any more.
    pub(super) async fn run(mut self, mut granted: watch::Receiver<bool>) {
        let mut revoked = granted.clone();
        while granted.wait_for(|granted| *granted).await.is_ok() {
            self.applier.status.update(self.partition, |status| status.leased = true);
            // Dropping the work at any point is safe: effects and cursor share a transaction.
            tokio::select! {
                _ = self.serve() => {}
                _ = revoked.wait_for(|granted| !*granted) => {}
            }
            if let Some(live) = &mut self.live {
                live.unfollow();
            }
            self.applier.status.update(self.partition, |status| status.leased = false);
        }
    }

    async fn serve(&mut self) -> Infallible {
        loop {
            let failure = match self.session().await {
                Ok(never) => return never,
                Err(failure) => failure,
            };
            let delay = self.note(&failure);
            tokio::time::sleep(delay).await;
        }
    }

    /// Reports a failure and says how long to wait before the next session.
    fn note(&mut self, failure: &Failure) -> Duration {
        let (subscription, partition) = (self.applier.name, self.partition);
        let settings = &self.applier.settings;
        self.failures = self.failures.saturating_add(1);
        match failure {
            Failure::Fenced => {
                self.applier.status.update(partition, |status| status.fenced += 1);
                tracing::warn!(
                    subscription, %partition,
                    "another process moved the cursor: batch dropped, cursor read again"
                );
                settings.backoff(self.failures)
            }
            Failure::Lost(position) => {
                self.applier.status.update(partition, |status| status.gaps += 1);
                tracing::warn!(
                    subscription, %partition, position,
                    "the broker brought what the log does not hold: the log is read again"
                );
                settings.backoff(self.failures)
            }
            Failure::Transient(source) => {
                self.applier.status.update(partition, |status| status.retries += 1);
                tracing::warn!(
                    subscription, %partition, failures = self.failures,
                    error = describe(&**source), "batch failed, will be tried again"
                );
                settings.backoff(self.failures)
            }
            Failure::Halted(reason) => {
                if let Some(live) = &mut self.live {
                    live.unfollow();
                }
                let text = reason.clone();
                self.applier.status.update(partition, |status| status.stopped = Some(text));
                tracing::error!(subscription, %partition, reason, "partition stopped");
                settings.retry_max_delay.min(settings.check_interval * 5)
            }
        }
    }

    async fn session(&mut self) -> Result<Infallible, Failure> {
        let epoch = self.applier.log.epoch(self.partition).await?;
        let mut progress = self.applier.open(self.partition, epoch, 0).await?;
        let head = self.check(&mut progress).await?;
        // The broker first, then the log: what is appended in between is buffered or, if there is
        // no room, seen as a gap.
        if let Some(live) = &mut self.live {
            live.follow(head.max(progress.cursor.done()) + 1);
        }
        loop {
            self.catch_up(&mut progress).await?;
            loop {
                self.check_if_due(&mut progress).await?;
                let Arrivals { events, read_log } = self.arrivals(&progress).await;
                let full = self.applier.take(&mut progress, events).await?;
                if full || read_log || self.flush_at() <= Instant::now() {
                    self.flush(&mut progress).await?;
                }
                if read_log {
                    break;
                }
            }
        }
    }

    /// When the effects of what was reacted to are due. The longer a projection takes, the more
    /// is gathered for the next one: under load the same work is done in fewer transactions.
    fn flush_at(&self) -> Instant {
        let settings = &self.applier.settings;
        let longest = settings.batch_linger.max(settings.batch_linger_max);
        self.last_step + (self.effort * SHARE).clamp(settings.batch_linger, longest)
    }

    async fn flush(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        if progress.waiting() > 0 {
            let began = Instant::now();
            self.applier.prove(progress.reacted()).await?;
            self.applier.flush(progress).await?;
            self.failures = 0;
            self.last_step = Instant::now();
            self.effort = self.last_step - began;
        }
        Ok(())
    }

    /// Reads the log to its end, the next page while this one is applied.
    async fn catch_up(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        let mut page = self.read(progress.cursor.done()).await?;
        while let Some(last) = page.last().map(|event| event.position) {
            let full = self.applier.log.is_full(&page, self.applier.settings.page_size);
            let (applied, next) = tokio::join!(self.applier.apply(progress, page), async {
                if full { self.read(last).await } else { Ok(Vec::new()) }
            });
            applied?;
            self.failures = 0;
            page = next?;
            self.check_if_due(progress).await?;
        }
        self.last_step = Instant::now();
        Ok(())
    }

    async fn read(&self, after: u64) -> Result<Vec<Recorded>, Failure> {
        read_dense(&self.applier.log, self.partition, after, self.applier.settings.page_size).await
    }

    async fn check_if_due(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        if Instant::now() >= self.next_check {
            // Operators' requests concern what is projected.
            self.flush(progress).await?;
            self.check(progress).await?;
        }
        Ok(())
    }

    /// Looks at the epoch, the head and operators' requests; answers the head.
    async fn check(&mut self, progress: &mut Progress) -> Result<u64, Failure> {
        self.next_check = Instant::now() + self.applier.settings.check_interval;
        let cursor = &progress.cursor;
        self.applier.check_epoch(cursor).await?;
        let head = self.applier.log.head(self.partition).await?;
        if head < cursor.position {
            return Err(Failure::Halted(format!(
                "the log ends at {head}, behind this subscription's position {}",
                cursor.position
            )));
        }
        // A rebuild may have parked some, or none of them.
        let parked = parked::streams(&self.applier.pool, self.applier.name, self.partition);
        let parked = self.applier.log.bounded("read what is parked", parked).await?;
        if !(parked.is_empty() && progress.parked.is_empty()) {
            self.applier.unpark(progress).await?;
        }
        let live = self.live.as_ref().is_some_and(Live::connected);
        let cursor = &progress.cursor;
        self.applier.status.update(self.partition, |status| {
            status.position = cursor.position;
            status.reaction_position = cursor.reaction_position;
            status.head = head;
            status.live = live;
            status.stopped = None;
        });
        Ok(head)
    }

    /// Waits for the next events from the broker, or until the log should be asked or the
    /// effects of earlier ones are due.
    async fn arrivals(&mut self, progress: &Progress) -> Arrivals {
        let flush_at = self.flush_at();
        let settings = &self.applier.settings;
        let mut arrivals = Arrivals { events: Vec::new(), read_log: false };
        let Some(live) = &mut self.live else {
            tokio::time::sleep(settings.poll_interval).await;
            arrivals.read_log = true;
            return arrivals;
        };
        let patience =
            if live.connected() { settings.quiet_poll_interval } else { settings.poll_interval };
        let waiting = progress.waiting() > 0;
        let until = if waiting { flush_at } else { Instant::now() + patience };
        let mut arrived = match timeout_at(until, live.recv()).await {
            Ok(Some(event)) => event,
            Ok(None) => {
                // The bus is gone; from here on the log is polled.
                self.live = None;
                arrivals.read_log = true;
                return arrivals;
            }
            Err(_) => {
                arrivals.read_log = !waiting;
                return arrivals;
            }
        };
        let mut next = progress.next();
        loop {
            if arrived.position == next {
                next += 1;
                arrivals.events.push(arrived);
            } else if arrived.position > next || arrived.partition != self.partition {
                arrivals.read_log = true;
                break;
            }
            if arrivals.events.len() >= settings.batch_size {
                break;
            }
            arrived = match live.try_recv() {
                Some(event) => event,
                None => break,
            };
        }
        let full = arrivals.events.len() >= settings.batch_size;
        arrivals.read_log |= !full && live.take_overflow();
        if arrivals.read_log {
            self.applier.status.update(self.partition, |status| status.gaps += 1);
        }
        // Repeats of old events must not keep us from the log either.
        let nothing = arrivals.events.is_empty() && !waiting;
        arrivals.read_log |= nothing && self.last_step.elapsed() >= patience;
        arrivals
    }
}

/// One page of the log; a hole in it stops everything.
pub(super) async fn read_dense(
    log: &Log,
    partition: Partition,
    after: u64,
    limit: u32,
) -> Result<Vec<Recorded>, Failure> {
    let page = log.read_partition(partition, after, limit).await?;
    let expected = (after + 1)..;
    for (event, position) in page.iter().zip(expected) {
        if event.position != position {
            return Err(Failure::Halted(format!("the log has no position {position}")));
        }
    }
    Ok(page)
}
