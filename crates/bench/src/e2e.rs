//! A ticket's whole way under load: every role a process, with a mail server at the end.
mod clients;
mod load;
mod report;
mod system;
mod way;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use self::load::Load;
use self::report::Report;
use self::system::System;
use crate::table::note;

/// How long the roles are left alone before their memory is read.
const IDLE: Duration = Duration::from_secs(5);

/// From one step of the search to the next.
const STEP_UP: f64 = 1.25;

/// Measures a running system.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// The binary [default: odzew beside this program].
    #[arg(long, value_name = "PATH")]
    odzew: Option<PathBuf>,
    /// Tickets per second.
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// How long.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Tenants that share the load.
    #[arg(long, default_value_t = 4)]
    tenants: usize,
    /// Partitions of the log, over which the tenants are spread.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    partitions: u16,
    /// Search the highest rate at which the 99th percentile of the whole way stays below a
    /// second.
    #[arg(long)]
    search: bool,
    /// How long each step of the search takes.
    #[arg(long, default_value_t = 15)]
    step_seconds: u64,
}

/// Starts a system, loads it, prints what was seen.
///
/// # Errors
/// If a role does not start or a call fails that should not.
pub(crate) async fn run(opts: Opts) -> Result<()> {
    let mut system =
        System::start(opts.odzew.as_deref(), (opts.partitions, opts.tenants.max(1))).await?;
    let mut report = Report::default();
    report.starts(system.starts());
    tokio::time::sleep(IDLE).await;
    report.memory("idle", system.memory(), true);

    let load = |rate: f64, time: Duration| Load { rate, time };
    note("warming up");
    let warm = load(opts.rate / 4.0, Duration::from_secs(5));
    way::measure(&mut system, &warm).await?;
    note(&format!("{} tickets/s for {} s", opts.rate, opts.seconds));
    let measured = load(opts.rate, Duration::from_secs(opts.seconds));
    let way = way::measure(&mut system, &measured).await?;
    report.way(&way);
    report.memory("after the load", system.memory(), false);
    if opts.search {
        let time = Duration::from_secs(opts.step_seconds);
        let mut rate = opts.rate;
        loop {
            let way = way::measure(&mut system, &load(rate, time)).await?;
            note(&way.line());
            if !way.keeps_up() {
                break;
            }
            report.highest(&way);
            rate *= STEP_UP;
        }
    }
    report.print();
    Ok(())
}
