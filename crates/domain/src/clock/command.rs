//! Commands to the clocks of a ticket, and the rules that may refuse them.
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{ComplaintFact, PromiseKind, RegimeVersion, Terms, TicketFacts};
use crate::calendar::CalendarRef;
use crate::ids::{AgentId, AssignmentId, ClockId, ContactId, HoldId, MessageId};
use crate::priority::{Channel, Priority, TicketType};

/// A command to the clocks of a ticket.
#[derive(Debug, Clone)]
pub enum Command {
    /// Do with the clocks what this fact about the ticket demands.
    Observe(Observation),
    /// Note that an instant has come; nothing happens if it no longer matters.
    Fire {
        /// The clock, or the timer if that is what has come.
        id: Uuid,
        /// What has come.
        what: What,
        /// The time now.
        now: Timestamp,
    },
    /// Forgive a breach.
    VoidBreach {
        /// The clock.
        clock_id: ClockId,
        /// Why.
        excuse: Excuse,
        /// Who decides.
        by: AgentId,
        /// Explanation; without personal data.
        note: String,
    },
}

/// A fact about the ticket, and what is needed to draw the consequences.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Id of the event that states the fact.
    pub event_id: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// It is part of a history taken over from another system. What such a history does
    /// not tell starts no clock: updates, queues and assignments; and nothing happens by
    /// itself because of it.
    pub historical: bool,
    /// The terms that apply.
    pub terms: Terms,
    /// The fact.
    pub fact: Fact,
}

/// What happened to the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It came in. Its first clocks start now, or as soon as its priority is settled.
    TicketRegistered(TicketFacts),
    /// Its priority was settled or changed.
    PriorityChanged {
        /// Priority now.
        priority: Priority,
        /// A workaround has lowered the impact; what was promised stands.
        mitigated: bool,
    },
    /// It is of another type now, for which another policy may promise.
    TypeChanged {
        /// Type now.
        ticket_type: TicketType,
    },
    /// A message was added to its thread.
    MessageAdded {
        /// What kind.
        kind: MessageKind,
        /// Channel it went over.
        channel: Channel,
    },
    /// A person of ours spoke with the customer: on the telephone, in a chat, face to face.
    ContactAnswered {
        /// We called the customer, not the customer us.
        outbound: bool,
    },
    /// A conversation about it, to whose end a person spoke with the customer, is over.
    ContactEnded {
        /// The conversation.
        contact_id: ContactId,
        /// What was agreed is noted.
        noted: bool,
    },
    /// A note was left of a conversation.
    ContactNoted {
        /// The conversation.
        contact_id: ContactId,
    },
    /// Work waits for somebody outside.
    Held {
        /// The hold.
        hold_id: HoldId,
        /// For whom.
        kind: HoldKind,
        /// When an answer is expected of a supplier; `None` if that is not known.
        expected_by: Option<Timestamp>,
    },
    /// The wait ended.
    Unheld {
        /// The hold.
        hold_id: HoldId,
    },
    /// A solution was given.
    Resolved,
    /// A resolved ticket, or one taken for spam, is worked on again.
    Reopened {
        /// Why.
        trigger: ReopenTrigger,
    },
    /// It ended.
    Closed {
        /// Why.
        reason: CloseReason,
    },
    /// The confirmation of receipt was sent.
    AckSent,
    /// There is proof that the customer was told the solution, or something after it.
    AnswerTold {
        /// It arrived; otherwise that it has left.
        delivered: bool,
        /// It is the notice of the solution itself.
        is_solution: bool,
    },
    /// It is not sent, or not before the end of quiet hours: nobody waits for it.
    AckSpared,
    /// The answer to a data subject's request takes longer, if the notice leaves in time.
    RequestExtended {
        /// Last day from then on.
        new_last_day: Date,
        /// The message that tells the customer.
        notice_message_id: MessageId,
    },
    /// It stands in a queue, without an owner.
    Queued,
    /// An agent has it.
    Assigned {
        /// The assignment.
        assignment_id: AssignmentId,
        /// Until when the agent should accept.
        accept_by: Timestamp,
    },
    /// The agent took it on.
    Accepted {
        /// The assignment.
        assignment_id: AssignmentId,
    },
    /// Somebody began to work on it.
    WorkStarted,
    /// It needs no owner any more.
    RouteEnded,
    /// Something was promised to the customer.
    PromiseMade {
        /// The promise.
        promise_id: Uuid,
        /// What was promised.
        kind: PromiseKind,
        /// The promised instant.
        due_at: Timestamp,
        /// The promise that it takes the place of.
        replaces: Option<Uuid>,
    },
    /// Something happened to its complaint.
    Complaint(ComplaintFact),
}

/// The kinds of messages that clocks distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// From the customer, who now waits; not an automatic reply.
    Inbound {
        /// When the customer wrote it, as its source says.
        written_at: Timestamp,
    },
    /// Public, by a person of ours.
    Reply,
    /// Public, but not an answer by a person.
    Update,
    /// From a machine of the customer's, which waits for no answer.
    Automatic,
    /// Nobody outside sees it.
    Internal,
}

/// For whom work waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldKind {
    /// The customer.
    Customer,
    /// A supplier, an authority, another company.
    ThirdParty,
}

/// The reasons for reopening that clocks distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReopenTrigger {
    /// The solution was none.
    Unsolved,
    /// It was not spam: as if it had never been closed.
    NotSpam,
    /// The customer appeals; the appeal has a clock of its own.
    Appeal,
}

/// The reasons for closing that clocks distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The customer accepted the solution.
    Confirmed,
    /// It was spam: no promise was ever made.
    Spam,
    /// It was merged into another ticket.
    Duplicate,
    /// The customer gave it up.
    Withdrawn,
    /// Any other end.
    Other,
}

/// What an instant means to a clock; or that it is a timer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// That percentage of the target is used up.
    Threshold(u8),
    /// It is late.
    Breach,
    /// Something happens by itself.
    Timer,
}

/// Why a breach may be forgiven by a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excuse {
    /// The ticket was misclassified.
    Misclassified,
    /// Nobody was at fault.
    Excused,
}

/// The rule that stands against a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The ticket was registered before.
    #[error("the clocks of this ticket know it already")]
    AlreadyRegistered,
    /// Nothing is known of the ticket.
    #[error("the clocks of this ticket have not been told of it")]
    UnknownTicket,
    /// The ticket has no such clock.
    #[error("the ticket has no such clock")]
    UnknownClock(ClockId),
    /// The instant has not come.
    #[error("not before {at}")]
    NotDue {
        /// When it comes.
        at: Timestamp,
    },
    /// There is no breach to forgive, or it is forgiven.
    #[error("the clock has no breach that counts")]
    NotBreached,
    /// Who forgives has to say why.
    #[error("an explanation is missing")]
    NoteMissing,
    /// The terms do not hold a calendar that the policy names.
    #[error("no calendar `{0}`")]
    UnknownCalendar(String),
    /// The terms do not hold the version of a calendar that a clock runs on.
    #[error("no calendar {0}")]
    UnknownCalendarVersion(CalendarRef),
    /// The terms do not hold the version of a regime that a complaint is under.
    #[error("no regime {} v{}", .0.code, .0.version)]
    UnknownRegime(RegimeVersion),
    /// The ticket has no complaint.
    #[error("the clocks of this ticket know of no complaint")]
    NoComplaint,
    /// A term of the law ends after all dates.
    #[error("the target is out of reach")]
    OutOfReach,
}
