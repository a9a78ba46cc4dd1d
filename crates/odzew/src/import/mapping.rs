//! Maps the rows of one incident to a plan: what intake and routing are asked to take over, what
//! the directory needs for that, and the expected result.
use std::collections::{BTreeMap, BTreeSet};

use domain::priority::{Impact, Priority, Urgency};
use wire::common::v1::Channel;
use wire::intake::v1::{self as intake, ImportTicketRequest, TicketState, TicketType};
use wire::routing::v1::{ImportRouteRequest, RouteStep};
use wire::scalar::timestamp;

use super::life::{Life, MAX_STEPS, Place};
use super::names;
use super::notes::{Kind, Note};
use super::path::Path;
use super::servicenow::{Reject, Row, State};

/// All that is needed to take an incident over.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) number: String,
    pub(crate) ticket: ImportTicketRequest,
    /// Sent with the id that intake gives the ticket.
    route: Vec<RouteStep>,
    route_request_id: String,
    /// Groups it was in; none for those that the export does not name.
    pub(crate) groups: BTreeSet<Option<String>>,
    /// Assignees with the groups in which they worked on it.
    pub(crate) agents: BTreeMap<String, BTreeSet<Option<String>>>,
    pub(crate) expected: Expected,
    /// Rows that became at least one step; the others bring nothing new.
    pub(crate) telling_rows: u64,
}

/// What the ticket must look like in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) state: TicketState,
    pub(crate) priority: Priority,
    pub(crate) reopens: u32,
    /// Times it was put into another queue.
    pub(crate) moves: u32,
    /// Times it was given to another agent.
    pub(crate) handovers: u32,
}

impl Plan {
    /// The call to routing.
    pub(crate) fn route(&self, ticket_id: String) -> ImportRouteRequest {
        ImportRouteRequest {
            request_id: self.route_request_id.clone(),
            ticket_id,
            steps: self.route.clone(),
        }
    }
}

/// Sorts the rows into incidents, each in the order of its updates. A row that repeats
/// another one is rejected.
pub(crate) fn incidents(rows: Vec<Row>) -> (BTreeMap<String, Vec<Row>>, Vec<Reject>) {
    let mut incidents: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows {
        incidents.entry(row.number.clone()).or_default().push(row);
    }
    let mut rejects = Vec::new();
    for rows in incidents.values_mut() {
        rows.sort_by_key(|row| (row.updated_at, row.modification, row.line));
        let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
        for row in rows.drain(..) {
            match kept.iter().rev().find(|before| repeats(before, &row)) {
                Some(before) => rejects.push(Reject {
                    line: row.line,
                    last_line: row.line,
                    number: row.number,
                    reason: format!("it repeats line {}", before.line),
                    updated_at: Some(row.updated_at),
                    modification: Some(row.modification),
                }),
                None => kept.push(row),
            }
        }
        *rows = kept;
    }
    rejects.sort_by_key(|reject| reject.line);
    (incidents, rejects)
}

fn repeats(before: &Row, row: &Row) -> bool {
    let line = before.line;
    *before == Row { line, ..row.clone() }
}

/// The plan of one incident from its rows, in the order of its updates.
///
/// # Errors
/// Why the incident cannot be taken over.
pub(crate) fn plan(tenant: &str, rows: &[Row]) -> Result<(Plan, Vec<Note>), String> {
    let first = rows.first().ok_or("it has no rows")?;
    let mut mapper = Mapper::new(first);
    mapper.note_beginning(first);
    mapper.note_repeated_counts(rows);
    let final_close = final_close(rows);
    for (place, row) in rows.iter().enumerate() {
        mapper.row(row, place >= final_close);
        let steps = mapper.life.len().max(mapper.path.len());
        if steps > MAX_STEPS {
            return Err(format!("its history has more than {MAX_STEPS} steps"));
        }
    }
    let notes = std::mem::take(&mut mapper.notes);
    Ok((mapper.finish(tenant, first), notes))
}

/// Closed is final here, so only a close that nothing follows is one: the first of the
/// closed rows at the end that no later row says was reopened.
fn final_close(rows: &[Row]) -> usize {
    let closed = rows.iter().rev().take_while(|row| row.state == State::Closed).count();
    let reopened = rows.windows(2).rposition(|pair| pair[1].reopens > pair[0].reopens);
    (rows.len() - closed).max(reopened.map_or(0, |place| place + 1))
}

struct Mapper {
    life: Life,
    path: Path,
    impact: Impact,
    urgency: Urgency,
    category: Option<String>,
    reopen_count: u32,
    agents: BTreeMap<String, BTreeSet<Option<String>>>,
    off_matrix: bool,
    telling_rows: u64,
    notes: Vec<Note>,
}

impl Mapper {
    fn new(first: &Row) -> Self {
        Self {
            life: Life::new(),
            path: Path::default(),
            impact: first.impact,
            urgency: first.urgency,
            category: first.category.clone(),
            reopen_count: 0,
            agents: BTreeMap::new(),
            off_matrix: false,
            telling_rows: 0,
            notes: Vec::new(),
        }
    }

