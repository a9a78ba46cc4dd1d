//! The clocks as their events have left them, and the instants at which they need attention.
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::{
    Basis, ClockClass, ClockKind, ComplaintFacts, Event, Goal, Outcome, PromiseKind, Retargeted,
    Started, TicketFacts, TimerSet, Warn, What,
};
use crate::calendar::CalendarRef;
use crate::ids::{ClockId, HoldId, TicketId};
use crate::priority::Channel;
use crate::regime::SilenceEffect;

/// The clocks of one ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// What is known of the ticket; `None` before it is registered.
    pub ticket: Option<TicketFacts>,
    /// What is known of its complaint; `None` without a complaint.
    pub complaint: Option<ComplaintFacts>,
    /// Its clocks, oldest first.
    pub clocks: Vec<Clock>,
    /// What will happen by itself.
    pub timers: Vec<TimerSet>,
    /// The clock of updates at whose end the customer was last to be told that there is no
    /// news; `None` if never.
    pub no_news: Option<ClockId>,
}

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Its id.
    pub id: ClockId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// What it measures.
    pub kind: ClockKind,
    /// Whose promise it is.
    pub class: ClockClass,
    /// Number among the ticket's clocks of this kind.
    pub cycle: u32,
    /// The promise, hold, assignment, complaint, appeal or remedy it belongs to; none for
    /// the ticket itself.
    pub subject_ref: Option<Uuid>,
    /// What was promised; for clocks of promises.
    pub promise: Option<PromiseKind>,
    /// The channel whose target it has; none for clocks without a target, and where nobody
    /// noted it: then it is the ticket's.
    pub channel: Option<Channel>,
    /// What demands it.
    pub basis: Basis,
    /// The calendar it runs on; `None` if every instant counts.
    pub calendar: Option<CalendarRef>,
    /// What is to be reached.
    pub goal: Goal,
    /// When it should be done at the latest to be safe; for statutory clocks.
    pub safe_due_at: Option<Timestamp>,
    /// What the law reads into silence; none for clocks that no decision ends.
    pub silence: Option<SilenceEffect>,
    /// What the policy granted on top of the target.
    pub granted: Duration,
    /// When it first ran.
    pub started_at: Timestamp,
    /// What counted before it last ran; never shrinks.
    pub carried: Duration,
    /// Whether it runs.
    pub phase: Phase,
    /// The last instant in time; `None` while it is paused and not late.
    pub due_at: Option<Timestamp>,
    /// The percentages at which it warns, for the whole of its life.
    pub percents: Vec<u8>,
    /// Warnings to come.
    pub warn_at: Vec<Warn>,
    /// The highest percentage it has warned of; zero if none.
    pub warned: u8,
    /// The breach, voided or not.
    pub breach: Option<Breach>,
    /// How it ended before it was made to run again.
    pub first_outcome: Option<Outcome>,
}

/// Whether a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It runs.
    Running {
        /// Since when.
        since: Timestamp,
    },
    /// It is paused.
    Paused {
        /// Since when.
        since: Timestamp,
        /// The hold whose end resumes it.
        hold_id: HoldId,
    },
    /// It has ended.
    Stopped {
        /// When.
        at: Timestamp,
        /// How.
        outcome: Outcome,
    },
}

/// A breach of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// When the clock was due.
    pub due_at: Timestamp,
    /// It no longer counts.
    pub voided: bool,
}

/// An instant to wake up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// The clock; or what happens by itself.
    pub id: Uuid,
    /// What comes then.
    pub what: What,
    /// When to look.
    pub at: Timestamp,
}

/// All instants to wake up for, as they stand; earliest first.
#[must_use]
pub fn due_timers(state: &State) -> Vec<Timer> {
    let alone =
        state.timers.iter().map(|t| Timer { id: t.timer_id.0, what: What::Timer, at: t.fires_at });
    let mut timers: Vec<Timer> = state.clocks.iter().flat_map(Clock::timers).chain(alone).collect();
    timers.sort_by_key(|timer| (timer.at, timer.what));
    timers
}

