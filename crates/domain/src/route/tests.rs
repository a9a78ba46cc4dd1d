//! Specifications and properties of routes and of the choice of an owner.
mod choice;
mod escalation;

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Assign, Assigned, Command, EndReason, Event, Method, Placing, Queued, QueuedReason, Rejection,
    Requeue, Route, State, Step,
};
use crate::aggregate::Aggregate;
use crate::ids::{AgentId, AssignmentId, QueueId, RuleId, TeamId};
use crate::priority::Priority;
use crate::skill::{Skill, SkillName};
use crate::spec::given;

fn agent(id: &str) -> AgentId {
    AgentId(id.into())
}

fn placing(queue: &str) -> Placing {
    Placing {
        queue_id: QueueId(queue.into()),
        level: 2,
        required_skills: vec![Skill { name: SkillName("german".into()), level: 2 }],
        rule_id: Some(RuleId("r".into())),
        rules_version: 3,
        fallback: false,
        priority: Some(Priority::P2),
        received_at: Timestamp::UNIX_EPOCH,
    }
}

fn queued(queue: &str, reason: QueuedReason, preferred: Option<&str>) -> Event {
    Event::Queued(queued_facts(queue, reason, preferred))
}

fn queued_facts(queue: &str, reason: QueuedReason, preferred: Option<&str>) -> Queued {
    let placing = placing(queue);
    Queued {
        queue_id: placing.queue_id,
        level: placing.level,
        required_skills: placing.required_skills,
        rule_id: placing.rule_id,
        rules_version: placing.rules_version,
        fallback: false,
        reason,
        preferred_agent: preferred.map(agent),
        excluded_agents: BTreeSet::new(),
        priority: placing.priority,
        received_at: placing.received_at,
    }
}

fn assign(queue: &str, to: &str, method: Method) -> Assign {
    Assign {
        assignment_id: AssignmentId(Uuid::from_u128(to.len() as u128)),
        queue_id: QueueId(queue.into()),
        team_id: Some(TeamId("t".into())),
        agent_id: agent(to),
        method,
        accept_by: Timestamp::UNIX_EPOCH,
    }
}

fn assigned(to: &str, method: Method) -> Event {
    let assign = assign("q", to, method);
    Event::Assigned(Assigned {
        assignment_id: assign.assignment_id,
        team_id: assign.team_id,
        agent_id: assign.agent_id,
        level: 2,
        method,
        accept_by: assign.accept_by,
    })
}

fn new_in(queue: &str) -> Event {
    queued(queue, QueuedReason::New, None)
}

fn place(queue: &str) -> Command {
    Command::Place { placing: placing(queue), owner: None }
}

fn requeue(to: Option<&str>, only_owner: Option<&str>) -> Command {
    Command::Requeue(Requeue {
        to: to.map(|id| (QueueId(id.into()), 1)),
        only_owner: only_owner.map(agent),
    })
}

fn owned() -> [Event; 2] {
    [new_in("q"), assigned("ann", Method::Rule)]
}

fn reopen(placing: Placing, owner: Option<Assign>) -> Command {
    Command::Reopen { placing, owner, appeal_against: None }
}

fn appeal(deciders: &[&str]) -> Command {
    Command::Appeal { deciders: deciders.iter().copied().map(agent).collect() }
}

fn by_rules(queue: &str, level: u32) -> Command {
    Command::Place { placing: Placing { level, ..placing(queue) }, owner: None }
}

fn ended() -> [Event; 3] {
    let [first, second] = owned();
    [first, second, Event::Ended { reason: EndReason::Resolved }]
}

#[test]
fn a_new_ticket_is_queued_and_given_to_its_owner_at_once() {
    let owner = Some(assign("q", "ann", Method::Rule));
    given::<Route>([]).when(Command::Place { placing: placing("q"), owner }).then(owned());
    given::<Route>([]).when(place("q")).then([new_in("q")]);
}

#[test]
fn an_owner_chosen_for_another_queue_is_not_taken() {
    let owner = Some(assign("elsewhere", "ann", Method::Rule));
    given::<Route>([]).when(Command::Place { placing: placing("q"), owner }).then([new_in("q")]);
}

