//! Recomputes the hash chain and names the first position that cannot be trusted.
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query_as};

use crate::cursor::Partition;
use crate::error::Error;
use crate::event::Recorded;
use crate::hash::{self, Hash};
use crate::log::Log;

/// What a clean verification has covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The partition.
    pub partition: Partition,
    /// Batches checked.
    pub batches: u64,
    /// Events checked, which is the last position checked.
    pub events: u64,
    /// Chain hash of the last batch. Stored elsewhere, it proves later that everything up to here
    /// is unchanged. It is the only way to detect that the end of a log was cut off.
    pub chain_hash: [u8; 32],
}

/// What an earlier verification has said of a partition, kept where nobody who can change the log can
/// change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last position of a batch.
    pub position: u64,
    /// The chain hash of that batch.
    pub chain_hash: [u8; 32],
}

/// Why a partition did not verify.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The log is not what was appended.
    #[error("partition {partition} cannot be trusted from position {position}: {fault}")]
    Broken {
        /// The partition.
        partition: Partition,
        /// The first event that cannot be trusted. Hashes cover batches, so for a changed
        /// field it is the first event of the batch.
        position: u64,
        /// What is wrong there.
        fault: Fault,
    },
    /// The log could not be read.
    #[error("cannot read the log to verify it")]
    Log(#[from] Error),
}

/// What can be wrong with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The batch does not begin where the one before it ended.
    #[error("a batch is missing or was moved")]
    BatchMissing,
    /// An event of the batch is missing, or one too many.
    #[error("an event is missing or was added")]
    EventMissing,
    /// An event was not recorded when its batch was.
    #[error("the time of recording was changed")]
    RecordedAt,
    /// The events are not those that were appended.
    #[error("an event of this batch was changed")]
    Content,
    /// The batch does not follow the one before it.
    #[error("the hash chain is broken")]
    Chain,
    /// The log ends before a checkpoint, has no batch that ends there, or another history.
    #[error("it is not what a checkpoint says")]
    Checkpoint,
    /// A stream has a hole or its versions are out of order.
    #[error("the versions of a stream are not dense and in order")]
    StreamOrder,
}

struct Batch {
    last: u64,
    first: u64,
    recorded_at: jiff::Timestamp,
    content: Vec<u8>,
    chain: Vec<u8>,
}

/// How far a verification has come.
struct Walk {
    partition: Partition,
    batches: u64,
    position: u64,
    chain: Hash,
    /// What is still to be met, by position.
    expected: BTreeMap<u64, Hash>,
}

impl Log {
    /// Checks `partition` from its first event to its present head: positions and stream
    /// versions are dense and in order, every batch has its content, and the chain holds.
    /// Appends go on meanwhile. Reads the whole partition.
    ///
    /// # Errors
    /// [`VerifyError::Broken`] names the first position that cannot be trusted.
    pub async fn verify(&self, partition: Partition) -> Result<Verified, VerifyError> {
        self.verify_against(partition, &[]).await
    }

    /// The same, and that the log has gone through all `checkpoints`: only so can one that was cut
    /// off at its end, or written anew from some point on, be told from one that was not.
    ///
    /// # Errors
    /// Those of [`Log::verify`].
    pub async fn verify_against(
        &self,
        partition: Partition,
        checkpoints: &[Checkpoint],
    ) -> Result<Verified, VerifyError> {
        let head = self.verify_head(partition).await?;
        let expected = checkpoints.iter().map(|point| (point.position, point.chain_hash));
        let expected = expected.collect();
        let mut walk = Walk { partition, batches: 0, position: 0, chain: hash::GENESIS, expected };
        let checked = self.verify_batches(&mut walk, head).await;
        // A hole in a stream comes with a hole or a changed batch, unless the batches were
        // forged as well; the earlier of the two positions is named.
        let disorder = self.first_disorder(partition, head).await?;
        match (checked, disorder) {
            (Err(VerifyError::Broken { position, .. }), Some(disorder)) if disorder < position => {
                Err(walk.broken(disorder, Fault::StreamOrder))
            }
            (Ok(()), Some(disorder)) => Err(walk.broken(disorder, Fault::StreamOrder)),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Ok(Verified {
                partition,
                batches: walk.batches,
                events: walk.position,
                chain_hash: walk.chain,
            }),
        }
    }

