//! The clocks between queue and owner: assignment and acceptance.
use super::decide::{collect, start};
use super::given::start_until;
use super::{Clock, ClockKind, Event, Observation, Rejection, State, TicketFacts, timing};
use crate::ids::AssignmentId;
use jiff::Timestamp;

/// It is in a queue: the clock of acceptance ends, and that of assignment starts.
/// Moved to another queue it has waited since it came to the first.
pub(super) fn queued(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
) -> Result<Vec<Event>, Rejection> {
    let mut events = cancel(state, seen, &[ClockKind::Accept])?;
    if !state.has_live(ClockKind::Assign) && !seen.historical {
        let (kind, channel) = (ClockKind::Assign, ticket.channel);
        events.extend(start(state, ticket, kind, channel, seen.at, &seen.terms)?);
    }
    Ok(events)
}

/// An agent owns it, and has until `accept_by` to accept.
pub(super) fn assigned(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    assignment_id: AssignmentId,
    accept_by: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let known = |c: &&Clock| c.kind == ClockKind::Accept && c.subject_ref == Some(assignment_id.0);
    if state.clocks.iter().any(|clock| known(&clock)) {
        return Ok(Vec::new());
    }
    let mut events = stop(state.live(ClockKind::Assign), seen)?;
    events.extend(cancel(state, seen, &[ClockKind::Accept])?);
    if !seen.historical {
        let (kind, id) = (ClockKind::Accept, assignment_id.0);
        events.extend(start_until(state, seen, ticket, kind, id, accept_by, None));
    }
    Ok(events)
}

/// The agent of that assignment took it on.
pub(super) fn accepted(
    state: &State,
    seen: &Observation,
    assignment_id: AssignmentId,
) -> Result<Vec<Event>, Rejection> {
    let meant = |clock: &&Clock| {
        clock.kind == ClockKind::Accept && clock.subject_ref == Some(assignment_id.0)
    };
    stop(state.clocks.iter().filter(meant), seen)
}

/// Starting work or replying counts as accepting.
pub(super) fn at_work(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    stop(state.begun(ClockKind::Accept, seen.at), seen)
}

/// Assignment and acceptance are no longer needed.
pub(super) fn ended(state: &State, seen: &Observation) -> Result<Vec<Event>, Rejection> {
    cancel(state, seen, &[ClockKind::Assign, ClockKind::Accept])
}

fn stop<'a>(
    clocks: impl IntoIterator<Item = &'a Clock>,
    seen: &Observation,
) -> Result<Vec<Event>, Rejection> {
    collect(clocks, |clock| timing::stop(clock, seen.at, seen.event_id, &seen.terms))
}

fn cancel(state: &State, seen: &Observation, kinds: &[ClockKind]) -> Result<Vec<Event>, Rejection> {
    collect(kinds.iter().flat_map(|kind| state.live(*kind)), |clock| {
        timing::cancel(clock, seen.at, seen.event_id, true, &seen.terms)
    })
}
