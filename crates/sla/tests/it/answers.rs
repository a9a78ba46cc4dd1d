//! Who waits for an answer, what answers, and the answer that the law wants to a request.
use uuid::Uuid;
use wire::common::v1::{self as common, Priority};
use wire::intake::v1 as intake;
use wire::notification::v1::{
    NotificationScheduled, NotificationSuppressed, Purpose, SuppressionReason,
};
use wire::scalar::timestamp;
use wire::sla::v1::{self, ClockClass, ClockKind, ClockOutcome, PeriodUnit, SilenceEffect};

use crate::complaints::consumer;
use crate::world::*;

// Far from today, so that no timer fires: Monday, 2 June 2031, 10:00 in Warsaw.
const MONDAY: &str = "2031-06-02T08:00:00Z";

fn spoken(outbound: bool, answered_at: &str, noted_at: &str) -> Step {
    let noted = intake::ContactNoted {
        contact_id: Uuid::from_u128(0xca).to_string(),
        outbound,
        agent_id: "agent-7".to_owned(),
        answered_at: stamp(answered_at),
        ..intake::ContactNoted::default()
    };
    step(at(noted_at), wire::event::CONTACT_NOTED, &noted)
}

fn classified(kind: intake::TicketType, time: &str) -> Step {
    let message =
        intake::TicketClassified { r#type: kind.into(), ..intake::TicketClassified::default() };
    step(at(time), wire::event::TICKET_CLASSIFIED, &message)
}

#[tokio::test]
async fn whoever_is_spoken_to_is_answered_since_the_conversation_began() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    let promise = intake::PromiseMade {
        promise_id: Uuid::from_u128(0xcb).to_string(),
        kind: intake::PromiseKind::Callback.into(),
        due_at: stamp("2031-06-02T12:00:00Z"),
        ..intake::PromiseMade::default()
    };
    let promised = step(at("2031-06-02T08:05:00Z"), wire::event::PROMISE_MADE, &promise);
    world.happens(ticket, promised).await;
    // Noted after the first answer was due.
    let call = spoken(true, "2031-06-02T08:50:00Z", "2031-06-02T09:30:00Z");
    world.happens(ticket, call).await;
    let ended = |clock: &v1::Clock| clock.stopped_at.is_some();
    for kind in [ClockKind::FirstReply, ClockKind::Promise] {
        let clock = sla.clock(ticket, kind, ended).await;
        assert_eq!(clock.outcome(), ClockOutcome::Met, "{kind:?}");
        assert_eq!(clock.stopped_at, stamp("2031-06-02T08:50:00Z"));
    }
}

/// A ticket of that channel and requester.
async fn from(
    world: &World,
    channel: common::Channel,
    (party_id, email, in_profile): (&str, Option<&str>, bool),
) -> Uuid {
    let ticket_id = Uuid::now_v7();
    let message = intake::TicketRegistered {
        ticket_id: ticket_id.to_string(),
        r#type: intake::TicketType::Inquiry.into(),
        channel: channel.into(),
        received_at: Some(timestamp(at(MONDAY))),
        requester_party_id: party_id.to_owned(),
        requester_email: email.map(clear),
        requester_has_profile_email: in_profile,
        origin: intake::TicketOrigin::New.into(),
        ..intake::TicketRegistered::default()
    };
    let registered = step(at(MONDAY), wire::event::TICKET_REGISTERED, &message);
    let steps = vec![registered, prioritised(at(MONDAY), Priority::P1)];
    world.append(ticket_id, false, steps).await;
    ticket_id
}

