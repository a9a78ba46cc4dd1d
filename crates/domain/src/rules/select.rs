//! Which queue a ticket belongs to: the first rule that matches, or the fallback.
use jiff::Timestamp;

use super::{Rule, State};
use crate::ids::{QueueId, RuleId};
use crate::priority::{Channel, Priority, TicketType};
use crate::skill::Skill;

/// Queue of a tenant that has no queues yet. No team serves it, but the ticket is not lost.
pub const UNROUTED: &str = "unrouted";

/// What rules look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What kind of matter the ticket is.
    pub kind: TicketType,
    /// Code of the category; empty if not classified.
    pub category_code: String,
    /// Priority; absent before the first assessment.
    pub priority: Option<Priority>,
    /// Channel it came over.
    pub channel: Channel,
    /// Language of the requester, BCP 47; may be empty.
    pub language: String,
}

/// Where a ticket belongs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The queue.
    pub queue_id: QueueId,
    /// Skills that its owner must have.
    pub required_skills: Vec<Skill>,
    /// The rule that matched.
    pub rule_id: Option<RuleId>,
    /// Version of the rules; 0 without rules.
    pub rules_version: u32,
    /// No rule matched.
    pub fallback: bool,
}

/// Where a ticket with these facts belongs at `now`. `fallback` is the fallback queue of
/// the directory; without one the ticket stands in [`UNROUTED`].
#[must_use]
pub fn select(
    rules: &State,
    facts: &Facts,
    fallback: Option<&QueueId>,
    now: Timestamp,
) -> Placement {
    let current = rules.current(now);
    let rules_version = current.map_or(0, |published| published.version);
    let matching = current.and_then(|published| published.rules.iter().find(|r| matches(r, facts)));
    match matching {
        Some(rule) => Placement {
            queue_id: rule.queue_id.clone(),
            required_skills: rule.required_skills.clone(),
            rule_id: Some(rule.rule_id.clone()),
            rules_version,
            fallback: false,
        },
        None => Placement {
            queue_id: fallback.cloned().unwrap_or_else(|| QueueId(UNROUTED.to_owned())),
            required_skills: Vec::new(),
            rule_id: None,
            rules_version,
            fallback: true,
        },
    }
}

fn matches(rule: &Rule, facts: &Facts) -> bool {
    (rule.types.is_empty() || rule.types.contains(&facts.kind))
        && (rule.priorities.is_empty()
            || facts.priority.is_some_and(|priority| rule.priorities.contains(&priority)))
        && (rule.channels.is_empty() || rule.channels.contains(&facts.channel))
        && any(&rule.category_prefixes, |prefix| facts.category_code.starts_with(prefix))
        && any(&rule.languages, |language| speaks(&facts.language, language))
}

fn any(allowed: &[String], holds: impl Fn(&str) -> bool) -> bool {
    allowed.is_empty() || allowed.iter().any(|one| holds(one))
}

/// `pl` takes in `pl` and `pl-PL`, whatever the letters' case.
fn speaks(language: &str, wanted: &str) -> bool {
    let mut parts = language.split('-');
    wanted.split('-').all(|part| parts.next().is_some_and(|p| p.eq_ignore_ascii_case(part)))
}
