//! An inbound message: by which rule it joins a ticket, or that it begins one. This is decided
//! once, when the message first comes in; repeated delivery gets the same answer.
//!
//! ```text
//! 1 a signed token of a ticket            anywhere, from anybody who has it
//! 2 the id of a mail that we sent         In-Reply-To and References (RFC 5322)
//! 3 a verified party, and exactly one of its tickets that are not closed is about the same
//!   order, invoice or service
//! 4 none of these: a new ticket, and the party's other tickets are proposed to a person
//! ```
//! An alert of a machine has a key instead, and joins the newest ticket with this key.
//!
//! The words of a subject line join nothing. An automatic message joins by the first three rules
//! and never begins a ticket: two machines would otherwise answer each other without end.
mod decide;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::aggregate::Aggregate;
use crate::identity::Identity;
use crate::ids::TicketId;
use crate::priority::Channel;

/// Most tickets that are proposed to a person.
pub const MOST_CANDIDATES: usize = 20;

/// The aggregate behind the streams `inbound-<id>`.
#[derive(Debug, Clone, Copy)]
pub struct Inbound;

impl Aggregate for Inbound {
    type State = State;
    type Command = Receive;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Receive) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &Event) -> State {
        let Event::Received(received) = event;
        match state {
            State::Absent => State::Received(received.clone()),
            known @ State::Received(_) => known,
        }
    }
}

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// It never came in.
    #[default]
    Absent,
    /// It came in.
    Received(Received),
}

/// What happens to an inbound message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It came in, and the ticket that it belongs to was settled.
    Received(Received),
}

/// By which rule a message found its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JoinRule {
    /// It carried a signed token of the ticket.
    TicketToken,
    /// It answers a mail that we sent about the ticket.
    References,
    /// The party is verified, and the ticket is about the same order, invoice or service.
    SameObject,
    /// It begins a ticket.
    NewTicket,
    /// It is an alert, and the ticket is the newest with its key.
    DedupeKey,
}

/// A message and the ticket that it belongs to. The ticket may pass it on: to the one it was
/// merged into, or to one that follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Channel it came over.
    pub channel: Channel,
    /// When the organisation received it.
    pub received_at: Timestamp,
    /// A machine sent it by itself (RFC 3834).
    pub automatic: bool,
    /// Who sent it, if that is known.
    pub sender: Option<Identity>,
    /// It was sent by somebody other than the requester of the ticket.
    pub other_sender: bool,
    /// The ticket.
    pub ticket_id: TicketId,
    /// By which rule.
    pub rule: JoinRule,
    /// Tickets of the same party, not closed, that it may belong to instead; the newest first.
    pub candidates: Vec<TicketId>,
}

/// Takes a message in, with everything that was looked up for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receive {
    /// Channel it came over.
    pub channel: Channel,
    /// When the organisation received it.
    pub received_at: Timestamp,
    /// A machine sent it by itself.
    pub automatic: bool,
    /// Who sent it, if that is known.
    pub sender: Option<Identity>,
    /// It was sent by somebody other than the requester of the ticket that the token or the
    /// references name.
    pub other_sender: bool,
    /// The ticket of the first good token.
    pub by_token: Option<TicketId>,
    /// The ticket of the first reference to a mail of ours.
    pub by_reference: Option<TicketId>,
    /// Tickets of the sender, not closed, about one of the things that the message is about.
    pub same_object: Vec<TicketId>,
    /// Tickets of the sender, not closed, the newest first.
    pub open: Vec<TicketId>,
    /// The newest ticket with the key of the alert, or the first that there would be.
    pub by_key: Option<TicketId>,
    /// Id of the ticket that it begins if it joins none.
    pub new_ticket: TicketId,
}

/// The rule that stands against taking a message in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It came in before, by another request.
    #[error("the message came in before")]
    AlreadyReceived,
    /// A machine sent it by itself, and it belongs to no ticket.
    #[error("a machine sent the message by itself, and it belongs to no ticket")]
    Automatic,
}
