//! The handle of the log, used by everything else.
use std::collections::BTreeMap;
use std::io::ErrorKind::TimedOut;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::select_all;
use jiff::Timestamp;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use crate::append::{AppendCounts, AppendError, Appended, Counter, Known, Queue};
use crate::cursor::Partition;
use crate::error::Error;
use crate::event::{NewEvent, StreamId};
use crate::execute::Recent;
use crate::sealing::Sealing;
use crate::settings::Settings;
use crate::tenants::{Tenant, TenantKey, Tenants};

/// The event log. Clones share everything.
#[derive(Clone, Debug)]
pub struct Log {
    shared: Arc<Shared>,
    sealing: Option<Sealing>,
}

#[derive(Debug)]
struct Shared {
    pool: PgPool,
    settings: Settings,
    partitions: Vec<Partition>,
    queues: BTreeMap<Partition, Queue>,
    tenants: Tenants,
    /// The epochs as last read; written by every reader.
    epochs: Mutex<BTreeMap<Partition, u32>>,
    counter: Counter,
    recent: Recent,
}

impl Log {
    /// Opens the log behind `pool` and starts one writer task per partition. A writer has a
    /// connection of its own, with the pool's options, from its first append on; the pool
    /// serves the readers.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] if the log was never migrated, or [`Error::Query`].
    pub async fn open(pool: PgPool, settings: Settings) -> Result<Self, Error> {
        let numbers: Vec<i16> =
            sqlx::query_scalar("select partition from log.partition order by partition")
                .fetch_all(&pool)
                .await
                .map_err(Error::query("list the partitions"))?;
        if numbers.is_empty() {
            return Err(Error::NotInstalled);
        }
        let partitions: Vec<Partition> = numbers.into_iter().map(Partition).collect();
        let options = pool.connect_options();
        let counter = Counter::default();
        let queues = partitions.iter().map(|&partition| {
            let options = options.as_ref().clone();
            (partition, Queue::start(partition, options, &settings, &counter))
        });
        let queues = queues.collect();
        let tenants = Tenants::default();
        let recent = Recent::new(settings.remembered_states);
        let epochs = Mutex::default();
        let shared =
            Shared { pool, settings, partitions, queues, tenants, epochs, counter, recent };
        Ok(Self { shared: Arc::new(shared), sealing: None })
    }

    /// The same log, sealing the personal data it appends and opening those it reads from a
    /// stream or for a subscription. Without this, both stay as they are.
    #[must_use]
    pub fn sealing(self, sealing: Sealing) -> Self {
        Self { sealing: Some(sealing), ..self }
    }

    pub(crate) fn keys(&self) -> Option<&Sealing> {
        self.sealing.as_ref()
    }

    /// Forgets what this process remembers of keys and of what was read with them, because keys
    /// were destroyed.
    pub fn forget_personal_data(&self) {
        if let Some(sealing) = &self.sealing {
            sealing.keyring().forget();
        }
        self.shared.recent.forget();
    }

    /// The pool that reads go through.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.shared.pool
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// All partitions, ascending.
    #[must_use]
    pub fn partitions(&self) -> &[Partition] {
        &self.shared.partitions
    }

