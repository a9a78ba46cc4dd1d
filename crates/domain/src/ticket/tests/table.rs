//! Every command in every stage of life and by every role: allowed or refused.
//! `docs/COMMANDS.md` shows the same table.
use std::collections::BTreeSet;

use super::complaint::*;
use super::request::extend_request;
use super::*;
use crate::complaint::Command::{
    Decide, DeemAccepted, DenySilence, Extend, FileAppeal, Open, Reclassify, RecordItem,
    RequestInfo,
};
use crate::role::Role;

/// The stages in the order of the columns below.
fn stages() -> [State; 6] {
    let in_stage = |more: Vec<Command>| after([imported(), start_work()].into_iter().chain(more));
    let new = Ticket::decide(&State::default(), &imported()).unwrap();
    [
        Ticket::fold(&new),
        in_stage(vec![]),
        in_stage(vec![hold_for_customer()]),
        in_stage(vec![hold_for_third_party()]),
        in_stage(vec![resolve()]),
        in_stage(vec![Command::MarkSpam { now: at(0) }]),
    ]
}

fn after(way: impl IntoIterator<Item = Command>) -> State {
    way.into_iter().fold(State::default(), |state, command| {
        let events = Ticket::decide(&state, &command).unwrap();
        events.iter().fold(state, Ticket::evolve)
    })
}

/// A command, its stages and its roles: `+` allowed, `-` refused.
type Row = (Command, &'static str, &'static str);

fn table() -> Vec<Row> {
    let agents = "- + + + - - - - - - -";
    let agents_system = "- + + + - - - + - - -";
    let machines = "- + + + - - + + - - -";
    let system = "- - - - - - - + - - -";
    let assessors = "- + + + - + + + - - -";
    let first = registered().ticket_id.0.as_u128();
    vec![
        // Columns: New Open WaitingCustomer WaitingThirdParty Resolved Closed (as spam);
        // Customer Agent Expert Lead SlaManager ProcessOwner Integrator System Admin Auditor
        // Analyst.
        (imported(), "- - - - - -", "+ + + + - - + + - - -"),
        (inbound(1), "+ + + + + -", "+ + + + - - + + - - -"),
        (Command::AddNote(message(1)), "+ + + + + +", machines),
        (Command::AddEvidence(message(1)), "+ + + + + +", machines),
        (Command::AddTask(message(1)), "+ + + + + +", system),
        (Command::RepeatAlert(message(1)), "+ + + + + -", machines),
        (note_handover(1, true), "+ + + + + +", system),
        (classify(TicketType::Request), "+ + + + + -", assessors),
        (set_priority(Level::High, Level::Low, Authority::Agent), "+ + + + + -", assessors),
        (start_work(), "+ - - - - -", agents),
        (send_reply(1), "+ + + + + -", agents),
        (send_update(1, UpdateKind::Update), "+ + + + + -", agents_system),
        (Command::TellNoNews { message: message(1), silent_since: at(0) }, "+ + - + - -", system),
        (extend_request(), "+ + + + - -", "- - + + - + - - - - -"),
        (make_promise(1, PromiseKind::NextUpdate), "+ + + + - -", agents_system),
        (hold_for_customer(), "- + - - - -", agents),
        (hold_for_third_party(), "- + - - - -", agents),
        (
            Command::TakeOverHold { hold_id: hold(), kind: HoldKind::Customer },
            "- + - - - -",
            "- - - - - - + + - - -",
        ),
        (unhold(UnholdTrigger::Manual), "- - + + - -", machines),
        (unhold(UnholdTrigger::Timeout), "- - + + - -", machines),
        (unhold(UnholdTrigger::CustomerReply), "- - + - - -", machines),
        (unhold(UnholdTrigger::VendorReply), "- - - + - -", machines),
        (Command::GiveUpSupplier { hold_id: hold(), task: message(1) }, "- - - + - -", system),
        (resolve(), "- + + + - -", agents_system),
        (take_over_solution(), "- + + + - -", "- - - - - - + + - - -"),
        (confirm(), "- - - - + -", "+ - - - - - - - - - -"),
        (reject_resolution(), "- - - - + -", "+ - - - - - - - - - -"),
        (reopen(), "- - - - + -", agents),
        (withdraw(), "+ + + + + -", "+ + + + - - - - - - -"),
        (merge(Other { requester: None, ..other(5) }), "+ + + + + -", agents),
        (Command::TakeInMerged { source: ticket_id(6) }, "+ + + + + +", system),
        (split(&[first]), "+ + + + + -", agents),
        (Command::MarkSpam { now: at(0) }, "+ + - - - -", agents_system),
        (Command::UnmarkSpam { now: at(0) }, "- - - - - +", agents),
        (link_to(LinkKind::Related, 5, &[]), "+ + + + + +", agents_system),
        (Command::Unlink(link(LinkKind::Related, 5)), "+ + + + + +", agents_system),
        (Command::NoteLinked(link(LinkKind::ParentOf, 5)), "+ + + + + +", system),
        (Command::NoteUnlinked(link(LinkKind::ParentOf, 5)), "+ + + + + +", system),
        (note_contact(1, true, None), "+ + + + + +", system),
        (broadcast(1), "+ + + + + -", system),
        (cascade(5), "+ + + + - -", system),
        (give_up(hold()), "- - + - - -", system),
        (auto_close(), "- - - - + -", system),
        (link_party(3, PartyRole::Cc, Identification::None), "+ + + + + +", agents_system),
    ]
}

