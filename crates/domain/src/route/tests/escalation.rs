//! Who may escalate what to whom, and when a missed time has no effect.
use super::*;
use crate::ids::{EscalationId, Personal};
use crate::route::{
    Alarm, AlarmWhile, Escalate, EscalateTo, Escalated, EscalationKind, EscalationTrigger,
    Handover, PassOver,
};

fn handover() -> Handover {
    Handover {
        summary: Personal("No payment goes through.".into()),
        actions_done: vec![Personal("Restarted the gateway.".into())],
        next_step: Personal("Look at the certificate.".into()),
    }
}

fn escalation(id: u128) -> EscalationId {
    EscalationId(Uuid::from_u128(id))
}

fn wish(to: EscalateTo) -> Command {
    Command::Escalate(Escalate {
        escalation_id: escalation(1),
        to,
        trigger: EscalationTrigger::Complexity,
        handover: handover(),
        notify_customer: true,
    })
}

pub(super) fn to_queue(queue: &str, only_owner: Option<AgentId>) -> Command {
    wish(EscalateTo::Queue {
        queue_id: QueueId(queue.into()),
        level: 3,
        team_id: TeamId("engineers".into()),
        only_owner,
    })
}

pub(super) fn to_leads(queue: &str, leads: &[&str]) -> Command {
    wish(EscalateTo::Leads {
        queue_id: QueueId(queue.into()),
        team_id: Some(TeamId("t".into())),
        agent_ids: leads.iter().copied().map(agent).collect(),
    })
}

/// The time to accept is over for `owner`, and `next` is free.
pub(super) fn pass_over(owner: &str, next: Option<&str>, leads: &[&str]) -> Command {
    Command::PassOver(Box::new(PassOver {
        assignment_id: assign("q", owner, Method::Rule).assignment_id,
        next: next.map(|next| assign("q", next, Method::OnCall)),
        functional_id: escalation(2),
        hierarchical_id: escalation(3),
        team_id: Some(TeamId("t".into())),
        lead_agent_ids: leads.iter().copied().map(agent).collect(),
        handover: handover(),
    }))
}

fn said(kind: EscalationKind) -> Escalated {
    Escalated {
        escalation_id: escalation(1),
        kind,
        from_level: 2,
        to_level: 2,
        to_queue_id: QueueId("q".into()),
        to_team_id: Some(TeamId("t".into())),
        to_agent_ids: vec![agent("lena")],
        trigger: EscalationTrigger::Complexity,
        handover: Some(handover()),
        notify_customer: true,
    }
}

/// What is said when the owner did not accept in time.
fn not_accepted(id: u128, kind: EscalationKind, to: &[&str]) -> Event {
    Event::Escalated(Escalated {
        escalation_id: escalation(id),
        to_agent_ids: to.iter().copied().map(agent).collect(),
        trigger: EscalationTrigger::NotAccepted,
        notify_customer: false,
        ..said(kind)
    })
}

fn passed_to(next: &str) -> [Event; 3] {
    [
        not_accepted(2, EscalationKind::Functional, &[next]),
        not_accepted(3, EscalationKind::Hierarchical, &["lena"]),
        assigned(next, Method::OnCall),
    ]
}

fn in_engineering() -> [Event; 2] {
    let escalated = Escalated {
        to_level: 3,
        to_queue_id: QueueId("r".into()),
        to_team_id: Some(TeamId("engineers".into())),
        to_agent_ids: Vec::new(),
        ..said(EscalationKind::Functional)
    };
    let queued = Queued {
        level: 3,
        required_skills: Vec::new(),
        rule_id: None,
        rules_version: 0,
        ..queued_facts("r", QueuedReason::Escalated, None)
    };
    [Event::Escalated(escalated), Event::Queued(queued)]
}

#[test]
fn a_functional_escalation_puts_the_ticket_into_the_other_queue() {
    given::<Route>(owned()).when(to_queue("r", Some(agent("ann")))).then(in_engineering());
    given::<Route>(owned()).when(to_queue("r", None)).then(in_engineering());
    given::<Route>([new_in("q")]).when(to_queue("r", Some(agent("eve")))).then(in_engineering());
}

