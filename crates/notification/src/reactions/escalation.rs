//! Whom to notify of an escalation. The new owner is notified of the assignment.
use domain::notice::{Audience, Purpose, SuppressionReason};
use eventlog::{HandlerError, Recorded};
use wire::routing::v1::{EscalationKind, TicketEscalated};

use super::Reactions;
use super::wanted::{Wanted, colleague, customer};
use crate::read_model::ticket_facts::decode;

impl Reactions {
    /// The leads of a hierarchical escalation, and the customer if requested.
    pub(super) async fn escalated(&self, event: &Recorded) -> Result<Vec<Wanted>, HandlerError> {
        let message = decode::<TicketEscalated>(event)?;
        let mut wanted = match message.kind() {
            EscalationKind::Hierarchical => leads(event, &message)?,
            EscalationKind::Functional | EscalationKind::Unspecified => Vec::new(),
        };
        if message.notify_customer {
            let told = customer(event, Purpose::CustomerEscalation);
            let ticket = self.ticket(event).await?;
            wanted.extend(self.to_requester((&ticket, event), told).await?);
        }
        Ok(wanted)
    }
}

/// One notice per lead; without a lead, a notice that nobody could be told.
fn leads(event: &Recorded, message: &TicketEscalated) -> Result<Vec<Wanted>, HandlerError> {
    let actor = event.metadata()?.actor.unwrap_or_default();
    let to_lead = |agent_id: &str, suppressed| Wanted {
        recipient: agent_id.to_owned(),
        suppressed,
        ..colleague(event, Purpose::Escalation, Audience::Lead, message.escalation_id.clone())
    };
    if message.to_agent_ids.is_empty() {
        return Ok(vec![to_lead("", Some(SuppressionReason::NoChannel))]);
    }
    let leads = message.to_agent_ids.iter().map(|lead| {
        let own = *lead == actor.id;
        to_lead(lead, own.then_some(SuppressionReason::SelfCaused))
    });
    Ok(leads.collect())
}
