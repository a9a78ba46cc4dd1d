//! Writes the clocks of many tickets, with the events that sla writes.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use domain::calendar::CalendarRef;
use domain::clock::{Basis, ClockKind, Event, Goal, Started, TicketFacts, Warn, clock_id};
use domain::ids::TicketId;
use domain::policy::Entitlement;
use domain::priority::{Channel, Priority, TicketType};
use eventlog::{Log, NewEvent, StreamId, Tenant};
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;
use wire::Payload as _;
use wire::common::v1::{Actor, ActorKind};
use wire::events::v1::Metadata;

/// Callers per tenant: as many appends as one batch takes.
const CALLERS: usize = 64;
/// What a ticket's first clocks are.
const FIRST: [ClockKind; 4] =
    [ClockKind::Ack, ClockKind::FirstReply, ClockKind::Resolution, ClockKind::PeriodicUpdate];
/// Nothing of this is due while anybody measures.
const FAR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Writes so many open clocks, four per ticket, each with three warnings; answers how many
/// events that were.
pub(super) async fn open(log: &Log, tenants: &[Tenant], clocks: u64) -> Result<u64> {
    let now = log.now().await?;
    let due_at = now.checked_add(FAR)?;
    let kinds = FIRST.len() as u64;
    write(log, tenants, clocks / kinds, move |id| ticket(id, &FIRST, now, due_at, true)).await
}

/// Writes so many clocks that are due at an instant, one per ticket.
pub(super) async fn due(
    log: &Log,
    tenants: &[Tenant],
    clocks: u64,
    due_at: Timestamp,
) -> Result<u64> {
    let now = log.now().await?;
    let kinds = &[ClockKind::Resolution];
    write(log, tenants, clocks, move |id| ticket(id, kinds, now, due_at, false)).await
}

/// Appends the events of so many tickets; answers how many events that were.
async fn write(
    log: &Log,
    tenants: &[Tenant],
    tickets: u64,
    events: impl Fn(TicketId) -> Vec<NewEvent> + Clone + Send + 'static,
) -> Result<u64> {
    let left = Arc::new(AtomicU64::new(tickets));
    let mut callers = JoinSet::new();
    for tenant in tenants {
        for _ in 0..CALLERS {
            let (log, tenant, left) = (log.clone(), tenant.clone(), Arc::clone(&left));
            let events = events.clone();
            callers.spawn(async move {
                let mut count = 0;
                let take = |left: u64| left.checked_sub(1);
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
                    let id = TicketId(Uuid::now_v7());
                    let events = events(id);
                    count += events.len() as u64;
                    log.append(&tenant, &StreamId::new(Event::CATEGORY, id.0), 0, events).await?;
                }
                Ok::<u64, anyhow::Error>(count)
            });
        }
    }
    let mut count = 0;
    while let Some(ended) = callers.join_next().await {
        count += ended.context("a caller ends")??;
    }
    Ok(count)
}

/// What sla writes when a ticket comes in.
fn ticket(
    ticket_id: TicketId,
    kinds: &[ClockKind],
    now: Timestamp,
    due_at: Timestamp,
    warns: bool,
) -> Vec<NewEvent> {
    let noted = Event::TicketNoted(TicketFacts {
        ticket_id,
        received_at: now,
        channel: Channel::Email,
        has_requester: true,
        awaits_reply: true,
        priority: Some(Priority::P3),
        entitlement: Entitlement::of_type(TicketType::Inquiry),
        solved_at: None,
        extension: None,
    });
    let started = kinds
        .iter()
        .map(|kind| Event::Started(Box::new(started(ticket_id, *kind, now, due_at, warns))));
    let actor =
        Actor { kind: ActorKind::System.into(), id: "sla".to_owned(), role: "system".to_owned() };
    let metadata = Metadata {
        actor: Some(actor),
        correlation_id: ticket_id.0.to_string(),
        ..Metadata::default()
    };
    std::iter::once(noted)
        .chain(started)
        .map(|event| NewEvent {
            event_id: Uuid::now_v7(),
            event_type: event.event_type(),
            payload: event.encode(),
            metadata: metadata.clone(),
            occurred_at: now,
        })
        .collect()
}

fn started(
    ticket_id: TicketId,
    kind: ClockKind,
    now: Timestamp,
    due_at: Timestamp,
    warns: bool,
) -> Started {
    let span = due_at.duration_since(now);
    let percents: &[u8] = if warns { &[50, 75, 90] } else { &[] };
    let warn = |percent: &u8| {
        let at = now.checked_add(span * i32::from(*percent) / 100).unwrap_or(due_at);
        Warn { percent: *percent, at }
    };
    Started {
        clock_id: clock_id(ticket_id, kind, 1),
        ticket_id,
        kind,
        class: kind.class(),
        cycle: 1,
        subject_ref: None,
        promise: None,
        channel: Some(Channel::Email),
        basis: Basis::Policy { id: "PL_STANDARD".to_owned(), version: 1 },
        calendar: Some(CalendarRef { id: "ALWAYS".to_owned(), version: 1 }),
        goal: Goal::Target(Duration::from_secs(span.unsigned_abs().as_secs())),
        started_at: now,
        due_at,
        safe_due_at: None,
        silence: None,
        warn_at: percents.iter().map(warn).collect(),
    }
}
