//! What is added to a directory, and what is left alone.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::import::mapping;
use crate::import::tests::{UPDATE, Update, rows};

fn plans(group: &'static str) -> Vec<Plan> {
    let rows = rows(&[Update { group, agent: "1", ..UPDATE }]);
    vec![mapping::plan("acme", &rows).unwrap().0]
}

fn present(missing: &Missing) -> GetDirectoryResponse {
    GetDirectoryResponse {
        version: 1,
        queues: missing.queues.clone(),
        teams: missing.teams.clone(),
        agents: missing.agents.clone(),
        next_page_token: String::new(),
    }
}

#[test]
fn an_empty_directory_gets_a_fallback_that_is_no_real_group() {
    let missing = missing(&plans("70"), &GetDirectoryResponse::default());
    let queues: Vec<_> =
        missing.queues.iter().map(|queue| (queue.queue_id.as_str(), queue.fallback)).collect();
    assert_eq!(queues, [("sn-group-unknown", true), ("sn-group-70", false)]);
    assert_eq!(missing.teams.len(), 2);
    let agent = &missing.agents[0];
    assert_eq!((agent.agent_id.as_str(), agent.available), ("sn-1", Some(false)));
    assert_eq!(agent.team_ids, ["sn-group-70"]);
}

#[test]
fn a_second_import_finds_everything_there() {
    let first = missing(&plans("70"), &GetDirectoryResponse::default());
    assert_eq!(missing(&plans("70"), &present(&first)), Missing::default());
}

#[test]
fn a_known_agent_keeps_what_people_have_set_and_joins_further_teams() {
    let mut first = missing(&plans("70"), &GetDirectoryResponse::default());
    first.agents[0].available = Some(true);
    let second = missing(&plans("71"), &present(&first));
    assert_eq!(second.queues.len(), 1);
    assert!(!second.queues[0].fallback);
    let agent = &second.agents[0];
    assert_eq!(agent.available, Some(true));
    assert_eq!(agent.team_ids, ["sn-group-70", "sn-group-71"]);
    let id = |version, agent| names::directory_request_id("acme", version, agent);
    assert_ne!(id(1, &first.agents[0]), id(1, agent), "another change is another request");
    assert_ne!(id(1, agent), id(2, agent), "and so is the same one over somebody else's");
}
