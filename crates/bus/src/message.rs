//! An event as a NATS message and back: CloudEvents in binary mode around the stored bytes.
use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use eventlog::{Recorded, StreamId, TenantKey};
use jiff::Timestamp;

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
/// `ce-subject` = the stream, `ce-time`), its extensions (`ce-sequence` = version in the stream,
/// `ce-recordedtime`, `ce-partitionkey` = correlation id), `traceparent`, and what only our own
/// consumers need (`odzew-position`, which is the stream sequence too, `odzew-epoch`,
/// `odzew-tenant-key`, `odzew-metadata`).
#[must_use]
pub fn encode(event: &Recorded, epoch: u32) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: String| {
        // Values come from our own log; one that cannot travel is left out and the message is
        // then not decodable, which sends consumers to the log.
        if let Ok(value) = value.parse::<HeaderValue>() {
            headers.insert(name, value);
        }
    };
    let metadata = event.metadata().ok();
    let correlation = metadata.as_ref().map(|metadata| metadata.correlation_id.as_str());
    let key = correlation.filter(|id| !id.is_empty());
    put("ce-specversion", "1.0".to_owned());
    put("ce-id", event.event_id.to_string());
    put("ce-source", format!("//odzew/{}/{}", event.tenant_name, event.stream.category));
    put("ce-type", event.event_type.clone());
    put("ce-subject", event.stream.to_string());
    put("ce-time", event.occurred_at.to_string());
    put("ce-datacontenttype", "application/protobuf".to_owned());
    put("ce-sequence", format!("{:010}", event.version));
    put("ce-recordedtime", event.recorded_at.to_string());
    put("ce-partitionkey", key.map_or_else(|| event.stream.to_string(), str::to_owned));
    if let Some(trace) = metadata.map(|metadata| metadata.traceparent).filter(|t| !t.is_empty()) {
        put("traceparent", trace);
    }
    put("odzew-tenant-key", event.tenant.0.to_string());
    put("odzew-epoch", epoch.to_string());
    put("odzew-position", event.position.to_string());
    put("odzew-metadata", BASE64.encode(&event.metadata_bytes));
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
    if headers.read::<u64>("odzew-position")? != sequence {
        return Err(Undecodable::Mismatch("odzew-position"));
    }
    if headers.read::<u32>("odzew-epoch")? != epoch {
        return Err(Undecodable::Mismatch("odzew-epoch"));
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
        tenant: TenantKey(headers.read("odzew-tenant-key")?),
        tenant_name: Arc::from(parsed.tenant),
        stream,
        version: headers.read("ce-sequence")?,
        event_id: headers.read("ce-id")?,
        event_type,
        payload,
        metadata_bytes: metadata.into(),
        occurred_at: headers.read::<Timestamp>("ce-time")?,
        recorded_at: headers.read::<Timestamp>("ce-recordedtime")?,
    })
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
