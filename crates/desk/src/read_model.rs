//! The tables of the service: one file per table, with its rows, how events change them, and the
//! queries.
pub(crate) mod complaints;
pub(crate) mod positions;
pub(crate) mod ticket_clocks;
pub(crate) mod tickets;
pub(crate) mod timeline;

use uuid::Uuid;

/// A ticket among those of all tenants.
pub(crate) type Key = (i32, Uuid);

/// The read model could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation}")]
pub(crate) struct Error {
    operation: &'static str,
    #[source]
    pub(crate) source: sqlx::Error,
}

/// Names what was asked, as a verb and a noun.
fn cannot(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |source| Error { operation, source }
}

/// Parts of keys, as the two arrays that statements take.
fn columns<'a>(keys: impl Iterator<Item = &'a Key>) -> (Vec<i32>, Vec<Uuid>) {
    keys.copied().unzip()
}

/// Counts and positions are signed in Postgres and never reach its bounds.
fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn small(choice: i32) -> i16 {
    i16::try_from(choice).unwrap_or_default()
}
