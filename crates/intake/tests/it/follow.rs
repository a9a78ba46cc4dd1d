//! A message of the customer finds the ticket that takes it.
use chassis::rpc::Role;
use tonic::Code;
use uuid::Uuid;
use wire::intake::v1::{self, LinkKind, TicketOrigin, TicketState};

use crate::world::{World, agent, inbound, info, new_id, of, refusal, resolve};

pub(crate) async fn closed(world: &World) -> v1::Ticket {
    let id = world.open().await.ticket_id;
    let mut client = world.client.clone();
    client.resolve_ticket(agent(resolve(&id))).await.unwrap();
    let confirm =
        v1::ConfirmResolutionRequest { request_id: new_id(), ticket_id: id, etag: String::new() };
    let answer = client.confirm_resolution(of(Role::Customer, confirm)).await.unwrap();
    answer.into_inner().ticket.unwrap()
}

#[tokio::test]
async fn a_message_to_a_closed_ticket_makes_a_ticket_that_follows_it() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let old = closed(&world).await;
    let message = inbound(&old.ticket_id);
    let first = client.add_message(of(Role::Customer, message.clone())).await.unwrap().into_inner();
    let new = first.ticket.clone().unwrap();
    assert_ne!(new.ticket_id, old.ticket_id);
    assert_eq!(first.message_id, new.ticket_id);
    assert_eq!((new.state(), new.origin()), (TicketState::New, TicketOrigin::FollowUp));
    assert_eq!(new.parent_ticket_id, old.ticket_id);
    assert_eq!((&new.subject, &new.requester), (&old.subject, &old.requester));
    assert_eq!(new.messages[0].body, "Any news?");
    assert_eq!(new.links[0].link(), LinkKind::FollowUpOf);
    assert_eq!(new.links[0].other_ticket_id, old.ticket_id);

    let again = client.add_message(of(Role::Customer, message.clone())).await.unwrap();
    assert_eq!(again.into_inner(), first);
    let other = v1::AddMessageRequest { body: "Another text".to_owned(), ..message };
    let status = client.add_message(of(Role::Customer, other)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));

    world.settled().await;
    let old = world.get(&old.ticket_id).await;
    assert_eq!(old.state(), TicketState::Closed);
    assert_eq!(old.links[0].link(), LinkKind::FollowedUpBy);
    assert_eq!(old.links[0].other_ticket_id, new.ticket_id);
}

#[tokio::test]
async fn a_person_of_the_organisation_registers_a_new_ticket_instead() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let old = closed(&world).await;
    let status = client.add_message(agent(inbound(&old.ticket_id))).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TICKET_STATE".to_owned()));
    assert_eq!(info(&status).metadata["current_state"], "CLOSED");
    let gateway = of(Role::Integrator, inbound(&old.ticket_id));
    let answer = client.add_message(gateway).await.unwrap().into_inner();
    assert_ne!(answer.ticket.unwrap().ticket_id, old.ticket_id);
}

#[tokio::test]
async fn a_message_goes_once_even_if_its_ticket_lives_again() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let spam =
        v1::MarkSpamRequest { request_id: new_id(), ticket_id: id.clone(), etag: String::new() };
    client.mark_spam(agent(spam)).await.unwrap();
    let message = inbound(&id);
    let first = client.add_message(of(Role::Customer, message.clone())).await.unwrap().into_inner();
    world.settled().await;
    let unmark =
        v1::UnmarkSpamRequest { request_id: new_id(), ticket_id: id.clone(), etag: String::new() };
    client.unmark_spam(agent(unmark)).await.unwrap();
    let again = client.add_message(of(Role::Customer, message)).await.unwrap().into_inner();
    assert_eq!(again.message_id, first.message_id);
    assert_eq!(world.get(&id).await.messages.len(), 1);
    // Another message is for the ticket that lives again.
    let answer = client.add_message(of(Role::Customer, inbound(&id))).await.unwrap().into_inner();
    assert_eq!(answer.ticket.unwrap().ticket_id, id);
}

#[tokio::test]
async fn a_message_to_a_merged_ticket_goes_to_the_oldest() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let party = Uuid::now_v7().to_string();
    let mut tickets = Vec::new();
    for _ in 0..3 {
        tickets.push(world.next_of_party(&party).await.ticket_id);
    }
    let before = inbound(&tickets[2]);
    client.add_message(of(Role::Customer, before.clone())).await.unwrap();
    for (source, target) in [(2, 1), (1, 0)] {
        let merge = v1::MergeTicketRequest {
            request_id: new_id(),
            ticket_id: tickets[source].clone(),
            etag: String::new(),
            target_ticket_id: tickets[target].clone(),
        };
        client.merge_ticket(agent(merge)).await.unwrap();
    }
    let message = v1::AddMessageRequest { etag: String::new(), ..inbound(&tickets[2]) };
    let first = client.add_message(agent(message.clone())).await.unwrap().into_inner();
    let took = first.ticket.clone().unwrap();
    assert_eq!(took.ticket_id, tickets[0]);
    assert_eq!(took.messages.last().unwrap().message_id, first.message_id);
    let again = client.add_message(agent(message)).await.unwrap().into_inner();
    assert_eq!(again, first);
    // What the ticket itself took before it was merged stays there.
    let again = client.add_message(of(Role::Customer, before)).await.unwrap().into_inner();
    assert_eq!(again.ticket.unwrap().ticket_id, tickets[2]);
}
