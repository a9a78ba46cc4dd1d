//! A ticket's route: the queue it stands in and the agent who owns it.
//!
//! ```text
//! ABSENT ──▶ QUEUED ◀──▶ ASSIGNED ──▶ ENDED
//!               ▲            accepted?   │
//!               └────── reopened ────────┘
//! ```
//! From its first event to its end a route always names a queue, so no ticket is ever lost.
//! `rules` choose the queue and [`candidates`] the owner; both choices arrive inside commands. An
//! escalation moves the ticket to another queue or owner, or tells the leads and leaves it in
//! place.
pub mod candidates;
mod command;
mod course;
mod decide;
mod escalation;
#[cfg(test)]
mod tests;

pub use command::{Assign, Command, Placing, Rejection, Requeue, Step};
pub use course::Course;
pub use escalation::{
    Alarm, AlarmWhile, Escalate, EscalateTo, Escalated, EscalationKind, EscalationTrigger,
    Handover, PassOver,
};

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::aggregate::Aggregate;
use crate::ids::{AgentId, AssignmentId, QueueId, RuleId, TeamId};
use crate::priority::Priority;
use crate::skill::Skill;

/// The aggregate behind the streams `route-<ticket id>`.
#[derive(Debug, Clone, Copy)]
pub struct Route;

impl Aggregate for Route {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &Event) -> State {
        state.evolve(event)
    }
}

/// A route's stage, with what is known in that stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// No such route.
    #[default]
    Absent,
    /// Waits for an owner.
    Queued(Course),
    /// Has an owner.
    Assigned(Course, Assignment),
    /// Ended with the ticket.
    Ended(Course),
}

/// Who owns a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// How and to whom it was given.
    pub assigned: Assigned,
    /// The owner took it on.
    pub accepted: bool,
}

/// A fact of a route. Each variant is the message of its name on the wire, for example
/// `Queued` is `odzew.routing.v1.TicketQueued`.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The ticket stands in a queue and has no owner.
    Queued(Queued),
    /// The ticket has an owner.
    Assigned(Assigned),
    /// The owner took it on.
    Accepted {
        /// The assignment.
        assignment_id: AssignmentId,
        /// The owner.
        agent_id: AgentId,
    },
    /// It needs more than its present owner or level.
    Escalated(Escalated),
    /// The route ended with the ticket.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// Where a ticket stands, and why there.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// The queue.
    pub queue_id: QueueId,
    /// Level of the queue.
    pub level: u32,
    /// Skills that its owner must have.
    pub required_skills: Vec<Skill>,
    /// The rule that matched.
    pub rule_id: Option<RuleId>,
    /// Version of the rules; 0 without rules.
    pub rules_version: u32,
    /// No rule matched, the fallback queue took it.
    pub fallback: bool,
    /// Why it was queued.
    pub reason: QueuedReason,
    /// Who gets it if free: the last owner of a reopened ticket.
    pub preferred_agent: Option<AgentId>,
    /// Who does not get it by routing: who decided what the customer appeals against, or did not
    /// accept it in time.
    pub excluded_agents: BTreeSet<AgentId>,
    /// The ticket's priority when it was queued.
    pub priority: Option<Priority>,
    /// When the organisation received the ticket; it keeps its place in the queue by it.
    pub received_at: Timestamp,
}

/// To whom a ticket was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    /// Id.
    pub assignment_id: AssignmentId,
    /// Team that serves the queue.
    pub team_id: Option<TeamId>,
    /// The owner.
    pub agent_id: AgentId,
    /// Level of the queue.
    pub level: u32,
    /// How the owner was found.
    pub method: Method,
    /// Until when the owner should accept.
    pub accept_by: Timestamp,
}

/// Why a ticket was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueuedReason {
    /// It is new.
    New,
    /// Its type, category or priority changed.
    Reclassified,
    /// It was given back.
    Returned,
    /// Its owner's shift ended.
    ShiftEnd,
    /// It was escalated.
    Escalated,
    /// It was reopened.
    Reopened,
    /// Taken over from another system.
    Imported,
    /// The customer appeals, and its owner had decided.
    Appealed,
    /// Its owner did not accept in time, and no other agent was free.
    NotAccepted,
}

/// How an owner was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// By rule: the least loaded suitable agent.
    Rule,
    /// The agent took it.
    Pull,
    /// A person assigned it.
    Manual,
    /// By on-call plan.
    OnCall,
    /// Taken over from another system.
    Import,
}

/// Why a route ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// The ticket was resolved.
    Resolved,
    /// The ticket was closed.
    Closed,
}

impl State {
    /// What is known of the route; `None` if there is no such route.
    #[must_use]
    pub fn course(&self) -> Option<&Course> {
        match self {
            Self::Absent => None,
            Self::Queued(course) | Self::Assigned(course, _) | Self::Ended(course) => Some(course),
        }
    }

    /// The present owner.
    #[must_use]
    pub fn assignment(&self) -> Option<&Assignment> {
        match self {
            Self::Assigned(_, assignment) => Some(assignment),
            Self::Absent | Self::Queued(_) | Self::Ended(_) => None,
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Queued(queued) => self.queued(queued),
            Event::Assigned(assigned) => self.assigned(assigned),
            Event::Accepted { assignment_id, .. } => match self {
                Self::Assigned(course, assignment)
                    if assignment.assigned.assignment_id == *assignment_id =>
                {
                    Self::Assigned(course, Assignment { accepted: true, ..assignment })
                }
                other => other,
            },
            Event::Escalated(escalated) => self.escalated(escalated),
            Event::Ended { .. } => match self {
                Self::Queued(course) | Self::Assigned(course, _) => Self::Ended(course),
                other => other,
            },
        }
    }

    /// What it leads to is told by the events beside it; here it is only remembered who did
    /// not accept, and of what the leads know.
    fn escalated(mut self, escalated: &Escalated) -> Self {
        if let Self::Assigned(course, assignment) = &mut self
            && escalated.passes_over()
        {
            course.passed_over.insert(assignment.assigned.agent_id.clone());
        }
        if let Self::Queued(course) | Self::Assigned(course, _) | Self::Ended(course) = &mut self
            && escalated.kind == EscalationKind::Hierarchical
        {
            course.told.insert(escalated.escalation_id);
        }
        self
    }

    fn queued(self, queued: &Queued) -> Self {
        Self::Queued(Course::after(self.course(), queued))
    }

    fn assigned(self, assigned: &Assigned) -> Self {
        match self {
            Self::Queued(mut course) | Self::Assigned(mut course, _) => {
                if course.last_owner.as_ref().is_some_and(|owner| *owner != assigned.agent_id) {
                    course.reassignments += 1;
                }
                course.last_owner = Some(assigned.agent_id.clone());
                Self::Assigned(course, Assignment { assigned: assigned.clone(), accepted: false })
            }
            other => other,
        }
    }
}
