//! The broker stops, loses everything, and is fed rubbish: the log is what counts.
use testkit::Nats;

use crate::world::{ROLES, World};
use crate::{invariants, load};

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_readers_go_on_without_the_broker() {
    let mut nats = Nats::own().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let mut acknowledged = load::run(&world, 0..4).await;
    nats.kill();
    acknowledged.extend(load::run(&world, 4..10).await);
    invariants::quiet(&world).await;
    nats.start().await;
    acknowledged.extend(load::run(&world, 10..14).await);
    invariants::quiet(&world).await;
    invariants::hold(&world, &acknowledged).await;
    streams_reach_the_head(&world, &nats.client().await, nats.prefix()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_comes_back_empty() {
    let mut nats = Nats::own().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let mut acknowledged = load::run(&world, 0..6).await;
    nats.kill();
    nats.wipe();
    nats.start().await;
    acknowledged.extend(load::run(&world, 6..12).await);
    invariants::quiet(&world).await;
    invariants::hold(&world, &acknowledged).await;
    streams_reach_the_head(&world, &nats.client().await, nats.prefix()).await;
    invariants::read_models_equal_a_rebuild(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_on_the_subjects_does_no_harm() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let mut acknowledged = load::run(&world, 0..4).await;
    let client = nats.client().await;
    for partition in 0..2 {
        for event in ["ticket.TicketRegistered", "ticket.Nonsense", "x.y", "route.TicketQueued"] {
            let subject = format!("{}.events.{partition}.acme.{event}", nats.prefix());
            for body in [&b"\xff\xff\xff"[..], b"", b"{}"] {
                client.publish(subject.clone(), body.to_vec().into()).await.unwrap();
            }
        }
    }
    client.flush().await.unwrap();
    acknowledged.extend(load::run(&world, 4..10).await);
    invariants::quiet(&world).await;
    invariants::hold(&world, &acknowledged).await;
    invariants::read_models_equal_a_rebuild(&world).await;
}

/// Waits until the relay has published all of the log.
pub(crate) async fn streams_reach_the_head(
    world: &World,
    client: &async_nats::Client,
    prefix: &str,
) {
    let log = invariants::open_log(world).await;
    let jetstream = async_nats::jetstream::new(client.clone());
    for &partition in log.partitions() {
        testkit::eventually(|| async {
            let epoch = log.epoch(partition).await.unwrap();
            let name = format!("{}_EVENTS_{partition}_{epoch}", prefix.to_uppercase());
            let head = log.head(partition).await.unwrap();
            match jetstream.get_stream(&name).await {
                Ok(stream) if stream.cached_info().state.last_sequence == head => Ok(()),
                Ok(stream) => {
                    Err(format!("{name} at {} of {head}", stream.cached_info().state.last_sequence))
                }
                Err(error) => Err(format!("{name}: {error}")),
            }
        })
        .await;
    }
}
