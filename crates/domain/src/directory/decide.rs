//! The rules of the directory.
use super::{
    Agent, Command, Event, MAX_AGENT_TEAMS, MAX_AGENTS, MAX_GROUPS, Object, Queue, Rejection,
    State, Team,
};
use crate::ids::{AgentId, TeamId};

type Decision = Result<Vec<Event>, Rejection>;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    let objects = match command {
        Command::PutQueue(queue) => putting_queue(state, queue)?,
        Command::PutTeam(team) => putting_team(state, team)?,
        Command::PutAgent { agent, keeps_availability, keeps_teams } => {
            let mut agent = agent.clone();
            if let Some(present) = state.agents.get(&agent.agent_id) {
                if *keeps_availability {
                    agent.available = present.available;
                }
                if *keeps_teams {
                    agent.team_ids.extend(present.team_ids.iter().cloned());
                }
            }
            putting_agent(state, &agent)?
        }
        Command::SetAvailability { agent_id, available } => {
            setting_availability(state, agent_id, *available)?
        }
    };
    let versions = state.version + 1..;
    Ok(versions.zip(objects).map(|(version, object)| Event::Changed { version, object }).collect())
}

fn putting_queue(state: &State, queue: &Queue) -> Result<Vec<Object>, Rejection> {
    let present = state.queues.get(&queue.queue_id);
    if present == Some(queue) {
        return Ok(Vec::new());
    }
    room(present.is_some(), state.queues.len(), MAX_GROUPS)?;
    team_exists(state, &queue.team_id)?;
    let fallback = state.fallback().filter(|other| other.queue_id != queue.queue_id);
    match (queue.fallback, fallback) {
        (false, None) => Err(Rejection::FallbackMissing),
        (true, Some(other)) => Ok(vec![
            Object::Queue(Queue { fallback: false, ..other.clone() }),
            Object::Queue(queue.clone()),
        ]),
        (true, None) | (false, Some(_)) => Ok(vec![Object::Queue(queue.clone())]),
    }
}

fn putting_team(state: &State, team: &Team) -> Result<Vec<Object>, Rejection> {
    let present = state.teams.get(&team.team_id);
    if present == Some(team) {
        return Ok(Vec::new());
    }
    room(present.is_some(), state.teams.len(), MAX_GROUPS)?;
    let unknown = team.lead_agent_ids.iter().find(|lead| !state.agents.contains_key(*lead));
    if let Some(lead) = unknown {
        return Err(Rejection::AgentUnknown(lead.clone()));
    }
    Ok(vec![Object::Team(team.clone())])
}

fn putting_agent(state: &State, agent: &Agent) -> Result<Vec<Object>, Rejection> {
    let present = state.agents.get(&agent.agent_id);
    if present == Some(agent) {
        return Ok(Vec::new());
    }
    room(present.is_some(), state.agents.len(), MAX_AGENTS)?;
    if agent.team_ids.len() > MAX_AGENT_TEAMS {
        return Err(Rejection::Full { limit: MAX_AGENT_TEAMS });
    }
    for team_id in &agent.team_ids {
        team_exists(state, team_id)?;
    }
    let Some(present) = present else { return Ok(vec![Object::Agent(agent.clone())]) };
    let put = Agent { available: present.available, ..agent.clone() };
    let put = (put != *present).then_some(Object::Agent(put));
    // Who leaves must be told from who was away all the time.
    let leaves_or_comes = setting_availability(state, &agent.agent_id, agent.available)?;
    Ok(put.into_iter().chain(leaves_or_comes).collect())
}

fn setting_availability(
    state: &State,
    agent_id: &AgentId,
    available: bool,
) -> Result<Vec<Object>, Rejection> {
    match state.agents.get(agent_id) {
        None => Err(Rejection::AgentUnknown(agent_id.clone())),
        Some(agent) if agent.available == available => Ok(Vec::new()),
        Some(_) => Ok(vec![Object::Availability { agent_id: agent_id.clone(), available }]),
    }
}

fn team_exists(state: &State, team_id: &TeamId) -> Result<(), Rejection> {
    if state.teams.contains_key(team_id) {
        Ok(())
    } else {
        Err(Rejection::TeamUnknown(team_id.clone()))
    }
}

fn room(present: bool, count: usize, limit: usize) -> Result<(), Rejection> {
    if present || count < limit { Ok(()) } else { Err(Rejection::Full { limit }) }
}
