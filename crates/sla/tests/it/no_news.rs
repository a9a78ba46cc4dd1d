//! What happens by itself as the hours pass, on a clock that the test moves.
use std::sync::Arc;

use chassis::clock::{Clock, Manual};
use eventlog::Recorded;
use jiff::Timestamp;
use testkit::eventually;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::intake::v1 as intake;
use wire::sla::v1::{
    ClockBreached, ClockKind, ClockOutcome, TimerCancelled, TimerFired, TimerKind, TimerSet,
};

use crate::complaints;
use crate::world::*;

/// A clock that rules over the database's, too.
#[derive(Debug, Clone)]
struct Ruling(Manual);

impl Clock for Ruling {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn instead_of_database(&self) -> Option<Timestamp> {
        Some(self.0.now())
    }
}

fn fired(events: &[Recorded], kind: TimerKind) -> Vec<TimerFired> {
    let fired: Vec<TimerFired> = all(events, "TimerFired");
    fired.into_iter().filter(|timer| timer.timer() == kind).collect()
}

async fn fired_times(
    world: &World,
    ticket: Uuid,
    kind: TimerKind,
    count: usize,
) -> Vec<TimerFired> {
    eventually(|| async {
        let fired = fired(&world.events(ticket).await, kind);
        (fired.len() >= count).then_some(fired)
    })
    .await
}

/// What intake answers.
fn told(time: &str) -> Step {
    let outbound = intake::MessageDirection::Outbound;
    message(at(time), outbound, intake::AuthorKind::System, false)
}

#[tokio::test]
async fn a_quiet_ticket_gets_its_word_at_the_end_of_every_round() {
    let world = World::new().await;
    let time = Manual::at(at("2026-06-01T08:00:00Z"));
    let sla = world.serve_by(Arc::new(Ruling(time.clone()))).await;
    let ticket = world.register(at("2026-06-01T08:00:00Z"), Priority::P1).await;
    let other = world.register(at("2026-06-01T08:00:00Z"), Priority::P4).await;
    let kind = ClockKind::PeriodicUpdate;
    let first = sla.clock(ticket, kind, |_| true).await;
    time.set(at("2026-06-01T08:30:00Z"));
    let word = fired_times(&world, ticket, TimerKind::NoNewsUpdate, 1).await.remove(0);
    assert_eq!(word.subject_ref, first.clock_id);
    assert_eq!((word.due_at, word.fired_at), (first.due_at, first.due_at));
    assert_eq!(word.silent_since, stamp("2026-06-01T08:00:00Z"));
    assert_eq!(word.next_due_at, stamp("2026-06-01T09:00:00Z"));
    world.happens(ticket, told("2026-06-01T08:30:00Z")).await;
    sla.clock(ticket, kind, |clock| clock.cycle == 2).await;
    time.set(at("2026-06-01T08:59:59Z"));
    world.settled().await;
    time.set(at("2026-06-01T09:00:00Z"));
    fired_times(&world, ticket, TimerKind::NoNewsUpdate, 2).await;
    world.happens(ticket, reply(at("2026-06-01T09:00:00Z"))).await;
    let third = sla.clock(ticket, kind, |clock| clock.cycle == 3).await;
    assert_eq!(third.due_at, stamp("2026-06-01T09:30:00Z"));
    // Another word before the time is up puts the machine's off.
    world.happens(ticket, reply(at("2026-06-01T09:10:00Z"))).await;
    sla.clock(ticket, kind, |clock| clock.cycle == 4).await;
    time.set(at("2026-06-01T09:39:00Z"));
    world.settled().await;
    let events = world.events(ticket).await;
    assert_eq!(fired(&events, TimerKind::NoNewsUpdate).len(), 2);
    assert!(!all::<TimerCancelled>(&events, "TimerCancelled").is_empty());
    let late: Vec<ClockBreached> = all(&events, "ClockBreached");
    assert!(late.iter().all(|breach| breach.kind() != kind), "{late:?}");
    let stopped: Vec<wire::sla::v1::ClockStopped> = all(&events, "ClockStopped");
    let rounds = stopped.iter().filter(|stop| stop.clock_id == first.clock_id);
    assert!(rounds.into_iter().all(|stop| stop.outcome() == ClockOutcome::Met));
    assert!(fired(&world.events(other).await, TimerKind::NoNewsUpdate).is_empty());
}

