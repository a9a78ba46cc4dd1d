//! One value of every event of a directory; an agent, because it has the most fields.
use domain::directory::{Agent, Event, Object};
use domain::ids::{AgentId, Personal, TeamId};
use domain::skill::{Skill, SkillName};

pub(crate) fn samples() -> Vec<Event> {
    vec![Event::Changed {
        version: 4,
        object: Object::Agent(Agent {
            agent_id: AgentId("agent-17".into()),
            display_name: Personal("Anna Nowak".into()),
            email: Personal("anna@example.com".into()),
            team_ids: [TeamId("billing".into()), TeamId("legal".into())].into(),
            skills: vec![Skill { name: SkillName("german".into()), level: 3 }],
            capacity: 12,
            language: "pl".into(),
            available: true,
        }),
    }]
}
