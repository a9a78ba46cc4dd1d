//! What is stored is sealed; who may read reads it, and nobody without the keys.
use std::time::Duration;

use chassis::rpc::Role;
use chassis::secret::Secret;
use tonic::Code;
use tonic::transport::Channel;
use wire::intake::v1::key_service_client::KeyServiceClient;
use wire::intake::v1::{self, GetKeysRequest, GetSealingKeyRequest};

use crate::parties::{anna, point, register as register_party};
use crate::world::{World, agent, fields, inbound, of, refusal, register};

const PERSONAL: [&str; 8] = [
    "No service",
    "Since this morning",
    "Anna",
    "anna@example",
    "Any news",
    "600 100 200",
    "+48600100200",
    "Nowak",
];

impl World {
    /// Everything in the log as it is stored, printed.
    async fn stored(&self) -> String {
        let mut all = String::new();
        for &partition in self.owner.partitions() {
            for event in self.owner.read_partition(partition, 0, 1_000).await.unwrap() {
                let (payload, metadata) = (&event.payload, &event.metadata_bytes);
                let texts = [payload, metadata].map(|bytes| String::from_utf8_lossy(bytes));
                all.push_str(&format!("{}\n{}\n{}\n", event.event_type, texts[0], texts[1]));
            }
        }
        all
    }

    async fn keys(&self) -> KeyServiceClient<Channel> {
        KeyServiceClient::connect(format!("http://{}", self.addr)).await.unwrap()
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.db.pool()).await.unwrap()
    }
}

#[tokio::test]
async fn nothing_personal_is_stored_in_clear_and_all_of_it_is_read_back() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let ticket = world.register().await;
    let added = world.client.clone().add_message(agent(inbound(&ticket.ticket_id))).await.unwrap();
    let request = v1::StartContactRequest {
        request_id: crate::world::new_id(),
        channel: v1::ContactChannel::Voice.into(),
        direction: v1::ContactDirection::Inbound.into(),
        entry_point: "hotline".to_owned(),
        party_hint: Some(point(v1::ContactPointKind::Phone, "+48 600 100 200")),
        ..Default::default()
    };
    let contact = world.contacts.clone().start_contact(agent(request)).await.unwrap();
    let contact_id = contact.into_inner().contact.unwrap().contact_id;

    let stored = world.stored().await;
    for text in PERSONAL {
        assert!(!stored.contains(text), "{text} is in the log");
    }
    assert_eq!(world.get(&ticket.ticket_id).await, added.into_inner().ticket.unwrap());
    assert_eq!(world.get(&ticket.ticket_id).await.messages[0].body, "Since this morning.");
    let request = v1::GetPartyRequest { party_id: party.party_id };
    let read = world.parties.clone().get_party(agent(request)).await.unwrap().into_inner();
    assert_eq!(read.party.unwrap().profile, party.profile);
    let request = v1::GetContactRequest { contact_id };
    let read = world.contacts.clone().get_contact(agent(request)).await.unwrap().into_inner();
    assert!(format!("{read:?}").contains("+48 600 100 200"));
    assert_eq!(world.find(anna()[0].clone()).await.len(), 1, "and found by the blind index");
    assert_eq!(world.count("select count(*) from keys.subject_key").await, 3);
    for &partition in world.owner.partitions() {
        world.owner.verify(partition).await.unwrap();
    }
}

#[tokio::test]
async fn a_repeated_request_is_known_although_its_fingerprint_is_hidden() {
    let mut world = World::new().await;
    let request = register();
    let first = world.register_as(request.clone()).await;
    // Another process remembers nothing.
    world.restart().await;
    assert_eq!(world.register_as(request.clone()).await, first);
    assert_eq!(world.events(&first.ticket_id).await.len(), 3);
    let other = v1::RegisterTicketRequest { subject: "Other".to_owned(), ..request };
    let status = world.client.clone().register_ticket(agent(other)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));
    for event in world.events(&first.ticket_id).await {
        let metadata = event.metadata().unwrap();
        assert_eq!(metadata.subject_key_ids, [first.ticket_id.as_str()]);
        assert_eq!(metadata.request_fingerprint.len(), 16);
    }
}

