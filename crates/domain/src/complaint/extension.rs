//! When and how the time to answer may be made longer.
use jiff::civil::Date;

use super::Complaint;
use super::command::{Extend, Rejection, Step, TicketStep};
use super::event::{Event, Extended};
use super::opening::{same_regimes, undecided};
use crate::regime::{Counting, Dispatch, NoticeContent};

/// The notice leaves before the base time ends, says what every regime that knows an
/// extension demands, and names a day that each of them allows. Regimes that know none go on
/// as they are.
pub(super) fn extending(complaint: &Complaint, command: &Extend) -> Result<Vec<Step>, Rejection> {
    undecided(complaint)?;
    same_regimes(complaint, &command.regimes)?;
    if complaint.extended.is_some() {
        return Err(Rejection::AlreadyExtended);
    }
    let counting = complaint.counting();
    let mut known = false;
    // The last day so far, and the latest that all allow.
    let (mut after, mut latest): (Date, Option<Date>) = (Date::MIN, None);
    for regime in &command.regimes {
        let Some(extension) = &regime.draft().extension else { continue };
        let Ok(due) = regime.due(&counting, Dispatch::Electronic) else { continue };
        known = true;
        if command.now > due.due_at {
            return Err(Rejection::ExtensionTooLate { due_at: due.due_at });
        }
        after = after.max(due.last_day);
        let total = regime.extended_due(&counting, Dispatch::Electronic).ok().flatten();
        latest = total.map(|due| due.last_day).into_iter().chain(latest).min();
        for content in &extension.require {
            said(command, *content)?;
        }
    }
    if !known {
        return Err(Rejection::NoExtension);
    }
    let day = command.new_last_day;
    if day <= after || latest.is_some_and(|latest| day > latest) {
        return Err(Rejection::ExtensionDay { after, latest });
    }
    Ok(vec![
        Step::Ticket(TicketStep::AddUpdate(command.message_id)),
        Step::Complaint(Event::Extended(Extended {
            new_last_day: day,
            reason: command.reason.clone(),
            circumstances: command.circumstances.clone(),
            notice_message_id: command.message_id,
        })),
    ])
}

fn said(command: &Extend, content: NoticeContent) -> Result<(), Rejection> {
    let missing = match content {
        NoticeContent::Reason => command.reason.trim().is_empty().then_some("why it takes longer"),
        NoticeContent::Circumstances => {
            let nothing = command.circumstances.trim().is_empty();
            nothing.then_some("what has to be established")
        }
        // It is a field of every notice.
        NoticeContent::NewDate => None,
    };
    missing.map_or(Ok(()), |what| Err(Rejection::NoticeIncomplete(what)))
}

impl Complaint {
    /// The instants that its terms count from.
    #[must_use]
    pub fn counting(&self) -> Counting {
        Counting {
            received_at: self.opened.received_at,
            filed_at: self.opened.filed_at,
            item_delivered_at: self.opened.item_delivered_at,
        }
    }
}
