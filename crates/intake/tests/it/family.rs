//! What happens to an incident happens to its children.
use chassis::rpc::Role;
use domain::ids::{MessageId, Personal, TicketId};
use domain::personal_data::Known;
use domain::priority::Channel;
use domain::ticket::{
    AuthorKind, Command, LinkTo, NewMessage, Resolve, Resolved, SendUpdate, UpdateKind,
};
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1::{self, LinkKind, MessagePurpose, TicketState};

use crate::world::{World, agent, link, new_id, of, register, resolve, update};

async fn child_of(world: &World, parent: &str) -> String {
    let id = world.register().await.ticket_id;
    let request = link(&id, parent, LinkKind::ChildOf);
    world.client.clone().link_ticket(agent(request)).await.unwrap();
    id
}

fn broadcasts(ticket: &v1::Ticket) -> Vec<&str> {
    let told = ticket.messages.iter().filter(|m| m.purpose() == MessagePurpose::Broadcast);
    told.map(|message| message.body.as_str()).collect()
}

#[tokio::test]
async fn a_broadcast_reaches_every_ticket_below_once() {
    let mut world = World::new().await;
    let mut client = world.client.clone();
    let incident = world.open().await.ticket_id;
    let first = child_of(&world, &incident).await;
    let second = child_of(&world, &incident).await;
    let below = child_of(&world, &first).await;
    let stranger = world.register().await.ticket_id;
    world.settled().await;
    let request = update(&incident, MessagePurpose::Broadcast);
    client.send_update(agent(request.clone())).await.unwrap();
    client.send_update(agent(request)).await.unwrap();
    world.settled().await;
    for id in [&incident, &first, &second, &below] {
        let ticket = world.get(id).await;
        assert_eq!(broadcasts(&ticket), ["The cause is found."]);
        let event = world.events(id).await.pop().unwrap();
        let domain::ticket::Event::MessageAdded(message) = event.decode().unwrap() else {
            panic!("{event:?}");
        };
        assert!(message.is_reply, "it stops the clocks of a first reply");
        assert_eq!(event.metadata().unwrap().correlation_id, *id);
    }
    assert!(broadcasts(&world.get(&stranger).await).is_empty());
    assert_eq!(world.get(&first).await.state(), TicketState::New);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

/// What is said in public, in a conversation or on paper about the incident has reached nobody else.
#[tokio::test]
async fn a_broadcast_is_a_letter_to_the_customers_of_the_children() {
    use common::Channel::{Chat, Email, Letter, Portal, Social};
    let world = World::new().await;
    let incident = world.open().await.ticket_id;
    let child = child_of(&world, &incident).await;
    world.settled().await;
    for channel in [Social, Chat, Letter, Portal] {
        let request = v1::SendUpdateRequest {
            channel: channel.into(),
            ..update(&incident, MessagePurpose::Broadcast)
        };
        world.client.clone().send_update(agent(request)).await.unwrap();
        world.settled().await;
    }
    let told = world.get(&child).await.messages.into_iter();
    let over: Vec<_> = told
        .filter(|message| message.purpose() == MessagePurpose::Broadcast)
        .map(|message| message.channel())
        .collect();
    assert_eq!(over, [Email, Email, Email, Portal]);
}

#[tokio::test]
async fn an_update_is_for_its_own_ticket() {
    let world = World::new().await;
    let incident = world.open().await.ticket_id;
    let child = child_of(&world, &incident).await;
    world.settled().await;
    let request = update(&incident, MessagePurpose::Update);
    world.client.clone().send_update(agent(request)).await.unwrap();
    world.settled().await;
    assert_eq!(world.get(&child).await.messages.len(), 1);
}

#[tokio::test]
async fn the_solution_of_an_incident_goes_down_the_tree() {
    let mut world = World::new().await;
    let mut client = world.client.clone();
    let incident = world.open().await.ticket_id;
    let child = child_of(&world, &incident).await;
    let below = child_of(&world, &child).await;
    let kind = v1::TicketType::Complaint.into();
    let complaint =
        world.register_as(v1::RegisterTicketRequest { r#type: kind, ..register() }).await.ticket_id;
    client.link_ticket(agent(link(&complaint, &incident, LinkKind::ChildOf))).await.unwrap();
    let called = child_of(&world, &incident).await;
    let promise = v1::MakePromiseRequest {
        request_id: new_id(),
        ticket_id: called.clone(),
        etag: String::new(),
        kind: v1::PromiseKind::Callback.into(),
        due_at: crate::world::stamp("2026-06-09T12:00:00Z"),
        internal: false,
    };
    client.make_promise(agent(promise)).await.unwrap();
    world.settled().await;
    client.resolve_ticket(agent(resolve(&incident))).await.unwrap();
    world.settled().await;
    for (id, parent) in [(&child, &incident), (&below, &child)] {
        assert_eq!(world.get(id).await.state(), TicketState::Resolved);
        let event = world.events(id).await.pop().unwrap();
        let domain::ticket::Event::Resolved(resolved) = event.decode().unwrap() else {
            panic!("{event:?}");
        };
        assert_eq!(resolved.cascaded_from.unwrap().0.to_string(), **parent);
        assert_eq!(resolved.resolution_code, "FIXED");
    }
    // A complaint is decided, and who waits for a call is called.
    for id in [&complaint, &called] {
        assert_eq!(world.get(id).await.state(), TicketState::New);
    }
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn only_an_incident_solves_its_children() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let request = world.open().await.ticket_id;
    let classify = v1::ClassifyTicketRequest {
        request_id: new_id(),
        ticket_id: request.clone(),
        r#type: v1::TicketType::Request.into(),
        ..Default::default()
    };
    client.classify_ticket(agent(classify)).await.unwrap();
    let child = child_of(&world, &request).await;
    world.settled().await;
    client.resolve_ticket(agent(resolve(&request))).await.unwrap();
    world.settled().await;
    assert_eq!(world.get(&child).await.state(), TicketState::New);
}

#[tokio::test]
async fn a_child_that_ended_or_left_is_left_alone() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let incident = world.open().await.ticket_id;
    let (ended, left) = (child_of(&world, &incident).await, child_of(&world, &incident).await);
    let withdraw = v1::WithdrawTicketRequest {
        request_id: new_id(),
        ticket_id: ended.clone(),
        channel: common::Channel::Email.into(),
        statement: "It works.".to_owned(),
        ..Default::default()
    };
    client.withdraw_ticket(of(Role::Customer, withdraw)).await.unwrap();
    let unlink = v1::UnlinkTicketRequest {
        request_id: new_id(),
        ticket_id: left.clone(),
        etag: String::new(),
        other_ticket_id: incident.clone(),
        link: LinkKind::ChildOf.into(),
    };
    client.unlink_ticket(agent(unlink)).await.unwrap();
    world.settled().await;
    let request = update(&incident, MessagePurpose::Broadcast);
    client.send_update(agent(request)).await.unwrap();
    client.resolve_ticket(agent(resolve(&incident))).await.unwrap();
    world.settled().await;
    assert_eq!(world.get(&ended).await.state(), TicketState::Closed);
    assert_eq!(world.get(&left).await.state(), TicketState::New);
    for id in [&ended, &left] {
        assert!(broadcasts(&world.get(id).await).is_empty());
    }
}

#[tokio::test]
async fn what_a_parent_told_before_it_noted_a_child_reaches_that_child() {
    let mut world = World::new().await;
    let incident = world.open().await.ticket_id;
    let child = world.register().await.ticket_id;
    world.settled().await;
    // The service dies after each of these, before it reacts.
    world.stop().await;
    let earlier = broadcast("Told before the link.");
    world.command(&incident, earlier).await;
    let other = TicketId(incident.parse().unwrap());
    let link = LinkTo { kind: domain::ticket::LinkKind::ChildOf, other, ancestors: Vec::new() };
    world.command(&child, Command::Link(link)).await;
    world.command(&incident, broadcast("Told after it.")).await;
    let resolved = Resolved {
        resolution_code: "FIXED".to_owned(),
        root_cause_code: None,
        summary: None,
        cascaded_from: None,
    };
    world.command(&incident, Command::Resolve(Resolve { resolved })).await;
    world.restart().await;
    world.settled().await;
    let ticket = world.get(&child).await;
    assert_eq!(broadcasts(&ticket), ["Told after it."]);
    assert_eq!(ticket.state(), TicketState::Resolved);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

fn broadcast(body: &str) -> Command {
    Command::SendUpdate(SendUpdate {
        message: NewMessage {
            message_id: MessageId(Uuid::now_v7()),
            channel: Channel::Email,
            author_kind: AuthorKind::Human,
            body: Personal(body.to_owned()),
            written_at: crate::world::at("2026-06-09T00:00:00Z"),
            public_venue: false,
            contact_id: None,
        },
        kind: UpdateKind::Broadcast,
        known: Known::default(),
    })
}
