//! The stream versions that a writer caches, to foresee conflicts and to save look-ups.
use super::batch::StreamKey;
use crate::generations::Generations;

/// Streams of one partition and the highest version this process has seen of each.
///
/// A remembered version exists in the log, for ever; the stream may be further by now.
#[derive(Debug)]
pub(super) struct Versions(Generations<StreamKey, u32>);

impl Versions {
    pub(super) fn new(capacity: usize) -> Self {
        Self(Generations::new(capacity))
    }

    pub(super) fn get(&self, stream: &StreamKey) -> Option<u32> {
        self.0.get(stream).copied()
    }

    pub(super) fn set(&mut self, stream: &StreamKey, version: u32) {
        self.0.set(stream, version);
    }

    /// Forgets all: behind a new connection there may be another server.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use uuid::Uuid;

    use super::*;
    use crate::tenants::TenantKey;

    fn stream(number: u128) -> StreamKey {
        StreamKey { tenant: TenantKey(1), category: "note".into(), id: Uuid::from_u128(number) }
    }

    #[test]
    fn memory_is_bounded_and_the_latest_streams_stay() {
        let mut versions = Versions::new(10);
        for number in 0..1_000 {
            versions.set(&stream(number), 1);
            assert!(versions.0.len() <= 10);
        }
        assert_eq!(versions.get(&stream(999)), Some(1));
        assert_eq!(versions.get(&stream(0)), None);
    }

    #[test]
    fn a_later_version_replaces_an_earlier_one_across_generations() {
        let mut versions = Versions::new(4);
        versions.set(&stream(1), 1);
        versions.set(&stream(2), 1);
        versions.set(&stream(3), 1);
        versions.set(&stream(1), 2);
        assert_eq!(versions.get(&stream(1)), Some(2));
        versions.clear();
        assert_eq!(versions.get(&stream(1)), None);
    }
}
