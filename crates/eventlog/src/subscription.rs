//! The consumer loop that every service runs.
//!
//! A cursor per partition is kept in the service's own schema. It moves in the transaction of the
//! effects, and only from its expected value, so each event has its effects exactly once, even if
//! other replicas run. Reactions come before that and are idempotent commands.
//!
//! ```text
//! log pages ──▶ react ──▶ [ fence, project, park ] ──▶ broker's events ──▶ ... ──▶ gap: log pages
//! ```
mod apply;
mod changes;
pub mod cursor;
mod handler;
mod lease;
mod live;
pub mod parked;
mod react;
pub mod rebuild;
mod settings;
mod status;
mod unpark;
mod worker;

pub use changes::Changes;
pub use handler::{HandlerError, Subscriber};
pub use live::{LiveFeed, LiveSource, live_feed};
pub use settings::Settings;
pub use status::{PartitionStatus, Status};

use std::sync::Arc;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Error, Log};

/// A service's reading of the whole log.
#[derive(Debug)]
pub struct Subscription<S> {
    name: &'static str,
    log: Log,
    pool: PgPool,
    subscriber: Arc<S>,
    settings: Settings,
    live: Option<LiveFeed>,
    status: Status,
}

impl<S: Subscriber> Subscription<S> {
    /// A subscription whose cursors and effects live in the first schema on the pool's search
    /// path. Without a live feed the log is polled.
    #[must_use]
    pub fn new(
        name: &'static str,
        log: Log,
        pool: PgPool,
        subscriber: Arc<S>,
        settings: Settings,
        live: Option<LiveFeed>,
    ) -> Self {
        let status = Status::new(log.partitions());
        Self { name, log, pool, subscriber, settings, live, status }
    }

    /// A handle on the running state, for readiness and metrics.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Reads until told to stop. Failures are logged, shown in the status and tried again.
    ///
    /// # Errors
    /// None today; the signature is that of every supervised task.
    ///
    /// # Panics
    /// If a handler panics: the process must not go on with a broken invariant.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), Error> {
        let mut tasks = JoinSet::new();
        let mut grants = Vec::new();
        for &partition in self.log.partitions() {
            let (grant, granted) = watch::channel(!self.settings.leases);
            grants.push((partition, grant));
            let applier = apply::Applier {
                name: self.name,
                pool: self.pool.clone(),
                subscriber: Arc::clone(&self.subscriber),
                settings: self.settings.clone(),
                status: self.status.clone(),
                log: self.log.clone(),
            };
            let live = self.live.as_mut().and_then(|feed| feed.take(partition));
            let worker = worker::Worker::new(applier, partition, live);
            tasks.spawn(worker.run(granted));
        }
        let options = self.pool.connect_options().as_ref().clone();
        let leases = lease::Leases::new(options, self.name, &self.settings, grants);
        let held = async {
            if self.settings.leases {
                leases.run().await;
            } else {
                // The grants live on in `leases`: dropping them would end the workers.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = held => {}
            Some(ended) = tasks.join_next() => if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        tasks.shutdown().await;
        Ok(())
    }
}
