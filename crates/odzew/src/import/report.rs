//! The report of the import: rows that could not be used and why, adjustments, and the counts of
//! the file beside those of Odzew.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use comfy_table::Table;

use super::counts::{Counts, Line};
use super::notes::{Kind, Note};
use super::servicenow::Reject;
use crate::tables;

/// Examples named for each kind of adjustment.
const EXAMPLES: usize = 3;

/// Everything found in the file.
#[derive(Debug)]
pub(crate) struct Findings {
    /// Records after the header.
    pub(crate) records: u64,
    /// Rows that became at least one step of a history.
    pub(crate) telling_rows: u64,
    /// Rows that are not used.
    pub(crate) rejects: Vec<Reject>,
    /// Rows that are used, but not just as they stand.
    pub(crate) notes: Vec<Note>,
    /// Incidents that are not taken over, with the number of their rows and the reason.
    pub(crate) refused: BTreeMap<String, (u64, String)>,
    /// Columns that are not read.
    pub(crate) ignored_columns: Vec<String>,
    /// Incidents that left Resolved or Closed for another state, whatever `reopen_count`
    /// says.
    pub(crate) left_resolved: u64,
}

impl Findings {
    /// Every row's fate in numbers, every unusable row with its reason, and the kinds of
    /// adjustments with examples.
    pub(crate) fn text(&self, rejects_file: Option<&Path>) -> String {
        let mut text = String::new();
        let refused: u64 = self.refused.values().map(|(rows, _)| rows).sum();
        let rejected = self.rejects.len() as u64;
        let quiet = self.records - self.telling_rows - refused - rejected;
        let _ = writeln!(
            text,
            "{} rows: {} tell something new, {quiet} change nothing that is taken over, \
             {rejected} cannot be used, {refused} belong to incidents that cannot be taken over",
            self.records, self.telling_rows
        );
        if !self.ignored_columns.is_empty() {
            let _ = writeln!(text, "Columns not taken over: {}", self.ignored_columns.join(", "));
        }
        for reject in &self.rejects {
            let _ = writeln!(text, "  not used: {}", reject_line(reject));
        }
        for (number, (_, reason)) in &self.refused {
            let _ = writeln!(text, "  not taken over: incident {number}: {reason}");
        }
        self.adjustments(&mut text);
        if let Some(file) = rejects_file {
            let _ = writeln!(text, "All of them, line by line: {}", file.display());
        }
        text
    }

    fn adjustments(&self, text: &mut String) {
        let mut kinds: BTreeMap<Kind, Vec<&Note>> = BTreeMap::new();
        for note in &self.notes {
            kinds.entry(note.kind).or_default().push(note);
        }
        if !kinds.is_empty() {
            text.push_str("Used, but not just as they stand:\n");
        }
        for (kind, notes) in kinds {
            let examples: Vec<_> = notes
                .iter()
                .take(EXAMPLES)
                .map(|note| format!("{} line {}", note.number, note.line))
                .collect();
            let more = if notes.len() > EXAMPLES { ", …" } else { "" };
            let _ = writeln!(
                text,
                "  {:>5} × {} ({}{more})",
                notes.len(),
                kind.sentence(),
                examples.join(", ")
            );
        }
        let _ = writeln!(
            text,
            "{} incidents went from Resolved or Closed to another state; reopened is what \
             reopen_count counts.",
            self.left_resolved
        );
    }
}

fn reject_line(reject: &Reject) -> String {
    let Reject { line, number, reason, .. } = reject;
    if number.is_empty() {
        format!("line {line}: {reason}")
    } else {
        format!("line {line} (incident {number}): {reason}")
    }
}

/// The counts side by side, and how many lines differ.
pub(crate) fn compare(file: &Counts, sent: &Counts, odzew: Option<&Counts>) -> (Table, usize) {
    let mut table = tables::table(["Incidents", "File", "To take over", "Odzew", ""]);
    let mut lines: Vec<Line> = file.lines().chain(sent.lines()).collect();
    lines.extend(odzew.iter().flat_map(|odzew| odzew.lines()));
    lines.sort_unstable();
    lines.dedup();
    let mut differing = 0;
    for line in lines {
        // Which agent has it is no column that ServiceNow counts.
        let in_file = (line != Line::HandedOver).then(|| file.get(line));
        // The rows behind them are in the file alone.
        let of_rows = matches!(line, Line::LastUpdate | Line::NoIncident);
        let in_odzew = odzew.filter(|_| !of_rows).map(|odzew| odzew.get(line));
        let sent = sent.get(line);
        let differs = [in_file, in_odzew].into_iter().flatten().any(|count| count != sent);
        differing += usize::from(differs);
        let cell = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |n| n.to_string());
        table.add_row([
            name(line),
            cell(in_file),
            sent.to_string(),
            cell(in_odzew),
            if differs { "differs" } else { "" }.to_owned(),
        ]);
    }
    (table, differing)
}

fn name(line: Line) -> String {
    match line {
        Line::Incidents => "all".to_owned(),
        Line::LastUpdate => "with their last update".to_owned(),
        Line::NoIncident => "rows and lines of no known incident".to_owned(),
        Line::Reopened => "reopened at least once".to_owned(),
        Line::Reassigned => "reassigned to another group at least once".to_owned(),
        Line::HandedOver => "given to another agent at least once".to_owned(),
        Line::State(state) => {
            format!("in the end {}", tables::words(state.as_str_name(), "TICKET_STATE_"))
        }
        Line::Priority(priority) => format!("in the end {priority:?}"),
    }
}
