//! What the demonstration prints: tickets, one timeline, counts, where to look next.
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use chassis::rpc::Role;
use comfy_table::{ColumnConstraint, Width};
use eventlog::Log;
use jiff::tz::TimeZone;
use wire::common::v1::ConsistencyToken;
use wire::desk::v1::{
    Complaint, GetTimelineRequest, ListComplaintsRequest, ListTicketsRequest, TicketSummary,
    TimelineEntry,
};

use super::people;
use crate::client::{Caller, Services};
use crate::config::Listen;
use crate::tables;

const PAGE: u32 = 1_000;

/// Longest line of a list of counts, also where no terminal bounds it.
const LIST_WIDTH: u16 = 100;

/// Every ticket of a tenant, newest first.
pub(super) async fn tickets(services: &Services, tenant: &str) -> Result<Vec<TicketSummary>> {
    let mut desk = services.of(&Caller::new(tenant, "duty-lead", Role::Lead)?).desk;
    let mut tickets = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListTicketsRequest { page_size: 500, page_token, ..Default::default() };
        let page = desk.list_tickets(request).await.context("list tickets")?.into_inner();
        tickets.extend(page.tickets);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(tickets);
        }
    }
}

/// The register of complaints of a tenant, newest first.
pub(super) async fn complaints(services: &Services, tenant: &str) -> Result<Vec<Complaint>> {
    let mut desk = services.of(&Caller::new(tenant, "duty-lead", Role::Lead)?).desk;
    let mut complaints = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListComplaintsRequest { page_size: 500, page_token, ..Default::default() };
        let page = desk.list_complaints(request).await.context("list complaints")?.into_inner();
        complaints.extend(page.complaints);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(complaints);
        }
    }
}

/// The line of a ticket's complaint in the register.
pub(super) async fn complaint(
    services: &Services,
    tenant: &str,
    ticket_id: &str,
) -> Result<Option<Complaint>> {
    let lines = complaints(services, tenant).await?;
    Ok(lines.into_iter().find(|line| line.ticket_id == ticket_id))
}

/// A ticket's history across all services.
pub(super) async fn timeline(
    services: &Services,
    tenant: &str,
    ticket_id: &str,
) -> Result<Vec<TimelineEntry>> {
    let mut desk = services.of(&Caller::new(tenant, "duty-lead", Role::Lead)?).desk;
    let request = GetTimelineRequest {
        ticket_id: ticket_id.into(),
        page_size: 1_000,
        page_token: String::new(),
        consistency_token: None::<ConsistencyToken>,
    };
    Ok(desk.get_timeline(request).await.context("read a timeline")?.into_inner().entries)
}

/// Events per service and type, counted from the log itself.
pub(super) async fn counts(log: &Log) -> Result<BTreeMap<String, BTreeMap<String, u64>>> {
    let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for &partition in log.partitions() {
        let mut after = 0;
        loop {
            let events =
                log.read_partition(partition, after, PAGE).await.context("read the log")?;
            let Some(last) = events.last() else { break };
            after = last.position;
            for event in &events {
                let service = event.event_type.split('.').nth(1).unwrap_or("?").to_owned();
                let name = tables::short(&event.event_type).to_owned();
                *counts.entry(service).or_default().entry(name).or_default() += 1;
            }
        }
    }
    Ok(counts)
}

/// The counts as a table.
pub(super) fn counts_table(counts: &BTreeMap<String, BTreeMap<String, u64>>) -> comfy_table::Table {
    let mut table = tables::table(["Service", "Events", "Of which"]);
    if let Some(details) = table.column_mut(2) {
        details.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(LIST_WIDTH)));
    }
    for (service, types) in counts {
        let total: u64 = types.values().sum();
        let details: Vec<String> =
            types.iter().map(|(name, count)| format!("{name} {count}")).collect();
        table.add_row([service.clone(), total.to_string(), details.join(", ")]);
    }
    table
}

/// Lines to paste next.
pub(super) fn where_to_look(
    listen: &Listen,
    config_file: &Path,
    ticket: &TicketSummary,
    tenant: &str,
    complaint: &Complaint,
    folder: &Path,
) -> Result<String> {
    let program = std::env::current_exe().context("find the running program")?;
    let odzew = format!("{} --config {}", program.display(), config_file.display());
    let headers =
        format!("-H 'x-odzew-tenant: {tenant}' -H 'x-odzew-actor: me' -H 'x-odzew-role: lead'");
    let (ticket_id, number) = (&ticket.ticket_id, &ticket.number);
    Ok(format!(
        "gRPC      intake {} · routing {} · sla {} · notification {} · desk {}\n\
         HTTP      {}/readyz and /metrics of intake; the next ports are the other roles'\n\
         Mails     {}\n\
         Logs      {}\n\n\
         {odzew} ticket list --tenant {tenant}\n\
         {odzew} ticket timeline --tenant {tenant} {number}\n\
         {odzew} clock explain --tenant {tenant} {number}\n\
         {odzew} {}\n\
         {odzew} complaint show --tenant {} {}\n\
         {odzew} tail --from 1\n\
         {odzew} doctor\n\
         grpcurl -plaintext {headers} -d '{{\"ticket_id\":\"{ticket_id}\"}}' {} \
         odzew.intake.v1.IntakeService/GetTicket\n\
         grpcurl -plaintext {headers} -d '{{\"ticket_id\":\"{ticket_id}\"}}' {} \
         odzew.sla.v1.SlaService/GetClocks\n",
        listen.intake,
        listen.routing,
        listen.sla,
        listen.notification,
        listen.desk,
        listen.http,
        folder.join("mail").display(),
        folder.join("log").display(),
        people::find_the_caller(),
        super::complaint::TENANT,
        complaint.number,
        listen.intake,
        listen.sla,
    ))
}

/// The zone in which the demonstration speaks.
pub(super) fn zone() -> Result<TimeZone> {
    TimeZone::get("Europe/Warsaw").context("the time zone of Warsaw")
}
