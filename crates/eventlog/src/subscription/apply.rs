//! Reacts to events one by one as they arrive; then writes the effects of many of them, and the
//! cursor, in one transaction.
use std::collections::{HashMap, HashSet};
use std::error::Error as StdError;
use std::sync::Arc;

use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::cursor::{self, SubscriptionCursor};
use super::handler::{HandlerError, Subscriber};
use super::parked::{self, Parking, StreamKey};
use super::settings::Settings;
use super::status::Status;
use crate::{Error, Log, Partition, Recorded};

/// What a subscription needs to apply events, without knowing where they come from.
#[derive(Debug)]
pub(crate) struct Applier<S> {
    pub(crate) name: &'static str,
    pub(crate) pool: PgPool,
    pub(crate) subscriber: Arc<S>,
    pub(crate) settings: Settings,
    pub(crate) status: Status,
    pub(crate) log: Log,
}

/// Where a partition's worker believes it stands; true as long as its fence holds.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) cursor: SubscriptionCursor,
    pub(crate) parked: HashSet<StreamKey>,
    /// Events that operators gave up: a rebuild, and a cursor that was set back, meet them again.
    skipped: HashSet<Uuid>,
    /// Reacted to, not projected: behind the cursor, dense. Lost with the process, they are
    /// reacted to again, which changes nothing.
    reacted: Vec<Recorded>,
    /// Positions among them whose reaction is poison, with the reasons.
    poisoned: HashMap<u64, String>,
}

impl Progress {
    /// The position that comes next.
    pub(crate) fn next(&self) -> u64 {
        self.reacted.last().map_or_else(|| self.cursor.done(), |event| event.position) + 1
    }

    /// How many events wait to be projected.
    pub(crate) fn waiting(&self) -> usize {
        self.reacted.len()
    }

    /// The events that wait to be projected.
    pub(crate) fn reacted(&self) -> &[Recorded] {
        &self.reacted
    }
}

/// Why a batch was not applied. Nothing of it is in the tables.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("transient failure")]
    Transient(#[source] Box<dyn StdError + Send + Sync>),
    #[error("another process moved the cursor")]
    Fenced,
    /// The log does not hold what the broker brought.
    #[error("the log has lost position {0}")]
    Lost(u64),
    #[error("{0}")]
    Halted(String),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Transient(error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Transient(error.into())
    }
}

impl<S: Subscriber> Applier<S> {
    /// Reads where a partition stands.
    pub(crate) async fn open(
        &self,
        partition: Partition,
        epoch: u32,
        reactions_after: u64,
    ) -> Result<Progress, Failure> {
        let cursor = cursor::open(&self.pool, self.name, partition, epoch, reactions_after);
        let cursor = self.log.bounded("open a subscription cursor", cursor).await?;
        let parked = parked::streams(&self.pool, self.name, partition);
        let parked = self.log.bounded("read what is parked", parked).await?;
        let skipped = parked::skipped(&self.pool, self.name, partition);
        let skipped = self.log.bounded("read what was skipped", skipped).await?;
        Ok(Progress { cursor, parked, skipped, reacted: Vec::new(), poisoned: HashMap::new() })
    }

    /// Applies events that follow densely, batch by batch.
    pub(crate) async fn apply(
        &self,
        progress: &mut Progress,
        mut events: Vec<Recorded>,
    ) -> Result<(), Failure> {
        let batch_size = self.settings.batch_size.max(1);
        while !events.is_empty() {
            let rest = events.split_off(events.len().min(batch_size));
            self.take(progress, events).await?;
            self.flush(progress).await?;
            events = rest;
        }
        Ok(())
    }

    /// Reacts to events that follow densely; their effects wait for [`Applier::flush`]. `true` if
    /// they wait no longer.
    pub(crate) async fn take(
        &self,
        progress: &mut Progress,
        mut events: Vec<Recorded>,
    ) -> Result<bool, Failure> {
        let Some(last) = events.last().map(|event| event.position) else { return Ok(false) };
        // Known before the work: work that does not end shows as lag.
        self.status.update(progress.cursor.partition, |status| status.head = status.head.max(last));
        self.unseal(&mut events).await?;
        self.subscriber.arrived(&events);
        let poisoned = self.react(progress, &events).await?;
        self.status.update(progress.cursor.partition, |status| {
            status.reaction_position = status.reaction_position.max(last);
        });
        progress.reacted.append(&mut events);
        progress.poisoned.extend(poisoned);
        let full = progress.reacted.len() >= self.settings.batch_size;
        // Nothing behind a poison event in its stream may be reacted to before it is parked.
        Ok(full || !progress.poisoned.is_empty())
    }

