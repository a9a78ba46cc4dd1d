//! Parties: kept, found without their addresses being stored, merged, held.
use chassis::rpc::Role;
use prost::Message as _;
use tonic::{Code, Status};
use wire::common::v1 as common;
use wire::intake::v1::{self, ContactPointKind};

use crate::world::{
    World, agent, fields, for_tenant, info, new_id, of, refusal, register as register_ticket,
};

pub(crate) fn point(kind: ContactPointKind, value: &str) -> v1::ContactPoint {
    v1::ContactPoint { kind: kind.into(), value: value.to_owned() }
}

pub(crate) fn register(name: &str, points: &[v1::ContactPoint]) -> v1::RegisterPartyRequest {
    v1::RegisterPartyRequest {
        request_id: new_id(),
        profile: Some(v1::PartyProfile {
            kind: v1::PartyKind::Person.into(),
            consumer_status: common::ConsumerStatus::Consumer.into(),
            name: name.to_owned(),
            contact_points: points.to_vec(),
            external_refs: vec![v1::ExternalRef { system: "crm".into(), id: "4711".into() }],
            ..Default::default()
        }),
    }
}

pub(crate) fn anna() -> [v1::ContactPoint; 2] {
    [
        point(ContactPointKind::Email, "Anna@Example.org"),
        point(ContactPointKind::Phone, "+48 600 100 200"),
    ]
}

impl World {
    /// A new party, older than any later one.
    pub(crate) async fn party(&self, name: &str, points: &[v1::ContactPoint]) -> v1::Party {
        self.clock.advance(std::time::Duration::from_secs(1));
        let request = agent(register(name, points));
        let answer = self.parties.clone().register_party(request).await.unwrap();
        answer.into_inner().party.unwrap()
    }

    /// Ids of the parties that have the contact point, once everything is in the tables.
    pub(crate) async fn find(&self, point: v1::ContactPoint) -> Vec<String> {
        let position = self.log.head(self.tenant.partition).await.unwrap();
        let cursor = eventlog::Cursor { partition: self.tenant.partition, position };
        let token = common::ConsistencyToken { token: cursor.to_string() };
        let request =
            v1::FindPartiesRequest { contact_point: Some(point), consistency_token: Some(token) };
        let answer = self.parties.clone().find_parties(agent(request)).await.unwrap();
        answer.into_inner().parties.into_iter().map(|party| party.party_id).collect()
    }

    pub(crate) async fn merge(
        &self,
        from: &v1::Party,
        into: &v1::Party,
    ) -> Result<v1::Party, Status> {
        let request = v1::MergePartiesRequest {
            request_id: new_id(),
            from_party_id: from.party_id.clone(),
            into_party_id: into.party_id.clone(),
            basis: "same customer number".to_owned(),
            etag: String::new(),
        };
        let answer = self.parties.clone().merge_parties(agent(request)).await?;
        Ok(answer.into_inner().alias.unwrap())
    }

    async fn party_events(&self, party_id: &str) -> usize {
        let stream = eventlog::StreamId::new("party", party_id.parse().unwrap());
        self.log.read_stream(&self.tenant, &stream, 0).await.unwrap().len()
    }
}

pub(crate) fn rule(status: &Status) -> String {
    assert_eq!(refusal(status), (Code::FailedPrecondition, "RULE".to_owned()), "{status:?}");
    info(status).metadata["rule"].clone()
}

