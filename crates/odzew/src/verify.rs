//! `odzew verify`: proves that nobody changed, removed or reordered an event.
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use eventlog::{Checkpoint, Log, Partition, Verified, VerifyError};

use crate::config::Config;
use crate::progress::Bar;
use crate::{admin, output, tables};

/// Re-computes the chain of every partition, or of one.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Only this partition.
    #[arg(long)]
    partition: Option<i16>,
    /// What an earlier run said to note down, as it was written there. Without it nobody can tell
    /// whether the end of the log was cut off, or a tenant got another name.
    #[arg(long, value_name = "NOTE")]
    expect: Vec<Note>,
}

/// What one run says and a later one holds the log to.
#[derive(Debug, Clone, Copy)]
enum Note {
    /// `PARTITION:POSITION:HASH`.
    Partition(Partition, Checkpoint),
    /// `tenants:COUNT:HASH`.
    Tenants(usize, [u8; 32]),
}

/// # Errors
/// If a partition is not what was appended; its first bad position, or the first of the bad batch,
/// has been printed.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let log = admin::open_log(&config).await?;
    let wanted = |partition: &&Partition| opts.partition.is_none_or(|only| partition.0 == only);
    let partitions: Vec<Partition> = log.partitions().iter().filter(wanted).copied().collect();
    ensure!(!partitions.is_empty(), "there is no such partition");
    for note in &opts.expect {
        let is_checked = match note {
            Note::Partition(partition, _) => partitions.contains(partition),
            Note::Tenants(..) => true,
        };
        ensure!(is_checked, "a note is about a partition that is not looked at");
    }
    let mut bar = Bar::new("verify", partitions.len() as u64);
    let (mut lines, mut broken) = (Vec::new(), 0);
    for &partition in &partitions {
        let checkpoints = opts.expect.iter().filter_map(|note| match note {
            Note::Partition(of, checkpoint) => (*of == partition).then_some(*checkpoint),
            Note::Tenants(..) => None,
        });
        let checkpoints: Vec<_> = checkpoints.collect();
        match log.verify_against(partition, &checkpoints).await {
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
    let tenants = tenants(&log, &opts.expect).await.context("read the tenants")?;
    let are_tenants_same = tenants.is_ok();
    lines.push(tenants.unwrap_or_else(|fault| fault));
    let said = output::say(&lines.join("\n"));
    // The verdict is the exit status, whether or not anybody reads the lines.
    let all = tables::counted(partitions.len(), "partition");
    ensure!(broken == 0, "changed: {broken} of {all}");
    ensure!(are_tenants_same, "changed: the tenants");
    said
}

fn sentence(verified: &Verified) -> String {
    let Verified { partition, batches, events, chain_hash } = verified;
    if *events == 0 {
        return format!("partition {partition} is empty");
    }
    format!(
        "partition {partition} is as it was written: {} in {}; to be noted down: \
         {partition}:{events}:{}",
        tables::counted(*events, "event"),
        if *batches == 1 { "1 batch".to_owned() } else { format!("{batches} batches") },
        hex(chain_hash),
    )
}

/// What is to be noted down of the tenants, or what is wrong with them.
async fn tenants(log: &Log, notes: &[Note]) -> Result<Result<String, String>, eventlog::Error> {
    for note in notes {
        if let Note::Tenants(count, expected) = note
            && log.tenants_digest(*count).await? != Some(*expected)
        {
            return Ok(Err(format!(
                "the first {count} tenants are not those that were noted down"
            )));
        }
    }
    let count = log.tenants().await?.len();
    let digest = log.tenants_digest(count).await?.map(|digest| hex(&digest)).unwrap_or_default();
    let all = tables::counted(count, "tenant");
    Ok(Ok(format!("{all}; to be noted down: tenants:{count}:{digest}")))
}

impl FromStr for Note {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = "a note has the form PARTITION:POSITION:HASH or tenants:COUNT:HASH";
        let mut parts = text.splitn(3, ':');
        let (Some(of), Some(number), Some(hash)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(rule);
        };
        let hash = unhex(hash).ok_or("the hash has 64 hexadecimal digits")?;
        if of == "tenants" {
            return Ok(Self::Tenants(number.parse().map_err(|_| rule)?, hash));
        }
        let partition = Partition(of.parse().map_err(|_| rule)?);
        let position = number.parse().map_err(|_| rule)?;
        Ok(Self::Partition(partition, Checkpoint { position, chain_hash: hash }))
    }
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(hash)
}
