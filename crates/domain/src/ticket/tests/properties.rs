//! What holds for every sequence of commands.
use proptest::prelude::*;

use super::complaint::*;
use super::request::extend_request;
use super::*;
use crate::complaint::Command::{
    Decide, DeemAccepted, FileAppeal, Open, Reclassify, RecordEvidence, RequestInfo,
};
use crate::complaint::Evidence;

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
        1 => Just(register_complaint()),
        3 => any::<u128>().prop_map(inbound),
        1 => any::<u128>().prop_map(|id| Command::AddNote(message(id))),
        1 => any::<u128>().prop_map(|id| Command::RepeatAlert(message(id))),
        1 => (any::<u128>(), any::<bool>()).prop_map(|(id, escalates)| note_handover(id, escalates)),
        1 => (0..3u128, any::<bool>()).prop_map(|(id, out)| note_contact(id, out, Some(id))),
        1 => kind().prop_map(classify),
        2 => (level(), level(), authority()).prop_map(|(i, u, a)| set_priority(i, u, a)),
        3 => Just(start_work()),
        2 => any::<u128>().prop_map(send_reply),
        1 => Just(extend_request()),
        2 => Just(hold_for_customer()),
        2 => Just(hold_for_third_party()),
        1 => Just(Command::TakeOverHold { hold_id: hold(), kind: HoldKind::ThirdParty }),
        2 => trigger().prop_map(unhold),
        3 => Just(resolve()),
        1 => Just(take_over_solution()),
        1 => Just(confirm()),
        1 => Just(reject_resolution()),
        1 => Just(reopen()),
        1 => Just(auto_close()),
        4 => joining(),
        3 => ending(),
        6 => complaining(),
    ]
}

fn promise() -> impl Strategy<Value = PromiseKind> {
    prop_oneof![
        Just(PromiseKind::EtaResolution),
        Just(PromiseKind::Callback),
        Just(PromiseKind::NextUpdate),
    ]
}

fn link_kind() -> impl Strategy<Value = LinkKind> {
    prop_oneof![
        Just(LinkKind::Related),
        Just(LinkKind::ChildOf),
        Just(LinkKind::FollowUpOf),
        Just(LinkKind::CausedBy),
    ]
}

/// Few ids, so that links and promises meet each other again.
fn few() -> impl Strategy<Value = u128> {
    0_u128..6
}

/// Commands that speak of promises, parties and other tickets.
fn joining() -> impl Strategy<Value = Command> {
    prop_oneof![
        (few(), promise()).prop_map(|(id, kind)| make_promise(id, kind)),
        any::<u128>().prop_map(|id| send_update(id, UpdateKind::Broadcast)),
        any::<u128>().prop_map(broadcast),
        (link_kind(), few(), few()).prop_map(|(kind, id, above)| link_to(kind, id, &[above])),
        (link_kind(), few()).prop_map(|(kind, id)| Command::Unlink(link(kind, id))),
        (link_kind(), few()).prop_map(|(kind, id)| Command::NoteLinked(link(kind.inverse(), id))),
        (link_kind(), few()).prop_map(|(kind, id)| Command::NoteUnlinked(link(kind.inverse(), id))),
        few().prop_map(|id| Command::TakeInMerged { source: ticket_id(id) }),
        few().prop_map(|id| link_party(id, PartyRole::Requester, Identification::Matched)),
        few().prop_map(|id| link_party(id, PartyRole::Affected, Identification::None)),
        few().prop_map(|id| split(&[id])),
        (few(), 0_i64..200_000).prop_map(|(id, second)| Command::TellNoNews {
            message: NewMessage { written_at: at(second), ..message(id) },
            silent_since: at(second / 2),
        }),
        few().prop_map(|id| Command::AddTask(message(id))),
    ]
}

/// Commands that end a ticket or take its end back.
fn ending() -> impl Strategy<Value = Command> {
    prop_oneof![
        (few(), -120_i64..120)
            .prop_map(|(id, second)| merge(Other { received_at: at(second), ..other(id) })),
        few().prop_map(cascade),
        Just(withdraw()),
        Just(give_up(hold())),
        Just(Command::MarkSpam { now: at(0) }),
        (0_i64..10_000_000).prop_map(|second| Command::UnmarkSpam { now: at(second) }),
    ]
}

