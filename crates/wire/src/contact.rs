//! The events of a contact, in both directions.
mod words;

use std::time::Duration;

use bytes::Bytes;
use domain::contact::{Answered, Answerer, Ended, Event, Routed, Started, Target};
use domain::ids::{AgentId, ContactId, QueueId, TicketId};
use prost::Message;

use crate::event;
use crate::identity::{identity, identity_fields};
use crate::intake::v1;
use crate::scalar::{instant, timestamp, uuid, uuid_opt};
use crate::words::{known, personal_opt, sealed, some_text};
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "contact";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Started(_) => event::CONTACT_STARTED,
            Self::Routed(_) => event::CONTACT_ROUTED,
            Self::Answered(_) => event::CONTACT_ANSWERED,
            Self::Ended(_) => event::CONTACT_ENDED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Started(started) => write_started(started),
            Self::Routed(routed) => write_routed(routed),
            Self::Answered(answered) => v1::ContactAnswered {
                by: v1::ContactTarget::from(answered.by.target()).into(),
                agent_id: match &answered.by {
                    Answerer::Bot => String::new(),
                    Answerer::Human(agent_id) => agent_id.0.clone(),
                },
                waited_ms: millis(answered.waited),
                answered_at: Some(timestamp(answered.answered_at)),
                backdate_reason: answered.backdate_reason.clone().unwrap_or_default(),
            }
            .encode_to_vec(),
            Self::Ended(ended) => write_ended(ended),
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::CONTACT_STARTED => read_started(bytes).map(Self::Started),
            event::CONTACT_ROUTED => read_routed(bytes).map(Self::Routed),
            event::CONTACT_ANSWERED => read_answered(bytes).map(Self::Answered),
            event::CONTACT_ENDED => read_ended(bytes).map(Self::Ended),
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn write_started(started: &Started) -> Vec<u8> {
    let (party_id, identification) = identity_fields(started.identity.as_ref());
    v1::ContactStarted {
        contact_id: started.contact_id.0.to_string(),
        channel: v1::ContactChannel::from(started.channel).into(),
        direction: v1::ContactDirection::from(started.direction).into(),
        entry_point: started.entry_point.clone(),
        party_hint: started.party_hint.as_ref().map(sealed),
        party_id,
        identification,
        ai_disclosed: started.ai_disclosed,
        resumed_ticket_id: started.resumed_ticket_id.map(|id| id.0.to_string()).unwrap_or_default(),
        started_at: Some(timestamp(started.started_at)),
        backdate_reason: started.backdate_reason.clone().unwrap_or_default(),
    }
    .encode_to_vec()
}

fn read_started(bytes: &[u8]) -> Result<Started, DecodeError> {
    let message = v1::ContactStarted::decode(bytes)?;
    let resumed = uuid_opt(&message.resumed_ticket_id, "resumed_ticket_id")?;
    Ok(Started {
        contact_id: ContactId(uuid(&message.contact_id, "contact_id")?),
        channel: known::<v1::ContactChannel, _>(message.channel, "channel")?,
        direction: known::<v1::ContactDirection, _>(message.direction, "direction")?,
        party_hint: personal_opt(message.party_hint.as_ref(), "party_hint")?,
        identity: identity(&message.party_id, message.identification)?,
        ai_disclosed: message.ai_disclosed,
        resumed_ticket_id: resumed.map(TicketId),
        started_at: instant(message.started_at.as_ref(), "started_at")?,
        entry_point: message.entry_point,
        backdate_reason: some_text(message.backdate_reason),
    })
}

fn write_routed(routed: &Routed) -> Vec<u8> {
    v1::ContactRouted {
        ivr_path: routed.ivr_path.clone(),
        ivr_ms: millis(routed.ivr),
        queue_id: routed.queue_id.as_ref().map(|id| id.0.clone()).unwrap_or_default(),
        target: v1::ContactTarget::from(routed.target).into(),
        reason: v1::ContactRouteReason::from(routed.reason).into(),
        context_ref: routed.context_ref.clone().unwrap_or_default(),
        routed_at: Some(timestamp(routed.routed_at)),
    }
    .encode_to_vec()
}

fn read_routed(bytes: &[u8]) -> Result<Routed, DecodeError> {
    let message = v1::ContactRouted::decode(bytes)?;
    Ok(Routed {
        ivr_path: message.ivr_path,
        ivr: duration(message.ivr_ms, "ivr_ms")?,
        queue_id: some_text(message.queue_id).map(QueueId),
        target: known::<v1::ContactTarget, _>(message.target, "target")?,
        reason: known::<v1::ContactRouteReason, _>(message.reason, "reason")?,
        context_ref: some_text(message.context_ref),
        routed_at: instant(message.routed_at.as_ref(), "routed_at")?,
    })
}

fn read_answered(bytes: &[u8]) -> Result<Answered, DecodeError> {
    let message = v1::ContactAnswered::decode(bytes)?;
    Ok(Answered {
        by: match known::<v1::ContactTarget, _>(message.by, "by")? {
            Target::Bot => Answerer::Bot,
            Target::Human => Answerer::Human(AgentId(message.agent_id)),
        },
        waited: duration(message.waited_ms, "waited_ms")?,
        answered_at: instant(message.answered_at.as_ref(), "answered_at")?,
        backdate_reason: some_text(message.backdate_reason),
    })
}

fn write_ended(ended: &Ended) -> Vec<u8> {
    let (party_id, identification) = identity_fields(ended.identity.as_ref());
    v1::ContactEnded {
        outcome: v1::ContactOutcome::from(ended.outcome).into(),
        talk_ms: millis(ended.talk),
        hold_ms: millis(ended.hold),
        wrap_ms: millis(ended.wrap),
        ticket_id: ended.ticket_id.map(|id| id.0.to_string()).unwrap_or_default(),
        note: ended.note.as_ref().map(sealed),
        party_id,
        identification,
        ended_at: Some(timestamp(ended.ended_at)),
    }
    .encode_to_vec()
}

fn read_ended(bytes: &[u8]) -> Result<Ended, DecodeError> {
    let message = v1::ContactEnded::decode(bytes)?;
    Ok(Ended {
        outcome: known::<v1::ContactOutcome, _>(message.outcome, "outcome")?,
        talk: duration(message.talk_ms, "talk_ms")?,
        hold: duration(message.hold_ms, "hold_ms")?,
        wrap: duration(message.wrap_ms, "wrap_ms")?,
        ticket_id: uuid_opt(&message.ticket_id, "ticket_id")?.map(TicketId),
        note: personal_opt(message.note.as_ref(), "note")?,
        identity: identity(&message.party_id, message.identification)?,
        ended_at: instant(message.ended_at.as_ref(), "ended_at")?,
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn duration(millis: i64, field: &'static str) -> Result<Duration, DecodeError> {
    let millis = u64::try_from(millis).map_err(|_| DecodeError::field(field))?;
    Ok(Duration::from_millis(millis))
}