#[tokio::test]
async fn a_party_is_kept_changed_and_read() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let party = world.party("Anna Nowak", &anna()).await;
    assert_eq!(party.state(), v1::PartyState::Live);
    let profile = party.profile.clone().unwrap();
    assert_eq!((&*profile.language, &*profile.time_zone), ("pl", "Europe/Warsaw"));
    assert_eq!(profile.register(), v1::Register::Plain);
    assert_eq!(profile.contact_points[1].value, "+48 600 100 200", "as it was given");

    let changed = v1::PartyProfile { vip: true, name: "Anna Kowalska".to_owned(), ..profile };
    let update = v1::UpdatePartyRequest {
        request_id: new_id(),
        party_id: party.party_id.clone(),
        etag: party.etag.clone(),
        profile: Some(changed.clone()),
    };
    let updated = client.update_party(agent(update.clone())).await.unwrap().into_inner();
    let updated = updated.party.unwrap();
    assert_eq!((updated.profile.as_ref(), &*updated.etag), (Some(&changed), "\"2\""));
    let stale = v1::UpdatePartyRequest { request_id: new_id(), ..update };
    let status = client.update_party(agent(stale)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Aborted, "ETAG_MISMATCH".to_owned()));

    let preference = v1::PartyPreference {
        channel: common::Channel::Sms.into(),
        purpose: v1::PreferencePurpose::Survey.into(),
        allowed: false,
        quiet_hours: Some(v1::QuietHours { from_minute: 22 * 60, to_minute: 7 * 60 }),
    };
    let request = v1::SetPreferenceRequest {
        request_id: new_id(),
        party_id: party.party_id.clone(),
        etag: String::new(),
        preference: Some(preference),
    };
    let answer = client.set_preference(agent(request)).await.unwrap().into_inner();
    assert_eq!(answer.party.unwrap().preferences, [preference]);

    let request = v1::GetPartyRequest { party_id: party.party_id };
    let read = client.get_party(agent(request)).await.unwrap().into_inner().party.unwrap();
    assert_eq!((read.profile, read.preferences.len()), (Some(changed), 1));
}

#[tokio::test]
async fn every_call_may_be_repeated() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let request = register("Anna Nowak", &anna());
    let first = client.register_party(agent(request.clone())).await.unwrap().into_inner();
    world.clock.advance(std::time::Duration::from_secs(3600));
    let again = client.register_party(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(again, first);
    let party = first.party.unwrap();
    assert_eq!(world.party_events(&party.party_id).await, 1);
    let other = v1::RegisterPartyRequest { request_id: request.request_id, ..register("Jan", &[]) };
    let status = client.register_party(agent(other)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));

    // The same id in another tenant is another request.
    let elsewhere = for_tenant("zeta", Role::Agent, register("Anna Nowak", &anna()));
    let elsewhere = client.register_party(elsewhere).await.unwrap().into_inner().party.unwrap();
    let read = v1::GetPartyRequest { party_id: elsewhere.party_id };
    let status = client.get_party(agent(read)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned()));
    assert_eq!(world.find(anna()[0].clone()).await, [party.party_id]);
}

#[tokio::test]
async fn a_party_is_found_by_its_contact_points_however_they_are_typed() {
    let world = World::new().await;
    let anna = world.party("Anna", &anna()).await;
    let jan = world.party("Jan", &[point(ContactPointKind::Phone, "0048 600-100-200")]).await;
    let both = [anna.party_id.clone(), jan.party_id];
    for typed in ["+48600100200", "0048 600 100 200", "+48 (600) 100-200"] {
        assert_eq!(world.find(point(ContactPointKind::Phone, typed)).await, both, "{typed}");
    }
    let mail = point(ContactPointKind::Email, "ANNA@EXAMPLE.ORG");
    assert_eq!(world.find(mail.clone()).await, std::slice::from_ref(&anna.party_id));
    assert!(world.find(point(ContactPointKind::Email, "jan@example.org")).await.is_empty());

    let update = v1::UpdatePartyRequest {
        request_id: new_id(),
        party_id: anna.party_id.clone(),
        etag: String::new(),
        profile: register("Anna", &[point(ContactPointKind::Social, "mastodon:@anna")]).profile,
    };
    world.parties.clone().update_party(agent(update)).await.unwrap();
    assert!(world.find(mail).await.is_empty(), "the old address finds nobody");
    let social = point(ContactPointKind::Social, "Mastodon:Anna");
    assert_eq!(world.find(social).await, [anna.party_id]);
}

