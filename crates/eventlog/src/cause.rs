//! The cause of a command: its actor, its request or event, and its trace. It becomes the metadata
//! of every event that follows.
use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;
use wire::DecodeError;
use wire::common::v1::ActorKind;
use wire::events::v1::Metadata;
use wire::scalar;

use crate::event::{Guard, Place, Recorded};
use crate::trace;

/// An actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// Opaque id; never a name or an address.
    pub id: String,
    /// The role they act in.
    pub role: String,
}

/// A request that may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId {
    /// Chosen by the client.
    pub id: Uuid,
    /// Tells the same request from another one under the same id.
    pub fingerprint: [u8; 16],
}

/// Who wants something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Who.
    pub actor: Actor,
    /// The client's request, if it is one.
    pub request: Option<RequestId>,
    /// The event that this reacts to, if it is a reaction.
    pub causation_id: Option<Uuid>,
    /// The ticket, or whatever else the events belong to.
    pub correlation_id: Uuid,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// When it happened in the world.
    pub occurred_at: Timestamp,
    /// Whether it was taken over from another system's history: nobody is notified.
    pub historical: bool,
    /// The version that the caller has seen; the command is refused if the stream is further.
    pub expected_version: Option<u32>,
    /// Where the event stands that this follows from, if the broker may have brought it: nothing
    /// is appended unless the log holds it there.
    pub follows: Option<Place>,
    /// Other streams that the decision rests on: nothing is appended if one of them has gone on.
    pub guards: Vec<Guard>,
}

impl Cause {
    /// Odzew's own reaction, by `service`, to `event`: in its trace, at its time, and historical if
    /// it was. A stream takes one command per causing event; the same again is a redelivery and
    /// changes nothing.
    ///
    /// # Errors
    /// [`DecodeError`] if the event's metadata cannot be read.
    pub fn reaction(event: &Recorded, service: &'static str) -> Result<Self, DecodeError> {
        let metadata = event.metadata()?;
        Ok(Self {
            actor: Actor {
                kind: ActorKind::System,
                id: service.to_owned(),
                role: "system".to_owned(),
            },
            request: None,
            causation_id: Some(event.event_id),
            correlation_id: scalar::uuid(&metadata.correlation_id, "correlation_id")?,
            traceparent: trace::current()
                .or_else(|| (!metadata.traceparent.is_empty()).then_some(metadata.traceparent)),
            occurred_at: event.occurred_at,
            historical: metadata.historical,
            expected_version: None,
            follows: Some(event.place()),
            guards: Vec::new(),
        })
    }

    /// What is stored with every event.
    #[must_use]
    pub fn metadata(&self) -> Metadata {
        let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let request = self.request.as_ref();
        Metadata {
            actor: Some(wire::common::v1::Actor {
                kind: self.actor.kind.into(),
                id: self.actor.id.clone(),
                role: self.actor.role.clone(),
            }),
            request_id: text(request.map(|request| request.id)),
            request_fingerprint: request
                .map(|request| Bytes::copy_from_slice(&request.fingerprint))
                .unwrap_or_default(),
            causation_id: text(self.causation_id),
            correlation_id: self.correlation_id.to_string(),
            traceparent: self.traceparent.clone().unwrap_or_default(),
            subject_key_ids: Vec::new(),
            historical: self.historical,
        }
    }
}
