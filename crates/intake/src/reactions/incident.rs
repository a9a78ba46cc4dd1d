//! Links a customer's report of an outage to the incident that monitoring has raised.
//!
//! This requires exactly one such incident: of P1, from monitoring, unresolved, of the same
//! category, about the same service, and not a child itself. With two or more, a person has to
//! choose. A complaint is never linked, because it needs its own answer in its own time.
use std::collections::BTreeSet;

use domain::Aggregate as _;
use domain::business_object::ObjectKind;
use domain::ids::TicketId;
use domain::priority::{Channel, Priority};
use domain::ticket::{
    Command, Event, Facts, LinkKind, LinkTo, PriorityCause, Registered, Stage, State, Ticket,
    TicketType,
};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use prost::Message as _;
use wire::DecodeError;
use wire::intake::v1::TicketRegistered;

use super::{Reactions, SERVICE};
use crate::read_model::{incidents, position};

/// Incidents that are looked at; with so many about one service nobody knows which is meant.
const MOST: i64 = 20;
/// Events of the log that are read at once.
const PAGE: u32 = 1_000;

/// Whether what was registered may be about an incident that is known.
pub(super) fn may_join(registered: &Registered) -> bool {
    registered.kind == TicketType::Incident
        && registered.channel != Channel::Monitoring
        && registered.requester.is_some()
        && services(registered).next().is_some()
}

fn services(registered: &Registered) -> impl Iterator<Item = &str> {
    let about = registered.about.iter().filter(|object| object.kind == ObjectKind::Service);
    about.map(|object| object.id.as_str())
}

impl Reactions {
    pub(super) async fn join_incident(
        &self,
        event: &Recorded,
        tenant: &Tenant,
    ) -> Result<(), HandlerError> {
        let own = TicketId(event.stream.id);
        let state = self.as_registered(tenant, own).await?;
        let Some(facts) = state.facts().filter(|facts| is_of_incident(facts)) else {
            return Ok(());
        };
        let mut running = Vec::new();
        for ticket_id in self.incidents_before(event, tenant, facts).await? {
            let incident = self.before(event, tenant, ticket_id).await?;
            running.extend(is_running(&incident, facts).then_some(ticket_id));
        }
        let [only] = running.as_slice() else { return Ok(()) };
        let link = LinkTo { kind: LinkKind::ChildOf, other: *only, ancestors: Vec::new() };
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, own, &Command::Link(link)).await
    }

    /// The ticket as its registration left it: that ends with the first priority.
    async fn as_registered(
        &self,
        tenant: &Tenant,
        ticket_id: TicketId,
    ) -> Result<State, HandlerError> {
        let mut state = State::default();
        for recorded in self.stream(tenant, ticket_id).await? {
            let happened = recorded.decode::<Event>()?;
            state = Ticket::evolve(state, &happened);
            if matches!(&happened, Event::PriorityChanged(p) if p.cause == PriorityCause::Initial) {
                break;
            }
        }
        Ok(state)
    }

    /// Incidents about one of the services that may have been open before the event. The table
    /// does not have those of the last moment yet: they are read from the log.
    async fn incidents_before(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        facts: &Facts,
    ) -> Result<BTreeSet<TicketId>, HandlerError> {
        let services: Vec<&str> = services(&facts.registered).collect();
        // Where the table is, before it is asked: it may only have come further since.
        let mut after = position::reached(&self.pool, event.partition).await?;
        let known =
            incidents::open_about(&self.pool, tenant.key, &services, event.position, MOST).await?;
        let mut found: BTreeSet<TicketId> = known.into_iter().collect();
        while after + 1 < event.position {
            let page = self.log.read_partition(event.partition, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            let raised = page.iter().filter(|one| {
                one.position < event.position
                    && one.tenant == tenant.key
                    && one.event_type == wire::event::TICKET_REGISTERED
            });
            for one in raised {
                let message = TicketRegistered::decode(one.payload.clone());
                if incidents::is_raised(&message.map_err(DecodeError::from)?) {
                    found.insert(TicketId(one.stream.id));
                }
            }
        }
        Ok(found)
    }
}

fn is_of_incident(facts: &Facts) -> bool {
    facts.kind == TicketType::Incident && !facts.category_code.is_empty()
}

/// Whether the incident is the one that the ticket tells of.
fn is_running(incident: &State, own: &Facts) -> bool {
    let must_be_worked_on = incident.stage().is_some_and(|stage| match stage {
        Stage::New | Stage::Open | Stage::WaitingCustomer | Stage::WaitingThirdParty => true,
        Stage::Resolved | Stage::Closed => false,
    });
    let Some(facts) = incident.facts().filter(|_| must_be_worked_on) else { return false };
    let first = facts.assessment.is_some_and(|assessment| assessment.priority == Priority::P1);
    let theirs: Vec<&str> = services(&facts.registered).collect();
    first
        && facts.registered.channel == Channel::Monitoring
        && is_of_incident(facts)
        && facts.category_code == own.category_code
        && facts.parent().is_none()
        && services(&own.registered).any(|service| theirs.contains(&service))
}