    /// A digest of the first `count` tenants, in the order of their creation: keys, names and
    /// partitions, which no chain covers. None if there are fewer.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub async fn tenants_digest(&self, count: usize) -> Result<Option<[u8; 32]>, Error> {
        let tenants = self.tenants().await?;
        let Some(tenants) = tenants.get(..count) else { return Ok(None) };
        let mut digest = Sha256::new();
        for tenant in tenants {
            digest.update(tenant.key.0.to_be_bytes());
            digest.update(tenant.partition.0.to_be_bytes());
            digest.update((tenant.name.len() as u64).to_be_bytes());
            digest.update(tenant.name.as_bytes());
        }
        Ok(Some(digest.finalize().into()))
    }

    async fn verify_batches(&self, walk: &mut Walk, head: u64) -> Result<(), VerifyError> {
        loop {
            let batches = self.batches(walk.partition, walk.position, head).await?;
            let Some(last) = batches.last() else { break };
            let wanted = u32::try_from(last.last - walk.position).unwrap_or(u32::MAX);
            let events = self.events(walk, wanted).await?;
            let mut events = events.as_slice();
            for batch in &batches {
                walk.step(batch, &mut events)?;
            }
        }
        // Events beyond the last batch were not appended by the log.
        if walk.position < head {
            return Err(walk.broken(walk.position + 1, Fault::BatchMissing));
        }
        match walk.expected.keys().next() {
            Some(&missing) => Err(walk.broken(missing.min(walk.position + 1), Fault::Checkpoint)),
            None => Ok(()),
        }
    }

    /// The next events, as many as the batches say.
    async fn events(&self, walk: &Walk, wanted: u32) -> Result<Vec<Recorded>, VerifyError> {
        let mut events: Vec<Recorded> = Vec::new();
        loop {
            let after = events.last().map_or(walk.position, |event| event.position);
            let left = wanted.saturating_sub(u32::try_from(events.len()).unwrap_or(u32::MAX));
            let read = self.read_partition(walk.partition, after, left).await;
            let page = read.map_err(|error| match error {
                Error::Corrupt { position, .. } => walk.broken(position, Fault::Content),
                error => error.into(),
            })?;
            let full = self.is_full(&page, left);
            events.extend(page);
            if !full || events.len() >= wanted as usize {
                return Ok(events);
            }
        }
    }

    /// The last position that an event or a batch claims.
    async fn verify_head(&self, partition: Partition) -> Result<u64, Error> {
        let head: i64 = sqlx::query_scalar(include_str!("../sql/verify_head.sql"))
            .bind(partition.0)
            .fetch_one(self.pool())
            .await
            .map_err(Error::query("read the head"))?;
        Ok(head.unsigned_abs())
    }

    async fn batches(
        &self,
        partition: Partition,
        after: u64,
        head: u64,
    ) -> Result<Vec<Batch>, Error> {
        let rows: Vec<PgRow> = sqlx::query(include_str!("../sql/verify_batches.sql"))
            .bind(partition.0)
            .bind(after.cast_signed())
            .bind(head.cast_signed())
            .bind(i64::from(self.settings().verify_batches))
            .fetch_all(self.pool())
            .await
            .map_err(Error::query("read the batches"))?;
        rows.iter().map(batch).collect::<Result<_, _>>().map_err(Error::query("read the batches"))
    }

    async fn first_disorder(&self, partition: Partition, head: u64) -> Result<Option<u64>, Error> {
        let (first,): (Option<i64>,) = query_as(include_str!("../sql/verify_streams.sql"))
            .bind(partition.0)
            .bind(head.cast_signed())
            .fetch_one(self.pool())
            .await
            .map_err(Error::query("check the versions"))?;
        Ok(first.map(i64::unsigned_abs))
    }
}

fn batch(row: &PgRow) -> Result<Batch, sqlx::Error> {
    Ok(Batch {
        last: row.try_get::<i64, _>(0)?.unsigned_abs(),
        first: row.try_get::<i64, _>(1)?.unsigned_abs(),
        recorded_at: row.try_get::<jiff_sqlx::Timestamp, _>(2)?.to_jiff(),
        content: row.try_get(3)?,
        chain: row.try_get(4)?,
    })
}

impl Walk {
    /// Checks one batch and takes its events off the front of `events`.
    fn step(&mut self, batch: &Batch, events: &mut &[Recorded]) -> Result<(), VerifyError> {
        if batch.first != self.position + 1 {
            return Err(self.broken(self.position + 1, Fault::BatchMissing));
        }
        let mut digests = Vec::new();
        for position in batch.first..=batch.last {
            let event = events.split_off_first().filter(|event| event.position == position);
            let event = event.ok_or_else(|| self.broken(position, Fault::EventMissing))?;
            if event.recorded_at != batch.recorded_at {
                return Err(self.broken(position, Fault::RecordedAt));
            }
            digests.push(digest(event));
        }
        let content = hash::content(&digests);
        if content != *batch.content {
            return Err(self.broken(batch.first, Fault::Content));
        }
        let chain = hash::chain(&self.chain, batch.first, batch.recorded_at, &content);
        if chain != *batch.chain {
            return Err(self.broken(batch.first, Fault::Chain));
        }
        if self.expected.remove(&batch.last).is_some_and(|expected| expected != chain) {
            return Err(self.broken(batch.first, Fault::Checkpoint));
        }
        self.batches += 1;
        self.position = batch.last;
        self.chain = chain;
        Ok(())
    }

    fn broken(&self, position: u64, fault: Fault) -> VerifyError {
        VerifyError::Broken { partition: self.partition, position, fault }
    }
}

fn digest(event: &Recorded) -> Hash {
    hash::event(&hash::Fields {
        partition: event.partition,
        tenant: event.tenant,
        category: &event.stream.category,
        stream_id: event.stream.id,
        version: event.version,
        event_id: event.event_id,
        event_type: &event.event_type,
        occurred_at: event.occurred_at,
        payload: &event.payload,
        metadata: &event.metadata_bytes,
    })
}