#[tokio::test]
async fn nobody_is_late_with_what_nobody_can_be_told() {
    let world = World::new().await;
    let sla = world.serve().await;
    let party = Uuid::from_u128(7).to_string();
    let (voice, letter) = (common::Channel::Voice, common::Channel::Letter);
    let known = from(&world, voice, (&party, Some("anna@example.org"), false)).await;
    let by_profile = from(&world, voice, (&party, None, true)).await;
    let by_post = from(&world, letter, (&party, None, false)).await;
    let by_voice = from(&world, voice, (&party, None, false)).await;
    let alert = from(&world, common::Channel::Api, ("", None, true)).await;
    for (ticket, ack, reply) in [
        (known, true, true),
        (by_profile, true, true),
        (by_post, true, true),
        (by_voice, false, true),
        (alert, false, false),
    ] {
        sla.clock(ticket, ClockKind::Resolution, |_| true).await;
        let clocks = sla.clocks(ticket).await;
        assert_eq!(clocks.contains_key(&ClockKind::Ack), ack);
        assert_eq!(clocks.contains_key(&ClockKind::FirstReply), reply);
    }
}

#[tokio::test]
async fn nobody_waits_for_a_confirmation_that_is_not_sent_or_waits_for_the_morning() {
    let world = World::new().await;
    let sla = world.serve().await;
    let party = Uuid::from_u128(7).to_string();
    let ticket = async || {
        from(&world, common::Channel::Email, (&party, Some("anna@example.org"), false)).await
    };
    let (suppressed, deferred, waits) = (ticket().await, ticket().await, ticket().await);
    let posted = from(&world, common::Channel::Letter, (&party, None, false)).await;
    let purpose = Purpose::Ack.into();
    let at = MONDAY.parse().unwrap();
    let reasons = [(suppressed, SuppressionReason::Loop), (posted, SuppressionReason::NoChannel)];
    for (ticket_id, reason) in reasons {
        let (ticket_id, reason) = (ticket_id.to_string(), reason.into());
        let told = NotificationSuppressed { purpose, reason, ticket_id, ..Default::default() };
        world.notice(wire::event::NOTIFICATION_SUPPRESSED, &told, at).await;
    }
    for (ticket_id, deferred) in [(deferred, true), (waits, false)] {
        let ticket_id = ticket_id.to_string();
        let told = NotificationScheduled { purpose, deferred, ticket_id, ..Default::default() };
        world.notice(wire::event::NOTIFICATION_SCHEDULED, &told, at).await;
    }
    for ticket in [suppressed, deferred] {
        let ended = |clock: &v1::Clock| clock.stopped_at.is_some();
        let ack = sla.clock(ticket, ClockKind::Ack, ended).await;
        assert_eq!(ack.outcome(), ClockOutcome::Cancelled);
    }
    world.settled().await;
    for ticket in [waits, posted] {
        assert_eq!(sla.clocks(ticket).await[&ClockKind::Ack].state(), v1::ClockState::Running);
    }
}

/// The regulation that gives data subjects their rights.
fn gdpr() -> v1::Regime {
    let mut regime = consumer();
    regime.code = "EU_GDPR_DSR".to_owned();
    let scope = regime.scope.as_mut().unwrap();
    scope.occasion = v1::RegimeOccasion::Request.into();
    scope.subjects = vec!["DATA_SUBJECT_RIGHTS".to_owned()];
    let base = regime.base.as_mut().unwrap();
    (base.n, base.unit) = (1, PeriodUnit::Months.into());
    regime.silence = SilenceEffect::AuthorityComplaint.into();
    regime.met_by = v1::RegimeEvidence::Sent.into();
    regime
}

