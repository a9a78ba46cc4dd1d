//! Waiting for an effect: ask again, a little later each time, until it is there.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// What an effect may take before its test fails. Generous, because it only costs failing tests.
const LIMIT: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// What a probe may answer: there already (with a value), or not yet (with a reason).
///
/// `Result<T, E>` in general is left out, so that `Ok(false)` can never pass for "there".
pub trait Probe {
    /// What [`eventually`] returns once the effect is there.
    type Value;

    /// The value, or why it is not there yet.
    fn settle(self) -> Result<Self::Value, String>;
}

impl Probe for bool {
    type Value = ();

    fn settle(self) -> Result<(), String> {
        if self { Ok(()) } else { Err("the condition stayed false".into()) }
    }
}

impl<T> Probe for Option<T> {
    type Value = T;

    fn settle(self) -> Result<T, String> {
        self.ok_or_else(|| "the value stayed absent".into())
    }
}

impl<E: Display> Probe for Result<(), E> {
    type Value = ();

    fn settle(self) -> Result<(), String> {
        self.map_err(|error| format!("{error:#}"))
    }
}

impl<E: Display> Probe for Result<bool, E> {
    type Value = ();

    fn settle(self) -> Result<(), String> {
        self.map_err(|error| format!("{error:#}")).and_then(Probe::settle)
    }
}

impl<T, E: Display> Probe for Result<Option<T>, E> {
    type Value = T;

    fn settle(self) -> Result<T, String> {
        self.map_err(|error| format!("{error:#}")).and_then(Probe::settle)
    }
}

/// Asks `probe` until it says yes and returns what it found.
///
/// # Panics
/// When the effect is not there after 30 seconds; the text ends with the probe's last reason.
pub async fn eventually<P, F>(probe: P) -> <F::Output as Probe>::Value
where
    P: FnMut() -> F,
    F: Future<Output: Probe>,
{
    eventually_within(LIMIT, probe).await
}

/// [`eventually`] with a limit of the test's own.
///
/// # Panics
/// When the effect is not there after `limit`; the text ends with the probe's last reason.
pub async fn eventually_within<P, F>(limit: Duration, mut probe: P) -> <F::Output as Probe>::Value
where
    P: FnMut() -> F,
    F: Future<Output: Probe>,
{
    let deadline = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    let mut last = String::from("the probe never answered");
    loop {
        // The probe itself may hang: it gets what is left of the limit, and one pause at least.
        let left = deadline.saturating_duration_since(Instant::now()).max(LONGEST_PAUSE);
        match tokio::time::timeout(left, probe()).await.map(Probe::settle) {
            Ok(Ok(value)) => return value,
            Ok(Err(reason)) => last = reason,
            Err(_) => last = format!("the probe hung; before that: {last}"),
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {last}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn returns_the_value_once_it_is_there() {
        let mut asked = 0;
        let found = eventually(|| {
            asked += 1;
            let answer = (asked == 3).then_some(asked);
            async move { answer }
        })
        .await;
        assert_eq!(found, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "still 7")]
    async fn the_last_reason_is_in_the_panic() {
        let limit = Duration::from_millis(20);
        eventually_within(limit, || async { Err::<(), _>("still 7") }).await;
    }

    #[tokio::test]
    #[should_panic(expected = "hung")]
    async fn a_probe_that_hangs_does_not_hang_the_test() {
        eventually_within(Duration::from_millis(5), std::future::pending::<bool>).await;
    }
}
