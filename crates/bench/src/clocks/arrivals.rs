//! Tickets that arrive while timers fire: the events that intake appends for each of them.
use std::time::{Duration, Instant};

use eventlog::{Log, NewEvent, StreamId, Tenant};
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;
use wire::common::v1::{Actor, ActorKind, Channel, Priority};
use wire::events::v1::Metadata;
use wire::intake::v1::{
    PriorityCause, PriorityChanged, TicketOrigin, TicketRegistered, TicketType,
};
use wire::scalar::timestamp;

/// Has so many tickets per second registered, evenly, from `now` on until the answer is aborted.
pub(super) fn arrive(
    log: &Log,
    tenants: &[Tenant],
    per_second: u32,
    now: Timestamp,
) -> JoinHandle<()> {
    let (log, tenants, begin) = (log.clone(), tenants.to_vec(), Instant::now());
    tokio::spawn(async move {
        if per_second == 0 || tenants.is_empty() {
            return;
        }
        let mut ticks = interval(Duration::from_secs(1) / per_second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        // A caller that waits for its answer does not delay the next one.
        let mut waiting = JoinSet::new();
        for tenant in tenants.iter().cycle() {
            ticks.tick().await;
            let (log, tenant) = (log.clone(), tenant.clone());
            let passed = SignedDuration::try_from(begin.elapsed()).unwrap_or_default();
            let received_at = now.saturating_add(passed).unwrap_or(now);
            waiting.spawn(async move {
                let id = Uuid::now_v7();
                let stream = StreamId::new("ticket", id);
                // A ticket that is not taken is one less of load, which the rate would show.
                drop(log.append(&tenant, &stream, 0, ticket(id, received_at)).await);
            });
            while waiting.try_join_next().is_some() {}
        }
    })
}

fn ticket(id: Uuid, now: Timestamp) -> Vec<NewEvent> {
    let registered = TicketRegistered {
        ticket_id: id.to_string(),
        number: "7K3M9-QXF2H-4".to_owned(),
        r#type: TicketType::Request.into(),
        channel: Channel::Email.into(),
        requester_party_id: id.to_string(),
        language: "pl".to_owned(),
        origin: TicketOrigin::New.into(),
        received_at: Some(timestamp(now)),
        ..TicketRegistered::default()
    };
    let priority = PriorityChanged {
        priority: Priority::P3.into(),
        cause: PriorityCause::Initial.into(),
        ..PriorityChanged::default()
    };
    vec![
        event(id, now, "odzew.intake.v1.TicketRegistered", &registered),
        event(id, now, "odzew.intake.v1.PriorityChanged", &priority),
    ]
}

fn event<M: Message>(id: Uuid, now: Timestamp, event_type: &'static str, message: &M) -> NewEvent {
    let actor = Actor {
        kind: ActorKind::Customer.into(),
        id: "portal".to_owned(),
        role: "customer".to_owned(),
    };
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type,
        payload: message.encode_to_vec().into(),
        metadata: Metadata {
            actor: Some(actor),
            correlation_id: id.to_string(),
            ..Metadata::default()
        },
        occurred_at: now,
    }
}
