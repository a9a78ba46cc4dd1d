//! Open-loop load: every call has its due time, whether or not earlier calls were answered.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use wire::intake::v1::GetTicketRequest;

use super::clients::{self, Intake};
use crate::append::{histogram, micros};

/// Reads per second beside the registrations.
const READS: f64 = 50.0;

/// How much, and how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// Tickets per second.
    pub(super) rate: f64,
    pub(super) time: Duration,
}

/// One call that was due at `due`.
#[derive(Debug)]
pub(super) struct Ticket {
    /// Where its mail goes.
    pub(super) address: String,
    pub(super) due: Instant,
    /// Id and time of the acknowledgement, or why there was none.
    pub(super) answer: Result<(String, Instant), String>,
}

/// All calls of a run.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) tickets: Vec<Ticket>,
    /// Microseconds from the time a read was due to its answer.
    pub(super) reads: Histogram<u64>,
    pub(super) failed_reads: u64,
}

/// The last acknowledged ticket, with a client of its tenant. Written by the registrations.
type Latest = Arc<Mutex<Option<(Intake, String)>>>;

/// Registers tickets at the given rate, numbered from `first`, and reads some meanwhile.
pub(super) async fn run(intake: &[Intake], first: u64, load: &Load) -> Result<Loaded> {
    let latest = Latest::default();
    let begin = Instant::now() + Duration::from_millis(100);
    let reading = tokio::spawn(read(Arc::clone(&latest), begin, load.time));
    let mut calls = JoinSet::new();
    for (number, due) in schedule(begin, load.rate, load.time).enumerate() {
        tokio::time::sleep_until(due.into()).await;
        let client = intake[number % intake.len()].clone();
        let address = format!("customer-{}@example.org", first + number as u64);
        calls.spawn(register(client, address, due, Arc::clone(&latest)));
    }
    let mut tickets = Vec::new();
    while let Some(ended) = calls.join_next().await {
        tickets.push(ended.context("a call ends")?);
    }
    let (reads, failed_reads) = reading.await.context("the reads end")?;
    Ok(Loaded { tickets, reads, failed_reads })
}

fn schedule(begin: Instant, rate: f64, time: Duration) -> impl Iterator<Item = Instant> + Send {
    let mut number = 0_u32;
    std::iter::from_fn(move || {
        let after = Duration::from_secs_f64(f64::from(number) / rate);
        number += 1;
        (after < time).then(|| begin + after)
    })
}

async fn register(mut client: Intake, address: String, due: Instant, latest: Latest) -> Ticket {
    let answer = client.register_ticket(clients::registration(&address)).await;
    let answer = answer.map_err(|status| status.to_string()).and_then(|answer| {
        let answered = Instant::now();
        let ticket = answer.into_inner().ticket.ok_or("the answer has no ticket")?;
        let read = (client, ticket.ticket_id.clone());
        *latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
        Ok((ticket.ticket_id, answered))
    });
    Ticket { address, due, answer }
}

async fn read(latest: Latest, begin: Instant, time: Duration) -> (Histogram<u64>, u64) {
    let mut calls = JoinSet::new();
    for due in schedule(begin, READS, time) {
        tokio::time::sleep_until(due.into()).await;
        let ticket = latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((mut client, ticket_id)) = ticket {
            calls.spawn(async move {
                let answer =
                    client.get_ticket(GetTicketRequest { ticket_id, ..Default::default() }).await;
                answer.map(|_| due.elapsed())
            });
        }
    }
    let (mut latency, mut failed) = (histogram(), 0);
    while let Some(ended) = calls.join_next().await {
        match ended {
            Ok(Ok(took)) => latency.saturating_record(micros(took)),
            _ => failed += 1,
        }
    }
    (latency, failed)
}
