//! Reads the imported tickets back from Odzew and counts them.
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::{Result, bail};
use domain::priority::Priority;
use futures::stream::{self, StreamExt as _};
use tokio::time::Instant;
use wire::desk::v1::{GetTimelineRequest, ListTicketsRequest, TicketSummary};
use wire::intake::v1::TicketType;

use super::counts::Counts;
use super::mapping::{Expected, Plan};
use super::retry::{Failure, persistently};
use super::run::{Imported, words};
use crate::client::Clients;
use crate::progress::Bar;

/// How long the lists may lag behind what was imported.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(500);
const LIST_PAGE: i32 = 500;
const TIMELINE_PAGE: i32 = 1_000;

/// What Odzew says.
#[derive(Debug)]
pub(crate) struct ReadBack {
    pub(crate) counts: Counts,
    /// Tickets that are not as they were sent.
    pub(crate) differing: Vec<Differing>,
}

/// A ticket that is not as it was sent.
#[derive(Debug)]
pub(crate) struct Differing {
    pub(crate) number: String,
    pub(crate) sent: Expected,
    /// None if the lists do not have it.
    pub(crate) found: Option<Expected>,
}

/// Reads every imported ticket: its line in the lists, and its timeline for the moves
/// between queues, which the line does not tell.
///
/// # Errors
/// If a call is refused or not answered.
pub(crate) async fn run(
    clients: &Clients,
    plans: &[Plan],
    imported: &BTreeMap<String, Imported>,
    concurrency: usize,
) -> Result<ReadBack> {
    let moves = moves(clients, imported, concurrency).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let tickets = tickets(clients).await?;
        let read = compare(plans, imported, &tickets, &moves);
        if read.differing.is_empty() || Instant::now() >= deadline {
            return Ok(read);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn compare(
    plans: &[Plan],
    imported: &BTreeMap<String, Imported>,
    tickets: &HashMap<String, TicketSummary>,
    moves: &HashMap<&str, u32>,
) -> ReadBack {
    let mut counts = Counts::default();
    let mut differing = Vec::new();
    for plan in plans {
        let Some(imported) = imported.get(&plan.number) else { continue };
        let found = tickets.get(&imported.ticket_id).map(|ticket| Expected {
            state: ticket.state(),
            priority: Priority::try_from(ticket.priority()).unwrap_or(Priority::P4),
            reopens: ticket.reopen_count,
            moves: moves.get(&*imported.ticket_id).copied().unwrap_or_default(),
            handovers: ticket.reassignment_count,
        });
        if let Some(found) = &found {
            counts.ticket(found);
        }
        if found != Some(plan.expected) {
            differing.push(Differing { number: plan.number.clone(), sent: plan.expected, found });
        }
    }
    ReadBack { counts, differing }
}

/// All incidents of the tenant by the id of their ticket.
async fn tickets(clients: &Clients) -> Result<HashMap<String, TicketSummary>> {
    let mut tickets = HashMap::new();
    let mut page_token = String::new();
    loop {
        let request = ListTicketsRequest {
            types: vec![TicketType::Incident.into()],
            page_size: LIST_PAGE,
            page_token,
            ..Default::default()
        };
        let page = persistently(async || clients.desk.clone().list_tickets(request.clone()).await);
        let page = answered("list tickets", page.await)?;
        let lines = page.tickets.into_iter();
        tickets.extend(lines.map(|ticket| (ticket.ticket_id.clone(), ticket)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(tickets);
        }
    }
}

/// Moves between queues of every ticket by its id.
async fn moves<'a>(
    clients: &Clients,
    imported: &'a BTreeMap<String, Imported>,
    concurrency: usize,
) -> Result<HashMap<&'a str, u32>> {
    let mut bar = Bar::new("reading back", imported.len() as u64);
    let calls = imported.values().map(|one| async move { (one, moves_of(clients, one).await) });
    let mut calls = stream::iter(calls).buffer_unordered(concurrency);
    let mut moves = HashMap::new();
    while let Some((one, count)) = calls.next().await {
        moves.insert(&*one.ticket_id, count?);
        bar.tick();
    }
    bar.finish();
    Ok(moves)
}

/// Queue entries after the first, without the one that each reopening brings.
async fn moves_of(clients: &Clients, imported: &Imported) -> Result<u32> {
    let mut entries: u32 = 0;
    let mut reopenings: u32 = 0;
    let mut page_token = String::new();
    loop {
        let request = GetTimelineRequest {
            ticket_id: imported.ticket_id.clone(),
            page_size: TIMELINE_PAGE,
            page_token,
            consistency_token: imported.token.clone(),
        };
        let page = persistently(async || clients.desk.clone().get_timeline(request.clone()).await);
        let page = answered("read a timeline", page.await)?;
        for entry in &page.entries {
            match &*entry.event_type {
                wire::event::TICKET_QUEUED => entries += 1,
                wire::event::TICKET_REOPENED => reopenings += 1,
                _ => {}
            }
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(entries.saturating_sub(1 + reopenings));
        }
    }
}

fn answered<R>(what: &str, answer: Result<R, Failure>) -> Result<R> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(Failure::Refused(status) | Failure::Away(status)) => {
            bail!("cannot {what}: {}", words(&status))
        }
    }
}
