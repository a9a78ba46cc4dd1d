//! One attempt, from the claim to the record of its outcome.
use std::time::Duration;

use domain::notice::{Command, FailureKind, Notice, Rejection, Retry};
use eventlog::{Cause, ExecuteError, Tenant, trace};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span, field};
use wire::notification::v1::Purpose;

use super::{OUTAGE_PAUSE, Worker, metrics};
use crate::channel::{Channel, Outcome, Prepared, Quiet, RECIPIENT_GONE, Unsendable};
use crate::read_model::queue::Claimed;
use crate::registry::own_cause;

/// How often the log and the tables are asked about the end of an attempt, with doubling pauses
/// from 100 ms: about 50 seconds. If it is not recorded by then it is a lost attempt.
const RECORD_TRIES: u32 = 10;

type Refused = ExecuteError<Rejection>;

impl<C: Channel> Worker<C> {
    /// Attempts a notice, in the trace of what scheduled it. `asked` is when the claim was
    /// made, on this process's clock that never jumps. Once it is to `stop`, nothing is begun: who
    /// drains has no time for a mail server.
    pub(super) async fn attempt(&self, notice: &Claimed, asked: Instant, stop: &CancellationToken) {
        let span = tracing::info_span!(
            "send",
            otel.kind = "client",
            otel.status_code = field::Empty,
            error.type = field::Empty,
            channel = self.channel.kind().as_str_name(),
            purpose = Purpose::try_from(notice.purpose).map_or("", |p| p.as_str_name()),
            notice.id = %notice.notice_id,
        );
        trace::follow(&span, &notice.traceparent);
        self.try_once(notice, asked, stop).instrument(span).await;
    }

    async fn try_once(&self, notice: &Claimed, asked: Instant, stop: &CancellationToken) {
        let Some(tenant) = self.tenant(notice).await else { return };
        let prepare = self.in_time("prepare a notice", self.channel.prepare(&tenant, notice));
        let prepared = match prepare.await {
            Ok(prepared) => Ok(prepared),
            Err(Unsendable::Suppress(reason)) => {
                let command = Command::Withdraw { reason };
                match self.execute(&tenant, notice, asked, &command).await {
                    Ok(_) => return,
                    // It was attempted before: its end is a failure.
                    Err(ExecuteError::Rejected(_)) => Err(RECIPIENT_GONE),
                    Err(error) => return self.not_now(notice, &error).await,
                }
            }
            Err(Unsendable::Broken(code)) => Err(code),
            Err(error @ Unsendable::Away(_)) => return self.not_now(notice, &error).await,
        };
        // Waited for before the attempt is recorded: one that is recorded is soon taken for lost.
        let connection = stop.run_until_cancelled(self.connections.acquire()).await;
        if stop.is_cancelled() {
            return self.release(notice, Duration::ZERO).await;
        }
        let begin = Command::BeginAttempt { at: self.now(notice, asked) };
        let attempt_no = match self.execute(&tenant, notice, asked, &begin).await {
            Ok(attempts) => attempts,
            // The row was behind its stream: somebody else attempts it, or it has ended.
            Err(ExecuteError::Rejected(rejection)) => {
                tracing::debug!(notice.id = %notice.notice_id, %rejection, "nothing to attempt");
                return;
            }
            Err(error) => return self.not_now(notice, &error).await,
        };
        let (outcome, content_sha256) = match prepared {
            Ok(Prepared { message, content_sha256 }) => {
                let outcome = self.channel.send(&tenant, message, self.now(notice, asked)).await;
                (outcome, content_sha256)
            }
            Err(code) => (Outcome::failed(FailureKind::Permanent, code), [0; 32]),
        };
        drop(connection);
        self.tell(notice, attempt_no, &outcome);
        let quiet = self.quiet_hours(&tenant, notice, &outcome).await;
        let command = self.end_of(notice, asked, attempt_no, (content_sha256, quiet), outcome);
        self.record(&tenant, notice, asked, &command).await;
    }

