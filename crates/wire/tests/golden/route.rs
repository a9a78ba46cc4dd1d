//! One value of every event of a route.
use domain::ids::{AgentId, AssignmentId, EscalationId, Personal, QueueId, RuleId, TeamId};
use domain::priority::Priority;
use domain::route::{
    Assigned, EndReason, Escalated, EscalationKind, EscalationTrigger, Event, Handover, Method,
    Queued, QueuedReason,
};
use domain::skill::{Skill, SkillName};
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let assignment_id = AssignmentId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001));
    let at = Timestamp::from_millisecond(1_781_000_000_123).unwrap();
    vec![
        Event::Queued(Queued {
            queue_id: QueueId("billing-l1".into()),
            level: 1,
            required_skills: vec![Skill { name: SkillName("german".into()), level: 2 }],
            rule_id: Some(RuleId("payment-dispute".into())),
            rules_version: 3,
            fallback: true,
            reason: QueuedReason::Reopened,
            preferred_agent: Some(AgentId("agent-17".into())),
            excluded_agents: [AgentId("agent-18".into()), AgentId("agent-19".into())].into(),
            priority: Some(Priority::P2),
            received_at: at,
        }),
        Event::Assigned(Assigned {
            assignment_id,
            team_id: Some(TeamId("billing".into())),
            agent_id: AgentId("agent-17".into()),
            level: 1,
            method: Method::Rule,
            accept_by: at,
        }),
        Event::Accepted { assignment_id, agent_id: AgentId("agent-17".into()) },
        Event::Escalated(Escalated {
            escalation_id: EscalationId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0002)),
            kind: EscalationKind::Functional,
            from_level: 1,
            to_level: 2,
            to_queue_id: QueueId("billing-l2".into()),
            to_team_id: Some(TeamId("billing-experts".into())),
            to_agent_ids: vec![AgentId("agent-18".into())],
            trigger: EscalationTrigger::Complexity,
            handover: Some(Handover {
                summary: Personal("The invoice counts a meter twice.".into()),
                actions_done: vec![
                    Personal("Compared both readings.".into()),
                    Personal("Asked for the meter's protocol.".into()),
                ],
                next_step: Personal("Correct the invoice.".into()),
            }),
            notify_customer: true,
        }),
        Event::Ended { reason: EndReason::Closed },
    ]
}
