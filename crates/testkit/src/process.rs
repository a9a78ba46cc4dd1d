//! A child process of a test: its output goes to a file, and the test ends it.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::eventually::eventually;
use crate::leash::Leash;
use crate::signals;

/// Lines of output shown when something goes wrong.
const TAIL: usize = 40;

/// How long a destructor lets a server end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running program. Dropping it kills it; so does the end of the test process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
    leash: Option<Leash>,
    /// What the destructor asks with before it kills.
    signal: String,
}

impl Process {
    /// Starts `command` with standard output and error appended to `log`.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn spawn(command: Command, log: &Path) -> Process {
        Process::start(command, log, "KILL", None).unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// [`Process::spawn`], with the signal its leash sends and the directory its leash removes.
    pub(crate) fn start(
        mut command: Command,
        log: &Path,
        signal: &str,
        remove: Option<&Path>,
    ) -> anyhow::Result<Process> {
        let program = command.get_program().to_string_lossy().into_owned();
        let output = File::options().create(true).append(true).open(log);
        let output = output.with_context(|| format!("open {}", log.display()))?;
        command.stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output).process_group(0);
        let child = command.spawn().with_context(|| format!("start {program}"))?;
        let leash = Some(Leash::tie(child.id(), signal, remove)?);
        Ok(Process { child, log: log.to_owned(), leash, signal: signal.to_owned() })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything the program has printed so far.
    pub fn output(&self) -> String {
        std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// The last lines of [`Process::output`], for failure texts.
    pub(crate) fn tail(&self) -> String {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }

    /// Waits until the program has printed a line that contains `text`, and returns that line.
    ///
    /// # Panics
    /// When the program ends first, or the line is not there after 30 seconds.
    pub async fn wait_for_line(&mut self, text: &str) -> String {
        eventually(|| {
            let found = self.output().lines().find(|line| line.contains(text)).map(str::to_owned);
            let status = self.exit_status();
            if let (None, Some(status)) = (&found, status) {
                panic!("ended ({status}) before it printed {text:?}:\n{}", self.tail());
            }
            let answer = match found {
                Some(line) => Ok(Some(line)),
                None => Err(format!("no line with {text:?} in:\n{}", self.tail())),
            };
            async move { answer }
        })
        .await
    }

    /// Waits until something listens on `address`.
    ///
    /// # Panics
    /// When the program ends first, or nothing listens after 30 seconds.
    pub async fn wait_for_port(&mut self, address: SocketAddr) {
        eventually(|| {
            if let Some(status) = self.exit_status() {
                panic!("ended ({status}) before it listened on {address}:\n{}", self.tail());
            }
            let answer = TcpStream::connect_timeout(&address, Duration::from_millis(200))
                .map(drop)
                .map_err(|error| format!("{address}: {error}; output:\n{}", self.tail()));
            async move { answer }
        })
        .await;
    }

    /// How it ended, if it has.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal by its name without `SIG`: `TERM`, `INT`, `STOP`, `CONT`.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn signal(&self, name: &str) {
        let sent = signals::send(self.id(), name);
        assert!(sent.is_ok(), "send {name}: {sent:?}\n{}", self.tail());
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        self.leash = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks with SIGTERM and waits for the end.
    ///
    /// # Panics
    /// When it still runs after 30 seconds.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.end_with("TERM").await
    }

    /// Sends `signal` and waits for the end.
    pub(crate) async fn end_with(&mut self, signal: &str) -> ExitStatus {
        if let Some(status) = self.exit_status() {
            return status;
        }
        self.signal(signal);
        let status = eventually(|| {
            let answer = match self.exit_status() {
                Some(status) => Ok(Some(status)),
                None => Err(format!("still runs after {signal}; output:\n{}", self.tail())),
            };
            async move { answer }
        })
        .await;
        self.leash = None;
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.exit_status().is_some() {
            return;
        }
        if self.signal != "KILL" {
            let _ = signals::send(self.id(), &self.signal);
            let deadline = Instant::now() + PATIENCE;
            while self.exit_status().is_none() && Instant::now() < deadline {
                #[expect(clippy::disallowed_methods, reason = "a destructor cannot await")]
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        self.kill();
    }
}

/// Runs a program to its end; its output is part of the error.
pub(crate) fn complete(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("run {program}"))?;
    if !output.status.success() {
        bail!(
            "{program} failed ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn shell(script: &str) -> (Process, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        (Process::spawn(command, &directory.path().join("log")), directory)
    }

    #[tokio::test]
    async fn a_line_is_waited_for_and_a_signal_ends_it() {
        let (mut process, _directory) =
            shell("trap 'exit 7' TERM; echo port=81; while :; do sleep 0.01; done");
        assert_eq!(process.wait_for_line("port=").await, "port=81");
        assert_eq!(process.terminate().await.code(), Some(7));
    }

    #[tokio::test]
    #[should_panic(expected = "no such thing")]
    async fn a_program_that_ends_early_shows_its_output() {
        let (mut process, _directory) = shell("echo no such thing >&2; exit 3");
        process.wait_for_line("ready").await;
    }
}
