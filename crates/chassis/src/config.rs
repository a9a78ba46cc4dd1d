//! Layered configuration: complete defaults, then a file, then the environment; every problem at
//! once.
//!
//! The defaults are a complete document: a key that is not among them does not exist. A default
//! that is an empty table (`{}`) is open: operators choose its keys. An optional text is unset when
//! it is empty. `ODZEW_<SECTION>__<KEY>` overrides one key. Other `ODZEW_` variables are ignored,
//! except for likely mistakes, with one `_` where two belong: these are reported.

mod environment;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::secret::HIDDEN;

/// Exit status of a process that was started wrongly (`EX_USAGE`).
pub const EXIT_USAGE: u8 = 64;

const BUILT_IN: &str = "built-in defaults";

/// One thing wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the key, such as `grpc.max_deadline`; empty when a whole file is at fault.
    pub key: String,
    /// Where the value came from: a file's path, a variable's name or the built-in defaults.
    pub origin: String,
    /// What was expected.
    pub rule: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.origin, self.rule),
            key => write!(f, "{key} ({}): {}", self.origin, self.rule),
        }
    }
}

/// Everything wrong with the configuration, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<Problem>);

impl ConfigErrors {
    /// The problems in the order of the layers.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// One key that a file or a variable sets.
struct Override {
    key: String,
    origin: String,
    value: Value,
    /// A file's values have types; a variable is text and becomes what is wanted.
    typed: bool,
}

/// A rule that the values break, although each can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The keys that it is about; the first of them that somebody has set is blamed.
    pub keys: Vec<&'static str>,
    /// What must hold.
    pub rule: String,
}

/// Reads all layers into `T`, or says everything that is wrong with them; `rules` answers those
/// that values break which can be read.
pub fn load<T: DeserializeOwned>(
    default_text: &str,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, OsString)>,
    rules: impl Fn(&T) -> Vec<Broken>,
) -> Result<T, ConfigErrors> {
    let mut problems = Vec::new();
    let base = File::from_str(default_text, FileFormat::Toml);
    let defaults = match base.collect() {
        Ok(map) => leaves(&map, &BTreeMap::new()),
        Err(error) => return Err(ConfigErrors(vec![problem("", BUILT_IN, &error)])),
    };
    let mut overrides = Vec::new();
    if let Some(path) = file {
        let origin = path.display().to_string();
        match read_file(path) {
            Ok(map) => overrides.extend(leaves(&map, &defaults).into_iter().map(|(key, value)| {
                let origin = origin.clone();
                Override { key, origin, value, typed: true }
            })),
            Err(rule) => problems.push(Problem { key: String::new(), origin, rule }),
        }
    }
    overrides.extend(environment::overrides(environment, &defaults, &mut problems));
    overrides.retain(|item| match unknown(&item.key, &item.value, &defaults) {
        None => true,
        Some(rule) => {
            let (key, origin) = (item.key.clone(), item.origin.clone());
            problems.push(Problem { key, origin, rule: rule.to_owned() });
            false
        }
    });
    let readable = match read::<T>(&base, &overrides) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.extend(blame::<T>(&base, &mut overrides, &error));
            // Without those that cannot be read, to hear what is wrong with the others.
            read::<T>(&base, &overrides).ok()
        }
    };
    // What a reader would turn into something else, such as "yes" into true.
    problems.extend(overrides.iter().filter_map(|item| mistyped(item, &defaults)));
    let broken = readable.as_ref().map(&rules).unwrap_or_default();
    problems.extend(broken.into_iter().map(|broken| broken.blame(&overrides)));
    match readable {
        Some(value) if problems.is_empty() => Ok(value),
        _ => Err(ConfigErrors(problems)),
    }
}

/// The process's variables, for [`load`]; one whose name is not text cannot be ours.
pub fn process_environment() -> impl Iterator<Item = (String, OsString)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
}

impl Broken {
    fn blame(self, overrides: &[Override]) -> Problem {
        let set = self.keys.iter().find_map(|&key| {
            let found = overrides.iter().rfind(|item| item.key == key)?;
            Some((key, found.origin.as_str()))
        });
        let first = || self.keys.first().copied().unwrap_or_default();
        let (key, origin) = set.unwrap_or_else(|| (first(), BUILT_IN));
        Problem { key: key.to_owned(), origin: origin.to_owned(), rule: self.rule }
    }
}

/// What a file's value is of another type than its default.
fn mistyped(item: &Override, defaults: &BTreeMap<String, Value>) -> Option<Problem> {
    let default = defaults.get(&item.key).filter(|_| item.typed)?;
    let (found, expected) = match (&item.value.kind, &default.kind) {
        (ValueKind::Array(items), ValueKind::Array(defaults)) => {
            // Lists that are empty by default are of texts.
            let expected = defaults.first().map_or("text", |first| type_of(&first.kind));
            let found = items.iter().map(|item| type_of(&item.kind));
            (found.into_iter().find(|found| *found != expected)?, expected)
        }
        (found, expected) => (type_of(found), type_of(expected)),
    };
    let (key, origin) = (item.key.clone(), item.origin.clone());
    let rule = format!("expected {expected}, found {found}");
    (found != expected).then_some(Problem { key, origin, rule })
}

fn type_of(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Nil => "nothing",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => {
            "a whole number"
        }
        ValueKind::Float(_) => "a fraction",
        ValueKind::String(_) => "text",
        ValueKind::Table(_) => "a table",
        ValueKind::Array(_) => "a list",
    }
}

