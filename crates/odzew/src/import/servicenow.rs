//! Rows of a ServiceNow incident export: a CSV file with one row per update of an
//! incident. Whatever is wrong with a row is a reason to report, never to stop; a file
//! that is not such an export, or is cut, is refused in one sentence.
mod cells;
mod lines;

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use csv::{ByteRecord, StringRecord};
use domain::priority::{Impact, Priority, Urgency};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::cells::Cells;
use self::lines::{Lines, Quotes, Span};
use super::notes::{Kind, Note};
use crate::tables;

/// What the import reads; an export may have more columns, in any order.
const COLUMNS: [&str; 17] = [
    "number",
    "incident_state",
    "reassignment_count",
    "reopen_count",
    "sys_mod_count",
    "caller_id",
    "opened_at",
    "sys_updated_by",
    "sys_updated_at",
    "contact_type",
    "category",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "assigned_to",
    "closed_code",
];

/// How the export writes a value that it does not have.
const MISSING: &str = "?";

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Export {
    /// Records after the header.
    pub(crate) records: u64,
    /// The usable rows, in the file's order.
    pub(crate) rows: Vec<Row>,
    /// The others.
    pub(crate) rejects: Vec<Reject>,
    /// What is odd about usable ones.
    pub(crate) notes: Vec<Note>,
    /// Columns of the file that the import does not read.
    pub(crate) ignored_columns: Vec<String>,
}

/// A row that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reject {
    /// Line of the file, counted from 1.
    pub(crate) line: u64,
    /// The last of its lines.
    pub(crate) last_line: u64,
    /// Number of the incident; empty if the row has none.
    pub(crate) number: String,
    /// Why.
    pub(crate) reason: String,
    /// What can be read of its place in the history.
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) modification: Option<u32>,
}

impl Reject {
    /// Whether it may be a later update of the incident than `row`: yes, unless it says otherwise.
    pub(crate) fn may_follow(&self, row: &Row) -> bool {
        let modification = self.modification.unwrap_or(u32::MAX);
        match self.updated_at {
            Some(at) => (at, modification) >= (row.updated_at, row.modification),
            None => modification >= row.modification,
        }
    }
}

/// One update of an incident: everything as it was after the update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Line of the file, counted from 1.
    pub(crate) line: u64,
    pub(crate) number: String,
    pub(crate) state: State,
    pub(crate) reassignments: u32,
    pub(crate) reopens: u32,
    pub(crate) modification: u32,
    pub(crate) caller: Option<String>,
    pub(crate) opened_at: Timestamp,
    pub(crate) updated_by: Option<String>,
    pub(crate) updated_at: Timestamp,
    pub(crate) contact_type: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) impact: Impact,
    pub(crate) urgency: Urgency,
    pub(crate) priority: Priority,
    pub(crate) group: Option<String>,
    pub(crate) agent: Option<String>,
    /// How it was resolved; repeated on every row, also before the resolution.
    pub(crate) closed_code: Option<String>,
    /// The zone skips a time of this row or has it twice.
    pub(crate) odd_time: bool,
}

/// State of an incident in ServiceNow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    New,
    Active,
    AwaitingUserInfo,
    AwaitingEvidence,
    AwaitingProblem,
    AwaitingVendor,
    Resolved,
    Closed,
}

impl State {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "New" => Self::New,
            "Active" => Self::Active,
            "Awaiting User Info" => Self::AwaitingUserInfo,
            "Awaiting Evidence" => Self::AwaitingEvidence,
            "Awaiting Problem" => Self::AwaitingProblem,
            "Awaiting Vendor" => Self::AwaitingVendor,
            "Resolved" => Self::Resolved,
            "Closed" => Self::Closed,
            _ => return None,
        })
    }

    /// A solution was given.
    pub(crate) fn is_done(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }
}

/// Reads a file; times without a zone are times of `zone`, and nothing was updated after `now`.
///
/// # Errors
/// One sentence if the file cannot be read, is not such an export, or was cut.
pub(crate) fn read(file: &Path, zone: &TimeZone, now: Timestamp) -> Result<Export> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("read {name}"))?;
    parse(&bytes, zone, now).with_context(|| format!("import {name}"))
}