#[tokio::test]
async fn a_request_of_a_data_subject_has_the_time_of_the_law() {
    let world = World::new().await;
    let sla = world.serve().await;
    sla.publish_regime(gdpr()).await.unwrap();
    let kind = ClockKind::StatutoryResponse;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    sla.clock(ticket, ClockKind::Resolution, |_| true).await;
    assert!(!sla.clocks(ticket).await.contains_key(&kind));
    let request = intake::TicketType::DataSubjectRequest;
    world.happens(ticket, classified(request, "2031-06-03T08:00:00Z")).await;
    let clock = sla.clock(ticket, kind, |_| true).await;
    assert_eq!((clock.class(), &*clock.regime_code), (ClockClass::Statutory, "EU_GDPR_DSR"));
    assert_eq!((clock.started_at, &*clock.last_day), (stamp(MONDAY), "2031-07-02"));
    world.happens(ticket, classified(intake::TicketType::Inquiry, "2031-06-04T08:00:00Z")).await;
    let ended = |clock: &v1::Clock| clock.stopped_at.is_some();
    let clock = sla.clock(ticket, kind, ended).await;
    assert_eq!(clock.outcome(), ClockOutcome::Cancelled);
    world.happens(ticket, classified(request, "2031-06-05T08:00:00Z")).await;
    sla.clock(ticket, kind, |clock| clock.cycle == 2).await;
    // What is told before the solution is no answer, nor is a solution that nobody is told of.
    let (reply, solution) = (Purpose::Reply, Purpose::Resolution);
    world.letter_sent(ticket, reply, "", at("2031-06-09T08:00:00Z")).await;
    world.happens(ticket, resolved(at("2031-06-10T08:00:00Z"))).await;
    sla.clock(ticket, ClockKind::Resolution, ended).await;
    assert!(!ended(&sla.clocks(ticket).await[&kind]));
    world.letter_sent(ticket, solution, "", at("2031-06-10T08:00:03Z")).await;
    let clock = sla.clock(ticket, kind, ended).await;
    assert_eq!(clock.outcome(), ClockOutcome::Met);
    assert_eq!(clock.stopped_at, stamp("2031-06-10T08:00:03Z"));
}

#[tokio::test]
async fn the_answer_to_a_data_subject_may_take_longer_once_they_were_told_so() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut law = gdpr();
    law.extension = Some(v1::RegimeExtension {
        total: Some(v1::RegimePeriod { n: 3, unit: v1::PeriodUnit::Months.into() }),
        require: vec![v1::RegimeNotice::Reason.into()],
    });
    sla.publish_regime(law).await.unwrap();
    let kind = ClockKind::StatutoryResponse;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    let request = intake::TicketType::DataSubjectRequest;
    world.happens(ticket, classified(request, "2031-06-03T08:00:00Z")).await;
    let message = Uuid::from_u128(0xe8).to_string();
    let extended = intake::DataSubjectRequestExtended {
        new_last_day: "2031-08-29".to_owned(),
        notice_message_id: message.clone(),
        ..Default::default()
    };
    let noticed = at("2031-06-10T08:00:00Z");
    let name = wire::event::DATA_SUBJECT_REQUEST_EXTENDED;
    world.happens(ticket, step(noticed, name, &extended)).await;
    world.settled().await;
    let clock = sla.clock(ticket, kind, |_| true).await;
    assert_eq!(clock.last_day, "2031-07-02", "nobody has been told");
    world.letter_sent(ticket, Purpose::ComplaintExtension, &message, noticed).await;
    let clock = sla.clock(ticket, kind, |clock| clock.steps.len() == 2).await;
    assert_eq!(clock.last_day, "2031-09-02");
    let Some(v1::clock_event::Event::ClockRetargeted(change)) =
        clock.steps[1].event.clone().unwrap().event
    else {
        panic!("a new target");
    };
    assert_eq!(change.cause(), v1::RetargetCause::Extension);
}

#[tokio::test]
async fn who_writes_waits_since_then_however_long_that_takes_to_process() {
    let world = World::new().await;
    let sla = world.serve().await;
    let ticket = world.register(at(MONDAY), Priority::P3).await;
    world.happens(ticket, reply(at("2031-06-02T08:30:00Z"))).await;
    let hold_id = Uuid::from_u128(0xcd);
    world.happens(ticket, held(hold_id, at("2031-06-02T08:40:00Z"))).await;
    let processed = at("2031-06-02T10:00:00Z");
    let steps = vec![
        inbound(at("2031-06-02T09:10:00Z")).processed(processed),
        answered(hold_id, processed),
    ];
    world.append(ticket, false, steps).await;
    let clock = sla.clock(ticket, ClockKind::NextReply, |_| true).await;
    assert_eq!(clock.started_at, stamp("2031-06-02T09:10:00Z"));
    // The solution waited for half an hour.
    let due_at = stamp("2031-06-03T08:30:00Z");
    sla.clock(ticket, ClockKind::Resolution, |clock| clock.due_at == due_at).await;
}
