//! Waits until the tables have reached a position of the log, whichever replica projects it.
//!
//! Another replica may hold the partition's lease, so the position that counts is the one in
//! the tables. One task reads it for everybody, and only while somebody waits.
use std::sync::Arc;
use std::time::Duration;

use eventlog::{Cursor, Error, Log, Partition, describe};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::read_model::positions::{self, Reached};

/// Longest pause after the positions could not be read.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Positions as last read; written by the [`Follower`].
pub(crate) type Positions = watch::Receiver<Vec<Reached>>;

/// Answers how far the projection has come.
#[derive(Debug)]
pub(crate) struct Freshness {
    log: Log,
    /// The one receiver that waits for nothing; others are its copies.
    positions: Positions,
    wanted: Arc<Notify>,
    patience: Duration,
}

/// Reads the positions while anybody wants them.
#[derive(Debug)]
pub(crate) struct Follower {
    log: Log,
    positions: watch::Sender<Vec<Reached>>,
    wanted: Arc<Notify>,
    poll: Duration,
}

/// Why a read cannot be as fresh as was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFresh {
    #[error("the projection has not come so far in time")]
    TooLate,
    #[error("cannot read how far the projection has come")]
    Unreadable(#[source] Error),
    #[error("the process is shutting down")]
    ShuttingDown,
}

pub(crate) fn follow(log: Log, config: &Config) -> (Freshness, Follower) {
    let (sender, positions) = watch::channel(Vec::new());
    let wanted = Arc::new(Notify::new());
    let freshness = Freshness {
        log: log.clone(),
        positions,
        wanted: Arc::clone(&wanted),
        patience: config.consistency_wait,
    };
    (freshness, Follower { log, positions: sender, wanted, poll: config.position_poll })
}

impl Freshness {
    /// Where the projection stands now; `None` before it has begun.
    pub(crate) async fn now(&self, partition: Partition) -> Result<Option<Reached>, Error> {
        Ok(of(&positions::reached(&self.log).await?, partition))
    }

    /// Returns once everything up to the cursor is in the tables.
    pub(crate) async fn at_least(&self, cursor: Cursor) -> Result<(), NotFresh> {
        let has = |positions: &[Reached]| {
            of(positions, cursor.partition).is_some_and(|at| at.position >= cursor.position)
        };
        let now = positions::reached(&self.log).await.map_err(NotFresh::Unreadable)?;
        if has(&now) {
            return Ok(());
        }
        let mut positions = self.subscribe();
        let waiting = positions.wait_for(|positions| has(positions));
        match tokio::time::timeout(self.patience, waiting).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(NotFresh::ShuttingDown),
            Err(_) => Err(NotFresh::TooLate),
        }
    }

    /// The positions from now on, until the process is shutting down.
    pub(crate) fn subscribe(&self) -> Positions {
        let positions = self.positions.clone();
        self.wanted.notify_one();
        positions
    }
}

/// The partition's entry.
pub(crate) fn of(positions: &[Reached], partition: Partition) -> Option<Reached> {
    positions.iter().find(|reached| reached.partition == partition).copied()
}

impl Follower {
    /// Reads until shutdown.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            never = self.read() => match never {},
        }
    }

    async fn read(&self) -> std::convert::Infallible {
        let mut pause = self.poll;
        loop {
            if self.positions.receiver_count() <= 1 {
                // A copy made before this wait has left its notice.
                self.wanted.notified().await;
            }
            match positions::reached(&self.log).await {
                Ok(read) => {
                    pause = self.poll;
                    self.positions.send_if_modified(|known| {
                        let moved = *known != read;
                        *known = read;
                        moved
                    });
                }
                Err(error) => {
                    // Said once per failure; a pause that is at its longest has been said.
                    if pause < LONGEST_PAUSE {
                        tracing::warn!(error = describe(&error), "positions could not be read");
                    }
                    pause = (pause * 2).clamp(self.poll, LONGEST_PAUSE);
                }
            }
            tokio::time::sleep(pause).await;
        }
    }
}
