//! The published policies, calendars and regimes of a tenant, in versions that never change.
//!
//! The policy `PL_STANDARD` and the five built-in calendars exist from the start as version 1;
//! publishing under such a name makes version 2. Only time decides which version applies, so every
//! decision stays explainable.
mod decide;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::aggregate::Aggregate;
use crate::calendar::{self, Calendar, CalendarError, REACH_YEARS, presets};
use crate::policy::{self, Part, Policies, Policy, PolicyError};
use crate::problem::Problem;
use crate::regime::{self, Regime, Regimes};

/// The aggregate behind the streams `slaconfig-<id>`, one per tenant.
#[derive(Debug, Clone, Copy)]
pub struct SlaConfig;

impl Aggregate for SlaConfig {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(mut state: State, event: &Event) -> State {
        match event {
            Event::PolicyPublished(published) => state.policies.push(published.clone()),
            Event::CalendarPublished(published) => state.calendars.push(published.clone()),
            Event::RegimePublished(published) => state.regimes.push(published.clone()),
        }
        state
    }
}

/// Id of the one configuration stream of the tenant of that name.
#[must_use]
pub fn stream_id(tenant: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("odzew/{tenant}/slaconfig").as_bytes())
}

/// Most versions of policies that a tenant may publish, and of calendars and regimes.
pub const MAX_VERSIONS: usize = 1_000;

/// Everything published so far; what comes with the product is not listed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Versions of policies, oldest first.
    pub policies: Vec<PublishedPolicy>,
    /// Versions of calendars, oldest first.
    pub calendars: Vec<PublishedCalendar>,
    /// Versions of regimes, oldest first. None comes with the product: what the law demands
    /// of a tenant, somebody of the tenant has to have signed off.
    pub regimes: Vec<PublishedRegime>,
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedPolicy {
    /// The policy with its version.
    pub policy: Arc<Policy>,
    /// From when it applies.
    pub effective_from: Timestamp,
    /// SHA-256 of its stored bytes, without the version.
    pub sha256: [u8; 32],
}

/// A version of a calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedCalendar {
    /// The calendar with its version.
    pub calendar: Arc<Calendar>,
    /// From when it applies.
    pub effective_from: Timestamp,
    /// SHA-256 of its stored bytes, without the version.
    pub sha256: [u8; 32],
}

/// A version of a regime; it applies from its first day on.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRegime {
    /// The regime with its version.
    pub regime: Arc<Regime>,
    /// SHA-256 of its stored bytes, without the version.
    pub sha256: [u8; 32],
}

/// A request to publish something.
#[derive(Debug, Clone)]
pub enum Command {
    /// Publishes a version of a policy.
    PublishPolicy {
        /// The policy; its version is given here.
        draft: policy::Draft,
        /// From when it applies.
        effective_from: Timestamp,
        /// SHA-256 of its stored bytes, without the version.
        sha256: [u8; 32],
    },
    /// Publishes a version of a calendar.
    PublishCalendar {
        /// The calendar; its version is given here.
        draft: calendar::Draft,
        /// From when it applies.
        effective_from: Timestamp,
        /// SHA-256 of its stored bytes, without the version.
        sha256: [u8; 32],
    },
    /// Publishes a version of a regime.
    PublishRegime {
        /// The regime; its version is given here.
        draft: Box<regime::Draft>,
        /// SHA-256 of its stored bytes, without the version.
        sha256: [u8; 32],
    },
}

/// Something was published.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A version of a policy.
    PolicyPublished(PublishedPolicy),
    /// A version of a calendar.
    CalendarPublished(PublishedCalendar),
    /// A version of a regime.
    RegimePublished(PublishedRegime),
}

