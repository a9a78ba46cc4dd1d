//! The operators' commands, one file each, and the connections they share.

pub(crate) mod epoch;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod parked;
pub(crate) mod tenant;

use std::str::FromStr;

use anyhow::{Context, Result};
use clap::Subcommand;
use eventlog::Log;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use crate::config::Config;

/// Verbs of `odzew admin`.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make and list tenants.
    #[command(subcommand)]
    Tenant(tenant::Verb),
    /// Events that a service could not apply: list them, retry or skip one.
    #[command(subcommand)]
    Parked(parked::Verb),
    /// The log's epoch after a restore from a backup.
    #[command(subcommand)]
    Epoch(epoch::Verb),
    /// The master key behind the keys of personal data.
    #[command(subcommand)]
    Keys(keys::Verb),
}

/// # Errors
/// As the verb says.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    match verb {
        Verb::Tenant(verb) => tenant::run(verb, config).await,
        Verb::Parked(verb) => parked::run(verb, config).await,
        Verb::Epoch(verb) => epoch::run(verb, config).await,
        Verb::Keys(verb) => keys::run(verb, config).await,
    }
}

/// Connection options of the database's owner.
pub(crate) fn options(config: &Config) -> Result<PgConnectOptions> {
    let url = config.postgres.admin_url.expose();
    let url = if url.is_empty() { config.postgres.url.expose() } else { url };
    PgConnectOptions::from_str(url)
        .context("read postgres.admin_url, or postgres.url where that is empty")
}

/// A small pool of the database's owner.
pub(crate) async fn pool(config: &Config) -> Result<PgPool> {
    config.postgres.pool(options(config)?, 2).await.context("connect to Postgres")
}

/// The log with the rights of the database's owner.
pub(crate) async fn open_log(config: &Config) -> Result<Log> {
    let pool = pool(config).await?;
    Log::open(pool, config.eventlog.clone()).await.context("open the log")
}
