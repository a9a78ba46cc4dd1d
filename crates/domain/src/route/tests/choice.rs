//! The choice of an owner, and the order of waiting tickets.
use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use crate::ids::{AgentId, TeamId, TicketId};
use crate::priority::Priority;
use crate::route::candidates::{Candidate, Need, Place, choose};
use crate::skill::{Skill, SkillName};

#[derive(Debug, Clone)]
struct Person {
    agent_id: AgentId,
    team_ids: BTreeSet<TeamId>,
    skills: Vec<Skill>,
    available: bool,
    load: u32,
    capacity: u32,
    last_assigned_at: Option<Timestamp>,
}

impl Person {
    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            agent_id: &self.agent_id,
            team_ids: &self.team_ids,
            skills: &self.skills,
            available: self.available,
            load: self.load,
            capacity: self.capacity,
            last_assigned_at: self.last_assigned_at,
        }
    }
}

fn person(id: &str, load: u32) -> Person {
    Person {
        agent_id: AgentId(id.into()),
        team_ids: [TeamId("t".into())].into(),
        skills: vec![skill("german", 2)],
        available: true,
        load,
        capacity: 3,
        last_assigned_at: None,
    }
}

fn skill(name: &str, level: u32) -> Skill {
    Skill { name: SkillName(name.into()), level }
}

fn chosen(people: &[Person], skills: &[Skill], preferred: Option<&str>) -> Option<String> {
    let team_id = TeamId("t".into());
    let preferred = preferred.map(|id| AgentId(id.into()));
    let need = Need { team_id: &team_id, skills, preferred: preferred.as_ref() };
    choose(&need, people.iter().map(Person::candidate)).map(|c| c.agent_id.0.clone())
}

#[test]
fn the_least_loaded_then_the_longest_idle_then_the_first_by_id_gets_it() {
    let at = |second| Some(Timestamp::from_second(second).unwrap());
    let busy = person("a", 1);
    let recent = Person { last_assigned_at: at(20), ..person("b", 0) };
    let idle = Person { last_assigned_at: at(10), ..person("d", 0) };
    let twin = Person { last_assigned_at: at(10), ..person("c", 0) };
    let never = person("e", 0);
    let people = [busy, recent, idle, twin, never];
    assert_eq!(chosen(&people, &[], None).unwrap(), "e");
    assert_eq!(chosen(&people[..4], &[], None).unwrap(), "c");
    assert_eq!(chosen(&people[..3], &[], None).unwrap(), "d");
    assert_eq!(chosen(&people[..2], &[], None).unwrap(), "b");
    assert_eq!(chosen(&people[..1], &[], None).unwrap(), "a");
}

#[test]
fn nobody_unavailable_full_unskilled_or_of_another_team_gets_it() {
    let away = Person { available: false, ..person("a", 0) };
    let full = person("b", 3);
    let elsewhere = Person { team_ids: [TeamId("u".into())].into(), ..person("c", 0) };
    let unskilled = person("d", 0);
    let people = [away, full, elsewhere, unskilled];
    assert_eq!(chosen(&people, &[skill("german", 3)], None), None);
    assert_eq!(chosen(&people, &[skill("german", 2)], None).unwrap(), "d");
}

#[test]
fn the_last_owner_is_preferred_if_free() {
    let people = [person("a", 0), person("b", 2), person("c", 3)];
    assert_eq!(chosen(&people, &[], Some("b")).unwrap(), "b");
    assert_eq!(chosen(&people, &[], Some("c")).unwrap(), "a");
}

#[test]
fn the_last_owner_knows_the_ticket_whatever_the_queue_asks_for() {
    let expert = Person { team_ids: [TeamId("experts".into())].into(), ..person("x", 2) };
    let away = Person { available: false, ..expert.clone() };
    let need = [skill("german", 2), skill("polish", 4)];
    assert_eq!(chosen(&[person("a", 0), expert.clone()], &[], Some("x")).unwrap(), "x");
    assert_eq!(chosen(std::slice::from_ref(&expert), &need, Some("x")).unwrap(), "x");
    assert_eq!(chosen(&[person("a", 0), away], &[], Some("x")).unwrap(), "a");
    assert_eq!(chosen(&[expert], &[], None), None);
}

#[test]
fn the_most_urgent_then_the_longest_waiting_comes_first() {
    let place = |id: u128, priority, second| {
        let received_at = Timestamp::from_second(second).unwrap();
        Place::of(TicketId(Uuid::from_u128(id)), priority, received_at)
    };
    let mut places = [
        place(1, None, 0),
        place(2, Some(Priority::P4), 1),
        place(3, Some(Priority::P1), 9),
        place(5, Some(Priority::P1), 3),
        place(4, Some(Priority::P1), 3),
    ];
    places.sort();
    let ids: Vec<_> = places.iter().map(|place| place.ticket_id().0.as_u128()).collect();
    assert_eq!(ids, [4, 5, 3, 2, 1]);
}

fn any_person() -> impl Strategy<Value = Person> {
    ("[a-f]", any::<bool>(), 0..5_u32, 1..4_u32, prop::option::of(0..3_i64), 1..4_u32).prop_map(
        |(id, available, load, capacity, last, level)| Person {
            available,
            capacity,
            last_assigned_at: last.map(|second| Timestamp::from_second(second).unwrap()),
            skills: vec![skill("german", level)],
            ..person(&id, load)
        },
    )
}

proptest! {
    #[test]
    fn nobody_is_chosen_over_capacity_and_the_order_does_not_matter(
        mut people in prop::collection::vec(any_person(), 0..6),
        level in 1..4_u32,
    ) {
        people.sort_by(|a, b| a.agent_id.cmp(&b.agent_id));
        people.dedup_by(|a, b| a.agent_id == b.agent_id);
        let need = [skill("german", level)];
        let once = chosen(&people, &need, None);
        if let Some(id) = &once {
            let person = people.iter().find(|person| person.agent_id.0 == *id).unwrap();
            prop_assert!(person.available && person.load < person.capacity);
            prop_assert!(need[0].is_met_by(&person.skills));
        }
        people.reverse();
        prop_assert_eq!(once, chosen(&people, &need, None));
    }
}
