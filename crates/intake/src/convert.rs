//! Request messages become commands; every bad field is named.
pub(crate) mod contact;
pub(crate) mod party;

use chassis::fields::Fields;
use chassis::rpc::Role;
use domain::ids::{AgentId, PartyId, Personal};
use domain::priority::{Channel, Impact, Level, Urgency};
use domain::ticket::{
    AuthorKind, Authority, ClassificationSource, Classified, Command, HoldForCustomer,
    HoldForThirdParty, HoldKind, NewMessage, Origin, PriorityCause, Register, Registered,
    Requester, Resolve, Resolved, SetPriority, UnholdTrigger,
};
use jiff::Timestamp;
use tonic::Status;
use wire::intake::v1;

use crate::call::{Call, Target};
use crate::config::Config;
use crate::identity;
use crate::rules::{
    category, channel, code, impact, instant, opaque_id, optional, required, tags, ticket_type,
    unused, urgency,
};

/// The taxonomy that category codes belong to.
const TAXONOMY_VERSION: u32 = 1;
pub(crate) const SUBJECT_CHARS: usize = 300;
const BODY_CHARS: usize = 100_000;
const REASON_CHARS: usize = 500;
const SUMMARY_CHARS: usize = 10_000;

type Converted = Result<(Target, Command), Status>;

