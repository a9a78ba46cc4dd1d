//! Converts requests that link, merge or split tickets, or link parties to them.
use chassis::fields::Fields;
use domain::identity::Identification;
use domain::ids::{MessageId, PartyId, Personal, TicketId};
use domain::ticket::{Command, Link, LinkKind, PartyRole, Split};
use tonic::Status;
use uuid::Uuid;
use wire::intake::v1;

use super::{Converted, SUBJECT_CHARS};
use crate::call::{Call, Target};
use crate::rules::{optional, required, ticket_type};

/// Most messages that one request splits off.
const SPLIT_MESSAGES: usize = 200;

/// The ticket, and the one it is merged into.
pub(crate) fn merge(
    call: &Call,
    message: &v1::MergeTicketRequest,
) -> Result<(Target, Uuid), Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let into = other(&mut fields, "target_ticket_id", &message.target_ticket_id, &target);
    fields.finish()?;
    Ok((target, into))
}

pub(crate) fn split(call: &Call, message: &v1::SplitTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let given = &message.message_ids;
    if !(1..=SPLIT_MESSAGES).contains(&given.len()) {
        let rule = format!("must be 1 to {SPLIT_MESSAGES}, are {}", given.len());
        fields.refuse("message_ids", rule);
    }
    let mut messages = Vec::new();
    for (place, id) in given.iter().enumerate().take(SPLIT_MESSAGES) {
        let field = format!("message_ids[{place}]");
        let id = MessageId(fields.uuid(&field, id));
        if messages.contains(&id) {
            fields.refuse(&field, "must not be given twice");
        }
        messages.push(id);
    }
    let split = Split {
        child: target.source.ticket(),
        messages,
        kind: ticket_type(&mut fields, "type", message.r#type),
        subject: Personal(fields.line("subject", &message.subject, 1..=SUBJECT_CHARS)),
    };
    fields.finish()?;
    Ok((target, Command::Split(split)))
}

pub(crate) fn mark_spam(call: &Call, message: &v1::MarkSpamRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    fields.finish()?;
    Ok((target, Command::MarkSpam { now: call.now }))
}

pub(crate) fn unmark_spam(call: &Call, message: &v1::UnmarkSpamRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    fields.finish()?;
    Ok((target, Command::UnmarkSpam { now: call.now }))
}

/// The ticket, and the link that it is to get.
pub(crate) fn link(call: &Call, message: &v1::LinkTicketRequest) -> Result<(Target, Link), Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let link = given_link(&mut fields, &message.other_ticket_id, message.link, &target);
    fields.finish()?;
    Ok((target, link))
}

pub(crate) fn unlink(call: &Call, message: &v1::UnlinkTicketRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let link = given_link(&mut fields, &message.other_ticket_id, message.link, &target);
    fields.finish()?;
    Ok((target, Command::Unlink(link)))
}

pub(crate) fn link_party(call: &Call, message: &v1::LinkPartyRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let party_id = PartyId(fields.uuid("party_id", &message.party_id));
    let role = required::<v1::PartyRole, _>(&mut fields, "role", message.role, PartyRole::Cc);
    let identification =
        optional::<v1::Identification, _>(&mut fields, "identification", message.identification)
            .unwrap_or(Identification::None);
    fields.finish()?;
    Ok((target, Command::LinkParty { party_id, role, identification }))
}

/// A link as it is made or taken away on the ticket that it was made on.
fn given_link(fields: &mut Fields, id: &str, kind: i32, target: &Target) -> Link {
    let kind = required::<v1::LinkKind, _>(fields, "link", kind, LinkKind::Related);
    match kind {
        LinkKind::Related | LinkKind::ChildOf | LinkKind::FollowUpOf | LinkKind::CausedBy => {}
        LinkKind::ParentOf | LinkKind::FollowedUpBy | LinkKind::CauseOf => {
            let rule = "must be RELATED, CHILD_OF, FOLLOW_UP_OF or CAUSED_BY; the other side \
                        of a link is changed on the other ticket";
            fields.refuse("link", rule);
        }
    }
    Link { kind, other: TicketId(other(fields, "other_ticket_id", id, target)) }
}

/// Id of another ticket than the one that is changed.
fn other(fields: &mut Fields, field: &str, id: &str, target: &Target) -> Uuid {
    let id = fields.uuid(field, id);
    if !id.is_nil() && id == target.id {
        fields.refuse(field, "must be another ticket");
    }
    id
}
