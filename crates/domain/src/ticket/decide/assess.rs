//! Classification and priority.
use super::super::Facts;
use super::super::command::{Authority, SetPriority};
use super::super::event::{Classified, Event, PriorityChanged};
use super::super::rejection::Rejection;
use super::super::words::TicketType;
use super::{Decision, is_complaint};
use crate::priority::{Impact, Priority, Urgency};

pub(super) fn classifying(facts: &Facts, classified: &Classified) -> Decision {
    if is_complaint(facts.kind) != is_complaint(classified.kind) {
        return Err(Rejection::ComplaintByClassification);
    }
    Ok(vec![Event::Classified(classified.clone())])
}

pub(super) fn prioritising(facts: &Facts, set: &SetPriority) -> Decision {
    let priority = priority(facts.kind, set.impact, set.urgency);
    let previous = facts.assessment.map(|assessment| assessment.priority);
    let lowers_p1 = previous == Some(Priority::P1) && priority != Priority::P1;
    if lowers_p1 && set.authority == Authority::Agent {
        return Err(Rejection::LoweringNeedsLead);
    }
    Ok(vec![Event::PriorityChanged(PriorityChanged {
        impact: set.impact,
        urgency: set.urgency,
        priority,
        previous,
        cause: set.cause,
        reason: set.reason.clone(),
    })])
}

/// The matrix; a complaint is never below P3, because silence on it has consequences.
pub(super) fn priority(kind: TicketType, impact: Impact, urgency: Urgency) -> Priority {
    let priority = Priority::of(impact, urgency);
    if is_complaint(kind) { priority.min(Priority::P3) } else { priority }
}
