//! Who has heard nothing is told that there is no news.
use chassis::rpc::Role;
use domain::ticket::AuthorKind;
use wire::common::v1 as common;
use wire::intake::v1::{self, Message, MessageDirection, MessagePurpose, PromiseKind, TicketState};
use wire::sla::v1::{TimerFired, TimerKind};

use crate::parties::anna;
use crate::world::{World, agent, inbound, new_id, of, register, reply, resolve, stamp, update};

const RECEIVED: &str = "2026-06-09T00:00:00Z";
const DUE: &str = "2026-06-09T02:00:00Z";
const NEXT: &str = "2026-06-09T04:00:00Z";

/// What sla appends when a clock of updates runs out; noticed at `fired_at`.
async fn quiet(world: &World, ticket_id: &str, fired_at: &str) {
    let fired = TimerFired {
        timer_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        timer: TimerKind::NoNewsUpdate.into(),
        step: 1,
        subject_ref: new_id(),
        due_at: stamp(DUE),
        fired_at: stamp(fired_at),
        wait_until: None,
        silent_since: stamp(RECEIVED),
        next_due_at: stamp(NEXT),
    };
    let clock = ("clock", ticket_id);
    world.foreign(clock, wire::event::TIMER_FIRED, &fired, DUE).await;
    world.settled().await;
}

/// What the customer has been told, oldest first.
async fn told(world: &World, ticket_id: &str) -> Vec<Message> {
    let messages = world.get(ticket_id).await.messages;
    messages.into_iter().filter(|m| m.direction() == MessageDirection::Outbound).collect()
}

fn in_language(language: &str) -> v1::RegisterTicketRequest {
    v1::RegisterTicketRequest { language: language.to_owned(), ..register() }
}

#[tokio::test]
async fn the_customer_reads_what_is_known_and_it_is_no_answer() {
    let mut world = World::new().await;
    let polish = world.register_as(in_language("pl")).await;
    let english = world.register_as(in_language("en")).await;
    for ticket in [&polish, &english] {
        quiet(&world, &ticket.ticket_id, "2026-06-09T02:00:00.200Z").await;
    }
    let word = told(&world, &polish.ticket_id).await;
    let [word] = &word[..] else { panic!("{word:?}") };
    assert_eq!(
        word.body,
        format!(
            "nie mamy jeszcze rozwiązania sprawy {}, ale o niej pamiętamy. Sprawa czeka na osobę, \
             która się nią zajmie. Odezwiemy się ponownie do 9 czerwca 2026 r., 06:00 (CEST), \
             także jeśli nic się nie zmieni.",
            polish.number
        )
    );
    let email = common::Channel::Email;
    assert_eq!((word.purpose(), word.channel()), (MessagePurpose::Update, email));
    assert_eq!(word.create_time, stamp(DUE));
    let word = told(&world, &english.ticket_id).await.remove(0).body;
    assert!(word.contains(&format!("a solution to case {} yet", english.number)), "{word}");
    assert!(
        word.ends_with("again by 9 June 2026, 06:00 (CEST), even if nothing changes."),
        "{word}"
    );
    let last = world.events(&polish.ticket_id).await.pop().unwrap();
    assert_eq!(last.occurred_at, crate::world::at(DUE), "the instant of the timer");
    let domain::ticket::Event::MessageAdded(added) = last.decode().unwrap() else { panic!() };
    assert_eq!((added.author_kind, added.is_reply), (AuthorKind::System, false));
    assert_eq!(world.get(&polish.ticket_id).await.state(), TicketState::New);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn what_was_promised_and_whom_we_wait_for_is_said() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    let eta = v1::MakePromiseRequest {
        request_id: new_id(),
        ticket_id: id.clone(),
        kind: PromiseKind::EtaResolution.into(),
        due_at: stamp("2026-06-10T10:00:00Z"),
        ..Default::default()
    };
    client.make_promise(agent(eta)).await.unwrap();
    let hold = v1::HoldTicketRequest {
        request_id: new_id(),
        ticket_id: id.clone(),
        kind: v1::HoldKind::ThirdParty.into(),
        vendor_id: "acme-fibre".to_owned(),
        expected_by: stamp("2026-06-09T16:00:00Z"),
        ..Default::default()
    };
    client.hold_ticket(agent(hold)).await.unwrap();
    quiet(&world, &id, DUE).await;
    let word = told(&world, &id).await.remove(0).body;
    for said in [
        "Czekamy na odpowiedź innej firmy, spodziewamy się jej do 9 czerwca 2026 r., 18:00 (CEST).",
        "Termin rozwiązania pozostaje bez zmian: 10 czerwca 2026 r., 12:00 (CEST).",
    ] {
        assert!(word.contains(said), "{word}");
    }
    assert!(!word.contains("acme-fibre"), "who that is, is no business of the customer: {word}");
}

