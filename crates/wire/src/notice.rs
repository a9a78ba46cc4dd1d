//! The events of a notice, in both directions.
mod words;

use bytes::Bytes;
use domain::ids::{MessageId, NoticeId, TicketId};
use domain::notice::{Delivered, Event, Failed, Scheduled, Sent, Suppressed};
use prost::Message;

use crate::common::v1 as common;
use crate::event;
use crate::notification::v1;
use crate::scalar::{instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::words::{known, known_opt};
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "notice";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Scheduled(_) => event::NOTIFICATION_SCHEDULED,
            Self::Suppressed(_) => event::NOTIFICATION_SUPPRESSED,
            Self::Attempted { .. } => event::NOTIFICATION_ATTEMPTED,
            Self::Sent(_) => event::NOTIFICATION_SENT,
            Self::Delivered(_) => event::NOTIFICATION_DELIVERED,
            Self::Failed(_) => event::NOTIFICATION_FAILED,
            Self::Released { .. } => event::NOTIFICATION_RELEASED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Scheduled(scheduled) => write_scheduled(scheduled),
            Self::Suppressed(suppressed) => write_suppressed(suppressed),
            Self::Attempted { notice_id, attempt_no, at } => v1::NotificationAttempted {
                notice_id: notice_id.0.to_string(),
                attempt_no: *attempt_no,
                attempted_at: Some(timestamp(*at)),
            }
            .encode_to_vec(),
            Self::Sent(sent) => write_sent(sent),
            Self::Delivered(delivered) => write_delivered(delivered),
            Self::Failed(failed) => write_failed(failed),
            Self::Released { notice_id, due } => v1::NotificationReleased {
                notice_id: notice_id.0.to_string(),
                next_attempt_at: Some(timestamp(*due)),
            }
            .encode_to_vec(),
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::NOTIFICATION_SCHEDULED => read_scheduled(bytes).map(Self::Scheduled),
            event::NOTIFICATION_SUPPRESSED => read_suppressed(bytes).map(Self::Suppressed),
            event::NOTIFICATION_ATTEMPTED => {
                let message = v1::NotificationAttempted::decode(bytes)?;
                Ok(Self::Attempted {
                    notice_id: notice_id(&message.notice_id)?,
                    attempt_no: message.attempt_no,
                    at: instant(message.attempted_at.as_ref(), "attempted_at")?,
                })
            }
            event::NOTIFICATION_SENT => read_sent(bytes).map(Self::Sent),
            event::NOTIFICATION_DELIVERED => read_delivered(bytes).map(Self::Delivered),
            event::NOTIFICATION_FAILED => read_failed(bytes).map(Self::Failed),
            event::NOTIFICATION_RELEASED => {
                let message = v1::NotificationReleased::decode(bytes)?;
                Ok(Self::Released {
                    notice_id: notice_id(&message.notice_id)?,
                    due: instant(message.next_attempt_at.as_ref(), "next_attempt_at")?,
                })
            }
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn write_scheduled(scheduled: &Scheduled) -> Vec<u8> {
    v1::NotificationScheduled {
        notice_id: scheduled.notice_id.0.to_string(),
        idempotency_key: scheduled.key.clone(),
        purpose: v1::Purpose::from(scheduled.purpose).into(),
        audience: v1::Audience::from(scheduled.audience).into(),
        recipient_ref: scheduled.recipient.clone(),
        channel: common::Channel::from(scheduled.channel).into(),
        template_id: scheduled.template_id.clone(),
        template_version: scheduled.template_version,
        locale: scheduled.locale.clone(),
        send_at: Some(timestamp(scheduled.send_at)),
        cause_event_id: scheduled.cause_event_id.to_string(),
        ticket_id: text_of(scheduled.ticket_id),
        message_id: text_of_message(scheduled.message_id),
        cause_position: scheduled.cause_position,
        deferred: scheduled.deferred,
    }
    .encode_to_vec()
}

fn read_scheduled(bytes: &[u8]) -> Result<Scheduled, DecodeError> {
    let message = v1::NotificationScheduled::decode(bytes)?;
    Ok(Scheduled {
        notice_id: notice_id(&message.notice_id)?,
        key: message.idempotency_key,
        purpose: known::<v1::Purpose, _>(message.purpose, "purpose")?,
        audience: known::<v1::Audience, _>(message.audience, "audience")?,
        recipient: message.recipient_ref,
        channel: known::<common::Channel, _>(message.channel, "channel")?,
        template_id: message.template_id,
        template_version: message.template_version,
        locale: message.locale,
        send_at: instant(message.send_at.as_ref(), "send_at")?,
        deferred: message.deferred,
        cause_event_id: uuid(&message.cause_event_id, "cause_event_id")?,
        cause_position: message.cause_position,
        ticket_id: ticket_id(&message.ticket_id)?,
        message_id: message_id(&message.message_id)?,
    })
}

fn write_suppressed(suppressed: &Suppressed) -> Vec<u8> {
    v1::NotificationSuppressed {
        idempotency_key: suppressed.key.clone(),
        purpose: v1::Purpose::from(suppressed.purpose).into(),
        reason: v1::SuppressionReason::from(suppressed.reason).into(),
        ticket_id: text_of(suppressed.ticket_id),
        notice_id: suppressed.notice_id.0.to_string(),
        audience: v1::Audience::from(suppressed.audience).into(),
        recipient_ref: suppressed.recipient.clone(),
        cause_event_id: suppressed.cause_event_id.to_string(),
        channel: common::Channel::from(suppressed.channel).into(),
        message_id: text_of_message(suppressed.message_id),
    }
    .encode_to_vec()
}

fn read_suppressed(bytes: &[u8]) -> Result<Suppressed, DecodeError> {
    let message = v1::NotificationSuppressed::decode(bytes)?;
    Ok(Suppressed {
        notice_id: notice_id(&message.notice_id)?,
        key: message.idempotency_key,
        purpose: known::<v1::Purpose, _>(message.purpose, "purpose")?,
        audience: known::<v1::Audience, _>(message.audience, "audience")?,
        recipient: message.recipient_ref,
        channel: known::<common::Channel, _>(message.channel, "channel")?,
        reason: known::<v1::SuppressionReason, _>(message.reason, "reason")?,
        cause_event_id: uuid(&message.cause_event_id, "cause_event_id")?,
        ticket_id: ticket_id(&message.ticket_id)?,
        message_id: message_id(&message.message_id)?,
    })
}

fn write_sent(sent: &Sent) -> Vec<u8> {
    v1::NotificationSent {
        notice_id: sent.notice_id.0.to_string(),
        provider_ref: sent.provider_ref.clone(),
        sent_at: Some(timestamp(sent.at)),
        content_sha256: Bytes::copy_from_slice(&sent.content_sha256),
        purpose: v1::Purpose::from(sent.purpose).into(),
        ticket_id: text_of(sent.ticket_id),
        message_id: text_of_message(sent.message_id),
        proof_due_at: sent.proof_due_at.map(timestamp),
        by_post: sent.by_post,
    }
    .encode_to_vec()
}

fn read_sent(bytes: &[u8]) -> Result<Sent, DecodeError> {
    let message = v1::NotificationSent::decode(bytes)?;
    Ok(Sent {
        notice_id: notice_id(&message.notice_id)?,
        provider_ref: message.provider_ref,
        at: instant(message.sent_at.as_ref(), "sent_at")?,
        content_sha256: <[u8; 32]>::try_from(message.content_sha256.as_ref())
            .map_err(|_| DecodeError::field("content_sha256"))?,
        purpose: known::<v1::Purpose, _>(message.purpose, "purpose")?,
        ticket_id: ticket_id(&message.ticket_id)?,
        message_id: message_id(&message.message_id)?,
        proof_due_at: instant_opt(message.proof_due_at.as_ref(), "proof_due_at")?,
        by_post: message.by_post,
    })
}

fn write_delivered(delivered: &Delivered) -> Vec<u8> {
    v1::NotificationDelivered {
        notice_id: delivered.notice_id.0.to_string(),
        ticket_id: text_of(delivered.ticket_id),
        message_id: text_of_message(delivered.message_id),
        purpose: v1::Purpose::from(delivered.purpose).into(),
        delivered_at: Some(timestamp(delivered.at)),
        evidence: v1::DeliveryEvidence::from(delivered.evidence).into(),
    }
    .encode_to_vec()
}

fn read_delivered(bytes: &[u8]) -> Result<Delivered, DecodeError> {
    let message = v1::NotificationDelivered::decode(bytes)?;
    Ok(Delivered {
        notice_id: notice_id(&message.notice_id)?,
        at: instant(message.delivered_at.as_ref(), "delivered_at")?,
        evidence: known::<v1::DeliveryEvidence, _>(message.evidence, "evidence")?,
        purpose: known::<v1::Purpose, _>(message.purpose, "purpose")?,
        ticket_id: ticket_id(&message.ticket_id)?,
        message_id: message_id(&message.message_id)?,
    })
}

fn write_failed(failed: &Failed) -> Vec<u8> {
    v1::NotificationFailed {
        notice_id: failed.notice_id.0.to_string(),
        permanent: failed.permanent,
        code: failed.code.clone(),
        next_attempt_at: failed.next_attempt_at.map(timestamp),
        ticket_id: text_of(failed.ticket_id),
        outcome_unknown: failed.outcome_unknown,
        purpose: failed.purpose.map_or(v1::Purpose::Unspecified, Into::into).into(),
        message_id: text_of_message(failed.message_id),
    }
    .encode_to_vec()
}

fn read_failed(bytes: &[u8]) -> Result<Failed, DecodeError> {
    let message = v1::NotificationFailed::decode(bytes)?;
    Ok(Failed {
        notice_id: notice_id(&message.notice_id)?,
        permanent: message.permanent,
        code: message.code,
        outcome_unknown: message.outcome_unknown,
        next_attempt_at: instant_opt(message.next_attempt_at.as_ref(), "next_attempt_at")?,
        purpose: known_opt::<v1::Purpose, _>(message.purpose, "purpose")?,
        ticket_id: ticket_id(&message.ticket_id)?,
        message_id: message_id(&message.message_id)?,
    })
}

fn notice_id(text: &str) -> Result<NoticeId, DecodeError> {
    uuid(text, "notice_id").map(NoticeId)
}

fn ticket_id(text: &str) -> Result<Option<TicketId>, DecodeError> {
    Ok(uuid_opt(text, "ticket_id")?.map(TicketId))
}

fn message_id(text: &str) -> Result<Option<MessageId>, DecodeError> {
    Ok(uuid_opt(text, "message_id")?.map(MessageId))
}

fn text_of_message(message_id: Option<MessageId>) -> String {
    message_id.map(|id| id.0.to_string()).unwrap_or_default()
}

fn text_of(ticket_id: Option<TicketId>) -> String {
    ticket_id.map(|id| id.0.to_string()).unwrap_or_default()
}