pub(crate) fn register(
    call: &Call,
    message: &v1::RegisterTicketRequest,
    config: &Config,
) -> Converted {
    let mut fields = Fields::new();
    let target = call.creation(&mut fields, message, &message.request_id);
    let kind = ticket_type(&mut fields, "type", message.r#type);
    let channel = channel(&mut fields, "channel", message.channel);
    let subject = fields.line("subject", &message.subject, 1..=SUBJECT_CHARS);
    let body = fields.text("body", &message.body, 0..=BODY_CHARS);
    let requester = message.requester.as_ref().map(|requester| {
        fields.within("requester", |fields| read_requester(fields, requester, &target))
    });
    let language = match message.language.as_str() {
        "" => "pl",
        language @ ("pl" | "en") => language,
        _ => {
            fields.refuse("language", "must be \"pl\" or \"en\"");
            ""
        }
    };
    let received_at = received_at(&mut fields, call, message.received_at.as_ref(), config);
    let category_code = category(&mut fields, &message.category_code);
    let tags = tags(&mut fields, &message.tags);
    let impact = optional::<v1::Impact, _>(&mut fields, "impact", message.impact);
    let urgency = optional::<v1::Urgency, _>(&mut fields, "urgency", message.urgency);
    fields.finish()?;

    let received_at = received_at?;
    let classified = (!category_code.is_empty() || !tags.is_empty()).then(|| Classified {
        kind,
        category_code,
        taxonomy_version: TAXONOMY_VERSION,
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
    };
    let command = Command::Register(Register {
        registered,
        classified,
        impact: impact.unwrap_or(Impact(Level::Low)),
        urgency: urgency.unwrap_or(Urgency(Level::Medium)),
    });
    Ok((target, command))
}

pub(crate) fn add_message(call: &Call, message: &v1::AddMessageRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let direction = fields.enum_value("direction", message.direction);
    if direction == Some(v1::MessageDirection::Outbound) {
        fields.refuse("direction", "must be INBOUND or INTERNAL; SendReply writes to the customer");
    }
    let channel = channel(&mut fields, "channel", message.channel);
    let body = fields.text("body", &message.body, 1..=BODY_CHARS);
    fields.finish()?;
    let internal = direction == Some(v1::MessageDirection::Internal);
    let mut new = new_message(call, &target, channel, body);
    if internal {
        return Ok((target, Command::AddNote(new)));
    }
    // Whoever brings it along, the message is the customer's.
    new.author_kind = AuthorKind::Human;
    Ok((target, Command::AddInboundMessage(new)))
}

pub(crate) fn send_reply(call: &Call, message: &v1::SendReplyRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let channel = channel(&mut fields, "channel", message.channel);
    let body = fields.text("body", &message.body, 1..=BODY_CHARS);
    fields.finish()?;
    let message = new_message(call, &target, channel, body);
    Ok((target, Command::SendReply { message, agent_id: agent(call) }))
}

pub(crate) fn start_work(call: &Call, message: &v1::StartWorkRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    fields.finish()?;
    Ok((target, Command::StartWork { agent_id: agent(call) }))
}

pub(crate) fn hold(call: &Call, message: &v1::HoldTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let kind = required::<v1::HoldKind, _>(&mut fields, "kind", message.kind, HoldKind::Customer);
    let reason = fields.line("reason", &message.reason, 0..=REASON_CHARS);
    let hold_id = target.source.hold();
    let command = match kind {
        HoldKind::Customer => {
            let body = fields.text("question", &message.question, 1..=BODY_CHARS);
            let channel = channel(&mut fields, "channel", message.channel);
            unused(&mut fields, "vendor_id", message.vendor_id.is_empty());
            unused(&mut fields, "expected_by", message.expected_by.is_none());
            let question = new_message(call, &target, channel, body);
            let identity_doubt = message.identity_doubt;
            Command::HoldForCustomer(HoldForCustomer { hold_id, reason, question, identity_doubt })
        }
        HoldKind::ThirdParty => {
            let vendor_id = opaque_id(&mut fields, "vendor_id", &message.vendor_id);
            let expected_by = instant(&mut fields, "expected_by", message.expected_by.as_ref());
            unused(&mut fields, "question", message.question.is_empty());
            unused(&mut fields, "identity_doubt", !message.identity_doubt);
            let now = call.now;
            Command::HoldForThirdParty(HoldForThirdParty {
                hold_id,
                reason,
                vendor_id,
                expected_by,
                now,
            })
        }
    };
    fields.finish()?;
    Ok((target, command))
}

pub(crate) fn unhold(call: &Call, message: &v1::UnholdTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let trigger = optional::<v1::UnholdTrigger, _>(&mut fields, "trigger", message.trigger)
        .unwrap_or(UnholdTrigger::Manual);
    if !matches!(trigger, UnholdTrigger::Manual | UnholdTrigger::VendorReply) {
        fields.refuse("trigger", "must be MANUAL or VENDOR_REPLY");
    }
    fields.finish()?;
    Ok((target, Command::Unhold { trigger }))
}

pub(crate) fn resolve(call: &Call, message: &v1::ResolveTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let resolution_code = code(&mut fields, "resolution_code", &message.resolution_code);
    let root_cause_code = (!message.root_cause_code.is_empty())
        .then(|| code(&mut fields, "root_cause_code", &message.root_cause_code));
    let summary = fields.text("summary", &message.summary, 1..=SUMMARY_CHARS);
    fields.finish()?;
    let summary = Some(Personal(summary));
    let resolved = Resolved { resolution_code, root_cause_code, summary };
    Ok((target, Command::Resolve(Resolve { resolved })))
}

pub(crate) fn confirm(call: &Call, message: &v1::ConfirmResolutionRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    fields.finish()?;
    Ok((target, Command::ConfirmResolution))
}

pub(crate) fn reopen(call: &Call, message: &v1::ReopenTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let reason = fields.line("reason", &message.reason, 1..=REASON_CHARS);
    fields.finish()?;
    let command = match call.role() {
        Role::Customer => Command::RejectResolution { reason },
        _ => Command::Reopen { reason },
    };
    Ok((target, command))
}

pub(crate) fn classify(call: &Call, message: &v1::ClassifyTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let classified = Classified {
        kind: ticket_type(&mut fields, "type", message.r#type),
        category_code: category(&mut fields, &message.category_code),
        taxonomy_version: TAXONOMY_VERSION,
        tags: tags(&mut fields, &message.tags),
        source: classification_source(call.role()),
        reason: fields.line("reason", &message.reason, 0..=REASON_CHARS),
    };
    fields.finish()?;
    Ok((target, Command::Classify(classified)))
}

pub(crate) fn set_priority(call: &Call, message: &v1::SetPriorityRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let fallback = PriorityCause::Override;
    let cause = required::<v1::PriorityCause, _>(&mut fields, "cause", message.cause, fallback);
    if cause == PriorityCause::Initial {
        fields.refuse("cause", "must not be INITIAL, which is said at registration");
    }
    let set = SetPriority {
        impact: impact(&mut fields, "impact", message.impact),
        urgency: urgency(&mut fields, "urgency", message.urgency),
        cause,
        reason: fields.line("reason", &message.reason, 1..=REASON_CHARS),
        authority: match call.role() {
            Role::Lead | Role::ProcessOwner | Role::System => Authority::Lead,
            _ => Authority::Agent,
        },
    };
    fields.finish()?;
    Ok((target, Command::SetPriority(set)))
}

fn read_requester(fields: &mut Fields, requester: &v1::Requester, target: &Target) -> Requester {
    let name = fields.line("name", &requester.name, 1..=200);
    let email = (!requester.email.is_empty()).then(|| fields.email("email", &requester.email));
    let party = fields.optional_uuid("party_id", &requester.party_id);
    Requester {
        party_id: party.map_or_else(|| target.source.party(), PartyId),
        name: Some(Personal(name)),
        email: email.map(Personal),
    }
}

/// When the ticket was received: now, or what the caller says if that is believable.
/// The outer violations are the fields'; the inner error is a lack of permission.
fn received_at(
    fields: &mut Fields,
    call: &Call,
    said: Option<&prost_types::Timestamp>,
    config: &Config,
) -> Result<Timestamp, Status> {
    let Some(said) = said else { return Ok(call.now) };
    let received_at = fields.timestamp("received_at", said.seconds, said.nanos);
    not_in_the_future(fields, "received_at", received_at, call, config);
    let trusted = [Role::Lead, Role::Integrator, Role::System];
    if received_at < call.now - config.backdating_limit {
        call.context.require_role("ticket.backdate", &trusted)?;
    }
    Ok(received_at)
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
    }
}

fn agent(call: &Call) -> AgentId {
    AgentId(call.context.actor.id.clone())
}

fn classification_source(role: Role) -> ClassificationSource {
    match role {
        Role::Integrator | Role::System => ClassificationSource::Rule,
        _ => ClassificationSource::Agent,
    }
}
