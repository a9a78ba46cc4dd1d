//! Who gets which letter, in which language.
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1 as intake;
use wire::notification::v1::{Audience, NoticeState, Purpose, SuppressionReason};
use wire::routing::v1 as routing;
use wire::routing::v1::directory_changed::Object;
use wire::scalar::timestamp;
use wire::sla::v1 as sla;

use crate::world::{World, assigned, breached, outbound, registered, sealed, threshold, tokens};
use std::time::Duration;

/// What sla appends once the ticket has its solution.
fn closes(ticket_id: Uuid, at: &str) -> sla::TimerSet {
    sla::TimerSet {
        timer_id: Uuid::now_v7().to_string(),
        ticket_id: ticket_id.to_string(),
        timer: sla::TimerKind::AutoClose.into(),
        fires_at: Some(timestamp(at.parse().unwrap())),
        ..sla::TimerSet::default()
    }
}

/// Everything that happens to a ticket, told in one language.
async fn a_tickets_life(language: &str) -> Vec<crate::mail::Letter> {
    let world = World::with(|config| config.ack_grace = Duration::from_millis(500)).await;
    world.agent("agent-7", language).await;
    let id = world.verified_ticket(language).await;
    let clock = sla::ClockStarted {
        clock_id: Uuid::from_u128(5).to_string(),
        ticket_id: id.to_string(),
        kind: sla::ClockKind::FirstReply.into(),
        due_at: Some(timestamp("2026-05-15T08:00:00Z".parse().unwrap())),
        ..sla::ClockStarted::default()
    };
    world.tell("clock", id, &clock).await;
    world.letters(1).await;
    let accept_by = "2026-12-01T23:05:00Z".parse().unwrap();
    world.tell("route", id, &assigned("agent-7", accept_by)).await;
    world.letters(2).await;
    world.reply(id, "Proszę włączyć router.\nCzekamy <b>na</b> Państwa.").await;
    world.letters(3).await;
    world.tell("clock", id, &threshold(id, 75)).await;
    world.letters(4).await;
    world.tell("clock", id, &breached(id)).await;
    world.letters(5).await;
    // An earlier solution's, which was none.
    let earlier = closes(id, "2026-05-20T08:00:00Z");
    let cancelled =
        sla::TimerCancelled { timer_id: earlier.timer_id.clone(), at: earlier.fires_at };
    world.tell("clock", id, &earlier).await;
    world.tell("clock", id, &cancelled).await;
    world.tell("clock", id, &closes(id, "2026-05-29T08:00:00Z")).await;
    let resolved = intake::TicketResolved {
        resolution_code: "FIXED".to_owned(),
        root_cause_code: String::new(),
        summary: sealed("Wymieniliśmy kabel."),
        ..intake::TicketResolved::default()
    };
    world.tell("ticket", id, &resolved).await;
    let letters = world.letters(6).await;
    let notices = world.notices(id).await;
    let told: Vec<_> = notices.iter().map(|notice| (notice.purpose(), notice.audience())).collect();
    assert_eq!(
        told,
        [
            (Purpose::Ack, Audience::Customer),
            (Purpose::Assignment, Audience::Assignee),
            (Purpose::Reply, Audience::Customer),
            (Purpose::Reminder, Audience::Assignee),
            (Purpose::Breach, Audience::Assignee),
            (Purpose::Resolution, Audience::Customer),
        ]
    );
    letters
}

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_of_a_tickets_life_in_polish() {
    let letters = a_tickets_life("pl").await;
    let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    let (customer, agent) = ("zofia@example.org", "agent-7@example.org");
    assert_eq!(to, [customer, agent, customer, agent, agent, customer]);
    let [ack, assignment, reply, reminder, breach, resolution] = &letters[..] else { panic!() };
    assert_eq!(ack.subject(), "[7K3M9-QXF2H-4] Otrzymaliśmy Państwa zgłoszenie");
    assert!(ack.text.contains("z 14 maja 2026 r., 16:30 (CEST) w sprawie: Router nie działa"));
    assert!(ack.text.contains("wyślemy do 15 maja 2026 r., 10:00 (CEST)."), "{}", ack.text);
    assert!(ack.text.contains("lub zadzwonić: 22 123 45 67"));
    // What a customer wrote is no template.
    assert!(ack.text.contains("{{ 7*7 }}") && ack.html.contains("{{ 7*7 }}"));
    assert!(ack.html.contains("<a href=\"https://portal.example.org/t/"));
    assert!(assignment.text.contains("do 2 grudnia 2026 r., 00:05 (CET)"), "{}", assignment.text);
    assert!(reply.text.contains("Proszę włączyć router.\nCzekamy <b>na</b> Państwa."));
    assert!(reply.text.contains("Jan Kowalski"), "{}", reply.text);
    assert!(reply.html.contains("&lt;b&gt;na&lt;/b&gt;"));
    assert!(reminder.text.contains("75% czasu na: pierwszą odpowiedź"));
    assert!(breach.text.contains("Termin upłynął 15 maja 2026 r., 10:00 (CEST)"));
    assert!(resolution.text.contains("Wymieniliśmy kabel."));
    let closing = "Jeśli nie odpowiedzą Państwo do 29 maja 2026 r., 10:00 (CEST), możemy zamknąć";
    assert!(resolution.text.contains(closing), "{}", resolution.text);
    assert_eq!(ack.header("auto-submitted"), "auto-replied");
    assert_eq!(reply.header("auto-submitted"), "no");
    assert_eq!(reminder.header("auto-submitted"), "auto-generated");
    assert_eq!(ack.header("references"), resolution.header("references"));
    assert_ne!(ack.header("message-id"), resolution.header("message-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_answer_leads_back_to_the_ticket_and_a_colleagues_does_not() {
    let world = World::with(|config| {
        config.ack_grace = Duration::from_millis(100);
        config.email.reply_to = "Support <support+{token}@example.com>".to_owned();
    })
    .await;
    world.agent("agent-7", "pl").await;
    let id = world.ticket("pl").await;
    let ack = world.letters(1).await.remove(0);
    world.tell("route", id, &assigned("agent-7", world.soon().await)).await;
    let assignment = world.letters(2).await.remove(1);
    let found = |letter: &crate::mail::Letter, header: &str| {
        tokens().find("acme", &letter.header(header)).map(|ticket| ticket.0)
    };
    for header in ["message-id", "references", "reply-to"] {
        assert_eq!(found(&ack, header), Some(id), "{header}: {}", ack.header(header));
        assert_eq!(found(&assignment, header), None, "{header}");
    }
    assert_eq!(assignment.header("reply-to"), "", "answers go to the sender");
}

#[test]
fn an_address_with_a_token_in_it_must_be_one() {
    let problems = |reply_to: &str| {
        let mut config: notification::Config = testkit::settings("notification");
        config.email.reply_to = reply_to.to_owned();
        config.problems().len()
    };
    assert_eq!(problems("support+{token}@example.com"), 0);
    assert_eq!(problems("Support <support@example.com>"), 0);
    assert_eq!(problems("{token}"), 1);
    assert_eq!(problems(&format!("{}+{{token}}@example.com", "s".repeat(30))), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_of_a_tickets_life_in_english() {
    let letters = a_tickets_life("en").await;
    let [ack, assignment, reply, reminder, breach, resolution] = &letters[..] else { panic!() };
    assert_eq!(ack.subject(), "[7K3M9-QXF2H-4] We have received your request");
    assert!(ack.text.contains("of 14 May 2026, 16:30 (CEST) about: Router"), "{}", ack.text);
    assert!(ack.text.contains("A consultant will reply by 15 May 2026, 10:00 (CEST)."));
    assert!(assignment.text.contains("Please accept it by 2 December 2026, 00:05 (CET)."));
    assert!(reply.text.contains("Questions? Just reply to this message or call 22 123 45 67."));
    assert!(reminder.text.contains("75% of the time for the first reply is used up"));
    assert!(breach.text.contains("It was due on 15 May 2026, 10:00 (CEST)."));
    assert!(resolution.text.contains("we have solved case 7K3M9-QXF2H-4"));
    let closing = "If we do not hear from you by 29 May 2026, 10:00 (CEST), we may close the case;";
    assert!(resolution.text.contains(closing), "{}", resolution.text);
}

fn fired(ticket_id: Uuid, timer: sla::TimerKind) -> sla::TimerFired {
    sla::TimerFired {
        timer_id: Uuid::now_v7().to_string(),
        ticket_id: ticket_id.to_string(),
        timer: timer.into(),
        step: 1,
        wait_until: Some(timestamp("2026-12-15T15:00:00Z".parse().unwrap())),
        ..sla::TimerFired::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_reminded_of_our_question() {
    let told = [
        ("pl", "Czekamy na Państwa odpowiedź", "do 15 grudnia 2026 r., 16:00 (CET)."),
        ("en", "We are waiting for your answer", "by 15 December 2026, 16:00 (CET)."),
    ];
    for (language, subject, until) in told {
        let world = World::new().await;
        let id = world.ticket(language).await;
        world.letters(1).await;
        world.tell("clock", id, &fired(id, sla::TimerKind::CustomerReminder)).await;
        let letters = world.letters(2).await;
        assert_eq!(letters[1].to, "zofia@example.org");
        assert!(letters[1].subject().ends_with(subject), "{}", letters[1].subject());
        assert!(letters[1].text.contains(until), "{}", letters[1].text);
        assert_eq!(letters[1].header("auto-submitted"), "auto-generated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_threatened_with_an_end_that_silence_does_not_bring() {
    let world = World::new().await;
    let of = |kind: intake::TicketType| intake::TicketClassified {
        r#type: kind.into(),
        ..intake::TicketClassified::default()
    };
    let kinds = [
        (intake::TicketType::Complaint, false),
        (intake::TicketType::DataSubjectRequest, false),
        (intake::TicketType::Regulatory, false),
        (intake::TicketType::Inquiry, true),
    ];
    let mut count = 0;
    for (kind, threatened) in kinds {
        let id = world.ticket("en").await;
        world.letters(count + 1).await;
        world.tell("ticket", id, &of(kind)).await;
        world.tell("clock", id, &fired(id, sla::TimerKind::CustomerReminder)).await;
        count += 2;
        let letter = world.letters(count).await.remove(count - 1);
        assert!(letter.text.contains("we have asked you a question"), "{}", letter.text);
        assert_eq!(letter.text.contains("Please answer by"), threatened, "{kind:?}");
        assert_eq!(letter.text.contains("we may close the case"), threatened, "{kind:?}");
    }
    let id = world.ticket("en").await;
    world.letters(count + 1).await;
    let handover = intake::MessageAdded {
        direction: intake::MessageDirection::Internal.into(),
        purpose: intake::MessagePurpose::Handover.into(),
        escalates: true,
        ..outbound("To the experts.")
    };
    world.tell("ticket", id, &handover).await;
    world.tell("clock", id, &fired(id, sla::TimerKind::CustomerReminder)).await;
    let letter = world.letters(count + 2).await.remove(count + 1);
    assert!(!letter.text.contains("we may close the case"), "{}", letter.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_other_timers_and_of_a_queue_without_an_owner() {
    let world = World::new().await;
    let id = world.ticket("pl").await;
    world.letters(1).await;
    world.tell("clock", id, &fired(id, sla::TimerKind::NoReplyResolve)).await;
    world.tell("clock", id, &fired(id, sla::TimerKind::AutoClose)).await;
    world.tell("clock", id, &fired(id, sla::TimerKind::NoNewsUpdate)).await;
    let kind = sla::ClockKind::Assign.into();
    world.tell("clock", id, &sla::ThresholdReached { kind, ..threshold(id, 75) }).await;
    world.tell("clock", id, &sla::ClockBreached { kind, ..breached(id) }).await;
    world.caught_up().await;
    assert_eq!(world.notices(id).await.len(), 1, "the confirmation alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_does_not_wait_for_a_time_that_does_not_come() {
    let world = World::new().await;
    world.ticket("en").await;
    let letters = world.letters(1).await;
    assert!(letters[0].text.contains("as soon as possible within our service hours"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_about_the_past() {
    let world = World::new().await;
    let past = Uuid::now_v7();
    world.tell_by("agent-1", true, "ticket", past, &registered(past, "pl")).await;
    world.tell_by("agent-1", true, "ticket", past, &outbound("dawno temu")).await;
    let soon = world.soon().await;
    world.tell_by("agent-1", true, "route", past, &assigned("agent-7", soon)).await;
    let present = world.ticket("pl").await;
    world.only_notice(present, NoticeState::Sent).await;
    world.caught_up().await;
    assert!(world.notices(past).await.is_empty());
    assert_eq!(world.smtp.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_takes_a_ticket_is_not_told_about_it() {
    let world = World::new().await;
    world.agent("agent-7", "pl").await;
    let id = Uuid::now_v7();
    let soon = world.soon().await;
    world.tell_by("agent-7", false, "route", id, &assigned("agent-7", soon)).await;
    let notice = world.only_notice(id, NoticeState::Suppressed).await;
    assert_eq!(notice.suppression_reason(), SuppressionReason::SelfCaused);
    assert!(world.smtp.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_address_is_not_written_to_and_that_is_shown() {
    let world = World::new().await;
    let without = Uuid::now_v7();
    let message = intake::TicketRegistered { requester_email: None, ..registered(without, "pl") };
    world.tell("ticket", without, &message).await;
    let notice = world.only_notice(without, NoticeState::Suppressed).await;
    assert_eq!(notice.suppression_reason(), SuppressionReason::NoChannel);

    // An agent whom the directory does not know: found out when it is sent.
    let assigned_to_nobody = Uuid::now_v7();
    let soon = world.soon().await;
    world.tell("ticket", assigned_to_nobody, &message_without_requester(assigned_to_nobody)).await;
    world.tell("route", assigned_to_nobody, &assigned("agent-9", soon)).await;
    let notice = world.only_notice(assigned_to_nobody, NoticeState::Suppressed).await;
    assert_eq!(notice.purpose(), Purpose::Assignment);

    // A breach without an owner.
    let unowned = Uuid::now_v7();
    world.tell("clock", unowned, &breached(unowned)).await;
    let notice = world.only_notice(unowned, NoticeState::Suppressed).await;
    assert_eq!(notice.suppression_reason(), SuppressionReason::NoChannel);
    assert!(world.smtp.messages().is_empty());
}

/// As monitoring registers it: nobody asks.
fn message_without_requester(id: Uuid) -> intake::TicketRegistered {
    intake::TicketRegistered {
        channel: common::Channel::Monitoring.into(),
        requester_party_id: String::new(),
        requester_email: None,
        ..registered(id, "pl")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_line_break_sends_nothing() {
    let world = World::new().await;
    let id = Uuid::now_v7();
    let message = intake::TicketRegistered {
        requester_email: sealed("a@example.org>\r\nRCPT TO:<victim@example.org"),
        subject: sealed("a\r\nBcc: victim@example.org"),
        ..registered(id, "pl")
    };
    world.tell("ticket", id, &message).await;
    let notice = world.only_notice(id, NoticeState::Failed).await;
    assert_eq!(notice.last_error, "ADDRESS_INVALID");
    assert_eq!(world.smtp.attempts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_about_an_incident_reaches_a_customer_with_two_tickets_once() {
    let world = World::new().await;
    let (first, second) = (world.ticket("pl").await, world.ticket("pl").await);
    world.letters(2).await;
    let news = Uuid::now_v7();
    let broadcast = || intake::MessageAdded {
        purpose: intake::MessagePurpose::Broadcast.into(),
        ..outbound("Przyczyna znaleziona.")
    };
    world.tell_caused(news, first, &broadcast()).await;
    world.tell_caused(news, second, &broadcast()).await;
    // The next news are news.
    world.tell_caused(Uuid::now_v7(), second, &broadcast()).await;
    world.letters(4).await;
    world.caught_up().await;
    let mut told = Vec::new();
    for id in [first, second] {
        for notice in world.notices(id).await {
            told.push((notice.purpose(), notice.state(), notice.suppression_reason()));
        }
    }
    let of = |purpose, state, reason| {
        told.iter().filter(|each| **each == (purpose, state, reason)).count()
    };
    let none = SuppressionReason::Unspecified;
    assert_eq!(of(Purpose::Reply, NoticeState::Sent, none), 2, "{told:?}");
    let duplicate = SuppressionReason::Duplicate;
    assert_eq!(of(Purpose::Reply, NoticeState::Suppressed, duplicate), 1, "{told:?}");
    assert_eq!(world.smtp.messages().len(), 4);
}

/// A note that somebody has to act.
fn task(body: &str) -> intake::MessageAdded {
    intake::MessageAdded {
        direction: intake::MessageDirection::Internal.into(),
        author_kind: intake::AuthorKind::System.into(),
        purpose: intake::MessagePurpose::Task.into(),
        is_reply: false,
        ..outbound(body)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_of_a_task_and_the_customer_never() {
    for (language, subject) in [("pl", "Zadanie: Router"), ("en", "To do: Router")] {
        let world = World::new().await;
        world.agent("agent-7", language).await;
        let id = world.ticket("pl").await;
        world.letters(1).await;
        world.tell("ticket", id, &task("Nikt nie jest właścicielem.")).await;
        world.assign(id, "agent-7").await;
        world.letters(2).await;
        let words = task("Trzeba doręczyć decyzję inną drogą.\nIt must be delivered otherwise.");
        world.tell("ticket", id, &words).await;
        let note = intake::MessageAdded { purpose: intake::MessagePurpose::Note.into(), ..words };
        let note = intake::MessageAdded { message_id: Uuid::now_v7().to_string(), ..note };
        world.tell("ticket", id, &note).await;
        let letter = world.letters(3).await.remove(2);
        assert_eq!(letter.to, "agent-7@example.org");
        assert!(letter.subject().contains(subject), "{}", letter.subject());
        assert!(letter.text.contains("inną drogą.\nIt must be delivered"), "{}", letter.text);
        assert_eq!(letter.header("auto-submitted"), "auto-generated");
        world.caught_up().await;
        let notices = world.notices(id).await;
        let tasks: Vec<_> =
            notices.iter().filter(|notice| notice.purpose() == Purpose::Task).collect();
        let [nobody, owner] = &tasks[..] else { panic!("{tasks:?}") };
        assert_eq!(nobody.suppression_reason(), SuppressionReason::NoChannel);
        assert_eq!(owner.audience(), Audience::Assignee);
        let to_customer = notices.iter().filter(|n| n.audience() == Audience::Customer).count();
        assert_eq!(to_customer, 1, "the confirmation");
    }
}

/// A queue with a team, and who leads that.
async fn led_by(world: &World, leads: &[&str]) {
    let directory = domain::ids::directory_stream_id("acme");
    let team = routing::Team {
        team_id: "first-line".to_owned(),
        lead_agent_ids: leads.iter().map(ToString::to_string).collect(),
        ..routing::Team::default()
    };
    let queue = routing::Queue {
        queue_id: "l1".to_owned(),
        team_id: "first-line".to_owned(),
        ..routing::Queue::default()
    };
    for object in [Object::Team(team), Object::Queue(queue)] {
        let changed = routing::DirectoryChanged { version: 1, object: Some(object) };
        world.tell("directory", directory, &changed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_without_an_owner_is_for_the_leads_and_what_the_law_wants_for_its_owner() {
    let world = World::with(|config| {
        config.process_owner = "legal+{tenant}@example.org".to_owned();
    })
    .await;
    led_by(&world, &["lead-1", "lead-2"]).await;
    for lead in ["lead-1", "lead-2"] {
        world.agent(lead, "en").await;
    }
    let id = world.ticket("pl").await;
    world.letters(1).await;
    let queued = routing::TicketQueued { queue_id: "l1".to_owned(), ..Default::default() };
    world.tell("route", id, &queued).await;
    world.tell("ticket", id, &task("Trzeba coś zrobić.")).await;
    let to = |letters: Vec<crate::mail::Letter>| {
        let mut to: Vec<_> = letters.into_iter().map(|letter| letter.to).collect();
        to.sort_unstable();
        to
    };
    assert_eq!(
        to(world.letters(3).await.split_off(1)),
        ["lead-1@example.org", "lead-2@example.org"]
    );

    // Who leads the team now is told, and whoever owns the process if the law wants it.
    led_by(&world, &["lead-2"]).await;
    let late = world.tell("clock", id, &breached(id)).await;
    world.tell_caused(late, id, &task("Brak dowodu doręczenia.")).await;
    let letters = world.letters(5).await.split_off(3);
    assert!(letters.iter().all(|letter| letter.text.contains("Brak dowodu doręczenia.")));
    assert_eq!(to(letters), ["lead-2@example.org", "legal+acme@example.org"]);
    world.caught_up().await;
    let notices = world.notices(id).await;
    let tasks = notices.iter().filter(|notice| notice.purpose() == Purpose::Task);
    let told: Vec<_> = tasks.map(|notice| notice.audience()).collect();
    assert_eq!(told, [Audience::Lead, Audience::Lead, Audience::Lead, Audience::ProcessOwner]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_odzew_writes_by_itself_says_so() {
    let world = World::new().await;
    let id = world.ticket("pl").await;
    world.letters(1).await;
    let no_news = intake::MessageAdded {
        author_kind: intake::AuthorKind::System.into(),
        purpose: intake::MessagePurpose::Update.into(),
        is_reply: false,
        ..outbound("nie mamy jeszcze rozwiązania")
    };
    world.tell("ticket", id, &no_news).await;
    let letter = world.letters(2).await.remove(1);
    assert_eq!(letter.to, "zofia@example.org");
    assert!(letter.text.contains("nie mamy jeszcze rozwiązania"), "{}", letter.text);
    assert_eq!(letter.header("auto-submitted"), "auto-generated");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_in_a_conversation_is_not_mailed_and_a_decision_always_is() {
    let world = World::new().await;
    let id = world.ticket("pl").await;
    world.letters(1).await;
    let over = |channel: common::Channel, purpose: intake::MessagePurpose| intake::MessageAdded {
        channel: channel.into(),
        purpose: purpose.into(),
        ..outbound(channel.as_str_name())
    };
    let reply = intake::MessagePurpose::Reply;
    for channel in [
        common::Channel::Chat,
        common::Channel::Voice,
        common::Channel::Sms,
        common::Channel::Social,
        common::Channel::Letter,
    ] {
        world.tell("ticket", id, &over(channel, reply)).await;
    }
    let mailed = [common::Channel::Email, common::Channel::Portal, common::Channel::Form];
    for channel in mailed {
        world.tell("ticket", id, &over(channel, reply)).await;
    }
    let decision = intake::MessagePurpose::Decision;
    world.tell("ticket", id, &over(common::Channel::Chat, decision)).await;
    world.caught_up().await;
    let purposes: Vec<_> = world.notices(id).await.iter().map(|n| n.purpose()).collect();
    let reply = Purpose::Reply;
    assert_eq!(purposes, [Purpose::Ack, reply, reply, reply, Purpose::Decision]);
}
