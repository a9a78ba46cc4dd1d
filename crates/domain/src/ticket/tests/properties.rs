//! What holds for every sequence of commands.
use proptest::prelude::*;

use super::*;

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::High), Just(Level::Medium), Just(Level::Low)]
}

fn kind() -> impl Strategy<Value = TicketType> {
    prop_oneof![
        Just(TicketType::Incident),
        Just(TicketType::Complaint),
        Just(TicketType::DataSubjectRequest),
    ]
}

fn authority() -> impl Strategy<Value = Authority> {
    prop_oneof![Just(Authority::Agent), Just(Authority::Lead)]
}

fn trigger() -> impl Strategy<Value = UnholdTrigger> {
    prop_oneof![
        Just(UnholdTrigger::CustomerReply),
        Just(UnholdTrigger::VendorReply),
        Just(UnholdTrigger::Manual),
        Just(UnholdTrigger::Timeout),
        Just(UnholdTrigger::Resolved),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => Just(imported()),
        1 => kind().prop_map(of_type),
        3 => any::<u128>().prop_map(|id| Command::AddInboundMessage(message(id))),
        1 => any::<u128>().prop_map(|id| Command::AddNote(message(id))),
        1 => kind().prop_map(classify),
        2 => (level(), level(), authority()).prop_map(|(i, u, a)| set_priority(i, u, a)),
        3 => Just(start_work()),
        2 => any::<u128>().prop_map(send_reply),
        2 => Just(hold_for_customer()),
        2 => Just(hold_for_third_party()),
        1 => Just(Command::TakeOverHold { hold_id: hold(), kind: HoldKind::ThirdParty }),
        2 => trigger().prop_map(unhold),
        3 => Just(resolve()),
        1 => Just(Command::ConfirmResolution),
        1 => Just(reject_resolution()),
        1 => Just(reopen()),
        1 => Just(Command::AutoClose),
    ]
}

/// Runs the commands; refused ones change nothing.
fn history(commands: &[Command]) -> (State, Vec<Event>) {
    let mut state = State::default();
    let mut history = Vec::new();
    for command in commands {
        for event in Ticket::decide(&state, command).unwrap_or_default() {
            state = Ticket::evolve(state, &event);
            history.push(event);
        }
    }
    (state, history)
}

proptest! {
    #[test]
    fn replay_gives_the_same_state(commands in prop::collection::vec(command(), 0..40)) {
        let (state, events) = history(&commands);
        prop_assert_eq!(Ticket::fold(&events), state);
    }

    #[test]
    fn what_a_ticket_was_registered_with_never_changes(
        commands in prop::collection::vec(command(), 0..40),
    ) {
        let (state, events) = history(&commands);
        match events.first() {
            None => prop_assert_eq!(state, State::Absent),
            Some(Event::Registered(first)) => {
                prop_assert_eq!(&state.facts().unwrap().registered, first);
            }
            Some(other) => prop_assert!(false, "first event {:?}", other),
        }
    }

    #[test]
    fn a_registered_ticket_has_a_priority_and_a_hold_exactly_while_it_waits(
        commands in prop::collection::vec(command(), 1..40),
    ) {
        let (state, events) = history(&commands);
        if let Some(facts) = state.facts() {
            prop_assert!(facts.assessment.is_some());
        }
        let held = events.iter().filter(|event| matches!(event, Event::Held(_))).count();
        let unheld = events.iter().filter(|event| matches!(event, Event::Unheld { .. })).count();
        prop_assert_eq!(held - unheld, usize::from(state.hold().is_some()));
    }

    #[test]
    fn after_the_close_there_are_only_notes(
        commands in prop::collection::vec(command(), 0..60),
    ) {
        let (_, events) = history(&commands);
        let after = events
            .iter()
            .skip_while(|event| !matches!(event, Event::Closed { .. }))
            .skip(1);
        for event in after {
            let is_note = matches!(
                event,
                Event::MessageAdded(added) if added.purpose == MessagePurpose::Note
            );
            prop_assert!(is_note, "{:?}", event);
        }
    }

    #[test]
    fn a_prefix_of_a_history_is_a_valid_state(
        commands in prop::collection::vec(command(), 1..30),
        cut in any::<prop::sample::Index>(),
        next in command(),
    ) {
        let (_, events) = history(&commands);
        let prefix = cut.index(events.len() + 1);
        let state = Ticket::fold(&events[..prefix]);
        for event in Ticket::decide(&state, &next).unwrap_or_default() {
            let _ = Ticket::evolve(state.clone(), &event);
        }
    }
}
