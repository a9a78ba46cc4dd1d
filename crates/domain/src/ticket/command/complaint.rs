//! Commands to the complaint part of a ticket.
use super::NewMessage;
use crate::complaint::Command;
use crate::personal_data::Known;
use crate::ticket::ClassificationSource;

/// Changes the complaint part, with what is said to the customer or by them.
#[derive(Debug, Clone, PartialEq)]
pub struct Complain {
    /// What is asked of the complaint.
    pub command: Command,
    /// The message that it names: a question, news, a decision's letter, what the customer
    /// stated. What the customer said before is in the thread, and needs none here.
    pub message: Option<NewMessage>,
    /// Who says that the ticket is a complaint, or none.
    pub source: ClassificationSource,
    /// What is known of the requester; only needed of a public message.
    pub known: Known,
}
