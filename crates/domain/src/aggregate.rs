//! The shape of every aggregate: state, commands, events, rejections.

/// One consistent part of the business, decided by pure code.
pub trait Aggregate {
    /// The state folded from its events; the default is the state before the first.
    type State: Default + Clone + Send + Sync;
    /// A command; carries everything that was decided outside.
    type Command: Send + Sync;
    /// What happened.
    type Event: Clone + Send + Sync;
    /// The rule that stands against a command.
    type Rejection: std::error::Error + Send + Sync + 'static;

    /// The events that follow from `command` in `state`; empty if nothing changes.
    ///
    /// # Errors
    /// The rule that refuses the command.
    fn decide(
        state: &Self::State,
        command: &Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after `event`. Total: what was decided is never refused later.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// The state after all `events`, oldest first.
    fn fold<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        events.into_iter().fold(Self::State::default(), Self::evolve)
    }
}
