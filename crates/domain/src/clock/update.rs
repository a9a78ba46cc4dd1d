//! The update clock: as long as the ticket is open, the customer gets a message in time.
use jiff::Timestamp;

use super::decide::{collect, start};
use super::{
    Clock, ClockKind, Event, Observation, PauseReason, Phase, Rejection, State, TicketFacts, timing,
};
use crate::ids::HoldId;

const KIND: ClockKind = ClockKind::PeriodicUpdate;

/// The customer has heard something: that round ends, and the next one begins, or the first where
/// none was promised before. News that are older than the round that runs are proof for an earlier
/// one, and those of another system or after a solution begin none.
pub(super) fn told(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let round = state.begun(KIND, seen.at);
    let mut events =
        collect(round, |round| timing::stop(round, seen.at, seen.event_id, &seen.terms))?;
    let unpromised = !state.has_live(KIND) && !seen.historical && ticket.solved_at.is_none();
    if unpromised || round.is_some_and(Clock::is_live) {
        events.extend(begin(state, seen, ticket)?);
    }
    Ok(events)
}

/// A new update clock starts; it is paused while we wait for the customer.
pub(super) fn begin(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let Some(event) = start(state, ticket, KIND, ticket.channel, seen.at, &seen.terms)? else {
        return Ok(Vec::new());
    };
    let mut events = Vec::new();
    if let (Event::Started(started), Some((since, hold_id))) = (&event, waiting(state)) {
        let (at, reason) = (seen.at.max(since), PauseReason::WaitingCustomer);
        events = timing::pause(&Clock::new(started), at, hold_id, reason, &seen.terms)?;
    }
    events.insert(0, event);
    Ok(events)
}

/// It was reopened, and no update clock runs yet.
pub(super) fn reopened(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    if state.has_live(KIND) || seen.historical {
        return Ok(Vec::new());
    }
    begin(state, seen, ticket)
}

/// There is nothing to keep the customer informed of.
pub(super) fn ended(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    collect(state.live(KIND), |clock| {
        timing::cancel(clock, seen.at, seen.event_id, true, &seen.terms)
    })
}

/// Since when and by which hold the ticket waits for the customer.
pub(super) fn waiting(state: &State) -> Option<(Timestamp, HoldId)> {
    let waits = state.clocks.iter().filter(|clock| clock.kind.waits_for_customer());
    waits.into_iter().find_map(|clock| match clock.phase {
        Phase::Paused { since, hold_id } => Some((since, hold_id)),
        Phase::Running { .. } | Phase::Stopped { .. } => None,
    })
}
