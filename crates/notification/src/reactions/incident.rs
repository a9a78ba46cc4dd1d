//! Which affected parties get news about an incident in a ticket of their own.
//!
//! intake passes the news on to every ticket below that is not closed. The requester of such a
//! ticket is told there, and not a second time here as an affected party.
use std::collections::BTreeSet;

use eventlog::{HandlerError, Recorded, StreamId};
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{LinkKind, TicketLinked, TicketUnlinked};
use wire::scalar::uuid;

use super::Reactions;
use super::asking::{affected, party_asking};
use crate::read_model::ticket_facts::decode;

impl Reactions {
    /// The parties that news in `ticket` are for because its cause affects them.
    pub(super) async fn only_affected(
        &self,
        event: &Recorded,
        ticket: &[Recorded],
    ) -> Result<BTreeSet<Uuid>, HandlerError> {
        let mut parties = affected(ticket, event)?;
        let mut below = Vec::from_iter(children(ticket, event)?);
        let mut seen = BTreeSet::from([event.stream.id]);
        // The news end at a closed ticket, and so does the search.
        while let Some(id) = below.pop().filter(|_| !parties.is_empty()) {
            if !seen.insert(id) {
                continue;
            }
            let stream = StreamId::new("ticket", id);
            let child = self.log.read_stream(&event.to_tenant(), &stream, 0).await?;
            if is_closed(&child, event) {
                continue;
            }
            if let Some(asks) = party_asking(&child, event)? {
                parties.remove(&asks);
            }
            below.extend(children(&child, event)?);
        }
        Ok(parties)
    }
}

/// The tickets that were children of this one when `event` happened.
fn children(ticket: &[Recorded], event: &Recorded) -> Result<BTreeSet<Uuid>, DecodeError> {
    let mut children = BTreeSet::new();
    for step in ticket.iter().filter(|step| step.position <= event.position) {
        match step.event_type.as_str() {
            wire::event::TICKET_LINKED => {
                let linked = decode::<TicketLinked>(step)?;
                if linked.link() == LinkKind::ParentOf {
                    children.insert(uuid(&linked.other_ticket_id, "other_ticket_id")?);
                }
            }
            wire::event::TICKET_UNLINKED => {
                let unlinked = decode::<TicketUnlinked>(step)?;
                if unlinked.link() == LinkKind::ParentOf {
                    children.remove(&uuid(&unlinked.other_ticket_id, "other_ticket_id")?);
                }
            }
            _ => {}
        }
    }
    Ok(children)
}

fn is_closed(ticket: &[Recorded], event: &Recorded) -> bool {
    let mut before = ticket.iter().filter(|step| step.position <= event.position);
    let last = before.rfind(|step| {
        [wire::event::TICKET_CLOSED, wire::event::TICKET_REOPENED]
            .contains(&step.event_type.as_str())
    });
    last.is_some_and(|step| step.event_type == wire::event::TICKET_CLOSED)
}
