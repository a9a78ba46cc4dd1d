//! A ticket's life, seen through the API.
use chassis::rpc::Role;
use tonic::Code;
use wire::common::v1 as common;
use wire::intake::v1::{self, TicketState};

use crate::world::{World, agent, at, inbound, of, refusal, register, resolve, stamp};

#[tokio::test]
async fn a_registered_ticket_can_be_read_at_once() {
    let world = World::new().await;
    let ticket = world.register().await;

    assert_eq!(ticket.state(), TicketState::New);
    assert_eq!(ticket.r#type(), v1::TicketType::Incident);
    assert_eq!(ticket.priority(), common::Priority::P2);
    assert_eq!(ticket.priority_word(), common::PriorityWord::High);
    assert_eq!(ticket.status(), common::TicketStatus::New);
    assert_eq!((ticket.category_code.as_str(), ticket.language.as_str()), ("TECH/outage", "pl"));
    assert_eq!(ticket.received_at, stamp("2026-06-09T00:00:00Z"));
    assert_eq!(ticket.etag, "\"3\"");
    assert!(ticket.number.parse::<domain::ticket::number::Number>().is_ok());
    assert_eq!(ticket.messages.len(), 1);
    assert_eq!(ticket.messages[0].message_id, ticket.ticket_id);
    assert_eq!(ticket.messages[0].body, "Since this morning.");
    assert_eq!(world.get(&ticket.ticket_id).await, ticket);
    assert_eq!(
        world.story(&ticket.ticket_id).await,
        ["TicketRegistered", "TicketClassified", "PriorityChanged"]
    );
}

#[tokio::test]
async fn the_log_says_who_and_when() {
    let world = World::new().await;
    let ticket = world.register().await;
    for event in world.events(&ticket.ticket_id).await {
        let metadata = event.metadata().unwrap();
        let actor = metadata.actor.unwrap();
        assert_eq!((actor.id.as_str(), actor.role.as_str()), ("agent-17", "agent"));
        assert_eq!(actor.kind, i32::from(common::ActorKind::Agent));
        assert_eq!(metadata.correlation_id, ticket.ticket_id);
        assert!(!metadata.historical);
        assert_eq!(event.occurred_at, at("2026-06-09T00:00:00Z"));
    }
}

#[tokio::test]
async fn from_the_first_answer_over_two_waits_back_to_work() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let state = |ticket: Option<v1::Ticket>| ticket.unwrap().state();

    let reply = v1::SendReplyRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        etag: "\"3\"".to_owned(),
        channel: common::Channel::Email.into(),
        body: "We are looking.".to_owned(),
        promise: crate::world::news_soon(),
        ..Default::default()
    };
    let answer = client.send_reply(agent(reply)).await.unwrap().into_inner();
    let ticket = answer.ticket.unwrap();
    assert_eq!(ticket.state(), TicketState::Open);
    assert_eq!(ticket.messages.last().unwrap().message_id, answer.message_id);

    let hold = v1::HoldTicketRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        kind: v1::HoldKind::Customer.into(),
        question: "Which router is it?".to_owned(),
        channel: common::Channel::Email.into(),
        ..Default::default()
    };
    let answer = client.hold_ticket(agent(hold)).await.unwrap().into_inner();
    assert_eq!(state(answer.ticket), TicketState::WaitingCustomer);

    let answer = client.add_message(of(Role::Customer, inbound(&id))).await.unwrap().into_inner();
    assert_eq!(state(answer.ticket), TicketState::Open);

    let hold = v1::HoldTicketRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        kind: v1::HoldKind::ThirdParty.into(),
        vendor_id: "carrier-3".to_owned(),
        expected_by: stamp("2026-06-09T06:00:00Z"),
        ..Default::default()
    };
    let answer = client.hold_ticket(agent(hold)).await.unwrap().into_inner();
    assert_eq!(state(answer.ticket), TicketState::WaitingThirdParty);

    let unhold = v1::UnholdTicketRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        trigger: v1::UnholdTrigger::VendorReply.into(),
        ..Default::default()
    };
    let answer = client.unhold_ticket(agent(unhold)).await.unwrap().into_inner();
    assert_eq!(state(answer.ticket), TicketState::Open);
    assert_eq!(
        world.story(&id).await[3..],
        [
            "MessageAdded",
            "PromiseMade",
            "WorkStarted",
            "MessageAdded",
            "TicketHeld",
            "MessageAdded",
            "TicketUnheld",
            "TicketHeld",
            "TicketUnheld",
        ]
    );
}