#[tokio::test]
async fn no_table_has_a_contact_point() {
    let world = World::new().await;
    let anna = world.party("Anna Nowak", &anna()).await;
    assert_eq!(world.find(point(ContactPointKind::Email, "anna@example.org")).await.len(), 1);
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "select c::text, blind_index from intake.contact_points c where party_id = $1::uuid",
    )
    .bind(&anna.party_id)
    .fetch_all(world.db.pool())
    .await
    .unwrap();
    assert_eq!(rows.len(), 2);
    for (row, index) in &rows {
        assert_eq!(index.len(), 32);
        let row = row.to_lowercase();
        for clear in ["anna", "example", "nowak", "600100200"] {
            assert!(!row.contains(clear), "{row}");
            let hex: String = clear.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(!row.contains(&hex), "{row}");
        }
    }
    let all: Vec<String> = sqlx::query_scalar(
        "select t::text from intake.parties t union all select t::text from intake.contacts t",
    )
    .fetch_all(world.db.pool())
    .await
    .unwrap();
    assert!(all.iter().all(|row| !row.to_lowercase().contains("anna")), "{all:?}");
}

#[tokio::test]
async fn two_parties_become_the_older_one() {
    let world = World::new().await;
    let old = world.party("Anna", &anna()[..1]).await;
    let middle = world.party("A. Nowak", &anna()[1..]).await;
    let young = world.party("Nowak", &[point(ContactPointKind::Social, "x:anna")]).await;
    assert_eq!(rule(&world.merge(&old, &middle).await.unwrap_err()), "INTO_YOUNGER");
    let status = world.merge(&old, &old).await.unwrap_err();
    assert_eq!(fields(&status), ["into_party_id"]);

    let alias = world.merge(&middle, &old).await.unwrap();
    assert_eq!((alias.state(), &alias.merged_into), (v1::PartyState::Merged, &old.party_id));
    // A party that was merged itself stands for the one it lives as.
    let alias = world.merge(&young, &middle).await.unwrap();
    assert_eq!(alias.merged_into, old.party_id);
    for typed in [anna()[0].clone(), anna()[1].clone(), point(ContactPointKind::Social, "x:anna")] {
        assert_eq!(world.find(typed).await, std::slice::from_ref(&old.party_id));
    }
    let update = v1::UpdatePartyRequest {
        request_id: new_id(),
        party_id: young.party_id,
        etag: String::new(),
        profile: register("Nowak", &[]).profile,
    };
    let status = world.parties.clone().update_party(agent(update)).await.unwrap_err();
    assert_eq!(rule(&status), "MERGED");
    assert_eq!(info(&status).metadata["merged_into"], old.party_id);
}

#[tokio::test]
async fn an_erased_party_leaves_the_tables() {
    let world = World::new().await;
    let old = world.party("Anna", &anna()[..1]).await;
    let young = world.party("Nowak", &anna()[1..]).await;
    world.merge(&young, &old).await.unwrap();
    assert_eq!(world.find(anna()[1].clone()).await, std::slice::from_ref(&old.party_id));

    world.erase(&old.party_id).await.unwrap();
    for typed in anna() {
        assert!(world.find(typed).await.is_empty());
    }
    assert_eq!(world.count("select count(*) from intake.contact_points").await, 0);
    // That one was merged into the other stays known, by their ids alone.
    let left = "select count(*) from intake.parties where lives_as = party_id";
    assert_eq!(world.count(left).await, 0);
    let request = v1::GetPartyRequest { party_id: old.party_id };
    let read = world.parties.clone().get_party(agent(request)).await.unwrap().into_inner();
    let read = read.party.unwrap();
    assert_eq!((read.state(), read.profile), (v1::PartyState::Erased, None));
}