/// The same for what may be asked of the complaint part.
fn complaints() -> Vec<Row> {
    let agents = "- + + + - - - - - - -";
    let both_sides = "+ + + + - - - - - - -";
    let authority = "- - + + - + - - - - -";
    let machines = "- - + + - - + + - - -";
    let late = FileAppeal(crate::complaint::FileAppeal { admitted_by_lead: true, ..appeal() });
    let rows = vec![
        (Open(opening()), "+ + + + - -", "+ + + + - - + + - - -"),
        (Reclassify(other_law()), "+ + + + - -", authority),
        (Reclassify(no_complaint()), "+ + + + - -", "- - - + - + - - - - -"),
        (state_claims(), "+ + + + - -", "+ + + + - - + + - - -"),
        (RequestInfo(request()), "- + - - - -", agents),
        (inform(), "- + + - - -", both_sides),
        (Extend(extend()), "+ + + + - -", authority),
        (Decide(Box::new(decide())), "- + + + - -", "- + + + - + - - - - -"),
        (Decide(Box::new(on_appeal())), "- + + + - -", authority),
        (DeemAccepted(deem()), "+ + + + + -", "- - - - - - - + - - -"),
        (RecordItem { delivered_at: at(60) }, "+ + + + - -", "- + + + - - + - - - -"),
        (
            DenySilence { instance: crate::complaint::Instance::First },
            "+ + + + + +",
            "- - - - - - - + - - -",
        ),
        (evidence(), "+ + + + + +", machines),
        (executed(), "+ + + + + +", "- + + + - - + - - - -"),
        (waived(), "+ + + + + +", both_sides),
        (FileAppeal(appeal()), "- - - - + +", both_sides),
        (late, "- - - - + +", "- - - + - - - - - - -"),
    ];
    rows.into_iter().map(|(command, stages, roles)| (complain(command), stages, roles)).collect()
}

fn everything() -> Vec<Row> {
    [table(), complaints()].concat()
}

/// `AddNote` of `AddNote(…)`.
fn name(command: &Command) -> String {
    first_word(&format!("{command:?}"))
}

