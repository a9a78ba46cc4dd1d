//! A sealed text is readable only with its key, and equal texts at the same place seal alike.
#![allow(clippy::unwrap_used)]
use std::sync::Mutex;
use std::time::Duration;

use futures::future::BoxFuture;
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, Value};
use wire::intake::v1::TicketRegistered;

use super::*;
use crate::cursor::Partition;
use crate::tenants::TenantKey;

const ACME: Owner<'static> = Owner { key: TenantKey(1), name: "acme" };
const REGISTERED: &str = "odzew.intake.v1.TicketRegistered";

fn key(byte: u8) -> SubjectKey {
    SubjectKey::new(&[byte; 32])
}

/// Keys that are all made from their id; the destroyed ones are listed.
#[derive(Default)]
struct Keys {
    destroyed: Mutex<Vec<Uuid>>,
    /// Not to be read, but somebody could make them.
    lost: Mutex<Vec<Uuid>>,
    asked: Mutex<u32>,
    away: Mutex<bool>,
}

impl Keys {
    fn find(&self, id: Uuid) -> Found {
        if self.destroyed.lock().unwrap().contains(&id) {
            return Found::Gone;
        }
        let (high, low) = (id.into_bytes(), id.into_bytes());
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(&high);
        secret[16..].copy_from_slice(&low);
        Found::Key(Arc::new(SubjectKey::new(&secret)))
    }
}

impl KeySource for Arc<Keys> {
    fn keys<'a>(
        &'a self,
        _: Owner<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<Found>, KeysAway>> {
        *self.asked.lock().unwrap() += 1;
        let away = *self.away.lock().unwrap();
        let lost = self.lost.lock().unwrap().clone();
        let find = |id: &Uuid| if lost.contains(id) { Found::Gone } else { self.find(*id) };
        let found = ids.iter().map(find).collect();
        Box::pin(async move { if away { Err(KeysAway::new("away")) } else { Ok(found) } })
    }
}

impl KeyMaker for Arc<Keys> {
    fn make<'a>(
        &'a self,
        _: Owner<'a>,
        _: Uuid,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Found, KeysAway>> {
        Box::pin(async move { Ok(self.find(id)) })
    }
}

fn stream() -> StreamId {
    StreamId::new("ticket", Uuid::from_u128(7))
}

fn clear(text: &str) -> Option<Sealed> {
    Some(Sealed { content: Some(Content::Clear(text.to_owned())) })
}

fn message() -> Bytes {
    let message = TicketRegistered {
        number: "7K3M9-QXF2H-4".into(),
        subject: clear("the same"),
        body: clear("the same"),
        requester_name: clear(""),
        ..Default::default()
    };
    message.encode_to_vec().into()
}

async fn sealed(sealing: &Sealing, version: u32) -> TicketRegistered {
    let key = sealing.key_of(ACME, &stream(), version - 1).await.unwrap();
    let bytes = key.seal(ACME, &stream(), version, REGISTERED, &message());
    assert_eq!(bytes, key.seal(ACME, &stream(), version, REGISTERED, &message()));
    TicketRegistered::decode(bytes).unwrap()
}

fn ciphertext(text: Option<&Sealed>) -> &wire::common::v1::Ciphertext {
    match text.unwrap().content.as_ref().unwrap() {
        Content::Ciphertext(ciphertext) => ciphertext,
        Content::Clear(text) => panic!("{text} is in clear"),
    }
}

