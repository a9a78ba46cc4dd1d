//! `docs/EVENTS.md` names every event of every stream, and no other.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use wire::POOL;

/// Messages that list the events of one stream in a oneof.
fn families() -> Vec<prost_reflect::MessageDescriptor> {
    POOL.all_messages()
        .filter(|message| message.full_name().starts_with("odzew."))
        .filter(|message| message.name().ends_with("Event"))
        .filter(|message| message.oneofs().any(|oneof| oneof.name() == "event"))
        .collect()
}

#[test]
fn the_catalogue_is_complete() {
    let events: BTreeSet<String> = families()
        .iter()
        .flat_map(|family| family.oneofs().flat_map(|oneof| oneof.fields().collect::<Vec<_>>()))
        .map(|field| field.kind().as_message().unwrap().name().to_owned())
        .collect();
    assert!(events.len() > 20, "the families were found");
    let catalogue: BTreeSet<String> = include_str!("../../../docs/EVENTS.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = events.difference(&catalogue).collect();
    let unknown: Vec<_> = catalogue.difference(&events).collect();
    assert!(missing.is_empty(), "add a line to docs/EVENTS.md for {missing:?}");
    assert!(unknown.is_empty(), "docs/EVENTS.md names events that do not exist: {unknown:?}");
}