/// Why something was not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The draft is not a policy.
    #[error("it is not a policy")]
    Policy(#[source] PolicyError),
    /// The draft is not a calendar.
    #[error("it is not a calendar")]
    Calendar(#[source] CalendarError),
    /// The draft is not a regime; everything that is wrong with it.
    #[error("it is not a regime")]
    Regime(Vec<Problem>),
    /// A promise names a calendar that does not apply when the policy begins to.
    #[error("no calendar `{name}` applies by then")]
    UnknownCalendar {
        /// Place of the promise in the policy, from 0.
        rule: usize,
        /// Name of the calendar.
        name: String,
    },
    /// A timer names a calendar that does not apply when the policy begins to.
    #[error("no calendar `{name}` applies by then")]
    UnknownTimerCalendar {
        /// Place of the timer in the policy, from 0.
        automation: usize,
        /// Name of the calendar.
        name: String,
    },
    /// A calendar has too little working time for a promise or a timer.
    #[error("must be reached within {REACH_YEARS} years on the calendar `{calendar}`")]
    TooLong {
        /// The promise or timer.
        part: Part,
        /// Name of the calendar.
        calendar: String,
    },
    /// The calendar has too little working time for a policy that counts on it.
    #[error("must reach everything of the policy `{policy}` v{version} within {REACH_YEARS} years")]
    TooLittleTime {
        /// Name of the policy.
        policy: String,
        /// Its version.
        version: u32,
    },
    /// The standard policy is what is left when no other is for a ticket.
    #[error("`PL_STANDARD` is for everybody: for some, publish another policy")]
    StandardForSome,
    /// There are as many versions as there may be.
    #[error("there are {MAX_VERSIONS} versions already")]
    Full,
}

impl State {
    /// The policies with the instants from which they apply, the product's first.
    #[must_use]
    pub fn policies(&self) -> Policies {
        let mut policies = Policies::new(Arc::new(Policy::pl_standard()));
        for published in &self.policies {
            policies.publish(Arc::clone(&published.policy), published.effective_from);
        }
        policies
    }

    /// The regimes in every version.
    #[must_use]
    pub fn regimes(&self) -> Regimes {
        let mut regimes = Regimes::default();
        for published in &self.regimes {
            regimes.publish(Arc::clone(&published.regime));
        }
        regimes
    }

    /// The calendars that apply at an instant, by name.
    #[must_use]
    pub fn calendars_at(&self, instant: Timestamp) -> Vec<Calendar> {
        let presets = presets();
        let ids = presets.iter().chain(self.calendars.iter().map(|p| &*p.calendar));
        let ids: BTreeSet<_> = ids.map(|calendar| calendar.reference().id.as_str()).collect();
        let published = |id: &str| {
            let begun = self.begun(id, instant);
            begun.max_by_key(|p| p.effective_from).map(|p| (*p.calendar).clone())
        };
        let preset = |id: &str| presets.iter().find(|c| c.reference().id == id).cloned();
        ids.into_iter().filter_map(|id| published(id).or_else(|| preset(id))).collect()
    }

    /// The calendars that apply at an instant or later.
    fn calendars_from(&self, instant: Timestamp) -> Vec<Calendar> {
        let later = self.calendars.iter().filter(|p| p.effective_from > instant);
        let later = later.map(|p| (*p.calendar).clone());
        self.calendars_at(instant).into_iter().chain(later).collect()
    }

    /// The policies that apply at an instant or later.
    fn policies_from(&self, instant: Timestamp) -> Vec<Arc<Policy>> {
        let later = self.policies.iter().filter(|p| p.effective_from > instant);
        let later = later.map(|p| Arc::clone(&p.policy));
        self.policies().in_force(instant).cloned().chain(later).collect()
    }

    /// True if a calendar of that name applies at an instant.
    fn has_calendar(&self, id: &str, instant: Timestamp) -> bool {
        calendar::preset(id).is_some() || self.begun(id, instant).next().is_some()
    }

    fn begun(&self, id: &str, instant: Timestamp) -> impl Iterator<Item = &PublishedCalendar> {
        self.calendars
            .iter()
            .filter(move |p| p.calendar.reference().id == id && p.effective_from <= instant)
    }
}
