//! Which law a complaint is under.
use super::*;
use crate::world::{info, stamp};

async fn rule(world: &World, request: v1::OpenComplaintRequest) -> String {
    let refused = world.complaints.clone().open_complaint(agent(request)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition, "{refused:?}");
    info(&refused).metadata["rule"].clone()
}

#[tokio::test]
async fn a_complaint_is_under_the_law_of_the_day_of_its_receipt() {
    let world = with_law().await;
    let newer = Draft { version: 2, valid_from: date(2026, 6, 9), ..consumer_law() };
    publish(&world, &newer).await;
    let mut client = world.complaints.clone();
    let today = world.register().await.ticket_id;
    let opened = client.open_complaint(agent(opening(&today))).await.told();
    assert_eq!((opened.regimes[0].version, opened.regimes[0].sha256.as_ref()), (2, &[2; 32][..]));
    let received_at = stamp("2026-06-08T12:00:00Z");
    let backdate_reason = "a letter of yesterday".to_owned();
    let late = v1::RegisterTicketRequest { received_at, backdate_reason, ..register() };
    let late = world.client.clone().register_ticket(of(Role::Lead, late)).await.unwrap();
    let late = late.into_inner().ticket.unwrap().ticket_id;
    let opened = client.open_complaint(agent(opening(&late))).await.told();
    assert_eq!(opened.regimes[0].version, 1);
    assert_eq!((opened.received_at, &*opened.answer_by), (received_at, "2026-06-22"));
}

#[tokio::test]
async fn without_law_there_is_no_complaint() {
    let world = World::new().await;
    let id = world.register().await.ticket_id;
    assert_eq!(rule(&world, opening(&id)).await, "REGIME_MISSING");
    publish(&world, &consumer_law()).await;
    let named = |code: &str| v1::OpenComplaintRequest {
        regime_codes: vec![code.to_owned()],
        ..opening(&id)
    };
    assert_eq!(rule(&world, named("PL_TELECOM")).await, "REGIME_NOT_IN_FORCE");
    let business = v1::OpenComplaintRequest {
        consumer_status: common::ConsumerStatus::Business.into(),
        ..opening(&id)
    };
    assert_eq!(rule(&world, business).await, "REGIME_MISSING");
    let request = named("PL_CONSUMER_GENERAL");
    world.complaints.clone().open_complaint(agent(request)).await.unwrap();
    assert_eq!(rule(&world, opening(&id)).await, "COMPLAINT_ALREADY_OPENED");
}

#[tokio::test]
async fn nothing_is_opened_while_newer_law_may_be_missing() {
    let config = intake::Config {
        consistency_wait: std::time::Duration::from_millis(100),
        ..testkit::settings("intake")
    };
    let world = World::configured(config).await;
    publish(&world, &consumer_law()).await;
    let id = world.register().await.ticket_id;
    world.settled().await;
    // The read model stands still.
    let mut tx = world.db.pool().begin().await.unwrap();
    sqlx::query("lock table intake.regimes in access exclusive mode")
        .execute(&mut *tx)
        .await
        .unwrap();
    publish(&world, &Draft { version: 2, valid_from: date(2026, 6, 1), ..consumer_law() }).await;
    let mut client = world.complaints.clone();
    let refused = client.open_complaint(agent(opening(&id))).await.unwrap_err();
    assert_eq!(crate::world::refusal(&refused).0, tonic::Code::Unavailable);
    assert_eq!(info(&refused).reason, "NOT_CAUGHT_UP");
    tx.rollback().await.unwrap();
    world.settled().await;
    let opened = client.open_complaint(agent(opening(&id))).await.told();
    assert_eq!(opened.regimes[0].version, 2);
}

#[tokio::test]
async fn what_a_later_message_complains_of_is_under_the_law_of_its_day() {
    let world = with_law().await;
    let newer = Draft { version: 2, valid_from: date(2026, 6, 20), ..consumer_law() };
    publish(&world, &newer).await;
    let ticket_id = world.register().await.ticket_id;
    world.clock.set(crate::world::at("2026-06-20T08:00:00Z"));
    let complains = v1::AddMessageRequest {
        channel: common::Channel::Letter.into(),
        ..crate::world::inbound(&ticket_id)
    };
    world.client.clone().add_message(agent(complains)).await.unwrap();
    let message_id = world.get(&ticket_id).await.messages.pop().unwrap().message_id;
    world.clock.set(crate::world::at("2026-06-24T08:00:00Z"));
    let mut client = world.complaints.clone();
    let unknown = v1::OpenComplaintRequest { message_id: new_id(), ..opening(&ticket_id) };
    let refused = client.open_complaint(agent(unknown)).await.unwrap_err();
    assert_eq!(crate::world::fields(&refused), ["message_id"]);
    let request = v1::OpenComplaintRequest { message_id, ..opening(&ticket_id) };
    let opened = client.open_complaint(agent(request)).await.told();
    assert_eq!(opened.received_at, stamp("2026-06-20T08:00:00Z"));
    assert_eq!((opened.regimes[0].version, &*opened.answer_by), (2, "2026-07-06"));
    assert_eq!(opened.submission_form(), v1::SubmissionForm::Paper);
}
