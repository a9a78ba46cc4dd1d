//! What becomes due fires: once, in order, late if it must, and never before what happened
//! has been seen.
use std::sync::Arc;

use chassis::clock::{Manual, System};
use eventlog::Recorded;
use jiff::{SignedDuration, Timestamp};
use testkit::eventually;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::scalar::timestamp;
use wire::sla::v1::{
    self, BreachVoided, ClockBreached, ClockKind, ClockOutcome, ThresholdReached, TimerFired,
    TimerKind, VoidReason,
};

use crate::world::*;

fn breaches(events: &[Recorded], kind: ClockKind) -> Vec<ClockBreached> {
    let breaches: Vec<ClockBreached> = all(events, "ClockBreached");
    breaches.into_iter().filter(|breach| breach.kind() == kind).collect()
}

fn percents(events: &[Recorded], kind: ClockKind) -> Vec<u32> {
    let reached: Vec<ThresholdReached> = all(events, "ThresholdReached");
    reached.into_iter().filter(|r| r.kind() == kind).map(|r| r.percent).collect()
}

#[tokio::test]
async fn a_breach_fires_once_though_two_replicas_keep_time() {
    let world = World::new().await;
    let (sla, _other) = (world.serve().await, world.serve().await);
    let policy = quick(&sla, "QUICK", ClockKind::FirstReply, 1).await;
    sla.publish_policy(policy, None).await.unwrap();
    let mut tickets = Vec::new();
    for _ in 0..20 {
        tickets.push(world.register(in_seconds(0), Priority::P2).await);
    }
    for &ticket in &tickets {
        sla.clock(ticket, ClockKind::FirstReply, |clock| clock.breached).await;
    }
    world.quiet().await;
    for &ticket in &tickets {
        let events = world.events(ticket).await;
        let breaches = breaches(&events, ClockKind::FirstReply);
        let clock = sla.clocks(ticket).await.remove(&ClockKind::FirstReply).unwrap();
        assert_eq!(breaches.len(), 1);
        assert_eq!(breaches[0].due_at, clock.due_at);
        assert_eq!(breaches[0].ticket_id, ticket.to_string());
        let event = events.iter().find(|event| name(event) == "ClockBreached").unwrap();
        let metadata = event.metadata().unwrap();
        assert_eq!(metadata.correlation_id, ticket.to_string());
        assert_eq!(metadata.actor.unwrap().id, "sla");
    }
}

#[tokio::test]
async fn what_became_due_while_nobody_ran_fires_once_and_in_order() {
    let world = World::new().await;
    let received = in_seconds(-3_600);
    let after = |minutes: i64| received + SignedDuration::from_mins(minutes);
    let sla = world.serve().await;
    let policy = hasty(&sla, 60).await;
    sla.publish_policy(policy, Some(received)).await.unwrap();
    drop(sla);
    let late = world.register(received, Priority::P1).await;
    let asked = world.register(received, Priority::P1).await;
    world.happens(asked, held(Uuid::from_u128(1), after(20))).await;
    let answered = world.register(received, Priority::P1).await;
    world.happens(answered, reply(after(10))).await;
    world.ack_sent(answered, after(1)).await;
    let (sla, _other) = (world.serve().await, world.serve().await);

    sla.clock(late, ClockKind::FirstReply, |clock| clock.breached).await;
    world.quiet().await;
    let events = world.events(late).await;
    for kind in [ClockKind::Ack, ClockKind::FirstReply, ClockKind::PeriodicUpdate] {
        assert_eq!(percents(&events, kind), [50, 75, 90], "{kind:?}");
        assert_eq!(breaches(&events, kind).len(), 1, "{kind:?}");
    }
    let first = &breaches(&events, ClockKind::FirstReply)[0];
    assert_eq!(first.due_at, Some(timestamp(after(15))));
    let fired: Vec<Timestamp> = events
        .iter()
        .filter(|event| matches!(name(event), "ThresholdReached" | "ClockBreached"))
        .map(|event| event.occurred_at)
        .collect();
    assert_eq!(fired.len(), 12);
    assert!(fired.is_sorted(), "{fired:?}");
    assert_eq!(fired.last(), Some(&(after(30) + SignedDuration::from_secs(1))));

    let reminded: Vec<TimerFired> = all(&world.events(asked).await, "TimerFired");
    let due = |seconds: i64| Some(timestamp(after(20) + SignedDuration::from_secs(seconds)));
    let told: Vec<_> =
        reminded.iter().map(|fired| (fired.timer(), fired.step, fired.due_at)).collect();
    let expected = [
        (TimerKind::CustomerReminder, 1, due(60)),
        (TimerKind::CustomerReminder, 2, due(120)),
        (TimerKind::NoReplyResolve, 1, due(180)),
    ];
    assert_eq!(told, expected);

    let clocks = sla.clocks(answered).await;
    for kind in [ClockKind::Ack, ClockKind::FirstReply] {
        assert_eq!(clocks[&kind].outcome(), ClockOutcome::Met, "{kind:?}");
    }
    let events = world.events(answered).await;
    for kind in [ClockKind::Ack, ClockKind::FirstReply] {
        assert!(breaches(&events, kind).is_empty() && percents(&events, kind).is_empty());
    }
}

