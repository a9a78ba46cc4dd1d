//! Fires what is due: once, in order, and not before the events until then have been seen.
//!
//! ```text
//! now (database) ─▶ next due ─▶ gate: reacted up to the head? ─▶ claim ─▶ fire ─▶ delete
//! ```
//! A row says when to look at a clock. The events of the clock tell what is due by then, and firing
//! is a command that changes nothing the second time. A crash in between, another replica or a
//! rebuild therefore fires nothing twice. Timers that became due while no process ran fire later,
//! each with its own instant. The resulting events bring the row of the next instant.
mod firing;
mod gate;
mod metrics;
mod precedence;

use std::sync::Arc;
use std::time::Duration;

use chassis::clock::Clock;
use eventlog::subscription::Status;
use eventlog::{Error, Log, Partition, describe};
use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::read_model::timers::{self, Claim, Timer};
use firing::{Fired, Moment};
use gate::Gates;
pub(crate) use precedence::{Precedence, Yielding, precedence};

/// At most one of so many connections of the pool is held by a claim. Behind each claim another may
/// be held by the projection of its partition, which waits for the claimed rows, and what fires
/// needs some itself: a pool of three is the smallest that works.
const SHARE_OF_CLAIMS: u32 = 3;

/// How soon a gate that is closed is looked at again.
const GATE_POLL: Duration = Duration::from_millis(20);

/// The engine of the timers.
pub(crate) struct Deadlines {
    log: Log,
    pool: PgPool,
    clock: Arc<dyn Clock>,
    settings: config::Deadlines,
    gates: Gates,
    precedence: Precedence,
    /// Claims that may be open at the same time.
    claims: Semaphore,
    /// This machine's clock was too far off at the last look.
    skewed: bool,
}

impl Deadlines {
    pub(crate) fn new(
        log: Log,
        pool: PgPool,
        clock: Arc<dyn Clock>,
        settings: config::Deadlines,
        (status, precedence): (Status, Precedence),
    ) -> Self {
        metrics::show();
        let gates = Gates::new(settings.catch_up_wait, status);
        let claims = (pool.options().get_max_connections() / SHARE_OF_CLAIMS).max(1);
        let claims = Semaphore::new(usize::try_from(claims).unwrap_or(1));
        Self { log, pool, clock, settings, gates, precedence, claims, skewed: false }
    }

    /// Fires timers until told to stop. Failures are logged and tried again.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        loop {
            let pause = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                // Dropping a round at any point is safe: what has fired does not fire again.
                round = self.round() => round.unwrap_or_else(|error| {
                    tracing::warn!(error = describe(&error), "timers not fired, will be again");
                    self.settings.retry_delay
                }),
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Fires what is due in every partition; answers how long to sleep.
    async fn round(&mut self) -> Result<Duration, Error> {
        let now = match self.clock.instead_of_database() {
            Some(now) => now,
            None => {
                let now = self.log.now().await?;
                if !self.in_step(now) {
                    return Ok(self.settings.poll);
                }
                now
            }
        };
        let next = timers::next(&self.pool, self.log.partitions());
        let next = self.log.bounded("find the next timer", next).await?;
        let mut pause = self.settings.poll;
        let mut open = Vec::new();
        for (partition, wake_at) in next {
            if wake_at > now {
                pause = pause.min(wake_at.duration_since(now).unsigned_abs());
                continue;
            }
            match self.gates.pass(&self.log, &self.pool, partition, now).await? {
                Some(until) => open.push((partition, until)),
                None => pause = pause.min(GATE_POLL),
            }
        }
        if open.is_empty() {
            return Ok(pause);
        }
        self.precedence.take(self.settings.precedence);
        let partitions = open.into_iter().map(|(partition, until)| self.fire_due(partition, until));
        let fired = futures::future::try_join_all(partitions).await;
        self.precedence.give_back();
        fired.map(|_| pause)
    }

    /// True if this machine's clock agrees with the database's. One that does not is a
    /// machine whose other instants cannot be trusted either.
    fn in_step(&mut self, database: Timestamp) -> bool {
        let skew = self.clock.now().duration_since(database);
        metrics::CLOCK_SKEW.record(skew.as_secs_f64(), &[]);
        let skewed = skew.unsigned_abs() > self.settings.max_skew;
        let skew_ms = i64::try_from(skew.as_millis()).unwrap_or(i64::MAX);
        if skewed && !self.skewed {
            let limit_ms = self.settings.max_skew.as_millis();
            tracing::error!(
                skew_ms,
                limit_ms,
                "this machine's clock and the database's differ: no timer fires here"
            );
        } else if self.skewed && !skewed {
            tracing::info!(skew_ms, "the clocks agree again: timers fire");
        }
        self.skewed = skewed;
        !skewed
    }

    /// Fires everything due in a partition, batch by batch; partitions take turns.
    async fn fire_due(&self, partition: Partition, until: Timestamp) -> Result<(), Error> {
        loop {
            let _turn = self.claims.acquire().await.expect("nobody closes it");
            let claimed = self.fire_batch(partition, until).await?;
            if claimed < self.settings.batch.max(1) as usize {
                return Ok(());
            }
        }
    }

    async fn fire_batch(&self, partition: Partition, until: Timestamp) -> Result<usize, Error> {
        let limit = self.settings.batch.max(1);
        let claim = Claim::begin(&self.pool, partition, until, limit);
        let (claim, claimed) = self.log.bounded("claim timers", claim).await?;
        let count = claimed.len();
        // What comes after the last of a full batch is not claimed, and fires in its turn.
        let upto = match claimed.last() {
            None => return Ok(0),
            Some(last) if count == limit as usize => last.wake_at,
            Some(_) => until,
        };
        let moment = Moment { upto, now: until, begun: Instant::now() };
        let (mut done, mut later) = (Vec::new(), Vec::new());
        for (timers, fired) in self.fire_claimed(claimed, moment).await {
            match fired {
                Fired::Done => done.extend(timers),
                Fired::Later => later.extend(timers),
            }
        }
        let wait = SignedDuration::try_from(self.settings.retry_delay);
        let again = until.saturating_add(wait.unwrap_or(SignedDuration::MAX));
        let again = again.unwrap_or(Timestamp::MAX);
        let end = claim.end(&done, &later, again);
        self.log.bounded("end a claim of timers", end).await?;
        Ok(count)
    }
}
