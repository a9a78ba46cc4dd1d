//! `odzew import`: takes over tickets from another system with their original times.
//!
//! ```text
//! file ─▶ rows ─▶ incidents ─▶ plans ─▶ intake, routing ─▶ read back ─▶ counts compared
//!           └─ rejects   └─ notes: everything that is not used just as it stands
//! ```
//! Every call's request id is made of tenant, source, service and number, so a repeated
//! import changes nothing and one that was killed goes on where it was.
mod counts;
mod directory;
mod life;
mod mapping;
mod names;
mod notes;
mod path;
mod readback;
mod report;
mod retry;
mod run;
mod servicenow;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use chassis::rpc::Role;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;

use self::counts::Counts;
use self::mapping::Plan;
use self::readback::ReadBack;
use self::report::Findings;
use self::retry::Failure;
use self::servicenow::{Export, Row};
use crate::client::{Caller, Clients, Services};
use crate::config::Config;

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
    /// with an error if the counts of the file and of Odzew differ.
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
    /// Write every row that is not used, or not just as it stands, to this CSV file.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// # Errors
/// If the file is not an export, a service is away, or the counts differ in the end.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    let Verb::Servicenow(opts) = verb;
    let zone = TimeZone::get(&opts.zone)
        .with_context(|| format!("{:?} is not a time zone such as Europe/Warsaw", opts.zone))?;
    let import = prepare(&opts.tenant, servicenow::read(&opts.file, &zone)?);
    say(&import.findings.text(opts.rejects.as_deref()));
    if let Some(file) = &opts.rejects {
        import.findings.write(file)?;
    }
    if opts.dry_run {
        let (table, differing) = report::compare(&import.in_file, &import.sent, None);
        say(&format!("{table}\nNothing was written (--dry-run)."));
        return agreed(differing);
    }
    let caller = Caller::new(&opts.tenant, "import", Role::Integrator)?;
    let clients = Services::new(&config.listen)?.of(&caller);
    let odzew = carry_out(&clients, &opts, &import.plans).await?;
    let (table, differing) = report::compare(&import.in_file, &import.sent, Some(&odzew.counts));
    say(&table.to_string());
    for ticket in odzew.differing.iter().take(NAMED) {
        let found = ticket.found.map_or_else(|| "not found".to_owned(), |is| format!("{is:?}"));
        say(&format!("incident {}: sent {:?}, is {found}", ticket.number, ticket.sent));
    }
    if odzew.differing.len() > NAMED {
        say(&format!("… and {} more", odzew.differing.len() - NAMED));
    }
    ensure!(odzew.differing.is_empty(), "{} tickets differ", odzew.differing.len());
    agreed(differing)
}

async fn carry_out(clients: &Clients, opts: &Opts, plans: &[Plan]) -> Result<ReadBack> {
    let concurrency = usize::from(opts.concurrency);
    match directory::put(clients, &opts.tenant, plans).await {
        Ok(put) => say(&format!(
            "Directory: {} teams, {} queues and {} agents put",
            put.teams.len(),
            put.queues.len(),
            put.agents.len()
        )),
        Err(Failure::Refused(status) | Failure::Away(status)) => {
            bail!("cannot put teams, queues and agents: {}", run::words(&status))
        }
    }
    let outcome = run::run(clients, plans, concurrency).await?;
    let already = outcome.imported.values().filter(|imported| imported.already).count();
    say(&format!(
        "{} incidents taken over, {already} of them before, {} refused",
        outcome.imported.len(),
        outcome.refused.len()
    ));
    for (number, reason) in &outcome.refused {
        say(&format!("  refused: incident {number}: {reason}"));
    }
    readback::run(clients, plans, &outcome.imported, concurrency).await
}

fn agreed(differing: usize) -> Result<()> {
    ensure!(differing == 0, "{differing} counts differ");
    Ok(())
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
    let Export { records, rows, mut rejects, ignored_columns } = export;
    let (incidents, repeated) = mapping::incidents(rows);
    rejects.extend(repeated);
    rejects.sort_by_key(|reject| reject.line);
    let rejected = rejects.iter().map(|reject| reject.number.clone());
    let numbers: BTreeSet<String> = incidents.keys().cloned().chain(rejected).collect();
    let numbers = numbers.into_iter().filter(|number| !number.is_empty()).collect();
    let mut plans = Vec::new();
    let mut notes = Vec::new();
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
    let findings = Findings {
        records,
        telling_rows: plans.iter().map(|plan| plan.telling_rows).sum(),
        rejects,
        notes,
        refused,
        ignored_columns,
        left_resolved: incidents.values().filter(|rows| left_resolved(rows)).count() as u64,
    };
    let in_file = Counts::of_file(&numbers, &incidents);
    let sent = Counts::of_plans(&plans);
    Import { plans, findings, in_file, sent }
}

fn left_resolved(rows: &[Row]) -> bool {
    rows.windows(2).any(|pair| pair[0].state.is_done() && !pair[1].state.is_done())
}

fn say(text: &str) {
    // Whoever reads may have had enough; the import goes on all the same.
    let _ = crate::output::say(text.trim_end());
}
