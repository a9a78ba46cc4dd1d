//! What is promised: targets by priority, kind and channel, and what happens by itself
//! when nobody answers; in a version that never changes once it is published.
//!
//! Of the versions whose time has come the one with the latest beginning applies, of
//! two with the same beginning the later published.
mod automation;
mod kind;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use self::automation::Automation;
pub use self::kind::{ClockClass, ClockKind, TimerKind};
use crate::calendar::is_name;
use crate::priority::{Channel, Priority};

const HOUR: Duration = Duration::from_secs(3600);
/// A longer target is a mistake of whoever wrote it.
const LONGEST_TARGET: Duration = Duration::from_secs(366 * 86_400);
/// Nobody waits longer for the first answer, on any channel.
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

/// A policy as somebody wrote it, before [`Policy::new`] has checked it.
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
    /// Somebody would wait more than four working hours for the first answer.
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
    /// Nobody is told by itself what no clock waits for.
    #[error("{0:?}: without a target for PERIODIC_UPDATE there is no news to be late with")]
    NoNewsWithoutUpdates(Priority),
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

    /// True if customers of tickets of that priority are told by Odzew itself when there is
    /// no news.
    #[must_use]
    pub fn tells_no_news(&self, priority: Priority) -> bool {
        self.0.no_news_updates.contains(&priority)
    }

    /// The draft it was made of.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.0
    }

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
        })
        .expect("the preset is valid")
    }
}

/// The policies of a tenant, with the instant from which each applies.
#[derive(Debug, Clone)]
pub struct Policies(Vec<(Timestamp, Arc<Policy>)>);

impl Policies {
    /// One policy that has always applied.
    #[must_use]
    pub fn new(policy: Arc<Policy>) -> Self {
        Self(vec![(Timestamp::MIN, policy)])
    }

    /// Adds what was published next.
    pub fn publish(&mut self, policy: Arc<Policy>, effective_from: Timestamp) {
        self.0.push((effective_from, policy));
    }

    /// The policy that applies at that instant.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> &Arc<Policy> {
        let begun = self.0.iter().filter(|(from, _)| *from <= instant);
        // Of equals the last one is the greatest.
        let (_, policy) =
            begun.max_by_key(|(from, _)| *from).expect("the first has always applied");
        policy
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