/// A breach is looked for this long after the last instant in time, so that what
/// happened at that instant has arrived.
pub(super) fn breach_detection(due_at: Timestamp) -> Timestamp {
    due_at.saturating_add(1.second()).expect("seconds are of fixed length")
}

impl State {
    /// The clock of that id.
    #[must_use]
    pub fn clock(&self, id: ClockId) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.id == id)
    }

    /// The latest clock of that kind.
    #[must_use]
    pub fn latest(&self, kind: ClockKind) -> Option<&Clock> {
        self.clocks.iter().rev().find(|clock| clock.kind == kind)
    }

    /// The clock of that kind that ran at an instant: the last that had begun by then.
    pub(super) fn begun(&self, kind: ClockKind, at: Timestamp) -> Option<&Clock> {
        self.clocks.iter().rev().find(|clock| clock.kind == kind && clock.started_at <= at)
    }

    /// The clocks of that kind that run or are paused.
    pub(super) fn live(&self, kind: ClockKind) -> impl Iterator<Item = &Clock> {
        self.clocks.iter().filter(move |clock| clock.kind == kind && clock.is_live())
    }

    /// True if a clock of that kind runs or is paused.
    #[must_use]
    pub(crate) fn has_live(&self, kind: ClockKind) -> bool {
        self.live(kind).next().is_some()
    }

    pub(super) fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::TicketNoted(facts) => self.ticket = Some(facts.clone()),
            Event::ComplaintNoted(facts) => {
                self.complaint = (!facts.regimes.is_empty()).then(|| (**facts).clone());
            }
            Event::Started(started) => self.clocks.push(Clock::new(started)),
            Event::Retargeted(_)
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::ThresholdReached { .. }
            | Event::Breached { .. }
            | Event::Stopped { .. }
            | Event::BreachVoided { .. } => {
                let clocks = self.clocks.iter_mut();
                // An event of a clock that is not there, which no decision makes, changes
                // nothing.
                for clock in clocks.filter(|clock| event.clock_id() == Some(clock.id)) {
                    clock.take(event);
                }
            }
            Event::TimerSet(timer) => self.timers.push((**timer).clone()),
            Event::TimerCancelled { timer_id, .. } => {
                self.timers.retain(|timer| timer.timer_id != *timer_id);
            }
            Event::TimerFired { timer_id, subject_ref, no_news, .. } => {
                self.timers.retain(|timer| timer.timer_id != *timer_id);
                if no_news.is_some() {
                    self.no_news = subject_ref.map(ClockId);
                }
            }
        }
        self
    }
}

impl Clock {
    pub(super) fn new(started: &Started) -> Self {
        Self {
            id: started.clock_id,
            ticket_id: started.ticket_id,
            kind: started.kind,
            class: started.class,
            cycle: started.cycle,
            subject_ref: started.subject_ref,
            promise: started.promise,
            channel: started.channel,
            basis: started.basis.clone(),
            calendar: started.calendar.clone(),
            goal: started.goal,
            safe_due_at: started.safe_due_at,
            silence: started.silence,
            granted: Duration::ZERO,
            started_at: started.started_at,
            carried: Duration::ZERO,
            phase: Phase::Running { since: started.started_at },
            due_at: Some(started.due_at),
            percents: started.warn_at.iter().map(|warn| warn.percent).collect(),
            warn_at: started.warn_at.clone(),
            warned: 0,
            breach: None,
            first_outcome: None,
        }
    }

