//! Compares a stream with the log, and decides how to repair it.
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::stream::{Info, LastRawMessageErrorKind};

use super::Lane;
use crate::message::decode;
use crate::{Error, topology};

/// How far back the end of a stream is searched for a message of ours.
const SEARCH: u64 = 200;

/// Where publishing continues.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Epoch of the stream.
    pub(super) epoch: u32,
    /// Last sequence of the stream.
    pub(super) last: u64,
}

/// What the end of a stream says.
enum End {
    /// The last message of ours is this position's event.
    Ours { sequence: u64, event_id: uuid::Uuid },
    /// Only messages that are not ours within the searched distance.
    Foreign,
    /// No message is left there to look at.
    Nothing,
}

/// What to do with a stream.
enum Verdict {
    /// It is a beginning of the log.
    Continue,
    /// It holds nothing worth keeping.
    Recreate(&'static str),
    /// It holds events that the log does not: the log was set back.
    RaiseEpoch(String),
}

impl Lane {
    /// Compares stream and log, repairs the stream, and says where to go on.
    pub(super) async fn compare(&self) -> Result<Place, Error> {
        let epoch = self.log.epoch(self.partition).await?;
        let found = topology::find(&self.bus, self.partition, epoch).await?;
        // After the stream was looked at: what it holds was in the log before.
        let head = self.log.head(self.partition).await?;
        self.status.update(self.partition, |status| {
            status.epoch = epoch;
            status.head = head;
        });
        let Some(info) = found else {
            return self.recreate(epoch, head, "missing", false).await;
        };
        match self.judge(epoch, head, &info).await? {
            Verdict::Continue => {
                topology::reconcile(&self.bus, self.partition, epoch, &info).await?;
                Ok(Place { epoch, last: info.state.last_sequence })
            }
            Verdict::Recreate(reason) => self.recreate(epoch, head, reason, true).await,
            Verdict::RaiseEpoch(reason) => {
                let raised = self.log.raise_epoch(self.partition, epoch).await?;
                self.status.update(self.partition, |status| {
                    status.epoch = raised;
                    status.epochs_raised += 1;
                });
                tracing::error!(
                    partition = %self.partition, epoch, raised, reason,
                    "the log was set back: epoch raised, subscriptions stop until confirmed"
                );
                self.recreate(raised, head, "new epoch", false).await
            }
        }
    }

    async fn judge(&self, epoch: u32, head: u64, info: &Info) -> Result<Verdict, Error> {
        let state = &info.state;
        let last = state.last_sequence;
        if state.messages == 0 {
            if last > head {
                return Ok(Verdict::RaiseEpoch(format!(
                    "the stream had reached {last}, the log ends at {head}"
                )));
            }
            // Made and not yet filled, emptied by age, or robbed: only the last is a loss.
            let started = info.config.first_sequence.unwrap_or(1);
            let fresh = last + 1 == started.max(1) && head <= last + self.tail();
            let lost = !fresh && self.recent(last, head).await?;
            return Ok(if lost { Verdict::Recreate("empty") } else { Verdict::Continue });
        }
        match self.end(epoch, last, head).await? {
            End::Ours { sequence, .. } if sequence > head => Ok(Verdict::RaiseEpoch(format!(
                "the stream holds position {sequence}, the log ends at {head}"
            ))),
            End::Ours { sequence, event_id } => {
                let row = self.log.read_partition(self.partition, sequence - 1, 1).await?;
                if row.first().is_some_and(|event| event.event_id == event_id) {
                    return Ok(ahead(last, head));
                }
                Ok(Verdict::RaiseEpoch(format!(
                    "position {sequence} is another event in the stream than in the log"
                )))
            }
            End::Foreign => Ok(ahead(last, head)),
            End::Nothing if last > head => Ok(Verdict::RaiseEpoch(format!(
                "the stream had reached {last}, the log ends at {head}"
            ))),
            End::Nothing => Ok(Verdict::Continue),
        }
    }

    /// Looks for the last message of ours, from the stream's end backwards.
    async fn end(&self, epoch: u32, last: u64, head: u64) -> Result<End, Error> {
        let name = self.bus.subjects().stream(self.partition, epoch);
        let stream = self
            .bus
            .jetstream()
            .get_stream_no_info(&name)
            .await
            .map_err(Error::broker("look at a stream"))?;
        let (mut foreign, mut found) = (0, End::Nothing);
        for sequence in (1..=last).rev().take(usize::try_from(SEARCH).unwrap_or(usize::MAX)) {
            let message = match stream.get_raw_message(sequence).await {
                Ok(message) => message,
                Err(error) if is_missing(&error.kind()) => break,
                Err(error) => return Err(Error::broker("read the end of a stream")(error)),
            };
            let decoded = decode(
                self.bus.subjects(),
                epoch,
                sequence,
                &message.subject,
                Some(&message.headers),
                message.payload,
            );
            if let Ok(event) = decoded
                && event.partition == self.partition
            {
                found = End::Ours { sequence, event_id: event.event_id };
                break;
            }
            foreign += 1;
            found = End::Foreign;
        }
        if foreign > 0 {
            self.status.update(self.partition, |status| status.foreign += foreign);
            tracing::warn!(
                partition = %self.partition, foreign, last, head,
                "foreign messages on the events' subjects: only the relay may publish there"
            );
        }
        Ok(found)
    }

    /// Whether the stream should still hold something of what it lost.
    async fn recent(&self, last: u64, head: u64) -> Result<bool, Error> {
        if last == 0 && head > 0 {
            return Ok(head > self.tail());
        }
        let Some(event) = self.log.read_partition(self.partition, last - 1, 1).await?.pop() else {
            return Ok(false);
        };
        // Both times are the database's.
        let age = self.log.now().await?.duration_since(event.recorded_at);
        Ok(age.unsigned_abs() < self.bus.settings().topology.max_age)
    }

    /// A new stream that starts with the tail of the log.
    async fn recreate(
        &self,
        epoch: u32,
        head: u64,
        reason: &'static str,
        replace: bool,
    ) -> Result<Place, Error> {
        let last = head.saturating_sub(self.tail());
        topology::recreate(&self.bus, self.partition, epoch, last + 1, replace).await?;
        self.status.update(self.partition, |status| status.recreated += 1);
        if head == 0 {
            // A new installation: nothing was lost.
            tracing::info!(partition = %self.partition, epoch, "stream made");
        } else {
            tracing::warn!(
                partition = %self.partition, epoch, reason, first = last + 1,
                "stream made anew, publishing the tail of the log"
            );
        }
        Ok(Place { epoch, last })
    }

    fn tail(&self) -> u64 {
        self.bus.settings().topology.tail.max(1)
    }
}

/// A stream that is ahead of the log with nothing of ours would hide the next events.
fn ahead(last: u64, head: u64) -> Verdict {
    if last > head {
        Verdict::Recreate("ahead of the log with foreign messages")
    } else {
        Verdict::Continue
    }
}

fn is_missing(kind: &LastRawMessageErrorKind) -> bool {
    match kind {
        LastRawMessageErrorKind::NoMessageFound => true,
        LastRawMessageErrorKind::JetStream(cause) => {
            cause.error_code() == ErrorCode::NO_MESSAGE_FOUND
        }
        _ => false,
    }
}
