//! To whom receipt is confirmed, how often, and when.
use std::time::Duration;

use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1 as intake;
use wire::notification::v1::{NoticeState, Purpose, SuppressionReason};

use crate::world::{World, outbound, registered, sealed};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_wrote_is_not_sent_on() {
    let world = World::new().await;
    let id = world.ticket("en").await;
    let ack = world.letters(1).await.remove(0);
    assert!(ack.text.contains("7K3M9-QXF2H-4 of 14 May 2026"), "{}", ack.text);
    assert!(!ack.text.contains("Router") && !ack.subject().contains("Router"), "{}", ack.text);
    let received_at = Some(wire::scalar::timestamp("2026-05-14T14:30:00Z".parse().unwrap()));
    let opened = intake::ComplaintOpened { received_at, ..intake::ComplaintOpened::default() };
    world.tell("ticket", id, &opened).await;
    let ack = world.letters(2).await.remove(1);
    assert!(ack.text.contains("we received your complaint. Its number is"), "{}", ack.text);
    world.verified_ticket("en").await;
    assert!(world.letters(3).await[2].text.contains("about: Router"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_a_stranger_gets_one_confirmation_in_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let hour = |config: &mut notification::Config| config.ack_window = Duration::from_secs(3600);
    let world = World::at_with(&folder, "2026-05-14T14:30:00Z", hour).await;
    let first = world.ticket("pl").await;
    world.only_notice(first, NoticeState::Sent).await;
    let id = Uuid::now_v7();
    let same_mailbox = intake::TicketRegistered {
        requester_email: sealed("Zofia+again@example.org"),
        ..registered(id, "pl")
    };
    world.tell("ticket", id, &same_mailbox).await;
    let notice = world.only_notice(id, NoticeState::Suppressed).await;
    assert_eq!(notice.suppression_reason(), SuppressionReason::Loop);
    // Whoever is known gets each, and so does another address.
    let verified = world.verified_ticket("pl").await;
    world.only_notice(verified, NoticeState::Sent).await;
    let id = Uuid::now_v7();
    let other = intake::TicketRegistered {
        requester_email: sealed("jerzy@example.org"),
        ..registered(id, "pl")
    };
    world.tell("ticket", id, &other).await;
    world.only_notice(id, NoticeState::Sent).await;

    world.move_to("2026-05-14T15:30:00Z");
    let later = world.ticket("pl").await;
    world.only_notice(later, NoticeState::Sent).await;
    assert_eq!(world.smtp.messages().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_failed_is_the_one_that_is_tried_again() {
    let world = World::with(|config| config.ack_window = Duration::from_secs(3600)).await;
    let busy = testkit::Failure::Reply { at: testkit::Stage::Rcpt, code: 451, text: "busy" };
    world.smtp.fail_next(2, busy);
    let id = world.ticket("pl").await;
    assert_eq!(world.only_notice(id, NoticeState::Sent).await.attempts, 3);
}

/// The party of all tickets wants no news about its matters from ten in the evening to seven.
async fn sleeps(world: &World, zone: &str) {
    let preference = intake::PartyPreference {
        channel: common::Channel::Email.into(),
        purpose: intake::PreferencePurpose::Service.into(),
        allowed: true,
        quiet_hours: Some(intake::QuietHours { from_minute: 22 * 60, to_minute: 7 * 60 }),
    };
    let changed = intake::PreferenceChanged { preference: Some(preference) };
    let party = Uuid::from_u128(77);
    let profile =
        intake::SealedProfile { time_zone: zone.to_owned(), ..intake::SealedProfile::default() };
    let registered = intake::PartyRegistered {
        party_id: party.to_string(),
        profile: Some(profile),
        ..intake::PartyRegistered::default()
    };
    world.tell("party", party, &registered).await;
    world.tell("party", party, &changed).await;
    world.caught_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_written_to_in_their_quiet_hours_but_what_the_law_demands() {
    let folder = tempfile::tempdir().unwrap();
    // Half past ten in the evening in Warsaw.
    let world = World::at(&folder, "2026-05-14T20:30:00Z").await;
    sleeps(&world, "Europe/Warsaw").await;
    let id = world.ticket("pl").await;
    let ack = world.only_notice(id, NoticeState::Scheduled).await;
    let morning = "2026-05-15T05:00:00Z".parse().unwrap();
    assert_eq!(ack.next_attempt_at, Some(wire::scalar::timestamp(morning)));
    // What it would like to say is known: it waits all the same.
    let clock = wire::sla::v1::ClockStarted {
        ticket_id: id.to_string(),
        kind: wire::sla::v1::ClockKind::FirstReply.into(),
        due_at: Some(wire::scalar::timestamp("2026-05-15T08:00:00Z".parse().unwrap())),
        ..wire::sla::v1::ClockStarted::default()
    };
    world.tell("clock", id, &clock).await;
    world.reply(id, "Odpowiedź").await;
    let decision = intake::MessageAdded {
        purpose: intake::MessagePurpose::Decision.into(),
        ..outbound("Wymienimy urządzenie.")
    };
    world.tell("ticket", id, &decision).await;
    assert!(world.letters(1).await[0].text.contains("Wymienimy urządzenie."));
    world.caught_up().await;
    let waits = |purpose: Purpose, state: NoticeState| {
        let world = &world;
        async move {
            let notices = world.notices(id).await;
            notices.iter().any(|n| n.purpose() == purpose && n.state() == state)
        }
    };
    assert!(waits(Purpose::Ack, NoticeState::Scheduled).await);
    assert!(waits(Purpose::Reply, NoticeState::Scheduled).await);

    // Whoever chats is awake.
    let chat = Uuid::now_v7();
    let channel = common::Channel::Chat.into();
    let chats = intake::TicketRegistered { channel, ..registered(chat, "pl") };
    world.tell("ticket", chat, &chats).await;
    world.only_notice(chat, NoticeState::Sent).await;
    assert_eq!(world.smtp.messages().len(), 2);

    world.move_to("2026-05-15T05:00:00Z");
    let letters = world.letters(4).await;
    assert!(letters[2].text.contains("otrzymaliśmy") && letters[3].text.contains("Odpowiedź"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_failed_is_not_tried_again_in_quiet_hours_but_what_the_law_demands_is() {
    let folder = tempfile::tempdir().unwrap();
    // Two minutes before ten in the evening in Warsaw, and it is tried again after five.
    let world = World::at_with(&folder, "2026-05-14T19:58:00Z", |config| {
        config.email.attempts.retry = vec![notification::Delay(Duration::from_secs(300)); 5];
        // A session goes wrong from its beginning.
        config.email.messages_per_connection = 1;
    })
    .await;
    sleeps(&world, "Europe/Warsaw").await;
    let busy = testkit::Failure::Reply { at: testkit::Stage::Rcpt, code: 451, text: "busy" };
    let failed = |id: Uuid, purpose: Purpose| {
        let world = &world;
        testkit::eventually(move || async move {
            let notices = world.notices(id).await;
            let notice = notices.into_iter().find(|notice| notice.purpose() == purpose);
            notice.filter(|notice| notice.attempts == 1 && notice.next_attempt_at.is_some())
        })
    };
    let at = |instant: &str| Some(wire::scalar::timestamp(instant.parse().unwrap()));
    let (soon, morning) = (at("2026-05-14T20:03:00Z"), at("2026-05-15T05:00:00Z"));
    world.smtp.fail_next(1, busy.clone());
    let id = world.ticket("pl").await;
    assert_eq!(failed(id, Purpose::Ack).await.next_attempt_at, morning);
    // Whoever chats is awake.
    world.smtp.fail_next(1, busy.clone());
    let chat = Uuid::now_v7();
    let channel = common::Channel::Chat.into();
    let chats = intake::TicketRegistered { channel, ..registered(chat, "pl") };
    world.tell("ticket", chat, &chats).await;
    assert_eq!(failed(chat, Purpose::Ack).await.next_attempt_at, soon);
    let law = world.ticket("pl").await;
    world.only_notice(law, NoticeState::Sent).await;
    world.smtp.fail_next(1, busy);
    let decision = intake::MessageAdded {
        purpose: intake::MessagePurpose::Decision.into(),
        ..outbound("Wymienimy urządzenie.")
    };
    world.tell("ticket", law, &decision).await;
    assert_eq!(failed(law, Purpose::Decision).await.next_attempt_at, soon);
    world.move_to("2026-05-15T05:00:00Z");
    world.only_notice(id, NoticeState::Sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_go_by_the_clocks_where_the_party_lives() {
    let folder = tempfile::tempdir().unwrap();
    // Half past ten in the evening in Warsaw, an hour earlier in Lisbon.
    let world = World::at(&folder, "2026-05-14T20:30:00Z").await;
    sleeps(&world, "Europe/Lisbon").await;
    let id = world.ticket("pl").await;
    world.only_notice(id, NoticeState::Sent).await;
}
