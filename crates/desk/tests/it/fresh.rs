//! Reading what was written, by its consistency token.
use std::time::Duration;

use desk::Config;
use eventlog::{Cursor, Partition};
use tonic::Code;
use tonic_types::StatusExt as _;
use wire::common::v1::ConsistencyToken;
use wire::desk::v1::ListTicketsRequest;
use wire::desk::v1::get_ticket_summary_request::Key;

use crate::facts::Ticket;
use crate::world::{World, token};

#[tokio::test]
async fn a_token_reads_its_own_write_every_time() {
    let world = World::new().await;
    for n in 1..=30 {
        let ticket = Ticket::new(n);
        let at = world.tell(vec![ticket.registered()]).await;
        let found = world.get(Key::TicketId(ticket.id.to_string()), Some(at)).await.unwrap();
        assert_eq!(found.number, ticket.number);
        let newest = ListTicketsRequest {
            page_size: 1,
            consistency_token: Some(token(at)),
            ..Default::default()
        };
        assert_eq!(world.list(newest).await.unwrap().tickets[0].number, ticket.number);
    }
}

#[tokio::test]
async fn a_token_is_honoured_by_a_replica_that_projects_nothing() {
    let world = World::new().await;
    let mut replica = world.replica(testkit::settings("desk")).await;
    for n in 1..=10 {
        let at = world.tell(vec![Ticket::new(n).registered()]).await;
        let request = ListTicketsRequest {
            page_size: 1,
            consistency_token: Some(token(at)),
            ..Default::default()
        };
        let page = replica.list_tickets(world.request(request)).await.unwrap().into_inner();
        assert_eq!(page.tickets[0].number, Ticket::new(n).number);
    }
}

#[tokio::test]
async fn a_token_that_is_not_reached_in_time_is_refused_for_now() {
    let config =
        Config { consistency_wait: Duration::from_millis(50), ..testkit::settings("desk") };
    let world = World::with(config).await;
    let at = Cursor { partition: world.tenant.partition, position: 1_000_000 };
    let request = ListTicketsRequest { consistency_token: Some(token(at)), ..Default::default() };
    let refused = world.list(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert_eq!(refused.get_details_error_info().unwrap().reason, "NOT_CAUGHT_UP");
    assert!(refused.get_details_retry_info().unwrap().retry_delay.is_some());
}

#[tokio::test]
async fn a_token_that_is_none_or_of_another_partition_is_refused() {
    let world = World::new().await;
    let elsewhere = Partition((world.tenant.partition.0 + 1) % 4);
    let elsewhere = Cursor { partition: elsewhere, position: 1 }.to_string();
    for text in ["x".to_owned(), "0:".to_owned(), elsewhere] {
        let token = ConsistencyToken { token: text };
        let request = ListTicketsRequest { consistency_token: Some(token), ..Default::default() };
        let refused = world.list(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let violations = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "consistency_token");
    }
    let token = ConsistencyToken::default();
    let request = ListTicketsRequest { consistency_token: Some(token), ..Default::default() };
    assert!(world.list(request).await.is_ok());
}
