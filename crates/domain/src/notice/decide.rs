//! The rules of a notice.
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    Command, Delivery, Event, Failed, FailureKind, Rejection, Retry, Sent, Stage, State,
    Suppressed, SuppressionReason, UnknownPolicy, Way, proof,
};

pub(super) fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    match (state, command) {
        (State::Absent, Command::Schedule(scheduled)) => {
            Ok(vec![Event::Scheduled(scheduled.clone())])
        }
        (State::Absent, Command::Suppress(suppressed)) => {
            Ok(vec![Event::Suppressed(suppressed.clone())])
        }
        (_, Command::Schedule(_) | Command::Suppress(_)) => Err(Rejection::AlreadyMade),
        (State::Suppressed(suppressed), Command::RecordDelivery { evidence, at }) => {
            proof::otherwise(suppressed, Way::default(), *evidence, *at)
        }
        (State::Otherwise(suppressed, way), Command::RecordDelivery { evidence, at }) => {
            proof::otherwise(suppressed, *way, *evidence, *at)
        }
        (
            State::Suppressed(_) | State::Otherwise(..),
            Command::ConfirmDelivery { .. } | Command::RecordBounce { .. },
        ) => Err(Rejection::NotSent),
        (State::Absent | State::Suppressed(_) | State::Otherwise(..), _) => Err(Rejection::Unknown),
        (State::Known(delivery), command) => decide_known(delivery, command),
    }
}

fn decide_known(delivery: &Delivery, command: &Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Schedule(_) | Command::Suppress(_) => Err(Rejection::AlreadyMade),
        Command::Withdraw { reason } => withdraw(delivery, *reason),
        Command::BeginAttempt { at } => begin(delivery, *at),
        Command::RecordSent { attempt_no, provider_ref, at, content_sha256, bounce_window } => {
            may_have_been_sent(delivery, *attempt_no)?;
            Ok(vec![Event::Sent(Sent {
                notice_id: delivery.scheduled.notice_id,
                provider_ref: provider_ref.clone(),
                at: *at,
                content_sha256: *content_sha256,
                purpose: delivery.scheduled.purpose,
                ticket_id: delivery.scheduled.ticket_id,
                message_id: delivery.scheduled.message_id,
                proof_due_at: proof_due(delivery, *at, *bounce_window),
                by_post: false,
            })])
        }
        Command::ConfirmDelivery { at } => proof::confirm(delivery, *at),
        Command::RecordDelivery { evidence, at } => proof::record(delivery, *evidence, *at),
        Command::RecordBounce { code } => proof::bounce(delivery, code),
        Command::RecordFailure { attempt_no, code, kind, at, retry, on_unknown } => {
            under_way(delivery, *attempt_no)?;
            let next = retry.next(attempt_no.saturating_sub(delivery.released_attempts), *at);
            let held = *kind == FailureKind::Unknown && *on_unknown == UnknownPolicy::Hold;
            let permanent = *kind == FailureKind::Permanent || (next.is_none() && !held);
            Ok(vec![Event::Failed(Failed {
                notice_id: delivery.scheduled.notice_id,
                permanent,
                code: code.clone(),
                outcome_unknown: *kind == FailureKind::Unknown,
                next_attempt_at: next.filter(|_| !permanent && !held),
                purpose: Some(delivery.scheduled.purpose),
                ticket_id: delivery.scheduled.ticket_id,
                message_id: delivery.scheduled.message_id,
            })])
        }
        Command::Release { at } => match delivery.stage {
            Stage::Held | Stage::Failed => {
                Ok(vec![Event::Released { notice_id: delivery.scheduled.notice_id, due: *at }])
            }
            Stage::Scheduled { .. }
            | Stage::Attempting { .. }
            | Stage::Sent { .. }
            | Stage::Delivered(_)
            | Stage::Suppressed(_) => Err(Rejection::NotReleasable),
        },
    }
}

