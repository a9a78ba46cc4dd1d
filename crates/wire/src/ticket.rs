//! The events of a ticket, in both directions.
mod complaint;
mod join;
mod messages;
mod words;

use bytes::Bytes;
use domain::ids::{AgentId, HoldId};
use domain::ticket::Event;
use prost::Message;

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

const REGISTERED: &str = "odzew.intake.v1.TicketRegistered";
const CLASSIFIED: &str = "odzew.intake.v1.TicketClassified";
const PRIORITY_CHANGED: &str = "odzew.intake.v1.PriorityChanged";
const MESSAGE_ADDED: &str = "odzew.intake.v1.MessageAdded";
const WORK_STARTED: &str = "odzew.intake.v1.WorkStarted";
const HELD: &str = "odzew.intake.v1.TicketHeld";
const UNHELD: &str = "odzew.intake.v1.TicketUnheld";
const RESOLVED: &str = "odzew.intake.v1.TicketResolved";
const REOPENED: &str = "odzew.intake.v1.TicketReopened";
const CLOSED: &str = "odzew.intake.v1.TicketClosed";
const PROMISE_MADE: &str = "odzew.intake.v1.PromiseMade";
const REQUEST_EXTENDED: &str = "odzew.intake.v1.DataSubjectRequestExtended";
const CONTACT_NOTED: &str = "odzew.intake.v1.ContactNoted";
const PARTY_LINKED: &str = "odzew.intake.v1.PartyLinked";
const MERGED: &str = "odzew.intake.v1.TicketMerged";
const SPLIT: &str = "odzew.intake.v1.TicketSplit";
const LINKED: &str = "odzew.intake.v1.TicketLinked";
const UNLINKED: &str = "odzew.intake.v1.TicketUnlinked";

impl Payload for Event {
    const CATEGORY: &'static str = "ticket";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Registered(_) => REGISTERED,
            Self::Classified(_) => CLASSIFIED,
            Self::PriorityChanged(_) => PRIORITY_CHANGED,
            Self::MessageAdded(_) => MESSAGE_ADDED,
            Self::WorkStarted { .. } => WORK_STARTED,
            Self::Held(_) => HELD,
            Self::Unheld { .. } => UNHELD,
            Self::Resolved(_) => RESOLVED,
            Self::Reopened(_) => REOPENED,
            Self::Closed(_) => CLOSED,
            Self::PromiseMade(_) => PROMISE_MADE,
            Self::RequestExtended(_) => REQUEST_EXTENDED,
            Self::ContactNoted(_) => CONTACT_NOTED,
            Self::PartyLinked(_) => PARTY_LINKED,
            Self::Merged { .. } => MERGED,
            Self::Split(_) => SPLIT,
            Self::Linked(_) => LINKED,
            Self::Unlinked(_) => UNLINKED,
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
            REGISTERED => read_registered(bytes).map(Self::Registered),
            CLASSIFIED => read_classified(bytes).map(Self::Classified),
            PRIORITY_CHANGED => read_priority_changed(bytes).map(Self::PriorityChanged),
            MESSAGE_ADDED => read_message_added(bytes).map(Self::MessageAdded),
            WORK_STARTED => {
                let message = v1::WorkStarted::decode(bytes)?;
                Ok(Self::WorkStarted { agent_id: AgentId(message.agent_id) })
            }
            HELD => read_held(bytes).map(Self::Held),
            UNHELD => {
                let message = v1::TicketUnheld::decode(bytes)?;
                Ok(Self::Unheld {
                    hold_id: HoldId(uuid(&message.hold_id, "hold_id")?),
                    trigger: known::<v1::UnholdTrigger, _>(message.trigger, "trigger")?,
                })
            }
            RESOLVED => read_resolved(bytes).map(Self::Resolved),
            REOPENED => read_reopened(bytes).map(Self::Reopened),
            CLOSED => read_closed(bytes).map(Self::Closed),
            PROMISE_MADE => read_promise_made(bytes).map(Self::PromiseMade),
            REQUEST_EXTENDED => read_request_extended(bytes).map(Self::RequestExtended),
            CONTACT_NOTED => read_contact_noted(bytes).map(Self::ContactNoted),
            PARTY_LINKED => read_party_linked(bytes).map(Self::PartyLinked),
            MERGED => {
                let (source, target) = read_merged(bytes)?;
                Ok(Self::Merged { source, target })
            }
            SPLIT => read_split(bytes).map(Self::Split),
            LINKED => read_link(bytes).map(Self::Linked),
            UNLINKED => read_link(bytes).map(Self::Unlinked),
            other => complaint::read(other, bytes)?
                .map(Self::Complaint)
                .ok_or_else(|| DecodeError::UnknownEventType(other.to_owned())),
        }
    }
}
