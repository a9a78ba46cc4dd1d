//! `odzew verify`: proves that nobody changed, removed or reordered an event.
use anyhow::{Context, Result};
use eventlog::{Partition, Verified, VerifyError};

use crate::config::Config;
use crate::progress::Bar;
use crate::{admin, output, tables};

/// Re-computes the chain of every partition, or of one.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Only this partition.
    #[arg(long)]
    partition: Option<i16>,
}

/// # Errors
/// If a partition is not what was appended; its first bad position has been printed.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let log = admin::open_log(&config).await?;
    let wanted = |partition: &&Partition| opts.partition.is_none_or(|only| partition.0 == only);
    let partitions: Vec<Partition> = log.partitions().iter().filter(wanted).copied().collect();
    anyhow::ensure!(!partitions.is_empty(), "there is no such partition");
    let mut bar = Bar::new("verify", partitions.len() as u64);
    let mut lines = Vec::new();
    let mut broken = 0;
    for &partition in &partitions {
        match log.verify(partition).await {
            Ok(verified) => lines.push(sentence(&verified)),
            Err(fault @ VerifyError::Broken { .. }) => {
                broken += 1;
                lines.push(fault.to_string());
            }
            Err(error) => return Err(error).with_context(|| format!("partition {partition}")),
        }
        bar.tick();
    }
    bar.finish();
    let said = output::say(&lines.join("\n"));
    // The verdict is the exit status, whether or not anybody reads the lines.
    let all = tables::counted(partitions.len(), "partition");
    anyhow::ensure!(broken == 0, "changed: {broken} of {all}");
    said
}

fn sentence(verified: &Verified) -> String {
    let Verified { partition, batches, events, chain_hash } = verified;
    if *events == 0 {
        return format!("partition {partition} is empty");
    }
    let hash: String = chain_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "partition {partition} is as it was written: {} in {}, the last one with chain hash {hash}",
        tables::counted(*events, "event"),
        if *batches == 1 { "1 batch".to_owned() } else { format!("{batches} batches") },
    )
}
