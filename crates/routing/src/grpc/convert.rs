//! Converts request messages to domain values; every invalid field is named.
use std::collections::BTreeSet;

use chassis::fields::Fields;
use domain::directory::{Agent, Queue, Team};
use domain::ids::{AgentId, Personal, QueueId, RuleId, TeamId};
use domain::rules::{MAX_RULES, Rule};
use domain::skill::{Skill, SkillName};
use jiff::Timestamp;
use wire::common::v1::{self as common, Sealed, sealed::Content};
use wire::intake::v1::TicketType;
use wire::routing::v1;

const NAME_CHARS: usize = 100;
const PREFIX_CHARS: usize = 80;
/// Most teams, skills or conditions in one list.
const LIST: usize = 100;

pub(super) fn queue(fields: &mut Fields, queue: &v1::Queue) -> Queue {
    Queue {
        queue_id: QueueId(fields.name("queue_id", &queue.queue_id)),
        display_name: fields.line("display_name", &queue.display_name, 1..=NAME_CHARS),
        level: fields.number("level", queue.level, Queue::LEVELS),
        team_id: TeamId(fields.name("team_id", &queue.team_id)),
        accept_within_s: fields.number(
            "accept_within_s",
            queue.accept_within_s,
            Queue::ACCEPT_WITHIN_S,
        ),
        fallback: queue.fallback,
    }
}

pub(super) fn team(fields: &mut Fields, team: &v1::Team) -> Team {
    bounded(fields, "lead_agent_ids", team.lead_agent_ids.len(), LIST);
    let leads = team.lead_agent_ids.iter().take(LIST).enumerate();
    Team {
        team_id: TeamId(fields.name("team_id", &team.team_id)),
        display_name: fields.line("display_name", &team.display_name, 1..=NAME_CHARS),
        lead_agent_ids: leads
            .map(|(place, id)| agent_id(fields, &format!("lead_agent_ids[{place}]"), id))
            .collect(),
    }
}

pub(super) fn agent(fields: &mut Fields, agent: &v1::Agent) -> Agent {
    let name = clear(fields, "display_name", agent.display_name.as_ref());
    let email = clear(fields, "email", agent.email.as_ref());
    if !matches!(agent.language.as_str(), "pl" | "en") {
        fields.refuse("language", "must be \"pl\" or \"en\"");
    }
    bounded(fields, "team_ids", agent.team_ids.len(), LIST);
    Agent {
        agent_id: agent_id(fields, "agent_id", &agent.agent_id),
        display_name: Personal(fields.line("display_name", &name, 1..=NAME_CHARS)),
        email: Personal(fields.email("email", &email)),
        team_ids: agent
            .team_ids
            .iter()
            .take(LIST)
            .enumerate()
            .map(|(place, id)| TeamId(fields.name(&format!("team_ids[{place}]"), id)))
            .collect(),
        skills: skills(fields, "skills", &agent.skills),
        capacity: fields.number("capacity", agent.capacity, Agent::CAPACITY),
        language: agent.language.clone(),
        available: agent.available.unwrap_or_default(),
    }
}

/// An opaque id of a person: `[A-Za-z0-9._:-]{1,64}`.
pub(super) fn agent_id(fields: &mut Fields, field: &str, value: &str) -> AgentId {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    if value.is_empty() {
        fields.refuse(field, "is required");
    } else if value.len() > 64 || !value.bytes().all(allowed) {
        fields.refuse(field, "must be 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\", \":\" and \"-\"");
    }
    AgentId(value.to_owned())
}

pub(super) fn instant(
    fields: &mut Fields,
    field: &str,
    value: Option<&prost_types::Timestamp>,
) -> Timestamp {
    match fields.required(field, value) {
        Some(at) => fields.timestamp(field, at.seconds, at.nanos),
        None => Timestamp::UNIX_EPOCH,
    }
}

pub(super) fn rules(fields: &mut Fields, rules: &[v1::RoutingRule]) -> Vec<Rule> {
    bounded(fields, "rules", rules.len(), MAX_RULES);
    let rules = rules.iter().take(MAX_RULES).enumerate();
    rules.map(|(place, r)| fields.within(&format!("rules[{place}]"), |f| rule(f, r))).collect()
}

fn rule(fields: &mut Fields, rule: &v1::RoutingRule) -> Rule {
    bounded(fields, "category_prefixes", rule.category_prefixes.len(), LIST);
    bounded(fields, "languages", rule.languages.len(), LIST);
    Rule {
        rule_id: RuleId(fields.name("rule_id", &rule.rule_id)),
        types: set::<TicketType, _>(fields, "types", &rule.types),
        category_prefixes: lines(
            fields,
            "category_prefixes",
            &rule.category_prefixes,
            PREFIX_CHARS,
        ),
        priorities: set::<common::Priority, _>(fields, "priorities", &rule.priorities),
        channels: set::<common::Channel, _>(fields, "channels", &rule.channels),
        languages: lines(fields, "languages", &rule.languages, 35),
        queue_id: QueueId(fields.name("queue_id", &rule.queue_id)),
        required_skills: skills(fields, "required_skills", &rule.required_skills),
    }
}

fn skills(fields: &mut Fields, field: &str, skills: &[v1::Skill]) -> Vec<Skill> {
    bounded(fields, field, skills.len(), LIST);
    let mut seen = BTreeSet::new();
    let mut read = Vec::new();
    for (place, skill) in skills.iter().take(LIST).enumerate() {
        fields.within(&format!("{field}[{place}]"), |fields| {
            let name = SkillName(fields.name("name", &skill.name));
            if !seen.insert(name.clone()) {
                fields.refuse("name", "must be unique");
            }
            let level = fields.number("level", skill.level, Skill::LEVELS);
            read.push(Skill { name, level });
        });
    }
    read
}

fn lines(fields: &mut Fields, field: &str, values: &[String], chars: usize) -> Vec<String> {
    let values = values.iter().take(LIST).enumerate();
    values.map(|(place, v)| fields.line(&format!("{field}[{place}]"), v, 1..=chars)).collect()
}

fn set<E, D>(fields: &mut Fields, field: &str, values: &[i32]) -> BTreeSet<D>
where
    E: TryFrom<i32>,
    D: TryFrom<E> + Ord,
{
    bounded(fields, field, values.len(), LIST);
    let values = values.iter().take(LIST).enumerate();
    values
        .filter_map(|(place, &value)| {
            let value = fields.enum_value::<E>(&format!("{field}[{place}]"), value)?;
            D::try_from(value).ok()
        })
        .collect()
}

fn clear(fields: &mut Fields, field: &str, sealed: Option<&Sealed>) -> String {
    match sealed.and_then(|sealed| sealed.content.as_ref()) {
        Some(Content::Clear(text)) => text.clone(),
        Some(Content::Ciphertext(_)) => {
            fields.refuse(field, "must be given in clear");
            String::new()
        }
        None => String::new(),
    }
}

pub(super) fn bounded(fields: &mut Fields, field: &str, count: usize, limit: usize) {
    if count > limit {
        fields.refuse(field, format!("must be at most {limit}, are {count}"));
    }
}
