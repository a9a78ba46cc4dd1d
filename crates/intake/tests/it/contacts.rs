//! Contacts: told as they happen or afterwards, with rules that no telephone system breaks.
use chassis::rpc::Role;
use tonic::{Code, Status};
use wire::intake::v1::{
    self, ContactOutcome, ContactPointKind, ContactRouteReason, ContactState, ContactTarget,
    Identification,
};
use wire::sla::v1::TimerKind;

use crate::parties::{anna, point};
use crate::tasks::tasks;
use crate::world::{World, agent, fields, info, new_id, of, refusal, stamp};

const START: &str = "2026-06-08T23:50:00Z";

pub(crate) fn start(channel: v1::ContactChannel) -> v1::StartContactRequest {
    v1::StartContactRequest {
        request_id: new_id(),
        channel: channel.into(),
        direction: v1::ContactDirection::Inbound.into(),
        entry_point: "hotline".to_owned(),
        party_hint: Some(point(ContactPointKind::Phone, "+48600100200")),
        started_at: stamp(START),
        ..Default::default()
    }
}

pub(crate) fn to_person(
    contact_id: &str,
    at: &str,
    reason: ContactRouteReason,
) -> v1::RouteContactRequest {
    v1::RouteContactRequest {
        request_id: new_id(),
        contact_id: contact_id.to_owned(),
        queue_id: "hotline-l1".to_owned(),
        target: ContactTarget::Human.into(),
        reason: reason.into(),
        routed_at: stamp(at),
        ..Default::default()
    }
}

pub(crate) fn answer(contact_id: &str, by: ContactTarget, at: &str) -> v1::AnswerContactRequest {
    v1::AnswerContactRequest {
        request_id: new_id(),
        contact_id: contact_id.to_owned(),
        by: by.into(),
        answered_at: stamp(at),
        ..Default::default()
    }
}

pub(crate) fn end(contact_id: &str, outcome: ContactOutcome, at: &str) -> v1::EndContactRequest {
    v1::EndContactRequest {
        request_id: new_id(),
        contact_id: contact_id.to_owned(),
        outcome: outcome.into(),
        ended_at: stamp(at),
        ..Default::default()
    }
}

impl World {
    /// A telephone exchange tells it, whenever it was.
    pub(crate) async fn start(&self, request: v1::StartContactRequest) -> v1::Contact {
        let telephony = of(Role::Integrator, request);
        let answer = self.contacts.clone().start_contact(telephony).await.unwrap();
        answer.into_inner().contact.unwrap()
    }
}

#[tokio::test]
async fn who_tells_long_afterwards_that_somebody_was_spoken_with_may_and_says_why() {
    let world = World::new().await;
    let ticket = world.register().await;
    let began = || v1::StartContactRequest {
        resumed_ticket_id: ticket.ticket_id.clone(),
        ..start(v1::ContactChannel::Voice)
    };
    let contact = world.start(began()).await.contact_id;
    let taken = || answer(&contact, ContactTarget::Human, "2026-06-08T23:50:30Z");
    // A quarter of an hour later nobody remembers it for certain.
    world.clock.advance(std::time::Duration::from_secs(15 * 60));
    let mut client = world.contacts.clone();
    let refused = client.answer_contact(agent(taken())).await.unwrap_err();
    assert_eq!(info(&refused).metadata["permission"], "ticket.backdate");
    let refused = client.start_contact(agent(began())).await.unwrap_err();
    assert_eq!(info(&refused).metadata["permission"], "ticket.backdate");
    for role in [Role::Expert, Role::Lead] {
        let refused = client.answer_contact(of(role, taken())).await.unwrap_err();
        assert_eq!(fields(&refused), ["backdate_reason"]);
    }
    world.settled().await;
    assert_eq!(world.story(&ticket.ticket_id).await.len(), 3, "nobody was spoken with");
    let backdate_reason = "the exchange was down".to_owned();
    let request = v1::StartContactRequest { backdate_reason: backdate_reason.clone(), ..began() };
    client.start_contact(of(Role::Expert, request)).await.unwrap();
    let request = v1::AnswerContactRequest { backdate_reason, ..taken() };
    let told = client.answer_contact(of(Role::Lead, request)).await.unwrap().into_inner();
    assert_eq!(told.contact.unwrap().state(), ContactState::Talking);
    world.settled().await;
    assert_eq!(world.story(&ticket.ticket_id).await.pop().unwrap(), "ContactNoted");
    // A machine tells what it has noted then.
    let another = world.start(began()).await.contact_id;
    let request = v1::AnswerContactRequest {
        agent_id: "agent-17".to_owned(),
        ..answer(&another, ContactTarget::Human, "2026-06-08T23:50:30Z")
    };
    client.answer_contact(of(Role::Integrator, request)).await.unwrap();
}

