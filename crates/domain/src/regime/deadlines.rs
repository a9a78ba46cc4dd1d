//! The deadlines of a regime, computed from the instants that they count from.
use jiff::Timestamp;
use jiff::civil::Date;

use super::Regime;
use super::words::{CountsFrom, IncompleteEffect};
use crate::calendar::{OffDay, OutOfReach, Period, StatutoryDue, StatutoryRule};

/// The instants that terms count from. Registration is not one of them: an internal delay moves
/// no deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counting {
    /// When the organisation received the complaint.
    pub received_at: Timestamp,
    /// When it was filed, if that is known and was earlier.
    pub filed_at: Option<Timestamp>,
    /// When the thing came into the organisation's hands.
    pub item_delivered_at: Option<Timestamp>,
}

/// What has changed the time to answer since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// The notice of an extension that has left.
    pub extension: Option<Notice>,
    /// When the customer had supplied everything that was missing.
    pub supplied_at: Option<Timestamp>,
    /// Local days for which the customer was waited for.
    pub waited_days: u16,
}

/// The notice that an answer takes longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The last day that it names.
    pub last_day: Date,
    /// When it left; after the base time it extends nothing.
    pub told_at: Timestamp,
}

/// How the answer travels, which decides when it must leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatch {
    /// At once.
    Electronic,
    /// By post.
    Paper,
}

/// Why there is no deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// It counts from something that has not happened, or is not known.
    #[error("the time counts from something that has not happened")]
    Start,
    /// It lies beyond all dates.
    #[error("the deadline lies beyond all dates")]
    OutOfReach,
}

impl From<OutOfReach> for Missing {
    fn from(_: OutOfReach) -> Self {
        Self::OutOfReach
    }
}

impl Counting {
    /// Counting from receipt alone.
    #[must_use]
    pub fn from_receipt(received_at: Timestamp) -> Self {
        Self { received_at, filed_at: None, item_delivered_at: None }
    }
}

