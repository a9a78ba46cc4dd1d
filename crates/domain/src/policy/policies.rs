//! The policies of a tenant, and which of them applies to a ticket.
use std::sync::Arc;

use jiff::Timestamp;

use super::{Entitlement, Policy, Scope};

/// The policies of a tenant, each version with the instant from which it applies.
#[derive(Debug, Clone)]
pub struct Policies {
    /// In the order of publishing.
    versions: Vec<(Timestamp, Arc<Policy>)>,
    /// Places of the versions of each policy, by beginning and order.
    by_policy: Vec<Vec<usize>>,
}

impl Policies {
    /// One policy that has always applied, to everybody.
    #[must_use]
    pub fn new(policy: Arc<Policy>) -> Self {
        Self { versions: vec![(Timestamp::MIN, policy)], by_policy: vec![vec![0]] }
    }

    /// Adds what was published next.
    pub fn publish(&mut self, policy: Arc<Policy>, effective_from: Timestamp) {
        let place = self.versions.len();
        let same = |places: &&mut Vec<usize>| self.versions[places[0]].1.id() == policy.id();
        match self.by_policy.iter_mut().find(same) {
            Some(places) => {
                let earlier = |at: &usize| self.versions[*at].0 <= effective_from;
                places.insert(places.partition_point(earlier), place);
            }
            None => self.by_policy.push(vec![place]),
        }
        self.versions.push((effective_from, policy));
    }

    /// The policy that promises to a ticket that was received at that instant.
    #[must_use]
    pub fn of(&self, ticket: &Entitlement, instant: Timestamp) -> &Arc<Policy> {
        self.narrowest(instant, |policy| policy.scope().covers(ticket))
    }

    /// The policy valid at that instant for all tickets without a narrower one.
    #[must_use]
    pub fn of_everybody(&self, instant: Timestamp) -> &Arc<Policy> {
        self.narrowest(instant, |policy| *policy.scope() == Scope::Everybody)
    }

    /// The version of each policy that applies at that instant.
    pub fn in_force(&self, instant: Timestamp) -> impl Iterator<Item = &Arc<Policy>> {
        self.places_in_force(instant).map(|place| &self.versions[place].1)
    }

    fn places_in_force(&self, instant: Timestamp) -> impl Iterator<Item = usize> {
        self.by_policy.iter().filter_map(move |places| {
            let begun = places.partition_point(|at| self.versions[*at].0 <= instant);
            begun.checked_sub(1).map(|last| places[last])
        })
    }

    fn narrowest(&self, instant: Timestamp, suits: impl Fn(&Policy) -> bool) -> &Arc<Policy> {
        let suitable = self.places_in_force(instant).filter(|at| suits(&self.versions[*at].1));
        let narrowest = suitable.max_by_key(|at| {
            let (from, policy) = &self.versions[*at];
            (policy.scope().rank(), *from, *at)
        });
        &self.versions[narrowest.expect("the first has always applied to everybody")].1
    }
}
