//! Retries calls while a server is busy or away. Every call of the import carries its request id,
//! so repeating it is harmless.
use std::time::Duration;

use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// How often a call is made at most: with the pauses about a minute and a half.
const ATTEMPTS: u32 = 15;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why a call failed for good.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server says no to this request and will again.
    Refused(Status),
    /// The server did not answer in time, however often it was asked.
    Away(Status),
}

/// Makes a call until it is answered, refused, or the attempts are used up.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn persistently<R>(
    mut call: impl AsyncFnMut() -> Result<Response<R>, Status>,
) -> Result<R, Failure> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let status = match call().await {
            Ok(response) => return Ok(response.into_inner()),
            Err(status) => status,
        };
        if !is_passing(&status) {
            return Err(Failure::Refused(status));
        }
        if attempt == ATTEMPTS {
            return Err(Failure::Away(status));
        }
        let asked = status.get_details_retry_info().and_then(|info| info.retry_delay);
        tokio::time::sleep(asked.unwrap_or(pause).min(LONGEST_PAUSE)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    unreachable!("the loop ends with the last attempt")
}

/// Whether the same call may succeed later.
fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Aborted => true,
        // A message too large stays so; only what says when to come back passes.
        Code::ResourceExhausted => status.get_details_retry_info().is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tonic_types::ErrorDetails;

    fn busy() -> Status {
        let details = ErrorDetails::with_retry_info(Some(Duration::ZERO));
        Status::with_error_details(Code::ResourceExhausted, "busy", details)
    }

    #[tokio::test]
    async fn a_busy_server_is_asked_again_when_it_says() {
        let calls = Cell::new(0);
        let answer = persistently(async || {
            calls.set(calls.get() + 1);
            if calls.get() < 3 { Err(busy()) } else { Ok(Response::new(7)) }
        });
        assert!(matches!(answer.await, Ok(7)));
        assert_eq!(calls.get(), 3);
    }

    #[tokio::test]
    async fn a_refusal_is_not_repeated() {
        let calls = Cell::new(0);
        let answer = persistently::<()>(async || {
            calls.set(calls.get() + 1);
            Err(Status::resource_exhausted("the message is too large"))
        });
        assert!(matches!(answer.await, Err(Failure::Refused(_))));
        assert_eq!(calls.get(), 1);
    }

    #[tokio::test]
    async fn a_server_that_stays_busy_is_given_up() {
        let answer = persistently::<()>(async || Err(busy()));
        assert!(matches!(answer.await, Err(Failure::Away(_))));
    }
}