proptest! {
    #[test]
    fn a_text_is_readable_with_its_key_and_unchanged_only(
        text in ".{0,80}", place in ".{0,20}", secret: [u8; 32], flipped in 0..4_096_usize,
    ) {
        let key = SubjectKey::new(&secret);
        let id = Uuid::from_u128(1);
        let sealed = key.seal(id, &[place.as_bytes()], &text);
        prop_assert_eq!(sealed.nonce.len(), 24);
        prop_assert_eq!(&sealed, &key.seal(id, &[place.as_bytes()], &text));
        prop_assert_eq!(key.open(id, &sealed), Some(text));

        let mut other = secret;
        other[flipped % 32] ^= 1 << (flipped % 8);
        prop_assert_eq!(SubjectKey::new(&other).open(id, &sealed), None);
        prop_assert_eq!(key.open(Uuid::from_u128(2), &sealed), None);
        for field in 0..3 {
            let mut changed = sealed.clone();
            let bytes = match field {
                0 => &mut changed.nonce,
                1 => &mut changed.ciphertext,
                _ => { changed.media_type.push('x'); &mut changed.nonce }
            };
            if field < 2 {
                let mut copy = bytes.to_vec();
                let at = flipped % copy.len();
                copy[at] ^= 1 << (flipped % 8);
                *bytes = copy.into();
            }
            prop_assert_eq!(key.open(id, &changed), None);
        }
    }

    #[test]
    fn equal_nonces_mean_equal_texts_and_places(a in ".{0,9}", b in ".{0,9}", c in ".{0,9}") {
        let seal = |place: &[&[u8]], text: &str| key(1).seal(Uuid::nil(), place, text).nonce;
        let split = seal(&[a.as_bytes(), b.as_bytes()], &c);
        let joined = format!("{a}{b}");
        prop_assert_ne!(&split, &seal(&[joined.as_bytes(), b""], &format!("x{c}")));
        prop_assert_ne!(&split, &seal(&[joined.as_bytes()], &c));
        prop_assert_ne!(split, key(2).seal(Uuid::nil(), &[a.as_bytes(), b.as_bytes()], &c).nonce);
    }
}

#[test]
fn a_mark_hides_the_fingerprint_and_tells_equal_ones() {
    let fingerprint = [7; 16];
    assert_eq!(key(1).mark(&fingerprint), key(1).mark(&fingerprint));
    assert_ne!(key(1).mark(&fingerprint), key(2).mark(&fingerprint));
    assert_ne!(key(1).mark(&fingerprint), fingerprint);
}

/// A message with a text in every place for personal data, at any depth.
fn filled(message: &MessageDescriptor) -> DynamicMessage {
    let mut filled = DynamicMessage::new(message.clone());
    for field in message.fields() {
        let Kind::Message(inner) = field.kind() else { continue };
        let value = if inner.full_name() == "odzew.common.v1.Sealed" {
            let mut sealed = DynamicMessage::new(inner);
            sealed.set_field_by_name("clear", Value::String("zqx7mark".to_owned()));
            Value::Message(sealed)
        } else if wire::sealed::holds_personal_data(inner.full_name()) {
            Value::Message(self::filled(&inner))
        } else {
            continue;
        };
        let value = if field.is_list() { Value::List(vec![value.clone(), value]) } else { value };
        filled.set_field(&field, value);
    }
    filled
}

#[tokio::test]
async fn every_message_with_personal_data_is_sealed_whole_and_opened_again() {
    let sealing = Sealing::new(Arc::<Keys>::default(), &testkit::settings("sealing"));
    let key = sealing.key_of(ACME, &stream(), 0).await.unwrap();
    let has_mark = |bytes: &Bytes| bytes.windows(8).any(|window| window == b"zqx7mark");
    let mut seen = Vec::new();
    for message in wire::POOL.all_messages() {
        let name = message.full_name();
        if !wire::sealed::holds_personal_data(name) {
            continue;
        }
        let clear = Bytes::from(filled(&message).encode_to_vec());
        let sealed = key.seal(ACME, &stream(), 1, name, &clear);
        assert!(has_mark(&clear) && !has_mark(&sealed), "{name}");
        let mut ids = std::collections::BTreeSet::new();
        wire::sealed::key_ids(name, &sealed, &mut ids).unwrap();
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), [stream().id], "{name}");
        let opened = wire::sealed::exchange(name, &sealed, |text| {
            let Some(Content::Ciphertext(text)) = &text.content else { panic!("{name} in clear") };
            let text = key.key.open(key.id, text).unwrap();
            Ok::<_, wire::DecodeError>(Sealed { content: Some(Content::Clear(text)) })
        });
        assert_eq!(opened.unwrap(), clear, "{name}");
        seen.push(name.rsplit('.').next().unwrap().to_owned());
    }
    for event in ["TicketRegistered", "MessageAdded", "PartyUpdated", "ComplaintDecided"] {
        assert!(seen.iter().any(|name| name == event), "{event} in {seen:?}");
    }
}

