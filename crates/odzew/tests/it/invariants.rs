//! What must hold after any fault, read from the log, the read models and the mail server.
use std::collections::{BTreeMap, BTreeSet};

use eventlog::{Log, Recorded};
use testkit::eventually_within;
use wire::notification::v1::NotificationScheduled;
use wire::sla::v1::ClockStarted;

use crate::load::Acknowledged;
use crate::world::World;

const READERS: [&str; 5] = ["intake", "routing", "sla", "notification", "desk"];

pub(crate) async fn all_events(log: &Log) -> Vec<Recorded> {
    let mut all = Vec::new();
    for &partition in log.partitions() {
        let mut after = 0;
        loop {
            let page = log.read_partition(partition, after, 1_000).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.position;
            all.extend(page);
        }
    }
    all
}

pub(crate) async fn open_log(world: &World) -> Log {
    Log::open(world.db.pool().clone(), testkit::settings("eventlog")).await.unwrap()
}

/// Waits until every service has applied everything and nothing waits to be sent.
pub(crate) async fn quiet(world: &World) {
    eventually_within(std::time::Duration::from_secs(60), || async {
        world.db.caught_up(&READERS).await?;
        let sql = "select count(*) from notification.notices where state in (1, 5)";
        let waiting: i64 = sqlx::query_scalar(sql).fetch_one(world.db.pool()).await?;
        anyhow::ensure!(waiting == 0, "{waiting} notices wait");
        // Sending appended events in turn: everybody must have seen those, too.
        world.db.caught_up(&READERS).await
    })
    .await;
}

/// Nothing acknowledged is missing, nothing happened twice, the chain holds.
pub(crate) async fn hold(world: &World, acknowledged: &[Acknowledged]) {
    let log = open_log(world).await;
    let events = all_events(&log).await;
    for &partition in log.partitions() {
        log.verify(partition).await.unwrap();
    }
    nothing_acknowledged_is_missing(&events, acknowledged);
    reactions_happened_once(&events, acknowledged);
    mails_were_sent_once(world, &events);
    let parked: i64 = sqlx::query_scalar(
        "select (select count(*) from intake.parked_event)
              + (select count(*) from routing.parked_event)
              + (select count(*) from sla.parked_event)
              + (select count(*) from notification.parked_event)
              + (select count(*) from desk.parked_event)",
    )
    .fetch_one(world.db.pool())
    .await
    .unwrap();
    assert_eq!(parked, 0, "no event was parked");
}

fn count(events: &[Recorded], stream: &str, short_name: &str) -> usize {
    let named = |event: &&Recorded| event.event_type.ends_with(&format!(".{short_name}"));
    events.iter().filter(|event| event.stream.to_string() == stream).filter(named).count()
}

fn nothing_acknowledged_is_missing(events: &[Recorded], acknowledged: &[Acknowledged]) {
    for ticket in acknowledged {
        let stream = format!("ticket-{}", ticket.ticket_id);
        assert_eq!(count(events, &stream, "TicketRegistered"), 1, "{stream}");
        assert_eq!(count(events, &stream, "MessageAdded"), 1, "{stream}");
        assert_eq!(count(events, &stream, "TicketResolved"), usize::from(ticket.resolved));
    }
}

fn reactions_happened_once(events: &[Recorded], acknowledged: &[Acknowledged]) {
    for ticket in acknowledged {
        let route = format!("route-{}", ticket.ticket_id);
        assert_eq!(count(events, &route, "TicketQueued"), 1, "{route}");
        // A ticket that was resolved before routing got to it needs no owner any more.
        let least = usize::from(!ticket.resolved);
        let assigned = count(events, &route, "TicketAssigned");
        assert!((least..=1).contains(&assigned), "{route}: assigned {assigned} times");
    }
    let mut clocks = BTreeSet::new();
    let mut notices = BTreeSet::new();
    for event in events {
        match event.event_type.rsplit('.').next().unwrap() {
            "ClockStarted" => {
                let started: ClockStarted = prost::Message::decode(&*event.payload).unwrap();
                assert!(clocks.insert(started.clock_id.clone()), "{} twice", started.clock_id);
            }
            "NotificationScheduled" => {
                let notice: NotificationScheduled =
                    prost::Message::decode(&*event.payload).unwrap();
                let key = notice.idempotency_key;
                assert!(notices.insert(key.clone()), "{key} twice");
            }
            _ => {}
        }
    }
    assert!(clocks.len() >= acknowledged.len() * 2, "every ticket has its clocks");
}

/// At most one confirmed send per notice; a second mail only after an unknown outcome.
fn mails_were_sent_once(world: &World, events: &[Recorded]) {
    let ended = |name: &str| {
        let mut streams: BTreeMap<String, usize> = BTreeMap::new();
        for event in events.iter().filter(|event| event.event_type.ends_with(name)) {
            *streams.entry(event.stream.to_string()).or_default() += 1;
        }
        streams
    };
    let scheduled = ended(".NotificationScheduled");
    let attempted = ended(".NotificationAttempted");
    let sent = ended(".NotificationSent");
    assert_eq!(scheduled.len(), sent.len(), "every notice was confirmed");
    assert!(sent.values().all(|&times| times == 1), "confirmed once");
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for mail in world.smtp.messages() {
        let text = mail.text();
        let id = text
            .lines()
            .find(|line| line.to_lowercase().starts_with("message-id:"))
            .expect("a mail has a Message-ID")
            .to_owned();
        *received.entry(id).or_default() += 1;
    }
    assert_eq!(received.len(), scheduled.len(), "one mail per notice");
    let attempts: usize = attempted.values().sum();
    let mails: usize = received.values().sum();
    assert!(mails <= attempts, "{mails} mails of {attempts} attempts");
}

/// Every read model equals a rebuild from zero.
pub(crate) async fn read_models_equal_a_rebuild(world: &World) {
    for reader in READERS {
        let before = dump(world, reader).await;
        world.odzew(&["rebuild", reader]);
        let after = dump(world, reader).await;
        for (table, rows) in &before {
            let rebuilt = &after[table];
            let lost: Vec<_> = rows.iter().filter(|row| !rebuilt.contains(row)).take(3).collect();
            let new: Vec<_> = rebuilt.iter().filter(|row| !rows.contains(row)).take(3).collect();
            assert!(lost.is_empty() && new.is_empty(), "{reader}.{table}: {lost:#?} / {new:#?}");
        }
    }
}

/// Every row of every table of a schema, without the cursors.
async fn dump(world: &World, schema: &str) -> BTreeMap<String, Vec<String>> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = $1 and table_type = 'BASE TABLE'
           -- What no event tells is not rebuilt: which addresses had a confirmation of receipt.
           and table_name not in ('_sqlx_migrations', 'subscription_cursor', 'acknowledged')",
    )
    .bind(schema)
    .fetch_all(world.db.pool())
    .await
    .unwrap();
    let mut all = BTreeMap::new();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!(
            "select (to_jsonb(t) - 'claimed_until')::text from {schema}.{table} t order by 1"
        ));
        let rows = sqlx::query_scalar(sql).fetch_all(world.db.pool()).await.unwrap();
        all.insert(table, rows);
    }
    all
}
