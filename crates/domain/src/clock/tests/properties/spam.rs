//! What was not spam stands as if it had never been closed.
use super::*;
use crate::ids::MessageId;

fn observe(state: State, (at, fact): (Timestamp, Fact), terms: &Terms) -> State {
    let (event_id, terms, historical) = (Uuid::nil(), terms.clone(), false);
    let seen = Observation { event_id, at, historical, terms, fact };
    let events = Clocks::decide(&state, &Command::Observe(seen)).unwrap();
    events.iter().fold(state, Clocks::evolve)
}

/// Everything that has come by then has been noticed.
fn until(mut state: State, now: Timestamp) -> State {
    while let Some(timer) = due_timers(&state).into_iter().find(|timer| timer.at <= now) {
        let fire = Command::Fire { id: timer.id, what: timer.what, now };
        let events = Clocks::decide(&state, &fire).unwrap();
        assert!(!events.is_empty(), "{timer:?} fires for ever");
        state = events.iter().fold(state, Clocks::evolve);
    }
    state
}

fn forgiven(state: State, kind: ClockKind) -> State {
    let Some(clock_id) = state.latest(kind).map(|clock| clock.id) else { return state };
    let (excuse, by, note) = (Excuse::Excused, AgentId("sm".into()), "why".into());
    match Clocks::decide(&state, &Command::VoidBreach { clock_id, excuse, by, note }) {
        Ok(events) => events.iter().fold(state, Clocks::evolve),
        Err(_) => state,
    }
}

/// What a clock says of lateness.
type Told = (ClockId, bool, Option<Timestamp>, Option<Breach>, Vec<Warn>, Standing);

/// What a ticket's clocks say of lateness: what queue and owner owe begins anew.
fn standings(state: &State, now: Timestamp, terms: &Terms) -> Vec<Told> {
    let owed = |clock: &&Clock| !matches!(clock.kind, ClockKind::Assign | ClockKind::Accept);
    let clocks = state.clocks.iter().filter(owed);
    let standing = |clock: &Clock| {
        let standing = standing(clock, now, terms).unwrap();
        (clock.id, clock.is_live(), clock.due_at, clock.breach, clock.warn_at.clone(), standing)
    };
    clocks.map(standing).collect()
}

fn any_kind() -> impl Strategy<Value = TicketType> {
    proptest::sample::select(vec![TicketType::Inquiry, TicketType::DataSubjectRequest])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_was_not_spam_stands_as_if_it_had_never_been_closed(
        ticket_type in any_kind(),
        priority in proptest::sample::select(Priority::ALL.to_vec()),
        (replies, extends, late) in any::<(bool, bool, bool)>(),
        excused in proptest::option::of(proptest::sample::select(ClockKind::ALL.to_vec())),
        gaps in proptest::collection::vec(1..400_000i64, 5),
    ) {
        let terms = terms(Reopen::Continue);
        let mut now: Timestamp = "2026-03-27T15:30:00Z".parse().unwrap();
        let mut gaps = gaps.into_iter();
        let mut next = || {
            now = now.checked_add(SignedDuration::from_secs(gaps.next().unwrap_or(60))).unwrap();
            now
        };
        let received_at = next();
        let ticket = TicketFacts {
            ticket_id: TicketId(Uuid::from_u128(3)),
            received_at,
            channel: Channel::Email,
            has_requester: true,
            awaits_reply: true,
            priority: Some(priority),
            entitlement: Entitlement::of_type(ticket_type),
            solved_at: None,
            extension: None,
        };
        let registered = (received_at, Fact::TicketRegistered(ticket));
        let mut state = observe(State::default(), registered, &terms);
        let promise = Fact::PromiseMade {
            promise_id: Uuid::from_u128(9),
            kind: PromiseKind::Callback,
            due_at: received_at.checked_add(SignedDuration::from_hours(60)).unwrap(),
            replaces: None,
        };
        state = observe(state, (next(), promise), &terms);
        if replies {
            let reply = Fact::MessageAdded { kind: MessageKind::Reply, channel: Channel::Email };
            state = observe(state, (next(), reply), &terms);
        }
        if extends {
            let new_last_day = "2026-05-01".parse().unwrap();
            let notice_message_id = MessageId(Uuid::from_u128(8));
            let fact = Fact::RequestExtended { new_last_day, notice_message_id };
            state = observe(state, (next(), fact), &terms);
        }
        let (spam, back) = (next(), next());
        if late {
            state = until(state, spam);
            state = excused.into_iter().fold(state, forgiven);
        }
        let closed = Fact::Closed { reason: CloseReason::Spam };
        let reopened = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
        let returned = observe(state.clone(), (spam, closed), &terms);
        let returned = until(observe(returned, (back, reopened), &terms), back);
        let never = until(state, back);
        prop_assert_eq!(standings(&returned, back, &terms), standings(&never, back, &terms));
    }
}
