//! Keeps time: fires what is due, once, in order, and not before what happened until then
//! has been seen.
//!
//! ```text
//! now (database) ─▶ next due ─▶ gate: reacted up to the head? ─▶ claim ─▶ fire ─▶ delete
//! ```
//! A timer is a row, and firing is a command that changes nothing the second time. So a
//! crash between the two, another replica or a rebuild fires nothing twice, and what became
//! due while nobody ran fires when somebody does, each with its own instant.
mod gate;
mod metrics;

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use chassis::clock::Clock;
use domain::clock::{Clocks, Command, Rejection};
use eventlog::{Actor, Cause, Error, ExecuteError, HandlerError, Log, Partition, trace};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use wire::common::v1::ActorKind;

use crate::config;
use crate::reactions::SERVICE;
use crate::read_model::TicketKey;
use crate::read_model::timers::{self, Timer};
use gate::Gates;

/// How soon a gate that is closed is looked at again.
const GATE_POLL: Duration = Duration::from_millis(20);

/// The engine of the timers.
pub(crate) struct Deadlines {
    log: Log,
    pool: PgPool,
    clock: Arc<dyn Clock>,
    settings: config::Deadlines,
    gates: Gates,
    /// This machine's clock was too far off at the last look.
    skewed: bool,
}

/// What became of a claimed timer.
#[derive(Clone, Copy, PartialEq)]
enum Fired {
    /// It has done what it was for, or no longer had to.
    Done,
    /// It must be tried again later.
    Later,
}

impl Deadlines {
    pub(crate) fn new(
        log: Log,
        pool: PgPool,
        clock: Arc<dyn Clock>,
        settings: config::Deadlines,
    ) -> Self {
        metrics::show();
        let gates = Gates::new(settings.catch_up_wait);
        Self { log, pool, clock, settings, gates, skewed: false }
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
        let next = timers::next(&self.pool, self.log.partitions())
            .await
            .map_err(|source| Error::Query { operation: "find the next timer", source })?;
        let mut pause = self.settings.poll;
        for (partition, wake_at) in next {
            if wake_at > now {
                pause = pause.min(wake_at.duration_since(now).unsigned_abs());
                continue;
            }
            match self.gates.pass(&self.log, &self.pool, partition, now).await? {
                Some(until) => self.fire_due(partition, until).await?,
                None => pause = pause.min(GATE_POLL),
            }
        }
        Ok(pause)
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

    /// Fires everything due in a partition, batch by batch.
    async fn fire_due(&self, partition: Partition, until: Timestamp) -> Result<(), Error> {
        loop {
            let claimed = self
                .fire_batch(partition, until)
                .await
                .map_err(|source| Error::Query { operation: "claim timers", source })?;
            if claimed < self.settings.batch.max(1) as usize {
                return Ok(());
            }
        }
    }

    async fn fire_batch(
        &self,
        partition: Partition,
        until: Timestamp,
    ) -> Result<usize, sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        let claimed = timers::claim(&mut tx, partition, until, self.settings.batch.max(1)).await?;
        let count = claimed.len();
        if count == 0 {
            return Ok(0);
        }
        let mut tickets: BTreeMap<TicketKey, Vec<Timer>> = BTreeMap::new();
        for timer in claimed {
            tickets.entry((timer.tenant, timer.ticket_id)).or_default().push(timer);
        }
        let begun = (until, Instant::now());
        let outcomes: Vec<(Timer, Fired)> = futures::stream::iter(tickets.into_values())
            .map(|timers| self.fire_in_order(timers, begun))
            .buffer_unordered(self.settings.concurrency.max(1))
            .concat()
            .await;
        let (done, later): (Vec<_>, Vec<_>) =
            outcomes.into_iter().partition(|(_, fired)| *fired == Fired::Done);
        let timers = |outcomes: Vec<(Timer, Fired)>| -> Vec<Timer> {
            outcomes.into_iter().map(|(timer, _)| timer).collect()
        };
        timers::delete(&mut tx, &timers(done)).await?;
        if !later.is_empty() {
            let wait = SignedDuration::try_from(self.settings.retry_delay);
            let wake_at = until.saturating_add(wait.unwrap_or(SignedDuration::MAX));
            let wake_at = wake_at.unwrap_or(Timestamp::MAX);
            timers::postpone(&mut tx, &timers(later), wake_at).await?;
        }
        tx.commit().await?;
        Ok(count)
    }

