//! Field rules that `chassis::fields` does not have. After a violation each returns some value, so
//! that the next field is checked too.
use chassis::fields::Fields;
use domain::business_object::{BusinessObject, ObjectKind};
use domain::priority::{Channel, Impact, Level, Urgency};
use domain::ticket::TicketType;
use jiff::Timestamp;
use jiff::civil::Date;
use wire::common::v1 as common;
use wire::intake::v1;

const CODE_CHARS: usize = 40;
const CATEGORY_CHARS: usize = 80;
const TAGS: usize = 20;
const OBJECTS: usize = 20;
const OBJECT_ID_CHARS: usize = 64;

/// A choice that must be made; `fallback` stands in after a violation.
pub(crate) fn required<P, D>(fields: &mut Fields, field: &str, value: i32, fallback: D) -> D
where
    P: TryFrom<i32>,
    D: TryFrom<P>,
{
    let choice = fields.enum_value::<P>(field, value);
    choice.and_then(|choice| D::try_from(choice).ok()).unwrap_or(fallback)
}

/// A choice that need not be made.
pub(crate) fn optional<P, D>(fields: &mut Fields, field: &str, value: i32) -> Option<D>
where
    P: TryFrom<i32>,
    D: TryFrom<P>,
{
    let choice = fields.optional_enum::<P>(field, value);
    choice.and_then(|choice| D::try_from(choice).ok())
}

pub(crate) fn ticket_type(fields: &mut Fields, field: &str, value: i32) -> TicketType {
    required::<v1::TicketType, _>(fields, field, value, TicketType::Inquiry)
}

pub(crate) fn channel(fields: &mut Fields, field: &str, value: i32) -> Channel {
    required::<common::Channel, _>(fields, field, value, Channel::Api)
}

pub(crate) fn impact(fields: &mut Fields, field: &str, value: i32) -> Impact {
    required::<v1::Impact, _>(fields, field, value, Impact(Level::Low))
}

pub(crate) fn urgency(fields: &mut Fields, field: &str, value: i32) -> Urgency {
    required::<v1::Urgency, _>(fields, field, value, Urgency(Level::Low))
}

pub(crate) fn instant(
    fields: &mut Fields,
    field: &str,
    value: Option<&prost_types::Timestamp>,
) -> Timestamp {
    match fields.required(field, value) {
        Some(value) => fields.timestamp(field, value.seconds, value.nanos),
        None => Timestamp::UNIX_EPOCH,
    }
}

/// An instant that a clock will run to.
pub(crate) fn ahead(
    fields: &mut Fields,
    field: &str,
    value: Option<&prost_types::Timestamp>,
    now: Timestamp,
) -> Timestamp {
    let at = instant(fields, field, value);
    fields.ahead(field, at, now)
}

/// A day that a clock will run to.
pub(crate) fn day_ahead(fields: &mut Fields, field: &str, text: &str, now: Timestamp) -> Date {
    let day = date(fields, field, text);
    fields.day_ahead(field, day, now)
}

/// A day, `YYYY-MM-DD`.
pub(crate) fn date(fields: &mut Fields, field: &str, text: &str) -> Date {
    // The parser takes more than dates; ours print as they are written.
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    if date.is_none() {
        fields.refuse(field, "must be a date such as 2027-12-31");
    }
    date.unwrap_or(Date::ZERO)
}

/// A code such as `FIXED`.
pub(crate) fn code(fields: &mut Fields, field: &str, value: &str) -> String {
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    if !(1..=CODE_CHARS).contains(&value.len()) || !value.bytes().all(allowed) {
        fields.refuse(field, format!("must be 1 to {CODE_CHARS} of A-Z, 0-9 and \"_\""));
    }
    value.to_owned()
}

/// An id that another system chose.
pub(crate) fn opaque_id(fields: &mut Fields, field: &str, value: &str) -> String {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    if !(1..=64).contains(&value.len()) || !value.bytes().all(allowed) {
        let rule = "must be 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\", \":\" and \"-\"";
        fields.refuse(field, rule);
    }
    value.to_owned()
}

/// `ROOT` or `ROOT/leaf`; may be empty.
pub(crate) fn category(fields: &mut Fields, value: &str) -> String {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    let is_root = |root: &str| !root.is_empty() && root.bytes().all(is_word);
    let is_leaf = |leaf: &str| {
        leaf.trim() == leaf && !leaf.is_empty() && leaf.bytes().all(|b| is_word(b) || b == b' ')
    };
    let good = match value.split_once('/') {
        Some((root, leaf)) => is_root(root) && is_leaf(leaf),
        None => value.is_empty() || is_root(value),
    };
    if !good || value.len() > CATEGORY_CHARS {
        let rule = format!(
            "must be ROOT or ROOT/leaf of A-Z, a-z, 0-9, \"_\", \"-\" and, in the leaf, spaces; \
             at most {CATEGORY_CHARS}"
        );
        fields.refuse("category_code", rule);
    }
    value.to_owned()
}

/// Free tags, each once.
pub(crate) fn tags(fields: &mut Fields, values: &[String]) -> Vec<String> {
    if values.len() > TAGS {
        fields.refuse("tags", format!("must be at most {TAGS}, are {}", values.len()));
        return Vec::new();
    }
    let mut tags = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let tag = fields.line(&format!("tags[{place}]"), value, 1..=CODE_CHARS);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// What a matter is about, each once.
pub(crate) fn about(
    fields: &mut Fields,
    field: &str,
    objects: &[v1::BusinessObject],
) -> Vec<BusinessObject> {
    if objects.len() > OBJECTS {
        fields.refuse(field, format!("must be at most {OBJECTS}, are {}", objects.len()));
        return Vec::new();
    }
    let mut about = Vec::with_capacity(objects.len());
    for (place, object) in objects.iter().enumerate() {
        let object = fields.within(&format!("{field}[{place}]"), |fields| BusinessObject {
            kind: required::<v1::ObjectKind, _>(fields, "kind", object.kind, ObjectKind::Order),
            id: object_id(fields, &object.id),
        });
        if !about.contains(&object) {
            about.push(object);
        }
    }
    about
}

fn object_id(fields: &mut Fields, value: &str) -> String {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-/".contains(&b);
    if !(1..=OBJECT_ID_CHARS).contains(&value.len()) || !value.bytes().all(allowed) {
        let rule = "must be 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\", \":\", \"-\" and \"/\"";
        fields.refuse("id", rule);
    }
    value.to_owned()
}

/// A field that belongs to the other kind of the same message.
pub(crate) fn unused(fields: &mut Fields, field: &str, is_empty: bool) {
    if !is_empty {
        fields.refuse(field, "has no meaning for this kind");
    }
}