fn rule(status: &Status) -> String {
    assert_eq!(refusal(status), (Code::FailedPrecondition, "RULE".to_owned()), "{status:?}");
    info(status).metadata["rule"].clone()
}

#[tokio::test]
async fn a_call_is_told_from_its_start_to_its_end() {
    let world = World::new().await;
    let mut client = world.contacts.clone();
    let party = world.party("Anna Nowak", &anna()).await;
    world.find(anna()[1].clone()).await;
    let ticket = world.register().await;

    let contact = world.start(start(v1::ContactChannel::Voice)).await;
    let id = contact.contact_id.as_str();
    assert_eq!((contact.state(), &contact.party_id), (ContactState::Waiting, &party.party_id));
    assert_eq!(contact.identification(), Identification::Matched);
    let route = v1::RouteContactRequest {
        ivr_path: vec!["2".to_owned(), "1".to_owned()],
        ivr_ms: 8_400,
        ..to_person(id, "2026-06-08T23:50:10Z", ContactRouteReason::IvrChoice)
    };
    client.route_contact(agent(route)).await.unwrap();
    let answered = v1::AnswerContactRequest {
        waited_ms: 21_500,
        ..answer(id, ContactTarget::Human, "2026-06-08T23:50:32Z")
    };
    let talking = client.answer_contact(agent(answered)).await.unwrap().into_inner();
    let talking = talking.contact.unwrap();
    assert_eq!(talking.state(), ContactState::Talking);
    assert_eq!(talking.answers[0].agent_id, "agent-17", "the caller");
    let over = v1::EndContactRequest {
        talk_ms: 180_000,
        hold_ms: 30_000,
        wrap_ms: 20_000,
        ticket_id: ticket.ticket_id.clone(),
        note: "A technician comes on Friday.".to_owned(),
        ..end(id, ContactOutcome::Handled, "2026-06-08T23:54:30Z")
    };
    let ended = client.end_contact(agent(over)).await.unwrap().into_inner();
    let read = v1::GetContactRequest { contact_id: id.to_owned() };
    let read = client.get_contact(agent(read)).await.unwrap().into_inner();
    assert_eq!(read.contact, ended.contact);
    let contact = read.contact.unwrap();
    assert_eq!((contact.state(), &contact.party_id), (ContactState::Ended, &party.party_id));
    let told = contact.end.unwrap();
    assert_eq!((told.talk_ms, told.hold_ms, told.wrap_ms), (180_000, 30_000, 20_000));
    assert_eq!((told.ticket_id, told.end_time), (ticket.ticket_id, stamp("2026-06-08T23:54:30Z")));

    let list = v1::ListContactsRequest {
        party_id: party.party_id,
        consistency_token: ended.consistency_token,
        ..Default::default()
    };
    let list = client.list_contacts(agent(list)).await.unwrap().into_inner().contacts;
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].outcome(), &*list[0].agent_id), (ContactOutcome::Handled, "agent-17"));
    assert!(list[0].has_note);
}

#[tokio::test]
async fn every_call_may_be_repeated() {
    let world = World::new().await;
    let mut client = world.contacts.clone();
    let request = start(v1::ContactChannel::Voice);
    let first = client.start_contact(agent(request.clone())).await.unwrap().into_inner();
    let id = first.contact.clone().unwrap().contact_id;
    let hang_up = end(&id, ContactOutcome::AbandonedIvr, "2026-06-08T23:50:05Z");
    let ended = client.end_contact(agent(hang_up.clone())).await.unwrap().into_inner();
    let again = client.start_contact(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(again, first, "the answer of then, though the contact has ended");
    assert_eq!(client.end_contact(agent(hang_up)).await.unwrap().into_inner(), ended);
    let other = v1::StartContactRequest { entry_point: "shop".to_owned(), ..request };
    let status = client.start_contact(agent(other)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));
}

