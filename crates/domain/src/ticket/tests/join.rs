//! Linked, merged and split tickets.
use super::*;
use crate::spec::{Given, given};

fn ticket() -> Given<Ticket> {
    given::<Ticket>([]).and(Command::Register(register()))
}

fn own() -> TicketId {
    registered().ticket_id
}

#[test]
fn a_ticket_is_merged_into_an_older_one_of_the_same_party() {
    ticket().when(merge(other(5))).then([
        Event::Merged { source: own(), target: ticket_id(5) },
        Event::Closed(Closed {
            merged_into: Some(ticket_id(5)),
            ..Closed::by(CloseReason::Duplicate)
        }),
    ]);
    let of_another = Other { requester: None, ..other(5) };
    ticket().when(merge(of_another)).then_rejected(Rejection::OtherParty);
    let younger = Other { received_at: at(1), ..other(5) };
    ticket().when(merge(younger)).then_rejected(Rejection::TargetIsYounger);
    let itself = Other { ticket_id: own(), ..other(5) };
    ticket().when(merge(itself)).then_rejected(Rejection::Itself);
}

#[test]
fn parties_that_became_one_are_the_same_party() {
    let party = |id| PartyId(Uuid::from_u128(id));
    let of_alias = |aliases: &[(u128, u128)]| Command::Merge {
        target: Other { requester: Some(party(22)), ..other(5) },
        aliases: aliases.iter().map(|(from, into)| (party(*from), party(*into))).collect(),
        regimes: Vec::new(),
    };
    ticket().when(of_alias(&[])).then_rejected(Rejection::OtherParty);
    ticket().when(of_alias(&[(22, 23)])).then_rejected(Rejection::OtherParty);
    ticket().when(of_alias(&[(22, 2)])).into_events();
    ticket().when(of_alias(&[(22, 23), (2, 23)])).into_events();
}

#[test]
fn a_ticket_is_merged_into_one_of_the_same_moment_in_either_direction() {
    let same = |id| Other { received_at: registered().received_at, ..other(id) };
    ticket().when(merge(same(0))).into_events();
    ticket().when(merge(same(5))).into_events();
}

#[test]
fn a_ticket_that_ended_takes_no_other_in() {
    let closed = Other { stage: Stage::Closed, ..other(5) };
    let outcome = ticket().when(merge(closed));
    outcome.then_rejected(Rejection::OtherInWrongStage {
        ticket_id: ticket_id(5),
        current: Stage::Closed,
        allowed: &[
            Stage::New,
            Stage::Open,
            Stage::WaitingCustomer,
            Stage::WaitingThirdParty,
            Stage::Resolved,
        ],
    });
}

#[test]
fn a_data_subjects_request_keeps_its_month() {
    let request = || given::<Ticket>([]).and(of_type(TicketType::DataSubjectRequest));
    request().when(merge(other(5))).then_rejected(Rejection::DataSubjectRequestIntoOther);
    let target = Other { kind: TicketType::DataSubjectRequest, ..other(5) };
    request().when(merge(target)).into_events();
}

#[test]
fn a_complaint_stays_a_complaint() {
    let complaint = || given::<Ticket>([]).and(of_type(TicketType::Complaint));
    complaint().when(merge(other(5))).then_rejected(Rejection::ComplaintIntoOther);
    let target = Other { kind: TicketType::Complaint, ..other(5) };
    complaint().when(merge(target.clone())).into_events();
    ticket().when(merge(target)).into_events();
}

#[test]
fn a_message_to_a_merged_ticket_goes_to_the_older_one() {
    ticket()
        .and(merge(other(5)))
        .when(inbound(6))
        .then_rejected(Rejection::MovedTo { ticket_id: ticket_id(5) });
}

