//! Many notices at once.
use testkit::eventually_within;

use crate::world::{World, registered};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn many_mails_leave_side_by_side_over_few_connections() {
    const MAILS: usize = 300;
    let world = World::new().await;
    let told = (0..MAILS).map(|_| {
        let id = Uuid::now_v7();
        let world = &world;
        async move { world.tell("ticket", id, &registered(id, "pl")).await }
    });
    futures::future::join_all(told).await;
    eventually_within(Duration::from_secs(60), || async { world.smtp.messages().len() == MAILS })
        .await;
    // One after the other, they would take one connection; without keeping them open, 300.
    let connections = world.smtp.attempts();
    assert!((2..=40).contains(&connections), "{connections}");
}