#[tokio::test]
async fn what_is_overdue_in_many_partitions_fires_though_connections_are_few() {
    let mut world = World::partitioned().await;
    let mut tickets = Vec::new();
    for n in 0..16 {
        world.tenant = world.log.create_tenant(&format!("tenant-{n}")).await.unwrap();
        let ticket = world.register(in_seconds(-3_600), Priority::P1).await;
        tickets.push((world.tenant.clone(), ticket));
    }
    let _sla = world.serve_with(Arc::new(System), 3, |_| {}).await;
    for (tenant, ticket) in tickets {
        world.tenant = tenant;
        let fired = || async { breaches(&world.events(ticket).await, ClockKind::FirstReply).len() };
        eventually(|| async { fired().await == 1 }).await;
    }
    world.quiet().await;
}

#[tokio::test]
async fn what_is_overdue_fires_in_due_order_whatever_ticket_and_tenant_it_is_of() {
    let mut world = World::new().await;
    let begun = in_seconds(-7_200);
    let mut tickets = Vec::new();
    let partition = world.tenant.partition;
    for n in 0..6 {
        let tenant = world.log.create_tenant(&format!("tenant-{n}")).await.unwrap();
        if tenant.partition != partition {
            continue;
        }
        world.tenant = tenant;
        // The ids are in another order than the instants.
        for late in [10, 0] {
            let received = begun + SignedDuration::from_mins(n + late);
            let ticket = world.register(received, Priority::P1).await;
            tickets.push((received, world.tenant.clone(), ticket));
        }
    }
    assert!(tickets.len() >= 4, "of several tenants");
    // Its clock is off: it prepares the timers and fires none.
    let idle = world.serve_by(Arc::new(Manual::at(in_seconds(60)))).await;
    world.settled().await;
    drop(idle);
    // One at a time shows in the log who began first.
    let sla = world.serve_with(Arc::new(System), 8, |config| config.deadlines.concurrency = 1);
    let _sla = sla.await;
    tickets.sort_by_key(|(received, ..)| *received);
    let mut begun = Vec::new();
    for (_, tenant, ticket) in tickets {
        world.tenant = tenant;
        let fired = eventually(|| async {
            let events = world.events(ticket).await;
            let fired = |event: &&Recorded| name(event) == "ThresholdReached";
            events.iter().find(fired).map(|event| event.position)
        });
        begun.push(fired.await);
    }
    assert!(begun.is_sorted(), "{begun:?}");
}

#[tokio::test]
async fn clocks_that_cannot_be_read_hold_up_nobody_else() {
    let world = World::new().await;
    let sla = world.serve().await;
    let policy = quick(&sla, "QUICK", ClockKind::FirstReply, 5).await;
    sla.publish_policy(policy, None).await.unwrap();
    let mut tickets = Vec::new();
    for _ in 0..3 {
        tickets.push(world.register(in_seconds(0), Priority::P2).await);
    }
    world.settled().await;
    let started = wire::event::CLOCK_STARTED;
    let nonsense = step(in_seconds(0), started, &v1::ClockStarted::default());
    world.append_to("clock", tickets[1], false, vec![nonsense]).await;
    for ticket in [tickets[0], tickets[2]] {
        sla.clock(ticket, ClockKind::FirstReply, |clock| clock.breached).await;
    }
    let read = world.events(tickets[1]).await;
    assert!(breaches(&read, ClockKind::FirstReply).is_empty());
}

/// The standard policy with everything that happens by itself so many seconds apart.
async fn hasty(sla: &Replica, seconds: i64) -> v1::Policy {
    let mut policy = sla.config().await.policy.unwrap();
    policy.policy_id = "HASTY".to_owned();
    for (n, automation) in (1..).zip(&mut policy.automations) {
        automation.after_s = n * seconds;
        automation.calendar_id = "ALWAYS".to_owned();
    }
    policy
}

