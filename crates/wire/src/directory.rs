//! The events of a directory and its objects, in both directions.
use bytes::Bytes;
use domain::directory::{Agent, Event, Object, Queue, Team};
use domain::ids::{AgentId, QueueId, TeamId};
use prost::Message;

use crate::event;
use crate::routing::v1::{self, directory_changed};
use crate::words::{personal, sealed};
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "directory";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Changed { .. } => event::DIRECTORY_CHANGED,
        }
    }

    fn encode(&self) -> Bytes {
        let Self::Changed { version, object } = self;
        v1::DirectoryChanged { version: *version, object: Some(write_object(object)) }
            .encode_to_vec()
            .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        if event_type != event::DIRECTORY_CHANGED {
            return Err(DecodeError::UnknownEventType(event_type.to_owned()));
        }
        let message = v1::DirectoryChanged::decode(bytes)?;
        let object = message.object.ok_or(DecodeError::Field { field: "object" })?;
        Ok(Self::Changed { version: message.version, object: read_object(object)? })
    }
}

fn write_object(object: &Object) -> directory_changed::Object {
    use directory_changed::Object as Message;
    match object {
        Object::Queue(queue) => Message::Queue(queue.into()),
        Object::Team(team) => Message::Team(team.into()),
        Object::Agent(agent) => Message::Agent(agent.into()),
        Object::Availability { agent_id, available } => Message::Availability(v1::Availability {
            agent_id: agent_id.0.clone(),
            available: *available,
        }),
    }
}

fn read_object(object: directory_changed::Object) -> Result<Object, DecodeError> {
    use directory_changed::Object as Message;
    Ok(match object {
        Message::Queue(queue) => Object::Queue(queue.into()),
        Message::Team(team) => Object::Team(team.into()),
        Message::Agent(agent) => Object::Agent(agent.try_into()?),
        Message::Availability(change) => {
            Object::Availability { agent_id: AgentId(change.agent_id), available: change.available }
        }
    })
}

impl From<&Queue> for v1::Queue {
    fn from(queue: &Queue) -> Self {
        Self {
            queue_id: queue.queue_id.0.clone(),
            display_name: queue.display_name.clone(),
            level: queue.level,
            team_id: queue.team_id.0.clone(),
            accept_within_s: queue.accept_within_s,
            fallback: queue.fallback,
        }
    }
}

impl From<v1::Queue> for Queue {
    fn from(queue: v1::Queue) -> Self {
        Self {
            queue_id: QueueId(queue.queue_id),
            display_name: queue.display_name,
            level: queue.level,
            team_id: TeamId(queue.team_id),
            accept_within_s: queue.accept_within_s,
            fallback: queue.fallback,
        }
    }
}

impl From<&Team> for v1::Team {
    fn from(team: &Team) -> Self {
        Self {
            team_id: team.team_id.0.clone(),
            display_name: team.display_name.clone(),
            lead_agent_ids: team.lead_agent_ids.iter().map(|lead| lead.0.clone()).collect(),
        }
    }
}

impl From<v1::Team> for Team {
    fn from(team: v1::Team) -> Self {
        Self {
            team_id: TeamId(team.team_id),
            display_name: team.display_name,
            lead_agent_ids: team.lead_agent_ids.into_iter().map(AgentId).collect(),
        }
    }
}

impl From<&Agent> for v1::Agent {
    fn from(agent: &Agent) -> Self {
        Self {
            agent_id: agent.agent_id.0.clone(),
            display_name: Some(sealed(&agent.display_name)),
            email: Some(sealed(&agent.email)),
            team_ids: agent.team_ids.iter().map(|team| team.0.clone()).collect(),
            skills: agent.skills.iter().map(Into::into).collect(),
            capacity: agent.capacity,
            language: agent.language.clone(),
            available: Some(agent.available),
        }
    }
}

impl TryFrom<v1::Agent> for Agent {
    type Error = DecodeError;

    fn try_from(agent: v1::Agent) -> Result<Self, DecodeError> {
        Ok(Self {
            agent_id: AgentId(agent.agent_id),
            display_name: personal(agent.display_name.as_ref(), "display_name")?,
            email: personal(agent.email.as_ref(), "email")?,
            team_ids: agent.team_ids.into_iter().map(TeamId).collect(),
            skills: agent.skills.into_iter().map(Into::into).collect(),
            capacity: agent.capacity,
            language: agent.language,
            available: agent.available.unwrap_or_default(),
        })
    }
}
