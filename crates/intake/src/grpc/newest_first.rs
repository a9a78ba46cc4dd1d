//! Pages of a list whose newest entry comes first: keys that grow from the newest position of
//! the log to the oldest.
use chassis::page::Page;

/// The key of an entry that came at `position`.
pub(super) fn key(position: i64) -> String {
    format!("{:019}", i64::MAX - position)
}

/// Where to read on, before which position, and how many entries: one more than asked for
/// tells whether there is a next page.
pub(super) fn bounds(page: &Page<'_>) -> (i64, i64) {
    let before = page.after().and_then(|key| key.parse::<i64>().ok());
    let before = before.map_or(i64::MAX, |key| i64::MAX - key);
    (before, i64::try_from(page.size()).unwrap_or(i64::MAX).saturating_add(1))
}