impl Regime {
    /// When the answer is due.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn due(&self, counting: &Counting, dispatch: Dispatch) -> Result<StatutoryDue, Missing> {
        let start = self.start(counting)?;
        Ok(self.rule(dispatch).due(start, self.draft.base.period)?)
    }

    /// When an extended answer is due: the whole time, from receipt again. None if the
    /// regime knows no extension, or leaves the day to the notice.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn extended_due(
        &self,
        counting: &Counting,
        dispatch: Dispatch,
    ) -> Result<Option<StatutoryDue>, Missing> {
        let Some(total) = self.draft.extension.as_ref().and_then(|e| e.total) else {
            return Ok(None);
        };
        let start = self.start(counting)?;
        Ok(Some(self.rule(dispatch).due(start, total)?))
    }

    /// True if a notice that is evidenced at that instant extends the time: the regime
    /// knows extensions, and the base time has not passed.
    #[must_use]
    pub(crate) fn extends(&self, counting: &Counting, evidence_at: Timestamp) -> bool {
        let due = self.due(counting, Dispatch::Electronic);
        self.draft.extension.is_some() && due.is_ok_and(|due| evidence_at <= due.due_at)
    }

    /// When the answer is due after all that has changed its time.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn due_after(
        &self,
        counting: &Counting,
        dispatch: Dispatch,
        changes: &Changes,
    ) -> Result<StatutoryDue, Missing> {
        let rule = self.rule(dispatch);
        let effect = self.draft.incomplete.map(|incomplete| incomplete.effect);
        let received = self.start(counting)?;
        let start = match (effect, changes.supplied_at) {
            (Some(IncompleteEffect::Restart), Some(supplied_at)) => supplied_at,
            (_, _) => received,
        };
        let days = match effect {
            Some(IncompleteEffect::Suspend) => changes.waited_days,
            Some(IncompleteEffect::KeepOriginalDate | IncompleteEffect::Restart) | None => 0,
        };
        let base = rule.due_suspended(start, self.draft.base.period, days)?;
        let (Some(extension), Some(notice)) = (&self.draft.extension, changes.extension) else {
            return Ok(base);
        };
        if notice.told_at > base.due_at || notice.last_day <= base.last_day {
            return Ok(base);
        }
        let told = rule.due_on(start, notice.last_day)?;
        let Some(total) = extension.total else { return Ok(told) };
        let whole = rule.due_suspended(start, total, days)?;
        // The customer was told a day, which the answer should keep even if the law gives more.
        if told.safe_due_at < whole.safe_due_at {
            let StatutoryDue { safe_day, safe_due_at, .. } = told;
            return Ok(StatutoryDue { safe_day, safe_due_at, ..whole });
        }
        Ok(whole)
    }

    /// Why an end on that day moves on; `None` if it does not.
    #[must_use]
    pub fn rolls_for(&self, day: Date) -> Option<OffDay> {
        self.counting.off_day(day).filter(|_| self.counting.roll_forward)
    }

    /// The last instant of a day.
    #[must_use]
    pub fn end_of(&self, day: Date) -> Timestamp {
        self.counting.end_of(day)
    }

    /// When the confirmation of receipt is due; `None` if none is demanded.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn ack_due(&self, received_at: Timestamp) -> Result<Option<StatutoryDue>, Missing> {
        self.ends(received_at, self.draft.ack.map(|ack| ack.period))
    }

    /// Until when the customer may supply what is missing.
    ///
    /// # Errors
    /// [`Missing`].
    pub(crate) fn supplement_due(
        &self,
        asked_at: Timestamp,
    ) -> Result<Option<StatutoryDue>, Missing> {
        self.ends(asked_at, self.draft.incomplete.map(|incomplete| incomplete.supplement))
    }

    /// Until when the decision can be appealed; `None` if there is no limit here.
    ///
    /// # Errors
    /// [`Missing`].
    pub(crate) fn appeal_until(
        &self,
        decided_at: Timestamp,
    ) -> Result<Option<StatutoryDue>, Missing> {
        self.ends(decided_at, self.draft.appeal.window)
    }

    /// When the decision on an appeal is due; `None` if this regime sets no time.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn appeal_due(
        &self,
        appealed_at: Timestamp,
        dispatch: Dispatch,
    ) -> Result<Option<StatutoryDue>, Missing> {
        let rule = self.rule(dispatch);
        let base = self.draft.appeal.base;
        Ok(base.map(|period| rule.due(appealed_at, period)).transpose()?)
    }

    /// Until when one may turn to the organisation against what happened at that instant.
    ///
    /// # Errors
    /// [`Missing`].
    pub(crate) fn filing_until(
        &self,
        happened_at: Timestamp,
    ) -> Result<Option<StatutoryDue>, Missing> {
        self.ends(happened_at, self.draft.filing_window)
    }

    fn ends(&self, at: Timestamp, period: Option<Period>) -> Result<Option<StatutoryDue>, Missing> {
        Ok(period.map(|period| self.counting.due(at, period)).transpose()?)
    }

    /// The instant that the base time counts from.
    ///
    /// # Errors
    /// [`Missing::Start`].
    pub fn start(&self, counting: &Counting) -> Result<Timestamp, Missing> {
        match self.draft.base.from {
            CountsFrom::Received => Ok(counting.received_at),
            // Without the day of filing there is only the day of receipt.
            CountsFrom::Filed => Ok(counting.filed_at.unwrap_or(counting.received_at)),
            CountsFrom::ItemDelivered => counting.item_delivered_at.ok_or(Missing::Start),
        }
    }

    fn rule(&self, dispatch: Dispatch) -> StatutoryRule {
        let lead_working_days = match dispatch {
            Dispatch::Electronic => 0,
            Dispatch::Paper => self.draft.paper_lead_days,
        };
        StatutoryRule { lead_working_days, ..self.counting.clone() }
    }
}
