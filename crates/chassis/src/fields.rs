//! Validates the fields of a request, and collects all violations as far as a refusal can carry
//! them.
//!
//! Each method checks one field, records a violation and returns a value either way. A conversion
//! therefore reads like a struct literal, with one check at its end: [`Fields::finish`].

use std::fmt::Display;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use tonic::Status;
use uuid::Uuid;

use crate::clock::truncate_to_millis;
use crate::status::{self, Violation};

/// More combining marks than any script needs on one letter.
const COMBINING_MARKS_LIMIT: usize = 20;
const EMAIL_BYTES_LIMIT: usize = 254;

/// How many years ahead a command may set an instant or a day. No term of a regime is longer, so
/// what is further away is a slip of the hand; and near the end of all dates no deadline can be
/// computed.
const YEARS_AHEAD: i64 = 10;

/// Most violations that are kept: a refusal reports no more of them.
const VIOLATIONS_LIMIT: usize = 100;

/// Collects violations under the path of the message being read.
#[derive(Debug, Default)]
pub struct Fields {
    path: String,
    violations: Vec<Violation>,
}

impl Fields {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a rule that this type does not know.
    pub fn refuse(&mut self, field: &str, rule: impl Into<String>) {
        if self.violations.len() >= VIOLATIONS_LIMIT {
            return;
        }
        let field = match (self.path.as_str(), field) {
            ("", field) => field.to_owned(),
            (path, "") => path.to_owned(),
            (path, field) => format!("{path}.{field}"),
        };
        self.violations.push(Violation { field, rule: rule.into() });
    }

    /// Reads a message inside the message: its fields are named `segment.field`.
    pub fn within<R>(&mut self, segment: &str, read: impl FnOnce(&mut Self) -> R) -> R {
        let outer = self.path.clone();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(segment);
        let result = read(self);
        self.path = outer;
        result
    }

    /// Text of one or more lines with a length in characters.
    pub fn text(&mut self, field: &str, value: &str, chars: RangeInclusive<usize>) -> String {
        self.check_text(field, value, chars, &['\n', '\t']);
        value.to_owned()
    }

    /// Text of one line: what ends up in a subject, a header or a list.
    pub fn line(&mut self, field: &str, value: &str, chars: RangeInclusive<usize>) -> String {
        self.check_text(field, value, chars, &[]);
        value.to_owned()
    }

    /// Text that may be left empty.
    pub fn optional_text(&mut self, field: &str, value: &str, max_chars: usize) -> Option<String> {
        (!value.is_empty()).then(|| self.text(field, value, 1..=max_chars))
    }

    /// One line that may be left empty.
    pub fn optional_line(&mut self, field: &str, value: &str, max_chars: usize) -> Option<String> {
        (!value.is_empty()).then(|| self.line(field, value, 1..=max_chars))
    }

    fn check_text(
        &mut self,
        field: &str,
        value: &str,
        chars: RangeInclusive<usize>,
        allowed_controls: &[char],
    ) {
        let length = value.chars().count();
        if value.is_empty() && *chars.start() > 0 {
            self.refuse(field, "is required");
        } else if !chars.contains(&length) {
            let (least, most) = (chars.start(), chars.end());
            self.refuse(field, format!("must have {least} to {most} characters, has {length}"));
        }
        let is_refused = |c: &char| c.is_control() && !allowed_controls.contains(c);
        if let Some(control) = value.chars().find(is_refused) {
            let code = u32::from(control);
            self.refuse(field, format!("must not contain control character U+{code:04X}"));
        }
        if value.chars().any(is_bidi_override) {
            self.refuse(field, "must not contain bidirectional overrides");
        }
        let mut run = 0;
        for c in value.chars() {
            run = if is_combining(c) { run + 1 } else { 0 };
            if run == COMBINING_MARKS_LIMIT {
                self.refuse(field, "has too many combining marks in a row");
                break;
            }
        }
    }

    /// A short name people choose once: `[a-z0-9][a-z0-9-]{0,39}`.
    pub fn name(&mut self, field: &str, value: &str) -> String {
        if value.is_empty() {
            self.refuse(field, "is required");
        } else if !is_name(value) {
            self.refuse(field, NAME_RULE);
        }
        value.to_owned()
    }

    /// A UUID; nil after a violation.
    pub fn uuid(&mut self, field: &str, value: &str) -> Uuid {
        let id = Uuid::try_parse(value).unwrap_or_default();
        if value.is_empty() {
            self.refuse(field, "is required");
        } else if id.is_nil() {
            self.refuse(field, "must be a UUID");
        }
        id
    }

    /// A UUID that may be left empty.
    pub fn optional_uuid(&mut self, field: &str, value: &str) -> Option<Uuid> {
        (!value.is_empty()).then(|| self.uuid(field, value))
    }

