//! What may be published, and under which version.
use std::sync::Arc;

use super::{Event, MAX_VERSIONS, Publish, Published, Rejection, State, Taxonomy};

pub(super) fn decide(state: &State, publish: &Publish) -> Result<Vec<Event>, Rejection> {
    let Publish { draft, effective_from, sha256 } = publish.clone();
    let last = state.published.last().map_or(0, |published| published.version);
    if state.published.len() >= MAX_VERSIONS {
        return Err(Rejection::Full);
    }
    let taxonomy = Arc::new(Taxonomy::new(draft).map_err(Rejection::Taxonomy)?);
    let version = last + 1;
    Ok(vec![Event::Published(Published { version, taxonomy, effective_from, sha256 })])
}
