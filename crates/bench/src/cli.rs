//! The command line.
use std::time::Duration;

use anyhow::Result;

use crate::{clocks, e2e, pure, rows};

/// Measures Odzew against baselines of the same run.
///
/// `./run bench` builds it and gives it servers of its own. A verdict is a statement about
/// this machine at this hour: look at the spread before you believe it.
#[derive(Debug, clap::Parser)]
#[command(name = "bench", max_term_width = 100, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    log: LogOpts,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Run every role as a process and measure a ticket's whole way under load.
    E2e(e2e::Opts),
    /// Many open clocks: the read model from the log, timers of one second, memory of sla.
    Clocks(clocks::Opts),
    /// Business time and folding: pure code, without servers.
    Domain(pure::Opts),
}

/// The log, the relay and the consumer (the default).
#[derive(Debug, clap::Args)]
pub(crate) struct LogOpts {
    /// A million events, and a minute per part of row 14.
    #[arg(long)]
    full: bool,
    /// Events in the log [default: 200000, or 1000000 with --full].
    #[arg(long)]
    events: Option<u64>,
    /// How often each row is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    repetitions: usize,
    /// Rows to measure, for example 1,3,12.
    #[arg(long, value_delimiter = ',')]
    rows: Vec<u32>,
}

impl LogOpts {
    /// Events in the log.
    pub(crate) fn events(&self) -> u64 {
        self.events.unwrap_or(if self.full { 1_000_000 } else { 200_000 })
    }

    /// How long one part of row 14 appends.
    pub(crate) fn snapshot(&self) -> Duration {
        Duration::from_secs(if self.full { 60 } else { 10 })
    }

    /// How often each row is measured.
    pub(crate) fn repetitions(&self) -> usize {
        self.repetitions.max(1)
    }

    /// Whether a row is asked for.
    pub(crate) fn wants(&self, row: u32) -> bool {
        self.rows.is_empty() || self.rows.contains(&row)
    }
}

impl Cli {
    /// Measures and prints.
    pub(crate) async fn run(self) -> Result<()> {
        match self.what {
            Some(What::E2e(opts)) => e2e::run(opts).await,
            Some(What::Clocks(opts)) => clocks::run(opts).await,
            Some(What::Domain(opts)) => pure::run(&opts).await,
            None => rows::run(&self.log).await,
        }
    }
}
