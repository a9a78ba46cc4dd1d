//! Converts rows of the tables to messages.
use eventlog::Tenant;
use eventlog::sealing::{Keyring, Reading};
use jiff_sqlx::Timestamp;
use wire::common::v1::{Actor, Priority, PriorityWord, TicketStatus};
use wire::desk::v1::{TicketSummary, TimelineEntry};
use wire::intake::v1::TicketState;
use wire::scalar;
use wire::sla::v1::ClockKind;

use crate::read_model::tickets::Ticket;
use crate::read_model::timeline::Entry;

/// What is shown of a subject that the caller may not read, or whose key cannot be had now.
pub(crate) const SEALED: &str = "[zapieczętowano / sealed]";

/// What opens subjects; nothing for a caller who may not read them.
#[derive(Clone)]
pub(crate) struct Subjects(pub(crate) Option<Keyring>);

impl Subjects {
    /// The subjects of the lines as the caller sees them. Without the keys a list is still a list.
    async fn of(&self, tenant: &Tenant, tickets: &[Ticket]) -> Vec<String> {
        let kept_back = || vec![SEALED.to_owned(); tickets.len()];
        let Some(keys) = &self.0 else { return kept_back() };
        let sealed: Vec<_> = tickets.iter().map(Ticket::subject).collect();
        match keys.read(tenant.into(), &sealed).await {
            Ok(subjects) => subjects.into_iter().map(Reading::shown).collect(),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "subjects stay sealed: the keys are not available");
                kept_back()
            }
        }
    }
}

/// Lines with their subjects as the caller sees them.
pub(crate) async fn tickets(
    subjects: &Subjects,
    tenant: &Tenant,
    tickets: Vec<Ticket>,
) -> Vec<TicketSummary> {
    let subjects = subjects.of(tenant, &tickets).await;
    tickets.into_iter().zip(subjects).map(|(line, subject)| ticket(line, subject)).collect()
}

fn ticket(ticket: Ticket, subject: String) -> TicketSummary {
    let state = TicketState::try_from(i32::from(ticket.state)).unwrap_or_default();
    let priority = Priority::try_from(i32::from(ticket.priority)).unwrap_or_default();
    TicketSummary {
        status: TicketStatus::from(state).into(),
        priority_word: PriorityWord::from(priority).into(),
        ticket_id: ticket.ticket_id.to_string(),
        number: ticket.number,
        state: ticket.state.into(),
        r#type: ticket.kind.into(),
        category_code: ticket.category_code,
        priority: ticket.priority.into(),
        subject,
        channel: ticket.channel.into(),
        queue_id: ticket.queue_id,
        agent_id: ticket.agent_id,
        received_at: time(ticket.received_at),
        update_time: time(ticket.update_time),
        next_due_at: ticket.next_due_at.and_then(time),
        next_due_kind: clock_kind(ticket.next_due_kind),
        breached: ticket.breached,
        reopen_count: ticket.reopen_count.unsigned_abs(),
        reassignment_count: ticket.reassignment_count.unsigned_abs(),
        external_number: ticket.external_number,
    }
}

pub(crate) fn entry(entry: Entry) -> TimelineEntry {
    TimelineEntry {
        position: entry.position.unsigned_abs(),
        event_id: entry.event_id.to_string(),
        event_type: entry.event_type,
        stream: format!("{}-{}", entry.category, entry.stream_id),
        occurred_at: time(entry.occurred_at),
        recorded_at: time(entry.recorded_at),
        actor: Some(Actor {
            kind: entry.actor_kind.into(),
            id: entry.actor_id,
            role: entry.actor_role,
        }),
        causation_id: entry.causation_id.map(|id| id.to_string()).unwrap_or_default(),
        summary: entry.summary,
    }
}

fn time(at: Timestamp) -> Option<prost_types::Timestamp> {
    Some(scalar::timestamp(at.to_jiff()))
}

/// `FIRST_REPLY` of the kind; empty if nothing is due.
fn clock_kind(kind: i16) -> String {
    let kind = ClockKind::try_from(i32::from(kind)).unwrap_or_default();
    if kind == ClockKind::Unspecified {
        return String::new();
    }
    let name = kind.as_str_name();
    name.strip_prefix("CLOCK_KIND_").unwrap_or(name).to_owned()
}
