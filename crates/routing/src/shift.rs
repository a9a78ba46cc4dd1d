//! When an agent stops taking tickets, those that cannot wait go to others.
use domain::directory::{self, Object};
use domain::ids::{AgentId, TicketId};
use domain::route::{self, Command, Route};
use eventlog::subscription::HandlerError;
use eventlog::{Cause, Recorded, StreamId, Tenant};
use futures::StreamExt as _;
use prost::Message as _;
use wire::Payload as _;
use wire::routing::v1::{AssignmentMethod, TicketAssigned};

use crate::reactions::{CONCURRENT, Reactions, SERVICE, unless_foreign};

/// The agent who took tickets until this change of the directory and takes none after it.
pub(crate) fn leaves(event: &Recorded) -> Result<Option<AgentId>, HandlerError> {
    let directory::Event::Changed { object, .. } = event.decode()?;
    Ok(match object {
        Object::Availability { agent_id, available: false } => Some(agent_id),
        Object::Agent(_) | Object::Availability { .. } | Object::Queue(_) | Object::Team(_) => None,
    })
}

impl Reactions {
    /// Takes from an agent who is away the tickets that cannot wait, page by page; nothing from one
    /// who has come back, and nothing that came after the agent had left.
    pub(crate) async fn end_shift(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        agent_id: &AgentId,
    ) -> Result<(), HandlerError> {
        let mut after = None;
        loop {
            let seat = self.floors.at(tenant, event.position).await?;
            let page = seat.left_by(agent_id, after, self.assignments_at_once);
            drop(seat);
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut taken = futures::stream::iter(page)
                .map(|(ticket_id, critical)| async move {
                    if self.came_later(event, tenant, ticket_id).await? {
                        return Ok(());
                    }
                    let command = Command::EndShift { agent_id: agent_id.clone(), critical };
                    self.take(event, tenant, ticket_id, command).await
                })
                .buffer_unordered(CONCURRENT);
            while let Some(result) = taken.next().await {
                result?;
            }
        }
    }

    /// Somebody gave the ticket to its owner after the event, or an import did. What routing gave
    /// since, it had chosen before.
    async fn came_later(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        ticket_id: TicketId,
    ) -> Result<bool, HandlerError> {
        let route = StreamId::new(route::Event::CATEGORY, ticket_id.0);
        let events = self.log.read_stream(tenant, &route, 0).await?;
        let given = events.iter().rfind(|e| e.event_type == wire::event::TICKET_ASSIGNED);
        let Some(given) = given.filter(|given| given.position > event.position) else {
            return Ok(false);
        };
        let assigned = TicketAssigned::decode(&*given.payload).map_err(wire::DecodeError::from)?;
        Ok(!matches!(assigned.method(), AssignmentMethod::Rule | AssignmentMethod::OnCall))
    }

    /// Takes one ticket from an agent who is away, if the route agrees.
    pub(crate) async fn take(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        ticket_id: TicketId,
        command: Command,
    ) -> Result<(), HandlerError> {
        let mut cause = Cause::reaction(event, SERVICE)?;
        cause.correlation_id = ticket_id.0;
        match eventlog::execute::<Route>(&self.log, tenant, ticket_id.0, &cause, &command).await {
            Ok(_) => Ok(()),
            Err(error) => unless_foreign(error, ticket_id),
        }
    }
}