    /// A plain mail address: ASCII, no display name, no quoting.
    pub fn email(&mut self, field: &str, value: &str) -> String {
        if value.is_empty() {
            self.refuse(field, "is required");
        } else if !is_email(value) {
            self.refuse(field, "must be a mail address such as name@example.com");
        }
        value.to_owned()
    }

    /// A choice that must be made: neither unspecified nor unknown.
    pub fn enum_value<E: TryFrom<i32>>(&mut self, field: &str, value: i32) -> Option<E> {
        if value == 0 {
            self.refuse(field, "is required");
            return None;
        }
        self.optional_enum(field, value)
    }

    /// A choice that may be left unspecified.
    pub fn optional_enum<E: TryFrom<i32>>(&mut self, field: &str, value: i32) -> Option<E> {
        if value == 0 {
            return None;
        }
        let choice = E::try_from(value).ok();
        if choice.is_none() {
            self.refuse(field, format!("has no value {value}"));
        }
        choice
    }

    /// An instant since 1970, in whole milliseconds; the epoch after a violation.
    pub fn timestamp(&mut self, field: &str, seconds: i64, nanos: i32) -> Timestamp {
        let instant = Timestamp::new(seconds, nanos).ok();
        match instant {
            Some(instant) if seconds >= 0 && nanos >= 0 => truncate_to_millis(instant),
            _ => {
                // In every time zone the last one is a day that can be written.
                let last = Timestamp::from_second(Timestamp::MAX.as_second()).unwrap_or_default();
                let first = Timestamp::UNIX_EPOCH;
                self.refuse(field, format!("must be an instant from {first} to {last}"));
                Timestamp::UNIX_EPOCH
            }
        }
    }

    /// An instant that is not too far ahead.
    pub fn ahead(&mut self, field: &str, instant: Timestamp, now: Timestamp) -> Timestamp {
        self.day_ahead(field, Offset::UTC.to_datetime(instant).date(), now);
        instant
    }

    /// A day that is not too far ahead.
    pub fn day_ahead(&mut self, field: &str, day: Date, now: Timestamp) -> Date {
        let last = Offset::UTC.to_datetime(now).date().saturating_add(YEARS_AHEAD.years());
        if day > last {
            self.refuse(field, format!("must be at most {YEARS_AHEAD} years ahead"));
        }
        day
    }

    /// The version that an etag names; `None` if the etag is empty, because it does not matter.
    pub fn etag(&mut self, field: &str, text: &str) -> Option<u32> {
        if text.is_empty() {
            return None;
        }
        let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let version = version.and_then(|version| version.parse().ok());
        // "+3" and "03" are versions to the parser, but no etag of ours.
        let version = version.filter(|version| status::etag(*version) == text);
        if version.is_none() {
            self.refuse(field, "must be an etag as returned, with its quotes");
        }
        version
    }

    /// Checks the requested size of a page: 0 requests no particular size.
    pub fn page_size(&mut self, asked: i32) {
        if asked < 0 {
            self.refuse("page_size", "must not be negative");
        }
    }

    /// A number within bounds.
    pub fn number<N>(&mut self, field: &str, value: N, range: RangeInclusive<N>) -> N
    where
        N: PartialOrd + Display + Copy,
    {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            self.refuse(field, format!("must be {least} to {most}, is {value}"));
        }
        value
    }

    /// A message that must be there.
    pub fn required<V>(&mut self, field: &str, value: Option<V>) -> Option<V> {
        if value.is_none() {
            self.refuse(field, "is required");
        }
        value
    }

    /// INVALID_ARGUMENT `FIELD_INVALID` with all that was found.
    pub fn finish(self) -> Result<(), Status> {
        match self.violations.is_empty() {
            true => Ok(()),
            false => Err(status::invalid(self.violations)),
        }
    }
}

pub(crate) const NAME_RULE: &str =
    "must be 1 to 40 of a-z, 0-9 and \"-\", starting with a letter or digit";

pub(crate) fn is_name(value: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=40).contains(&value.len()) && value.bytes().all(allowed) && !value.starts_with('-')
}

fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let local_allowed = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    value.len() <= EMAIL_BYTES_LIMIT
        && (1..=64).contains(&local.len())
        && local.bytes().all(local_allowed)
        && local.split('.').all(|part| !part.is_empty())
        && domain.split('.').all(label)
}

fn is_bidi_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The blocks of marks that stack without end; not a full Unicode table, which the rule does not
/// need: nobody writes twenty of any of them on one letter.
fn is_combining(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}'
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{06D6}'..='\u{06DC}'
        | '\u{0E31}' | '\u{0E34}'..='\u{0E3A}' | '\u{0E47}'..='\u{0E4E}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{3099}'..='\u{309A}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}'
        | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests;
