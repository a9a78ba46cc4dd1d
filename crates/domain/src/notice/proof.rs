//! Proof that a notice was sent or delivered, and proof of the contrary.
//!
//! For a posted letter, the receipt of posting proves that it was sent, and tracking that it was
//! delivered. A mail counts as delivered at the instant at which the recipient's server accepted
//! it, once its time to bounce is over. Until then it is only sent.
use jiff::Timestamp;

use super::{
    Delivered, Delivery, Event, Evidence, Failed, Proof, Purpose, Rejection, Scheduled, Sent,
    Stage, Suppressed, Way,
};
use crate::ids::{MessageId, NoticeId, TicketId};

/// It did not come back in time: it was delivered when the server took it.
pub(super) fn confirm(delivery: &Delivery, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    match delivery.stage {
        Stage::Sent { at, proof_due_at: Some(due), .. } if due <= now => {
            Ok(vec![delivered(delivery, Evidence::Dsn, at)])
        }
        Stage::Sent { .. } => Err(Rejection::NotDue),
        Stage::Delivered(_) => Err(Rejection::AlreadyDelivered),
        Stage::Scheduled { .. }
        | Stage::Attempting { .. }
        | Stage::Held
        | Stage::Failed
        | Stage::Suppressed(_) => Err(Rejection::NotSent),
    }
}

/// Somebody has proof. A notice that failed, was held or was never sent may have reached the
/// recipient by another way; one of which there is proof needs no other.
pub(super) fn record(
    delivery: &Delivery,
    evidence: Evidence,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let scheduled = &delivery.scheduled;
    match delivery.stage {
        Stage::Delivered(_) => return Err(Rejection::AlreadyDelivered),
        Stage::Sent { .. } if evidence == Evidence::PostReceipt => {
            return Err(Rejection::AlreadySent);
        }
        Stage::Sent { .. }
        | Stage::Scheduled { .. }
        | Stage::Attempting { .. }
        | Stage::Held
        | Stage::Failed
        | Stage::Suppressed(_) => {}
    }
    if evidence == Evidence::PostReceipt {
        let Scheduled { notice_id, purpose, ticket_id, message_id, .. } = *scheduled;
        return Ok(vec![posted((notice_id, purpose), (ticket_id, message_id), at)]);
    }
    arrives(scheduled.purpose, evidence, delivery.sent_at, at)?;
    Ok(vec![delivered(delivery, evidence, at)])
}

/// It left by post, as the receipt of posting shows.
fn posted(
    (notice_id, purpose): (NoticeId, Purpose),
    (ticket_id, message_id): (Option<TicketId>, Option<MessageId>),
    at: Timestamp,
) -> Event {
    Event::Sent(Sent {
        notice_id,
        provider_ref: String::new(),
        at,
        content_sha256: [0; 32],
        purpose,
        ticket_id,
        message_id,
        proof_due_at: None,
        by_post: true,
    })
}

/// Whether the evidence may show that what left at `sent_at`, if it did, arrived at `at`.
fn arrives(
    purpose: Purpose,
    evidence: Evidence,
    sent_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), Rejection> {
    durable(purpose, evidence)?;
    match sent_at {
        // What the post handed over it was given: the receipt says when, and a law may ask that.
        None if evidence == Evidence::Tracking => Err(Rejection::NotSent),
        // Proofs tell whole seconds.
        Some(sent) if at.as_second() < sent.as_second() => Err(Rejection::BeforeSent),
        Some(_) | None => Ok(()),
    }
}

/// It bounced, which is final, perhaps after it counted as delivered. If other proof shows that the
/// recipient has it, that stands.
pub(super) fn bounce(delivery: &Delivery, code: &str) -> Result<Vec<Event>, Rejection> {
    let scheduled = &delivery.scheduled;
    match delivery.stage {
        Stage::Sent { by_post: false, .. }
        | Stage::Delivered(Proof { evidence: Evidence::Dsn, .. }) => {
            Ok(vec![Event::Failed(Failed {
                notice_id: scheduled.notice_id,
                permanent: true,
                code: code.to_owned(),
                outcome_unknown: false,
                next_attempt_at: None,
                purpose: Some(scheduled.purpose),
                ticket_id: scheduled.ticket_id,
                message_id: scheduled.message_id,
            })])
        }
        Stage::Delivered(_) => Err(Rejection::AlreadyDelivered),
        Stage::Sent { by_post: true, .. }
        | Stage::Scheduled { .. }
        | Stage::Attempting { .. }
        | Stage::Held
        | Stage::Failed
        | Stage::Suppressed(_) => Err(Rejection::NotSent),
    }
}

/// A notice that was not sent here left, or reached the recipient, by another way, such as the
/// post.
pub(super) fn otherwise(
    suppressed: &Suppressed,
    way: Way,
    evidence: Evidence,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if way.proof.is_some() {
        return Err(Rejection::AlreadyDelivered);
    }
    if evidence == Evidence::PostReceipt {
        if way.posted_at.is_some() {
            return Err(Rejection::AlreadySent);
        }
        let Suppressed { notice_id, purpose, ticket_id, message_id, .. } = *suppressed;
        return Ok(vec![posted((notice_id, purpose), (ticket_id, message_id), at)]);
    }
    arrives(suppressed.purpose, evidence, way.posted_at, at)?;
    Ok(vec![Event::Delivered(Delivered {
        notice_id: suppressed.notice_id,
        at,
        evidence,
        purpose: suppressed.purpose,
        ticket_id: suppressed.ticket_id,
        message_id: suppressed.message_id,
    })])
}

/// What must be proved is on a durable medium: the customer can keep it unchanged (Consumer Rights
/// Act, art. 2 point 4). What was said in a call cannot be kept.
fn durable(purpose: Purpose, evidence: Evidence) -> Result<(), Rejection> {
    match evidence {
        Evidence::VoiceAnswered if purpose.needs_proof() => Err(Rejection::NotDurable),
        Evidence::VoiceAnswered
        | Evidence::Dsn
        | Evidence::Api
        | Evidence::PortalOpen
        | Evidence::PostReceipt
        | Evidence::Tracking => Ok(()),
    }
}

fn delivered(delivery: &Delivery, evidence: Evidence, at: Timestamp) -> Event {
    let scheduled = &delivery.scheduled;
    Event::Delivered(Delivered {
        notice_id: scheduled.notice_id,
        at,
        evidence,
        purpose: scheduled.purpose,
        ticket_id: scheduled.ticket_id,
        message_id: scheduled.message_id,
    })
}
