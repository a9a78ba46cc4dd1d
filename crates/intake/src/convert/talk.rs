//! Converts requests that add a message or make a promise.
use chassis::fields::Fields;
use domain::backdating::Backdating;
use domain::ids::{ContactId, Personal, TicketId};
use domain::personal_data::Known;
use domain::ticket::{
    AuthorKind, Command, Facts, Link, LinkKind, MessagePurpose, NewMessage, NewPromise, Origin,
    PromiseKind, Register, Registered, Requester, SendReply, SendUpdate, UpdateKind,
};
use eventlog::sealing::ERASED;
use wire::intake::v1;

use super::{
    BODY_CHARS, Converted, IMPACT, URGENCY, agent, letters_over, new_message, speaks_polish,
};
use crate::call::{Call, Target};
use crate::identity;
use crate::rules::{ahead, channel, optional, required};

/// A note, or a message of the customer.
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
    let internal = direction == Some(v1::MessageDirection::Internal);
    let evidence = match message.purpose() {
        v1::MessagePurpose::Evidence if internal => true,
        v1::MessagePurpose::Note if internal => false,
        v1::MessagePurpose::Unspecified => false,
        _ => {
            fields.refuse("purpose", "may be NOTE or EVIDENCE, and only with direction INTERNAL");
            false
        }
    };
    if internal && message.public_venue {
        fields.refuse("public_venue", "is not allowed with direction INTERNAL");
    }
    let contact_id = fields.optional_uuid("contact_id", &message.contact_id).map(ContactId);
    if !internal && contact_id.is_some() {
        fields.refuse("contact_id", "is allowed only with direction INTERNAL");
    }
    fields.finish()?;
    let public_venue = message.public_venue;
    let new = new_message(call, &target, channel, body);
    let mut new = NewMessage { public_venue, contact_id, ..new };
    if internal {
        let note = if evidence { Command::AddEvidence(new) } else { Command::AddNote(new) };
        return Ok((target, note));
    }
    // The message is the customer's, whichever caller brings it.
    new.author_kind = AuthorKind::Human;
    let follow_up = target.source.ticket();
    Ok((target, Command::AddInboundMessage { message: new, follow_up }))
}

/// The ticket that takes a message in place of a closed one: of the same party and about the same
/// subject. Its urgency has to be assessed again.
pub(crate) fn follow_up(
    call: &Call,
    (closed, facts): (TicketId, &Facts),
    (ticket_id, message): (TicketId, NewMessage),
) -> Command {
    let registered = Registered {
        ticket_id,
        number: identity::number(&call.tenant.name, ticket_id),
        kind: facts.kind,
        channel: message.channel,
        received_at: message.written_at,
        requester: facts.requester.clone().map(|known| Requester {
            name: known.name.filter(is_known),
            email: known.email.filter(is_known),
            ..known
        }),
        subject: facts.registered.subject.clone(),
        body: message.body,
        language: facts.registered.language.clone(),
        origin: Origin::FollowUp,
        external_number: None,
        parent: Some(closed),
        about: facts.registered.about.clone(),
        public_venue: message.public_venue,
        dedupe_key: None,
        backdate_reason: None,
    };
    Command::Register(Register {
        registered,
        classified: None,
        impact: IMPACT,
        urgency: URGENCY,
        link: Some(Link { kind: LinkKind::FollowUpOf, other: closed }),
        messages: Vec::new(),
        identification: facts.requester_identification(),
        complaint: None,
        backdating: Backdating::None,
    })
}

/// What was erased is not carried on as if it were a name.
fn is_known(text: &Personal) -> bool {
    text.0 != ERASED
}

pub(crate) fn reply(
    call: &Call,
    message: &v1::SendReplyRequest,
    promise_required: bool,
) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let channel = channel(&mut fields, "channel", message.channel);
    let body = fields.text("body", &message.body, 1..=BODY_CHARS);
    let promise = message.promise.as_ref().map(|promise| {
        fields.within("promise", |fields| {
            new_promise(fields, call, &target, promise.kind, promise.due_at.as_ref())
        })
    });
    fields.finish()?;
    let public_venue = message.public_venue;
    let message = NewMessage { public_venue, ..new_message(call, &target, channel, body) };
    let (agent_id, known) = (agent(call), Known::default());
    let reply = SendReply { message, agent_id, promise, promise_required, known };
    Ok((target, Command::SendReply(reply)))
}

pub(crate) fn update(call: &Call, message: &v1::SendUpdateRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let purpose = optional::<v1::MessagePurpose, _>(&mut fields, "purpose", message.purpose);
    let kind = match purpose {
        None | Some(MessagePurpose::Update) => UpdateKind::Update,
        Some(MessagePurpose::Broadcast) => UpdateKind::Broadcast,
        Some(MessagePurpose::Decision) => UpdateKind::Decision,
        Some(
            MessagePurpose::Reply
            | MessagePurpose::Question
            | MessagePurpose::Note
            | MessagePurpose::Evidence
            | MessagePurpose::Task
            | MessagePurpose::Handover,
        ) => {
            fields.refuse("purpose", "must be UPDATE, BROADCAST or DECISION");
            UpdateKind::Update
        }
    };
    let channel = channel(&mut fields, "channel", message.channel);
    let body = fields.text("body", &message.body, 1..=BODY_CHARS);
    fields.finish()?;
    let public_venue = message.public_venue;
    let message = NewMessage { public_venue, ..new_message(call, &target, channel, body) };
    Ok((target, Command::SendUpdate(SendUpdate { message, kind, known: Known::default() })))
}

pub(crate) fn promise(call: &Call, message: &v1::MakePromiseRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let promise = new_promise(&mut fields, call, &target, message.kind, message.due_at.as_ref());
    fields.finish()?;
    let customer_visible = !message.internal;
    Ok((target, Command::MakePromise(NewPromise { customer_visible, ..promise })))
}

pub(crate) fn withdraw(call: &Call, message: &v1::WithdrawTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let channel = channel(&mut fields, "channel", message.channel);
    let said = fields.text("statement", &message.statement, 1..=BODY_CHARS);
    let confirmation = fields.text("confirmation", &message.confirmation, 0..=BODY_CHARS);
    fields.finish()?;
    let mut statement = new_message(call, &target, channel, said);
    statement.author_kind = AuthorKind::Human;
    let confirmation = NewMessage {
        message_id: target.source.confirmation(),
        // A letter, wherever the customer said it.
        channel: letters_over(channel),
        author_kind: AuthorKind::System,
        body: Personal(confirmation),
        ..statement.clone()
    };
    Ok((target, Command::Withdraw { statement, confirmation }))
}

/// What a customer is told whose complaint was taken back.
pub(crate) fn taken_back(language: &str) -> &'static str {
    match speaks_polish(language) {
        true => {
            "przyjęliśmy wycofanie reklamacji i zamknęliśmy sprawę. Reklamację można złożyć \
             ponownie w każdej chwili."
        }
        false => {
            "you have withdrawn your complaint, so we have closed the matter. You may complain \
             again at any time."
        }
    }
}

/// A promise that the customer knows of.
fn new_promise(
    fields: &mut Fields,
    call: &Call,
    target: &Target,
    kind: i32,
    due_at: Option<&prost_types::Timestamp>,
) -> NewPromise {
    NewPromise {
        promise_id: target.source.promise(),
        kind: required::<v1::PromiseKind, _>(fields, "kind", kind, PromiseKind::NextUpdate),
        // Whether that is in the future is asked once, when the promise is made.
        due_at: ahead(fields, "due_at", due_at, call.now),
        customer_visible: true,
        now: call.now,
    }
}
