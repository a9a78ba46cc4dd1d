//! Nobody is given more than the capacity, however much comes at once.
use std::collections::BTreeMap;

use futures::future::join_all;
use uuid::Uuid;
use wire::routing::v1::RouteState;

use crate::world::{TICKET, Ticket, World};

/// Registers tickets at once and waits until routing has dealt with all of them.
async fn flood(world: &World, count: i64) -> Vec<Uuid> {
    let registered = (0..count).map(|n| world.register(Ticket { received_s: n, ..TICKET }));
    let tickets = join_all(registered).await;
    testkit::eventually(|| async {
        let routes = join_all(tickets.iter().map(|&ticket| world.route(ticket))).await;
        routes.iter().all(Option::is_some)
    })
    .await;
    world.settled().await;
    tickets
}

async fn loads(world: &World, tickets: &[Uuid]) -> BTreeMap<String, usize> {
    let mut loads = BTreeMap::new();
    for owner in world.owners(tickets).await.into_iter().filter(|owner| !owner.is_empty()) {
        *loads.entry(owner).or_default() += 1;
    }
    loads
}

fn expected(loads: &[(&str, usize)]) -> BTreeMap<String, usize> {
    loads.iter().map(|(id, load)| ((*id).to_owned(), *load)).collect()
}

#[tokio::test]
async fn two_hundred_tickets_at_once_fill_everybody_and_nobody_beyond() {
    let world = World::with_agents(&[("ann", 30), ("bartek", 50), ("celina", 7)]).await;
    let tickets = flood(&world, 200).await;
    let full = expected(&[("ann", 30), ("bartek", 50), ("celina", 7)]);
    assert_eq!(loads(&world, &tickets).await, full);

    // Whoever finishes something gets something else, until nothing waits.
    let mut owned = Vec::new();
    for &ticket in &tickets {
        if world.route(ticket).await.unwrap().state() == RouteState::Assigned {
            owned.push(ticket);
        }
    }
    join_all(owned.iter().take(60).map(|&ticket| world.resolve(ticket))).await;
    world.settled().await;
    let open: Vec<_> = tickets.iter().copied().filter(|t| !owned[..60].contains(t)).collect();
    assert_eq!(loads(&world, &open).await, full);
}

#[tokio::test]
async fn plenty_of_room_is_shared_evenly() {
    let world = World::with_agents(&[("ann", 100), ("bartek", 100), ("celina", 100)]).await;
    let tickets = flood(&world, 90).await;
    let even = expected(&[("ann", 30), ("bartek", 30), ("celina", 30)]);
    assert_eq!(loads(&world, &tickets).await, even);
}

/// Whether each of two replicas holds the lease of one partition.
async fn shared(world: &World) -> bool {
    let holders: i64 = sqlx::query_scalar(
        "select count(distinct pid) from pg_locks
          where locktype = 'advisory' and granted and objsubid = 2 and objid in (0, 1)
            and database = (select oid from pg_database where datname = current_database())",
    )
    .fetch_one(world.db.pool())
    .await
    .unwrap();
    holders == 2
}

#[tokio::test]
async fn two_replicas_keep_to_the_capacities_too() {
    let world = World::with_agents(&[("ann", 20), ("bartek", 20)]).await;
    let replica = world.replica().await;
    testkit::eventually(|| shared(&world)).await;
    let tickets = flood(&world, 60).await;
    assert_eq!(loads(&world, &tickets).await, expected(&[("ann", 20), ("bartek", 20)]));
    drop(replica);
    let more = flood(&world, 20).await;
    assert_eq!(loads(&world, &more).await, BTreeMap::new());
}
