//! Which reactions must stay in order.
#![allow(clippy::unwrap_used)]
use bytes::Bytes;
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;
use wire::events::v1::Metadata;

use super::*;

fn event(stream: u128, ticket: u128) -> Recorded {
    let ticket = Uuid::from_u128(ticket).to_string();
    let metadata = Metadata { correlation_id: ticket, ..Metadata::default() };
    Recorded {
        partition: Partition(0),
        position: 1,
        tenant: TenantKey(1),
        tenant_name: "acme".into(),
        stream: StreamId::new("note", Uuid::from_u128(stream)),
        version: 1,
        event_id: Uuid::from_u128(9),
        event_type: "test.v1.Noted".to_owned(),
        payload: Bytes::new(),
        metadata_bytes: metadata.encode_to_vec().into(),
        occurred_at: Timestamp::UNIX_EPOCH,
        recorded_at: Timestamp::UNIX_EPOCH,
    }
}

fn grouped(events: &[Recorded]) -> Vec<Vec<usize>> {
    groups(&events.iter().collect::<Vec<_>>())
}

#[test]
fn tickets_are_independent_and_each_stays_in_order() {
    let events = [event(1, 1), event(2, 2), event(3, 1), event(2, 2)];
    assert_eq!(grouped(&events), [vec![0, 2], vec![1, 3]]);
}

#[test]
fn a_stream_that_belongs_to_two_tickets_ties_them_together() {
    let events = [event(1, 1), event(2, 2), event(1, 2), event(3, 1), event(4, 3)];
    assert_eq!(grouped(&events), [vec![0, 1, 2, 3], vec![4]]);
}

#[test]
fn unreadable_metadata_leaves_the_stream_as_the_order() {
    let mut broken = event(1, 1);
    broken.metadata_bytes = Bytes::from_static(b"\xff\xff");
    let events = [broken.clone(), event(2, 1), broken];
    assert_eq!(grouped(&events), [vec![0, 2], vec![1]]);
}
