//! Measures many open clocks: how fast sla's tables are rebuilt from the log, how late timers due
//! in the same second fire, and how much memory that takes.
mod arrivals;
mod fill;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use eventlog::{Log, Tenant};
use jiff::Timestamp;
use sqlx::PgPool;
use testkit::{Database, Process};

use crate::process::{binary, complete, ready};
use crate::table::{self, note};
use crate::{rig, usage};

/// Tenants that share the clocks, one in each partition.
const TENANTS: usize = 4;
/// The timers are due so long after the last of them was written: sla has seen them by then.
const AHEAD: Duration = Duration::from_secs(20);
/// How long after that everything may take.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(100);
/// A breach is looked for this long after due.
const DETECTION: f64 = 1.0;

/// Each role adds its place among the roles to the port of HTTP.
const HTTP_OF_SLA: u16 = 2;
const HTTP_OF_RELAY: u16 = 5;

/// A mebibyte.
const MIB: u64 = 1 << 20;

/// Measures sla with many clocks.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// The binary [default: odzew beside this program].
    #[arg(long, value_name = "PATH")]
    odzew: Option<PathBuf>,
    /// Open clocks.
    #[arg(long, default_value_t = 1_000_000)]
    clocks: u64,
    /// Of those, so many that are due in the same second.
    #[arg(long, default_value_t = 10_000)]
    timers: u64,
    /// Tickets per second that come in meanwhile.
    #[arg(long, default_value_t = 200)]
    arriving: u32,
}

/// Writes the clocks' events, rebuilds, serves, lets timers fire, and prints what was seen.
///
/// # Errors
/// If something does not start, or timers do not fire.
pub(crate) async fn run(opts: Opts) -> Result<()> {
    let odzew = Odzew::new(opts.odzew.as_deref()).await?;
    let log = Log::open(odzew.database.pool().clone(), testkit::settings("eventlog")).await?;
    let mut tenants = Vec::new();
    for number in 0..TENANTS {
        tenants.push(log.create_tenant(&format!("tenant-{number}")).await?);
    }
    note(&format!("writing the events of {} clocks", opts.clocks));
    let begin = Instant::now();
    let events = fill::open(&log, &tenants, opts.clocks.saturating_sub(opts.timers)).await?;
    let appended = events as f64 / begin.elapsed().as_secs_f64();
    odzew.settle().await?;
    let mut lines = vec![line("events appended meanwhile", per_second(appended), "", "")];

    note("rebuilding sla's tables");
    let begin = Instant::now();
    complete(odzew.command(&["rebuild", "sla"]))?;
    let rate = events as f64 / begin.elapsed().as_secs_f64();
    let what = format!("rebuild of {events} events");
    lines.push(line(&what, per_second(rate), ">= 100k/s", verdict(rate >= 100_000.0)));
    lines.push(line(
        "... its rows copied by Postgres alone",
        per_second(copied(&odzew, events).await?),
        "",
        "",
    ));
    odzew.settle().await?;

    let (_relay, sla) = odzew.serve().await?;
    let firing = fire(&log, &tenants, odzew.database.pool(), &opts).await?;
    let [p50, p99, most] = firing.late;
    let (timers, arriving) = (opts.timers, opts.arriving);
    lines.push(line("tickets that arrived meanwhile", per_second(firing.arrived), "", ""));
    let what = format!("{timers} timers of one second among {arriving} tickets/s, p50");
    lines.push(line(&what, ms(p50), "", ""));
    lines.push(line("... p99", ms(p99), "<= 1 s", verdict(p99 <= 1.0)));
    lines.push(line("... the last of them", ms(most), "", ""));
    let id = sla.id();
    for (what, bytes) in [("now", usage::memory(id)), ("at most", usage::most_memory(id))] {
        let value = bytes.map_or("unknown".to_owned(), |bytes| format!("{} MiB", bytes / MIB));
        let fits = bytes.map_or("", |bytes| verdict(bytes < 300 * MIB));
        lines.push(line(&format!("memory of sla, {what}"), value, "< 300 MiB", fits));
    }
    table::print_cells(&["what", "value", "target", "verdict"], &lines);
    Ok(())
}

/// What was seen while the timers fired.
struct Firing {
    /// How late they were, in seconds: the middle, the 99th percentile and the last.
    late: [f64; 3],
    /// Tickets per second that were registered.
    arrived: f64,
}

/// Has clocks breached in the same second while tickets come in, and waits for it.
async fn fire(log: &Log, tenants: &[Tenant], pool: &PgPool, opts: &Opts) -> Result<Firing> {
    let timers = opts.timers;
    let writing = Duration::from_millis(timers / 2);
    let ahead = jiff::SignedDuration::try_from(AHEAD + writing)?;
    let due_at: Timestamp = log.now().await?.checked_add(ahead)?;
    note(&format!("{timers} clocks that are due at {due_at}"));
    fill::due(log, tenants, timers, due_at).await?;
    if log.now().await? > due_at {
        bail!("this machine is too slow to write {timers} clocks before they are due");
    }
    let deadline = Instant::now() + AHEAD + writing + PATIENCE;
    while to_fire(pool, due_at).await? < timers {
        ensure!(log.now().await? < due_at, "sla has not seen all clocks before they are due");
        tokio::time::sleep(POLL).await;
    }
    let (begin, before) = (Instant::now(), tickets(pool).await?);
    let arriving = arrivals::arrive(log, tenants, opts.arriving, log.now().await?);
    loop {
        let left = to_fire(pool, due_at).await?;
        if left == 0 {
            break;
        }
        ensure!(Instant::now() < deadline, "{left} of {timers} timers have not fired");
        tokio::time::sleep(POLL).await;
    }
    arriving.abort();
    let arrived = (tickets(pool).await? - before) as f64 / begin.elapsed().as_secs_f64();
    let late: Vec<f64> = sqlx::query_scalar(
        "select percentile_disc(array[0.5, 0.99, 1.0])
                within group (order by extract(epoch from recorded_at - $1)::double precision)
           from log.event
          where category = 'clock' and event_type = 'odzew.sla.v1.ClockBreached'",
    )
    .bind(jiff_sqlx::ToSqlx::to_sqlx(due_at))
    .fetch_one(pool)
    .await
    .context("read how late they fired")?;
    let late = <[f64; 3]>::try_from(late).map_err(|_| anyhow::anyhow!("three percentiles"))?;
    Ok(Firing { late: late.map(|seconds| seconds - DETECTION), arrived })
}

