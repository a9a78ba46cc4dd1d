//! An event of a ticket puts it into a queue; an event of routing's own assigns owners to waiting
//! tickets.
//!
//! No assignment is missed: of a waiting ticket and a free capacity, the reaction to the later
//! event sees both. A choice that failed is repeated.
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use chassis::clock::Clock;
use domain::ids::{AgentId, AssignmentId, TicketId};
use domain::route::{Assign, Command, EndReason, Method, Placing, Rejection, Route, State};
use eventlog::subscription::{HandlerError, Subscriber};
use eventlog::{Cause, ExecuteError, Log, Recorded, Tenant};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use prost::Message as _;
use sqlx::PgConnection;
use uuid::Uuid;
use wire::intake::v1::{PriorityCause, PriorityChanged, ReopenTrigger, TicketReopened};
use wire::routing::v1::{AssignmentMethod, EscalationKind, TicketAssigned, TicketEscalated};

use crate::config::Config;
use crate::escalation::{Late, late};
use crate::facts;
use crate::floor::{Choice, Floors, Hold, Who};
use crate::read_model::Projection;
use crate::shift::leaves;

pub(crate) const SERVICE: &str = "routing";
/// Assignments of one event that are appended at the same time.
pub(crate) const CONCURRENT: usize = 16;

/// Projects and reacts.
pub(crate) struct Reactions {
    pub(crate) log: Log,
    /// The same log, sealing what people hand over: it forgets the keys of erased parties.
    sealed: Log,
    pub(crate) floors: Floors,
    clock: Arc<dyn Clock>,
    pub(crate) assignments_at_once: usize,
}

impl Subscriber for Reactions {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        Projection.project(tx, events).await
    }

    async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        let Some(reaction) = Reaction::to(event)? else { return Ok(()) };
        let tenant = event.to_tenant();
        match reaction {
            Reaction::Place => self.place(event, &tenant, None).await,
            Reaction::Reopen(why) => self.place(event, &tenant, Some(why)).await,
            Reaction::Appeal => self.appeal(event, &tenant).await,
            Reaction::End(reason) => self.end(event, &tenant, reason).await,
            Reaction::Late(Late::Accept) => self.pass_over(event, &tenant).await,
            Reaction::Late(Late::Assign) => self.alarm_unowned(event, &tenant).await,
            Reaction::Late(Late::Due(due)) => self.alarm_due(event, &tenant, due).await,
            Reaction::EndShift(agent_id) => self.end_shift(event, &tenant, &agent_id).await,
            Reaction::Fill => self.fill(event, &tenant).await,
        }
    }

    fn committed(&self, events: &[Recorded]) {
        if events.iter().any(|event| event.event_type == wire::event::PARTY_ERASED) {
            self.sealed.forget_personal_data();
        }
    }
}

/// What an event asks of routing.
enum Reaction {
    /// The ticket's facts changed: the rules say where it belongs.
    Place,
    /// The ticket is worked on again.
    Reopen(Reopening),
    /// The customer appeals.
    Appeal,
    /// The ticket is over.
    End(EndReason),
    /// A time is over, or will soon be.
    Late(Late),
    /// An agent takes no tickets any more.
    EndShift(AgentId),
    /// A ticket may be waiting, or an agent may be free.
    Fill,
}

impl Reaction {
    /// Every event that routing answers; it ignores all others on purpose.
    fn to(event: &Recorded) -> Result<Option<Self>, HandlerError> {
        let reaction = match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => Self::Place,
            // Type and priority of a new ticket are appended together with its registration,
            // which has been placed with them.
            wire::event::TICKET_CLASSIFIED if event.version == 2 => return Ok(None),
            wire::event::TICKET_CLASSIFIED => Self::Place,
            wire::event::PRIORITY_CHANGED if is_initial(event)? => return Ok(None),
            wire::event::PRIORITY_CHANGED => Self::Place,
            wire::event::TICKET_REOPENED => Self::Reopen(reopening(event)?),
            wire::event::APPEAL_FILED => Self::Appeal,
            wire::event::TICKET_RESOLVED => Self::End(EndReason::Resolved),
            wire::event::TICKET_CLOSED => Self::End(EndReason::Closed),
            wire::event::TICKET_QUEUED | wire::event::ROUTE_ENDED => Self::Fill,
            wire::event::DIRECTORY_CHANGED => match leaves(event)? {
                Some(agent_id) => Self::EndShift(agent_id),
                None => Self::Fill,
            },
            wire::event::TICKET_ASSIGNED if takes_from_somebody(event)? => Self::Fill,
            wire::event::TICKET_ESCALATED if frees_somebody(event)? => Self::Fill,
            wire::event::CLOCK_BREACHED | wire::event::THRESHOLD_REACHED => match late(event)? {
                Some(late) => Self::Late(late),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok((!event.metadata()?.historical).then_some(reaction))
    }
}

/// Why a ticket is worked on again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reopening {
    /// The customer appeals: another agent decides.
    Appeal,
    /// Anything else: its last owner knows it.
    Other,
}

