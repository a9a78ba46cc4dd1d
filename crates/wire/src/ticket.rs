//! The events of a ticket, in both directions.
mod complaint;
mod join;
mod messages;
mod words;

use bytes::Bytes;
use domain::ids::{AgentId, HoldId};
use domain::ticket::Event;
use prost::Message;

use crate::event;
use crate::intake::v1;
use crate::scalar::uuid;
use crate::words::known;
use crate::{DecodeError, Payload};
use join::{
    read_closed, read_contact_noted, read_link, read_merged, read_party_linked, read_promise_made,
    read_request_extended, read_split, write_closed, write_contact_noted, write_linked,
    write_merged, write_party_linked, write_promise_made, write_request_extended, write_split,
    write_unlinked,
};
use messages::{
    read_classified, read_held, read_message_added, read_priority_changed, read_registered,
    read_reopened, read_resolved, write_classified, write_held, write_message_added,
    write_priority_changed, write_registered, write_reopened, write_resolved,
};

impl Payload for Event {
    const CATEGORY: &'static str = "ticket";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Registered(_) => event::TICKET_REGISTERED,
            Self::Classified(_) => event::TICKET_CLASSIFIED,
            Self::PriorityChanged(_) => event::PRIORITY_CHANGED,
            Self::MessageAdded(_) => event::MESSAGE_ADDED,
            Self::WorkStarted { .. } => event::WORK_STARTED,
            Self::Held(_) => event::TICKET_HELD,
            Self::Unheld { .. } => event::TICKET_UNHELD,
            Self::Resolved(_) => event::TICKET_RESOLVED,
            Self::Reopened(_) => event::TICKET_REOPENED,
            Self::Closed(_) => event::TICKET_CLOSED,
            Self::PromiseMade(_) => event::PROMISE_MADE,
            Self::RequestExtended(_) => event::DATA_SUBJECT_REQUEST_EXTENDED,
            Self::ContactNoted(_) => event::CONTACT_NOTED,
            Self::PartyLinked(_) => event::PARTY_LINKED,
            Self::Merged { .. } => event::TICKET_MERGED,
            Self::Split(_) => event::TICKET_SPLIT,
            Self::Linked(_) => event::TICKET_LINKED,
            Self::Unlinked(_) => event::TICKET_UNLINKED,
            Self::Complaint(event) => complaint::event_type(event),
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Registered(registered) => write_registered(registered),
            Self::Classified(classified) => write_classified(classified),
            Self::PriorityChanged(changed) => write_priority_changed(changed),
            Self::MessageAdded(message) => write_message_added(message),
            Self::WorkStarted { agent_id } => {
                v1::WorkStarted { agent_id: agent_id.0.clone() }.encode_to_vec()
            }
            Self::Held(held) => write_held(held),
            Self::Unheld { hold_id, trigger } => v1::TicketUnheld {
                hold_id: hold_id.0.to_string(),
                trigger: v1::UnholdTrigger::from(*trigger).into(),
            }
            .encode_to_vec(),
            Self::Resolved(resolved) => write_resolved(resolved),
            Self::Reopened(reopened) => write_reopened(reopened),
            Self::Closed(closed) => write_closed(closed),
            Self::PromiseMade(promise) => write_promise_made(promise),
            Self::RequestExtended(extended) => write_request_extended(extended),
            Self::ContactNoted(noted) => write_contact_noted(noted),
            Self::PartyLinked(party) => write_party_linked(party),
            Self::Merged { source, target } => write_merged(*source, *target),
            Self::Split(split) => write_split(split),
            Self::Linked(link) => write_linked(link),
            Self::Unlinked(link) => write_unlinked(link),
            Self::Complaint(event) => complaint::write(event),
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::TICKET_REGISTERED => read_registered(bytes).map(Self::Registered),
            event::TICKET_CLASSIFIED => read_classified(bytes).map(Self::Classified),
            event::PRIORITY_CHANGED => read_priority_changed(bytes).map(Self::PriorityChanged),
            event::MESSAGE_ADDED => read_message_added(bytes).map(Self::MessageAdded),
            event::WORK_STARTED => {
                let message = v1::WorkStarted::decode(bytes)?;
                Ok(Self::WorkStarted { agent_id: AgentId(message.agent_id) })
            }
            event::TICKET_HELD => read_held(bytes).map(Self::Held),
            event::TICKET_UNHELD => {
                let message = v1::TicketUnheld::decode(bytes)?;
                Ok(Self::Unheld {
                    hold_id: HoldId(uuid(&message.hold_id, "hold_id")?),
                    trigger: known::<v1::UnholdTrigger, _>(message.trigger, "trigger")?,
                })
            }
            event::TICKET_RESOLVED => read_resolved(bytes).map(Self::Resolved),
            event::TICKET_REOPENED => read_reopened(bytes).map(Self::Reopened),
            event::TICKET_CLOSED => read_closed(bytes).map(Self::Closed),
            event::PROMISE_MADE => read_promise_made(bytes).map(Self::PromiseMade),
            event::DATA_SUBJECT_REQUEST_EXTENDED => {
                read_request_extended(bytes).map(Self::RequestExtended)
            }
            event::CONTACT_NOTED => read_contact_noted(bytes).map(Self::ContactNoted),
            event::PARTY_LINKED => read_party_linked(bytes).map(Self::PartyLinked),
            event::TICKET_MERGED => {
                let (source, target) = read_merged(bytes)?;
                Ok(Self::Merged { source, target })
            }
            event::TICKET_SPLIT => read_split(bytes).map(Self::Split),
            event::TICKET_LINKED => read_link(bytes).map(Self::Linked),
            event::TICKET_UNLINKED => read_link(bytes).map(Self::Unlinked),
            other => complaint::read(other, bytes)?
                .map(Self::Complaint)
                .ok_or_else(|| DecodeError::UnknownEventType(other.to_owned())),
        }
    }
}
