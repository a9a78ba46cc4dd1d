//! Taxonomies as messages.
use domain::problem::Problem;
use domain::taxonomy::{Draft, Entry, Root, Taxonomy};

use crate::intake::v1;

/// The taxonomy that a message holds.
///
/// # Errors
/// Everything that is wrong with it, by field of the message.
pub fn checked(message: &v1::Taxonomy) -> Result<Taxonomy, Vec<Problem>> {
    let roots = message.roots.iter().map(|root| Root {
        entry: entry(&root.code, &root.label_pl, &root.label_en),
        categories: (root.categories.iter())
            .map(|category| entry(&category.code, &category.label_pl, &category.label_en))
            .collect(),
    });
    Taxonomy::new(Draft { id: message.taxonomy_id.clone(), roots: roots.collect() })
}

fn entry(code: &str, label_pl: &str, label_en: &str) -> Entry {
    Entry { code: code.to_owned(), label_pl: label_pl.to_owned(), label_en: label_en.to_owned() }
}
