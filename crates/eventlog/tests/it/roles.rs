//! What a service's role may not do.
use sqlx::PgPool;

use crate::fixture::{Fixture, stream};

async fn is_denied(pool: &PgPool, statement: &'static str) {
    let error = sqlx::query(statement).execute(pool).await.expect_err(statement);
    let code = error.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
}

#[tokio::test]
async fn facts_can_be_added_but_neither_changed_nor_removed() {
    let f = Fixture::new().await;
    f.append_one(&stream(), 0).await;
    for statement in [
        "update log.event set payload = ''",
        "update log.event set position = 2",
        "delete from log.event",
        "truncate log.event",
        "update log.batch set chain_hash = ''",
        "delete from log.batch",
        "truncate log.batch",
        "truncate log.event, log.batch",
        "drop table log.event",
        "alter table log.event disable trigger all",
        "insert into log.tenant (name, partition) values ('x', 0)",
        "update log.tenant set partition = 1",
        "insert into log.partition (partition) values (9)",
        "delete from log.partition",
        "update log.partition set partition = 9",
        "create table log.mine ()",
    ] {
        is_denied(f.log.pool(), statement).await;
    }
}

#[tokio::test]
async fn a_service_has_its_own_schema_and_sees_no_other() {
    let f = Fixture::new().await;
    let sla = f.db.pool_with_role("odzew_sla", "sla", 1).await;
    sqlx::raw_sql("create table sla.mine (n int); insert into sla.mine values (1)")
        .execute(&sla)
        .await
        .unwrap();
    sqlx::query("delete from subscription_cursor").execute(&sla).await.unwrap();
    sqlx::query("select from log.event").execute(&sla).await.unwrap();
    for statement in [
        "select from intake.subscription_cursor",
        "insert into routing.subscription_cursor values ('x', 0, 1, 0, 0, now())",
        "select from desk.parked_event",
        "create table notification.mine ()",
    ] {
        is_denied(&sla, statement).await;
    }
    is_denied(f.log.pool(), "select from sla.mine").await;
}

#[tokio::test]
async fn what_a_later_migration_adds_belongs_to_the_service_too() {
    let f = Fixture::new().await;
    sqlx::raw_sql("create table desk.later (id bigint generated always as identity, n int)")
        .execute(f.admin())
        .await
        .unwrap();
    let desk = f.db.pool_with_role("odzew_desk", "desk", 1).await;
    sqlx::query("insert into later (n) values (1)").execute(&desk).await.unwrap();
    sqlx::query("truncate later").execute(&desk).await.unwrap();
    is_denied(f.log.pool(), "select from desk.later").await;
}