#[tokio::test]
async fn from_the_solution_over_its_rejection_to_the_close() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    let answer = client.resolve_ticket(agent(resolve(&id))).await.unwrap().into_inner();
    assert_eq!(answer.ticket.unwrap().state(), TicketState::Resolved);

    let reopen = v1::ReopenTicketRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        reason: "still down,\nsays Anna".to_owned(),
        ..Default::default()
    };
    let answer = client.reopen_ticket(of(Role::Customer, reopen)).await.unwrap().into_inner();
    let ticket = answer.ticket.unwrap();
    assert_eq!((ticket.state(), ticket.reopen_count), (TicketState::Open, 1));
    let said = ticket.messages.last().unwrap();
    assert_eq!(said.body, "still down,\nsays Anna");
    assert_eq!(said.direction(), v1::MessageDirection::Inbound);
    assert_eq!(said.channel(), common::Channel::Portal);
    // What a customer says stands nowhere in clear.
    let opened = world.owner.read_partition(world.tenant.partition, 0, 100).await.unwrap();
    let stored: Vec<_> = opened.iter().flat_map(|event| event.payload.to_vec()).collect();
    assert!(!String::from_utf8_lossy(&stored).contains("still down"));

    client.resolve_ticket(agent(resolve(&id))).await.unwrap();
    let confirm = v1::ConfirmResolutionRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        etag: String::new(),
    };
    let answer = client.confirm_resolution(of(Role::Customer, confirm)).await.unwrap();
    let ticket = answer.into_inner().ticket.unwrap();
    assert_eq!(ticket.close_reason(), v1::CloseReason::Confirmed);
    assert_eq!(ticket.state(), TicketState::Closed);
    assert_eq!(world.get(&id).await, ticket);
    let events = world.events(&id).await;
    let last = events[events.len() - 3].decode::<domain::ticket::Event>().unwrap();
    assert!(matches!(
        last,
        domain::ticket::Event::Reopened(domain::ticket::Reopened {
            trigger: domain::ticket::ReopenTrigger::CustomerRejected,
            ..
        })
    ));
}

#[tokio::test]
async fn classification_and_priority_change_the_ticket() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let classify = v1::ClassifyTicketRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        r#type: v1::TicketType::Request.into(),
        category_code: "TECH/access".to_owned(),
        tags: vec!["vpn".to_owned(), "vpn".to_owned()],
        ..Default::default()
    };
    let answer = client.classify_ticket(agent(classify)).await.unwrap().into_inner();
    let ticket = answer.ticket.unwrap();
    assert_eq!(ticket.r#type(), v1::TicketType::Request);
    assert_eq!(ticket.tags, ["vpn"]);

    let set = |impact: v1::Impact| v1::SetPriorityRequest {
        request_id: crate::world::new_id(),
        ticket_id: id.clone(),
        impact: impact.into(),
        urgency: v1::Urgency::High.into(),
        cause: v1::PriorityCause::ImpactGrew.into(),
        reason: "the whole street".to_owned(),
        ..Default::default()
    };
    let answer = client.set_priority(agent(set(v1::Impact::High))).await.unwrap().into_inner();
    assert_eq!(answer.ticket.unwrap().priority(), common::Priority::P1);
    let refused = client.set_priority(agent(set(v1::Impact::Medium))).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    let answer = client.set_priority(of(Role::Lead, set(v1::Impact::Medium))).await.unwrap();
    assert_eq!(answer.into_inner().ticket.unwrap().priority(), common::Priority::P2);
}

#[tokio::test]
async fn a_customer_does_not_see_what_colleagues_write_to_each_other() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let note = v1::AddMessageRequest {
        direction: v1::MessageDirection::Internal.into(),
        body: "An angry one.".to_owned(),
        ..inbound(&id)
    };
    let forbidden = client.add_message(of(Role::Customer, note.clone())).await.unwrap_err();
    assert_eq!(forbidden.code(), Code::PermissionDenied);
    client.add_message(agent(note)).await.unwrap();
    assert_eq!(world.get(&id).await.messages.len(), 2);
    let read = v1::GetTicketRequest { ticket_id: id.clone(), ..Default::default() };
    let seen = client.get_ticket(of(Role::Customer, read)).await.unwrap().into_inner();
    let seen = seen.ticket.unwrap();
    assert_eq!((seen.messages.len(), seen.message_count), (1, 1));
}

#[tokio::test]
async fn the_answer_says_where_the_log_stands() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let answer = client.register_ticket(agent(register())).await.unwrap().into_inner();
    let token = answer.consistency_token.unwrap().token;
    let cursor: eventlog::Cursor = token.parse().unwrap();
    let events = world.events(&answer.ticket.unwrap().ticket_id).await;
    assert_eq!(events.last().unwrap().cursor(), cursor);
}

#[tokio::test]
async fn of_a_long_thread_the_newest_messages_are_given() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    // 12 × 100,000 bytes are more than the 1 MiB of an answer.
    for place in 0..12 {
        let body = format!("{place}{}", ".".repeat(99_990));
        let message = v1::AddMessageRequest { body, ..inbound(&id) };
        client.add_message(agent(message)).await.unwrap();
    }
    let ticket = world.get(&id).await;
    assert_eq!(ticket.message_count, 13);
    assert_eq!(ticket.messages.len(), 10);
    assert!(ticket.messages[0].body.starts_with('2'));
    assert!(ticket.messages[9].body.starts_with("11"));
}
