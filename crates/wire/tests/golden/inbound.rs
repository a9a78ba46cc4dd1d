//! One value of every event of an inbound message.
use domain::identity::{Identification, Identity};
use domain::ids::{PartyId, TicketId};
use domain::inbound::{Event, JoinRule, Received};
use domain::priority::Channel;
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let id = Uuid::from_u128;
    vec![Event::Received(Received {
        channel: Channel::Email,
        received_at: "2026-04-30T19:15:00Z".parse().unwrap(),
        automatic: true,
        sender: Some(Identity {
            party_id: PartyId(id(2)),
            identification: Identification::Matched,
        }),
        other_sender: true,
        ticket_id: TicketId(id(3)),
        rule: JoinRule::NewTicket,
        candidates: vec![TicketId(id(4)), TicketId(id(5))],
    })]
}
