//! What tickets are about: categories in two levels, with what people read.
use crate::calendar::is_name;
use crate::problem::Problem;

/// Most roots, and most categories of one.
const ENTRIES: usize = 100;
/// Most characters of a label.
const LABEL: usize = 80;
/// Most characters of a code.
const CODE: usize = 40;

/// Categories as somebody wrote them, before [`Taxonomy::new`] has checked them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Name: letters, digits, `_`, `-`, `.`; at most 64.
    pub id: String,
    /// The first level.
    pub roots: Vec<Root>,
}

/// A first level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its name and labels.
    pub entry: Entry,
    /// The second level.
    pub categories: Vec<Entry>,
}

/// A code and what people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Code, for example `TECH` or `outage`.
    pub code: String,
    /// In Polish.
    pub label_pl: String,
    /// In English.
    pub label_en: String,
}

/// Categories, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxonomy(Draft);

impl Taxonomy {
    /// Checks a draft.
    ///
    /// # Errors
    /// Everything that is wrong with it, by field.
    pub fn new(draft: Draft) -> Result<Self, Vec<Problem>> {
        let found = problems(&draft);
        if found.is_empty() { Ok(Self(draft)) } else { Err(found) }
    }

    /// True for the code of a root, or of a category as `ROOT/category`.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        let (root, category) = code.split_once('/').map_or((code, None), |(r, c)| (r, Some(c)));
        let root = self.0.roots.iter().find(|known| known.entry.code == root);
        root.is_some_and(|root| {
            category.is_none_or(|code| root.categories.iter().any(|known| known.code == code))
        })
    }
}

fn problems(draft: &Draft) -> Vec<Problem> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str) -> Entry {
        Entry { code: code.into(), label_pl: "Awaria".into(), label_en: "Outage".into() }
    }

    fn draft() -> Draft {
        let categories = vec![entry("outage"), entry("access")];
        let tech = Root { entry: entry("TECH"), categories };
        let payment = Root { entry: entry("PAYMENT"), categories: Vec::new() };
        Draft { id: "SEED".into(), roots: vec![tech, payment] }
    }

    #[test]
    fn a_category_is_known_by_root_and_name() {
        let taxonomy = Taxonomy::new(draft()).unwrap();
        for known in ["TECH", "TECH/outage", "TECH/access", "PAYMENT"] {
            assert!(taxonomy.contains(known), "{known}");
        }
        for unknown in ["", "tech", "TECH/", "TECH/refund", "PAYMENT/outage", "TECH/outage/x"] {
            assert!(!taxonomy.contains(unknown), "{unknown}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let mut wrong = draft();
        wrong.id.clear();
        wrong.roots[0].categories[1] = Entry { label_en: String::new(), ..entry("Outage") };
        wrong.roots[0].categories.push(entry("outage"));
        wrong.roots.push(Root { entry: entry("TECH"), categories: Vec::new() });
        let fields: Vec<_> =
            Taxonomy::new(wrong).unwrap_err().into_iter().map(|problem| problem.field).collect();
        let expected = [
            "taxonomy_id",
            "roots[0].categories[1].code",
            "roots[0].categories[1].label_en",
            "roots[0].categories[2].code",
            "roots[2].code",
        ];
        assert_eq!(fields, expected);
        assert_eq!(Taxonomy::new(Draft { id: "A".into(), roots: vec![] }).unwrap_err().len(), 1);
    }
}
