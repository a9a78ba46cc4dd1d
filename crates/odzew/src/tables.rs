//! How tickets, timelines, times and amounts are printed on a terminal.
use std::fmt::Display;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wire::common::v1::Money;
use wire::desk::v1::{TicketSummary, TimelineEntry};

/// Currencies without a smaller unit (ISO 4217), of those that anybody here pays in.
const WHOLE_CURRENCIES: [&str; 3] = ["ISK", "JPY", "KRW"];

/// Characters of a foreign text that are shown.
const LONGEST_FOREIGN: usize = 200;

/// A table with thin lines that fits the terminal.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}

/// `1 event`, `2 events`.
pub(crate) fn counted<N: Display + From<u8> + PartialEq>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// An amount of money with its currency, for example `49.00 PLN`.
pub(crate) fn money(amount: &Money) -> String {
    let Money { minor, currency } = amount;
    if WHOLE_CURRENCIES.contains(&currency.as_str()) {
        return format!("{minor} {currency}");
    }
    let (sign, minor) = (if *minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    format!("{sign}{}.{:02} {currency}", minor / 100, minor % 100)
}

/// Foreign text on a terminal: what would steer the terminal is written out, and what is too long
/// is cut.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::new();
    for (place, letter) in text.chars().enumerate() {
        if place == LONGEST_FOREIGN {
            shown.push('…');
            break;
        }
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_in_the_unit_of_their_currency() {
        let amount = |minor, currency: &str| money(&Money { minor, currency: currency.to_owned() });
        assert_eq!(amount(4_905, "PLN"), "49.05 PLN");
        assert_eq!(amount(-5, "EUR"), "-0.05 EUR");
        assert_eq!(amount(4_905, "JPY"), "4905 JPY");
    }

    #[test]
    fn foreign_text_does_not_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\nb");
        let long = plain(&"ż".repeat(1_000));
        assert_eq!(long.chars().count(), LONGEST_FOREIGN + 1);
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(1_usize, "file") + &counted(0_u64, "file"), "1 file0 files");
    }
}
