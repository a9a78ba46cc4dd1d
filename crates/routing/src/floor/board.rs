//! One tenant on the floor: directory, rules, open routes, and the choices between them.
//! No I/O and no clock: the order of what is applied is the log's.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use domain::aggregate::Aggregate as _;
use domain::directory::{self, Directory, Object, Queue};
use domain::ids::{AgentId, QueueId, TeamId, TicketId};
use domain::priority::Priority;
use domain::route::candidates::{Candidate, Need, Place, choose, is_free};
use domain::route::{Method, Placing};
use domain::rules::{self, Rules, select};
use domain::skill::Skill;
use eventlog::Recorded;
use jiff::Timestamp;
use wire::Payload as _;

use crate::change::Change;
use crate::facts::TicketFacts;
use crate::read_model::open_routes::{Known, OpenRoute};

/// Level of a ticket in a queue that is not in the directory.
const FIRST_LINE: u32 = 1;

/// What is known of one tenant.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// Directory and rules; none before the first choice for this tenant.
    staff: Option<Staff>,
    routes: HashMap<TicketId, OpenRoute>,
    /// Of tickets whose route is about to begin.
    early_priorities: HashMap<TicketId, Priority>,
    /// Tickets without an owner, in the order in which they are served.
    waiting: BTreeSet<Place>,
    loads: HashMap<AgentId, Load>,
}

#[derive(Debug)]
struct Staff {
    directory: directory::State,
    rules: rules::State,
    members: BTreeMap<TeamId, BTreeSet<AgentId>>,
}

#[derive(Debug, Default)]
struct Load {
    owned: BTreeSet<TicketId>,
    last_assigned_at: Option<Timestamp>,
}

/// Where a ticket belongs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    /// What the route is told.
    pub(crate) placing: Placing,
    /// It stands there already.
    pub(crate) there: bool,
}

