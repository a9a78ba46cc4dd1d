//! What holds for every sequence of commands.
use proptest::prelude::*;

use super::*;

fn reason() -> impl Strategy<Value = RouteReason> {
    prop_oneof![
        Just(RouteReason::IvrChoice),
        Just(RouteReason::BotHandover),
        Just(RouteReason::CustomerAsked),
        Just(RouteReason::Transfer),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Handled),
        Just(Outcome::ContainedByBot),
        Just(Outcome::AbandonedIvr),
        Just(Outcome::AbandonedQueue),
        Just(Outcome::Rejected),
        Just(Outcome::CallbackRequested),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let second = 0..600_i64;
    prop_oneof![
        1 => any::<bool>().prop_map(|ai| start(started(ContactChannel::Chatbot, ai))),
        2 => (second.clone(), reason()).prop_map(|(s, r)| Command::Route(to_person(s, r))),
        2 => (second.clone(), reason()).prop_map(|(s, r)| Command::Route(to_bot(s, r))),
        2 => (second.clone(), 0..99_u64).prop_map(|(s, w)| answer(person(s, w))),
        2 => second.clone().prop_map(|s| answer(bot(s))),
        1 => (second, outcome(), 0..99_u64).prop_map(|(s, o, talk)| {
            end(Ended { talk: seconds(talk), ..ended(s, o) })
        }),
    ]
}

fn history(commands: &[Command]) -> (State, Vec<Event>) {
    let mut state = State::default();
    let mut history = Vec::new();
    for command in commands {
        for event in Contact::decide(&state, command).unwrap_or_default() {
            state = Contact::evolve(state, &event);
            history.push(event);
        }
    }
    (state, history)
}

fn instant(event: &Event) -> Timestamp {
    match event {
        Event::Started(started) => started.started_at,
        Event::Routed(routed) => routed.routed_at,
        Event::Answered(answered) => answered.answered_at,
        Event::Ended(ended) => ended.ended_at,
    }
}

proptest! {
    #[test]
    fn replay_gives_the_same_state(commands in prop::collection::vec(command(), 0..40)) {
        let (state, events) = history(&commands);
        prop_assert_eq!(Contact::fold(&events), state);
    }

    #[test]
    fn time_never_goes_back(commands in prop::collection::vec(command(), 0..40)) {
        let (_, events) = history(&commands);
        prop_assert!(events.is_sorted_by_key(instant));
    }

    /// In whatever stage a live contact is, the customer gets a person for the asking.
    #[test]
    fn a_person_is_always_there_for_the_asking(
        commands in prop::collection::vec(command(), 0..40),
    ) {
        let (state, _) = history(&commands);
        if let State::Live(_) = &state {
            let ask = Command::Route(to_person(700, RouteReason::CustomerAsked));
            let asked = Contact::decide(&state, &ask);
            prop_assert!(asked.is_ok(), "{:?}", asked);
        }
    }

    #[test]
    fn after_a_route_to_a_person_no_machine_answers(
        commands in prop::collection::vec(command(), 0..40),
    ) {
        let (_, events) = history(&commands);
        let promised = events
            .iter()
            .skip_while(|event| !matches!(event, Event::Routed(r) if r.target == Target::Human));
        for event in promised {
            let by_bot = matches!(event, Event::Answered(a) if a.by == Answerer::Bot);
            prop_assert!(!by_bot);
        }
    }
}