/// Reads the content of a file.
///
/// # Errors
/// As [`read`].
pub(crate) fn parse(bytes: &[u8], zone: &TimeZone, now: Timestamp) -> Result<Export> {
    ensure!(!bytes.is_empty(), "the file is empty");
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.byte_headers().context("read the header")?.clone();
    let header = StringRecord::from_byte_record(header)
        .ok()
        .context("the file is not UTF-8 text; export it as UTF-8")?;
    let columns = columns(&header)?;
    let mut export = Export {
        records: 0,
        rows: Vec::new(),
        rejects: Vec::new(),
        notes: Vec::new(),
        ignored_columns: ignored(&header),
    };
    let ended = bytes.ends_with(b"\n");
    let mut lines = Lines::of(bytes);
    let mut record = ByteRecord::new();
    let mut last = None;
    while reader.read_byte_record(&mut record).context("read a record")? {
        let start = record.position().map_or(0, csv::Position::byte);
        let span = lines.span(start, reader.position().byte());
        let read = row(span, &record, header.len(), &columns, zone);
        let cut = record.len() < header.len() || (!ended && read.is_err());
        last = Some((span, cut));
        export.records += 1;
        match read.and_then(|row| not_after(now, row, span)) {
            Ok(row) => {
                let several = (span.last > span.first).then_some(Kind::SeveralLines);
                export.note(&row, several);
                export.rows.push(row);
            }
            Err(reject) => export.rejects.push(reject),
        }
    }
    match last {
        None => bail!("the file has a header but no rows"),
        Some((Span { first, quotes: Quotes::Open, .. }, _)) => bail!(
            "the file ends inside a quote that is opened in line {first}: it was cut, or the quote \
             is not closed; export it again"
        ),
        Some((span, true)) => {
            let line = span.first;
            bail!("the file ends in the middle of line {line}: it was cut; export it again")
        }
        Some((_, false)) => {
            if !ended && let Some(row) = export.rows.last().cloned() {
                export.note(&row, Some(Kind::NoLineEnd));
            }
            Ok(export)
        }
    }
}

impl Export {
    fn note(&mut self, row: &Row, kind: Option<Kind>) {
        let note = |kind| Note { line: row.line, number: row.number.clone(), kind };
        self.notes.extend(kind.map(note));
    }
}

type Columns = HashMap<&'static str, usize>;
fn columns(header: &StringRecord) -> Result<Columns> {
    if let Some(separator) = other_separator(header) {
        bail!("the file's columns are separated by {separator}; export it with commas");
    }
    let mut columns = Columns::new();
    for (place, name) in header.iter().enumerate() {
        if let Some(known) = COLUMNS.into_iter().find(|&known| known == name.trim()) {
            ensure!(
                columns.insert(known, place).is_none(),
                "the file's header names the column {known} twice"
            );
        }
    }
    let missing: Vec<_> =
        COLUMNS.into_iter().filter(|known| !columns.contains_key(known)).collect();
    ensure!(
        missing.is_empty(),
        "the file is not a ServiceNow incident export: its header lacks {}",
        missing.join(", ")
    );
    Ok(columns)
}

/// The separator of a header that is one single field to a reader of commas.
fn other_separator(header: &StringRecord) -> Option<&'static str> {
    let only = header.get(0).filter(|_| header.len() == 1)?;
    [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")]
        .into_iter()
        .find_map(|(separator, name)| only.contains(separator).then_some(name))
}

fn ignored(header: &StringRecord) -> Vec<String> {
    let names = header.iter().map(str::trim);
    names.filter(|name| !COLUMNS.contains(name)).map(tables::plain).collect()
}

fn row(
    span: Span,
    record: &ByteRecord,
    width: usize,
    columns: &Columns,
    zone: &TimeZone,
) -> Result<Row, Reject> {
    let number = columns.get("number").and_then(|&place| record.get(place)).unwrap_or_default();
    let mut number = tables::plain(String::from_utf8_lossy(number).trim());
    if number == MISSING {
        number.clear();
    }
    let text = StringRecord::from_byte_record(record.clone()).ok();
    let cells = text.as_ref().map(|record| Cells { record, columns, zone });
    let read = match &cells {
        Some(cells) => cells.sound(span, width).and_then(|()| cells.row(span.first)),
        None => Err("it is not UTF-8 text".to_owned()),
    };
    read.map_err(|mut reason| {
        if span.last > span.first {
            reason += &format!("; it goes on to line {}", span.last);
        }
        let updated_at = cells.as_ref().and_then(|cells| cells.time("sys_updated_at").ok());
        Reject {
            line: span.first,
            last_line: span.last,
            number,
            reason: tables::plain(&reason),
            updated_at: updated_at.map(|(at, _)| at),
            modification: cells.and_then(|cells| cells.count("sys_mod_count").ok()),
        }
    })
}

/// The services take over what has happened, and nothing else.
fn not_after(now: Timestamp, row: Row, span: Span) -> Result<Row, Reject> {
    if row.updated_at <= now {
        return Ok(row);
    }
    Err(Reject {
        line: span.first,
        last_line: span.last,
        reason: format!("sys_updated_at is in the future, {}; is --zone right?", row.updated_at),
        number: row.number,
        updated_at: Some(row.updated_at),
        modification: Some(row.modification),
    })
}

#[cfg(test)]
mod tests;
