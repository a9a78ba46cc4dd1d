//! Replicas share the partitions and take over from each other.
use testkit::eventually;

use crate::fixture::{Fixture, stream};
use crate::subscription::{
    Recorder, Running, assert_each_once, fill, service_pool, settings, start, wait_for_effects,
};

fn leased(running: &Running) -> usize {
    running.status.snapshot().iter().filter(|partition| partition.leased).count()
}

#[tokio::test]
async fn replicas_share_partitions_and_the_survivor_takes_all() {
    let f = Fixture::new().await;
    let pool = service_pool(&f).await;
    let other_pool = f.db.pool_with_role("odzew_desk", "desk", 4).await;
    let one = start(&f.log, &pool, Recorder::default(), settings(), None);
    eventually(|| async { leased(&one) == 4 }).await;
    let two = start(&f.log, &other_pool, Recorder::default(), settings(), None);
    eventually(|| async { leased(&one) == 2 && leased(&two) == 2 }).await;

    let streams = [stream()];
    let head = fill(&f, &streams, 0, 10).await;
    wait_for_effects(&pool, head).await;
    one.end().await;
    eventually(|| async { leased(&two) == 4 }).await;
    let head = fill(&f, &streams, 10, 10).await;
    wait_for_effects(&pool, head).await;
    assert_each_once(&pool, head).await;
    two.end().await;
}

#[tokio::test]
async fn subscriptions_of_different_schemas_do_not_compete() {
    let f = Fixture::new().await;
    let desk = service_pool(&f).await;
    let sla = f.db.pool_with_role("odzew_sla", "sla", 4).await;
    let one = start(&f.log, &desk, Recorder::default(), settings(), None);
    let two = start(&f.log, &sla, Recorder::default(), settings(), None);
    eventually(|| async { leased(&one) == 4 && leased(&two) == 4 }).await;
    one.end().await;
    two.end().await;
}
