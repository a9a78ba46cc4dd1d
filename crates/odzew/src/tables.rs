//! How tickets, timelines and times look on a terminal.
use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wire::desk::v1::{TicketSummary, TimelineEntry};

/// A table with thin lines that fits the terminal.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}

/// One line per ticket.
pub(crate) fn tickets(tickets: &[TicketSummary], zone: &TimeZone) -> Table {
    let mut table =
        table(["Number", "Status", "Prio", "Queue", "Owner", "Next due", "Late", "Subject"]);
    for ticket in tickets {
        let due = time(ticket.next_due_at.as_ref(), zone);
        let due = if ticket.next_due_kind.is_empty() {
            "-".to_owned()
        } else {
            format!("{due} {}", ticket.next_due_kind)
        };
        table.add_row([
            ticket.number.clone(),
            words(ticket.state().as_str_name(), "TICKET_STATE_"),
            ticket.priority().as_str_name().trim_start_matches("PRIORITY_").to_owned(),
            or_dash(&ticket.queue_id),
            or_dash(&ticket.agent_id),
            due,
            if ticket.breached { "yes" } else { "" }.to_owned(),
            ticket.subject.clone(),
        ]);
    }
    table
}

/// One line per event.
pub(crate) fn timeline(entries: &[TimelineEntry], zone: &TimeZone) -> Table {
    let mut table = table(["Position", "When", "Who", "Event", "What"]);
    for entry in entries {
        let actor = entry.actor.clone().unwrap_or_default();
        table.add_row([
            entry.position.to_string(),
            time(entry.occurred_at.as_ref(), zone),
            actor.id,
            short(&entry.event_type).to_owned(),
            entry.summary.clone(),
        ]);
    }
    table
}

/// A local time to the second, or a dash.
pub(crate) fn time(at: Option<&prost_types::Timestamp>, zone: &TimeZone) -> String {
    at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok()).map_or_else(
        || "-".to_owned(),
        |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// The last part of a message's full name.
pub(crate) fn short(event_type: &str) -> &str {
    event_type.rsplit('.').next().unwrap_or(event_type)
}

/// `TICKET_STATE_WAITING_CUSTOMER` as `waiting customer`.
pub(crate) fn words(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).replace('_', " ").to_lowercase()
}

pub(crate) fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}
