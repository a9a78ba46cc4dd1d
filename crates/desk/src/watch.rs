//! One watch: the changes in the order of the log, for as long as the caller listens.
//!
//! The place of a watch is a position of the log, and the tables hold everything up to the
//! projection's position. Resuming from the token of any answer therefore misses and repeats
//! nothing, on any replica. An event that was parked and applied later by an operator appears in
//! lists and timelines, but not in watches that had passed its position.
use std::collections::VecDeque;
use std::time::Duration;

use chassis::page;
use chassis::status::unavailable;
use eventlog::Tenant;
use futures::Stream;
use sqlx::PgPool;
use tokio::time::{Instant, sleep_until, timeout_at};
use tonic::Status;
use uuid::Uuid;
use wire::desk::v1::WatchTicketsResponse;

use crate::config::Config;
use crate::freshness::{self, Positions};
use crate::place::Place;
use crate::read_model::positions::{self, Wanted};
use crate::view::Subjects;
use crate::watchers::Seat;
use crate::{status, view};

/// The list that resume tokens belong to.
pub(crate) const WATCH: &str = "WatchTickets";

/// A running watch. Dropping it ends it.
pub(crate) struct Watch {
    pub(crate) pool: PgPool,
    pub(crate) subjects: Subjects,
    pub(crate) positions: Positions,
    pub(crate) tenant: Tenant,
    pub(crate) ticket_id: Option<Uuid>,
    /// What its tokens belong to.
    pub(crate) scope: String,
    /// Where it stands: everything up to here was told.
    pub(crate) place: Place,
    pub(crate) settings: Settings,
    pub(crate) pending: VecDeque<WatchTicketsResponse>,
    /// When the caller last heard of us.
    pub(crate) last_word: Instant,
    pub(crate) next_read: Instant,
    /// The watch's place among those that may run at once.
    pub(crate) _seat: Seat,
}

/// What a watch takes from the settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    interval: Duration,
    sign_of_life: Duration,
    page_size: u32,
    retry_after: Duration,
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        Self {
            interval: config.watch.interval,
            sign_of_life: config.watch.sign_of_life,
            page_size: config.watch.page_size,
            retry_after: config.retry_after,
        }
    }
}

impl Watch {
    /// The answers; a failure is the last one.
    pub(crate) fn answers(
        self,
    ) -> impl Stream<Item = Result<WatchTicketsResponse, Status>> + Send + 'static {
        futures::stream::unfold(Some(self), |watch| async {
            let mut watch = watch?;
            match watch.next().await {
                Ok(answer) => Some((Ok(answer), Some(watch))),
                Err(status) => Some((Err(status), None)),
            }
        })
    }

    async fn next(&mut self) -> Result<WatchTicketsResponse, Status> {
        let sign_due = self.last_word + self.settings.sign_of_life;
        while self.pending.is_empty() {
            if Instant::now() >= sign_due {
                self.pending.push_back(self.sign_of_life());
            } else if self.moved(sign_due).await? {
                self.read().await?;
            }
        }
        self.last_word = Instant::now();
        Ok(self.pending.pop_front().expect("the loop ends with an answer"))
    }

    /// An answer without a ticket: the place so far.
    pub(crate) fn sign_of_life(&self) -> WatchTicketsResponse {
        WatchTicketsResponse { resume_token: self.token(self.place), ..Default::default() }
    }

    /// Waits until the projection is beyond our place; `false` if a sign of life is due first.
    async fn moved(&mut self, sign_due: Instant) -> Result<bool, Status> {
        sleep_until(self.next_read.min(sign_due)).await;
        let (partition, place) = (self.tenant.partition, self.place);
        let beyond = self.positions.wait_for(|positions| {
            freshness::of(positions, partition)
                .is_some_and(|at| at.position > place.position || at.epoch != place.epoch)
        });
        match timeout_at(sign_due, beyond).await {
            Ok(Ok(_)) => Ok(true),
            Ok(Err(_)) => Err(unavailable("DRAINING", self.settings.retry_after)),
            Err(_) => Ok(false),
        }
    }

    async fn read(&mut self) -> Result<(), Status> {
        self.next_read = Instant::now() + self.settings.interval;
        let limit = self.settings.page_size;
        let wanted = Wanted {
            partition: self.tenant.partition,
            tenant: self.tenant.key,
            ticket_id: self.ticket_id,
            after: self.place.position,
            limit,
        };
        let found = positions::changes(&self.pool, wanted)
            .await
            .map_err(|error| status::unreadable(&error, self.settings.retry_after))?;
        let Some(found) = found else { return Ok(()) };
        if found.reached.epoch != self.place.epoch {
            return Err(status::resume_token_invalid());
        }
        let full = found.changes.len() >= limit as usize;
        let (mut changes, mut tickets) = (Vec::new(), Vec::new());
        for change in found.changes {
            self.place.position = change.position;
            if let Some(ticket) = change.ticket {
                changes.push((change.event_type, self.token(self.place)));
                tickets.push(ticket);
            }
        }
        let tickets = view::tickets(&self.subjects, &self.tenant, tickets).await;
        for ((event_type, resume_token), ticket) in changes.into_iter().zip(tickets) {
            let ticket = Some(ticket);
            self.pending.push_back(WatchTicketsResponse { ticket, event_type, resume_token });
        }
        if full {
            self.next_read = Instant::now();
        } else {
            self.place.position = self.place.position.max(found.reached.position);
        }
        Ok(())
    }

    fn token(&self, place: Place) -> String {
        page::seal(WATCH, &self.scope, place)
    }
}
