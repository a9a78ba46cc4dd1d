//! Commands to a contact, and why they may be refused.
use super::event::{Answered, Ended, Outcome, Routed, Started};
use crate::backdating::Backdating;

/// A request to note what happened in a contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The session opened; whether it may be told so late.
    Start(Started, Backdating),
    /// It is sent on.
    Route(Routed),
    /// It is taken; whether it may be told so late. For the customer was answered then.
    Answer(Answered, Backdating),
    /// It is over.
    End {
        /// How.
        ended: Ended,
        /// The party is the one known from the start, also if `ended` names another one.
        as_started: bool,
    },
}

/// The rule that refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such contact.
    #[error("the contact has not started")]
    NotStarted,
    /// The id is taken.
    #[error("the contact has started already")]
    AlreadyStarted,
    /// It is over.
    #[error("the contact has ended")]
    AlreadyEnded,
    /// Somebody talks with the customer; a transfer is a route first.
    #[error("the contact is answered; route it before somebody else answers")]
    AlreadyAnswered,
    /// A machine may talk only to a person who was told so at the start.
    #[error("no machine answers before the customer was told so at the start")]
    AiNotDisclosed,
    /// Who asked for a person, or was promised one, gets one.
    #[error("the customer was promised a person")]
    PersonPromised,
    /// That reason leads to a person.
    #[error("a route for this reason leads to a person")]
    ReasonNeedsPerson,
    /// A machine hands over with what was said so far.
    #[error("a machine hands over to a person with a context")]
    ContextMissing,
    /// A person is reached through a queue.
    #[error("a route to a person names its queue")]
    QueueMissing,
    /// It has [`super::MOST_ROUTES`] routes.
    #[error("the contact was routed as often as it may be")]
    TooManyRoutes,
    /// Not everybody may tell so late when something happened.
    #[error("who asks may not say that it was so long ago")]
    BackdatingDenied,
    /// Whoever tells so late when something happened says why.
    #[error("must be given: why it is said only now that it was so long ago")]
    BackdateReasonMissing,
    /// Something happened before what came before it.
    #[error("a step is not earlier than the step before it")]
    OutOfOrder,
    /// A part is longer than the whole.
    #[error("the times add up to more than has passed")]
    TimesTooLong,
    /// There was no answer, so there was no talk.
    #[error("nobody answered, so there was no conversation")]
    NeverAnswered,
    /// What happened contradicts the outcome.
    #[error("the outcome {} contradicts what happened", .0.name())]
    OutcomeContradicted(Outcome),
}