#[tokio::test]
async fn a_timer_fires_once_though_two_replicas_keep_time() {
    let world = World::new().await;
    let (sla, _other) = (world.serve().await, world.serve().await);
    let policy = hasty(&sla, 1).await;
    sla.publish_policy(policy, None).await.unwrap();
    let mut tickets = Vec::new();
    for n in 0..10 {
        let ticket = world.register(in_seconds(0), Priority::P4).await;
        world.happens(ticket, held(Uuid::from_u128(n), in_seconds(0))).await;
        tickets.push(ticket);
    }
    for &ticket in &tickets {
        let fired = || async { all::<TimerFired>(&world.events(ticket).await, "TimerFired").len() };
        eventually(|| async { fired().await == 3 }).await;
    }
    world.quiet().await;
    for &ticket in &tickets {
        let events = world.events(ticket).await;
        let fired: Vec<TimerFired> = all(&events, "TimerFired");
        let kinds: Vec<_> = fired.iter().map(|fired| (fired.timer(), fired.step)).collect();
        let reminder = TimerKind::CustomerReminder;
        assert_eq!(kinds, [(reminder, 1), (reminder, 2), (TimerKind::NoReplyResolve, 1)]);
        assert_eq!(fired[0].ticket_id, ticket.to_string());
        assert_eq!(fired[0].wait_until, fired[2].due_at);
        assert_eq!(unclocked(&world, ticket).await, 0);
    }
}

#[tokio::test]
async fn nothing_happens_by_itself_once_somebody_has_answered() {
    let world = World::new().await;
    let sla = world.serve().await;
    let policy = hasty(&sla, 2).await;
    sla.publish_policy(policy, None).await.unwrap();
    let (ticket, quiet) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let answered = world.register(in_seconds(0), Priority::P4).await;
    let silent = world.register(in_seconds(0), Priority::P4).await;
    world.happens(answered, held(ticket, in_seconds(0))).await;
    world.happens(answered, unheld(ticket, in_seconds(0))).await;
    world.happens(silent, held(quiet, in_seconds(0))).await;
    eventually(|| async {
        !all::<TimerFired>(&world.events(silent).await, "TimerFired").is_empty()
    })
    .await;
    world.happens(answered, resolved(in_seconds(0))).await;
    eventually(|| async { unclocked(&world, answered).await == 1 }).await;
    let reopened = wire::intake::v1::TicketReopened::default();
    let reopened = step(in_seconds(0), wire::event::TICKET_REOPENED, &reopened);
    world.happens(answered, reopened).await;
    eventually(|| async { unclocked(&world, answered).await == 0 }).await;
    let events = world.events(answered).await;
    assert!(all::<TimerFired>(&events, "TimerFired").is_empty());
    assert_eq!(events.iter().filter(|event| name(event) == "TimerCancelled").count(), 4);
}

/// A machine whose clock is ahead, by less than would keep it from firing.
#[derive(Debug)]
struct Ahead;

impl chassis::clock::Clock for Ahead {
    fn now(&self) -> Timestamp {
        in_seconds(0) + SignedDuration::from_millis(1_500)
    }
}

#[tokio::test]
async fn a_replicas_own_clock_moves_no_deadline() {
    let world = World::new().await;
    let sla = world.serve_by(Arc::new(Ahead)).await;
    let policy = quick(&sla, "QUICK", ClockKind::FirstReply, 1).await;
    sla.publish_policy(policy, Some(in_seconds(-60))).await.unwrap();
    let received = in_seconds(0);
    let ticket = world.register(received, Priority::P2).await;
    let first = sla.clock(ticket, ClockKind::FirstReply, |clock| clock.breached).await;
    let due_at = received + SignedDuration::from_secs(1);
    assert_eq!(first.due_at, Some(timestamp(due_at)));
    let events = world.events(ticket).await;
    let breach = events.iter().find(|event| name(event) == "ClockBreached").unwrap();
    // A second after due, by the database's clock, which stamps what is recorded.
    assert!(breach.recorded_at >= due_at + SignedDuration::from_secs(1));
    let detected = breaches(&events, ClockKind::FirstReply).remove(0).detected_at;
    let detected = wire::scalar::instant(detected.as_ref(), "detected_at").unwrap();
    assert!(detected <= breach.recorded_at, "noticed by the database's clock");
}

