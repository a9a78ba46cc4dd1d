//! `odzew rebuild`: builds a service's read models anew beside the old ones, then swaps.
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::ValueEnum;
use eventlog::subscription::rebuild;
use eventlog::{Log, Subscriber};

use crate::config::Config;
use crate::{admin, output};

/// Rebuilds one service.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Service whose read models are built anew.
    service: Service,
}

/// Services with read models.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Service {
    /// Contact points and contacts.
    Intake,
    /// Routes, loads and queues.
    Routing,
    /// Clocks, timers and policies.
    Sla,
    /// Notices, addresses and webhooks.
    Notification,
    /// Lists and timelines.
    Desk,
}

/// # Errors
/// If the log cannot be read or an event cannot be applied; the old read models stay.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let log = admin::open_log(&config).await?;
    match opts.service {
        Service::Intake => {
            let log = intake::with_keys(log, &config.intake, &config.sealing).await?;
            build(&config, &log, "intake", intake::projection(&config.intake)).await
        }
        Service::Routing => build(&config, &log, "routing", routing::projection()).await,
        Service::Sla => build(&config, &log, "sla", sla::projection()).await,
        Service::Notification => {
            build(&config, &log, "notification", notification::projection()).await
        }
        Service::Desk => build(&config, &log, "desk", desk::Projection::default()).await,
    }
}

async fn build<S: Subscriber>(
    config: &Config,
    log: &Log,
    service: &'static str,
    projection: S,
) -> Result<()> {
    let owner = admin::options(config)?;
    let migrator = eventlog::migrate::migrator(service);
    let settings = &config.subscription;
    let rebuilt = rebuild::rebuild(log, &owner, service, migrator, Arc::new(projection), settings)
        .await
        .with_context(|| format!("rebuild {service}"))?;
    let (events, parked) = (rebuilt.events, rebuilt.parked);
    output::say(&format!("{service}: {events} events projected, {parked} parked"))
}
