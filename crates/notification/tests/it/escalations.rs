//! Who is told that a ticket was escalated, and what a customer is never promised by it.
use uuid::Uuid;
use wire::intake::v1 as intake;
use wire::notification::v1::{Audience, NoticeState, Purpose, SuppressionReason};
use wire::routing::v1::{self as routing, EscalationKind, EscalationTrigger};
use wire::scalar::timestamp;

use crate::mail::Letter;
use crate::world::{World, sealed};

fn escalated(kind: EscalationKind, leads: &[&str]) -> routing::TicketEscalated {
    routing::TicketEscalated {
        escalation_id: Uuid::now_v7().to_string(),
        kind: kind.into(),
        from_level: 1,
        to_level: 1,
        to_queue_id: "l1".to_owned(),
        to_team_id: "first-line".to_owned(),
        to_agent_ids: leads.iter().map(|lead| (*lead).to_owned()).collect(),
        trigger: EscalationTrigger::Complexity.into(),
        handover: Some(routing::Handover {
            summary: sealed("Router nie odpowiada {{ 7*7 }}."),
            actions_done: [sealed("Wymieniono kabel."), sealed("Zmierzono linię.")]
                .into_iter()
                .flatten()
                .collect(),
            next_step: sealed("Technik sprawdzi centralę."),
        }),
        notify_customer: false,
    }
}

async fn promise(world: &World, ticket_id: Uuid, kind: intake::PromiseKind, hours: i64) {
    let due = world.log.now().await.unwrap() + jiff::SignedDuration::from_hours(hours);
    let promise = intake::PromiseMade {
        promise_id: Uuid::now_v7().to_string(),
        kind: kind.into(),
        due_at: Some(timestamp(due)),
        customer_visible: true,
        ..Default::default()
    };
    world.tell("ticket", ticket_id, &promise).await;
}

/// A ticket whose receipt was confirmed, and the mails after that.
async fn told(world: &World, language: &str, said: &routing::TicketEscalated) -> (Uuid, Letter) {
    let id = world.ticket(language).await;
    world.letters(1).await;
    world.tell("route", id, said).await;
    let letter = world.letters(2).await.remove(1);
    (id, letter)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_reads_the_whole_hand_over() {
    for (language, texts) in [
        (
            "pl",
            [
                "Eskalacja: Router nie działa {{ 7*7 }}",
                "wymaga Twojej uwagi: wymaga specjalistycznej wiedzy.",
                "Co zrobiono:\n- Wymieniono kabel.\n- Zmierzono linię.\n",
                "Nikt jej teraz nie prowadzi.",
            ],
        ),
        (
            "en",
            [
                "Escalation: Router nie działa {{ 7*7 }}",
                "needs your attention: it needs special knowledge.",
                "What was done:\n- Wymieniono kabel.\n- Zmierzono linię.\n",
                "Nobody is in charge of it now.",
            ],
        ),
    ] {
        let world = World::new().await;
        world.agent("lena", language).await;
        let said = escalated(EscalationKind::Hierarchical, &["lena"]);
        let (id, letter) = told(&world, "pl", &said).await;
        assert_eq!(letter.to, "lena@example.org");
        let whole = format!("{}\n{}", letter.subject(), letter.text);
        for text in texts.into_iter().chain(["Router nie odpowiada {{ 7*7 }}.", "centralę."]) {
            assert!(whole.contains(text), "{text}: {whole}");
        }
        let notice = world.notices(id).await.pop().unwrap();
        assert_eq!((notice.purpose(), notice.audience()), (Purpose::Escalation, Audience::Lead));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lead_is_told_once_but_not_what_they_did_themselves() {
    let world = World::new().await;
    world.agent("lena", "pl").await;
    world.agent("agent-1", "pl").await;
    let id = world.ticket("pl").await;
    world.letters(1).await;
    world.tell("route", id, &escalated(EscalationKind::Hierarchical, &["agent-1", "lena"])).await;
    world.tell("route", id, &escalated(EscalationKind::Hierarchical, &[])).await;
    world.tell("route", id, &escalated(EscalationKind::Functional, &["lena"])).await;
    world.letters(2).await;
    world.caught_up().await;
    let notices = world.notices(id).await;
    let about: Vec<_> = notices
        .iter()
        .filter(|notice| notice.purpose() == Purpose::Escalation)
        .map(|n| (n.recipient_ref.as_str(), n.state(), n.suppression_reason()))
        .collect();
    assert_eq!(
        about,
        [
            ("agent-1", NoticeState::Suppressed, SuppressionReason::SelfCaused),
            ("lena", NoticeState::Sent, SuppressionReason::Unspecified),
            ("", NoticeState::Suppressed, SuppressionReason::NoChannel),
        ],
        "who gets the ticket is told by its assignment"
    );
    assert_eq!(notices.len(), 4, "and the customer only of the receipt: {notices:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_reads_what_is_next_and_no_time_that_nobody_promised() {
    let said = || routing::TicketEscalated {
        notify_customer: true,
        ..escalated(EscalationKind::Functional, &[])
    };
    let world = World::new().await;
    let (id, letter) = told(&world, "pl", &said()).await;
    assert_eq!(letter.to, "zofia@example.org");
    assert_eq!(letter.subject(), "[7K3M9-QXF2H-4] Przekazaliśmy Państwa sprawę dalej");
    let passed = "innemu zespołowi, bo wymaga specjalistycznej wiedzy.";
    assert!(letter.text.contains(passed), "{}", letter.text);
    assert!(letter.text.contains("Co dalej: Technik sprawdzi centralę."));
    for inside in ["Wymieniono kabel", "nie odpowiada", "Przewidywany termin", "Następną"] {
        assert!(!letter.text.contains(inside), "{inside}: {}", letter.text);
    }
    // What was promised before and has not come.
    promise(&world, id, intake::PromiseKind::EtaResolution, 48).await;
    promise(&world, id, intake::PromiseKind::NextUpdate, -1).await;
    world.tell("route", id, &said()).await;
    let letter = world.letters(3).await.remove(2);
    assert!(letter.text.contains("Przewidywany termin rozwiązania: "), "{}", letter.text);
    assert!(!letter.text.contains("Następną wiadomość"), "that time is over");

    let world = World::new().await;
    let lead = routing::TicketEscalated {
        trigger: EscalationTrigger::CustomerRequest.into(),
        kind: EscalationKind::Hierarchical.into(),
        ..said()
    };
    let (_, letter) = told(&world, "en", &lead).await;
    let passed = "to the attention of the team's lead as you asked.";
    assert!(letter.text.contains(passed), "{}", letter.text);
}
