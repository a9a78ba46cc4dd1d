//! The board and the holds, without a log.
#![allow(clippy::unwrap_used)]
use std::collections::{HashMap, HashSet};

use domain::aggregate::Aggregate as _;
use domain::directory::{self, Agent, Command, Directory, Queue, Team};
use domain::ids::{AgentId, Personal, QueueId, TeamId, TicketId};
use domain::priority::Priority;
use domain::route::Method;
use domain::rules;
use domain::skill::{Skill, SkillName};
use eventlog::{Partition, TenantKey};
use jiff::Timestamp;
use uuid::Uuid;

use super::board::Board;
use super::holds::Holds;
use crate::read_model::open_routes::OpenRoute;

const TENANT: TenantKey = TenantKey(1);

fn ticket(n: u128) -> TicketId {
    TicketId(Uuid::from_u128(n))
}

fn agent_id(id: &str) -> AgentId {
    AgentId(id.to_owned())
}

fn skill(name: &str) -> Skill {
    Skill { name: SkillName(name.to_owned()), level: 2 }
}

fn waiting(queue: &str, priority: Priority, received_s: i64) -> OpenRoute {
    OpenRoute {
        partition: Partition(0),
        queue_id: QueueId(queue.to_owned()),
        required_skills: Vec::new(),
        preferred_agent: None,
        excluded_agents: [].into(),
        priority: Some(priority),
        received_at: Timestamp::from_second(received_s).unwrap(),
        owner: None,
        since: Timestamp::UNIX_EPOCH,
    }
}

fn agent(id: &str, team: &str, capacity: u32) -> Agent {
    Agent {
        agent_id: agent_id(id),
        display_name: Personal(id.to_owned()),
        email: Personal(format!("{id}@example.org")),
        team_ids: [TeamId(team.to_owned())].into(),
        skills: Vec::new(),
        capacity,
        language: "pl".to_owned(),
        available: true,
    }
}

/// Team `t` with the queues `q` (fallback) and `r`, team `u` with the queue `s`.
fn board(agents: Vec<Agent>) -> Board {
    let team = |id: &str| {
        Command::PutTeam(Team {
            team_id: TeamId(id.to_owned()),
            display_name: id.to_owned(),
            lead_agent_ids: [].into(),
        })
    };
    let queue = |id: &str, team: &str| {
        Command::PutQueue(Queue {
            queue_id: QueueId(id.to_owned()),
            display_name: id.to_owned(),
            level: 1,
            team_id: TeamId(team.to_owned()),
            accept_within_s: 60,
            fallback: id == "q",
        })
    };
    let mut commands =
        vec![team("t"), team("u"), queue("q", "t"), queue("r", "t"), queue("s", "u")];
    commands.extend(agents.into_iter().map(|agent| Command::PutAgent {
        agent,
        keeps_availability: false,
        keeps_teams: false,
    }));
    let mut state = directory::State::default();
    for command in commands {
        let events = Directory::decide(&state, &command).unwrap();
        state = events.iter().fold(state, Directory::evolve);
    }
    let mut board = Board::default();
    board.staff(state, rules::State::default());
    board
}

fn matched(board: &Board, limit: usize, held: &[(u128, &str)]) -> Vec<(u128, String)> {
    let mut held: HashMap<_, _> =
        held.iter().map(|(n, agent)| (ticket(*n), agent_id(agent))).collect();
    let choices = board.match_waiting(limit, &HashSet::new(), &mut held);
    choices.into_iter().map(|c| (c.ticket_id.0.as_u128(), c.agent_id.0)).collect()
}

#[test]
fn those_who_wait_are_served_in_order_across_the_queues_of_a_team() {
    let mut board = board(vec![agent("ann", "t", 2)]);
    board.place(ticket(1), Some(waiting("q", Priority::P3, 1)));
    board.place(ticket(2), Some(waiting("r", Priority::P1, 9)));
    board.place(ticket(3), Some(waiting("s", Priority::P1, 1)));
    board.place(ticket(4), Some(waiting("r", Priority::P3, 0)));
    let ann = || "ann".to_owned();
    assert_eq!(matched(&board, 9, &[]), [(2, ann()), (4, ann())]);
    assert_eq!(matched(&board, 1, &[]), [(2, ann())]);
}

#[test]
fn a_reopened_ticket_waits_for_its_last_owner_or_the_team_of_its_queue() {
    let mut board = board(vec![agent("ann", "t", 1), agent("ewa", "u", 1)]);
    let reopened =
        OpenRoute { preferred_agent: Some(agent_id("ewa")), ..waiting("q", Priority::P3, 0) };
    board.place(ticket(1), Some(reopened));
    assert_eq!(matched(&board, 9, &[]), [(1, "ewa".to_owned())]);
    assert_eq!(matched(&board, 9, &[(8, "ewa")]), [(1, "ann".to_owned())]);
    assert_eq!(matched(&board, 9, &[(9, "ann")]), [(1, "ewa".to_owned())]);
}

#[test]
fn whoever_is_excluded_does_not_get_it_and_holds_up_nobody() {
    let mut board = board(vec![agent("ann", "t", 1)]);
    let appealed =
        OpenRoute { excluded_agents: [agent_id("ann")].into(), ..waiting("q", Priority::P1, 0) };
    board.place(ticket(1), Some(appealed));
    board.place(ticket(2), Some(waiting("q", Priority::P3, 0)));
    assert_eq!(matched(&board, 9, &[]), [(2, "ann".to_owned())]);
}