#[tokio::test]
async fn equal_texts_look_alike_at_no_two_places() {
    let sealing = Sealing::new(Arc::<Keys>::default(), &testkit::settings("sealing"));
    let (first, second) = (sealed(&sealing, 1).await, sealed(&sealing, 2).await);
    assert_eq!(first.number, "7K3M9-QXF2H-4");
    assert_eq!(first.requester_name, clear(""), "no text is no secret");
    let texts = [&first.subject, &first.body, &second.subject, &second.body];
    let mut nonces: Vec<_> =
        texts.iter().map(|text| ciphertext(text.as_ref()).nonce.clone()).collect();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 4);
}

#[tokio::test]
async fn a_destroyed_key_reads_as_erased_and_the_stream_goes_on_with_another() {
    let keys = Arc::<Keys>::default();
    let sealing = Sealing::new(Arc::clone(&keys), &testkit::settings("sealing"));
    let before = sealed(&sealing, 1).await.subject;
    keys.destroyed.lock().unwrap().push(stream().id);
    // Remembered for a while, forgotten when told.
    let read = |text: Option<Sealed>| {
        let keyring = sealing.keyring().clone();
        async move { keyring.read(ACME, &[text]).await.unwrap().remove(0).shown() }
    };
    assert_eq!(read(before.clone()).await, "the same");
    sealing.keyring().forget();
    assert_eq!(read(before.clone()).await, ERASED);
    let after = sealed(&sealing, 2).await.subject;
    assert_ne!(ciphertext(after.as_ref()).key_id, ciphertext(before.as_ref()).key_id);
    assert_eq!(read(after).await, "the same");
    assert_eq!(read(before).await, ERASED);
}

#[tokio::test]
async fn a_lost_first_key_is_not_made_anew() {
    let keys = Arc::<Keys>::default();
    let sealing = Sealing::new(Arc::clone(&keys), &testkit::settings("sealing"));
    let id = |key: StreamKey| key.id;
    assert_eq!(id(sealing.key_of(ACME, &stream(), 0).await.unwrap()), stream().id);
    sealing.keyring().forget();
    // The store would make one, but has none.
    keys.lost.lock().unwrap().push(stream().id);
    assert_ne!(id(sealing.key_of(ACME, &stream(), 1).await.unwrap()), stream().id);
}

#[tokio::test]
async fn a_key_is_asked_for_once_until_its_time_is_over() {
    let keys = Arc::<Keys>::default();
    let text =
        sealed(&Sealing::new(Arc::clone(&keys), &testkit::settings("sealing")), 1).await.subject;
    let keyring = Keyring::new(Arc::clone(&keys), &testkit::settings("sealing"));
    for _ in 0..3 {
        keyring.read(ACME, &[text.clone(), text.clone(), clear("x"), None]).await.unwrap();
    }
    assert_eq!(*keys.asked.lock().unwrap(), 1, "making is not asking");
    let settings = Settings { key_ttl: Duration::ZERO, ..testkit::settings("sealing") };
    let keyring = Keyring::new(Arc::clone(&keys), &settings);
    for _ in 0..2 {
        keyring.read(ACME, std::slice::from_ref(&text)).await.unwrap();
    }
    assert_eq!(*keys.asked.lock().unwrap(), 3);
}

#[tokio::test]
async fn a_key_is_asked_for_again_behind_another_connection() {
    let keys = Arc::<Keys>::default();
    let text =
        sealed(&Sealing::new(Arc::clone(&keys), &testkit::settings("sealing")), 1).await.subject;
    let keyring = Keyring::new(Arc::clone(&keys), &testkit::settings("sealing"));
    for (partition, session, asked) in [(0, 1, 1), (0, 1, 1), (1, 1, 1), (0, 2, 2), (1, 1, 2)] {
        keyring.in_session(Partition(partition), session);
        keyring.read(ACME, std::slice::from_ref(&text)).await.unwrap();
        assert_eq!(*keys.asked.lock().unwrap(), asked, "{partition} {session}");
    }
}

#[tokio::test]
async fn keys_that_are_away_are_an_outage_and_never_an_erasure() {
    let keys = Arc::<Keys>::default();
    let text =
        sealed(&Sealing::new(Arc::clone(&keys), &testkit::settings("sealing")), 1).await.subject;
    *keys.away.lock().unwrap() = true;
    let keyring = Keyring::new(Arc::clone(&keys), &testkit::settings("sealing"));
    assert!(keyring.read(ACME, &[text]).await.is_err());
    let in_clear = keyring.read(ACME, &[clear("x")]).await.unwrap().remove(0);
    assert_eq!(in_clear.shown(), "x");
}