/// Commands to the complaint part, at any time and with any proof.
fn complaining() -> impl Strategy<Value = Command> {
    let instant = || (0_i64..40 * 24).prop_map(|hours| at(hours * 3600));
    let proof = prop_oneof![Just(Evidence::Sent), Just(Evidence::Delivered)];
    prop_oneof![
        3 => Just(complain(Open(opening()))),
        1 => Just(complain(Reclassify(no_complaint()))),
        1 => Just(complain(state_claims())),
        1 => Just(complain(RequestInfo(request()))),
        1 => Just(complain(inform())),
        4 => Just(complain(Decide(Box::new(decide())))),
        2 => Just(complain(Decide(Box::new(on_appeal())))),
        1 => Just(complain(DeemAccepted(deem()))),
        3 => (proof, instant()).prop_map(|(evidence, at)| {
            complain(RecordEvidence { decision_id: decide().decision_id, evidence, at })
        }),
        2 => Just(complain(executed())),
        1 => Just(complain(waived())),
        2 => instant().prop_map(|received_at| {
            complain(FileAppeal(crate::complaint::FileAppeal { received_at, ..appeal() }))
        }),
        4 => instant().prop_map(|now| Command::AutoClose { reopen_count: None, law: law(now) }),
        2 => instant().prop_map(|now| Command::ConfirmResolution { law: law(now) }),
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
        let mut holds = 0;
        for event in &events {
            match event {
                Event::Held(_) => holds += 1,
                Event::Unheld { .. } => holds -= 1,
                // A wait ends with the ticket.
                Event::Closed(_) => holds = 0,
                _ => {}
            }
        }
        prop_assert_eq!(holds, i32::from(state.hold().is_some()));
    }

    #[test]
    fn after_the_close_there_is_no_life_but_for_what_was_no_spam(
        commands in prop::collection::vec(command(), 0..60),
    ) {
        let (_, events) = history(&commands);
        let mut closed = None;
        for event in &events {
            match (closed, event) {
                (None, Event::Closed(end)) => closed = Some(*end),
                (None, _) => {}
                (Some(end), Event::Reopened(reopened)) => {
                    let spam = end.reason == CloseReason::Spam;
                    let expected = if spam { ReopenTrigger::NotSpam } else { ReopenTrigger::Appeal };
                    prop_assert_eq!(reopened.trigger, expected);
                    closed = None;
                }
                // An appeal, or what the customer says of a remedy.
                (Some(_), Event::MessageAdded(added)) => prop_assert!(
                    added.direction != MessageDirection::Outbound
                        && added.purpose != MessagePurpose::Question
                ),
                (Some(_), event) => prop_assert!(
                    matches!(
                        event,
                        Event::Linked(_)
                            | Event::Unlinked(_)
                            | Event::ContactNoted(_)
                            | Event::PartyLinked(_)
                            | Event::Merged { .. }
                            | Event::Complaint(_)
                    ),
                    "{:?}",
                    event
                ),
            }
        }
    }

    #[test]
    fn reopenings_are_counted_without_a_gap(
        commands in prop::collection::vec(command(), 0..60),
    ) {
        let (state, events) = history(&commands);
        let numbers: Vec<u32> = events
            .iter()
            .filter_map(|event| match event {
                Event::Reopened(reopened) => Some(reopened.reopen_no),
                _ => None,
            })
            .collect();
        let expected: Vec<u32> = (1..).take(numbers.len()).collect();
        prop_assert_eq!(&numbers, &expected);
        if let Some(facts) = state.facts() {
            prop_assert_eq!(facts.reopen_count as usize, numbers.len());
        }
    }

    #[test]
    fn a_ticket_goes_on_in_one_that_was_received_no_later(
        commands in prop::collection::vec(command(), 0..40),
        target in (few(), -120_i64..120),
    ) {
        let (state, _) = history(&commands);
        let (id, second) = target;
        let target = Other { received_at: at(second), requester: None, ..other(id) };
        let target = match state.facts() {
            Some(facts) => Other { requester: facts.requester_party(), ..target },
            None => target,
        };
        if Ticket::decide(&state, &merge(target.clone())).is_ok() {
            prop_assert!(target.received_at <= state.facts().unwrap().registered.received_at);
        }
    }

    #[test]
    fn there_is_one_parent_one_requester_and_one_promise_of_a_kind(
        commands in prop::collection::vec(command(), 0..60),
    ) {
        let (state, _) = history(&commands);
        let Some(facts) = state.facts() else { return Ok(()) };
        let links = facts.links.iter();
        prop_assert!(links.filter(|link| link.kind == LinkKind::ChildOf).count() <= 1);
        let parties = facts.parties.iter();
        prop_assert!(parties.filter(|party| party.role == PartyRole::Requester).count() <= 1);
        let mut kinds: Vec<_> = facts.promises.iter().map(|promise| promise.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        prop_assert_eq!(kinds.len(), facts.promises.len());
        let open = matches!(state, State::New(_) | State::Open(_))
            || state.hold().is_some();
        prop_assert!(open || facts.promises.is_empty());
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

    #[test]
    fn no_complaint_closes_without_a_proved_decision_and_with_anything_owed(
        commands in prop::collection::vec(command(), 0..80),
    ) {
        let (_, events) = history(&commands);
        let mut state = State::default();
        for event in &events {
            let complaint = state.facts().and_then(|facts| facts.complaint.as_ref());
            if let (Some(complaint), Event::Closed(closed)) = (complaint, event)
                && !matches!(closed.reason, CloseReason::Withdrawn | CloseReason::Duplicate)
            {
                let ruling = complaint.ruling().unwrap();
                prop_assert!(ruling.delivered_at.is_some());
                prop_assert_eq!(complaint.pending().next(), None);
                prop_assert_eq!(complaint.open_appeal(), None);
            }
            state = Ticket::evolve(state, event);
        }
    }

    #[test]
    fn what_the_time_of_a_complaint_counts_from_never_moves(
        commands in prop::collection::vec(command(), 0..60),
    ) {
        let (_, events) = history(&commands);
        for event in &events {
            if let Event::Complaint(crate::complaint::Event::Opened(opened)) = event {
                prop_assert_eq!(opened.received_at, registered().received_at);
            }
        }
    }

    #[test]
    fn a_ticket_with_an_undecided_complaint_is_not_resolved(
        commands in prop::collection::vec(command(), 0..80),
    ) {
        let (_, events) = history(&commands);
        let mut state = State::default();
        for event in &events {
            if let (Some(facts), Event::Resolved(_)) = (state.facts(), event) {
                let of_history = facts.registered.origin == Origin::Import;
                let a_complaint = facts.kind == TicketType::Complaint && !of_history;
                prop_assert!(!a_complaint || facts.complaint.is_some());
                if let Some(complaint) = &facts.complaint {
                    prop_assert!(complaint.ruling().is_some());
                    prop_assert_eq!(complaint.open_appeal(), None);
                }
            }
            state = Ticket::evolve(state, event);
        }
    }
}