fn first_word(text: &str) -> String {
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// The same, and of a complaint's command its own name.
fn title(command: &Command) -> String {
    match command {
        Command::Complaint(complain) => first_word(&format!("{:?}", complain.command)),
        other => name(other),
    }
}

#[test]
fn every_command_has_a_row() {
    let source = include_str!("../command.rs");
    let body = source.split("pub enum Command {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let commands: BTreeSet<String> = body
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect();
    assert!(commands.len() > 25, "the commands were found: {commands:?}");
    let rows = everything().iter().map(|(command, ..)| name(command)).collect();
    assert_eq!(commands, rows, "each command has a row in the table");
}

#[test]
fn each_command_is_allowed_in_its_stages_and_refused_in_the_others() {
    for (command, row, _) in everything() {
        for (state, mark) in stages().iter().zip(row.split(' ')) {
            let outcome = Ticket::decide(state, &command);
            let stage = state.stage().unwrap();
            match (mark, outcome) {
                ("+", Err(refusal @ Rejection::WrongStage { .. })) => {
                    panic!("{command:?} in {stage:?}: {refusal:?}")
                }
                // The table speaks of stages; a link that is not there is another rule.
                ("+", _) | (_, Err(Rejection::AlreadyRegistered)) => {}
                (_, Err(Rejection::WrongStage { current, allowed })) => {
                    assert_eq!(current, stage);
                    assert!(!allowed.contains(&stage));
                }
                (_, other) => panic!("{command:?} in {stage:?}: {other:?}"),
            }
        }
    }
}

#[test]
fn an_appeal_has_another_row_where_the_customer_has_reopened_the_ticket() {
    let looked_at = |reopening: Command, hold: Option<Command>| {
        let way = [imported(), start_work(), resolve(), reopening].into_iter().chain(hold);
        let outcome = Ticket::decide(&after(way), &complain(FileAppeal(appeal())));
        !matches!(outcome, Err(Rejection::WrongStage { .. }))
    };
    for hold in [None, Some(hold_for_customer()), Some(hold_for_third_party())] {
        assert!(looked_at(inbound(7), hold.clone()), "{hold:?}");
        assert!(looked_at(reject_resolution(), hold.clone()), "{hold:?}");
        assert!(!looked_at(reopen(), hold.clone()), "{hold:?}");
    }
    // What was resolved since is appealed as ever.
    assert!(looked_at(inbound(7), Some(resolve())));
}

#[test]
fn what_a_stage_allows_is_carried_out() {
    let needs_more = ["Unlink", "CascadeResolve", "ExtendRequest"];
    for (command, row, _) in table() {
        for (state, mark) in stages().iter().zip(row.split(' ')) {
            let outcome = Ticket::decide(state, &command);
            if mark == "+" && !needs_more.contains(&name(&command).as_str()) {
                assert!(outcome.is_ok(), "{command:?} in {:?}: {outcome:?}", state.stage());
            }
        }
    }
}

#[test]
fn each_command_is_for_its_roles_and_no_other() {
    for (command, _, row) in everything() {
        let marks: Vec<&str> = row.split(' ').collect();
        assert_eq!(marks.len(), Role::ALL.len(), "{command:?}");
        for (role, mark) in Role::ALL.into_iter().zip(marks) {
            let permission = command.permission();
            assert_eq!(permission.is_of(role), mark == "+", "{command:?} by {role}");
        }
    }
}

#[test]
fn nothing_but_registration_is_possible_before_it() {
    for (command, ..) in everything() {
        let outcome = Ticket::decide(&State::Absent, &command);
        match command {
            Command::Register(_) => assert!(outcome.is_ok()),
            _ => assert_eq!(outcome, Err(Rejection::NotRegistered)),
        }
    }
}

#[test]
fn a_refusal_lists_every_allowed_stage() {
    for (command, row, _) in everything() {
        for state in stages() {
            let Err(Rejection::WrongStage { allowed, .. }) = Ticket::decide(&state, &command)
            else {
                continue;
            };
            let expected: Vec<Stage> = stages()
                .iter()
                .zip(row.split(' '))
                .filter(|(_, mark)| *mark == "+")
                .filter_map(|(state, _)| state.stage())
                .collect();
            assert_eq!(allowed, expected, "{command:?}");
        }
    }
}

/// The table for readers; `-- --nocapture` prints it.
#[test]
fn the_matrix_is_the_one_in_the_docs() {
    let mut page = format!("{:<42} {:<13}   roles\n", "", "stages");
    page += &format!("{:<19} {:<22} N O C T R X   ", "command", "permission");
    page += "c a e l m o i s d u n\n";
    for (command, stages, roles) in everything() {
        let permission = command.permission().name();
        page += &format!("{:<19} {permission:<22} {stages}   {roles}\n", title(&command));
    }
    eprintln!("{page}");
    let docs = include_str!("../../../../../docs/COMMANDS.md");
    let known = docs.split("```").nth(1).unwrap().trim_start_matches("text\n");
    assert!(known == page, "docs/COMMANDS.md differs: put in it what is printed above");
}
