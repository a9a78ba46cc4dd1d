//! The requester of a ticket at the time of an event: the party that it was registered with, until
//! another party replaces it.
use std::collections::BTreeSet;

use eventlog::Recorded;
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{PartyLinked, PartyRole, TicketRegistered};
use wire::scalar::{uuid, uuid_opt};

use crate::read_model::ticket_facts::decode;

/// The requester.
pub(super) enum Asking {
    /// The party that the ticket was registered with; the ticket has its address.
    Registered(Box<TicketRegistered>),
    /// A party that replaced the first requester, or is the first one: its profile has its address
    /// and language.
    Linked(Uuid),
}

/// The requester of the ticket at the time of `event`; `None` if there was none.
pub(super) fn asking(ticket: &[Recorded], event: &Recorded) -> Result<Option<Asking>, DecodeError> {
    let Some(first) =
        ticket.first().filter(|first| first.event_type == wire::event::TICKET_REGISTERED)
    else {
        return Ok(None);
    };
    let registered = decode::<TicketRegistered>(first)?;
    let own = uuid_opt(&registered.requester_party_id, "requester_party_id")?;
    let mut asks = own;
    for linked in linked_before(ticket, event) {
        let linked = linked?;
        if linked.role() == PartyRole::Requester {
            asks = Some(uuid(&linked.party_id, "party_id")?);
        }
    }
    Ok(match asks {
        Some(_) if asks == own => Some(Asking::Registered(Box::new(registered))),
        Some(party_id) => Some(Asking::Linked(party_id)),
        None => None,
    })
}

/// The parties that the ticket's cause affected at the time of `event`, each once, without the
/// requester.
pub(super) fn affected(
    ticket: &[Recorded],
    event: &Recorded,
) -> Result<BTreeSet<Uuid>, DecodeError> {
    let mut parties = BTreeSet::new();
    for linked in linked_before(ticket, event) {
        let linked = linked?;
        if linked.role() == PartyRole::Affected {
            parties.insert(uuid(&linked.party_id, "party_id")?);
        }
    }
    if let Some(party) = party_asking(ticket, event)? {
        parties.remove(&party);
    }
    Ok(parties)
}

/// The party that asked when `event` happened, if it is one.
pub(super) fn party_asking(
    ticket: &[Recorded],
    event: &Recorded,
) -> Result<Option<Uuid>, DecodeError> {
    match asking(ticket, event)? {
        Some(Asking::Linked(party)) => Ok(Some(party)),
        Some(Asking::Registered(told)) => uuid_opt(&told.requester_party_id, "requester_party_id"),
        None => Ok(None),
    }
}

fn linked_before<'a>(
    ticket: &'a [Recorded],
    event: &Recorded,
) -> impl Iterator<Item = Result<PartyLinked, DecodeError>> + 'a {
    let before = event.position;
    ticket
        .iter()
        .filter(move |step| step.position <= before && step.event_type == wire::event::PARTY_LINKED)
        .map(decode::<PartyLinked>)
}
