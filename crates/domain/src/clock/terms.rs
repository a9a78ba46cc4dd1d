//! The policies, calendars and regimes that clocks run by, and how much time counts for one.
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Clock, Rejection, TicketFacts};
use crate::calendar::{Calendars, PreparedCalendar};
use crate::policy::{Policies, Policy};
use crate::regime::Regimes;

/// What is promised, and in which working time.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The tenant's policies. A ticket has the one that applied when it was received.
    pub policies: Arc<Policies>,
    /// The tenant's calendars, every version that a policy or a running clock names.
    pub calendars: Arc<Calendars>,
    /// The tenant's regimes, every version that a complaint was opened under.
    pub regimes: Arc<Regimes>,
}

impl Terms {
    /// The calendar that a clock with a target runs on.
    pub(super) fn calendar_of(&self, clock: &Clock) -> Result<&PreparedCalendar, Rejection> {
        let Some(reference) = &clock.calendar else {
            return self.current("ALWAYS", clock.started_at);
        };
        match self.calendars.get(reference) {
            Some(calendar) => Ok(calendar),
            None => Err(Rejection::UnknownCalendarVersion(reference.clone())),
        }
    }

    /// What counts for a clock in `[from, until)`; every instant if it has no calendar.
    pub(super) fn elapsed(
        &self,
        clock: &Clock,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Duration, Rejection> {
        match clock.calendar {
            Some(_) => Ok(self.calendar_of(clock)?.elapsed(from, until)),
            None if until <= from => Ok(Duration::ZERO),
            None => Ok(until.duration_since(from).unsigned_abs()),
        }
    }

    /// When so much more has counted for a clock with a target.
    pub(super) fn due(
        &self,
        clock: &Clock,
        from: Timestamp,
        working: Duration,
    ) -> Result<Timestamp, Rejection> {
        Ok(self.calendar_of(clock)?.due(from, working))
    }

    /// The policy that promises to that ticket.
    pub(super) fn policy_of(&self, ticket: &TicketFacts) -> &Policy {
        self.policies.of(&ticket.entitlement, ticket.received_at)
    }

    pub(super) fn current(&self, id: &str, at: Timestamp) -> Result<&PreparedCalendar, Rejection> {
        match self.calendars.at(id, at) {
            Some(calendar) => Ok(calendar),
            None => Err(Rejection::UnknownCalendar(id.to_owned())),
        }
    }
}