/// Who gets a ticket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) ticket_id: TicketId,
    pub(crate) queue_id: QueueId,
    pub(crate) team_id: TeamId,
    pub(crate) agent_id: AgentId,
    /// Seconds to accept.
    pub(crate) accept_within_s: u32,
    /// When the ticket was queued; none if it is only about to be.
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
    pub(super) fn is_staffed(&self) -> bool {
        self.staff.is_some()
    }

    /// Sets directory and rules as loaded; later events of theirs follow by `amend`.
    pub(super) fn staff(&mut self, directory: directory::State, rules: rules::State) {
        let mut members: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for agent in directory.agents.values() {
            for team_id in &agent.team_ids {
                members.entry(team_id.clone()).or_default().insert(agent.agent_id.clone());
            }
        }
        self.staff = Some(Staff { directory, rules, members });
    }

    /// Applies a change of directory or rules, unless the loaded state has it already.
    pub(super) fn amend(&mut self, event: &Recorded) {
        let Some(staff) = &mut self.staff else { return };
        if event.stream.category == directory::Event::CATEGORY {
            if let Ok(change) = event.decode::<directory::Event>() {
                staff.change(&change);
            }
        } else if let Ok(rules::Event::Published(published)) = event.decode::<rules::Event>()
            && published.version > staff.rules.version()
        {
            let rules = std::mem::take(&mut staff.rules);
            staff.rules = Rules::evolve(rules, &rules::Event::Published(published));
        }
    }

    /// Applies a change of a route.
    pub(super) fn apply(&mut self, ticket_id: TicketId, change: &Change, event: &Recorded) {
        if let Change::Assigned(agent_id) = change {
            self.given(agent_id, event.occurred_at);
        }
        let route = self.place(ticket_id, None);
        let early_priority = self.early_priorities.remove(&ticket_id);
        let known = Known { route, early_priority }.after(change, event);
        if let Some(priority) = known.early_priority {
            self.prioritise(ticket_id, priority);
        }
        self.place(ticket_id, known.route);
    }

    /// A ticket without an open route got a priority.
    pub(super) fn prioritise(&mut self, ticket_id: TicketId, priority: Priority) {
        self.early_priorities.insert(ticket_id, priority);
    }

    /// An agent was given a ticket.
    pub(super) fn given(&mut self, agent_id: &AgentId, at: Timestamp) {
        let load = self.loads.entry(agent_id.clone()).or_default();
        load.last_assigned_at = load.last_assigned_at.max(Some(at));
    }

    /// Replaces what is known of a ticket's route; answers what was known before.
    pub(super) fn place(
        &mut self,
        ticket_id: TicketId,
        route: Option<OpenRoute>,
    ) -> Option<OpenRoute> {
        let place = |route: &OpenRoute| Place::of(ticket_id, route.priority, route.received_at);
        let before = self.routes.remove(&ticket_id);
        if let Some(before) = &before {
            match &before.owner {
                None => {
                    self.waiting.remove(&place(before));
                }
                Some(owner) => {
                    let load = self.loads.entry(owner.clone()).or_default();
                    load.owned.remove(&ticket_id);
                }
            }
        }
        if let Some(route) = route {
            match &route.owner {
                None => {
                    self.waiting.insert(place(&route));
                }
                Some(owner) => {
                    self.loads.entry(owner.clone()).or_default().owned.insert(ticket_id);
                }
            }
            self.routes.insert(ticket_id, route);
        }
        before
    }

    pub(super) fn is_owned_by(&self, ticket_id: TicketId, agent_id: &AgentId) -> bool {
        self.routes.get(&ticket_id).is_some_and(|route| route.owner.as_ref() == Some(agent_id))
    }

    /// Tickets beyond `after`, at most `limit`, of an agent who takes none now, each with whether it
    /// is critical; none of one who does.
    pub(super) fn left_by(
        &self,
        agent_id: &AgentId,
        after: Option<TicketId>,
        limit: usize,
    ) -> Vec<(TicketId, bool)> {
        if self.staffed().directory.agents.get(agent_id).is_some_and(|agent| agent.available) {
            return Vec::new();
        }
        let owned = self.loads.get(agent_id).map(|load| &load.owned);
        let beyond = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let page = owned.into_iter().flat_map(|owned| owned.range(beyond)).take(limit);
        let is_critical = |ticket_id| {
            let priority = self.routes.get(ticket_id).and_then(|route| route.priority);
            matches!(priority, Some(Priority::P1 | Priority::P2))
        };
        page.map(|ticket_id| (*ticket_id, is_critical(ticket_id))).collect()
    }

    /// Where a ticket with these facts belongs.
    pub(super) fn wish(&self, ticket_id: TicketId, ticket: &TicketFacts, now: Timestamp) -> Wish {
        let staff = self.staffed();
        let fallback = staff.directory.fallback().map(|queue| &queue.queue_id);
        let placement = select(&staff.rules, &ticket.facts, fallback, now);
        let queue = staff.directory.queues.get(&placement.queue_id);
        let there =
            self.routes.get(&ticket_id).is_some_and(|route| route.queue_id == placement.queue_id);
        Wish {
            placing: Placing {
                queue_id: placement.queue_id,
                level: queue.map_or(FIRST_LINE, |queue| queue.level),
                required_skills: placement.required_skills,
                rule_id: placement.rule_id,
                rules_version: placement.rules_version,
                fallback: placement.fallback,
                priority: ticket.facts.priority,
                received_at: ticket.received_at,
            },
            there,
        }
    }

    /// Who gets a ticket that is about to be queued; `held` is what others were given and
    /// the routes do not show yet.
    pub(super) fn choose(
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
    pub(super) fn next_owner(
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

    /// How the next owner of a ticket is found: whoever serves the experts' queues has the
    /// duty to take what is critical.
    pub(super) fn method_of(&self, ticket_id: TicketId, level: u32) -> Method {
        let priority = self.routes.get(&ticket_id).and_then(|route| route.priority);
        match priority {
            Some(Priority::P1) if level > FIRST_LINE => Method::OnCall,
            _ => Method::Rule,
        }
    }

    /// The team that serves a queue, and who leads it.
    pub(super) fn leads_of(&self, queue_id: &QueueId) -> (Option<TeamId>, Vec<AgentId>) {
        self.staffed().directory.leads_of(queue_id)
    }

    /// Who gets which of the waiting tickets. Of a team's members each is looked at once per kind
    /// of ticket, however many wait: within the pass nobody becomes free.
    pub(super) fn match_waiting(
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

    /// Teams with somebody who could take one more ticket.
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

    fn staffed(&self) -> &Staff {
        self.staff.as_ref().expect("the floor staffs a board before it is asked")
    }
}

impl Staff {
    fn change(&mut self, event: &directory::Event) {
        let directory::Event::Changed { version, object } = event;
        if *version <= self.directory.version {
            return;
        }
        if let Object::Agent(agent) = object {
            if let Some(before) = self.directory.agents.get(&agent.agent_id) {
                for team_id in &before.team_ids {
                    if let Some(members) = self.members.get_mut(team_id) {
                        members.remove(&agent.agent_id);
                    }
                }
            }
            for team_id in &agent.team_ids {
                self.members.entry(team_id.clone()).or_default().insert(agent.agent_id.clone());
            }
        }
        let directory = std::mem::take(&mut self.directory);
        self.directory = Directory::evolve(directory, event);
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
