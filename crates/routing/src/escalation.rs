//! Automatic escalation: a ticket that was not accepted in time passes to the next agent, and the
//! leads are told. They are also told of a ticket without an owner in time, and of a solution,
//! promise or statutory answer that is nearly or already late.
//!
//! These hand-overs contain only what routing knows: codes, opaque ids and times, all of which
//! other events have in clear. They need no keys, so a critical ticket finds its next owner even
//! while intake is unavailable.
use std::collections::BTreeSet;

use domain::ids::{AssignmentId, EscalationId, Personal, TicketId};
use domain::policy::ClockClass;
use domain::priority::{Priority, TicketType};
use domain::route::{
    Alarm, AlarmWhile, Assign, Assigned, Command, Course, EscalationTrigger, Handover, PassOver,
    Rejection, Route,
};
use eventlog::subscription::HandlerError;
use eventlog::{Cause, ExecuteError, Recorded, StreamId, Tenant};
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;
use wire::DecodeError;
use wire::scalar::{instant, uuid, uuid_opt};
use wire::sla::v1::{ClockBreached, ClockKind, ClockStarted, ThresholdReached};

use crate::facts::{self, TicketFacts};
use crate::floor::Succession;
use crate::reactions::{Reactions, SERVICE};

/// The percentage of a time at which the leads are told; before that only the owner is reminded.
const LEADS_AT: u32 = 90;

/// What a time that has passed, or soon will, asks of routing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// The owner has not accepted the assignment.
    Accept,
    /// The ticket has no owner.
    Assign,
    /// The customer's or the law's time is in danger, or over.
    Due(Due),
}

/// A time that the customer or the law waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    clock_id: Uuid,
    kind: ClockKind,
    due_at: Timestamp,
    /// It has passed.
    over: bool,
}

/// What a clock's event asks of routing; nothing if it is others' matter.
pub(crate) fn late(event: &Recorded) -> Result<Option<Late>, DecodeError> {
    let over = event.event_type == wire::event::CLOCK_BREACHED;
    let (kind, clock_id, due_at) = if over {
        let breached = ClockBreached::decode(&*event.payload)?;
        (breached.kind(), breached.clock_id, breached.due_at)
    } else {
        let reached = ThresholdReached::decode(&*event.payload)?;
        if reached.percent < LEADS_AT {
            return Ok(None);
        }
        (reached.kind(), reached.clock_id, reached.due_at)
    };
    Ok(match kind {
        ClockKind::Accept => over.then_some(Late::Accept),
        ClockKind::Assign => over.then_some(Late::Assign),
        ClockKind::Resolution
        | ClockKind::StatutoryResponse
        | ClockKind::StatutoryAck
        | ClockKind::AppealResponse
        | ClockKind::Promise => Some(Late::Due(Due {
            clock_id: uuid(&clock_id, "clock_id")?,
            kind,
            due_at: instant(due_at.as_ref(), "due_at")?,
            over,
        })),
        // Of these the owner is told alone.
        ClockKind::Ack
        | ClockKind::FirstReply
        | ClockKind::NextReply
        | ClockKind::PeriodicUpdate
        | ClockKind::UcVendor
        | ClockKind::InternalResponse
        | ClockKind::Remedy
        | ClockKind::Unspecified => None,
    })
}

/// Id of an escalation by one event or request: the same if it comes again.
pub(crate) fn escalation_id(cause: Uuid, ticket_id: TicketId, kind: &str) -> EscalationId {
    let name = [ticket_id.0.as_bytes().as_slice(), kind.as_bytes()].concat();
    EscalationId(Uuid::new_v5(&cause, &name))
}

/// Why the leads are told.
struct Why {
    id: EscalationId,
    trigger: EscalationTrigger,
    next_step: String,
    while_it_is: AlarmWhile,
}

