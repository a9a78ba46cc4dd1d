//! What the customer is promised and told, through the API.
use chassis::rpc::Role;
use tonic::Code;
use wire::common::v1 as common;
use wire::intake::v1::{self, MessagePurpose, PromiseKind, TicketState};

use crate::world::{
    World, agent, fields, inbound, info, new_id, of, refusal, reply, resolve, stamp, update,
};

fn rule() -> (Code, String) {
    (Code::FailedPrecondition, "RULE".to_owned())
}

fn promise(ticket_id: &str, kind: PromiseKind) -> v1::MakePromiseRequest {
    v1::MakePromiseRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        kind: kind.into(),
        due_at: stamp("2026-06-09T12:00:00Z"),
        internal: false,
    }
}

#[tokio::test]
async fn the_first_answer_says_when_there_is_more() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let silent = v1::SendReplyRequest { promise: None, ..reply(&id) };
    let status = client.send_reply(agent(silent.clone())).await.unwrap_err();
    assert_eq!(refusal(&status), rule());
    assert_eq!(info(&status).metadata["rule"], "FIRST_REPLY_WITHOUT_PROMISE");

    let answer = client.send_reply(agent(reply(&id))).await.unwrap().into_inner();
    let ticket = answer.ticket.unwrap();
    assert_eq!(ticket.state(), TicketState::Open);
    assert_eq!(ticket.promises[0].kind(), PromiseKind::NextUpdate);
    assert_eq!(ticket.promises[0].due_at, stamp("2026-06-09T12:00:00Z"));
    // The news has come, and the next answer promises nothing.
    let answer = client.send_reply(agent(silent)).await.unwrap().into_inner();
    assert!(answer.ticket.unwrap().promises.is_empty());
}

#[tokio::test]
async fn the_first_answer_is_free_where_the_rule_is_off() {
    let config = intake::Config { first_reply_needs_promise: false, ..testkit::settings("intake") };
    let world = World::configured(config).await;
    let id = world.register().await.ticket_id;
    let silent = v1::SendReplyRequest { promise: None, ..reply(&id) };
    world.client.clone().send_reply(agent(silent)).await.unwrap();
}

#[tokio::test]
async fn bad_promises_are_named_as_they_were_given() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    let invalid = (Code::InvalidArgument, "FIELD_INVALID".to_owned());
    let bad = v1::MakePromiseRequest {
        request_id: "1".to_owned(),
        kind: 9,
        due_at: None,
        ticket_id: "x".to_owned(),
        ..promise(&id, PromiseKind::Callback)
    };
    let status = client.make_promise(agent(bad)).await.unwrap_err();
    assert_eq!(refusal(&status), invalid);
    let mut named = fields(&status);
    named.sort();
    assert_eq!(named, ["due_at", "kind", "request_id", "ticket_id"]);

    let past = stamp("2026-06-08T12:00:00Z");
    let late = v1::MakePromiseRequest { due_at: past, ..promise(&id, PromiseKind::Callback) };
    let status = client.make_promise(agent(late)).await.unwrap_err();
    assert_eq!((refusal(&status), fields(&status)), (invalid.clone(), vec!["due_at".to_owned()]));
    let promise = Some(v1::NewPromise { kind: PromiseKind::NextUpdate.into(), due_at: past });
    let late = v1::SendReplyRequest { promise, ..reply(&id) };
    let status = client.send_reply(agent(late)).await.unwrap_err();
    assert_eq!(fields(&status), ["promise.due_at"]);
    let promise = Some(v1::NewPromise::default());
    let empty = v1::SendReplyRequest { promise, ..reply(&id) };
    let status = client.send_reply(agent(empty)).await.unwrap_err();
    assert_eq!(fields(&status), ["promise.kind", "promise.due_at"]);
}

#[tokio::test]
async fn a_repeated_promise_is_the_same_even_after_its_time() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    let request = promise(&id, PromiseKind::EtaResolution);
    let first = client.make_promise(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(first.ticket.as_ref().unwrap().promises[0].promise_id, first.promise_id);
    world.clock.advance(std::time::Duration::from_secs(24 * 3600));
    let again = client.make_promise(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = v1::MakePromiseRequest { internal: true, ..request };
    let status = client.make_promise(agent(other)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));
}

#[tokio::test]
async fn a_later_promise_takes_the_place_of_the_one_before() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    let first = promise(&id, PromiseKind::EtaResolution);
    let first = client.make_promise(agent(first)).await.unwrap().into_inner();
    let later = v1::MakePromiseRequest {
        due_at: stamp("2026-06-10T12:00:00Z"),
        internal: true,
        ..promise(&id, PromiseKind::EtaResolution)
    };
    let later = client.make_promise(agent(later)).await.unwrap().into_inner();
    assert_ne!(first.promise_id, later.promise_id);
    let promises = world.get(&id).await.promises;
    assert_eq!(promises.len(), 1);
    assert_eq!(promises[0].promise_id, later.promise_id);
    // What is promised inside is not shown outside.
    let read =
        of(Role::Customer, v1::GetTicketRequest { ticket_id: id.clone(), ..Default::default() });
    let seen = client.get_ticket(read).await.unwrap().into_inner().ticket.unwrap();
    assert!(seen.promises.is_empty());
    client.resolve_ticket(agent(resolve(&id))).await.unwrap();
    let status = client.make_promise(agent(promise(&id, PromiseKind::NextUpdate))).await;
    let status = status.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TICKET_STATE".to_owned()));
    assert_eq!(
        info(&status).metadata["allowed_states"],
        "NEW,OPEN,WAITING_CUSTOMER,WAITING_THIRD_PARTY"
    );
}

#[tokio::test]
async fn a_promised_call_comes_before_the_solution() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    client.make_promise(agent(promise(&id, PromiseKind::Callback))).await.unwrap();
    let status = client.resolve_ticket(agent(resolve(&id))).await.unwrap_err();
    assert_eq!(refusal(&status), rule());
    assert_eq!(info(&status).metadata["rule"], "CALLBACK_OPEN");
    let channel = common::Channel::Voice.into();
    client.send_reply(agent(v1::SendReplyRequest { channel, ..reply(&id) })).await.unwrap();
    client.resolve_ticket(agent(resolve(&id))).await.unwrap();
}

#[tokio::test]
async fn news_is_told_in_any_live_state() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let request = update(&id, MessagePurpose::Unspecified);
    let first = client.send_update(agent(request.clone())).await.unwrap().into_inner();
    let ticket = first.ticket.clone().unwrap();
    assert_eq!(ticket.state(), TicketState::New);
    let told = ticket.messages.last().unwrap();
    assert_eq!(
        (told.message_id.as_str(), told.purpose()),
        (&*first.message_id, MessagePurpose::Update)
    );
    let again = client.send_update(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = v1::SendUpdateRequest { body: "Other".to_owned(), ..request };
    let status = client.send_update(agent(other)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));
    let bad = v1::SendUpdateRequest {
        body: String::new(),
        channel: 0,
        ..update(&id, MessagePurpose::Note)
    };
    let status = client.send_update(agent(bad)).await.unwrap_err();
    assert_eq!(fields(&status), ["purpose", "channel", "body"]);
    client.add_message(agent(inbound(&id))).await.unwrap();
}
