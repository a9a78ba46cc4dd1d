//! Teams, queues and agents named in the imported histories. What exists in the directory stays
//! unchanged, except that agents are added to further teams.
use std::collections::{BTreeMap, BTreeSet};

use domain::directory::MAX_AGENT_TEAMS;
use wire::common::v1::{Sealed, sealed::Content};
use wire::routing::v1::{
    Agent, GetDirectoryRequest, GetDirectoryResponse, PutAgentRequest, PutQueueRequest,
    PutTeamRequest, Queue, Team,
};

use super::mapping::Plan;
use super::names;
use super::retry::{Failure, persistently};
use crate::client::Clients;
use crate::progress::Bar;

/// Seconds that an owner has to accept, as for any queue that nobody has thought about.
const ACCEPT_WITHIN_S: u32 = 900;
/// Most tickets at once that routing would give an imported agent.
const CAPACITY: u32 = 10;

/// What must be put.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Missing {
    pub(crate) teams: Vec<Team>,
    /// The first one is the fallback if there was no queue at all.
    pub(crate) queues: Vec<Queue>,
    pub(crate) agents: Vec<Agent>,
}

impl Missing {
    pub(crate) fn len(&self) -> usize {
        self.teams.len() + self.queues.len() + self.agents.len()
    }
}

/// What the plans name and the directory lacks.
pub(crate) fn missing(plans: &[Plan], present: &GetDirectoryResponse) -> Missing {
    let mut groups: BTreeSet<Option<&str>> =
        plans.iter().flat_map(|plan| plan.groups.iter().map(Option::as_deref)).collect();
    if present.queues.is_empty() {
        // The first queue must be the fallback, and no named group should be.
        groups.insert(None);
    }
    let mut missing = Missing::default();
    for group in groups {
        let id = names::queue(group);
        let display_name = display_name("group", group.unwrap_or("unknown"));
        if present.teams.iter().all(|team| team.team_id != id) {
            let display_name = display_name.clone();
            missing.teams.push(Team { team_id: id.clone(), display_name, ..Default::default() });
        }
        if present.queues.iter().all(|queue| queue.queue_id != id) {
            missing.queues.push(Queue {
                queue_id: id.clone(),
                display_name,
                level: 1,
                team_id: id,
                accept_within_s: ACCEPT_WITHIN_S,
                fallback: present.queues.is_empty() && group.is_none(),
            });
        }
    }
    missing.agents = agents(plans, present);
    missing
}

fn agents(plans: &[Plan], present: &GetDirectoryResponse) -> Vec<Agent> {
    let mut teams: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (agent, groups) in plans.iter().flat_map(|plan| &plan.agents) {
        let of_agent = teams.entry(agent).or_default();
        of_agent.extend(groups.iter().map(|group| names::queue(group.as_deref())));
    }
    let mut missing = Vec::new();
    for (code, teams) in teams {
        let agent_id = names::agent(code);
        let before = present.agents.iter().find(|agent| agent.agent_id == agent_id);
        let mut agent = before.cloned().unwrap_or_else(|| new_agent(code, &agent_id));
        let known = agent.team_ids.len();
        let further = teams.into_iter().filter(|team| !agent.team_ids.contains(team));
        let further: Vec<_> = further.take(MAX_AGENT_TEAMS.saturating_sub(known)).collect();
        agent.team_ids.extend(further);
        if before.is_none() || agent.team_ids.len() > known {
            missing.push(agent);
        }
    }
    missing
}

/// Takes no tickets until somebody says so, and no mails: the export knows no address,
/// and nothing sent to the top-level domain `invalid` ever arrives.
fn new_agent(code: &str, agent_id: &str) -> Agent {
    Agent {
        agent_id: agent_id.to_owned(),
        display_name: Some(clear(display_name("agent", code))),
        email: Some(clear(format!("{agent_id}@servicenow.invalid"))),
        team_ids: Vec::new(),
        skills: Vec::new(),
        capacity: CAPACITY,
        language: "en".to_owned(),
        available: Some(false),
    }
}

fn clear(text: String) -> Sealed {
    Sealed { content: Some(Content::Clear(text)) }
}

/// One line of at most 100 characters.
fn display_name(kind: &str, code: &str) -> String {
    let code: String = code.chars().filter(|c| !c.is_control()).take(70).collect();
    format!("ServiceNow {kind} {code}")
}

/// The whole directory, page by page.
async fn present(clients: &Clients) -> Result<GetDirectoryResponse, Failure> {
    let client = &clients.directory;
    let mut present = GetDirectoryResponse::default();
    loop {
        let page_token = std::mem::take(&mut present.next_page_token);
        let request = GetDirectoryRequest { page_token, ..Default::default() };
        let page = persistently(async || client.clone().get_directory(request.clone()).await);
        let page = page.await?;
        present.version = page.version;
        present.queues.extend(page.queues);
        present.teams.extend(page.teams);
        present.agents.extend(page.agents);
        if page.next_page_token.is_empty() {
            return Ok(present);
        }
        present.next_page_token = page.next_page_token;
    }
}

/// Puts what the plans need. What is put is made a request of its own by the directory's version,
/// so that the same content may be put once more after somebody has put another one over it.
///
/// # Errors
/// [`Failure`] if a call is refused or not answered.
pub(crate) async fn put(
    clients: &Clients,
    tenant: &str,
    plans: &[Plan],
) -> Result<Missing, Failure> {
    let present = present(clients).await?;
    let (missing, version) = (missing(plans, &present), present.version);
    let client = &clients.directory;
    let mut bar = Bar::new("directory", missing.len() as u64);
    for team in &missing.teams {
        let request_id = names::directory_request_id(tenant, version, team);
        let request = PutTeamRequest { request_id, team: Some(team.clone()) };
        persistently(async || client.clone().put_team(request.clone()).await).await?;
        bar.tick();
    }
    // The fallback first: without one no other queue is accepted.
    let (fallback, others): (Vec<_>, Vec<_>) =
        missing.queues.iter().partition(|queue| queue.fallback);
    for queue in fallback.into_iter().chain(others) {
        let request_id = names::directory_request_id(tenant, version, queue);
        let request = PutQueueRequest { request_id, queue: Some(queue.clone()) };
        persistently(async || client.clone().put_queue(request.clone()).await).await?;
        bar.tick();
    }
    for agent in &missing.agents {
        let request_id = names::directory_request_id(tenant, version, agent);
        // Another import may give the same agent other teams at this moment.
        let (agent, keep_teams) = (Some(agent.clone()), true);
        let request = PutAgentRequest { request_id, agent, keep_teams };
        persistently(async || client.clone().put_agent(request.clone()).await).await?;
        bar.tick();
    }
    bar.finish();
    Ok(missing)
}

#[cfg(test)]
mod tests;
