//! A ticket's whole way: registered, assigned, clocks started, confirmed by mail.
use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use sqlx::PgPool;
use uuid::Uuid;

use super::load::{self, Load, Loaded};
use super::system::System;
use crate::append::{histogram, micros};

/// How long after the last call everything may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// The whole way may take so long.
const LIMIT: Duration = Duration::from_secs(1);

/// What a run has shown. All latencies in microseconds from the time a call was due.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) load: Load,
    pub(super) tickets: usize,
    /// Calls without an acknowledgement.
    pub(super) refused: usize,
    /// Why, of one of them.
    pub(super) refusal: Option<String>,
    /// Acknowledged tickets that did not arrive everywhere in time.
    pub(super) unfinished: usize,
    pub(super) acknowledged: Histogram<u64>,
    pub(super) assigned: Histogram<u64>,
    pub(super) clocks: Histogram<u64>,
    pub(super) mailed: Histogram<u64>,
    /// The last of the three above.
    pub(super) whole: Histogram<u64>,
    pub(super) reads: Histogram<u64>,
    pub(super) failed_reads: u64,
    /// Of those: not assigned, without a clock, without a mail.
    pub(super) missing: [usize; 3],
    /// Processor time of every role and of Postgres per ticket.
    pub(super) processor: Vec<(&'static str, Duration)>,
}

impl Way {
    /// Whether everything was done, and nearly all of it in time.
    pub(super) fn keeps_up(&self) -> bool {
        let whole = Duration::from_micros(self.whole.value_at_quantile(0.99));
        self.refused == 0 && self.unfinished == 0 && whole < LIMIT
    }

    /// One step of a search.
    pub(super) fn line(&self) -> String {
        let ms = |quantile| self.whole.value_at_quantile(quantile) as f64 / 1_000.0;
        format!(
            "{:.0}/s: whole way p50 {:.0} ms, p99 {:.0} ms; {} refused, {} unfinished of {}",
            self.load.rate,
            ms(0.5),
            ms(0.99),
            self.refused,
            self.unfinished,
            self.tickets
        )
    }
}

/// Loads the system and waits until every ticket has gone its way.
pub(super) async fn measure(system: &mut System, load: &Load) -> Result<Way> {
    let clocks = Clocks::now();
    let before = system.processor_time();
    let loaded = load::run(&system.intake, system.next_ticket, load).await?;
    system.next_ticket += loaded.tickets.len() as u64;
    let acknowledged = loaded.tickets.iter().filter(|ticket| ticket.answer.is_ok()).count();
    let pool = system.database.pool().clone();
    let deadline = Instant::now() + PATIENCE;
    let mut mails = HashMap::new();
    let mut steps = Steps::default();
    loop {
        for mail in system.smtp.messages_after(system.mails_seen) {
            system.mails_seen += 1;
            for address in mail.to {
                mails.entry(address).or_insert(mail.received_at);
            }
        }
        let arrived = |ticket: &&load::Ticket| mails.contains_key(&ticket.address);
        let all_mailed = loaded.tickets.iter().filter(arrived).count() >= acknowledged;
        let is_late = Instant::now() > deadline;
        if all_mailed || is_late {
            steps = Steps::read(&pool, &clocks).await?;
        }
        if is_late || steps.assigned.len().min(steps.clocks.len()) >= acknowledged {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    let tickets = u32::try_from(acknowledged.max(1)).unwrap_or(u32::MAX);
    let after = system.processor_time().into_iter().zip(before);
    let processor =
        after.map(|((who, after), (_, before))| (who, after.saturating_sub(before) / tickets));
    Ok(summarise(*load, loaded, &mails, &steps, processor.collect()))
}

fn summarise(
    load: Load,
    loaded: Loaded,
    mails: &HashMap<String, Instant>,
    steps: &Steps,
    processor: Vec<(&'static str, Duration)>,
) -> Way {
    let mut way = Way {
        load,
        tickets: loaded.tickets.len(),
        refused: 0,
        refusal: None,
        unfinished: 0,
        missing: [0; 3],
        acknowledged: histogram(),
        assigned: histogram(),
        clocks: histogram(),
        mailed: histogram(),
        whole: histogram(),
        reads: loaded.reads,
        failed_reads: loaded.failed_reads,
        processor,
    };
    for ticket in loaded.tickets {
        let (ticket_id, answered) = match ticket.answer {
            Ok(answer) => answer,
            Err(reason) => {
                way.refused += 1;
                way.refusal = Some(reason);
                continue;
            }
        };
        let since = |at: Instant| micros(at.saturating_duration_since(ticket.due)).max(1);
        way.acknowledged.saturating_record(since(answered));
        let id = ticket_id.parse().unwrap_or_default();
        let ends = [steps.assigned.get(&id), steps.clocks.get(&id), mails.get(&ticket.address)];
        let seen = [&mut way.assigned, &mut way.clocks, &mut way.mailed];
        for ((end, seen), missing) in ends.iter().zip(seen).zip(&mut way.missing) {
            match end {
                Some(at) => seen.saturating_record(since(**at)),
                None => *missing += 1,
            }
        }
        match ends.into_iter().collect::<Option<Vec<_>>>() {
            Some(all) => way.whole.saturating_record(since(*all.into_iter().max().expect("three"))),
            None => way.unfinished += 1,
        }
    }
    way
}

/// The same moment on the clock of the database's machine, which is this one, and on ours.
struct Clocks {
    wall: jiff::Timestamp,
    instant: Instant,
}

impl Clocks {
    #[expect(clippy::disallowed_methods, reason = "pairs the two clocks of this machine")]
    fn now() -> Self {
        Self { wall: jiff::Timestamp::now(), instant: Instant::now() }
    }

    fn instant(&self, at: jiff::Timestamp) -> Instant {
        let since = at.duration_since(self.wall);
        self.instant + Duration::try_from(since).unwrap_or_default()
    }
}

/// When each ticket was assigned and its last clock began, as the log recorded it.
#[derive(Default)]
struct Steps {
    assigned: HashMap<Uuid, Instant>,
    clocks: HashMap<Uuid, Instant>,
}

impl Steps {
    async fn read(pool: &PgPool, clocks: &Clocks) -> Result<Self> {
        type Row = (Uuid, String, jiff_sqlx::Timestamp);
        // The database stores milliseconds; the pair of clocks is finer.
        let since = clocks.wall - jiff::SignedDuration::from_millis(1);
        let rows: Vec<Row> = sqlx::query_as(
            "select stream_id, event_type, max(recorded_at) from log.event
              where category in ('route', 'clock') and recorded_at >= $1
                and event_type in ('odzew.routing.v1.TicketAssigned', 'odzew.sla.v1.ClockStarted')
              group by stream_id, event_type",
        )
        .bind(jiff_sqlx::ToSqlx::to_sqlx(since))
        .fetch_all(pool)
        .await
        .context("read the tickets' steps")?;
        let mut steps = Self::default();
        for (ticket, event_type, at) in rows {
            let step = if event_type.ends_with("TicketAssigned") {
                &mut steps.assigned
            } else {
                &mut steps.clocks
            };
            step.insert(ticket, clocks.instant(at.to_jiff()));
        }
        Ok(steps)
    }
}
