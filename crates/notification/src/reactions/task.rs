//! Whom to notify of a task: the owner of the ticket, without one the leads of its queue's team,
//! and the process owner if the law demands the task.
use domain::notice::{Audience, Purpose, SuppressionReason};
use eventlog::{HandlerError, Recorded, StreamId};
use wire::intake::v1::MessageAdded;
use wire::scalar::uuid_opt;

use super::wanted::{Wanted, colleague};
use super::{PROCESS_OWNER, Reactions, Route};

/// What the law reads into silence, and its end.
const OF_SILENCE: [&str; 2] =
    [wire::event::COMPLAINT_DECIDED, wire::event::DEEMED_ACCEPTANCE_WITHDRAWN];

impl Reactions {
    pub(super) async fn task(
        &self,
        event: &Recorded,
        message: &MessageAdded,
    ) -> Result<Vec<Wanted>, HandlerError> {
        let task = |audience, recipient: String| Wanted {
            recipient,
            ..colleague(event, Purpose::Task, audience, message.message_id.clone())
        };
        let Route { owner, queue_id } = self.route(event, event.stream.id).await?;
        let mut wanted = match (owner, queue_id) {
            (Some(owner), _) => vec![task(Audience::Assignee, owner)],
            (None, Some(queue_id)) => {
                let leads = self.teams.leads(event, &queue_id).await?.into_iter();
                leads.map(|lead| task(Audience::Lead, lead)).collect()
            }
            (None, None) => Vec::new(),
        };
        if wanted.is_empty() {
            let suppressed = Some(SuppressionReason::NoChannel);
            wanted.push(Wanted { suppressed, ..task(Audience::Assignee, String::new()) });
        }
        if self.has_process_owner && self.is_of_law(event).await? {
            wanted.push(task(Audience::ProcessOwner, PROCESS_OWNER.to_owned()));
        }
        Ok(wanted)
    }

    /// Whether the task follows from what the law says: that its time has passed, or what it reads
    /// into that.
    async fn is_of_law(&self, event: &Recorded) -> Result<bool, HandlerError> {
        let Some(cause) = uuid_opt(&event.metadata()?.causation_id, "causation_id")? else {
            return Ok(false);
        };
        let caused_by = |step: &&Recorded| step.event_id == cause;
        let is_one_of = |step: &Recorded, types: &[&str]| types.contains(&step.event_type.as_str());
        let ticket = self.ticket(event).await?;
        if let Some(step) = ticket.iter().find(caused_by) {
            return Ok(is_one_of(step, &OF_SILENCE));
        }
        let clocks = StreamId::new("clock", event.stream.id);
        let clocks = self.log.read_stream(&event.to_tenant(), &clocks, 0).await?;
        Ok(clocks
            .iter()
            .find(caused_by)
            .is_some_and(|step| is_one_of(step, &[wire::event::CLOCK_BREACHED])))
    }
}
