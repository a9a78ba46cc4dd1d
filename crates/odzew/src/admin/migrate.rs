//! `odzew migrate`: brings every schema to this version.
use std::str::FromStr as _;

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::config::{Config, refuse_standby};
use crate::output;

/// SQLSTATE of a database that does not exist.
const NO_SUCH_DATABASE: &str = "3D000";
/// SQLSTATEs of a database that somebody else made in the meantime, or in the same moment.
const DUPLICATE_DATABASE: [&str; 2] = ["42P04", "23505"];

/// Migrates the database.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {}

/// # Errors
/// If Postgres is away or a migration fails; what was done before it stays.
pub(crate) async fn run(Opts {}: Opts, config: Config) -> Result<()> {
    migrate(&config).await?;
    output::say("the database is at this version")
}

/// Migrates as the database's owner; makes the database if it is missing.
pub(crate) async fn migrate(config: &Config) -> Result<()> {
    let options = super::options(config)?;
    make_database(&options).await.context("make the database")?;
    eventlog::migrate(&options, config.postgres.partitions)
        .await
        .context("migrate the database")?;
    let services = PgConnectOptions::from_str(config.postgres.url.expose());
    let services = services.context("read postgres.url")?;
    let user = services.get_username();
    eventlog::grant_roles(&options, user).await.context("let the user of postgres.url act")
}

async fn make_database(options: &PgConnectOptions) -> sqlx::Result<()> {
    match options.connect().await {
        Ok(mut connection) => {
            refuse_standby(&mut connection).await?;
            return connection.close().await;
        }
        Err(error) if has_code(&error, &[NO_SUCH_DATABASE]) => {}
        Err(error) => return Err(error),
    }
    let name = options.get_database().unwrap_or("odzew").replace('"', "\"\"");
    let mut maintenance = options.clone().database("postgres").connect().await?;
    refuse_standby(&mut maintenance).await?;
    // A name cannot be bound; it is quoted and comes from the operator's own settings.
    let statement = AssertSqlSafe(format!("create database \"{name}\""));
    match maintenance.execute(statement).await {
        Err(error) if !has_code(&error, &DUPLICATE_DATABASE) => return Err(error),
        _ => {}
    }
    maintenance.close().await
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| codes.contains(&&*code))
}
