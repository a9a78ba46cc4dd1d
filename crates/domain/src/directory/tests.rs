//! Specifications and properties of the directory.
use proptest::prelude::*;

use super::{Agent, Command, Directory, Event, Object, Queue, Rejection, State, Team};
use crate::aggregate::Aggregate;
use crate::ids::{AgentId, Personal, QueueId, TeamId};
use crate::spec::given;

fn team(id: &str) -> Team {
    led_by(id, &[])
}

fn led_by(id: &str, leads: &[&str]) -> Team {
    Team {
        team_id: TeamId(id.into()),
        display_name: format!("Team {id}"),
        lead_agent_ids: leads.iter().map(|lead| AgentId((*lead).into())).collect(),
    }
}

fn queue(id: &str, team: &str, fallback: bool) -> Queue {
    Queue {
        queue_id: QueueId(id.into()),
        display_name: format!("Queue {id}"),
        level: 1,
        team_id: TeamId(team.into()),
        accept_within_s: 900,
        fallback,
    }
}

fn agent(id: &str, teams: &[&str]) -> Agent {
    Agent {
        agent_id: AgentId(id.into()),
        display_name: Personal("Jan".into()),
        email: Personal("jan@example.com".into()),
        team_ids: teams.iter().map(|id| TeamId((*id).into())).collect(),
        skills: Vec::new(),
        capacity: 5,
        language: "pl".into(),
        available: true,
    }
}

fn changed(version: u32, object: Object) -> Event {
    Event::Changed { version, object }
}

fn with_team() -> Event {
    changed(1, Object::Team(team("one")))
}

fn put_agent(agent: Agent) -> Command {
    Command::PutAgent { agent, keeps_availability: false, keeps_teams: false }
}

#[test]
fn an_agent_who_is_changed_stays_as_available_as_before_unless_it_is_said() {
    let put = |available, keeps_availability| Command::PutAgent {
        agent: Agent { available, capacity: 9, ..agent("ann", &[]) },
        keeps_availability,
        keeps_teams: false,
    };
    let available = |with: Vec<Command>| {
        let mut state = State::default();
        for command in with {
            let events = Directory::decide(&state, &command).unwrap();
            state = events.iter().fold(state, Directory::evolve);
        }
        state.agents[&AgentId("ann".into())].available
    };
    let present = || put_agent(agent("ann", &[]));
    assert!(available(vec![present(), put(false, true)]));
    assert!(!available(vec![present(), put(false, false)]));
    assert!(!available(vec![put(false, true)]), "a new one is as the command says");
}

#[test]
fn an_agent_stays_in_its_teams_if_that_is_wanted() {
    let put = |team: &str, keeps_teams| Command::PutAgent {
        agent: agent("ann", &[team]),
        keeps_availability: false,
        keeps_teams,
    };
    let teams = |keeps_teams| {
        let mut state = State::default();
        let groups = ["one", "two"].map(|id| Command::PutTeam(team(id)));
        for command in groups.into_iter().chain([put("one", true), put("two", keeps_teams)]) {
            let events = Directory::decide(&state, &command).unwrap();
            state = events.iter().fold(state, Directory::evolve);
        }
        state.agents[&AgentId("ann".into())].team_ids.clone()
    };
    let named = |ids: &[&str]| ids.iter().map(|id| TeamId((*id).into())).collect();
    assert_eq!(teams(true), named(&["one", "two"]));
    assert_eq!(teams(false), named(&["two"]));
}

#[test]
fn a_team_is_put_once() {
    given::<Directory>([]).when(Command::PutTeam(team("one"))).then([with_team()]);
    given::<Directory>([with_team()]).when(Command::PutTeam(team("one"))).then_nothing();
}

#[test]
fn a_queue_needs_its_team() {
    given::<Directory>([])
        .when(Command::PutQueue(queue("q", "one", true)))
        .then_rejected(Rejection::TeamUnknown(TeamId("one".into())));
}

#[test]
fn the_first_queue_must_be_the_fallback() {
    given::<Directory>([with_team()])
        .when(Command::PutQueue(queue("q", "one", false)))
        .then_rejected(Rejection::FallbackMissing);
}

#[test]
fn the_only_fallback_cannot_stop_being_it() {
    given::<Directory>([with_team(), changed(2, Object::Queue(queue("q", "one", true)))])
        .when(Command::PutQueue(queue("q", "one", false)))
        .then_rejected(Rejection::FallbackMissing);
}

#[test]
fn a_new_fallback_takes_over_from_the_present_one() {
    given::<Directory>([with_team(), changed(2, Object::Queue(queue("a", "one", true)))])
        .when(Command::PutQueue(queue("b", "one", true)))
        .then([
            changed(3, Object::Queue(queue("a", "one", false))),
            changed(4, Object::Queue(queue("b", "one", true))),
        ]);
}

