//! The body of a call: the event as JSON, without personal data.
use eventlog::Recorded;
use serde_json::json;
use wire::DecodeError;
use wire::json::{PersonalData, render};

/// `{type, timestamp, data}` of Standard Webhooks, and which event it is. An event whose
/// body would be larger than `most_bytes` is sent without its data, marked as `thin`.
pub(super) fn of(event: &Recorded, most_bytes: usize) -> Result<Vec<u8>, DecodeError> {
    let data = render(&event.event_type, &event.payload, PersonalData::Hide)?;
    let head = json!({
        "type": event.event_type,
        "timestamp": event.occurred_at.to_string(),
        "id": event.event_id.to_string(),
        "tenant": &*event.tenant_name,
        "subject": event.stream.to_string(),
        "version": event.version,
        "position": event.position,
    });
    let mut full = head.clone();
    full["data"] = data;
    let full = full.to_string().into_bytes();
    if full.len() <= most_bytes {
        return Ok(full);
    }
    let mut thin = head;
    thin["thin"] = json!(true);
    thin["data"] = json!({});
    Ok(thin.to_string().into_bytes())
}
