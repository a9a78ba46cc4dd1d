//! Callers that append as fast as they are answered.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use eventlog::{Log, Tenant};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::events::{self, Template};

/// When the callers stop.
#[derive(Debug, Clone)]
pub(crate) enum Until {
    /// After so many events in all.
    Events(Arc<AtomicU64>),
    /// At this time.
    Time(Instant),
}

impl Until {
    pub(crate) fn events(events: u64) -> Self {
        Self::Events(Arc::new(AtomicU64::new(events)))
    }

    pub(crate) fn after(time: Duration) -> Self {
        Self::Time(Instant::now() + time)
    }

    fn go_on(&self) -> bool {
        match self {
            Self::Events(left) => left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                .is_ok(),
            Self::Time(end) => Instant::now() < *end,
        }
    }
}

/// What the callers saw.
#[derive(Debug)]
pub(crate) struct Appending {
    /// Acknowledged events per second of all callers together.
    pub(crate) rate: f64,
    /// Microseconds from call to answer.
    pub(crate) latency: Histogram<u64>,
}

/// `callers` per tenant append single events to streams of their own.
///
/// # Errors
/// If one append fails: nothing else runs here that it could conflict with.
pub(crate) async fn run(
    log: &Log,
    tenants: &[Tenant],
    template: &Template,
    callers: usize,
    until: Until,
) -> Result<Appending> {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for tenant in tenants {
        for _ in 0..callers {
            let (log, tenant) = (log.clone(), tenant.clone());
            tasks.spawn(caller(log, tenant, template.clone(), until.clone()));
        }
    }
    let mut latency = histogram();
    while let Some(ended) = tasks.join_next().await {
        latency.add(ended.context("a caller ends")??)?;
    }
    Ok(Appending { rate: latency.len() as f64 / start.elapsed().as_secs_f64(), latency })
}

async fn caller(
    log: Log,
    tenant: Tenant,
    template: Template,
    until: Until,
) -> Result<Histogram<u64>> {
    let mut latency = histogram();
    let mut stream = events::fresh_stream();
    let mut version = 0;
    while until.go_on() {
        if version == events::PER_STREAM {
            (stream, version) = (events::fresh_stream(), 0);
        }
        let event = template.event();
        let start = Instant::now();
        let appended = log.append(&tenant, &stream, version, vec![event]).await?;
        latency.saturating_record(micros(start.elapsed()));
        version = appended.version;
    }
    Ok(latency)
}

/// Microseconds up to a minute, three digits.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("these bounds are valid")
}

/// A duration as the histograms count it.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
