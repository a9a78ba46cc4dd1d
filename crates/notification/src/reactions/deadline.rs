//! Whom to notify of a warning or a breach: the owner; for statutory clocks also the SLA manager
//! and the process owner; for customer promises on P1 tickets also the SLA manager. Routing tells
//! the leads.
use domain::ids::TicketId;
use domain::notice::{Audience, Purpose, SuppressionReason};
use domain::policy::ClockClass;
use eventlog::{HandlerError, Recorded};
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::intake::v1::PriorityChanged;
use wire::scalar::uuid;
use wire::sla::v1::{ClockBreached, ClockKind, ThresholdReached};

use super::wanted::{Wanted, colleague};
use super::{PROCESS_OWNER, Reactions, Route};
use crate::read_model::ticket_facts::decode;

/// Percents of a clock at which its owner is reminded.
const REMINDERS: [u32; 2] = [75, 90];
/// Percent of the law's time at which the SLA manager is told.
const SLA_MANAGER_AT: u32 = 75;
/// Stands for the SLA manager, whose address is a setting.
const SLA_MANAGER: &str = "sla-manager";

impl Reactions {
    /// A part of a time is used up.
    pub(super) async fn near(&self, event: &Recorded) -> Result<Vec<Wanted>, HandlerError> {
        let message = decode::<ThresholdReached>(event)?;
        if !REMINDERS.contains(&message.percent) || message.kind() == ClockKind::Assign {
            return Ok(Vec::new());
        }
        let ticket_id = uuid(&message.ticket_id, "ticket_id")?;
        let about = (Purpose::Reminder, message.clock_id.as_str(), ticket_id);
        let mut wanted = vec![self.to_owner(event, about).await?];
        let early = message.percent == SLA_MANAGER_AT;
        if self.has_sla_manager && early && is_of_law(message.kind()) {
            wanted.push(to_post(event, about, Audience::SlaManager, SLA_MANAGER));
        }
        Ok(wanted)
    }

    /// A time is over.
    pub(super) async fn over(&self, event: &Recorded) -> Result<Vec<Wanted>, HandlerError> {
        let message = decode::<ClockBreached>(event)?;
        if message.kind() == ClockKind::Assign {
            return Ok(Vec::new());
        }
        let ticket_id = uuid(&message.ticket_id, "ticket_id")?;
        let about = (Purpose::Breach, message.clock_id.as_str(), ticket_id);
        let mut wanted = vec![self.to_owner(event, about).await?];
        let managed = match message.kind().class() {
            _ if !self.has_sla_manager => false,
            Some(ClockClass::Statutory) => true,
            Some(ClockClass::Sla) => self.is_of_first_priority(event).await?,
            Some(ClockClass::Ola | ClockClass::Uc | ClockClass::Internal) | None => false,
        };
        if managed {
            wanted.push(to_post(event, about, Audience::SlaManager, SLA_MANAGER));
        }
        if self.has_process_owner && is_of_law(message.kind()) {
            wanted.push(to_post(event, about, Audience::ProcessOwner, PROCESS_OWNER));
        }
        Ok(wanted)
    }

    /// A notice to the owner of the ticket at that time; without an owner, a notice that nobody was
    /// told.
    async fn to_owner(
        &self,
        event: &Recorded,
        (purpose, clock_id, ticket_id): (Purpose, &str, Uuid),
    ) -> Result<Wanted, HandlerError> {
        let Route { owner, .. } = self.route(event, ticket_id).await?;
        Ok(Wanted {
            suppressed: owner.is_none().then_some(SuppressionReason::NoChannel),
            recipient: owner.unwrap_or_default(),
            ticket_id: Some(TicketId(ticket_id)),
            ..colleague(event, purpose, Audience::Assignee, clock_id.to_owned())
        })
    }

    /// Whether the ticket had the first priority when the event happened.
    async fn is_of_first_priority(&self, event: &Recorded) -> Result<bool, HandlerError> {
        let ticket = self.ticket(event).await?;
        let mut before = ticket.iter().filter(|step| step.position < event.position);
        let last = before.rfind(|step| step.event_type == wire::event::PRIORITY_CHANGED);
        let last = last.map(decode::<PriorityChanged>).transpose()?;
        Ok(last.is_some_and(|changed| changed.priority() == Priority::P1))
    }
}

/// A notice to a post (SLA manager or process owner), whose address is a setting.
fn to_post(
    event: &Recorded,
    (purpose, clock_id, ticket_id): (Purpose, &str, Uuid),
    audience: Audience,
    post: &str,
) -> Wanted {
    Wanted {
        recipient: post.to_owned(),
        ticket_id: Some(TicketId(ticket_id)),
        ..colleague(event, purpose, audience, clock_id.to_owned())
    }
}

fn is_of_law(kind: ClockKind) -> bool {
    kind.class() == Some(ClockClass::Statutory)
}
