//! An event as a NATS message and back: CloudEvents in binary mode around the stored bytes.
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use eventlog::{Recorded, StreamId, TenantKey};
use jiff::Timestamp;
use uuid::Uuid;

use crate::subject::{Subjects, short_type, token};

/// Why a message on an event subject is not the event of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// The subject is not an event's subject.
    #[error("foreign subject")]
    Subject,
    /// A header is missing or unreadable.
    #[error("header {0} is missing or unreadable")]
    Header(&'static str),
    /// Subject, headers and place in the stream disagree.
    #[error("{0} does not agree with the message's place")]
    Mismatch(&'static str),
}

/// The headers of an event's message. The body is the stored payload, never encoded again.
///
/// Those of CloudEvents 1.0 (`ce-id`, `ce-source` = `//odzew/{tenant}/{category}`, `ce-type`,
/// `ce-subject` = the stream, `ce-time`), `traceparent`, and what only our own consumers need:
/// `odzew-place` and `odzew-metadata`. Few of them: each costs sender, broker and reader as much
/// as the body does.
#[must_use]
pub fn encode(event: &Recorded, epoch: u32) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| {
        // Values come from our own log; one that cannot travel is left out and the message is
        // then not decodable, which sends consumers to the log.
        if let Ok(value) = value.parse::<HeaderValue>() {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("ce-specversion", "1.0");
    put("ce-id", event.event_id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    put("ce-source", &format!("//odzew/{}/{}", event.tenant_name, event.stream.category));
    put("ce-type", &event.event_type);
    put("ce-subject", &event.stream.to_string());
    put("ce-time", &event.occurred_at.to_string());
    put("ce-datacontenttype", "application/protobuf");
    let traceparent = event.metadata().map(|metadata| metadata.traceparent).unwrap_or_default();
    if !traceparent.is_empty() {
        put("traceparent", &traceparent);
    }
    put("odzew-place", &Place::of(event, epoch).to_string());
    put("odzew-metadata", &BASE64.encode(&event.metadata_bytes));
    headers
}

/// Reads the event of sequence `sequence` in the stream of `epoch`.
///
/// # Errors
/// [`Undecodable`] for anything that is not exactly that event's message.
pub fn decode(
    subjects: &Subjects,
    epoch: u32,
    sequence: u64,
    subject: &str,
    headers: Option<&HeaderMap>,
    payload: Bytes,
) -> Result<Recorded, Undecodable> {
    let parsed = subjects.parse(subject).ok_or(Undecodable::Subject)?;
    let headers = Headers(headers.ok_or(Undecodable::Header("ce-id"))?);
    let place: Place = headers.read("odzew-place")?;
    if place.position != sequence || place.epoch != epoch {
        return Err(Undecodable::Mismatch("odzew-place"));
    }
    let stream: StreamId = headers.read("ce-subject")?;
    if token(&stream.category) != parsed.category {
        return Err(Undecodable::Mismatch("ce-subject"));
    }
    let event_type = headers.text("ce-type")?.to_owned();
    if token(short_type(&event_type)) != parsed.event {
        return Err(Undecodable::Mismatch("ce-type"));
    }
    let source = headers.text("ce-source")?;
    let expected = source.strip_prefix("//odzew/").and_then(|rest| rest.split_once('/'));
    if expected != Some((parsed.tenant, &*stream.category)) {
        return Err(Undecodable::Mismatch("ce-source"));
    }
    let metadata = BASE64
        .decode(headers.text("odzew-metadata")?)
        .map_err(|_| Undecodable::Header("odzew-metadata"))?;
    Ok(Recorded {
        partition: parsed.partition,
        position: sequence,
        tenant: place.tenant,
        tenant_name: Arc::from(parsed.tenant),
        stream,
        version: place.version,
        event_id: headers.read("ce-id")?,
        event_type,
        payload,
        metadata_bytes: metadata.into(),
        occurred_at: headers.read::<Timestamp>("ce-time")?,
        recorded_at: place.recorded_at,
    })
}

/// Where an event stands, as `{epoch}/{position}/{tenant key}/{version}/{recorded, ms}`.
///
/// The position is the stream's sequence too; a message that was copied to another sequence is
/// known by the difference.
struct Place {
    epoch: u32,
    position: u64,
    tenant: TenantKey,
    version: u32,
    recorded_at: Timestamp,
}

impl Place {
    fn of(event: &Recorded, epoch: u32) -> Self {
        let Recorded { position, tenant, version, recorded_at, .. } = *event;
        Self { epoch, position, tenant, version, recorded_at }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, position, tenant, version, recorded_at } = self;
        write!(f, "{epoch}/{position}/{}/{version}/{}", tenant.0, recorded_at.as_millisecond())
    }
}

impl FromStr for Place {
    type Err = Undecodable;

    fn from_str(text: &str) -> Result<Self, Undecodable> {
        fn next<'a, T: FromStr>(parts: &mut impl Iterator<Item = &'a str>) -> Option<T> {
            parts.next()?.parse().ok()
        }
        let mut parts = text.split('/');
        let mut read = || {
            let place = Self {
                epoch: next(&mut parts)?,
                position: next(&mut parts)?,
                tenant: TenantKey(next(&mut parts)?),
                version: next(&mut parts)?,
                recorded_at: Timestamp::from_millisecond(next(&mut parts)?).ok()?,
            };
            parts.next().is_none().then_some(place)
        };
        read().ok_or(Undecodable::Header("odzew-place"))
    }
}

struct Headers<'a>(&'a HeaderMap);

impl<'a> Headers<'a> {
    fn text(&self, name: &'static str) -> Result<&'a str, Undecodable> {
        self.0.get(name).map(HeaderValue::as_str).ok_or(Undecodable::Header(name))
    }

    fn read<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, Undecodable> {
        self.text(name)?.parse().map_err(|_| Undecodable::Header(name))
    }
}

#[cfg(test)]
mod tests;
