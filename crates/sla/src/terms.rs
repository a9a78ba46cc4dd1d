//! The published policies, calendars and regimes of tenants, cached in memory and never older than
//! the event at hand.
//!
//! The terms of a tenant are everything that it has ever published; the domain selects what applies
//! to a ticket and an instant. New terms are read from the tenant's stream whenever something may
//! have been published since the last read, so that everything published before an event is known.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::calendar::{Calendars, PreparedCalendar, presets};
use domain::clock;
use domain::slaconfig::{self, Event, SlaConfig, State};
use eventlog::{Changes, Error, Loaded, Log, Recorded, Tenant, TenantKey, load_on};
use jiff::Timestamp;
use jiff::tz::Offset;
use wire::Payload as _;

/// Years before and after the present for which calendars are laid out; instants beyond
/// are computed when they are asked for.
const YEARS_BEFORE: i16 = 1;
const YEARS_AFTER: i16 = 2;

/// The terms of all tenants.
#[derive(Debug)]
pub(crate) struct Terms {
    log: Log,
    years: std::ops::RangeInclusive<i16>,
    presets: Calendars,
    capacity: usize,
    /// What the subscription has seen being published.
    published: Changes,
    /// Written by the call that finds a tenant's terms too old.
    tenants: Mutex<HashMap<TenantKey, Known>>,
}

/// What is known of a tenant.
#[derive(Debug, Clone)]
struct Known {
    published: Loaded<SlaConfig>,
    /// Everything published up to this position of its partition is in.
    fresh_to: u64,
    terms: clock::Terms,
}

impl Terms {
    pub(crate) fn new(log: Log, now: Timestamp, capacity: usize) -> Self {
        let year = Offset::UTC.to_datetime(now).year();
        let years = year.saturating_sub(YEARS_BEFORE)..=year.saturating_add(YEARS_AFTER);
        let prepared = presets().into_iter();
        let presets = prepared.map(|c| Arc::new(PreparedCalendar::new(c, years.clone()))).collect();
        let published = Changes::new(Event::CATEGORY);
        let capacity = capacity.max(1);
        Self { log, years, presets, capacity, published, tenants: Mutex::default() }
    }

    /// Notes what the subscription was given.
    pub(crate) fn arrived(&self, events: &[Recorded]) {
        if self.published.note(events) {
            self.lock().clear();
        }
    }

    /// The tenant's terms, with everything published before `position`.
    pub(crate) async fn at(&self, tenant: &Tenant, position: u64) -> Result<clock::Terms, Error> {
        let known = self.lock().get(&tenant.key).cloned();
        if let Some(known) = &known
            && (known.fresh_to >= position
                || self.published.none(tenant.partition, tenant.key, known.fresh_to, position))
        {
            return Ok(known.terms.clone());
        }
        let mut known = known.unwrap_or_else(|| self.nothing_published());
        // Asked for before the stream is read: all of it is in what follows.
        let head = self.log.head(tenant.partition).await?;
        let (stream_id, last) = (slaconfig::stream_id(&tenant.name), last(&known.published));
        known.published = load_on(&self.log, tenant, stream_id, known.published).await?;
        if self::last(&known.published) != last {
            known.terms = self.terms(&known.published.state);
        }
        known.fresh_to = head.max(position);
        let terms = known.terms.clone();
        self.remember(tenant.key, known);
        Ok(terms)
    }

    fn remember(&self, tenant: TenantKey, known: Known) {
        let mut tenants = self.lock();
        if let Some(other) = tenants.get(&tenant)
            && other.fresh_to > known.fresh_to
        {
            return;
        }
        if tenants.len() >= self.capacity && !tenants.contains_key(&tenant) {
            // Any will do: it costs one reading of a short stream to come back.
            if let Some(other) = tenants.keys().next().copied() {
                tenants.remove(&other);
            }
        }
        tenants.insert(tenant, known);
    }

    fn nothing_published(&self) -> Known {
        let published = Loaded::default();
        let terms = self.terms(&published.state);
        Known { published, fresh_to: 0, terms }
    }

    /// The terms in a state. Its calendars are laid out anew: a restored log may have another one
    /// under the same version.
    fn terms(&self, state: &State) -> clock::Terms {
        let mut calendars = self.presets.clone();
        for published in &state.calendars {
            let calendar = (*published.calendar).clone();
            let calendar = PreparedCalendar::new(calendar, self.years.clone());
            calendars.publish(Arc::new(calendar), published.effective_from);
        }
        clock::Terms {
            policies: Arc::new(state.policies()),
            calendars: Arc::new(calendars),
            regimes: Arc::new(state.regimes()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TenantKey, Known>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By what one state of a stream is told from another, also across a restore.
fn last(published: &Loaded<SlaConfig>) -> (u64, Option<Timestamp>) {
    (published.position, published.recorded_at)
}
