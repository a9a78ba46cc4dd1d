//! Tickets that end otherwise than by a solution.
use std::time::Duration;

use chassis::rpc::Role;
use tonic::Code;
use wire::common::v1 as common;
use wire::intake::v1::{self, CloseReason, TicketState};

use crate::world::{World, agent, fields, info, new_id, of, refusal, register, resolve};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn withdraw(ticket_id: &str) -> v1::WithdrawTicketRequest {
    v1::WithdrawTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        channel: common::Channel::Email.into(),
        statement: "It works again, never mind.".to_owned(),
        confirmation: String::new(),
    }
}

fn mark_spam(ticket_id: &str) -> v1::MarkSpamRequest {
    let (request_id, ticket_id, etag) = (new_id(), ticket_id.to_owned(), String::new());
    v1::MarkSpamRequest { request_id, ticket_id, etag }
}

fn unmark_spam(ticket_id: &str) -> v1::UnmarkSpamRequest {
    let (request_id, ticket_id, etag) = (new_id(), ticket_id.to_owned(), String::new());
    v1::UnmarkSpamRequest { request_id, ticket_id, etag }
}

#[tokio::test]
async fn a_withdrawal_is_kept_and_ends_the_ticket() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.open().await.ticket_id;
    let bad = v1::WithdrawTicketRequest { statement: String::new(), channel: 0, ..withdraw(&id) };
    let status = client.withdraw_ticket(of(Role::Customer, bad)).await.unwrap_err();
    assert_eq!(fields(&status), ["channel", "statement"]);

    let request = withdraw(&id);
    let first = client.withdraw_ticket(of(Role::Customer, request.clone())).await.unwrap();
    let first = first.into_inner();
    let ticket = first.ticket.clone().unwrap();
    assert_eq!(
        (ticket.state(), ticket.close_reason()),
        (TicketState::Closed, CloseReason::Withdrawn)
    );
    assert_eq!(ticket.messages.last().unwrap().body, "It works again, never mind.");
    let again = client.withdraw_ticket(of(Role::Customer, request.clone())).await.unwrap();
    assert_eq!(again.into_inner(), first);
    let other = v1::WithdrawTicketRequest { statement: "Other".to_owned(), ..request };
    let status = client.withdraw_ticket(of(Role::Customer, other)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));
    let status = client.withdraw_ticket(agent(withdraw(&id))).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TICKET_STATE".to_owned()));
    assert_eq!(info(&status).metadata["current_state"], "CLOSED");
}

#[tokio::test]
async fn spam_that_was_none_is_new_again_for_ninety_days() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let before = world.open().await;
    let id = before.ticket_id.clone();
    let request = mark_spam(&id);
    let first = client.mark_spam(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(first.ticket.as_ref().unwrap().close_reason(), CloseReason::Spam);
    let again = client.mark_spam(agent(request)).await.unwrap().into_inner();
    assert_eq!(again, first);

    world.clock.advance(90 * DAY);
    let request = unmark_spam(&id);
    let first = client.unmark_spam(agent(request.clone())).await.unwrap().into_inner();
    let ticket = first.ticket.clone().unwrap();
    assert_eq!((ticket.state(), ticket.reopen_count), (TicketState::New, 1));
    assert_eq!(ticket.received_at, before.received_at);
    let again = client.unmark_spam(agent(request)).await.unwrap().into_inner();
    assert_eq!(again, first);

    client.mark_spam(agent(mark_spam(&id))).await.unwrap();
    world.clock.advance(90 * DAY + Duration::from_secs(1));
    let status = client.unmark_spam(agent(unmark_spam(&id))).await.unwrap_err();
    assert_eq!(info(&status).metadata["rule"], "SPAM_TOO_OLD");
}

#[tokio::test]
async fn what_is_no_spam_is_not_closed_as_spam() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let kind = v1::TicketType::Complaint.into();
    let complaint =
        world.register_as(v1::RegisterTicketRequest { r#type: kind, ..register() }).await;
    let status = client.mark_spam(agent(mark_spam(&complaint.ticket_id))).await.unwrap_err();
    assert_eq!(info(&status).metadata["rule"], "CANNOT_BE_SPAM");
    let open = world.open().await;
    client.resolve_ticket(agent(resolve(&open.ticket_id))).await.unwrap();
    let status = client.mark_spam(agent(mark_spam(&open.ticket_id))).await.unwrap_err();
    assert_eq!(info(&status).metadata["allowed_states"], "NEW,OPEN");
    let status = client.unmark_spam(agent(unmark_spam(&open.ticket_id))).await.unwrap_err();
    assert_eq!(info(&status).metadata["allowed_states"], "CLOSED");
    client.withdraw_ticket(agent(withdraw(&open.ticket_id))).await.unwrap();
    let status = client.unmark_spam(agent(unmark_spam(&open.ticket_id))).await.unwrap_err();
    assert_eq!(info(&status).metadata["rule"], "NOT_CLOSED_AS_SPAM");
    let status = client.mark_spam(agent(mark_spam(&new_id()))).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}
