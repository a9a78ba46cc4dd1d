//! One value of every event of a taxonomy.
use std::sync::Arc;

use domain::taxonomy::{Draft, Entry, Event, Published, Root, Taxonomy};

pub(crate) fn samples() -> Vec<Event> {
    let entry = |code: &str| Entry {
        code: code.to_owned(),
        label_pl: format!("Polska nazwa {code}"),
        label_en: format!("English name {code}"),
    };
    let root = Root { entry: entry("TECH"), categories: vec![entry("outage"), entry("access")] };
    let taxonomy = Taxonomy::new(Draft { id: "SEED".to_owned(), roots: vec![root] }).unwrap();
    vec![Event::Published(Published {
        version: 3,
        taxonomy: Arc::new(taxonomy),
        effective_from: "2026-09-01T00:00:00Z".parse().unwrap(),
        sha256: [7; 32],
    })]
}
