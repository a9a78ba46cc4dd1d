//! Errors of reading and maintaining the log. Appends have [`crate::AppendError`].
use crate::cursor::Partition;

/// An operation on the log failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres could not do it or did not answer.
    #[error("cannot {operation}")]
    Query {
        /// What was asked, as a verb and a noun.
        operation: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// The server is a standby: what it shows first need not have been committed first, so
    /// nothing may follow the log there.
    #[error("the server is a standby; the log is read from the primary only")]
    Standby,
    /// Not a tenant's name: 1 to 40 characters `a-z 0-9 -`, not starting with a hyphen.
    #[error(
        "{0:?} is not a tenant's name: 1 to 40 of a-z, 0-9 and \"-\", not beginning with \"-\""
    )]
    TenantName(String),
    /// The log was not installed with this partition.
    #[error("partition {0} is not installed")]
    PartitionMissing(Partition),
    /// The log has no partitions at all: it was never migrated.
    #[error("the log is not installed")]
    NotInstalled,
    /// Personal data are sealed, and their keys cannot be had now.
    #[error("cannot read or seal personal data")]
    Keys(#[from] crate::sealing::KeysAway),
    /// A stored row that the log itself cannot have written.
    #[error("event {position} of partition {partition} is not readable: {reason}")]
    Corrupt {
        /// The partition.
        partition: Partition,
        /// The event's position.
        position: u64,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// Whether Postgres or the keys were away or too busy, or the primary is elsewhere during a
    /// failover, so that trying again later helps.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Keys(_) | Self::Standby => true,
            Self::Query { source, .. } => is_away(source),
            Self::TenantName(_)
            | Self::PartitionMissing(_)
            | Self::NotInstalled
            | Self::Corrupt { .. } => false,
        }
    }

    /// Wraps the driver's error for `operation`; a refusal by a standby has its own variant.
    pub(crate) fn query(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| match source.as_database_error().and_then(|error| error.code()) {
            Some(code) if code == "OD002" => Self::Standby,
            _ => Self::Query { operation, source },
        }
    }
}

/// Whether Postgres is away or too busy, as opposed to refusing what was asked.
#[must_use]
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Connection exceptions, insufficient resources, operator intervention.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class))),
        _ => false,
    }
}

/// An error with its causes in one line, each told once: some libraries repeat their source in
/// their own text.
#[must_use]
pub fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
