//! Where "now" comes from: the machine, or a test's hand.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The one source of the present. Every instant is in UTC and in whole milliseconds.
pub trait Clock: Send + Sync + 'static {
    /// The present, truncated to milliseconds.
    fn now(&self) -> Timestamp;
}

/// Cuts an instant to whole milliseconds, towards the past: the precision of the whole system.
pub fn truncate_to_millis(instant: Timestamp) -> Timestamp {
    let millis = instant.as_nanosecond().div_euclid(1_000_000);
    let nanos = (millis * 1_000_000).max(Timestamp::MIN.as_nanosecond());
    Timestamp::from_nanosecond(nanos).unwrap_or(instant)
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "this is where the present comes from")]
    fn now(&self) -> Timestamp {
        truncate_to_millis(Timestamp::now())
    }
}

/// A clock that moves only when told to. Clones share the same hands.
#[derive(Debug, Clone)]
pub struct Manual(Arc<Mutex<Timestamp>>);

impl Manual {
    /// A clock standing at the given instant.
    pub fn at(instant: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(truncate_to_millis(instant))))
    }

    /// Moves forward; stops at the end of time.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = truncate_to_millis(now.checked_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Moves to an instant, forward or back.
    pub fn set(&self, instant: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = truncate_to_millis(instant);
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn instants_have_whole_milliseconds_also_before_1970() {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            truncate_to_millis(instant("2026-01-01T00:00:00.123999Z")),
            instant("2026-01-01T00:00:00.123Z")
        );
        assert_eq!(
            truncate_to_millis(instant("1969-12-31T23:59:59.9999Z")),
            instant("1969-12-31T23:59:59.999Z")
        );
    }

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let clock = Manual::at("2026-01-01T00:00:00Z".parse().unwrap());
        let other = clock.clone();
        clock.advance(Duration::from_secs(90));
        assert_eq!(other.now(), "2026-01-01T00:01:30Z".parse().unwrap());
    }
}
