//! Messages that everybody can read.
use std::collections::BTreeSet;

use super::complaint::{complain, decide, extend, opening, request, said_with};
use super::*;
use crate::complaint::{Command as C, Decide, Extend};
use crate::personal_data::Kind;
use crate::spec::{Given, given};

fn ticket() -> Given<Ticket> {
    given::<Ticket>([]).and(Command::Register(register()))
}

fn public(body: &str) -> NewMessage {
    NewMessage { body: Personal(body.to_owned()), public_venue: true, ..message(6) }
}

#[test]
fn a_public_message_tells_nothing_of_who_asks() {
    let known = Known { token: Personal("a".repeat(42)), ..Known::default() };
    let says = |body: &str| {
        let Command::SendReply(reply) = send_reply(6) else { unreachable!() };
        let answer = SendReply { message: public(body), known: known.clone(), ..reply };
        let news =
            SendUpdate { message: public(body), kind: UpdateKind::Update, known: known.clone() };
        let Command::HoldForCustomer(hold) = hold_for_customer() else { unreachable!() };
        let hold = HoldForCustomer { question: public(body), known: known.clone(), ..hold };
        let ask = Command::HoldForCustomer(hold);
        [Command::SendReply(answer), Command::SendUpdate(news), ask]
    };
    let open = || ticket().and(start_work());
    for said in says("We are at it. News by 14:30, 30 zł are returned.") {
        let events = open().when(said).into_events();
        assert!(matches!(&events[0], Event::MessageAdded(message) if message.public_venue));
    }
    let number = registered().number.to_string();
    let token = "a".repeat(42);
    for (body, kind) in [
        ("jan@example.org", Kind::Email),
        ("call 600 100 200", Kind::Phone),
        (&*number, Kind::TicketNumber),
        (&*token, Kind::TicketNumber),
        ("Dear Anna", Kind::Name),
    ] {
        let kinds = BTreeSet::from([kind]);
        for said in says(body) {
            let refused =
                Rejection::PublicPersonalData { text: PublicText::Message, kinds: kinds.clone() };
            open().when(said).then_rejected(refused);
        }
        // To the customer alone everything may be said.
        let Command::SendReply(reply) = send_reply(6) else { unreachable!() };
        let private = NewMessage { public_venue: false, ..public(body) };
        open().when(Command::SendReply(SendReply { message: private, ..reply })).into_events();
    }
}

#[test]
fn what_a_public_letter_of_a_complaint_says_tells_nothing_of_who_asks() {
    let name = || "Anna".to_owned();
    let plain = "We have looked at it.";
    let decided = |justification: String, appeal_info: String| {
        let justification = Personal(justification);
        C::Decide(Box::new(Decide { justification, appeal_info, ..decide() }))
    };
    let extended = |reason: String, circumstances: String| {
        C::Extend(Extend { reason, circumstances, ..extend() })
    };
    let none = String::new;
    let cases = [
        (decided(none(), none()), "Dear Anna", PublicText::Message),
        (decided(name(), none()), plain, PublicText::Justification),
        (decided(none(), name()), plain, PublicText::AppealInfo),
        (C::Decide(Box::new(Decide { adr_body: name(), ..decide() })), plain, PublicText::AdrBody),
        (extended(none(), none()), "Dear Anna", PublicText::Message),
        (extended(name(), none()), plain, PublicText::Reason),
        (extended(none(), name()), plain, PublicText::Circumstances),
        (C::RequestInfo(request()), "Dear Anna", PublicText::Message),
    ];
    for (command, body, text) in cases {
        let id = match &command {
            C::Decide(decide) => decide.message_id,
            C::Extend(extend) => extend.message_id,
            C::RequestInfo(request) => request.message_id,
            other => panic!("{other:?}"),
        };
        let complaint = || ticket().and(complain(C::Open(opening()))).and(start_work());
        let public = NewMessage { message_id: id, ..public(body) };
        let private = NewMessage { public_venue: false, ..public.clone() };
        let refused = Rejection::PublicPersonalData { text, kinds: BTreeSet::from([Kind::Name]) };
        complaint().when(said_with(command.clone(), Some(public))).then_rejected(refused);
        let Err(Rejection::PublicPersonalData { .. }) =
            Ticket::decide(&complaint().into_state(), &said_with(command, Some(private)))
        else {
            continue;
        };
        panic!("to the customer alone everything may be said");
    }
}

#[test]
fn nobody_is_led_to_the_platform_that_was_closed() {
    let link = || "see https://ec.europa.eu/Consumers/ODR/".to_owned();
    let plain = "We have looked at it.";
    let cases = [
        (decide(), link(), PublicText::Message),
        (
            Decide { justification: Personal(link()), ..decide() },
            plain.to_owned(),
            PublicText::Justification,
        ),
        (Decide { appeal_info: link(), ..decide() }, plain.to_owned(), PublicText::AppealInfo),
        (Decide { adr_body: link(), ..decide() }, plain.to_owned(), PublicText::AdrBody),
    ];
    let complaint = || ticket().and(complain(C::Open(opening()))).and(start_work());
    for (command, body, text) in cases {
        let letter =
            NewMessage { message_id: command.message_id, public_venue: false, ..public(&body) };
        complaint()
            .when(said_with(C::Decide(Box::new(command)), Some(letter)))
            .then_rejected(Rejection::ClosedPlatform { text });
    }
}
