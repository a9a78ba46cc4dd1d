//! Policies: targets by priority, kind and channel, and timers that act when nobody answers; in
//! versions that never change once they are published.
//!
//! Of a policy's versions that have become valid, the latest applies; of two that became valid at
//! the same time, the one published later. Of the policies that cover a ticket, the one with the
//! narrowest scope applies; of two equally narrow ones, the one that became valid later.
mod automation;
mod kind;
mod policies;
mod reach;
mod scope;
mod standard;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

pub use self::automation::Automation;
pub use self::kind::{ClockClass, ClockKind, TimerKind};
pub use self::policies::Policies;
pub use self::reach::Part;
pub use self::scope::{
    Entitlement, MAX_CHARS as MAX_SCOPE_CHARS, MAX_ENTRIES as MAX_SCOPE_ENTRIES, Scope,
};
use crate::calendar::is_name;
use crate::priority::{Channel, Priority};

/// A longer target is a mistake of its author.
const LONGEST_TARGET: Duration = Duration::from_secs(366 * 86_400);
/// The longest target of a first reply, on any channel.
const LONGEST_FIRST_REPLY: Duration = Duration::from_secs(4 * 3600);
/// A longer minimum would undo the new target.
const LONGEST_MIN_REMAINING: Duration = Duration::from_secs(86_400);
/// What every policy promises for every priority and channel.
const REQUIRED: [ClockKind; 3] =
    [ClockKind::FirstReply, ClockKind::NextReply, ClockKind::Resolution];

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Priority it is for.
    pub priority: Priority,
    /// Kind of clock it is for.
    pub kind: ClockKind,
    /// Channels it is for; all of them if empty.
    pub channels: Vec<Channel>,
    /// Working time, in whole seconds.
    pub target: Duration,
    /// Name of the calendar it counts on.
    pub calendar: String,
}

/// What a reopened ticket does to its resolution clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reopen {
    /// It runs on with what it has carried.
    #[default]
    Continue,
    /// A new cycle begins.
    Restart,
}

/// A draft of a policy, before [`Policy::new`] has checked it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Name: letters, digits, `_`, `-`, `.`; at most 64.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// The promises; of those for one priority and kind the first that fits applies.
    pub rules: Vec<Rule>,
    /// Parts of a target at which to warn, in percent, ascending.
    pub warn_percents: Vec<u8>,
    /// What a reopened ticket does.
    pub reopen: Reopen,
    /// The least time that a new target leaves, for P1 to P4.
    pub retarget_min_remaining: [Duration; 4],
    /// What happens by itself; without them nobody is reminded, and nothing is resolved
    /// or closed by itself.
    pub automations: Vec<Automation>,
    /// Priorities at which a customer who has heard nothing by the end of a clock of
    /// updates is told by Odzew itself that there is no news; each once.
    pub no_news_updates: Vec<Priority>,
    /// For whom it is.
    pub scope: Scope,
}

/// Why a draft is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The name is empty, too long or has a character that names may not have.
    #[error("a policy's name is 1 to 64 letters, digits, `_`, `-` or `.`")]
    Name,
    /// Versions count from 1.
    #[error("a policy's version counts from 1")]
    Version,
    /// Warnings are not ascending between 1 and 99 percent, or more than eight.
    #[error("warnings are up to eight ascending percentages from 1 to 99")]
    WarnPercents,
    /// A minimum on a new target is longer than a day or not in whole seconds.
    #[error("the minimum that a new target leaves is whole seconds, at most a day")]
    MinRemaining,
    /// The kind of clock has no target that a policy could set.
    #[error("no policy sets a target for {}", .0.code())]
    KindWithoutTarget(ClockKind),
    /// A target is zero, longer than a year or not in whole seconds.
    #[error("{priority:?} {}: a target is whole seconds, at most a year", kind.code())]
    Target {
        /// Priority.
        priority: Priority,
        /// Kind of clock.
        kind: ClockKind,
    },
    /// The target of a first reply is longer than four working hours.
    #[error("{0:?}: the first reply takes at most 4 hours")]
    FirstReplyTooLong(Priority),
    /// A timer of that kind waits not at all, longer than a year or not whole seconds.
    #[error("{}: a timer waits whole seconds, at most a year", .0.code())]
    TimerWait(TimerKind),
    /// The law sets that timer, not a policy.
    #[error("{}: a regime sets it, not a policy", .0.code())]
    TimerOfRegime(TimerKind),
    /// A clock sets that timer, not an automation.
    #[error("{}: set by a clock, for the priorities in no_news_updates", .0.code())]
    TimerOfClock(TimerKind),
    /// A contact sets that timer, not an automation.
    #[error("{}: set by every contact that a person has handled", .0.code())]
    TimerOfContact(TimerKind),
    /// A priority is named twice.
    #[error("{0:?}: named twice")]
    NoNewsTwice(Priority),
    /// A "no news" update needs an update clock.
    #[error("{0:?}: without a target for PERIODIC_UPDATE there is no news to be late with")]
    NoNewsWithoutUpdates(Priority),
    /// A scope is empty, has an entry twice, or has an invalid entry.
    #[error(
        "it is for 1 to {MAX_SCOPE_ENTRIES} contracts or segments of 1 to {MAX_SCOPE_CHARS} \
         characters, or for ticket types, each once"
    )]
    Scope,
    /// There are more timers of that kind than there may be.
    #[error("{}: at most {} of a policy", kind.code(), limit)]
    TooManyTimers {
        /// Kind of timer.
        kind: TimerKind,
        /// Most of that kind.
        limit: usize,
    },
    /// The name of a calendar cannot be one.
    #[error("`{0}` is not a name of a calendar")]
    CalendarName(String),
    /// An earlier rule applies wherever this one would.
    #[error("{priority:?} {}: an earlier rule leaves nothing for this one", kind.code())]
    Unreachable {
        /// Priority.
        priority: Priority,
        /// Kind of clock.
        kind: ClockKind,
    },
    /// A promise is missing that every policy makes on every channel.
    #[error("{priority:?} {}: a rule for all channels is missing", kind.code())]
    Missing {
        /// Priority.
        priority: Priority,
        /// Kind of clock.
        kind: ClockKind,
    },
}