    /// Fires a ticket's timers one after the other; behind one that cannot fire the others
    /// wait.
    async fn fire_in_order(
        &self,
        timers: Vec<Timer>,
        (until, begun): (Timestamp, Instant),
    ) -> Vec<(Timer, Fired)> {
        let mut outcomes = Vec::with_capacity(timers.len());
        let mut fired = Fired::Done;
        for timer in timers {
            if fired == Fired::Done {
                let now = self.clock.instead_of_database().unwrap_or_else(|| {
                    let passed = SignedDuration::try_from(begun.elapsed());
                    let now = until.saturating_add(passed.unwrap_or(SignedDuration::ZERO));
                    chassis::clock::truncate_to_millis(now.unwrap_or(until))
                });
                let span = tracing::info_span!(
                    "fire", ticket.id = %timer.ticket_id.0, clock.id = %timer.id,
                );
                fired = self.fire(&timer, now).instrument(span).await;
            }
            outcomes.push((timer, fired));
        }
        outcomes
    }

    async fn fire(&self, timer: &Timer, now: Timestamp) -> Fired {
        let tenant = match self.log.tenant_by_key(timer.tenant).await {
            Ok(Some(tenant)) => tenant,
            Ok(None) => return refused(timer, "the tenant is not known"),
            Err(error) => return delayed(timer, &describe(&error)),
        };
        let Timer { id, what, ticket_id, .. } = *timer;
        let command = Command::Fire { id, what, now };
        let cause = cause(timer);
        match eventlog::execute::<Clocks>(&self.log, &tenant, ticket_id.0, &cause, &command).await {
            Ok(executed) => {
                if !executed.events.is_empty() && !timer.historical {
                    let late = now.duration_since(timer.at).as_secs_f64();
                    metrics::LATENESS.record(late, &[]);
                }
                Fired::Done
            }
            // The clock has another due time by now, and that has a row of its own.
            Err(ExecuteError::Rejected(Rejection::NotDue { .. })) => Fired::Done,
            Err(error) => match HandlerError::from(error) {
                HandlerError::Transient(error) => delayed(timer, &describe(&*error)),
                HandlerError::Poison(reason) => refused(timer, &reason),
            },
        }
    }
}

/// Why a timer's events happen: because its instant came, however late that is noticed. They
/// begin a trace, for nobody asked for them.
fn cause(timer: &Timer) -> Cause {
    let actor =
        Actor { kind: ActorKind::System, id: SERVICE.to_owned(), role: "system".to_owned() };
    Cause {
        actor,
        request: None,
        causation_id: None,
        correlation_id: timer.ticket_id.0,
        traceparent: trace::current(),
        occurred_at: timer.at,
        historical: timer.historical,
        expected_version: None,
    }
}

fn delayed(timer: &Timer, reason: &str) -> Fired {
    tracing::warn!(
        ticket.id = %timer.ticket_id.0, clock.id = %timer.id, reason,
        "timer not fired, will be tried again"
    );
    Fired::Later
}

fn refused(timer: &Timer, reason: &str) -> Fired {
    metrics::REFUSED.add(1, &[]);
    tracing::error!(
        ticket.id = %timer.ticket_id.0, clock.id = %timer.id, reason,
        "timer cannot fire, will be tried again"
    );
    Fired::Later
}

/// An error with its causes, in one line.
fn describe(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