    /// Records that an attempt never ended.
    pub(super) async fn give_up(&self, notice: &Claimed, asked: Instant) {
        let span = tracing::info_span!("give_up", notice.id = %notice.notice_id);
        trace::follow(&span, &notice.traceparent);
        self.record_lost(notice, asked).instrument(span).await;
    }

    async fn record_lost(&self, notice: &Claimed, asked: Instant) {
        let Some(tenant) = self.tenant(notice).await else { return };
        let attempt_no = notice.attempts.unsigned_abs();
        let outcome = Outcome::failed(FailureKind::Unknown, "ATTEMPT_LOST");
        let quiet = self.quiet_hours(&tenant, notice, &outcome).await;
        let command = self.end_of(notice, asked, attempt_no, ([0; 32], quiet), outcome.clone());
        // The table may only be behind: an attempt whose end is in the log was not lost.
        if self.record(&tenant, notice, asked, &command).await {
            self.tell(notice, attempt_no, &outcome);
        }
    }

    /// The hours in which a notice that failed is not to be tried again.
    async fn quiet_hours(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
        outcome: &Outcome,
    ) -> Option<Quiet> {
        match outcome {
            Outcome::Failed { kind: FailureKind::Transient | FailureKind::Unknown, .. } => {}
            Outcome::Failed { kind: FailureKind::Permanent, .. } | Outcome::Sent { .. } => {
                return None;
            }
        }
        let known = persistently(notice, || async {
            let quiet = self.channel.quiet_hours(tenant, notice);
            match self.in_time("read quiet hours", quiet).await {
                Ok(quiet) => Ok(quiet),
                // What becomes of such a notice is said by the next attempt.
                Err(Unsendable::Suppress(_) | Unsendable::Broken(_)) => Ok(None),
                Err(error @ Unsendable::Away(_)) => Err(error),
            }
        });
        known.await.flatten()
    }

    fn end_of(
        &self,
        notice: &Claimed,
        asked: Instant,
        attempt_no: u32,
        (content_sha256, quiet): ([u8; 32], Option<Quiet>),
        outcome: Outcome,
    ) -> Command {
        let at = self.now(notice, asked);
        match outcome {
            Outcome::Sent { provider_ref } => {
                let bounce_window = self.channel.bounce_window();
                Command::RecordSent { attempt_no, provider_ref, at, content_sha256, bounce_window }
            }
            Outcome::Failed { kind, code, retry_after } => {
                let settings = self.channel.attempts();
                let not_before = retry_after
                    .and_then(|asked| SignedDuration::try_from(asked).ok())
                    .and_then(|asked| at.checked_add(asked).ok());
                Command::RecordFailure {
                    attempt_no,
                    code,
                    kind,
                    at,
                    retry: Retry {
                        delays: settings.retry.iter().map(|delay| delay.0).collect(),
                        jitter_permille: jitter(notice, attempt_no, settings.jitter_permille),
                        not_before,
                        quiet,
                    },
                    on_unknown: settings.on_unknown.into(),
                }
            }
        }
    }

    /// Records the end of an attempt; the recipient may have the message already. False if it was
    /// refused, or could not be recorded.
    async fn record(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
        asked: Instant,
        command: &Command,
    ) -> bool {
        let recorded = persistently(notice, || async {
            match self.execute(tenant, notice, asked, command).await {
                Ok(_) => Ok(true),
                // The end was recorded before, perhaps by a try of ours whose answer was lost.
                Err(ExecuteError::Rejected(_)) => Ok(false),
                Err(error) => Err(error),
            }
        });
        recorded.await.unwrap_or_else(|| {
            tracing::error!(notice.id = %notice.notice_id, "an attempt is left without its end");
            false
        })
    }