#[tokio::test]
async fn a_word_that_nobody_sent_leaves_the_clock_to_be_late() {
    let world = World::new().await;
    let time = Manual::at(at("2026-06-01T08:00:00Z"));
    let sla = world.serve_by(Arc::new(Ruling(time.clone()))).await;
    let ticket = world.register(at("2026-06-01T08:00:00Z"), Priority::P1).await;
    sla.clock(ticket, ClockKind::PeriodicUpdate, |_| true).await;
    time.set(at("2026-06-01T08:30:01Z"));
    sla.clock(ticket, ClockKind::PeriodicUpdate, |clock| clock.breached).await;
    let events = world.events(ticket).await;
    let word = events.iter().position(|event| name(event) == "TimerFired").unwrap();
    // Of several clocks it is the last that was late.
    let breach = events.iter().rposition(|event| name(event) == "ClockBreached").unwrap();
    let breached = events[breach].payload.as_ref();
    let breached = <ClockBreached as prost::Message>::decode(breached).unwrap();
    assert_eq!(breached.kind(), ClockKind::PeriodicUpdate);
    assert!(word < breach, "first the word, then the breach");
    // A word that was on its way all the same takes the breach back.
    world.happens(ticket, told("2026-06-01T08:30:00Z")).await;
    sla.clock(ticket, ClockKind::PeriodicUpdate, |clock| clock.cycle == 2).await;
    let events = world.events(ticket).await;
    assert!(events.iter().any(|event| name(event) == "BreachVoided"));
}

#[tokio::test]
async fn a_complaint_that_stays_resolved_is_closed_again_and_again() {
    let world = World::new().await;
    let time = Manual::at(at("2026-06-01T08:00:00Z"));
    let sla = world.serve_by(Arc::new(Ruling(time.clone()))).await;
    let (ticket, solved_at) = complaints::solved(&world, &sla, "2026-06-01T10:00:00Z").await;
    let plain = world.register(solved_at, Priority::P4).await;
    world.happens(plain, resolved(solved_at)).await;
    // Five working days, of which Corpus Christi is none.
    time.set(at("2026-06-09T10:00:00Z"));
    fired_times(&world, plain, TimerKind::AutoClose, 1).await;
    for (step, day) in
        (1..).zip(["2026-06-09", "2026-06-10", "2026-06-11", "2026-06-12", "2026-06-15"])
    {
        let due_at = format!("{day}T10:00:00Z");
        time.set(at(&due_at));
        let tried = fired_times(&world, ticket, TimerKind::AutoClose, step).await;
        let last = tried.last().unwrap();
        assert_eq!((last.step, last.due_at), (u32::try_from(step).unwrap(), stamp(&due_at)));
        world.settled().await;
    }
    let set: Vec<TimerSet> = all(&world.events(ticket).await, "TimerSet");
    let again = set.iter().filter(|timer| timer.timer() == TimerKind::AutoClose);
    assert_eq!(again.map(|timer| timer.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let closed =
        intake::TicketClosed { reason: intake::CloseReason::Auto.into(), ..Default::default() };
    let closed = step(at("2026-06-15T11:00:00Z"), wire::event::TICKET_CLOSED, &closed);
    world.happens(ticket, closed).await;
    world.settled().await;
    time.set(at("2026-06-16T10:00:00Z"));
    world.settled().await;
    assert_eq!(fired(&world.events(ticket).await, TimerKind::AutoClose).len(), 5);
    let set: Vec<TimerSet> = all(&world.events(plain).await, "TimerSet");
    assert_eq!(set.len(), 1, "what is no complaint is closed, or was not meant");
}
