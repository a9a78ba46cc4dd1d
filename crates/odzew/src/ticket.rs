//! `odzew ticket`: lists, one ticket, one timeline, an escalation, through the public API.
mod escalate;

use anyhow::{Context, Result, bail};
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
use crate::tables;

/// Verbs about tickets.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List tickets, the next due first.
    List {
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
        #[arg(long, default_value_t = 50)]
        limit: i32,
    },
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
    let verb = match verb {
        Verb::Escalate(asked) => return escalate::run(*asked, &config).await,
        looked_at => looked_at,
    };
    let who = match &verb {
        Verb::Escalate(_) => unreachable!("answered above"),
        Verb::List { who, .. } | Verb::Show { who, .. } | Verb::Timeline { who, .. } => who,
    };
    let (mut clients, zone) = who.clients(&config)?;
    match verb {
        Verb::Escalate(_) => unreachable!("answered above"),
        Verb::List { state, priority, queue, agent, breached, limit, .. } => {
            let request = ListTicketsRequest {
                states: named(&state, "TICKET_STATE_", TicketState::from_str_name)?,
                priorities: named(&priority, "PRIORITY_", Priority::from_str_name)?,
                queue_id: queue,
                agent_id: agent,
                breached: breached.then_some(true),
                order: TicketOrder::DueAsc.into(),
                page_size: limit,
                ..Default::default()
            };
            let page = clients.desk.list_tickets(request).await.context("ask desk for tickets")?;
            let page = page.into_inner();
            say(&tables::tickets(&page.tickets, &zone).to_string())?;
            if !page.next_page_token.is_empty() {
                say("There are more; raise --limit.")?;
            }
            Ok(())
        }
        Verb::Show { ticket, .. } => {
            let summary = find(&mut clients, &ticket).await?;
            show(&mut clients, summary, &zone).await
        }
        Verb::Timeline { ticket, .. } => {
            let summary = find(&mut clients, &ticket).await?;
            timeline(&mut clients, &summary.ticket_id, &zone).await
        }
    }
}

/// The values that the words stand for.
pub(crate) fn named<E: Into<i32>>(
    given: &[String],
    prefix: &str,
    parse: impl Fn(&str) -> Option<E>,
) -> Result<Vec<i32>> {
    let mut values = Vec::new();
    for word in given {
        let name = format!("{prefix}{}", word.to_uppercase().replace('-', "_"));
        match parse(&name) {
            Some(value) => values.push(value.into()),
            None => bail!("{word:?} is not a {}", tables::words(prefix, "").trim()),
        }
    }
    Ok(values)
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
