//! `odzew ticket`: lists, one ticket, one timeline, an escalation, through the public API.
mod escalate;

use anyhow::{Context, Result};
use chassis::rpc::Role;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use wire::common::v1::Priority;
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::desk::v1::{
    GetTicketSummaryRequest, GetTimelineRequest, ListTicketsRequest, TicketOrder, TicketSummary,
};
use wire::intake::v1::{GetTicketRequest, MessageDirection, TicketState};

use crate::client::{Caller, Clients, Services};
use crate::config::Config;
use crate::output::say;
use crate::{tables, words};

/// Tickets per page.
const PAGE: usize = 500;
/// Most tickets that one list shows: a table of them stays within some tens of megabytes.
const MOST_LISTED: i64 = 100_000;

/// Verbs about tickets.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List tickets, the next due first.
    List(List),
    /// Show one ticket with its thread.
    Show {
        #[command(flatten)]
        who: Who,
        /// Id or number of the ticket.
        ticket: String,
    },
    /// Tell a ticket's history across all services.
    Timeline {
        #[command(flatten)]
        who: Who,
        /// Id or number of the ticket.
        ticket: String,
    },
    /// Pass a ticket on to another queue, or tell the leads of its team.
    Escalate(Box<escalate::Escalate>),
}

/// Which tickets are listed.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    who: Who,
    /// Only these states, for example `open` or `waiting-customer`.
    #[arg(long, value_delimiter = ',')]
    state: Vec<String>,
    /// Only these priorities, `p1` to `p4`.
    #[arg(long, value_delimiter = ',')]
    priority: Vec<String>,
    /// Only this queue.
    #[arg(long, default_value = "")]
    queue: String,
    /// Only this owner.
    #[arg(long, default_value = "")]
    agent: String,
    /// Only tickets with a breached promise.
    #[arg(long)]
    breached: bool,
    /// Most tickets to show.
    #[arg(long, default_value_t = 50, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST_LISTED))]
    limit: u32,
}

/// On whose behalf the command asks.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// Tenant whose data are meant.
    #[arg(long, env = "ODZEW_TENANT")]
    pub(crate) tenant: String,
    /// Opaque id of the person who asks.
    #[arg(long, default_value = "operator")]
    pub(crate) actor: String,
    /// Time zone of the times shown.
    #[arg(long, default_value = "Europe/Warsaw")]
    pub(crate) zone: String,
}

impl Who {
    /// Clients of all services, calling as that person, and the zone of the times shown.
    pub(crate) fn clients(&self, config: &Config) -> Result<(Clients, TimeZone)> {
        self.clients_as(Role::Lead, config)
    }

    /// The same in another role.
    pub(crate) fn clients_as(&self, role: Role, config: &Config) -> Result<(Clients, TimeZone)> {
        let services = Services::new(&config.listen)?;
        let caller = Caller::new(&self.tenant, &self.actor, role)?;
        let zone = TimeZone::get(&self.zone).context("read the time zone")?;
        Ok((services.of(&caller), zone))
    }
}

/// # Errors
/// If a service refuses or is away.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    match verb {
        Verb::Escalate(asked) => escalate::run(*asked, &config).await,
        Verb::List(asked) => list(asked, &config).await,
        Verb::Show { who, ticket } => {
            let (mut clients, zone) = who.clients(&config)?;
            let summary = find(&mut clients, &ticket).await?;
            show(&mut clients, summary, &zone).await
        }
        Verb::Timeline { who, ticket } => {
            let (mut clients, zone) = who.clients(&config)?;
            let summary = find(&mut clients, &ticket).await?;
            timeline(&mut clients, &summary.ticket_id, &zone).await
        }
    }
}

async fn list(asked: List, config: &Config) -> Result<()> {
    let (mut clients, zone) = asked.who.clients(config)?;
    let mut request = ListTicketsRequest {
        states: words::each(&asked.state, "TICKET_STATE_", TicketState::from_str_name)?,
        priorities: words::each(&asked.priority, "PRIORITY_", Priority::from_str_name)?,
        queue_id: asked.queue,
        agent_id: asked.agent,
        breached: asked.breached.then_some(true),
        order: TicketOrder::DueAsc.into(),
        ..Default::default()
    };
    let limit = asked.limit as usize;
    let mut tickets = Vec::new();
    loop {
        let rest = limit.saturating_sub(tickets.len()).min(PAGE);
        request.page_size = i32::try_from(rest).unwrap_or(i32::MAX);
        let page = clients.desk.list_tickets(request.clone()).await;
        let page = page.context("ask desk for tickets")?.into_inner();
        tickets.extend(page.tickets);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() || tickets.len() >= limit {
            break;
        }
    }
    say(&tables::tickets(&tickets, &zone).to_string())?;
    if request.page_token.is_empty() { Ok(()) } else { say("There are more; raise --limit.") }
}

pub(crate) async fn find(clients: &mut Clients, ticket: &str) -> Result<TicketSummary> {
    let key = match ticket.parse::<uuid::Uuid>() {
        Ok(id) => Key::TicketId(id.to_string()),
        Err(_) => Key::Number(ticket.to_owned()),
    };
    let request = GetTicketSummaryRequest { key: Some(key), consistency_token: None };
    let answer =
        clients.desk.get_ticket_summary(request).await.context("ask desk for the ticket")?;
    answer.into_inner().ticket.context("the answer carries the ticket")
}

async fn show(clients: &mut Clients, summary: TicketSummary, zone: &TimeZone) -> Result<()> {
    let request = GetTicketRequest { ticket_id: summary.ticket_id.clone(), ..Default::default() };
    let answer = clients.intake.get_ticket(request).await.context("ask intake for the ticket")?;
    let ticket = answer.into_inner().ticket.context("the answer carries the ticket")?;
    say(&tables::tickets(&[summary], zone).to_string())?;
    say(&format!("id {} · version {}", ticket.ticket_id, ticket.etag))?;
    if !ticket.merged_into.is_empty() {
        say(&format!("merged into {}", ticket.merged_into))?;
    }
    for link in &ticket.links {
        let kind = tables::words(link.link().as_str_name(), "LINK_KIND_");
        say(&format!("{kind} {}", link.other_ticket_id))?;
    }
    for promise in &ticket.promises {
        let kind = tables::words(promise.kind().as_str_name(), "PROMISE_KIND_");
        say(&format!("promised: {kind} by {}", tables::time(promise.due_at.as_ref(), zone)))?;
    }
    say("")?;
    for message in &ticket.messages {
        let arrow = match message.direction() {
            MessageDirection::Inbound => "←",
            MessageDirection::Outbound => "→",
            MessageDirection::Internal | MessageDirection::Unspecified => "·",
        };
        let at = tables::time(message.create_time.as_ref(), zone);
        let (id, body) = (&message.message_id, message.body.replace('\n', "\n  "));
        say(&format!("{arrow} {at} · {id}\n  {body}\n"))?;
    }
    Ok(())
}

async fn timeline(clients: &mut Clients, ticket_id: &str, zone: &TimeZone) -> Result<()> {
    let mut entries = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = GetTimelineRequest {
            ticket_id: ticket_id.to_owned(),
            page_size: 1_000,
            page_token,
            consistency_token: None,
        };
        let page = clients.desk.get_timeline(request).await.context("ask desk for the timeline")?;
        let page = page.into_inner();
        entries.extend(page.entries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    say(&tables::timeline(&entries, zone).to_string())?;
    Ok(())
}
