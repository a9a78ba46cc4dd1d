//! The events of other services that the read model uses, decoded.
mod complaint;

use eventlog::Recorded;
use prost::Message;
use wire::{DecodeError, intake, notification, routing, sla};

pub(crate) use complaint::ComplaintFact;

/// An event of another service.
pub(crate) enum Fact {
    TicketRegistered(Box<intake::v1::TicketRegistered>),
    TicketClassified(intake::v1::TicketClassified),
    PriorityChanged(intake::v1::PriorityChanged),
    MessageAdded(intake::v1::MessageAdded),
    WorkStarted(intake::v1::WorkStarted),
    TicketHeld(intake::v1::TicketHeld),
    TicketUnheld(intake::v1::TicketUnheld),
    TicketResolved(intake::v1::TicketResolved),
    TicketReopened(intake::v1::TicketReopened),
    TicketClosed(intake::v1::TicketClosed),
    PromiseMade(intake::v1::PromiseMade),
    RequestExtended(intake::v1::DataSubjectRequestExtended),
    ContactNoted(intake::v1::ContactNoted),
    PartyLinked(intake::v1::PartyLinked),
    TicketMerged(intake::v1::TicketMerged),
    TicketSplit(intake::v1::TicketSplit),
    TicketLinked(intake::v1::TicketLinked),
    TicketUnlinked(intake::v1::TicketUnlinked),
    Complaint(Box<ComplaintFact>),
    MessageReceived(intake::v1::MessageReceived),
    TicketQueued(routing::v1::TicketQueued),
    TicketAssigned(routing::v1::TicketAssigned),
    AssignmentAccepted(routing::v1::AssignmentAccepted),
    TicketEscalated(routing::v1::TicketEscalated),
    RouteEnded(routing::v1::RouteEnded),
    ClockStarted(sla::v1::ClockStarted),
    ClockPaused(sla::v1::ClockPaused),
    ClockResumed(sla::v1::ClockResumed),
    ClockRetargeted(sla::v1::ClockRetargeted),
    ThresholdReached(sla::v1::ThresholdReached),
    ClockBreached(sla::v1::ClockBreached),
    ClockStopped(sla::v1::ClockStopped),
    BreachVoided(sla::v1::BreachVoided),
    TimerSet(sla::v1::TimerSet),
    /// Names only the timer, which is not used here.
    TimerCancelled,
    TimerFired(sla::v1::TimerFired),
    /// What the clocks remember of their ticket; the ticket's own events say it better.
    TicketNoted(sla::v1::TicketNoted),
    /// The same of its complaint.
    ComplaintNoted,
    NotificationScheduled(notification::v1::NotificationScheduled),
    NotificationSuppressed(notification::v1::NotificationSuppressed),
    NotificationAttempted(notification::v1::NotificationAttempted),
    NotificationSent(notification::v1::NotificationSent),
    NotificationDelivered(notification::v1::NotificationDelivered),
    NotificationFailed(notification::v1::NotificationFailed),
    NotificationReleased(notification::v1::NotificationReleased),
    /// A type that this version does not know. It changes no ticket, and the timeline shows its
    /// name only: newer services may write it before this one learns of it.
    Unknown,
}

/// Whether the streams of this category tell of tickets. Directories, rules, policies and
/// webhooks do not; they are in no timeline.
pub(crate) fn tells_of_tickets(category: &str) -> bool {
    matches!(category, "ticket" | "inbound" | "route" | "clock" | "notice")
}

/// Reads an event.
///
/// # Errors
/// [`DecodeError`] if the type is known and the bytes are not its message.
pub(crate) fn read(event: &Recorded) -> Result<Fact, DecodeError> {
    read_bytes(&event.event_type, event.payload.clone())
}

