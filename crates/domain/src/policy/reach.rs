//! Whether the calendars of a policy have time enough for what it promises.
use super::Draft;
use crate::calendar::Calendar;

/// A part of a policy that counts on a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The promise at that place, from 0.
    Rule(usize),
    /// The automation at that place, from 0.
    Automation(usize),
}

impl Draft {
    /// Everything that would take too long on that calendar. Warnings are parts of a target.
    #[must_use]
    pub fn too_long_on(&self, calendar: &Calendar) -> Vec<Part> {
        let id = &calendar.reference().id;
        let rules = (0..).zip(&self.rules).filter(|(_, rule)| rule.calendar == *id);
        let rules = rules.map(|(place, rule)| (Part::Rule(place), rule.target));
        let timers = (0..).zip(&self.automations).filter(|(_, timer)| timer.calendar == *id);
        let timers = timers.map(|(place, timer)| (Part::Automation(place), timer.after));
        let counted: Vec<_> = rules.chain(timers).collect();
        if counted.is_empty() {
            return Vec::new();
        }
        let longest = calendar.longest_target();
        counted.into_iter().filter(|(_, time)| *time > longest).map(|(part, _)| part).collect()
    }
}
