//! What a route remembers beyond its stage: its last owner, the agents excluded from it, and
//! whether a person chose its queue.
use std::collections::BTreeSet;

use super::{Placing, Queued, QueuedReason};
use crate::ids::{AgentId, EscalationId, QueueId};

/// What is known of a route in every stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The queue it stands in or came from.
    pub queue: Queued,
    /// Who owned it last.
    pub last_owner: Option<AgentId>,
    /// How many times it was given to another agent than the one before.
    pub reassignments: u32,
    /// Who had it and did not accept in time, since it was queued for any other reason.
    pub passed_over: BTreeSet<AgentId>,
    /// The queue that the rules had named when a person put the ticket into another one, by an
    /// escalation or by hand; `None` if nobody did.
    pub instead_of: Option<QueueId>,
    /// Who decided what the customer appeals against, since the appeal.
    pub deciders: BTreeSet<AgentId>,
    /// Escalations of which the leads were told.
    pub told: BTreeSet<EscalationId>,
}

impl Course {
    /// Where the ticket goes if the rules say `placing`. What a person has put into a queue stays
    /// there, unless the rules name one of a higher level, and not the one that they named before.
    #[must_use]
    pub fn settle(&self, placing: &Placing) -> Placing {
        let stays = self
            .instead_of
            .as_ref()
            .is_some_and(|said| placing.queue_id == *said || placing.level <= self.queue.level);
        if !stays {
            return placing.clone();
        }
        let queue = &self.queue;
        Placing {
            queue_id: queue.queue_id.clone(),
            level: queue.level,
            required_skills: queue.required_skills.clone(),
            rule_id: queue.rule_id.clone(),
            rules_version: queue.rules_version,
            fallback: queue.fallback,
            priority: placing.priority,
            received_at: placing.received_at,
        }
    }

    /// What is known once the ticket is queued like that.
    pub(super) fn after(before: Option<&Self>, queued: &Queued) -> Self {
        Self {
            queue: queued.clone(),
            last_owner: before.and_then(|course| course.last_owner.clone()),
            reassignments: before.map_or(0, |course| course.reassignments),
            passed_over: match queued.reason {
                QueuedReason::NotAccepted => queued.excluded_agents.clone(),
                QueuedReason::New
                | QueuedReason::Reclassified
                | QueuedReason::Returned
                | QueuedReason::ShiftEnd
                | QueuedReason::Escalated
                | QueuedReason::Reopened
                | QueuedReason::Imported
                | QueuedReason::Appealed => BTreeSet::new(),
            },
            instead_of: before.and_then(|course| course.instead_of_when(queued)),
            deciders: before.map(|course| course.deciders_when(queued)).unwrap_or_default(),
            told: before.map(|course| course.told.clone()).unwrap_or_default(),
        }
    }

    /// What `instead_of` is once the ticket is queued like that.
    fn instead_of_when(&self, queued: &Queued) -> Option<QueueId> {
        let by_person = match queued.reason {
            QueuedReason::Escalated => true,
            QueuedReason::Returned => queued.queue_id != self.queue.queue_id,
            QueuedReason::New
            | QueuedReason::Reclassified
            | QueuedReason::ShiftEnd
            | QueuedReason::Reopened
            | QueuedReason::Imported
            | QueuedReason::Appealed
            | QueuedReason::NotAccepted => false,
        };
        let said = self.instead_of.as_ref().or(by_person.then_some(&self.queue.queue_id));
        // Back where the rules want it, it is theirs again.
        said.filter(|said| **said != queued.queue_id).cloned()
    }

    /// What `deciders` is once the ticket is queued like that.
    fn deciders_when(&self, queued: &Queued) -> BTreeSet<AgentId> {
        match queued.reason {
            QueuedReason::Reopened | QueuedReason::Appealed => queued.excluded_agents.clone(),
            QueuedReason::New
            | QueuedReason::Reclassified
            | QueuedReason::Returned
            | QueuedReason::ShiftEnd
            | QueuedReason::Escalated
            | QueuedReason::Imported
            | QueuedReason::NotAccepted => self.deciders.clone(),
        }
    }
}