impl Reactions {
    /// Passes the ticket on if its owner has still not accepted.
    pub(crate) async fn pass_over(
        &self,
        event: &Recorded,
        tenant: &Tenant,
    ) -> Result<(), HandlerError> {
        let ticket_id = TicketId(event.stream.id);
        let Some(assignment_id) = self.assignment_of(event, tenant).await? else { return Ok(()) };
        let route = eventlog::load::<Route>(&self.log, tenant, ticket_id.0).await?;
        let current = route
            .state
            .assignment()
            .filter(|current| !current.accepted && current.assigned.assignment_id == assignment_id);
        let (Some(course), Some(current)) = (route.state.course(), current) else { return Ok(()) };
        let Some(ticket) = facts::of_ticket(&self.log, tenant, ticket_id).await? else {
            return Ok(());
        };
        let owner = &current.assigned;
        let mut without: BTreeSet<_> = course.passed_over.clone();
        without.insert(owner.agent_id.clone());
        without.extend(course.queue.excluded_agents.iter().cloned());
        let Succession { next, method, team_id, lead_agent_ids } =
            self.floors.at(tenant, event.position).await?.succeed(ticket_id, course, &without)?;
        let assign =
            next.as_ref().map(|(choice, _)| Assign { method, ..self.assign(event, choice) });
        let command = Command::PassOver(Box::new(PassOver {
            assignment_id,
            functional_id: escalation_id(event.event_id, ticket_id, "functional"),
            hierarchical_id: escalation_id(event.event_id, ticket_id, "hierarchical"),
            team_id,
            lead_agent_ids,
            handover: handover(&ticket, course, owner, assign.as_ref().map(|a| a.accept_by)),
            next: assign,
        }));
        let cause = Cause::reaction(event, SERVICE)?;
        let executed =
            eventlog::execute::<Route>(&self.log, tenant, ticket_id.0, &cause, &command).await?;
        if let Some((choice, hold)) = next
            && executed.state.assignment().map(|current| &current.assigned.agent_id)
                == Some(&choice.agent_id)
        {
            hold.appended(executed.position);
        }
        Ok(())
    }

    /// Tells the leads of the queue's team if the ticket still has no owner.
    pub(crate) async fn alarm_unowned(
        &self,
        event: &Recorded,
        tenant: &Tenant,
    ) -> Result<(), HandlerError> {
        let next_step = "Przydzielić: nikt nie jest wolny / Assign: nobody is free".to_owned();
        let id = escalation_id(event.event_id, TicketId(event.stream.id), "hierarchical");
        let (trigger, while_it_is) = (EscalationTrigger::NotAccepted, AlarmWhile::Unowned);
        let why = Why { id, trigger, next_step, while_it_is };
        self.alarm(event, tenant, why).await
    }

    /// Tells the leads that a time of the customer's or the law's is in danger, or over: once of
    /// each, whatever moves the clock.
    pub(crate) async fn alarm_due(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        due: Due,
    ) -> Result<(), HandlerError> {
        let Due { clock_id, kind, due_at, over } = due;
        // The law waits for proof that the customer was told, also of a ticket that has its
        // solution.
        let while_it_is = match kind.class() {
            Some(ClockClass::Statutory) => AlarmWhile::Routed,
            Some(ClockClass::Sla | ClockClass::Ola | ClockClass::Uc | ClockClass::Internal)
            | None => AlarmWhile::Open,
        };
        let kind = kind.as_str_name();
        let kind = kind.strip_prefix("CLOCK_KIND_").unwrap_or(kind);
        let (trigger, name, next_step) = match over {
            true => (
                EscalationTrigger::SlaBreach,
                "breach",
                format!("Termin minął / Time is over: {kind}, {due_at:.0}"),
            ),
            false => (
                EscalationTrigger::SlaThreshold,
                "threshold",
                format!("Zdążyć przed / Be done by: {kind}, {due_at:.0}"),
            ),
        };
        let id = escalation_id(clock_id, TicketId(event.stream.id), name);
        self.alarm(event, tenant, Why { id, trigger, next_step, while_it_is }).await
    }

