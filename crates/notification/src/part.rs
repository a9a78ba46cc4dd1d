//! What somebody has to do with a ticket, and so what they may say that they do not want to hear.
use domain::notice::Purpose;
use wire::intake::v1::PreferencePurpose;

/// What somebody has to do with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It is their matter.
    Asks,
    /// The same cause affects them; what others wrote of it is not for them.
    Affected,
    /// It is their work.
    WorksOnIt,
}

impl Part {
    /// What the mail is for, as parties say what they do not want; `None` if they are not asked:
    /// what the law demands reaches everybody, and colleagues are told of their work.
    pub(crate) fn preference(self, purpose: Purpose) -> Option<PreferencePurpose> {
        match (self, purpose) {
            (Self::WorksOnIt, _) => None,
            (Self::Affected, _) => Some(PreferencePurpose::Proactive),
            (
                Self::Asks,
                Purpose::Ack
                | Purpose::Reply
                | Purpose::Resolution
                | Purpose::CustomerReminder
                | Purpose::CustomerEscalation,
            ) => Some(PreferencePurpose::Service),
            (
                Self::Asks,
                Purpose::ComplaintAck
                | Purpose::Decision
                | Purpose::ComplaintExtension
                | Purpose::InfoRequest
                | Purpose::Assignment
                | Purpose::Reminder
                | Purpose::Breach
                | Purpose::Task
                | Purpose::Escalation
                | Purpose::Event,
            ) => None,
        }
    }
}
