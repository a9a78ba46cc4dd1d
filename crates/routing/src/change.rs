//! What an event means for an open route, shared by the read model and the floor.
use domain::ids::{AgentId, TicketId};
use domain::priority::Priority;
use domain::route;
use eventlog::Recorded;
use prost::Message as _;
use wire::{DecodeError, Payload as _, common, intake};

/// What happened to a route.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The ticket stands in a queue without an owner.
    Queued(route::Queued),
    /// It has an owner.
    Assigned(AgentId),
    /// It is over.
    Ended,
    /// Its priority changed.
    Prioritised(Priority),
    /// The ticket is closed: nothing is to be remembered for its next route.
    Closed,
}

/// The change that the event makes, and the ticket; none for events that make none.
pub(crate) fn read(event: &Recorded) -> Result<Option<(TicketId, Change)>, DecodeError> {
    let change = if event.stream.category == route::Event::CATEGORY {
        match event.decode()? {
            route::Event::Queued(queued) => Change::Queued(queued),
            route::Event::Assigned(assigned) => Change::Assigned(assigned.agent_id),
            // Where it leads to tell the events beside it.
            route::Event::Accepted { .. } | route::Event::Escalated(_) => return Ok(None),
            route::Event::Ended { .. } => Change::Ended,
        }
    } else if event.event_type == wire::event::PRIORITY_CHANGED {
        let message = intake::v1::PriorityChanged::decode(&*event.payload)?;
        // Appended together with the ticket's registration, which is placed with it.
        if message.cause() == intake::v1::PriorityCause::Initial {
            return Ok(None);
        }
        let priority = wire::words::known::<common::v1::Priority, _>(message.priority, "priority")?;
        Change::Prioritised(priority)
    } else if event.event_type == wire::event::TICKET_CLOSED {
        Change::Closed
    } else {
        return Ok(None);
    };
    Ok(Some((TicketId(event.stream.id), change)))
}
