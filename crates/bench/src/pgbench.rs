//! pgbench, the benchmark that comes with Postgres: one row per transaction.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::rig::Rig;

/// A single-row insert. The columns and the row's size are those of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Script {
    /// Positions from a sequence: fast, and read out of order.
    Serial,
    /// In order: everybody waits for one advisory lock until the commit.
    AdvisoryLock,
    /// In order: everybody updates the same row.
    CounterRow,
}

impl Script {
    fn text(self) -> String {
        let (columns, before, position, from) = match self {
            Self::Serial => ("", "", "", ""),
            Self::AdvisoryLock => (
                "",
                "with lock as materialized (select pg_advisory_xact_lock(7)::text as held)",
                "",
                "from lock where held is not null",
            ),
            Self::CounterRow => (
                "position, ",
                "with counter as (update bench.counter set position = position + 1 \
                 returning position)",
                "position, ",
                "from counter",
            ),
        };
        format!(
            "{before} insert into bench.serial ({columns}partition, tenant, version, stream_id, \
             event_id, occurred_at, recorded_at, category, event_type, payload, metadata) \
             select {position}0, 1, 1, gen_random_uuid(), gen_random_uuid(), now(), now(), \
             'ticket', 'odzew.intake.v1.TicketRegistered', :payload::bytea, :metadata::bytea \
             {from};\n"
        )
    }
}

/// What pgbench reports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    /// Commits per second without the time to connect.
    pub(crate) rate: f64,
    /// Mean latency in milliseconds.
    pub(crate) latency_ms: f64,
}

/// Runs `clients` for `time` on empty tables.
///
/// # Errors
/// If pgbench is missing or reports a failed transaction.
pub(crate) async fn run(
    rig: &Rig,
    script: Script,
    clients: usize,
    time: Duration,
) -> Result<Report> {
    rig.clear().await?;
    let folder = tempfile::tempdir().context("make a folder")?;
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script.text()).context("write pgbench's script")?;
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs"])
        .arg(clients.min(2).to_string())
        .args(["--client", &clients.to_string(), "--time", &time.as_secs().to_string()])
        .args(["--define", &format!("payload={}", hex(&rig.template.payload))])
        .args(["--define", &format!("metadata={}", hex(&rig.template.metadata()))])
        .arg("--file")
        .arg(&file)
        .arg(rig.database.url())
        .output()
        .await
        .context("run pgbench, which comes with the Postgres server")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let failed = value(&text, "number of failed transactions: ").unwrap_or(0.0);
    if !output.status.success() || failed > 0.0 {
        bail!("pgbench failed: {text}{}", String::from_utf8_lossy(&output.stderr));
    }
    let report = value(&text, "tps = ").zip(value(&text, "latency average = "));
    let (rate, latency_ms) = report.with_context(|| format!("read pgbench's report: {text}"))?;
    Ok(Report { rate, latency_ms })
}

/// The number behind `label`.
fn value(report: &str, label: &str) -> Option<f64> {
    let (_, rest) = report.split_once(label)?;
    rest.split_whitespace().next()?.parse().ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        let report = "number of failed transactions: 0 (0.000%)\n\
                      latency average = 0.124 ms\ntps = 8057.123 (without initial connection time)";
        assert_eq!(value(report, "tps = "), Some(8057.123));
        assert_eq!(value(report, "latency average = "), Some(0.124));
        assert_eq!(value(report, "number of failed transactions: "), Some(0.0));
        assert_eq!(value(report, "median = "), None);
    }
}
