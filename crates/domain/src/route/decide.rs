//! The rules of a route.
mod escalation;

use std::collections::BTreeSet;

use super::{
    Assign, Assigned, Command, Course, Event, Method, Placing, Queued, QueuedReason, Rejection,
    Requeue, State, Step,
};
use crate::ids::{AgentId, QueueId};

type Decision = Result<Vec<Event>, Rejection>;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    match command {
        Command::Place { placing, owner } => Ok(placed(state, placing, owner.as_ref())),
        Command::Reopen { placing, owner, appeal_against } => {
            Ok(reopened(state, placing, owner.as_ref(), appeal_against.as_ref()))
        }
        Command::Appeal { deciders } => Ok(appealed(state, deciders)),
        Command::Assign(assign) => assigning(state, assign),
        Command::Accept { agent_id } => accepting(state, agent_id),
        Command::Requeue(requeue) => requeueing(state, requeue),
        Command::Escalate(escalate) => escalation::escalating(state, escalate),
        Command::EndShift { agent_id, critical } => Ok(ending_shift(state, agent_id, *critical)),
        Command::Alarm(alarm) => escalation::alarming(state, alarm),
        Command::PassOver(pass_over) => Ok(escalation::passing_over(state, pass_over)),
        Command::End { reason } => Ok(match state {
            State::Queued(_) | State::Assigned(..) => vec![Event::Ended { reason: *reason }],
            State::Absent | State::Ended(_) => Vec::new(),
        }),
        Command::TakeOver(step) => taking_over(state, step),
    }
}

fn placed(state: &State, placing: &Placing, owner: Option<&Assign>) -> Vec<Event> {
    match state {
        State::Absent => with_owner(queued(placing, QueuedReason::New), owner),
        State::Queued(course) | State::Assigned(course, _) => {
            let placing = course.settle(placing);
            if placing.queue_id == course.queue.queue_id {
                return Vec::new();
            }
            let excluded_agents = course.deciders.clone();
            let queued = queued(&placing, QueuedReason::Reclassified);
            with_owner(Queued { excluded_agents, ..queued }, owner)
        }
        State::Ended(_) => Vec::new(),
    }
}

fn reopened(
    state: &State,
    placing: &Placing,
    owner: Option<&Assign>,
    appeal_against: Option<&BTreeSet<AgentId>>,
) -> Vec<Event> {
    let course = match state {
        State::Absent => None,
        State::Ended(course) => Some(course),
        State::Queued(_) | State::Assigned(..) => return Vec::new(),
    };
    let placing = course.map_or_else(|| placing.clone(), |course| course.settle(placing));
    let queued = queued(&placing, QueuedReason::Reopened);
    let queued = match appeal_against {
        Some(deciders) => Queued { excluded_agents: deciders.clone(), ..queued },
        None => Queued { preferred_agent: course.and_then(|c| c.last_owner.clone()), ..queued },
    };
    with_owner(queued, owner)
}

/// Agents do not decide appeals against their own decisions.
fn appealed(state: &State, deciders: &BTreeSet<AgentId>) -> Vec<Event> {
    let course = match state {
        State::Queued(course) if !deciders.is_subset(&course.queue.excluded_agents) => course,
        State::Assigned(course, current) if deciders.contains(&current.assigned.agent_id) => course,
        State::Absent | State::Queued(_) | State::Assigned(..) | State::Ended(_) => {
            return Vec::new();
        }
    };
    vec![Event::Queued(Queued {
        excluded_agents: deciders.clone(),
        ..back(course, QueuedReason::Appealed)
    })]
}

fn queued(placing: &Placing, reason: QueuedReason) -> Queued {
    Queued {
        queue_id: placing.queue_id.clone(),
        level: placing.level,
        required_skills: placing.required_skills.clone(),
        rule_id: placing.rule_id.clone(),
        rules_version: placing.rules_version,
        fallback: placing.fallback,
        reason,
        preferred_agent: None,
        excluded_agents: BTreeSet::new(),
        priority: placing.priority,
        received_at: placing.received_at,
    }
}

/// Queued, and given to the owner that was chosen for that queue.
fn with_owner(queued: Queued, owner: Option<&Assign>) -> Vec<Event> {
    let owner = owner.filter(|assign| assign.queue_id == queued.queue_id);
    let owner = owner.filter(|assign| !queued.excluded_agents.contains(&assign.agent_id));
    let assigned = owner.map(|assign| assigned(assign, queued.level));
    std::iter::once(Event::Queued(queued)).chain(assigned).collect()
}

/// Back into its queue, open to all agents but the excluded ones.
fn back(course: &Course, reason: QueuedReason) -> Queued {
    Queued {
        reason,
        preferred_agent: None,
        excluded_agents: course.deciders.clone(),
        ..course.queue.clone()
    }
}

