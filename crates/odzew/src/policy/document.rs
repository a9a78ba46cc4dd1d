//! One file: TOML with the fields of its message, read strictly, with the place of every problem.
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind as FieldKind, ReflectMessage as _, Value,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use wire::intake::v1 as intake;
use wire::sla::v1 as sla;

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) file: String,
    /// From 1, in lines and characters.
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Path of the field; empty if the file is no TOML.
    pub(crate) field: String,
    pub(crate) reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, field, reason } = self;
        write!(f, "{file}:{line}:{column}: ")?;
        if field.is_empty() { write!(f, "{reason}") } else { write!(f, "{field}: {reason}") }
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Calendar(sla::Calendar),
    Policy(sla::Policy),
    Regime(Box<sla::Regime>),
    Taxonomy(intake::Taxonomy),
}

/// The kinds of files: the word in the file, and the message.
const KINDS: [(&str, &str); 4] = [
    ("calendar", "odzew.sla.v1.Calendar"),
    ("policy", "odzew.sla.v1.Policy"),
    ("regime", "odzew.sla.v1.Regime"),
    ("taxonomy", "odzew.intake.v1.Taxonomy"),
];

/// A file that was read.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) file: String,
    /// None if the file does not say what it is, or is no TOML.
    pub(crate) content: Option<Content>,
    pub(crate) findings: Vec<Finding>,
    text: String,
    /// Where each field stands, in bytes.
    places: BTreeMap<String, usize>,
}