#[test]
fn an_agent_needs_its_teams() {
    given::<Directory>([with_team()])
        .when(put_agent(agent("ann", &["one", "two"])))
        .then_rejected(Rejection::TeamUnknown(TeamId("two".into())));
}

#[test]
fn a_team_is_led_by_agents_who_exist() {
    let known = [with_team(), changed(2, Object::Agent(agent("ann", &["one"])))];
    let put = |leads: &[&str]| Command::PutTeam(led_by("one", leads));
    given::<Directory>([with_team()])
        .when(put(&["ann"]))
        .then_rejected(Rejection::AgentUnknown(AgentId("ann".into())));
    given::<Directory>(known.clone())
        .when(put(&["ann", "eve"]))
        .then_rejected(Rejection::AgentUnknown(AgentId("eve".into())));
    given::<Directory>(known.clone())
        .when(put(&["ann"]))
        .then([changed(3, Object::Team(led_by("one", &["ann"])))]);
    given::<Directory>(known)
        .and(put(&["ann"]))
        .when(put(&[]))
        .then([changed(4, Object::Team(team("one")))]);
}

#[test]
fn availability_belongs_to_a_known_agent_and_changes_once() {
    let ann = AgentId("ann".into());
    let away = || Command::SetAvailability { agent_id: AgentId("ann".into()), available: false };
    let object = Object::Availability { agent_id: ann.clone(), available: false };
    let known = [with_team(), changed(2, Object::Agent(agent("ann", &["one"])))];
    given::<Directory>([]).when(away()).then_rejected(Rejection::AgentUnknown(ann));
    given::<Directory>(known.clone()).when(away()).then([changed(3, object)]);
    given::<Directory>(known).and(away()).when(away()).then_nothing();
}

#[test]
fn whoever_is_put_as_away_leaves_by_an_event_of_its_own_and_only_once() {
    let away = |capacity| Agent { available: false, capacity, ..agent("ann", &[]) };
    let left = || Object::Availability { agent_id: AgentId("ann".into()), available: false };
    let new = || changed(1, Object::Agent(away(5)));
    let present = || changed(1, Object::Agent(agent("ann", &[])));
    given::<Directory>([]).when(put_agent(away(5))).then([new()]);
    given::<Directory>([new()]).when(put_agent(away(9))).then([changed(2, Object::Agent(away(9)))]);
    given::<Directory>([present()]).when(put_agent(away(5))).then([changed(2, left())]);
    given::<Directory>([present()]).when(put_agent(away(9))).then([
        changed(2, Object::Agent(Agent { available: true, ..away(9) })),
        changed(3, left()),
    ]);
    given::<Directory>([new()]).when(put_agent(agent("ann", &[]))).then([changed(
        2,
        Object::Availability { agent_id: AgentId("ann".into()), available: true },
    )]);
}

fn command() -> impl Strategy<Value = Command> {
    let id = || prop::sample::select(vec!["a", "b", "c"]);
    prop_oneof![
        (id(), id(), any::<bool>()).prop_map(|(q, t, f)| Command::PutQueue(queue(q, t, f))),
        (id(), prop::option::of(id()))
            .prop_map(|(id, lead)| Command::PutTeam(led_by(id, lead.as_slice()))),
        (id(), id()).prop_map(|(a, t)| put_agent(agent(a, &[t]))),
        (id(), any::<bool>()).prop_map(|(id, available)| Command::SetAvailability {
            agent_id: AgentId(id.into()),
            available
        }),
    ]
}

proptest! {
    #[test]
    fn there_is_always_exactly_one_fallback_and_every_team_exists(
        commands in prop::collection::vec(command(), 0..40)
    ) {
        let mut state = State::default();
        let mut events = Vec::new();
        for command in &commands {
            let Ok(new) = Directory::decide(&state, command) else { continue };
            state = new.iter().fold(state, Directory::evolve);
            events.extend(new);
            let fallbacks = state.queues.values().filter(|queue| queue.fallback).count();
            prop_assert_eq!(fallbacks, usize::from(!state.queues.is_empty()));
            prop_assert!(state.queues.values().all(|q| state.teams.contains_key(&q.team_id)));
            prop_assert!(
                state.teams.values().flat_map(|t| &t.lead_agent_ids).all(|a| state.agents.contains_key(a))
            );
            prop_assert!(
                state.agents.values().flat_map(|a| &a.team_ids).all(|t| state.teams.contains_key(t))
            );
        }
        prop_assert_eq!(Directory::fold(&events), state.clone());
        prop_assert_eq!(u32::try_from(events.len()).unwrap(), state.version);
    }
}
