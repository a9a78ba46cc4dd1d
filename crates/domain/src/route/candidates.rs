//! Who gets a ticket, and which ticket comes first.
use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::ids::{AgentId, TeamId, TicketId};
use crate::priority::Priority;
use crate::skill::Skill;

/// An agent as the choice sees one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<'a> {
    /// Id.
    pub agent_id: &'a AgentId,
    /// Teams the agent belongs to.
    pub team_ids: &'a BTreeSet<TeamId>,
    /// What the agent can do.
    pub skills: &'a [Skill],
    /// The agent takes tickets now.
    pub available: bool,
    /// Tickets the agent owns.
    pub load: u32,
    /// Most tickets at once.
    pub capacity: u32,
    /// When the agent was last given a ticket; never counts as the longest time ago.
    pub last_assigned_at: Option<Timestamp>,
}

/// What a ticket asks of its owner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need<'a> {
    /// Team that serves its queue.
    pub team_id: &'a TeamId,
    /// Skills, each with the least level.
    pub skills: &'a [Skill],
    /// Who gets it if free: the last owner of a reopened ticket, of whatever team.
    pub preferred: Option<&'a AgentId>,
}

/// The agent who gets the ticket; `None` if no suitable agent is free, and the ticket waits.
///
/// Suitable: available, below capacity, and in the team with every skill at its level or above; the
/// preferred agent knows the ticket and only needs to be free. Of the suitable agents the preferred
/// one is chosen, else the least loaded, else the longest idle, else the first by id, so the answer
/// does not depend on their order.
#[must_use]
pub fn choose<'a>(
    need: &Need<'_>,
    candidates: impl IntoIterator<Item = Candidate<'a>>,
) -> Option<Candidate<'a>> {
    candidates.into_iter().filter(|candidate| suits(need, candidate)).min_by_key(|candidate| {
        (
            Reverse(need.preferred == Some(candidate.agent_id)),
            candidate.load,
            candidate.last_assigned_at,
            candidate.agent_id,
        )
    })
}

fn suits(need: &Need<'_>, candidate: &Candidate<'_>) -> bool {
    let knows_it = need.preferred == Some(candidate.agent_id);
    let serves_it = || {
        candidate.team_ids.contains(need.team_id)
            && need.skills.iter().all(|skill| skill.is_met_by(candidate.skills))
    };
    is_free(candidate) && (knows_it || serves_it())
}

/// Whether the agent could take one more ticket.
#[must_use]
pub fn is_free(candidate: &Candidate<'_>) -> bool {
    candidate.available && candidate.load < candidate.capacity
}

/// Place of a waiting ticket: by priority, then by the time it was received, then by id.
/// A ticket without a priority stands behind those with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Not yet assessed.
    unassessed: bool,
    priority: Option<Priority>,
    received_at: Timestamp,
    ticket_id: TicketId,
}

impl Place {
    /// The place of a ticket.
    #[must_use]
    pub fn of(ticket_id: TicketId, priority: Option<Priority>, received_at: Timestamp) -> Self {
        Self { unassessed: priority.is_none(), priority, received_at, ticket_id }
    }

    /// The ticket that stands there.
    #[must_use]
    pub fn ticket_id(&self) -> TicketId {
        self.ticket_id
    }
}
