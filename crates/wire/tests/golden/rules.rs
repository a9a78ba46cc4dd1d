//! One value of every event of the routing rules.
use domain::ids::{QueueId, RuleId};
use domain::priority::{Channel, Priority, TicketType};
use domain::rules::{Event, Published, Rule};
use domain::skill::{Skill, SkillName};
use jiff::Timestamp;

pub(crate) fn samples() -> Vec<Event> {
    vec![Event::Published(Published {
        version: 2,
        effective_from: Timestamp::from_millisecond(1_781_000_000_123).unwrap(),
        sha256: [0xab; 32],
        rules: vec![Rule {
            rule_id: RuleId("outage".into()),
            types: [TicketType::Incident, TicketType::Problem].into(),
            category_prefixes: vec!["TECH/".into()],
            priorities: [Priority::P1].into(),
            channels: [Channel::Email, Channel::Monitoring].into(),
            languages: vec!["pl".into()],
            queue_id: QueueId("on-call".into()),
            required_skills: vec![Skill { name: SkillName("network".into()), level: 4 }],
        }],
    })]
}
