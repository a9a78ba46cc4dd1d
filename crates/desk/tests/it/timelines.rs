//! The history of a ticket, across the services.
use eventlog::StreamId;
use prost::Message as _;
use uuid::Uuid;
use wire::common::v1::{ActorKind, Priority};
use wire::desk::v1::{GetTimelineRequest, TimelineEntry};
use wire::notification::v1::{Audience, NotificationScheduled, Purpose};
use wire::routing::v1::DirectoryChanged;
use wire::sla::v1::ClockKind;

use crate::facts::{Ticket, Told, event, minutes};
use crate::world::{World, token};

async fn timeline(world: &World, mut request: GetTimelineRequest) -> Vec<TimelineEntry> {
    let mut entries = Vec::new();
    loop {
        let page = world.client.clone().get_timeline(world.request(request.clone())).await;
        let page = page.unwrap().into_inner();
        entries.extend(page.entries);
        if page.next_page_token.is_empty() {
            return entries;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn a_timeline_tells_what_all_services_did_in_order() {
    let world = World::new().await;
    let (t, other) = (Ticket::new(1), Ticket::new(2));
    let registered = t.registered();
    let registered_id = registered.event.event_id;
    let mut queued = t.queued("l1");
    queued.event.metadata.causation_id = registered_id.to_string();
    let actor = queued.event.metadata.actor.as_mut().unwrap();
    (actor.kind, actor.id, actor.role) =
        (ActorKind::System.into(), "routing".into(), "system".into());
    let directory = Uuid::from_u128(77);
    let scheduled = NotificationScheduled {
        purpose: Purpose::Ack.into(),
        audience: Audience::Customer.into(),
        ..Default::default()
    };
    let at = world
        .tell(vec![
            registered,
            other.registered(),
            t.priority(Priority::P2),
            Told {
                stream: StreamId::new("directory", directory),
                event: event(
                    wire::event::DIRECTORY_CHANGED,
                    DirectoryChanged::default().encode_to_vec().into(),
                    directory,
                ),
            },
            queued,
            t.clock(1, ClockKind::FirstReply, minutes(60)),
            t.notice(wire::event::NOTIFICATION_SCHEDULED, &scheduled),
            t.ticket("odzew.intake.v2.TicketSang", &scheduled),
        ])
        .await;
    let all = GetTimelineRequest {
        ticket_id: t.id.to_string(),
        consistency_token: Some(token(at)),
        ..Default::default()
    };
    let entries = timeline(&world, all.clone()).await;
    let told: Vec<_> = entries.iter().map(|e| e.summary.as_str()).collect();
    assert_eq!(
        told,
        [
            format!("registered as incident over email, number {}", t.number).as_str(),
            "priority P2 (initial)",
            "queued in l1 (level 1, new)",
            "clock started: first reply, due 2026-03-02T09:00:00Z",
            "notice scheduled: ack to the customer over unspecified",
            "TicketSang",
        ]
    );
    assert!(entries.iter().map(|e| e.position).is_sorted());
    let queued = &entries[2];
    assert_eq!(queued.stream, format!("route-{}", t.id));
    assert_eq!(queued.event_type, wire::event::TICKET_QUEUED);
    assert_eq!(queued.causation_id, registered_id.to_string());
    let actor = queued.actor.as_ref().unwrap();
    assert_eq!((actor.kind(), actor.id.as_str()), (ActorKind::System, "routing"));
    assert_eq!(entries[0].event_id, registered_id.to_string());
    assert!(entries.iter().all(|e| e.occurred_at.is_some() && e.recorded_at.is_some()));

    for page_size in [1, 2, 5, 6] {
        assert_eq!(
            timeline(&world, GetTimelineRequest { page_size, ..all.clone() }).await,
            entries
        );
    }
}
