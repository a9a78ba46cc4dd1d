//! When an agent stops taking tickets, those that cannot wait go to others.
use domain::directory::{self, Object};
use domain::ids::{AgentId, TicketId};
use domain::route::{Command, Route};
use eventlog::subscription::HandlerError;
use eventlog::{Cause, Recorded, Tenant};
use futures::StreamExt as _;

use crate::reactions::{CONCURRENT, Reactions, SERVICE, unless_foreign};

/// The agent who takes no tickets after this change of the directory.
pub(crate) fn leaves(event: &Recorded) -> Result<Option<AgentId>, HandlerError> {
    let directory::Event::Changed { object, .. } = event.decode()?;
    Ok(match object {
        Object::Agent(agent) if !agent.available => Some(agent.agent_id),
        Object::Availability { agent_id, available: false } => Some(agent_id),
        Object::Agent(_) | Object::Availability { .. } | Object::Queue(_) | Object::Team(_) => None,
    })
}

impl Reactions {
    /// Takes from an agent who is away the tickets that cannot wait, page by page; nothing from one
    /// who has come back.
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
                .map(|(ticket_id, critical)| {
                    let command = Command::EndShift { agent_id: agent_id.clone(), critical };
                    self.take(event, tenant, ticket_id, command)
                })
                .buffer_unordered(CONCURRENT);
            while let Some(result) = taken.next().await {
                result?;
            }
        }
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
