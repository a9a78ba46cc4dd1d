//! Into which complaint another one is merged.
use domain::regime::{Extension, NoticeContent};

use super::*;
use crate::join::merge;
use crate::world::info;

/// The next ticket of the party, a complaint.
async fn of_party(world: &World, party: &str) -> Complaint {
    let ticket = world.next_of_party(party).await;
    world.complaints.clone().open_complaint(agent(opening(&ticket.ticket_id))).await.told()
}

async fn refused(world: &World, source: &Complaint, target: &Complaint) -> String {
    let request = merge(&source.ticket_id, &target.ticket_id);
    let status = world.client.clone().merge_ticket(agent(request)).await.unwrap_err();
    info(&status).metadata["rule"].clone()
}

#[tokio::test]
async fn a_complaint_is_merged_into_one_that_answers_it_in_time_and_whole() {
    let world = World::new().await;
    let total = Some(Period::CalendarDays(60));
    let extension = Some(Extension { total, require: vec![NoticeContent::Reason] });
    publish(&world, &Draft { extension, ..consumer_law() }).await;
    let party = new_id();
    let oldest = of_party(&world, &party).await;
    let older = of_party(&world, &party).await;
    let younger = of_party(&world, &party).await;
    let mut client = world.complaints.clone();
    let extend = v1::ExtendComplaintRequest {
        request_id: new_id(),
        ticket_id: oldest.ticket_id.clone(),
        new_last_day: "2026-07-20".to_owned(),
        reason: "an expert is needed".to_owned(),
        body: "It takes until 20 July.".to_owned(),
        ..Default::default()
    };
    let extended = client.extend_complaint(of(Role::Expert, extend)).await.told();
    assert_eq!(extended.answer_by, "2026-07-20");
    assert_eq!(refused(&world, &younger, &oldest).await, "TARGET_IS_DUE_LATER");
    let state = v1::StateClaimsRequest {
        request_id: new_id(),
        ticket_id: older.ticket_id.clone(),
        claims: vec![v1::NewClaim { demand: v1::Demand::Repair.into(), amount: None }],
        ..Default::default()
    };
    client.state_claims(agent(state.clone())).await.unwrap();
    assert_eq!(refused(&world, &younger, &older).await, "CLAIMS_OF_ITS_OWN");
    let refund = v1::NewClaim { demand: v1::Demand::Refund.into(), amount: zloty(49) };
    let both = state.claims.iter().cloned().chain([refund]).collect();
    let state = v1::StateClaimsRequest { request_id: new_id(), claims: both, ..state };
    client.state_claims(agent(state)).await.unwrap();
    let request = merge(&younger.ticket_id, &older.ticket_id);
    let merged = world.client.clone().merge_ticket(agent(request)).await.unwrap().into_inner();
    assert_eq!(merged.ticket.unwrap().merged_into, older.ticket_id);
}
