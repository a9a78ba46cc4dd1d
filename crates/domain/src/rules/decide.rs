//! Validates a version of the routing rules.
use std::collections::BTreeSet;

use super::{Command, Event, MAX_RULES, Publish, Published, Rejection, Rule, State};

pub(super) fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    let Command::Publish(publish) = command;
    check(publish)?;
    Ok(vec![Event::Published(Published {
        version: state.version() + 1,
        effective_from: publish.effective_from,
        sha256: publish.sha256,
        rules: publish.rules.clone(),
    })])
}

fn check(publish: &Publish) -> Result<(), Rejection> {
    if publish.rules.len() > MAX_RULES {
        return Err(Rejection::TooManyRules);
    }
    let mut seen = BTreeSet::new();
    let mut everything_matched = false;
    for rule in &publish.rules {
        if !seen.insert(&rule.rule_id) {
            return Err(Rejection::DuplicateRule(rule.rule_id.clone()));
        }
        if everything_matched {
            return Err(Rejection::Unreachable(rule.rule_id.clone()));
        }
        if !publish.queues.contains(&rule.queue_id) {
            return Err(Rejection::QueueUnknown {
                rule: rule.rule_id.clone(),
                queue: rule.queue_id.clone(),
            });
        }
        everything_matched = has_no_condition(rule);
    }
    Ok(())
}

fn has_no_condition(rule: &Rule) -> bool {
    rule.types.is_empty()
        && rule.category_prefixes.is_empty()
        && rule.priorities.is_empty()
        && rule.channels.is_empty()
        && rule.languages.is_empty()
}
