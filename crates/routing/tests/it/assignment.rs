//! Who gets a ticket, and when.
use wire::common::v1::Priority;
use wire::intake::v1 as intake;
use wire::routing::v1::{self, RouteState};

use crate::world::{TICKET, Ticket, World, agent, lead, rule, skill};

#[tokio::test]
async fn a_new_ticket_goes_to_the_least_loaded_agent() {
    let world = World::with_agents(&[("ann", 5), ("bartek", 5)]).await;
    let mut tickets = Vec::new();
    for received_s in 0..4 {
        let ticket = world.register(Ticket { received_s, ..TICKET }).await;
        world.owned(ticket).await;
        tickets.push(ticket);
    }
    let mut owners = world.owners(&tickets).await;
    owners.sort();
    assert_eq!(owners, ["ann", "ann", "bartek", "bartek"]);

    let events = world.events("route", tickets[0]).await;
    assert_eq!(world.story(tickets[0]).await, ["TicketQueued", "TicketAssigned"]);
    let registered = &world.events("ticket", tickets[0]).await[0];
    let metadata = events[1].metadata().unwrap();
    assert_eq!(metadata.causation_id, registered.event_id.to_string());
    assert_eq!(metadata.correlation_id, tickets[0].to_string());
    let route = world.route(tickets[0]).await.unwrap();
    let accept_by = route.accept_by.unwrap();
    assert_eq!(accept_by.seconds, world.clock_now().as_second() + 900);
}

#[tokio::test]
async fn a_tenant_without_a_directory_still_has_a_queue_for_every_ticket() {
    let world = World::new().await;
    let ticket = world.register(TICKET).await;
    let route = world.waiting(ticket).await;
    assert_eq!((route.queue_id.as_str(), route.level), ("unrouted", 1));
    world.settled().await;
    let queues = world.directory.clone().list_queues(lead(v1::ListQueuesRequest::default())).await;
    let queues = queues.unwrap().into_inner().queues;
    assert_eq!((queues[0].waiting, queues[0].assigned), (1, 0));
    assert_eq!(queues[0].queue.as_ref().unwrap().queue_id, "unrouted");
}

#[tokio::test]
async fn a_ticket_that_no_rule_matches_goes_to_the_fallback() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let events = world.events("route", ticket).await;
    let queued: v1::TicketQueued = prost::Message::decode(&*events[0].payload).unwrap();
    assert!(queued.fallback);
    assert_eq!((queued.queue_id.as_str(), queued.reason()), ("q", v1::QueuedReason::New));
}

#[tokio::test]
async fn only_somebody_with_the_skill_gets_it() {
    let world = World::with_agents(&[("ann", 5)]).await;
    world.put_agent(v1::Agent { skills: vec![skill("german", 1)], ..agent("bartek", 5) }).await;
    let german = v1::RoutingRule {
        category_prefixes: vec!["TECH/".to_owned()],
        required_skills: vec![skill("german", 2)],
        ..rule("german", "q")
    };
    world.publish(vec![german]).await;
    let ticket = world.register(TICKET).await;
    world.waiting(ticket).await;
    let other = world.register(Ticket { category: "INQUIRY/offer", ..TICKET }).await;
    world.owned(other).await;
    assert_eq!(world.route(ticket).await.unwrap().state(), RouteState::Queued);

    world.put_agent(v1::Agent { skills: vec![skill("german", 2)], ..agent("celina", 5) }).await;
    assert_eq!(world.owned(ticket).await.agent_id, "celina");
}

#[tokio::test]
async fn who_becomes_available_gets_what_waits() {
    let world = World::with_agents(&[]).await;
    world.put_agent(v1::Agent { available: Some(false), ..agent("ann", 5) }).await;
    let tickets = [world.register(TICKET).await, world.register(TICKET).await];
    for ticket in tickets {
        world.waiting(ticket).await;
    }
    world.set_available("ann", true).await;
    for ticket in tickets {
        assert_eq!(world.owned(ticket).await.agent_id, "ann");
    }
}

