//! Taxonomies as messages, and the events that publish them, in both directions.
use std::sync::Arc;

use bytes::Bytes;
use domain::problem::Problem;
use domain::taxonomy::{Draft, Entry, Event, Published, Root, Taxonomy};
use prost::Message;

use crate::event;
use crate::intake::v1;
use crate::scalar::{instant, timestamp};
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "taxonomy";

    fn event_type(&self) -> &'static str {
        let Self::Published(_) = self;
        event::TAXONOMY_PUBLISHED
    }

    fn encode(&self) -> Bytes {
        let Self::Published(published) = self;
        v1::TaxonomyPublished {
            taxonomy: Some(message(&published.taxonomy, published.version)),
            effective_from: Some(timestamp(published.effective_from)),
            sha256: Bytes::copy_from_slice(&published.sha256),
        }
        .encode_to_vec()
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::TAXONOMY_PUBLISHED => read(bytes).map(Self::Published),
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn read(bytes: &[u8]) -> Result<Published, DecodeError> {
    let message = v1::TaxonomyPublished::decode(bytes)?;
    let taxonomy = message.taxonomy.ok_or(DecodeError::Field { field: "taxonomy" })?;
    let sha256 = message.sha256.as_ref().try_into().map_err(|_| DecodeError::field("sha256"))?;
    Ok(Published {
        version: taxonomy.version,
        taxonomy: Arc::new(checked(&taxonomy).map_err(|_| DecodeError::field("taxonomy"))?),
        effective_from: instant(message.effective_from.as_ref(), "effective_from")?,
        sha256,
    })
}

/// A version of a taxonomy as a message.
#[must_use]
pub fn message(taxonomy: &Taxonomy, version: u32) -> v1::Taxonomy {
    let Draft { id, roots } = taxonomy.draft();
    let roots = roots.iter().map(|root| v1::TaxonomyRoot {
        code: root.entry.code.clone(),
        label_pl: root.entry.label_pl.clone(),
        label_en: root.entry.label_en.clone(),
        categories: root.categories.iter().map(category).collect(),
    });
    v1::Taxonomy { taxonomy_id: id.clone(), version, roots: roots.collect() }
}

fn category(entry: &Entry) -> v1::TaxonomyCategory {
    v1::TaxonomyCategory {
        code: entry.code.clone(),
        label_pl: entry.label_pl.clone(),
        label_en: entry.label_en.clone(),
    }
}

/// The taxonomy that a message holds.
///
/// # Errors
/// Everything that is wrong with it, by field of the message.
pub fn checked(message: &v1::Taxonomy) -> Result<Taxonomy, Vec<Problem>> {
    Taxonomy::new(draft(message))
}

/// The categories that a message holds, unchecked.
#[must_use]
pub fn draft(message: &v1::Taxonomy) -> Draft {
    let roots = message.roots.iter().map(|root| Root {
        entry: entry(&root.code, &root.label_pl, &root.label_en),
        categories: (root.categories.iter())
            .map(|category| entry(&category.code, &category.label_pl, &category.label_en))
            .collect(),
    });
    Draft { id: message.taxonomy_id.clone(), roots: roots.collect() }
}

fn entry(code: &str, label_pl: &str, label_en: &str) -> Entry {
    Entry { code: code.to_owned(), label_pl: label_pl.to_owned(), label_en: label_en.to_owned() }
}
