//! Layered configuration: complete defaults, then a file, then the environment; every problem at
//! once.
//!
//! The defaults are a complete document, so a key that is not among them does not exist. A default
//! that is an empty table (`{}`) is open: its keys are the operator's own. An optional text is
//! unset when it is empty. `ODZEW_<SECTION>__<KEY>` overrides one key; other `ODZEW_` variables
//! are not configuration.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::secret::HIDDEN;

/// Exit status of a process that was started wrongly (`EX_USAGE`).
pub const EXIT_USAGE: u8 = 64;

const ENVIRONMENT_PREFIX: &str = "ODZEW_";
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
}

/// Reads all layers into `T`, or says everything that is wrong with them.
pub fn load<T: DeserializeOwned>(
    default_text: &str,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
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
        match File::from(path).format(FileFormat::Toml).collect() {
            Ok(map) => overrides.extend(leaves(&map, &defaults).into_iter().map(|(key, value)| {
                let origin = origin.clone();
                Override { key, origin, value }
            })),
            Err(error) => problems.push(problem("", &origin, &error)),
        }
    }
    overrides.extend(environment_overrides(environment, &defaults));
    overrides.retain(|item| match unknown(&item.key, &item.value, &defaults) {
        None => true,
        Some(rule) => {
            let (key, origin) = (item.key.clone(), item.origin.clone());
            problems.push(Problem { key, origin, rule: rule.to_owned() });
            false
        }
    });
    match read::<T>(&base, &overrides) {
        Ok(value) if problems.is_empty() => return Ok(value),
        Ok(_) => {}
        Err(error) => problems.extend(blame::<T>(&base, &overrides, &error)),
    }
    Err(ConfigErrors(problems))
}

/// The process's variables, for [`load`]; those that are not text cannot be ours.
pub fn process_environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Each override is tried alone on the defaults, so that every bad one is named. If each is good
/// alone, it is their combination that is refused.
fn blame<T: DeserializeOwned>(
    base: &File<config::FileSourceString, FileFormat>,
    overrides: &[Override],
    error: &ConfigError,
) -> Vec<Problem> {
    if let Err(error) = read::<T>(base, &[]) {
        return vec![problem("", BUILT_IN, &error)];
    }
    let mut problems: Vec<Problem> = overrides
        .iter()
        .filter_map(|item| {
            let error = read::<T>(base, std::slice::from_ref(item)).err()?;
            Some(problem(&item.key, &item.origin, &error))
        })
        .collect();
    if problems.is_empty() {
        problems.push(problem("", "all layers together", error));
    }
    problems
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

fn environment_overrides(
    environment: impl IntoIterator<Item = (String, String)>,
    defaults: &BTreeMap<String, Value>,
) -> Vec<Override> {
    let mut found: Vec<Override> = environment
        .into_iter()
        .filter_map(|(name, text)| {
            let path = name.strip_prefix(ENVIRONMENT_PREFIX)?;
            if !path.contains("__") {
                return None;
            }
            let key = path.to_lowercase().replace("__", ".");
            // A variable is one text: a list is written with commas.
            let is_list =
                matches!(defaults.get(&key).map(|value| &value.kind), Some(ValueKind::Array(_)));
            let value = if is_list {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::from(items.map(str::to_owned).collect::<Vec<String>>())
            } else {
                Value::from(text)
            };
            Some(Override { key, origin: name, value })
        })
        .collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
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

/// Where a file cannot be read and why. The line itself stays untold: a secret may stand in it.
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
