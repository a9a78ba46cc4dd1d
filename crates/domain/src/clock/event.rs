//! The events of clocks.
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{
    ClockClass, ClockKind, ComplaintFacts, Extension, NoNews, PromiseKind, RegimeVersion,
    TimerKind, TimerSet,
};
use crate::calendar::CalendarRef;
use crate::ids::{AgentId, ClockId, HoldId, TicketId, TimerId};
use crate::policy::Entitlement;
use crate::priority::{Channel, Priority, TicketType};
use crate::regime::SilenceEffect;

/// A fact about the clocks of one ticket. Durations are working time, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The stream's own copy of what it needs of the ticket, whole, as it is now.
    TicketNoted(TicketFacts),
    /// The stream's own copy of what it needs of the ticket's complaint, whole, as it is
    /// now; without a regime it is no complaint any more.
    ComplaintNoted(Box<ComplaintFacts>),
    /// A clock runs.
    Started(Box<Started>),
    /// A clock is paused.
    Paused {
        /// The clock.
        clock_id: ClockId,
        /// Since when.
        at: Timestamp,
        /// What has counted so far.
        elapsed: Duration,
        /// Why.
        reason: PauseReason,
        /// The hold that paused it and whose end resumes it; for a complaint that lacks
        /// something the request that asked for it.
        hold_id: HoldId,
    },
    /// A clock that stood still, or was stopped, runs again.
    Resumed {
        /// The clock.
        clock_id: ClockId,
        /// Since when.
        at: Timestamp,
        /// What has counted so far.
        elapsed: Duration,
        /// When it is due now; the old instant if it was breached.
        due_at: Timestamp,
        /// Warnings that are still to come.
        warn_at: Vec<Warn>,
    },
    /// A clock has another target.
    Retargeted(Box<Retargeted>),
    /// So much of the target is used up.
    ThresholdReached {
        /// The clock.
        clock_id: ClockId,
        /// The ticket.
        ticket_id: TicketId,
        /// What it measures.
        kind: ClockKind,
        /// Part of the target, in percent.
        percent: u8,
        /// When it is due.
        due_at: Timestamp,
        /// What is left of the target then, in whole seconds.
        remaining: Duration,
    },
    /// A clock was due and not stopped in time.
    Breached {
        /// The clock.
        clock_id: ClockId,
        /// The ticket.
        ticket_id: TicketId,
        /// What it measures.
        kind: ClockKind,
        /// When it was due: the logical time of the breach.
        due_at: Timestamp,
        /// When it was noticed.
        detected_at: Timestamp,
        /// What made it late.
        cause: BreachCause,
        /// What the law reads into silence; none for clocks without a regime.
        silence_effect: Option<SilenceEffect>,
        /// The regime whose time has passed.
        regime: Option<RegimeVersion>,
    },
    /// A clock has ended.
    Stopped {
        /// The clock.
        clock_id: ClockId,
        /// The instant that counts, also where it was learnt later.
        at: Timestamp,
        /// How it ended.
        outcome: Outcome,
        /// What counted in all.
        elapsed: Duration,
        /// Id of the event that stopped it.
        stop_event_id: Uuid,
    },
    /// A breach no longer counts; that it was noticed stays on record.
    BreachVoided {
        /// The clock.
        clock_id: ClockId,
        /// Why.
        reason: VoidReason,
        /// Who decided; `None` if the rules did.
        by: Option<AgentId>,
        /// Explanation; without personal data.
        note: String,
    },
    /// Something will happen by itself.
    TimerSet(Box<TimerSet>),
    /// It will not.
    TimerCancelled {
        /// The timer.
        timer_id: TimerId,
        /// Since when.
        at: Timestamp,
    },
    /// It happens now; never a breach.
    TimerFired {
        /// The timer.
        timer_id: TimerId,
        /// The ticket.
        ticket_id: TicketId,
        /// What happens.
        kind: TimerKind,
        /// Number among the timers of its kind that were set together, from 1.
        step: u32,
        /// What it belongs to, as when it was set.
        subject_ref: Option<Uuid>,
        /// When it was to happen: its logical time.
        due_at: Timestamp,
        /// When it was noticed.
        fired_at: Timestamp,
        /// Until when the customer is waited for; `None` if that has no end of its own.
        wait_until: Option<Timestamp>,
        /// Of a timer that has the customer told that there is no news.
        no_news: Option<NoNews>,
    },
}

impl Event {
    /// The clock that it is about; `None` if it is about the ticket or a timer.
    #[must_use]
    pub fn clock_id(&self) -> Option<ClockId> {
        match self {
            Self::Started(started) => Some(started.clock_id),
            Self::Retargeted(change) => Some(change.clock_id),
            Self::Paused { clock_id, .. }
            | Self::Resumed { clock_id, .. }
            | Self::ThresholdReached { clock_id, .. }
            | Self::Breached { clock_id, .. }
            | Self::Stopped { clock_id, .. }
            | Self::BreachVoided { clock_id, .. } => Some(*clock_id),
            Self::TicketNoted(_)
            | Self::ComplaintNoted(_)
            | Self::TimerSet(_)
            | Self::TimerCancelled { .. }
            | Self::TimerFired { .. } => None,
        }
    }
}

