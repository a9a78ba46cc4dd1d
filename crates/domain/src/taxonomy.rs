//! The taxonomy of a tenant: categories in two levels with their labels, in versions that never
//! change once they are published.
//!
//! Of the versions that have become valid, the latest is in force; of two that became valid at the
//! same time, the one published later. A tenant that has published none may use any code.
mod check;
mod decide;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::aggregate::Aggregate;
use crate::problem::Problem;

/// The aggregate behind the streams `taxonomy-<id>`, one per tenant.
#[derive(Debug, Clone, Copy)]
pub struct Taxonomies;

impl Aggregate for Taxonomies {
    type State = State;
    type Command = Publish;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Publish) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(mut state: State, event: &Event) -> State {
        let Event::Published(published) = event;
        state.published.push(published.clone());
        state
    }
}

/// Id of the one taxonomy stream of the tenant of that name.
#[must_use]
pub fn stream_id(tenant: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("odzew/{tenant}/taxonomy").as_bytes())
}

/// Most versions that a tenant may publish.
pub const MAX_VERSIONS: usize = 1_000;

/// Everything published so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The versions, oldest first.
    pub published: Vec<Published>,
}

impl State {
    /// The version in force at an instant; none before the first.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&Published> {
        let begun = self.published.iter().filter(|published| published.effective_from <= at);
        // Of equals the last one is the greatest.
        begun.max_by_key(|published| published.effective_from)
    }
}

/// A version of a tenant's taxonomy.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Version, counted from 1 whatever the taxonomy is called.
    pub version: u32,
    /// The categories.
    pub taxonomy: Arc<Taxonomy>,
    /// From when tickets are classified by it.
    pub effective_from: Timestamp,
    /// SHA-256 of its stored bytes, without the version.
    pub sha256: [u8; 32],
}

/// Publishes a version.
#[derive(Debug, Clone)]
pub struct Publish {
    /// The categories.
    pub draft: Draft,
    /// From when tickets are classified by it.
    pub effective_from: Timestamp,
    /// SHA-256 of its stored bytes, without the version.
    pub sha256: [u8; 32],
}

/// Something was published.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A version of the taxonomy.
    Published(Published),
}

/// Why something was not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The draft is not a taxonomy; everything that is wrong with it.
    #[error("it is not a taxonomy")]
    Taxonomy(Vec<Problem>),
    /// There are as many versions as there may be.
    #[error("there are {MAX_VERSIONS} versions already")]
    Full,
}

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
        let found = check::problems(&draft);
        if found.is_empty() { Ok(Self(draft)) } else { Err(found) }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The draft that it was created from.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.0
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
