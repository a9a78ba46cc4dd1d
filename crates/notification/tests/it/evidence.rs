//! Whether a decision reached the customer, and what shows it.
use chassis::rpc::Role;
use domain::notice::Event;
use testkit::eventually;
use tonic::Code;
use uuid::Uuid;
use wire::Payload as _;
use wire::common::v1 as common;
use wire::intake::v1 as intake;
use wire::notification::v1::{
    DeliveryEvidence, Notice, NoticeState, Purpose, RecordBounceRequest, RecordDeliveryRequest,
    ReleaseNoticeRequest,
};
use wire::scalar::timestamp;

use crate::world::{World, auditor, by, outbound, reason, registered};

const DECIDED: &str = "2026-05-07T11:00:00Z";

fn decision(body: &str) -> intake::MessageAdded {
    let purpose = intake::MessagePurpose::Decision.into();
    intake::MessageAdded { purpose, ..outbound(body) }
}

/// A ticket whose customer was told a decision, which the mail server took.
async fn decided(world: &World) -> (Uuid, Notice) {
    let id = world.ticket("pl").await;
    let message = decision("Wymienimy urządzenie.");
    world.tell("ticket", id, &message).await;
    let notice = of_purpose(world, id, Purpose::Decision, NoticeState::Sent).await;
    assert_eq!(notice.message_id, message.message_id);
    (id, notice)
}

async fn of_purpose(world: &World, id: Uuid, purpose: Purpose, state: NoticeState) -> Notice {
    eventually(|| async {
        let notices = world.notices(id).await;
        let found = notices.iter().find(|notice| notice.purpose() == purpose);
        match found {
            Some(notice) if notice.state() == state => Ok::<_, String>(Some(notice.clone())),
            _ => Err(format!("{notices:?}")),
        }
    })
    .await
}

fn bounce(notice: &Notice) -> RecordBounceRequest {
    RecordBounceRequest {
        request_id: Uuid::now_v7().to_string(),
        notice_id: notice.notice_id.clone(),
        status_code: "5.1.1".to_owned(),
    }
}

fn handed_over(notice: &Notice, at: &str) -> RecordDeliveryRequest {
    let evidence = DeliveryEvidence::Tracking.into();
    RecordDeliveryRequest { evidence, ..posted(notice, at) }
}

fn posted(notice: &Notice, at: &str) -> RecordDeliveryRequest {
    RecordDeliveryRequest {
        request_id: Uuid::now_v7().to_string(),
        notice_id: notice.notice_id.clone(),
        evidence: DeliveryEvidence::PostReceipt.into(),
        delivered_at: Some(timestamp(at.parse().unwrap())),
    }
}

