//! The file of rejects, as CSV: rows that were not used, or were adjusted.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::report::Findings;

const HEADER: [&str; 4] = ["line", "number", "outcome", "reason"];

/// Where the rejects go.
#[derive(Debug)]
pub(crate) struct RejectsFile<'a>(&'a Path);

impl<'a> RejectsFile<'a> {
    /// A new file, or the rejects of an earlier import: nothing else is ever replaced.
    ///
    /// # Errors
    /// If another file is there, above all `export` itself.
    pub(crate) fn at(path: &'a Path, export: &Path) -> Result<Self> {
        let name = path.display();
        let Ok(there) = std::fs::metadata(path) else { return Ok(Self(path)) };
        let export = std::fs::metadata(export).context("look at the export")?;
        ensure!(
            (there.dev(), there.ino()) != (export.dev(), export.ino()),
            "--rejects {name} is the export itself; name another file"
        );
        ensure!(
            !there.is_file() || is_ours(path).with_context(|| format!("read {name}"))?,
            "--rejects {name} exists and holds no rejects of an import; name another file, or \
             remove it"
        );
        Ok(Self(path))
    }

    /// Writes all that is known by now; `refused` are the incidents that a service refused.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(
        &self,
        findings: &Findings,
        refused: &BTreeMap<String, String>,
    ) -> Result<()> {
        self.rows(findings, refused)
            .with_context(|| format!("write rejects to {}", self.0.display()))
    }

    fn rows(&self, findings: &Findings, refused: &BTreeMap<String, String>) -> Result<()> {
        let mut out = csv::Writer::from_path(self.0)?;
        out.write_record(HEADER)?;
        for reject in &findings.rejects {
            let line = reject.line.to_string();
            out.write_record([&line, &*cell(&reject.number), "not used", &*cell(&reject.reason)])?;
        }
        for (number, (_, reason)) in &findings.refused {
            out.write_record(["", &*cell(number), "incident not taken over", &*cell(reason)])?;
        }
        for (number, reason) in refused {
            out.write_record(["", &*cell(number), "incident refused", &*cell(reason)])?;
        }
        for note in &findings.notes {
            let line = note.line.to_string();
            out.write_record([&line, &*cell(&note.number), "adjusted", note.kind.sentence()])?;
        }
        Ok(out.flush()?)
    }
}

/// Empty, or begins as every file of rejects does.
fn is_ours(path: &Path) -> std::io::Result<bool> {
    let header = HEADER.join(",") + "\n";
    let mut beginning = Vec::new();
    std::fs::File::open(path)?.take(header.len() as u64).read_to_end(&mut beginning)?;
    Ok(beginning.is_empty() || beginning == header.as_bytes())
}

/// A cell as in the file that was read, escaped so that a spreadsheet does not take it for a
/// formula.
fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
