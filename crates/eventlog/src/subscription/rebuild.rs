//! Blue/green rebuild: builds a new generation of a service's tables beside the old one, and swaps
//! it in while the old one serves.
//!
//! The new generation grows in the schema `<service>_next` with the same subscriber code, from
//! the first event on, without reactions. When it has caught up, one transaction keeps the old
//! cursor still, carries over how far reactions went and which are still owed, and renames the
//! schemas. A running subscription then finds another table under its cursor's name, drops its
//! batch and continues in the new generation. Postgres plans prepared statements again, because the
//! names of the schemas changed.
//!
//! Everything in a service's schema is therefore a projection: data in no event would be lost here.
//! Only which events operators skipped is carried over.
use std::sync::Arc;

use futures::future::try_join_all;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::apply::{Applier, Failure};
use super::handler::Subscriber;
use super::parked;
use super::settings::Settings;
use super::status::Status;
use super::worker::read_dense;
use crate::{Error, Log, Partition, describe};

/// Events per page and transaction: nobody waits for a single one here.
const BATCH: u32 = 5_000;

/// Transient failures in a row after which the rebuild gives up; the old generation serves on.
const ATTEMPTS: u32 = 10;

/// A rebuild that ended before the swap. The old generation is untouched.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Postgres could not do it or did not answer.
    #[error("cannot {operation}")]
    Query {
        /// What was asked, as a verb and a noun.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// The new generation's tables could not be made.
    #[error("cannot migrate the new generation")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// The log could not be read.
    #[error("cannot read the log")]
    Log(#[source] Error),
    /// Another rebuild of this service is running.
    #[error("another rebuild of this service is running")]
    Running,
    /// A partition could not be brought up to the log's head.
    #[error("partition {partition} stands still: {reason}")]
    Stopped {
        /// The partition.
        partition: Partition,
        /// Why.
        reason: String,
    },
    /// The serving generation waits for an operator to confirm the log's epoch.
    #[error("confirm the epoch of partition {0} first")]
    EpochUnconfirmed(Partition),
}

/// What a rebuild did.
#[derive(Debug, Clone, Copy)]
pub struct Rebuilt {
    /// Events projected before the swap.
    pub events: u64,
    /// Events parked in the new generation.
    pub parked: u64,
}

/// Builds the tables of `service` again from the log and swaps them in.
///
/// `admin` connects as the schemas' owner. The service's subscription has the service's name.
/// `migrator` makes the new generation's tables, those of the subscription included, under whatever schema is first on the search path.
///
/// # Errors
/// [`RebuildError`]; until the swap the old generation serves unchanged, and a rebuild started
/// again begins anew.
pub async fn rebuild<S: Subscriber>(
    log: &Log,
    admin: &PgConnectOptions,
    service: &'static str,
    migrator: Migrator,
    subscriber: Arc<S>,
    settings: &Settings,
) -> Result<Rebuilt, RebuildError> {
    let mut connection = admin.connect().await.map_err(query("connect as the owner"))?;
    prepare(&mut connection, service).await?;
    let next = format!("{service}_next");
    migrate(admin, &next, migrator).await?;
    run(&mut connection, include_str!("../../sql/rebuild_grants.sql"), "grant rights").await?;
    let carry = include_str!("../../sql/rebuild_carry.sql");
    run(&mut connection, carry, "carry over what was skipped").await?;

    let role = format!("odzew_{service}");
    let options = admin.clone().options([
        ("role", role.as_str()),
        ("search_path", next.as_str()),
        // A crash loses at most the whole new generation; the swap itself is durable.
        ("synchronous_commit", "off"),
    ]);
    let size = u32::try_from(log.partitions().len()).unwrap_or(u32::MAX).clamp(1, 8) + 1;
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .connect_with(options)
        .await
        .map_err(query("connect as the service"))?;
    let settings = Settings { page_size: BATCH, batch_size: BATCH as usize, ..settings.clone() };
    let status = Status::new(log.partitions());
    let applier = Applier {
        name: service,
        pool: pool.clone(),
        subscriber,
        settings,
        status,
        log: log.clone(),
    };

    let mut events = 0;
    loop {
        let partitions = log.partitions().iter();
        let caught_up = partitions.map(|&partition| catch_up(&applier, log, partition));
        let round: u64 = try_join_all(caught_up).await?.into_iter().sum();
        events += round;
        tracing::info!(service, events, "new generation caught up");
        // The last rounds are short; what is still missing at the swap comes after it.
        if round < u64::from(BATCH) {
            break;
        }
    }
    let mut parked = 0;
    for &partition in log.partitions() {
        let count = parked::count(&pool, service, partition);
        parked += count.await.map_err(query("count parked events"))?;
    }
    pool.close().await;
    check_epochs(&mut connection, log, service).await?;
    run(&mut connection, include_str!("../../sql/rebuild_swap.sql"), "swap generations").await?;
    tracing::info!(service, events, parked, "new generation serves");
    let drop_old = include_str!("../../sql/rebuild_drop_old.sql");
    run(&mut connection, drop_old, "drop the old generation").await?;
    connection.close().await.map_err(query("close the connection"))?;
    Ok(Rebuilt { events, parked })
}

/// Makes sure that this is the only rebuild of the service, and makes an empty new schema.
async fn prepare(connection: &mut PgConnection, service: &str) -> Result<(), RebuildError> {
    let (alone, _): (bool, String) = sqlx::query_as(
        "select pg_try_advisory_lock(hashtext('odzew rebuild'), hashtext($1)),
                set_config('odzew.rebuild_service', $1, false)",
    )
    .bind(service)
    .fetch_one(&mut *connection)
    .await
    .map_err(query("lock the rebuild"))?;
    if !alone {
        return Err(RebuildError::Running);
    }
    run(connection, include_str!("../../sql/rebuild_prepare.sql"), "make the new schema").await
}

async fn migrate(
    admin: &PgConnectOptions,
    schema: &str,
    mut migrator: Migrator,
) -> Result<(), RebuildError> {
    let options = admin.clone().options([("search_path", schema)]);
    let mut connection = options.connect().await.map_err(query("connect as the owner"))?;
    migrator.set_locking(false);
    migrator.run(&mut connection).await.map_err(RebuildError::Migrate)?;
    connection.close().await.map_err(query("close the connection"))
}

/// Applies the log to the new generation until its end; answers how many events that were.
async fn catch_up<S: Subscriber>(
    applier: &Applier<S>,
    log: &Log,
    partition: Partition,
) -> Result<u64, RebuildError> {
    let mut failures = 0;
    let mut applied = 0;
    loop {
        let reason = match attempt(applier, log, partition, &mut applied).await {
            Ok(()) => return Ok(applied),
            Err(Failure::Transient(source)) => describe(&*source),
            Err(Failure::Fenced) => {
                return Err(RebuildError::Stopped {
                    partition,
                    reason: "somebody else writes into the new generation".to_owned(),
                });
            }
            Err(Failure::Halted(reason)) => {
                return Err(RebuildError::Stopped { partition, reason });
            }
            Err(lost @ Failure::Lost(_)) => lost.to_string(),
        };
        failures += 1;
        if failures >= ATTEMPTS {
            return Err(RebuildError::Stopped { partition, reason });
        }
        tracing::warn!(%partition, failures, error = reason, "rebuild failed, will be tried again");
        tokio::time::sleep(applier.settings.backoff(failures)).await;
    }
}

async fn attempt<S: Subscriber>(
    applier: &Applier<S>,
    log: &Log,
    partition: Partition,
    applied: &mut u64,
) -> Result<(), Failure> {
    let epoch = log.epoch(partition).await?;
    // All reactions were or will be the serving generation's.
    let mut progress = applier.open(partition, epoch, i64::MAX.unsigned_abs()).await?;
    let mut page = read_dense(log, partition, progress.cursor.done(), BATCH).await?;
    while let Some(last) = page.last().map(|event| event.position) {
        let full = log.is_full(&page, BATCH);
        let count = page.len() as u64;
        let (done, next) = tokio::join!(applier.apply(&mut progress, page), async {
            if full { read_dense(log, partition, last, BATCH).await } else { Ok(Vec::new()) }
        });
        done?;
        *applied += count;
        page = next?;
    }
    Ok(())
}

/// Positions of different epochs cannot be compared, so the serving generation must have
/// arrived in the log's epoch before its reaction positions are carried over.
async fn check_epochs(
    connection: &mut PgConnection,
    log: &Log,
    service: &str,
) -> Result<(), RebuildError> {
    // The serving generation's cursors, under their own schema.
    sqlx::query("select set_config('search_path', $1, false)")
        .bind(service)
        .execute(&mut *connection)
        .await
        .map_err(query("choose the serving generation"))?;
    for &partition in log.partitions() {
        let epoch = log.epoch(partition).await.map_err(RebuildError::Log)?;
        let behind: bool = sqlx::query_scalar(
            "select exists (select from subscription_cursor
                             where subscription = $1 and partition = $2 and epoch <> $3)",
        )
        .bind(service)
        .bind(partition.0)
        .bind(i32::try_from(epoch).unwrap_or(i32::MAX))
        .fetch_one(&mut *connection)
        .await
        .map_err(query("read the serving generation's epoch"))?;
        if behind {
            return Err(RebuildError::EpochUnconfirmed(partition));
        }
    }
    Ok(())
}

async fn run(
    connection: &mut PgConnection,
    statement: &'static str,
    operation: &'static str,
) -> Result<(), RebuildError> {
    sqlx::raw_sql(statement).execute(connection).await.map_err(query(operation))?;
    Ok(())
}

fn query(operation: &'static str) -> impl FnOnce(sqlx::Error) -> RebuildError {
    move |source| RebuildError::Query { operation, source }
}
