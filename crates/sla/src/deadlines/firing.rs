//! Fires claimed timers: reads the clocks of each tenant's tickets together, and appends the due
//! events of each ticket, in order.
//!
//! Tickets start in the order of their first due instant, and everything due for a ticket is one
//! append where possible. As many tickets as the settings allow fire at the same time, so these may
//! share one commit of the log, or overtake each other by some milliseconds. There is no order
//! between partitions.
use std::collections::{BTreeMap, HashMap};

use domain::clock::{Clocks, Command, Rejection, State, What, due_timers};
use domain::ids::TicketId;
use eventlog::{
    Actor, Cause, Error, ExecuteError, HandlerError, Tenant, TenantKey, describe, execute_together,
    load_many, trace,
};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;
use wire::common::v1::ActorKind;

use super::{Deadlines, Timer, metrics};
use crate::reactions::SERVICE;

/// The outcome of a ticket's claimed timers.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fired {
    /// They have done what they were for, or no longer had to.
    Done,
    /// They must be looked at again later.
    Later,
}

/// When a batch fires.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// What has come up to here fires.
    pub(super) upto: Timestamp,
    /// The time, by the database's clock, when the batch had begun.
    pub(super) now: Timestamp,
    /// The same instant by this machine's.
    pub(super) begun: Instant,
}

/// An instant that has come.
struct Come {
    /// The clock, or what happens by itself.
    id: Uuid,
    what: What,
    at: Timestamp,
    /// It lay in the past when the clock was imported.
    historical: bool,
}

/// A ticket with its claimed timers.
struct Ticket {
    tenant: TenantKey,
    ticket_id: TicketId,
    timers: Vec<Timer>,
}

/// The tenant, and the clocks of those of its tickets that have any.
type Known = (Tenant, HashMap<Uuid, Result<State, Error>>);

impl Deadlines {
    /// Fires timers that were claimed in due order; returns the outcome for each ticket.
    pub(super) async fn fire_claimed(
        &self,
        claimed: Vec<Timer>,
        moment: Moment,
    ) -> Vec<(Vec<Timer>, Fired)> {
        let tickets = by_ticket(claimed);
        let mut known = self.known(&tickets).await;
        let tickets = tickets.into_iter().map(|Ticket { tenant, ticket_id, timers }| {
            let found = known.get_mut(&tenant).map(|(tenant, states)| {
                let state = states.remove(&ticket_id.0).unwrap_or_else(|| Ok(State::default()));
                (tenant.clone(), state)
            });
            (ticket_id, timers, found)
        });
        futures::stream::iter(tickets)
            .map(|(ticket_id, timers, found)| {
                let span = tracing::info_span!("fire", ticket.id = %ticket_id.0);
                async move {
                    let fired = match found {
                        Some((tenant, Ok(state))) => {
                            let come = come(&state, &timers, moment.upto);
                            self.fire(&tenant, ticket_id, come, moment).await
                        }
                        Some((_, Err(error))) => {
                            not_fired(ticket_id, None, HandlerError::from(error))
                        }
                        // Why was told for the tenant.
                        None => Fired::Later,
                    };
                    (timers, fired)
                }
                .instrument(span)
            })
            .buffer_unordered(self.settings.concurrency.max(1))
            .collect()
            .await
    }

    /// The clocks of those tickets by tenant, as the log has them. A tenant that cannot be read
    /// now is left out.
    async fn known(&self, tickets: &[Ticket]) -> BTreeMap<TenantKey, Known> {
        let mut wanted: BTreeMap<TenantKey, Vec<Uuid>> = BTreeMap::new();
        for ticket in tickets {
            wanted.entry(ticket.tenant).or_default().push(ticket.ticket_id.0);
        }
        let mut known = BTreeMap::new();
        for (tenant, ids) in wanted {
            match self.states(tenant, &ids).await {
                Ok(found) => drop(known.insert(tenant, found)),
                Err(reason) => {
                    tracing::warn!(
                        tenant.key = tenant.0,
                        reason,
                        "timers not fired, will be again"
                    );
                }
            }
        }
        known
    }

    async fn states(&self, tenant: TenantKey, ids: &[Uuid]) -> Result<Known, String> {
        let found = self.log.tenant_by_key(tenant).await.map_err(|error| describe(&error))?;
        let tenant = found.ok_or("the tenant is not known")?;
        let states = load_many::<Clocks>(&self.log, &tenant, ids).await;
        Ok((tenant, states.map_err(|error| describe(&error))?))
    }