#[tokio::test]
async fn who_was_told_late_is_told_when_it_is_and_promised_nothing() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    quiet(&world, &id, "2026-06-09T11:00:00Z").await;
    let word = told(&world, &id).await.remove(0);
    assert_eq!(word.create_time, stamp("2026-06-09T11:00:00Z"));
    assert!(word.body.ends_with("Odezwiemy się ponownie, także jeśli nic się nie zmieni."));
    let last = world.events(&id).await.pop().unwrap();
    assert_eq!(last.occurred_at, crate::world::at("2026-06-09T11:00:00Z"));
}

#[tokio::test]
async fn nothing_is_said_to_who_has_heard_meanwhile_or_whose_turn_it_is() {
    let world = World::new().await;
    let mut client = world.client.clone();
    world.clock.set(crate::world::at("2026-06-09T00:30:00Z"));
    let answered = world.open().await.ticket_id;
    client.send_reply(agent(reply(&answered))).await.unwrap();
    let informed = world.open().await.ticket_id;
    client.send_update(agent(update(&informed, MessagePurpose::Update))).await.unwrap();
    for id in [&answered, &informed] {
        quiet(&world, id, DUE).await;
        assert_eq!(told(&world, id).await.len(), 1);
    }
    let asked = world.open().await.ticket_id;
    let hold = v1::HoldTicketRequest {
        request_id: new_id(),
        ticket_id: asked.clone(),
        kind: v1::HoldKind::Customer.into(),
        question: "Which router is it?".to_owned(),
        channel: common::Channel::Email.into(),
        ..Default::default()
    };
    client.hold_ticket(agent(hold)).await.unwrap();
    let solved = world.open().await.ticket_id;
    client.resolve_ticket(agent(resolve(&solved))).await.unwrap();
    for id in [&asked, &solved] {
        let before = world.story(id).await;
        quiet(&world, id, DUE).await;
        assert_eq!(world.story(id).await, before);
    }
    // A customer who asks again has heard nothing.
    let asking = world.open().await.ticket_id;
    client.add_message(of(Role::Customer, inbound(&asking))).await.unwrap();
    quiet(&world, &asking, DUE).await;
    assert_eq!(told(&world, &asking).await.len(), 1);
}

#[tokio::test]
async fn who_cannot_be_reached_is_not_written_to() {
    let world = World::new().await;
    let over = |channel: common::Channel, email: &str| {
        let mut request = v1::RegisterTicketRequest { channel: channel.into(), ..register() };
        request.requester.as_mut().unwrap().email = email.to_owned();
        request
    };
    let anna = "anna@example.org";
    for (channel, email, wanted) in [
        (common::Channel::Voice, "", None),
        (common::Channel::Voice, anna, Some(common::Channel::Email)),
        (common::Channel::Chat, anna, Some(common::Channel::Email)),
        (common::Channel::Portal, "", Some(common::Channel::Portal)),
    ] {
        let id = world.register_as(over(channel, email)).await.ticket_id;
        quiet(&world, &id, DUE).await;
        let channels: Vec<_> = told(&world, &id).await.iter().map(Message::channel).collect();
        assert_eq!(channels, Vec::from_iter(wanted), "{channel:?} {email}");
    }
}

#[tokio::test]
async fn who_is_reached_where_the_profile_says_is_told_too() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let mut request =
        v1::RegisterTicketRequest { channel: common::Channel::Voice.into(), ..register() };
    let requester = request.requester.as_mut().unwrap();
    (requester.email, requester.party_id) = (String::new(), party.party_id);
    let id = world.register_as(request).await.ticket_id;
    quiet(&world, &id, DUE).await;
    assert_eq!(told(&world, &id).await[0].channel(), common::Channel::Email);
}
