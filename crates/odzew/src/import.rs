//! `odzew import`: takes over tickets from another system with their original times.
//!
//! ```text
//! file ─▶ rows ─▶ incidents ─▶ plans ─▶ intake, routing ─▶ read back ─▶ counts compared
//!           └─ rejects   └─ notes: everything that is not used just as it stands
//! ```
//! The request id of every call is derived from tenant, source, service and number, so a repeated
//! import changes nothing and one that was killed continues where it was.
mod counts;
mod directory;
mod life;
mod mapping;
mod names;
mod notes;
mod path;
mod readback;
mod rejects;
mod report;
mod retry;
mod run;
mod servicenow;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use chassis::rpc::Role;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;

use self::counts::Counts;
use self::mapping::Plan;
use self::readback::ReadBack;
use self::rejects::RejectsFile;
use self::report::Findings;
use self::retry::Failure;
use self::servicenow::{Export, Row};
use crate::client::{Caller, Clients, Services};
use crate::config::Config;
use crate::tables;

/// Tickets that differ and are named one by one.
const NAMED: usize = 10;

/// Other systems.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Take over a ServiceNow incident export: a CSV file with one row per update.
    ///
    /// Groups become queues and teams sn-group-N, assignees agents sn-N who take no new
    /// tickets, callers requesters sn-caller-N, categories SN/N. Awaiting User Info and
    /// Evidence are waits for the customer, Awaiting Problem and Vendor for a third party.
    /// Repeating the command changes nothing; a killed one goes on where it was. Exits
    /// with an error if the counts of the file and of Odzew differ, or if the last update of an
    /// incident cannot be used.
    Servicenow(Opts),
}

/// How to import.
#[derive(Debug, Args)]
pub(crate) struct Opts {
    /// The export.
    file: PathBuf,
    /// Tenant that gets the tickets.
    #[arg(long, env = "ODZEW_TENANT")]
    tenant: String,
    /// Read and report, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Time zone of the file's times, which name none.
    ///
    /// ServiceNow keeps times in UTC; an export made by a person is in the zone of that
    /// person's profile.
    #[arg(long, default_value = "UTC")]
    zone: String,
    /// Incidents under way at once.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Write every row that is not used, or not just as it stands, and every incident that is
    /// refused, to this CSV file.
    ///
    /// The rejects of an earlier import are replaced; any other file that exists is left alone,
    /// and the import does not begin.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// # Errors
/// If the file is not an export, a service is away, or the counts differ in the end.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    let Verb::Servicenow(opts) = verb;
    let zone = TimeZone::get(&opts.zone)
        .with_context(|| format!("{:?} is not a time zone such as Europe/Warsaw", opts.zone))?;
    let now = config.clock.open(&config.listen.all()).context("open the clock")?.now();
    let import = prepare(&opts.tenant, servicenow::read(&opts.file, &zone, now)?);
    let rejects = opts.rejects.as_deref().map(|file| RejectsFile::at(file, &opts.file));
    let rejects = rejects.transpose()?;
    say(&import.findings.text(opts.rejects.as_deref()));
    // Once now, in case the import is stopped, and once more with what the services refuse.
    if let Some(file) = &rejects {
        file.write(&import.findings, &BTreeMap::new())?;
    }
    if opts.dry_run {
        let (table, differing) = report::compare(&import.in_file, &import.sent, None);
        say(&format!("{table}\nNothing was written (--dry-run)."));
        return agreed(differing);
    }
    let caller = Caller::new(&opts.tenant, "import", Role::Integrator)?;
    let clients = Services::new(&config.listen)?.of(&caller);
    let odzew = carry_out(&clients, &opts, &import, rejects.as_ref()).await?;
    let (table, differing) = report::compare(&import.in_file, &import.sent, Some(&odzew.counts));
    say(&table.to_string());
    for ticket in odzew.differing.iter().take(NAMED) {
        let found = ticket.found.map_or_else(|| "not found".to_owned(), |is| format!("{is:?}"));
        say(&format!("incident {}: sent {:?}, is {found}", ticket.number, ticket.sent));
    }
    if odzew.differing.len() > NAMED {
        say(&format!("… and {} more", odzew.differing.len() - NAMED));
    }
    match odzew.differing.len() {
        0 => agreed(differing),
        1 => bail!("1 ticket differs"),
        tickets => bail!("{tickets} tickets differ"),
    }
}