#[tokio::test]
async fn freed_capacity_goes_to_the_most_urgent_then_to_the_longest_waiting() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let first = world.register(TICKET).await;
    world.owned(first).await;
    let late = world.register(Ticket { received_s: 50, ..TICKET }).await;
    let early = world.register(Ticket { received_s: 10, ..TICKET }).await;
    let urgent = world.register(Ticket { received_s: 90, priority: Priority::P2, ..TICKET }).await;
    world.settled().await;

    let mut current = first;
    for next in [urgent, early, late] {
        world.resolve(current).await;
        assert_eq!(world.owned(next).await.agent_id, "ann");
        current = next;
    }
    assert_eq!(world.story(first).await, ["TicketQueued", "TicketAssigned", "RouteEnded"]);
}

#[tokio::test]
async fn a_higher_priority_moves_a_waiting_ticket_forward() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let first = world.register(TICKET).await;
    world.owned(first).await;
    let early = world.register(Ticket { received_s: 10, ..TICKET }).await;
    let late = world.register(Ticket { received_s: 50, ..TICKET }).await;
    world.waiting(late).await;
    world.happens(late, raised()).await;
    world.settled().await;
    world.resolve(first).await;
    world.owned(late).await;
    assert_eq!(world.route(early).await.unwrap().state(), RouteState::Queued);
}

fn raised() -> intake::PriorityChanged {
    intake::PriorityChanged {
        priority: Priority::P1.into(),
        previous: Priority::P3.into(),
        cause: intake::PriorityCause::ImpactGrew.into(),
        ..intake::PriorityChanged::default()
    }
}

#[tokio::test]
async fn a_priority_that_is_raised_before_the_ticket_is_queued_counts() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let first = world.register(TICKET).await;
    world.owned(first).await;
    let early = world.register(Ticket { received_s: 10, ..TICKET }).await;
    let late = world.register(Ticket { received_s: 50, ..TICKET }).await;
    world.waiting(late).await;
    world.settled().await;
    world.resolve(late).await;
    world.settled().await;
    // In the log it stands before the event that queues the ticket again, which was decided on
    // what the ticket was like before.
    world.happens(late, raised()).await;
    world.settled().await;
    assert!(world.tables().await.iter().any(|row| row.starts_with("early ")));
    world.queue_again(late, Priority::P3).await;
    world.settled().await;
    assert!(!world.tables().await.iter().any(|row| row.starts_with("early ")));
    world.resolve(first).await;
    world.owned_by(late, "ann").await;
    assert_eq!(world.route(early).await.unwrap().state(), RouteState::Queued);
}

#[tokio::test]
async fn a_reopened_ticket_returns_to_its_last_owner() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    world.resolve(ticket).await;
    world.settled().await;
    assert_eq!(world.route(ticket).await.unwrap().state(), RouteState::Ended);

    // The others are less loaded, and ann has been busy.
    world.put_agent(agent("bartek", 5)).await;
    world.put_agent(agent("celina", 5)).await;
    let reopened = intake::TicketReopened { reopen_no: 1, ..intake::TicketReopened::default() };
    world.happens(ticket, reopened).await;
    let route = world.owned(ticket).await;
    assert_eq!((route.agent_id.as_str(), route.reassignment_count), ("ann", 0));
    let events = world.events("route", ticket).await;
    let queued: v1::TicketQueued = prost::Message::decode(&*events[3].payload).unwrap();
    assert_eq!(queued.reason(), v1::QueuedReason::Reopened);
    assert_eq!(queued.preferred_agent_id, "ann");
}

#[tokio::test]
async fn spam_leaves_its_queue_and_comes_back_if_it_was_none() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    let reason = intake::CloseReason::Spam.into();
    world.happens(ticket, intake::TicketClosed { reason, ..Default::default() }).await;
    world.settled().await;
    assert_eq!(world.route(ticket).await.unwrap().state(), RouteState::Ended);
    let trigger = intake::ReopenTrigger::NotSpam.into();
    let reopened = intake::TicketReopened { reopen_no: 1, trigger, ..Default::default() };
    world.happens(ticket, reopened).await;
    assert_eq!(world.owned(ticket).await.agent_id, "ann");
}

