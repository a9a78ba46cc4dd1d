//! Records that a mail was delivered once its time to bounce is over.
//!
//! The end of that time is recorded in the notice and in a row of its table, so a restart, a
//! rebuild or another replica loses nothing, and the notice's stream accepts the proof once. Only
//! letters that need proof have such a row.
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use chassis::clock::Clock;
use domain::notice::{Command, Notice};
use eventlog::{Cause, Error, ExecuteError, Log, describe, trace};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::unless_stopped;
use crate::read_model::queue::{self, Proven};
use crate::registry::own_cause;

/// Most proofs recorded in one go; the next go follows at once.
const BATCH: usize = 100;
/// After this time another process may try what this one began.
const LEASE: Duration = Duration::from_secs(30);

/// Looks for what has not come back.
pub(crate) struct Proofs {
    pub(crate) log: Log,
    pub(crate) pool: PgPool,
    pub(crate) clock: Arc<dyn Clock>,
    /// How often.
    pub(crate) poll: Duration,
}

impl Proofs {
    /// Works until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Infallible> {
        let mut pause = Duration::ZERO;
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            pause = match unless_stopped(&stop, self.record_due()).await {
                Some(Ok(recorded)) if recorded >= BATCH => Duration::ZERO,
                Some(Ok(_)) => self.poll,
                Some(Err(error)) => {
                    tracing::warn!(error = describe(&error), "the queue of proofs is away");
                    self.poll
                }
                None => break,
            };
        }
        Ok(())
    }

    async fn record_due(&self) -> Result<usize, Error> {
        let now = self.clock.instead_of_database();
        let due = queue::claim_proven(&self.pool, now, LEASE, BATCH);
        let due = self.log.bounded("claim proofs", due).await?;
        for notice in &due {
            let span = tracing::info_span!("prove", notice.id = %notice.notice_id);
            trace::follow(&span, &notice.traceparent);
            self.record(notice).instrument(span).await;
        }
        Ok(due.len())
    }

    /// What cannot be recorded now is tried again when its claim ends.
    async fn record(&self, notice: &Proven) {
        let tenant = match self.log.tenant_by_key(notice.tenant()).await {
            Ok(Some(tenant)) => tenant,
            Ok(None) => {
                tracing::error!(notice.id = %notice.notice_id, "a notice of an unknown tenant");
                return;
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, notice.id = %notice.notice_id, "a proof is put off");
                return;
            }
        };
        // It is known from then on, however late somebody looks.
        let at = notice.due_at();
        let own = own_cause(notice.ticket_id.unwrap_or(notice.notice_id), at);
        let scheduled = Some(&notice.traceparent).filter(|text| !text.is_empty());
        let traceparent = own.traceparent.or_else(|| scheduled.cloned());
        let cause = Cause { traceparent, ..own };
        let command = Command::ConfirmDelivery { at };
        let id = notice.notice_id;
        match eventlog::execute::<Notice>(&self.log, &tenant, id, &cause, &command).await {
            // A refusal: it came back, or its delivery was proved by other means.
            Ok(_) | Err(ExecuteError::Rejected(_)) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, notice.id = %id, "a proof is put off");
            }
        }
    }
}
