//! Routing rules through the API, and what they do to tickets.
use std::time::Duration;

use tonic::Code;
use wire::common::v1::Priority;
use wire::intake::v1::TicketType;
use wire::routing::v1;

use crate::world::{TICKET, Ticket, World, agent, fields, lead, new_id, refusal, rule, skill};

#[tokio::test]
async fn rules_are_published_in_versions() {
    let world = World::with_agents(&[]).await;
    let payments = v1::RoutingRule {
        types: vec![TicketType::Payment.into()],
        category_prefixes: vec!["PAYMENT/".to_owned()],
        priorities: vec![Priority::P4.into()],
        languages: vec!["pl".to_owned()],
        required_skills: vec![skill("billing", 2)],
        ..rule("payments", "q")
    };
    world.publish(vec![rule("all", "q")]).await;
    let request = v1::PublishRoutingRulesRequest {
        request_id: new_id(),
        effective_from: Some(wire::scalar::timestamp("2026-06-09T09:00:00Z".parse().unwrap())),
        rules: vec![payments.clone()],
    };
    let answer = world.directory.clone().publish_routing_rules(lead(request)).await.unwrap();
    assert_eq!(answer.into_inner().version, 2);

    let current = async || {
        let request = lead(v1::GetRoutingRulesRequest {});
        world.directory.clone().get_routing_rules(request).await.unwrap().into_inner()
    };
    assert_eq!(current().await.version, 1);
    world.clock.advance(Duration::from_secs(3_600));
    assert_eq!(current().await.rules, [payments]);
}

#[tokio::test]
async fn rules_that_cannot_work_are_refused_by_field() {
    let world = World::with_agents(&[]).await;
    let publish = async |rules| {
        let request =
            v1::PublishRoutingRulesRequest { request_id: new_id(), effective_from: None, rules };
        let answer = world.directory.clone().publish_routing_rules(lead(request)).await;
        let status = answer.unwrap_err();
        assert_eq!(refusal(&status), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
        fields(&status)
    };
    let narrow =
        |id: &str| v1::RoutingRule { types: vec![TicketType::Incident.into()], ..rule(id, "q") };
    let nowhere = v1::RoutingRule { queue_id: "nowhere".to_owned(), ..narrow("b") };
    assert_eq!(publish(vec![narrow("a"), nowhere]).await, ["rules[1].queue_id"]);
    assert_eq!(publish(vec![narrow("a"), narrow("a")]).await, ["rules[1].rule_id"]);
    assert_eq!(publish(vec![rule("all", "q"), narrow("a")]).await, ["rules[1]"]);
    let unknown = v1::RoutingRule { types: vec![0, 99], ..rule("a", "q") };
    assert_eq!(publish(vec![unknown]).await, ["rules[0].types[0]", "rules[0].types[1]"]);
}

#[tokio::test]
async fn the_first_rule_that_matches_places_the_ticket_and_a_new_category_moves_it() {
    let world = World::with_agents(&[("ann", 9)]).await;
    world.put_team("b").await;
    world.put_queue("billing", "b", false).await;
    let eve = v1::Agent { team_ids: vec!["b".to_owned()], ..agent("eve", 9) };
    world.put_agent(eve).await;
    let payments = v1::RoutingRule {
        category_prefixes: vec!["PAYMENT/".to_owned()],
        ..rule("payments", "billing")
    };
    world.publish(vec![payments]).await;

    let paying = Ticket { category: "PAYMENT/dispute", ..TICKET };
    let paying = world.register(paying).await;
    let route = world.owned(paying).await;
    assert_eq!((route.queue_id.as_str(), route.agent_id.as_str()), ("billing", "eve"));

    let other = world.register(TICKET).await;
    assert_eq!(world.owned(other).await.agent_id, "ann");
    // The same queue again: the owner stays.
    let same = crate::world::classified(TicketType::Incident, "TECH/malfunction");
    world.happens(other, same).await;
    world.settled().await;
    assert_eq!(world.story(other).await, ["TicketQueued", "TicketAssigned"]);

    let moved = crate::world::classified(TicketType::Payment, "PAYMENT/refund");
    world.happens(other, moved).await;
    world.settled().await;
    let route = world.owned(other).await;
    assert_eq!((route.queue_id.as_str(), route.agent_id.as_str()), ("billing", "eve"));
    assert_eq!(route.reassignment_count, 1);
    let events = world.events("route", other).await;
    let queued: wire::routing::v1::TicketQueued =
        prost::Message::decode(&*events[2].payload).unwrap();
    assert_eq!(queued.reason(), v1::QueuedReason::Reclassified);
    assert_eq!((queued.rule_id.as_str(), queued.rules_version), ("payments", 1));
}