    /// Fails unless the log holds these events, which the broker brought densely. The log may have
    /// lost them to a restore or a failover, and anybody with the broker's password may publish.
    ///
    /// One look before the effects of many are written is enough: that the events of a reaction
    /// follow from what the log holds, their append makes sure ([`crate::Cause::follows`]).
    pub(super) async fn prove(&self, events: &[Recorded]) -> Result<(), Failure> {
        let Some((first, last)) = events.first().zip(events.last()) else { return Ok(()) };
        let ids = self.log.event_ids(first.partition, first.position, last.position).await?;
        if let Some((event, _)) = events.iter().zip(&ids).find(|(event, id)| event.event_id != **id)
        {
            return Err(Failure::Halted(format!(
                "the broker's event at position {} is another than the log's",
                event.position
            )));
        }
        events.get(ids.len()).map_or(Ok(()), |event| Err(Failure::Lost(event.position)))
    }

    /// Opens what is sealed. Without the keys nothing is applied: it is tried again.
    pub(super) async fn unseal(&self, events: &mut [Recorded]) -> Result<(), Failure> {
        match self.log.keys() {
            Some(keys) => Ok(keys.keyring().open(events).await.map_err(Error::from)?),
            None => Ok(()),
        }
    }

    /// Projects what was reacted to.
    pub(crate) async fn flush(&self, progress: &mut Progress) -> Result<(), Failure> {
        let Some(last) = progress.reacted.last().map(|event| event.position) else { return Ok(()) };
        let events = std::mem::take(&mut progress.reacted);
        let poisoned = std::mem::take(&mut progress.poisoned);
        let (to_project, mut parkings) = plan(progress, events, poisoned);
        self.project(progress, last, &to_project, &mut parkings).await?;
        self.subscriber.committed(&to_project);

        let cursor = &mut progress.cursor;
        let projected = last.saturating_sub(cursor.position);
        let reacted = last.saturating_sub(cursor.reaction_position);
        cursor.position = cursor.position.max(last);
        cursor.reaction_position = cursor.reaction_position.max(last);
        let (position, reaction_position) = (cursor.position, cursor.reaction_position);
        self.status.update(cursor.partition, |status| {
            status.position = position;
            status.reaction_position = reaction_position;
            status.projected += projected;
            status.reacted += reacted;
            status.parked += parkings.len() as u64;
        });
        for Parking { event, reason, .. } in parkings {
            if let Some(reason) = reason {
                tracing::error!(
                    subscription = self.name, partition = %event.partition,
                    position = event.position, tenant = %event.tenant_name,
                    stream = %event.stream, event_type = event.event_type, reason,
                    "event parked: its stream stands still until an operator decides"
                );
            }
            progress.parked.insert((event.tenant, event.stream));
        }
        Ok(())
    }

    /// Runs the reactions that are due; answers the positions whose reaction is poison.
    async fn react(
        &self,
        progress: &Progress,
        events: &[Recorded],
    ) -> Result<HashMap<u64, String>, Failure> {
        let cursor = &progress.cursor;
        let due: Vec<&Recorded> = events
            .iter()
            .filter(|event| event.position > cursor.reaction_position)
            .filter(|event| !is_parked(&progress.parked, event))
            .filter(|event| !progress.skipped.contains(&event.event_id))
            .collect();
        super::react::run(self, cursor.partition, &due).await
    }

    /// Moves the cursor and writes the effects and the parked rows, all or nothing. A poison
    /// event found here joins `parkings`.
    async fn project(
        &self,
        progress: &Progress,
        last: u64,
        events: &[Recorded],
        parkings: &mut Vec<Parking>,
    ) -> Result<(), Failure> {
        let cursor = &progress.cursor;
        // After the events were read: no cursor passes the position at which its epoch ended.
        self.check_epoch(cursor).await?;
        let mut tx = self.begin(cursor, last).await?;
        if !events.is_empty() {
            let project = async { Ok(self.subscriber.project(&mut tx, events).await) };
            match self.log.in_time("write the effects of events", project).await? {
                Ok(()) => {}
                Err(HandlerError::Transient(source)) => return Err(Failure::Transient(source)),
                Err(HandlerError::Poison(reason)) => {
                    tracing::warn!(
                        subscription = self.name, partition = %cursor.partition, last, reason,
                        "a batch holds a poison event: applying it event by event"
                    );
                    tx.rollback().await?;
                    tx = self.begin(cursor, last).await?;
                    self.project_singly(&mut tx, progress, events, parkings).await?;
                }
            }
        }
        if !parkings.is_empty() {
            self.bound_parked(progress, parkings)?;
            parked::insert(&mut tx, self.name, parkings).await?;
        }
        Ok(self.log.bounded("commit the effects of events", tx.commit()).await?)
    }

    /// Fails unless the log is in the cursor's epoch.
    pub(super) async fn check_epoch(&self, cursor: &SubscriptionCursor) -> Result<(), Failure> {
        let epoch = self.log.epoch(cursor.partition).await?;
        if epoch == cursor.epoch {
            return Ok(());
        }
        Err(Failure::Halted(format!(
            "the log is in epoch {epoch}, this subscription in epoch {}: confirm the epoch once it \
             is clear which events were lost",
            cursor.epoch
        )))
    }

