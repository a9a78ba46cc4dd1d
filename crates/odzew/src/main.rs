//! The only binary: every service as a role, and every operator's command.

mod admin;
mod client;
mod clock;
mod complaint;
mod config;
mod contact;
mod demo;
mod doctor;
mod failure;
mod import;
mod keys;
mod output;
mod party;
mod policy;
mod probe;
mod progress;
mod rebuild;
mod serve;
mod tables;
mod tail;
mod ticket;
mod verify;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use crate::config::Config;

/// Tickets and complaints as an append-only log of events, with every deadline kept.
///
/// Settings come from the built-in defaults, then the file given with --config, then
/// the environment (ODZEW_<SECTION>__<KEY>). `odzew config` prints what is in effect.
#[derive(Debug, Parser)]
#[command(name = "odzew", version, max_term_width = 100)]
struct Cli {
    /// Configuration file (TOML); anything not in it has its default.
    #[arg(long, global = true, env = "ODZEW_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run one service, or all of them in one process.
    ///
    /// Roles: intake, routing, sla, notification, desk, relay, all. Each listens on its
    /// own gRPC address and offers /livez, /readyz and /metrics over HTTP. SIGTERM
    /// drains: readiness goes off, calls in work end, then the process ends.
    Serve(serve::Opts),
    /// Bring the database to this version: schemas, tables, roles and grants.
    ///
    /// Safe to repeat and to run at once from several places. Needs postgres.admin_url. The user of
    /// postgres.url, who must exist, is granted the services' roles.
    Migrate(admin::migrate::Opts),
    /// Print the effective configuration, secrets hidden.
    Config(config::Opts),
    /// Check database, schema, broker, streams, clocks and mail server; say what is wrong.
    Doctor(doctor::Opts),
    /// Follow the event stream in a readable form.
    Tail(tail::Opts),
    /// Look at tickets.
    #[command(subcommand)]
    Ticket(ticket::Verb),
    /// Work on the complaint part of tickets.
    #[command(subcommand)]
    Complaint(complaint::Verb),
    /// Explain a ticket's clocks.
    #[command(subcommand)]
    Clock(clock::Verb),
    /// Look at the people and companies that ask; hold, restrict or erase their data.
    #[command(subcommand)]
    Party(party::Verb),
    /// Look at conversations in real time.
    #[command(subcommand)]
    Contact(contact::Verb),
    /// Operate tenants, parked events and epochs.
    #[command(subcommand)]
    Admin(admin::Verb),
    /// Check and publish regimes, policies and calendars kept as files.
    #[command(subcommand)]
    Policy(policy::Verb),
    /// Build a service's read models anew beside the old ones, then swap.
    Rebuild(rebuild::Opts),
    /// Re-compute the log's hash chain; name the first bad position.
    ///
    /// One hash covers the events of a batch, so where the content of one was changed it is the
    /// first position of the batch.
    Verify(verify::Opts),
    /// Take over tickets from another system.
    #[command(subcommand)]
    Import(import::Verb),
    /// Run a day of tickets against local servers (use ./run demo).
    Demo(demo::Opts),
    /// Print a completion script for a shell.
    Completions {
        /// The shell to complete for.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .expect("nobody installed another TLS provider before main");
    let runtime = tokio::runtime::Runtime::new().expect("the system gives threads");
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::reader_left(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            if failure::is_misconfigured(&error) {
                ExitCode::from(chassis::config::EXIT_USAGE)
            } else if error.is::<policy::Faulty>() {
                ExitCode::from(policy::EXIT_DATA)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "the last word of a failed command")]
fn report(error: &anyhow::Error) {
    eprintln!("odzew: {}", failure::sentence(error));
}

async fn run(cli: Cli) -> Result<()> {
    let Cli { config: file, verb } = cli;
    // What needs no settings works with broken ones, too.
    let config = || Config::load(file.as_deref());
    match verb {
        Verb::Serve(opts) => serve::run(opts, config()?).await,
        Verb::Migrate(opts) => admin::migrate::run(opts, config()?).await,
        Verb::Config(opts) => config::run(opts, config),
        Verb::Doctor(opts) => doctor::run(opts, config()?).await,
        Verb::Tail(opts) => tail::run(opts, config()?).await,
        Verb::Ticket(verb) => ticket::run(verb, config()?).await,
        Verb::Complaint(verb) => complaint::run(verb, config()?).await,
        Verb::Clock(verb) => clock::run(verb, config()?).await,
        Verb::Party(verb) => party::run(verb, config()?).await,
        Verb::Contact(verb) => contact::run(verb, config()?).await,
        Verb::Admin(verb) => admin::run(verb, config()?).await,
        Verb::Policy(verb) => policy::run(verb, config).await,
        Verb::Rebuild(opts) => rebuild::run(opts, config()?).await,
        Verb::Verify(opts) => verify::run(opts, config()?).await,
        Verb::Import(verb) => import::run(verb, config()?).await,
        Verb::Demo(opts) => demo::run(opts, config()?).await,
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "odzew", &mut script);
            output::say(String::from_utf8_lossy(&script).trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