    /// True while it runs or is paused.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.phase, Phase::Stopped { .. })
    }

    /// The working time it has in all; `None` if it is due at a fixed instant.
    #[must_use]
    pub(crate) fn budget(&self) -> Option<Duration> {
        self.target().map(|target| target + self.granted)
    }

    /// What was promised, of which it warns, whatever was granted on top; `None` if it is due at
    /// a fixed instant.
    #[must_use]
    pub fn target(&self) -> Option<Duration> {
        match self.goal {
            Goal::Target(target) => Some(target),
            Goal::LastDay { .. } | Goal::Instant => None,
        }
    }

    /// The clock after an event of its own.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Retargeted(change) => self.retarget(change),
            Event::Paused { at, elapsed, hold_id, .. } => {
                self.forget_breach(*at);
                self.phase = Phase::Paused { since: *at, hold_id: *hold_id };
                self.carry(*elapsed);
                self.due_at = None;
                self.warn_at.clear();
            }
            Event::Resumed { at, elapsed, due_at, warn_at, .. } => {
                self.resume(*at, *elapsed, *due_at, warn_at);
            }
            Event::ThresholdReached { percent, .. } => {
                self.warned = self.warned.max(*percent);
                self.warn_at.retain(|warn| warn.percent > *percent);
            }
            Event::Breached { due_at, .. } => {
                self.breach = Some(Breach { due_at: *due_at, voided: false });
                self.due_at = Some(*due_at);
                self.warn_at.clear();
            }
            Event::Stopped { at, outcome, elapsed, .. } => {
                if *outcome == Outcome::Cancelled {
                    self.forget_breach(*at);
                }
                self.phase = Phase::Stopped { at: *at, outcome: *outcome };
                self.carry(*elapsed);
                self.warn_at.clear();
            }
            Event::BreachVoided { .. } => {
                if let Some(breach) = &mut self.breach {
                    breach.voided = true;
                }
            }
            Event::TicketNoted(_)
            | Event::ComplaintNoted(_)
            | Event::Started(_)
            | Event::TimerSet(_)
            | Event::TimerCancelled { .. }
            | Event::TimerFired { .. } => {}
        }
    }

    fn timers(&self) -> Vec<Timer> {
        let (Phase::Running { .. }, None, Some(due_at)) = (self.phase, self.breach, self.due_at)
        else {
            return Vec::new();
        };
        let timer = |what, at| Timer { id: self.id.0, what, at };
        let warnings = self.warn_at.iter().map(|w| timer(What::Threshold(w.percent), w.at));
        warnings.chain([timer(What::Breach, breach_detection(due_at))]).collect()
    }

    fn carry(&mut self, elapsed: Duration) {
        self.carried = self.carried.max(elapsed);
    }

    /// It stood still, or had ended, before it was late: then it never was, and the breach says
    /// nothing of the time that it gets later.
    fn forget_breach(&mut self, at: Timestamp) {
        if self.was_in_time(at) {
            self.breach = self.breach.filter(|breach| !breach.voided);
        }
    }

    fn resume(&mut self, at: Timestamp, elapsed: Duration, due_at: Timestamp, warn_at: &[Warn]) {
        if let Phase::Stopped { outcome, .. } = self.phase
            && outcome != Outcome::Cancelled
        {
            self.first_outcome.get_or_insert(outcome);
            // What was forgiven says nothing of the time that begins now.
            self.breach = self.breach.filter(|breach| !breach.voided);
        }
        self.phase = Phase::Running { since: at };
        self.carry(elapsed);
        self.due_at = Some(due_at);
        self.warn_at = warn_at.to_vec();
    }

    fn retarget(&mut self, change: &Retargeted) {
        self.basis = change.basis.clone();
        self.calendar = change.calendar.clone();
        self.goal = change.goal;
        self.safe_due_at = change.safe_due_at;
        self.granted = change.granted;
        self.carry(change.elapsed);
        match self.phase {
            Phase::Running { .. } => self.phase = Phase::Running { since: change.at },
            Phase::Paused { .. } => {}
            // Until when it had time, and whether it was late, has been judged.
            Phase::Stopped { .. } => return,
        }
        // Only a breach that was none leaves a claim to another target.
        self.breach = self.breach.filter(|breach| !breach.voided);
        self.due_at = change.due_at;
        self.warn_at = change.warn_at.clone();
    }
}
