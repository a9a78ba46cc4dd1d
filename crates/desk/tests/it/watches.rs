//! Watches: in order, without gap or repeat, bounded.
use std::time::Duration;

use desk::Config;
use tonic::Code;
use tonic_types::StatusExt as _;
use wire::desk::v1::WatchTicketsResponse;
use wire::intake::v1::TicketState;
use wire::sla::v1::ClockKind;

use crate::facts::{Ticket, minutes};
use crate::world::World;

/// Quick enough for tests.
fn config() -> Config {
    let mut config: Config = testkit::settings("desk");
    config.watch.interval = Duration::from_millis(1);
    config.watch.sign_of_life = Duration::from_millis(200);
    config.watch.page_size = 7;
    config
}

/// The next answer with a ticket.
async fn next(stream: &mut tonic::Streaming<WatchTicketsResponse>) -> WatchTicketsResponse {
    loop {
        let answer = stream.message().await.unwrap().unwrap();
        if answer.ticket.is_some() {
            return answer;
        }
        assert_eq!(answer.event_type, "");
        assert!(!answer.resume_token.is_empty());
    }
}

#[tokio::test]
async fn a_watch_tells_changes_from_now_on() {
    let world = World::with(config()).await;
    let (old, t) = (Ticket::new(1), Ticket::new(2));
    let at = world.tell(vec![old.registered()]).await;
    world.projected(at).await;
    let mut stream = world.watch("", "").await.unwrap();
    let beginning = stream.message().await.unwrap().unwrap();
    assert!(beginning.ticket.is_none() && !beginning.resume_token.is_empty());

    world.tell(vec![t.registered(), t.queued("l1"), t.clock(1, ClockKind::Ack, minutes(9))]).await;
    for event_type in
        [wire::event::TICKET_REGISTERED, wire::event::TICKET_QUEUED, wire::event::CLOCK_STARTED]
    {
        let answer = next(&mut stream).await;
        assert_eq!(answer.event_type, event_type);
        assert_eq!(answer.ticket.unwrap().number, t.number);
    }
    let at = world.tell(vec![old.closed()]).await;
    world.projected(at).await;
    assert_eq!(next(&mut stream).await.ticket.unwrap().state(), TicketState::Closed);
}

#[tokio::test]
async fn a_quiet_watch_gives_signs_of_life() {
    let world = World::with(config()).await;
    let mut stream = world.watch("", "").await.unwrap();
    for _ in 0..4 {
        let sign = stream.message().await.unwrap().unwrap();
        assert!(sign.ticket.is_none() && !sign.resume_token.is_empty());
    }
}

#[tokio::test]
async fn a_watch_of_one_ticket_tells_of_no_other() {
    let world = World::with(config()).await;
    let (t, other) = (Ticket::new(1), Ticket::new(2));
    let mut stream = world.watch("", &t.id.to_string()).await.unwrap();
    let token = stream.message().await.unwrap().unwrap().resume_token;
    for _ in 0..20 {
        world.tell(vec![other.message()]).await;
    }
    world.tell(vec![other.registered(), t.registered()]).await;
    assert_eq!(next(&mut stream).await.ticket.unwrap().number, t.number);

    let refused = world.watch(&token, "").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let refused = world.watch(&token, &other.id.to_string()).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "PAGE_TOKEN_INVALID");
    let request =
        wire::desk::v1::WatchTicketsRequest { resume_token: token, ticket_id: t.id.to_string() };
    let zeta = world.log.create_tenant("zeta").await.unwrap();
    let at = world.tell_to(&zeta, vec![Ticket::new(9).registered()]).await;
    world.projected(at).await;
    let request = world.request_of("zeta", request);
    let refused = world.client.clone().watch_tickets(request).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "PAGE_TOKEN_INVALID");
}

