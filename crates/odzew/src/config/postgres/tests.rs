//! What a pool does with servers that cannot serve: a standby, and a silent one.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use testkit::eventually;

use super::*;

fn settings(url: &str) -> Postgres {
    Postgres {
        url: Secret::new(url),
        admin_url: Secret::default(),
        partitions: 1,
        max_connections: 1,
        acquire_timeout: Duration::from_millis(500),
        statement_timeout: Duration::from_secs(5),
    }
}

async fn open(settings: &Postgres) -> sqlx::Result<PgPool> {
    settings.pool(PgConnectOptions::from_str(settings.url.expose()).unwrap(), 1).await
}

#[tokio::test]
async fn a_standby_gives_no_connections_and_says_why() {
    let mut server = testkit::Postgres::own().await;
    let settings = settings(server.url());
    let pool = open(&settings).await.unwrap();
    let data: String = sqlx::query_scalar("show data_directory").fetch_one(&pool).await.unwrap();
    server.stop().await;
    std::fs::write(PathBuf::from(data).join("standby.signal"), "").unwrap();
    server.start().await;

    let refused = eventually(|| async {
        let answer = sqlx::query("select 1").execute(&pool).await;
        answer.err().filter(|error| matches!(error, sqlx::Error::PoolTimedOut))
    });
    refused.await;
    let refused = open(&settings).await.unwrap_err();
    assert!(refused.to_string().contains("standby"), "{refused}");
}

#[tokio::test]
async fn a_connection_whose_server_is_silent_gives_its_place_back() {
    let server = testkit::Postgres::own().await;
    let pool = open(&settings(server.url())).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let session: i32 =
        sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *connection).await.unwrap();
    let signal = |name: &str| {
        testkit::signal(session.try_into().unwrap(), name);
    };
    signal("STOP");
    drop(connection);
    eventually(|| async { pool.acquire().await.map(|_| true) }).await;
    signal("CONT");
}
