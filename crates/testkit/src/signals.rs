//! Sends signals to processes without an external program.

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal by its name without `SIG`.
///
/// # Panics
/// If the process is gone, or the name is not a signal that tests send.
pub fn signal(id: u32, name: &str) {
    send(id, name).unwrap_or_else(|error| panic!("send {name} to {id}: {error:#}"));
}

pub(crate) fn send(id: u32, name: &str) -> anyhow::Result<()> {
    let signal = match name {
        "CONT" => Signal::CONT,
        "INT" => Signal::INT,
        "KILL" => Signal::KILL,
        "QUIT" => Signal::QUIT,
        "STOP" => Signal::STOP,
        "TERM" => Signal::TERM,
        _ => anyhow::bail!("the signal is not known here"),
    };
    let process = i32::try_from(id).ok().and_then(Pid::from_raw).context("no such process")?;
    kill_process(process, signal).context("it cannot be sent")
}
