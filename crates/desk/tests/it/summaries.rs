//! The line of a ticket follows what the services tell.
use testkit::eventually;
use tonic::Code;
use wire::common::v1::{Channel, Priority, PriorityWord, TicketStatus};
use wire::desk::v1::GetTimelineRequest;
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::intake::v1::{CloseReason, HoldKind, TicketState, TicketType};
use wire::scalar::timestamp;
use wire::sla::v1::ClockKind;

use crate::facts::{Ticket, minutes};
use crate::world::World;

fn id(ticket: &Ticket) -> Key {
    Key::TicketId(ticket.id.to_string())
}

#[tokio::test]
async fn a_registered_ticket_is_shown_as_it_came() {
    let world = World::new().await;
    let ticket = Ticket { external_number: "OTRS 2026/17".to_owned(), ..Ticket::new(1) };
    let at = world.tell(vec![ticket.registered(), ticket.priority(Priority::P2)]).await;
    let shown = world.get(id(&ticket), Some(at)).await.unwrap();
    assert_eq!(shown.ticket_id, ticket.id.to_string());
    assert_eq!(shown.number, ticket.number);
    assert_eq!(shown.state(), TicketState::New);
    assert_eq!(shown.r#type(), TicketType::Incident);
    assert_eq!(shown.priority(), Priority::P2);
    assert_eq!((shown.status(), shown.priority_word()), (TicketStatus::New, PriorityWord::High));
    assert_eq!(shown.channel(), Channel::Email);
    assert_eq!(shown.subject, "subject 1");
    assert_eq!(shown.received_at, Some(timestamp(minutes(1))));
    assert_eq!(shown.external_number, "OTRS 2026/17");
    assert_eq!((shown.next_due_at, shown.next_due_kind.as_str()), (None, ""));
}

#[tokio::test]
async fn a_ticket_goes_through_its_states() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let steps = [
        (t.registered(), TicketState::New),
        (t.work_started(), TicketState::Open),
        (t.held(HoldKind::Customer), TicketState::WaitingCustomer),
        (t.unheld(), TicketState::Open),
        (t.held(HoldKind::ThirdParty), TicketState::WaitingThirdParty),
        (t.message(), TicketState::WaitingThirdParty),
        (t.unheld(), TicketState::Open),
        (t.resolved(), TicketState::Resolved),
        (t.reopened(1), TicketState::Open),
        (t.classified(TicketType::Request, "TECH/outage"), TicketState::Open),
        (t.resolved(), TicketState::Resolved),
        (t.closed(), TicketState::Closed),
    ];
    let mut last_change = None;
    for (step, state) in steps {
        let at = world.tell(vec![step]).await;
        let shown = world.get(id(&t), Some(at)).await.unwrap();
        assert_eq!(shown.state(), state);
        assert!(shown.update_time.map(|at| (at.seconds, at.nanos)) >= last_change);
        last_change = shown.update_time.map(|at| (at.seconds, at.nanos));
    }
    let shown = world.get(id(&t), None).await.unwrap();
    assert_eq!((shown.reopen_count, shown.category_code.as_str()), (1, "TECH/outage"));
    assert_eq!(shown.r#type(), TicketType::Request);
}

#[tokio::test]
async fn what_was_taken_for_spam_is_new_again_and_a_duplicate_names_its_ticket() {
    let world = World::new().await;
    let t = Ticket::new(1);
    world.tell(vec![t.registered(), t.work_started(), t.closed_as(CloseReason::Spam, "")]).await;
    let at = world.tell(vec![t.not_spam(1)]).await;
    let shown = world.get(id(&t), Some(at)).await.unwrap();
    assert_eq!((shown.state(), shown.reopen_count), (TicketState::New, 1));
    let other = Ticket::new(2).id.to_string();
    let at = world.tell(vec![t.closed_as(CloseReason::Duplicate, &other)]).await;
    assert_eq!(world.get(id(&t), Some(at)).await.unwrap().state(), TicketState::Closed);
    let request = GetTimelineRequest { ticket_id: t.id.to_string(), ..Default::default() };
    let page = world.client.clone().get_timeline(world.request(request)).await.unwrap();
    let told: Vec<_> = page.into_inner().entries.into_iter().map(|entry| entry.summary).collect();
    assert!(told.contains(&"closed: spam".to_owned()), "{told:?}");
    assert!(told.contains(&format!("closed: duplicate of {other}")), "{told:?}");
}

#[tokio::test]
async fn owners_come_and_go_and_changes_of_hand_are_counted() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let steps = [
        (t.queued("l1"), "l1", "", 0),
        (t.assigned("anna"), "l1", "anna", 0),
        (t.queued("l2"), "l2", "", 0),
        (t.assigned("piotr"), "l2", "piotr", 1),
        (t.assigned("piotr"), "l2", "piotr", 1),
        (t.route_ended(), "l2", "", 1),
        (t.queued("l2"), "l2", "", 1),
        (t.assigned("anna"), "l2", "anna", 2),
    ];
    world.tell(vec![t.registered()]).await;
    for (step, queue, agent, reassigned) in steps {
        let at = world.tell(vec![step]).await;
        let shown = world.get(id(&t), Some(at)).await.unwrap();
        assert_eq!(
            (shown.queue_id.as_str(), shown.agent_id.as_str(), shown.reassignment_count),
            (queue, agent, reassigned)
        );
    }
}

