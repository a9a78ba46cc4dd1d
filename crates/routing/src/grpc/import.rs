//! Converts a ticket's assignments in another system to commands of the past.
use calls::Call;
use std::collections::BTreeSet;

use chassis::fields::Fields;
use domain::directory::State as DirectoryState;
use domain::ids::{QueueId, TicketId};
use domain::route::{Assigned, Command, EndReason, Method, Queued, QueuedReason, Step};
use eventlog::{Actor, Past};
use jiff::Timestamp;
use tonic::Status;
use wire::common::v1::ActorKind;
use wire::routing::v1::{self, route_step};

use super::{ACCEPT_WITHIN_S, Handlers, convert};
use crate::facts::{self, TicketFacts};
use crate::reactions::{accept_by, assignment_id};
use crate::target::Target;

/// Most steps of one history.
const STEPS: usize = 500;

/// What the steps of a history refer to.
struct Background<'a> {
    ticket: &'a TicketFacts,
    directory: &'a DirectoryState,
    target: &'a Target,
}

impl Handlers {
    /// The past of the ticket's route; the ticket must be there.
    pub(super) async fn past(
        &self,
        call: &Call,
        message: &v1::ImportRouteRequest,
    ) -> Result<(Target, Vec<Past<Command>>), Status> {
        let mut fields = Fields::new();
        let meant = (&*message.request_id, &*message.ticket_id, "");
        let target = Target::route(call, &mut fields, message, meant);
        if message.steps.is_empty() {
            fields.refuse("steps", "is required");
        }
        if message.steps.len() > STEPS {
            let given = message.steps.len();
            fields.refuse("steps", format!("must be at most {STEPS}, are {given}"));
        }
        fields.finish()?;

        let ticket = facts::of_ticket(&self.log, &call.tenant, TicketId(target.id)).await;
        let ticket = ticket.map_err(|error| match error {
            facts::Error::Log(error) => self.unreadable(&error),
            facts::Error::Decode(error) => chassis::status::internal(&error),
        })?;
        let ticket =
            ticket.ok_or_else(|| chassis::status::not_found("ticket", &target.id.to_string()))?;
        let past = self.directory(call, |directory| {
            let background = Background { ticket: &ticket, directory, target: &target };
            steps(&background, message, call.now)
        });
        let past = past.await??;
        Ok((target, past))
    }
}

fn steps(
    background: &Background<'_>,
    message: &v1::ImportRouteRequest,
    now: Timestamp,
) -> Result<Vec<Past<Command>>, Status> {
    let mut fields = Fields::new();
    let mut past = Vec::new();
    let mut level = 1;
    let mut latest = Timestamp::UNIX_EPOCH;
    for (place, step) in message.steps.iter().enumerate() {
        fields.within(&format!("steps[{place}]"), |fields| {
            let occurred_at = convert::instant(fields, "occurred_at", step.occurred_at.as_ref());
            if occurred_at < latest {
                fields.refuse("occurred_at", "must not be before the step before it");
            }
            if occurred_at > now {
                fields.refuse("occurred_at", "must not be in the future");
            }
            latest = latest.max(occurred_at);
            let Some(said) = fields.required("step", step.step.as_ref()) else { return };
            if place == 0 && !matches!(said, route_step::Step::Queued(_)) {
                fields.refuse("step", "the first step must be `queued`");
            }
            let step = read(fields, said, place, occurred_at, &mut level, background);
            if let Some(step) = step {
                let actor = Actor {
                    kind: ActorKind::Integrator,
                    id: "import".to_owned(),
                    role: "integrator".to_owned(),
                };
                past.push(Past { actor, occurred_at, command: Command::TakeOver(step) });
            }
        });
    }
    fields.finish()?;
    Ok(past)
}

fn read(
    fields: &mut Fields,
    said: &route_step::Step,
    place: usize,
    occurred_at: Timestamp,
    level: &mut u32,
    background: &Background<'_>,
) -> Option<Step> {
    let Background { ticket, directory, target } = background;
    match said {
        route_step::Step::Queued(queued) => {
            let queue_id = QueueId(fields.name("queued.queue_id", &queued.queue_id));
            *level = directory.queues.get(&queue_id).map_or(1, |queue| queue.level);
            let queued = Queued {
                queue_id,
                level: *level,
                required_skills: Vec::new(),
                rule_id: None,
                rules_version: 0,
                fallback: false,
                reason: QueuedReason::Imported,
                preferred_agent: None,
                excluded_agents: BTreeSet::new(),
                priority: ticket.facts.priority,
                received_at: ticket.received_at,
            };
            Some(if place == 0 { Step::Begun(queued) } else { Step::Queued(queued) })
        }
        route_step::Step::Assigned(assigned) => {
            let agent_id = convert::agent_id(fields, "assigned.agent_id", &assigned.agent_id);
            let teams = directory.agents.get(&agent_id).map(|agent| &agent.team_ids);
            let cause = uuid::Uuid::new_v5(&target.request.id, &place.to_be_bytes());
            Some(Step::Assigned(Assigned {
                assignment_id: assignment_id(cause, TicketId(target.id)),
                team_id: teams.and_then(|teams| teams.first().cloned()),
                agent_id,
                level: *level,
                method: Method::Import,
                accept_by: accept_by(occurred_at, ACCEPT_WITHIN_S),
            }))
        }
        route_step::Step::Ended(ended) => {
            let reason = fields.enum_value::<v1::RouteEndReason>("ended.reason", ended.reason)?;
            EndReason::try_from(reason).ok().map(Step::Ended)
        }
    }
}
