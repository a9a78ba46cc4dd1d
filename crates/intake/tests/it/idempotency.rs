//! Every call may be repeated.
use std::time::Duration;

use chassis::serve::Settings;
use futures::future::join_all;
use tonic::Code;
use wire::intake::v1;

use crate::world::{World, agent, grpc_settings, inbound, info, new_id, refusal, register, stamp};

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_changes_nothing() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let request = register();
    let first = client.register_ticket(agent(request.clone())).await.unwrap().into_inner();
    let id = first.ticket.clone().unwrap().ticket_id;
    let message = inbound(&id);
    let added = client.add_message(agent(message.clone())).await.unwrap().into_inner();

    world.clock.advance(Duration::from_secs(3600));
    let again = client.register_ticket(agent(request)).await.unwrap().into_inner();
    assert_eq!(again, first, "the answer of then, though the ticket has changed");
    let again = client.add_message(agent(message)).await.unwrap().into_inner();
    assert_eq!(again, added);
    assert_eq!(world.events(&id).await.len(), 4);
}

#[tokio::test]
async fn a_request_id_is_good_for_one_request() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let request = register();
    client.register_ticket(agent(request.clone())).await.unwrap();
    let other = v1::RegisterTicketRequest { subject: "Another".to_owned(), ..request };
    let status = client.register_ticket(agent(other)).await.unwrap_err();
    let reused = (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned());
    assert_eq!(refusal(&status), reused);

    let id = world.open().await.ticket_id;
    let message = inbound(&id);
    client.add_message(agent(message.clone())).await.unwrap();
    let other = v1::AddMessageRequest { body: "Other text".to_owned(), ..message };
    let status = client.add_message(agent(other)).await.unwrap_err();
    assert_eq!(refusal(&status), reused);
}

#[tokio::test]
async fn fifty_at_once_make_one_ticket() {
    let world = World::new().await;
    let request = register();
    let calls = (0..50).map(|_| {
        let (mut client, request) = (world.client.clone(), request.clone());
        async move { client.register_ticket(agent(request)).await.unwrap().into_inner() }
    });
    let answers = join_all(calls).await;
    let id = answers[0].ticket.clone().unwrap().ticket_id;
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_eq!(world.events(&id).await.len(), 3);

    let message = inbound(&id);
    let calls = (0..50).map(|_| {
        let (mut client, message) = (world.client.clone(), message.clone());
        async move { client.add_message(agent(message)).await.unwrap().into_inner() }
    });
    let answers = join_all(calls).await;
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    assert_eq!(world.events(&id).await.len(), 4);
}

#[tokio::test]
async fn the_same_id_in_another_tenant_is_another_request() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let request = register();
    let here = client.register_ticket(agent(request.clone())).await.unwrap().into_inner();
    let there = crate::world::for_tenant("zeta", chassis::rpc::Role::Agent, request);
    let there = client.register_ticket(there).await.unwrap().into_inner();
    let (here, there) = (here.ticket.unwrap(), there.ticket.unwrap());
    assert_ne!(here.ticket_id, there.ticket_id);
    assert_ne!(here.number, there.number);

    let read = v1::GetTicketRequest { ticket_id: here.ticket_id, ..Default::default() };
    let read = crate::world::for_tenant("zeta", chassis::rpc::Role::Agent, read);
    let status = client.get_ticket(read).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn after_an_unknown_outcome_the_same_request_tells() {
    let world = World::new().await;
    let short = Duration::from_millis(200);
    let impatient = Settings { default_deadline: short, ..grpc_settings() };
    let (mut hasty, _stop) = world.another(impatient).await;

    // Nobody can commit while this transaction holds the partition.
    let mut holder = world.db.pool().begin().await.unwrap();
    sqlx::query("select 1 from log.partition for update").execute(&mut *holder).await.unwrap();
    let request = v1::RegisterTicketRequest { request_id: new_id(), ..register() };
    let status = hasty.register_ticket(agent(request.clone())).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::DeadlineExceeded, "OUTCOME_UNKNOWN".to_owned()));
    holder.rollback().await.unwrap();

    let answer = world.client.clone().register_ticket(agent(request)).await.unwrap();
    let id = answer.into_inner().ticket.unwrap().ticket_id;
    assert_eq!(world.events(&id).await.len(), 3);
}

#[tokio::test]
async fn a_request_has_its_answer_though_it_is_older_by_then() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let received_at = stamp("2026-06-08T23:46:00Z");
    let request = v1::RegisterTicketRequest { received_at, ..register() };
    let first = client.register_ticket(agent(request.clone())).await.unwrap().into_inner();
    world.clock.advance(Duration::from_secs(120));
    let again = client.register_ticket(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(again, first);
    // Another request says what the caller may not say by now.
    let other = v1::RegisterTicketRequest { request_id: new_id(), ..request };
    let refused = client.register_ticket(agent(other)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    assert_eq!(info(&refused).metadata["permission"], "ticket.backdate");
}