fn reopening(event: &Recorded) -> Result<Reopening, HandlerError> {
    let message = TicketReopened::decode(&*event.payload).map_err(wire::DecodeError::from)?;
    let appeals = message.trigger() == ReopenTrigger::Appeal;
    Ok(if appeals { Reopening::Appeal } else { Reopening::Other })
}

fn is_initial(event: &Recorded) -> Result<bool, HandlerError> {
    let message = PriorityChanged::decode(&*event.payload).map_err(wire::DecodeError::from)?;
    Ok(message.cause() == PriorityCause::Initial)
}

/// Who passes on a ticket, or is passed over, is free then.
fn frees_somebody(event: &Recorded) -> Result<bool, HandlerError> {
    let message = TicketEscalated::decode(&*event.payload).map_err(wire::DecodeError::from)?;
    Ok(message.kind() == EscalationKind::Functional)
}

/// Only a person takes a ticket from its owner by an assignment alone; the owner is free then.
fn takes_from_somebody(event: &Recorded) -> Result<bool, HandlerError> {
    let message = TicketAssigned::decode(&*event.payload).map_err(wire::DecodeError::from)?;
    Ok(message.method() == AssignmentMethod::Manual)
}

impl Reactions {
    pub(crate) fn new(
        (log, sealed): (Log, Log),
        floors: Floors,
        clock: Arc<dyn Clock>,
        config: &Config,
    ) -> Self {
        Self { log, sealed, floors, clock, assignments_at_once: config.assignments_at_once }
    }

    /// Queues a ticket where it belongs, with an owner if an agent is free.
    async fn place(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        reopened: Option<Reopening>,
    ) -> Result<(), HandlerError> {
        let ticket_id = TicketId(event.stream.id);
        let Some(ticket) = facts::of_ticket(&self.log, tenant, ticket_id).await? else {
            return Ok(());
        };
        // Read late: what is over by now has stood in a queue like any other, but nobody
        // should be given it.
        if ticket.over && event.event_type != wire::event::TICKET_REGISTERED {
            return Ok(());
        }
        let seat = self.floors.at(tenant, event.position).await?;
        let wish = seat.wish(ticket_id, &ticket, self.clock.now());
        drop(seat);
        // The end of a reopened route may still be on its way to the floor: the route itself
        // knows.
        let settled = match wish.there && reopened.is_none() {
            true => None,
            false => self.settled(event, tenant, &wish.placing).await?,
        };
        let Some((placing, last_owner, excluded)) = settled else {
            // It stays; with another owner, if it has become critical while its own is away.
            return match wish.left_by.filter(|_| event.event_type == wire::event::PRIORITY_CHANGED)
            {
                Some(agent_id) => {
                    let command = Command::EndShift { agent_id, critical: true };
                    self.take(event, tenant, ticket_id, command).await
                }
                None => Ok(()),
            };
        };
        let appeal = reopened == Some(Reopening::Appeal);
        let appeal_against = appeal.then(|| ticket.deciders.clone());
        let who = Who {
            preferred: last_owner.as_ref().filter(|_| reopened.is_some() && !appeal),
            without: appeal_against.as_ref().unwrap_or(&excluded),
        };
        let chosen = match ticket.over {
            true => None,
            false => {
                let mut seat = self.floors.at(tenant, event.position).await?;
                seat.choose(ticket_id, &placing, who)
            }
        };
        let owner = chosen.as_ref().map(|(choice, _)| self.assign(event, choice));
        let command = match reopened {
            Some(_) => Command::Reopen { placing, owner, appeal_against },
            None => Command::Place { placing, owner },
        };
        let cause = Cause::reaction(event, SERVICE)?;
        let executed = if event.event_type == wire::event::TICKET_REGISTERED {
            eventlog::create::<Route>(&self.log, tenant, ticket_id.0, &cause, &command).await?
        } else {
            eventlog::execute::<Route>(&self.log, tenant, ticket_id.0, &cause, &command).await?
        };
        if let Some((choice, hold)) = chosen {
            let owner = executed.state.assignment().map(|current| &current.assigned.agent_id);
            if owner == Some(&choice.agent_id) {
                hold.appended(executed.position);
            } else {
                // The ticket stood there already: somebody is free after all.
                drop(hold);
                self.fill(event, tenant).await?;
            }
        }
        Ok(())
    }

    /// Takes the ticket from an agent who decided what the customer appeals against, if a message
    /// had brought it back before anybody knew that it is an appeal.
    async fn appeal(&self, event: &Recorded, tenant: &Tenant) -> Result<(), HandlerError> {
        let ticket_id = TicketId(event.stream.id);
        let Some(ticket) = facts::of_ticket(&self.log, tenant, ticket_id).await? else {
            return Ok(());
        };
        let cause = Cause::reaction(event, SERVICE)?;
        let command = Command::Appeal { deciders: ticket.deciders };
        eventlog::execute::<Route>(&self.log, tenant, ticket_id.0, &cause, &command).await?;
        Ok(())
    }

