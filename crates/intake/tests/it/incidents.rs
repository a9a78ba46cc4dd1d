//! What a customer writes about an outage joins the ticket that monitoring has raised for it.
use chassis::rpc::Role;
use wire::common::v1::Channel;
use wire::intake::v1::{self, LinkKind, TicketState, TicketType};

use crate::world::{World, agent, link, of, register, resolve, update};

fn about(service: &str) -> v1::RegisterTicketRequest {
    let object =
        v1::BusinessObject { kind: v1::ObjectKind::Service.into(), id: service.to_owned() };
    v1::RegisterTicketRequest { about: vec![object], ..register() }
}

fn alert(service: &str) -> v1::RegisterTicketRequest {
    v1::RegisterTicketRequest {
        channel: Channel::Monitoring.into(),
        requester: None,
        impact: v1::Impact::High.into(),
        urgency: v1::Urgency::High.into(),
        ..about(service)
    }
}

impl World {
    async fn raised(&self, request: v1::RegisterTicketRequest) -> String {
        let request = of(Role::Integrator, request);
        let answer = self.client.clone().register_ticket(request).await.unwrap();
        answer.into_inner().ticket.unwrap().ticket_id
    }

    /// The parents and children of a ticket, once everything has followed.
    async fn family(&self, ticket_id: &str) -> Vec<(LinkKind, String)> {
        self.settled().await;
        let links = self.get(ticket_id).await.links.into_iter();
        links.map(|link| (link.link(), link.other_ticket_id)).collect()
    }
}

#[tokio::test]
async fn a_customer_s_ticket_becomes_a_child_of_the_running_incident() {
    let mut world = World::new().await;
    let incident = world.raised(alert("pay-api")).await;
    let elsewhere = world.raised(alert("mail")).await;
    let child = world.raised(about("pay-api")).await;
    assert_eq!(world.family(&child).await, [(LinkKind::ChildOf, incident.clone())]);
    assert_eq!(world.family(&incident).await, [(LinkKind::ParentOf, child.clone())]);
    assert!(world.family(&elsewhere).await.is_empty());
    let linked = world.events(&child).await.into_iter();
    let linked = linked.filter(|event| event.event_type.ends_with("TicketLinked"));
    let by: Vec<_> = linked.map(|event| event.metadata().unwrap().actor.unwrap().role).collect();
    assert_eq!(by, ["system"]);

    // What is told of the incident and what solves it is the child's, too.
    let news = update(&incident, v1::MessagePurpose::Broadcast);
    world.client.clone().send_update(agent(news)).await.unwrap();
    world.settled().await;
    assert!(world.get(&child).await.messages.iter().any(|said| said.body == "The cause is found."));
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "delivered again, nothing changes");

    // An agent may take it out, and it stays out.
    let out = link(&child, &incident, LinkKind::ChildOf);
    let out = v1::UnlinkTicketRequest {
        request_id: out.request_id,
        ticket_id: out.ticket_id,
        etag: out.etag,
        other_ticket_id: out.other_ticket_id,
        link: out.link,
    };
    world.client.clone().unlink_ticket(agent(out)).await.unwrap();
    world.deliver_everything_again().await;
    assert!(world.family(&child).await.is_empty());
}

#[tokio::test]
async fn what_is_not_surely_the_same_is_left_to_people() {
    let world = World::new().await;
    let incident = world.raised(alert("pay-api")).await;
    let other_category =
        v1::RegisterTicketRequest { category_code: "TECH/slow".to_owned(), ..about("pay-api") };
    let no_category =
        v1::RegisterTicketRequest { category_code: String::new(), ..about("pay-api") };
    let order = v1::BusinessObject { kind: v1::ObjectKind::Order.into(), id: "pay-api".to_owned() };
    for request in [
        about("mail"),
        other_category,
        no_category,
        v1::RegisterTicketRequest { about: vec![order], ..register() },
        v1::RegisterTicketRequest { r#type: TicketType::Complaint.into(), ..about("pay-api") },
        v1::RegisterTicketRequest { r#type: TicketType::Inquiry.into(), ..about("pay-api") },
        alert("pay-api"),
    ] {
        let ticket_id = world.raised(request.clone()).await;
        assert!(world.family(&ticket_id).await.is_empty(), "{request:?}");
    }
    // Now there are two that run.
    let unclear = world.raised(about("pay-api")).await;
    assert!(world.family(&unclear).await.is_empty());
    assert!(world.family(&incident).await.is_empty());
}

#[tokio::test]
async fn only_an_incident_of_the_first_priority_that_is_worked_on_takes_children() {
    let world = World::new().await;
    let small = v1::RegisterTicketRequest { impact: v1::Impact::Low.into(), ..alert("disk") };
    let small = world.raised(small).await;
    let alone = world.raised(about("disk")).await;
    assert!(world.family(&alone).await.is_empty());
    assert!(world.family(&small).await.is_empty());

    let incident = world.raised(alert("pay-api")).await;
    let mut client = world.client.clone();
    let begin = v1::StartWorkRequest {
        request_id: crate::world::new_id(),
        ticket_id: incident.clone(),
        etag: String::new(),
    };
    client.start_work(agent(begin)).await.unwrap();
    client.resolve_ticket(agent(resolve(&incident))).await.unwrap();
    assert_eq!(world.get(&incident).await.state(), TicketState::Resolved);
    let late = world.raised(about("pay-api")).await;
    assert!(world.family(&late).await.is_empty());
    // The next alert is a running incident again.
    let next = world.raised(alert("pay-api")).await;
    let child = world.raised(about("pay-api")).await;
    assert_eq!(world.family(&child).await, [(LinkKind::ChildOf, next)]);
}