#[tokio::test]
async fn what_the_customer_waits_for_is_shown_before_what_we_wait_for_among_ourselves() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let (accept, resolution, supplier) = (1, 2, 3);
    let steps = [
        (t.clock(accept, ClockKind::Accept, minutes(5)), 5, "ACCEPT"),
        (t.clock(resolution, ClockKind::Resolution, minutes(480)), 480, "RESOLUTION"),
        (t.clock(supplier, ClockKind::UcVendor, minutes(60)), 480, "RESOLUTION"),
        (t.clock_paused(resolution), 5, "ACCEPT"),
        (t.clock_stopped(accept), 60, "UC_VENDOR"),
        (t.clock_resumed(resolution, minutes(500)), 500, "RESOLUTION"),
    ];
    world.tell(vec![t.registered()]).await;
    for (step, due, kind) in steps {
        let at = world.tell(vec![step]).await;
        let shown = world.get(id(&t), Some(at)).await.unwrap();
        assert_eq!(shown.next_due_at, Some(timestamp(minutes(due))), "{kind}");
        assert_eq!(shown.next_due_kind, kind);
    }
}

#[tokio::test]
async fn the_running_clock_that_is_due_first_is_shown() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let (reply, resolution) = (1, 2);
    let steps = [
        (t.clock(resolution, ClockKind::Resolution, minutes(480)), Some(480), "RESOLUTION", false),
        (t.clock(reply, ClockKind::FirstReply, minutes(60)), Some(60), "FIRST_REPLY", false),
        (t.clock_breached(reply), Some(60), "FIRST_REPLY", true),
        (t.clock_stopped(reply), Some(480), "RESOLUTION", true),
        (t.clock_paused(resolution), None, "", true),
        (t.clock_resumed(resolution, minutes(500)), Some(500), "RESOLUTION", true),
        (t.breach_voided(reply), Some(500), "RESOLUTION", false),
        (t.clock_stopped(resolution), None, "", false),
        (t.clock_resumed(resolution, minutes(600)), Some(600), "RESOLUTION", false),
    ];
    world.tell(vec![t.registered()]).await;
    for (step, due, kind, breached) in steps {
        let at = world.tell(vec![step]).await;
        let shown = world.get(id(&t), Some(at)).await.unwrap();
        assert_eq!(shown.next_due_at, due.map(|at| timestamp(minutes(at))), "{kind}");
        assert_eq!((shown.next_due_kind.as_str(), shown.breached), (kind, breached));
    }
}

#[tokio::test]
async fn a_ticket_is_found_by_number_however_it_is_typed_and_by_its_external_number() {
    let world = World::new().await;
    let older = Ticket { external_number: "A-1".to_owned(), ..Ticket::new(1) };
    let newer = Ticket { external_number: "A-1".to_owned(), ..Ticket::new(2) };
    let at = world.tell(vec![newer.registered(), older.registered()]).await;
    for typed in [
        older.number.clone(),
        older.number.to_lowercase(),
        older.number.replace('-', ""),
        older.number.replace('-', " ").replace('0', "o"),
    ] {
        let found = world.get(Key::Number(typed), Some(at)).await.unwrap();
        assert_eq!(found.ticket_id, older.id.to_string());
    }
    let found = world.get(Key::ExternalNumber("A-1".to_owned()), Some(at)).await.unwrap();
    assert_eq!(found.ticket_id, newer.id.to_string(), "the one received last");

    let mistyped = world.get(Key::Number("00000-00000-9".to_owned()), None).await.unwrap_err();
    assert_eq!(mistyped.code(), Code::InvalidArgument);
    for unknown in [
        Key::Number(crate::facts::number(99)),
        Key::ExternalNumber("A-2".to_owned()),
        id(&Ticket::new(99)),
    ] {
        assert_eq!(world.get(unknown, Some(at)).await.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn unknown_events_and_events_before_the_registration_harm_nothing() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let at = world
        .tell(vec![
            t.ticket("odzew.intake.v2.TicketSang", &wire::intake::v1::TicketClosed::default()),
            t.queued("l1"),
            t.clock(1, ClockKind::FirstReply, minutes(60)),
        ])
        .await;
    assert_eq!(world.get(id(&t), Some(at)).await.unwrap_err().code(), Code::NotFound);
    let at = world.tell(vec![t.registered()]).await;
    let shown = world.get(id(&t), Some(at)).await.unwrap();
    assert_eq!((shown.queue_id.as_str(), shown.next_due_kind.as_str()), ("l1", "FIRST_REPLY"));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_stops_its_own_stream_alone() {
    let world = World::new().await;
    let (bad, good) = (Ticket::new(1), Ticket::new(2));
    let mut broken = bad.work_started();
    broken.event.payload = bytes::Bytes::from_static(b"\xff\xff");
    world.tell(vec![bad.registered(), broken, bad.resolved()]).await;
    let at = world.tell(vec![good.registered()]).await;
    assert_eq!(world.get(id(&good), Some(at)).await.unwrap().state(), TicketState::New);
    assert_eq!(world.get(id(&bad), Some(at)).await.unwrap().state(), TicketState::New);
    eventually(|| async {
        let parked: i64 = sqlx::query_scalar("select count(*) from desk.parked_event")
            .fetch_one(world.pool())
            .await
            .unwrap();
        parked == 2
    })
    .await;
}
