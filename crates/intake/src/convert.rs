//! Converts request messages to commands; every invalid field is named.
pub(crate) mod complaint;
pub(crate) mod contact;
pub(crate) mod inbound;
mod join;
pub(crate) mod party;
pub(crate) mod request;
mod talk;
mod work;

pub(crate) use join::{link, link_party, mark_spam, merge, split, unlink, unmark_spam};
pub(crate) use talk::{add_message, follow_up, promise, reply, taken_back, update, withdraw};
pub(crate) use work::{classify, confirm, hold, reopen, resolve, set_priority, start_work, unhold};

use chassis::fields::Fields;
use domain::backdating::Backdating;
use domain::identity::Identification;
use domain::ids::{AgentId, PartyId, Personal};
use domain::priority::{Channel, Impact, Level, Urgency};
use domain::role::Role;
use domain::ticket::{
    AuthorKind, ClassificationSource, Classified, Command, NewMessage, Origin, Permission,
    Register, Registered, Requester, TicketType,
};
use jiff::Timestamp;
use tonic::Status;
use wire::intake::v1;

use self::complaint::{Opening, opening};
use crate::call::{Call, Target};
use crate::config::Config;
use crate::identity;
use crate::rules::{about, category, channel, optional, tags, ticket_type};

/// Until the code has been checked against a version, or if the tenant has none.
const NO_TAXONOMY: u32 = 0;
pub(crate) const SUBJECT_CHARS: usize = 300;
const BODY_CHARS: usize = 100_000;
const REASON_CHARS: usize = 500;
const DEDUPE_KEY_CHARS: usize = 200;
const BACKDATE_REASON_CHARS: usize = 500;
const SUMMARY_CHARS: usize = 10_000;
/// The impact of a ticket for which none is given.
pub(crate) const IMPACT: Impact = Impact(Level::Low);
/// The urgency of a ticket for which none is given.
pub(crate) const URGENCY: Urgency = Urgency(Level::Medium);

type Converted = Result<(Target, Command), Status>;

/// The ticket, and what is told of the complaint that it is.
pub(crate) fn register(
    call: &Call,
    message: &v1::RegisterTicketRequest,
    config: &Config,
) -> Result<((Target, Command), Option<Opening>), Status> {
    let mut fields = Fields::new();
    let target = call.creation(&mut fields, message, &message.request_id);
    let kind = ticket_type(&mut fields, "type", message.r#type);
    let channel = channel(&mut fields, "channel", message.channel);
    let subject = fields.line("subject", &message.subject, 1..=SUBJECT_CHARS);
    let body = fields.text("body", &message.body, 0..=BODY_CHARS);
    let requester = message.requester.as_ref().map(|requester| {
        fields.within("requester", |fields| read_requester(fields, requester, &target))
    });
    let language = language(&mut fields, &message.language);
    let said = (message.received_at.as_ref(), &*message.backdate_reason);
    let (received_at, backdating) = received_at(&mut fields, call, said, config);
    let category_code = category(&mut fields, &message.category_code);
    let tags = tags(&mut fields, &message.tags);
    assessed_by_staff(call, message)?;
    let impact = optional::<v1::Impact, _>(&mut fields, "impact", message.impact);
    let urgency = optional::<v1::Urgency, _>(&mut fields, "urgency", message.urgency);
    let about = about(&mut fields, "about", &message.about);
    let dedupe_key = fields.line("dedupe_key", &message.dedupe_key, 0..=DEDUPE_KEY_CHARS);
    if !dedupe_key.is_empty() && kind == TicketType::Complaint {
        fields.refuse("dedupe_key", "has no meaning if the type is TICKET_TYPE_COMPLAINT");
    }
    let opening = message.complaint.as_ref().map(|told| {
        if kind != TicketType::Complaint {
            fields.refuse("complaint", "has no meaning unless the type is TICKET_TYPE_COMPLAINT");
        }
        let source = (target.source, Some(received_at));
        fields.within("complaint", |fields| opening(fields, call, told, source, config))
    });
    fields.finish()?;

    let classified = (!category_code.is_empty() || !tags.is_empty()).then(|| Classified {
        kind,
        category_code,
        taxonomy_version: NO_TAXONOMY,
        tags,
        source: classification_source(call.role()),
        reason: String::new(),
    });
    let ticket_id = target.source.ticket();
    let monitoring = channel == Channel::Monitoring;
    let registered = Registered {
        ticket_id,
        number: identity::number(&call.tenant.name, ticket_id),
        kind,
        channel,
        received_at,
        requester,
        subject: Personal(subject),
        body: Personal(body),
        language: language.to_owned(),
        origin: if monitoring { Origin::Monitoring } else { Origin::New },
        external_number: None,
        parent: None,
        about,
        public_venue: message.public_venue,
        dedupe_key: (!dedupe_key.is_empty()).then_some(dedupe_key),
        backdate_reason: None,
    };
    let command = Command::Register(Register {
        registered,
        classified: classified.map(Box::new),
        impact: impact.unwrap_or(IMPACT),
        urgency: urgency.unwrap_or(URGENCY),
        link: None,
        messages: Vec::new(),
        identification: registrant(call, message),
        complaint: None,
        backdating,
    });
    Ok(((target, command), opening))
}

/// How surely the requester is identified: a customer who registers as a party is verified.
fn registrant(call: &Call, message: &v1::RegisterTicketRequest) -> Identification {
    let named = message.requester.as_ref().is_some_and(|asks| !asks.party_id.is_empty());
    match call.role() {
        Role::Customer if named => Identification::Verified,
        _ => Identification::None,
    }
}

/// The organisation decides the urgency of a ticket and its tags; what a customer says about it
/// belongs into the message.
fn assessed_by_staff(call: &Call, message: &v1::RegisterTicketRequest) -> Result<(), Status> {
    if message.impact != 0 || message.urgency != 0 {
        call.require(Permission::Priority)?;
    }
    if !message.tags.is_empty() {
        call.require(Permission::Classify)?;
    }
    Ok(())
}

/// Language of the requester.
fn language(fields: &mut Fields, said: &str) -> &'static str {
    match said {
        "" | "pl" => "pl",
        "en" => "en",
        _ => {
            fields.refuse("language", "must be \"pl\" or \"en\"");
            ""
        }
    }
}

