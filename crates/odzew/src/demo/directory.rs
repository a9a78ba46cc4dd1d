//! The demonstration's two organisations: teams, queues, agents, rules, promises.
use anyhow::{Context, Result};
use uuid::Uuid;
use wire::common::v1::sealed::Content;
use wire::common::v1::{Priority, Sealed};
use wire::intake::v1::{self as intake, TicketType};
use wire::routing::v1 as routing;
use wire::sla::v1 as sla;

use crate::client::Clients;

/// Seconds within which the demonstration's contract promises a first reply to a P1.
pub(super) const P1_FIRST_REPLY_S: i64 = 8;

struct Organisation {
    tenant: &'static str,
    teams: &'static [(&'static str, &'static str)],
    queues: &'static [(&'static str, &'static str, u32, &'static str, bool)],
    agents: &'static [(&'static str, &'static str, &'static str)],
    rules: &'static [(&'static str, &'static [TicketType], &'static str, &'static str)],
    /// Codes of the regimes that complaints are under.
    law: &'static [&'static str],
}

const ORGANISATIONS: [Organisation; 2] = [
    Organisation {
        tenant: "watt",
        teams: &[("first-line", "Pierwsza linia"), ("grid", "Sieć"), ("billing", "Rozliczenia")],
        queues: &[
            ("general-l1", "Sprawy ogólne", 1, "first-line", true),
            ("grid-l2", "Awarie sieci", 2, "grid", false),
            ("billing-l1", "Faktury i płatności", 1, "billing", false),
        ],
        agents: &[
            ("ania", "Ania Nowak", "first-line"),
            ("dawid", "Dawid Król", "first-line"),
            ("bartek", "Bartek Wiśniewski", "grid"),
            ("celina", "Celina Lewandowska", "billing"),
        ],
        rules: &[
            ("outages", &[TicketType::Incident], "TECH", "grid-l2"),
            ("money", &[TicketType::Payment], "", "billing-l1"),
        ],
        law: &[],
    },
    Organisation {
        tenant: "bazar",
        teams: &[("support", "Customer support"), ("platform", "Platform")],
        queues: &[
            ("support-l1", "Support", 1, "support", true),
            ("platform-l2", "Platform on-call", 2, "platform", false),
        ],
        agents: &[
            ("ewa", "Ewa Pawlak", "support"),
            ("filip", "Filip Górski", "support"),
            ("greg", "Greg Adams", "platform"),
        ],
        rules: &[("incidents", &[TicketType::Incident], "TECH", "platform-l2")],
        law: &["PL_CONSUMER_GENERAL", "INTERNAL_STANDARD"],
    },
];

/// Names of the tenants.
pub(super) fn tenants() -> impl Iterator<Item = &'static str> {
    ORGANISATIONS.iter().map(|organisation| organisation.tenant)
}

/// Puts a tenant's organisation in place. Repeating it changes nothing: every
/// request id is derived from what it puts.
pub(super) async fn put(tenant: &str, clients: &mut Clients) -> Result<()> {
    let organisation = of(tenant)?;
    put_teams_and_queues(organisation, clients).await?;
    put_agents(organisation, clients).await?;
    publish_rules(organisation, clients).await?;
    publish_taxonomy(organisation, clients).await?;
    publish_policy(organisation, clients).await
}

fn of(tenant: &str) -> Result<&'static Organisation> {
    let mut organisations = ORGANISATIONS.iter();
    let organisation = organisations.find(|organisation| organisation.tenant == tenant);
    organisation.context("a tenant of the demonstration")
}

fn request_id(organisation: &Organisation, what: &str) -> String {
    let name = format!("demo/{}/{what}", organisation.tenant);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}

async fn put_teams_and_queues(organisation: &Organisation, clients: &mut Clients) -> Result<()> {
    for (team_id, display_name) in organisation.teams {
        let team = routing::Team {
            team_id: (*team_id).into(),
            display_name: (*display_name).into(),
            ..Default::default()
        };
        let request_id = request_id(organisation, team_id);
        let request = routing::PutTeamRequest { request_id, team: Some(team) };
        clients.directory.put_team(request).await.context("put a team")?;
    }
    for (queue_id, display_name, level, team_id, fallback) in organisation.queues {
        let queue = routing::Queue {
            queue_id: (*queue_id).into(),
            display_name: (*display_name).into(),
            level: *level,
            team_id: (*team_id).into(),
            accept_within_s: 900,
            fallback: *fallback,
        };
        let request_id = request_id(organisation, queue_id);
        let request = routing::PutQueueRequest { request_id, queue: Some(queue) };
        clients.directory.put_queue(request).await.context("put a queue")?;
    }
    Ok(())
}

