//! Who is written to when another party asks than the ticket was registered with.
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1 as intake;
use wire::notification::v1::{NoticeState, Purpose, SuppressionReason};
use wire::scalar::timestamp;

use crate::world::{World, outbound, registered, sealed};

/// A party as intake registers it, reached at these addresses.
fn party(id: Uuid, language: &str, emails: &[&str]) -> intake::PartyRegistered {
    intake::PartyRegistered {
        party_id: id.to_string(),
        registered_at: Some(timestamp("2026-05-14T14:30:00Z".parse().unwrap())),
        profile: Some(profile(language, emails)),
    }
}

fn profile(language: &str, emails: &[&str]) -> intake::SealedProfile {
    let point = |kind: intake::ContactPointKind, value| intake::SealedContactPoint {
        kind: kind.into(),
        value: sealed(value),
    };
    let phone = point(intake::ContactPointKind::Phone, "+48600100200");
    let emails = emails.iter().map(|email| point(intake::ContactPointKind::Email, email));
    intake::SealedProfile {
        name: sealed("Jerzy Nowak"),
        language: language.to_owned(),
        contact_points: [phone].into_iter().chain(emails).collect(),
        ..intake::SealedProfile::default()
    }
}

fn linked(party_id: Uuid, role: intake::PartyRole) -> intake::PartyLinked {
    intake::PartyLinked {
        party_id: party_id.to_string(),
        role: role.into(),
        ..intake::PartyLinked::default()
    }
}

impl World {
    async fn party(&self, language: &str, emails: &[&str]) -> Uuid {
        let id = Uuid::now_v7();
        self.tell("party", id, &party(id, language, emails)).await;
        id
    }

    async fn requester(&self, ticket_id: Uuid, party_id: Uuid) {
        let linked = linked(party_id, intake::PartyRole::Requester);
        self.tell("ticket", ticket_id, &linked).await;
    }

    /// Why the last notice of the ticket was not sent.
    async fn suppressed(&self, ticket_id: Uuid, count: usize) -> SuppressionReason {
        testkit::eventually(|| async {
            let notices = self.notices(ticket_id).await;
            match notices.last() {
                Some(last) if notices.len() == count && last.state() == NoticeState::Suppressed => {
                    Ok(Some(last.suppression_reason()))
                }
                _ => Err(format!("{notices:?}")),
            }
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_now_is_written_to_and_who_asked_before_is_not() {
    let world = World::new().await;
    let ticket_id = world.ticket("pl").await;
    world.letters(1).await;
    let jerzy = world.party("en", &["jerzy@example.org", "second@example.org"]).await;
    world.reply(ticket_id, "to the first").await;
    world.requester(ticket_id, jerzy).await;
    world.reply(ticket_id, "to the second").await;
    let decision = intake::MessageAdded {
        purpose: intake::MessagePurpose::Decision.into(),
        ..outbound("It is decided.")
    };
    world.tell("ticket", ticket_id, &decision).await;
    let letters = world.letters(4).await;
    let to = |text: &str| {
        let letter = letters.iter().find(|letter| letter.text.contains(text)).unwrap();
        letter.to.clone()
    };
    assert_eq!(to("to the first"), "zofia@example.org");
    assert_eq!(to("to the second"), "jerzy@example.org");
    assert_eq!(to("It is decided."), "jerzy@example.org");
    let answer = letters.iter().find(|letter| letter.text.contains("second")).unwrap();
    assert!(answer.text.contains("Questions? Just reply"), "in their language: {}", answer.text);
    let sent = world.notices(ticket_id).await;
    let proof = sent.iter().find(|notice| notice.purpose() == Purpose::Decision).unwrap();
    assert_eq!(proof.recipient_ref, jerzy.to_string());

    // The address of now, also of whoever lives on.
    let profile = Some(profile("en", &["new@example.org"]));
    world.tell("party", jerzy, &intake::PartyUpdated { profile }).await;
    world.reply(ticket_id, "to the new address").await;
    let older = world.party("pl", &["older@example.org"]).await;
    assert_eq!(world.letters(5).await[4].to, "new@example.org");
    let merged = intake::PartiesMerged {
        from_party_id: jerzy.to_string(),
        into_party_id: older.to_string(),
        basis: "same customer number".to_owned(),
    };
    world.tell("party", jerzy, &merged).await;
    world.reply(ticket_id, "to who lives on").await;
    assert_eq!(world.letters(6).await[5].to, "older@example.org");

    // Whoever was registered asks again.
    world.requester(ticket_id, Uuid::from_u128(77)).await;
    world.reply(ticket_id, "to the first again").await;
    assert_eq!(world.letters(7).await[6].to, "zofia@example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_now_and_has_no_address_is_not_reached_by_that_of_another() {
    let world = World::new().await;
    let ticket_id = world.ticket("pl").await;
    world.letters(1).await;
    world.requester(ticket_id, Uuid::now_v7()).await;
    world.reply(ticket_id, "to nobody known").await;
    assert_eq!(world.suppressed(ticket_id, 2).await, SuppressionReason::NoChannel);
    let silent = world.party("pl", &[]).await;
    world.requester(ticket_id, silent).await;
    world.reply(ticket_id, "to a telephone").await;
    assert_eq!(world.suppressed(ticket_id, 3).await, SuppressionReason::NoChannel);
    let gone = world.party("pl", &["gone@example.org"]).await;
    let erased = intake::PartyErased { party_id: gone.to_string(), ..Default::default() };
    world.tell("party", gone, &erased).await;
    world.requester(ticket_id, gone).await;
    world.reply(ticket_id, "to who was erased").await;
    assert_eq!(world.suppressed(ticket_id, 4).await, SuppressionReason::Erased);
    assert_eq!(world.smtp.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_in_a_ticket_that_nobody_had_asked_in_is_answered() {
    let world = World::new().await;
    let ticket_id = Uuid::now_v7();
    let alert = intake::TicketRegistered {
        channel: common::Channel::Monitoring.into(),
        requester_party_id: String::new(),
        requester_name: None,
        requester_email: None,
        ..registered(ticket_id, "pl")
    };
    world.tell("ticket", ticket_id, &alert).await;
    let jerzy = world.party("pl", &["jerzy@example.org"]).await;
    world.requester(ticket_id, jerzy).await;
    world.reply(ticket_id, "It works again.").await;
    assert_eq!(world.letters(1).await[0].to, "jerzy@example.org");
}

/// A table that an older version wrote does not know whom a ticket was registered with.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_wrote_leads_nobody_astray() {
    let world = World::new().await;
    let ticket_id = world.ticket("pl").await;
    world.letters(1).await;
    world.caught_up().await;
    sqlx::query("update notification.ticket_facts set requester = null")
        .execute(world.db.pool())
        .await
        .unwrap();
    world.reply(ticket_id, "to the first").await;
    let jerzy = world.party("pl", &["jerzy@example.org"]).await;
    world.requester(ticket_id, jerzy).await;
    assert_eq!(world.letters(2).await[1].to, "zofia@example.org");
    world.reply(ticket_id, "to the second").await;
    assert_eq!(world.letters(3).await[2].to, "jerzy@example.org");
}