#[test]
fn a_message_that_a_follow_up_took_stays_there() {
    let followed = Command::NoteLinked(link(LinkKind::FollowedUpBy, 900));
    let spam = || ticket().and(Command::MarkSpam { now: at(0) }).and(followed.clone());
    let moved = Rejection::MovedTo { ticket_id: ticket_id(900) };
    spam().when(inbound(6)).then_rejected(moved.clone());
    spam().and(Command::UnmarkSpam { now: at(0) }).when(inbound(6)).then_rejected(moved);
    let another = Command::AddInboundMessage { message: message(6), follow_up: ticket_id(901) };
    spam().and(Command::UnmarkSpam { now: at(0) }).when(another).into_events();
}

#[test]
fn the_older_ticket_notes_once_what_was_merged_into_it() {
    let take_in = || Command::TakeInMerged { source: ticket_id(6) };
    ticket().when(take_in()).then([Event::Merged { source: ticket_id(6), target: own() }]);
    let state = ticket().when(take_in()).into_state();
    assert_eq!(state.facts().unwrap().merged, [ticket_id(6)]);
    ticket().and(take_in()).when(take_in()).then_nothing();
}

#[test]
fn messages_of_the_customer_become_a_ticket_of_their_own() {
    let first = own().0.as_u128();
    ticket().and(inbound(6)).and(inbound(7)).when(split(&[7, first])).then([Event::Split(
        SplitOff {
            child: ticket_id(77),
            messages: vec![MessageId(Uuid::from_u128(first)), MessageId(Uuid::from_u128(7))],
            kind: TicketType::Payment,
            subject: Personal("And the invoice".to_owned()),
        },
    )]);
    ticket().when(split(&[])).then_rejected(Rejection::NothingToSplit);
    let unknown = |id| Rejection::MessageUnknown { message_id: MessageId(Uuid::from_u128(id)) };
    ticket().when(split(&[6])).then_rejected(unknown(6));
    // What we wrote is not the customer's matter.
    ticket().and(send_reply(6)).when(split(&[6])).then_rejected(unknown(6));
}

#[test]
fn a_split_or_following_ticket_begins_with_its_thread() {
    let Event::MessageAdded(message) =
        added(6, MessageDirection::Inbound, MessagePurpose::Reply, false)
    else {
        unreachable!()
    };
    let command = Register {
        link: Some(link(LinkKind::FollowUpOf, 5)),
        messages: vec![message.clone()],
        ..register()
    };
    let events = given::<Ticket>([]).when(Command::Register(command)).into_events();
    assert_eq!(
        events[2..],
        [Event::Linked(link(LinkKind::FollowUpOf, 5)), Event::MessageAdded(message)]
    );
}

#[test]
fn a_link_is_made_once_and_taken_away_once() {
    let related = || link_to(LinkKind::Related, 5, &[]);
    ticket().when(related()).then([Event::Linked(link(LinkKind::Related, 5))]);
    ticket().and(related()).when(related()).then_nothing();
    let unlink = || Command::Unlink(link(LinkKind::Related, 5));
    ticket().and(related()).when(unlink()).then([Event::Unlinked(link(LinkKind::Related, 5))]);
    ticket().when(unlink()).then_rejected(Rejection::NotLinked);
    let itself = link_to(LinkKind::Related, own().0.as_u128(), &[]);
    ticket().when(itself).then_rejected(Rejection::Itself);
}

#[test]
fn the_far_side_of_a_link_is_noted_whatever_came_before() {
    let far = link(LinkKind::ParentOf, 5);
    ticket().when(Command::NoteLinked(far)).then([Event::Linked(far)]);
    ticket().and(Command::NoteLinked(far)).when(Command::NoteLinked(far)).then_nothing();
    ticket().when(Command::NoteUnlinked(far)).then_nothing();
    ticket()
        .and(Command::NoteLinked(far))
        .when(Command::NoteUnlinked(far))
        .then([Event::Unlinked(far)]);
}

