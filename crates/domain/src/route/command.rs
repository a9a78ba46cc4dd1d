//! Commands to a route, and why they may be refused.
use std::collections::BTreeSet;

use jiff::Timestamp;

#[cfg(doc)]
use super::Course;
use super::{Alarm, Assigned, EndReason, Escalate, Method, PassOver, Queued};
use crate::ids::{AgentId, AssignmentId, QueueId, RuleId, TeamId};
use crate::priority::Priority;
use crate::skill::Skill;

/// A request to change a route.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The rules name a queue. A new ticket is queued there. A ticket in another queue moves,
    /// unless a person has put it there ([`Course::settle`]). A ticket that is already there stays,
    /// with its owner.
    Place {
        /// Where it belongs.
        placing: Placing,
        /// Who gets it at once, if it is queued by this command.
        owner: Option<Assign>,
    },
    /// The ticket is worked on again, in the queue where a person has put it, if one has.
    /// Without effect while the route has not ended.
    Reopen {
        /// Where it belongs.
        placing: Placing,
        /// Who gets it at once.
        owner: Option<Assign>,
        /// On an appeal: who decided, and should not do so again. Without one the last owner is
        /// preferred.
        appeal_against: Option<BTreeSet<AgentId>>,
    },
    /// The customer appeals against decisions of these agents. If one of them owns the ticket,
    /// another owner is looked for. No effect on a route that has ended: it is reopened.
    Appeal {
        /// Who decided.
        deciders: BTreeSet<AgentId>,
    },
    /// Gives the ticket to an agent.
    Assign(Assign),
    /// The owner takes the ticket on.
    Accept {
        /// Who takes it on.
        agent_id: AgentId,
    },
    /// Gives the ticket back to its queue or to another one.
    Requeue(Requeue),
    /// A person wants another group to take the ticket, or the leads to be told.
    Escalate(Escalate),
    /// An agent stops taking tickets. Their tickets that cannot wait go back to the queue: critical
    /// ones, and those that are not accepted.
    EndShift {
        /// Who.
        agent_id: AgentId,
        /// The ticket is.
        critical: bool,
    },
    /// Tells the leads. No effect if they were told before, or if it is no longer relevant.
    Alarm(Box<Alarm>),
    /// The owner did not accept in time. Without effect if that is over.
    PassOver(Box<PassOver>),
    /// The ticket was resolved or closed.
    End {
        /// Which of the two.
        reason: EndReason,
    },
    /// Takes over a step from another system's history.
    TakeOver(Step),
}

/// Where a ticket belongs, and why there.
#[derive(Debug, Clone, PartialEq)]
pub struct Placing {
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
    /// No rule matched.
    pub fallback: bool,
    /// The ticket's priority.
    pub priority: Option<Priority>,
    /// When the organisation received the ticket.
    pub received_at: Timestamp,
}

/// Gives the ticket to an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Assign {
    /// Id of the new assignment.
    pub assignment_id: AssignmentId,
    /// The queue for which the agent was chosen.
    pub queue_id: QueueId,
    /// Team that serves the queue.
    pub team_id: Option<TeamId>,
    /// Who gets it.
    pub agent_id: AgentId,
    /// How the agent was found. Only [`Method::Manual`] takes a ticket from its owner, unless
    /// the owner is passed over.
    pub method: Method,
    /// Until when the agent should accept.
    pub accept_by: Timestamp,
}

/// Gives the ticket back.
#[derive(Debug, Clone, PartialEq)]
pub struct Requeue {
    /// Another queue and its level; none for the same.
    pub to: Option<(QueueId, u32)>,
    /// Set if only the owner may do this.
    pub only_owner: Option<AgentId>,
}

/// A step of another system's history.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The route begins: the ticket was put into its first queue.
    Begun(Queued),
    /// The ticket was put into a queue again.
    Queued(Queued),
    /// The ticket was given to an agent.
    Assigned(Assigned),
    /// The route ended.
    Ended(EndReason),
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The ticket has no route.
    #[error("the ticket has no route")]
    RouteUnknown,
    /// The route has ended with its ticket.
    #[error("the route has ended")]
    RouteEnded,
    /// The ticket has no owner.
    #[error("the ticket has no owner")]
    NotAssigned,
    /// Another agent owns the ticket.
    #[error("somebody else owns the ticket")]
    NotTheOwner,
    /// The ticket has an owner already.
    #[error("the ticket has an owner already")]
    AlreadyAssigned,
    /// The ticket has moved to another queue since the agent was chosen.
    #[error("the ticket stands in another queue now")]
    QueueChanged,
    /// An escalation to the queue where the ticket stands changes nothing.
    #[error("the ticket stands in that queue already")]
    SameQueue,
    /// The team that serves the queue has no leads.
    #[error("the team has no lead who could be told")]
    NoLead,
    /// A history is taken over, but the ticket has a route already.
    #[error("the ticket has a route already")]
    AlreadyRouted,
}
