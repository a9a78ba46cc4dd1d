//! What routing needs to know of a ticket, folded from its events.
use std::collections::BTreeSet;

use domain::ids::{AgentId, TicketId};
use domain::rules::Facts;
use eventlog::{Log, Recorded, StreamId, Tenant};
use jiff::Timestamp;
use prost::Message as _;
use wire::words::known;
use wire::{DecodeError, common, intake, scalar};

/// A ticket as its events tell it now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TicketFacts {
    /// What rules look at.
    pub(crate) facts: Facts,
    /// When the organisation received it.
    pub(crate) received_at: Timestamp,
    /// It is resolved or closed.
    pub(crate) over: bool,
    /// Who decided on its complaint, and who approved that; nobody where the law did by silence.
    pub(crate) deciders: BTreeSet<AgentId>,
}

/// Why a ticket's facts are not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read the ticket")]
    Log(#[from] eventlog::Error),
    #[error("cannot decode an event of the ticket")]
    Decode(#[from] DecodeError),
}

impl From<Error> for eventlog::subscription::HandlerError {
    fn from(error: Error) -> Self {
        match error {
            Error::Log(error) => error.into(),
            Error::Decode(error) => error.into(),
        }
    }
}

/// Reads the ticket from the log; `None` if there is no such ticket.
pub(crate) async fn of_ticket(
    log: &Log,
    tenant: &Tenant,
    ticket_id: TicketId,
) -> Result<Option<TicketFacts>, Error> {
    let stream = StreamId::new("ticket", ticket_id.0);
    let mut ticket = None;
    for event in log.read_stream(tenant, &stream, 0).await? {
        ticket = after(ticket, &event)?;
    }
    Ok(ticket)
}

fn after(
    ticket: Option<TicketFacts>,
    event: &Recorded,
) -> Result<Option<TicketFacts>, DecodeError> {
    let bytes = &*event.payload;
    let Some(mut ticket) = ticket else {
        return match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => registered(bytes).map(Some),
            _ => Ok(None),
        };
    };
    match event.event_type.as_str() {
        wire::event::TICKET_CLASSIFIED => {
            let message = intake::v1::TicketClassified::decode(bytes)?;
            ticket.facts.kind = known::<intake::v1::TicketType, _>(message.r#type, "type")?;
            ticket.facts.category_code = message.category_code;
        }
        wire::event::PRIORITY_CHANGED => {
            let message = intake::v1::PriorityChanged::decode(bytes)?;
            ticket.facts.priority =
                Some(known::<common::v1::Priority, _>(message.priority, "priority")?);
        }
        wire::event::TICKET_RESOLVED | wire::event::TICKET_CLOSED => ticket.over = true,
        wire::event::TICKET_REOPENED => ticket.over = false,
        wire::event::COMPLAINT_DECIDED => {
            let message = intake::v1::ComplaintDecided::decode(bytes)?;
            let by = message.decided_by.map(|decider| decider.id);
            let people = by.into_iter().chain([message.approved_by]);
            ticket.deciders.extend(people.filter(|id| !id.is_empty()).map(AgentId));
        }
        // Messages, holds and work change nothing about where a ticket belongs.
        _ => {}
    }
    Ok(Some(ticket))
}

fn registered(bytes: &[u8]) -> Result<TicketFacts, DecodeError> {
    let message = intake::v1::TicketRegistered::decode(bytes)?;
    Ok(TicketFacts {
        received_at: scalar::instant(message.received_at.as_ref(), "received_at")?,
        facts: Facts {
            kind: known::<intake::v1::TicketType, _>(message.r#type, "type")?,
            category_code: String::new(),
            priority: None,
            channel: known::<common::v1::Channel, _>(message.channel, "channel")?,
            language: message.language,
        },
        over: false,
        deciders: BTreeSet::new(),
    })
}