#[tokio::test]
async fn a_bot_says_what_it_is_and_hands_over() {
    let world = World::new().await;
    let mut client = world.contacts.clone();
    let silent = start(v1::ContactChannel::Chatbot);
    let status = client.start_contact(agent(silent)).await.unwrap_err();
    assert_eq!(rule(&status), "AI_NOT_DISCLOSED");

    let told = v1::StartContactRequest { ai_disclosed: true, ..start(v1::ContactChannel::Chatbot) };
    let id = world.start(told).await.contact_id;
    let by_bot = answer(&id, ContactTarget::Bot, "2026-06-08T23:50:01Z");
    client.answer_contact(of(Role::Integrator, by_bot)).await.unwrap();
    let asked = to_person(&id, "2026-06-08T23:51:00Z", ContactRouteReason::CustomerAsked);
    let status = client.route_contact(agent(asked.clone())).await.unwrap_err();
    assert_eq!(fields(&status), ["context_ref"]);
    let with_context = v1::RouteContactRequest { context_ref: "transcript-7".to_owned(), ..asked };
    client.route_contact(agent(with_context)).await.unwrap();
    let again = answer(&id, ContactTarget::Bot, "2026-06-08T23:51:05Z");
    let status = client.answer_contact(of(Role::Integrator, again)).await.unwrap_err();
    assert_eq!(rule(&status), "PERSON_PROMISED");
    let person = v1::AnswerContactRequest {
        agent_id: "agent-4".to_owned(),
        ..answer(&id, ContactTarget::Human, "2026-06-08T23:51:20Z")
    };
    let answer = client.answer_contact(of(Role::Integrator, person)).await.unwrap().into_inner();
    assert_eq!(answer.contact.unwrap().answers[1].agent_id, "agent-4");
}

#[tokio::test]
async fn what_cannot_have_happened_is_refused() {
    let world = World::new().await;
    let mut client = world.contacts.clone();
    let id = world.start(start(v1::ContactChannel::Voice)).await.contact_id;
    let early = end(&id, ContactOutcome::AbandonedIvr, "2026-06-08T23:49:59Z");
    assert_eq!(rule(&client.end_contact(agent(early)).await.unwrap_err()), "OUT_OF_ORDER");
    let long = v1::AnswerContactRequest {
        waited_ms: 60_000,
        ..answer(&id, ContactTarget::Human, "2026-06-08T23:50:30Z")
    };
    assert_eq!(rule(&client.answer_contact(agent(long)).await.unwrap_err()), "TIMES_TOO_LONG");
    let handled = end(&id, ContactOutcome::Handled, "2026-06-08T23:50:30Z");
    let status = client.end_contact(agent(handled)).await.unwrap_err();
    assert_eq!(rule(&status), "OUTCOME_CONTRADICTED");
    let talked = v1::EndContactRequest {
        talk_ms: 1,
        ..end(&id, ContactOutcome::AbandonedIvr, "2026-06-08T23:50:30Z")
    };
    assert_eq!(rule(&client.end_contact(agent(talked)).await.unwrap_err()), "NEVER_ANSWERED");
    let over = end(&id, ContactOutcome::AbandonedIvr, "2026-06-08T23:50:30Z");
    client.end_contact(agent(over)).await.unwrap();
    let late = answer(&id, ContactTarget::Human, "2026-06-08T23:50:40Z");
    assert_eq!(rule(&client.answer_contact(agent(late)).await.unwrap_err()), "CONTACT_ENDED");
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let world = World::new().await;
    let mut client = world.contacts.clone();
    let request = v1::StartContactRequest {
        request_id: "1".to_owned(),
        channel: 99,
        direction: 0,
        entry_point: "a b".to_owned(),
        party_hint: Some(point(ContactPointKind::Unspecified, "")),
        party_id: "7".to_owned(),
        identification: Identification::None.into(),
        ai_disclosed: false,
        resumed_ticket_id: "8".to_owned(),
        backdate_reason: String::new(),
        started_at: stamp("2027-01-01T00:00:00Z"),
    };
    let mut named = fields(&client.start_contact(agent(request)).await.unwrap_err());
    named.sort();
    let expected = [
        "channel",
        "direction",
        "entry_point",
        "identification",
        "party_hint.kind",
        "party_hint.value",
        "party_id",
        "request_id",
        "resumed_ticket_id",
        "started_at",
    ];
    assert_eq!(named, expected);

    let id = world.start(start(v1::ContactChannel::Voice)).await.contact_id;
    let route = v1::RouteContactRequest {
        ivr_ms: -1,
        ivr_path: vec![String::new()],
        target: ContactTarget::Bot.into(),
        context_ref: "?".to_owned(),
        reason: 0,
        ..to_person(&id, START, ContactRouteReason::Transfer)
    };
    let mut named = fields(&client.route_contact(agent(route)).await.unwrap_err());
    named.sort();
    assert_eq!(named, ["context_ref", "ivr_ms", "ivr_path[0]", "queue_id", "reason"]);
    let over = v1::EndContactRequest {
        talk_ms: -5,
        hold_ms: i64::MAX,
        wrap_ms: i64::MIN,
        identification: Identification::Verified.into(),
        note: "x".repeat(10_001),
        ..end(&id, ContactOutcome::Unspecified, START)
    };
    let mut named = fields(&client.end_contact(agent(over)).await.unwrap_err());
    named.sort();
    assert_eq!(named, ["hold_ms", "note", "outcome", "party_id", "talk_ms", "wrap_ms"]);
    let nobody = answer(&id, ContactTarget::Human, START);
    let status = client.answer_contact(of(Role::Integrator, nobody)).await.unwrap_err();
    assert_eq!(fields(&status), ["agent_id"]);
}

