//! Due timers go before incoming events: work done first makes deadlines late, and reactions to
//! breaches can wait until all of them are recorded.
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Taken while timers fire.
#[derive(Debug)]
pub(crate) struct Precedence(watch::Sender<Option<Instant>>);

/// Waits while timers have precedence. Clones wait for the same.
#[derive(Debug, Clone)]
pub(crate) struct Yielding(watch::Receiver<Option<Instant>>);

/// One who may go first, and who lets it.
pub(crate) fn precedence() -> (Precedence, Yielding) {
    let (taken, seen) = watch::channel(None);
    (Precedence(taken), Yielding(seen))
}

impl Precedence {
    /// Goes first until it is given back, at most for so long: after an outage firing may take
    /// minutes.
    pub(super) fn take(&self, most: Duration) {
        self.0.send_replace(Some(Instant::now() + most));
    }

    pub(super) fn give_back(&self) {
        self.0.send_replace(None);
    }
}

impl Yielding {
    /// Waits until no timers have precedence.
    pub(crate) async fn wait(&self) {
        let until = *self.0.borrow();
        if let Some(until) = until {
            let mut seen = self.0.clone();
            // Its time is over, or who had it is gone: both mean to go on.
            let _ = timeout_at(until, seen.wait_for(Option::is_none)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn who_yields_waits_until_precedence_is_given_back_and_not_longer_than_agreed() {
        let (precedence, yielding) = precedence();
        assert!(yielding.wait().now_or_never().is_some(), "nobody goes first");

        precedence.take(Duration::from_hours(1));
        let waits = tokio::spawn({
            let yielding = yielding.clone();
            async move { yielding.wait().await }
        });
        assert!(yielding.wait().now_or_never().is_none());
        precedence.give_back();
        waits.await.unwrap();

        precedence.take(Duration::ZERO);
        yielding.wait().await;
        precedence.take(Duration::from_hours(1));
        drop(precedence);
        yielding.wait().await;
    }
}
