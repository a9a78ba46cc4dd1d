//! Collects the events of one command, where each decision builds on the events before it.
use super::{ComplaintFacts, Event, State};

/// The events so far, and the state that they lead to.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) state: State,
    pub(super) events: Vec<Event>,
}

impl Course {
    pub(super) fn from(state: &State) -> Self {
        Self { state: state.clone(), events: Vec::new() }
    }

    pub(super) fn add(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.state = std::mem::take(&mut self.state).evolve(&event);
            self.events.push(event);
        }
    }

    /// Notes what has changed of the complaint; the same again is no news.
    pub(super) fn note(&mut self, facts: Option<ComplaintFacts>) {
        if let Some(facts) = facts.filter(|facts| self.state.complaint.as_ref() != Some(facts)) {
            self.add([Event::ComplaintNoted(Box::new(facts))]);
        }
    }
}