    /// A transaction in which the cursor has moved. Where no lease ends with its connection, these
    /// limits alone notice that the server is gone.
    async fn begin(
        &self,
        cursor: &SubscriptionCursor,
        last: u64,
    ) -> Result<Transaction<'static, Postgres>, Failure> {
        let mut tx = self.log.bounded("begin the effects of events", self.pool.begin()).await?;
        let moved = async { Ok(advance(&mut tx, cursor, last).await) };
        self.log.in_time("move a subscription cursor", moved).await??;
        Ok(tx)
    }

    /// Event by event, each in a savepoint, so that a poison event fails alone.
    async fn project_singly(
        &self,
        tx: &mut PgConnection,
        progress: &Progress,
        events: &[Recorded],
        parkings: &mut Vec<Parking>,
    ) -> Result<(), Failure> {
        let mut stopped: HashSet<StreamKey> = HashSet::new();
        for event in events {
            let key = (event.tenant, event.stream.clone());
            let parking = |reason: Option<String>, attempts| Parking {
                event: event.clone(),
                reason,
                attempts,
                projection_due: true,
                reaction_due: event.position > progress.cursor.reaction_position,
            };
            if stopped.contains(&key) {
                parkings.push(parking(None, 0));
            } else if let Err(reason) = self.project_one(tx, event).await? {
                parkings.push(parking(Some(reason), self.settings.poison_attempts.max(1)));
                stopped.insert(key);
            }
        }
        Ok(())
    }

    /// Bounded tries of one event; `Err(reason)` if it is poison.
    async fn project_one(
        &self,
        tx: &mut PgConnection,
        event: &Recorded,
    ) -> Result<Result<(), String>, Failure> {
        let mut attempt = 0;
        loop {
            let mut savepoint = tx.begin().await?;
            match self.subscriber.project(&mut savepoint, std::slice::from_ref(event)).await {
                Ok(()) => {
                    savepoint.commit().await?;
                    return Ok(Ok(()));
                }
                Err(HandlerError::Transient(source)) => return Err(Failure::Transient(source)),
                Err(HandlerError::Poison(reason)) => {
                    savepoint.rollback().await?;
                    attempt += 1;
                    if attempt >= self.settings.poison_attempts {
                        return Ok(Err(reason));
                    }
                }
            }
        }
    }

    fn bound_parked(&self, progress: &Progress, parkings: &[Parking]) -> Result<(), Failure> {
        let limit = self.settings.max_parked_streams;
        let mut streams = progress.parked.clone();
        streams.extend(parkings.iter().map(|p| (p.event.tenant, p.event.stream.clone())));
        if streams.len() <= limit || streams.len() == progress.parked.len() {
            return Ok(());
        }
        let reason = parkings.iter().find_map(|parking| parking.reason.as_deref()).unwrap_or("");
        Err(Failure::Halted(format!("more than {limit} streams would be parked: {reason}")))
    }
}

/// Moves the cursor behind the batch under its fence.
pub(crate) async fn advance(
    tx: &mut PgConnection,
    cursor: &SubscriptionCursor,
    last: u64,
) -> Result<(), Failure> {
    let position = cursor.position.max(last);
    let reaction_position = cursor.reaction_position.max(last);
    if cursor::advance(tx, cursor, position, reaction_position).await? {
        Ok(())
    } else {
        Err(Failure::Fenced)
    }
}

fn is_parked(parked: &HashSet<StreamKey>, event: &Recorded) -> bool {
    !parked.is_empty() && parked.contains(&(event.tenant, event.stream.clone()))
}

/// Sorts a batch after its reactions ran: what is projected now, and what is parked (poison
/// reactions, and everything behind a parked event of the same stream).
fn plan(
    progress: &Progress,
    mut events: Vec<Recorded>,
    mut poisoned: HashMap<u64, String>,
) -> (Vec<Recorded>, Vec<Parking>) {
    let cursor = &progress.cursor;
    if !progress.skipped.is_empty() {
        events.retain(|event| !progress.skipped.contains(&event.event_id));
    }
    if progress.parked.is_empty() && poisoned.is_empty() {
        let first = events.partition_point(|event| event.position <= cursor.position);
        events.drain(..first);
        return (events, Vec::new());
    }
    let mut stopped = progress.parked.clone();
    let mut to_project = Vec::new();
    let mut parkings = Vec::new();
    for event in events {
        let reason = poisoned.remove(&event.position);
        if reason.is_some() || is_parked(&stopped, &event) {
            stopped.insert((event.tenant, event.stream.clone()));
            parkings.push(Parking {
                attempts: u32::from(reason.is_some()),
                reason,
                projection_due: event.position > cursor.position,
                reaction_due: event.position > cursor.reaction_position,
                event,
            });
        } else if event.position > cursor.position {
            to_project.push(event);
        }
    }
    (to_project, parkings)
}
