//! One incident's rows and the plan they become.
#![allow(clippy::unwrap_used)]
use wire::intake::v1::history_step::Step as Told;
use wire::routing::v1::route_step::Step as Routed;

use super::*;
use crate::import::tests::{UPDATE, Update, rows};

/// The plan of a few updates, one a minute, in words.
struct Story {
    plan: Plan,
    life: String,
    route: String,
    notes: Vec<Kind>,
}

fn told(updates: &[Update]) -> Story {
    let rows = rows(updates);
    let (plan, notes) = plan("acme", &rows).unwrap();
    let life = plan.ticket.steps.iter().map(|step| life_word(step.step.as_ref().unwrap()));
    let life = life.collect::<Vec<_>>().join(" ");
    let route = plan.route.iter().map(|step| route_word(step.step.as_ref().unwrap()));
    let route = route.collect::<Vec<_>>().join(" ");
    let notes = notes.into_iter().map(|note| note.kind).collect();
    Story { plan, life, route, notes }
}

fn life_word(step: &Told) -> String {
    match step {
        Told::WorkStarted(_) => "start".to_owned(),
        Told::Held(held) => match held.kind() {
            intake::HoldKind::ThirdParty => "hold-third-party".to_owned(),
            _ => "hold-customer".to_owned(),
        },
        Told::Unheld(_) => "unhold".to_owned(),
        Told::Resolved(resolved) => format!("resolve:{}", resolved.resolution_code),
        Told::Reopened(_) => "reopen".to_owned(),
        Told::Closed(_) => "close".to_owned(),
        Told::Priority(step) => format!("assess:{}{}", step.impact, step.urgency),
        Told::Classified(step) => format!("classify:{}", step.category_code),
    }
}

fn route_word(step: &Routed) -> String {
    match step {
        Routed::Queued(queued) => queued.queue_id.replace("sn-group-", "queue:"),
        Routed::Assigned(assigned) => assigned.agent_id.replace("sn-", "to:"),
        Routed::Ended(_) => "end".to_owned(),
    }
}

