//! Ends the wait for another company that has not answered in time.
use domain::ids::{HoldId, TicketId};
use domain::ticket::{Command, Event, State};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use jiff::Timestamp;
use prost::Message as _;
use wire::DecodeError;
use wire::scalar::{instant, uuid};
use wire::sla::v1::{ClockBreached, ClockKind};

use super::task::Task;
use super::{Reactions, SERVICE};

/// The time of another company to answer is over.
pub(super) struct Late {
    ticket_id: TicketId,
    due_at: Timestamp,
}

impl Late {
    /// What a breach tells; nothing for those of other clocks.
    pub(super) fn read(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let breached = ClockBreached::decode(&*event.payload)?;
        if breached.kind() != ClockKind::UcVendor {
            return Ok(None);
        }
        Ok(Some(Self {
            ticket_id: TicketId(uuid(&breached.ticket_id, "ticket_id")?),
            due_at: instant(breached.due_at.as_ref(), "due_at")?,
        }))
    }
}

impl Reactions {
    /// Ends the wait whose time is over, and adds a task.
    pub(super) async fn give_up_supplier(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        late: &Late,
    ) -> Result<(), HandlerError> {
        let ticket_id = late.ticket_id;
        let State::WaitingThirdParty(_, hold_id) = self.before(event, tenant, ticket_id).await?
        else {
            return Ok(());
        };
        // A wait that began later has a time of its own.
        let since = self.held_since(event, tenant, (ticket_id, hold_id)).await?;
        if since.is_none_or(|since| since > late.due_at) {
            return Ok(());
        }
        let task = Task::Supplier.note(event, ticket_id);
        let command = Command::GiveUpSupplier { hold_id, task };
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, ticket_id, &command).await
    }

    async fn held_since(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        (ticket_id, hold_id): (TicketId, HoldId),
    ) -> Result<Option<Timestamp>, HandlerError> {
        let story = self.stream(tenant, ticket_id).await?;
        for told in story.iter().rev().filter(|told| told.position < event.position) {
            match told.decode::<Event>()? {
                Event::Held(held) if held.hold_id == hold_id => return Ok(Some(told.occurred_at)),
                _ => {}
            }
        }
        Ok(None)
    }
}
