//! A database whose host is gone without a word: connections that answer nothing, for ever.
use chassis::rpc::Role;
use sqlx::PgPool;
use testkit::{Nats, eventually, signal};
use wire::desk::v1::ListTicketsRequest;

use crate::load;
use crate::world::World;

/// Sessions that are frozen, as long as this lives.
struct Frozen(Vec<i32>);

impl Frozen {
    /// Freezes what roles have open and does nothing at this moment.
    async fn sessions(pool: &PgPool) -> Self {
        let sessions: Vec<i32> = sqlx::query_scalar(
            "select pid from pg_stat_activity
              where datname = current_database() and state = 'idle'
                and application_name in ('odzew sla', 'odzew notification', 'odzew desk')",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert!(sessions.len() >= 3, "{sessions:?}");
        let frozen = Self(sessions);
        frozen.signal("STOP");
        frozen
    }

    fn signal(&self, name: &str) {
        for session in &self.0 {
            signal(session.unsigned_abs(), name);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.signal("CONT");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_queues_and_lists_are_looked_at_though_connections_answer_nothing() {
    let nats = Nats::shared().await;
    // Without leases nothing but the readers' own limit notices.
    let settings = "[subscription]\nleases = false\n";
    let mut world = World::with(nats.url(), nats.prefix(), settings).await;
    let text = std::fs::read_to_string(&world.config).unwrap();
    // Few connections: each that is frozen is found out by somebody who waits for it.
    let limits = "[eventlog]\nread_timeout = \"3s\"\n\
                  [postgres]\nacquire_timeout = \"1s\"\nstatement_timeout = \"1s\"\n\
                  max_connections = 3\n";
    std::fs::write(&world.config, text.replace("[postgres]\n", limits)).unwrap();
    world.start(&["all"]).await;
    load::directory(&world).await;
    let mut portal = world.clients("portal", Role::Customer);
    portal.intake.register_ticket(load::register(1)).await.unwrap();
    eventually(|| async { !world.smtp.messages().is_empty() }).await;

    let since: String = sqlx::query_scalar("select clock_timestamp()::text")
        .fetch_one(world.db.pool())
        .await
        .unwrap();
    let frozen = Frozen::sessions(world.db.pool()).await;
    let answer = portal.intake.register_ticket(load::register(2)).await.unwrap().into_inner();
    let ticket_id = answer.ticket.unwrap().ticket_id;
    let desk = world.clients("ania", Role::Agent).desk;
    eventually(|| async {
        let request = ListTicketsRequest {
            consistency_token: answer.consistency_token.clone(),
            ..Default::default()
        };
        let page = desk.clone().list_tickets(request).await.map_err(|status| status.to_string())?;
        let listed = page.into_inner().tickets;
        let is_there = listed.iter().any(|ticket| ticket.ticket_id == ticket_id);
        if is_there { Ok(()) } else { Err("it is not listed".to_owned()) }
    })
    .await;
    // Who looks for what is due looks through other sessions.
    for (role, look) in [
        ("odzew sla", "%order by wake_at limit 1%"),
        ("odzew notification", "%-- $1 channel, $2 most notices%"),
    ] {
        eventually(|| async {
            sqlx::query_scalar::<_, bool>(
                "select exists (select from pg_stat_activity
                  where datname = current_database() and application_name = $2
                    and query like $3 and state = 'idle'
                    and query_start > $1::timestamptz and pid <> all($4))",
            )
            .bind(&since)
            .bind(role)
            .bind(look)
            .bind(&frozen.0)
            .fetch_one(world.db.pool())
            .await
            .unwrap()
        })
        .await;
    }
}
