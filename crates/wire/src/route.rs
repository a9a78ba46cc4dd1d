//! The events of a route, in both directions.
mod escalation;
mod words;

use bytes::Bytes;
use domain::ids::{AgentId, AssignmentId, QueueId, RuleId, TeamId};
use domain::priority::Priority;
use domain::route::{Assigned, Event, Queued};
use prost::Message;

use crate::common::v1 as common;
use crate::event;
use crate::routing::v1;
use crate::scalar::{instant, timestamp, uuid};
use crate::words::known;
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "route";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Queued(_) => event::TICKET_QUEUED,
            Self::Assigned(_) => event::TICKET_ASSIGNED,
            Self::Accepted { .. } => event::ASSIGNMENT_ACCEPTED,
            Self::Escalated(_) => event::TICKET_ESCALATED,
            Self::Ended { .. } => event::ROUTE_ENDED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Queued(queued) => write_queued(queued),
            Self::Assigned(assigned) => write_assigned(assigned),
            Self::Accepted { assignment_id, agent_id } => v1::AssignmentAccepted {
                assignment_id: assignment_id.0.to_string(),
                agent_id: agent_id.0.clone(),
            }
            .encode_to_vec(),
            Self::Escalated(escalated) => escalation::write(escalated),
            Self::Ended { reason } => {
                v1::RouteEnded { reason: v1::RouteEndReason::from(*reason).into() }.encode_to_vec()
            }
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::TICKET_QUEUED => read_queued(bytes).map(Self::Queued),
            event::TICKET_ASSIGNED => read_assigned(bytes).map(Self::Assigned),
            event::ASSIGNMENT_ACCEPTED => {
                let message = v1::AssignmentAccepted::decode(bytes)?;
                Ok(Self::Accepted {
                    assignment_id: AssignmentId(uuid(&message.assignment_id, "assignment_id")?),
                    agent_id: AgentId(message.agent_id),
                })
            }
            event::TICKET_ESCALATED => escalation::read(bytes).map(Self::Escalated),
            event::ROUTE_ENDED => {
                let message = v1::RouteEnded::decode(bytes)?;
                Ok(Self::Ended {
                    reason: known::<v1::RouteEndReason, _>(message.reason, "reason")?,
                })
            }
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn write_queued(event: &Queued) -> Vec<u8> {
    v1::TicketQueued {
        queue_id: event.queue_id.0.clone(),
        level: event.level,
        required_skills: event.required_skills.iter().map(Into::into).collect(),
        rule_id: event.rule_id.as_ref().map(|rule| rule.0.clone()).unwrap_or_default(),
        rules_version: event.rules_version,
        fallback: event.fallback,
        reason: v1::QueuedReason::from(event.reason).into(),
        preferred_agent_id: event
            .preferred_agent
            .as_ref()
            .map(|agent| agent.0.clone())
            .unwrap_or_default(),
        excluded_agent_ids: event.excluded_agents.iter().map(|agent| agent.0.clone()).collect(),
        priority: event.priority.map_or(common::Priority::Unspecified, Into::into).into(),
        received_at: Some(timestamp(event.received_at)),
    }
    .encode_to_vec()
}

fn read_queued(bytes: &[u8]) -> Result<Queued, DecodeError> {
    let message = v1::TicketQueued::decode(bytes)?;
    Ok(Queued {
        queue_id: QueueId(message.queue_id),
        level: message.level,
        required_skills: message.required_skills.into_iter().map(Into::into).collect(),
        rule_id: (!message.rule_id.is_empty()).then_some(RuleId(message.rule_id)),
        rules_version: message.rules_version,
        fallback: message.fallback,
        reason: known::<v1::QueuedReason, _>(message.reason, "reason")?,
        preferred_agent: (!message.preferred_agent_id.is_empty())
            .then_some(AgentId(message.preferred_agent_id)),
        excluded_agents: message.excluded_agent_ids.into_iter().map(AgentId).collect(),
        priority: priority_opt(message.priority)?,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
    })
}

fn priority_opt(value: i32) -> Result<Option<Priority>, DecodeError> {
    if value == i32::from(common::Priority::Unspecified) {
        return Ok(None);
    }
    known::<common::Priority, _>(value, "priority").map(Some)
}

fn write_assigned(event: &Assigned) -> Vec<u8> {
    v1::TicketAssigned {
        assignment_id: event.assignment_id.0.to_string(),
        team_id: event.team_id.as_ref().map(|team| team.0.clone()).unwrap_or_default(),
        agent_id: event.agent_id.0.clone(),
        level: event.level,
        method: v1::AssignmentMethod::from(event.method).into(),
        accept_by: Some(timestamp(event.accept_by)),
    }
    .encode_to_vec()
}

fn read_assigned(bytes: &[u8]) -> Result<Assigned, DecodeError> {
    let message = v1::TicketAssigned::decode(bytes)?;
    Ok(Assigned {
        assignment_id: AssignmentId(uuid(&message.assignment_id, "assignment_id")?),
        team_id: (!message.team_id.is_empty()).then_some(TeamId(message.team_id)),
        agent_id: AgentId(message.agent_id),
        level: message.level,
        method: known::<v1::AssignmentMethod, _>(message.method, "method")?,
        accept_by: instant(message.accept_by.as_ref(), "accept_by")?,
    })
}
