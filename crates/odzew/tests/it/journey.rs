//! A ticket's whole way through every service, and one trace of it.
use chassis::rpc::Role;
use testkit::{Nats, eventually};
use wire::common::v1::ConsistencyToken;
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::desk::v1::{
    GetTicketSummaryRequest, GetTimelineRequest, ListTicketsRequest, WatchTicketsRequest,
};
use wire::intake::v1::{ConfirmResolutionRequest, ResolveTicketRequest, TicketState};
use wire::notification::v1::{ListNoticesRequest, NoticeState, Purpose};
use wire::routing::v1::{AcceptAssignmentRequest, GetRouteRequest};
use wire::sla::v1::{ClockKind, ClockOutcome, GetClocksRequest};

use crate::world::{ROLES, World};
use crate::{invariants, load};

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_travels_through_all_services() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let mut customer = world.clients("portal", Role::Customer);
    let mut agent = world.clients("ania", Role::Agent);

    let watch = WatchTicketsRequest { resume_token: String::new(), ticket_id: String::new() };
    let mut changes = agent.desk.watch_tickets(watch).await.unwrap().into_inner();

    let answer = customer.intake.register_ticket(load::register(1)).await.unwrap().into_inner();
    let ticket = answer.ticket.unwrap();
    let ticket_id = ticket.ticket_id.clone();

    let page = listed(&world, answer.consistency_token).await;
    assert_eq!(page[0].ticket_id, ticket_id, "the token reads the own write");

    let changed = loop {
        let change = changes.message().await.unwrap().expect("the stream goes on");
        // An answer without a ticket is a sign of life.
        if let Some(ticket) = change.ticket {
            break ticket;
        }
    };
    assert_eq!(changed.ticket_id, ticket_id);

    eventually(|| async {
        let mut agent = agent.clone();
        let request = GetRouteRequest { ticket_id: ticket_id.clone() };
        let route = agent.routing.get_route(request).await.map_err(|s| s.to_string())?;
        let agent_id = route.into_inner().route.unwrap().agent_id;
        if agent_id == "ania" { Ok(()) } else { Err(format!("owner is {agent_id:?}")) }
    })
    .await;
    let request = AcceptAssignmentRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        etag: String::new(),
    };
    agent.routing.accept_assignment(request).await.unwrap();
    agent.intake.send_reply(load::reply(&id(), &ticket_id, "Please restart it.")).await.unwrap();
    let request = ResolveTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        resolution_code: "FIXED".into(),
        summary: "A restart helped.".into(),
        ..Default::default()
    };
    agent.intake.resolve_ticket(request).await.unwrap();
    let request = ConfirmResolutionRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        etag: String::new(),
    };
    customer.intake.confirm_resolution(request).await.unwrap();

    invariants::quiet(&world).await;
    let key = Some(Key::Number(ticket.number));
    let request = GetTicketSummaryRequest { key, consistency_token: None };
    let summary = agent.desk.get_ticket_summary(request).await.unwrap().into_inner();
    let summary = summary.ticket.unwrap();
    assert_eq!(summary.state(), TicketState::Closed);
    assert!(summary.next_due_at.is_none(), "no clock of a closed ticket runs");

    let request = GetClocksRequest { ticket_id: ticket_id.clone() };
    let clocks = agent.sla.get_clocks(request).await.unwrap().into_inner().clocks;
    let first_reply = clocks.iter().find(|clock| clock.kind() == ClockKind::FirstReply).unwrap();
    assert_eq!(first_reply.outcome(), ClockOutcome::Met);

    notices_reached_their_readers(&world, &ticket_id).await;
    timeline_names_every_service(&world, &ticket_id).await;
    invariants::read_models_equal_a_rebuild(&world).await;
}

async fn listed(
    world: &World,
    consistency_token: Option<ConsistencyToken>,
) -> Vec<wire::desk::v1::TicketSummary> {
    let mut agent = world.clients("ania", Role::Agent);
    let request = ListTicketsRequest { consistency_token, ..Default::default() };
    agent.desk.list_tickets(request).await.unwrap().into_inner().tickets
}

async fn notices_reached_their_readers(world: &World, ticket_id: &str) {
    let mut agent = world.clients("ania", Role::Agent);
    let request = ListNoticesRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let notices = agent.notification.list_notices(request).await.unwrap().into_inner().notices;
    for purpose in [Purpose::Ack, Purpose::Assignment, Purpose::Reply, Purpose::Resolution] {
        let sent = notices.iter().filter(|notice| notice.purpose() == purpose);
        let sent = sent.filter(|notice| notice.state() == NoticeState::Sent).count();
        assert_eq!(sent, 1, "{purpose:?}");
    }
    let to = |address: &str| {
        let messages = world.smtp.messages();
        messages.iter().filter(|mail| mail.to.iter().any(|to| to == address)).count()
    };
    assert_eq!(to("customer-1@example.org"), 3, "acknowledgement, answer, solution");
    assert_eq!(to("ania@acme.example.org"), 1, "the assignment");
}

async fn timeline_names_every_service(world: &World, ticket_id: &str) {
    let mut agent = world.clients("ania", Role::Agent);
    let request = GetTimelineRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let entries = agent.desk.get_timeline(request).await.unwrap().into_inner().entries;
    for service in ["intake", "routing", "sla", "notification"] {
        let package = format!("odzew.{service}.");
        assert!(entries.iter().any(|entry| entry.event_type.starts_with(&package)), "{service}");
    }
    let positions: Vec<u64> = entries.iter().map(|entry| entry.position).collect();
    assert!(positions.is_sorted(), "a timeline is in order");
    assert!(
        entries.iter().all(|entry| !entry.summary.contains("restart")),
        "no personal data in summaries"
    );
}
