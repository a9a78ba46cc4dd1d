//! The tables of the service, one file per table, folded from its own clocks in the transaction
//! that moves the cursor.
//!
//! The tables hold the domain's state, folded by the domain's own `evolve`. A timer row is the next
//! instant that this state names, so the tables cannot disagree with later decisions. A timer of
//! the domain exists as such a row only while it is set.
pub(crate) mod clocks;
pub(crate) mod timers;

use std::collections::{BTreeMap, BTreeSet};

use domain::Aggregate as _;
use domain::clock::{Clocks, Event, State, due_timers};
use domain::ids::{ClockId, TicketId};
use eventlog::{HandlerError, Recorded, Subscriber, TenantKey};
use sqlx::PgConnection;
use uuid::Uuid;
use wire::Payload as _;

use timers::Timer;

/// Name of the service's one subscription.
pub(crate) const SUBSCRIPTION: &str = "sla";

/// A ticket of a tenant.
pub(crate) type TicketKey = (TenantKey, TicketId);

/// The read model alone: no reactions.
#[derive(Debug)]
pub(crate) struct Projection;

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        let mut changes = Vec::new();
        for event in events.iter().filter(|e| e.stream.category == Event::CATEGORY) {
            let decoded: Event = event.decode()?;
            if let Some(id) = subject_of(&decoded) {
                changes.push((event, id, decoded));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        let known: BTreeSet<TicketKey> = changes.iter().map(|(e, _, _)| ticket_key(e)).collect();
        let mut states = clocks::of_tickets(tx, &known).await?;
        let mut touched = Touched::new();
        for (event, id, decoded) in &changes {
            let key = ticket_key(event);
            let state = states.remove(&key).unwrap_or_default();
            states.insert(key, Clocks::evolve(state, decoded));
            touched.insert((key, *id), event);
        }
        clocks::write(tx, &changed_clocks(&states, &touched)).await?;
        timers::replace(tx, &touched, &timers_of(&states, &touched)?).await
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// The clocks and timers that a batch touched, each with the last event that did.
type Touched<'a> = BTreeMap<(TicketKey, Uuid), &'a Recorded>;

fn changed_clocks<'a>(
    states: &'a BTreeMap<TicketKey, State>,
    touched: &Touched<'_>,
) -> Vec<(TenantKey, &'a domain::clock::Clock)> {
    let changed = touched.keys().filter_map(|(key, id)| {
        let clock = states.get(key)?.clock(ClockId(*id))?;
        Some((key.0, clock))
    });
    changed.collect()
}

/// The next instant of each clock and timer that the batch touched, if it has one.
fn timers_of(
    states: &BTreeMap<TicketKey, State>,
    touched: &Touched<'_>,
) -> Result<Vec<Timer>, HandlerError> {
    let mut timers: BTreeMap<(TicketKey, Uuid), Timer> = BTreeMap::new();
    let keys: BTreeSet<TicketKey> = touched.keys().map(|(key, _)| *key).collect();
    for key in keys {
        for due in states.get(&key).map(due_timers).unwrap_or_default() {
            let Some(event) = touched.get(&(key, due.id)) else { continue };
            // An imported ticket that is still open can become late today, and that is news.
            let past_until = event.metadata()?.historical.then_some(event.recorded_at);
            // They come earliest first.
            timers.entry((key, due.id)).or_insert(Timer {
                partition: event.partition,
                tenant: key.0,
                ticket_id: key.1,
                id: due.id,
                wake_at: due.at,
                past_until,
            });
        }
    }
    Ok(timers.into_values().collect())
}

fn ticket_key(event: &Recorded) -> TicketKey {
    (event.tenant, TicketId(event.stream.id))
}

/// The clock or timer that an event is about; `None` if it is about the ticket or its complaint.
fn subject_of(event: &Event) -> Option<Uuid> {
    match event {
        Event::TimerSet(timer) => Some(timer.timer_id.0),
        Event::TimerCancelled { timer_id, .. } | Event::TimerFired { timer_id, .. } => {
            Some(timer_id.0)
        }
        Event::TicketNoted(_)
        | Event::ComplaintNoted(_)
        | Event::Started(_)
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::Retargeted(_)
        | Event::ThresholdReached { .. }
        | Event::Breached { .. }
        | Event::Stopped { .. }
        | Event::BreachVoided { .. } => event.clock_id().map(|id| id.0),
    }
}
