//! Chooses the owner of a ticket from the routes and agents of a board.
use std::collections::{BTreeSet, HashMap, HashSet};

use domain::directory::{self, Queue};
use domain::ids::{AgentId, QueueId, TeamId, TicketId};
use domain::route::Placing;
use domain::route::candidates::{Candidate, Need, choose, is_free};
use domain::skill::Skill;
use jiff::Timestamp;

use super::Board;

/// Who gets a ticket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) ticket_id: TicketId,
    pub(crate) queue_id: QueueId,
    pub(crate) team_id: TeamId,
    pub(crate) agent_id: AgentId,
    /// Seconds to accept.
    pub(crate) accept_within_s: u32,
    /// When the ticket was queued; `None` if it is only about to be.
    pub(crate) queued_at: Option<Timestamp>,
}

/// Who gets a ticket before or after all others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who<'a> {
    /// Who gets it if free.
    pub(crate) preferred: Option<&'a AgentId>,
    /// Who does not get it.
    pub(crate) without: &'a BTreeSet<AgentId>,
}

impl Board {
    /// Who gets a ticket that is about to be queued; `held` is what others were given and
    /// the routes do not show yet.
    pub(in crate::floor) fn choose(
        &self,
        ticket_id: TicketId,
        placing: &Placing,
        who: Who<'_>,
        held: &HashMap<TicketId, AgentId>,
    ) -> Option<Choice> {
        // Its last owner is still on the way into the log; another one is found after that.
        if held.contains_key(&ticket_id) {
            return None;
        }
        let staff = self.staffed();
        let queue = staff.directory.queues.get(&placing.queue_id)?;
        let agent_id = self.owner(queue, &placing.required_skills, who, &count(held))?;
        Some(choice(ticket_id, queue, agent_id, None))
    }

    /// Who of the queue gets a ticket that its owner did not accept; nobody of `without`.
    pub(in crate::floor) fn next_owner(
        &self,
        ticket_id: TicketId,
        without: &BTreeSet<AgentId>,
        held: &HashMap<TicketId, AgentId>,
    ) -> Option<Choice> {
        let route = self.routes.get(&ticket_id)?;
        let queue = self.staffed().directory.queues.get(&route.queue_id)?;
        let who = Who { preferred: None, without };
        let agent_id = self.owner(queue, &route.required_skills, who, &count(held))?;
        Some(choice(ticket_id, queue, agent_id, None))
    }

    /// Who gets which of the waiting tickets. Of a team's members each is looked at once per kind
    /// of ticket, however many wait: within the pass nobody becomes free.
    pub(in crate::floor) fn match_waiting(
        &self,
        limit: usize,
        skip: &HashSet<TicketId>,
        held: &mut HashMap<TicketId, AgentId>,
    ) -> Vec<Choice> {
        let staff = self.staffed();
        let mut counts = count(held);
        let mut free = self.free_teams(&counts);
        // Of a team, with those skills, without those agents.
        let mut nobody: HashSet<(&TeamId, &[Skill], &BTreeSet<AgentId>)> = HashSet::new();
        let mut choices = Vec::new();
        for place in &self.waiting {
            if choices.len() == limit || free.is_empty() {
                break;
            }
            let ticket_id = place.ticket_id();
            if held.contains_key(&ticket_id) || skip.contains(&ticket_id) {
                continue;
            }
            let Some(route) = self.routes.get(&ticket_id) else { continue };
            let Some(queue) = staff.directory.queues.get(&route.queue_id) else { continue };
            let without = &route.excluded_agents;
            let who = Who { preferred: route.preferred_agent.as_ref(), without };
            let skills = route.required_skills.as_slice();
            let kind = (&queue.team_id, skills, without);
            let chosen = match free.contains(&queue.team_id) && !nobody.contains(&kind) {
                true => self.owner(queue, skills, who, &counts),
                false => self.preferred(who, &counts),
            };
            match chosen {
                Some(agent_id) => {
                    *counts.entry(agent_id.clone()).or_default() += 1;
                    held.insert(ticket_id, agent_id.clone());
                    choices.push(choice(ticket_id, queue, agent_id, Some(route.since)));
                }
                // Nobody of the team is free, not even for a ticket that asks for nothing.
                None if skills.is_empty() && without.is_empty() => {
                    free.remove(&queue.team_id);
                }
                None => {
                    nobody.insert(kind);
                }
            }
        }
        choices
    }

    /// Who is preferred, if free.
    fn preferred(&self, who: Who<'_>, counts: &HashMap<AgentId, u32>) -> Option<AgentId> {
        let preferred = who.preferred.filter(|agent_id| !who.without.contains(*agent_id))?;
        let agent = self.staffed().directory.agents.get(preferred)?;
        let candidate = self.candidate(agent, counts);
        is_free(&candidate).then(|| preferred.clone())
    }

    fn owner(
        &self,
        queue: &Queue,
        skills: &[Skill],
        who: Who<'_>,
        counts: &HashMap<AgentId, u32>,
    ) -> Option<AgentId> {
        let staff = self.staffed();
        let members = staff.members.get(&queue.team_id);
        let is_member = |agent_id: &AgentId| members.is_some_and(|m| m.contains(agent_id));
        let from_elsewhere = who.preferred.filter(|agent_id| !is_member(agent_id));
        let candidates = members
            .into_iter()
            .flatten()
            .chain(from_elsewhere)
            .filter(|agent_id| !who.without.contains(*agent_id))
            .filter_map(|agent_id| staff.directory.agents.get(agent_id))
            .map(|agent| self.candidate(agent, counts));
        let need = Need { team_id: &queue.team_id, skills, preferred: who.preferred };
        choose(&need, candidates).map(|candidate| candidate.agent_id.clone())
    }

    fn candidate<'a>(
        &self,
        agent: &'a directory::Agent,
        counts: &HashMap<AgentId, u32>,
    ) -> Candidate<'a> {
        let load = self.loads.get(&agent.agent_id);
        let owned = load.map_or(0, |load| load.owned.len());
        let held = counts.get(&agent.agent_id).copied().unwrap_or(0);
        Candidate {
            agent_id: &agent.agent_id,
            team_ids: &agent.team_ids,
            skills: &agent.skills,
            available: agent.available,
            load: u32::try_from(owned).unwrap_or(u32::MAX).saturating_add(held),
            capacity: agent.capacity,
            last_assigned_at: load.and_then(|load| load.last_assigned_at),
        }
    }

    /// Teams with an agent who could take one more ticket.
    fn free_teams(&self, counts: &HashMap<AgentId, u32>) -> BTreeSet<TeamId> {
        if self.waiting.is_empty() {
            return BTreeSet::new();
        }
        let agents = self.staffed().directory.agents.values();
        agents
            .filter(|agent| is_free(&self.candidate(agent, counts)))
            .flat_map(|agent| agent.team_ids.iter().cloned())
            .collect()
    }
}

fn count(held: &HashMap<TicketId, AgentId>) -> HashMap<AgentId, u32> {
    let mut counts = HashMap::new();
    for agent_id in held.values() {
        *counts.entry(agent_id.clone()).or_default() += 1;
    }
    counts
}

fn choice(
    ticket_id: TicketId,
    queue: &Queue,
    agent_id: AgentId,
    queued_at: Option<Timestamp>,
) -> Choice {
    Choice {
        ticket_id,
        queue_id: queue.queue_id.clone(),
        team_id: queue.team_id.clone(),
        agent_id,
        accept_within_s: queue.accept_within_s,
        queued_at,
    }
}