/// The stored events of a notice, each with when it happened.
async fn events(world: &World, notice: &Notice) -> Vec<(String, Event)> {
    let stream = eventlog::StreamId::new("notice", notice.notice_id.parse().unwrap());
    let stored = world.log.read_stream(&world.tenant, &stream, 0).await.unwrap();
    let read = |recorded: &eventlog::Recorded| {
        let event = Event::decode(&recorded.event_type, &recorded.payload).unwrap();
        (recorded.occurred_at.to_string(), event)
    };
    stored.iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_did_not_come_back_was_delivered_when_the_mail_server_took_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::at(&folder, DECIDED).await;
    let (id, notice) = decided(&world).await;
    assert_eq!(notice.proof_due_at, Some(timestamp("2026-05-07T11:15:00Z".parse().unwrap())));
    // Nobody runs when its time to come back is over.
    world.stop().await;
    world.move_to("2026-05-07T11:40:00Z");
    world.start().await;
    let notice = of_purpose(&world, id, Purpose::Decision, NoticeState::Delivered).await;
    assert_eq!(notice.delivered_at, Some(timestamp(DECIDED.parse().unwrap())));
    assert_eq!(notice.sent_at, notice.delivered_at);
    assert_eq!(notice.evidence(), DeliveryEvidence::Dsn);
    let events = events(&world, &notice).await;
    let Some((at, Event::Delivered(delivered))) = events.last() else { panic!("{events:?}") };
    assert_eq!(at, "2026-05-07T11:15:00Z", "known from then on, however late one looks");
    assert_eq!(delivered.message_id.unwrap().0.to_string(), notice.message_id);
    assert_eq!(delivered.ticket_id.unwrap().0, id);

    // Once, whoever looks and however often the past is read again.
    world.caught_up().await;
    let head = world.log.head(world.tenant.partition).await.unwrap();
    world.stop().await;
    for statement in [
        "truncate notification.notices, notification.ticket_facts, notification.agents",
        "update notification.subscription_cursor set position = 0, reaction_position = 0",
    ] {
        sqlx::raw_sql(statement).execute(world.db.pool()).await.unwrap();
    }
    world.start().await;
    world.caught_up().await;
    let again = of_purpose(&world, id, Purpose::Decision, NoticeState::Delivered).await;
    assert_eq!(again, notice, "a replayed log makes the same row");
    assert_eq!(world.log.head(world.tenant.partition).await.unwrap(), head);
    assert_eq!(world.smtp.messages().len(), 2, "the confirmation of receipt and the decision");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_came_back_is_not_delivered_until_other_proof_comes() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::at(&folder, DECIDED).await;
    let (id, notice) = decided(&world).await;
    let mut client = world.client.clone();
    let request = bounce(&notice);
    let failed = client.record_bounce(by(Role::Integrator, request.clone())).await.unwrap();
    let failed = failed.into_inner().notice.unwrap();
    assert_eq!((failed.state(), failed.last_error.as_str()), (NoticeState::Failed, "DSN_5.1.1"));
    let again = client.record_bounce(by(Role::Integrator, request)).await.unwrap().into_inner();
    assert_eq!(again.notice.unwrap(), failed, "the same request, the same answer");
    let status = client.record_bounce(by(Role::Integrator, bounce(&notice))).await.unwrap_err();
    assert_eq!(reason(&status), "NOTICE_STATE");

    let events_before = events(&world, &notice).await;
    let Some((_, Event::Failed(event))) = events_before.last() else { panic!() };
    assert!(event.permanent && event.purpose == Some(domain::notice::Purpose::Decision));
    assert_eq!(event.message_id.unwrap().0.to_string(), notice.message_id);

    // The time to come back is over, and a later decision is proved: this one was looked at, too.
    world.caught_up().await;
    world.move_to("2026-05-07T12:00:00Z");
    let (other, _) = decided(&world).await;
    world.move_to("2026-05-07T13:00:00Z");
    of_purpose(&world, other, Purpose::Decision, NoticeState::Delivered).await;
    of_purpose(&world, id, Purpose::Decision, NoticeState::Failed).await;
    assert_eq!(events(&world, &notice).await.len(), events_before.len());

    // It was sent by post, too, and arrived.
    world.move_to("2026-05-12T10:00:00Z");
    let posting = posted(&notice, "2026-05-08T08:20:00Z");
    let sent = client.record_delivery(by(Role::Expert, posting.clone())).await.unwrap();
    let sent = sent.into_inner().notice.unwrap();
    assert_eq!(sent.sent_at, Some(timestamp("2026-05-08T08:20:00Z".parse().unwrap())));
    assert_eq!(of_purpose(&world, id, Purpose::Decision, NoticeState::Sent).await, sent);
    let letter = handed_over(&notice, "2026-05-11T08:20:00Z");
    let proved = client.record_delivery(by(Role::Expert, letter)).await.unwrap();
    let proved = proved.into_inner().notice.unwrap();
    assert_eq!(proved.evidence(), DeliveryEvidence::Tracking);
    let shown = of_purpose(&world, id, Purpose::Decision, NoticeState::Delivered).await;
    assert_eq!(shown, proved);
    let again = client.record_delivery(by(Role::Expert, posting)).await.unwrap().into_inner();
    assert_eq!(again.notice.unwrap(), sent, "the same request, the same answer");
    let status = client
        .record_delivery(by(Role::Expert, handed_over(&notice, "2026-05-11T09:00:00Z")))
        .await
        .unwrap_err();
    assert_eq!(reason(&status), "NOTICE_STATE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_on_paper_is_proved_although_the_customer_has_no_address() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::at(&folder, DECIDED).await;
    let id = Uuid::now_v7();
    let nobody = intake::TicketRegistered {
        channel: common::Channel::Letter.into(),
        requester_email: None,
        ..registered(id, "pl")
    };
    world.tell("ticket", id, &nobody).await;
    let message = decision("Wymienimy urządzenie.");
    world.tell("ticket", id, &message).await;
    let notice = of_purpose(&world, id, Purpose::Decision, NoticeState::Suppressed).await;
    world.move_to("2026-05-12T10:00:00Z");
    let mut client = world.client.clone();
    let arrived = || handed_over(&notice, "2026-05-11T08:20:00Z");
    let status = client.record_delivery(by(Role::Integrator, arrived())).await.unwrap_err();
    assert_eq!(reason(&status), "NOTICE_STATE", "the post was given nothing so far");
    let letter = posted(&notice, "2026-05-08T08:20:00Z");
    let sent = client.record_delivery(by(Role::Integrator, letter)).await.unwrap();
    let shown = of_purpose(&world, id, Purpose::Decision, NoticeState::Sent).await;
    assert_eq!(Some(shown), sent.into_inner().notice);
    let proved = client.record_delivery(by(Role::Integrator, arrived())).await.unwrap();
    let shown = of_purpose(&world, id, Purpose::Decision, NoticeState::Delivered).await;
    assert_eq!(shown.message_id, message.message_id);
    assert_eq!(Some(shown), proved.into_inner().notice);
    let events = events(&world, &notice).await;
    assert!(matches!(events.last(), Some((_, Event::Delivered(_)))), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_mail_is_not_followed_but_may_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::at(&folder, DECIDED).await;
    let id = world.ticket("pl").await;
    world.reply(id, "Proszę włączyć router.").await;
    let reply = of_purpose(&world, id, Purpose::Reply, NoticeState::Sent).await;
    let ack = of_purpose(&world, id, Purpose::Ack, NoticeState::Sent).await;
    assert!(reply.proof_due_at.is_none() && ack.proof_due_at.is_none());
    let client = world.client.clone();
    client.clone().record_bounce(by(Role::Integrator, bounce(&reply))).await.unwrap();
    of_purpose(&world, id, Purpose::Reply, NoticeState::Failed).await;
    // A person who has the right address by now lets it leave again.
    let release = ReleaseNoticeRequest {
        request_id: Uuid::now_v7().to_string(),
        notice_id: reply.notice_id.clone(),
    };
    client.clone().release_notice(by(Role::Agent, release)).await.unwrap();
    let reply = of_purpose(&world, id, Purpose::Reply, NoticeState::Sent).await;
    assert_eq!(reply.attempts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_has_its_first_answer_whatever_became_of_the_notice() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::at(&folder, DECIDED).await;
    let (id, decision) = decided(&world).await;
    let mut client = world.client.clone();
    let bounce = bounce(&decision);
    let bounced = client.record_bounce(by(Role::Integrator, bounce.clone())).await.unwrap();
    let release = ReleaseNoticeRequest {
        request_id: Uuid::now_v7().to_string(),
        notice_id: decision.notice_id.clone(),
    };
    let released = client.release_notice(by(Role::Agent, release.clone())).await.unwrap();
    let sent = of_purpose(&world, id, Purpose::Decision, NoticeState::Sent).await;
    let arrived = handed_over(&sent, DECIDED);
    let proved = client.record_delivery(by(Role::Expert, arrived.clone())).await.unwrap();

    let again = client.record_bounce(by(Role::Integrator, bounce)).await.unwrap();
    assert_eq!(again.into_inner(), bounced.into_inner());
    let again = client.release_notice(by(Role::Agent, release)).await.unwrap();
    assert_eq!(again.into_inner(), released.into_inner());
    let again = client.record_delivery(by(Role::Expert, arrived)).await.unwrap();
    assert_eq!(again.into_inner(), proved.into_inner());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_proof_is_refused_with_the_field_and_the_rule() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::at(&folder, DECIDED).await;
    let (_, notice) = decided(&world).await;
    let mut client = world.client.clone();
    let code = RecordBounceRequest { status_code: "550".to_owned(), ..bounce(&notice) };
    let status = client.record_bounce(by(Role::Integrator, code)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(crate::world::fields(&status).contains(&"status_code".to_owned()), "{status:?}");
    let future = posted(&notice, "2026-05-08T08:00:00Z");
    let status = client.record_delivery(by(Role::Integrator, future)).await.unwrap_err();
    assert_eq!(crate::world::fields(&status), ["delivered_at"]);
    let nothing = RecordDeliveryRequest {
        evidence: DeliveryEvidence::Unspecified.into(),
        delivered_at: None,
        ..posted(&notice, DECIDED)
    };
    let status = client.record_delivery(by(Role::Integrator, nothing)).await.unwrap_err();
    assert_eq!(crate::world::fields(&status), ["evidence", "delivered_at"]);
    let early = handed_over(&notice, "2026-05-07T10:59:59Z");
    let status = client.record_delivery(by(Role::Integrator, early)).await.unwrap_err();
    assert_eq!(reason(&status), "NOTICE_STATE");
    let status = client.record_delivery(auditor(posted(&notice, DECIDED))).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    // Whether a decision left or arrived is for those to say who may note it on the complaint.
    for role in [Role::Agent, Role::Admin] {
        let told = by(role, posted(&notice, DECIDED));
        let status = client.record_delivery(told).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{role}");
    }
    let unknown = RecordBounceRequest { notice_id: Uuid::now_v7().to_string(), ..bounce(&notice) };
    let status = client.record_bounce(by(Role::Integrator, unknown)).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}
