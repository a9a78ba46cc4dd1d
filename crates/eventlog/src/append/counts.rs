//! Outcomes of the appends of this process, for metrics.
use std::sync::{Arc, Mutex, PoisonError};

/// Outcomes of the appends of one [`crate::Log`], in all partitions since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppendCounts {
    /// Events that were committed.
    pub events: u64,
    /// Transactions that carried them.
    pub batches: u64,
    /// Appends refused because too much was waiting.
    pub refusals: u64,
    /// Appends whose stream was not at the expected version.
    pub conflicts: u64,
    /// Appends whose connection was lost and whose outcome was found out.
    pub resolved: u64,
    /// Appends whose outcome was still open when they were given up.
    pub unresolved: u64,
}

/// Where a log's queues and writers count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<Mutex<AppendCounts>>);

impl Counter {
    pub(crate) fn read(&self) -> AppendCounts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut AppendCounts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