/// Whether somebody of that language (BCP 47) is written to in Polish. Notification writes in
/// English for all other languages.
pub(crate) fn speaks_polish(language: &str) -> bool {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    primary.is_empty() || primary.eq_ignore_ascii_case("pl")
}

fn read_requester(fields: &mut Fields, requester: &v1::Requester, target: &Target) -> Requester {
    let name = fields.line("name", &requester.name, 1..=200);
    let email = (!requester.email.is_empty()).then(|| fields.email("email", &requester.email));
    let party = fields.optional_uuid("party_id", &requester.party_id);
    Requester {
        party_id: party.map_or_else(|| target.source.party(), PartyId),
        name: Some(Personal(name)),
        email: email.map(Personal),
        segment: String::new(),
        has_profile_email: false,
    }
}

/// When something was received.
fn received_at(
    fields: &mut Fields,
    call: &Call,
    said: (Option<&prost_types::Timestamp>, &str),
    config: &Config,
) -> (Timestamp, Backdating) {
    told_at(fields, "received_at", call, said, config)
}

/// When something was: now, or what the caller says; and whether the caller may say that it was
/// so long ago, and why. That is for the command to refuse, for a request that is repeated later
/// has grown no older: it has its first answer. Machines take over what has its time; a person
/// explains it.
fn told_at(
    fields: &mut Fields,
    field: &str,
    call: &Call,
    (said, reason): (Option<&prost_types::Timestamp>, &str),
    config: &Config,
) -> (Timestamp, Backdating) {
    let reason = fields.line("backdate_reason", reason, 0..=BACKDATE_REASON_CHARS);
    let Some(said) = said else { return (call.now, Backdating::None) };
    let at = fields.timestamp(field, said.seconds, said.nanos);
    not_in_the_future(fields, field, at, call, config);
    let by_machine = matches!(call.role(), Role::Integrator | Role::System);
    let backdating = if at >= call.now - config.backdating_limit {
        Backdating::None
    } else if call.require(Permission::Backdate).is_err() {
        Backdating::Denied
    } else if !reason.is_empty() {
        Backdating::Because(reason)
    } else if by_machine {
        Backdating::None
    } else {
        Backdating::Unexplained
    };
    (at, backdating)
}

pub(crate) fn not_in_the_future(
    fields: &mut Fields,
    field: &str,
    instant: Timestamp,
    call: &Call,
    config: &Config,
) {
    if instant > call.now + config.clock_tolerance {
        fields.refuse(field, "must not be in the future");
    }
}

/// What colleagues read of an alert that was raised again.
pub(crate) fn repeated_alert(call: &Call, target: &Target, again: &Registered) -> NewMessage {
    let mut body = format!("Ten sam alarm ponownie / The same alert again: {}", again.subject.0);
    if !again.body.0.is_empty() {
        body = format!("{body}\n\n{}", again.body.0);
    }
    NewMessage { written_at: again.received_at, ..new_message(call, target, again.channel, body) }
}

fn new_message(call: &Call, target: &Target, channel: Channel, body: String) -> NewMessage {
    let author_kind = match call.role() {
        Role::System | Role::Integrator => AuthorKind::System,
        _ => AuthorKind::Human,
    };
    NewMessage {
        message_id: target.source.message(),
        channel,
        author_kind,
        body: Personal(body),
        written_at: call.now,
        public_venue: false,
        contact_id: None,
    }
}

/// Over which channel a letter reaches somebody who wrote over that one: what is said while a
/// conversation lasts, or in public, is no place for it.
pub(crate) fn letters_over(channel: Channel) -> Channel {
    match channel {
        Channel::Portal | Channel::Letter | Channel::Form | Channel::Email => channel,
        Channel::Chat
        | Channel::Voice
        | Channel::Sms
        | Channel::Social
        | Channel::Monitoring
        | Channel::Api
        | Channel::Webhook => Channel::Email,
    }
}

fn agent(call: &Call) -> AgentId {
    AgentId(call.context.actor.id.clone())
}

fn classification_source(role: Role) -> ClassificationSource {
    match role {
        Role::Integrator | Role::System => ClassificationSource::Rule,
        Role::Customer => ClassificationSource::Customer,
        _ => ClassificationSource::Agent,
    }
}
