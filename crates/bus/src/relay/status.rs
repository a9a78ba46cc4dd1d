//! The status of the relay, for metrics and readiness.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use eventlog::Partition;

/// A handle to read a running relay's state; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<Mutex<BTreeMap<Partition, PartitionStatus>>>);

/// One partition of the relay. Written by the partition's task.
#[derive(Debug, Clone)]
pub struct PartitionStatus {
    /// The partition.
    pub partition: Partition,
    /// Epoch of the stream published to.
    pub epoch: u32,
    /// Last position known to be in the stream.
    pub position: u64,
    /// Last position of the log at the last look.
    pub head: u64,
    /// Events published by this process.
    pub published: u64,
    /// Times somebody else took the next sequence first.
    pub overtaken: u64,
    /// Streams made anew because they were missing, empty or full of foreign messages.
    pub recreated: u64,
    /// Epochs raised because the log did not continue what the stream held.
    pub epochs_raised: u64,
    /// Foreign messages found at the end of the stream.
    pub foreign: u64,
    /// Why nothing is published at present.
    pub failure: Option<String>,
}

impl PartitionStatus {
    /// Events of the log that are not known to be in the stream.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.head.saturating_sub(self.position)
    }

    fn new(partition: Partition) -> Self {
        Self {
            partition,
            epoch: 0,
            position: 0,
            head: 0,
            published: 0,
            overtaken: 0,
            recreated: 0,
            epochs_raised: 0,
            foreign: 0,
            failure: None,
        }
    }
}

impl Status {
    pub(super) fn new(partitions: &[Partition]) -> Self {
        let rows = partitions.iter().map(|&partition| (partition, PartitionStatus::new(partition)));
        Self(Arc::new(Mutex::new(rows.collect())))
    }

    /// All partitions, in order.
    #[must_use]
    pub fn snapshot(&self) -> Vec<PartitionStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(super) fn update(&self, partition: Partition, change: impl FnOnce(&mut PartitionStatus)) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(rows.entry(partition).or_insert_with(|| PartitionStatus::new(partition)));
    }

    /// Notes a failure; `true` if it is news.
    pub(super) fn failed(&self, partition: Partition, failure: &str) -> bool {
        let mut news = false;
        self.update(partition, |status| {
            news = status.failure.as_deref() != Some(failure);
            status.failure = Some(failure.to_owned());
        });
        news
    }
}