#[test]
fn a_ticket_has_one_parent_and_is_nobody_s_ancestor_in_a_circle() {
    let child = || ticket().and(link_to(LinkKind::ChildOf, 5, &[]));
    let taken = Rejection::ParentTaken { parent: ticket_id(5) };
    child().when(link_to(LinkKind::ChildOf, 6, &[])).then_rejected(taken);
    let above = own().0.as_u128();
    ticket()
        .when(link_to(LinkKind::ChildOf, 5, &[6, above]))
        .then_rejected(Rejection::ChildOfCycle);
    let high: Vec<u128> = (100..100 + MOST_ANCESTORS as u128).collect();
    ticket().when(link_to(LinkKind::ChildOf, 5, &high)).then_rejected(Rejection::TooManyAncestors);
}

#[test]
fn links_are_not_without_number() {
    let links = (0..MOST_LINKS as u128).map(|id| Event::Linked(link(LinkKind::Related, 1000 + id)));
    let events: Vec<_> = ticket()
        .and(Command::NoteLinked(link(LinkKind::ParentOf, 4)))
        .when(start_work())
        .into_events();
    let full = || {
        let registered = Event::Registered(registered());
        given::<Ticket>([registered].into_iter().chain(events.clone()).chain(links.clone()))
    };
    full().when(link_to(LinkKind::Related, 5, &[])).then_rejected(Rejection::TooManyLinks);
    full().when(Command::NoteLinked(link(LinkKind::ParentOf, 5))).into_events();
}

#[test]
fn the_solution_of_the_incident_solves_its_children() {
    let child = || ticket().and(link_to(LinkKind::ChildOf, 5, &[]));
    let solved = Event::Resolved(Resolved { cascaded_from: Some(ticket_id(5)), ..resolved() });
    child().when(cascade(5)).then([solved.clone()]);
    child()
        .and(start_work())
        .and(hold_for_customer())
        .when(cascade(5))
        .then([Event::Unheld { hold_id: hold(), trigger: UnholdTrigger::Resolved }, solved]);
    child().when(cascade(6)).then_rejected(Rejection::NotLinked);
    child()
        .and(make_promise(1, PromiseKind::Callback))
        .when(cascade(5))
        .then_rejected(Rejection::CallbackOpen);
    given::<Ticket>([])
        .and(of_type(TicketType::Complaint))
        .and(link_to(LinkKind::ChildOf, 5, &[]))
        .when(cascade(5))
        .then_rejected(Rejection::NeedsPerson);
}

#[test]
fn a_party_takes_the_requester_s_place() {
    ticket().when(link_party(3, PartyRole::Requester, Identification::Matched)).then([
        Event::PartyLinked(PartyLinked {
            party_id: PartyId(Uuid::from_u128(3)),
            role: PartyRole::Requester,
            identification: Identification::Matched,
            replaced: Some(PartyId(Uuid::from_u128(2))),
        }),
    ]);
    let state = ticket()
        .and(link_party(3, PartyRole::Requester, Identification::Matched))
        .when(link_party(4, PartyRole::Requester, Identification::None))
        .into_state();
    let facts = state.facts().unwrap();
    assert_eq!(facts.requester_party(), Some(PartyId(Uuid::from_u128(4))));
    assert_eq!(facts.parties.len(), 1);
    assert_eq!(facts.registered.requester, registered().requester);
}

#[test]
fn several_parties_may_be_affected_each_once() {
    let affected = |id| link_party(id, PartyRole::Affected, Identification::None);
    let state = ticket().and(affected(3)).and(affected(4)).when(affected(3)).into_state();
    assert_eq!(state.facts().unwrap().parties.len(), 2);
    assert_eq!(state.facts().unwrap().requester, registered().requester);
    ticket().and(affected(3)).when(affected(3)).then_nothing();
    let known = link_party(3, PartyRole::Affected, Identification::Verified);
    let state = ticket().and(affected(3)).when(known).into_state();
    assert_eq!(state.facts().unwrap().parties[0].identification, Identification::Verified);
}
