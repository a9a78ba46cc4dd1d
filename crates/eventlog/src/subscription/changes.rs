//! Tells holders of a cached stream whether the subscription has seen it change, so that they need
//! not ask the log.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Partition, Recorded, TenantKey};

/// Most tenants per partition whose changes are remembered; beyond, all are forgotten, which
/// costs one look into the log each.
const MOST_TENANTS: usize = 1_024;

/// Where the streams of one category changed, among all events that a subscription was given.
#[derive(Debug)]
pub struct Changes {
    category: &'static str,
    /// Written by the subscription, as events arrive.
    seen: Mutex<HashMap<Partition, Seen>>,
}

/// A stretch of a partition without gaps.
#[derive(Debug, Default)]
struct Seen {
    /// Everything behind this position has been seen …
    after: u64,
    /// … up to this one.
    to: u64,
    /// Positions of the last changes in between.
    changed: HashMap<TenantKey, u64>,
}

impl Changes {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(category: &'static str) -> Self {
        Self { category, seen: Mutex::default() }
    }

    /// Notes events of one partition in order, as [`super::Subscriber::arrived`] tells them. `true` if
    /// it had been given events of these positions before. Then the log may have lost those, and
    /// whoever judges copies by positions must forget them.
    pub fn note(&self, events: &[Recorded]) -> bool {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return false };
        let mut partitions = self.lock();
        let seen = partitions.entry(first.partition).or_default();
        let is_again = first.position <= seen.to;
        let goes_on = first.position == seen.to + 1;
        if !goes_on || seen.changed.len() > MOST_TENANTS {
            *seen = Seen { after: first.position - 1, ..Seen::default() };
        }
        seen.to = last.position;
        for event in events.iter().filter(|event| event.stream.category == self.category) {
            seen.changed.insert(event.tenant, event.position);
        }
        is_again
    }

    /// Whether it is known that no stream of the tenant changed behind `known` and up to
    /// `position`. `false` says nothing: ask the log.
    #[must_use]
    pub fn none(&self, at: Partition, tenant: TenantKey, known: u64, position: u64) -> bool {
        self.lock().get(&at).is_some_and(|seen| {
            let changed = seen.changed.get(&tenant).copied().unwrap_or(0);
            seen.after <= known && position <= seen.to && changed <= known
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Partition, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use bytes::Bytes;
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::StreamId;

    const HERE: Partition = Partition(0);
    const TENANT: TenantKey = TenantKey(1);

    fn events(positions: std::ops::RangeInclusive<u64>, changed: &[u64]) -> Vec<Recorded> {
        let event = |position| Recorded {
            partition: HERE,
            position,
            tenant: TENANT,
            tenant_name: Arc::from("acme"),
            stream: StreamId::new(
                if changed.contains(&position) { "config" } else { "ticket" },
                Uuid::nil(),
            ),
            version: 1,
            event_id: Uuid::nil(),
            event_type: String::new(),
            payload: Bytes::new(),
            metadata_bytes: Bytes::new(),
            occurred_at: Timestamp::UNIX_EPOCH,
            recorded_at: Timestamp::UNIX_EPOCH,
        };
        positions.map(event).collect()
    }

    fn seen(batches: &[(std::ops::RangeInclusive<u64>, &[u64])]) -> Changes {
        let changes = Changes::new("config");
        for (positions, changed) in batches {
            changes.note(&events(positions.clone(), changed));
        }
        changes
    }

    #[test]
    fn what_was_seen_without_a_change_is_known_to_be_unchanged() {
        let changes = seen(&[(5..=8, &[]), (9..=9, &[])]);
        assert!(changes.none(HERE, TENANT, 4, 9));
        assert!(changes.none(HERE, TENANT, 6, 7));
        assert!(!changes.none(HERE, TENANT, 3, 9), "4 was not seen");
        assert!(!changes.none(HERE, TENANT, 4, 10), "10 was not seen");
        assert!(!changes.none(Partition(1), TENANT, 4, 9));
    }

    #[test]
    fn a_change_is_known_from_its_batch_on() {
        let changes = seen(&[(5..=8, &[7]), (9..=9, &[])]);
        assert!(!changes.none(HERE, TENANT, 6, 9));
        assert!(!changes.none(HERE, TENANT, 6, 6), "a look behind the change is cheap");
        assert!(changes.none(HERE, TENANT, 7, 9));
        assert!(changes.none(HERE, TenantKey(2), 4, 9));
    }

    #[test]
    fn what_was_told_before_is_noticed() {
        let changes = Changes::new("config");
        assert!(!changes.note(&events(5..=8, &[])));
        assert!(!changes.note(&events(9..=9, &[])));
        assert!(changes.note(&events(9..=10, &[])), "the log may have another event there");
        assert!(!changes.note(&events(12..=12, &[])), "a gap repeats nothing");
    }

    #[test]
    fn a_gap_or_a_repetition_forgets_what_was_before() {
        for again in [11..=12, 8..=12] {
            let changes = seen(&[(5..=9, &[]), (again.clone(), &[])]);
            assert!(!changes.none(HERE, TENANT, 4, 12), "{again:?}");
            assert!(changes.none(HERE, TENANT, *again.start() - 1, 12), "{again:?}");
        }
    }
}