#[tokio::test]
async fn events_that_were_stored_in_clear_stay_readable() {
    let world = World::new().await;
    let sealed = world.register().await;
    let stream = eventlog::StreamId::new("ticket", uuid::Uuid::now_v7());
    // As an older version wrote them: the same events under another id, in clear.
    let mut events = Vec::new();
    for event in world.events(&sealed.ticket_id).await {
        events.push(eventlog::NewEvent {
            event_id: uuid::Uuid::now_v7(),
            event_type: match event.event_type.as_str() {
                wire::event::TICKET_REGISTERED => wire::event::TICKET_REGISTERED,
                wire::event::TICKET_CLASSIFIED => wire::event::TICKET_CLASSIFIED,
                _ => wire::event::PRIORITY_CHANGED,
            },
            payload: event.payload.clone(),
            metadata: wire::events::v1::Metadata {
                correlation_id: stream.id.to_string(),
                ..Default::default()
            },
            occurred_at: event.occurred_at,
        });
    }
    world.owner.append(&world.tenant, &stream, 0, events).await.unwrap();
    let id = stream.id.to_string();
    let ticket = world.client.clone().add_message(agent(inbound(&id))).await.unwrap();
    let bodies: Vec<_> =
        ticket.into_inner().ticket.unwrap().messages.into_iter().map(|m| m.body).collect();
    assert_eq!(bodies, ["Since this morning.", "Any news?"]);
}

#[tokio::test]
async fn keys_are_given_to_odzew_alone() {
    let world = World::new().await;
    let ticket = world.register().await;
    let mut keys = world.keys().await;
    let request =
        GetKeysRequest { key_ids: vec![ticket.ticket_id.clone(), crate::world::new_id()] };
    let given = keys.get_keys(of(Role::System, request.clone())).await.unwrap().into_inner().keys;
    assert_eq!(given.len(), 1, "of the other one there is none");
    assert_eq!((&given[0].key_id, given[0].secret.len()), (&ticket.ticket_id, 32));
    for role in Role::ALL.into_iter().filter(|role| *role != Role::System) {
        let status = keys.get_keys(of(role, request.clone())).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{role}");
    }
    let other = crate::world::for_tenant("zeta", Role::System, request);
    assert!(keys.get_keys(other).await.unwrap().into_inner().keys.is_empty(), "of another tenant");
    let bad = GetKeysRequest { key_ids: vec!["key".to_owned()] };
    let status = keys.get_keys(of(Role::System, bad)).await.unwrap_err();
    assert_eq!(fields(&status), ["key_ids[0]"]);
    let many = GetKeysRequest { key_ids: vec![ticket.ticket_id; 1_001] };
    let status = keys.get_keys(of(Role::System, many)).await.unwrap_err();
    assert_eq!(fields(&status), ["key_ids"]);
}

#[tokio::test]
async fn a_key_to_seal_with_is_the_ticket_s_own_or_made_once() {
    let world = World::new().await;
    let ticket = world.register().await;
    let mut keys = world.keys().await;
    let asked = |key_id: &str| GetSealingKeyRequest {
        stream_id: ticket.ticket_id.clone(),
        key_id: key_id.to_owned(),
    };
    let request = GetKeysRequest { key_ids: vec![ticket.ticket_id.clone()] };
    let own = keys.get_keys(of(Role::System, request)).await.unwrap().into_inner().keys.remove(0);
    let again = keys.get_sealing_key(of(Role::System, asked(&ticket.ticket_id))).await.unwrap();
    assert_eq!(again.into_inner().key.unwrap(), own);
    let other = crate::world::new_id();
    let mut made = Vec::new();
    for _ in 0..2 {
        let key = keys.get_sealing_key(of(Role::System, asked(&other))).await.unwrap();
        made.push(key.into_inner().key.unwrap());
    }
    assert_eq!(made[0], made[1]);
    assert_ne!(made[0].secret, own.secret);
    sqlx::query("update keys.subject_key set wrapped = null, destroyed_at = now()")
        .execute(world.db.pool())
        .await
        .unwrap();
    let gone = keys.get_sealing_key(of(Role::System, asked(&other))).await.unwrap();
    assert_eq!(gone.into_inner().key, None, "a destroyed key is not made again");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::System) {
        let status = keys.get_sealing_key(of(role, asked(&other))).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{role}");
    }
    let bad = GetSealingKeyRequest { stream_id: String::new(), key_id: "key".to_owned() };
    let status = keys.get_sealing_key(of(Role::System, bad)).await.unwrap_err();
    assert_eq!(fields(&status), ["stream_id", "key_id"]);
}

