//! Installing and upgrading.
use eventlog::{MigrateError, SERVICES, grant_roles, migrate, schema_current};
use futures::future::join_all;
use testkit::Database;

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let db = Database::create().await;
    for service in SERVICES {
        assert!(!schema_current(db.pool(), service).await.unwrap());
    }
    migrate(&db.options(), 4).await.unwrap();
    migrate(&db.options(), 4).await.unwrap();
    for service in SERVICES {
        assert!(schema_current(db.pool(), service).await.unwrap());
        let role = match service {
            "intake" => "odzew_intake",
            "routing" => "odzew_routing",
            "sla" => "odzew_sla",
            "notification" => "odzew_notification",
            _ => "odzew_desk",
        };
        let pool = db.pool_with_role(role, service, 1).await;
        assert!(schema_current(&pool, service).await.unwrap(), "{service} sees it itself");
    }
    let partitions: Vec<i16> = sqlx::query_scalar("select partition from log.partition order by 1")
        .fetch_all(db.pool())
        .await
        .unwrap();
    assert_eq!(partitions, [0, 1, 2, 3]);
}

#[tokio::test]
async fn the_number_of_partitions_is_fixed() {
    let db = Database::create().await;
    migrate(&db.options(), 2).await.unwrap();
    let refused = migrate(&db.options(), 4).await.unwrap_err();
    assert!(
        matches!(refused, MigrateError::PartitionCount { installed: 2, wanted: 4 }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn many_may_migrate_at_once() {
    let (first, second) = tokio::join!(Database::create(), Database::create());
    let (a, b) = (first.options(), second.options());
    for result in join_all([&a, &b, &a, &b, &a, &b].map(|options| migrate(options, 4))).await {
        result.unwrap();
    }
}

#[tokio::test]
async fn another_user_may_act_for_the_services() {
    let db = Database::create().await;
    migrate(&db.options(), 1).await.unwrap();
    let user = format!("app of {}", db.name());
    let refused = grant_roles(&db.options(), &user).await.unwrap_err();
    assert!(matches!(&refused, MigrateError::NoUser { user: named } if *named == user));
    let run = async |statement: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(db.pool()).await.unwrap();
    };
    run(format!("create role \"{user}\" login")).await;
    let options = db.options();
    for result in join_all([(); 4].map(|()| grant_roles(&options, &user))).await {
        result.unwrap();
    }
    grant_roles(&options, &user).await.unwrap();
    for service in SERVICES {
        let role = format!("odzew_{service}");
        let options = options.clone().username(&user).options([("role", role)]);
        let pool = sqlx::PgPool::connect_with(options).await.unwrap();
        assert!(schema_current(&pool, service).await.unwrap(), "{service}");
        pool.close().await;
    }
    run(format!("drop role \"{user}\"")).await;
}

#[tokio::test]
async fn a_migration_that_waits_for_a_table_comes_again_and_lets_others_by_meanwhile() {
    let db = Database::create().await;
    migrate(&db.options(), 1).await.unwrap();
    // The migration of the keys once more, as if it had not been there.
    sqlx::raw_sql(
        "delete from keys._sqlx_migrations;
         drop table keys.subject_key, keys.master_key;",
    )
    .execute(db.pool())
    .await
    .unwrap();
    let mut reader = db.pool().begin().await.unwrap();
    sqlx::query("lock table keys._sqlx_migrations in exclusive mode")
        .execute(&mut *reader)
        .await
        .unwrap();
    let waits = |waits: bool| {
        let pool = db.pool().clone();
        async move {
            let waiting: bool = sqlx::query_scalar(
                "select exists (select from pg_stat_activity where datname = current_database()
                    and wait_event_type = 'Lock' and query like '%_sqlx_migrations%'
                    and pid <> pg_backend_pid())",
            )
            .fetch_one(&pool)
            .await
            .unwrap();
            waiting == waits
        }
    };
    let options = db.options();
    let (migrated, ()) = tokio::join!(migrate(&options, 1), async {
        testkit::eventually(|| waits(true)).await;
        testkit::eventually(|| waits(false)).await;
        reader.rollback().await.unwrap();
    });
    migrated.unwrap();
    assert!(schema_current(db.pool(), "intake").await.unwrap());
}

#[tokio::test]
async fn a_changed_migration_is_noticed() {
    let db = Database::create().await;
    migrate(&db.options(), 1).await.unwrap();
    sqlx::query("update sla._sqlx_migrations set checksum = 'x' where version = 1")
        .execute(db.pool())
        .await
        .unwrap();
    assert!(!schema_current(db.pool(), "sla").await.unwrap());
    assert!(schema_current(db.pool(), "desk").await.unwrap());
    let refused = migrate(&db.options(), 1).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Schema { schema: "sla", .. }), "{refused:?}");
}
