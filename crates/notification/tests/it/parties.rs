//! Who is written to when another party asks than the ticket was registered with.
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1 as intake;
use wire::notification::v1::{NoticeState, Purpose, SuppressionReason};
use wire::scalar::timestamp;

use crate::world::{World, outbound, registered, sealed, tokens};

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

/// The ticket came in beside the erasure, so it is open, and has its key until it closes.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_party_is_answered_at_the_address_of_a_ticket_that_is_open_still() {
    let world = World::new().await;
    let party = world.party("pl", &["profile@example.org"]).await;
    let ticket_id = Uuid::now_v7();
    let registered = intake::TicketRegistered {
        requester_party_id: party.to_string(),
        ..registered(ticket_id, "pl")
    };
    world.tell("ticket", ticket_id, &registered).await;
    world.letters(1).await;
    let erased = intake::PartyErased { party_id: party.to_string(), ..Default::default() };
    world.tell("party", party, &erased).await;
    world.reply(ticket_id, "an answer after all").await;
    let letters = world.letters(2).await;
    assert_eq!(letters[1].to, letters[0].to);
    assert_ne!(letters[1].to, "profile@example.org");
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

#[tokio::test(flavor = "multi_thread")]
async fn who_gave_no_address_is_reached_where_their_profile_says() {
    let world = World::new().await;
    let jerzy = world.party("en", &["jerzy@example.org"]).await;
    let ticket_id = Uuid::now_v7();
    let without = intake::TicketRegistered {
        requester_party_id: jerzy.to_string(),
        requester_email: None,
        ..registered(ticket_id, "pl")
    };
    world.tell("ticket", ticket_id, &without).await;
    world.reply(ticket_id, "Wymienimy kabel.").await;
    let letters = world.letters(2).await;
    assert!(letters.iter().all(|letter| letter.to == "jerzy@example.org"));
    assert!(letters[1].text.contains("Mają Państwo pytania?"), "in the language of the matter");
}

