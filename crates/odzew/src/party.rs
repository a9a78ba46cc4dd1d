//! `odzew party`: one party with its tickets and contacts, finding parties by a contact point, and
//! holding, restricting or erasing their data.
mod change;

use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use wire::intake::v1::{
    ContactPoint, ContactPointKind, ContactSummary, FindPartiesRequest, GetPartyRequest,
    ListContactsRequest, ListPartyTicketsRequest, Party, PartyProfile, PartyTicket,
};

use crate::config::Config;
use crate::output::say;
use crate::tables::{or_dash, table, time, words};
use crate::ticket::Who;

/// Verbs about parties.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show one party with its latest tickets and contacts.
    Show {
        #[command(flatten)]
        who: Who,
        /// Id of the party.
        party: String,
    },
    /// List the parties that have a contact point, the oldest first.
    Find {
        #[command(flatten)]
        who: Who,
        /// The address, number or account, however it is typed.
        contact_point: String,
        /// What it is; without it an address has an @ and a number digits.
        #[arg(long)]
        kind: Option<Kind>,
    },
    /// Keep a party's data from being erased, or let go of them.
    LegalHold(change::Hold),
    /// Keep a party's data from being used, or let them be used again.
    Restrict(change::Restrict),
    /// Erase a party for ever: its names, addresses and texts, wherever they are.
    Erase(change::Erase),
}

/// What a contact point is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// An e-mail address.
    Email,
    /// A telephone number with its country code.
    Phone,
    /// An account, network:handle.
    Social,
}

impl Kind {
    fn of(contact_point: &str) -> Self {
        if contact_point.contains(':') {
            Self::Social
        } else if contact_point.contains('@') {
            Self::Email
        } else {
            Self::Phone
        }
    }
}

/// # Errors
/// If intake refuses or is away.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    match verb {
        Verb::LegalHold(asked) => change::hold(asked, &config).await,
        Verb::Restrict(asked) => change::restrict(asked, &config).await,
        Verb::Erase(asked) => change::erase(asked, &config).await,
        Verb::Show { who, party } => {
            let (mut clients, zone) = who.clients(&config)?;
            let request = GetPartyRequest { party_id: party };
            let answer =
                clients.party.get_party(request).await.context("ask intake for the party")?;
            let party = answer.into_inner().party.context("the answer carries the party")?;
            let request =
                ListContactsRequest { party_id: party.party_id.clone(), ..Default::default() };
            let answer = clients.contact.list_contacts(request).await;
            let contacts = answer.context("ask intake for the contacts")?.into_inner().contacts;
            let request =
                ListPartyTicketsRequest { party_id: party.party_id.clone(), ..Default::default() };
            let answer = clients.party.list_party_tickets(request).await;
            let tickets = answer.context("ask intake for the tickets")?.into_inner().tickets;
            say(&described(&party, &zone))?;
            if !tickets.is_empty() {
                say(&ticket_lines(&tickets, &zone))?;
            }
            if contacts.is_empty() { Ok(()) } else { say(&listed(&contacts, &zone)) }
        }
        Verb::Find { who, contact_point, kind } => {
            let (mut clients, zone) = who.clients(&config)?;
            let kind = match kind.unwrap_or_else(|| Kind::of(&contact_point)) {
                Kind::Email => ContactPointKind::Email,
                Kind::Phone => ContactPointKind::Phone,
                Kind::Social => ContactPointKind::Social,
            };
            let point = ContactPoint { kind: kind.into(), value: contact_point };
            let request =
                FindPartiesRequest { contact_point: Some(point), consistency_token: None };
            let answer = clients.party.find_parties(request).await;
            let parties = answer.context("ask intake for parties")?.into_inner().parties;
            if parties.is_empty() {
                return say("Nobody has this contact point.");
            }
            let mut lines = table(["Party", "Name", "Kind", "VIP", "Segment", "Known since"]);
            for party in parties {
                let since = time(party.create_time.as_ref(), &zone);
                let profile = party.profile.unwrap_or_default();
                lines.add_row([
                    party.party_id,
                    or_dash(&profile.name),
                    words(profile.kind().as_str_name(), "PARTY_KIND_"),
                    if profile.vip { "yes" } else { "" }.to_owned(),
                    or_dash(&profile.segment),
                    since,
                ]);
            }
            say(&lines.to_string())
        }
    }
}

