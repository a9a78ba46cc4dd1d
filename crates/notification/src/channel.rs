//! The channels that notices leave by, and what each of them can do.
pub(crate) mod email;
pub(crate) mod webhook;

use std::future::Future;
use std::time::Duration;

use domain::notice::{FailureKind, SuppressionReason};
use domain::quiet_hours::QuietHours;
use eventlog::{Log, Recorded, Tenant};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wire::common::v1 as common;

use crate::config::Attempts;
use crate::read_model::queue::Claimed;

/// Code of a notice whose recipient is gone, or does not want it any more, when it is tried again.
pub(crate) const RECIPIENT_GONE: &str = "RECIPIENT_GONE";

/// One way to reach a recipient. To add one: a file in `channel/`, a line in `crate::start`.
pub(crate) trait Channel: Send + Sync + 'static {
    /// What is ready to leave.
    type Message: Send;

    /// Which channel it is.
    fn kind(&self) -> common::Channel;

    /// How often, and how many at once.
    fn attempts(&self) -> &Attempts;

    /// Whether notices to one recipient about one ticket leave in the order of their causes.
    fn in_order(&self) -> bool;

    /// The hours in which the recipient does not want to hear of it, by the clocks of their zone;
    /// `None` if it has none, or does not wait for their end.
    fn quiet_hours(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
    ) -> impl Future<Output = Result<Option<Quiet>, Unsendable>> + Send;

    /// How long what it took may still come back; zero where that is never learnt.
    fn bounce_window(&self) -> Duration;

    /// Looks up the recipient and makes the message. Nothing leaves.
    fn prepare(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
    ) -> impl Future<Output = Result<Prepared<Self::Message>, Unsendable>> + Send;

    /// Sends it, within the channel's own time limits. `now` is the time of the attempt.
    fn send(
        &self,
        tenant: &Tenant,
        message: Self::Message,
        now: Timestamp,
    ) -> impl Future<Output = Outcome> + Send;
}

/// Quiet hours of a recipient, and their time zone.
pub(crate) type Quiet = (QuietHours, TimeZone);

/// A message that is ready to leave.
pub(crate) struct Prepared<M> {
    pub(crate) message: M,
    /// SHA-256 of what the recipient will read.
    pub(crate) content_sha256: [u8; 32],
}

/// Why a message could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsendable {
    /// A rule is against it.
    #[error("it is not to be sent")]
    Suppress(SuppressionReason),
    /// It can never be made; the code says why.
    #[error("it can never be made: {0}")]
    Broken(&'static str),
    /// The database is away.
    #[error("what it says could not be read")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Unsendable {
    pub(crate) fn away(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Away(error.into())
    }
}

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The recipient's server took it.
    Sent {
        /// The server's reference.
        provider_ref: String,
    },
    /// It failed, or its outcome is unknown.
    Failed {
        /// What that means for further attempts.
        kind: FailureKind,
        /// For example `SMTP_550`.
        code: String,
        /// The server does not want to be called sooner.
        retry_after: Option<Duration>,
    },
}

impl Outcome {
    pub(crate) fn failed(kind: FailureKind, code: impl Into<String>) -> Self {
        Self::Failed { kind, code: code.into(), retry_after: None }
    }
}

/// The event that caused a notice, as it is stored.
pub(crate) async fn cause_of(
    log: &Log,
    tenant: &Tenant,
    notice: &Claimed,
) -> Result<Recorded, Unsendable> {
    let after = notice.cause_position().saturating_sub(1);
    let found = log.read_partition(tenant.partition, after, 1).await.map_err(Unsendable::away)?;
    // A restored log may have something else there.
    let cause = found.into_iter().next().filter(|event| event.event_id == notice.cause_event_id);
    cause.ok_or(Unsendable::Broken("CAUSE_MISSING"))
}
