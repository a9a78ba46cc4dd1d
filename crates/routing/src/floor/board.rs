//! One tenant on the floor: directory, rules and open routes. No I/O and no clock: events are
//! applied in the order of the log.
mod choice;

pub(crate) use choice::{Choice, Who};

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use domain::aggregate::Aggregate as _;
use domain::directory::{self, Directory, Object};
use domain::ids::{AgentId, QueueId, TeamId, TicketId};
use domain::priority::Priority;
use domain::route::candidates::Place;
use domain::route::{Method, Placing};
use domain::rules::{self, Rules, select};
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
    /// It is critical, and this owner of its takes no tickets now.
    pub(crate) left_by: Option<AgentId>,
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

    /// Tickets after `after`, at most `limit`, of an agent who takes none now, each with whether it
    /// is critical; none if the agent takes tickets.
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
        let cannot_wait =
            |ticket_id| is_critical(self.routes.get(ticket_id).and_then(|route| route.priority));
        page.map(|ticket_id| (*ticket_id, cannot_wait(ticket_id))).collect()
    }

    /// Where a ticket with these facts belongs.
    pub(super) fn wish(&self, ticket_id: TicketId, ticket: &TicketFacts, now: Timestamp) -> Wish {
        let staff = self.staffed();
        let fallback = staff.directory.fallback().map(|queue| &queue.queue_id);
        let placement = select(&staff.rules, &ticket.facts, fallback, now);
        let queue = staff.directory.queues.get(&placement.queue_id);
        let route = self.routes.get(&ticket_id);
        let there = route.is_some_and(|route| route.queue_id == placement.queue_id);
        let owner = route.and_then(|route| route.owner.as_ref());
        let is_away = |owner: &&AgentId| {
            staff.directory.agents.get(*owner).is_some_and(|agent| !agent.available)
        };
        let left_by = owner.filter(|_| is_critical(ticket.facts.priority)).filter(is_away).cloned();
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
            left_by,
        }
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

    fn staffed(&self) -> &Staff {
        self.staff.as_ref().expect("the floor staffs a board before it is asked")
    }
}

/// It is critical: it cannot wait.
fn is_critical(priority: Option<Priority>) -> bool {
    matches!(priority, Some(Priority::P1 | Priority::P2))
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