pub(crate) fn read_bytes(event_type: &str, payload: bytes::Bytes) -> Result<Fact, DecodeError> {
    use Fact as F;
    Ok(match event_type {
        "odzew.intake.v1.TicketRegistered" => F::TicketRegistered(Box::new(decode(payload)?)),
        "odzew.intake.v1.TicketClassified" => F::TicketClassified(decode(payload)?),
        "odzew.intake.v1.PriorityChanged" => F::PriorityChanged(decode(payload)?),
        "odzew.intake.v1.MessageAdded" => F::MessageAdded(decode(payload)?),
        "odzew.intake.v1.WorkStarted" => F::WorkStarted(decode(payload)?),
        "odzew.intake.v1.TicketHeld" => F::TicketHeld(decode(payload)?),
        "odzew.intake.v1.TicketUnheld" => F::TicketUnheld(decode(payload)?),
        "odzew.intake.v1.TicketResolved" => F::TicketResolved(decode(payload)?),
        "odzew.intake.v1.TicketReopened" => F::TicketReopened(decode(payload)?),
        "odzew.intake.v1.TicketClosed" => F::TicketClosed(decode(payload)?),
        "odzew.intake.v1.PromiseMade" => F::PromiseMade(decode(payload)?),
        "odzew.intake.v1.DataSubjectRequestExtended" => F::RequestExtended(decode(payload)?),
        "odzew.intake.v1.ContactNoted" => F::ContactNoted(decode(payload)?),
        "odzew.intake.v1.PartyLinked" => F::PartyLinked(decode(payload)?),
        "odzew.intake.v1.TicketMerged" => F::TicketMerged(decode(payload)?),
        "odzew.intake.v1.TicketSplit" => F::TicketSplit(decode(payload)?),
        "odzew.intake.v1.TicketLinked" => F::TicketLinked(decode(payload)?),
        "odzew.intake.v1.TicketUnlinked" => F::TicketUnlinked(decode(payload)?),
        "odzew.intake.v1.MessageReceived" => F::MessageReceived(decode(payload)?),
        "odzew.routing.v1.TicketQueued" => F::TicketQueued(decode(payload)?),
        "odzew.routing.v1.TicketAssigned" => F::TicketAssigned(decode(payload)?),
        "odzew.routing.v1.AssignmentAccepted" => F::AssignmentAccepted(decode(payload)?),
        "odzew.routing.v1.TicketEscalated" => F::TicketEscalated(decode(payload)?),
        "odzew.routing.v1.RouteEnded" => F::RouteEnded(decode(payload)?),
        "odzew.sla.v1.ClockStarted" => F::ClockStarted(decode(payload)?),
        "odzew.sla.v1.ClockPaused" => F::ClockPaused(decode(payload)?),
        "odzew.sla.v1.ClockResumed" => F::ClockResumed(decode(payload)?),
        "odzew.sla.v1.ClockRetargeted" => F::ClockRetargeted(decode(payload)?),
        "odzew.sla.v1.ThresholdReached" => F::ThresholdReached(decode(payload)?),
        "odzew.sla.v1.ClockBreached" => F::ClockBreached(decode(payload)?),
        "odzew.sla.v1.ClockStopped" => F::ClockStopped(decode(payload)?),
        "odzew.sla.v1.BreachVoided" => F::BreachVoided(decode(payload)?),
        "odzew.sla.v1.TimerSet" => F::TimerSet(decode(payload)?),
        "odzew.sla.v1.TimerCancelled" => F::TimerCancelled,
        "odzew.sla.v1.TimerFired" => F::TimerFired(decode(payload)?),
        "odzew.sla.v1.TicketNoted" => F::TicketNoted(decode(payload)?),
        "odzew.sla.v1.ComplaintNoted" => F::ComplaintNoted,
        "odzew.notification.v1.NotificationScheduled" => F::NotificationScheduled(decode(payload)?),
        "odzew.notification.v1.NotificationSuppressed" => {
            F::NotificationSuppressed(decode(payload)?)
        }
        "odzew.notification.v1.NotificationAttempted" => F::NotificationAttempted(decode(payload)?),
        "odzew.notification.v1.NotificationSent" => F::NotificationSent(decode(payload)?),
        "odzew.notification.v1.NotificationDelivered" => F::NotificationDelivered(decode(payload)?),
        "odzew.notification.v1.NotificationFailed" => F::NotificationFailed(decode(payload)?),
        "odzew.notification.v1.NotificationReleased" => F::NotificationReleased(decode(payload)?),
        other => {
            complaint::read(other, payload)?.map_or(F::Unknown, |fact| F::Complaint(Box::new(fact)))
        }
    })
}

fn decode<M: Message + Default>(payload: bytes::Bytes) -> Result<M, DecodeError> {
    Ok(M::decode(payload)?)
}