/// Updates in one state after the other.
fn states<const N: usize>(states: [&'static str; N]) -> [Update; N] {
    const TIMES: [&str; 8] =
        ["01:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00", "08:00"];
    let mut place = 0;
    states.map(|state| {
        place += 1;
        let modification = u32::try_from(place - 1).unwrap();
        Update { state, modification, at: TIMES[place - 1], ..UPDATE }
    })
}

#[test]
fn an_incident_is_registered_with_its_first_row() {
    let ticket = told(&[UPDATE]).plan.ticket;
    assert_eq!(ticket.external_number, "1");
    assert_eq!(ticket.subject, "ServiceNow incident 1");
    assert_eq!(ticket.requester_ref, "sn-caller-7");
    assert_eq!(ticket.category_code, "SN/5");
    assert_eq!(ticket.channel(), Channel::Voice);
    assert_eq!(ticket.received_at.unwrap().seconds, 1_456_790_400, "opened, not updated");
    assert!(ticket.steps.is_empty());
}

#[test]
fn a_whole_life_is_told_step_by_step_at_its_times() {
    let told = told(&states([
        "New",
        "Active",
        "Awaiting User Info",
        "Active",
        "Awaiting Vendor",
        "Resolved",
        "Resolved",
        "Closed",
    ]));
    assert_eq!(told.life, "start hold-customer unhold hold-third-party resolve:SN_6 close");
    let times: Vec<_> = told.plan.ticket.steps.iter().map(|s| s.occurred_at.unwrap()).collect();
    let hours: Vec<_> = times.iter().map(|at| (at.seconds - 1_456_790_400) / 3_600).collect();
    assert_eq!(hours, [2, 3, 4, 5, 6, 8]);
    assert_eq!(told.plan.expected.state, TicketState::Closed);
    assert_eq!(told.notes, []);
    assert_eq!(told.plan.telling_rows, 7, "the second Resolved tells nothing");
}

#[test]
fn what_a_ticket_forbids_is_bridged_at_the_same_instant() {
    assert_eq!(told(&states(["New", "Resolved"])).life, "start resolve:SN_6");
    assert_eq!(told(&states(["New", "Awaiting Problem"])).life, "start hold-third-party");
    assert_eq!(
        told(&states(["Awaiting User Info", "Awaiting Evidence"])).life,
        "start hold-customer unhold hold-customer"
    );
    let closed = told(&states(["New", "Closed"]));
    assert_eq!(closed.life, "start resolve:SN_6 close");
    assert_eq!(closed.notes, [Kind::ClosedUnresolved]);
}

#[test]
fn rows_are_told_in_the_order_of_their_times_not_of_the_file() {
    let [one, two, three] = states(["New", "Active", "Resolved"]);
    assert_eq!(told(&[three, one, two]).life, "start resolve:SN_6");
}

#[test]
fn a_reopening_is_what_reopen_count_counts() {
    let mut updates = states(["Active", "Resolved", "Active", "Resolved", "Closed"]);
    updates[2..].iter_mut().for_each(|update| update.reopens = 1);
    let told = told(&updates);
    assert_eq!(told.life, "start resolve:SN_6 reopen resolve:SN_6 close");
    assert_eq!(told.route, "queue:70 end queue:70 end");
    assert_eq!((told.plan.expected.reopens, told.plan.expected.moves), (1, 0));
    assert_eq!(told.notes, []);
}

#[test]
fn a_state_after_resolved_that_is_not_counted_is_reported_and_not_used() {
    let told = told(&states(["New", "Resolved", "New", "Closed"]));
    assert_eq!(told.life, "start resolve:SN_6 close");
    assert_eq!(told.plan.expected.reopens, 0);
    assert_eq!(told.notes, [Kind::NotReopened]);
}

#[test]
fn a_close_that_does_not_last_is_a_resolution() {
    let mut updates = states(["Active", "Resolved", "Closed", "Active", "Resolved", "Closed"]);
    updates[3..].iter_mut().for_each(|update| update.reopens = 1);
    let told = told(&updates);
    assert_eq!(told.life, "start resolve:SN_6 reopen resolve:SN_6 close");
    assert_eq!(told.notes, [Kind::EarlyClose]);
}

#[test]
fn reopenings_without_a_resolution_are_completed() {
    let mut updates = states(["Active", "Active", "Closed"]);
    updates[1..].iter_mut().for_each(|update| update.reopens = 2);
    let told = told(&updates);
    assert_eq!(told.plan.expected.reopens, 2);
    assert_eq!(told.life, "start resolve:SN_6 reopen resolve:SN_6 reopen resolve:SN_6 close");
    assert_eq!(told.route, "queue:70 end queue:70 end queue:70 end");
}

#[test]
fn closed_is_closed_once_and_later_changes_are_reported() {
    let mut updates = states(["Active", "Closed", "Closed", "Closed"]);
    updates[3].group = "71";
    let told = told(&updates);
    assert_eq!(told.life, "start resolve:SN_6 close");
    assert_eq!(told.notes, [Kind::ClosedUnresolved, Kind::AfterClose]);
}

#[test]
fn every_move_that_servicenow_counts_is_a_queue_entry() {
    let mut updates = states(["New", "Active", "Active", "Active", "Active", "Resolved"]);
    for (place, (group, agent, count)) in [
        ("70", "?", 0),
        ("70", "1", 0),
        ("71", "1", 1),
        ("?", "?", 2),
        ("71", "2", 3),
        ("71", "2", 4),
    ]
    .into_iter()
    .enumerate()
    {
        let update = &mut updates[place];
        (update.group, update.agent, update.reassignments) = (group, agent, count);
    }
    let told = told(&updates);
    assert_eq!(
        told.route,
        "queue:70 to:1 queue:71 to:1 queue:unknown queue:71 to:2 queue:71 to:2 end"
    );
    assert_eq!((told.plan.expected.moves, told.plan.expected.handovers), (4, 1));
    assert_eq!(told.notes, [Kind::GroupMissing, Kind::SameGroup]);
    assert_eq!(told.plan.groups.len(), 3);
    assert_eq!(told.plan.agents["1"].len(), 2);
}

#[test]
fn another_agent_in_the_same_group_is_no_move() {
    let mut updates = states(["Active", "Active", "Active", "Active", "Resolved"]);
    for (update, agent) in updates.iter_mut().zip(["1", "2", "?", "?", "3"]) {
        update.agent = agent;
    }
    let told = told(&updates);
    assert_eq!(told.route, "queue:70 to:1 to:2 to:3 end");
    assert_eq!((told.plan.expected.moves, told.plan.expected.handovers), (0, 2));
    assert_eq!(told.notes, [Kind::AgentLost], "said once");
}

#[test]
fn what_happens_to_a_resolved_ticket_s_route() {
    let mut updates = states(["Active", "Resolved", "Resolved", "Resolved", "Active"]);
    for (update, (group, agent, moves, reopens)) in updates.iter_mut().zip([
        ("70", "1", 0, 0),
        ("70", "1", 0, 0),
        ("70", "2", 0, 0),
        ("71", "2", 1, 0),
        ("71", "2", 1, 1),
    ]) {
        (update.group, update.agent) = (group, agent);
        (update.reassignments, update.reopens) = (moves, reopens);
    }
    let told = told(&updates);
    assert_eq!(told.route, "queue:70 to:1 end queue:71 to:2 end queue:71 to:2");
    assert_eq!((told.plan.expected.moves, told.plan.expected.handovers), (1, 1));
    assert_eq!(told.notes, [Kind::AgentAfterEnd]);
}

#[test]
fn moves_before_the_export_begins_are_not_forgotten() {
    let told = told(&[Update { reassignments: 2, ..UPDATE }]);
    assert_eq!(told.route, "queue:unknown queue:70");
    assert_eq!(told.plan.expected.moves, 1);
    assert_eq!(told.notes, [Kind::UnseenMoves]);
    assert!(told.plan.groups.contains(&None));
}

#[test]
fn assessments_and_categories_change_and_missing_ones_do_not() {
    let mut updates = states(["New", "Active", "Active", "Active"]);
    updates[1].assessment = (1, 1, 1);
    updates[2].assessment = (1, 1, 3);
    updates[3].assessment = (1, 1, 3);
    (updates[1].category, updates[2].category, updates[3].category) = ("6", "?", "6");
    let told = told(&updates);
    assert_eq!(told.life, "assess:11 classify:SN/6 start");
    assert_eq!(told.plan.expected.priority, Priority::P1);
    assert_eq!(told.notes, [Kind::OffMatrix, Kind::CategoryLost]);
}

#[test]
fn an_incident_opened_after_its_first_update_is_received_at_that_update() {
    let rows = rows(&[Update { at: "00:00", ..UPDATE }]);
    let early = rows[0].updated_at - jiff::SignedDuration::from_hours(1);
    let row = Row { updated_at: early, ..rows[0].clone() };
    let (plan, notes) = plan("acme", &[row]).unwrap();
    assert_eq!(plan.ticket.received_at.unwrap().seconds, early.as_second());
    assert_eq!(notes[0].kind, Kind::OpenedLater);
}

#[test]
fn different_updates_with_the_same_count_are_both_used() {
    let mut updates = states(["New", "Active"]);
    updates[1].modification = 0;
    let told = told(&updates);
    assert_eq!(told.life, "start");
    assert_eq!(told.notes, [Kind::SameModification]);
}

#[test]
fn a_history_without_end_is_refused() {
    let row = rows(&[UPDATE]).remove(0);
    let refused = plan("acme", &[Row { reopens: u32::MAX, ..row }]).unwrap_err();
    assert_eq!(refused, "its history has more than 500 steps");
}

#[test]
fn the_same_rows_make_the_same_calls_and_another_tenant_makes_others() {
    let (one, again) = (told(&[UPDATE]).plan, told(&[UPDATE]).plan);
    assert_eq!(one.ticket, again.ticket);
    assert_eq!(one.route("t".to_owned()), again.route("t".to_owned()));
    assert_ne!(one.ticket.request_id, one.route("t".to_owned()).request_id);
    let (other, _) = plan("bazar", &rows(&[UPDATE])).unwrap();
    assert_ne!(one.ticket.request_id, other.ticket.request_id);
}
