//! `odzew admin keys`: the master key of the keys of personal data.
use anyhow::Result;
use clap::Subcommand;

use crate::config::Config;
use crate::output;
use crate::progress::Steps;

/// Verbs about keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Wrap every key with the first configured master key, while intake serves.
    ///
    /// Before it every intake must know the new master key, and wrap with it: first add it to
    /// intake.further_master_key_files everywhere, then exchange the two everywhere. Killed
    /// anywhere, it is run again. At its end the old one may be taken out of the settings; keep it
    /// as long as a backup of the schema `keys` from before. Needs postgres.admin_url.
    Rotate {
        /// Keys in one transaction: whoever destroys one of them waits for it.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=10_000))]
        batch: u16,
    },
}

/// # Errors
/// If a master key is missing, or the database cannot be reached.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    let Verb::Rotate { batch } = verb;
    let pool = super::pool(&config).await?;
    let used = intake::master_keys(&pool).await?;
    let all: u64 = used.iter().map(|master| master.keys).sum();
    let mut steps = Steps::new(1);
    steps.next(&format!("wrap what other master keys wrap, of {all} keys"));
    let told = |keys| steps.say(&format!("{keys} keys are wrapped anew"));
    let rotated = intake::rotate_master_key(&pool, &config.intake, batch, told).await?;
    steps.done();
    let intake::Rotated { keys, retired } = rotated;
    output::say(&format!(
        "{keys} keys are wrapped anew; {retired} master keys wrap nothing any more and may be taken \
         out of the settings"
    ))
}