#[tokio::test]
async fn what_a_contact_refers_to_is_known() {
    let world = World::new().await;
    let mut client = world.contacts.clone();
    let missing = (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned());
    let of_nobody = v1::StartContactRequest {
        party_id: new_id(),
        identification: Identification::Verified.into(),
        ..start(v1::ContactChannel::Chat)
    };
    assert_eq!(refusal(&client.start_contact(agent(of_nobody)).await.unwrap_err()), missing);
    let on_nothing =
        v1::StartContactRequest { resumed_ticket_id: new_id(), ..start(v1::ContactChannel::Chat) };
    assert_eq!(refusal(&client.start_contact(agent(on_nothing)).await.unwrap_err()), missing);
    let nothing = end(&new_id(), ContactOutcome::Rejected, START);
    assert_eq!(refusal(&client.end_contact(agent(nothing)).await.unwrap_err()), missing);
    let strange = v1::StartContactRequest {
        party_hint: Some(point(ContactPointKind::Phone, "anonymous")),
        ..start(v1::ContactChannel::Voice)
    };
    let contact = world.start(strange).await;
    assert_eq!(contact.identification(), Identification::None);
    assert_eq!((&*contact.party_id, &*contact.party_hint), ("", "anonymous"));
}

#[tokio::test]
async fn the_contacts_of_a_party_come_in_pages_the_newest_first() {
    let world = World::new().await;
    let mut client = world.contacts.clone();
    let old = world.party("Jan", &[]).await;
    let party = world.party("Anna", &anna()).await;
    world.find(anna()[1].clone()).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.start(start(v1::ContactChannel::Voice)).await.contact_id);
    }
    let merge = v1::MergePartiesRequest {
        request_id: new_id(),
        from_party_id: party.party_id.clone(),
        into_party_id: old.party_id.clone(),
        etag: String::new(),
        basis: "the same".to_owned(),
    };
    let merged = world.parties.clone().merge_parties(agent(merge)).await.unwrap().into_inner();
    ids.reverse();
    // By the party that lives on, and by its alias.
    for party_id in [&old.party_id, &party.party_id] {
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = v1::ListContactsRequest {
                party_id: party_id.clone(),
                page_size: 2,
                page_token,
                consistency_token: merged.consistency_token.clone(),
            };
            let page = client.list_contacts(agent(request)).await.unwrap().into_inner();
            assert!((1..=2).contains(&page.contacts.len()));
            seen.extend(page.contacts.into_iter().map(|contact| contact.contact_id));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
            let foreign = v1::ListContactsRequest {
                party_id: new_id(),
                page_size: 2,
                page_token: page_token.clone(),
                consistency_token: None,
            };
            let status = client.list_contacts(agent(foreign)).await.unwrap_err();
            assert_eq!(refusal(&status).1, "PAGE_TOKEN_INVALID");
        }
        assert_eq!(seen, ids);
    }
    let stranger = v1::ListContactsRequest { party_id: new_id(), ..Default::default() };
    let list = client.list_contacts(agent(stranger)).await.unwrap().into_inner();
    assert!(list.contacts.is_empty());
}

/// A call that somebody took, over now.
async fn called(world: &World, ticket_id: &str) -> String {
    let mut client = world.contacts.clone();
    let id = world.start(start(v1::ContactChannel::Voice)).await.contact_id;
    let taken = answer(&id, ContactTarget::Human, START);
    client.answer_contact(agent(taken)).await.unwrap();
    let over = v1::EndContactRequest {
        ticket_id: ticket_id.to_owned(),
        ..end(&id, ContactOutcome::Handled, "2026-06-08T23:54:00Z")
    };
    client.end_contact(agent(over)).await.unwrap();
    id
}

fn note(ticket_id: &str, contact_id: &str) -> v1::AddMessageRequest {
    v1::AddMessageRequest {
        direction: v1::MessageDirection::Internal.into(),
        contact_id: contact_id.to_owned(),
        ..crate::world::inbound(ticket_id)
    }
}