#[tokio::test]
async fn a_legal_hold_is_set_and_lifted_by_those_who_may() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let old = world.party("Jan", &[]).await;
    let party = world.party("Anna", &[]).await;
    let hold = |on, until: &str| v1::SetLegalHoldRequest {
        request_id: new_id(),
        party_id: party.party_id.clone(),
        etag: String::new(),
        on,
        basis: "claim 7/2026".to_owned(),
        until: until.to_owned(),
    };
    let status = client.set_legal_hold(agent(hold(true, ""))).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    for (on, until) in
        [(true, "2026-06-08"), (true, "2026-6-9"), (true, "x"), (false, "2027-01-01")]
    {
        let status = client.set_legal_hold(of(Role::Lead, hold(on, until))).await.unwrap_err();
        assert_eq!(fields(&status), ["until"], "{until}");
    }
    let answer = client.set_legal_hold(of(Role::Lead, hold(true, "2026-12-31"))).await.unwrap();
    let held = answer.into_inner().party.unwrap().legal_hold.unwrap();
    assert_eq!((&*held.basis, &*held.until), ("claim 7/2026", "2026-12-31"));
    assert_eq!(rule(&world.merge(&party, &old).await.unwrap_err()), "LEGAL_HOLD");
    let answer = client.set_legal_hold(of(Role::Lead, hold(false, ""))).await.unwrap();
    assert_eq!(answer.into_inner().party.unwrap().legal_hold, None);
    world.merge(&party, &old).await.unwrap();
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let request = v1::RegisterPartyRequest {
        request_id: "1".to_owned(),
        profile: Some(v1::PartyProfile {
            kind: 0,
            consumer_status: 77,
            name: "x".repeat(201),
            segment: "a b".to_owned(),
            language: "de".to_owned(),
            register: -1,
            time_zone: "Mars/Olympus".to_owned(),
            contact_points: vec![
                point(ContactPointKind::Email, "anna"),
                point(ContactPointKind::Phone, "600 100 200"),
                point(ContactPointKind::Social, "anna"),
                point(ContactPointKind::Unspecified, "x"),
                point(ContactPointKind::Phone, "+48600100200"),
                point(ContactPointKind::Phone, "0048 600 100 200"),
            ],
            accessibility: "\u{0}".to_owned(),
            external_refs: vec![v1::ExternalRef { system: "c r m".into(), id: String::new() }],
            vip: false,
        }),
    };
    let status = client.register_party(agent(request)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    let mut named = fields(&status);
    named.sort();
    let expected = [
        "profile.accessibility",
        "profile.consumer_status",
        "profile.contact_points[0].value",
        "profile.contact_points[1].value",
        "profile.contact_points[2].value",
        "profile.contact_points[3].kind",
        "profile.contact_points[5]",
        "profile.external_refs[0].id",
        "profile.external_refs[0].system",
        "profile.kind",
        "profile.language",
        "profile.name",
        "profile.register",
        "profile.segment",
        "profile.time_zone",
        "request_id",
    ];
    assert_eq!(named, expected);
    assert!(!status.message().contains("600 100"), "{status:?}");
}

#[tokio::test]
async fn what_is_missing_or_too_much_is_named() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let empty = v1::RegisterPartyRequest { request_id: new_id(), profile: None };
    let status = client.register_party(agent(empty)).await.unwrap_err();
    assert_eq!(fields(&status), ["profile"]);
    let many: Vec<_> =
        (0..21).map(|n| point(ContactPointKind::Email, &format!("a{n}@example.org"))).collect();
    let status = client.register_party(agent(register("Anna", &many))).await.unwrap_err();
    assert_eq!(fields(&status), ["profile.contact_points"]);

    let find = |contact_point, token: &str| v1::FindPartiesRequest {
        contact_point,
        consistency_token: Some(common::ConsistencyToken { token: token.to_owned() }),
    };
    let status = client.find_parties(agent(find(None, ""))).await.unwrap_err();
    assert_eq!(fields(&status)[0], "contact_point");
    let postal = Some(point(ContactPointKind::Postal, "Prosta 1"));
    let status = client.find_parties(agent(find(postal, ""))).await.unwrap_err();
    assert_eq!(fields(&status), ["contact_point.kind"]);
    let anna = Some(anna()[0].clone());
    for token in ["x", "99:1"] {
        let status = client.find_parties(agent(find(anna.clone(), token))).await.unwrap_err();
        assert_eq!(fields(&status), ["consistency_token"], "{token}");
    }
    let ahead = format!("{}:999999", world.tenant.partition.0);
    let status = client.find_parties(agent(find(anna, &ahead))).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Unavailable, "NOT_CAUGHT_UP".to_owned()));

    let quiet = v1::QuietHours { from_minute: 1440, to_minute: 60 };
    let preference = v1::PartyPreference { quiet_hours: Some(quiet), ..Default::default() };
    let request = v1::SetPreferenceRequest {
        request_id: new_id(),
        party_id: new_id(),
        etag: "7".to_owned(),
        preference: Some(preference),
    };
    let status = client.set_preference(agent(request)).await.unwrap_err();
    let mut named = fields(&status);
    named.sort();
    let expected =
        ["etag", "preference.channel", "preference.purpose", "preference.quiet_hours.from_minute"];
    assert_eq!(named, expected);
}