async fn put_agents(organisation: &Organisation, clients: &mut Clients) -> Result<()> {
    for (agent_id, display_name, team_id) in organisation.agents {
        let agent = routing::Agent {
            agent_id: (*agent_id).into(),
            display_name: Some(clear(display_name)),
            email: Some(clear(&format!("{agent_id}@{}.example.org", organisation.tenant))),
            team_ids: vec![(*team_id).into()],
            skills: vec![routing::Skill { name: "polish".into(), level: 3 }],
            capacity: 10,
            language: if organisation.tenant == "watt" { "pl" } else { "en" }.into(),
            available: Some(true),
        };
        let request_id = request_id(organisation, agent_id);
        let request =
            routing::PutAgentRequest { request_id, agent: Some(agent), keep_teams: false };
        clients.directory.put_agent(request).await.context("put an agent")?;
    }
    Ok(())
}

async fn publish_rules(organisation: &Organisation, clients: &mut Clients) -> Result<()> {
    let rules = organisation
        .rules
        .iter()
        .map(|(rule_id, types, prefix, queue_id)| routing::RoutingRule {
            rule_id: (*rule_id).into(),
            types: types.iter().map(|&kind| kind.into()).collect(),
            category_prefixes: if prefix.is_empty() { vec![] } else { vec![(*prefix).into()] },
            queue_id: (*queue_id).into(),
            ..Default::default()
        })
        .collect();
    let request_id = request_id(organisation, "rules");
    let request = routing::PublishRoutingRulesRequest { request_id, effective_from: None, rules };
    clients.directory.publish_routing_rules(request).await.context("publish routing rules")?;
    Ok(())
}

/// The categories that come with Odzew: from here on tickets have no other.
async fn publish_taxonomy(organisation: &Organisation, clients: &mut Clients) -> Result<()> {
    let taxonomy = Some(crate::policy::Presets::read().taxonomy()?);
    let request_id = request_id(organisation, "taxonomy");
    let request = intake::PublishTaxonomyRequest { request_id, taxonomy, effective_from: None };
    clients.taxonomy.publish_taxonomy(request).await.context("publish a taxonomy")?;
    Ok(())
}

/// The complaint law presets; a real tenant has them signed off before.
pub(super) async fn publish_law(tenant: &str, clients: &mut Clients) -> Result<()> {
    let organisation = of(tenant)?;
    let presets = crate::policy::Presets::read();
    for code in organisation.law {
        let regime = Some(presets.regime(code)?);
        let request =
            sla::PublishRegimeRequest { request_id: request_id(organisation, code), regime };
        clients.sla.publish_regime(request).await.context("publish a regime")?;
    }
    Ok(())
}

/// A contract with a first reply so short that its breach can be watched.
async fn publish_policy(organisation: &Organisation, clients: &mut Clients) -> Result<()> {
    if organisation.tenant != "watt" {
        return Ok(());
    }
    let current = clients.sla.get_sla_config(sla::GetSlaConfigRequest {}).await?.into_inner();
    let mut policy = current.policy.context("a policy that applies")?;
    if policy.policy_id != "WATT_CONTRACT" {
        policy.policy_id = "WATT_CONTRACT".into();
        policy.version = 0;
        for target in &mut policy.targets {
            if target.kind() == sla::ClockKind::FirstReply && target.priority() == Priority::P1 {
                target.target_s = P1_FIRST_REPLY_S;
            }
        }
        let request_id = request_id(organisation, "policy");
        let request =
            sla::PublishPolicyRequest { request_id, policy: Some(policy), effective_from: None };
        clients.sla.publish_policy(request).await.context("publish a policy")?;
    }
    Ok(())
}

fn clear(text: &str) -> Sealed {
    Sealed { content: Some(Content::Clear(text.into())) }
}
