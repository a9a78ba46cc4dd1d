//! `odzew tail`: the event stream in readable form, straight from the log.
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result};
use eventlog::{Log, Partition, Recorded};
use wire::json::{PersonalData, render};

use crate::config::Config;
use crate::{admin, output, tables};

const PAGE: u32 = 500;
const POLL: Duration = Duration::from_millis(200);

/// Follows the log; ends with Ctrl-C, or at the head with --no-follow.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Position to start at; without it, events from now on.
    #[arg(long, value_name = "POSITION")]
    from: Option<u64>,
    /// Only this partition.
    #[arg(long)]
    partition: Option<i16>,
    /// Only this tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// Stop at the head instead of waiting for more.
    #[arg(long)]
    no_follow: bool,
    /// Print one JSON object per line.
    #[arg(long)]
    json: bool,
    /// Show names, addresses and texts that are not encrypted.
    #[arg(long)]
    show_personal_data: bool,
}

/// # Errors
/// If the log cannot be read.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let log = admin::open_log(&config).await?;
    if let Some(name) = &opts.tenant {
        let tenant = log.tenant(name).await.context("look for the tenant")?;
        anyhow::ensure!(tenant.is_some(), "there is no tenant {name:?}");
    }
    let wanted = |partition: &&Partition| opts.partition.is_none_or(|only| partition.0 == only);
    let mut cursors = Vec::new();
    for &partition in log.partitions().iter().filter(wanted) {
        let start = match opts.from {
            Some(position) => position.saturating_sub(1),
            None => log.head(partition).await.context("read the head")?,
        };
        cursors.push((partition, start));
    }
    anyhow::ensure!(!cursors.is_empty(), "there is no such partition");
    loop {
        let mut printed = false;
        for (partition, position) in &mut cursors {
            printed |= page(&log, *partition, position, &opts).await?;
        }
        if !printed {
            if opts.no_follow {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

async fn page(log: &Log, partition: Partition, position: &mut u64, opts: &Opts) -> Result<bool> {
    let events = log.read_partition(partition, *position, PAGE).await.context("read the log")?;
    let mut out = output::out();
    for event in &events {
        *position = event.position;
        if opts.tenant.as_deref().is_some_and(|tenant| tenant != &*event.tenant_name) {
            continue;
        }
        let line = if opts.json { as_json(event, opts) } else { as_text(event, opts) };
        writeln!(out, "{line}").context("write to the terminal")?;
    }
    Ok(!events.is_empty())
}

fn payload(event: &Recorded, opts: &Opts) -> serde_json::Value {
    let personal = if opts.show_personal_data { PersonalData::Show } else { PersonalData::Hide };
    render(&event.event_type, &event.payload, personal)
        .unwrap_or_else(|error| serde_json::json!({ "unreadable": error.to_string() }))
}

fn as_text(event: &Recorded, opts: &Opts) -> String {
    let actor = event.metadata().ok().and_then(|metadata| metadata.actor).unwrap_or_default();
    format!(
        "{}:{:<7} {} {:<10} {:<24} {} v{} by {} {}",
        event.partition,
        event.position,
        event.occurred_at.strftime("%F %T%.3f"),
        event.tenant_name,
        tables::short(&event.event_type),
        event.stream,
        event.version,
        if actor.id.is_empty() { "?" } else { &actor.id },
        payload(event, opts),
    )
}

fn as_json(event: &Recorded, opts: &Opts) -> String {
    let metadata = event.metadata().unwrap_or_default();
    let actor = metadata.actor.unwrap_or_default();
    serde_json::json!({
        "partition": event.partition.0,
        "position": event.position,
        "tenant": &*event.tenant_name,
        "stream": event.stream.to_string(),
        "version": event.version,
        "event_id": event.event_id.to_string(),
        "event_type": event.event_type,
        "occurred_at": event.occurred_at.to_string(),
        "recorded_at": event.recorded_at.to_string(),
        "actor": actor.id,
        "role": actor.role,
        "causation_id": metadata.causation_id,
        "correlation_id": metadata.correlation_id,
        "payload": payload(event, opts),
    })
    .to_string()
}
