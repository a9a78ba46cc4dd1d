//! Events of ends, extensions, promises, parties and links, in both directions.
use domain::complaint::Extended;
use domain::ids::{AgentId, ContactId, MessageId, PartyId, PromiseId, TicketId};
use domain::ticket::{Closed, ContactNoted, Link, PartyLinked, PromiseMade, SplitOff};
use prost::Message;

use crate::DecodeError;
use crate::intake::v1;
use crate::scalar::{date, instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::words::{known, personal, sealed};

pub(super) fn write_closed(event: &Closed) -> Vec<u8> {
    v1::TicketClosed {
        reason: v1::CloseReason::from(event.reason).into(),
        merged_into: event.merged_into.map(|id| id.0.to_string()).unwrap_or_default(),
        reopen_until: event.reopen_until.map(timestamp),
    }
    .encode_to_vec()
}

pub(super) fn read_closed(bytes: &[u8]) -> Result<Closed, DecodeError> {
    let message = v1::TicketClosed::decode(bytes)?;
    Ok(Closed {
        reason: known::<v1::CloseReason, _>(message.reason, "reason")?,
        merged_into: uuid_opt(&message.merged_into, "merged_into")?.map(TicketId),
        reopen_until: instant_opt(message.reopen_until.as_ref(), "reopen_until")?,
    })
}

pub(super) fn write_promise_made(event: &PromiseMade) -> Vec<u8> {
    v1::PromiseMade {
        promise_id: event.promise_id.0.to_string(),
        kind: v1::PromiseKind::from(event.kind).into(),
        due_at: Some(timestamp(event.due_at)),
        customer_visible: event.customer_visible,
        replaces_promise_id: event.replaces.map(|id| id.0.to_string()).unwrap_or_default(),
    }
    .encode_to_vec()
}

pub(super) fn read_promise_made(bytes: &[u8]) -> Result<PromiseMade, DecodeError> {
    let message = v1::PromiseMade::decode(bytes)?;
    let replaces = uuid_opt(&message.replaces_promise_id, "replaces_promise_id")?;
    Ok(PromiseMade {
        promise_id: PromiseId(uuid(&message.promise_id, "promise_id")?),
        kind: known::<v1::PromiseKind, _>(message.kind, "kind")?,
        due_at: instant(message.due_at.as_ref(), "due_at")?,
        customer_visible: message.customer_visible,
        replaces: replaces.map(PromiseId),
    })
}

pub(super) fn write_request_extended(event: &Extended) -> Vec<u8> {
    v1::DataSubjectRequestExtended {
        new_last_day: event.new_last_day.to_string(),
        reason: event.reason.clone(),
        circumstances: event.circumstances.clone(),
        notice_message_id: event.notice_message_id.0.to_string(),
    }
    .encode_to_vec()
}

pub(super) fn read_request_extended(bytes: &[u8]) -> Result<Extended, DecodeError> {
    let message = v1::DataSubjectRequestExtended::decode(bytes)?;
    Ok(Extended {
        new_last_day: date(&message.new_last_day, "new_last_day")?,
        reason: message.reason,
        circumstances: message.circumstances,
        notice_message_id: MessageId(uuid(&message.notice_message_id, "notice_message_id")?),
    })
}

pub(super) fn write_contact_noted(event: &ContactNoted) -> Vec<u8> {
    v1::ContactNoted {
        contact_id: event.contact_id.0.to_string(),
        outbound: event.outbound,
        agent_id: event.agent_id.0.clone(),
        answered_at: Some(timestamp(event.answered_at)),
        keeps_promise_id: event.keeps.map(|id| id.0.to_string()).unwrap_or_default(),
    }
    .encode_to_vec()
}

pub(super) fn read_contact_noted(bytes: &[u8]) -> Result<ContactNoted, DecodeError> {
    let message = v1::ContactNoted::decode(bytes)?;
    Ok(ContactNoted {
        contact_id: ContactId(uuid(&message.contact_id, "contact_id")?),
        outbound: message.outbound,
        agent_id: AgentId(message.agent_id),
        answered_at: instant(message.answered_at.as_ref(), "answered_at")?,
        keeps: uuid_opt(&message.keeps_promise_id, "keeps_promise_id")?.map(PromiseId),
    })
}

pub(super) fn write_party_linked(event: &PartyLinked) -> Vec<u8> {
    v1::PartyLinked {
        party_id: event.party_id.0.to_string(),
        role: v1::PartyRole::from(event.role).into(),
        identification: v1::Identification::from(event.identification).into(),
        replaced_party_id: event.replaced.map(|id| id.0.to_string()).unwrap_or_default(),
    }
    .encode_to_vec()
}

pub(super) fn read_party_linked(bytes: &[u8]) -> Result<PartyLinked, DecodeError> {
    let message = v1::PartyLinked::decode(bytes)?;
    Ok(PartyLinked {
        party_id: PartyId(uuid(&message.party_id, "party_id")?),
        role: known::<v1::PartyRole, _>(message.role, "role")?,
        identification: known::<v1::Identification, _>(message.identification, "identification")?,
        replaced: uuid_opt(&message.replaced_party_id, "replaced_party_id")?.map(PartyId),
    })
}

pub(super) fn write_merged(source: TicketId, target: TicketId) -> Vec<u8> {
    v1::TicketMerged {
        source_ticket_id: source.0.to_string(),
        target_ticket_id: target.0.to_string(),
    }
    .encode_to_vec()
}

/// The source and the target.
pub(super) fn read_merged(bytes: &[u8]) -> Result<(TicketId, TicketId), DecodeError> {
    let message = v1::TicketMerged::decode(bytes)?;
    let source = uuid(&message.source_ticket_id, "source_ticket_id")?;
    let target = uuid(&message.target_ticket_id, "target_ticket_id")?;
    Ok((TicketId(source), TicketId(target)))
}

pub(super) fn write_split(event: &SplitOff) -> Vec<u8> {
    v1::TicketSplit {
        child_ticket_id: event.child.0.to_string(),
        message_ids: event.messages.iter().map(|id| id.0.to_string()).collect(),
        r#type: v1::TicketType::from(event.kind).into(),
        subject: Some(sealed(&event.subject)),
    }
    .encode_to_vec()
}

pub(super) fn read_split(bytes: &[u8]) -> Result<SplitOff, DecodeError> {
    let message = v1::TicketSplit::decode(bytes)?;
    let messages = message.message_ids.iter();
    Ok(SplitOff {
        child: TicketId(uuid(&message.child_ticket_id, "child_ticket_id")?),
        messages: messages
            .map(|id| uuid(id, "message_ids").map(MessageId))
            .collect::<Result<_, _>>()?,
        kind: known::<v1::TicketType, _>(message.r#type, "type")?,
        subject: personal(message.subject.as_ref(), "subject")?,
    })
}

pub(super) fn write_linked(link: &Link) -> Vec<u8> {
    v1::TicketLinked {
        other_ticket_id: link.other.0.to_string(),
        link: v1::LinkKind::from(link.kind).into(),
    }
    .encode_to_vec()
}

pub(super) fn write_unlinked(link: &Link) -> Vec<u8> {
    v1::TicketUnlinked {
        other_ticket_id: link.other.0.to_string(),
        link: v1::LinkKind::from(link.kind).into(),
    }
    .encode_to_vec()
}

/// A link made or taken away: both messages have the same fields.
pub(super) fn read_link(bytes: &[u8]) -> Result<Link, DecodeError> {
    let message = v1::TicketLinked::decode(bytes)?;
    Ok(Link {
        kind: known::<v1::LinkKind, _>(message.link, "link")?,
        other: TicketId(uuid(&message.other_ticket_id, "other_ticket_id")?),
    })
}
