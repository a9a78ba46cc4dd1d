//! Converts requests of staff who work on a ticket.
use chassis::fields::Fields;
use domain::ids::Personal;
use domain::personal_data::Known;
use domain::priority::Channel;
use domain::role::Role;
use domain::ticket::{
    Authority, Classified, Command, HoldForCustomer, HoldForThirdParty, HoldKind, NewMessage,
    Permission, PriorityCause, Resolve, Resolved, SetPriority, UnholdTrigger,
};
use tonic::Status;
use wire::common::v1 as common;
use wire::intake::v1;

use super::{
    BODY_CHARS, Converted, NO_TAXONOMY, REASON_CHARS, SUMMARY_CHARS, agent, classification_source,
    new_message,
};
use crate::call::{Call, Target};
use crate::rules::{
    ahead, category, channel, code, impact, opaque_id, optional, required, tags, ticket_type,
    unused, urgency,
};

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
            let public_venue = message.public_venue;
            let question = NewMessage { public_venue, ..new_message(call, &target, channel, body) };
            let (identity_doubt, known) = (message.identity_doubt, Known::default());
            Command::HoldForCustomer(HoldForCustomer {
                hold_id,
                reason,
                question,
                identity_doubt,
                known,
            })
        }
        HoldKind::ThirdParty => {
            let vendor_id = opaque_id(&mut fields, "vendor_id", &message.vendor_id);
            let expected_by = message.expected_by.as_ref();
            let expected_by = ahead(&mut fields, "expected_by", expected_by, call.now);
            unused(&mut fields, "question", message.question.is_empty());
            unused(&mut fields, "identity_doubt", !message.identity_doubt);
            unused(&mut fields, "public_venue", !message.public_venue);
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
    let resolved = Resolved { resolution_code, root_cause_code, summary, cascaded_from: None };
    Ok((target, Command::Resolve(Resolve { resolved })))
}

pub(crate) fn confirm(
    call: &Call,
    message: &v1::ConfirmResolutionRequest,
) -> Result<Target, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    fields.finish()?;
    Ok(target)
}

pub(crate) fn reopen(call: &Call, message: &v1::ReopenTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let command = match call.role() {
        Role::Customer => {
            // The customer's own words are a message: sealed, and in the thread.
            let body = fields.text("reason", &message.reason, 1..=BODY_CHARS);
            let channel = optional::<common::Channel, _>(&mut fields, "channel", message.channel);
            let channel = channel.unwrap_or(Channel::Portal);
            let statement = new_message(call, &target, channel, body);
            Command::RejectResolution { statement }
        }
        _ => {
            unused(&mut fields, "channel", message.channel == 0);
            let reason = fields.line("reason", &message.reason, 1..=REASON_CHARS);
            Command::Reopen { reason }
        }
    };
    fields.finish()?;
    Ok((target, command))
}

pub(crate) fn classify(call: &Call, message: &v1::ClassifyTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let classified = Classified {
        kind: ticket_type(&mut fields, "type", message.r#type),
        category_code: category(&mut fields, &message.category_code),
        taxonomy_version: NO_TAXONOMY,
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
        authority: match Permission::LowerP1.is_of(call.role()) {
            true => Authority::Lead,
            false => Authority::Agent,
        },
    };
    fields.finish()?;
    Ok((target, Command::SetPriority(set)))
}
