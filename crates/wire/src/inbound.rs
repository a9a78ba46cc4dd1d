//! The events of an inbound message, in both directions.
use bytes::Bytes;
use domain::ids::TicketId;
use domain::inbound::{Event, JoinRule, Received};
use prost::Message;

use crate::common::v1 as common;
use crate::event;
use crate::identity::{identity, identity_fields};
use crate::intake::v1;
use crate::scalar::{instant, timestamp, uuid};
use crate::words::{Unknown, known};
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "inbound";

    fn event_type(&self) -> &'static str {
        let Self::Received(_) = self;
        event::MESSAGE_RECEIVED
    }

    fn encode(&self) -> Bytes {
        let Self::Received(received) = self;
        write(received).into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::MESSAGE_RECEIVED => read(bytes).map(Self::Received),
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn write(received: &Received) -> Vec<u8> {
    let (party_id, identification) = identity_fields(received.sender.as_ref());
    v1::MessageReceived {
        channel: common::Channel::from(received.channel).into(),
        received_at: Some(timestamp(received.received_at)),
        automatic: received.automatic,
        party_id,
        identification,
        other_sender: received.other_sender,
        ticket_id: received.ticket_id.0.to_string(),
        rule: v1::JoinRule::from(received.rule).into(),
        candidate_ticket_ids: received.candidates.iter().map(|id| id.0.to_string()).collect(),
    }
    .encode_to_vec()
}

fn read(bytes: &[u8]) -> Result<Received, DecodeError> {
    let message = v1::MessageReceived::decode(bytes)?;
    let candidates = message.candidate_ticket_ids.iter();
    let candidates = candidates.map(|id| uuid(id, "candidate_ticket_ids").map(TicketId));
    Ok(Received {
        channel: known::<common::Channel, _>(message.channel, "channel")?,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
        automatic: message.automatic,
        sender: identity(&message.party_id, message.identification)?,
        other_sender: message.other_sender,
        ticket_id: TicketId(uuid(&message.ticket_id, "ticket_id")?),
        rule: known::<v1::JoinRule, _>(message.rule, "rule")?,
        candidates: candidates.collect::<Result<_, _>>()?,
    })
}

impl From<JoinRule> for v1::JoinRule {
    fn from(rule: JoinRule) -> Self {
        match rule {
            JoinRule::TicketToken => Self::TicketToken,
            JoinRule::References => Self::References,
            JoinRule::SameObject => Self::SameObject,
            JoinRule::NewTicket => Self::NewTicket,
            JoinRule::DedupeKey => Self::DedupeKey,
        }
    }
}

impl TryFrom<v1::JoinRule> for JoinRule {
    type Error = Unknown;

    fn try_from(rule: v1::JoinRule) -> Result<Self, Unknown> {
        Ok(match rule {
            v1::JoinRule::TicketToken => Self::TicketToken,
            v1::JoinRule::References => Self::References,
            v1::JoinRule::SameObject => Self::SameObject,
            v1::JoinRule::NewTicket => Self::NewTicket,
            v1::JoinRule::DedupeKey => Self::DedupeKey,
            v1::JoinRule::Unspecified => return Err(Unknown),
        })
    }
}