async fn carry_out(
    clients: &Clients,
    opts: &Opts,
    import: &Import,
    rejects: Option<&RejectsFile<'_>>,
) -> Result<ReadBack> {
    let concurrency = usize::from(opts.concurrency);
    let plans = &import.plans;
    match directory::put(clients, &opts.tenant, plans).await {
        Ok(put) => say(&format!(
            "Directory: {}, {} and {} put",
            tables::counted(put.teams.len(), "team"),
            tables::counted(put.queues.len(), "queue"),
            tables::counted(put.agents.len(), "agent")
        )),
        Err(Failure::Refused(status) | Failure::Away(status)) => {
            bail!("cannot put teams, queues and agents: {}", run::words(&status))
        }
    }
    let outcome = run::run(clients, plans, concurrency).await?;
    let already = outcome.imported.values().filter(|imported| imported.already).count();
    say(&format!(
        "{} taken over, {already} of them before, {} refused",
        tables::counted(outcome.imported.len(), "incident"),
        outcome.refused.len()
    ));
    for (number, reason) in &outcome.refused {
        say(&format!("  refused: incident {number}: {reason}"));
    }
    if let Some(file) = rejects.filter(|_| !outcome.refused.is_empty()) {
        file.write(&import.findings, &outcome.refused)?;
    }
    readback::run(clients, plans, &outcome.imported, concurrency).await
}

fn agreed(differing: usize) -> Result<()> {
    match differing {
        0 => Ok(()),
        1 => bail!("1 count differs"),
        counts => bail!("{counts} counts differ"),
    }
}

/// What a file holds, ready to be sent.
struct Import {
    plans: Vec<Plan>,
    findings: Findings,
    in_file: Counts,
    sent: Counts,
}

/// Everything that can be said without a server.
fn prepare(tenant: &str, export: Export) -> Import {
    let Export { records, rows, mut rejects, mut notes, ignored_columns } = export;
    let (incidents, repeated) = mapping::incidents(rows);
    let rejected = rejects.iter().map(|reject| reject.number.clone());
    let numbers: BTreeSet<String> = incidents.keys().cloned().chain(rejected).collect();
    let numbers = numbers.into_iter().filter(|number| !number.is_empty()).collect();
    let in_file = Counts::of_file(&numbers, &incidents, &rejects);
    let mut plans = Vec::new();
    let mut refused = BTreeMap::new();
    for (number, rows) in &incidents {
        match mapping::plan(tenant, rows) {
            Ok((plan, of_plan)) => {
                plans.push(plan);
                notes.extend(of_plan);
            }
            Err(reason) => {
                refused.insert(number.clone(), (rows.len() as u64, reason));
            }
        }
    }
    let behind = rejects.iter().filter(|reject| {
        let last = incidents.get(&reject.number).and_then(|rows| rows.last());
        last.is_some_and(|last| reject.may_follow(last))
    });
    let behind = behind.map(|reject| reject.number.as_str()).collect();
    let sent = Counts::of_plans(&plans, &behind);
    // What is there twice is no loss.
    rejects.extend(repeated);
    rejects.sort_by_key(|reject| reject.line);
    let findings = Findings {
        records,
        telling_rows: plans.iter().map(|plan| plan.telling_rows).sum(),
        rejects,
        notes,
        refused,
        ignored_columns,
        left_resolved: incidents.values().filter(|rows| left_resolved(rows)).count() as u64,
    };
    Import { plans, findings, in_file, sent }
}

fn left_resolved(rows: &[Row]) -> bool {
    rows.windows(2).any(|pair| pair[0].state.is_done() && !pair[1].state.is_done())
}

fn say(text: &str) {
    // The reader may be gone; the import continues.
    let _ = crate::output::say(text.trim_end());
}