/// What is promised, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy(Draft);

impl Policy {
    /// Checks a draft.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(draft: Draft) -> Result<Self, PolicyError> {
        if !is_name(&draft.id) {
            return Err(PolicyError::Name);
        }
        if draft.version == 0 {
            return Err(PolicyError::Version);
        }
        let percents = &draft.warn_percents;
        if percents.len() > 8
            || percents.iter().any(|p| !(1..=99).contains(p))
            || percents.windows(2).any(|pair| pair[0] >= pair[1])
        {
            return Err(PolicyError::WarnPercents);
        }
        let minima = &draft.retarget_min_remaining;
        if minima.iter().any(|m| *m > LONGEST_MIN_REMAINING || m.subsec_nanos() != 0) {
            return Err(PolicyError::MinRemaining);
        }
        check_rules(&draft.rules)?;
        automation::check(&draft.automations)?;
        check_no_news(&draft)?;
        if !draft.scope.is_sound() {
            return Err(PolicyError::Scope);
        }
        Ok(Self(draft))
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Its promises, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.0.rules
    }

    /// The promise for a clock, if there is one.
    #[must_use]
    pub fn rule(&self, priority: Priority, kind: ClockKind, channel: Channel) -> Option<&Rule> {
        self.0.rules.iter().find(|rule| {
            rule.priority == priority
                && rule.kind == kind
                && (rule.channels.is_empty() || rule.channels.contains(&channel))
        })
    }

    /// Parts of a target at which to warn, in percent, ascending.
    #[must_use]
    pub fn warn_percents(&self) -> &[u8] {
        &self.0.warn_percents
    }

    /// What a reopened ticket does to its resolution clock.
    #[must_use]
    pub fn reopen(&self) -> Reopen {
        self.0.reopen
    }

    /// The least time that a new target of that priority leaves.
    #[must_use]
    pub fn retarget_min_remaining(&self, priority: Priority) -> Duration {
        let [p1, p2, p3, p4] = self.0.retarget_min_remaining;
        match priority {
            Priority::P1 => p1,
            Priority::P2 => p2,
            Priority::P3 => p3,
            Priority::P4 => p4,
        }
    }

    /// What happens by itself, in order.
    #[must_use]
    pub fn automations(&self) -> &[Automation] {
        &self.0.automations
    }

    /// True if tickets of that priority get "no news" updates.
    #[must_use]
    pub(crate) fn tells_no_news(&self, priority: Priority) -> bool {
        self.0.no_news_updates.contains(&priority)
    }

    /// For whom it is.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// The draft that it was created from.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.0
    }
}

fn check_rules(rules: &[Rule]) -> Result<(), PolicyError> {
    let mut covered: BTreeSet<(Priority, ClockKind, Option<Channel>)> = BTreeSet::new();
    for rule in rules {
        let (priority, kind) = (rule.priority, rule.kind);
        if !kind.has_target() {
            return Err(PolicyError::KindWithoutTarget(kind));
        }
        if rule.target.is_zero() || rule.target > LONGEST_TARGET || rule.target.subsec_nanos() != 0
        {
            return Err(PolicyError::Target { priority, kind });
        }
        if kind == ClockKind::FirstReply && rule.target > LONGEST_FIRST_REPLY {
            return Err(PolicyError::FirstReplyTooLong(priority));
        }
        if !is_name(&rule.calendar) {
            return Err(PolicyError::CalendarName(rule.calendar.clone()));
        }
        let mut news = false;
        if !covered.contains(&(priority, kind, None)) {
            if rule.channels.is_empty() {
                news = covered.insert((priority, kind, None));
            }
            for channel in &rule.channels {
                news |= covered.insert((priority, kind, Some(*channel)));
            }
        }
        if !news {
            return Err(PolicyError::Unreachable { priority, kind });
        }
    }
    for priority in Priority::ALL {
        for kind in REQUIRED {
            if !covered.contains(&(priority, kind, None)) {
                return Err(PolicyError::Missing { priority, kind });
            }
        }
    }
    Ok(())
}

fn check_no_news(draft: &Draft) -> Result<(), PolicyError> {
    for (place, priority) in draft.no_news_updates.iter().enumerate() {
        if draft.no_news_updates[..place].contains(priority) {
            return Err(PolicyError::NoNewsTwice(*priority));
        }
        let updates =
            |rule: &Rule| rule.priority == *priority && rule.kind == ClockKind::PeriodicUpdate;
        if !draft.rules.iter().any(updates) {
            return Err(PolicyError::NoNewsWithoutUpdates(*priority));
        }
    }
    Ok(())
}
