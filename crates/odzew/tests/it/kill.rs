//! Processes die without warning, at the worst moments. Locks in Postgres and a mail server
//! that holds its answer back stop a service exactly where it shall die.
use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};
use testkit::{Failure, Nats, eventually};

use crate::load::{self, Acknowledged};
use crate::world::{ROLES, World};
use crate::{invariants, world};

/// A transaction that holds a lock until it is dropped.
struct Held(PgConnection);

impl Held {
    async fn lock(world: &World, sql: &'static str) -> Self {
        let mut connection = PgConnection::connect(world.db.url()).await.unwrap();
        connection.execute("begin").await.unwrap();
        connection.execute(sql).await.unwrap();
        Self(connection)
    }

    async fn release(mut self) {
        self.0.execute("rollback").await.unwrap();
    }
}

async fn started(nats: &Nats) -> World {
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    world
}

async fn all_is_well(world: &World, acknowledged: &[Acknowledged]) {
    invariants::quiet(world).await;
    invariants::hold(world, acknowledged).await;
    invariants::read_models_equal_a_rebuild(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_dies_under_load_again_and_again() {
    let nats = Nats::shared().await;
    let mut world = started(&nats).await;
    let mut acknowledged = Vec::new();
    for (round, role) in ROLES.iter().cycle().take(2 * ROLES.len()).enumerate() {
        let first = round * 12;
        let (batch, ()) = tokio::join!(load::run(&world, first..first + 12), async {
            // Somewhere in the middle: after a part of the batch is in the log.
            let log = invariants::open_log(&world).await;
            eventually(|| async { invariants::all_events(&log).await.len() > round * 60 + 20 })
                .await;
        });
        acknowledged.extend(batch);
        world.kill(role);
        if *role != "intake" {
            let meanwhile = 5_000 + first..5_004 + first;
            acknowledged.extend(load::run(&world, meanwhile).await);
        }
        world.start(&[role]).await;
    }
    all_is_well(&world, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn intake_dies_while_its_append_is_on_the_way() {
    let nats = Nats::shared().await;
    let mut world = started(&nats).await;
    let held = Held::lock(&world, "select from log.partition for update").await;
    let clients = world.clients("portal", chassis::rpc::Role::Customer);
    let call = tokio::spawn({
        let mut clients = clients.clone();
        async move { clients.intake.register_ticket(load::register(0)).await }
    });
    waiting_for_a_lock(&world, "odzew-append").await;
    world.kill("intake");
    assert!(call.await.unwrap().is_err(), "nobody was told that it is done");
    held.release().await;
    world.start(&["intake"]).await;
    let acknowledged = load::run(&world, 0..6).await;
    all_is_well(&world, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_dies_between_its_append_and_its_cursor() {
    for role in ["routing", "sla", "notification"] {
        let nats = Nats::shared().await;
        let mut world = started(&nats).await;
        let warm = load::run(&world, 0..2).await;
        invariants::quiet(&world).await;
        let lock = match role {
            "routing" => "select from routing.subscription_cursor for update",
            "sla" => "select from sla.subscription_cursor for update",
            _ => "select from notification.subscription_cursor for update",
        };
        let held = Held::lock(&world, lock).await;
        let mut acknowledged = load::run(&world, 2..6).await;
        waiting_for_a_lock(&world, &format!("odzew {role}")).await;
        world.kill(role);
        held.release().await;
        world.start(&[role]).await;
        acknowledged.extend(warm);
        all_is_well(&world, &acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notification_dies_after_the_mail_server_took_the_mail() {
    let nats = Nats::shared().await;
    let mut world = started(&nats).await;
    world.smtp.fail(Failure::CutAfterData);
    let acknowledged = load::run(&world, 0..3).await;
    eventually(|| async { !world.smtp.messages().is_empty() }).await;
    world.kill("notification");
    world.smtp.recover();
    world.start(&["notification"]).await;
    all_is_well(&world, &acknowledged).await;
}

/// Waits until a backend of that name waits for a lock.
async fn waiting_for_a_lock(world: &world::World, application: &str) {
    testkit::eventually_within(Duration::from_secs(20), || async {
        let sql = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'
                     and application_name like $1 || '%'";
        let waiting: i64 = sqlx::query_scalar(sql)
            .bind(application)
            .fetch_one(world.db.pool())
            .await
            .map_err(|error| error.to_string())?;
        if waiting > 0 { Ok(()) } else { Err("nobody waits for a lock".to_owned()) }
    })
    .await;
}
