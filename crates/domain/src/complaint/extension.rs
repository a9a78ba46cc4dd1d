//! When and how the time to answer may be made longer.
use jiff::civil::Date;

use super::command::{Extend, Step, TicketStep};
use super::event::{Event, Extended};
use super::opening::{same_regimes, undecided};
use super::{Complaint, Rejection};
use crate::regime::{Counting, Dispatch, NoticeContent};

/// The notice leaves before the base time ends, says what every regime demands whose time it
/// makes longer, and names a day that each of them allows. Regimes that know no extension go
/// on as they are.
pub(super) fn extending(complaint: &Complaint, command: &Extend) -> Result<Vec<Step>, Rejection> {
    undecided(complaint)?;
    same_regimes(complaint, &command.regimes)?;
    if complaint.extended.is_some() {
        return Err(Rejection::AlreadyExtended);
    }
    let (counting, day) = (complaint.counting(), command.new_last_day);
    // The first of the last days so far, and the latest that all allow.
    let (mut after, mut latest): (Option<Date>, Option<Date>) = (None, None);
    let mut longer = Vec::new();
    for regime in &command.regimes {
        let Some(extension) = &regime.draft().extension else { continue };
        let Ok(due) = regime.due(&counting, Dispatch::Electronic) else { continue };
        after = after.into_iter().chain([due.last_day]).min();
        if day <= due.last_day {
            continue;
        }
        if !regime.extends(&counting, command.now) {
            return Err(Rejection::ExtensionTooLate { due_at: due.due_at });
        }
        let total = regime.extended_due(&counting, Dispatch::Electronic).ok().flatten();
        latest = latest.into_iter().chain(total.map(|due| due.last_day)).min();
        longer.push(extension);
    }
    let Some(after) = after else { return Err(Rejection::NoExtension) };
    if longer.is_empty() || latest.is_some_and(|latest| day > latest) {
        return Err(Rejection::ExtensionDay { after, latest });
    }
    for content in longer.into_iter().flat_map(|extension| &extension.require) {
        said(command, *content)?;
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
