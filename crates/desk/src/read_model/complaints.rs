//! Table `complaints`: the register of complaints, one line per complaint.
mod fold;
mod questions;

pub(crate) use questions::{Filter, list};

use std::collections::{BTreeMap, BTreeSet};

use eventlog::{HandlerError, Recorded};
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use sqlx::PgConnection;
use uuid::Uuid;
use wire::desk::v1::{Complaint, ComplaintState};
use wire::scalar::{instant, uuid};
use wire::sla::v1::ClockKind;
use wire::{DecodeError, intake};

use super::{Key, columns, small};
use crate::facts::{ComplaintFact, Fact};

/// The complaints of one ticket, oldest first.
#[derive(Default)]
pub(crate) struct OfTicket {
    lines: Vec<Line>,
}

/// A line, and what it is stored with.
struct Line {
    position: i64,
    complaint: Complaint,
    changed: bool,
}

/// Whether the event may change the register: events of a complaint, the end and the return of its
/// ticket, and events of its clocks. Only the start of a clock names its kind.
pub(crate) fn concerns(fact: &Fact) -> bool {
    match fact {
        Fact::Complaint(_)
        | Fact::TicketClosed(_)
        | Fact::TicketReopened(_)
        | Fact::ClockPaused(_)
        | Fact::ClockResumed(_)
        | Fact::ClockRetargeted(_)
        | Fact::ClockStopped(_)
        | Fact::BreachVoided(_) => true,
        Fact::ClockStarted(e) => is_of_complaints(e.kind()),
        Fact::ClockBreached(e) => is_of_complaints(e.kind()),
        _ => false,
    }
}

fn is_of_complaints(kind: ClockKind) -> bool {
    matches!(
        kind,
        ClockKind::StatutoryResponse
            | ClockKind::StatutoryAck
            | ClockKind::InternalResponse
            | ClockKind::AppealResponse
            | ClockKind::Remedy
    )
}

impl OfTicket {
    /// Takes an event of the ticket in; `number` is the ticket's.
    pub(crate) fn apply(
        &mut self,
        event: &Recorded,
        fact: &Fact,
        number: &str,
    ) -> Result<(), DecodeError> {
        if let Fact::Complaint(fact) = fact
            && let ComplaintFact::Opened(opened) = &**fact
        {
            let complaint = fold::opened(event.stream.id, number, opened);
            let position = i64::try_from(event.position).unwrap_or(i64::MAX);
            self.lines.push(Line { position, complaint, changed: true });
            return Ok(());
        }
        let live = |line: &&mut Line| line.complaint.state() != ComplaintState::StruckOff;
        if let Some(line) = self.lines.iter_mut().rev().find(live) {
            line.changed |= fold::apply(&mut line.complaint, fact)?;
        }
        Ok(())
    }
}

/// The complaints of these tickets, with an entry for each ticket.
pub(crate) async fn load(
    tx: &mut PgConnection,
    keys: &BTreeSet<Key>,
) -> Result<BTreeMap<Key, OfTicket>, HandlerError> {
    let (tenants, tickets) = columns(keys.iter());
    let rows: Vec<(i32, Uuid, i64, Vec<u8>)> = sqlx::query_as(
        "select c.tenant, c.ticket_id, c.position, c.line
           from unnest($1::integer[], $2::uuid[]) as k (tenant, ticket_id)
           join complaints c on c.tenant = k.tenant and c.ticket_id = k.ticket_id
          order by c.position",
    )
    .bind(tenants)
    .bind(tickets)
    // Planned each time, for the size the table has now: it is read once per batch.
    .persistent(false)
    .fetch_all(tx)
    .await?;
    let mut found: BTreeMap<Key, OfTicket> =
        keys.iter().map(|key| (*key, OfTicket::default())).collect();
    for (tenant, ticket_id, position, line) in rows {
        let complaint = Complaint::decode(&*line).map_err(DecodeError::from)?;
        let lines = &mut found.entry((tenant, ticket_id)).or_default().lines;
        lines.push(Line { position, complaint, changed: false });
    }
    Ok(found)
}

/// Writes what changed.
pub(crate) async fn store(
    tx: &mut PgConnection,
    tickets: &BTreeMap<Key, OfTicket>,
) -> Result<(), HandlerError> {
    let lines = tickets.iter().flat_map(|(key, of)| of.lines.iter().map(move |line| (key, line)));
    let rows: Vec<(&Key, &Line)> = lines.filter(|(_, line)| line.changed).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let (tenants, ids) = columns(rows.iter().map(|(key, _)| *key));
    let complaints = || rows.iter().map(|(_, line)| &line.complaint);
    let complaint_ids: Result<Vec<Uuid>, _> =
        complaints().map(|one| uuid(&one.complaint_id, "complaint_id")).collect();
    let received: Result<Vec<_>, _> = complaints()
        .map(|one| instant(one.received_at.as_ref(), "received_at").map(|at| at.to_sqlx()))
        .collect();
    // An array of arrays must be of one length in Postgres, so each travels as JSON.
    let regimes = complaints().map(|one| {
        let codes: Vec<&str> = one.regimes.iter().map(|regime| &*regime.code).collect();
        serde_json::json!(codes).to_string()
    });
    sqlx::query(include_str!("../../sql/store_complaints.sql"))
        .bind(tenants)
        .bind(complaint_ids?)
        .bind(ids)
        .bind(rows.iter().map(|(_, line)| line.position).collect::<Vec<_>>())
        .bind(received?)
        .bind(complaints().map(|one| small(one.state)).collect::<Vec<_>>())
        .bind(complaints().map(outcome).collect::<Vec<_>>())
        .bind(complaints().map(|one| one.late).collect::<Vec<_>>())
        .bind(regimes.collect::<Vec<_>>())
        .bind(complaints().map(prost::Message::encode_to_vec).collect::<Vec<_>>())
        .execute(tx)
        .await?;
    Ok(())
}

/// The outcome of the decision that stands: the last one, and a decision on the appeal before any
/// other.
fn outcome(complaint: &Complaint) -> i16 {
    let standing = complaint.decisions.iter().filter(|decision| !decision.withdrawn);
    let last = standing.max_by_key(|decision| decision.instance);
    let unspecified = intake::v1::ComplaintOutcome::Unspecified.into();
    small(last.map_or(unspecified, |decision| decision.outcome))
}