fn read_file(path: &Path) -> Result<Map<String, Value>, String> {
    if path.is_dir() {
        return Err("is a folder, not a file".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    File::from_str(&text, FileFormat::Toml).collect().map_err(|error| rule(&error))
}

/// Each override is tried alone on the defaults, so that every bad one is named, and taken out. If
/// each is good alone, it is their combination that is refused.
fn blame<T: DeserializeOwned>(
    base: &File<config::FileSourceString, FileFormat>,
    overrides: &mut Vec<Override>,
    error: &ConfigError,
) -> Vec<Problem> {
    if let Err(error) = read::<T>(base, &[]) {
        return vec![problem("", BUILT_IN, &error)];
    }
    let mut problems = Vec::new();
    overrides.retain(|item| {
        let Err(error) = read::<T>(base, std::slice::from_ref(item)) else { return true };
        let mut found = problem(&item.key, &item.origin, &error);
        if let Some(rule) = allowed_words::<T>(base, item) {
            found.rule = rule;
        }
        problems.push(found);
        false
    });
    if problems.is_empty() {
        problems.push(problem("", "all layers together", error));
    }
    problems
}

/// What a setting that is one of some words must be: only another reader of the same document
/// tells them.
fn allowed_words<T: DeserializeOwned>(
    base: &File<config::FileSourceString, FileFormat>,
    item: &Override,
) -> Option<String> {
    let mut document: toml::Value = read(base, &[]).ok()?;
    let place = item.key.split('.').try_fold(&mut document, |table, name| table.get_mut(name))?;
    *place = toml::Value::String(item.value.clone().into_string().ok()?);
    let error = document.try_into::<T>().err()?.message().to_owned();
    let words = error.strip_prefix("unknown variant ")?.replace('`', "\"");
    let (found, words) = words.split_once(", expected ")?;
    Some(format!("expected {words}, found {found}"))
}

fn read<T: DeserializeOwned>(
    base: &File<config::FileSourceString, FileFormat>,
    overrides: &[Override],
) -> Result<T, ConfigError> {
    let mut builder = Config::builder().add_source(base.clone());
    for item in overrides {
        builder = builder.set_override(item.key.as_str(), item.value.clone())?;
    }
    builder.build()?.try_deserialize()
}

/// Key paths with their values; tables are descended into, except where the defaults are open.
fn leaves(map: &Map<String, Value>, defaults: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut pending: Vec<(String, &Map<String, Value>)> = vec![(String::new(), map)];
    while let Some((prefix, table)) = pending.pop() {
        for (name, value) in table {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match &value.kind {
                ValueKind::Table(inner) if !inner.is_empty() && !defaults.contains_key(&key) => {
                    pending.push((key, inner));
                }
                _ => {
                    found.insert(key, value.clone());
                }
            }
        }
    }
    found
}

/// Why a key may not be set at all; `None` if it may.
fn unknown(key: &str, value: &Value, defaults: &BTreeMap<String, Value>) -> Option<&'static str> {
    if defaults.contains_key(key) {
        return None;
    }
    let parent_open = |(known, default): (&String, &Value)| {
        matches!(&default.kind, ValueKind::Table(_))
            && key.strip_prefix(known.as_str()).is_some_and(|rest| rest.starts_with('.'))
    };
    if defaults.iter().any(parent_open) {
        return None;
    }
    let is_section = defaults
        .keys()
        .any(|known| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')));
    match (&value.kind, is_section) {
        (ValueKind::Table(_), true) => None,
        (_, true) => Some("this is a section, not a key"),
        (_, false) => Some("unknown key"),
    }
}

fn problem(key: &str, origin: &str, error: &ConfigError) -> Problem {
    Problem { key: key.to_owned(), origin: origin.to_owned(), rule: rule(error) }
}

fn rule(error: &ConfigError) -> String {
    match error {
        ConfigError::Type { unexpected, expected, .. } => {
            format!("expected {expected}, found {unexpected}")
        }
        ConfigError::At { error, .. } => rule(error),
        ConfigError::FileParse { cause, .. } => syntax(&**cause),
        ConfigError::Message(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Where a file cannot be parsed, and why. The line itself is not shown: it may contain a secret.
fn syntax(cause: &(dyn std::error::Error + 'static)) -> String {
    let text = cause.to_string();
    let place = text.lines().next().unwrap_or_default();
    match cause.downcast_ref::<toml::de::Error>() {
        Some(error) => format!("{place}: {}", error.message().replace('\n', ", ")),
        None => place.to_owned(),
    }
}

/// The effective configuration as TOML. Secrets hide themselves; passwords in URLs are hidden here.
pub fn render<T: Serialize>(effective: &T) -> Result<String, toml::ser::Error> {
    let mut document = toml::Value::try_from(effective)?;
    hide_passwords(&mut document);
    toml::to_string_pretty(&document)
}

fn hide_passwords(value: &mut toml::Value) {
    match value {
        toml::Value::String(text) => {
            if let Some(hidden) = without_password(text) {
                *text = hidden;
            }
        }
        toml::Value::Array(items) => items.iter_mut().for_each(hide_passwords),
        toml::Value::Table(table) => table.iter_mut().for_each(|(_, item)| hide_passwords(item)),
        _ => {}
    }
}

/// `scheme://user:password@host/…` without the password; `None` if there is none.
fn without_password(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let (credentials, _) = authority.rsplit_once('@')?;
    let (user, _) = credentials.split_once(':')?;
    Some(format!("{scheme}://{user}:{HIDDEN}{}", &rest[credentials.len()..]))
}
