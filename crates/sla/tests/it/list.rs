//! The list of running clocks.
use chassis::rpc::Role;
use jiff::SignedDuration;
use tonic::{Code, Status};
use wire::common::v1::Priority;
use wire::scalar::timestamp;
use wire::sla::v1::{ClockKind, ListDueClocksRequest, ListDueClocksResponse};

use crate::world::*;

async fn list(
    sla: &Replica,
    tenant: &str,
    request: ListDueClocksRequest,
) -> Result<ListDueClocksResponse, Status> {
    let request = of_tenant(tenant, Role::Lead, request);
    Ok(sla.client.clone().list_due_clocks(request).await?.into_inner())
}

#[tokio::test]
async fn running_clocks_are_listed_by_due_time_in_pages() {
    let world = World::new().await;
    let sla = world.serve().await;
    let monday = at("2031-06-02T08:00:00Z");
    for n in 0..5 {
        world.register(monday + SignedDuration::from_secs(n % 3), Priority::P1).await;
    }
    let gone = world.register(monday, Priority::P1).await;
    world.happens(gone, reply(monday)).await;
    world.settled().await;

    let mut request = ListDueClocksRequest { page_size: 4, ..Default::default() };
    let mut clocks = Vec::new();
    loop {
        let page = list(&sla, "acme", request.clone()).await.unwrap();
        clocks.extend(page.clocks);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    // Confirmation, first reply, update and resolution of six tickets, one of them answered.
    assert_eq!(clocks.len(), 23);
    let due = |c: &wire::sla::v1::Clock| c.due_at.map(|at| (at.seconds, at.nanos));
    assert!(clocks.is_sorted_by_key(due));
    let mut ids: Vec<_> = clocks.iter().map(|clock| clock.clock_id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 23);

    let before = Some(timestamp(monday + SignedDuration::from_mins(6)));
    let request = ListDueClocksRequest { due_before: before, ..Default::default() };
    let soon = list(&sla, "acme", request).await.unwrap().clocks;
    assert_eq!(soon.len(), 6);
    assert!(soon.iter().all(|clock| clock.kind() == ClockKind::Ack));
    assert!(list(&sla, "zeta", Default::default()).await.unwrap().clocks.is_empty());
}

#[tokio::test]
async fn a_page_token_is_good_for_its_own_list() {
    let world = World::new().await;
    let sla = world.serve().await;
    world.register(at("2031-06-02T08:00:00Z"), Priority::P1).await;
    world.settled().await;
    let one = ListDueClocksRequest { page_size: 1, ..Default::default() };
    let page_token = list(&sla, "acme", one.clone()).await.unwrap().next_page_token;
    let next = ListDueClocksRequest { page_token, ..one };
    assert_eq!(list(&sla, "acme", next.clone()).await.unwrap().clocks.len(), 1);
    let other = ListDueClocksRequest { due_before: stamp("2032-01-01T00:00:00Z"), ..next.clone() };
    for refused in [list(&sla, "zeta", next.clone()).await, list(&sla, "acme", other).await] {
        assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    }
    let much = ListDueClocksRequest { page_size: i32::MAX, ..Default::default() };
    assert!(list(&sla, "acme", much).await.is_ok(), "the server knows its own limit");
    let odd = ListDueClocksRequest { page_size: -1, ..Default::default() };
    assert_eq!(fields(list(&sla, "acme", odd).await), ["page_size"]);
}