    fn note(&mut self, row: &Row, kinds: impl IntoIterator<Item = Kind>) {
        let notes =
            kinds.into_iter().map(|kind| Note { line: row.line, number: row.number.clone(), kind });
        self.notes.extend(notes);
    }

    fn note_beginning(&mut self, first: &Row) {
        let later = first.opened_at > first.updated_at;
        self.note(first, later.then_some(Kind::OpenedLater));
        let (_, known) = channel(first.contact_type.as_deref());
        self.note(first, (!known).then_some(Kind::UnknownChannel));
    }

    fn note_repeated_counts(&mut self, rows: &[Row]) {
        for (place, row) in rows.iter().enumerate() {
            if rows[..place].iter().any(|before| before.modification == row.modification) {
                self.note(row, [Kind::SameModification]);
            }
        }
    }

    fn row(&mut self, row: &Row, final_close: bool) {
        self.note(row, row.odd_time.then_some(Kind::OddTime));
        if self.life.is_closed() {
            let changed = self.differs(row) || self.path.differs(row);
            self.note(row, changed.then_some(Kind::AfterClose));
            return;
        }
        let before = self.life.len() + self.path.len();
        let reopens = self.reopens(row);
        self.describe(row);
        let notes = self.life.go(row, Place { final_close, reopens });
        self.note(row, notes);
        let notes = self.path.go(row, reopens, self.life.is_done());
        self.note(row, notes);
        if let Some(agent) = &row.agent {
            self.agents.entry(agent.clone()).or_default().insert(row.group.clone());
        }
        self.telling_rows += u64::from(self.life.len() + self.path.len() > before);
    }

    fn reopens(&mut self, row: &Row) -> u32 {
        self.note(row, (row.reopens < self.reopen_count).then_some(Kind::ReopenCountFell));
        let rise = row.reopens.saturating_sub(self.reopen_count);
        self.reopen_count = self.reopen_count.max(row.reopens);
        rise
    }

    fn differs(&self, row: &Row) -> bool {
        (self.impact, self.urgency) != (row.impact, row.urgency)
            || row.category.is_some() && self.category != row.category
            || row.reopens != self.reopen_count
    }

    /// Assessment and category; the first ones are part of the registration.
    fn describe(&mut self, row: &Row) {
        let off_matrix = Priority::of(row.impact, row.urgency) != row.priority;
        let told = std::mem::replace(&mut self.off_matrix, off_matrix);
        self.note(row, (off_matrix && !told).then_some(Kind::OffMatrix));
        if (self.impact, self.urgency) != (row.impact, row.urgency) {
            (self.impact, self.urgency) = (row.impact, row.urgency);
            self.life.assess(row);
        }
        match (&self.category, &row.category) {
            (Some(_), None) => self.note(row, [Kind::CategoryLost]),
            (known, Some(category)) if known.as_ref() != Some(category) => {
                self.life.classify(row, names::category(category));
                self.category = Some(category.clone());
            }
            _ => {}
        }
    }

    fn finish(self, tenant: &str, first: &Row) -> Plan {
        let number = first.number.clone();
        let expected = Expected {
            state: self.life.state(),
            priority: Priority::of(self.impact, self.urgency),
            reopens: self.life.reopens(),
            moves: self.path.moves(),
            handovers: self.path.handovers(),
        };
        let (route, groups) = self.path.finish();
        let impact: intake::Impact = first.impact.into();
        let urgency: intake::Urgency = first.urgency.into();
        let (channel, _) = channel(first.contact_type.as_deref());
        let ticket = ImportTicketRequest {
            request_id: names::request_id(tenant, "intake", &number),
            external_number: number.clone(),
            r#type: TicketType::Incident.into(),
            channel: channel.into(),
            subject: format!("ServiceNow incident {number}"),
            requester_ref: first.caller.as_deref().map(names::caller).unwrap_or_default(),
            category_code: first.category.as_deref().map(names::category).unwrap_or_default(),
            received_at: Some(timestamp(first.opened_at.min(first.updated_at))),
            impact: impact.into(),
            urgency: urgency.into(),
            steps: self.life.into_steps(),
        };
        Plan {
            route_request_id: names::request_id(tenant, "routing", &number),
            number,
            ticket,
            route,
            groups,
            agents: self.agents,
            expected,
            telling_rows: self.telling_rows,
        }
    }
}

/// The channel of a contact type, and whether the type is known.
fn channel(contact_type: Option<&str>) -> (Channel, bool) {
    let word = contact_type.unwrap_or_default().to_lowercase();
    match word.as_str() {
        "phone" | "ivr" => (Channel::Voice, true),
        "email" | "e-mail" => (Channel::Email, true),
        "self service" | "self-service" | "portal" => (Channel::Portal, true),
        "chat" | "virtual agent" | "virtual_agent" => (Channel::Chat, true),
        "monitoring" | "event management" => (Channel::Monitoring, true),
        _ => (Channel::Api, false),
    }
}

#[cfg(test)]
mod tests;
