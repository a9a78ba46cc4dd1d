//! Who gets a confirmation of receipt, and how often.
//!
//! Anybody can register a ticket with somebody else's address. So text that is not proved to come
//! from the owner of the address is not sent to it, and it gets one confirmation per window, not
//! one per ticket.
use eventlog::{Recorded, Tenant};
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{Identification, PartyLinked, PartyRole};

use super::Email;
use crate::channel::Unsendable;

use crate::read_model::acknowledged;
use crate::read_model::queue::Claimed;
use crate::read_model::ticket_facts::decode;

impl Email {
    /// Whether it is proved who the recipient of a confirmation of receipt is. Anybody can write a
    /// ticket in the name of somebody else's address.
    pub(super) async fn is_verified(
        &self,
        (tenant, ticket_id): (&Tenant, Uuid),
        notice: &Claimed,
    ) -> Result<bool, Unsendable> {
        let ticket = self.stream(tenant, "ticket", ticket_id).await?;
        let verified = asks_as(&ticket, &notice.recipient);
        verified.map_err(|_| Unsendable::Broken("TICKET_UNREADABLE"))
    }

    /// Whether an address had a confirmation of receipt a short while ago.
    pub(super) async fn had_one(&self, tenant: &Tenant, notice: &Claimed, address: &str) -> bool {
        // What was attempted may be attempted again.
        if self.ack_window.is_zero() || notice.attempts > 0 {
            return false;
        }
        let mark = self.threads.address_mark(&tenant.name, address);
        let within = (notice.claimed_at(), self.ack_window);
        let taken =
            acknowledged::take(&self.pool, (tenant.key, mark), notice.notice_id, within).await;
        match taken {
            Ok(taken) => !taken,
            // What cannot be looked up is confirmed.
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, notice.id = %notice.notice_id, "confirmations are not counted");
                false
            }
        }
    }
}

/// Whether the requester of the ticket is proved to be that party.
fn asks_as(ticket: &[Recorded], party: &str) -> Result<bool, DecodeError> {
    for event in ticket.iter().filter(|event| event.event_type == wire::event::PARTY_LINKED) {
        let linked = decode::<PartyLinked>(event)?;
        let asks = linked.role() == PartyRole::Requester && linked.party_id == party;
        if asks && linked.identification() == Identification::Verified {
            return Ok(true);
        }
    }
    Ok(false)
}