/// Timers of that second that have not fired.
async fn to_fire(pool: &PgPool, due_at: Timestamp) -> Result<u64> {
    let left: i64 = sqlx::query_scalar(
        "select count(*) from sla.timers
          where partition = any($1) and wake_at between $2 and $2 + interval '1 minute'",
    )
    .bind((0..TENANTS).filter_map(|one| i16::try_from(one).ok()).collect::<Vec<_>>())
    .bind(jiff_sqlx::ToSqlx::to_sqlx(due_at))
    .fetch_one(pool)
    .await
    .context("count what is to fire")?;
    Ok(left.unsigned_abs())
}

/// Tickets that were registered.
async fn tickets(pool: &PgPool) -> Result<i64> {
    let count = "select count(*) from log.event where category = 'ticket' and version = 1";
    let count = sqlx::query_scalar(count);
    count.fetch_one(pool).await.context("count tickets")
}

/// What bounds a rebuild: the same rows, put into empty twins of the tables with their indexes
/// by one statement each, in events per second.
async fn copied(odzew: &Odzew, events: u64) -> Result<f64> {
    let pool = odzew.database.pool();
    sqlx::raw_sql(
        "create schema bench;
         create table bench.clocks (like sla.clocks including all);
         create table bench.timers (like sla.timers including all);",
    )
    .execute(pool)
    .await
    .context("make twins")?;
    let begin = Instant::now();
    for statement in [
        "insert into bench.clocks select * from sla.clocks",
        "insert into bench.timers select * from sla.timers",
    ] {
        sqlx::query(statement).execute(pool).await.context("copy the tables")?;
    }
    let rate = events as f64 / begin.elapsed().as_secs_f64();
    sqlx::raw_sql("drop schema bench cascade").execute(pool).await.context("drop the twins")?;
    Ok(rate)
}

/// A private database, a configuration, and the binary.
struct Odzew {
    binary: PathBuf,
    database: Database,
    folder: tempfile::TempDir,
    http: u16,
    _nats: testkit::Nats,
}

impl Odzew {
    async fn new(asked: Option<&Path>) -> Result<Self> {
        let binary = binary(asked)?;
        let database = Database::create().await;
        rig::durable(database.pool()).await?;
        let nats = testkit::Nats::shared().await;
        let folder = tempfile::tempdir().context("make a folder")?;
        let (grpc, http) = (testkit::free_ports(1), testkit::free_ports(6));
        let (url, bus, prefix) = (database.url(), nats.url(), nats.prefix());
        let text = format!(
            "[postgres]\nurl = {url:?}\nadmin_url = {url:?}\n\
             [bus]\nurl = {bus:?}\nprefix = {prefix:?}\n\
             [listen]\nsla = \"127.0.0.1:{grpc}\"\nhttp = \"127.0.0.1:{http}\"\n",
        );
        std::fs::write(folder.path().join("odzew.toml"), text).context("write the settings")?;
        let odzew = Self { binary, database, folder, http, _nats: nats };
        complete(odzew.command(&["migrate"]))?;
        Ok(odzew)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--config").arg(self.folder.path().join("odzew.toml")).args(arguments);
        command
    }

    /// Starts sla, which has nothing to catch up with, and what brings it the events.
    async fn serve(&self) -> Result<(Process, Process)> {
        // What was written without a ticket's events is nothing to react to.
        sqlx::query("update sla.subscription_cursor set reaction_position = position")
            .execute(self.database.pool())
            .await
            .context("move the cursor of the reactions")?;
        Ok((self.start("relay", HTTP_OF_RELAY).await?, self.start("sla", HTTP_OF_SLA).await?))
    }

    async fn start(&self, role: &str, http: u16) -> Result<Process> {
        let log = self.folder.path().join(format!("{role}.log"));
        let mut process = Process::spawn(self.command(&["serve", role]), &log);
        ready(role, &mut process, self.http + http).await?;
        Ok(process)
    }

    /// Lets the server finish what it put off.
    async fn settle(&self) -> Result<()> {
        for statement in ["vacuum analyze log.event", "checkpoint"] {
            sqlx::query(statement).execute(self.database.pool()).await.context("settle")?;
        }
        Ok(())
    }
}

fn line(what: &str, value: String, target: &str, verdict: &str) -> [String; 4] {
    [what.to_owned(), value, target.to_owned(), verdict.to_owned()]
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn per_second(rate: f64) -> String {
    table::number(rate, "/s")
}

fn ms(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1_000.0)
}
