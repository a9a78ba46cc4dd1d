//! The policy that is built in.
use std::time::Duration;

use super::{ClockKind, Draft, Policy, Reopen, Rule, Scope, automation};
use crate::priority::{Channel, Priority};

const HOUR: Duration = Duration::from_secs(3600);

impl Policy {
    /// The policy `PL_STANDARD` version 1, which comes with the product.
    #[must_use]
    pub fn pl_standard() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        let mut rules = Vec::new();
        for priority in Priority::ALL {
            rules.extend(standard_rules(priority));
        }
        Self::new(Draft {
            id: "PL_STANDARD".to_owned(),
            version: 1,
            rules,
            warn_percents: vec![50, 75, 90],
            reopen: Reopen::Continue,
            // Nobody is punished for raising a priority.
            retarget_min_remaining: [minutes(30), minutes(0), minutes(0), minutes(0)],
            automations: automation::standard(),
            // What waits at the lowest priority may wait until a person has something to say.
            no_news_updates: vec![Priority::P1, Priority::P2, Priority::P3],
            scope: Scope::Everybody,
        })
        .expect("the preset is valid")
    }
}

fn standard_rules(priority: Priority) -> Vec<Rule> {
    let (replies, work) = match priority {
        Priority::P1 => ("ALWAYS", "ALWAYS"),
        Priority::P2 => ("PL_BH_0820_6", "PL_BH_0820_6"),
        Priority::P3 | Priority::P4 => ("PL_BH_0917", "PL_WORKDAY24"),
    };
    // First reply, next reply, update, resolution and assignment, in minutes.
    let [first, next, update, resolution, assign] = match priority {
        Priority::P1 => [15, 30, 30, 4 * 60, 1],
        Priority::P2 => [30, 60, 2 * 60, 8 * 60, 15],
        Priority::P3 => [60, 4 * 60, 24 * 60, 24 * 60, 15],
        Priority::P4 => [4 * 60, 8 * 60, 48 * 60, 48 * 60, 15],
    };
    let minutes = |n: u64| Duration::from_secs(n * 60);
    let rule = |kind, channels: &[Channel], target, calendar: &str| Rule {
        priority,
        kind,
        channels: channels.to_vec(),
        target,
        calendar: calendar.to_owned(),
    };
    let written = [Channel::Email, Channel::Form, Channel::Social];
    let mut rules = vec![
        rule(ClockKind::Ack, &[Channel::Letter], 48 * HOUR, "PL_WORKDAY24"),
        rule(ClockKind::Ack, &[], minutes(5), "ALWAYS"),
        rule(ClockKind::FirstReply, &[Channel::Chat], minutes(1), replies),
    ];
    if priority == Priority::P4 {
        rules.push(rule(ClockKind::FirstReply, &written, HOUR, replies));
    }
    rules.extend([
        rule(ClockKind::FirstReply, &[], minutes(first), replies),
        rule(ClockKind::NextReply, &[Channel::Chat], minutes(2), replies),
        rule(ClockKind::NextReply, &[], minutes(next), replies),
        rule(ClockKind::PeriodicUpdate, &[], minutes(update), work),
        rule(ClockKind::Resolution, &[], minutes(resolution), work),
        rule(ClockKind::Assign, &[], minutes(assign), replies),
    ]);
    rules
}
