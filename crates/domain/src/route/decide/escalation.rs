//! Escalation: the ticket moves to another queue or to the next agent, or its leads are told.
use super::super::{
    Alarm, AlarmWhile, Course, Escalate, EscalateTo, Escalated, EscalationKind, EscalationTrigger,
    Event, Handover, PassOver, Queued, QueuedReason, Rejection, State,
};
use super::{Decision, assigned, back, moved};
use crate::ids::EscalationId;

pub(super) fn escalating(state: &State, escalate: &Escalate) -> Decision {
    let course = match state {
        State::Absent => return Err(Rejection::RouteUnknown),
        State::Ended(_) => return Err(Rejection::RouteEnded),
        State::Queued(course) | State::Assigned(course, _) => course,
    };
    match &escalate.to {
        EscalateTo::Queue { queue_id, level, team_id, only_owner } => {
            let owner = state.assignment().map(|current| &current.assigned.agent_id);
            if owner.zip(only_owner.as_ref()).is_some_and(|(owner, only)| owner != only) {
                return Err(Rejection::NotTheOwner);
            }
            if *queue_id == course.queue.queue_id {
                return Err(Rejection::SameQueue);
            }
            let escalated = Escalated {
                to_level: *level,
                to_queue_id: queue_id.clone(),
                to_team_id: Some(team_id.clone()),
                ..said(course, escalate, EscalationKind::Functional)
            };
            let queued = moved(course, queue_id, *level, QueuedReason::Escalated);
            Ok(vec![Event::Escalated(escalated), Event::Queued(queued)])
        }
        EscalateTo::Leads { queue_id, .. } if *queue_id != course.queue.queue_id => {
            Err(Rejection::QueueChanged)
        }
        EscalateTo::Leads { agent_ids, .. } if agent_ids.is_empty() => Err(Rejection::NoLead),
        EscalateTo::Leads { team_id, agent_ids, .. } => Ok(vec![Event::Escalated(Escalated {
            to_team_id: team_id.clone(),
            to_agent_ids: agent_ids.clone(),
            ..said(course, escalate, EscalationKind::Hierarchical)
        })]),
    }
}

/// What a person said, about a ticket that stays where it is.
fn said(course: &Course, escalate: &Escalate, kind: EscalationKind) -> Escalated {
    Escalated {
        kind,
        notify_customer: escalate.notify_customer,
        ..here(course, escalate.escalation_id, escalate.trigger, &escalate.handover)
    }
}

/// A hierarchical escalation without recipients yet; the ticket stays where it is.
fn here(
    course: &Course,
    escalation_id: EscalationId,
    trigger: EscalationTrigger,
    handover: &Handover,
) -> Escalated {
    Escalated {
        escalation_id,
        kind: EscalationKind::Hierarchical,
        from_level: course.queue.level,
        to_level: course.queue.level,
        to_queue_id: course.queue.queue_id.clone(),
        to_team_id: None,
        to_agent_ids: Vec::new(),
        trigger,
        handover: Some(handover.clone()),
        notify_customer: false,
    }
}

pub(super) fn alarming(state: &State, alarm: &Alarm) -> Decision {
    let course = match (state, alarm.while_it_is) {
        (State::Queued(course), _)
        | (State::Assigned(course, _), AlarmWhile::Open)
        | (State::Assigned(course, _) | State::Ended(course), AlarmWhile::Routed) => course,
        (State::Absent, _)
        | (State::Assigned(..), AlarmWhile::Unowned)
        | (State::Ended(_), AlarmWhile::Unowned | AlarmWhile::Open) => return Ok(Vec::new()),
    };
    if course.told.contains(&alarm.escalation_id) {
        return Ok(Vec::new());
    }
    if alarm.queue_id != course.queue.queue_id {
        return Err(Rejection::QueueChanged);
    }
    Ok(vec![Event::Escalated(Escalated {
        to_team_id: alarm.team_id.clone(),
        to_agent_ids: alarm.lead_agent_ids.clone(),
        ..here(course, alarm.escalation_id, alarm.trigger, &alarm.handover)
    })])
}

/// Nothing if the assignment is over or was accepted after all. The escalation to the leads is
/// recorded even without leads, so that it is visible. If no agent is left, the ticket waits for
/// another one.
pub(super) fn passing_over(state: &State, pass_over: &PassOver) -> Vec<Event> {
    let State::Assigned(course, current) = state else { return Vec::new() };
    if current.accepted || current.assigned.assignment_id != pass_over.assignment_id {
        return Vec::new();
    }
    let (id, trigger) = (pass_over.hierarchical_id, EscalationTrigger::NotAccepted);
    let to_leads = Escalated {
        to_team_id: pass_over.team_id.clone(),
        to_agent_ids: pass_over.lead_agent_ids.clone(),
        ..here(course, id, trigger, &pass_over.handover)
    };
    // Nobody gets a ticket back that they have not accepted.
    let next = pass_over.next.as_ref().filter(|next| {
        next.agent_id != current.assigned.agent_id
            && !course.passed_over.contains(&next.agent_id)
            && !course.queue.excluded_agents.contains(&next.agent_id)
    });
    let Some(next) = next else {
        // Back to where a colleague who becomes free finds it.
        let queued = back(course, QueuedReason::NotAccepted);
        let passed_over = course.passed_over.iter().chain([&current.assigned.agent_id]);
        let excluded_agents = queued.excluded_agents.iter().chain(passed_over).cloned().collect();
        let queued = Event::Queued(Queued { excluded_agents, ..queued });
        return vec![Event::Escalated(to_leads), queued];
    };
    let to_next = Escalated {
        escalation_id: pass_over.functional_id,
        kind: EscalationKind::Functional,
        to_agent_ids: vec![next.agent_id.clone()],
        ..to_leads.clone()
    };
    vec![Event::Escalated(to_next), Event::Escalated(to_leads), assigned(next, course.queue.level)]
}
