//! Registration, assessment, messages, holds, solutions and reopenings, in both directions.
use domain::ids::{ContactId, HoldId, MessageId, PartyId, TicketId};
use domain::ticket::{
    Classified, Held, MessageAdded, PriorityChanged, Registered, Reopened, Requester, Resolved,
};
use prost::Message;

use crate::DecodeError;
use crate::business_object;
use crate::common::v1 as common;
use crate::intake::v1;
use crate::scalar::{instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::words::{known, personal, personal_opt, sealed, some_text};

pub(super) fn write_registered(event: &Registered) -> Vec<u8> {
    let requester = event.requester.as_ref();
    v1::TicketRegistered {
        ticket_id: event.ticket_id.0.to_string(),
        number: event.number.to_string(),
        r#type: v1::TicketType::from(event.kind).into(),
        channel: common::Channel::from(event.channel).into(),
        received_at: Some(timestamp(event.received_at)),
        requester_party_id: requester.map(|who| who.party_id.0.to_string()).unwrap_or_default(),
        requester_name: requester.and_then(|who| who.name.as_ref()).map(sealed),
        requester_email: requester.and_then(|who| who.email.as_ref()).map(sealed),
        subject: Some(sealed(&event.subject)),
        body: Some(sealed(&event.body)),
        language: event.language.clone(),
        origin: v1::TicketOrigin::from(event.origin).into(),
        external_number: event.external_number.clone().unwrap_or_default(),
        parent_ticket_id: event.parent.map(|id| id.0.to_string()).unwrap_or_default(),
        about: event.about.iter().map(Into::into).collect(),
        public_venue: event.public_venue,
        dedupe_key: event.dedupe_key.clone().unwrap_or_default(),
        backdate_reason: event.backdate_reason.clone().unwrap_or_default(),
        requester_has_profile_email: requester.is_some_and(|who| who.has_profile_email),
        requester_segment: requester.map(|who| who.segment.clone()).unwrap_or_default(),
    }
    .encode_to_vec()
}

pub(super) fn read_registered(bytes: &[u8]) -> Result<Registered, DecodeError> {
    let message = v1::TicketRegistered::decode(bytes)?;
    let name = personal_opt(message.requester_name.as_ref(), "requester_name")?;
    let email = personal_opt(message.requester_email.as_ref(), "requester_email")?;
    let segment = message.requester_segment;
    let requester =
        uuid_opt(&message.requester_party_id, "requester_party_id")?.map(|party_id| Requester {
            party_id: PartyId(party_id),
            name,
            email,
            segment,
            has_profile_email: message.requester_has_profile_email,
        });
    Ok(Registered {
        ticket_id: TicketId(uuid(&message.ticket_id, "ticket_id")?),
        number: message.number.parse().map_err(|_| DecodeError::field("number"))?,
        kind: known::<v1::TicketType, _>(message.r#type, "type")?,
        channel: known::<common::Channel, _>(message.channel, "channel")?,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
        requester,
        subject: personal(message.subject.as_ref(), "subject")?,
        body: personal(message.body.as_ref(), "body")?,
        language: message.language,
        origin: known::<v1::TicketOrigin, _>(message.origin, "origin")?,
        external_number: some_text(message.external_number),
        parent: uuid_opt(&message.parent_ticket_id, "parent_ticket_id")?.map(TicketId),
        about: message.about.into_iter().map(business_object::read).collect::<Result<_, _>>()?,
        public_venue: message.public_venue,
        dedupe_key: some_text(message.dedupe_key),
        backdate_reason: some_text(message.backdate_reason),
    })
}

pub(super) fn write_classified(event: &Classified) -> Vec<u8> {
    v1::TicketClassified {
        r#type: v1::TicketType::from(event.kind).into(),
        category_code: event.category_code.clone(),
        taxonomy_version: event.taxonomy_version,
        tags: event.tags.clone(),
        source: v1::ClassificationSource::from(event.source).into(),
        reason: event.reason.clone(),
    }
    .encode_to_vec()
}

pub(super) fn read_classified(bytes: &[u8]) -> Result<Classified, DecodeError> {
    let message = v1::TicketClassified::decode(bytes)?;
    Ok(Classified {
        kind: known::<v1::TicketType, _>(message.r#type, "type")?,
        category_code: message.category_code,
        taxonomy_version: message.taxonomy_version,
        tags: message.tags,
        source: known::<v1::ClassificationSource, _>(message.source, "source")?,
        reason: message.reason,
    })
}

pub(super) fn write_priority_changed(event: &PriorityChanged) -> Vec<u8> {
    let previous = event.previous.map(common::Priority::from).unwrap_or_default();
    v1::PriorityChanged {
        impact: v1::Impact::from(event.impact).into(),
        urgency: v1::Urgency::from(event.urgency).into(),
        priority: common::Priority::from(event.priority).into(),
        previous: previous.into(),
        cause: v1::PriorityCause::from(event.cause).into(),
        reason: event.reason.clone(),
    }
    .encode_to_vec()
}

pub(super) fn read_priority_changed(bytes: &[u8]) -> Result<PriorityChanged, DecodeError> {
    let message = v1::PriorityChanged::decode(bytes)?;
    let previous = match message.previous {
        0 => None,
        previous => Some(known::<common::Priority, _>(previous, "previous")?),
    };
    Ok(PriorityChanged {
        impact: known::<v1::Impact, _>(message.impact, "impact")?,
        urgency: known::<v1::Urgency, _>(message.urgency, "urgency")?,
        priority: known::<common::Priority, _>(message.priority, "priority")?,
        previous,
        cause: known::<v1::PriorityCause, _>(message.cause, "cause")?,
        reason: message.reason,
    })
}

pub(super) fn write_message_added(event: &MessageAdded) -> Vec<u8> {
    v1::MessageAdded {
        message_id: event.message_id.0.to_string(),
        direction: v1::MessageDirection::from(event.direction).into(),
        channel: common::Channel::from(event.channel).into(),
        author_kind: v1::AuthorKind::from(event.author_kind).into(),
        purpose: v1::MessagePurpose::from(event.purpose).into(),
        is_reply: event.is_reply,
        body: Some(sealed(&event.body)),
        written_at: Some(timestamp(event.written_at)),
        public_venue: event.public_venue,
        escalates: event.escalates,
        contact_id: event.contact_id.map(|id| id.0.to_string()).unwrap_or_default(),
    }
    .encode_to_vec()
}

pub(super) fn read_message_added(bytes: &[u8]) -> Result<MessageAdded, DecodeError> {
    let message = v1::MessageAdded::decode(bytes)?;
    Ok(MessageAdded {
        message_id: MessageId(uuid(&message.message_id, "message_id")?),
        direction: known::<v1::MessageDirection, _>(message.direction, "direction")?,
        channel: known::<common::Channel, _>(message.channel, "channel")?,
        author_kind: known::<v1::AuthorKind, _>(message.author_kind, "author_kind")?,
        purpose: known::<v1::MessagePurpose, _>(message.purpose, "purpose")?,
        is_reply: message.is_reply,
        body: personal(message.body.as_ref(), "body")?,
        written_at: instant(message.written_at.as_ref(), "written_at")?,
        public_venue: message.public_venue,
        escalates: message.escalates,
        contact_id: uuid_opt(&message.contact_id, "contact_id")?.map(ContactId),
    })
}

pub(super) fn write_held(event: &Held) -> Vec<u8> {
    let question = event.question_message_id.map(|id| id.0.to_string());
    v1::TicketHeld {
        hold_id: event.hold_id.0.to_string(),
        kind: v1::HoldKind::from(event.kind).into(),
        reason: event.reason.clone(),
        question_message_id: question.unwrap_or_default(),
        vendor_id: event.vendor_id.clone().unwrap_or_default(),
        expected_by: event.expected_by.map(timestamp),
    }
    .encode_to_vec()
}

pub(super) fn read_held(bytes: &[u8]) -> Result<Held, DecodeError> {
    let message = v1::TicketHeld::decode(bytes)?;
    let question = uuid_opt(&message.question_message_id, "question_message_id")?;
    Ok(Held {
        hold_id: HoldId(uuid(&message.hold_id, "hold_id")?),
        kind: known::<v1::HoldKind, _>(message.kind, "kind")?,
        reason: message.reason,
        question_message_id: question.map(MessageId),
        vendor_id: some_text(message.vendor_id),
        expected_by: instant_opt(message.expected_by.as_ref(), "expected_by")?,
    })
}

pub(super) fn write_resolved(event: &Resolved) -> Vec<u8> {
    v1::TicketResolved {
        resolution_code: event.resolution_code.clone(),
        root_cause_code: event.root_cause_code.clone().unwrap_or_default(),
        summary: event.summary.as_ref().map(sealed),
        cascaded_from: event.cascaded_from.map(|id| id.0.to_string()).unwrap_or_default(),
    }
    .encode_to_vec()
}

pub(super) fn read_resolved(bytes: &[u8]) -> Result<Resolved, DecodeError> {
    let message = v1::TicketResolved::decode(bytes)?;
    Ok(Resolved {
        resolution_code: message.resolution_code,
        root_cause_code: some_text(message.root_cause_code),
        summary: personal_opt(message.summary.as_ref(), "summary")?,
        cascaded_from: uuid_opt(&message.cascaded_from, "cascaded_from")?.map(TicketId),
    })
}

pub(super) fn write_reopened(event: &Reopened) -> Vec<u8> {
    v1::TicketReopened {
        reopen_no: event.reopen_no,
        trigger: v1::ReopenTrigger::from(event.trigger).into(),
        message_id: event.message_id.map(|id| id.0.to_string()).unwrap_or_default(),
        reason: event.reason.clone(),
    }
    .encode_to_vec()
}

pub(super) fn read_reopened(bytes: &[u8]) -> Result<Reopened, DecodeError> {
    let message = v1::TicketReopened::decode(bytes)?;
    Ok(Reopened {
        reopen_no: message.reopen_no,
        trigger: known::<v1::ReopenTrigger, _>(message.trigger, "trigger")?,
        message_id: uuid_opt(&message.message_id, "message_id")?.map(MessageId),
        reason: message.reason,
    })
}
