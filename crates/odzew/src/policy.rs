//! `odzew policy`: regimes, policies, calendars and taxonomies as files, validated locally and
//! published where they differ.
mod apply;
mod checks;
mod difference;
mod document;
mod files;
mod list;
mod presets;
mod which;

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};

use crate::config::Config;
use crate::output::say;

/// Exit status when a file is at fault (`EX_DATAERR`).
pub(crate) const EXIT_DATA: u8 = 65;

/// Verbs about what is promised and what the law demands.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Check files; tell everything that is wrong, with line and column.
    ///
    /// One line for each problem: FILE:LINE:COLUMN: FIELD: REASON. Exits with 65 if there
    /// is one. Policies are held against the calendars among the files. Needs no server.
    Validate {
        /// Files (TOML), of any kind.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Publish what differs from what is published; without a folder, what comes with Odzew.
    ///
    /// Everything is checked first, also that the calendars which policies name apply by then.
    /// What has the published content stays as it is, so a
    /// second run changes nothing. Nothing is ever withdrawn. Of a taxonomy every code that
    /// is new, gone or called otherwise is told.
    Apply(apply::Opts),
    /// List what is published, and the regimes that somebody should look at again.
    List(list::Opts),
    /// Tell which regimes apply to a matter, and when the answer is due.
    Which(which::Opts),
}

/// For whom the command works.
#[derive(Debug, Args)]
pub(crate) struct Tenant {
    /// Tenant that is meant.
    #[arg(long, env = "ODZEW_TENANT")]
    tenant: String,
    /// Opaque id of the person who asks.
    #[arg(long, default_value = "operator")]
    actor: String,
}

/// Files with problems in them; each has been told.
#[derive(Debug)]
pub(crate) struct Faulty {
    problems: usize,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.problems == 1 { "problem" } else { "problems" };
        write!(f, "{} {noun} found", self.problems)
    }
}

impl std::error::Error for Faulty {}

/// # Errors
/// [`Faulty`], or if a service refuses or is away.
pub(crate) async fn run(verb: Verb, config: impl FnOnce() -> Result<Config>) -> Result<()> {
    match verb {
        Verb::Validate { files } => {
            sound(&files::Set::read(&files))?;
            match files.len() {
                1 => say("1 file is sound"),
                files => say(&format!("{files} files are sound")),
            }
        }
        Verb::Apply(opts) => apply::run(opts, config()?).await,
        Verb::List(opts) => list::run(opts, config()?).await,
        Verb::Which(opts) => which::run(opts, config()?).await,
    }
}

/// What comes with Odzew.
pub(crate) struct Presets(Vec<document::Content>);

impl Presets {
    pub(crate) fn read() -> Self {
        let documents = files::Set::presets().documents.into_iter();
        Self(documents.filter_map(|document| document.content).collect())
    }

    /// The taxonomy.
    ///
    /// # Errors
    /// If there is none, which a test rules out.
    pub(crate) fn taxonomy(&self) -> Result<wire::intake::v1::Taxonomy> {
        let mut taxonomies = self.0.iter().filter_map(|content| match content {
            document::Content::Taxonomy(taxonomy) => Some(taxonomy.clone()),
            document::Content::Calendar(_)
            | document::Content::Policy(_)
            | document::Content::Regime(_) => None,
        });
        taxonomies.next().context("find the taxonomy that comes with Odzew")
    }

    /// A regime.
    ///
    /// # Errors
    /// If there is none of that code.
    pub(crate) fn regime(&self, code: &str) -> Result<wire::sla::v1::Regime> {
        let mut regimes = self.0.iter().filter_map(|content| match content {
            document::Content::Regime(regime) => Some(regime),
            document::Content::Calendar(_)
            | document::Content::Policy(_)
            | document::Content::Taxonomy(_) => None,
        });
        let found = regimes.find(|regime| regime.code == code);
        Ok(found.with_context(|| format!("find the regime {code}"))?.as_ref().clone())
    }
}

/// Nothing is wrong with the set; otherwise every problem is told.
fn sound(set: &files::Set) -> Result<()> {
    let findings = set.findings();
    for finding in &findings {
        say(&finding.to_string())?;
    }
    if findings.is_empty() { Ok(()) } else { Err(Faulty { problems: findings.len() }.into()) }
}
