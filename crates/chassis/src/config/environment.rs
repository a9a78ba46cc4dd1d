//! Settings from environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;

use config::{Value, ValueKind};

use super::{Override, Problem};

const PREFIX: &str = "ODZEW_";

/// What the variables override; those that were meant to and cannot are problems.
pub(super) fn overrides(
    environment: impl IntoIterator<Item = (String, OsString)>,
    defaults: &BTreeMap<String, Value>,
    problems: &mut Vec<Problem>,
) -> Vec<Override> {
    let mut found = Vec::new();
    for (name, text) in environment {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let path = path.to_lowercase();
        if !path.contains("__") {
            if let Some(key) = meant(&path, defaults) {
                let right = key.to_uppercase().replace('.', "__");
                let rule = format!("is not read: a section is followed by two _: {PREFIX}{right}");
                problems.push(Problem { key: key.clone(), origin: name, rule });
            }
            continue;
        }
        let key = path.replace("__", ".");
        let Ok(text) = text.into_string() else {
            problems.push(Problem { key, origin: name, rule: "is not UTF-8 text".to_owned() });
            continue;
        };
        let value = value(&text, defaults.get(&key));
        found.push(Override { key, origin: name, value, typed: false });
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

/// The key that a variable names with one `_` where two belong.
fn meant<'a>(path: &str, defaults: &'a BTreeMap<String, Value>) -> Option<&'a String> {
    defaults.keys().find(|key| key.contains('.') && key.replace('.', "_") == path)
}

/// A variable is one text: a list is written with commas.
fn value(text: &str, default: Option<&Value>) -> Value {
    if matches!(default.map(|value| &value.kind), Some(ValueKind::Array(_))) {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Value::from(items.map(str::to_owned).collect::<Vec<String>>())
    } else {
        Value::from(text)
    }
}
