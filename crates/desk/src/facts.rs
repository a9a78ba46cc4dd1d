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
        wire::event::TICKET_REGISTERED => F::TicketRegistered(Box::new(decode(payload)?)),
        wire::event::TICKET_CLASSIFIED => F::TicketClassified(decode(payload)?),
        wire::event::PRIORITY_CHANGED => F::PriorityChanged(decode(payload)?),
        wire::event::MESSAGE_ADDED => F::MessageAdded(decode(payload)?),
        wire::event::WORK_STARTED => F::WorkStarted(decode(payload)?),
        wire::event::TICKET_HELD => F::TicketHeld(decode(payload)?),
        wire::event::TICKET_UNHELD => F::TicketUnheld(decode(payload)?),
        wire::event::TICKET_RESOLVED => F::TicketResolved(decode(payload)?),
        wire::event::TICKET_REOPENED => F::TicketReopened(decode(payload)?),
        wire::event::TICKET_CLOSED => F::TicketClosed(decode(payload)?),
        wire::event::PROMISE_MADE => F::PromiseMade(decode(payload)?),
        wire::event::DATA_SUBJECT_REQUEST_EXTENDED => F::RequestExtended(decode(payload)?),
        wire::event::CONTACT_NOTED => F::ContactNoted(decode(payload)?),
        wire::event::PARTY_LINKED => F::PartyLinked(decode(payload)?),
        wire::event::TICKET_MERGED => F::TicketMerged(decode(payload)?),
        wire::event::TICKET_SPLIT => F::TicketSplit(decode(payload)?),
        wire::event::TICKET_LINKED => F::TicketLinked(decode(payload)?),
        wire::event::TICKET_UNLINKED => F::TicketUnlinked(decode(payload)?),
        wire::event::MESSAGE_RECEIVED => F::MessageReceived(decode(payload)?),
        wire::event::TICKET_QUEUED => F::TicketQueued(decode(payload)?),
        wire::event::TICKET_ASSIGNED => F::TicketAssigned(decode(payload)?),
        wire::event::ASSIGNMENT_ACCEPTED => F::AssignmentAccepted(decode(payload)?),
        wire::event::TICKET_ESCALATED => F::TicketEscalated(decode(payload)?),
        wire::event::ROUTE_ENDED => F::RouteEnded(decode(payload)?),
        wire::event::CLOCK_STARTED => F::ClockStarted(decode(payload)?),
        wire::event::CLOCK_PAUSED => F::ClockPaused(decode(payload)?),
        wire::event::CLOCK_RESUMED => F::ClockResumed(decode(payload)?),
        wire::event::CLOCK_RETARGETED => F::ClockRetargeted(decode(payload)?),
        wire::event::THRESHOLD_REACHED => F::ThresholdReached(decode(payload)?),
        wire::event::CLOCK_BREACHED => F::ClockBreached(decode(payload)?),
        wire::event::CLOCK_STOPPED => F::ClockStopped(decode(payload)?),
        wire::event::BREACH_VOIDED => F::BreachVoided(decode(payload)?),
        wire::event::TIMER_SET => F::TimerSet(decode(payload)?),
        wire::event::TIMER_CANCELLED => F::TimerCancelled,
        wire::event::TIMER_FIRED => F::TimerFired(decode(payload)?),
        wire::event::TICKET_NOTED => F::TicketNoted(decode(payload)?),
        wire::event::COMPLAINT_NOTED => F::ComplaintNoted,
        wire::event::NOTIFICATION_SCHEDULED => F::NotificationScheduled(decode(payload)?),
        wire::event::NOTIFICATION_SUPPRESSED => F::NotificationSuppressed(decode(payload)?),
        wire::event::NOTIFICATION_ATTEMPTED => F::NotificationAttempted(decode(payload)?),
        wire::event::NOTIFICATION_SENT => F::NotificationSent(decode(payload)?),
        wire::event::NOTIFICATION_DELIVERED => F::NotificationDelivered(decode(payload)?),
        wire::event::NOTIFICATION_FAILED => F::NotificationFailed(decode(payload)?),
        wire::event::NOTIFICATION_RELEASED => F::NotificationReleased(decode(payload)?),
        other => {
            complaint::read(other, payload)?.map_or(F::Unknown, |fact| F::Complaint(Box::new(fact)))
        }
    })
}

fn decode<M: Message + Default>(payload: bytes::Bytes) -> Result<M, DecodeError> {
    Ok(M::decode(payload)?)
}
