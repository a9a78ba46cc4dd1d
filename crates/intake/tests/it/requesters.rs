//! Who asks in a ticket changes; an erasure takes along every ticket in which the party ever asked.
use chassis::rpc::Role;
use eventlog::sealing::ERASED;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1::{self, PartyRole, PartyState};

use crate::join::split;
use crate::parties::{anna, rule};
use crate::world::{World, agent, by_customer, inbound, info, new_id, of, register};

impl World {
    pub(crate) async fn requester(&self, ticket_id: &str, party_id: &str) {
        let request = v1::LinkPartyRequest {
            request_id: new_id(),
            ticket_id: ticket_id.to_owned(),
            etag: String::new(),
            party_id: party_id.to_owned(),
            role: v1::PartyRole::Requester.into(),
            identification: v1::Identification::Verified.into(),
        };
        self.client.clone().link_party(agent(request)).await.unwrap();
    }

    /// As monitoring registers it: nobody asks.
    pub(crate) async fn alert(&self) -> String {
        let request = v1::RegisterTicketRequest {
            channel: common::Channel::Monitoring.into(),
            requester: None,
            dedupe_key: "pay-api:down".to_owned(),
            ..register()
        };
        self.register_as(request).await.ticket_id
    }

    /// A message of whoever asks.
    async fn written(&self, ticket_id: &str, body: &str) -> String {
        let message = v1::AddMessageRequest { body: body.to_owned(), ..inbound(ticket_id) };
        let answer = self.client.clone().add_message(agent(message)).await.unwrap();
        answer.into_inner().message_id
    }

    async fn is_erased(&self, ticket_id: &str) -> bool {
        self.texts(ticket_id).await.iter().all(|text| text == ERASED)
    }
}

#[tokio::test]
async fn who_asked_before_is_erased_with_what_they_wrote() {
    let mut world = World::new().await;
    let anna_ = world.party("Anna Nowak", &anna()).await.party_id;
    let jan = world.party("Jan", &[]).await.party_id;
    let ticket = world.next_of_party(&anna_).await.ticket_id;
    let first = world.written(&ticket, "It is Anna's.").await;
    world.requester(&ticket, &jan).await;
    world.written(&ticket, "It is Jan's.").await;
    // Anna's message goes on in a ticket that is Jan's from the beginning, her subject in another.
    let answer = world.client.clone().split_ticket(agent(split(&ticket, &[&first]))).await.unwrap();
    let child = answer.into_inner().child_ticket_id;
    world.settled().await;

    let status = world.erase(&anna_).await.unwrap_err();
    assert_eq!((&*rule(&status), status.message().contains("2 tickets")), ("OPEN_TICKETS", true));
    for ticket_id in [&ticket, &child] {
        world.withdraw(ticket_id).await;
    }
    let follows = of(Role::Customer, inbound(&ticket));
    let follows = world.client.clone().add_message(follows).await.unwrap().into_inner();
    let follows = follows.ticket.unwrap().ticket_id;
    world.settled().await;
    assert_eq!(rule(&world.erase(&anna_).await.unwrap_err()), "OPEN_TICKETS");
    world.withdraw(&follows).await;
    world.hold(&jan, true).await;
    let status = world.erase(&anna_).await.unwrap_err();
    assert_eq!((&*rule(&status), &info(&status).metadata["held_party_id"]), ("LEGAL_HOLD", &jan));
    assert_eq!(world.texts(&ticket).await[1], "Since this morning.", "Jan's evidence is there");
    world.hold(&jan, false).await;
    world.erase(&anna_).await.unwrap();
    for ticket_id in [&ticket, &child, &follows] {
        assert!(world.is_erased(ticket_id).await, "{ticket_id}");
    }

    // Jan asks in a ticket of whoever comes after the erasure: Anna's does not take that along.
    let later = world.next_of_party(&jan).await.ticket_id;
    world.requester(&later, &anna_).await;
    world.deliver_everything_again().await;
    assert_eq!(world.texts(&later).await[0], "No service");
    world.withdraw(&later).await;
    world.erase(&anna_).await.unwrap();
    assert!(world.is_erased(&later).await);
}

#[tokio::test]
async fn who_asks_in_the_ticket_of_an_alert_is_erased_with_it() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await.party_id;
    let ticket = world.alert().await;
    world.requester(&ticket, &party).await;
    world.written(&ticket, "It is dark.").await;
    assert_eq!(rule(&world.erase(&party).await.unwrap_err()), "OPEN_TICKETS");
    let request = v1::ListPartyTicketsRequest { party_id: party.clone(), ..Default::default() };
    let list = world.parties.clone().list_party_tickets(agent(request)).await.unwrap();
    let ids: Vec<_> = list.into_inner().tickets.into_iter().map(|t| t.ticket_id).collect();
    assert_eq!(ids, [ticket.as_str()]);
    world.withdraw(&ticket).await;
    assert_eq!(world.erase(&party).await.unwrap().state(), PartyState::Erased);
    assert!(world.is_erased(&ticket).await);
    // Nothing is left to be erased.
    let heads = world.heads().await;
    world.erase(&party).await.unwrap();
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn who_is_known_in_a_ticket_is_known_in_what_becomes_of_it() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let party_id = Uuid::now_v7().to_string();
    let known = |ticket: &v1::Ticket| {
        let parties = ticket.parties.iter();
        let parties = parties.map(|p| (p.party_id.clone(), p.role(), p.identification()));
        parties.collect::<Vec<_>>()
    };
    let registering = |party_id: &str| {
        let requester = register().requester.unwrap();
        let requester = v1::Requester { party_id: party_id.to_owned(), ..requester };
        v1::RegisterTicketRequest { requester: Some(requester), ..by_customer() }
    };
    // Nobody has proved to be a party that only their colleague names.
    let by_agent = client.register_ticket(agent(registering(&party_id))).await.unwrap();
    assert!(known(&by_agent.into_inner().ticket.unwrap()).is_empty());
    let portal = of(Role::Customer, registering(&party_id));
    let ticket = client.register_ticket(portal).await.unwrap().into_inner().ticket.unwrap();
    let ticket = world.get(&ticket.ticket_id).await;
    let verified = [(party_id, PartyRole::Requester, v1::Identification::Verified)];
    assert_eq!(known(&ticket), verified);

    let id = ticket.ticket_id.as_str();
    let apart = client.split_ticket(agent(split(id, &[id]))).await.unwrap().into_inner();
    world.settled().await;
    assert_eq!(known(&world.get(&apart.child_ticket_id).await), verified);
    world.withdraw(id).await;
    let more = client.add_message(of(Role::Customer, inbound(id))).await.unwrap().into_inner();
    let follow_up = world.get(&more.ticket.unwrap().ticket_id).await;
    assert_eq!(
        (follow_up.origin(), known(&follow_up)),
        (v1::TicketOrigin::FollowUp, verified.into())
    );
}

#[tokio::test]
async fn who_asks_still_is_nobody_else_wherever_a_batch_ends() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await.party_id;
    let ticket = world.next_of_party(&party).await.ticket_id;
    world.settled().await;
    world.requester(&ticket, &party).await;
    world.settled().await;
    for delivered in ["one by one", "all at once"] {
        let others: i64 = sqlx::query_scalar("select count(*) from intake.ticket_requesters")
            .fetch_one(world.db.pool())
            .await
            .unwrap();
        assert_eq!(others, 0, "{delivered}");
        world.deliver_everything_again().await;
    }
}
