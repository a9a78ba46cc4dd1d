//! The public API as its descriptors tell it: everything is explained, named alike, and every
//! reason that the services send is listed.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use prost_reflect::{MessageDescriptor, MethodDescriptor};
use wire::POOL;

/// Functions that take a reason first, or right behind the code.
const TAKE_A_REASON: [&str; 12] = [
    "build",
    "explain",
    "failed_precondition",
    "invalid_because",
    "invalid_reason",
    "out_of_range",
    "precondition",
    "refuse",
    "resource",
    "resource_exhausted",
    "unauthenticated",
    "unavailable",
];

fn ours(name: &str) -> bool {
    name.starts_with("odzew.")
}

fn methods() -> Vec<MethodDescriptor> {
    POOL.services()
        .filter(|service| ours(service.full_name()))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect()
}

fn reads(method: &MethodDescriptor) -> bool {
    ["Find", "Get", "List", "Watch"].iter().any(|verb| method.name().starts_with(verb))
}

fn has(message: &MessageDescriptor, fields: &[&str]) -> bool {
    fields.iter().all(|field| message.get_field_by_name(field).is_some())
}

/// Paths of a file's descriptor, as `SourceCodeInfo` counts them, with the name of what is there.
fn places(file: &prost_types::FileDescriptorProto) -> Vec<(Vec<i32>, String)> {
    let mut found = Vec::new();
    for (at, message) in (0..).zip(&file.message_type) {
        let path = vec![4, at];
        messages(message, path, message.name(), &mut found);
    }
    for (at, listed) in (0..).zip(&file.enum_type) {
        enums(listed, vec![5, at], listed.name(), &mut found);
    }
    for (at, service) in (0..).zip(&file.service) {
        found.push((vec![6, at], service.name().to_owned()));
        for (method, named) in (0..).zip(&service.method) {
            let name = format!("{}.{}", service.name(), named.name());
            found.push((vec![6, at, 2, method], name));
        }
    }
    found
}

fn messages(
    message: &prost_types::DescriptorProto,
    path: Vec<i32>,
    name: &str,
    found: &mut Vec<(Vec<i32>, String)>,
) {
    let below = |kind: i32, at: i32| [path.as_slice(), &[kind, at]].concat();
    for (at, field) in (0..).zip(&message.field) {
        found.push((below(2, at), format!("{name}.{}", field.name())));
    }
    for (at, oneof) in (0..).zip(&message.oneof_decl) {
        // `optional` makes a oneof that nobody wrote.
        if !oneof.name().starts_with('_') {
            found.push((below(8, at), format!("{name}.{}", oneof.name())));
        }
    }
    for (at, inner) in (0..).zip(&message.nested_type) {
        messages(inner, below(3, at), &format!("{name}.{}", inner.name()), found);
    }
    for (at, listed) in (0..).zip(&message.enum_type) {
        enums(listed, below(4, at), &format!("{name}.{}", listed.name()), found);
    }
    found.push((path, name.to_owned()));
}

fn enums(
    listed: &prost_types::EnumDescriptorProto,
    path: Vec<i32>,
    name: &str,
    found: &mut Vec<(Vec<i32>, String)>,
) {
    for (at, value) in (0..).zip(&listed.value) {
        let path = [path.as_slice(), &[2, at]].concat();
        found.push((path, format!("{name}.{}", value.name())));
    }
    found.push((path, name.to_owned()));
}

#[test]
fn everything_is_explained() {
    let mut silent = Vec::new();
    let mut seen = 0;
    for file in POOL.files().filter(|file| ours(file.package_name())) {
        let file = file.file_descriptor_proto();
        let comments: BTreeMap<&[i32], &str> = file
            .source_code_info
            .iter()
            .flat_map(|info| &info.location)
            .map(|place| (place.path.as_slice(), place.leading_comments()))
            .collect();
        for (path, name) in places(file) {
            seen += 1;
            if comments.get(path.as_slice()).is_none_or(|text| text.trim().is_empty()) {
                silent.push(format!("{}: {name}", file.name()));
            }
        }
    }
    assert!(seen > 500, "the descriptors were read: {seen}");
    assert!(silent.is_empty(), "say above each what it means:\n{}", silent.join("\n"));
}

#[test]
fn every_change_may_be_repeated() {
    let without: Vec<_> = methods()
        .into_iter()
        .filter(|method| {
            // A message of a channel is known by its id there.
            let named = ["request_id", "external_id"].map(|field| has(&method.input(), &[field]));
            reads(method) == named.contains(&true)
        })
        .map(|method| method.full_name().to_owned())
        .collect();
    assert!(without.is_empty(), "a change has a request_id, a question has none: {without:?}");
}

#[test]
fn every_list_has_pages() {
    let without: Vec<_> = methods()
        .into_iter()
        .filter(|method| method.name().starts_with("List"))
        .filter(|method| {
            !has(&method.input(), &["page_size", "page_token"])
                || !has(&method.output(), &["next_page_token"])
        })
        .map(|method| method.full_name().to_owned())
        .collect();
    assert!(without.is_empty(), "add page_size, page_token, next_page_token: {without:?}");
}

#[test]
fn no_two_methods_share_a_message() {
    let mut taken = BTreeMap::new();
    for method in methods() {
        for (message, ending) in [(method.input(), "Request"), (method.output(), "Response")] {
            assert_eq!(message.name(), format!("{}{ending}", method.name()));
            let before =
                taken.insert(message.full_name().to_owned(), method.full_name().to_owned());
            assert_eq!(before, None, "{} is of one method alone", message.full_name());
        }
    }
    assert!(taken.len() > 60, "the methods were found");
}

#[test]
fn the_reasons_are_those_that_are_sent() {
    let listed: BTreeSet<String> = POOL
        .get_enum_by_name("odzew.common.v1.ErrorReason")
        .unwrap()
        .values()
        .filter(|value| value.number() != 0)
        .map(|value| value.name().strip_prefix("ERROR_REASON_").unwrap().to_owned())
        .collect();
    let mut sent = BTreeSet::new();
    for service in ["chassis", "calls", "intake", "routing", "sla", "notification", "desk"] {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        sources(&crates.join(service).join("src"), &mut |source| reasons(source, &mut sent));
    }
    let unlisted: Vec<_> = sent.difference(&listed).collect();
    let unsent: Vec<_> = listed.difference(&sent).collect();
    assert!(unlisted.is_empty(), "add to enum ErrorReason in common.proto: {unlisted:?}");
    assert!(unsent.is_empty(), "no service sends the reasons {unsent:?} of common.proto");
}

/// Reads the code of a crate without its tests.
fn sources(dir: &Path, read: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, read);
        } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            read(text.split("#[cfg(test)]").next().unwrap());
        }
    }
}

/// The reasons that a source gives to the functions that make a status.
fn reasons(source: &str, found: &mut BTreeSet<String>) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, _) in source.match_indices('(') {
        let (before, arguments) = (&source[..at], &source[at + 1..]);
        let function = before.rsplit(|c| !is_word(c)).next().unwrap();
        if !TAKE_A_REASON.contains(&function) {
            continue;
        }
        let mut arguments = arguments.trim_start();
        if arguments.starts_with("Code::") {
            arguments = arguments.split_once(',').map_or("", |(_, rest)| rest).trim_start();
        }
        let literal = arguments.strip_prefix('"').and_then(|rest| rest.split('"').next());
        let is_reason = |text: &&str| text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        found.extend(literal.filter(is_reason).map(str::to_owned));
    }
}
