//! Odzew's own binary, run as its users run it.
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use testkit::Process;

/// How long a role may take to become ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary that was asked for, or the one beside this program.
///
/// # Errors
/// If it is not there.
pub(crate) fn binary(asked: Option<&Path>) -> Result<PathBuf> {
    let beside = || -> Result<PathBuf> {
        Ok(std::env::current_exe().context("find this program")?.with_file_name("odzew"))
    };
    let path = asked.map_or_else(beside, |path| Ok(path.to_owned()))?;
    if !path.is_file() {
        bail!("{} is missing: cargo build --profile fast -p odzew", path.display());
    }
    Ok(path)
}

/// Runs a command to its end.
///
/// # Errors
/// What it said, if it failed.
pub(crate) fn complete(mut command: Command) -> Result<()> {
    let output = command.output().context("run odzew")?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Waits until a role is ready.
///
/// # Errors
/// If it ends, or takes too long.
pub(crate) async fn ready(role: &str, process: &mut Process, port: u16) -> Result<()> {
    let begin = Instant::now();
    while !is_ready(port) {
        if process.exit_status().is_some() || begin.elapsed() > PATIENCE {
            bail!("{role} is not ready:\n{}", process.output());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Whether `/readyz` answers 200.
fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
