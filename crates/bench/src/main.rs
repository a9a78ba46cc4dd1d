//! Measures the log, the relay and the whole system against baselines of the same run.
//!
//! A number alone says little on a machine that others share. So every row is a ratio: what
//! we do, and the plainest way to do the same with the same servers, in turn, several times.

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
