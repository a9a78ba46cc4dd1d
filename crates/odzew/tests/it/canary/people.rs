//! Marks in everything that parties and contacts are told with.
use chassis::rpc::Role;
use testkit::eventually;
use wire::common::v1::{Channel, ConsumerStatus};
use wire::intake::v1::{
    AnswerContactRequest, ContactChannel, ContactDirection, ContactOutcome, ContactPoint,
    ContactPointKind, ContactRouteReason, ContactTarget, EndContactRequest, ExternalRef,
    FindPartiesRequest, GetContactRequest, GetPartyRequest, ListContactsRequest,
    ListPartyTicketsRequest, LoopHeaders, MergePartiesRequest, MessageSender, Party, PartyKind,
    PartyPreference, PartyProfile, PreferencePurpose, ReceiveMessageRequest, RegisterPartyRequest,
    RouteContactRequest, SetLegalHoldRequest, SetPreferenceRequest, SetRestrictionRequest,
    StartContactRequest, ThreadHints, UpdatePartyRequest,
};

use super::{MARK, id};
use crate::world::World;

const SOCIAL: &str = "mastodon:@zqx7mark-handle";
const PARTY_MAIL: &str = "zqx7mark-party@example.org";

fn point(kind: ContactPointKind, value: &str) -> ContactPoint {
    ContactPoint { kind: kind.into(), value: value.to_owned() }
}

fn profile() -> PartyProfile {
    PartyProfile {
        kind: PartyKind::Person.into(),
        consumer_status: ConsumerStatus::Consumer.into(),
        name: "zqx7mark-party-name".into(),
        contact_points: vec![
            point(ContactPointKind::Email, PARTY_MAIL),
            point(ContactPointKind::Social, SOCIAL),
            point(ContactPointKind::Postal, "zqx7mark-street 1"),
        ],
        accessibility: "zqx7mark-needs".into(),
        external_refs: vec![ExternalRef { system: "crm".into(), id: "4711".into() }],
        ..Default::default()
    }
}

/// A party's life and a contact with a mark in every text; then the bad calls.
pub(super) async fn marked(world: &World) {
    let older = register(world).await;
    let party = register(world).await;
    changes(world, &party, &older).await;
    found(world, &older).await;
    let contact_id = contact(world).await;
    message(world).await;
    read_back(world, &party, &older, &contact_id).await;
    refusals(world, &party).await;
}

/// A mail that begins a ticket, and one that is refused.
async fn message(world: &World) {
    let mut adapter = world.clients("mailbox", Role::Integrator).inbound;
    let request = ReceiveMessageRequest {
        channel: Channel::Email.into(),
        external_id: "<zqx7mark-external@example.org>".into(),
        sender: Some(MessageSender {
            contact_point: Some(point(ContactPointKind::Email, PARTY_MAIL)),
            name: "zqx7mark-sender".into(),
            ..Default::default()
        }),
        subject: "zqx7mark-inbound".into(),
        text: "zqx7mark-text".into(),
        hints: Some(ThreadHints {
            tokens: vec!["zqx7mark+token@example.org".into()],
            references: vec!["<zqx7mark-reference@example.org>".into()],
            about: Vec::new(),
        }),
        loop_headers: Some(LoopHeaders {
            message_id: "<zqx7mark-own@example.org>".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let taken = adapter.receive_message(request.clone()).await.unwrap().into_inner();
    assert_eq!(taken.ticket.unwrap().subject, "zqx7mark-inbound");
    let precedence = "zqx7mark".repeat(20);
    let loop_headers = Some(LoopHeaders { precedence, ..Default::default() });
    let wrong = ReceiveMessageRequest { loop_headers, ..request };
    adapter.receive_message(wrong).await.unwrap_err();
}

async fn register(world: &World) -> Party {
    let mut agent = world.clients("ania", Role::Agent);
    let request = RegisterPartyRequest { request_id: id(), profile: Some(profile()) };
    agent.party.register_party(request).await.unwrap().into_inner().party.unwrap()
}

/// Explanations are to be without personal data; people write them nevertheless.
async fn changes(world: &World, party: &Party, older: &Party) {
    let mut lead = world.clients("ola", Role::Lead);
    let request = UpdatePartyRequest {
        request_id: id(),
        party_id: party.party_id.clone(),
        profile: Some(PartyProfile { name: "zqx7mark-new-name".into(), ..profile() }),
        ..Default::default()
    };
    lead.party.update_party(request).await.unwrap();
    let preference = PartyPreference {
        channel: wire::common::v1::Channel::Email.into(),
        purpose: PreferencePurpose::Survey.into(),
        ..Default::default()
    };
    let request = SetPreferenceRequest {
        request_id: id(),
        party_id: party.party_id.clone(),
        preference: Some(preference),
        ..Default::default()
    };
    lead.party.set_preference(request).await.unwrap();
    for on in [true, false] {
        let request = SetLegalHoldRequest {
            request_id: id(),
            party_id: party.party_id.clone(),
            on,
            basis: "zqx7mark-claim".into(),
            ..Default::default()
        };
        lead.party.set_legal_hold(request).await.unwrap();
    }
    for on in [true, false] {
        let request = SetRestrictionRequest {
            request_id: id(),
            party_id: party.party_id.clone(),
            on,
            basis: "zqx7mark-contested".into(),
            ..Default::default()
        };
        lead.party.set_restriction(request).await.unwrap();
    }
    let request = MergePartiesRequest {
        request_id: id(),
        from_party_id: party.party_id.clone(),
        into_party_id: older.party_id.clone(),
        basis: "zqx7mark-basis".into(),
        ..Default::default()
    };
    lead.party.merge_parties(request).await.unwrap();
}

async fn found(world: &World, party: &Party) {
    eventually(|| async {
        let contact_point = Some(point(ContactPointKind::Social, SOCIAL));
        let request = FindPartiesRequest { contact_point, consistency_token: None };
        let mut agent = world.clients("ania", Role::Agent);
        let parties = agent.party.find_parties(request).await.unwrap().into_inner().parties;
        match parties.as_slice() {
            [one] if one.party_id == party.party_id => Ok(()),
            parties => Err(format!("{} parties are found", parties.len())),
        }
    })
    .await;
}

async fn contact(world: &World) -> String {
    let mut platform = world.clients("telephony", Role::Integrator);
    let request = StartContactRequest {
        request_id: id(),
        channel: ContactChannel::Social.into(),
        direction: ContactDirection::Inbound.into(),
        entry_point: "page".into(),
        party_hint: Some(point(ContactPointKind::Social, SOCIAL)),
        ..Default::default()
    };
    let contact = platform.contact.start_contact(request).await.unwrap().into_inner().contact;
    let contact_id = contact.unwrap().contact_id;
    let request = RouteContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        ivr_path: vec!["zqx7mark-choice".into()],
        queue_id: "all".into(),
        target: ContactTarget::Human.into(),
        reason: ContactRouteReason::IvrChoice.into(),
        ..Default::default()
    };
    platform.contact.route_contact(request).await.unwrap();
    let request = AnswerContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        by: ContactTarget::Human.into(),
        agent_id: "ania".into(),
        ..Default::default()
    };
    platform.contact.answer_contact(request).await.unwrap();
    let request = EndContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        outcome: ContactOutcome::Handled.into(),
        note: "zqx7mark-note".into(),
        ..Default::default()
    };
    platform.contact.end_contact(request).await.unwrap();
    contact_id
}