fn described(party: &Party, zone: &TimeZone) -> String {
    let state = words(party.state().as_str_name(), "PARTY_STATE_");
    let mut lines = vec![format!("party {} · {state} · version {}", party.party_id, party.etag)];
    if !party.merged_into.is_empty() {
        lines.push(format!("merged into {}", party.merged_into));
    }
    if let Some(profile) = &party.profile {
        lines.extend(of_profile(profile));
        lines.push(format!("known since {}", time(party.create_time.as_ref(), zone)));
    }
    for preference in &party.preferences {
        let allowed = if preference.allowed { "allowed" } else { "not allowed" };
        let quiet = preference.quiet_hours.as_ref().map(|quiet| {
            let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
            format!(", quiet {} to {}", clock(quiet.from_minute), clock(quiet.to_minute))
        });
        lines.push(format!(
            "{} by {}: {allowed}{}",
            words(preference.purpose().as_str_name(), "PREFERENCE_PURPOSE_"),
            words(preference.channel().as_str_name(), "CHANNEL_"),
            quiet.unwrap_or_default(),
        ));
    }
    if let Some(hold) = &party.legal_hold {
        let until = if hold.until.is_empty() { "lifted" } else { &hold.until };
        lines.push(format!("legal hold until {until}: {}", hold.basis));
    }
    if let Some(restriction) = &party.restriction {
        lines.push(format!("restricted: {}", restriction.basis));
    }
    lines.join("\n") + "\n"
}

fn of_profile(profile: &PartyProfile) -> Vec<String> {
    let status = words(profile.consumer_status().as_str_name(), "CONSUMER_STATUS_");
    let kind = words(profile.kind().as_str_name(), "PARTY_KIND_");
    let vip = if profile.vip { " · VIP" } else { "" };
    let mut lines = vec![format!("{} · {kind} · {status}{vip}", or_dash(&profile.name))];
    lines.push(format!(
        "{} · {} · {}",
        profile.language,
        words(profile.register().as_str_name(), "REGISTER_"),
        profile.time_zone
    ));
    let points = profile.contact_points.iter();
    lines.extend(points.map(|point| {
        let kind = words(point.kind().as_str_name(), "CONTACT_POINT_KIND_");
        format!("{kind} {}", point.value)
    }));
    if !profile.accessibility.is_empty() {
        lines.push(format!("needs {}", profile.accessibility));
    }
    lines.extend(profile.external_refs.iter().map(|one| format!("{} {}", one.system, one.id)));
    lines
}

fn ticket_lines(tickets: &[PartyTicket], zone: &TimeZone) -> String {
    let mut lines = table(["Ticket", "Received", "Type", "Channel", "Closed"]);
    for ticket in tickets {
        lines.add_row([
            ticket.number.clone(),
            time(ticket.received_at.as_ref(), zone),
            words(ticket.r#type().as_str_name(), "TICKET_TYPE_"),
            words(ticket.channel().as_str_name(), "CHANNEL_"),
            time(ticket.close_time.as_ref(), zone),
        ]);
    }
    lines.to_string()
}

fn listed(contacts: &[ContactSummary], zone: &TimeZone) -> String {
    let mut lines = table(["Contact", "Started", "Channel", "State", "Outcome", "Agent", "Note"]);
    for contact in contacts {
        lines.add_row([
            contact.contact_id.clone(),
            time(contact.start_time.as_ref(), zone),
            words(contact.channel().as_str_name(), "CONTACT_CHANNEL_"),
            words(contact.state().as_str_name(), "CONTACT_STATE_"),
            match contact.outcome {
                0 => "-".to_owned(),
                _ => words(contact.outcome().as_str_name(), "CONTACT_OUTCOME_"),
            },
            or_dash(&contact.agent_id),
            if contact.has_note { "yes" } else { "" }.to_owned(),
        ]);
    }
    lines.to_string()
}