#[tokio::test]
async fn a_note_says_which_conversation_it_is_about() {
    let world = World::new().await;
    let ticket_id = world.register().await.ticket_id;
    let contact_id = called(&world, &ticket_id).await;
    let mut client = world.client.clone();
    let added = client.add_message(agent(note(&ticket_id, &contact_id))).await.unwrap();
    let shown = added.into_inner().ticket.unwrap().messages.pop().unwrap();
    assert_eq!(shown.contact_id, contact_id);
    // A reaction to the contact may have come after it.
    let mut events = world.events(&ticket_id).await;
    events.retain(|event| event.event_type == wire::event::MESSAGE_ADDED);
    let told = events.pop().unwrap();
    let told = <v1::MessageAdded as prost::Message>::decode(&*told.payload).unwrap();
    assert_eq!(told.contact_id, contact_id);
    let stream = eventlog::StreamId::new("contact", contact_id.parse().unwrap());
    let ended = world.owner.read_stream(&world.tenant, &stream, 0).await.unwrap().pop().unwrap();
    // So that its ticket's clocks hear of it in the order in which things happened.
    assert_eq!(ended.metadata().unwrap().correlation_id, ticket_id);

    let unknown = note(&ticket_id, &new_id());
    let refused = client.add_message(agent(unknown)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned()));
    let said = v1::AddMessageRequest {
        direction: v1::MessageDirection::Inbound.into(),
        ..note(&ticket_id, &contact_id)
    };
    let refused = client.add_message(agent(said)).await.unwrap_err();
    assert_eq!(fields(&refused), ["contact_id"]);
}

#[tokio::test]
async fn a_conversation_without_a_note_is_a_task_once() {
    let mut world = World::new().await;
    let ticket_id = world.register().await.ticket_id;
    let contact_id = called(&world, &ticket_id).await;
    world.fire(&ticket_id, TimerKind::NoteMissing, &contact_id).await;
    world.settled().await;
    let told = tasks(&world, &ticket_id).await;
    assert!(told.len() == 1 && told[0].contains(&contact_id), "{told:?}");
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

/// The ticket as it is shown in a contact.
async fn shown_in(world: &World, ticket_id: &str, contact_id: &str) -> v1::GetTicketResponse {
    let (ticket_id, contact_id) = (ticket_id.to_owned(), contact_id.to_owned());
    let request = v1::GetTicketRequest { ticket_id, contact_id };
    world.client.clone().get_ticket(agent(request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn only_who_is_verified_is_shown_more_than_how_a_ticket_stands() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await.party_id;
    world.find(anna()[1].clone()).await;
    let ticket = world.next_of_party(&party).await;
    let id = ticket.ticket_id.as_str();
    let note = note(id, "");
    world.client.clone().add_message(agent(note)).await.unwrap();

    let matched = world.start(start(v1::ContactChannel::Voice)).await.contact_id;
    let answer = shown_in(&world, id, &matched).await;
    let shown = answer.ticket.unwrap();
    let expected = v1::Ticket {
        ticket_id: id.to_owned(),
        number: ticket.number.clone(),
        state: v1::TicketState::New.into(),
        status: wire::common::v1::TicketStatus::New.into(),
        received_at: ticket.received_at,
        update_time: shown.update_time,
        status_only: true,
        ..Default::default()
    };
    assert_eq!((shown, answer.thread_token), (expected, String::new()));

    let of = |party_id: &str| v1::StartContactRequest {
        party_hint: None,
        party_id: party_id.to_owned(),
        identification: Identification::Verified.into(),
        ..start(v1::ContactChannel::Voice)
    };
    let proved = world.start(of(&party)).await.contact_id;
    let answer = shown_in(&world, id, &proved).await;
    assert!(!answer.thread_token.is_empty());
    let shown = answer.ticket.unwrap();
    assert_eq!((&shown.subject, shown.status_only), (&ticket.subject, false));
    let noted = |line: &v1::Message| line.direction() == v1::MessageDirection::Internal;
    assert!(!shown.messages.is_empty() && !shown.messages.iter().any(noted), "{shown:?}");

    let other = world.party("Jan Kowalski", &[]).await.party_id;
    let another = world.start(of(&other)).await.contact_id;
    assert!(shown_in(&world, id, &another).await.ticket.unwrap().status_only);
    let unknown = v1::GetTicketRequest { ticket_id: id.to_owned(), contact_id: new_id() };
    let refused = world.client.clone().get_ticket(agent(unknown)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}
