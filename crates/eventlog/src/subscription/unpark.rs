//! Carries out what operators requested: applies parked streams again in order, or gives up single
//! events.
use super::apply::{Applier, Failure, Progress, advance};
use super::handler::{HandlerError, Subscriber};
use super::parked::{self, Parked};
use super::react::react_one;

/// Parked events of one stream read at a time.
const STREAM_PAGE: i64 = 100;

impl<S: Subscriber> Applier<S> {
    /// Does what operators asked for in one partition, and reads again what is parked.
    pub(super) async fn unpark(&self, progress: &mut Progress) -> Result<(), Failure> {
        let partition = progress.cursor.partition;
        for first in parked::due(&self.pool, self.name, partition).await? {
            self.resume_stream(progress, &first).await?;
        }
        progress.parked = parked::streams(&self.pool, self.name, partition).await?;
        let parked = parked::count(&self.pool, self.name, partition).await?;
        self.status.update(partition, |status| status.parked = parked);
        Ok(())
    }

    /// Applies a parked stream in order until its end or until one event fails again.
    async fn resume_stream(&self, progress: &Progress, first: &Parked) -> Result<(), Failure> {
        loop {
            let rows = parked::of_stream(&self.pool, first, STREAM_PAGE).await?;
            if rows.is_empty() {
                tracing::info!(
                    subscription = self.name, partition = %first.partition,
                    stream = %first.stream, "parked stream goes on"
                );
                return Ok(());
            }
            for row in rows {
                let skip = row.requested.as_deref() == Some("skip");
                if skip {
                    tracing::warn!(
                        subscription = self.name, partition = %row.partition,
                        position = row.position, stream = %row.stream, event_type = row.event_type,
                        "event skipped: an operator gave it up"
                    );
                }
                if let Err(reason) = self.reapply(progress, &row, skip).await? {
                    parked::failed_again(&self.pool, &row, &reason).await?;
                    return Ok(());
                }
            }
        }
    }

    /// Applies one parked event and removes its row; `Err(reason)` if it still fails.
    async fn reapply(
        &self,
        progress: &Progress,
        row: &Parked,
        skip: bool,
    ) -> Result<Result<(), String>, Failure> {
        let mut events =
            self.log.read_partition(row.partition, row.position.saturating_sub(1), 1).await?;
        self.unseal(&mut events).await?;
        let Some(event) = events.first().filter(|event| event.event_id == row.event_id) else {
            if skip {
                return self.remove(progress, row, None).await;
            }
            return Ok(Err("the log does not hold this event any more".to_owned()));
        };
        if row.reaction_due
            && !skip
            && let Err(reason) = react_one(self, row.partition, event).await?
        {
            return Ok(Err(reason));
        }
        let to_project = if row.projection_due { &events[..1] } else { &[] };
        self.remove(progress, row, (!skip).then_some(to_project)).await
    }

    /// Without events to project, the parked one is given up.
    async fn remove(
        &self,
        progress: &Progress,
        row: &Parked,
        to_project: Option<&[crate::Recorded]>,
    ) -> Result<Result<(), String>, Failure> {
        let mut tx = self.pool.begin().await?;
        // The cursor stays where it is; its fence keeps a second process from doing this too.
        advance(&mut tx, &progress.cursor, 0).await?;
        if to_project.is_none() {
            parked::note_skipped(&mut tx, row).await?;
        }
        if !parked::delete(&mut tx, row).await? {
            return Err(Failure::Fenced);
        }
        if let Some(to_project) = to_project.filter(|events| !events.is_empty()) {
            match self.subscriber.project(&mut tx, to_project).await {
                Ok(()) => {}
                Err(HandlerError::Transient(source)) => return Err(Failure::Transient(source)),
                Err(HandlerError::Poison(reason)) => {
                    tx.rollback().await?;
                    return Ok(Err(reason));
                }
            }
        }
        tx.commit().await?;
        Ok(Ok(()))
    }
}
