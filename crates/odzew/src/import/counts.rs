//! The same counts, from the file, from what is sent, and from what Odzew stores.
use std::collections::{BTreeMap, BTreeSet};

use domain::priority::Priority;
use wire::intake::v1::TicketState;

use super::life;
use super::mapping::{Expected, Plan};
use super::servicenow::{Reject, Row};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    Incidents,
    /// Whose last update is used.
    LastUpdate,
    /// Rows and lines of the file that name no incident; it may be any.
    NoIncident,
    /// At least once.
    Reopened,
    /// At least once put into another queue.
    Reassigned,
    /// At least once given to another agent; ServiceNow does not count it.
    HandedOver,
    /// In this state at the end.
    State(TicketState),
    /// With this priority at the end.
    Priority(Priority),
}

/// Numbers of incidents; a line that is not there counts none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Counts(BTreeMap<Line, u64>);

impl Counts {
    pub(crate) fn get(&self, line: Line) -> u64 {
        self.0.get(&line).copied().unwrap_or_default()
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = Line> {
        self.0.keys().copied()
    }

    /// What the file's own columns say: `numbers` of all its incidents, the usable rows of each,
    /// and the rows that are not usable.
    pub(crate) fn of_file(
        numbers: &BTreeSet<String>,
        incidents: &BTreeMap<String, Vec<Row>>,
        rejects: &[Reject],
    ) -> Self {
        let mut counts = Self::default();
        counts.0.insert(Line::Incidents, numbers.len() as u64);
        counts.0.insert(Line::LastUpdate, numbers.len() as u64);
        for reject in rejects {
            let further = reject.last_line - reject.line;
            let lost = u64::from(reject.number.is_empty()) + further;
            if lost > 0 {
                *counts.0.entry(Line::NoIncident).or_default() += lost;
            }
        }
        for rows in incidents.values() {
            counts.add(Line::Reopened, rows.iter().any(|row| row.reopens > 0));
            counts.add(Line::Reassigned, rows.iter().any(|row| row.reassignments > 0));
            if let Some(last) = rows.last() {
                counts.add(Line::State(life::state_of(last.state)), true);
                counts.add(Line::Priority(last.priority), true);
            }
        }
        counts
    }

    /// What is expected of the tickets; those in `behind` lack their last update.
    pub(crate) fn of_plans(plans: &[Plan], behind: &BTreeSet<&str>) -> Self {
        let mut counts = Self::default();
        for plan in plans {
            counts.ticket(&plan.expected);
            counts.add(Line::LastUpdate, !behind.contains(plan.number.as_str()));
        }
        counts
    }

    /// One more ticket.
    pub(crate) fn ticket(&mut self, ticket: &Expected) {
        self.add(Line::Incidents, true);
        self.add(Line::Reopened, ticket.reopens > 0);
        self.add(Line::Reassigned, ticket.moves > 0);
        self.add(Line::HandedOver, ticket.handovers > 0);
        self.add(Line::State(ticket.state), true);
        self.add(Line::Priority(ticket.priority), true);
    }

    fn add(&mut self, line: Line, counts: bool) {
        *self.0.entry(line).or_default() += u64::from(counts);
    }
}