fn withdraw(delivery: &Delivery, reason: SuppressionReason) -> Result<Vec<Event>, Rejection> {
    let scheduled = &delivery.scheduled;
    match delivery.stage {
        Stage::Scheduled { .. } if delivery.attempts == 0 => {
            Ok(vec![Event::Suppressed(Suppressed {
                notice_id: scheduled.notice_id,
                key: scheduled.key.clone(),
                purpose: scheduled.purpose,
                audience: scheduled.audience,
                recipient: scheduled.recipient.clone(),
                channel: scheduled.channel,
                reason,
                cause_event_id: scheduled.cause_event_id,
                ticket_id: scheduled.ticket_id,
                message_id: scheduled.message_id,
            })])
        }
        Stage::Scheduled { .. }
        | Stage::Attempting { .. }
        | Stage::Held
        | Stage::Sent { .. }
        | Stage::Delivered(_)
        | Stage::Failed
        | Stage::Suppressed(_) => Err(Rejection::NotWaiting),
    }
}

fn begin(delivery: &Delivery, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    match delivery.stage {
        Stage::Scheduled { due } if due <= at || may_leave_early(delivery) => {
            Ok(vec![Event::Attempted {
                notice_id: delivery.scheduled.notice_id,
                attempt_no: delivery.attempts + 1,
                at,
            }])
        }
        Stage::Scheduled { .. } => Err(Rejection::NotDue),
        Stage::Attempting { .. }
        | Stage::Held
        | Stage::Sent { .. }
        | Stage::Delivered(_)
        | Stage::Failed
        | Stage::Suppressed(_) => Err(Rejection::NotWaiting),
    }
}

/// A confirmation of receipt waits only for what it would like to say: once that is known it
/// need not wait any longer, unless it waits for the end of somebody's quiet hours.
fn may_leave_early(delivery: &Delivery) -> bool {
    let scheduled = &delivery.scheduled;
    scheduled.purpose.is_confirmation() && !scheduled.deferred && delivery.attempts == 0
}

/// A confirmation may come late, after its attempt was given up as lost: it is still
/// the truth, and it keeps the next attempt from leaving.
fn may_have_been_sent(delivery: &Delivery, attempt_no: u32) -> Result<(), Rejection> {
    match delivery.stage {
        Stage::Sent { .. } => Err(Rejection::AlreadySent),
        Stage::Delivered(_) => Err(Rejection::AlreadyDelivered),
        Stage::Suppressed(_) => Err(Rejection::AttemptOver),
        Stage::Scheduled { .. } | Stage::Attempting { .. } | Stage::Held | Stage::Failed => {
            if attempt_no == 0 || attempt_no > delivery.attempts {
                Err(Rejection::AttemptOver)
            } else if attempt_no <= delivery.confirmed_attempts {
                // It was sent, came back, and was released.
                Err(Rejection::AlreadySent)
            } else {
                Ok(())
            }
        }
    }
}

fn under_way(delivery: &Delivery, attempt_no: u32) -> Result<(), Rejection> {
    match delivery.stage {
        Stage::Attempting { .. } if delivery.attempts == attempt_no => Ok(()),
        Stage::Sent { .. } => Err(Rejection::AlreadySent),
        Stage::Delivered(_) => Err(Rejection::AlreadyDelivered),
        Stage::Attempting { .. }
        | Stage::Scheduled { .. }
        | Stage::Held
        | Stage::Failed
        | Stage::Suppressed(_) => Err(Rejection::AttemptOver),
    }
}

/// When a notice whose delivery must be proved counts as delivered.
fn proof_due(delivery: &Delivery, at: Timestamp, bounce_window: Duration) -> Option<Timestamp> {
    if !delivery.scheduled.purpose.needs_proof() || bounce_window.is_zero() {
        return None;
    }
    let window = SignedDuration::try_from(bounce_window).unwrap_or(SignedDuration::MAX);
    Some(at.saturating_add(window).unwrap_or(Timestamp::MAX))
}

impl Retry {
    /// When to try again after the attempt that is the `nth` failed at `at`; none to give up.
    fn next(&self, nth: u32, at: Timestamp) -> Option<Timestamp> {
        let index = usize::try_from(nth.checked_sub(1)?).ok()?;
        let delay = self.delays.get(index)?;
        let jitter = delay.saturating_mul(u32::from(self.jitter_permille)) / 1000;
        let whole = delay.saturating_add(jitter).as_millis();
        let millis = i64::try_from(whole).unwrap_or(i64::MAX);
        let due = at.saturating_add(jiff::SignedDuration::from_millis(millis)).unwrap_or(at);
        let due = self.not_before.map_or(due, |asked| asked.max(due));
        let quiet = self.quiet.as_ref();
        Some(quiet.and_then(|(hours, zone)| hours.end(due, zone)).unwrap_or(due))
    }
}
