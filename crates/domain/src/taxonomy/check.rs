//! Validates a taxonomy.
use super::{Draft, Entry};
use crate::calendar::is_name;
use crate::problem::Problem;

/// Most roots, and most categories of one.
const ENTRIES: usize = 100;
/// Most characters of a label.
const LABEL: usize = 80;
/// Most characters of a code.
const CODE: usize = 40;

pub(super) fn problems(draft: &Draft) -> Vec<Problem> {
    let mut found = Vec::new();
    if !is_name(&draft.id) {
        let rule = "must be 1 to 64 letters, digits, `_`, `-` or `.`";
        found.push(Problem::new("taxonomy_id", rule));
    }
    if !(1..=ENTRIES).contains(&draft.roots.len()) {
        found.push(Problem::new("roots", "must have 1 to 100 entries"));
    }
    let codes: Vec<_> = draft.roots.iter().map(|root| &root.entry.code).collect();
    for (place, root) in draft.roots.iter().enumerate() {
        let path = format!("roots[{place}]");
        entry(&mut found, &path, &root.entry, "capital letters, digits and `_`", |b| {
            b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'
        });
        repeated(&mut found, &path, codes[..place].contains(&&root.entry.code));
        if root.categories.len() > ENTRIES {
            found.push(Problem::new(format!("{path}.categories"), "must have at most 100 entries"));
        }
        let codes: Vec<_> = root.categories.iter().map(|category| &category.code).collect();
        for (place, category) in root.categories.iter().enumerate() {
            let path = format!("{path}.categories[{place}]");
            entry(&mut found, &path, category, "small letters, digits and `-`", |b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
            });
            repeated(&mut found, &path, codes[..place].contains(&&category.code));
        }
    }
    found
}

fn entry(
    found: &mut Vec<Problem>,
    path: &str,
    entry: &Entry,
    letters: &str,
    allowed: fn(u8) -> bool,
) {
    if !(1..=CODE).contains(&entry.code.len()) || !entry.code.bytes().all(allowed) {
        found.push(Problem::new(format!("{path}.code"), format!("must be 1 to 40 {letters}")));
    }
    for (field, label) in [("label_pl", &entry.label_pl), ("label_en", &entry.label_en)] {
        let chars = label.chars().count();
        if !(1..=LABEL).contains(&chars) || label.contains(char::is_control) {
            let rule = "must be one line of 1 to 80 characters";
            found.push(Problem::new(format!("{path}.{field}"), rule));
        }
    }
}

fn repeated(found: &mut Vec<Problem>, path: &str, repeated: bool) {
    if repeated {
        found.push(Problem::new(format!("{path}.code"), "must be there only once"));
    }
}
