//! Converts an incident's groups and assignees to the steps of a ticket's route.
//!
//! A group is a queue. ServiceNow counts a reassignment for every move to another group,
//! also to and from a group that the export does not name, and none for another assignee
//! in the same group. So the count of moves is the count of queue entries after the
//! first, without the one entry that each reopening brings.
use std::collections::BTreeSet;

use wire::routing::v1::route_step::Step;
use wire::routing::v1::{AssignedStep, EndedStep, QueuedStep, RouteEndReason, RouteStep};
use wire::scalar::timestamp;

use super::names;
use super::notes::Kind;
use super::servicenow::Row;

/// The route so far.
#[derive(Default)]
pub(crate) struct Path {
    steps: Vec<RouteStep>,
    /// Group of the row before; none before the first row.
    group: Option<Option<String>>,
    groups: BTreeSet<Option<String>>,
    owner: Option<String>,
    last_owner: Option<String>,
    named: bool,
    reassignments: u32,
    ended: bool,
    moves: u32,
    handovers: u32,
}

impl Path {
    /// Times the ticket was moved to another queue, or put into the same one again.
    pub(crate) fn moves(&self) -> u32 {
        self.moves
    }

    /// Times it was given to another agent than the one before.
    pub(crate) fn handovers(&self) -> u32 {
        self.handovers
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The steps, and the groups in whose queues they put the ticket.
    pub(crate) fn finish(self) -> (Vec<RouteStep>, BTreeSet<Option<String>>) {
        (self.steps, self.groups)
    }

    /// True if the row says anything else than the row before.
    pub(crate) fn differs(&self, row: &Row) -> bool {
        self.group.as_ref().is_some_and(|group| *group != row.group)
            || row.agent.is_some() && self.owner != row.agent
            || row.reassignments > self.reassignments
    }

    /// The row's group and assignee; `reopens` since the row before, and whether the
    /// ticket is resolved after the row.
    pub(crate) fn go(&mut self, row: &Row, reopens: u32, done: bool) -> Vec<Kind> {
        let mut notes = Vec::new();
        let rise = row.reassignments.saturating_sub(self.reassignments);
        self.reassignments = row.reassignments.max(self.reassignments);
        let first = self.group.is_none();
        if first {
            self.begin(row, rise, &mut notes);
        }
        self.reopen(row, reopens);
        if !first {
            self.advance(row, rise, &mut notes);
        }
        self.assign(row, &mut notes);
        if done {
            self.end(row);
        }
        notes
    }

    fn begin(&mut self, row: &Row, rise: u32, notes: &mut Vec<Kind>) {
        if rise > 0 {
            // It was somewhere else before the export begins.
            notes.extend((rise > 1).then_some(Kind::UnseenMoves));
            self.queue(row, None);
            self.moves += 1;
        }
        self.group = Some(row.group.clone());
        notes.extend(row.group.is_none().then_some(Kind::GroupMissing));
        self.queue(row, row.group.clone());
    }

    fn reopen(&mut self, row: &Row, times: u32) {
        for time in 0..times {
            if self.steps.len() > super::life::MAX_STEPS {
                return;
            }
            // Several reopenings in one row: each but the last was resolved again.
            if time > 0 || !self.ended {
                self.end(row);
            }
            let owner = self.owner.take();
            self.queue(row, self.group.clone().flatten());
            if let Some(owner) = owner {
                self.give(row, owner);
            }
        }
    }

    fn advance(&mut self, row: &Row, rise: u32, notes: &mut Vec<Kind>) {
        let moved = self.group.as_ref() != Some(&row.group);
        match (moved, rise) {
            (false, 0) => return,
            (false, _) => notes.push(Kind::SameGroup),
            (true, 0) => notes.push(Kind::UncountedMove),
            (true, _) => {}
        }
        notes.extend((rise > 1).then_some(Kind::UnseenMoves));
        notes.extend((moved && row.group.is_none()).then_some(Kind::GroupMissing));
        self.group = Some(row.group.clone());
        self.moves += 1;
        let owner = self.owner.take();
        self.queue(row, row.group.clone());
        if let Some(owner) = owner.filter(|_| !moved) {
            self.give(row, owner);
        }
    }

    fn assign(&mut self, row: &Row, notes: &mut Vec<Kind>) {
        let lost = row.agent.is_none() && self.named && self.owner.is_some();
        notes.extend(lost.then_some(Kind::AgentLost));
        self.named = row.agent.is_some();
        let Some(agent) = row.agent.clone() else { return };
        if self.owner.as_ref() == Some(&agent) {
            return;
        }
        if self.ended {
            notes.push(Kind::AgentAfterEnd);
            // Told once, not again on every later row.
            self.owner = Some(agent);
        } else {
            self.give(row, agent);
        }
    }

    fn queue(&mut self, row: &Row, group: Option<String>) {
        let queue_id = names::queue(group.as_deref());
        self.groups.insert(group);
        self.step(row, Step::Queued(QueuedStep { queue_id }));
        self.ended = false;
    }

    fn give(&mut self, row: &Row, agent: String) {
        let before = self.last_owner.replace(agent.clone());
        self.handovers += u32::from(before.is_some_and(|before| before != agent));
        self.step(row, Step::Assigned(AssignedStep { agent_id: names::agent(&agent) }));
        self.owner = Some(agent);
    }

    fn end(&mut self, row: &Row) {
        if !self.ended {
            let reason = RouteEndReason::Resolved.into();
            self.step(row, Step::Ended(EndedStep { reason }));
            self.ended = true;
        }
    }

    fn step(&mut self, row: &Row, step: Step) {
        let occurred_at = Some(timestamp(row.updated_at));
        self.steps.push(RouteStep { occurred_at, step: Some(step) });
    }
}
