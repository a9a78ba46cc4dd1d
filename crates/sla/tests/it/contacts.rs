//! A conversation that a person has had with the customer leaves a note within a day.
use eventlog::{NewEvent, StreamId};
use jiff::{SignedDuration, Timestamp};
use prost::Message as _;
use uuid::Uuid;
use wire::common::v1::{Priority, Sealed, sealed::Content};
use wire::events::v1::Metadata;
use wire::intake::v1::{AuthorKind, ContactEnded, ContactOutcome, MessageAdded, MessageDirection};
use wire::scalar::timestamp;
use wire::sla::v1::{TimerFired, TimerKind, TimerSet};

use crate::world::*;

fn ended(ticket: Uuid, at: Timestamp) -> ContactEnded {
    ContactEnded {
        outcome: ContactOutcome::Handled.into(),
        ticket_id: ticket.to_string(),
        ended_at: Some(timestamp(at)),
        ..ContactEnded::default()
    }
}

fn note(contact_id: Uuid, at: Timestamp) -> Step {
    let added = MessageAdded {
        message_id: Uuid::now_v7().to_string(),
        direction: MessageDirection::Internal.into(),
        channel: wire::common::v1::Channel::Voice.into(),
        author_kind: AuthorKind::Human.into(),
        purpose: wire::intake::v1::MessagePurpose::Note.into(),
        written_at: Some(timestamp(at)),
        contact_id: contact_id.to_string(),
        ..MessageAdded::default()
    };
    step(at, wire::event::MESSAGE_ADDED, &added)
}

impl World {
    /// What intake appends when a contact is over.
    async fn ends(&self, contact_id: Uuid, ended: &ContactEnded) {
        let event = NewEvent {
            event_id: Uuid::now_v7(),
            event_type: wire::event::CONTACT_ENDED,
            payload: ended.encode_to_vec().into(),
            metadata: Metadata { correlation_id: ended.ticket_id.clone(), ..Metadata::default() },
            occurred_at: in_seconds(0),
        };
        let stream = StreamId::new("contact", contact_id);
        self.log.append(&self.tenant, &stream, 0, vec![event]).await.unwrap();
    }

    /// What the clocks have set for notes.
    async fn awaited(&self, ticket: Uuid) -> Vec<TimerSet> {
        self.settled().await;
        let set: Vec<TimerSet> = all(&self.events(ticket).await, "TimerSet");
        set.into_iter().filter(|timer| timer.timer() == TimerKind::NoteMissing).collect()
    }
}

#[tokio::test]
async fn a_note_that_nobody_leaves_is_missed_once() {
    let world = World::new().await;
    let (_sla, _other) = (world.serve().await, world.serve().await);
    let ticket = world.register(in_seconds(0), Priority::P4).await;
    let (late, due) = (Uuid::now_v7(), in_seconds(-3));
    world.ends(late, &ended(ticket, due - SignedDuration::from_hours(24))).await;
    let fired = || async { all::<TimerFired>(&world.events(ticket).await, "TimerFired") };
    testkit::eventually(|| async { !fired().await.is_empty() }).await;
    world.quiet().await;
    let fired = fired().await;
    assert_eq!(fired.len(), 1);
    assert_eq!(
        (fired[0].timer(), &fired[0].subject_ref),
        (TimerKind::NoteMissing, &late.to_string())
    );
    assert_eq!(fired[0].due_at, Some(timestamp(due)));
}

#[tokio::test]
async fn a_note_before_or_after_the_end_of_the_contact_is_one() {
    let world = World::new().await;
    let _sla = world.serve().await;
    let ticket = world.register(in_seconds(0), Priority::P4).await;
    let [early, later] = [0, 0].map(|_| Uuid::now_v7());
    world.happens(ticket, note(early, in_seconds(0))).await;
    world.ends(early, &ended(ticket, in_seconds(0))).await;
    assert!(world.awaited(ticket).await.is_empty());
    world.ends(later, &ended(ticket, in_seconds(0))).await;
    let awaited = world.awaited(ticket).await;
    assert_eq!(awaited[0].subject_ref, later.to_string());
    assert_eq!((awaited[0].after_s, awaited[0].calendar_id.as_str()), (86_400, "ALWAYS"));
    world.happens(ticket, note(later, in_seconds(1))).await;
    world.settled().await;
    let cancelled = world.events(ticket).await;
    assert!(cancelled.iter().any(|event| name(event) == "TimerCancelled"));
    let timers = "select count(*) from sla.timers t where not exists
                    (select from sla.clocks c where c.tenant = t.tenant and c.clock_id = t.clock_id)";
    let left: i64 = sqlx::query_scalar(timers).fetch_one(world.db.pool()).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn only_a_conversation_with_a_person_about_a_ticket_owes_a_note() {
    let world = World::new().await;
    let _sla = world.serve().await;
    let ticket = world.register(in_seconds(0), Priority::P4).await;
    for outcome in [
        ContactOutcome::ContainedByBot,
        ContactOutcome::AbandonedQueue,
        ContactOutcome::Rejected,
        ContactOutcome::CallbackRequested,
    ] {
        let outcome = outcome.into();
        let ended = ContactEnded { outcome, ..ended(ticket, in_seconds(0)) };
        world.ends(Uuid::now_v7(), &ended).await;
    }
    let about_nothing = ContactEnded { ticket_id: String::new(), ..ended(ticket, in_seconds(0)) };
    let event = ContactEnded {
        note: Some(Sealed { content: Some(Content::Clear("Agreed to pay".to_owned())) }),
        ..ended(ticket, in_seconds(0))
    };
    world.ends(Uuid::now_v7(), &event).await;
    world.ends(Uuid::now_v7(), &about_nothing).await;
    assert!(world.awaited(ticket).await.is_empty());
}