    /// The tenant of this name, if there is one. Remembered after its first mention.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub async fn tenant(&self, name: &str) -> Result<Option<Tenant>, Error> {
        self.in_time("look a tenant up", self.shared.tenants.by_name(self.pool(), name)).await
    }

    /// The tenant with this key, if there is one. Remembered after its first mention.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub async fn tenant_by_key(&self, key: TenantKey) -> Result<Option<Tenant>, Error> {
        self.in_time("look a tenant up", self.shared.tenants.by_key(self.pool(), key)).await
    }

    /// Every tenant, in the order of their creation.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        self.in_time("list the tenants", self.shared.tenants.all(self.pool())).await
    }

    /// The tenant of this name, created on the partition with the fewest tenants if it does
    /// not exist. Only the owner of the schema may create one; a service's role may not.
    ///
    /// # Errors
    /// [`Error::TenantName`] or [`Error::Query`].
    pub async fn create_tenant(&self, name: &str) -> Result<Tenant, Error> {
        self.shared.tenants.create(self.pool(), name).await
    }

    /// Appends all `events` to `stream` if it is at version `expected` (0: it does not
    /// exist), or none of them. Sending events again that are already at these versions, by
    /// their ids, is answered like the first time.
    ///
    /// # Errors
    /// See [`AppendError`]; only [`AppendError::OutcomeUnknown`] leaves open what happened.
    ///
    /// # Panics
    /// If there are no events.
    pub async fn append(
        &self,
        tenant: &Tenant,
        stream: &StreamId,
        expected: u32,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        self.append_knowing(tenant, stream, expected, Known::default(), events).await
    }

    /// [`Log::append`] by somebody who knows more, which saves look-ups or asks for them.
    pub(crate) async fn append_knowing(
        &self,
        tenant: &Tenant,
        stream: &StreamId,
        expected: u32,
        known: Known<'_>,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        let queue = self.queue(tenant.partition);
        let verdict = queue.append(tenant, stream, expected, known, events).await;
        if verdict.as_ref().is_err_and(AppendError::is_tenant_missing) {
            tracing::error!(
                tenant = %tenant.name, tenant.key = tenant.key.0,
                "the log has lost a tenant: it was restored from a backup that is older"
            );
            self.shared.tenants.forget();
        }
        verdict
    }

    /// Returns once it is sure that the event is at that version of the stream and stays there, as
    /// an append would have been answered.
    pub(crate) async fn settle(
        &self,
        tenant: &Tenant,
        stream: &StreamId,
        version: u32,
        event_id: Uuid,
    ) -> Result<(), AppendError> {
        self.queue(tenant.partition).settle(tenant, stream, version, event_id).await
    }

    pub(crate) fn recent(&self) -> &Recent {
        &self.shared.recent
    }

    /// Number of the writer's session: what was seen in an earlier one may have been seen on
    /// another server.
    pub(crate) fn session(&self, partition: Partition) -> u64 {
        self.queue(partition).session()
    }

    /// The highest position this process knows to be committed in `partition`; 0 before its
    /// first append. Others may have committed more: [`Log::head`] asks Postgres.
    ///
    /// # Panics
    /// If the partition is not installed.
    #[must_use]
    pub fn commits(&self, partition: Partition) -> watch::Receiver<u64> {
        self.queue(partition).commits()
    }

    /// Outcomes of the appends through this log and its clones.
    #[must_use]
    pub fn append_counts(&self) -> AppendCounts {
        self.shared.counter.read()
    }

    /// Returns when a writer task has died, which only a bug can do: appends to its partition
    /// fail from then on, so the process should end.
    pub async fn writer_stopped(&self) {
        select_all(self.shared.queues.values().map(|queue| Box::pin(queue.stopped()))).await;
    }

    /// The database's clock, to the millisecond.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub async fn now(&self) -> Result<Timestamp, Error> {
        let read = sqlx::query_scalar("select date_trunc('milliseconds', clock_timestamp())")
            .fetch_one(self.pool());
        let now: jiff_sqlx::Timestamp = self.bounded("read the clock", read).await?;
        Ok(now.to_jiff())
    }

    /// The epoch of `partition`: 1 at first, raised when the log turned out to be behind what
    /// readers have already seen (a restored backup).
    ///
    /// # Errors
    /// [`Error::PartitionMissing`] or [`Error::Query`].
    pub async fn epoch(&self, partition: Partition) -> Result<u32, Error> {
        let read = sqlx::query_scalar("select epoch from log.partition where partition = $1")
            .bind(partition.0)
            .fetch_optional(self.pool());
        let epoch: Option<i32> = self.bounded("read an epoch", read).await?;
        let epoch = epoch.map(i32::unsigned_abs).ok_or(Error::PartitionMissing(partition))?;
        self.note_epoch(partition, epoch);
        Ok(epoch)
    }

    /// In another epoch the log may have lost what this process remembers of it.
    fn note_epoch(&self, partition: Partition, epoch: u32) {
        let mut epochs = self.shared.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        if epochs.insert(partition, epoch).is_some_and(|before| before != epoch) {
            self.shared.tenants.forget();
            self.forget_personal_data();
        }
    }

    /// Raises the epoch of `partition` by one if it still is `seen`, so that several who
    /// noticed the same trouble raise it once. Answers the epoch now in force.
    ///
    /// # Errors
    /// As [`Log::epoch`].
    pub async fn raise_epoch(&self, partition: Partition, seen: u32) -> Result<u32, Error> {
        let raise = sqlx::query_scalar(include_str!("../sql/raise_epoch.sql"))
            .bind(partition.0)
            .bind(i32::try_from(seen).unwrap_or(i32::MAX))
            .fetch_one(self.pool());
        let raised: Option<i32> = self.bounded("raise an epoch", raise).await?;
        match raised {
            Some(epoch) => Ok(epoch.unsigned_abs()),
            None => self.epoch(partition).await,
        }
    }

    /// The nearest end that the log of `partition` had when an epoch from `since` on was raised:
    /// up to there the log was not set back afterwards. `None` if none was raised.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub(crate) async fn raised_at(
        &self,
        partition: Partition,
        since: u32,
    ) -> Result<Option<u64>, Error> {
        let read = sqlx::query_scalar(
            "select min(ended) from log.partition, unnest(raised_at[$2:]) as ended
              where partition = $1",
        )
        .bind(partition.0)
        .bind(i32::try_from(since).unwrap_or(i32::MAX))
        .fetch_one(self.pool());
        let ended: Option<i64> = self.bounded("read where an epoch was raised", read).await?;
        Ok(ended.and_then(|ended| u64::try_from(ended).ok()))
    }

    /// The answer to a short statement, or an error when it does not come: a server that is gone
    /// without a word would be waited for as long as TCP does. For everybody who asks the database
    /// that the log is in.
    ///
    /// # Errors
    /// [`Error::Standby`] or [`Error::Query`].
    pub async fn bounded<T>(
        &self,
        operation: &'static str,
        statement: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Error> {
        let statement = async { statement.await.map_err(Error::query(operation)) };
        self.in_time(operation, statement).await
    }

    /// The same for what has errors of its own.
    ///
    /// # Errors
    /// [`Error::Query`] when the time is over, or those of `work`.
    pub async fn in_time<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let late = |_| Err(Error::query(operation)(std::io::Error::from(TimedOut).into()));
        timeout(self.settings().read_timeout, work).await.unwrap_or_else(late)
    }

    fn queue(&self, partition: Partition) -> &Queue {
        self.shared.queues.get(&partition).expect("tenants live in installed partitions")
    }
}
