//! What a conversation means to the ticket that it is about.
use domain::ticket::{ContactNoted, Event};
use eventlog::{Recorded, StreamId};
use wire::intake::v1::{
    self, ContactDirection, ContactOutcome, ContactTarget, PromiseKind, Ticket, TicketState,
};

use crate::contacts::{answer, end, start, to_person};
use crate::parties::anna;
use crate::world::{World, agent, new_id, resolve, stamp};

const ANSWERED: &str = "2026-06-08T23:50:32Z";
const ENDED: &str = "2026-06-08T23:54:30Z";
const VOICE: v1::ContactChannel = v1::ContactChannel::Voice;

/// Somebody is promised a call.
async fn promised(world: &World, ticket_id: &str) {
    let promise = v1::MakePromiseRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        kind: PromiseKind::Callback.into(),
        due_at: stamp("2026-06-09T12:00:00Z"),
        internal: false,
    };
    world.client.clone().make_promise(agent(promise)).await.unwrap();
}

fn callbacks(ticket: &Ticket) -> Vec<Option<prost_types::Timestamp>> {
    let callback = |open: &&v1::OpenPromise| open.kind() == PromiseKind::Callback;
    ticket.promises.iter().filter(callback).map(|open| open.due_at).collect()
}

async fn noted(world: &World, ticket_id: &str) -> Vec<ContactNoted> {
    let events = world.events(ticket_id).await;
    let noted = events.iter().filter_map(|event| match event.decode().unwrap() {
        Event::ContactNoted(noted) => Some(noted),
        _ => None,
    });
    noted.collect()
}

/// A call, with what became of it.
async fn call(world: &World, begun: v1::StartContactRequest, over: v1::EndContactRequest) {
    let mut client = world.contacts.clone();
    let id = world.start(begun).await.contact_id;
    client.answer_contact(agent(answer(&id, ContactTarget::Human, ANSWERED))).await.unwrap();
    world.settled().await;
    let over = v1::EndContactRequest { contact_id: id, ..over };
    client.end_contact(agent(over)).await.unwrap();
    world.settled().await;
}

fn outbound() -> v1::StartContactRequest {
    v1::StartContactRequest { direction: ContactDirection::Outbound.into(), ..start(VOICE) }
}

#[tokio::test]
async fn whoever_is_called_back_was_answered_and_is_owed_no_call() {
    let mut world = World::new().await;
    let known = world.open().await.ticket_id;
    let found = world.open().await.ticket_id;
    for (id, resumed, linked) in [(&known, known.clone(), ""), (&found, String::new(), &*found)] {
        promised(&world, id).await;
        let begun = v1::StartContactRequest { resumed_ticket_id: resumed, ..outbound() };
        let over = end("", ContactOutcome::Handled, ENDED);
        let over = v1::EndContactRequest { ticket_id: linked.to_owned(), ..over };
        call(&world, begun, over).await;
        assert!(callbacks(&world.get(id).await).is_empty());
        let told = noted(&world, id).await;
        assert_eq!(told.len(), 1);
        assert!(told[0].outbound && told[0].keeps.is_some());
        assert_eq!(told[0].answered_at, crate::world::at(ANSWERED));
        assert_eq!(told[0].agent_id.0, "agent-17");
    }
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "once, however often it is told");
}

#[tokio::test]
async fn whoever_had_to_call_again_is_owed_a_call_still() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    promised(&world, &id).await;
    let begun = v1::StartContactRequest { resumed_ticket_id: id.clone(), ..start(VOICE) };
    let over = end("", ContactOutcome::Handled, ENDED);
    call(&world, begun, v1::EndContactRequest { ticket_id: id.clone(), ..over }).await;
    assert_eq!(callbacks(&world.get(&id).await).len(), 1);
    let told = noted(&world, &id).await;
    assert_eq!((told.len(), told[0].outbound, told[0].keeps), (1, false, None));
}

async fn last_of_contact(world: &World, contact_id: &str) -> Recorded {
    let stream = StreamId::new("contact", contact_id.parse().unwrap());
    world.log.read_stream(&world.tenant, &stream, 0).await.unwrap().pop().unwrap()
}

/// The customer waits in a queue, and asks to be called back; answers the contact.
async fn asks_for_call(world: &World, resumed: &str) -> String {
    let mut client = world.contacts.clone();
    let begun = v1::StartContactRequest { resumed_ticket_id: resumed.to_owned(), ..start(VOICE) };
    let id = world.start(begun).await.contact_id;
    let route = to_person(&id, "2026-06-08T23:50:10Z", v1::ContactRouteReason::IvrChoice);
    client.route_contact(agent(route)).await.unwrap();
    let over = v1::EndContactRequest {
        note: "After five, please.".to_owned(),
        ..end(&id, ContactOutcome::CallbackRequested, ENDED)
    };
    client.end_contact(agent(over)).await.unwrap();
    world.settled().await;
    id
}

#[tokio::test]
async fn whoever_asks_to_be_called_back_has_a_ticket_with_that_promise() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    world.find(anna()[1].clone()).await;
    let contact = asks_for_call(&world, "").await;
    let ticket_id = last_of_contact(&world, &contact).await.event_id.to_string();
    let ticket = world.get(&ticket_id).await;
    assert_eq!(ticket.state(), TicketState::New);
    assert_eq!(ticket.requester.as_ref().unwrap().party_id, party.party_id);
    let said = &ticket.messages[0].body;
    assert!(said.contains("After five, please.") && said.contains("600100200"), "{said}");
    // It was told on Tuesday at two in the morning in Warsaw; a working day is until Wednesday.
    assert_eq!(callbacks(&ticket), [stamp("2026-06-10T00:00:01Z")]);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "once, however often it is told");
}

#[tokio::test]
async fn a_call_is_promised_on_the_ticket_that_it_is_about_while_that_is_worked_on() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    asks_for_call(&world, &id).await;
    assert_eq!(callbacks(&world.get(&id).await), [stamp("2026-06-10T00:00:00Z")]);
    // Whoever waits for a call already waits no longer for it.
    world.clock.advance(std::time::Duration::from_secs(3 * 60 * 60));
    asks_for_call(&world, &id).await;
    assert_eq!(callbacks(&world.get(&id).await), [stamp("2026-06-10T00:00:00Z")]);

    let solved = world.open().await.ticket_id;
    world.client.clone().resolve_ticket(agent(resolve(&solved))).await.unwrap();
    let contact = asks_for_call(&world, &solved).await;
    assert!(callbacks(&world.get(&solved).await).is_empty());
    let follow_up = last_of_contact(&world, &contact).await.event_id.to_string();
    let follow_up = world.get(&follow_up).await;
    assert_eq!(callbacks(&follow_up).len(), 1);
    assert_eq!(follow_up.parent_ticket_id, solved);
    let links = world.get(&solved).await.links;
    assert_eq!(links[0].link(), v1::LinkKind::FollowedUpBy);
}
