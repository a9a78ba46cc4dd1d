//! What holds for every sequence of commands.
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => Just(Command::Register(registered(5))),
        3 => "[A-Z][a-z]{2,8}".prop_map(|name| Command::Update(profile(&name))),
        2 => any::<bool>().prop_map(|allowed| {
            Command::SetPreference(Preference { allowed, ..preference(None) })
        }),
        1 => (1..9_u32).prop_map(merge),
        1 => prop_oneof![Just(None), Just(Some(date(2026, 12, 31)))].prop_map(hold),
        1 => Just(Command::LiftLegalHold { basis: "settled".to_owned() }),
        1 => (0..2_u64).prop_map(restrict),
        1 => Just(lift_restriction()),
        1 => (0..2_u64).prop_map(|open_tickets| {
            Command::Erase(Erase { open_tickets, ..erase() })
        }),
    ]
}

fn run(state: &mut State, command: &Command) -> Vec<Event> {
    let events = Party::decide(state, command).unwrap_or_default();
    for event in &events {
        *state = Party::evolve(std::mem::take(state), event);
    }
    events
}

proptest! {
    #[test]
    fn replay_gives_the_same_state(commands in prop::collection::vec(command(), 0..40)) {
        let mut state = State::default();
        let mut events = Vec::new();
        for command in &commands {
            events.extend(run(&mut state, command));
        }
        prop_assert_eq!(Party::fold(&events), state);
    }

    #[test]
    fn what_was_just_done_changes_nothing_a_second_time(
        before in prop::collection::vec(command(), 0..10), last in command(),
    ) {
        let mut state = State::default();
        for command in &before {
            run(&mut state, command);
        }
        if !run(&mut state, &last).is_empty() {
            let again = Party::decide(&state, &last);
            prop_assert!(
                matches!(&again, Ok(events) if events.is_empty())
                    || again == Err(Rejection::AlreadyRegistered)
                    // Whoever was never registered is nobody again.
                    || (again == Err(Rejection::NotRegistered) && state == State::Absent),
                "{:?}", again,
            );
        }
    }

    #[test]
    fn nothing_is_erased_under_a_hold(commands in prop::collection::vec(command(), 0..40)) {
        let mut state = State::default();
        for command in &commands {
            let held = state.hold().is_some();
            let events = run(&mut state, command);
            prop_assert!(!held || !matches!(events.as_slice(), [Event::Erased(_)]));
        }
    }

    /// Each merge is decided with what its party knew, whatever the others did meanwhile.
    #[test]
    fn no_chain_of_aliases_comes_back(merges in prop::collection::vec((1..9_u32, 1..9_u32), 0..60)) {
        let mut parties: BTreeMap<u32, State> = (1..9)
            .map(|n| (n, Party::fold(&[Event::Registered(registered(n))])))
            .collect();
        for (from, into) in merges {
            run(parties.get_mut(&from).unwrap(), &merge(into));
        }
        for start in 1..9_u32 {
            let mut party = id(start.into());
            for _ in 0..parties.len() {
                let n = u32::try_from(party.0.as_u128()).unwrap();
                match &parties[&n] {
                    State::Alias(_, into) => party = *into,
                    _ => break,
                }
            }
            let n = u32::try_from(party.0.as_u128()).unwrap();
            prop_assert!(matches!(parties[&n], State::Live(_)), "{start} leads to a party");
        }
    }
}