async fn read_back(world: &World, party: &Party, older: &Party, contact_id: &str) {
    let mut agent = world.clients("ania", Role::Expert);
    let request = GetPartyRequest { party_id: party.party_id.clone() };
    let party = agent.party.get_party(request).await.unwrap().into_inner();
    let request = GetContactRequest { contact_id: contact_id.to_owned() };
    let contact = agent.contact.get_contact(request).await.unwrap().into_inner();
    assert_eq!(contact.contact.as_ref().unwrap().party_id, older.party_id);
    let request = ListContactsRequest { party_id: older.party_id.clone(), ..Default::default() };
    let list = agent.contact.list_contacts(request).await.unwrap().into_inner();
    let request =
        ListPartyTicketsRequest { party_id: older.party_id.clone(), ..Default::default() };
    agent.party.list_party_tickets(request).await.unwrap();
    let read = format!("{party:?} {contact:?} {list:?}");
    for end in ["-new-name", "-party@", "-handle", "-street", "-needs", "-note", "-choice"] {
        assert!(read.contains(&format!("{MARK}{end}")), "{end} is read back");
    }
    let shown = world.odzew(&["party", "find", "--tenant", crate::world::TENANT, SOCIAL]);
    assert!(shown.contains("zqx7mark-party-name"), "{shown}");
}

/// Marks where no service takes them.
async fn refusals(world: &World, party: &Party) {
    let mut agent = world.clients("ania", Role::Agent);
    let bad = PartyProfile {
        segment: "zqx7mark segment".into(),
        language: MARK.into(),
        time_zone: MARK.into(),
        contact_points: vec![
            point(ContactPointKind::Email, MARK),
            point(ContactPointKind::Phone, MARK),
            point(ContactPointKind::Social, MARK),
        ],
        ..profile()
    };
    let request = RegisterPartyRequest { request_id: id(), profile: Some(bad) };
    agent.party.register_party(request).await.unwrap_err();
    // A merged party is changed no more.
    let request = UpdatePartyRequest {
        request_id: id(),
        party_id: party.party_id.clone(),
        profile: Some(profile()),
        ..Default::default()
    };
    agent.party.update_party(request).await.unwrap_err();
    let request = GetPartyRequest { party_id: PARTY_MAIL.into() };
    agent.party.get_party(request).await.unwrap_err();
    let contact_point = Some(point(ContactPointKind::Phone, MARK));
    let request = FindPartiesRequest { contact_point, consistency_token: None };
    agent.party.find_parties(request).await.unwrap_err();
    let request = StartContactRequest {
        request_id: id(),
        entry_point: "zqx7mark point".into(),
        party_hint: Some(point(ContactPointKind::Social, SOCIAL)),
        ..Default::default()
    };
    agent.contact.start_contact(request).await.unwrap_err();
    let request = EndContactRequest {
        request_id: id(),
        contact_id: id(),
        outcome: ContactOutcome::Rejected.into(),
        note: "zqx7mark-note".into(),
        ..Default::default()
    };
    agent.contact.end_contact(request).await.unwrap_err();
}
