//! Of several policies the narrowest promises.
use chassis::rpc::Role;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::intake::v1 as intake;
use wire::sla::v1::{self, ClockKind};

use crate::world::*;

const MONDAY: &str = "2031-06-02T08:00:00Z";

/// Publishes the standard policy with this target for every resolution, under another name.
async fn publish(sla: &Replica, id: &str, target_s: i64, scope: v1::PolicyScope) {
    let mut policy = sla.config().await.policy.unwrap();
    policy.policy_id = id.to_owned();
    policy.scope = Some(scope);
    for target in policy.targets.iter_mut().filter(|t| t.kind() == ClockKind::Resolution) {
        target.target_s = target_s;
    }
    sla.publish_policy(policy, Some(at("2031-01-01T00:00:00Z"))).await.unwrap();
}

/// A ticket at P3 of a requester of that segment, about that service.
async fn ticket(world: &World, segment: &str, service: &str) -> Uuid {
    let id = Uuid::now_v7();
    let about = (!service.is_empty()).then(|| intake::BusinessObject {
        kind: intake::ObjectKind::Service.into(),
        id: service.to_owned(),
    });
    let message = intake::TicketRegistered {
        ticket_id: id.to_string(),
        r#type: intake::TicketType::Inquiry.into(),
        channel: wire::common::v1::Channel::Email.into(),
        received_at: stamp(MONDAY),
        requester_party_id: Uuid::from_u128(7).to_string(),
        requester_segment: segment.to_owned(),
        origin: intake::TicketOrigin::New.into(),
        about: about.into_iter().collect(),
        ..Default::default()
    };
    let registered = step(at(MONDAY), wire::event::TICKET_REGISTERED, &message);
    world.append(id, false, vec![registered, prioritised(at(MONDAY), Priority::P3)]).await;
    id
}

async fn promised(sla: &Replica, ticket: Uuid) -> (String, i64) {
    let clock = sla.clock(ticket, ClockKind::Resolution, |_| true).await;
    (clock.policy_id, clock.target_s)
}

#[tokio::test]
async fn a_contract_goes_before_a_segment_and_that_before_everybody() {
    let world = World::new().await;
    let sla = world.serve().await;
    let contract = v1::PolicyScope { contract_ids: vec!["SLA-17".into()], ..Default::default() };
    let segment = v1::PolicyScope { segments: vec!["gold".into()], ..Default::default() };
    publish(&sla, "ACME", 3_600, contract).await;
    publish(&sla, "GOLD", 7_200, segment).await;
    let config = sla.config().await;
    assert_eq!(config.policy.unwrap().policy_id, "PL_STANDARD");

    let under_contract = ticket(&world, "gold", "SLA-17").await;
    let of_segment = ticket(&world, "gold", "SLA-18").await;
    let of_nobody = ticket(&world, "silver", "").await;
    assert_eq!(promised(&sla, under_contract).await, ("ACME".to_owned(), 3_600));
    assert_eq!(promised(&sla, of_segment).await, ("GOLD".to_owned(), 7_200));
    assert_eq!(promised(&sla, of_nobody).await, ("PL_STANDARD".to_owned(), 86_400));
}

#[tokio::test]
async fn a_ticket_that_is_classified_anew_has_the_promise_for_its_type() {
    let world = World::new().await;
    let sla = world.serve().await;
    let incident = i32::from(intake::TicketType::Incident);
    let scope = v1::PolicyScope { ticket_types: vec![incident], ..Default::default() };
    publish(&sla, "OUTAGES", 3_600, scope).await;
    let ticket = ticket(&world, "", "").await;
    assert_eq!(promised(&sla, ticket).await, ("PL_STANDARD".to_owned(), 86_400));

    let classified = intake::TicketClassified { r#type: incident, ..Default::default() };
    let later = at("2031-06-02T08:30:00Z");
    world.happens(ticket, step(later, wire::event::TICKET_CLASSIFIED, &classified)).await;
    let clock = sla.clock(ticket, ClockKind::Resolution, |clock| clock.target_s == 3_600).await;
    assert_eq!(
        (clock.policy_id.as_str(), clock.due_at),
        ("OUTAGES", stamp("2031-06-02T09:00:00Z"))
    );
}

#[tokio::test]
async fn the_narrower_policies_are_shown_beside_the_one_for_everybody() {
    let world = World::new().await;
    let sla = world.serve().await;
    let scope = v1::PolicyScope { segments: vec!["gold".into()], ..Default::default() };
    let mut gold = sla.config().await.policy.unwrap();
    gold.policy_id = "GOLD".to_owned();
    gold.scope = Some(scope);
    let published = sla.publish_policy(gold, None).await.unwrap();
    let request = by(Role::Auditor, v1::GetSlaConfigRequest {});
    let config = sla.client.clone().get_sla_config(request).await.unwrap().into_inner();
    assert_eq!(config.policy.unwrap().policy_id, "PL_STANDARD");
    assert_eq!(config.narrower_policies, [published]);
}
