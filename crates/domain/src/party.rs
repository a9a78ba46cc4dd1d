//! A party: a person or company that asks, with what is known of it.
//!
//! ```text
//! LIVE ──merged──▶ ALIAS      its id lives on and leads to an older party
//!   │
//!   └────erased──▶ ERASED     final: nothing is known any more; also of a requester who was
//!                             never registered
//! ```
//! Data that must be kept but not used are restricted instead (GDPR, art. 18): kept unchanged and
//! shown to few roles, until the restriction is lifted or the party is erased.
//!
//! A party is only merged into an older one. Aliases therefore always lead to an older party and
//! never form a circle, even if several callers merge at the same time.
mod command;
mod decide;
mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use command::{Command, Erase, Merge, Rejection, Restrict};
pub use event::{
    Erased, Event, ExternalRef, LegalHold, LegalHoldChanged, Merged, PartyKind, Preference,
    PreferencePurpose, Profile, Register, Registered, Restriction, RestrictionChanged,
};

use crate::aggregate::Aggregate;
use crate::ids::PartyId;
use crate::priority::Channel;

/// Most contact points of a party.
pub const MOST_CONTACT_POINTS: usize = 20;
/// Most references to other systems.
pub const MOST_EXTERNAL_REFS: usize = 20;

/// The aggregate behind the streams `party-<id>`.
#[derive(Debug, Clone, Copy)]
pub struct Party;

impl Aggregate for Party {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &Event) -> State {
        state.evolve(event)
    }
}

/// A party's stage of life, with what is known in that stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// No such party.
    #[default]
    Absent,
    /// Never registered, but held or restricted: it is known by its tickets alone.
    Unregistered(Kept),
    /// Known and in use.
    Live(Facts),
    /// Another party is the same one.
    Alias(Facts, PartyId),
    /// Nothing is known any more.
    Erased(Erased),
}

/// What stands against using or erasing the data of whoever was never registered; at least one of
/// the two.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// Why they must be kept, if they must.
    pub hold: Option<LegalHold>,
    /// Why they are kept and not used, if they are not.
    pub restriction: Option<Restriction>,
}

/// What is known of a party.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Its id.
    pub party_id: PartyId,
    /// When it became known.
    pub registered_at: Timestamp,
    /// Who it is and where it is reached.
    pub profile: Profile,
    /// Its preferences; what is not listed is allowed.
    pub preferences: BTreeMap<(Channel, PreferencePurpose), Preference>,
    /// Why its data must be kept, if they must.
    pub hold: Option<LegalHold>,
    /// Why its data are kept and not used, if they are not.
    pub restriction: Option<Restriction>,
}

impl State {
    /// What is known of the party; `None` if there is no such party or it was erased.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Live(facts) | Self::Alias(facts, _) => Some(facts),
            Self::Absent | Self::Unregistered(_) | Self::Erased(_) => None,
        }
    }

    /// Why its data must be kept; `None` if they need not be.
    #[must_use]
    pub fn hold(&self) -> Option<&LegalHold> {
        match self {
            Self::Unregistered(kept) => kept.hold.as_ref(),
            Self::Live(facts) | Self::Alias(facts, _) => facts.hold.as_ref(),
            Self::Absent | Self::Erased(_) => None,
        }
    }

    /// Why its data are kept and not used; `None` if they may be used.
    #[must_use]
    pub fn restriction(&self) -> Option<&Restriction> {
        match self {
            Self::Unregistered(kept) => kept.restriction.as_ref(),
            Self::Live(facts) | Self::Alias(facts, _) => facts.restriction.as_ref(),
            Self::Absent | Self::Erased(_) => None,
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Registered(registered) => match self {
                Self::Absent => Self::Live(Facts::new(registered.clone())),
                known => known,
            },
            Event::Updated(profile) => self.noting(|facts| facts.profile = profile.clone()),
            Event::PreferenceChanged(preference) => self.noting(|facts| {
                let key = (preference.channel, preference.purpose);
                facts.preferences.insert(key, *preference);
            }),
            Event::LegalHoldChanged(changed) => {
                let LegalHoldChanged { on, basis, until } = changed.clone();
                self.keeping(|hold, _| *hold = on.then_some(LegalHold { basis, until }))
            }
            Event::RestrictionChanged(changed) => {
                self.keeping(|_, restriction| *restriction = changed.restriction())
            }
            Event::Merged(merged) => match self {
                Self::Live(facts) => Self::Alias(facts, merged.into),
                other => other,
            },
            Event::Erased(erased) => Self::Erased(erased.clone()),
        }
    }

    fn keeping(self, note: impl FnOnce(&mut Option<LegalHold>, &mut Option<Restriction>)) -> Self {
        let mut kept = match self {
            Self::Absent => Kept::default(),
            Self::Unregistered(kept) => kept,
            known => return known.noting(|facts| note(&mut facts.hold, &mut facts.restriction)),
        };
        note(&mut kept.hold, &mut kept.restriction);
        match kept == Kept::default() {
            true => Self::Absent,
            false => Self::Unregistered(kept),
        }
    }

    fn noting(mut self, note: impl FnOnce(&mut Facts)) -> Self {
        match &mut self {
            Self::Live(facts) | Self::Alias(facts, _) => note(facts),
            Self::Absent | Self::Unregistered(_) | Self::Erased(_) => {}
        }
        self
    }
}

impl Facts {
    fn new(registered: Registered) -> Self {
        Self {
            party_id: registered.party_id,
            registered_at: registered.registered_at,
            profile: registered.profile,
            preferences: BTreeMap::new(),
            hold: None,
            restriction: None,
        }
    }

    /// Age decides which of two parties lives on; the ids decide between twins.
    #[must_use]
    pub fn age(&self) -> (Timestamp, PartyId) {
        (self.registered_at, self.party_id)
    }
}