#[tokio::test]
async fn only_those_who_need_them_see_parties() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let party = world.party("Anna", &anna()).await;
    let read = v1::GetPartyRequest { party_id: party.party_id };
    for role in [Role::Customer, Role::Admin, Role::Analyst] {
        let status = client.get_party(of(role, read.clone())).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{role}");
        let find = v1::FindPartiesRequest {
            contact_point: Some(anna()[0].clone()),
            consistency_token: None,
        };
        let status = client.find_parties(of(role, find)).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{role}");
    }
    client.get_party(of(Role::Auditor, read)).await.unwrap();
}

#[tokio::test]
async fn a_ticket_of_a_known_party_is_that_partys() {
    let world = World::new().await;
    let anna = world.party("Anna Nowak", &anna()).await;
    world.find(point(ContactPointKind::Email, "anna@example.org")).await;
    let ticket_of = |request| async {
        let answer = world.client.clone().register_ticket(agent(request)).await.unwrap();
        answer.into_inner().ticket.unwrap()
    };
    let requester_of = |request| async { ticket_of(request).await.requester.unwrap() };
    let request = register_ticket();
    let requester = requester_of(request.clone()).await;
    assert_eq!(requester.party_id, anna.party_id);
    let linked = ticket_of(request.clone()).await.parties;
    assert_eq!((linked.len(), &linked[0].party_id), (1, &anna.party_id));
    assert_eq!(linked[0].identification(), v1::Identification::Matched);

    // Two parties share the address: nobody is recognised.
    let jan = world.party("Jan", &[point(ContactPointKind::Email, "anna@example.org")]).await;
    world.find(point(ContactPointKind::Email, "anna@example.org")).await;
    let stranger = requester_of(register_ticket()).await;
    assert!(![&anna.party_id, &jan.party_id].contains(&&stranger.party_id));
    // The same request has the answer of then.
    assert_eq!(requester_of(request).await.party_id, anna.party_id);
}

#[tokio::test]
async fn a_ticket_tells_the_segment_of_its_requester_and_whether_mail_reaches_them_as_it_was_then()
{
    let world = World::new().await;
    let told_of = |request: v1::RegisterTicketRequest| async {
        let answer = world.client.clone().register_ticket(agent(request)).await.unwrap();
        let ticket = answer.into_inner().ticket.unwrap();
        let events = world.events(&ticket.ticket_id).await;
        let told = v1::TicketRegistered::decode(&*events[0].payload).unwrap();
        (told.requester_segment, told.requester_has_profile_email)
    };
    let mut gold = register("Anna Nowak", &anna());
    gold.profile.as_mut().unwrap().segment = "gold".to_owned();
    let answer = world.parties.clone().register_party(agent(gold)).await.unwrap();
    let party_id = answer.into_inner().party.unwrap().party_id;
    world.find(anna()[0].clone()).await;

    // Recognised by the address, named, and nobody that anybody knows.
    assert_eq!(told_of(register_ticket()).await, ("gold".to_owned(), true));
    let mut named = register_ticket();
    let requester = named.requester.as_mut().unwrap();
    (requester.party_id, requester.email) = (party_id, String::new());
    assert_eq!(told_of(named).await, ("gold".to_owned(), true));
    let mut stranger = register_ticket();
    stranger.requester.as_mut().unwrap().email = "jan@example.org".to_owned();
    assert_eq!(told_of(stranger).await, (String::new(), false));
}