#[tokio::test]
async fn events_that_routing_does_not_know_change_no_route() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = world.register(TICKET).await;
    let before = world.owned(ticket).await;
    world.happens(ticket, intake::PromiseMade::default()).await;
    world.happens(ticket, intake::TicketMerged::default()).await;
    world.happens(ticket, intake::TicketLinked::default()).await;
    world.settled().await;
    assert_eq!(world.route(ticket).await.unwrap(), before);
}

#[tokio::test]
async fn a_reopened_ticket_whose_owner_is_away_goes_to_somebody_else() {
    let world = World::with_agents(&[("ann", 5)]).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    world.resolve(ticket).await;
    world.put_agent(agent("bartek", 5)).await;
    world.set_available("ann", false).await;
    let reopened = intake::TicketReopened { reopen_no: 1, ..intake::TicketReopened::default() };
    world.happens(ticket, reopened).await;
    world.owned_by(ticket, "bartek").await;
}

#[tokio::test]
async fn a_ticket_reopened_at_once_is_ended_and_queued_again() {
    let world = World::with_agents(&[("ann", 20)]).await;
    let mut tickets = Vec::new();
    for _ in 0..10 {
        let ticket = world.register(TICKET).await;
        world.owned(ticket).await;
        tickets.push(ticket);
    }
    for ticket in tickets {
        world.resolve(ticket).await;
        let reopened = intake::TicketReopened { reopen_no: 1, ..intake::TicketReopened::default() };
        world.happens(ticket, reopened).await;
        testkit::eventually(|| async {
            let story = world.story(ticket).await;
            story[2..] == ["RouteEnded", "TicketQueued", "TicketAssigned"]
        })
        .await;
    }
}

#[tokio::test]
async fn a_closed_ticket_frees_its_owner_once() {
    let world = World::with_agents(&[("ann", 1)]).await;
    let ticket = world.register(TICKET).await;
    world.owned(ticket).await;
    world.resolve(ticket).await;
    world.happens(ticket, intake::TicketClosed::default()).await;
    world.settled().await;
    assert_eq!(world.story(ticket).await, ["TicketQueued", "TicketAssigned", "RouteEnded"]);
    let next = world.register(TICKET).await;
    world.owned(next).await;
}

#[tokio::test]
async fn queues_are_listed_with_what_stands_in_them() {
    let world = World::with_agents(&[("ann", 2)]).await;
    for _ in 0..5 {
        world.register(TICKET).await;
    }
    testkit::eventually(|| async {
        let request = lead(v1::ListQueuesRequest::default());
        let queues = world.directory.clone().list_queues(request).await.unwrap().into_inner();
        (queues.queues[0].waiting, queues.queues[0].assigned) == (3, 2)
    })
    .await;
}

#[tokio::test]
async fn queues_come_in_pages() {
    let world = World::with_agents(&[("ann", 2)]).await;
    world.register(TICKET).await;
    let all = world.directory.clone().list_queues(lead(v1::ListQueuesRequest::default())).await;
    let all = all.unwrap().into_inner();
    assert_eq!(all.next_page_token, "");
    let (mut seen, mut request) = (Vec::new(), v1::ListQueuesRequest::default());
    request.page_size = 1;
    loop {
        let page = world.directory.clone().list_queues(lead(request.clone())).await.unwrap();
        let page = page.into_inner();
        seen.extend(page.queues);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    let ids = |queues: Vec<v1::QueueDepth>| -> Vec<_> {
        queues.into_iter().map(|depth| depth.queue.unwrap().queue_id).collect()
    };
    assert_eq!(ids(seen), ids(all.queues));
    request.page_token = "x".to_owned();
    let refusal = world.directory.clone().list_queues(lead(request)).await.unwrap_err();
    assert_eq!(refusal.code(), tonic::Code::InvalidArgument);
}
