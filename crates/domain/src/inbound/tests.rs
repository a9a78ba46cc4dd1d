//! Specs of the rules by which a message joins a ticket; a weaker hint never overrides a stronger
//! one.
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::identity::Identification;
use crate::ids::PartyId;
use crate::spec::given;

fn ticket(id: u128) -> TicketId {
    TicketId(Uuid::from_u128(id))
}

fn sender(identification: Identification) -> Option<Identity> {
    Some(Identity { party_id: PartyId(Uuid::from_u128(7)), identification })
}

/// A mail that names nothing.
fn receive() -> Receive {
    Receive {
        channel: Channel::Email,
        received_at: "2026-04-30T19:15:00Z".parse().unwrap(),
        automatic: false,
        sender: None,
        other_sender: false,
        by_token: None,
        by_reference: None,
        same_object: Vec::new(),
        open: Vec::new(),
        by_key: None,
        new_ticket: ticket(99),
    }
}

fn received(rule: JoinRule, ticket_id: TicketId) -> Received {
    let Receive { channel, received_at, automatic, .. } = receive();
    Received {
        channel,
        received_at,
        automatic,
        sender: None,
        other_sender: false,
        ticket_id,
        rule,
        candidates: Vec::new(),
    }
}

fn joins(command: Receive, expected: Received) {
    given::<Inbound>([]).when(command).then([Event::Received(expected)]);
}

#[test]
fn a_token_goes_before_everything() {
    let same_object = vec![ticket(3)];
    let sender = sender(Identification::Verified);
    let command = Receive {
        by_token: Some(ticket(1)),
        by_reference: Some(ticket(2)),
        same_object,
        open: vec![ticket(3)],
        sender,
        ..receive()
    };
    joins(command, Received { sender, ..received(JoinRule::TicketToken, ticket(1)) });
}

#[test]
fn an_alert_joins_the_newest_ticket_with_its_key() {
    let command = Receive { by_key: Some(ticket(1)), automatic: true, ..receive() };
    let expected = received(JoinRule::DedupeKey, ticket(1));
    joins(command, Received { automatic: true, ..expected });
}

#[test]
fn references_go_before_what_it_is_about() {
    let sender = sender(Identification::Verified);
    let same_object = vec![ticket(3)];
    let by_reference = Some(ticket(2));
    let command = Receive { by_reference, same_object, sender, ..receive() };
    joins(command, Received { sender, ..received(JoinRule::References, ticket(2)) });
}

#[test]
fn a_verified_party_joins_the_one_ticket_about_the_same() {
    let sender = sender(Identification::Verified);
    let command = Receive { same_object: vec![ticket(3)], sender, ..receive() };
    joins(command, Received { sender, ..received(JoinRule::SameObject, ticket(3)) });
}

#[test]
fn an_address_alone_joins_nothing_and_proposes() {
    let sender = sender(Identification::Matched);
    let open = vec![ticket(4), ticket(3)];
    let command = Receive { same_object: vec![ticket(3)], open: open.clone(), sender, ..receive() };
    let expected = received(JoinRule::NewTicket, ticket(99));
    joins(command, Received { sender, candidates: open, ..expected });
}

#[test]
fn of_two_tickets_about_the_same_a_person_chooses() {
    let sender = sender(Identification::Verified);
    let both = vec![ticket(4), ticket(3)];
    let command = Receive { same_object: both.clone(), open: both.clone(), sender, ..receive() };
    let expected = received(JoinRule::NewTicket, ticket(99));
    joins(command, Received { sender, candidates: both, ..expected });
}

#[test]
fn what_a_machine_sent_joins_and_never_begins() {
    let automatic = Receive { automatic: true, ..receive() };
    let command = Receive { by_reference: Some(ticket(2)), ..automatic.clone() };
    joins(command, Received { automatic: true, ..received(JoinRule::References, ticket(2)) });
    given::<Inbound>([]).when(automatic).then_rejected(Rejection::Automatic);
}

#[test]
fn a_message_comes_in_once() {
    given::<Inbound>([Event::Received(received(JoinRule::NewTicket, ticket(99)))])
        .when(Receive { by_token: Some(ticket(1)), ..receive() })
        .then_rejected(Rejection::AlreadyReceived);
}

fn maybe_ticket() -> impl Strategy<Value = Option<TicketId>> {
    proptest::option::of((1..9_u128).prop_map(ticket))
}

fn identity() -> impl Strategy<Value = Option<Identity>> {
    proptest::option::of(prop_oneof![Just(Identification::Matched), Just(Identification::Verified)])
        .prop_map(|known| known.and_then(sender))
}

proptest! {
    #[test]
    fn nobody_joins_by_an_address(
        by_token in maybe_ticket(),
        by_reference in maybe_ticket(),
        same_object in proptest::collection::vec((1..9_u128).prop_map(ticket), 0..3),
        open in proptest::collection::vec((1..9_u128).prop_map(ticket), 0..40),
        sender in identity(),
        automatic: bool,
    ) {
        let command = Receive {
            by_token, by_reference, same_object, open, sender, automatic, ..receive()
        };
        let Ok(settled) = command.settled() else {
            prop_assert!(automatic && by_token.is_none() && by_reference.is_none());
            return Ok(());
        };
        prop_assert!(settled.candidates.len() <= MOST_CANDIDATES);
        let verified = sender.is_some_and(|s| s.identification == Identification::Verified);
        match settled.rule {
            JoinRule::TicketToken => prop_assert_eq!(by_token, Some(settled.ticket_id)),
            JoinRule::References => prop_assert_eq!(by_reference, Some(settled.ticket_id)),
            JoinRule::SameObject => {
                prop_assert!(verified && command.same_object == [settled.ticket_id]);
            }
            JoinRule::DedupeKey => prop_assert!(false, "the message is no alert"),
            JoinRule::NewTicket => {
                prop_assert!(!automatic && settled.ticket_id == command.new_ticket);
            }
        }
        let events = Inbound::decide(&State::Absent, &command).unwrap();
        prop_assert_eq!(Inbound::fold(&events), State::Received(settled));
    }
}
