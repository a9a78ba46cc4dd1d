//! A private Odzew: database, subjects, mail server, and every role a process.
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use testkit::{Database, Nats, Process, SmtpSink};

use super::clients::{self, Intake};
use crate::process::{binary, complete, ready};
use crate::{rig, usage};

/// In the order of their HTTP ports.
const ROLES: [&str; 6] = ["intake", "routing", "sla", "notification", "desk", "relay"];

/// Connections of each tenant's callers.
const CONNECTIONS: usize = 2;

/// One role's process.
struct Running {
    role: &'static str,
    process: Process,
    /// From the start of the process to its readiness.
    start: Duration,
}

/// Everything that runs. Dropping it ends it.
pub(super) struct System {
    roles: Vec<Running>,
    pub(super) database: Database,
    pub(super) smtp: SmtpSink,
    /// Clients of all tenants, to be used in turn.
    pub(super) intake: Vec<Intake>,
    postmaster: Option<u32>,
    /// How many mails earlier measurements have seen.
    pub(super) mails_seen: usize,
    /// Number of the next ticket; recipients are numbered with it.
    pub(super) next_ticket: u64,
    _nats: Nats,
    _folder: tempfile::TempDir,
}

impl System {
    /// Migrates a fresh database with so many partitions, starts one role after the other, and puts
    /// `tenants` tenants with their organisations in place.
    pub(super) async fn start(
        odzew: Option<&Path>,
        (partitions, tenants): (u16, usize),
    ) -> Result<Self> {
        let odzew = binary(odzew)?;
        let database = Database::create().await;
        rig::durable(database.pool()).await?;
        let (nats, smtp) = (Nats::shared().await, SmtpSink::start().await);
        let folder = tempfile::tempdir().context("make a folder")?;
        let (grpc, http) = (testkit::free_ports(5), testkit::free_ports(6));
        let config = folder.path().join("odzew.toml");
        let text = settings(&database, &nats, smtp.addr(), (grpc, http), partitions);
        std::fs::write(&config, text).context("write the configuration")?;
        let command = |arguments: &[&str]| {
            let mut command = Command::new(&odzew);
            command.arg("--config").arg(&config).args(arguments);
            command
        };
        complete(command(&["migrate"]))?;
        let names: Vec<String> = (0..tenants).map(|number| format!("tenant-{number}")).collect();
        for name in &names {
            complete(command(&["admin", "tenant", "create", name]))?;
        }
        let mut roles = Vec::new();
        for (role, port) in ROLES.into_iter().zip(http..) {
            let log = folder.path().join(format!("{role}.log"));
            let begin = Instant::now();
            let mut process = Process::spawn(command(&["serve", role]), &log);
            ready(role, &mut process, port).await?;
            roles.push(Running { role, process, start: begin.elapsed() });
        }
        let mut intake = Vec::new();
        for name in &names {
            clients::put_organisation(grpc + 1, name).await?;
        }
        for _ in 0..CONNECTIONS {
            for name in &names {
                intake.push(clients::intake(grpc, name)?);
            }
        }
        let backend: i32 =
            sqlx::query_scalar("select pg_backend_pid()").fetch_one(database.pool()).await?;
        let postmaster = usage::parent(backend.unsigned_abs());
        Ok(Self {
            roles,
            database,
            smtp,
            intake,
            postmaster,
            mails_seen: 0,
            next_ticket: 0,
            _nats: nats,
            _folder: folder,
        })
    }

    /// Every role with its time to readiness.
    pub(super) fn starts(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        self.roles.iter().map(|running| (running.role, running.start))
    }

    /// Every role with its resident memory in bytes.
    pub(super) fn memory(&self) -> Vec<(&'static str, Option<u64>)> {
        let roles = self.roles.iter();
        roles.map(|running| (running.role, usage::memory(running.process.id()))).collect()
    }

    /// Processor time that every role, and Postgres, have used so far.
    pub(super) fn processor_time(&self) -> Vec<(&'static str, Duration)> {
        let roles = self.roles.iter();
        let roles = roles.map(|running| (running.role, usage::time(running.process.id())));
        let postgres = self.postmaster.map(usage::family_time).unwrap_or_default();
        roles.chain([("Postgres", postgres)]).collect()
    }
}

fn settings(
    db: &Database,
    nats: &Nats,
    mail: SocketAddr,
    (grpc, http): (u16, u16),
    partitions: u16,
) -> String {
    let (url, bus, prefix) = (db.url(), nats.url(), nats.prefix());
    let listen = ROLES.iter().zip(grpc..).take(5);
    let listen: String =
        listen.map(|(role, port)| format!("{role} = \"127.0.0.1:{port}\"\n")).collect();
    format!(
        "[postgres]\nurl = {url:?}\nadmin_url = {url:?}\npartitions = {partitions}\n\
         [bus]\nurl = {bus:?}\nprefix = {prefix:?}\n\
         [listen]\n{listen}http = \"127.0.0.1:{http}\"\n\
         [notification.email]\nhost = \"{}\"\nport = {}\ntls = \"none\"\n",
        mail.ip(),
        mail.port(),
    )
}
