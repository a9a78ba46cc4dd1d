//! Commands to a notice, and why they may be refused.
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Evidence, Scheduled, Suppressed, SuppressionReason};
use crate::quiet_hours::QuietHours;

/// A command to a notice.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Send it.
    Schedule(Scheduled),
    /// Do not even schedule it, but say so.
    Suppress(Suppressed),
    /// Do not send it after all: only before its first attempt.
    Withdraw {
        /// Why not.
        reason: SuppressionReason,
    },
    /// An attempt is about to leave.
    BeginAttempt {
        /// Now.
        at: Timestamp,
    },
    /// The recipient's server took it.
    RecordSent {
        /// The attempt that succeeded.
        attempt_no: u32,
        /// The server's reference.
        provider_ref: String,
        /// When it was taken.
        at: Timestamp,
        /// SHA-256 of the rendered content.
        content_sha256: [u8; 32],
        /// How long it may still come back. Who needs proof waits as long; zero where
        /// nothing can be learnt by waiting.
        bounce_window: Duration,
    },
    /// It did not come back in time.
    ConfirmDelivery {
        /// Now.
        at: Timestamp,
    },
    /// Somebody has proof that it was posted, or that it reached the recipient, perhaps by another
    /// way.
    RecordDelivery {
        /// What shows it.
        evidence: Evidence,
        /// When it was posted, or reached the recipient.
        at: Timestamp,
    },
    /// It came back.
    RecordBounce {
        /// Why, for example `DSN_5.1.1`.
        code: String,
    },
    /// An attempt failed or was lost.
    RecordFailure {
        /// The attempt.
        attempt_no: u32,
        /// What failed.
        code: String,
        /// What it means for further attempts.
        kind: FailureKind,
        /// Now.
        at: Timestamp,
        /// When to try again.
        retry: Retry,
        /// What to do if the outcome is unknown.
        on_unknown: UnknownPolicy,
    },
    /// Attempt a held or failed notice again.
    Release {
        /// Now.
        at: Timestamp,
    },
}

/// What a failure means for further attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The same attempt would fail again.
    Permanent,
    /// Not taken; another attempt may succeed.
    Transient,
    /// Perhaps taken: the answer was lost.
    Unknown,
}

/// What to do with an attempt whose outcome will never be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownPolicy {
    /// Attempt it again: the recipient may get it twice.
    Resend,
    /// Leave it: the recipient may never get it. Somebody must release it.
    Hold,
}

/// When to try again. Everything random about it was decided outside.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Retry {
    /// Delay after the first, second, … failed attempt; the count restarts when the notice is
    /// released. After the last delay the notice is given up.
    pub delays: Vec<Duration>,
    /// Part of the delay, in thousandths, that is added to it.
    pub jitter_permille: u16,
    /// The recipient's server asked not to be called before.
    pub not_before: Option<Timestamp>,
    /// The hours in which the recipient does not want to hear of it, by the clocks of their zone.
    pub quiet: Option<(QuietHours, TimeZone)>,
}

/// The rule that stands against a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such notice.
    #[error("there is no such notice")]
    Unknown,
    /// A notice with this key was made before.
    #[error("the notice was made before")]
    AlreadyMade,
    /// It is not waiting for an attempt: one runs, or it has ended.
    #[error("the notice does not wait for an attempt")]
    NotWaiting,
    /// Its time has not come.
    #[error("the notice is not due yet")]
    NotDue,
    /// The attempt ended before, or never began.
    #[error("the attempt is not under way")]
    AttemptOver,
    /// It was sent.
    #[error("the notice was sent before")]
    AlreadySent,
    /// It was not sent, so it cannot have come back.
    #[error("the notice was not sent")]
    NotSent,
    /// Its delivery is proved already.
    #[error("the delivery of the notice is proved already")]
    AlreadyDelivered,
    /// A letter must be on a durable medium, and a call is not one.
    #[error("a call is no durable medium: it does not prove a letter")]
    NotDurable,
    /// It cannot have arrived before it left.
    #[error("the notice cannot have been delivered before it was sent")]
    BeforeSent,
    /// Only a held or failed notice can be released.
    #[error("the notice is neither held nor failed")]
    NotReleasable,
}
