//! A mail may be the appeal: it has reopened its ticket before anybody reads it.
use super::*;
use crate::threads::{token, with_token};
use crate::world::{fields, info, stamp};

/// Told on the ninth; the customer writes on the twelfth, and somebody reads it on the fourth
/// of July.
async fn written_to(world: &World) -> (Complaint, String) {
    let complaint = decided(world).await;
    let post = delivered(&complaint, "2026-06-09T00:00:00Z");
    world.complaints.clone().record_decision_evidence(of(Role::Integrator, post)).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(3 * 24 * 3600));
    let request = v1::ReceiveMessageRequest {
        received_at: stamp("2026-06-11T23:59:00Z"),
        ..with_token("<2@example.org>", &token(&complaint.ticket_id))
    };
    let letter = world.receive(request).await;
    assert_eq!(letter.ticket.unwrap().state(), TicketState::Open);
    world.clock.advance(std::time::Duration::from_secs(22 * 24 * 3600));
    (complaint, letter.message_id)
}

#[tokio::test]
async fn a_mail_that_reopened_the_ticket_is_the_appeal() {
    let world = with_law().await;
    let (complaint, message_id) = written_to(&world).await;
    let file = v1::FileAppealRequest {
        message_id: message_id.clone(),
        statement: String::new(),
        ..appealing(&complaint)
    };
    let mut client = world.complaints.clone();
    let unknown = v1::FileAppealRequest {
        request_id: new_id(),
        message_id: new_id(),
        received_at: stamp("2026-06-12T00:00:00Z"),
        backdate_reason: "it lay in the post room".to_owned(),
        ..file.clone()
    };
    let refused = client.file_appeal(of(Role::Lead, unknown)).await.unwrap_err();
    assert_eq!(fields(&refused), ["message_id"]);
    let appealed = client.file_appeal(agent(file)).await.told();
    assert_eq!(appealed.stage(), v1::ComplaintStage::Appealed);
    let appeal = appealed.appeal.unwrap();
    // It was in time when it came, whenever somebody notes it.
    assert_eq!((appeal.received_at, appeal.in_time), (stamp("2026-06-11T23:59:00Z"), true));
    let story = world.story(&complaint.ticket_id).await;
    assert_eq!(story[story.len() - 3..], ["MessageAdded", "TicketReopened", "AppealFiled"]);
    assert_eq!(world.get(&complaint.ticket_id).await.reopen_count, 1);
    let again = v1::FileAppealRequest { request_id: new_id(), ..appealing(&complaint) };
    let refused = client.file_appeal(agent(again)).await.unwrap_err();
    assert_eq!(info(&refused).metadata["rule"], "ALREADY_APPEALED");
}

#[tokio::test]
async fn a_statement_of_now_is_late_and_a_lead_admits_it() {
    let world = with_law().await;
    let (complaint, _) = written_to(&world).await;
    let mut client = world.complaints.clone();
    let refused = client.file_appeal(agent(appealing(&complaint))).await.unwrap_err();
    assert_eq!(info(&refused).metadata["rule"], "APPEAL_TOO_LATE");
    let admit = v1::FileAppealRequest { admit_late: true, ..appealing(&complaint) };
    let appealed = client.file_appeal(of(Role::Lead, admit)).await.told();
    assert!(!appealed.appeal.unwrap().in_time);
}

#[tokio::test]
async fn what_the_organisation_reopened_is_appealed_once_it_is_resolved() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let reopen = v1::ReopenTicketRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        reason: "look again".to_owned(),
        ..Default::default()
    };
    world.client.clone().reopen_ticket(agent(reopen)).await.unwrap();
    let mut client = world.complaints.clone();
    let refused = client.file_appeal(agent(appealing(&complaint))).await.unwrap_err();
    let told = info(&refused);
    assert_eq!(
        (&*told.reason, &*told.metadata["allowed_states"]),
        ("TICKET_STATE", "RESOLVED,CLOSED")
    );
    // A customer who says no to the solution may say why afterwards.
    let rejected = decided(&world).await;
    let reject = v1::ReopenTicketRequest {
        request_id: new_id(),
        ticket_id: rejected.ticket_id.clone(),
        reason: "not enough".to_owned(),
        ..Default::default()
    };
    world.client.clone().reopen_ticket(of(Role::Customer, reject)).await.unwrap();
    client.file_appeal(of(Role::Customer, appealing(&rejected))).await.unwrap();
}

