//! The one writer of a partition in this process: forms batches, sends them, and gives every caller
//! its own verdict.
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::batch::Append;
use super::connection::{Connection, Failure, Receipt, Standing};
use super::versions::Versions;
use super::{AppendError, Counter};
use crate::settings::Settings;

/// How often in a row a batch may lose to other writers before the writer pauses between rounds.
const CONTESTED_ROUNDS: u32 = 16;

/// State of the writer task, used by it alone.
pub(super) struct Writer {
    connection: Connection,
    receiver: mpsc::Receiver<Append>,
    /// Taken from the queue but not sent: what did not fit into the last batch.
    pending: VecDeque<Append>,
    /// The highest position known to be committed; read by the task that wakes the readers.
    committed: watch::Sender<u64>,
    versions: Versions,
    settings: Settings,
    counter: Counter,
}

/// Appends that travel together.
#[derive(Default)]
struct Batch {
    /// To be sent; no two of them to one stream.
    fresh: Vec<Append>,
    /// To be looked up, because their stream was seen beyond their version, or nothing else is asked.
    contested: Vec<Append>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        receiver: mpsc::Receiver<Append>,
        committed: watch::Sender<u64>,
        settings: Settings,
        counter: Counter,
    ) -> Self {
        let versions = Versions::new(settings.remembered_streams);
        let pending = VecDeque::new();
        Self { connection, receiver, pending, committed, versions, settings, counter }
    }

    /// Writes until the last queue handle is dropped and everything queued is answered.
    pub(super) async fn run(mut self) {
        loop {
            if self.pending.is_empty() {
                match self.receiver.recv().await {
                    Some(append) => self.pending.push_back(append),
                    None => return,
                }
            }
            let batch = self.take_batch();
            self.settle(batch).await;
        }
    }

    /// What is waiting, up to the limits of a batch. A second append to a stream waits for
    /// the next batch: it cannot know what it follows before the first has its verdict.
    fn take_batch(&mut self) -> Batch {
        let (mut events, mut bytes) = (0, 0);
        let mut batch = Batch::default();
        let mut streams = HashSet::new();
        let mut left = VecDeque::new();
        // Many appends to one stream must not empty the bounded queue into `left`.
        while left.len() < self.settings.batch_events {
            let next = self.pending.pop_front().or_else(|| self.receiver.try_recv().ok());
            let Some(mut append) = next else { break };
            if append.is_withdrawn() {
                continue;
            }
            let fits = events == 0
                || events + append.events.len() <= self.settings.batch_events
                    && bytes + append.bytes() <= self.settings.batch_bytes;
            if !fits {
                left.push_back(append);
                break;
            }
            let seen = self.versions.get(&append.stream);
            if seen.is_some_and(|seen| seen >= append.expected) {
                append.proven = Some(self.connection.session());
            }
            let beaten = append.is_question || seen.is_some_and(|seen| seen > append.expected);
            if !beaten && !streams.insert(append.stream.clone()) {
                left.push_back(append);
                continue;
            }
            events += append.events.len();
            bytes += append.bytes();
            if beaten { batch.contested.push(append) } else { batch.fresh.push(append) }
        }
        left.append(&mut self.pending);
        self.pending = left;
        batch
    }

    /// Answers every append of the batch, however often it has to ask Postgres.
    async fn settle(&mut self, Batch { mut fresh, mut contested }: Batch) {
        let mut pause = self.settings.retry_pause;
        let mut rounds = 0;
        while !fresh.is_empty() || !contested.is_empty() {
            let failure = if fresh.is_empty() {
                match self.connection.standing(&contested).await {
                    Ok(standings) => {
                        fresh = self.judge(std::mem::take(&mut contested), standings);
                        continue;
                    }
                    Err(failure) => failure,
                }
            } else {
                match self.connection.append(&fresh).await {
                    Ok(receipt) => {
                        self.acknowledge(std::mem::take(&mut fresh), &receipt);
                        continue;
                    }
                    Err(failure) => failure,
                }
            };
            let source = match failure {
                Failure::Contested(source) => {
                    contested.append(&mut fresh);
                    rounds += 1;
                    if rounds < CONTESTED_ROUNDS {
                        continue;
                    }
                    source
                }
                Failure::KeysInDoubt => {
                    contested.extend(self.turn_back(&mut fresh));
                    continue;
                }
                Failure::BadData(_) | Failure::Unfounded(_) | Failure::Moved if fresh.len() > 1 => {
                    // One of them is at fault: each on its own, so that only that one fails.
                    for append in std::mem::take(&mut fresh) {
                        let alone = Batch { fresh: vec![append], contested: Vec::new() };
                        Box::pin(self.settle(alone)).await;
                    }
                    continue;
                }
                Failure::Unfounded(source) => {
                    answer_all(&mut fresh, &AppendError::Unavailable(source));
                    continue;
                }
                Failure::Moved => {
                    answer_all(&mut fresh, &AppendError::Moved);
                    continue;
                }
                Failure::BadData(source) | Failure::Refused(source) => {
                    self.refuse(fresh.drain(..).chain(contested.drain(..)), &source);
                    continue;
                }
                Failure::Busy(source) => source,
                Failure::Lost(source) => {
                    fresh.iter_mut().for_each(|append| append.maybe_committed = true);
                    source
                }
            };
            let partition = self.connection.partition();
            tracing::warn!(%partition, error = %source, "an append is tried again");
            // Behind the next connection there may be another server.
            self.versions.clear();
            self.give_up_late(&mut fresh, &source);
            self.give_up_late(&mut contested, &source);
            sleep(pause).await;
            pause = (pause * 2).min(self.settings.retry_pause_max);
        }
    }

    /// Answers the appends that must be sealed anew. One that an earlier attempt may have committed is
    /// returned, to be looked up first.
    fn turn_back(&self, fresh: &mut Vec<Append>) -> Vec<Append> {
        let session = self.connection.session();
        let mut in_doubt = Vec::new();
        for append in fresh.extract_if(.., |append| !append.is_readable(session)) {
            if append.maybe_committed {
                in_doubt.push(append);
            } else {
                append.answer(Err(AppendError::KeysInDoubt));
            }
        }
        in_doubt
    }

    fn acknowledge(&mut self, batch: Vec<Append>, receipt: &Receipt) {
        let mut position = receipt.base;
        self.counter.count(|counts| {
            counts.batches += 1;
            counts.events += batch.iter().map(|append| append.events.len() as u64).sum::<u64>();
            counts.resolved += batch.iter().filter(|append| append.maybe_committed).count() as u64;
        });
        for append in batch {
            let appended = append.appended(position + 1, receipt.recorded_at);
            position = appended.last_position;
            self.versions.set(&append.stream, appended.version);
            append.answer(Ok(appended));
        }
        self.announce(position);
    }

    /// Answers the appends whose fate is clear and returns those that may be sent again.
    fn judge(&mut self, contested: Vec<Append>, standings: Vec<Standing>) -> Vec<Append> {
        let mut again = Vec::new();
        let mut streams = HashSet::new();
        for (mut append, standing) in contested.into_iter().zip(standings) {
            if standing.current > 0 {
                self.versions.set(&append.stream, standing.current);
            }
            let (first, last) = append.event_ids();
            let there =
                standing.first_event_id == Some(first) && standing.last_event_id == Some(last);
            if there && let Some((position, recorded_at)) = standing.first {
                if append.maybe_committed {
                    self.counter.count(|counts| {
                        counts.events += append.events.len() as u64;
                        counts.resolved += 1;
                    });
                }
                let appended = append.appended(position, recorded_at);
                self.announce(appended.last_position);
                append.answer(Ok(appended));
            } else if append.is_question {
                append.answer(Err(AppendError::Conflict { current: standing.current }));
            } else if standing.current != append.expected {
                self.counter.count(|counts| {
                    counts.conflicts += 1;
                    counts.resolved += u64::from(append.maybe_committed);
                });
                // Another event stands there, so an attempt still under way fails as well.
                append.answer(Err(AppendError::Conflict { current: standing.current }));
            } else if !append.is_readable(self.connection.session()) {
                append.answer(Err(AppendError::KeysInDoubt));
            } else {
                append.proven = Some(self.connection.session());
                if streams.insert(append.stream.clone()) {
                    again.push(append);
                } else {
                    self.pending.push_front(append);
                }
            }
        }
        again
    }

    /// Answers the appends that have waited as long as they may.
    fn give_up_late(&self, appends: &mut Vec<Append>, source: &Arc<sqlx::Error>) {
        let limit = self.settings.retry_for;
        for append in appends.extract_if(.., |append| append.enqueued.elapsed() >= limit) {
            let verdict = if append.maybe_committed {
                self.counter.count(|counts| counts.unresolved += 1);
                AppendError::OutcomeUnknown
            } else {
                AppendError::Unavailable(Arc::clone(source))
            };
            append.answer(Err(verdict));
        }
    }

    /// Answers appends that Postgres does not take now. An earlier attempt may have been taken.
    fn refuse(&self, appends: impl Iterator<Item = Append>, source: &Arc<sqlx::Error>) {
        for append in appends {
            let verdict = if append.maybe_committed {
                self.counter.count(|counts| counts.unresolved += 1);
                let partition = self.connection.partition();
                tracing::error!(%partition, error = %source, "an append cannot be looked up");
                AppendError::OutcomeUnknown
            } else {
                AppendError::Refused(Arc::clone(source))
            };
            append.answer(Err(verdict));
        }
    }

    fn announce(&self, position: u64) {
        self.committed.send_if_modified(|last| {
            let further = position > *last;
            *last = position.max(*last);
            further
        });
    }
}

fn answer_all(appends: &mut Vec<Append>, verdict: &AppendError) {
    appends.drain(..).for_each(|append| append.answer(Err(verdict.clone())));
}