    /// Carries a command out; answers how many attempts the notice has had.
    async fn execute(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
        asked: Instant,
        command: &Command,
    ) -> Result<u32, Refused> {
        let correlation = notice.ticket_id.unwrap_or(notice.notice_id);
        let own = own_cause(correlation, self.now(notice, asked));
        // Where spans are not exported the events stay in the trace nevertheless.
        let scheduled = Some(&notice.traceparent).filter(|text| !text.is_empty());
        let traceparent = own.traceparent.or_else(|| scheduled.cloned());
        let cause = Cause { traceparent, ..own };
        let id = notice.notice_id;
        let executed = eventlog::execute::<Notice>(&self.log, tenant, id, &cause, command).await?;
        Ok(executed.state.delivery().map_or(0, |delivery| delivery.attempts))
    }

    async fn tenant(&self, notice: &Claimed) -> Option<Tenant> {
        match self.log.tenant_by_key(notice.tenant()).await {
            Ok(Some(tenant)) => Some(tenant),
            Ok(None) => {
                tracing::error!(notice.id = %notice.notice_id, "a notice of an unknown tenant");
                None
            }
            Err(error) => {
                self.not_now(notice, &error).await;
                None
            }
        }
    }

    async fn not_now(
        &self,
        notice: &Claimed,
        error: &(dyn std::error::Error + Send + Sync + 'static),
    ) {
        tracing::warn!(error, notice.id = %notice.notice_id, "an attempt is put off");
        self.release(notice, OUTAGE_PAUSE).await;
    }

    /// What a channel reads, unless the database does not answer in time.
    async fn in_time<T>(
        &self,
        operation: &'static str,
        read: impl Future<Output = Result<T, Unsendable>>,
    ) -> Result<T, Unsendable> {
        let read = self.log.in_time(operation, async { Ok(read.await) });
        read.await.unwrap_or_else(|error| Err(Unsendable::away(error)))
    }

    /// The database's time, or that of the clock that rules over it: that of the claim and what
    /// has passed since.
    fn now(&self, notice: &Claimed, asked: Instant) -> Timestamp {
        if let Some(now) = self.clock.instead_of_database() {
            return now;
        }
        let passed = SignedDuration::try_from(asked.elapsed()).unwrap_or(SignedDuration::ZERO);
        let now = notice.claimed_at().saturating_add(passed).unwrap_or(notice.claimed_at());
        chassis::clock::truncate_to_millis(now)
    }

    fn tell(&self, notice: &Claimed, attempt_no: u32, outcome: &Outcome) {
        metrics::ended(self.channel.kind(), outcome);
        if let Outcome::Failed { kind, code, .. } = outcome {
            Span::current().record("error.type", code.as_str());
            Span::current().record("otel.status_code", "ERROR");
            let channel = self.channel.kind().as_str_name();
            tracing::warn!(
                notice.id = %notice.notice_id,
                channel,
                attempt_no,
                code,
                kind = ?kind,
                "an attempt failed"
            );
        }
    }
}

/// Tries what an outage may keep from the end of an attempt; `None` if the outage takes too long.
async fn persistently<T, E, F>(notice: &Claimed, attempt: impl Fn() -> F) -> Option<T>
where
    E: std::error::Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let mut pause = Duration::from_millis(100);
    for _ in 0..RECORD_TRIES {
        match attempt().await {
            Ok(answer) => return Some(answer),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, notice.id = %notice.notice_id, "an end is not recorded");
            }
        }
        sleep(pause).await;
        pause *= 2;
    }
    None
}

/// Spreads the retries of notices that failed together. The same notice always waits the
/// same, which serves as well as chance.
fn jitter(notice: &Claimed, attempt_no: u32, most: u16) -> u16 {
    let (high, low) = notice.notice_id.as_u64_pair();
    let mixed = (high ^ low ^ u64::from(attempt_no)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    u16::try_from(mixed % (u64::from(most) + 1)).unwrap_or(most)
}