#[test]
fn a_hierarchical_escalation_leaves_the_owner() {
    let told = [Event::Escalated(said(EscalationKind::Hierarchical))];
    given::<Route>([new_in("q")]).when(to_leads("q", &["lena"])).then(told.clone());
    let state = given::<Route>(owned()).when(to_leads("q", &["lena"])).into_state();
    assert_eq!(state.assignment().unwrap().assigned.agent_id, agent("ann"));
    given::<Route>(owned()).when(to_leads("q", &["lena"])).then(told);
}

#[test]
fn an_escalation_needs_a_live_route_another_queue_and_somebody_to_tell() {
    for command in [to_queue("r", None), to_leads("q", &["lena"])] {
        given::<Route>([]).when(command.clone()).then_rejected(Rejection::RouteUnknown);
        given::<Route>(ended()).when(command).then_rejected(Rejection::RouteEnded);
    }
    given::<Route>(owned()).when(to_queue("q", None)).then_rejected(Rejection::SameQueue);
    given::<Route>(owned())
        .when(to_queue("r", Some(agent("eve"))))
        .then_rejected(Rejection::NotTheOwner);
    given::<Route>(owned()).when(to_leads("q", &[])).then_rejected(Rejection::NoLead);
    given::<Route>(owned()).when(to_leads("x", &["lena"])).then_rejected(Rejection::QueueChanged);
}

/// The time to find an owner is over.
fn unowned(queue: &str, leads: &[&str]) -> Alarm {
    Alarm {
        escalation_id: escalation(3),
        queue_id: QueueId(queue.into()),
        team_id: Some(TeamId("t".into())),
        lead_agent_ids: leads.iter().copied().map(agent).collect(),
        trigger: EscalationTrigger::NotAccepted,
        handover: handover(),
        while_it_is: AlarmWhile::Unowned,
    }
}

pub(super) fn alarm(alarm: Alarm) -> Command {
    Command::Alarm(Box::new(alarm))
}

#[test]
fn an_alarm_is_seen_though_nobody_leads() {
    for leads in [&["lena"][..], &[]] {
        let told = not_accepted(3, EscalationKind::Hierarchical, leads);
        given::<Route>([new_in("q")]).when(alarm(unowned("q", leads))).then([told]);
    }
    given::<Route>(owned()).when(alarm(unowned("q", &[]))).then_nothing();
    given::<Route>(ended()).when(alarm(unowned("q", &[]))).then_nothing();
    given::<Route>([]).when(alarm(unowned("q", &[]))).then_nothing();
    given::<Route>([new_in("q")])
        .when(alarm(unowned("x", &["lena"])))
        .then_rejected(Rejection::QueueChanged);
    let of_any = Alarm { while_it_is: AlarmWhile::Open, ..unowned("q", &["lena"]) };
    given::<Route>(owned()).when(alarm(of_any)).then([not_accepted(
        3,
        EscalationKind::Hierarchical,
        &["lena"],
    )]);
}

#[test]
fn the_leads_are_told_once_of_one_matter() {
    let late = |id| {
        let trigger = EscalationTrigger::SlaBreach;
        let escalation_id = escalation(id);
        alarm(Alarm {
            escalation_id,
            trigger,
            while_it_is: AlarmWhile::Open,
            ..unowned("q", &["lena"])
        })
    };
    let told = || given::<Route>(owned()).and(late(7));
    told().when(late(7)).then_nothing();
    told().and(requeue(None, None)).when(late(7)).then_nothing();
    assert_eq!(told().when(late(8)).into_events().len(), 1);
}

#[test]
fn what_the_law_waits_for_is_told_of_a_ticket_that_has_its_solution() {
    let late = |while_it_is| alarm(Alarm { while_it_is, ..unowned("q", &["lena"]) });
    let told = || not_accepted(3, EscalationKind::Hierarchical, &["lena"]);
    given::<Route>(ended()).when(late(AlarmWhile::Open)).then_nothing();
    given::<Route>(ended()).when(late(AlarmWhile::Routed)).then([told()]);
    given::<Route>(owned()).when(late(AlarmWhile::Routed)).then([told()]);
    given::<Route>([]).when(late(AlarmWhile::Routed)).then_nothing();
    let once = given::<Route>(ended()).and(late(AlarmWhile::Routed));
    once.when(late(AlarmWhile::Routed)).then_nothing();
}

