//! The enums of the clocks' events, in both directions.
use domain::clock::{
    BreachCause, ClockClass, ClockKind, Outcome, PromiseKind, RetargetCause, TimerKind, VoidReason,
};

use crate::intake::v1 as intake;
use crate::sla::v1;
use crate::words::Unknown;

impl From<ClockKind> for v1::ClockKind {
    fn from(word: ClockKind) -> Self {
        match word {
            ClockKind::Ack => Self::Ack,
            ClockKind::FirstReply => Self::FirstReply,
            ClockKind::NextReply => Self::NextReply,
            ClockKind::PeriodicUpdate => Self::PeriodicUpdate,
            ClockKind::Resolution => Self::Resolution,
            ClockKind::Assign => Self::Assign,
            ClockKind::Accept => Self::Accept,
            ClockKind::UcVendor => Self::UcVendor,
            ClockKind::Promise => Self::Promise,
            ClockKind::StatutoryResponse => Self::StatutoryResponse,
            ClockKind::StatutoryAck => Self::StatutoryAck,
            ClockKind::InternalResponse => Self::InternalResponse,
            ClockKind::AppealResponse => Self::AppealResponse,
            ClockKind::Remedy => Self::Remedy,
        }
    }
}

impl v1::ClockKind {
    /// The class of such a clock without a regime; `None` for an unknown kind.
    #[must_use]
    pub fn class(self) -> Option<ClockClass> {
        ClockKind::try_from(self).ok().map(ClockKind::class)
    }
}

impl TryFrom<v1::ClockKind> for ClockKind {
    type Error = Unknown;

    fn try_from(word: v1::ClockKind) -> Result<Self, Unknown> {
        Ok(match word {
            v1::ClockKind::Ack => Self::Ack,
            v1::ClockKind::FirstReply => Self::FirstReply,
            v1::ClockKind::NextReply => Self::NextReply,
            v1::ClockKind::PeriodicUpdate => Self::PeriodicUpdate,
            v1::ClockKind::Resolution => Self::Resolution,
            v1::ClockKind::Assign => Self::Assign,
            v1::ClockKind::Accept => Self::Accept,
            v1::ClockKind::UcVendor => Self::UcVendor,
            v1::ClockKind::Promise => Self::Promise,
            v1::ClockKind::StatutoryResponse => Self::StatutoryResponse,
            v1::ClockKind::StatutoryAck => Self::StatutoryAck,
            v1::ClockKind::InternalResponse => Self::InternalResponse,
            v1::ClockKind::AppealResponse => Self::AppealResponse,
            v1::ClockKind::Remedy => Self::Remedy,
            v1::ClockKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ClockClass> for v1::ClockClass {
    fn from(word: ClockClass) -> Self {
        match word {
            ClockClass::Sla => Self::Sla,
            ClockClass::Ola => Self::Ola,
            ClockClass::Uc => Self::Uc,
            ClockClass::Statutory => Self::Statutory,
            ClockClass::Internal => Self::Internal,
        }
    }
}

impl TryFrom<v1::ClockClass> for ClockClass {
    type Error = Unknown;

    fn try_from(word: v1::ClockClass) -> Result<Self, Unknown> {
        Ok(match word {
            v1::ClockClass::Sla => Self::Sla,
            v1::ClockClass::Ola => Self::Ola,
            v1::ClockClass::Uc => Self::Uc,
            v1::ClockClass::Statutory => Self::Statutory,
            v1::ClockClass::Internal => Self::Internal,
            v1::ClockClass::Unspecified => return Err(Unknown),
        })
    }
}

impl From<RetargetCause> for v1::RetargetCause {
    fn from(word: RetargetCause) -> Self {
        match word {
            RetargetCause::Priority => Self::Priority,
            RetargetCause::Policy => Self::Policy,
            RetargetCause::Regime => Self::Regime,
            RetargetCause::Extension => Self::Extension,
            RetargetCause::Category => Self::Category,
            RetargetCause::Supplement => Self::Supplement,
        }
    }
}

impl TryFrom<v1::RetargetCause> for RetargetCause {
    type Error = Unknown;

    fn try_from(word: v1::RetargetCause) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RetargetCause::Priority => Self::Priority,
            v1::RetargetCause::Policy => Self::Policy,
            v1::RetargetCause::Regime => Self::Regime,
            v1::RetargetCause::Extension => Self::Extension,
            v1::RetargetCause::Category => Self::Category,
            v1::RetargetCause::Supplement => Self::Supplement,
            v1::RetargetCause::Unspecified => return Err(Unknown),
        })
    }
}

impl From<BreachCause> for v1::BreachCause {
    fn from(word: BreachCause) -> Self {
        match word {
            BreachCause::Time => Self::Time,
            BreachCause::Retarget => Self::Retarget,
            BreachCause::ProofPending => Self::ProofPending,
        }
    }
}

impl TryFrom<v1::BreachCause> for BreachCause {
    type Error = Unknown;