#[test]
fn a_ticket_moves_only_if_the_rules_name_another_queue() {
    given::<Route>(owned()).when(place("q")).then_nothing();
    given::<Route>(owned()).when(place("other")).then([queued(
        "other",
        QueuedReason::Reclassified,
        None,
    )]);
    given::<Route>(ended()).when(place("other")).then_nothing();
}

#[test]
fn a_reopened_ticket_prefers_its_last_owner() {
    let reopen = || reopen(placing("q"), None);
    given::<Route>(ended()).when(reopen()).then([queued("q", QueuedReason::Reopened, Some("ann"))]);
    given::<Route>([]).when(reopen()).then([queued("q", QueuedReason::Reopened, None)]);
    given::<Route>(owned()).when(reopen()).then_nothing();
}

#[test]
fn only_a_person_takes_a_ticket_from_its_owner() {
    for method in [Method::Rule, Method::Pull] {
        given::<Route>(owned())
            .when(Command::Assign(assign("q", "bartek", method)))
            .then_rejected(Rejection::AlreadyAssigned);
    }
    given::<Route>(owned())
        .when(Command::Assign(assign("q", "bartek", Method::Manual)))
        .then([assigned("bartek", Method::Manual)]);
    given::<Route>(owned())
        .when(Command::Assign(assign("q", "ann", Method::Manual)))
        .then_nothing();
}

#[test]
fn an_assignment_needs_a_live_route_in_the_queue_it_was_meant_for() {
    let to_ann = |queue| Command::Assign(assign(queue, "ann", Method::Rule));
    given::<Route>([]).when(to_ann("q")).then_rejected(Rejection::RouteUnknown);
    given::<Route>(ended()).when(to_ann("q")).then_rejected(Rejection::RouteEnded);
    given::<Route>([new_in("q")]).when(to_ann("x")).then_rejected(Rejection::QueueChanged);
    given::<Route>([new_in("q")]).when(to_ann("q")).then([assigned("ann", Method::Rule)]);
}

#[test]
fn only_the_owner_accepts_and_only_once() {
    let accept = |who| Command::Accept { agent_id: agent(who) };
    given::<Route>([]).when(accept("ann")).then_rejected(Rejection::RouteUnknown);
    given::<Route>([new_in("q")]).when(accept("ann")).then_rejected(Rejection::NotAssigned);
    given::<Route>(ended()).when(accept("ann")).then_rejected(Rejection::RouteEnded);
    given::<Route>(owned()).when(accept("eve")).then_rejected(Rejection::NotTheOwner);
    let accepted =
        Event::Accepted { assignment_id: AssignmentId(Uuid::from_u128(3)), agent_id: agent("ann") };
    given::<Route>(owned()).when(accept("ann")).then([accepted]);
    given::<Route>(owned()).and(accept("ann")).when(accept("ann")).then_nothing();
}

#[test]
fn a_ticket_given_back_keeps_its_queue_and_its_needs() {
    given::<Route>(owned()).when(requeue(None, Some("ann"))).then([queued(
        "q",
        QueuedReason::Returned,
        None,
    )]);
    given::<Route>(owned()).when(requeue(None, Some("eve"))).then_rejected(Rejection::NotTheOwner);
    given::<Route>([new_in("q")]).when(requeue(None, None)).then_nothing();
    given::<Route>([new_in("q")])
        .when(requeue(None, Some("ann")))
        .then_rejected(Rejection::NotTheOwner);
    given::<Route>([]).when(requeue(None, None)).then_rejected(Rejection::RouteUnknown);
    given::<Route>(ended()).when(requeue(None, None)).then_rejected(Rejection::RouteEnded);
}

#[test]
fn a_ticket_given_to_another_queue_leaves_the_rule_behind() {
    given::<Route>(owned()).when(requeue(Some("other"), None)).then([Event::Queued(Queued {
        level: 1,
        required_skills: Vec::new(),
        rule_id: None,
        rules_version: 0,
        ..queued_facts("other", QueuedReason::Returned, None)
    })]);
}

