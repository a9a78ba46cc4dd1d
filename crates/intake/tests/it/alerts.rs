//! An alert that is raised again leaves a note on the ticket that it has, whoever raises it where.
use std::collections::BTreeSet;

use chassis::rpc::Role;
use futures::StreamExt as _;
use tonic::Code;
use wire::common::v1::Channel;
use wire::intake::v1::{self, MessageDirection, TicketState};

use crate::join::merge;
use crate::world::{
    Client, World, agent, by_customer, fields, grpc_settings, new_id, of, refusal, register,
};

fn alert(key: &str) -> v1::RegisterTicketRequest {
    v1::RegisterTicketRequest {
        channel: Channel::Monitoring.into(),
        subject: "pay-api is down".to_owned(),
        body: "503 from every node".to_owned(),
        requester: None,
        dedupe_key: key.to_owned(),
        ..register()
    }
}

async fn raise(client: &Client, request: v1::RegisterTicketRequest) -> v1::RegisterTicketResponse {
    let request = of(Role::Integrator, request);
    client.clone().register_ticket(request).await.unwrap().into_inner()
}

/// As a client should: one that was overtaken too often comes again with the same request.
async fn raise_until_heard(
    client: &Client,
    request: v1::RegisterTicketRequest,
) -> v1::RegisterTicketResponse {
    for _ in 0..100 {
        match client.clone().register_ticket(of(Role::Integrator, request.clone())).await {
            Ok(answer) => return answer.into_inner(),
            Err(refused) => assert_eq!(refused.code(), Code::Aborted, "{refused:?}"),
        }
    }
    panic!("overtaken a hundred times");
}

fn notes(ticket: &v1::Ticket) -> usize {
    let notes = ticket.messages.iter();
    notes.filter(|message| message.direction() == MessageDirection::Internal).count()
}

impl World {
    async fn close(&self, ticket_id: &str) {
        let (request_id, ticket_id, etag) = (new_id(), ticket_id.to_owned(), String::new());
        let spam = v1::MarkSpamRequest { request_id, ticket_id, etag };
        self.client.clone().mark_spam(agent(spam)).await.unwrap();
    }
}

#[tokio::test]
async fn a_repeated_alert_joins_its_ticket_until_that_is_closed() {
    let world = World::new().await;
    let first = raise(&world.client, alert("pay-api:down")).await;
    assert!(!first.joined_existing);
    let first = first.ticket.unwrap();
    let again = raise(&world.client, alert("pay-api:down")).await;
    assert!(again.joined_existing);
    let joined = again.ticket.unwrap();
    assert_eq!((&joined.ticket_id, notes(&joined)), (&first.ticket_id, 1));
    let note = joined.messages.last().unwrap();
    assert!(note.body.contains("The same alert again: pay-api is down"), "{}", note.body);
    assert!(note.body.ends_with("503 from every node"));
    for other in
        [raise(&world.client, alert("pay-db:down")).await, raise(&world.client, alert("")).await]
    {
        assert!(!other.joined_existing);
        assert_ne!(other.ticket.unwrap().ticket_id, first.ticket_id);
    }

    world.close(&first.ticket_id).await;
    let second = raise(&world.client, alert("pay-api:down")).await;
    assert!(!second.joined_existing);
    let second = second.ticket.unwrap();
    assert_eq!((second.state(), notes(&second)), (TicketState::New, 0));
    assert_ne!((&second.ticket_id, &second.number), (&first.ticket_id, &first.number));
    world.settled().await;
    let third = raise(&world.client, alert("pay-api:down")).await;
    assert_eq!(third.ticket.unwrap().ticket_id, second.ticket_id);
}

#[tokio::test]
async fn a_request_that_is_repeated_meets_its_own_answer_whatever_came_since() {
    let world = World::new().await;
    let requests = [alert("disk"), alert("disk")];
    let first = raise(&world.client, requests[0].clone()).await;
    let joined = raise(&world.client, requests[1].clone()).await;
    assert_eq!((first.joined_existing, joined.joined_existing), (false, true));
    world.close(&first.ticket.as_ref().unwrap().ticket_id).await;
    let other = raise(&world.client, alert("disk")).await.ticket.unwrap();
    world.settled().await;
    let heads = world.heads().await;
    assert_eq!(raise(&world.client, requests[0].clone()).await, first);
    assert_eq!(raise(&world.client, requests[1].clone()).await, joined);
    assert_eq!(world.heads().await, heads, "nothing is written");
    assert_eq!(notes(&world.get(&other.ticket_id).await), 0);
    let reused = v1::RegisterTicketRequest { body: "other".to_owned(), ..requests[1].clone() };
    let refused = world.client.clone().register_ticket(of(Role::Integrator, reused)).await;
    let wanted = (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned());
    assert_eq!(refusal(&refused.unwrap_err()), wanted);
}

#[tokio::test]
async fn an_alert_follows_its_ticket_into_the_one_that_took_it_in() {
    let world = World::new().await;
    let older = raise(&world.client, alert("node-1")).await.ticket.unwrap();
    world.clock.advance(std::time::Duration::from_secs(1));
    let younger = raise(&world.client, alert("node-2")).await.ticket.unwrap();
    let request = merge(&younger.ticket_id, &older.ticket_id);
    world.client.clone().merge_ticket(agent(request)).await.unwrap();
    let again = raise(&world.client, alert("node-2")).await;
    assert!(again.joined_existing);
    assert_eq!(again.ticket.unwrap().ticket_id, older.ticket_id);
}

/// Two processes, many at the same moment, and each round the ticket is closed before the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_the_same_moment_make_one_ticket() {
    const AT_ONCE: usize = 24;
    let world = World::new().await;
    let (other, _stop) = world.another(grpc_settings()).await;
    let clients = [world.client.clone(), other];
    for round in 0..4 {
        let raised = futures::stream::iter(0..AT_ONCE)
            .map(|at| {
                let client = clients[at % 2].clone();
                async move { raise_until_heard(&client, alert("link:flaps")).await }
            })
            .buffer_unordered(AT_ONCE);
        let answers: Vec<_> = raised.collect().await;
        let begun = answers.iter().filter(|answer| !answer.joined_existing).count();
        let ids: BTreeSet<_> = answers
            .iter()
            .map(|answer| answer.ticket.as_ref().unwrap().ticket_id.clone())
            .collect();
        assert_eq!((begun, ids.len()), (1, 1), "round {round}");
        let ticket_id = ids.first().unwrap();
        assert_eq!(notes(&world.get(ticket_id).await), AT_ONCE - 1, "round {round}");
        world.close(ticket_id).await;
    }
    let tickets = "select count(*) from intake.alerts";
    world.settled().await;
    assert_eq!(world.count(tickets).await, 1, "one alert, whose newest ticket is known");
}

#[tokio::test]
async fn who_may_leave_no_note_gives_no_key() {
    let world = World::new().await;
    let request =
        v1::RegisterTicketRequest { dedupe_key: "pay-api:down".to_owned(), ..by_customer() };
    let refused = world.client.clone().register_ticket(of(Role::Customer, request)).await;
    let status = refused.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("ticket.note"), "{status:?}");
    let long = alert(&"k".repeat(201));
    let refused = world.client.clone().register_ticket(of(Role::Integrator, long)).await;
    assert_eq!(fields(&refused.unwrap_err()), ["dedupe_key"]);
}
