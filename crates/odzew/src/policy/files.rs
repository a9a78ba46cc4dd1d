//! Several files together: where they come from, and conflicts between them.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use chassis::clock::Clock as _;

use super::document::{Content, Document, Finding};
use super::presets;

/// Files that are checked and published together.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) documents: Vec<Document>,
}

impl Set {
    /// These files; one that cannot be read is a finding of its own.
    pub(crate) fn read(files: &[PathBuf]) -> Self {
        let now = chassis::clock::System.now();
        let read = |path: &PathBuf| {
            let name = path.display().to_string();
            let mut document = match std::fs::read(path) {
                Ok(bytes) => Document::of_bytes(&name, &bytes),
                Err(error) => Document::unreadable(&name, &format!("cannot be read: {error}")),
            };
            document.refuse_verified_after(now);
            document
        };
        Self::of(files.iter().map(read).collect())
    }

    /// Every `.toml` file below a folder.
    ///
    /// # Errors
    /// If the folder cannot be read, or has no such file.
    pub(crate) fn below(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        ensure!(!files.is_empty(), "there is no .toml file in {}", folder.display());
        files.sort();
        Ok(Self::read(&files))
    }

    /// What comes with the product.
    pub(crate) fn presets() -> Self {
        Self::of(presets::ALL.iter().map(|(file, text)| Document::read(file, text)).collect())
    }

    fn of(documents: Vec<Document>) -> Self {
        let mut set = Self { documents };
        set.refuse_repetitions();
        set.refuse_what_takes_too_long();
        set
    }

    /// Everything that is wrong, file by file in the order of the places.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.documents.iter().flat_map(|document| document.findings.clone()).collect()
    }

    /// Two files of the same thing: which one is meant?
    fn refuse_repetitions(&mut self) {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for document in &mut self.documents {
            let Some((field, key)) = document.content.as_ref().map(key) else { continue };
            match known.get(&key) {
                Some(other) => {
                    document.refuse(field, &format!("is also in {other}"));
                    document.findings.sort();
                }
                None => drop(known.insert(key, document.file.clone())),
            }
        }
    }

    /// A policy whose calendar, in another file, has too little working time for it.
    fn refuse_what_takes_too_long(&mut self) {
        let calendars: Vec<_> = self.documents.iter().filter_map(calendar).cloned().collect();
        for document in &mut self.documents {
            let Some(Content::Policy(policy)) = &document.content else { continue };
            for refusal in sla::validate::reach(policy, &calendars) {
                document.refuse(&refusal.field, &refusal.rule);
            }
            document.findings.sort();
        }
    }
}

fn calendar(document: &Document) -> Option<&wire::sla::v1::Calendar> {
    match document.content.as_ref()? {
        Content::Calendar(calendar) => Some(calendar),
        Content::Policy(_) | Content::Regime(_) | Content::Taxonomy(_) => None,
    }
}

/// The field that names it, and what tells it from everything else.
fn key(content: &Content) -> (&'static str, String) {
    match content {
        Content::Calendar(calendar) => {
            ("calendar_id", format!("calendar {}", calendar.calendar_id))
        }
        Content::Policy(policy) => ("policy_id", format!("policy {}", policy.policy_id)),
        // Versions of the same regime follow each other by their first day.
        Content::Regime(regime) => {
            ("code", format!("regime {} {}", regime.code, regime.valid_from))
        }
        // A tenant has one, whatever it is called.
        Content::Taxonomy(_) => ("taxonomy_id", "taxonomy".to_owned()),
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder);
    for entry in entries.with_context(|| format!("read {}", folder.display()))? {
        let path = entry.with_context(|| format!("read {}", folder.display()))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