impl Document {
    /// Reads a file's bytes, which may be no text.
    pub(crate) fn of_bytes(file: &str, bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::read(file, text),
            Err(error) => {
                let text = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let mut document = Self::empty(file, &text);
                document.find(text.len(), "", "is not UTF-8 text");
                document
            }
        }
    }

    /// A file that could not be read at all.
    pub(crate) fn unreadable(file: &str, rule: &str) -> Self {
        let mut document = Self::empty(file, "");
        document.find(0, "", rule);
        document
    }

    fn empty(file: &str, text: &str) -> Self {
        Self {
            file: file.to_owned(),
            content: None,
            findings: Vec::new(),
            text: text.to_owned(),
            places: BTreeMap::new(),
        }
    }

    /// Reads a file's text and checks it by itself.
    pub(crate) fn read(file: &str, text: &str) -> Self {
        let mut document = Self::empty(file, text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            document.find(at, "", error.message().trim());
        }
        if errors.is_empty() {
            document.content = document.content(table.get_ref());
            document.check();
        }
        document.findings.sort();
        document
    }

    /// Nobody has compared a regime with its sources tomorrow.
    pub(crate) fn refuse_verified_after(&mut self, now: Timestamp) {
        let Some(Content::Regime(regime)) = &self.content else { return };
        let zone = TimeZone::get(&regime.time_zone).unwrap_or(TimeZone::UTC);
        let today = zone.to_datetime(now).date();
        if regime.verified_on.parse::<Date>().is_ok_and(|day| day > today) {
            self.refuse("verified_on", &format!("must not be in the future: today is {today}"));
            self.findings.sort();
        }
    }

    /// Notes what is wrong with a field, at its place or that of what it should be in; once.
    pub(crate) fn refuse(&mut self, field: &str, reason: &str) {
        let mut at = Some(field);
        let place = loop {
            match at {
                None => break 0,
                Some(path) => match self.places.get(path) {
                    Some(place) => break *place,
                    None => at = outer(path),
                },
            }
        };
        self.find(place, field, reason);
    }

    fn find(&mut self, at: usize, field: &str, reason: &str) {
        let before = &self.text[..at.min(self.text.len())];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        self.findings.push(Finding {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
            field: field.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// What the owning service would refuse.
    fn check(&mut self) {
        let refusals: Vec<(String, String)> = match &self.content {
            None => return,
            Some(Content::Calendar(calendar)) => pairs(::sla::validate::calendar(calendar)),
            Some(Content::Policy(policy)) => pairs(::sla::validate::policy(policy)),
            Some(Content::Regime(regime)) => pairs(::sla::validate::regime(regime)),
            Some(Content::Taxonomy(taxonomy)) => wire::taxonomy::checked(taxonomy)
                .err()
                .unwrap_or_default()
                .into_iter()
                .map(|problem| (problem.field, problem.rule))
                .collect(),
        };
        // What could not be read is told once.
        let unread: Vec<String> = self.findings.iter().map(|found| found.field.clone()).collect();
        for (field, rule) in refusals {
            let mut paths = std::iter::successors(Some(field.as_str()), |path| outer(path));
            if !paths.any(|path| unread.iter().any(|unread| unread == path)) {
                self.refuse(&field, &rule);
            }
        }
    }

    fn content(&mut self, table: &DeTable<'_>) -> Option<Content> {
        let word = table.get("kind").and_then(|value| value.get_ref().as_str());
        let Some((kind, message)) = KINDS.into_iter().find(|(kind, _)| Some(*kind) == word) else {
            let at = table.get("kind").map_or(0, |value| value.span().start);
            self.find(at, "kind", "must be \"calendar\", \"policy\", \"regime\" or \"taxonomy\"");
            return None;
        };
        let descriptor = wire::POOL.get_message_by_name(message).expect("the message exists");
        let mut message = DynamicMessage::new(descriptor);
        self.table(table, &mut message, "");
        let read = "the fields were read by its own descriptor";
        Some(match kind {
            "calendar" => Content::Calendar(message.transcode_to().expect(read)),
            "policy" => Content::Policy(message.transcode_to().expect(read)),
            "regime" => Content::Regime(Box::new(message.transcode_to().expect(read))),
            _ => Content::Taxonomy(message.transcode_to().expect(read)),
        })
    }

    fn table(&mut self, table: &DeTable<'_>, message: &mut DynamicMessage, path: &str) {
        for (key, value) in table {
            let name: &str = key.get_ref();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            if path == "kind" {
                continue;
            }
            if path == "version" {
                self.find(key.span().start, &path, "is given when it is published");
                continue;
            }
            let Some(field) = message.descriptor().get_field_by_name(name) else {
                self.find(key.span().start, &path, "unknown key");
                continue;
            };
            self.places.insert(path.clone(), value.span().start);
            let read = if field.is_list() {
                self.list(&field, value, &path)
            } else {
                self.value(&field, value, &path)
            };
            if let Some(read) = read {
                message.set_field(&field, read);
            }
        }
    }

    fn list(
        &mut self,
        field: &FieldDescriptor,
        value: &Spanned<DeValue<'_>>,
        path: &str,
    ) -> Option<Value> {
        let Some(items) = value.get_ref().as_array() else {
            self.refuse(path, "must be a list");
            return None;
        };
        let mut read = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let path = format!("{path}[{place}]");
            self.places.insert(path.clone(), item.span().start);
            // Places behind a refused item must stay what they are.
            read.push(self.value(field, item, &path).unwrap_or_else(|| harmless(field)));
        }
        Some(Value::List(read))
    }

    fn value(
        &mut self,
        field: &FieldDescriptor,
        value: &Spanned<DeValue<'_>>,
        path: &str,
    ) -> Option<Value> {
        match (field.kind(), value.get_ref()) {
            (FieldKind::Message(descriptor), DeValue::Table(table)) => {
                let mut message = DynamicMessage::new(descriptor);
                self.table(table, &mut message, path);
                return Some(Value::Message(message));
            }
            (FieldKind::Message(_), _) => self.refuse(path, "must be a table"),
            (FieldKind::String, DeValue::String(text)) => {
                return Some(Value::String(text.to_string()));
            }
            (FieldKind::String, DeValue::Datetime(day)) if day.time.is_none() => {
                return Some(Value::String(day.to_string()));
            }
            (FieldKind::String, DeValue::Datetime(_)) => {
                self.refuse(path, "must be text, or a day without a time");
            }
            (FieldKind::String, _) => self.refuse(path, "must be text"),
            (FieldKind::Bool, DeValue::Boolean(truth)) => return Some(Value::Bool(*truth)),
            (FieldKind::Bool, _) => self.refuse(path, "must be true or false"),
            (FieldKind::Enum(words), DeValue::String(word)) => match number(&words, word) {
                Some(number) => return Some(Value::EnumNumber(number)),
                None => self.refuse(path, &format!("must be one of {}", names(&words))),
            },
            (FieldKind::Enum(words), _) => {
                self.refuse(path, &format!("must be one of {}", names(&words)));
            }
            (kind, DeValue::Integer(digits)) => {
                let parsed = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
                let (fits, most) = match kind {
                    FieldKind::Uint32 => {
                        let fits = parsed.and_then(|n| u32::try_from(n).ok());
                        (fits.map(Value::U32), i64::from(u32::MAX))
                    }
                    _ => (parsed.filter(|n| *n >= 0).map(Value::I64), i64::MAX),
                };
                match fits {
                    Some(value) => return Some(value),
                    None => self.refuse(path, &format!("must be a whole number, 0 to {most}")),
                }
            }
            (_, _) => self.refuse(path, "must be a whole number"),
        }
        None
    }
}

fn pairs(refusals: Vec<::sla::validate::Refusal>) -> Vec<(String, String)> {
    refusals.into_iter().map(|refusal| (refusal.field, refusal.rule)).collect()
}

/// What a field is in: `a` for `a.b` and for `a[0]`.
fn outer(path: &str) -> Option<&str> {
    path.rfind(['.', '[']).map(|end| &path[..end])
}

fn harmless(field: &FieldDescriptor) -> Value {
    match field.kind() {
        FieldKind::Message(descriptor) => Value::Message(DynamicMessage::new(descriptor)),
        kind => Value::default_value(&kind),
    }
}

/// `CLOCK_KIND_` for the words `CLOCK_KIND_UNSPECIFIED`, `CLOCK_KIND_ACK`, …
fn prefix(words: &EnumDescriptor) -> String {
    let zero = words.get_value(0).map(|value| value.name().to_owned()).unwrap_or_default();
    zero.trim_end_matches("UNSPECIFIED").to_owned()
}

fn number(words: &EnumDescriptor, word: &str) -> Option<i32> {
    let value = words.get_value_by_name(&format!("{}{word}", prefix(words)))?;
    (value.number() != 0).then(|| value.number())
}

fn names(words: &EnumDescriptor) -> String {
    let prefix = prefix(words);
    let values = words.values().filter(|value| value.number() != 0);
    let names: Vec<_> = values.map(|v| v.name().trim_start_matches(&prefix).to_owned()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
