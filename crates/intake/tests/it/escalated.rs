//! An escalated ticket: its hand-over, and the root cause that it owes.
use eventlog::{NewEvent, StreamId};
use prost::Message as _;
use tonic::{Code, Status};
use uuid::Uuid;
use wire::common::v1::{Actor, ActorKind, Sealed, sealed::Content};
use wire::events::v1::Metadata;
use wire::intake::v1::{self, AuthorKind, MessageDirection, MessagePurpose};
use wire::routing::v1::{EscalationKind, EscalationTrigger, Handover, TicketEscalated};
use wire::sla::v1::TimerKind;

use crate::tasks::tasks;
use crate::timers::ask;
use crate::world::{World, agent, at, new_id, refusal};

/// What routing appends when a ticket is escalated.
async fn escalated(world: &World, ticket_id: &str, trigger: EscalationTrigger, to_level: u32) {
    tell(world, ticket_id, &message(trigger, to_level), "").await;
}

/// The same by Odzew itself, because of another event; by a person if that is empty.
async fn tell(world: &World, ticket_id: &str, escalated: &TicketEscalated, causation_id: &str) {
    let kind = if causation_id.is_empty() { ActorKind::Agent } else { ActorKind::System };
    let event = NewEvent {
        event_id: Uuid::now_v7(),
        event_type: wire::event::TICKET_ESCALATED,
        payload: escalated.encode_to_vec().into(),
        metadata: Metadata {
            correlation_id: ticket_id.to_owned(),
            causation_id: causation_id.to_owned(),
            actor: Some(Actor { kind: kind.into(), ..Actor::default() }),
            ..Metadata::default()
        },
        occurred_at: at("2026-06-09T00:00:00Z"),
    };
    let stream = StreamId::new("route", ticket_id.parse().unwrap());
    let version = world.owner.read_stream(&world.tenant, &stream, 0).await.unwrap().len();
    let version = u32::try_from(version).unwrap();
    world.owner.append(&world.tenant, &stream, version, vec![event]).await.unwrap();
    world.settled().await;
}

fn message(trigger: EscalationTrigger, to_level: u32) -> TicketEscalated {
    let clear = |text: &str| Sealed { content: Some(Content::Clear(text.to_owned())) };
    TicketEscalated {
        escalation_id: new_id(),
        kind: EscalationKind::Functional.into(),
        from_level: 1,
        to_level,
        to_queue_id: "experts".to_owned(),
        trigger: trigger.into(),
        handover: Some(Handover {
            summary: Some(clear("The line is dead")),
            actions_done: vec![clear("Measured the line")],
            next_step: Some(clear("Look at the exchange")),
        }),
        ..TicketEscalated::default()
    }
}

async fn resolve(world: &World, ticket_id: &str, cause: &str) -> Result<(), Status> {
    let request = v1::ResolveTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        resolution_code: "FIXED".to_owned(),
        root_cause_code: cause.to_owned(),
        summary: "A cable was changed.".to_owned(),
        ..Default::default()
    };
    world.client.clone().resolve_ticket(agent(request)).await.map(|_| ())
}

#[tokio::test]
async fn a_hand_over_becomes_a_note_once() {
    let mut world = World::new().await;
    let id = world.open().await.ticket_id;
    escalated(&world, &id, EscalationTrigger::Complexity, 2).await;
    let added = world.events(&id).await.pop().unwrap();
    let added = v1::MessageAdded::decode(&*added.payload).unwrap();
    assert_eq!(added.author_kind(), AuthorKind::System);
    assert!(added.escalates && !added.is_reply);
    let ticket = world.get(&id).await;
    let note = ticket.messages.last().unwrap();
    let about = (note.purpose(), note.direction());
    assert_eq!(about, (MessagePurpose::Handover, MessageDirection::Internal));
    for text in ["COMPLEXITY", "experts", "The line is dead", "- Measured the line", "exchange"] {
        assert!(note.body.contains(text), "{text}: {}", note.body);
    }
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads, "once, however often it is told");
}

#[tokio::test]
async fn who_is_passed_over_hands_over_once_though_the_leads_are_told() {
    let mut world = World::new().await;
    let id = world.open().await.ticket_id;
    let to_next = message(EscalationTrigger::NotAccepted, 1);
    let kind = EscalationKind::Hierarchical.into();
    let to_leads = TicketEscalated { escalation_id: new_id(), kind, ..to_next.clone() };
    let handovers = async |world: &World| {
        let messages = world.get(&id).await.messages.into_iter();
        let notes = messages.filter(|message| message.purpose() == MessagePurpose::Handover);
        notes.map(|note| note.body).collect::<Vec<_>>()
    };
    let breached = new_id();
    for escalated in [&to_next, &to_leads] {
        tell(&world, &id, escalated, &breached).await;
    }
    let notes = handovers(&world).await;
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].starts_with("Eskalacja funkcjonalna"), "who has it now: {}", notes[0]);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
    // Nobody was left to take it: the leads alone are handed it over.
    tell(&world, &id, &to_leads, &new_id()).await;
    assert_eq!(handovers(&world).await.len(), 2);
}

#[tokio::test]
async fn an_escalated_ticket_is_resolved_with_its_root_cause() {
    let world = World::new().await;
    for (trigger, to_level) in [(EscalationTrigger::Manual, 1), (EscalationTrigger::NotAccepted, 2)]
    {
        let id = world.open().await.ticket_id;
        escalated(&world, &id, trigger, to_level).await;
        let refused = resolve(&world, &id, "").await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::FailedPrecondition, "RULE".to_owned()));
        assert!(format!("{refused:?}").contains("ROOT_CAUSE_MISSING"), "{refused:?}");
        resolve(&world, &id, "CABLE").await.unwrap();
    }
}

#[tokio::test]
async fn a_customer_s_silence_leaves_an_escalated_ticket_to_a_person() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    escalated(&world, &id, EscalationTrigger::Manual, 1).await;
    let hold_id = ask(&world, &id).await;
    world.fire(&id, TimerKind::NoReplyResolve, &hold_id).await;
    world.settled().await;
    assert_eq!(world.get(&id).await.state(), v1::TicketState::WaitingCustomer);
    let left = tasks(&world, &id).await;
    assert!(left.len() == 1 && left[0].contains("nor one that was escalated"), "{left:?}");
}

#[tokio::test]
async fn who_was_only_passed_over_owes_no_root_cause() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    escalated(&world, &id, EscalationTrigger::NotAccepted, 1).await;
    resolve(&world, &id, "").await.unwrap();
}

#[tokio::test]
async fn a_ticket_whose_time_is_over_owes_a_root_cause_only_if_a_person_escalates_it() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    tell(&world, &id, &message(EscalationTrigger::SlaBreach, 1), &new_id()).await;
    resolve(&world, &id, "").await.unwrap();
    let id = world.open().await.ticket_id;
    escalated(&world, &id, EscalationTrigger::SlaBreach, 1).await;
    assert_eq!(refusal(&resolve(&world, &id, "").await.unwrap_err()).1, "RULE");
}

#[tokio::test]
async fn a_person_writes_no_hand_over_as_a_note() {
    let world = World::new().await;
    let id = world.open().await.ticket_id;
    let request = v1::AddMessageRequest {
        direction: MessageDirection::Internal.into(),
        purpose: MessagePurpose::Handover.into(),
        ..crate::world::inbound(&id)
    };
    let refused = world.client.clone().add_message(agent(request)).await.unwrap_err();
    assert_eq!(crate::world::fields(&refused), ["purpose"]);
}