#[tokio::test]
async fn a_proof_that_arrives_late_voids_the_breach() {
    let world = World::new().await;
    let sla = world.serve().await;
    let received = in_seconds(-3_600);
    let ticket = world.register(received, Priority::P1).await;
    sla.clock(ticket, ClockKind::FirstReply, |clock| clock.breached).await;
    world.happens(ticket, reply(received + SignedDuration::from_mins(15))).await;
    let met = |clock: &wire::sla::v1::Clock| clock.outcome() == ClockOutcome::Met;
    let first = sla.clock(ticket, ClockKind::FirstReply, met).await;
    assert!(first.breached && first.breach_voided);
    let voided: Vec<BreachVoided> = all(&world.events(ticket).await, "BreachVoided");
    assert_eq!(voided[0].reason(), VoidReason::LateProof);
}

#[tokio::test]
async fn a_replica_whose_clock_is_off_fires_nothing() {
    let world = World::new().await;
    let clock = Manual::at(in_seconds(60));
    let sla = world.serve_by(Arc::new(clock.clone())).await;
    let ticket = world.register(in_seconds(-3_600), Priority::P1).await;
    sla.clock(ticket, ClockKind::FirstReply, |_| true).await;
    eventually(|| async { world.overdue().await > 0 }).await;
    let agreed_at = world.log.now().await.unwrap();
    eventually(|| async {
        // It stands still, so it is in step only for a moment after each of these.
        clock.set(in_seconds(0));
        let first = sla.clocks(ticket).await.remove(&ClockKind::FirstReply);
        first.is_some_and(|clock| clock.breached)
    })
    .await;
    for event in world.events(ticket).await {
        if matches!(name(&event), "ThresholdReached" | "ClockBreached") {
            assert!(event.recorded_at >= agreed_at);
        }
    }
}

#[tokio::test]
async fn timers_go_with_the_clocks_that_no_longer_need_them() {
    let world = World::new().await;
    let sla = world.serve().await;
    let received = in_seconds(0);
    let ticket = world.register(received, Priority::P1).await;
    sla.clock(ticket, ClockKind::FirstReply, |_| true).await;
    world.settled().await;
    // One for each clock, and one for the word that there is no news.
    assert_eq!(timers(&world, ticket).await, 5);
    world.happens(ticket, reply(received)).await;
    sla.clock(ticket, ClockKind::FirstReply, |clock| clock.stopped_at.is_some()).await;
    world.settled().await;
    // A new round of updates has come in the place of the old one.
    assert_eq!(timers(&world, ticket).await, 4);
    let left = || async { (timers(&world, ticket).await, unclocked(&world, ticket).await) };
    world.happens(ticket, held(Uuid::from_u128(1), received)).await;
    eventually(|| async { left().await == (4, 3) }).await;
    world.happens(ticket, unheld(Uuid::from_u128(1), received)).await;
    eventually(|| async { left().await == (4, 1) }).await;
}

/// Timers of what happens by itself.
async fn unclocked(world: &World, ticket: Uuid) -> i64 {
    sqlx::query_scalar(
        "select count(*) from sla.timers t
          where ticket_id = $1 and not exists (select from sla.clocks c
                where c.tenant = t.tenant and c.clock_id = t.clock_id)",
    )
    .bind(ticket)
    .fetch_one(world.db.pool())
    .await
    .unwrap()
}

async fn timers(world: &World, ticket: Uuid) -> i64 {
    sqlx::query_scalar("select count(*) from sla.timers where ticket_id = $1")
        .bind(ticket)
        .fetch_one(world.db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn nothing_fires_before_what_happened_has_been_seen() {
    let world = World::new().await;
    let sla = world.serve().await;
    let policy = quick(&sla, "QUICK", ClockKind::FirstReply, 5).await;
    sla.publish_policy(policy, None).await.unwrap();
    let received = in_seconds(0);
    let mut tickets = Vec::new();
    for _ in 0..20 {
        tickets.push(world.register(received, Priority::P2).await);
    }
    world.settled().await;
    drop(sla);
    for &ticket in &tickets {
        world.happens(ticket, reply(received + SignedDuration::from_secs(1))).await;
    }
    // Its timers are in the table; the answers are in the log alone.
    eventually(|| async {
        let due = "select count(*) from sla.clocks
                    where kind = 2 and due_at + interval '1 second' <= now()";
        let due: i64 = sqlx::query_scalar(due).fetch_one(world.db.pool()).await.unwrap();
        due == 20
    })
    .await;
    let sla = world.serve().await;
    for &ticket in &tickets {
        let ended = |clock: &wire::sla::v1::Clock| clock.stopped_at.is_some();
        let first = sla.clock(ticket, ClockKind::FirstReply, ended).await;
        assert_eq!((first.outcome(), first.breached), (ClockOutcome::Met, false));
    }
}
