//! Every command in every stage of life: allowed or refused.
use super::*;

/// The stages in the order of the columns below.
fn stages() -> [State; 6] {
    let open = [imported(), start_work()];
    let in_stage = |more: Vec<Command>| {
        open.iter().cloned().chain(more).fold(State::default(), |state, command| {
            let events = Ticket::decide(&state, &command).unwrap();
            events.iter().fold(state, Ticket::evolve)
        })
    };
    let new = Ticket::decide(&State::default(), &imported()).unwrap();
    [
        Ticket::fold(&new),
        in_stage(vec![]),
        in_stage(vec![hold_for_customer()]),
        in_stage(vec![hold_for_third_party()]),
        in_stage(vec![resolve()]),
        in_stage(vec![resolve(), Command::AutoClose]),
    ]
}

/// `+` allowed, `-` refused because of the stage.
fn table() -> Vec<(Command, &'static str)> {
    vec![
        //                                            N O WC WT R C
        (Command::AddInboundMessage(message(1)), "+ + + + + -"),
        (Command::AddNote(message(1)), "+ + + + + +"),
        (classify(TicketType::Request), "+ + + + + -"),
        (set_priority(Level::High, Level::Low, Authority::Agent), "+ + + + + -"),
        (start_work(), "+ - - - - -"),
        (send_reply(1), "+ + + + + -"),
        (hold_for_customer(), "- + - - - -"),
        (hold_for_third_party(), "- + - - - -"),
        (Command::TakeOverHold { hold_id: hold(), kind: HoldKind::Customer }, "- + - - - -"),
        (unhold(UnholdTrigger::Manual), "- - + + - -"),
        (unhold(UnholdTrigger::Timeout), "- - + + - -"),
        (unhold(UnholdTrigger::CustomerReply), "- - + - - -"),
        (unhold(UnholdTrigger::VendorReply), "- - - + - -"),
        (resolve(), "- + + + - -"),
        (Command::ConfirmResolution, "- - - - + -"),
        (reject_resolution(), "- - - - + -"),
        (reopen(), "- - - - + -"),
        (Command::AutoClose, "- - - - + -"),
    ]
}

#[test]
fn each_command_is_allowed_in_its_stages_and_refused_in_the_others() {
    for (command, row) in table() {
        for (state, mark) in stages().iter().zip(row.split(' ')) {
            let outcome = Ticket::decide(state, &command);
            let stage = state.stage().unwrap();
            match mark {
                "+" => assert!(outcome.is_ok(), "{command:?} in {stage:?}: {outcome:?}"),
                _ => match outcome {
                    Err(Rejection::WrongStage { current, allowed }) => {
                        assert_eq!(current, stage);
                        assert!(!allowed.contains(&stage));
                    }
                    other => panic!("{command:?} in {stage:?}: {other:?}"),
                },
            }
        }
    }
}

#[test]
fn nothing_but_registration_is_possible_before_it() {
    for (command, _) in table() {
        assert_eq!(Ticket::decide(&State::Absent, &command), Err(Rejection::NotRegistered));
    }
}

#[test]
fn a_refusal_lists_every_allowed_stage() {
    for (command, row) in table() {
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