    /// Fires what has come for a ticket, in order; behind what cannot fire the rest waits.
    async fn fire(
        &self,
        tenant: &Tenant,
        ticket_id: TicketId,
        come: Vec<Come>,
        moment: Moment,
    ) -> Fired {
        let now = self.now(moment);
        let steps: Vec<(Cause, Command)> = come
            .iter()
            .map(|&Come { id, what, .. }| Command::Fire { id, what, now })
            .zip(&come)
            .map(|(command, come)| (cause(ticket_id, come), command))
            .collect();
        if steps.len() > 1
            && execute_together::<Clocks>(&self.log, tenant, ticket_id.0, false, &steps)
                .await
                .is_ok()
        {
            come.iter().for_each(|come| come.fired(now));
            return Fired::Done;
        }
        for (come, (cause, command)) in come.iter().zip(&steps) {
            let id = ticket_id.0;
            match eventlog::execute::<Clocks>(&self.log, tenant, id, cause, command).await {
                Ok(executed) if executed.events.is_empty() => {}
                Ok(_) => come.fired(now),
                // The clock has another due time by now, and that has a row of its own.
                Err(ExecuteError::Rejected(Rejection::NotDue { .. })) => {}
                Err(error) => {
                    return not_fired(ticket_id, Some(come.id), HandlerError::from(error));
                }
            }
        }
        Fired::Done
    }

    fn now(&self, moment: Moment) -> Timestamp {
        self.clock.instead_of_database().unwrap_or_else(|| {
            let passed = SignedDuration::try_from(moment.begun.elapsed());
            let now = moment.now.saturating_add(passed.unwrap_or(SignedDuration::ZERO));
            chassis::clock::truncate_to_millis(now.unwrap_or(moment.now))
        })
    }
}

impl Come {
    fn fired(&self, now: Timestamp) {
        if !self.historical {
            metrics::LATENESS.record(now.duration_since(self.at).as_secs_f64(), &[]);
        }
    }
}

/// Puts the timers of each ticket together, in the order of the first of each.
fn by_ticket(claimed: Vec<Timer>) -> Vec<Ticket> {
    let mut tickets: Vec<Ticket> = Vec::new();
    let mut places = HashMap::new();
    for timer in claimed {
        let Timer { tenant, ticket_id, .. } = timer;
        let place = *places.entry((tenant, ticket_id)).or_insert(tickets.len());
        match tickets.get_mut(place) {
            Some(ticket) => ticket.timers.push(timer),
            None => tickets.push(Ticket { tenant, ticket_id, timers: vec![timer] }),
        }
    }
    tickets
}

/// What has come up to an instant for the clocks that were claimed, earliest first.
fn come(state: &State, claimed: &[Timer], upto: Timestamp) -> Vec<Come> {
    let due = due_timers(state).into_iter().take_while(|due| due.at <= upto);
    let come = due.filter_map(|due| {
        let timer = claimed.iter().find(|timer| timer.id == due.id)?;
        let historical = timer.past_until.is_some_and(|past_until| due.at <= past_until);
        Some(Come { id: due.id, what: due.what, at: due.at, historical })
    });
    come.collect()
}

/// Why a timer's events happen: because its instant came, however late that is noticed. They
/// begin a trace, for nobody asked for them.
fn cause(ticket_id: TicketId, come: &Come) -> Cause {
    let actor =
        Actor { kind: ActorKind::System, id: SERVICE.to_owned(), role: "system".to_owned() };
    Cause {
        actor,
        request: None,
        causation_id: None,
        correlation_id: ticket_id.0,
        traceparent: trace::current(),
        occurred_at: come.at,
        historical: come.historical,
        expected_version: None,
        follows: None,
        guards: Vec::new(),
    }
}

/// Notes why a ticket's clocks, or one of them, wait.
fn not_fired(ticket_id: TicketId, id: Option<Uuid>, error: HandlerError) -> Fired {
    let (reason, passes) = match error {
        HandlerError::Transient(error) => (describe(&*error), true),
        HandlerError::Poison(reason) => (reason, false),
    };
    let id = id.map(tracing::field::display);
    if passes {
        tracing::warn!(
            ticket.id = %ticket_id.0, clock.id = id, reason,
            "timer not fired, will be tried again"
        );
    } else {
        metrics::REFUSED.add(1, &[]);
        tracing::error!(
            ticket.id = %ticket_id.0, clock.id = id, reason,
            "timer cannot fire, will be tried again"
        );
    }
    Fired::Later
}
