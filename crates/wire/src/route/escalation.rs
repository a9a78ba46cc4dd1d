//! An escalation, in both directions.
use domain::ids::{AgentId, EscalationId, Personal, QueueId, TeamId};
use domain::route::{Escalated, EscalationKind, EscalationTrigger, Handover};
use prost::Message as _;

use crate::DecodeError;
use crate::common::v1::sealed::Content;
use crate::routing::v1;
use crate::scalar::uuid;
use crate::words::{Unknown, known, personal, sealed};

pub(super) fn write(event: &Escalated) -> Vec<u8> {
    v1::TicketEscalated {
        escalation_id: event.escalation_id.0.to_string(),
        kind: v1::EscalationKind::from(event.kind).into(),
        from_level: event.from_level,
        to_level: event.to_level,
        to_queue_id: event.to_queue_id.0.clone(),
        to_team_id: event.to_team_id.as_ref().map(|team| team.0.clone()).unwrap_or_default(),
        to_agent_ids: event.to_agent_ids.iter().map(|agent| agent.0.clone()).collect(),
        trigger: v1::EscalationTrigger::from(event.trigger).into(),
        handover: event.handover.as_ref().map(write_handover),
        notify_customer: event.notify_customer,
    }
    .encode_to_vec()
}

pub(super) fn read(bytes: &[u8]) -> Result<Escalated, DecodeError> {
    let message = v1::TicketEscalated::decode(bytes)?;
    Ok(Escalated {
        escalation_id: EscalationId(uuid(&message.escalation_id, "escalation_id")?),
        kind: known::<v1::EscalationKind, _>(message.kind, "kind")?,
        from_level: message.from_level,
        to_level: message.to_level,
        to_queue_id: QueueId(message.to_queue_id),
        to_team_id: (!message.to_team_id.is_empty()).then_some(TeamId(message.to_team_id)),
        to_agent_ids: message.to_agent_ids.into_iter().map(AgentId).collect(),
        trigger: known::<v1::EscalationTrigger, _>(message.trigger, "trigger")?,
        handover: message.handover.map(read_handover).transpose()?.flatten(),
        notify_customer: message.notify_customer,
    })
}

fn write_handover(handover: &Handover) -> v1::Handover {
    v1::Handover {
        summary: Some(sealed(&handover.summary)),
        actions_done: handover.actions_done.iter().map(sealed).collect(),
        next_step: Some(sealed(&handover.next_step)),
    }
}

/// None where it is sealed: routing follows routes without keys, and no route turns on what
/// people wrote.
fn read_handover(handover: v1::Handover) -> Result<Option<Handover>, DecodeError> {
    let v1::Handover { summary, actions_done, next_step } = &handover;
    let all = || summary.iter().chain(actions_done).chain(next_step);
    if all().any(|text| matches!(text.content, Some(Content::Ciphertext(_)))) {
        return Ok(None);
    }
    let texts = actions_done.iter().map(|text| personal(Some(text), "actions_done"));
    Ok(Some(Handover {
        summary: personal(summary.as_ref(), "summary")?,
        actions_done: texts.collect::<Result<Vec<Personal>, _>>()?,
        next_step: personal(next_step.as_ref(), "next_step")?,
    }))
}

impl From<EscalationKind> for v1::EscalationKind {
    fn from(kind: EscalationKind) -> Self {
        match kind {
            EscalationKind::Functional => Self::Functional,
            EscalationKind::Hierarchical => Self::Hierarchical,
        }
    }
}

impl TryFrom<v1::EscalationKind> for EscalationKind {
    type Error = Unknown;

    fn try_from(kind: v1::EscalationKind) -> Result<Self, Unknown> {
        Ok(match kind {
            v1::EscalationKind::Functional => Self::Functional,
            v1::EscalationKind::Hierarchical => Self::Hierarchical,
            v1::EscalationKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<EscalationTrigger> for v1::EscalationTrigger {
    fn from(trigger: EscalationTrigger) -> Self {
        match trigger {
            EscalationTrigger::Time => Self::Time,
            EscalationTrigger::Complexity => Self::Complexity,
            EscalationTrigger::Authority => Self::Authority,
            EscalationTrigger::Impact => Self::Impact,
            EscalationTrigger::CustomerRequest => Self::CustomerRequest,
            EscalationTrigger::SlaThreshold => Self::SlaThreshold,
            EscalationTrigger::SlaBreach => Self::SlaBreach,
            EscalationTrigger::StatutoryRisk => Self::StatutoryRisk,
            EscalationTrigger::NotAccepted => Self::NotAccepted,
            EscalationTrigger::Manual => Self::Manual,
        }
    }
}

impl TryFrom<v1::EscalationTrigger> for EscalationTrigger {
    type Error = Unknown;

    fn try_from(trigger: v1::EscalationTrigger) -> Result<Self, Unknown> {
        Ok(match trigger {
            v1::EscalationTrigger::Time => Self::Time,
            v1::EscalationTrigger::Complexity => Self::Complexity,
            v1::EscalationTrigger::Authority => Self::Authority,
            v1::EscalationTrigger::Impact => Self::Impact,
            v1::EscalationTrigger::CustomerRequest => Self::CustomerRequest,
            v1::EscalationTrigger::SlaThreshold => Self::SlaThreshold,
            v1::EscalationTrigger::SlaBreach => Self::SlaBreach,
            v1::EscalationTrigger::StatutoryRisk => Self::StatutoryRisk,
            v1::EscalationTrigger::NotAccepted => Self::NotAccepted,
            v1::EscalationTrigger::Manual => Self::Manual,
            v1::EscalationTrigger::Unspecified => return Err(Unknown),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::EscalationId;

    use super::*;
    use crate::common::v1::{Ciphertext, Sealed};

    fn escalated() -> Escalated {
        Escalated {
            escalation_id: EscalationId(uuid::Uuid::from_u128(1)),
            kind: EscalationKind::Hierarchical,
            from_level: 2,
            to_level: 2,
            to_queue_id: QueueId("q".into()),
            to_team_id: None,
            to_agent_ids: Vec::new(),
            trigger: EscalationTrigger::Manual,
            handover: Some(Handover {
                summary: Personal("summary".into()),
                actions_done: vec![Personal("done".into())],
                next_step: Personal("next".into()),
            }),
            notify_customer: false,
        }
    }

    #[test]
    fn a_sealed_hand_over_is_no_fault_of_the_route() {
        let clear = write(&escalated());
        let mut message = v1::TicketEscalated::decode(clear.as_slice()).expect("its own bytes");
        let ciphertext = Ciphertext { ciphertext: b"x".as_slice().into(), ..Default::default() };
        let sealed = Sealed { content: Some(Content::Ciphertext(ciphertext)) };
        message.handover.as_mut().expect("given").actions_done = vec![sealed];
        let read = read(&message.encode_to_vec()).expect("read without a key");
        assert_eq!(read, Escalated { handover: None, ..escalated() });
    }
}