fn broadcast(body: &str) -> intake::MessageAdded {
    intake::MessageAdded { purpose: intake::MessagePurpose::Broadcast.into(), ..outbound(body) }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_affected_and_asks_is_told_as_one_who_asks() {
    let world = World::new().await;
    let incident = world.ticket("pl").await;
    world.letters(1).await;
    let shop = world.party("en", &["shop@example.org"]).await;
    let refused = intake::PreferenceChanged {
        preference: Some(intake::PartyPreference {
            channel: common::Channel::Email.into(),
            purpose: intake::PreferencePurpose::Proactive.into(),
            allowed: false,
            quiet_hours: None,
        }),
    };
    world.tell("party", shop, &refused).await;
    let own = Uuid::now_v7();
    let registered =
        intake::TicketRegistered { requester_party_id: shop.to_string(), ..registered(own, "en") };
    world.tell("ticket", own, &registered).await;
    world.letters(2).await;
    world.tell("ticket", incident, &linked(shop, intake::PartyRole::Affected)).await;
    let child = intake::TicketLinked {
        other_ticket_id: own.to_string(),
        link: intake::LinkKind::ParentOf.into(),
    };
    world.tell("ticket", incident, &child).await;

    let news = world.tell("ticket", incident, &broadcast("The cause is found.")).await;
    world.letters(3).await;
    world.caught_up().await;
    let of_shop = |notices: Vec<wire::notification::v1::Notice>| {
        notices.into_iter().filter(|notice| notice.recipient_ref == shop.to_string()).count()
    };
    assert_eq!(of_shop(world.notices(incident).await), 0);
    world.tell_caused(news, own, &broadcast("The cause is found.")).await;
    let letters = world.letters(4).await;
    assert_eq!(tokens().find("acme", &letters[3].header("message-id")).map(|id| id.0), Some(own));

    // Nothing is passed on to a closed ticket: then they are one of those whom it affects.
    world.tell("ticket", own, &intake::TicketClosed::default()).await;
    world.tell("ticket", incident, &broadcast("It works again.")).await;
    world.letters(5).await;
    testkit::eventually(|| async { of_shop(world.notices(incident).await) == 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_are_told_in_public_are_mailed_to_those_whom_the_incident_affects() {
    let world = World::new().await;
    let incident = world.ticket("pl").await;
    world.letters(1).await;
    let shop = world.party("en", &["shop@example.org"]).await;
    world.tell("ticket", incident, &linked(shop, intake::PartyRole::Affected)).await;
    let in_public = intake::MessageAdded {
        channel: common::Channel::Social.into(),
        ..broadcast("The cause is found.")
    };
    world.tell("ticket", incident, &in_public).await;
    let letters = world.letters(2).await;
    assert_eq!(letters[1].to, "shop@example.org");
    assert!(letters[1].text.contains("The cause is found."), "{}", letters[1].text);
    // Whoever asks there has read it there.
    world.caught_up().await;
    assert_eq!(world.notices(incident).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_about_an_incident_reach_whom_it_affects_once_and_nothing_else_does() {
    let world = World::new().await;
    let incident = world.ticket("pl").await;
    world.letters(1).await;
    let shop = world.party("en", &["shop@example.org"]).await;
    let silent = world.party("pl", &[]).await;
    let restricted = world.party("pl", &["restricted@example.org"]).await;
    let restriction =
        intake::PartyRestrictionChanged { on: true, ..intake::PartyRestrictionChanged::default() };
    world.tell("party", restricted, &restriction).await;
    for party in [shop, shop, silent, restricted, Uuid::from_u128(77)] {
        world.tell("ticket", incident, &linked(party, intake::PartyRole::Affected)).await;
    }
    let news = world.tell("ticket", incident, &broadcast("The cause is found.")).await;
    let letters = world.letters(3).await;
    let mut to: Vec<_> = letters[1..].iter().map(|letter| &*letter.to).collect();
    to.sort_unstable();
    assert_eq!(to, ["shop@example.org", "zofia@example.org"]);
    let told = letters.iter().find(|letter| letter.to == "shop@example.org").unwrap();
    assert_eq!(told.subject(), "[7K3M9-QXF2H-4] News about an incident");
    assert!(told.text.contains("The cause is found."), "{}", told.text);
    // What another one wrote, the way to their matter and into it are not for the shop.
    assert!(!told.text.contains("Router") && !told.text.contains("Status:"), "{}", told.text);
    assert_eq!(tokens().find("acme", &told.header("message-id")), None);

    // In a ticket of their own they are told the same: that is nothing new.
    let own = Uuid::now_v7();
    let registered =
        intake::TicketRegistered { requester_party_id: shop.to_string(), ..registered(own, "pl") };
    world.tell("ticket", own, &registered).await;
    world.letters(4).await;
    world.tell_caused(news, own, &broadcast("The cause is found.")).await;
    assert_eq!(world.suppressed(own, 2).await, SuppressionReason::Duplicate);
    world.reply(incident, "for who asks alone").await;
    world.letters(5).await;
    world.caught_up().await;
    let notices = world.notices(incident).await;
    let of_shop = notices.iter().filter(|notice| notice.recipient_ref == shop.to_string());
    assert_eq!(of_shop.count(), 1);
    let of = |party: Uuid| {
        let notice = notices.iter().find(|notice| notice.recipient_ref == party.to_string());
        notice.unwrap().suppression_reason()
    };
    assert_eq!(of(silent), SuppressionReason::NoChannel);
    assert_eq!(of(restricted), SuppressionReason::Preference, "it is no matter of theirs");
}

fn prefers(purpose: intake::PreferencePurpose, allowed: bool) -> intake::PreferenceChanged {
    let preference = intake::PartyPreference {
        channel: common::Channel::Email.into(),
        purpose: purpose.into(),
        allowed,
        quiet_hours: None,
    };
    intake::PreferenceChanged { preference: Some(preference) }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_mails_gets_those_alone_that_the_law_demands() {
    use intake::PreferencePurpose::{Proactive, Service, Survey};
    let world = World::new().await;
    let older = world.party("pl", &["anna@example.org"]).await;
    let younger = world.party("pl", &["anna@example.com"]).await;
    let merged = intake::PartiesMerged {
        from_party_id: younger.to_string(),
        into_party_id: older.to_string(),
        basis: "same customer number".to_owned(),
    };
    world.tell("party", younger, &merged).await;
    for (purpose, allowed) in [(Service, false), (Survey, false), (Proactive, true)] {
        world.tell("party", older, &prefers(purpose, allowed)).await;
    }
    let ticket_id = Uuid::now_v7();
    let message = intake::TicketRegistered {
        requester_party_id: younger.to_string(),
        ..registered(ticket_id, "pl")
    };
    world.tell("ticket", ticket_id, &message).await;
    assert_eq!(world.suppressed(ticket_id, 1).await, SuppressionReason::Preference);
    world.reply(ticket_id, "an answer").await;
    assert_eq!(world.suppressed(ticket_id, 2).await, SuppressionReason::Preference);
    let decision = intake::MessageAdded {
        purpose: intake::MessagePurpose::Decision.into(),
        ..outbound("It is decided.")
    };
    world.tell("ticket", ticket_id, &decision).await;
    assert!(world.letters(1).await[0].text.contains("It is decided."));

    let incident = world.ticket("pl").await;
    world.letters(2).await;
    world.tell("ticket", incident, &linked(older, intake::PartyRole::Affected)).await;
    world.tell("ticket", incident, &broadcast("It is dark.")).await;
    world.letters(4).await;
    world.tell("party", older, &prefers(Proactive, false)).await;
    world.tell("party", older, &prefers(Service, true)).await;
    world.reply(ticket_id, "an answer after all").await;
    world.letters(5).await;
    world.tell("ticket", incident, &broadcast("It is bright.")).await;
    world.letters(6).await;
    assert_eq!(world.suppressed(incident, 5).await, SuppressionReason::Preference);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_younger_one_did_not_want_holds_for_whom_it_is_merged_into() {
    use intake::PreferencePurpose::{Proactive, Service};
    let world = World::new().await;
    let older = world.party("pl", &["anna@example.org"]).await;
    let younger = world.party("pl", &["anna@example.com"]).await;
    world.tell("party", younger, &prefers(Service, false)).await;
    let mut quiet = prefers(Proactive, true);
    let all_day_but_a_minute = intake::QuietHours { from_minute: 1, to_minute: 0 };
    quiet.preference.as_mut().unwrap().quiet_hours = Some(all_day_but_a_minute);
    world.tell("party", younger, &quiet).await;
    let merged = intake::PartiesMerged {
        from_party_id: younger.to_string(),
        into_party_id: older.to_string(),
        basis: "same customer number".to_owned(),
    };
    world.tell("party", younger, &merged).await;
    let ticket_id = Uuid::now_v7();
    let message = intake::TicketRegistered {
        requester_party_id: older.to_string(),
        ..registered(ticket_id, "pl")
    };
    world.tell("ticket", ticket_id, &message).await;
    assert_eq!(world.suppressed(ticket_id, 1).await, SuppressionReason::Preference);
    let incident = world.ticket("pl").await;
    world.letters(1).await;
    world.tell("ticket", incident, &linked(older, intake::PartyRole::Affected)).await;
    world.tell("ticket", incident, &broadcast("It is dark.")).await;
    world.letters(2).await;
    let notices = world.notices(incident).await;
    let waits = notices.iter().find(|notice| notice.recipient_ref == older.to_string()).unwrap();
    assert_eq!(waits.state(), NoticeState::Scheduled);
    // It says otherwise.
    world.tell("party", older, &prefers(Service, true)).await;
    world.reply(ticket_id, "an answer after all").await;
    world.letters(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_party_that_was_erased_nothing_is_left_that_its_aliases_wanted() {
    let world = World::new().await;
    let older = world.party("pl", &["anna@example.org"]).await;
    let younger = world.party("pl", &["anna@example.com"]).await;
    world.tell("party", younger, &prefers(intake::PreferencePurpose::Service, false)).await;
    let merged = intake::PartiesMerged {
        from_party_id: younger.to_string(),
        into_party_id: older.to_string(),
        basis: "same customer number".to_owned(),
    };
    world.tell("party", younger, &merged).await;
    let erased = intake::PartyErased { party_id: older.to_string(), ..Default::default() };
    world.tell("party", older, &erased).await;
    world.caught_up().await;
    let left: i64 = sqlx::query_scalar("select count(*) from notification.unwanted_mails")
        .fetch_one(world.db.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
}
