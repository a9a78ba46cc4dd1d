//! Histories of other systems are measured by their own times, and are news to nobody.
use jiff::SignedDuration;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::sla::v1::{ClockBreached, ClockKind, ClockOutcome, ThresholdReached};

use crate::world::*;

const MONDAY: &str = "2024-06-03T08:00:00Z";

#[tokio::test]
async fn a_history_is_met_or_missed_by_its_own_times() {
    let world = World::new().await;
    let sla = world.serve().await;
    let after = |minutes: i64| at(MONDAY) + SignedDuration::from_mins(minutes);
    let history = |ticket, replied| {
        let steps = [
            registered(ticket, at(MONDAY)),
            prioritised(at(MONDAY), Priority::P3),
            reply(after(replied)),
            resolved(after(600)),
        ];
        Vec::from(steps)
    };
    let (quick, slow) = (Uuid::now_v7(), Uuid::now_v7());
    world.append(quick, true, history(quick, 30)).await;
    world.append(slow, true, history(slow, 61)).await;
    let ended = |clock: &wire::sla::v1::Clock| clock.stopped_at.is_some();
    for (ticket, outcome) in [(quick, ClockOutcome::Met), (slow, ClockOutcome::Missed)] {
        let resolution = sla.clock(ticket, ClockKind::Resolution, ended).await;
        assert_eq!(resolution.outcome(), ClockOutcome::Met);
        let first = sla.clocks(ticket).await.remove(&ClockKind::FirstReply).unwrap();
        assert_eq!(first.outcome(), outcome);
    }
    world.quiet().await;
    let missed: Vec<ClockBreached> = all(&world.events(slow).await, "ClockBreached");
    let first = missed.iter().find(|breach| breach.kind() == ClockKind::FirstReply).unwrap();
    assert_eq!(first.due_at, stamp("2024-06-03T09:00:00Z"));
    for ticket in [quick, slow] {
        for event in world.events(ticket).await {
            assert!(event.metadata().unwrap().historical, "{}", event.event_type);
        }
    }
}

#[tokio::test]
async fn an_imported_ticket_that_is_still_open_becomes_late_today() {
    let world = World::new().await;
    let sla = world.serve().await;
    // Late long ago: history. Late in a moment: news.
    let policy = quick(&sla, "TODAY", ClockKind::Resolution, 3_606).await;
    let received = in_seconds(-3_600);
    sla.publish_policy(policy, Some(received)).await.unwrap();
    let ticket = Uuid::now_v7();
    let steps = vec![registered(ticket, received), prioritised(received, Priority::P1)];
    world.append(ticket, true, steps).await;
    sla.clock(ticket, ClockKind::Resolution, |clock| clock.breached).await;
    world.quiet().await;
    let mut seen = Vec::new();
    for event in world.events(ticket).await {
        let historical = event.metadata().unwrap().historical;
        if name(&event) == "ClockBreached" {
            let breach: ClockBreached = all(&[event], "ClockBreached").remove(0);
            seen.push((breach.kind(), historical));
        } else if name(&event) == "ThresholdReached" {
            let reached: ThresholdReached = all(&[event], "ThresholdReached").remove(0);
            assert!(historical, "{reached:?}");
        }
    }
    let expected =
        [(ClockKind::Ack, true), (ClockKind::FirstReply, true), (ClockKind::Resolution, false)];
    assert_eq!(seen, expected);
}