#[tokio::test]
async fn the_tickets_of_a_party_come_in_pages_the_newest_first() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let old = world.party("Jan", &[]).await;
    let party = world.party("Anna", &anna()).await;
    world.find(anna()[0].clone()).await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(world.register().await.number);
    }
    numbers.reverse();
    world.merge(&party, &old).await.unwrap();
    world.find(anna()[0].clone()).await;
    for party_id in [&old.party_id, &party.party_id] {
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = v1::ListPartyTicketsRequest {
                party_id: party_id.clone(),
                page_size: 2,
                page_token,
                consistency_token: None,
            };
            let page = client.list_party_tickets(agent(request)).await.unwrap().into_inner();
            assert!(page.tickets.iter().all(|ticket| ticket.close_time.is_none()));
            seen.extend(page.tickets.into_iter().map(|ticket| ticket.number));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, numbers);
    }
}

#[tokio::test]
async fn a_closed_ticket_of_a_party_says_when() {
    let world = World::new().await;
    let party = world.party("Anna", &anna()).await;
    world.find(anna()[0].clone()).await;
    let ticket_id = world.open().await.ticket_id;
    let mut client = world.client.clone();
    client.resolve_ticket(agent(crate::world::resolve(&ticket_id))).await.unwrap();
    let confirm = v1::ConfirmResolutionRequest {
        request_id: new_id(),
        ticket_id: ticket_id.clone(),
        etag: String::new(),
    };
    let closed = client.confirm_resolution(of(Role::Customer, confirm)).await.unwrap().into_inner();
    let request = v1::ListPartyTicketsRequest {
        party_id: party.party_id,
        consistency_token: closed.consistency_token,
        ..Default::default()
    };
    let list = world.parties.clone().list_party_tickets(agent(request)).await.unwrap();
    let tickets = list.into_inner().tickets;
    assert_eq!((tickets.len(), &tickets[0].ticket_id), (1, &ticket_id));
    assert_eq!(tickets[0].r#type(), v1::TicketType::Incident);
    let at = chassis::clock::Clock::now(&world.clock);
    assert_eq!(tickets[0].close_time, Some(wire::scalar::timestamp(at)));
}

#[tokio::test]
async fn what_a_party_needs_is_not_read_by_everybody_and_stays_where_they_change_the_rest() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let update = |profile: v1::PartyProfile| v1::UpdatePartyRequest {
        request_id: new_id(),
        party_id: party.party_id.clone(),
        profile: Some(profile),
        ..Default::default()
    };
    let mut client = world.parties.clone();
    // Whoever is told notes it.
    let needs = "sign language".to_owned();
    let told = v1::PartyProfile { accessibility: needs, ..party.profile.clone().unwrap() };
    let noted = client.update_party(agent(update(told))).await.unwrap().into_inner();
    let seen = noted.party.unwrap().profile.unwrap();
    let restricted = "[ograniczono / restricted]";
    assert_eq!((&*seen.accessibility, &*seen.name), (restricted, "Anna Nowak"));
    for role in [Role::Agent, Role::Integrator] {
        let seen = world.party_as(role, &party.party_id).await.profile.unwrap();
        assert_eq!(seen.accessibility, restricted, "{role}");
    }
    for needs in [restricted, ""] {
        let name = format!("Anna Nowak {}", needs.len());
        let accessibility = needs.to_owned();
        let renamed = v1::PartyProfile { name: name.clone(), accessibility, ..seen.clone() };
        client.update_party(agent(update(renamed))).await.unwrap();
        for role in [Role::Expert, Role::Lead, Role::ProcessOwner, Role::Auditor, Role::System] {
            let seen = world.party_as(role, &party.party_id).await.profile.unwrap();
            assert_eq!((&*seen.accessibility, seen.name), ("sign language", name.clone()));
        }
    }
    let none = v1::PartyProfile { accessibility: String::new(), ..seen };
    client.update_party(of(Role::Expert, update(none))).await.unwrap();
    let seen = world.party_as(Role::Agent, &party.party_id).await.profile.unwrap();
    assert_eq!(seen.accessibility, "");
}
