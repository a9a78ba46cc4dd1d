//! Bytes of every event version ever written: they are decoded for ever.
//!
//! A golden file holds the bytes of one event and what they mean. The test finds the
//! events by itself: every message of a oneof in a message named `…Event`. An event
//! without a golden file fails; so does a file whose bytes mean something else today.
#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde_json::{Value, json};
use wire::{DecodeError, POOL, Payload};

#[path = "golden/clock.rs"]
mod clock;
#[path = "golden/complaint.rs"]
mod complaint;
#[path = "golden/contact.rs"]
mod contact;
#[path = "golden/directory.rs"]
mod directory;
#[path = "golden/inbound.rs"]
mod inbound;
#[path = "golden/notice.rs"]
mod notice;
#[path = "golden/party.rs"]
mod party;
#[path = "golden/route.rs"]
mod route;
#[path = "golden/rules.rs"]
mod rules;
#[path = "golden/slaconfig.rs"]
mod slaconfig;
#[path = "golden/taxonomy.rs"]
mod taxonomy;
#[path = "golden/ticket.rs"]
mod ticket;
#[path = "golden/webhook.rs"]
mod webhook;

const WRITE: &str = "ODZEW_WRITE_GOLDEN";

/// The events of one aggregate.
struct Family {
    /// The message whose oneof lists them.
    message: &'static str,
    /// One value of every event: its type and its bytes.
    samples: fn() -> Vec<(&'static str, Vec<u8>)>,
    /// Reads an event and writes it again.
    rewrite: fn(&str, &[u8]) -> Result<Vec<u8>, DecodeError>,
}

const FAMILIES: &[Family] = &[
    Family {
        message: "odzew.routing.v1.DirectoryEvent",
        samples: || encoded(directory::samples()),
        rewrite: rewrite::<domain::directory::Event>,
    },
    Family {
        message: "odzew.routing.v1.RouteEvent",
        samples: || encoded(route::samples()),
        rewrite: rewrite::<domain::route::Event>,
    },
    Family {
        message: "odzew.routing.v1.RulesEvent",
        samples: || encoded(rules::samples()),
        rewrite: rewrite::<domain::rules::Event>,
    },
    Family {
        message: "odzew.sla.v1.ClockEvent",
        samples: || encoded(clock::samples()),
        rewrite: rewrite::<domain::clock::Event>,
    },
    Family {
        message: "odzew.sla.v1.SlaConfigEvent",
        samples: || encoded(slaconfig::samples()),
        rewrite: rewrite::<domain::slaconfig::Event>,
    },
    Family {
        message: "odzew.intake.v1.ContactEvent",
        samples: || encoded(contact::samples()),
        rewrite: rewrite::<domain::contact::Event>,
    },
    Family {
        message: "odzew.intake.v1.InboundEvent",
        samples: || encoded(inbound::samples()),
        rewrite: rewrite::<domain::inbound::Event>,
    },
    Family {
        message: "odzew.intake.v1.PartyEvent",
        samples: || encoded(party::samples()),
        rewrite: rewrite::<domain::party::Event>,
    },
    Family {
        message: "odzew.intake.v1.TaxonomyEvent",
        samples: || encoded(taxonomy::samples()),
        rewrite: rewrite::<domain::taxonomy::Event>,
    },
    Family {
        message: "odzew.intake.v1.TicketEvent",
        samples: || encoded(ticket::samples()),
        rewrite: rewrite::<domain::ticket::Event>,
    },
    Family {
        message: "odzew.notification.v1.NoticeEvent",
        samples: || encoded(notice::samples()),
        rewrite: rewrite::<domain::notice::Event>,
    },
    Family {
        message: "odzew.notification.v1.WebhookEvent",
        samples: || encoded(webhook::samples()),
        rewrite: rewrite::<domain::webhook::Event>,
    },
];

fn encoded<E: Payload>(samples: Vec<E>) -> Vec<(&'static str, Vec<u8>)> {
    samples.iter().map(|event| (event.event_type(), event.encode().to_vec())).collect()
}

fn rewrite<E: Payload>(event_type: &str, bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    E::decode(event_type, bytes).map(|event| event.encode().to_vec())
}

/// A golden file: `<full name>.<n>.json`; of several, the highest `n` is today's.
struct Golden {
    bytes: Vec<u8>,
    meaning: Value,
    path: PathBuf,
}

#[test]
fn every_event_belongs_to_a_family() {
    let known: Vec<_> = FAMILIES.iter().map(|family| family.message).collect();
    for message in event_messages() {
        assert!(
            known.contains(&message.full_name()),
            "{} is in no family: add tests/golden/<noun>.rs with one sample of each of its \
             events and a line in FAMILIES",
            message.full_name(),
        );
    }
}

#[test]
fn every_event_has_golden_bytes_that_it_still_writes() {
    for family in FAMILIES {
        let samples: BTreeMap<_, _> = (family.samples)().into_iter().collect();
        for event in events(&POOL.get_message_by_name(family.message).unwrap()) {
            let name = event.full_name();
            let Some(bytes) = samples.get(name) else {
                panic!("{name} has no sample: add one to samples() of its file in tests/golden/");
            };
            let golden = golden(name);
            if golden.last().is_some_and(|newest| newest.bytes == *bytes) {
                continue;
            }
            if writing() {
                write(&event, golden.len() + 1, bytes);
                continue;
            }
            panic!(
                "the sample of {name} has no golden file with its bytes. A new event, or a new \
                 field on purpose: {WRITE}=1 cargo test -p wire --test golden, and commit the new \
                 file. Otherwise the encoding broke: stored events would be misread. Never edit \
                 or delete a golden file.",
            );
        }
    }
}

#[test]
fn golden_bytes_are_read_and_mean_what_they_meant() {
    for family in FAMILIES {
        for event in events(&POOL.get_message_by_name(family.message).unwrap()) {
            for Golden { bytes, meaning, path } in golden(event.full_name()) {
                let path = path.display();
                assert_eq!(meaning, meaning_of(&event, &bytes), "{path}");
                (family.rewrite)(event.full_name(), &bytes)
                    .unwrap_or_else(|error| panic!("{path} is no longer read: {error}"));
            }
        }
    }
}

#[test]
fn a_field_from_the_future_does_no_harm() {
    // Field 19,999 with the text "new".
    const UNKNOWN: [u8; 7] = [0xfa, 0xe1, 0x09, 3, b'n', b'e', b'w'];
    for family in FAMILIES {
        for (event_type, bytes) in (family.samples)() {
            let mut newer = bytes.clone();
            newer.extend(UNKNOWN);
            assert_eq!((family.rewrite)(event_type, &newer).unwrap(), bytes, "{event_type}");
        }
    }
}

#[test]
fn what_is_no_event_is_refused() {
    for family in FAMILIES {
        let unknown = (family.rewrite)("odzew.nowhere.v1.Nothing", &[]);
        assert!(matches!(unknown, Err(DecodeError::UnknownEventType(_))));
        for (event_type, _) in (family.samples)() {
            let malformed = (family.rewrite)(event_type, &[0xff; 8]);
            assert!(matches!(malformed, Err(DecodeError::Malformed(_))), "{event_type}");
        }
    }
}

/// The messages that list an aggregate's events.
fn event_messages() -> impl Iterator<Item = MessageDescriptor> {
    POOL.all_messages().filter(|message| {
        message.full_name().starts_with("odzew.")
            && message.name().ends_with("Event")
            && message.oneofs().any(|oneof| oneof.name() == "event")
    })
}

/// The events that such a message lists.
fn events(message: &MessageDescriptor) -> Vec<MessageDescriptor> {
    let oneof = message.oneofs().find(|oneof| oneof.name() == "event").unwrap();
    oneof.fields().map(|field| field.kind().as_message().unwrap().clone()).collect()
}

fn meaning_of(event: &MessageDescriptor, bytes: &[u8]) -> Value {
    let message = DynamicMessage::decode(event.clone(), bytes).unwrap();
    serde_json::to_value(message).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/bytes")
}

/// The golden files of an event, oldest first.
fn golden(event_type: &str) -> Vec<Golden> {
    (1..)
        .map(|n| folder().join(format!("{event_type}.{n}.json")))
        .take_while(|path| path.exists())
        .map(|path| {
            let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let hex = file["bytes"].as_str().unwrap();
            let bytes = (0..hex.len())
                .step_by(2)
                .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap())
                .collect();
            Golden { bytes, meaning: file["meaning"].clone(), path }
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn writing() -> bool {
    std::env::var_os(WRITE).is_some()
}

fn write(event: &MessageDescriptor, n: usize, bytes: &[u8]) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = json!({ "bytes": hex, "meaning": meaning_of(event, bytes) });
    fs::create_dir_all(folder()).unwrap();
    let path = folder().join(format!("{}.{n}.json", event.full_name()));
    fs::write(path, serde_json::to_string_pretty(&file).unwrap() + "\n").unwrap();
}