    /// Tells the leads of the queue's team. If the team has no leads, or the queue is gone, the
    /// escalation is recorded without recipients.
    async fn alarm(&self, event: &Recorded, tenant: &Tenant, why: Why) -> Result<(), HandlerError> {
        let ticket_id = TicketId(event.stream.id);
        let route = eventlog::load::<Route>(&self.log, tenant, ticket_id.0).await?;
        let Some(course) = route.state.course() else { return Ok(()) };
        let matters = |ticket: &TicketFacts| !ticket.over || why.while_it_is == AlarmWhile::Routed;
        let ticket = facts::of_ticket(&self.log, tenant, ticket_id).await?;
        let Some(ticket) = ticket.filter(matters) else { return Ok(()) };
        let queue_id = course.queue.queue_id.clone();
        let leads = self.floors.at(tenant, event.position).await?.leads_of(&queue_id);
        let (team_id, lead_agent_ids) = leads;
        let command = Command::Alarm(Box::new(Alarm {
            escalation_id: why.id,
            queue_id,
            team_id,
            lead_agent_ids,
            trigger: why.trigger,
            handover: Handover {
                summary: Personal(about(&ticket, course)),
                actions_done: passed_over(course).collect(),
                next_step: Personal(why.next_step),
            },
            while_it_is: why.while_it_is,
        }));
        let cause = Cause::reaction(event, SERVICE)?;
        match eventlog::execute::<Route>(&self.log, tenant, ticket_id.0, &cause, &command).await {
            Ok(_) => Ok(()),
            Err(ExecuteError::Rejected(Rejection::QueueChanged)) => {
                Err(HandlerError::transient("the ticket moved while its leads were looked up"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The assignment for which the time ran.
    async fn assignment_of(
        &self,
        breached: &Recorded,
        tenant: &Tenant,
    ) -> Result<Option<AssignmentId>, HandlerError> {
        let clock_id =
            ClockBreached::decode(&*breached.payload).map_err(DecodeError::from)?.clock_id;
        let stream = StreamId::new("clock", breached.stream.id);
        for event in self.log.read_stream(tenant, &stream, 0).await? {
            if event.event_type != wire::event::CLOCK_STARTED {
                continue;
            }
            let started = ClockStarted::decode(&*event.payload).map_err(DecodeError::from)?;
            if started.clock_id == clock_id {
                return Ok(uuid_opt(&started.subject_ref, "subject_ref")?.map(AssignmentId));
            }
        }
        Ok(None)
    }
}

/// What routing knows of the ticket, in codes and times; `accept_by` is that of the next owner.
fn handover(
    ticket: &TicketFacts,
    course: &Course,
    owner: &Assigned,
    accept_by: Option<Timestamp>,
) -> Handover {
    let last = Personal(format!(
        "{}: nie przyjęto do / not accepted by {:.0}",
        owner.agent_id.0, owner.accept_by
    ));
    let next_step = match accept_by {
        Some(at) => format!("Przyjąć do / Accept by {at:.0}"),
        None => "Przydzielić / Assign".to_owned(),
    };
    Handover {
        summary: Personal(about(ticket, course)),
        actions_done: passed_over(course).chain([last]).collect(),
        next_step: Personal(next_step),
    }
}

fn about(ticket: &TicketFacts, course: &Course) -> String {
    let facts = &ticket.facts;
    let mut about = vec![kind_name(facts.kind).to_owned()];
    about.extend((!facts.category_code.is_empty()).then(|| facts.category_code.clone()));
    about.extend(facts.priority.map(|priority| priority_name(priority).to_owned()));
    about.push(format!("{:.0}", ticket.received_at));
    about.push(format!("{} (L{})", course.queue.queue_id.0, course.queue.level));
    about.join(", ")
}

fn passed_over(course: &Course) -> impl Iterator<Item = Personal> {
    course.passed_over.iter().map(|agent| {
        Personal(format!("{}: nie przyjęto w terminie / not accepted in time", agent.0))
    })
}

fn kind_name(kind: TicketType) -> &'static str {
    let name = wire::intake::v1::TicketType::from(kind).as_str_name();
    name.strip_prefix("TICKET_TYPE_").unwrap_or(name)
}

fn priority_name(priority: Priority) -> &'static str {
    let name = wire::common::v1::Priority::from(priority).as_str_name();
    name.strip_prefix("PRIORITY_").unwrap_or(name)
}