    fn try_from(word: v1::BreachCause) -> Result<Self, Unknown> {
        Ok(match word {
            v1::BreachCause::Time => Self::Time,
            v1::BreachCause::Retarget => Self::Retarget,
            v1::BreachCause::ProofPending => Self::ProofPending,
            v1::BreachCause::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Outcome> for v1::ClockOutcome {
    fn from(word: Outcome) -> Self {
        match word {
            Outcome::Met => Self::Met,
            Outcome::Missed => Self::Missed,
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}

impl TryFrom<v1::ClockOutcome> for Outcome {
    type Error = Unknown;

    fn try_from(word: v1::ClockOutcome) -> Result<Self, Unknown> {
        Ok(match word {
            v1::ClockOutcome::Met => Self::Met,
            v1::ClockOutcome::Missed => Self::Missed,
            v1::ClockOutcome::Cancelled => Self::Cancelled,
            v1::ClockOutcome::Unspecified => return Err(Unknown),
        })
    }
}

impl From<VoidReason> for v1::VoidReason {
    fn from(word: VoidReason) -> Self {
        match word {
            VoidReason::LateProof => Self::LateProof,
            VoidReason::Misclassified => Self::Misclassified,
            VoidReason::Excused => Self::Excused,
        }
    }
}

impl TryFrom<v1::VoidReason> for VoidReason {
    type Error = Unknown;

    fn try_from(word: v1::VoidReason) -> Result<Self, Unknown> {
        Ok(match word {
            v1::VoidReason::LateProof => Self::LateProof,
            v1::VoidReason::Misclassified => Self::Misclassified,
            v1::VoidReason::Excused => Self::Excused,
            v1::VoidReason::Unspecified => return Err(Unknown),
        })
    }
}

impl From<TimerKind> for v1::TimerKind {
    fn from(word: TimerKind) -> Self {
        match word {
            TimerKind::CustomerReminder => Self::CustomerReminder,
            TimerKind::NoReplyResolve => Self::NoReplyResolve,
            TimerKind::AutoClose => Self::AutoClose,
            TimerKind::SupplementEnd => Self::SupplementEnd,
            TimerKind::AppealWindowEnd => Self::AppealWindowEnd,
            TimerKind::NoNewsUpdate => Self::NoNewsUpdate,
            TimerKind::NoteMissing => Self::NoteMissing,
        }
    }
}

impl TryFrom<v1::TimerKind> for TimerKind {
    type Error = Unknown;

    fn try_from(word: v1::TimerKind) -> Result<Self, Unknown> {
        Ok(match word {
            v1::TimerKind::CustomerReminder => Self::CustomerReminder,
            v1::TimerKind::NoReplyResolve => Self::NoReplyResolve,
            v1::TimerKind::AutoClose => Self::AutoClose,
            v1::TimerKind::SupplementEnd => Self::SupplementEnd,
            v1::TimerKind::AppealWindowEnd => Self::AppealWindowEnd,
            v1::TimerKind::NoNewsUpdate => Self::NoNewsUpdate,
            v1::TimerKind::NoteMissing => Self::NoteMissing,
            v1::TimerKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<PromiseKind> for intake::PromiseKind {
    fn from(word: PromiseKind) -> Self {
        match word {
            PromiseKind::EtaResolution => Self::EtaResolution,
            PromiseKind::Callback => Self::Callback,
            PromiseKind::NextUpdate => Self::NextUpdate,
        }
    }
}

impl TryFrom<intake::PromiseKind> for PromiseKind {
    type Error = Unknown;

    fn try_from(word: intake::PromiseKind) -> Result<Self, Unknown> {
        Ok(match word {
            intake::PromiseKind::EtaResolution => Self::EtaResolution,
            intake::PromiseKind::Callback => Self::Callback,
            intake::PromiseKind::NextUpdate => Self::NextUpdate,
            intake::PromiseKind::Unspecified => return Err(Unknown),
        })
    }
}