fn assigning(state: &State, assign: &Assign) -> Decision {
    let course = match (state, assign.method) {
        (State::Absent, _) => return Err(Rejection::RouteUnknown),
        (State::Ended(_), _) => return Err(Rejection::RouteEnded),
        (State::Assigned(_, current), _) if current.assigned.agent_id == assign.agent_id => {
            return Ok(Vec::new());
        }
        (State::Assigned(course, _), Method::Manual) | (State::Queued(course), _) => course,
        (State::Assigned(..), _) => return Err(Rejection::AlreadyAssigned),
    };
    if course.queue.queue_id != assign.queue_id {
        return Err(Rejection::QueueChanged);
    }
    Ok(vec![assigned(assign, course.queue.level)])
}

fn assigned(assign: &Assign, level: u32) -> Event {
    Event::Assigned(Assigned {
        assignment_id: assign.assignment_id,
        team_id: assign.team_id.clone(),
        agent_id: assign.agent_id.clone(),
        level,
        method: assign.method,
        accept_by: assign.accept_by,
    })
}

fn accepting(state: &State, agent_id: &AgentId) -> Decision {
    match state {
        State::Absent => Err(Rejection::RouteUnknown),
        State::Ended(_) => Err(Rejection::RouteEnded),
        State::Queued(_) => Err(Rejection::NotAssigned),
        State::Assigned(_, current) if current.assigned.agent_id != *agent_id => {
            Err(Rejection::NotTheOwner)
        }
        State::Assigned(_, current) if current.accepted => Ok(Vec::new()),
        State::Assigned(_, current) => Ok(vec![Event::Accepted {
            assignment_id: current.assigned.assignment_id,
            agent_id: agent_id.clone(),
        }]),
    }
}

fn requeueing(state: &State, requeue: &Requeue) -> Decision {
    let course = match state {
        State::Absent => return Err(Rejection::RouteUnknown),
        State::Ended(_) => return Err(Rejection::RouteEnded),
        State::Queued(course) if requeue.only_owner.is_none() => {
            if stays(course, requeue) {
                return Ok(Vec::new());
            }
            course
        }
        State::Queued(_) => return Err(Rejection::NotTheOwner),
        State::Assigned(course, current) => {
            let owner = &current.assigned.agent_id;
            if requeue.only_owner.as_ref().is_some_and(|agent_id| agent_id != owner) {
                return Err(Rejection::NotTheOwner);
            }
            course
        }
    };
    let reason = QueuedReason::Returned;
    Ok(vec![Event::Queued(match &requeue.to {
        Some((queue_id, level)) if *queue_id != course.queue.queue_id => {
            moved(course, queue_id, *level, reason)
        }
        Some(_) | None => back(course, reason),
    })])
}

fn ending_shift(state: &State, agent_id: &AgentId, critical: bool) -> Vec<Event> {
    match state {
        State::Assigned(course, current)
            if current.assigned.agent_id == *agent_id && (critical || !current.accepted) =>
        {
            vec![Event::Queued(back(course, QueuedReason::ShiftEnd))]
        }
        State::Absent | State::Queued(_) | State::Assigned(..) | State::Ended(_) => Vec::new(),
    }
}

/// In another queue the rule and its skills, which chose the present one, are left behind.
fn moved(course: &Course, queue_id: &QueueId, level: u32, reason: QueuedReason) -> Queued {
    Queued {
        queue_id: queue_id.clone(),
        level,
        required_skills: Vec::new(),
        rule_id: None,
        rules_version: 0,
        fallback: false,
        ..back(course, reason)
    }
}

fn stays(course: &Course, requeue: &Requeue) -> bool {
    requeue.to.as_ref().is_none_or(|(queue_id, _)| *queue_id == course.queue.queue_id)
}

fn taking_over(state: &State, step: &Step) -> Decision {
    match (state, step) {
        (State::Absent, Step::Begun(queued)) => Ok(vec![Event::Queued(queued.clone())]),
        (State::Queued(_) | State::Assigned(..) | State::Ended(_), Step::Begun(_)) => {
            Err(Rejection::AlreadyRouted)
        }
        (State::Absent, Step::Queued(_) | Step::Assigned(_) | Step::Ended(_)) => {
            Err(Rejection::RouteUnknown)
        }
        (State::Ended(_), Step::Assigned(_) | Step::Ended(_)) => Err(Rejection::RouteEnded),
        (State::Queued(_) | State::Assigned(..) | State::Ended(_), Step::Queued(queued)) => {
            Ok(vec![Event::Queued(queued.clone())])
        }
        (State::Queued(_) | State::Assigned(..), Step::Assigned(assigned)) => {
            Ok(vec![Event::Assigned(assigned.clone())])
        }
        (State::Queued(_) | State::Assigned(..), Step::Ended(reason)) => {
            Ok(vec![Event::Ended { reason: *reason }])
        }
    }
}
