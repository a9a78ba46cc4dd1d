//! An escalation, and the commands that lead to one.
//!
//! *Functional*: another group or person takes the ticket. *Hierarchical*: the leads are told
//! and the owner stays. The hand-over tells the receiver what was done so far.
use super::Assign;
use crate::ids::{AgentId, AssignmentId, EscalationId, Personal, QueueId, TeamId};

/// A ticket needs more than its present owner or level.
#[derive(Debug, Clone, PartialEq)]
pub struct Escalated {
    /// Id.
    pub escalation_id: EscalationId,
    /// What follows from it.
    pub kind: EscalationKind,
    /// Level of the queue where the ticket stood.
    pub from_level: u32,
    /// Level of the queue where it stands now.
    pub to_level: u32,
    /// The queue where it stands now.
    pub to_queue_id: QueueId,
    /// The team that takes it, or whose leads are told; `None` if the queue has no team.
    pub to_team_id: Option<TeamId>,
    /// The agents who take it, or are told; empty if an owner is chosen later, or there is nobody.
    pub to_agent_ids: Vec<AgentId>,
    /// Why.
    pub trigger: EscalationTrigger,
    /// What the receiver must know; none where it is sealed and its reader has no key.
    pub handover: Option<Handover>,
    /// The customer is told.
    pub notify_customer: bool,
}

impl Escalated {
    /// Whether the owner loses the ticket for not accepting it.
    #[must_use]
    pub(crate) fn passes_over(&self) -> bool {
        self.kind == EscalationKind::Functional && self.trigger == EscalationTrigger::NotAccepted
    }
}

/// What follows from an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EscalationKind {
    /// Another group or person takes the ticket.
    Functional,
    /// The leads are told; the owner stays.
    Hierarchical,
}

/// Why a ticket is escalated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EscalationTrigger {
    /// It takes too long.
    Time,
    /// It needs special knowledge.
    Complexity,
    /// It needs a person with more authority.
    Authority,
    /// Many are affected, or somebody important.
    Impact,
    /// The customer asked for it.
    CustomerRequest,
    /// Most of a promised time is used up.
    SlaThreshold,
    /// A promised time has passed.
    SlaBreach,
    /// The law's time is in danger.
    StatutoryRisk,
    /// The owner did not accept in time, or no owner was found in time; used by Odzew only.
    NotAccepted,
    /// A person decided so.
    Manual,
}

/// What the receiver of an escalated ticket must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// What it is about.
    pub summary: Personal,
    /// What was done so far; empty if nothing was.
    pub actions_done: Vec<Personal>,
    /// What is to be done next.
    pub next_step: Personal,
}

/// A person's wish to escalate.
#[derive(Debug, Clone, PartialEq)]
pub struct Escalate {
    /// Id of the new escalation.
    pub escalation_id: EscalationId,
    /// To whom.
    pub to: EscalateTo,
    /// Why.
    pub trigger: EscalationTrigger,
    /// What the receiver must know.
    pub handover: Handover,
    /// The customer is to be told.
    pub notify_customer: bool,
}

/// To whom a ticket is escalated.
#[derive(Debug, Clone, PartialEq)]
pub enum EscalateTo {
    /// To another queue.
    Queue {
        /// The queue.
        queue_id: QueueId,
        /// Its level.
        level: u32,
        /// The team that serves it.
        team_id: TeamId,
        /// Set if the ticket may be taken from this agent only.
        only_owner: Option<AgentId>,
    },
    /// To the leads of the team that serves the present queue.
    Leads {
        /// The queue for which they were looked up.
        queue_id: QueueId,
        /// The team; `None` if the queue is not in the directory.
        team_id: Option<TeamId>,
        /// The leads.
        agent_ids: Vec<AgentId>,
    },
}

/// Odzew itself tells the leads about a ticket. A missing lead must be visible, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Id of the new escalation; the same for the same cause, so that the leads are told once.
    pub escalation_id: EscalationId,
    /// The queue for which the leads were looked up.
    pub queue_id: QueueId,
    /// The team that serves it; `None` if the queue is not in the directory.
    pub team_id: Option<TeamId>,
    /// Its leads; there may be none.
    pub lead_agent_ids: Vec<AgentId>,
    /// Why.
    pub trigger: EscalationTrigger,
    /// What they must know.
    pub handover: Handover,
    /// How long that matters.
    pub while_it_is: AlarmWhile,
}

/// How long the leads are to be told of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmWhile {
    /// While the ticket has no owner.
    Unowned,
    /// While it is worked on.
    Open,
    /// In every stage: a statutory time passes even if only proof is missing.
    Routed,
}

/// An owner did not accept in time: the next one gets the ticket, and the leads are told.
#[derive(Debug, Clone, PartialEq)]
pub struct PassOver {
    /// The assignment that was not accepted.
    pub assignment_id: AssignmentId,
    /// Who gets the ticket; `None` if nobody is left, and it goes back to its queue.
    pub next: Option<Assign>,
    /// Id of the escalation to the next one.
    pub functional_id: EscalationId,
    /// Id of the escalation to the leads.
    pub hierarchical_id: EscalationId,
    /// The team that serves the queue.
    pub team_id: Option<TeamId>,
    /// Its leads; there may be none.
    pub lead_agent_ids: Vec<AgentId>,
    /// What the receivers must know.
    pub handover: Handover,
}
