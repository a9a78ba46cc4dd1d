//! Measures the log, the relay and the whole system against baselines of the same run.
//!
//! An absolute number says little on a shared machine. So every row is a ratio: what Odzew does,
//! and the simplest way to do the same on the same servers, alternating, several times.

mod append;
mod cli;
mod clocks;
mod copy;
mod e2e;
mod events;
mod pgbench;
mod process;
mod pure;
mod read;
mod relay;
mod rig;
mod rows;
mod statement;
mod stream;
mod table;
mod usage;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = tokio::runtime::Runtime::new().expect("the system gives threads");
    match runtime.block_on(cli.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            table::note(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
