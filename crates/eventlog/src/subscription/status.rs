//! The status of a subscription: positions, lag, parked events, paused partitions.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Partition;

/// A handle to read a running subscription's state; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<Mutex<BTreeMap<Partition, PartitionStatus>>>);

/// One partition of a subscription, as this process last saw it. Written by the partition's
/// worker.
#[derive(Debug, Clone)]
pub struct PartitionStatus {
    /// The partition.
    pub partition: Partition,
    /// Whether this process works on it.
    pub leased: bool,
    /// Last position whose effects are in the tables.
    pub position: u64,
    /// Last position that this process reacted to, or knows was reacted to; ahead of the cursor in
    /// the tables, which moves with the effects of many events.
    pub reaction_position: u64,
    /// Last position of the log at the last look.
    pub head: u64,
    /// Events between the log's head and the slower of the two positions.
    pub lag: u64,
    /// Parked events.
    pub parked: u64,
    /// Why the partition is paused until an operator decides; `None` while it runs.
    pub stopped: Option<String>,
    /// Whether events arrive from the broker (otherwise the log is polled).
    pub live: bool,
    /// Events projected by this process.
    pub projected: u64,
    /// Events reacted to by this process.
    pub reacted: u64,
    /// Transient failures met by this process.
    pub retries: u64,
    /// Batches dropped because another process had moved the cursor.
    pub fenced: u64,
    /// How often the flow from the broker had a gap that the log filled.
    pub gaps: u64,
}

impl PartitionStatus {
    fn new(partition: Partition) -> Self {
        Self {
            partition,
            leased: false,
            position: 0,
            reaction_position: 0,
            head: 0,
            lag: 0,
            parked: 0,
            stopped: None,
            live: false,
            projected: 0,
            reacted: 0,
            retries: 0,
            fenced: 0,
            gaps: 0,
        }
    }
}

impl Status {
    pub(crate) fn new(partitions: &[Partition]) -> Self {
        let rows = partitions.iter().map(|&partition| (partition, PartitionStatus::new(partition)));
        Self(Arc::new(Mutex::new(rows.collect())))
    }

    /// All partitions, in order.
    #[must_use]
    pub fn snapshot(&self) -> Vec<PartitionStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// One partition.
    #[must_use]
    pub fn of(&self, partition: Partition) -> Option<PartitionStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&partition).cloned()
    }

    /// Whether every partition that this process works on had reached the log's head at its last
    /// look, and none is paused.
    #[must_use]
    pub fn caught_up(&self) -> bool {
        self.snapshot().iter().all(|partition| {
            partition.stopped.is_none() && (!partition.leased || partition.lag == 0)
        })
    }

    pub(crate) fn update(&self, partition: Partition, change: impl FnOnce(&mut PartitionStatus)) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = rows.entry(partition).or_insert_with(|| PartitionStatus::new(partition));
        change(row);
        row.lag = row.head.saturating_sub(row.position.min(row.reaction_position));
    }
}
