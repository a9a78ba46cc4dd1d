//! Parses the cells of a row; what cannot be parsed is explained in words.
use csv::StringRecord;
use domain::priority::{Impact, Level, Priority, Urgency};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use super::lines::{Quotes, Span};
use super::{COLUMNS, Columns, MISSING, Row, State};

/// The cells of one record by name.
pub(super) struct Cells<'a> {
    pub(super) record: &'a StringRecord,
    pub(super) columns: &'a Columns,
    pub(super) zone: &'a TimeZone,
}

impl Cells<'_> {
    /// Whether the record is one row, with each value in its column.
    pub(super) fn sound(&self, span: Span, width: usize) -> Result<(), String> {
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

    pub(super) fn row(&self, line: u64) -> Result<Row, String> {
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

    pub(super) fn count(&self, name: &'static str) -> Result<u32, String> {
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
    pub(super) fn time(&self, name: &'static str) -> Result<(Timestamp, bool), String> {
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
