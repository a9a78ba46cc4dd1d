//! Missing information in a complaint: which clocks are paused until it comes, and which restart.
use super::complaint::InfoRequest;
use super::course::Course;
use super::response::{due_of, realign};
use super::{
    ClockKind, Observation, PauseReason, Phase, Rejection, RetargetCause, TimerKind, TimerSet,
    days, timer, timing,
};
use crate::ids::{HoldId, InfoRequestId};
use crate::regime::IncompleteEffect;

/// Something is missing: the clocks whose regime waits for it are paused.
pub(super) fn asked(
    course: &mut Course,
    seen: &Observation,
    request_id: InfoRequestId,
) -> Result<(), Rejection> {
    let (asked_at, waited_until, supplied) = (seen.at, None, false);
    let request = InfoRequest { request_id, asked_at, waited_until, supplied };
    course.note(course.state.complaint_with(|facts| {
        if facts.requests.iter().all(|known| known.request_id != request_id) {
            facts.requests.push(request);
        }
    }));
    let mut paused = Vec::new();
    for clock in course.state.live(ClockKind::StatutoryResponse) {
        let regime = seen.terms.regime_of(&clock.basis)?;
        let effect = regime.and_then(|regime| regime.draft().incomplete).map(|i| i.effect);
        if effect == Some(IncompleteEffect::Suspend) {
            let (hold_id, reason) = (HoldId(request_id.0), PauseReason::InfoRequested);
            paused.extend(timing::pause(clock, seen.at, hold_id, reason, &seen.terms)?);
        }
    }
    course.add(paused);
    Ok(())
}

/// The wait for missing information is over: paused clocks run again, and if everything was
/// supplied, the days may restart.
pub(super) fn supplied(
    course: &mut Course,
    seen: &Observation,
    request_id: InfoRequestId,
    complete: bool,
) -> Result<(), Rejection> {
    course.note(course.state.complaint_with(|facts| {
        let asked = facts.requests.iter_mut().filter(|known| known.request_id == request_id);
        for request in asked {
            request.waited_until = request.waited_until.or(Some(seen.at));
            if complete && !request.supplied {
                (request.supplied, request.waited_until) = (true, Some(seen.at));
            }
        }
    }));
    if complete {
        let meant = |timer: &TimerSet| {
            timer.kind == TimerKind::SupplementEnd && timer.subject_ref == Some(request_id.0)
        };
        course.add(timer::cancel(&course.state, seen.at, meant));
    }
    wait_no_longer(course, seen, request_id)?;
    realign(course, seen.at, &seen.terms, RetargetCause::Supplement)
}

/// Makes the clocks run again that stood still for a request.
fn wait_no_longer(
    course: &mut Course,
    seen: &Observation,
    request_id: InfoRequestId,
) -> Result<(), Rejection> {
    let mut resumed = Vec::new();
    for clock in course.state.live(ClockKind::StatutoryResponse) {
        let waits =
            matches!(clock.phase, Phase::Paused { hold_id, .. } if hold_id.0 == request_id.0);
        if waits && let Some(end) = due_of(clock, &course.state, &seen.terms)? {
            resumed.extend(days::resume(clock, seen.at.max(clock.since()), end));
        }
    }
    course.add(resumed);
    Ok(())
}

/// It was decided: the wait for the customer ends.
pub(super) fn ended(course: &mut Course, seen: &Observation) -> Result<(), Rejection> {
    let requests = course.state.complaint.iter().flat_map(|facts| &facts.requests);
    let open = requests.filter(|request| request.waited_until.is_none());
    let open: Vec<InfoRequestId> = open.map(|request| request.request_id).collect();
    course.note(course.state.complaint_with(|facts| {
        for request in &mut facts.requests {
            request.waited_until = request.waited_until.or(Some(seen.at));
        }
    }));
    for request_id in open {
        wait_no_longer(course, seen, request_id)?;
    }
    let kind = TimerKind::SupplementEnd;
    course.add(timer::cancel(&course.state, seen.at, |timer| timer.kind == kind));
    Ok(())
}
