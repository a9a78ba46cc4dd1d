//! Kinds and classes of clocks, and kinds of timers.

/// What a clock measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockKind {
    /// Until the automatic confirmation of receipt is sent.
    Ack,
    /// Until the first public answer by a person.
    FirstReply,
    /// Until the next public answer by a person; a new cycle for each wait.
    NextReply,
    /// Until the customer hears something, news or not; cyclic.
    PeriodicUpdate,
    /// Until a solution is given; paused while we wait for the customer.
    Resolution,
    /// Until an agent has the ticket.
    Assign,
    /// Until the agent accepts.
    Accept,
    /// Until the supplier answers.
    UcVendor,
    /// Until a promise to the customer is kept.
    Promise,
    /// Until the decision that the law demands.
    StatutoryResponse,
    /// Until the confirmation of receipt that the law demands.
    StatutoryAck,
    /// Until the decision, by the organisation's own standard.
    InternalResponse,
    /// Until the decision on an appeal.
    AppealResponse,
    /// Until a remedy is carried out.
    Remedy,
}

/// Whose promise a clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockClass {
    /// Ours to the customer.
    Sla,
    /// One team's to another.
    Ola,
    /// A supplier's to us.
    Uc,
    /// The law's.
    Statutory,
    /// Ours to ourselves.
    Internal,
}

impl ClockKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Ack,
        Self::FirstReply,
        Self::NextReply,
        Self::PeriodicUpdate,
        Self::Resolution,
        Self::Assign,
        Self::Accept,
        Self::UcVendor,
        Self::Promise,
        Self::StatutoryResponse,
        Self::StatutoryAck,
        Self::InternalResponse,
        Self::AppealResponse,
        Self::Remedy,
    ];

    /// Its name in catalogues and configuration.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ack => "ACK",
            Self::FirstReply => "FIRST_REPLY",
            Self::NextReply => "NEXT_REPLY",
            Self::PeriodicUpdate => "PERIODIC_UPDATE",
            Self::Resolution => "RESOLUTION",
            Self::Assign => "ASSIGN",
            Self::Accept => "ACCEPT",
            Self::UcVendor => "UC_VENDOR",
            Self::Promise => "PROMISE",
            Self::StatutoryResponse => "STATUTORY_RESPONSE",
            Self::StatutoryAck => "STATUTORY_ACK",
            Self::InternalResponse => "INTERNAL_RESPONSE",
            Self::AppealResponse => "APPEAL_RESPONSE",
            Self::Remedy => "REMEDY",
        }
    }

    /// The class of such a clock, where no regime says otherwise.
    #[must_use]
    pub fn class(self) -> ClockClass {
        match self {
            Self::FirstReply
            | Self::NextReply
            | Self::PeriodicUpdate
            | Self::Resolution
            | Self::Promise
            | Self::Remedy => ClockClass::Sla,
            Self::Assign | Self::Accept => ClockClass::Ola,
            Self::UcVendor => ClockClass::Uc,
            Self::StatutoryResponse | Self::StatutoryAck | Self::AppealResponse => {
                ClockClass::Statutory
            }
            Self::Ack | Self::InternalResponse => ClockClass::Internal,
        }
    }

    /// True if the customer waits for what it measures, by promise, by law or by a goal of ours
    /// before that; not if one team of ours waits for another, or for a supplier.
    #[must_use]
    pub fn is_for_customer(self) -> bool {
        match self.class() {
            ClockClass::Sla | ClockClass::Statutory | ClockClass::Internal => true,
            ClockClass::Ola | ClockClass::Uc => false,
        }
    }

    /// True if a policy sets its target, and a new priority changes it.
    #[must_use]
    pub(crate) fn has_target(self) -> bool {
        matches!(
            self,
            Self::Ack
                | Self::FirstReply
                | Self::NextReply
                | Self::PeriodicUpdate
                | Self::Resolution
                | Self::Assign
                | Self::UcVendor
        )
    }

    /// True if it is paused while we wait for the customer.
    #[must_use]
    pub(crate) fn waits_for_customer(self) -> bool {
        matches!(self, Self::Resolution | Self::PeriodicUpdate)
    }

    /// True if the answer to a complaint, or to the appeal, ends it.
    #[must_use]
    pub fn awaits_decision(self) -> bool {
        matches!(self, Self::StatutoryResponse | Self::InternalResponse | Self::AppealResponse)
    }

    /// True if it begins with a complaint and nothing but the complaint.
    #[must_use]
    pub fn is_of_complaint(self) -> bool {
        self.awaits_decision() || matches!(self, Self::StatutoryAck | Self::Remedy)
    }
}

/// What a timer does. Nobody promised it, so nobody can miss it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// The customer, whom we asked, is reminded.
    CustomerReminder,
    /// The ticket is resolved, because the customer did not answer.
    NoReplyResolve,
    /// The resolved ticket is closed, because the customer did not object.
    AutoClose,
    /// The time to supply what a complaint lacks is over.
    SupplementEnd,
    /// The time to appeal against a decision is over.
    AppealWindowEnd,
    /// Tells a customer who has heard nothing for as long as the policy allows that there is no
    /// news.
    NoNewsUpdate,
    /// A conversation with the customer has no note.
    NoteMissing,
}

impl TimerKind {
    /// Its name in catalogues and configuration.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CustomerReminder => "CUSTOMER_REMINDER",
            Self::NoReplyResolve => "NO_REPLY_RESOLVE",
            Self::AutoClose => "AUTO_CLOSE",
            Self::SupplementEnd => "SUPPLEMENT_END",
            Self::AppealWindowEnd => "APPEAL_WINDOW_END",
            Self::NoNewsUpdate => "NO_NEWS_UPDATE",
            Self::NoteMissing => "NOTE_MISSING",
        }
    }

    /// True if it counts while we wait for the customer.
    #[must_use]
    pub(crate) fn waits_for_customer(self) -> bool {
        matches!(self, Self::CustomerReminder | Self::NoReplyResolve)
    }

    /// True if it belongs to the solution, and to no ticket that is worked on.
    #[must_use]
    pub(crate) fn follows_solution(self) -> bool {
        matches!(self, Self::AutoClose | Self::AppealWindowEnd)
    }

    /// True if it continues when the ticket ends: notes are added to closed tickets, too.
    #[must_use]
    pub(crate) fn outlives_ticket(self) -> bool {
        self == Self::NoteMissing
    }

    /// True if an automation of a policy sets it; the others are a regime's, a clock's or a
    /// contact's.
    #[must_use]
    pub(crate) fn is_of_policy(self) -> bool {
        matches!(self, Self::CustomerReminder | Self::NoReplyResolve | Self::AutoClose)
    }
}
