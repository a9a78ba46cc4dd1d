//! When and how the time to answer may be extended.
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::command::{Extend, Step, TicketStep};
use super::event::{AppealFiled, Event, Extended};
use super::opening::{same_regimes, undecided};
use super::{Complaint, Rejection};
use crate::calendar::StatutoryDue;
use crate::regime::{
    Basis, Changes, Counting, Dispatch, Extension, IncompleteEffect, Notice, NoticeContent, Regime,
};

/// The notice leaves before the base time ends, says what every regime demands whose time it
/// makes longer, and names a day that each of them allows. Regimes that know no extension go
/// on as they are. While an appeal is open it is the time to decide that.
pub(super) fn extending(complaint: &Complaint, command: &Extend) -> Result<Vec<Step>, Rejection> {
    let extensions = match (complaint.open_appeal(), &complaint.appeal) {
        (Some(_), Some(appeal)) => extending_appeal(complaint, appeal, command)?,
        _ => extending_answer(complaint, command)?,
    };
    says_all(command, extensions)?;
    Ok(vec![
        Step::Ticket(TicketStep::AddUpdate(command.message_id)),
        Step::Complaint(Event::Extended(Extended {
            new_last_day: command.new_last_day,
            reason: command.reason.clone(),
            circumstances: command.circumstances.clone(),
            notice_message_id: command.message_id,
        })),
    ])
}

fn extending_answer<'a>(
    complaint: &Complaint,
    command: &'a Extend,
) -> Result<Vec<&'a Extension>, Rejection> {
    undecided(complaint)?;
    same_regimes(complaint, &command.regimes)?;
    if complaint.extended.is_some() {
        return Err(Rejection::AlreadyExtended);
    }
    longer(&complaint.counting(), command)
}

/// What the law asks of a longer time to answer what counts from there.
///
/// # Errors
/// The rule that is against it.
pub(crate) fn may_take_longer(counting: &Counting, command: &Extend) -> Result<(), Rejection> {
    says_all(command, longer(counting, command)?)
}

fn longer<'a>(counting: &Counting, command: &'a Extend) -> Result<Vec<&'a Extension>, Rejection> {
    let day = command.new_last_day;
    // The first of the last days so far, and the latest that all allow.
    let (mut after, mut latest): (Option<Date>, Option<Date>) = (None, None);
    let mut longer = Vec::new();
    for regime in &command.regimes {
        let Some(extension) = &regime.draft().extension else { continue };
        let Ok(due) = regime.due(counting, Dispatch::Electronic) else { continue };
        after = after.into_iter().chain([due.last_day]).min();
        if day <= due.last_day {
            continue;
        }
        if !regime.extends(counting, command.now) {
            return Err(Rejection::ExtensionTooLate { due_at: due.due_at });
        }
        let total = regime.extended_due(counting, Dispatch::Electronic).ok().flatten();
        latest = latest.into_iter().chain(total.map(|due| due.last_day)).min();
        longer.push(extension);
    }
    let Some(after) = after else { return Err(Rejection::NoExtension) };
    if longer.is_empty() || latest.is_some_and(|latest| day > latest) {
        return Err(Rejection::ExtensionDay { after, latest });
    }
    Ok(longer)
}

fn says_all(command: &Extend, extensions: Vec<&Extension>) -> Result<(), Rejection> {
    let mut required = extensions.into_iter().flat_map(|extension| &extension.require);
    required.try_for_each(|content| said(command, *content))
}

/// Only the organisation's own regime of appeals permits extending the time to decide one: no law
/// that sets such a time has an extension of it.
fn extending_appeal<'a>(
    complaint: &Complaint,
    appeal: &AppealFiled,
    command: &'a Extend,
) -> Result<Vec<&'a Extension>, Rejection> {
    same_regimes(complaint, &command.regimes)?;
    if complaint.appeal_extended.is_some() {
        return Err(Rejection::AlreadyExtended);
    }
    let by_law = command.regimes.iter().any(|regime| regime.draft().appeal.base.is_some());
    let regime =
        command.appeal_regime.as_ref().filter(|_| !by_law).ok_or(Rejection::NoExtension)?;
    let extension = regime.draft().extension.as_ref().ok_or(Rejection::NoExtension)?;
    let counting = Counting::from_receipt(appeal.received_at);
    let due = regime.due(&counting, Dispatch::Electronic).map_err(|_| Rejection::NoExtension)?;
    let total = regime.extended_due(&counting, Dispatch::Electronic).ok().flatten();
    let (after, latest) = (due.last_day, total.map(|due| due.last_day));
    let day = command.new_last_day;
    if day <= after || latest.is_some_and(|latest| day > latest) {
        return Err(Rejection::ExtensionDay { after, latest });
    }
    if !regime.extends(&counting, command.now) {
        return Err(Rejection::ExtensionTooLate { due_at: due.due_at });
    }
    Ok(vec![extension])
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

/// When a law wants a complaint answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerDue {
    /// Code of the law.
    pub code: String,
    /// Until when, with the longer time that the customer was told; none while it counts from
    /// something that has not happened.
    pub at: Option<Timestamp>,
    /// It may be later, because the law waits for what the customer was asked for.
    pub put_off: bool,
}

impl Complaint {
    /// When each law of the complaint wants it answered.
    ///
    /// # Errors
    /// [`Rejection::OtherRegimes`] if these are not its laws.
    pub fn answer_due(&self, regimes: &[Arc<Regime>]) -> Result<Vec<AnswerDue>, Rejection> {
        same_regimes(self, regimes)?;
        let due = |regime: &Arc<Regime>| {
            let effect = regime.draft().incomplete.map(|incomplete| incomplete.effect);
            AnswerDue {
                code: regime.code().to_owned(),
                at: self.due(regime).map(|due| due.due_at),
                put_off: self.was_asked
                    && effect.is_some_and(|effect| effect != IncompleteEffect::KeepOriginalDate),
            }
        };
        Ok(regimes.iter().map(due).collect())
    }

    /// The last day of the first of its laws to want it answered, with a longer time only where that
    /// law knows one, and then not after the day that the customer was told; none where only the
    /// house sets a time, or while every law counts from something that has not happened.
    #[must_use]
    pub fn answer_by(&self, regimes: &[Arc<Regime>]) -> Option<Date> {
        let of_law = regimes.iter().filter(|regime| regime.draft().basis != Basis::House);
        let first = of_law.filter_map(|regime| Some(self.due(regime)?.last_day)).min()?;
        let told = self.extended.as_ref().map(|extended| extended.new_last_day);
        Some(told.map_or(first, |told| told.min(first)))
    }

    fn due(&self, regime: &Regime) -> Option<StatutoryDue> {
        let counting = self.counting();
        // It was told in time, or there would be no extension.
        let told_at = counting.received_at;
        let extension =
            self.extended.as_ref().map(|e| Notice { last_day: e.new_last_day, told_at });
        let changes = Changes { extension, ..Changes::default() };
        regime.due_after(&counting, Dispatch::Electronic, &changes).ok()
    }

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