#[test]
fn the_rules_do_not_undo_where_a_person_has_put_it() {
    // The rules had named `q`, of level 2; a lead wants it in `other`, of level 1.
    let by_hand = || given::<Route>(owned()).and(requeue(Some("other"), None));
    by_hand().when(by_rules("q", 2)).then_nothing();
    by_hand().when(by_rules("third", 1)).then_nothing();
    by_hand().and(requeue(None, None)).when(by_rules("third", 1)).then_nothing();
    let news = Queued { level: 2, ..queued_facts("third", QueuedReason::Reclassified, None) };
    by_hand().when(by_rules("third", 2)).then([Event::Queued(news)]);
    // What a person puts back is the rules' again.
    let moved = Queued { level: 1, ..queued_facts("third", QueuedReason::Reclassified, None) };
    by_hand().and(requeue(Some("q"), None)).when(by_rules("third", 1)).then([Event::Queued(moved)]);
}

#[test]
fn a_reopened_ticket_returns_to_where_a_person_had_put_it() {
    let resolved = || {
        given::<Route>(owned())
            .and(escalation::to_queue("r", None))
            .and(Command::Assign(assign("r", "ewa", Method::Rule)))
            .and(Command::End { reason: EndReason::Resolved })
    };
    let there = Queued {
        level: 3,
        required_skills: Vec::new(),
        rule_id: None,
        rules_version: 0,
        ..queued_facts("r", QueuedReason::Reopened, Some("ewa"))
    };
    resolved().when(reopen(placing("q"), None)).then([Event::Queued(there.clone())]);
    let owner = Some(assign("r", "ewa", Method::Rule));
    let events = resolved().when(reopen(placing("q"), owner)).into_events();
    assert_eq!(events[0], Event::Queued(there));
    assert!(matches!(&events[1], Event::Assigned(to) if to.agent_id == agent("ewa")));
    let higher = Placing { level: 4, ..placing("s") };
    let moved = Queued { level: 4, ..queued_facts("s", QueuedReason::Reopened, Some("ewa")) };
    resolved().when(reopen(higher, None)).then([Event::Queued(moved)]);
}

#[test]
fn an_appeal_goes_to_nobody_who_decided() {
    let without = |reason| Queued {
        excluded_agents: [agent("ann")].into(),
        ..queued_facts("q", reason, None)
    };
    let reopen = |owner| Command::Reopen {
        placing: placing("q"),
        owner: Some(assign("q", owner, Method::Rule)),
        appeal_against: Some([agent("ann")].into()),
    };
    let reopened = Event::Queued(without(QueuedReason::Reopened));
    given::<Route>(ended()).when(reopen("ann")).then([reopened.clone()]);
    given::<Route>(ended())
        .when(reopen("bartek"))
        .then([reopened, assigned("bartek", Method::Rule)]);
    // Whoever has it then and gives it back, whatever it is classified as: it stays away from ann.
    let again = || given::<Route>(ended()).and(reopen("bartek"));
    again()
        .when(requeue(None, Some("bartek")))
        .then([Event::Queued(without(QueuedReason::Returned))]);
    let moved = again().when(place("other")).into_events();
    assert!(matches!(&moved[0], Event::Queued(to) if to.excluded_agents == [agent("ann")].into()));
    // But what is reopened later, without an appeal, is nobody's secret.
    again()
        .and(Command::End { reason: EndReason::Resolved })
        .when(super::tests::reopen(placing("q"), None))
        .then([queued("q", QueuedReason::Reopened, Some("bartek"))]);
}

#[test]
fn an_appeal_takes_an_open_ticket_from_whoever_decided() {
    let appealed = Queued {
        excluded_agents: [agent("ann")].into(),
        ..queued_facts("q", QueuedReason::Appealed, None)
    };
    given::<Route>(owned()).when(appeal(&["ann"])).then([Event::Queued(appealed.clone())]);
    given::<Route>([new_in("q")]).when(appeal(&["ann"])).then([Event::Queued(appealed)]);
    given::<Route>(owned()).and(appeal(&["ann"])).when(appeal(&["ann"])).then_nothing();
    given::<Route>(owned()).when(appeal(&["eve"])).then_nothing();
    given::<Route>(owned()).when(appeal(&[])).then_nothing();
    given::<Route>(ended()).when(appeal(&["ann"])).then_nothing();
    given::<Route>([]).when(appeal(&["ann"])).then_nothing();
}

#[test]
fn a_route_ends_once() {
    let end = |reason| Command::End { reason };
    given::<Route>([]).when(end(EndReason::Closed)).then_nothing();
    given::<Route>(owned())
        .when(end(EndReason::Resolved))
        .then([Event::Ended { reason: EndReason::Resolved }]);
    given::<Route>(ended()).when(end(EndReason::Closed)).then_nothing();
}

