//! What is in the tables, and that it can be made again.
use std::sync::Arc;

use desk::Projection;
use eventlog::subscription::rebuild;
use wire::common::v1::Priority;
use wire::desk::v1::ListTicketsRequest;
use wire::intake::v1::{ComplaintInstance, ComplaintOutcome, HoldKind};
use wire::sla::v1::ClockKind;

use crate::complaints::CONSUMER;
use crate::facts::{BODY, EMAIL, NAME, Ticket, Told, minutes};
use crate::world::World;

/// A life of a ticket that touches every table.
fn life(n: u64) -> Vec<Told> {
    let t = Ticket::new(n);
    let mut told = vec![
        t.registered(),
        t.priority(Priority::P2),
        t.queued("l1"),
        t.clock(n.into(), ClockKind::FirstReply, minutes(60)),
        t.assigned("anna"),
        t.work_started(),
        t.message(),
        t.held(HoldKind::Customer),
        t.clock_paused(n.into()),
        t.complaint(u128::from(n) * 100, &[CONSUMER]),
        t.term(u128::from(n) * 100, ClockKind::StatutoryResponse, CONSUMER, minutes(900)),
    ];
    if n % 2 == 1 {
        let (instance, outcome) = (ComplaintInstance::First, ComplaintOutcome::Accepted);
        told.push(t.decided(u128::from(n) * 1_000, instance, outcome));
    }
    if n.is_multiple_of(2) {
        told.extend([
            t.unheld(),
            t.clock_resumed(n.into(), minutes(90)),
            t.clock_breached(n.into()),
        ]);
    }
    if n.is_multiple_of(3) {
        told.extend([t.clock_stopped(n.into()), t.resolved(), t.route_ended()]);
    }
    told
}

/// All rows of all tables as text, in one order.
async fn dump(world: &World) -> Vec<String> {
    let mut rows = Vec::new();
    for statement in [
        "select to_jsonb(t)::text from desk.tickets t order by tenant, ticket_id",
        "select to_jsonb(t)::text from desk.ticket_clocks t order by tenant, ticket_id, clock_id",
        "select to_jsonb(t)::text from desk.complaints t order by tenant, complaint_id",
        "select to_jsonb(t)::text from desk.timeline t order by tenant, position",
    ] {
        let found: Vec<String> =
            sqlx::query_scalar(statement).fetch_all(world.pool()).await.unwrap();
        assert!(!found.is_empty(), "{statement}");
        rows.extend(found);
    }
    rows
}

#[tokio::test]
async fn a_rebuild_makes_the_same_tables() {
    let world = World::new().await;
    let mut at = world.tell(life(1)).await;
    for n in 2..=12 {
        at = world.tell(life(n)).await;
    }
    world.projected(at).await;
    let live = dump(&world).await;

    let rebuilt = rebuild::rebuild(
        &world.log,
        &world.db.options(),
        "desk",
        sqlx::migrate!("../../migrations/desk"),
        Arc::new(Projection::default()),
        &testkit::settings("subscription"),
    )
    .await
    .unwrap();
    assert_eq!((rebuilt.events, rebuilt.parked), (at.position, 0));
    assert_eq!(dump(&world).await, live);

    // The running service goes on in the new tables.
    let at = world.tell(life(13)).await;
    world.projected(at).await;
    assert_eq!(world.numbers(ListTicketsRequest::default()).await.len(), 13);
}

#[tokio::test]
async fn personal_data_is_in_the_subject_column_only() {
    let world = World::new().await;
    let subject = "I am called Jan Kowalski";
    let ticket = Ticket { subject: subject.to_owned(), ..Ticket::new(1) };
    let mut told = life(1);
    told[0] = ticket.registered();
    told.push(ticket.clock_breached(1));
    told.push(ticket.breach_voided(1));
    let at = world.tell(told).await;
    world.projected(at).await;
    let page = world.list(ListTicketsRequest::default()).await.unwrap();
    assert_eq!(page.tickets[0].subject, subject);

    sqlx::query("update desk.tickets set sealed_subject = ''").execute(world.pool()).await.unwrap();
    let rows = dump(&world).await.join("\n");
    for personal in [NAME, EMAIL, BODY, subject] {
        // Lines of complaints are bytes, which print as hexadecimal digits.
        let hex: String = personal.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!rows.contains(personal) && !rows.contains(&hex), "{personal}");
    }
}

#[tokio::test]
async fn a_batch_of_a_thousand_events_is_a_few_statements() {
    let world = World::new().await;
    let ticket = Ticket::new(1);
    let told = std::iter::once(ticket.registered())
        .chain((0..999).map(|_| ticket.message()))
        .collect::<Vec<_>>();
    let at = world.tell_at_once(told).await;
    world.projected(at).await;
    // Postgres counts a little after the fact.
    let written = testkit::eventually(|| async {
        let written: i64 = sqlx::query_scalar(
            "select n_tup_ins + n_tup_upd from pg_stat_user_tables
              where schemaname = 'desk' and relname = 'tickets'",
        )
        .fetch_one(world.pool())
        .await
        .unwrap();
        (written > 0).then_some(written)
    })
    .await;
    assert!(written <= 3, "the one line was written {written} times");
    assert_eq!(world.list(ListTicketsRequest::default()).await.unwrap().tickets.len(), 1);
}
