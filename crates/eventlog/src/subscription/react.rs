//! Reactions of one batch: concurrently up to a bound, in order per ticket and per stream.
use std::collections::HashMap;

use futures::stream::{FuturesUnordered, StreamExt as _};

use tracing::Instrument as _;

use super::apply::{Applier, Failure};
use super::handler::{HandlerError, Subscriber};
use crate::{Partition, Recorded, StreamId, TenantKey, describe, trace};

/// Runs the reactions to all events; answers the positions whose reaction is poison, with the
/// reasons. Later events of a poison event's stream are not reacted to.
///
/// Fails only if the log does not hold an event that the broker brought.
pub(super) async fn run<S: Subscriber>(
    applier: &Applier<S>,
    partition: Partition,
    events: &[&Recorded],
) -> Result<HashMap<u64, String>, Failure> {
    let mut poisoned = HashMap::new();
    let mut waiting = groups(events).into_iter();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < applier.settings.concurrent_reactions.max(1) {
            let Some(group) = waiting.next() else { break };
            running.push(run_group(applier, partition, events, group));
        }
        let Some(found) = running.next().await else { return Ok(poisoned) };
        poisoned.extend(found?);
    }
}

async fn run_group<S: Subscriber>(
    applier: &Applier<S>,
    partition: Partition,
    events: &[&Recorded],
    group: Vec<usize>,
) -> Result<Vec<(u64, String)>, Failure> {
    let mut poisoned: Vec<(usize, String)> = Vec::new();
    if S::REACTS_TOGETHER && group.len() > 1 && done_together(applier, events, &group).await {
        return Ok(Vec::new());
    }
    for index in group {
        let event = events[index];
        let behind = poisoned.iter().any(|(head, _)| {
            events[*head].tenant == event.tenant && events[*head].stream == event.stream
        });
        if behind {
            continue;
        }
        if let Err(reason) = react_one(applier, partition, event).await? {
            poisoned.push((index, reason));
        }
    }
    Ok(poisoned.into_iter().map(|(index, reason)| (events[index].position, reason)).collect())
}

/// Whether the subscriber could react to the whole group at once.
async fn done_together<S: Subscriber>(
    applier: &Applier<S>,
    events: &[&Recorded],
    group: &[usize],
) -> bool {
    let together: Vec<&Recorded> = group.iter().map(|index| events[*index]).collect();
    let span = tracing::info_span!(
        "react", otel.kind = "consumer", subscription = applier.name,
        position = together[0].position, stream = %together[0].stream,
        event_type = together[0].event_type, events = together.len(),
    );
    if let Ok(metadata) = together[0].metadata() {
        trace::follow(&span, &metadata.traceparent);
    }
    match applier.subscriber.react_together(&together).instrument(span).await {
        Ok(done) => done,
        Err(error) => {
            tracing::debug!(
                subscription = applier.name,
                position = together[0].position,
                error = describe(&error),
                "not reacted to together"
            );
            false
        }
    }
}

/// Reacts to one event: transient failures for as long as it takes, unless the log does not hold
/// the event at all; poison a bounded number of times.
pub(super) async fn react_one<S: Subscriber>(
    applier: &Applier<S>,
    partition: Partition,
    event: &Recorded,
) -> Result<Result<(), String>, Failure> {
    let settings = &applier.settings;
    let (mut failures, mut poison) = (0_u32, 0_u32);
    loop {
        let span = tracing::info_span!(
            "react", otel.kind = "consumer", subscription = applier.name,
            position = event.position, stream = %event.stream, event_type = event.event_type,
        );
        if let Ok(metadata) = event.metadata() {
            trace::follow(&span, &metadata.traceparent);
        }
        let delay = match applier.subscriber.react(event).instrument(span).await {
            Ok(()) => return Ok(Ok(())),
            Err(HandlerError::Transient(source)) => {
                failures = failures.saturating_add(1);
                applier.status.update(partition, |status| status.retries += 1);
                tracing::warn!(
                    subscription = applier.name, %partition, position = event.position,
                    failures, error = describe(&*source), "reaction failed, will be tried again"
                );
                match applier.prove(std::slice::from_ref(event)).await {
                    Err(lost @ (Failure::Lost(_) | Failure::Halted(_))) => return Err(lost),
                    Ok(()) | Err(Failure::Transient(_) | Failure::Fenced) => {}
                }
                settings.backoff(failures)
            }
            Err(HandlerError::Poison(reason)) => {
                poison += 1;
                if poison >= settings.poison_attempts {
                    return Ok(Err(reason));
                }
                settings.backoff(poison)
            }
        };
        tokio::time::sleep(delay).await;
    }
}

#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Stream(TenantKey, &'a StreamId),
    Ticket(TenantKey, String),
}

/// Indices of events that must stay in order among each other: same ticket or same stream,
/// transitively.
fn groups(events: &[&Recorded]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut owner: HashMap<Key<'_>, usize> = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        let stream = Key::Stream(event.tenant, &event.stream);
        // Without readable metadata the stream alone decides; the handler judges the event.
        let ticket = match event.metadata() {
            Ok(metadata) if !metadata.correlation_id.is_empty() => {
                Some(Key::Ticket(event.tenant, metadata.correlation_id))
            }
            _ => None,
        };
        let by_stream = owner.get(&stream).copied();
        let by_ticket = ticket.as_ref().and_then(|ticket| owner.get(ticket).copied());
        let group = match (by_stream, by_ticket) {
            (None, None) => {
                groups.push(Vec::new());
                groups.len() - 1
            }
            (Some(group), None) | (None, Some(group)) => group,
            (Some(group), Some(other)) => {
                if group != other {
                    let moved = std::mem::take(&mut groups[other]);
                    groups[group].extend(moved);
                    groups[group].sort_unstable();
                    owner.values_mut().filter(|g| **g == other).for_each(|g| *g = group);
                }
                group
            }
        };
        groups[group].push(index);
        owner.insert(stream, group);
        if let Some(ticket) = ticket {
            owner.insert(ticket, group);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

#[cfg(test)]
mod tests;
