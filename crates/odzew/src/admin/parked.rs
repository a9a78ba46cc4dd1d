//! `odzew admin parked`: events that a service could not apply.
use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use eventlog::Partition;
use eventlog::subscription::parked;
use sqlx::PgPool;

use crate::config::Config;
use crate::{output, tables};

/// Verbs about parked events.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List parked events with their reasons.
    List {
        /// Only this service.
        #[arg(value_parser = PossibleValuesParser::new(eventlog::SERVICES))]
        service: Option<String>,
    },
    /// Ask the service to apply a parked event again, and the ones that wait behind it.
    Retry(Which),
    /// Ask the service to give a parked event up, also in every rebuild; the ones behind it go on.
    Skip(Which),
}

/// Which parked event.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Service that parked it.
    #[arg(value_parser = PossibleValuesParser::new(eventlog::SERVICES))]
    service: String,
    /// Position as `partition:position`, as the list shows it.
    position: eventlog::Cursor,
}

/// # Errors
/// If the database cannot be reached or there is no such event.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    match verb {
        Verb::List { service } => list(&config, service).await,
        Verb::Retry(which) => {
            let (pool, partition, position) = target(&config, &which).await?;
            let found = parked::retry(&pool, &which.service, partition, position)
                .await
                .context("retry the event")?;
            answer(found, &which, "applied again")
        }
        Verb::Skip(which) => {
            let (pool, partition, position) = target(&config, &which).await?;
            let found = parked::skip(&pool, &which.service, partition, position)
                .await
                .context("skip the event")?;
            answer(found, &which, "given up")
        }
    }
}

async fn target(config: &Config, which: &Which) -> Result<(PgPool, Partition, u64)> {
    let pool = config.postgres.service_pool(&which.service, 1).await?;
    Ok((pool, which.position.partition, which.position.position))
}

fn answer(found: bool, which: &Which, what: &str) -> Result<()> {
    anyhow::ensure!(found, "no such event is parked");
    output::say(&format!(
        "the event will be {what} as soon as {} takes the request up; until then the list shows it, \
         and another request replaces it",
        which.service
    ))
}

async fn list(config: &Config, service: Option<String>) -> Result<()> {
    let mut table = tables::table([
        "Service",
        "Position",
        "Stream",
        "Event",
        "Attempts",
        "Parked",
        "Requested",
        "Reason",
    ]);
    for name in eventlog::SERVICES {
        if service.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let pool = config.postgres.service_pool(name, 1).await?;
        for event in parked::list(&pool).await.context("list parked events")? {
            table.add_row([
                name.to_owned(),
                format!("{}:{}", event.partition, event.position),
                event.stream.to_string(),
                tables::short(&event.event_type).to_owned(),
                event.attempts.to_string(),
                event.parked_at.to_string(),
                event.requested.unwrap_or_default(),
                event.reason.unwrap_or_else(|| "waits behind another".into()),
            ]);
        }
    }
    output::say(&table.to_string())
}
