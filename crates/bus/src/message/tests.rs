//! Every event survives the conversion to a message, and nothing else is taken for an event.
#![allow(clippy::unwrap_used)]
use bytes::Bytes;
use eventlog::{Partition, Recorded, StreamId, TenantKey};
use uuid::Uuid;

use super::*;

fn event() -> Recorded {
    Recorded {
        partition: Partition(1),
        position: 42,
        tenant: TenantKey(7),
        tenant_name: "acme".into(),
        stream: StreamId::new("ticket", Uuid::from_u128(1)),
        version: 3,
        event_id: Uuid::from_u128(2),
        event_type: "odzew.intake.v1.TicketRegistered".to_owned(),
        payload: Bytes::from_static(b"\x00\xff payload"),
        metadata_bytes: Bytes::from_static(b"\x2a\x05abcde"),
        occurred_at: "2026-11-01T10:00:00.123Z".parse().unwrap(),
        recorded_at: "2026-11-01T10:00:00.456Z".parse().unwrap(),
    }
}

fn read(event: &Recorded, epoch: u32, sequence: u64) -> Result<Recorded, Undecodable> {
    let subjects = Subjects::new("odzew").unwrap();
    let headers = encode(event, 2);
    let subject = subjects.event(event);
    decode(&subjects, epoch, sequence, &subject, Some(&headers), event.payload.clone())
}

#[test]
fn an_event_survives_its_message() {
    assert_eq!(read(&event(), 2, 42).unwrap(), event());
}

#[test]
fn another_place_or_epoch_is_refused() {
    assert_eq!(read(&event(), 2, 43), Err(Undecodable::Mismatch("odzew-place")));
    assert_eq!(read(&event(), 3, 42), Err(Undecodable::Mismatch("odzew-place")));
}

#[test]
fn a_place_that_is_not_five_numbers_is_refused() {
    for broken in ["", "2/42/7/3", "2/42/7/3/x", "2/42/7/3/1/1", "2/42/-7/3/99999999999999999999"] {
        assert!(broken.parse::<Place>().is_err(), "{broken}");
    }
}

#[test]
fn another_subject_is_refused() {
    let subjects = Subjects::new("odzew").unwrap();
    let headers = encode(&event(), 2);
    for (subject, reason) in [
        ("odzew.events.1.other.ticket.TicketRegistered", Undecodable::Mismatch("ce-source")),
        ("odzew.events.1.acme.party.TicketRegistered", Undecodable::Mismatch("ce-subject")),
        ("odzew.events.1.acme.ticket.TicketClosed", Undecodable::Mismatch("ce-type")),
        ("odzew.events.1.acme.ticket", Undecodable::Subject),
    ] {
        let read = decode(&subjects, 2, 42, subject, Some(&headers), Bytes::new());
        assert_eq!(read, Err(reason), "{subject}");
    }
}

#[test]
fn a_message_without_any_one_header_is_refused() {
    let subjects = Subjects::new("odzew").unwrap();
    let subject = subjects.event(&event());
    for needed in
        ["ce-id", "ce-source", "ce-type", "ce-subject", "ce-time", "odzew-place", "odzew-metadata"]
    {
        let mut headers = HeaderMap::new();
        for (name, values) in encode(&event(), 2).iter() {
            if name.to_string() != needed {
                headers.insert(name.clone(), values[0].clone());
            }
        }
        let read = decode(&subjects, 2, 42, &subject, Some(&headers), Bytes::new());
        assert_eq!(read, Err(Undecodable::Header(needed)));
    }
    assert!(decode(&subjects, 2, 42, &subject, None, Bytes::new()).is_err());
}