#[test]
fn that_nobody_serves_one_kind_of_ticket_says_nothing_of_another() {
    let ann = Agent { skills: vec![skill("polish")], ..agent("ann", "t", 9) };
    let mut board = board(vec![ann, agent("ewa", "u", 1)]);
    let asks = |name: &str| OpenRoute {
        required_skills: vec![skill(name)],
        ..waiting("q", Priority::P3, 0)
    };
    let by = |id: &str| Some(agent_id(id));
    let without = [agent_id("ann")];
    let routes = [
        asks("german"),
        asks("german"),
        OpenRoute { preferred_agent: by("ewa"), ..asks("german") },
        OpenRoute { preferred_agent: by("ewa"), ..asks("german") },
        OpenRoute { excluded_agents: without.clone().into(), ..asks("polish") },
        asks("polish"),
        OpenRoute { excluded_agents: without.into(), ..waiting("q", Priority::P3, 0) },
        waiting("q", Priority::P3, 0),
    ];
    for (n, route) in (1..).zip(routes) {
        board.place(ticket(n), Some(route));
    }
    let ann = || "ann".to_owned();
    assert_eq!(matched(&board, 9, &[]), [(3, "ewa".to_owned()), (6, ann()), (8, ann())]);
}

#[test]
fn a_ticket_that_nobody_can_serve_does_not_hold_up_the_others() {
    let mut board = board(vec![agent("ann", "t", 1)]);
    let special =
        OpenRoute { required_skills: vec![skill("german")], ..waiting("q", Priority::P1, 0) };
    board.place(ticket(1), Some(special));
    board.place(ticket(2), Some(waiting("unrouted", Priority::P1, 0)));
    board.place(ticket(3), Some(waiting("q", Priority::P4, 9)));
    assert_eq!(matched(&board, 9, &[]), [(3, "ann".to_owned())]);
}

#[test]
fn what_is_held_counts_and_is_not_given_again() {
    let mut board = board(vec![agent("ann", "t", 2)]);
    for n in 1..=3 {
        board.place(ticket(n), Some(waiting("q", Priority::P3, 0)));
    }
    assert_eq!(matched(&board, 9, &[(1, "ann")]), [(2, "ann".to_owned())]);
    assert_eq!(matched(&board, 9, &[(1, "ann"), (9, "ann")]), []);
}

#[test]
fn the_next_owner_is_free_of_the_same_team_and_was_not_passed_over() {
    let people = ["ann", "bartek", "celina"].map(|id| agent(id, "t", 1));
    let mut board = board(people.into_iter().chain([agent("dora", "u", 9)]).collect());
    let owned = OpenRoute { owner: Some(agent_id("ann")), ..waiting("q", Priority::P1, 0) };
    board.place(ticket(1), Some(owned));
    let next = |without: &[&str], held: &[(u128, &str)]| {
        let without = without.iter().map(|id| agent_id(id)).collect();
        let held = held.iter().map(|(n, id)| (ticket(*n), agent_id(id))).collect();
        board.next_owner(ticket(1), &without, &held).map(|choice| choice.agent_id.0)
    };
    assert_eq!(next(&["ann"], &[]).unwrap(), "bartek");
    assert_eq!(next(&["ann", "bartek"], &[]).unwrap(), "celina");
    assert_eq!(next(&["ann"], &[(9, "bartek")]).unwrap(), "celina");
    assert_eq!(next(&["ann", "bartek", "celina"], &[]), None);
    assert_eq!(board.next_owner(ticket(2), &[].into(), &HashMap::new()), None);
    assert_eq!(board.method_of(ticket(1), 1), Method::Rule);
    assert_eq!(board.method_of(ticket(1), 2), Method::OnCall);
}

#[test]
fn loads_follow_the_routes() {
    let mut board = board(vec![agent("ann", "t", 1)]);
    let owned = OpenRoute { owner: Some(agent_id("ann")), ..waiting("q", Priority::P3, 0) };
    board.place(ticket(1), Some(owned));
    board.place(ticket(2), Some(waiting("q", Priority::P3, 0)));
    assert!(board.is_owned_by(ticket(1), &agent_id("ann")));
    assert_eq!(matched(&board, 9, &[]), []);
    board.place(ticket(1), None);
    assert_eq!(matched(&board, 9, &[]), [(2, "ann".to_owned())]);
}

#[test]
fn a_hold_lasts_until_the_floor_has_read_what_came_of_it() {
    let holds = Holds::default();
    let (first, second) = (ticket(1), ticket(2));
    holds.take(TENANT, first, agent_id("ann")).appended(7);
    let pending = holds.take(TENANT, second, agent_id("ann"));
    assert_eq!(holds.of(TENANT).len(), 2);
    holds.settle(6);
    assert_eq!(holds.of(TENANT).len(), 2);
    holds.settle(7);
    assert_eq!(holds.of(TENANT).into_keys().collect::<Vec<_>>(), [second]);
    drop(pending);
    assert!(holds.of(TENANT).is_empty());
    assert!(holds.of(TenantKey(2)).is_empty());
}
