//! The events that are appended: registrations of tickets, as intake writes them.
use bytes::Bytes;
use eventlog::{NewEvent, StreamId};
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;
use wire::common::v1::sealed::Content;
use wire::common::v1::{Actor, ActorKind, Channel, Sealed};
use wire::events::v1::Metadata;
use wire::intake::v1::{TicketOrigin, TicketRegistered, TicketType};

/// Type of every event here.
pub(crate) const EVENT_TYPE: &str = "odzew.intake.v1.TicketRegistered";

/// Category of every stream here.
pub(crate) const CATEGORY: &str = "ticket";

/// Events per stream; the expected version is checked on each.
pub(crate) const PER_STREAM: u32 = 4;

/// When everything here happened: the log keeps it and does not look at it.
const OCCURRED_AT: Timestamp = Timestamp::constant(1_790_000_000, 0);

/// What all events have in common. Encoded once: callers of a log have other work to do than
/// callers of a benchmark, and that work is not measured here.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) payload: Bytes,
    metadata: Metadata,
}

impl Template {
    pub(crate) fn new() -> Self {
        let id = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0001).to_string();
        let clear = |text: &str| Some(Sealed { content: Some(Content::Clear(text.to_owned())) });
        let payload = TicketRegistered {
            ticket_id: id.clone(),
            number: "7K3M9-QXF2H-4".to_owned(),
            r#type: TicketType::Incident.into(),
            channel: Channel::Email.into(),
            requester_party_id: id.clone(),
            requester_name: clear("Anna Nowak"),
            requester_email: clear("anna.nowak@example.org"),
            subject: clear("The meter shows nothing since this morning"),
            body: clear(&"It went dark at six and has stayed so. ".repeat(4)),
            language: "pl".to_owned(),
            origin: TicketOrigin::New.into(),
            ..TicketRegistered::default()
        };
        let actor = Actor {
            kind: ActorKind::Customer.into(),
            id: "portal".to_owned(),
            role: "customer".to_owned(),
        };
        let metadata = Metadata {
            actor: Some(actor),
            request_id: id.clone(),
            request_fingerprint: vec![7; 16].into(),
            correlation_id: id,
            ..Metadata::default()
        };
        Self { payload: payload.encode_to_vec().into(), metadata }
    }

    /// The metadata as the log stores them.
    pub(crate) fn metadata(&self) -> Vec<u8> {
        self.metadata.encode_to_vec()
    }

    /// An event of its own.
    pub(crate) fn event(&self) -> NewEvent {
        NewEvent {
            event_id: Uuid::now_v7(),
            event_type: EVENT_TYPE,
            payload: self.payload.clone(),
            metadata: self.metadata.clone(),
            occurred_at: OCCURRED_AT,
        }
    }
}

/// A stream nobody has written to. Ticket ids are derived from requests, so they are spread
/// evenly and every one lands on another page of the index.
pub(crate) fn fresh_stream() -> StreamId {
    StreamId::new(CATEGORY, Uuid::new_v5(&Uuid::NAMESPACE_OID, Uuid::now_v7().as_bytes()))
}
