//! Converts a route to its API message.
use domain::route::State;
use uuid::Uuid;
use wire::routing::v1;
use wire::scalar::timestamp;

/// A route as its events tell it; `None` if there is no such route.
pub(crate) fn route(ticket_id: Uuid, state: &State, version: u32) -> Option<v1::Route> {
    let course = state.course()?;
    let stage = match state {
        State::Absent => v1::RouteState::Unspecified,
        State::Queued(_) => v1::RouteState::Queued,
        State::Assigned(..) => v1::RouteState::Assigned,
        State::Ended(_) => v1::RouteState::Ended,
    };
    let assignment = state.assignment();
    let assigned = assignment.map(|assignment| &assignment.assigned);
    Some(v1::Route {
        ticket_id: ticket_id.to_string(),
        state: stage.into(),
        queue_id: course.queue.queue_id.0.clone(),
        level: course.queue.level,
        team_id: assigned
            .and_then(|assigned| assigned.team_id.as_ref())
            .map(|team| team.0.clone())
            .unwrap_or_default(),
        agent_id: assigned.map(|assigned| assigned.agent_id.0.clone()).unwrap_or_default(),
        assignment_id: assigned
            .map(|assigned| assigned.assignment_id.0.to_string())
            .unwrap_or_default(),
        accept_by: assigned.map(|assigned| timestamp(assigned.accept_by)),
        accepted: assignment.is_some_and(|assignment| assignment.accepted),
        reassignment_count: course.reassignments,
        etag: chassis::status::etag(version),
    })
}