/// What the clocks of a ticket need to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFacts {
    /// The ticket.
    pub ticket_id: TicketId,
    /// When the organisation received it; the first clocks count from here.
    pub received_at: Timestamp,
    /// Channel it came over.
    pub channel: Channel,
    /// Who asks can be told that it has arrived: there is an address.
    pub has_requester: bool,
    /// A requester waits for an answer; not so for alerts of machines and own reminders.
    pub awaits_reply: bool,
    /// Its priority; none until it is settled, and until then no clock has a target.
    pub priority: Option<Priority>,
    /// By what a policy is for it.
    pub entitlement: Entitlement,
    /// Since when it has a solution; none while it is worked on. Of tickets that were no data
    /// subject's request older versions did not note it.
    pub solved_at: Option<Timestamp>,
    /// The longer time to answer a data subject's request.
    pub extension: Option<Extension>,
}

impl TicketFacts {
    /// It is a request of a data subject, which the law gives a time to answer.
    pub(super) fn is_data_subject_request(&self) -> bool {
        self.entitlement.ticket_type == TicketType::DataSubjectRequest
    }
}

/// A clock runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The clock.
    pub clock_id: ClockId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// What it measures.
    pub kind: ClockKind,
    /// Whose promise it is.
    pub class: ClockClass,
    /// Number among the ticket's clocks of this kind, from 1.
    pub cycle: u32,
    /// The promise, hold, assignment, complaint, appeal or remedy it belongs to; none for
    /// the ticket itself.
    pub subject_ref: Option<Uuid>,
    /// What was promised; for clocks of promises.
    pub promise: Option<PromiseKind>,
    /// The channel whose target it has, that of the message which somebody waits for an answer
    /// to; none for clocks without a target.
    pub channel: Option<Channel>,
    /// What demands it.
    pub basis: Basis,
    /// The calendar it runs on; `None` if every instant counts.
    pub calendar: Option<CalendarRef>,
    /// What is to be reached.
    pub goal: Goal,
    /// Since when it runs.
    pub started_at: Timestamp,
    /// The last instant in time.
    pub due_at: Timestamp,
    /// When it should be done at the latest to be safe; for statutory clocks.
    pub safe_due_at: Option<Timestamp>,
    /// What the law reads into silence; none for clocks that no decision ends.
    pub silence: Option<SilenceEffect>,
    /// Warnings to come, earliest first.
    pub warn_at: Vec<Warn>,
}

/// A clock has another target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retargeted {
    /// The clock.
    pub clock_id: ClockId,
    /// Since when.
    pub at: Timestamp,
    /// What has counted so far, by the old calendar.
    pub elapsed: Duration,
    /// Target before; zero if it ended with a day.
    pub old_target: Duration,
    /// Last day before; `None` if it had a target.
    pub old_last_day: Option<Date>,
    /// What is to be reached now.
    pub goal: Goal,
    /// Time granted in addition to the new target, so that a raised priority leaves a minimum of
    /// time.
    pub granted: Duration,
    /// What demands it now.
    pub basis: Basis,
    /// The calendar it runs on now.
    pub calendar: Option<CalendarRef>,
    /// When it is due now; `None` while it is paused, or if it has ended.
    pub due_at: Option<Timestamp>,
    /// When it should be done at the latest to be safe; for statutory clocks.
    pub safe_due_at: Option<Timestamp>,
    /// Warnings that are still to come.
    pub warn_at: Vec<Warn>,
    /// Why.
    pub cause: RetargetCause,
}

/// What demands a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// A version of a policy.
    Policy {
        /// Its name.
        id: String,
        /// Its version.
        version: u32,
    },
    /// An instant that somebody has given: a promise to the customer, what a supplier
    /// expects, the time that routing leaves to accept.
    Given,
    /// A version of a body of law.
    Regime {
        /// Its code.
        code: String,
        /// Its version.
        version: u32,
    },
}

/// What a clock is to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// An amount of working time.
    Target(Duration),
    /// The end of a local day.
    LastDay {
        /// The day.
        day: Date,
        /// Where the count ended, before it moved on to a day on which something expires.
        unrolled: Date,
    },
    /// A given instant.
    Instant,
}

/// A warning to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warn {
    /// Part of the target, in percent.
    pub percent: u8,
    /// When it will be used up.
    pub at: Timestamp,
}

/// Why a clock is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    /// We asked the customer.
    WaitingCustomer,
    /// The complaint lacks something, and its regime waits for that.
    InfoRequested,
}

/// Why a clock has another target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetargetCause {
    /// The ticket has another priority.
    Priority,
    /// Another policy, or version of it, applies.
    Policy,
    /// Another body of law applies.
    Regime,
    /// The deadline was extended.
    Extension,
    /// The ticket has another category.
    Category,
    /// The customer supplied what a complaint lacked, or the time for that is over.
    Supplement,
}

/// What made a clock late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreachCause {
    /// It was not stopped in time.
    Time,
    /// A new target was used up when it came.
    Retarget,
    /// The answer was sent, and nothing proves that it arrived.
    ProofPending,
}

/// How a clock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// In time.
    Met,
    /// Too late.
    Missed,
    /// It no longer mattered.
    Cancelled,
}

/// Why a breach no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoidReason {
    /// What was due, or what gave it more time or another end, had happened in time, and was
    /// learnt later.
    LateProof,
    /// The ticket was misclassified.
    Misclassified,
    /// An SLA manager excused it.
    Excused,
}
