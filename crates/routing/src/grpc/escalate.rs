//! Converts a request to escalate to a command; the recipients are looked up in the directory.
use calls::Call;
use chassis::fields::Fields;
use domain::ids::{AgentId, Personal, QueueId, TicketId};
use domain::route::{Command, Escalate, EscalateTo, EscalationTrigger, Handover, Route};
use tonic::Status;
use wire::routing::v1;

use super::{Handlers, convert, works_alone};
use crate::escalation::escalation_id;
use crate::status;
use crate::target::Target;

const SUMMARY_CHARS: usize = 4_000;
const LINE_CHARS: usize = 1_000;
const ACTIONS: usize = 50;

/// A request to escalate, before its recipients are looked up.
pub(super) struct Asked {
    /// The other queue; `None` to tell the leads.
    to_queue: Option<QueueId>,
    trigger: EscalationTrigger,
    handover: Handover,
    notify_customer: bool,
}

pub(super) fn read(
    call: &Call,
    message: &v1::EscalateTicketRequest,
) -> Result<(Target, Asked), Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = Target::route(call, &mut fields, message, meant);
    let to_queue = to_queue(&mut fields, message);
    let asked = Asked {
        to_queue,
        trigger: trigger(&mut fields, message.trigger),
        handover: handover(&mut fields, message),
        notify_customer: message.notify_customer,
    };
    fields.finish()?;
    Ok((target, asked))
}

fn to_queue(fields: &mut Fields, message: &v1::EscalateTicketRequest) -> Option<QueueId> {
    let given = &message.to_queue_id;
    match fields.enum_value("kind", message.kind)? {
        v1::EscalationKind::Functional => Some(QueueId(fields.name("to_queue_id", given))),
        v1::EscalationKind::Hierarchical | v1::EscalationKind::Unspecified => {
            if !given.is_empty() {
                let rule =
                    "must be empty: a hierarchical escalation leaves the ticket in its queue";
                fields.refuse("to_queue_id", rule);
            }
            None
        }
    }
}

fn trigger(fields: &mut Fields, given: i32) -> EscalationTrigger {
    let given = fields.optional_enum::<v1::EscalationTrigger>("trigger", given);
    let trigger = given.and_then(|given| EscalationTrigger::try_from(given).ok());
    if trigger == Some(EscalationTrigger::NotAccepted) {
        fields.refuse("trigger", "must not be NOT_ACCEPTED, which Odzew says itself");
    }
    trigger.unwrap_or(EscalationTrigger::Manual)
}

/// A hand-over says what was done, or that nothing was.
fn handover(fields: &mut Fields, message: &v1::EscalateTicketRequest) -> Handover {
    let mut text =
        |field: &str, value: &str, chars| Personal(fields.text(field, value.trim(), 1..=chars));
    let summary = text("summary", &message.summary, SUMMARY_CHARS);
    let next_step = text("next_step", &message.next_step, LINE_CHARS);
    let actions = message.actions_done.iter().take(ACTIONS).enumerate();
    let actions_done = actions
        .map(|(place, action)| text(&format!("actions_done[{place}]"), action, LINE_CHARS))
        .collect();
    convert::bounded(fields, "actions_done", message.actions_done.len(), ACTIONS);
    match (message.actions_done.is_empty(), message.nothing_done) {
        (true, false) => fields
            .refuse("actions_done", "is required; if nothing was done, say so by nothing_done"),
        (false, true) => {
            fields.refuse("nothing_done", "must not be set where actions_done has something");
        }
        (true, true) | (false, false) => {}
    }
    Handover { summary, actions_done, next_step }
}

impl Handlers {
    /// The command, with whom the directory names.
    pub(super) async fn escalation(
        &self,
        call: &Call,
        target: &Target,
        asked: Asked,
    ) -> Result<Command, Status> {
        let to = match asked.to_queue {
            Some(queue_id) => {
                let queue = self.directory(call, |d| d.queues.get(&queue_id).cloned()).await?;
                let queue = queue.ok_or_else(|| status::queue_unknown(&queue_id.0))?;
                let (level, team_id) = (queue.level, queue.team_id);
                let only_owner =
                    works_alone(call.role()).then(|| AgentId(call.context.actor.id.clone()));
                EscalateTo::Queue { queue_id, level, team_id, only_owner }
            }
            None => {
                let route = eventlog::load::<Route>(&self.log, &call.tenant, target.id).await;
                let route = route.map_err(|error| self.unreadable(&error))?;
                // Without a route the queue does not matter: the route refuses.
                let queue_id = route
                    .state
                    .course()
                    .map_or(QueueId(String::new()), |course| course.queue.queue_id.clone());
                let leads = self.directory(call, |directory| directory.leads_of(&queue_id));
                let (team_id, agent_ids) = leads.await?;
                EscalateTo::Leads { queue_id, team_id, agent_ids }
            }
        };
        Ok(Command::Escalate(Escalate {
            escalation_id: escalation_id(target.request.id, TicketId(target.id), "asked"),
            to,
            trigger: asked.trigger,
            handover: asked.handover,
            notify_customer: asked.notify_customer,
        }))
    }
}
