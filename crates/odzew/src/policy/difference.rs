//! What a new taxonomy changes, code by code.
use std::collections::BTreeMap;

use wire::intake::v1::Taxonomy;

/// A line for each code that is new, gone or called otherwise.
pub(super) fn lines(before: Option<&Taxonomy>, after: &Taxonomy) -> Vec<String> {
    let id = &after.taxonomy_id;
    let (old, new) = (before.map(labels).unwrap_or_default(), labels(after));
    let added = new.keys().filter(|code| !old.contains_key(*code));
    let added = added.map(|code| format!("taxonomy {id}: + {code}"));
    let gone = old.keys().filter(|code| !new.contains_key(*code));
    let gone = gone.map(|code| format!("taxonomy {id}: - {code}"));
    let renamed = new.iter().filter(|(code, now)| old.get(*code).is_some_and(|was| was != *now));
    let renamed = renamed.map(|(code, (_, english))| {
        format!("taxonomy {id}: {code} is called otherwise: {english}")
    });
    added.chain(gone).chain(renamed).collect()
}

/// Polish and English label by code.
fn labels(taxonomy: &Taxonomy) -> BTreeMap<String, (&str, &str)> {
    let mut labels = BTreeMap::new();
    for root in &taxonomy.roots {
        labels.insert(root.code.clone(), (&*root.label_pl, &*root.label_en));
        for category in &root.categories {
            let code = format!("{}/{}", root.code, category.code);
            labels.insert(code, (&*category.label_pl, &*category.label_en));
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use wire::intake::v1::{TaxonomyCategory, TaxonomyRoot};

    use super::*;

    fn taxonomy(codes: &[(&str, &str)]) -> Taxonomy {
        let categories = codes.iter().map(|(code, label)| TaxonomyCategory {
            code: (*code).to_owned(),
            label_pl: "Awaria".to_owned(),
            label_en: (*label).to_owned(),
        });
        let root = TaxonomyRoot {
            code: "TECH".to_owned(),
            categories: categories.collect(),
            ..Default::default()
        };
        Taxonomy { taxonomy_id: "SEED".to_owned(), version: 0, roots: vec![root] }
    }

    #[test]
    fn every_code_that_changes_is_told() {
        let before = taxonomy(&[("outage", "Outage"), ("access", "Access")]);
        let after = taxonomy(&[("outage", "Breakdown"), ("speed", "Speed")]);
        let expected = [
            "taxonomy SEED: + TECH/speed",
            "taxonomy SEED: - TECH/access",
            "taxonomy SEED: TECH/outage is called otherwise: Breakdown",
        ];
        assert_eq!(lines(Some(&before), &after), expected);
        assert!(lines(Some(&after), &after).is_empty());
        assert_eq!(lines(None, &taxonomy(&[])), ["taxonomy SEED: + TECH"]);
    }
}
