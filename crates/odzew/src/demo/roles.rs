//! The demonstration's processes: one per role, each with its own log file.
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::serve::Role;

/// How long a role may take to become ready or to stop.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// Running roles; all are killed when this is dropped.
pub(super) struct Roles {
    children: Vec<(Role, Child)>,
    logs: PathBuf,
}

impl Roles {
    /// Starts every role as a process of its own.
    pub(super) fn start(config_file: &Path, logs: &Path) -> Result<Self> {
        std::fs::create_dir_all(logs).context("create the log folder")?;
        let program = std::env::current_exe().context("find the running program")?;
        let mut children = Vec::new();
        for role in Role::EACH {
            let log = File::create(logs.join(format!("{role}.log"))).context("create a log")?;
            let child = Command::new(&program)
                .arg("--config")
                .arg(config_file)
                .args(["serve", &role.to_string()])
                .stdin(Stdio::null())
                .stdout(log.try_clone().context("share a log file")?)
                .stderr(log)
                // A Ctrl-C of the terminal reaches us alone: we stop the roles in order.
                .process_group(0)
                .kill_on_drop(true)
                .spawn()
                .with_context(|| format!("start role {role}"))?;
            children.push((role, child));
        }
        Ok(Self { children, logs: logs.to_owned() })
    }

    /// Waits until a role answers that it is ready.
    pub(super) async fn ready(&mut self, role: Role, http: std::net::SocketAddr) -> Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            self.check_alive()?;
            if crate::probe::is_ready(http).await {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!("role {role} is not ready; see {}", self.log_of(role).display());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Fails if a role has ended by itself.
    pub(super) fn check_alive(&mut self) -> Result<()> {
        for (role, child) in &mut self.children {
            if let Some(status) = child.try_wait().context("look at a role")? {
                let log = self.logs.join(format!("{role}.log"));
                bail!("role {role} ended ({status}); see {}", log.display());
            }
        }
        Ok(())
    }

    /// Asks every role to drain and waits until all have ended.
    pub(super) async fn stop(mut self) -> Result<()> {
        for (role, child) in &self.children {
            // Not yet waited for, so the id is still its own.
            let process = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            if let Some(process) = process {
                kill_process(process, Signal::TERM).with_context(|| format!("stop role {role}"))?;
            }
        }
        for (role, child) in &mut self.children {
            match tokio::time::timeout(PATIENCE, child.wait()).await {
                Ok(ended) => {
                    let status = ended.with_context(|| format!("wait for role {role}"))?;
                    if !status.success() {
                        tracing::warn!(%role, %status, "a role did not end well");
                    }
                }
                Err(_) => child.kill().await.with_context(|| format!("kill role {role}"))?,
            }
        }
        Ok(())
    }

    fn log_of(&self, role: Role) -> PathBuf {
        self.logs.join(format!("{role}.log"))
    }
}