#[tokio::test]
async fn keys_that_are_away_are_an_outage_and_nothing_reads_as_erased() {
    let mut world = World::new().await;
    let ticket = world.register().await;
    world.settled().await;
    world.restart().await;
    let rename = |from: &str, to: &str| {
        sqlx::AssertSqlSafe(format!("alter table keys.{from} rename to {to}"))
    };
    sqlx::query(rename("subject_key", "away")).execute(world.db.pool()).await.unwrap();
    let read = v1::GetTicketRequest { ticket_id: ticket.ticket_id.clone(), ..Default::default() };
    let mut client = world.client.clone();
    let status = client.get_ticket(agent(read)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Unavailable, "UNAVAILABLE".to_owned()));
    let message = inbound(&ticket.ticket_id);
    let status = client.add_message(agent(message.clone())).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Unavailable, "UNAVAILABLE".to_owned()));
    let status = client.register_ticket(agent(register())).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Unavailable, "UNAVAILABLE".to_owned()));

    sqlx::query(rename("away", "subject_key")).execute(world.db.pool()).await.unwrap();
    client.add_message(agent(message)).await.unwrap();
    world.settled().await;
    assert_eq!(world.get(&ticket.ticket_id).await.messages[0].body, "Since this morning.");
}

#[tokio::test]
async fn a_damaged_key_is_lost_alone() {
    let mut world = World::new().await;
    let (broken, sound) = (world.register().await, world.register().await);
    world.settled().await;
    world.restart().await;
    let damage = "update keys.subject_key set wrapped = substr(wrapped, 2) where key_id = $1";
    let id: uuid::Uuid = broken.ticket_id.parse().unwrap();
    sqlx::query(damage).bind(id).execute(world.db.pool()).await.unwrap();
    // Both are asked for together when everything is read again.
    world.deliver_everything_again().await;
    assert_eq!(world.get(&sound.ticket_id).await.messages[0].body, "Since this morning.");
    assert_eq!(world.get(&broken.ticket_id).await.messages[0].body, eventlog::sealing::ERASED);
    // The ticket goes on under another key.
    world.client.clone().add_message(agent(inbound(&broken.ticket_id))).await.unwrap();
    assert_eq!(world.get(&broken.ticket_id).await.messages[1].body, "Any news?");
}

#[tokio::test]
async fn a_call_that_is_given_up_takes_nobodys_key_along() {
    let world = World::new().await;
    let keys = world.keys().await;
    let mut lock = world.db.pool().begin().await.unwrap();
    sqlx::query("lock table keys.subject_key in share mode").execute(&mut *lock).await.unwrap();
    let id = crate::world::new_id;
    let asked = || {
        let asked = GetSealingKeyRequest { stream_id: id(), key_id: id() };
        let mut keys = keys.clone();
        async move { keys.get_sealing_key(of(Role::System, asked)).await }
    };
    let writing = "select count(*) from pg_stat_activity
                    where wait_event_type = 'Lock' and query like 'insert into keys.subject_key%'";
    let first = tokio::spawn(asked());
    testkit::eventually(|| async { world.count(writing).await == 1 }).await;
    let second = tokio::spawn(asked());
    first.abort();
    drop(lock);
    assert!(second.await.unwrap().unwrap().into_inner().key.is_some());
}

#[tokio::test]
async fn many_tickets_at_once_have_their_keys() {
    let world = World::new().await;
    let calls = (0..40).map(|_| world.register());
    let tickets = futures::future::join_all(calls).await;
    world.clock.advance(Duration::from_secs(1));
    for ticket in tickets {
        assert_eq!(world.get(&ticket.ticket_id).await.messages[0].body, "Since this morning.");
    }
    assert_eq!(world.count("select count(*) from keys.subject_key").await, 40);
}

#[tokio::test]
async fn another_master_key_is_refused_at_the_start() {
    let world = World::new().await;
    world.register().await;
    let with = |key: String| {
        let config = intake::Config { master_key: Secret::new(key), ..world.config.clone() };
        let log = world.log.clone();
        async move { intake::with_keys(log, &config, &testkit::settings("sealing")).await.map(|_| ()) }
    };
    let error = with("k".repeat(32)).await.unwrap_err();
    assert!(error.to_string().contains("another master key"), "{error:#}");
    with(String::new()).await.unwrap();
}

#[tokio::test]
async fn a_role_of_the_database_cannot_take_keys_away_or_read_anothers() {
    let world = World::new().await;
    world.register().await;
    let refused = |role: &'static str, sql: &'static str| {
        let options = world.db.options().options([("role", role)]);
        async move {
            use sqlx::{ConnectOptions as _, Executor as _};
            let mut connection = options.connect().await.unwrap();
            let error = connection.execute(sql).await.unwrap_err();
            assert_eq!(
                error.as_database_error().unwrap().code().as_deref(),
                Some("42501"),
                "{sql}"
            );
        }
    };
    refused("odzew_intake", "delete from keys.subject_key").await;
    refused("odzew_intake", "update keys.subject_key set stream_id = key_id").await;
    for role in ["odzew_desk", "odzew_notification", "odzew_routing", "odzew_sla"] {
        refused(role, "select * from keys.subject_key").await;
    }
    let party = register_party("Jan", &[]);
    world.parties.clone().register_party(agent(party)).await.unwrap();
}