#[tokio::test]
async fn a_cut_watch_goes_on_without_gap_or_repeat() {
    let world = World::with(config()).await;
    let tickets: Vec<Ticket> = (1..=40).map(Ticket::new).collect();
    let first = world.watch("", "").await.unwrap().message().await.unwrap().unwrap();
    let replica = world.replica(config()).await;

    let telling = async {
        for t in &tickets {
            world.tell(vec![t.registered(), t.queued("l1"), t.work_started()]).await;
        }
    };
    let watching = async {
        let mut token = first.resume_token;
        let mut seen = Vec::new();
        // A small generator of uneven lengths, the same in every run.
        let mut dice: u32 = 7;
        while seen.len() < tickets.len() * 3 {
            let request = wire::desk::v1::WatchTicketsRequest {
                resume_token: token.clone(),
                ticket_id: String::new(),
            };
            let mut client =
                if dice.is_multiple_of(2) { world.client.clone() } else { replica.clone() };
            let mut stream =
                client.watch_tickets(world.request(request)).await.unwrap().into_inner();
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            for _ in 0..=(dice >> 16) % 12 {
                let answer = stream.message().await.unwrap().unwrap();
                token = answer.resume_token;
                if let Some(ticket) = answer.ticket {
                    seen.push((ticket.number, answer.event_type));
                }
            }
        }
        seen
    };
    let ((), seen) = tokio::join!(telling, watching);
    let expected: Vec<_> = tickets
        .iter()
        .flat_map(|t| {
            [wire::event::TICKET_REGISTERED, wire::event::TICKET_QUEUED, wire::event::WORK_STARTED]
                .map(|event_type| (t.number.clone(), event_type.to_owned()))
        })
        .collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_draining_server_ends_its_watches_and_the_token_still_counts() {
    let world = World::with(config()).await;
    let mut stream = world.watch("", "").await.unwrap();
    let token = stream.message().await.unwrap().unwrap().resume_token;
    let replica = world.replica(config()).await;
    world.stop.cancel();
    let ended = loop {
        match stream.message().await {
            Ok(answer) => assert!(answer.unwrap().ticket.is_none()),
            Err(status) => break status,
        }
    };
    assert_eq!(ended.code(), Code::Unavailable);
    assert_eq!(ended.get_details_error_info().unwrap().reason, "DRAINING");

    let t = Ticket::new(1);
    world.tell(vec![t.registered()]).await;
    let request =
        wire::desk::v1::WatchTicketsRequest { resume_token: token, ticket_id: String::new() };
    let stream = replica.clone().watch_tickets(world.request(request)).await;
    assert_eq!(next(&mut stream.unwrap().into_inner()).await.ticket.unwrap().number, t.number);
}

#[tokio::test]
async fn watches_are_bounded_and_a_dropped_one_makes_room() {
    let mut config = config();
    config.watch.max_watchers = 2;
    let world = World::with(config).await;
    let one = world.watch("", "").await.unwrap();
    let _two = world.watch("", "").await.unwrap();
    let refused = world.watch("", "").await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(refused.get_details_error_info().unwrap().reason, "OVERLOADED");
    assert!(refused.get_details_quota_failure().is_some());
    assert!(refused.get_details_retry_info().is_some());
    drop(one);
    testkit::eventually(|| async { world.watch("", "").await.map(drop) }).await;
}

#[tokio::test]
async fn a_tenant_has_its_share_of_the_watches_and_leaves_the_rest_to_others() {
    let mut config = config();
    config.watch.max_watchers_per_tenant = 1;
    let world = World::with(config).await;
    let zeta = world.log.create_tenant("zeta").await.unwrap();
    let at = world.tell_to(&zeta, vec![Ticket::new(9).registered()]).await;
    world.projected(at).await;
    let one = world.watch("", "").await.unwrap();
    let refused = world.watch("", "").await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "OVERLOADED");
    let theirs = world.request_of("zeta", wire::desk::v1::WatchTicketsRequest::default());
    world.client.clone().watch_tickets(theirs).await.unwrap();
    drop(one);
    testkit::eventually(|| async { world.watch("", "").await.map(drop) }).await;
}
