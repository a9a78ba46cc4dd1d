//! Reading the log again changes nothing.
use std::sync::Arc;

use eventlog::subscription::rebuild::rebuild;
use jiff::SignedDuration;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::intake::v1 as intake;
use wire::routing::v1::TicketQueued;
use wire::scalar::timestamp;
use wire::sla::v1::ClockKind;

use crate::world::*;

/// Tickets in every state that clocks can be in, some of their timers fired.
async fn life(world: &World) -> Vec<Uuid> {
    // Not a round hour ago: then something that takes an hour would be due while the test runs.
    let received = in_seconds(-4_000);
    let after = |minutes: i64| received + SignedDuration::from_mins(minutes);
    let mut tickets = Vec::new();
    for priority in [Priority::P1, Priority::P2, Priority::P3, Priority::P4] {
        tickets.push(world.register(received, priority).await);
    }
    world.ack_sent(tickets[0], after(1)).await;
    world.happens(tickets[1], reply(after(5))).await;
    world.happens(tickets[1], reply(after(6))).await;
    world.happens(tickets[1], inbound(after(7))).await;
    world.happens(tickets[1], inbound(after(8))).await;
    world.happens(tickets[2], inbound(after(2))).await;
    world.happens(tickets[2], reply(after(3))).await;
    world.happens(tickets[2], held(Uuid::from_u128(3), after(9))).await;
    let promised = intake::PromiseMade {
        promise_id: Uuid::from_u128(4).to_string(),
        kind: intake::PromiseKind::Callback.into(),
        due_at: Some(timestamp(after(30))),
        ..intake::PromiseMade::default()
    };
    world.happens(tickets[0], step(after(4), wire::event::PROMISE_MADE, &promised)).await;
    let queued = step(after(1), wire::event::TICKET_QUEUED, &TicketQueued::default());
    world.routed(tickets[0], queued).await;
    world.happens(tickets[3], resolved(after(20))).await;
    tickets
}

#[tokio::test]
async fn a_rebuilt_read_model_is_the_live_one() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut tickets = life(&world).await;
    tickets.extend(crate::complaints::life(&world, &sla).await);
    sla.clock(tickets[0], ClockKind::FirstReply, |clock| clock.breached).await;
    world.quiet().await;
    let live = world.tables().await;
    drop(sla);
    let fired = world.events(tickets[0]).await.len();

    let log = world.log.clone();
    let migrator = eventlog::migrate::migrator("sla");
    let projection = Arc::new(sla::projection());
    let settings = testkit::settings("subscription");
    rebuild(&log, &world.db.options(), "sla", migrator, projection, &settings).await.unwrap();
    assert_eq!(world.tables().await, live);

    let _sla = world.serve().await;
    world.quiet().await;
    assert_eq!(world.events(tickets[0]).await.len(), fired);
}

#[tokio::test]
async fn events_that_come_again_change_nothing() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut tickets = life(&world).await;
    tickets.extend(crate::complaints::life(&world, &sla).await);
    sla.clock(tickets[0], ClockKind::FirstReply, |clock| clock.breached).await;
    world.quiet().await;
    drop(sla);
    let mut before = Vec::new();
    for ticket in &tickets {
        before.push(world.events(*ticket).await);
    }

    sqlx::query("update sla.subscription_cursor set reaction_position = 0")
        .execute(world.db.pool())
        .await
        .unwrap();
    let _sla = world.serve().await;
    world.quiet().await;
    for (ticket, before) in tickets.iter().zip(before) {
        assert_eq!(world.events(*ticket).await, before);
    }
}