#[test]
fn reassignments_count_changes_of_the_owner() {
    let state = given::<Route>(owned())
        .and(requeue(None, None))
        .and(Command::Assign(assign("q", "ann", Method::Rule)))
        .and(Command::Assign(assign("q", "bartek", Method::Manual)))
        .when(Command::Accept { agent_id: agent("bartek") })
        .into_state();
    assert_eq!(state.course().unwrap().reassignments, 1);
    assert!(state.assignment().unwrap().accepted);
}

#[test]
fn a_history_is_taken_over_in_its_order() {
    let step = |step| Command::TakeOver(step);
    let first = queued_facts("q", QueuedReason::Imported, None);
    let Event::Assigned(second) = assigned("ann", Method::Import) else { unreachable!() };
    given::<Route>([])
        .when(step(Step::Assigned(second.clone())))
        .then_rejected(Rejection::RouteUnknown);
    let state = given::<Route>([])
        .and(step(Step::Begun(first.clone())))
        .and(step(Step::Assigned(second.clone())))
        .and(step(Step::Ended(EndReason::Resolved)))
        .and(step(Step::Queued(first.clone())))
        .when(step(Step::Ended(EndReason::Resolved)))
        .into_state();
    assert!(matches!(state, State::Ended(_)));
    given::<Route>(owned())
        .when(step(Step::Begun(first.clone())))
        .then_rejected(Rejection::AlreadyRouted);
    given::<Route>([]).when(step(Step::Queued(first))).then_rejected(Rejection::RouteUnknown);
    given::<Route>(ended()).when(step(Step::Assigned(second))).then_rejected(Rejection::RouteEnded);
}

fn command() -> impl Strategy<Value = Command> {
    let queue = || prop::sample::select(vec!["q", "r"]);
    let who = || prop::sample::select(vec!["ann", "bartek"]);
    let method = || prop::sample::select(vec![Method::Rule, Method::Pull, Method::Manual]);
    let reason = prop::sample::select(vec![EndReason::Resolved, EndReason::Closed]);
    prop_oneof![
        (queue(), prop::option::of(who())).prop_map(|(q, a)| Command::Place {
            placing: placing(q),
            owner: a.map(|a| assign(q, a, Method::Rule))
        }),
        (queue(), prop::option::of(who()), prop::option::of(who())).prop_map(|(q, a, d)| {
            let appeal_against = d.map(|d| [agent(d)].into());
            let owner = a.map(|a| assign(q, a, Method::Rule));
            Command::Reopen { placing: placing(q), owner, appeal_against }
        }),
        who().prop_map(|a| appeal(&[a])),
        (who(), any::<bool>())
            .prop_map(|(a, critical)| Command::EndShift { agent_id: agent(a), critical }),
        (queue(), who(), method()).prop_map(|(q, a, m)| Command::Assign(assign(q, a, m))),
        who().prop_map(|a| Command::Accept { agent_id: agent(a) }),
        (prop::option::of(queue()), prop::option::of(who())).prop_map(|(q, a)| requeue(q, a)),
        reason.prop_map(|reason| Command::End { reason }),
        (queue(), prop::option::of(who())).prop_map(|(q, a)| escalation::to_queue(q, a.map(agent))),
        (queue(), who()).prop_map(|(q, a)| escalation::to_leads(q, &[a])),
        (who(), prop::option::of(who())).prop_map(|(a, b)| escalation::pass_over(a, b, &["lena"])),
    ]
}

proptest! {
    #[test]
    fn a_route_always_has_a_queue_and_replays_to_the_same(
        commands in prop::collection::vec(command(), 0..30)
    ) {
        let mut state = State::default();
        let mut events = Vec::new();
        for command in &commands {
            let Ok(new) = Route::decide(&state, command) else { continue };
            prop_assert_eq!(&Route::decide(&state, command).unwrap(), &new);
            state = new.iter().fold(state, Route::evolve);
            events.extend(new);
            prop_assert_eq!(state == State::Absent, events.is_empty());
            prop_assert!(state.course().is_none_or(|c| !c.queue.queue_id.0.is_empty()));
        }
        prop_assert_eq!(Route::fold(&events), state);
    }
}
