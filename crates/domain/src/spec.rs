//! Test support: given these events, when this command, then those events.
//!
//! It is here and not in `testkit`, because a crate that this one used in its own tests would bring
//! a second copy of every type.
use std::fmt::Debug;

use crate::aggregate::Aggregate;

/// What has happened before.
#[must_use]
pub struct Given<A: Aggregate> {
    state: A::State,
}

/// The result of the command.
#[must_use]
pub struct When<A: Aggregate> {
    state: A::State,
    outcome: Result<Vec<A::Event>, A::Rejection>,
}

/// Starts a specification from the events that have happened, oldest first.
pub fn given<A: Aggregate>(events: impl IntoIterator<Item = A::Event>) -> Given<A> {
    Given { state: events.into_iter().fold(A::State::default(), |s, e| A::evolve(s, &e)) }
}

impl<A: Aggregate> Given<A> {
    /// Decides `command`.
    pub fn when(self, command: A::Command) -> When<A> {
        let outcome = A::decide(&self.state, &command);
        When { state: self.state, outcome }
    }

    /// Decides `command`, which must be accepted, and continues from the changed state.
    #[track_caller]
    pub fn and(self, command: A::Command) -> Self {
        Self { state: self.when(command).into_state() }
    }

    /// The state that all of it leads to.
    pub fn into_state(self) -> A::State {
        self.state
    }
}

impl<A: Aggregate> When<A> {
    /// The command was accepted and made exactly these events.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = A::Event>)
    where
        A::Event: PartialEq + Debug,
    {
        let events = self.into_events();
        assert_eq!(events, expected.into_iter().collect::<Vec<_>>());
    }

    /// The command was accepted and changed nothing.
    #[track_caller]
    pub fn then_nothing(self)
    where
        A::Event: PartialEq + Debug,
    {
        self.then([]);
    }

    /// The command was refused by exactly this rule.
    #[track_caller]
    pub fn then_rejected(self, expected: A::Rejection)
    where
        A::Event: Debug,
        A::Rejection: PartialEq,
    {
        match self.outcome {
            Ok(events) => panic!("expected the rejection {expected:?}, got the events {events:?}"),
            Err(rejection) => assert_eq!(rejection, expected),
        }
    }

    /// The events of an accepted command.
    #[track_caller]
    pub fn into_events(self) -> Vec<A::Event> {
        match self.outcome {
            Ok(events) => events,
            Err(rejection) => panic!("rejected: {rejection}"),
        }
    }

    /// The state after an accepted command.
    #[track_caller]
    pub fn into_state(self) -> A::State {
        match self.outcome {
            Ok(events) => events.iter().fold(self.state, A::evolve),
            Err(rejection) => panic!("rejected: {rejection}"),
        }
    }
}
