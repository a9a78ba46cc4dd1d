//! Rows of a ServiceNow incident export: a CSV file with one row per update of an
//! incident. Whatever is wrong with a row is a reason to report, never to stop; a file
//! that is not such an export, or is cut, is refused in one sentence.
mod lines;

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use csv::{ByteRecord, StringRecord};
use domain::priority::{Impact, Level, Priority, Urgency};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

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

/// Reads a file; times without a zone are times of `zone`.
///
/// # Errors
/// One sentence if the file cannot be read, is not such an export, or was cut.
pub(crate) fn read(file: &Path, zone: &TimeZone) -> Result<Export> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("read {name}"))?;
    parse(&bytes, zone).with_context(|| format!("import {name}"))
}

/// Reads the content of a file.
///
/// # Errors
/// As [`read`].
pub(crate) fn parse(bytes: &[u8], zone: &TimeZone) -> Result<Export> {
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
        match read {
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

/// The cells of one record by name.
struct Cells<'a> {
    record: &'a StringRecord,
    columns: &'a Columns,
    zone: &'a TimeZone,
}

impl Cells<'_> {
    /// Whether the record is one row, with each value in its column.
    fn sound(&self, span: Span, width: usize) -> Result<(), String> {
        if span.quotes == Quotes::Loose {
            return Err("its quotes do not match: text follows a closing one".to_owned());
        }
        let found = self.record.len();
        if found != width {
            return Err(format!("it has {found} columns, the header has {width}"));
        }
        let breaks = |name: &str| self.get(name).is_some_and(|value| value.contains(['\n', '\r']));
        match COLUMNS.into_iter().find(|name| breaks(name)) {
            Some(name) => Err(format!("{name} has a line break, as if a quote were not closed")),
            None => Ok(()),
        }
    }

    fn row(&self, line: u64) -> Result<Row, String> {
        let number = self.given("number")?;
        if number.chars().count() > 60 || number.chars().any(char::is_control) {
            return Err("number is longer than 60 characters or not printable".to_owned());
        }
        let state = self.given("incident_state")?;
        let (opened_at, opened_odd) = self.time("opened_at")?;
        let (updated_at, updated_odd) = self.time("sys_updated_at")?;
        Ok(Row {
            line,
            number: number.to_owned(),
            state: State::parse(state)
                .ok_or_else(|| format!("incident_state {state:?} is not known"))?,
            reassignments: self.count("reassignment_count")?,
            reopens: self.count("reopen_count")?,
            modification: self.count("sys_mod_count")?,
            caller: self.owned("caller_id"),
            opened_at,
            updated_by: self.owned("sys_updated_by"),
            updated_at,
            contact_type: self.owned("contact_type"),
            category: self.owned("category"),
            impact: Impact(self.level("impact")?),
            urgency: Urgency(self.level("urgency")?),
            priority: self.priority()?,
            group: self.owned("assignment_group"),
            agent: self.owned("assigned_to"),
            closed_code: self.owned("closed_code"),
            odd_time: opened_odd || updated_odd,
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let cell = self.record.get(self.columns[name])?.trim();
        (!cell.is_empty() && cell != MISSING).then_some(cell)
    }

    fn owned(&self, name: &'static str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn given(&self, name: &'static str) -> Result<&str, String> {
        self.get(name).ok_or_else(|| format!("{name} is missing"))
    }

    fn count(&self, name: &'static str) -> Result<u32, String> {
        let text = self.given(name)?;
        text.parse().map_err(|_| format!("{name} {text:?} is not a count"))
    }

    /// `2` or `2 - Medium`.
    fn rank(&self, name: &'static str) -> Result<&str, String> {
        let text = self.given(name)?;
        Ok(text.split_once(" - ").map_or(text, |(rank, _)| rank))
    }

    fn level(&self, name: &'static str) -> Result<Level, String> {
        match self.rank(name)? {
            "1" => Ok(Level::High),
            "2" => Ok(Level::Medium),
            "3" => Ok(Level::Low),
            other => Err(format!("{name} {other:?} is not 1, 2 or 3")),
        }
    }

    fn priority(&self) -> Result<Priority, String> {
        match self.rank("priority")? {
            "1" => Ok(Priority::P1),
            "2" => Ok(Priority::P2),
            "3" => Ok(Priority::P3),
            // ServiceNow's fifth rank, "planning", is below everything else.
            "4" | "5" => Ok(Priority::P4),
            other => Err(format!("priority {other:?} is not 1 to 5")),
        }
    }

    /// The instant, and whether the zone left a choice.
    fn time(&self, name: &'static str) -> Result<(Timestamp, bool), String> {
        let text = self.given(name)?;
        let refuse = || format!("{name} {text:?} is not a time such as 29/2/2016 01:16");
        let at = civil_time(text).ok_or_else(refuse)?;
        let at = self.zone.to_ambiguous_zoned(at);
        let odd = at.is_ambiguous();
        Ok((at.compatible().map_err(|_| refuse())?.timestamp(), odd))
    }
}

/// `d/m/Y H:M`; a year of two digits or a minute of one is a cut or foreign time.
fn civil_time(text: &str) -> Option<civil::DateTime> {
    let (date, time) = text.split_once(' ')?;
    let (day, rest) = date.split_once('/')?;
    let (month, year) = rest.split_once('/')?;
    let (hour, minute) = time.split_once(':')?;
    let digits = |text: &str, long: std::ops::RangeInclusive<usize>| {
        let good = long.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        good.then(|| text.parse::<i16>().ok()).flatten()
    };
    let small = |text: &str, long| digits(text, long).and_then(|n| i8::try_from(n).ok());
    civil::DateTime::new(
        digits(year, 4..=4)?,
        small(month, 1..=2)?,
        small(day, 1..=2)?,
        small(hour, 1..=2)?,
        small(minute, 2..=2)?,
        0,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests;
