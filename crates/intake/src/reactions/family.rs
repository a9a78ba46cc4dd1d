//! Passes news about an incident on to its children, and its solution, too.
//!
//! A parent records its children a moment after they were linked. What happened to it in between
//! reaches the child when it is recorded, by the same command for the same cause, so nothing is
//! missed and nothing is told twice.
use domain::Aggregate as _;
use domain::ids::TicketId;
use domain::priority::Channel;
use domain::ticket::{
    CascadeResolve, Command, Event, MessageAdded, MessagePurpose, Resolved, State, Ticket,
    TicketType,
};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use futures::StreamExt as _;
use wire::scalar::uuid_opt;

use super::{Reactions, SERVICE};
use crate::convert::letters_over;
use crate::identity;

/// Children of one ticket that are told at the same time.
const CONCURRENT: usize = 16;

impl Reactions {
    /// Tells the children what was told about the incident.
    pub(super) async fn broadcast(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        message: &MessageAdded,
    ) -> Result<(), HandlerError> {
        let state = self.before(event, tenant, TicketId(event.stream.id)).await?;
        let mut told = futures::stream::iter(children(&state))
            .map(|child| self.tell(event, tenant, child, message))
            .buffer_unordered(CONCURRENT);
        while let Some(result) = told.next().await {
            result?;
        }
        Ok(())
    }

    /// All tickets of a tree are told by the cause of the first one, so this ends even if two
    /// tickets are each other's parent because both were linked at the same moment.
    async fn tell(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        child: TicketId,
        message: &MessageAdded,
    ) -> Result<(), HandlerError> {
        let passed_on = uuid_opt(&event.metadata()?.causation_id, "causation_id")?;
        let first = passed_on.unwrap_or(event.event_id);
        let cause = Cause { causation_id: Some(first), ..Cause::reaction(event, SERVICE)? };
        let told = MessageAdded {
            message_id: identity::told_by(first, child),
            // Told to the customer of the child alone, wherever else it stands: whoever wrote to us
            // there, or got our letter, is the incident's customer.
            public_venue: false,
            channel: match letters_over(message.channel) {
                Channel::Letter => Channel::Email,
                channel => channel,
            },
            ..message.clone()
        };
        self.follow_if_allowed(cause, tenant, child, &Command::TakeBroadcast(told)).await
    }

    /// Gives the children of an incident its solution.
    pub(super) async fn cascade(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        resolved: &Resolved,
    ) -> Result<(), HandlerError> {
        let state = self.before(event, tenant, TicketId(event.stream.id)).await?;
        if !is_incident(&state) {
            return Ok(());
        }
        let mut solved = futures::stream::iter(children(&state))
            .map(|child| self.solve(event, tenant, child, resolved))
            .buffer_unordered(CONCURRENT);
        while let Some(result) = solved.next().await {
            result?;
        }
        Ok(())
    }

    async fn solve(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        child: TicketId,
        resolved: &Resolved,
    ) -> Result<(), HandlerError> {
        let parent = TicketId(event.stream.id);
        let cascade = CascadeResolve { parent, resolved: resolved.clone() };
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, child, &Command::CascadeResolve(cascade)).await
    }

    /// What happened to the parent after the child was linked and before the parent noted it.
    pub(super) async fn catch_up(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        child: TicketId,
    ) -> Result<(), HandlerError> {
        let cause = event.metadata()?.causation_id;
        let own = self.stream(tenant, child).await?;
        let linked = own.iter().find(|recorded| recorded.event_id.to_string() == cause);
        let Some(linked) = linked.map(|recorded| recorded.position) else { return Ok(()) };
        let parent = self.stream(tenant, TicketId(event.stream.id)).await?;
        let mut state = State::default();
        for recorded in parent.iter().filter(|recorded| recorded.position < event.position) {
            let happened = recorded.decode::<Event>()?;
            if recorded.position > linked {
                self.reach(recorded, tenant, child, (&state, &happened)).await?;
            }
            state = Ticket::evolve(state, &happened);
        }
        Ok(())
    }

    /// What the event in the parent's stream means for one child.
    async fn reach(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        child: TicketId,
        (before, happened): (&State, &Event),
    ) -> Result<(), HandlerError> {
        match happened {
            Event::MessageAdded(message) if message.purpose == MessagePurpose::Broadcast => {
                self.tell(event, tenant, child, message).await
            }
            Event::Resolved(resolved) if is_incident(before) => {
                self.solve(event, tenant, child, resolved).await
            }
            Event::Registered(_)
            | Event::Classified(_)
            | Event::PriorityChanged(_)
            | Event::MessageAdded(_)
            | Event::WorkStarted { .. }
            | Event::Held(_)
            | Event::Unheld { .. }
            | Event::Resolved(_)
            | Event::Reopened(_)
            | Event::Closed(_)
            | Event::PromiseMade(_)
            | Event::RequestExtended(_)
            | Event::ContactNoted(_)
            | Event::PartyLinked(_)
            | Event::Merged { .. }
            | Event::Split(_)
            | Event::Linked(_)
            | Event::Unlinked(_)
            | Event::Complaint(_) => Ok(()),
        }
    }
}

fn children(state: &State) -> Vec<TicketId> {
    state.facts().into_iter().flat_map(|facts| facts.children()).collect()
}

fn is_incident(state: &State) -> bool {
    state.facts().is_some_and(|facts| facts.kind == TicketType::Incident)
}