    /// Where the ticket goes if the rules say `placing`, who owned it last, and who stays out of
    /// it; `None` if it stays where it is.
    async fn settled(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        placing: &Placing,
    ) -> Result<Option<(Placing, Option<AgentId>, BTreeSet<AgentId>)>, HandlerError> {
        if event.event_type == wire::event::TICKET_REGISTERED {
            return Ok(Some((placing.clone(), None, BTreeSet::new())));
        }
        let route = eventlog::load::<Route>(&self.log, tenant, event.stream.id).await?;
        let Some(course) = route.state.course() else {
            return Ok(Some((placing.clone(), None, BTreeSet::new())));
        };
        let placing = course.settle(placing);
        let stays = matches!(route.state, State::Queued(_) | State::Assigned(..))
            && placing.queue_id == course.queue.queue_id;
        let excluded = match route.state {
            State::Ended(_) => BTreeSet::new(),
            State::Absent | State::Queued(_) | State::Assigned(..) => course.deciders.clone(),
        };
        Ok((!stays).then(|| (placing, course.last_owner.clone(), excluded)))
    }

    async fn end(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        reason: EndReason,
    ) -> Result<(), HandlerError> {
        let cause = Cause::reaction(event, SERVICE)?;
        let command = Command::End { reason };
        eventlog::execute::<Route>(&self.log, tenant, event.stream.id, &cause, &command).await?;
        Ok(())
    }

    /// Finds owners for waiting tickets, until no suitable agent is free.
    async fn fill(&self, event: &Recorded, tenant: &Tenant) -> Result<(), HandlerError> {
        let mut tried = HashSet::new();
        loop {
            let matched = {
                let mut seat = self.floors.at(tenant, event.position).await?;
                seat.match_waiting(self.assignments_at_once, &tried)
            };
            if matched.is_empty() {
                return Ok(());
            }
            tried.extend(matched.iter().map(|(choice, _)| choice.ticket_id));
            let mut given = futures::stream::iter(matched)
                .map(|(choice, hold)| self.give(event, tenant, choice, hold))
                .buffer_unordered(CONCURRENT);
            while let Some(result) = given.next().await {
                result?;
            }
        }
    }

    /// Gives one waiting ticket to its chosen owner. The rules of the route have the last
    /// word: a ticket that was taken, moved or ended in the meantime is left alone.
    async fn give(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        choice: Choice,
        hold: Hold,
    ) -> Result<(), HandlerError> {
        let ticket_id = choice.ticket_id.0;
        let mut cause = Cause::reaction(event, SERVICE)?;
        cause.correlation_id = ticket_id;
        // It became possible when both were there: the ticket and the free owner.
        cause.occurred_at = choice
            .queued_at
            .map_or(cause.occurred_at, |queued_at| cause.occurred_at.max(queued_at));
        let command = Command::Assign(self.assign(event, &choice));
        match eventlog::execute::<Route>(&self.log, tenant, ticket_id, &cause, &command).await {
            Ok(executed) => {
                let owner = executed.state.assignment().map(|current| &current.assigned.agent_id);
                if owner == Some(&choice.agent_id) {
                    hold.appended(executed.position);
                }
                Ok(())
            }
            Err(ExecuteError::Rejected(
                Rejection::AlreadyAssigned
                | Rejection::QueueChanged
                | Rejection::RouteEnded
                | Rejection::RouteUnknown,
            )) => Ok(()),
            Err(error) => unless_foreign(error, choice.ticket_id),
        }
    }

    pub(crate) fn assign(&self, event: &Recorded, choice: &Choice) -> Assign {
        Assign {
            assignment_id: assignment_id(event.event_id, choice.ticket_id),
            queue_id: choice.queue_id.clone(),
            team_id: Some(choice.team_id.clone()),
            agent_id: choice.agent_id.clone(),
            method: Method::Rule,
            accept_by: accept_by(self.clock.now(), choice.accept_within_s),
        }
    }
}

/// A fault in a ticket's own stream is not a fault of the event at hand.
pub(crate) fn unless_foreign(
    error: ExecuteError<Rejection>,
    ticket_id: TicketId,
) -> Result<(), HandlerError> {
    match HandlerError::from(error) {
        HandlerError::Transient(source) => Err(HandlerError::Transient(source)),
        HandlerError::Poison(reason) => {
            tracing::error!(ticket.id = %ticket_id.0, reason, "ticket neither given nor taken");
            Ok(())
        }
    }
}

/// Id of the assignment of a ticket by one event or request: the same if it comes again.
pub(crate) fn assignment_id(cause: Uuid, ticket_id: TicketId) -> AssignmentId {
    AssignmentId(Uuid::new_v5(&cause, ticket_id.0.as_bytes()))
}

/// Until when an owner who is given a ticket now should accept.
pub(crate) fn accept_by(now: Timestamp, accept_within_s: u32) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(i64::from(accept_within_s)))
        .unwrap_or(Timestamp::MAX)
}
