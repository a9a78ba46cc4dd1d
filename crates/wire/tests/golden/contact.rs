//! One value of every event of a contact.
use std::time::Duration;

use domain::contact::{
    Answered, Answerer, ContactChannel, Direction, Ended, Event, Outcome, RouteReason, Routed,
    Started, Target,
};
use domain::identity::{Identification, Identity};
use domain::ids::{AgentId, ContactId, PartyId, Personal, QueueId, TicketId};
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let party_id = PartyId(Uuid::from_u128(2));
    let at = |second: i64| jiff::Timestamp::from_second(1_780_000_000 + second).unwrap();
    vec![
        Event::Started(Started {
            contact_id: ContactId(Uuid::from_u128(1)),
            channel: ContactChannel::Voicebot,
            direction: Direction::Inbound,
            entry_point: "hotline".to_owned(),
            party_hint: Some(Personal("+48600100200".to_owned())),
            identity: Some(Identity { party_id, identification: Identification::Matched }),
            ai_disclosed: true,
            resumed_ticket_id: Some(TicketId(Uuid::from_u128(3))),
            started_at: at(0),
            backdate_reason: Some("the exchange was down".to_owned()),
        }),
        Event::Routed(Routed {
            ivr_path: vec!["2".to_owned(), "1".to_owned()],
            ivr: Duration::from_millis(8_400),
            queue_id: Some(QueueId("hotline-l1".to_owned())),
            target: Target::Human,
            reason: RouteReason::CustomerAsked,
            context_ref: Some("transcript-7".to_owned()),
            routed_at: at(9),
        }),
        Event::Answered(Answered {
            by: Answerer::Human(AgentId("agent-17".to_owned())),
            waited: Duration::from_millis(21_500),
            answered_at: at(31),
            backdate_reason: Some("the exchange was down".to_owned()),
        }),
        Event::Ended(Ended {
            outcome: Outcome::Handled,
            talk: Duration::from_secs(180),
            hold: Duration::from_secs(30),
            wrap: Duration::from_secs(20),
            ticket_id: Some(TicketId(Uuid::from_u128(3))),
            note: Some(Personal("A technician comes on Friday.".to_owned())),
            identity: Some(Identity { party_id, identification: Identification::Verified }),
            ended_at: at(270),
        }),
    ]
}
