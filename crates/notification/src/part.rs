//! A recipient's relation to the ticket, which decides the preferences that apply.
use domain::notice::Purpose;
use wire::intake::v1::PreferencePurpose;

/// A recipient's relation to the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The requester.
    Asks,
    /// A party that the same cause affects; texts of other people are not for them.
    Affected,
    /// A colleague who works on the ticket.
    WorksOnIt,
}

impl Part {
    /// The preference that covers such a mail; `None` if the mail is always sent: mails that the
    /// law demands, and mails to colleagues about their work.
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
