//! The worker of a channel: claim what is due, begin the attempt, send, record the end.
//!
//! The attempt is recorded before anything leaves. If the process dies after the server accepted
//! the message, the attempt has no outcome; after a while that is recorded as unknown, and the
//! policy of the channel decides whether it is sent again. Nothing is sent without a recorded
//! attempt, and two workers cannot begin the same attempt.
mod attempt;
pub(crate) mod metrics;
pub(crate) mod proof;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use chassis::clock::Clock;
use eventlog::{Error, Log, describe};
use sqlx::PgPool;
use tokio::sync::{Notify, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use wire::common::v1 as common;

use crate::channel::Channel;
use crate::config::Attempts;
use crate::read_model::queue::{self, Claimed, Room};

/// How soon a queue that may have more is looked at again.
const CLAIM_PAUSE: Duration = Duration::from_millis(10);
/// How long a failed query is left alone.
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);

/// Sends the notices of one channel.
pub(crate) struct Worker<C> {
    channel: C,
    log: Log,
    pool: PgPool,
    clock: Arc<dyn Clock>,
    /// Told by the projection when something was put into the queue.
    queued: Arc<Notify>,
    /// As many attempts send at the same time.
    connections: Semaphore,
}

/// What is under way.
#[derive(Default)]
struct Running {
    attempts: JoinSet<String>,
    /// How many of them, by lane.
    lanes: BTreeMap<String, usize>,
}

impl<C: Channel> Worker<C> {
    pub(crate) fn new(
        channel: C,
        (log, pool): (Log, PgPool),
        clock: Arc<dyn Clock>,
        queued: Arc<Notify>,
    ) -> Self {
        let connections = Semaphore::new(channel.attempts().connections);
        Self { channel, log, pool, clock, queued, connections }
    }

    /// Which channel it serves.
    pub(crate) fn kind(&self) -> common::Channel {
        self.channel.kind()
    }

    /// Works until `stop`, then lets running attempts finish.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) -> Result<(), Infallible> {
        let Attempts { concurrency, per_lane, poll, lost_after, .. } = *self.channel.attempts();
        let mut running = Running::default();
        let mut next_claim = Instant::now();
        let mut next_sweep = Instant::now();
        while !stop.is_cancelled() {
            let free = concurrency.saturating_sub(running.attempts.len());
            if free > 0 && next_claim <= Instant::now() {
                let claim = self.claim(free, &mut running, &stop);
                let pause = match unless_stopped(&stop, claim).await {
                    Some(Ok(claimed)) if claimed >= free => CLAIM_PAUSE,
                    // What comes next is told by the projection, or becomes due with time.
                    Some(Ok(_)) => poll,
                    Some(Err(error)) => self.outage(&error),
                    None => break,
                };
                next_claim = Instant::now() + pause;
            }
            if next_sweep <= Instant::now() {
                next_sweep = Instant::now() + lost_after / 10;
                match unless_stopped(&stop, self.sweep(&mut running)).await {
                    Some(Ok(())) => {}
                    Some(Err(error)) => next_claim = Instant::now() + self.outage(&error),
                    None => break,
                }
            }
            let next = if running.attempts.len() < concurrency { next_claim } else { next_sweep };
            tokio::select! {
                () = stop.cancelled() => {}
                Some(done) = running.attempts.join_next() => {
                    // Behind a full lane more may be due.
                    if running.end(done) >= per_lane {
                        next_claim = next_claim.min(Instant::now() + CLAIM_PAUSE);
                    }
                }
                () = self.queued.notified() => next_claim = Instant::now(),
                () = sleep_until(next.min(next_sweep)) => {}
            }
        }
        while let Some(done) = running.attempts.join_next().await {
            running.end(done);
        }
        Ok(())
    }

    /// Begins what is due, as far as there is room.
    async fn claim(
        self: &Arc<Self>,
        free: usize,
        running: &mut Running,
        stop: &CancellationToken,
    ) -> Result<usize, Error> {
        let attempts = self.channel.attempts();
        let room = Room {
            channel: self.channel.kind().into(),
            free,
            per_lane: attempts.per_lane,
            running: &running.lanes,
            lease: attempts.lost_after,
            in_order: self.channel.in_order(),
            now: self.clock.instead_of_database(),
        };
        let asked = Instant::now();
        let claimed = queue::claim(&self.pool, &room);
        let claimed = self.log.bounded("claim notices", claimed).await?;
        let count = claimed.len();
        for notice in claimed {
            let (worker, stop) = (Arc::clone(self), stop.clone());
            running.begin(notice.lane.clone(), async move {
                worker.attempt(&notice, asked, &stop).await;
                notice.lane
            });
        }
        Ok(count)
    }

    /// Records the end of attempts whose process is gone.
    async fn sweep(self: &Arc<Self>, running: &mut Running) -> Result<(), Error> {
        let attempts = self.channel.attempts();
        let channel = self.channel.kind().into();
        let asked = Instant::now();
        let now = self.clock.instead_of_database();
        let lost = queue::claim_lost(&self.pool, channel, attempts, now);
        let lost = self.log.bounded("claim lost attempts", lost).await?;
        for notice in lost {
            let worker = Arc::clone(self);
            running.begin(notice.lane.clone(), async move {
                worker.give_up(&notice, asked).await;
                notice.lane
            });
        }
        Ok(())
    }

    fn outage(&self, error: &Error) -> Duration {
        let channel = self.channel.kind().as_str_name();
        tracing::warn!(error = describe(error), channel, "the queue is away");
        OUTAGE_PAUSE
    }

    /// Gives a claim back, to be taken again after a while.
    async fn release(&self, notice: &Claimed, pause: Duration) {
        let release = queue::release(&self.pool, notice, pause);
        if let Err(error) = self.log.bounded("give a claim back", release).await {
            // The claim ends by itself.
            self.outage(&error);
        }
    }
}

/// What `work` answers. Where it has not by a moment after `stop` it is given up: the database may
/// be gone. What it has claimed by then is claimed again once the claim has ended.
async fn unless_stopped<T>(stop: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    let stopped = async {
        stop.cancelled().await;
        sleep(OUTAGE_PAUSE).await;
    };
    tokio::select! {
        answer = work => Some(answer),
        () = stopped => None,
    }
}

impl Running {
    fn begin(&mut self, lane: String, attempt: impl Future<Output = String> + Send + 'static) {
        *self.lanes.entry(lane).or_default() += 1;
        self.attempts.spawn(attempt);
    }

    /// Answers how many attempts of its lane were running.
    fn end(&mut self, done: Result<String, JoinError>) -> usize {
        let lane = match done {
            Ok(lane) => lane,
            // A bug in an attempt is a bug of the process.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let Some(running) = self.lanes.get_mut(&lane) else { return 0 };
        let before = *running;
        *running -= 1;
        if *running == 0 {
            self.lanes.remove(&lane);
        }
        before
    }
}
