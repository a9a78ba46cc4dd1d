//! The directory of a tenant: who works, in which teams, and the queues they serve.
//!
//! Invariants, held by `decide` and by the properties in `directory/tests.rs`:
//! every queue and every agent names teams that exist, every team leads that exist, and as
//! soon as there is a queue, exactly one queue is the fallback.
mod decide;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::aggregate::Aggregate;
use crate::ids::{AgentId, Personal, QueueId, TeamId};
use crate::skill::Skill;

/// The aggregate behind the streams `directory-<id>`, one per tenant.
#[derive(Debug, Clone, Copy)]
pub struct Directory;

impl Aggregate for Directory {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &Event) -> State {
        state.evolve(event)
    }
}

/// Most queues of a tenant, and most teams.
pub const MAX_GROUPS: usize = 1_000;
/// Most agents of a tenant.
pub(crate) const MAX_AGENTS: usize = 20_000;
/// Most teams of an agent.
pub const MAX_AGENT_TEAMS: usize = 100;

/// Everything in the directory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Number of changes so far.
    pub version: u32,
    /// Queues by id.
    pub queues: BTreeMap<QueueId, Queue>,
    /// Teams by id.
    pub teams: BTreeMap<TeamId, Team>,
    /// Agents by id.
    pub agents: BTreeMap<AgentId, Agent>,
}

/// A place where tickets wait for an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Id.
    pub queue_id: QueueId,
    /// Name shown to people.
    pub display_name: String,
    /// 1 first line, 2 experts, 3 engineering.
    pub level: u32,
    /// Team that serves it.
    pub team_id: TeamId,
    /// Seconds that an owner has to accept.
    pub accept_within_s: u32,
    /// It takes what no rule matches.
    pub fallback: bool,
}

impl Queue {
    /// Levels a queue may have.
    pub const LEVELS: std::ops::RangeInclusive<u32> = 1..=3;
    /// Seconds that an owner may be given to accept.
    pub const ACCEPT_WITHIN_S: std::ops::RangeInclusive<u32> = 30..=86_400;
}

/// People who serve queues together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Id.
    pub team_id: TeamId,
    /// Name shown to people.
    pub display_name: String,
    /// Agents who lead it and are told of escalations. They may belong to another team.
    pub lead_agent_ids: BTreeSet<AgentId>,
}

/// A person who works on tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Id.
    pub agent_id: AgentId,
    /// Name shown to people.
    pub display_name: Personal,
    /// Address for notices.
    pub email: Personal,
    /// Teams the agent belongs to.
    pub team_ids: BTreeSet<TeamId>,
    /// What the agent can do.
    pub skills: Vec<Skill>,
    /// Most tickets at once that routing gives the agent.
    pub capacity: u32,
    /// Language of notices, BCP 47.
    pub language: String,
    /// The agent takes tickets now.
    pub available: bool,
}

impl Agent {
    /// Tickets at once that an agent may be given.
    pub const CAPACITY: std::ops::RangeInclusive<u32> = 1..=1_000;
}

/// A request to change the directory. Putting what is there already changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Puts a queue into the directory or changes it. A queue put as the fallback takes
    /// that part over from the present one.
    PutQueue(Queue),
    /// Puts a team into the directory or changes it.
    PutTeam(Team),
    /// Puts an agent into the directory or changes it.
    PutAgent {
        /// The agent.
        agent: Agent,
        /// Whether the agent takes tickets stays as it is, if the agent is there.
        keeps_availability: bool,
        /// The agent stays in its teams besides those given.
        keeps_teams: bool,
    },
    /// Says whether an agent takes tickets.
    SetAvailability {
        /// Who.
        agent_id: AgentId,
        /// Whether the agent takes tickets.
        available: bool,
    },
}

/// A change of the directory.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something was put or changed.
    Changed {
        /// Version of the directory after the change, counted from 1.
        version: u32,
        /// What is in the directory now.
        object: Object,
    },
}

/// What a change put into the directory.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// A queue.
    Queue(Queue),
    /// A team.
    Team(Team),
    /// An agent, who is new or as available as before.
    Agent(Agent),
    /// An agent who was there begins or stops taking tickets.
    Availability {
        /// Who.
        agent_id: AgentId,
        /// Whether the agent takes tickets.
        available: bool,
    },
}

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A queue or agent names a team that does not exist.
    #[error("there is no team {}", .0.0)]
    TeamUnknown(TeamId),
    /// No such agent: whose availability is told, or who should lead a team.
    #[error("there is no agent {}", .0.0)]
    AgentUnknown(AgentId),
    /// The change would leave the queues without a fallback.
    #[error("one queue must be the fallback")]
    FallbackMissing,
    /// There are as many as there may be.
    #[error("there are {limit} already")]
    Full {
        /// How many there may be.
        limit: usize,
    },
}

impl State {
    /// The queue that takes what no rule matches; none only while there is no queue.
    #[must_use]
    pub fn fallback(&self) -> Option<&Queue> {
        self.queues.values().find(|queue| queue.fallback)
    }

    /// The team that serves a queue; `None` if the queue is not in the directory.
    #[must_use]
    pub(crate) fn team_of(&self, queue_id: &QueueId) -> Option<&Team> {
        self.queues.get(queue_id).and_then(|queue| self.teams.get(&queue.team_id))
    }

    /// The team that serves a queue, and who leads it; nobody if the queue is not in the directory.
    #[must_use]
    pub fn leads_of(&self, queue_id: &QueueId) -> (Option<TeamId>, Vec<AgentId>) {
        self.team_of(queue_id).map_or((None, Vec::new()), |team| {
            (Some(team.team_id.clone()), team.lead_agent_ids.iter().cloned().collect())
        })
    }

    fn evolve(mut self, event: &Event) -> Self {
        let Event::Changed { version, object } = event;
        self.version = *version;
        match object {
            Object::Queue(queue) => {
                self.queues.insert(queue.queue_id.clone(), queue.clone());
            }
            Object::Team(team) => {
                self.teams.insert(team.team_id.clone(), team.clone());
            }
            Object::Agent(agent) => {
                self.agents.insert(agent.agent_id.clone(), agent.clone());
            }
            Object::Availability { agent_id, available } => {
                if let Some(agent) = self.agents.get_mut(agent_id) {
                    agent.available = *available;
                }
            }
        }
        self
    }
}
