//! What is refused, and how.
use chassis::rpc::Role;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use wire::common::v1::Priority;
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::desk::v1::*;

use crate::facts::Ticket;
use crate::world::World;

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().unwrap().reason)
}

#[track_caller]
fn assert_page_token_invalid(answer: Result<impl std::fmt::Debug, Status>) {
    let refused = answer.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned()));
}

#[tokio::test]
async fn a_page_token_fits_its_list_only() {
    let world = World::new().await;
    let other = world.log.create_tenant("zeta").await.unwrap();
    let at = world.tell((1..=3).map(|n| Ticket::new(n).registered()).collect()).await;
    world.projected(at).await;
    let theirs = world.tell_to(&other, vec![Ticket::new(9).registered()]).await;
    world.projected(theirs).await;
    let first = ListTicketsRequest { page_size: 1, ..Default::default() };
    let page_token = world.list(first.clone()).await.unwrap().next_page_token;
    let next = ListTicketsRequest { page_token: page_token.clone(), ..first };

    assert!(world.list(ListTicketsRequest { page_size: 2, ..next.clone() }).await.is_ok());
    let order = TicketOrder::ReceivedDesc.into();
    assert!(world.list(ListTicketsRequest { order, ..next.clone() }).await.is_ok());

    let order = TicketOrder::ReceivedAsc.into();
    let changed = [
        ListTicketsRequest { order, ..next.clone() },
        ListTicketsRequest { queue_id: "l1".into(), ..next.clone() },
        ListTicketsRequest { breached: Some(false), ..next.clone() },
        ListTicketsRequest { priorities: vec![Priority::P1.into()], ..next.clone() },
        ListTicketsRequest { page_token: format!("{page_token}A"), ..next.clone() },
        ListTicketsRequest { page_token: "made up".into(), ..next.clone() },
        ListTicketsRequest { page_token: page_token[1..].to_owned(), ..next.clone() },
    ];
    for request in changed {
        assert_page_token_invalid(world.list(request).await);
    }
    let request = world.request_of("zeta", next.clone());
    assert_page_token_invalid(world.client.clone().list_tickets(request).await);
    let request = GetTimelineRequest {
        ticket_id: Ticket::new(1).id.to_string(),
        page_token,
        ..Default::default()
    };
    assert_page_token_invalid(world.client.clone().get_timeline(world.request(request)).await);
}

#[tokio::test]
async fn replicas_share_tokens() {
    let world = World::new().await;
    let at = world.tell((1..=3).map(|n| Ticket::new(n).registered()).collect()).await;
    world.projected(at).await;
    let first = ListTicketsRequest { page_size: 1, ..Default::default() };
    let page_token = world.list(first.clone()).await.unwrap().next_page_token;
    let next = ListTicketsRequest { page_token, ..first };

    let mut another = world.replica(testkit::settings("desk")).await;
    let page = another.list_tickets(world.request(next)).await.unwrap().into_inner();
    assert_eq!(page.tickets[0].number, Ticket::new(2).number);
}

#[tokio::test]
async fn fields_are_checked_and_named() {
    let world = World::new().await;
    let bad = ListTicketsRequest {
        states: vec![1, 0],
        priorities: vec![99],
        order: 77,
        page_size: -1,
        queue_id: "q".repeat(65),
        ..Default::default()
    };
    let refused = world.list(bad).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let mut fields: Vec<_> = violations.iter().map(|v| v.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["order", "page_size", "priorities[0]", "queue_id", "states[1]"]);

    let request = world.request(GetTicketSummaryRequest::default());
    let refused = world.client.clone().get_ticket_summary(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let refused = world.get(Key::TicketId("7".to_owned()), None).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn customers_and_unknown_tenants_see_nothing() {
    let mut world = World::new().await;
    let request = world.request_of("nobody", ListTicketsRequest::default());
    let refused = world.client.clone().list_tickets(request).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::FailedPrecondition, "TENANT_UNKNOWN".to_owned()));

    world.role = Role::Customer;
    let refused = world.list(ListTicketsRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let unknown = Key::TicketId(Ticket::new(1).id.to_string());
    assert_eq!(world.get(unknown, None).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(world.watch("", "").await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn whoever_may_not_read_tickets_sees_lists_without_their_subjects() {
    let mut world = World::new().await;
    let (t, told) = (Ticket::new(1), Ticket::new(2));
    let at = world.tell(vec![t.registered()]).await;
    world.projected(at).await;
    let name = || Key::TicketId(t.id.to_string());
    let subject = world.get(name(), None).await.unwrap().subject;
    assert!(!subject.is_empty());

    let sealed = "[zapieczętowano / sealed]";
    world.role = Role::Analyst;
    let mut watch = world.watch("", "").await.unwrap();
    watch.message().await.unwrap().unwrap();
    for role in [Role::SlaManager, Role::Admin, Role::Analyst] {
        world.role = role;
        assert_eq!(world.get(name(), None).await.unwrap().subject, sealed, "{role}");
        let list = world.list(ListTicketsRequest::default()).await.unwrap();
        assert_eq!(list.tickets[0].subject, sealed, "{role}");
    }
    world.tell(vec![told.registered()]).await;
    let seen = loop {
        if let Some(ticket) = watch.message().await.unwrap().unwrap().ticket {
            break ticket;
        }
    };
    assert_eq!((seen.number, seen.subject.as_str()), (told.number, sealed));
    world.role = Role::Auditor;
    assert_eq!(world.get(name(), None).await.unwrap().subject, subject);
}

#[tokio::test]
async fn a_missing_ticket_is_named_in_the_details() {
    let world = World::new().await;
    let id = Ticket::new(1).id.to_string();
    let refused = world.get(Key::TicketId(id.clone()), None).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let resource = refused.get_details_resource_info().unwrap();
    assert_eq!((resource.resource_type.as_str(), resource.resource_name), ("ticket", id.clone()));
    let request = GetTimelineRequest { ticket_id: id, ..Default::default() };
    let refused = world.client.clone().get_timeline(world.request(request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}
