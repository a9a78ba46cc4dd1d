//! `odzew ticket escalate`: passes a ticket on, or tells the leads.
use anyhow::{Context, Result};
use clap::Args;
use uuid::Uuid;
use wire::routing::v1::{EscalateTicketRequest, EscalationKind, EscalationTrigger};

use super::{Who, find};
use crate::config::Config;
use crate::output::say;
use crate::{tables, words};

/// Escalates a ticket.
#[derive(Debug, Args)]
pub(crate) struct Escalate {
    #[command(flatten)]
    who: Who,
    /// Id or number of the ticket.
    ticket: String,
    /// Queue that takes the ticket; without it the leads of its team are told.
    #[arg(long, default_value = "")]
    to_queue: String,
    /// Why, for example `complexity` or `customer-request`.
    #[arg(long, default_value = "manual")]
    trigger: String,
    /// What the matter is.
    #[arg(long)]
    summary: String,
    /// What was done so far; may be given several times.
    #[arg(long, required_unless_present = "nothing_done")]
    done: Vec<String>,
    /// Say that nothing was done so far.
    #[arg(long, conflicts_with = "done")]
    nothing_done: bool,
    /// What is to be done next; the customer reads it with `--notify-customer`.
    #[arg(long)]
    next_step: String,
    /// Tell the customer that the case was passed on, and what is next.
    #[arg(long)]
    notify_customer: bool,
}

/// # Errors
/// If routing refuses or is away.
pub(super) async fn run(asked: Escalate, config: &Config) -> Result<()> {
    let (mut clients, _) = asked.who.clients(config)?;
    let ticket = find(&mut clients, &asked.ticket).await?;
    let trigger = EscalationTrigger::from_str_name;
    let trigger = words::meant(&asked.trigger, "ESCALATION_TRIGGER_", trigger)?;
    let kind = match asked.to_queue.is_empty() {
        true => EscalationKind::Hierarchical,
        false => EscalationKind::Functional,
    };
    let request = EscalateTicketRequest {
        request_id: Uuid::now_v7().to_string(),
        ticket_id: ticket.ticket_id,
        etag: String::new(),
        kind: kind.into(),
        to_queue_id: asked.to_queue,
        trigger: trigger.into(),
        summary: asked.summary,
        actions_done: asked.done,
        nothing_done: asked.nothing_done,
        next_step: asked.next_step,
        notify_customer: asked.notify_customer,
    };
    let answer = clients.routing.escalate_ticket(request).await;
    let answer = answer.context("ask routing to escalate the ticket")?.into_inner();
    let route = answer.route.context("the answer carries the route")?;
    let owner = match route.agent_id.as_str() {
        "" => "without an owner yet".to_owned(),
        agent => format!("owned by {agent}"),
    };
    let kind = tables::words(kind.as_str_name(), "ESCALATION_KIND_");
    say(&format!(
        "{kind} escalation of {}: in {} (level {}), {owner}",
        ticket.number, route.queue_id, route.level
    ))
}
