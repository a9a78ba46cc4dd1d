//! `odzew admin epoch`: continues after the database was restored from a backup.
use anyhow::{Context, Result};
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use eventlog::Partition;
use eventlog::subscription::cursor::confirm_epoch;

use crate::config::Config;
use crate::output;

/// Verbs about epochs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Let a service go on in the log's present epoch.
    ///
    /// The relay raises the epoch when the broker holds events that the log does not:
    /// the database was restored from a backup. Services stop until this is said.
    Confirm {
        /// The service.
        #[arg(value_parser = PossibleValuesParser::new(eventlog::SERVICES))]
        service: String,
        /// The partition.
        partition: i16,
        /// Last position that is still the same as before the restore, if you know it.
        ///
        /// Without it, a service that is ahead of where the log ended when the epoch was raised goes
        /// on from there, and any other from where it stands. What was appended after the restore
        /// and before the relay raised the epoch, a service may then miss.
        #[arg(long, value_name = "POSITION")]
        resume_after: Option<u64>,
    },
}

/// # Errors
/// If the database cannot be reached.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    let Verb::Confirm { service, partition, resume_after } = verb;
    let log = super::open_log(&config).await?;
    let pool = config.postgres.service_pool(&service, 1).await?;
    let partition = Partition(partition);
    let confirmed = confirm_epoch(&pool, &log, &service, partition, resume_after)
        .await
        .context("confirm the epoch")?;
    anyhow::ensure!(confirmed, "{service} does not wait in partition {partition}");
    output::say(&format!("{service} goes on in partition {partition}"))
}
