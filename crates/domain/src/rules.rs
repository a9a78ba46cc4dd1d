//! The routing rules of a tenant: which queue a ticket belongs to.
//!
//! Rules are published as a whole, in versions. Of the versions that are in effect, the one with
//! the latest `effective_from` applies (of two with the same, the one published later). Within it
//! the first rule that matches decides. A ticket that no rule matches goes to the fallback queue,
//! so every ticket has a queue.
mod decide;
mod select;
#[cfg(test)]
mod tests;

pub use select::{Facts, Placement, UNROUTED, select};

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use crate::aggregate::Aggregate;
use crate::ids::{QueueId, RuleId};
use crate::priority::{Channel, Priority, TicketType};
use crate::skill::Skill;

/// The aggregate behind the streams `rules-<id>`, one per tenant.
#[derive(Debug, Clone, Copy)]
pub struct Rules;

impl Aggregate for Rules {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(mut state: State, event: &Event) -> State {
        let Event::Published(published) = event;
        state.versions.push(published.clone());
        state
    }
}

/// Id of the one rules stream of the tenant of that name.
#[must_use]
pub fn stream_id(tenant: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("odzew/{tenant}/rules").as_bytes())
}

/// Most rules of one version.
pub const MAX_RULES: usize = 200;

/// Every version published so far, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The versions.
    pub versions: Vec<Published>,
}

impl State {
    /// The version that applies at `now`.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<&Published> {
        self.versions
            .iter()
            .filter(|published| published.effective_from <= now)
            .max_by_key(|published| (published.effective_from, published.version))
    }

    /// Number of versions published so far.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.versions.last().map_or(0, |published| published.version)
    }
}

/// One rule. Every condition given must hold; a condition not given always holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Id, unique in its version.
    pub rule_id: RuleId,
    /// Types, any of them.
    pub types: BTreeSet<TicketType>,
    /// Prefixes of the category code, any of them.
    pub category_prefixes: Vec<String>,
    /// Priorities, any of them.
    pub priorities: BTreeSet<Priority>,
    /// Channels, any of them.
    pub channels: BTreeSet<Channel>,
    /// Languages, any of them; `pl` also holds for `pl-PL`.
    pub languages: Vec<String>,
    /// Queue that takes the ticket.
    pub queue_id: QueueId,
    /// Skills that its owner must have, with the least level.
    pub required_skills: Vec<Skill>,
}

/// A request to change the rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Publishes a version.
    Publish(Publish),
}

/// Publishes a version.
#[derive(Debug, Clone, PartialEq)]
pub struct Publish {
    /// From when it applies.
    pub effective_from: Timestamp,
    /// The rules.
    pub rules: Vec<Rule>,
    /// SHA-256 of the rules' stored bytes.
    pub sha256: [u8; 32],
    /// The queues in the directory.
    pub queues: BTreeSet<QueueId>,
}

/// A change of the rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A version was published.
    Published(Published),
}

/// A version of the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Version, counted from 1.
    pub version: u32,
    /// From when it applies.
    pub effective_from: Timestamp,
    /// SHA-256 of the rules' stored bytes.
    pub sha256: [u8; 32],
    /// The rules.
    pub rules: Vec<Rule>,
}

/// Why a version was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A rule names a queue that does not exist.
    #[error("rule {} names queue {}, which does not exist", rule.0, queue.0)]
    QueueUnknown {
        /// The rule.
        rule: RuleId,
        /// The queue.
        queue: QueueId,
    },
    /// Two rules have the same id.
    #[error("two rules are called {}", .0.0)]
    DuplicateRule(RuleId),
    /// A rule stands behind one that matches everything.
    #[error("rule {} can never match, because a rule before it matches every ticket", .0.0)]
    Unreachable(RuleId),
    /// There are more rules than a version may have.
    #[error("a version has at most {MAX_RULES} rules")]
    TooManyRules,
}
