//! `odzew contact`: one live conversation.
use anyhow::{Context, Result};
use clap::Subcommand;
use jiff::tz::TimeZone;
use wire::intake::v1::{Contact, ContactTarget, GetContactRequest};

use crate::config::Config;
use crate::output::say;
use crate::tables::{or_dash, table, time, words};
use crate::ticket::Who;

/// Verbs about contacts.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show one contact: who waited how long for whom, and what came of it.
    Show {
        #[command(flatten)]
        who: Who,
        /// Id of the contact.
        contact: String,
    },
}

/// # Errors
/// If intake refuses or is away.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    match verb {
        Verb::Show { who, contact } => {
            let (mut clients, zone) = who.clients(&config)?;
            let request = GetContactRequest { contact_id: contact };
            let answer =
                clients.contact.get_contact(request).await.context("ask intake for the contact")?;
            let contact = answer.into_inner().contact.context("the answer carries the contact")?;
            say(&described(&contact))?;
            say(&steps(&contact, &zone))
        }
    }
}

fn described(contact: &Contact) -> String {
    let mut lines = vec![format!(
        "contact {} · {} {} at {} · {} · version {}",
        contact.contact_id,
        words(contact.direction().as_str_name(), "CONTACT_DIRECTION_"),
        words(contact.channel().as_str_name(), "CONTACT_CHANNEL_"),
        contact.entry_point,
        words(contact.state().as_str_name(), "CONTACT_STATE_"),
        contact.etag,
    )];
    if !contact.party_hint.is_empty() {
        lines.push(format!("from {}", contact.party_hint));
    }
    if !contact.party_id.is_empty() {
        let surely = words(contact.identification().as_str_name(), "IDENTIFICATION_");
        lines.push(format!("party {} ({surely})", contact.party_id));
    }
    if !contact.resumed_ticket_id.is_empty() {
        lines.push(format!("goes on with ticket {}", contact.resumed_ticket_id));
    }
    if let Some(end) = &contact.end {
        if !end.ticket_id.is_empty() {
            lines.push(format!("ticket {}", end.ticket_id));
        }
        if !end.note.is_empty() {
            lines.push(format!("note: {}", end.note.replace('\n', "\n  ")));
        }
    }
    lines.join("\n") + "\n"
}

/// What happened, in the order of its times.
fn steps(contact: &Contact, zone: &TimeZone) -> String {
    let mut steps = vec![(contact.start_time, "started".to_owned())];
    for route in &contact.routes {
        let reason = words(route.reason().as_str_name(), "CONTACT_ROUTE_REASON_");
        let whom = match route.target() {
            ContactTarget::Human => format!("to {}", route.queue_id),
            ContactTarget::Bot | ContactTarget::Unspecified => "to a bot".to_owned(),
        };
        steps.push((route.route_time, format!("routed {whom}: {reason}")));
    }
    for answer in &contact.answers {
        let waited = seconds(answer.waited_ms);
        let by = match answer.by() {
            ContactTarget::Human => or_dash(&answer.agent_id),
            ContactTarget::Bot | ContactTarget::Unspecified => "a bot".to_owned(),
        };
        steps.push((answer.answer_time, format!("answered by {by} after {waited}")));
    }
    if let Some(end) = &contact.end {
        let outcome = words(end.outcome().as_str_name(), "CONTACT_OUTCOME_");
        let (talk, hold, wrap) = (seconds(end.talk_ms), seconds(end.hold_ms), seconds(end.wrap_ms));
        let times = format!("talk {talk}, hold {hold}, wrap {wrap}");
        steps.push((end.end_time, format!("ended: {outcome}; {times}")));
    }
    // Stable: what happened at the same instant stays in the order above.
    steps.sort_by_key(|(at, _)| at.as_ref().map(|at| (at.seconds, at.nanos)));
    let mut lines = table(["When", "What"]);
    for (at, what) in steps {
        lines.add_row([time(at.as_ref(), zone), what]);
    }
    lines.to_string()
}

fn seconds(millis: i64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}