#[tokio::test]
async fn a_photo_from_before_the_decision_is_not_the_appeal() {
    let world = with_law().await;
    let complaint = opened(&world).await;
    let photo = world.receive(with_token("<1@example.org>", &token(&complaint.ticket_id))).await;
    world.clock.advance(std::time::Duration::from_secs(60));
    let mut client = world.complaints.clone();
    client.decide_complaint(agent(granting(&complaint, 49))).await.unwrap();
    let file = v1::FileAppealRequest {
        message_id: photo.message_id,
        statement: String::new(),
        ..appealing(&complaint)
    };
    let now = v1::FileAppealRequest {
        request_id: new_id(),
        received_at: stamp("2026-06-09T00:01:00Z"),
        ..file.clone()
    };
    for request in [file, now] {
        let refused = client.file_appeal(agent(request)).await.unwrap_err();
        assert_eq!(info(&refused).metadata["rule"], "APPEAL_BEFORE_DECISION");
    }
    assert_eq!(get(&world, &complaint.ticket_id).await.appeal, None);
}

#[tokio::test]
async fn who_approved_the_decision_does_not_decide_the_appeal() {
    let world = with_law().await;
    let complaint = opened(&world).await;
    let mut client = world.complaints.clone();
    let prepared = |request| v1::DecideComplaintRequest { author_id: "celina".into(), ..request };
    let request = prepared(granting(&complaint, 49));
    let complaint = client.decide_complaint(of(Role::Lead, request)).await.told();
    client.file_appeal(agent(appealing(&complaint))).await.unwrap();
    let on_appeal = || v1::DecideComplaintRequest {
        request_id: new_id(),
        instance: v1::ComplaintInstance::Appeal.into(),
        ..rejecting(&complaint)
    };
    let by_darek = v1::DecideComplaintRequest { author_id: "darek".into(), ..on_appeal() };
    for request in [on_appeal(), by_darek] {
        let refused = client.decide_complaint(of(Role::Lead, request)).await.unwrap_err();
        assert_eq!(info(&refused).metadata["rule"], "SAME_PERSON_ON_APPEAL");
    }
    client.decide_complaint(of(Role::ProcessOwner, on_appeal())).await.unwrap();
}

#[tokio::test]
async fn an_appeal_has_its_answer_though_it_is_older_by_then() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let mut client = world.complaints.clone();
    world.clock.advance(std::time::Duration::from_secs(15 * 60));
    let received_at = stamp("2026-06-09T00:01:00Z");
    let file = v1::FileAppealRequest { received_at, ..appealing(&complaint) };
    let first = client.file_appeal(agent(file.clone())).await.unwrap().into_inner();
    world.clock.advance(std::time::Duration::from_secs(120));
    assert_eq!(client.file_appeal(agent(file.clone())).await.unwrap().into_inner(), first);
    let other = v1::FileAppealRequest { request_id: new_id(), ..file };
    let refused = client.file_appeal(agent(other)).await.unwrap_err();
    assert_eq!(info(&refused).reason, "TICKET_STATE");
    let second = decided(&world).await;
    world.clock.advance(std::time::Duration::from_secs(16 * 60));
    let long_ago = v1::FileAppealRequest { received_at, ..appealing(&second) };
    let refused = client.file_appeal(agent(long_ago)).await.unwrap_err();
    assert_eq!(info(&refused).metadata["permission"], "ticket.backdate");
    // Half a minute after the decision.
    let received_at = stamp("2026-06-09T00:17:30Z");
    let long_ago = v1::FileAppealRequest { received_at, ..appealing(&second) };
    let refused = client.file_appeal(of(Role::Expert, long_ago.clone())).await.unwrap_err();
    assert_eq!(fields(&refused), ["backdate_reason"]);
    let backdate_reason = "it lay in the post room".to_owned();
    let explained = v1::FileAppealRequest { backdate_reason, ..long_ago };
    let appealed = client.file_appeal(of(Role::Expert, explained)).await.told();
    assert_eq!(appealed.appeal.unwrap().backdate_reason, "it lay in the post room");
}