#[test]
fn the_rules_do_not_take_back_what_a_person_escalated() {
    let escalated = || given::<Route>(owned()).and(to_queue("r", None));
    escalated().when(place("q")).then_nothing();
    escalated().when(by_rules("s", 3)).then_nothing();
    let moved = Queued { level: 4, ..queued_facts("s", QueuedReason::Reclassified, None) };
    escalated().when(by_rules("s", 4)).then([Event::Queued(moved)]);
    // Neither once its new owner has given it back, nor once the rules have raised it further.
    let given_back = escalated()
        .and(Command::Assign(assign("r", "ewa", Method::Rule)))
        .and(requeue(None, Some("ewa")));
    given_back.when(place("q")).then_nothing();
    escalated().and(by_rules("s", 4)).when(place("q")).then_nothing();
}

#[test]
fn who_does_not_accept_loses_the_ticket_to_the_next() {
    given::<Route>(owned())
        .when(pass_over("ann", Some("bartek"), &["lena"]))
        .then(passed_to("bartek"));
}

/// The leads are told, and the ticket waits for anybody but those who did not accept.
fn waits(leads: &[&str], without: &[&str]) -> [Event; 2] {
    let queued = Queued {
        excluded_agents: without.iter().copied().map(agent).collect(),
        ..queued_facts("q", QueuedReason::NotAccepted, None)
    };
    [not_accepted(3, EscalationKind::Hierarchical, leads), Event::Queued(queued)]
}

#[test]
fn nobody_gets_a_ticket_back_before_it_is_queued_for_another_reason() {
    let passed = || given::<Route>(owned()).and(pass_over("ann", Some("bartek"), &["lena"]));
    passed()
        .when(pass_over("bartek", Some("ann"), &["lena"]))
        .then(waits(&["lena"], &["ann", "bartek"]));
    given::<Route>(owned())
        .when(pass_over("ann", Some("ann"), &["lena"]))
        .then(waits(&["lena"], &["ann"]));
    // A colleague has become free, and does not accept either.
    let third = passed().and(pass_over("bartek", None, &["lena"])).and(Command::Assign(assign(
        "q",
        "celina",
        Method::Rule,
    )));
    third
        .when(pass_over("celina", Some("ann"), &["lena"]))
        .then(waits(&["lena"], &["ann", "bartek", "celina"]));
    let again = || passed().and(requeue(None, None));
    again()
        .and(Command::Assign(assign("q", "bartek", Method::Rule)))
        .when(pass_over("bartek", Some("ann"), &["lena"]))
        .then(passed_to("ann"));
}

#[test]
fn with_nobody_left_the_leads_are_told_and_the_ticket_waits() {
    for leads in [&["lena"][..], &[]] {
        given::<Route>(owned()).when(pass_over("ann", None, leads)).then(waits(leads, &["ann"]));
    }
}

#[test]
fn whoever_ends_a_shift_leaves_what_is_critical_or_not_accepted() {
    let ends = |who, critical| Command::EndShift { agent_id: agent(who), critical };
    let left = queued("q", QueuedReason::ShiftEnd, None);
    let accepted = || given::<Route>(owned()).and(Command::Accept { agent_id: agent("ann") });
    given::<Route>(owned()).when(ends("ann", false)).then([left.clone()]);
    accepted().when(ends("ann", false)).then_nothing();
    accepted().when(ends("ann", true)).then([left]);
    accepted().when(ends("eve", true)).then_nothing();
    given::<Route>([new_in("q")]).when(ends("ann", true)).then_nothing();
    given::<Route>(ended()).when(ends("ann", true)).then_nothing();
    given::<Route>([]).when(ends("ann", true)).then_nothing();
}

#[test]
fn a_time_that_ran_for_another_assignment_or_was_kept_means_nothing() {
    let late = || pass_over("ann", Some("bartek"), &["lena"]);
    given::<Route>([]).when(late()).then_nothing();
    given::<Route>([new_in("q")]).when(late()).then_nothing();
    given::<Route>(ended()).when(late()).then_nothing();
    given::<Route>(owned())
        .and(Command::Accept { agent_id: agent("ann") })
        .when(late())
        .then_nothing();
    given::<Route>(owned())
        .and(Command::Assign(assign("q", "celina", Method::Manual)))
        .when(late())
        .then_nothing();
}
